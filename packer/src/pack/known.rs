//! What is known of the last pack and still holds: found out by asking for what is on record, file by
//! file, and opening nothing.
//!
//! An asset is known when everything that was seen of it is as it was: its root, the folders in it that
//! hold inputs, its declaration and its inputs, each by an equal stamp that was old enough when it was
//! seen; and when each folder on the way to it is a folder still, so that no link leads there. Then
//! reading it would give what it gave, and nobody reads it.
//!
//! Nothing is listed: a file that came changes the stamp of its folder, and with that its asset is read.
//! What a build never looks at (other folders below `assets/`) may change as it likes.
//!
//! # Where the guarantee stops
//!
//! Who writes into a file and puts back its times as well as its inode's (which no call does, and a
//! debugger of file systems can) is not found out. Where the system tells neither inode nor time of
//! change (Windows), putting the time of the content back is enough. Who writes through a mapping of a file
//! into memory is seen when the system dates the page, which may be before the last write. `pack --check`
//! reads everything.

use std::collections::BTreeSet;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::sync::Arc;

use super::fingerprint::is_old_enough;
use super::record::{Record, RecordedAsset};
use crate::crew::Crew;
use crate::host::Workers;
use crate::schema::SourceText;
use crate::schema::registry::Entry;
use crate::storage::{FileKind, Source, Stamp, read_up_to};
use crate::workspace::Layout;
use crate::workspace::layout::{CONTROL, DECLARATION};

/// What one thread looks at before it is worth another one: starting it costs as much as a hundred looks.
const SHARE: usize = 500;

/// See the module.
#[derive(Debug)]
pub(crate) struct Known<'r> {
    record: &'r Record,
    /// By position in the record.
    as_it_was: Vec<bool>,
    /// Whether the registry is as it was, and nothing was wrong with it.
    registry: bool,
}

impl<'r> Known<'r> {
    /// Looks. What cannot be looked at is not known.
    pub(crate) fn look(
        record: &'r Record,
        source: &dyn Source,
        layout: &Layout,
        workers: &dyn Workers,
    ) -> Self {
        let eyes = Eyes { record, source, assets: layout.assets() };
        let registry = eyes.is_folder(CONTROL)
            && record.registry.is_some_and(|seen| eyes.is(&layout.registry(), FileKind::File, &seen));
        let open: BTreeSet<&str> = ways(record).into_iter().filter(|way| eyes.is_folder(way)).collect();
        let crew = Crew::of(workers, Self::shares(record));
        let share = SHARE / 4;
        let looked = crew.each(
            record.assets.chunks(share),
            |_, assets| {
                let mut path = eyes.path();
                Ok::<_, ()>(
                    assets.iter().map(|asset| eyes.asset(asset, &open, &mut path)).collect::<Vec<bool>>(),
                )
            },
            &mut |_, _| {},
        );
        Self { record, as_it_was: looked.unwrap_or_default().concat(), registry }
    }

    /// How many threads it keeps busy to look.
    fn shares(record: &Record) -> usize {
        let files: usize = record.assets.iter().map(|asset| asset.facts.inputs.len() + 2).sum();
        files.div_ceil(SHARE)
    }

    /// Whether the registry and every asset are as they were.
    pub(crate) fn is_everything(&self) -> bool {
        self.registry && self.as_it_was.iter().all(|known| *known)
    }

    /// What is known of the asset that the registry says lies there.
    pub(crate) fn of(&self, entry: &Entry) -> Option<&'r Arc<RecordedAsset>> {
        let assets = &self.record.assets;
        let at = assets.binary_search_by_key(&entry.asset_id, |asset| asset.asset_id).ok()?;
        let asset = assets.get(at)?;
        let is_there = asset.root == entry.root && asset.asset_uuid == entry.asset_uuid;
        (is_there && self.as_it_was.get(at) == Some(&true)).then_some(asset)
    }
}

/// The folders on the way to roots.
fn ways(record: &Record) -> BTreeSet<&str> {
    let mut ways = BTreeSet::new();
    for asset in &record.assets {
        let root = asset.root.as_str();
        // Of a known way the beginning is known.
        let above = root.rmatch_indices('/').map(|(at, _)| &root[..at]);
        above.take_while(|way| ways.insert(*way)).for_each(drop);
    }
    ways
}

struct Eyes<'r, 's> {
    record: &'r Record,
    source: &'s dyn Source,
    assets: PathBuf,
}

impl Eyes<'_, '_> {
    /// `assets/` as a text to which names are added; none that is not UTF-8.
    fn path(&self) -> Option<String> {
        let mut path = self.assets.to_str()?.to_owned();
        path.push(MAIN_SEPARATOR);
        Some(path)
    }

    fn is_folder(&self, way: &str) -> bool {
        let Some(mut path) = self.path() else { return false };
        push(&mut path, way);
        let stat = self.source.stat(Path::new(&path));
        matches!(stat, Ok(Some(stat)) if stat.kind == FileKind::Folder)
    }

    fn is(&self, path: &Path, kind: FileKind, seen: &Stamp) -> bool {
        is_old_enough(seen, self.record.started)
            && matches!(self.source.stat(path), Ok(Some(stat)) if stat.kind == kind && stat.stamp == *seen)
    }

    fn asset(&self, asset: &RecordedAsset, open: &BTreeSet<&str>, path: &mut Option<String>) -> bool {
        let (Some(seen), Some(path)) = (&asset.seen, path) else { return false };
        let root = asset.root.as_str();
        if let Some((above, _)) = root.rsplit_once('/')
            && !open.contains(above)
        {
            return false;
        }
        let from = path.len();
        push(path, root);
        let mut is_known = self.is(Path::new(path), FileKind::Folder, &seen.root);
        path.push(MAIN_SEPARATOR);
        let mut look = |name: &str, kind, stamp| {
            let folder = path.len();
            push(path, name);
            is_known = is_known && self.is(Path::new(path), kind, stamp);
            path.truncate(folder);
        };
        look(DECLARATION, FileKind::File, &seen.declaration);
        for (folder, stamp) in &seen.folders {
            look(folder, FileKind::Folder, stamp);
        }
        for input in &asset.facts.inputs {
            look(&input.file, FileKind::File, &input.stamp);
        }
        is_known = is_known && (seen.root.inode != 0 || self.carries(asset, path));
        path.truncate(from);
        is_known
    }

    /// Whether the declaration in the folder at `path` names the asset. Where files have no numbers, whole
    /// roots may have changed places without a trace in any stamp.
    fn carries(&self, asset: &RecordedAsset, path: &str) -> bool {
        let read =
            read_up_to(self.source, Path::new(&format!("{path}{DECLARATION}")), SourceText::LIMIT as u64);
        let Ok((bytes, _)) = read else { return false };
        let uuid = asset.asset_uuid.to_string();
        bytes.windows(uuid.len()).any(|bytes| bytes.eq_ignore_ascii_case(uuid.as_bytes()))
    }
}

/// Adds a path that is written with `/`. A path that the system is to take as it is has no other separator
/// than its own.
fn push(path: &mut String, written: &str) {
    for (n, part) in written.split('/').enumerate() {
        if n > 0 {
            path.push(MAIN_SEPARATOR);
        }
        path.push_str(part);
    }
}

#[cfg(test)]
mod tests;
