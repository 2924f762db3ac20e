//! From assets in any order to a header: offsets, slots, and every reason why there is none.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::{Codec, Entry, Header, Preload, Slots};
use crate::json::{self, Object};
use crate::quote::Quoted;
use crate::{AssetId, layout};

/// What the header needs to know of an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedAsset {
    /// Which asset.
    pub asset_id: AssetId,
    /// What people call it.
    pub asset_name: String,
    /// What kind of bank the payload is.
    pub bank_type: String,
    /// Bytes that the runtime needs for the decoded bank.
    pub decoded_size: u64,
    /// Bytes of the payload.
    pub size: u64,
    /// What goes into the table about it.
    pub metadata: Object,
    /// Whether it is to be resident when the game starts.
    pub preload: bool,
}

/// Why there is no pack for a set of assets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanError {
    /// Two assets have the same id.
    DuplicateId {
        /// The id.
        asset_id: AssetId,
    },
    /// More preloaded banks of one kind than the runtime has slots.
    Slots {
        /// The first asset without a slot.
        asset_id: AssetId,
        /// Its kind.
        bank_type: String,
    },
    /// Metadata that canonical JSON cannot hold.
    Metadata {
        /// The asset.
        asset_id: AssetId,
        /// What stands in the way.
        problem: json::Unwritable,
    },
    /// More values in metadata than [`layout::MAX_METADATA_VALUES`].
    TooManyValues {
        /// The asset with which it is too much.
        asset_id: AssetId,
    },
    /// Sizes whose sum, or one of which, is above 2^53 - 1.
    TooLarge {
        /// The asset with which it is too much.
        asset_id: AssetId,
    },
    /// A JSON header above [`layout::MAX_HEADER_LEN`].
    HeaderTooLong {
        /// What its length would be.
        len: u64,
    },
}

impl Header {
    /// Lays out a pack of `assets`, which may come in any order.
    ///
    /// The same assets give the same header, whatever their order.
    ///
    /// # Errors
    ///
    /// [`PlanError`]. A packer finds these things earlier and says them better, with the line of
    /// the declaration; here they only keep a broken pack from being written.
    pub fn plan(assets: impl IntoIterator<Item = PlannedAsset>) -> Result<Self, PlanError> {
        let mut assets: Vec<PlannedAsset> = assets.into_iter().collect();
        assets.sort_by_key(|asset| asset.asset_id);
        let mut neighbours = assets.iter().zip(assets.iter().skip(1));
        if let Some((asset, _)) = neighbours.find(|(a, b)| a.asset_id == b.asset_id) {
            return Err(PlanError::DuplicateId { asset_id: asset.asset_id });
        }
        let preload = preload(&assets)?;
        let mut entries = Vec::with_capacity(assets.len());
        let (mut end, mut values) = (0, 0);
        for asset in assets {
            let entry = place(asset, end)?;
            values += json::count(entry.metadata.values());
            if values > layout::MAX_METADATA_VALUES {
                return Err(PlanError::TooManyValues { asset_id: entry.asset_id });
            }
            end = entry.end();
            entries.push(entry);
        }
        let mut header = Self { entries, preload, len: 0 };
        header.len = header.json_len();
        if header.len > layout::MAX_HEADER_LEN {
            return Err(PlanError::HeaderTooLong { len: header.len });
        }
        Ok(header)
    }
}

fn preload(assets: &[PlannedAsset]) -> Result<Vec<Preload>, PlanError> {
    let mut slots = Slots::default();
    let wanted = assets.iter().filter(|asset| asset.preload);
    wanted
        .map(|PlannedAsset { asset_id, bank_type, .. }| {
            let slot = slots
                .take(bank_type)
                .ok_or_else(|| PlanError::Slots { asset_id: *asset_id, bank_type: bank_type.clone() })?;
            Ok(Preload { asset_id: *asset_id, slot })
        })
        .collect()
}

/// The entry of `asset`, behind a payload that ends at `end`.
fn place(asset: PlannedAsset, end: u64) -> Result<Entry, PlanError> {
    let PlannedAsset { asset_id, asset_name, bank_type, decoded_size, size, metadata, preload: _ } = asset;
    json::check_each(metadata.values(), layout::MAX_METADATA_DEPTH)
        .map_err(|problem| PlanError::Metadata { asset_id, problem })?;
    let offset = layout::next_payload(end, size)
        .filter(|offset| offset.checked_add(size).is_some_and(|end| end <= layout::MAX_NUMBER))
        .filter(|_| decoded_size <= layout::MAX_NUMBER)
        .ok_or(PlanError::TooLarge { asset_id })?;
    let codec = Codec::None;
    Ok(Entry { asset_id, asset_name, bank_type, codec, decoded_size, metadata, offset, size })
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateId { asset_id } => {
                write!(f, "two assets have the id {asset_id}; ids in a pack are unique")
            }
            Self::Slots { asset_id, bank_type } => write!(
                f,
                "asset {asset_id} is preloaded, but the runtime has no further slot for {} banks; \
                 preload at most {} of them",
                Quoted(bank_type),
                layout::GLYPH_SLOTS
            ),
            Self::Metadata { asset_id, problem } => {
                write!(f, "the metadata of asset {asset_id} cannot be written: {problem}")
            }
            Self::TooManyValues { asset_id } => write!(
                f,
                "with asset {asset_id} the metadata of the pack has more than {} values; put fewer files \
                 into blob banks, or shorten metadata",
                layout::MAX_METADATA_VALUES
            ),
            Self::TooLarge { asset_id } => {
                write!(f, "with asset {asset_id} the pack grows beyond 2^53 - 1 bytes")
            }
            Self::HeaderTooLong { len } => write!(
                f,
                "the header would take {len} bytes and may take {}; split the pack or shorten metadata",
                layout::MAX_HEADER_LEN
            ),
        }
    }
}

impl core::error::Error for PlanError {}
