//! The header: everything in front of the payload region, and the plan of what is in it.
//!
//! A [`Header`] is always one that obeys every rule of the format: [`Header::plan`] makes it so,
//! [`Header::read`] checks it, and its parts cannot be changed. So `write(read(bytes)) == bytes`
//! for all bytes that are accepted.

mod plan;
mod read;
mod write;

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::json::Object;
use crate::{AssetId, layout};

pub use plan::{PlanError, PlannedAsset};
pub use read::FormatError;
#[cfg(feature = "game")]
pub(crate) use read::check_zeros;

/// The table of a pack: what is in it, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    entries: Vec<Entry>,
    preload: Vec<Preload>,
    /// Bytes of JSON.
    len: u64,
}

/// One asset of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Which asset.
    pub asset_id: AssetId,
    /// What people call it. Not an identity, and not unique.
    pub asset_name: String,
    /// What kind of bank the payload is: `GLYPH`, `SOUNDS`, `BLOB`, or one that this version of
    /// the crate has no view for.
    pub bank_type: String,
    /// How the payload is compressed.
    pub codec: Codec,
    /// Bytes that the runtime needs for the decoded bank.
    pub decoded_size: u64,
    /// What the family and the author say about the payload.
    pub metadata: Object,
    /// Where the payload starts, in bytes from the start of the payload region.
    pub offset: u64,
    /// Bytes of the payload.
    pub size: u64,
}

/// How a payload is compressed. There is one answer so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Codec {
    /// Not at all.
    None,
}

/// An asset that is to be resident when the game starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preload {
    /// Which asset.
    pub asset_id: AssetId,
    /// Into which slot of its kind of bank, from 0.
    pub slot: u32,
}

impl Header {
    /// The assets by increasing id.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What is resident from the start, by increasing id. Slots count from 0 for each `bank_type`.
    #[must_use]
    pub fn preload(&self) -> &[Preload] {
        &self.preload
    }

    /// The asset with that id.
    #[must_use]
    pub fn get(&self, id: impl Into<AssetId>) -> Option<&Entry> {
        let id = id.into();
        let at = self.entries.binary_search_by_key(&id, |entry| entry.asset_id).ok()?;
        self.entries.get(at)
    }

    /// The slot into which the asset with that id is preloaded, if it is.
    #[must_use]
    pub fn slot(&self, id: impl Into<AssetId>) -> Option<u32> {
        let id = id.into();
        let at = self.preload.binary_search_by_key(&id, |preload| preload.asset_id).ok()?;
        self.preload.get(at).map(|preload| preload.slot)
    }

    /// The asset with that name; of several, the one with the lowest id, since names are not
    /// unique. Looks through all entries.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.asset_name == name)
    }

    /// Bytes of JSON between the prelude and the padding.
    #[must_use]
    pub const fn header_len(&self) -> u64 {
        self.len
    }

    /// Where the payload region starts in the file.
    #[must_use]
    pub fn payload_offset(&self) -> u64 {
        layout::payload_offset(self.len).expect("the length was checked when the header was made")
    }

    /// Bytes of the whole pack.
    #[must_use]
    pub fn file_len(&self) -> u64 {
        self.payload_offset() + self.entries.last().map_or(0, Entry::end)
    }

    /// Where the payload of `entry`, which is one of this header, stands in the file.
    #[must_use]
    pub fn payload_range(&self, entry: &Entry) -> Range<u64> {
        let start = self.payload_offset().saturating_add(entry.offset);
        start..start.saturating_add(entry.size)
    }

    /// The parts of the file between payloads, which hold zeros only. Each is shorter than a page.
    pub fn gaps(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        let region = self.payload_offset();
        let ends = core::iter::once(0).chain(self.entries.iter().map(Entry::end));
        ends.zip(&self.entries)
            .map(move |(end, next)| region + end..region + next.offset)
            .filter(|gap| !gap.is_empty())
    }
}

impl Entry {
    /// Where the payload ends, in bytes from the start of the payload region.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.offset.saturating_add(self.size)
    }
}

impl Codec {
    /// Its spelling in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "NONE",
        }
    }
}

/// Gives out the preload slots of each kind of bank in order.
#[derive(Default)]
struct Slots<'e> {
    next: alloc::collections::BTreeMap<&'e str, u32>,
}

impl<'e> Slots<'e> {
    /// The slot for the next bank of that kind, or `None` when the runtime has no more.
    fn take(&mut self, bank_type: &'e str) -> Option<u32> {
        let next = self.next.entry(bank_type).or_default();
        let slot = *next;
        if bank_type == crate::GlyphBankId::BANK_TYPE && slot >= layout::GLYPH_SLOTS {
            return None;
        }
        *next = slot.checked_add(1)?;
        Some(slot)
    }
}
