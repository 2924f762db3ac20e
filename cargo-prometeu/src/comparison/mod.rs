//! Two states of a game's assets, and what tells them apart: what `diff` is about.
//!
//! A [`Side`] is a pack with what its companion knows of where it came from, whoever made it: a file, the
//! project as it is, or a revision ([`sides`]). Comparing reads no payloads but those that differ.
//!
//! Which assets are one is up to [`partners`]: an asset keeps its line in a diff through every move, rename, new
//! id and new registration.

mod artifacts;
mod partners;
mod revision;
pub(crate) mod sides;

use std::collections::{BTreeMap, BTreeSet};

use packer_format::json::Object;
use packer_format::{Entry, PackFile};
use prometeu_packer::Digest;
use prometeu_packer::id::AssetUuid;
use serde_json::Value;

pub(crate) use artifacts::Artifacts;

use crate::scratch::Scratch;

/// One state.
#[derive(Debug)]
pub(crate) struct Side {
    pack: PackFile,
    /// What was made for the comparison, and goes with it.
    _made: Option<Scratch>,
    /// What was typed.
    pub(crate) name: String,
    /// `pack`, `project` or `revision`.
    pub(crate) kind: &'static str,
    /// The pack's digest.
    pub(crate) digest: String,
    /// Bytes of the pack.
    pub(crate) size: u64,
    /// By increasing id.
    pub(crate) assets: Vec<Asset>,
    /// What is registered there and kept out of builds.
    pub(crate) excluded: Vec<(u32, AssetUuid)>,
}

/// One asset of a side.
#[derive(Debug, Clone)]
pub(crate) struct Asset {
    pub(crate) entry: Entry,
    pub(crate) preload: bool,
    /// Of the payload.
    pub(crate) digest: Digest,
    /// What the companion says.
    pub(crate) source: Option<Source>,
}

/// Where an asset came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) asset_uuid: AssetUuid,
    pub(crate) root: String,
    /// By path: role and digest.
    pub(crate) inputs: BTreeMap<String, (String, String)>,
    pub(crate) pipeline: Value,
}

/// What became of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It was there, and builds take it in now.
    Included,
    /// It is there, and builds leave it out now.
    Excluded,
    /// It is another in some way.
    Changed,
}

/// One difference.
#[derive(Debug)]
pub(crate) struct Change<'s> {
    pub(crate) kind: Kind,
    pub(crate) old: Option<&'s Asset>,
    pub(crate) new: Option<&'s Asset>,
    /// What of a changed asset differs, in this order: `asset_id asset_uuid name root type preload inputs
    /// pipeline metadata payload`.
    pub(crate) what: Vec<&'static str>,
    /// Which inputs, where both sides know them.
    pub(crate) inputs: Names,
    /// Which keys of the metadata, but for those that tell of the payload alone.
    pub(crate) metadata: Vec<String>,
    /// Which artifacts, where the payloads can be read.
    pub(crate) artifacts: Artifacts,
}

/// What came, went and became another.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) added: Vec<String>,
    pub(crate) removed: Vec<String>,
    pub(crate) changed: Vec<String>,
}

/// All differences.
#[derive(Debug)]
pub(crate) struct Comparison<'s> {
    /// By increasing id, the new one where there is one.
    pub(crate) changes: Vec<Change<'s>>,
    pub(crate) unchanged: usize,
    /// Bytes of all payloads, before and after.
    pub(crate) sizes: [u64; 2],
}

/// Compares two sides.
pub(crate) fn compare<'s>(old: &'s Side, new: &'s Side) -> Comparison<'s> {
    let mut left: BTreeSet<usize> = (0..new.assets.len()).collect();
    let (mut changes, mut unchanged) = (Vec::new(), 0);
    for (asset, partner) in old.assets.iter().zip(partners::of(old, new)) {
        match partner.filter(|n| left.remove(n)) {
            Some(n) => match changed((old, asset), (new, &new.assets[n])) {
                Some(change) => changes.push(change),
                None => unchanged += 1,
            },
            None => {
                let kind = if new.keeps_out(asset) { Kind::Excluded } else { Kind::Removed };
                changes.push(Change::of(kind, Some(asset), None));
            }
        }
    }
    for n in left {
        let asset = &new.assets[n];
        let kind = if old.keeps_out(asset) { Kind::Included } else { Kind::Added };
        changes.push(Change::of(kind, None, Some(asset)));
    }
    changes.sort_by_key(|change| (change.asset().id(), change.kind));
    let size = |side: &Side| side.assets.iter().map(Asset::size).sum();
    Comparison { changes, unchanged, sizes: [size(old), size(new)] }
}

/// The difference between two states of one asset, if there is one.
fn changed<'s>(
    (old_side, old): (&Side, &'s Asset),
    (new_side, new): (&Side, &'s Asset),
) -> Option<Change<'s>> {
    let mut change = Change::of(Kind::Changed, Some(old), Some(new));
    let sources = old.source.as_ref().zip(new.source.as_ref());
    let same_payload = old.digest == new.digest;
    if let Some((old, new)) = sources {
        change.inputs = inputs(old, new);
    }
    let is_another = !same_payload || old.entry.metadata != new.entry.metadata;
    if let (true, Some(was), Some(is)) = (is_another, old_side.payload(old), new_side.payload(new)) {
        change.artifacts = artifacts::between(&old.entry, &was, &new.entry, &is);
    }
    let told = !same_payload || !change.artifacts.is_empty();
    change.metadata = keys(&old.entry.metadata, &new.entry.metadata);
    change.metadata.retain(|key| !(told && artifacts::DERIVED.contains(&key.as_str())));
    let differs = [
        ("asset_id", old.id() != new.id()),
        ("asset_uuid", sources.is_some_and(|(old, new)| old.asset_uuid != new.asset_uuid)),
        ("name", old.entry.asset_name != new.entry.asset_name),
        ("root", sources.is_some_and(|(old, new)| old.root != new.root)),
        ("type", old.entry.bank_type != new.entry.bank_type),
        ("preload", old.preload != new.preload),
        ("inputs", change.inputs != Names::default()),
        ("pipeline", sources.is_some_and(|(old, new)| old.pipeline != new.pipeline)),
        ("metadata", !change.metadata.is_empty()),
        ("payload", told),
    ];
    change.what = differs.into_iter().filter(|(_, differs)| *differs).map(|(what, _)| what).collect();
    (!change.what.is_empty()).then_some(change)
}

fn inputs(old: &Source, new: &Source) -> Names {
    let (old, new) = (&old.inputs, &new.inputs);
    let names = |of: &BTreeMap<String, (String, String)>, test: &dyn Fn(&str) -> bool| {
        of.keys().filter(|name| test(name)).cloned().collect()
    };
    Names {
        added: names(new, &|name| !old.contains_key(name)),
        removed: names(old, &|name| !new.contains_key(name)),
        changed: names(new, &|name| old.get(name).is_some_and(|was| new.get(name) != Some(was))),
    }
}

/// The keys under which two objects differ.
fn keys(old: &Object, new: &Object) -> Vec<String> {
    let all: BTreeSet<&str> = old.keys().chain(new.keys()).collect();
    all.into_iter().filter(|key| old.get(key) != new.get(key)).map(str::to_owned).collect()
}

impl Side {
    /// The bytes of one of its payloads; none where they cannot be read any more.
    fn payload(&self, asset: &Asset) -> Option<Vec<u8>> {
        self.pack.payload(asset.entry.asset_id).ok()
    }

    fn keeps_out(&self, asset: &Asset) -> bool {
        self.excluded.iter().any(|(id, uuid)| match asset.uuid() {
            Some(own) => own == *uuid,
            None => asset.id() == *id,
        })
    }
}

impl Asset {
    pub(crate) fn id(&self) -> u32 {
        self.entry.asset_id.get()
    }

    pub(crate) fn uuid(&self) -> Option<AssetUuid> {
        self.source.as_ref().map(|source| source.asset_uuid)
    }

    /// Bytes of its payload.
    pub(crate) fn size(&self) -> u64 {
        self.entry.size
    }

    /// What people call it: its root, where that is known.
    pub(crate) fn title(&self) -> &str {
        self.source.as_ref().map_or(&self.entry.asset_name, |source| &source.root)
    }
}

impl<'s> Change<'s> {
    fn of(kind: Kind, old: Option<&'s Asset>, new: Option<&'s Asset>) -> Self {
        let (inputs, artifacts) = (Names::default(), Artifacts::default());
        Self { kind, old, new, what: Vec::new(), inputs, metadata: Vec::new(), artifacts }
    }

    /// The asset as it is, or as it was.
    pub(crate) fn asset(&self) -> &'s Asset {
        self.new.or(self.old).expect("a change has a side")
    }

    /// By how many bytes its payload grew or shrank.
    pub(crate) fn moved_bytes(&self) -> u64 {
        let [old, new] = [self.old, self.new].map(|asset| asset.map_or(0, Asset::size));
        old.abs_diff(new)
    }
}

impl Comparison<'_> {
    /// How many changes of that kind there are.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.changes.iter().filter(|change| change.kind == kind).count()
    }
}

impl Kind {
    /// All of them, in the order in which they are counted to people.
    pub(crate) const ALL: [Self; 5] =
        [Self::Added, Self::Included, Self::Removed, Self::Excluded, Self::Changed];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Included => "included",
            Self::Excluded => "excluded",
            Self::Changed => "changed",
        }
    }

    /// As `diff` marks lines.
    pub(crate) const fn mark(self) -> &'static str {
        match self {
            Self::Added | Self::Included => "+",
            Self::Removed | Self::Excluded => "-",
            Self::Changed => "~",
        }
    }
}
