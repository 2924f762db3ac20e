//! Banks: what a payload means, by its entry in the table.
//!
//! A view is made of an [`Entry`] and the payload's bytes, borrowed (`GlyphBank<&[u8]>`, out of a
//! [`Pack`](crate::Pack)) or owned (plain `GlyphBank`, out of a `PackFile`). Making one checks the
//! kind, the sizes and the metadata; after that every access is checked against the bank and
//! answers with an error, never with a panic or with bytes of another artifact.

mod blob;
mod glyph;
mod sound;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use crate::json::{Object, Value};
use crate::quote::Quoted;
use crate::{AssetId, Entry, Header, layout};

pub use blob::{BlobBank, BlobView};
pub use glyph::{GlyphBank, Rgb565, TileView};
pub use sound::{SampleView, SoundBank};

/// Why something that was asked of a pack is not in it, or not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BankError {
    /// The pack has no asset of that id.
    UnknownAsset {
        /// The id.
        asset_id: AssetId,
    },
    /// The pack has no asset at all.
    EmptyPack {
        /// The id that was asked for.
        asset_id: AssetId,
    },
    /// The asset is of another kind.
    Kind {
        /// The asset.
        asset: AssetName,
        /// Its `bank_type`.
        found: String,
        /// What was asked for.
        expected: &'static str,
    },
    /// What the table says about the asset does not describe a bank of its kind.
    Metadata {
        /// The asset.
        asset: AssetName,
        /// Which member, and what is wrong with it.
        problem: String,
    },
    /// The payload or its decoded form has another size than a bank of its kind.
    Size {
        /// The asset.
        asset: AssetName,
        /// Bytes that there are.
        found: u64,
        /// Bytes that there must be.
        expected: u64,
    },
    /// The bank has no artifact of that index.
    Artifact {
        /// The asset.
        asset: AssetName,
        /// What was asked for: `tile`, `palette`, `sample`, `blob`.
        what: &'static str,
        /// The index.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// The artifact belongs to another bank than the one that was asked.
    OtherBank {
        /// The asset that was asked.
        asset: AssetName,
        /// The asset that the artifact belongs to.
        owner: AssetId,
    },
}

/// An asset's id and name, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetName {
    /// Its id.
    pub asset_id: AssetId,
    /// What people call it.
    pub asset_name: String,
}

/// Why the pack with that table does not have the asset.
pub(crate) fn not_in(header: &Header, asset_id: AssetId) -> BankError {
    if header.entries().is_empty() {
        BankError::EmptyPack { asset_id }
    } else {
        BankError::UnknownAsset { asset_id }
    }
}

/// Fails unless `entry` is of that kind and `payload` as long as it says.
fn check_kind(entry: &Entry, kind: &'static str, payload: &[u8]) -> Result<AssetName, BankError> {
    let asset = AssetName { asset_id: entry.asset_id, asset_name: entry.asset_name.clone() };
    if entry.bank_type != kind {
        return Err(BankError::Kind { asset, found: entry.bank_type.clone(), expected: kind });
    }
    if payload.len() as u64 != entry.size {
        return Err(BankError::Size { asset, found: payload.len() as u64, expected: entry.size });
    }
    Ok(asset)
}

/// A whole number that `metadata` must have.
fn number(asset: &AssetName, metadata: &Object, key: &str) -> Result<u64, BankError> {
    let found = metadata.get(key);
    found.and_then(Value::as_int).and_then(|n| u64::try_from(n).ok()).ok_or_else(|| BankError::Metadata {
        asset: asset.clone(),
        problem: match found {
            Some(_) => format!("`{key}` must be a whole number that is not negative"),
            None => format!("`{key}` is missing"),
        },
    })
}

/// A whole number that `metadata` must have, and that must be one of `allowed`.
fn number_in(asset: &AssetName, metadata: &Object, key: &str, allowed: &[u64]) -> Result<u64, BankError> {
    let found = number(asset, metadata, key)?;
    if allowed.contains(&found) {
        return Ok(found);
    }
    let allowed = allowed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let problem = format!("`{key}` is {found} and must be {allowed}");
    Err(BankError::Metadata { asset: asset.clone(), problem })
}

/// The artifacts that the member `key` of a bank's metadata lists: an object with the keys `0` to
/// `n - 1`, each with the `offset` and `length` that the layout rule asks for, up to the payload's
/// end. Yields their ranges with their own members.
fn artifacts<'m>(
    asset: &AssetName,
    entry: &'m Entry,
    key: &str,
    most: usize,
) -> Result<Vec<(Range<usize>, &'m Object)>, BankError> {
    let wrong = |problem: String| BankError::Metadata { asset: asset.clone(), problem };
    let list = entry.metadata.get(key).and_then(Value::as_object);
    let list = list.ok_or_else(|| wrong(format!("`{key}` must be an object with one member an artifact")))?;
    if list.is_empty() || list.len() > most {
        return Err(wrong(format!("`{key}` has {} members and must have 1 to {most}", list.len())));
    }
    let mut ranges = Vec::with_capacity(list.len());
    let mut end = 0;
    for index in 0..list.len() {
        let own = list.get(&index.to_string()).and_then(Value::as_object);
        let own = own.ok_or_else(|| wrong(format!("`{key}` has no object for index {index}")))?;
        let (offset, length) = (number(asset, own, "offset")?, number(asset, own, "length")?);
        let start = layout::next_artifact(end).filter(|start| *start == offset);
        end = start
            .and_then(|start| start.checked_add(length))
            .filter(|end| *end <= entry.size)
            .ok_or_else(|| wrong(format!("`{key}` places index {index} where no artifact can be")))?;
        match (usize::try_from(offset), usize::try_from(end)) {
            (Ok(offset), Ok(end)) => ranges.push((offset..end, own)),
            _ => return Err(wrong(format!("index {index} of `{key}` is too large for this machine"))),
        }
    }
    if end != entry.size {
        return Err(wrong(format!("`{key}` ends at byte {end} of a payload of {} bytes", entry.size)));
    }
    Ok(ranges)
}

/// Fails unless an artifact of the bank `owner` is asked of that very bank.
fn check_owner(asset: &AssetName, owner: AssetId) -> Result<(), BankError> {
    if owner == asset.asset_id {
        return Ok(());
    }
    Err(BankError::OtherBank { asset: asset.clone(), owner })
}

/// The slice of a payload that was as long as its entry says.
fn slice<'p>(asset: &AssetName, payload: &'p [u8], range: Range<usize>) -> Result<&'p [u8], BankError> {
    let (found, expected) = (payload.len() as u64, range.end as u64);
    payload.get(range).ok_or_else(|| BankError::Size { asset: asset.clone(), found, expected })
}

impl fmt::Display for AssetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "asset {} {}", self.asset_id, Quoted(&self.asset_name))
    }
}

impl fmt::Display for BankError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownAsset { asset_id } => write!(
                f,
                "the pack has no asset {asset_id}; it is older than the program, or the asset is excluded \
                 from the build"
            ),
            Self::EmptyPack { asset_id } => write!(
                f,
                "the pack is empty, so it has no asset {asset_id}: a build makes such a pack while the variable \
                 `PROMETEU_SKIP` is set, and when no asset is included; change that and build again"
            ),
            Self::Kind { asset, found, expected } => write!(
                f,
                "{asset} is a {} bank and not a `{expected}` bank; ask for it as what it is",
                Quoted(found)
            ),
            Self::Metadata { asset, problem } => {
                write!(f, "the metadata of {asset} does not fit its kind: {problem}; pack again")
            }
            Self::Size { asset, found, expected } => {
                write!(f, "{asset} has {found} bytes and must have {expected}; pack again")
            }
            Self::Artifact { asset, what, index, count } => write!(
                f,
                "{asset} has no {what} {index}: it has {count}, counted from 0; the pack may be older than \
                 the program"
            ),
            Self::OtherBank { asset, owner } => {
                write!(f, "what was asked of {asset} belongs to asset {owner}; ask that bank for it")
            }
        }
    }
}

impl core::error::Error for BankError {}
