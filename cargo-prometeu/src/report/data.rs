//! What a report says, as data: it stands in the page as one JSON text, for the next report and for programs.
//!
//! `schemas/report.schema.json` describes the same for others, and a test holds it against this. Every list is in an
//! order that follows from the pack: nothing here depends on a clock, a machine or a path of one.

use serde::{Deserialize, Serialize};

/// The version of the data.
///
/// Changelog:
///
/// * 1: the first.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// Everything that a page is made of but pictures and sounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) schema_version: u32,
    /// What cargo calls the project's package, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) project: Option<String>,
    pub(crate) pack: Pack,
    /// By the bytes of their payloads, the largest first.
    pub(crate) families: Vec<Family>,
    /// By increasing id.
    pub(crate) assets: Vec<Asset>,
    /// What was to be seen or heard and is not on the page, by increasing id.
    pub(crate) left_out: Vec<LeftOut>,
    /// How it differs from the report before, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<Since>,
}

/// The file. `size` is `table_size + alignment_size + payload_size`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pack {
    /// `pack.digest` of the companion.
    pub(crate) digest: String,
    /// The version of its format.
    pub(crate) format_version: u32,
    /// Bytes of `assets.pa`.
    pub(crate) size: u64,
    /// Bytes of prelude and header.
    pub(crate) table_size: u64,
    /// Bytes of the header that are `metadata` of assets.
    pub(crate) metadata_size: u64,
    /// Bytes of zeros, so that payloads start where they should.
    pub(crate) alignment_size: u64,
    /// Bytes of all payloads.
    pub(crate) payload_size: u64,
}

/// All assets of one family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Family {
    pub(crate) asset_family: String,
    pub(crate) assets: u32,
    /// Bytes of their payloads.
    pub(crate) size: u64,
    /// How many are resident from the start.
    pub(crate) preloaded: u32,
    /// How many can be, where the runtime has so many slots and no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) slots: Option<u32>,
}

/// One asset of the pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asset {
    pub(crate) asset_id: u32,
    pub(crate) asset_uuid: String,
    pub(crate) asset_name: String,
    /// Its folder, relative to `assets/`.
    pub(crate) root: String,
    /// Its constant in Rust, below `assets::`.
    pub(crate) address: String,
    pub(crate) asset_family: String,
    pub(crate) format: String,
    pub(crate) codec: String,
    /// Bytes of its payload.
    pub(crate) size: u64,
    /// Bytes of the decoded bank in the runtime.
    pub(crate) decoded_size: u64,
    /// How many tiles, samples or files.
    pub(crate) artifacts: u32,
    /// Where it is resident from the start, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) slot: Option<u32>,
    pub(crate) payload_sha256: String,
    /// Of all its inputs.
    pub(crate) input_digest: String,
    /// Of its `metadata` in the table.
    pub(crate) metadata_sha256: String,
}

/// What of an asset would have made the page too large.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LeftOut {
    pub(crate) asset_id: u32,
    pub(crate) what: What,
    /// How many of them.
    pub(crate) count: u32,
    /// Bytes that they would have taken on the page.
    pub(crate) size: u64,
}

/// What can be seen or heard of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// The sheet of a bank of tiles.
    Picture,
    /// A sample as a line.
    Waveform,
    /// A sample as it sounds.
    Sound,
    /// How a file begins.
    Glimpse,
}

/// What tells this pack from that of another report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Since {
    /// Of the pack then.
    pub(crate) digest: String,
    /// Bytes of the pack then.
    pub(crate) size: u64,
    /// How many assets it had.
    pub(crate) total_assets: u32,
    pub(crate) added: u32,
    pub(crate) removed: u32,
    pub(crate) renamed: u32,
    pub(crate) changed: u32,
    pub(crate) unchanged: u32,
    /// By increasing id, the present one where there is one.
    pub(crate) changes: Vec<Change>,
}

/// One asset that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Change {
    pub(crate) kind: Kind,
    pub(crate) asset_id: u32,
    pub(crate) asset_uuid: String,
    pub(crate) asset_name: String,
    pub(crate) root: String,
    pub(crate) asset_family: String,
    /// Bytes of its payload then; absent when it is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) size_before: Option<u64>,
    /// Bytes of its payload now; absent when it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) size_after: Option<u64>,
    /// Its folder then, where it is another now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) root_before: Option<String>,
    /// Its name then, where it is another now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name_before: Option<String>,
    /// What of it differs, in the words of `diff`: `asset_id name root type preload inputs metadata payload`.
    pub(crate) what: Vec<String>,
}

/// What became of an asset. Whose content is another is changed, also when it was renamed as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Added,
    Removed,
    /// Another name, folder or id, and nothing else.
    Renamed,
    Changed,
}

impl Report {
    /// Whether it is about the same pack, of assets that have the same places.
    pub(crate) fn is_about_the_same(&self, other: &Self) -> bool {
        (&self.pack, &self.assets) == (&other.pack, &other.assets)
    }
}

impl Change {
    /// By how many bytes its payload grew, or shrank.
    pub(crate) fn growth(&self) -> i128 {
        i128::from(self.size_after.unwrap_or(0)) - i128::from(self.size_before.unwrap_or(0))
    }
}

impl What {
    /// What one is called.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Waveform => "waveform",
            Self::Sound => "sound",
            Self::Glimpse => "glimpse",
        }
    }
}
