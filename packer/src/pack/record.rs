//! The record: what was known when a set was published, so that what nobody touched need not be looked
//! into again.
//!
//! It holds the facts of each asset of the pack, the digests of payload and inputs, and what proves that
//! an asset is as it was: the stamps of its folders, its declaration and its inputs ([`Seen`]). An asset
//! of which something was found that a reading has to tell again has no such proof, and is read each
//! time.
//!
//! The record is never an authority. It names the project and the folder that it is about, carries a
//! checksum, and one that is damaged, of another version of the packer or about another place is as good
//! as none. What is forged on purpose is not found out: whoever may write here may write the pack as
//! well. Its file is not synced, since losing it costs time alone.
//!
//! One flat file (`flat`), read and written in one go: a build script runs unoptimised, where every
//! byte that is parsed counts.

mod flat;
#[cfg(test)]
mod tests;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::facts::Facts;
use crate::diagnostics::Finding;
use crate::digest::Digest;
use crate::id::{AssetId, AssetUuid, OperationId};
use crate::path::AssetPath;
use crate::storage::{Rename, Stamp, Storage, read_up_to};
use crate::workspace::layout::temporary_name;

/// The largest record that is read.
const LIMIT: u64 = 1 << 30;

/// What was known of the last pack.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// When the operation began to look that wrote it, in milliseconds since 1970.
    pub(crate) started: u64,
    /// The stamps of the published set, by [`super::SET`].
    pub(crate) set: [Stamp; 4],
    /// `pack.digest`.
    pub(crate) pack_digest: String,
    /// The registry's stamp; `None` where something was found wrong with it.
    pub(crate) registry: Option<Stamp>,
    /// The assets of that pack, by increasing id.
    pub(crate) assets: Vec<Arc<RecordedAsset>>,
}

/// What was known of one asset.
#[derive(Debug, Clone)]
pub(crate) struct RecordedAsset {
    /// Its id.
    pub(crate) asset_id: AssetId,
    /// Its anchor.
    pub(crate) asset_uuid: AssetUuid,
    /// Where it lay.
    pub(crate) root: AssetPath,
    /// What a pack says of it; every input's digest is known.
    pub(crate) facts: Arc<Facts>,
    /// The digest of its payload.
    pub(crate) payload: Digest,
    /// Where in the pack that began.
    pub(crate) offset: u64,
    /// Warnings that came with it.
    pub(crate) warnings: Vec<Finding>,
    /// What proves that nothing of it changed, besides the stamps of its inputs.
    pub(crate) seen: Option<Seen>,
}

/// What was seen of an asset that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Its root.
    pub(crate) root: Stamp,
    /// Folders in it that hold inputs, as paths relative to the root.
    pub(crate) folders: Vec<(String, Stamp)>,
    /// Its `asset.json`.
    pub(crate) declaration: Stamp,
}

/// Where the record about the set in `out` lies, in a folder that others may share.
pub(crate) fn record_path(cache: &Path, out: &Path) -> PathBuf {
    let name = Digest::of(out.as_os_str().as_encoded_bytes()).to_string();
    cache.join(format!("pack-{}.record", &name[..16]))
}

impl Record {
    /// The record at `path` about the set in `out`, made of the assets in `assets`; none where it is
    /// absent, damaged, another packer's or about other places.
    pub(crate) fn read(storage: &dyn Storage, path: &Path, assets: &Path, out: &Path) -> Option<Self> {
        let (bytes, _) = read_up_to(storage, path, LIMIT).ok()?;
        flat::decode(&bytes, assets, out)
    }

    /// Writes it in one step. What stands in the way of that is no failure of the pack.
    pub(crate) fn write(
        &self,
        storage: &dyn Storage,
        path: &Path,
        operation: OperationId,
        assets: &Path,
        out: &Path,
    ) {
        let bytes = flat::encode(self, assets, out);
        let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str()))
        else {
            return;
        };
        let temporary = folder.join(temporary_name(name, operation));
        let written = super::publish::create_dirs(storage, folder)
            .and_then(|()| storage.create(&temporary)?.write_all(&bytes))
            .and_then(|()| storage.rename(&temporary, path, Rename::Replace));
        if written.is_err() {
            drop(storage.remove(&temporary));
            // An old record beside a new pack would only cost time; none is clearer.
            drop(storage.remove(path));
        }
    }

    /// What was known of the asset with that id.
    pub(crate) fn asset(&self, id: AssetId) -> Option<&Arc<RecordedAsset>> {
        let at = self.assets.binary_search_by_key(&id, |asset| asset.asset_id).ok()?;
        self.assets.get(at)
    }
}
