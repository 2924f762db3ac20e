//! What is known of the last pack and still holds: found out by asking for what is on record, file by
//! file, and opening nothing; then, of what has other dates, by content (`again`).
//!
//! An asset is known when everything that was seen of it is as it was: its root, the folders in it that
//! hold inputs, its declaration and its inputs, each by an equal stamp that was old enough when it was
//! seen; and when each folder on the way to it is a folder still, so that no link leads there. Then
//! reading it would give what it gave, and nobody reads it.
//!
//! At first nothing is listed: a file that came changes the stamp of its folder, and with that its asset is
//! looked into.
//! What a build never looks at (other folders below `assets/`) may change as it likes.
//!
//! # Where the guarantee stops
//!
//! Who writes into a file and puts back its times as well as its inode's (which no call does, and a
//! debugger of file systems can) is not found out. Where the system tells neither inode nor time of
//! change (Windows), putting the time of the content back is enough. Who writes through a mapping of a file
//! into memory is seen when the system dates the page, which may be before the last write. `pack --check`
//! reads everything. Where another machine keeps the files and its clock is ahead of ours by more than a tick,
//! two saves of the same size within one tick of it, around the look, are taken for one.

use std::collections::BTreeMap;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::sync::Arc;

use super::again::{Again, Glass};
use super::fingerprint::{DirtyReason, is_old_enough};
use super::record::{Head, Record, RecordFile, RecordedAsset, Seat, Trace, stamp_bytes};
use crate::crew::Crew;
use crate::digest::Digest;
use crate::host::Workers;
use crate::id::{AssetId, AssetUuid};
use crate::schema::SourceText;
use crate::schema::registry::Entry;
use crate::storage::{FileKind, Source, Stamp, read_up_to};
use crate::workspace::layout::{CONTROL, DECLARATION};
use crate::workspace::{Layout, read_registry};

/// How many assets one thread looks at before it is worth another one: starting it costs as much as a hundred
/// looks, and an asset takes about four.
const SHARE: usize = 125;

/// How many assets one thread looks into before it is worth another one.
const CLOSE_SHARE: usize = 40;

/// See the module.
#[derive(Debug)]
pub(crate) struct Known<'r> {
    record: &'r Record,
    /// By place in the record.
    as_it_was: Vec<bool>,
    /// What came of a second look at those that are not, by place.
    again: BTreeMap<usize, Again>,
    /// The registry's stamp and content, when that is as it was and nothing was wrong with it.
    registry: Option<(Stamp, Digest)>,
}

impl<'r> Known<'r> {
    /// Looks. What cannot be looked at is not known.
    pub(crate) fn look(
        record: &'r Record,
        source: &dyn Source,
        layout: &Layout,
        workers: &dyn Workers,
    ) -> Self {
        let mut eyes = Eyes { source, assets: layout.assets(), open: Vec::new() };
        let head = record.head();
        let is_registry = eyes.is_folder(CONTROL)
            && head.registry.is_some_and(|(seen, _)| {
                is_old_enough(&seen, head.started) && eyes.is_file(&layout.registry(), &seen)
            });
        // A question follows links on its way: what is above was asked first.
        let mut open: BTreeMap<&str, bool> = BTreeMap::new();
        for way in record.ways() {
            let is_above = way.rsplit_once('/').is_none_or(|(above, _)| open.get(above) == Some(&true));
            let is_open = is_above && eyes.is_folder(way);
            open.insert(way, is_open);
            eyes.open.push(is_open);
        }
        let len = record.len();
        let look = |_, from: usize| {
            let mut path = eyes.path();
            let known = |n| match (record.trace(n), &mut path) {
                (Some(trace), Some(path)) => eyes.asset(&trace, path),
                _ => false,
            };
            Ok::<_, ()>((from..len.min(from + SHARE)).map(known).collect::<Vec<bool>>())
        };
        let crew = Crew::of(workers, len.div_ceil(SHARE));
        let looked = crew.each((0..len).step_by(SHARE), look, &mut |_, _| {});
        let as_it_was = looked.unwrap_or_default().concat();
        Self { record, as_it_was, again: BTreeMap::new(), registry: head.registry.filter(|_| is_registry) }
    }

    /// Looks again at those that are not as they were, and at the registry, by content.
    pub(crate) fn look_closer(&mut self, glass: &Glass<'_>, workers: &dyn Workers) {
        self.registry = self.registry.or_else(|| self.same_registry(glass));
        let unknown = self.as_it_was.iter().enumerate().filter(|(_, known)| !**known);
        let unknown: Vec<usize> = unknown.map(|(n, _)| n).collect();
        let record = self.record;
        let look = |_, n: usize| Ok::<_, ()>(record.at(n).map_or(Again::Unknown, |known| glass.look(known)));
        let crew = Crew::of(workers, unknown.len().div_ceil(CLOSE_SHARE));
        let looked = crew.each(unknown.iter().copied(), look, &mut |_, _| {});
        self.again = unknown.into_iter().zip(looked.unwrap_or_default()).collect();
    }

    fn same_registry(&self, glass: &Glass<'_>) -> Option<(Stamp, Digest)> {
        let (_, before) = self.record.head().registry?;
        let (bytes, stamp) = read_registry(glass.source, glass.layout, glass.assets)?;
        (Digest::of(&bytes) == before).then_some((stamp, before))
    }

    /// Whether the registry and every asset are what they were.
    pub(crate) fn is_everything(&self) -> bool {
        let is_same = |n| matches!(self.again.get(&n), Some(Again::Same(_)));
        self.registry.is_some() && self.as_it_was.iter().enumerate().all(|(n, known)| *known || is_same(n))
    }

    /// Remembers what was seen of those that are what they were, in a record that is about this set.
    pub(crate) fn remember(&self, started: u64, file: &RecordFile<'_>) {
        let head = Head { started, registry: self.registry, ..self.record.head().clone() };
        let again = self.again.iter().filter_map(|(n, again)| match again {
            Again::Same(asset) => Some((*n, Arc::clone(asset))),
            Again::Changed(_) | Again::Unknown => None,
        });
        let again: BTreeMap<usize, Arc<RecordedAsset>> = again.collect();
        let before = self.record.head();
        let is_old =
            |head: &Head| head.registry.is_some_and(|(stamp, _)| is_old_enough(&stamp, head.started));
        let is_news = head.registry != before.registry || is_old(&head) != is_old(before);
        if is_news || !again.is_empty() {
            self.record.write_changed(&head, &again, is_news, file);
        }
    }

    /// What is known of the asset that the registry says lies there.
    pub(crate) fn of(&self, entry: &Entry) -> Option<&Arc<RecordedAsset>> {
        let at = self.record.place(entry.asset_id)?;
        let asset = match self.again.get(&at) {
            Some(Again::Same(asset)) => asset,
            _ => self.record.at(at).filter(|_| self.as_it_was.get(at) == Some(&true))?,
        };
        (asset.root == entry.root && asset.asset_uuid == entry.asset_uuid).then_some(asset)
    }

    /// What of the asset with that id was found to have changed.
    pub(crate) fn changed(&self, id: AssetId) -> Option<&DirtyReason> {
        match self.again.get(&self.record.place(id)?)? {
            Again::Changed(reason) => Some(reason),
            Again::Same(_) | Again::Unknown => None,
        }
    }
}

struct Eyes<'s> {
    source: &'s dyn Source,
    assets: PathBuf,
    /// For each way of the record, whether it is a folder still.
    open: Vec<bool>,
}

impl Eyes<'_> {
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

    fn is_file(&self, path: &Path, seen: &Stamp) -> bool {
        matches!(self.source.stat(path), Ok(Some(stat)) if stat.kind == FileKind::File && stat.stamp == *seen)
    }

    /// `path` leads to `assets/`, and does so afterwards.
    fn asset(&self, asset: &Trace<'_>, path: &mut String) -> bool {
        if !asset.is_proof || asset.way.is_some_and(|way| self.open.get(way) != Some(&true)) {
            return false;
        }
        let above = path.len();
        push(path, asset.root);
        path.push(MAIN_SEPARATOR);
        let root = path.len();
        let mut has_numbers = true;
        let is_as_it_was = asset.each(&mut |seat, name, seen| {
            let (kind, name) = match seat {
                Seat::Root => (FileKind::Folder, ""),
                Seat::Folder => (FileKind::Folder, name),
                Seat::Declaration => (FileKind::File, DECLARATION),
                Seat::Input => (FileKind::File, name),
            };
            push(path, name);
            // Without the separator: a link to a folder is no folder.
            let place = if name.is_empty() { &path[..root - 1] } else { path.as_str() };
            let Ok(Some(stat)) = self.source.stat(Path::new(place)) else { return false };
            path.truncate(root);
            has_numbers &= stat.stamp.inode != 0;
            stat.kind == kind && stamp_bytes(&stat.stamp) == seen
        });
        path.truncate(root);
        let is_known = is_as_it_was && (has_numbers || self.carries(asset, path));
        path.truncate(above);
        is_known
    }

    /// Whether the declaration in the folder at `path` names the asset. Where files have no numbers, whole
    /// roots may have changed places without a trace in any stamp.
    fn carries(&self, asset: &Trace<'_>, path: &str) -> bool {
        let read =
            read_up_to(self.source, Path::new(&format!("{path}{DECLARATION}")), SourceText::LIMIT as u64);
        let Ok((bytes, _)) = read else { return false };
        let uuid = AssetUuid::from_bytes(asset.asset_uuid).to_string();
        bytes.windows(uuid.len()).any(|bytes| bytes.eq_ignore_ascii_case(uuid.as_bytes()))
    }
}

/// Adds a path that is written with `/`. A path that the system is to take as it is has no other separator
/// than its own.
fn push(path: &mut String, written: &str) {
    if MAIN_SEPARATOR == '/' {
        path.push_str(written);
        return;
    }
    for (n, part) in written.split('/').enumerate() {
        if n > 0 {
            path.push(MAIN_SEPARATOR);
        }
        path.push_str(part);
    }
}

#[cfg(test)]
mod tests;
