//! The rules between things that were read well: one file a rule.
//!
//! A rule looks at a [`Snapshot`] and pushes findings; it reads nothing and repairs nothing. What a
//! single text gets wrong by itself (syntax, missing members) its reader has found already; what a
//! picture gets wrong its family finds when it is encoded.
//!
//! To add one: a file here with a function of the type [`Rule`], and its line in [`ALL`].

mod address_collision;
mod allocator_behind;
pub(crate) mod artifact_index_duplicate;
pub(crate) mod artifact_unknown_file;
pub(crate) mod case_collision;
#[cfg(feature = "authoring")]
mod copied_root;
mod declaration_missing;
mod duplicate_asset_id;
mod duplicate_asset_uuid;
mod duplicate_name;
mod duplicate_root;
mod format_not_of_type;
mod input_missing;
mod input_not_a_file;
mod input_outside_root;
mod input_too_large;
pub(crate) mod input_unreadable;
mod journal_unfinished;
pub(crate) mod legacy_name;
mod name_style;
mod nested_root;
#[cfg(feature = "authoring")]
mod orphan_declaration;
mod preload_slots;
mod registry_missing;
#[cfg(feature = "authoring")]
mod relocated_root;
mod root_missing;
mod unknown_codec;
mod unknown_format;
mod unknown_type;
mod uuid_mismatch;

#[cfg(test)]
pub(super) mod tests;

use std::collections::BTreeMap;

use super::{Anchor, Finding, Pointer};
use crate::schema::declaration::{Declaration, Input};
use crate::snapshot::{Asset, Document, Report, Snapshot};
use crate::workspace::InputFile;

/// A rule.
type Rule = fn(&Snapshot, &mut Sink);

/// Every rule, in the order in which their findings about one asset are shown.
const ALL: &[Rule] = &[
    journal_unfinished::check,
    registry_missing::check,
    allocator_behind::check,
    duplicate_asset_id::check,
    duplicate_asset_uuid::check,
    duplicate_root::check,
    nested_root::check,
    case_collision::check,
    root_missing::check,
    declaration_missing::check,
    uuid_mismatch::check,
    legacy_name::check,
    unknown_type::check,
    unknown_format::check,
    format_not_of_type::check,
    unknown_codec::check,
    artifact_unknown_file::check,
    artifact_index_duplicate::check,
    input_missing::check,
    input_not_a_file::check,
    input_outside_root::check,
    input_unreadable::check,
    input_too_large::check,
    preload_slots::check,
    address_collision::check,
    #[cfg(feature = "authoring")]
    copied_root::check,
    #[cfg(feature = "authoring")]
    relocated_root::check,
    #[cfg(feature = "authoring")]
    orphan_declaration::check,
    duplicate_name::check,
    name_style::check,
];

/// Where rules put what they find.
#[derive(Debug, Default)]
pub(super) struct Sink(Vec<Report>);

impl Sink {
    /// About the registry as a whole: blocks every build.
    fn registry(&mut self, finding: Finding) {
        self.0.push(Report { asset: None, document: Document::Registry, finding, in_builds: true });
    }

    /// About a change that was interrupted: blocks every build.
    fn journal(&mut self, finding: Finding) {
        self.0.push(Report { asset: None, document: Document::Journal, finding, in_builds: true });
    }

    /// About one asset, shown at its entry in the registry.
    fn entry(&mut self, asset: usize, finding: Finding) {
        self.0.push(Report { asset: Some(asset), document: Document::Registry, finding, in_builds: true });
    }

    /// About one asset, shown at its entry in the registry, and seen by a walk over `assets/` alone.
    fn entry_of_walk(&mut self, asset: usize, finding: Finding) {
        let document = Document::Registry;
        self.0.push(Report { asset: Some(asset), document, finding, in_builds: false });
    }

    /// About a root that nobody registered, shown in its declaration, and seen by a walk over `assets/`
    /// alone.
    fn unregistered(&mut self, n: usize, finding: Finding) {
        let document = Document::Unregistered(n);
        self.0.push(Report { asset: None, document, finding, in_builds: false });
    }

    /// About one asset, shown in its declaration.
    fn declaration(&mut self, asset: usize, finding: Finding) {
        self.0.push(Report { asset: Some(asset), document: Document::Declaration, finding, in_builds: true });
    }
}

/// What the readers found, then what the rules find: the registry's first, then by asset.
pub(crate) fn run(snapshot: &Snapshot) -> Vec<Report> {
    let mut sink = Sink::default();
    for finding in &snapshot.registry.reading.findings {
        sink.registry(finding.clone());
    }
    for (n, asset) in snapshot.assets.iter().enumerate() {
        for finding in asset.loaded.findings() {
            sink.declaration(n, finding.clone());
        }
    }
    for rule in ALL {
        rule(snapshot, &mut sink);
    }
    // Stable: within an asset, readers come before rules and rules keep the order of the list.
    sink.0.sort_by_key(|report| report.asset.map_or(0, |asset| asset + 1));
    sink.0
}

/// The place of a member of an asset's entry in `index.json`.
fn entry_member(asset: &Asset, member: &str) -> Anchor {
    Anchor::Value(Pointer::root().key("assets").index(asset.entry.position).key(member))
}

/// Who holds which name, a folder being held by the first of those in it.
struct Holders<'a>(BTreeMap<&'a str, usize>);

impl<'a> Holders<'a> {
    /// Of names with their positions.
    fn of(names: impl Iterator<Item = (usize, &'a str)>) -> Self {
        let mut holders = BTreeMap::new();
        for (n, name) in names {
            holders.entry(name).or_insert(n);
        }
        Self(holders)
    }

    /// Of the roots of all assets.
    fn of_roots(snapshot: &'a Snapshot) -> Self {
        Self::of(snapshot.assets.iter().enumerate().map(|(n, asset)| (n, asset.entry.root.as_str())))
    }

    /// Who has this name, or a name in the folder of this name.
    fn of_name(&self, name: &str) -> Option<usize> {
        let folder = format!("{name}/");
        let inside = || self.0.range(folder.as_str()..).next().filter(|(held, _)| held.starts_with(&folder));
        self.0.get(name).copied().or_else(|| inside().map(|(_, n)| *n))
    }
}

/// The place of a member of `output` in a declaration.
fn output_member(member: &str) -> Anchor {
    Anchor::Value(Pointer::root().key("output").key(member))
}

/// Every asset whose declaration could be read whole.
fn declared(snapshot: &Snapshot) -> impl Iterator<Item = (usize, &Asset, &Declaration)> {
    snapshot
        .assets
        .iter()
        .enumerate()
        .filter_map(|(n, asset)| asset.declaration().map(|declaration| (n, asset, declaration)))
}

/// Every input of every asset whose declaration could be read whole.
fn inputs(snapshot: &Snapshot) -> impl Iterator<Item = LoadedInput<'_>> {
    declared(snapshot).flat_map(|(asset, of, declaration)| {
        let files = of.loaded.read().map_or(&[][..], |read| &read.inputs);
        declaration.inputs.iter().zip(files).enumerate().map(move |(input, (declared, file))| LoadedInput {
            asset,
            of,
            input,
            declared,
            file,
        })
    })
}

/// One input and what is on disk for it.
struct LoadedInput<'a> {
    /// Position of the asset.
    asset: usize,
    /// The asset.
    of: &'a Asset,
    /// Position of the input in the declaration.
    input: usize,
    /// What the declaration says.
    declared: &'a Input,
    /// What is on disk.
    file: &'a InputFile,
}

/// `1`, `2 and 5`, or `1, 2 and 5`; of many the first few, and how many more there are.
pub(in crate::diagnostics) fn listed(items: &[String]) -> String {
    const HANDFUL: usize = 8;
    match items {
        [] => String::new(),
        [one] => one.clone(),
        items if items.len() > HANDFUL + 1 => {
            format!("{} and {} more", items[..HANDFUL].join(", "), items.len() - HANDFUL)
        }
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
