//! What differs between two snapshots of the whole workspace, by asset. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::{AssetChange, ChangeKind};
use crate::id::{AssetId, AssetUuid};
use crate::snapshot::Snapshot;
use crate::workspace::{DeclarationFile, LoadedDeclaration};

/// What is known of a folder with a declaration.
#[derive(Debug, Clone, Copy)]
struct Seen<'a> {
    asset_id: Option<AssetId>,
    included: bool,
    /// The uuid of its entry, if it is registered.
    entry_uuid: Option<AssetUuid>,
    /// None where it could not be read.
    read: Option<&'a LoadedDeclaration>,
}

/// What `now` shows otherwise than `before`: moved, added, changed, removed assets, each by folder; and
/// whether the registry's text is another one.
pub(crate) fn changes(before: &Snapshot, now: &Snapshot) -> (Vec<AssetChange>, bool) {
    let (old, new) = (seen(before), seen(now));
    let touched = touched(before, now, &old, &new);
    let mut changes = Vec::new();
    let mut gone: BTreeMap<&str, Seen<'_>> =
        old.iter().filter(|(folder, _)| !new.contains_key(*folder)).map(|(f, s)| (*f, *s)).collect();
    for (folder, seen) in &new {
        let kind = match old.get(folder) {
            Some(was) if was.is_same(seen) && !touched.contains(folder) => continue,
            Some(_) => ChangeKind::Changed,
            None => match taken_from(&gone, seen) {
                Some(from) => {
                    gone.remove(from);
                    ChangeKind::Moved { from: from.to_owned() }
                }
                None => ChangeKind::Added,
            },
        };
        changes.push(seen.change(kind, folder));
    }
    changes.extend(gone.iter().map(|(folder, seen)| seen.change(ChangeKind::Removed, folder)));
    changes.sort_by(|a, b| rank(&a.kind).cmp(&rank(&b.kind)).then_with(|| a.folder.cmp(&b.folder)));
    (changes, before.registry.bytes() != now.registry.bytes() || before.has_assets != now.has_assets)
}

fn rank(kind: &ChangeKind) -> u8 {
    match kind {
        ChangeKind::Moved { .. } => 0,
        ChangeKind::Added => 1,
        ChangeKind::Changed => 2,
        ChangeKind::Removed => 3,
    }
}

/// Every folder with a declaration, by its path.
fn seen(snapshot: &Snapshot) -> BTreeMap<&str, Seen<'_>> {
    let registered = snapshot.assets.iter().filter_map(|asset| {
        let read = match &asset.loaded.declaration {
            DeclarationFile::Read(read) => Some(&**read),
            DeclarationFile::NotAFile(_) | DeclarationFile::Unreadable(_) => None,
            DeclarationFile::Unread | DeclarationFile::Known(_) | DeclarationFile::Missing => return None,
        };
        let entry = &asset.entry;
        let (asset_id, entry_uuid) = (Some(entry.asset_id), Some(entry.asset_uuid));
        let seen = Seen { asset_id, included: entry.included_in_build, entry_uuid, read };
        Some((entry.root.as_str(), seen))
    });
    let loose = snapshot.unregistered.iter().flatten().map(|(found, read)| {
        let seen = Seen { asset_id: None, included: false, entry_uuid: None, read: read.as_ref() };
        (found.folder.as_str(), seen)
    });
    // What an entry says of a folder counts more than that somebody found it.
    loose.chain(registered).collect()
}

/// The one folder that is gone and had the same uuid.
fn taken_from<'a>(gone: &BTreeMap<&'a str, Seen<'_>>, seen: &Seen<'_>) -> Option<&'a str> {
    let uuid = seen.uuid()?;
    let mut same = gone.iter().filter(|(_, was)| was.uuid() == Some(uuid)).map(|(folder, _)| *folder);
    same.next().filter(|_| same.next().is_none())
}

/// The folders in which a name came, went, or became another thing: each by the innermost one.
fn touched<'a>(
    before: &'a Snapshot,
    now: &'a Snapshot,
    old: &BTreeMap<&'a str, Seen<'_>>,
    new: &BTreeMap<&'a str, Seen<'_>>,
) -> BTreeSet<&'a str> {
    let (Some(before), Some(now)) = (&before.names, &now.names) else { return BTreeSet::new() };
    let is_root = |folder: &str| old.contains_key(folder) || new.contains_key(folder);
    let root = |path: &'a str| {
        let mut above = path.rmatch_indices('/').map(|(at, _)| &path[..at]);
        above.find(|folder| is_root(folder))
    };
    now.differing(before).filter_map(root).collect()
}

impl Seen<'_> {
    /// The uuid that it carries.
    fn uuid(&self) -> Option<AssetUuid> {
        self.read.and_then(|read| read.reading.asset_uuid)
    }

    fn is_same(&self, other: &Self) -> bool {
        let read = match (self.read, other.read) {
            (Some(a), Some(b)) => a.digest == b.digest && a.inputs == b.inputs,
            (None, None) => true,
            _ => false,
        };
        let entry = |seen: &Self| (seen.asset_id, seen.included, seen.entry_uuid);
        read && entry(self) == entry(other)
    }

    fn change(&self, kind: ChangeKind, folder: &str) -> AssetChange {
        AssetChange { kind, asset_id: self.asset_id, asset_uuid: self.uuid(), folder: folder.to_owned() }
    }
}
