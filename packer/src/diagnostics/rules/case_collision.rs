//! `case-collision`: names that are two on one file system and one on another. Also an input whose
//! file is found only because this file system takes two spellings for one.
//!
//! Roots are compared with all other registered roots, so that excluding an asset hides nothing;
//! inputs with those of their own root. Folders on the way count: `UI/a` and `ui/b` are in two
//! folders here and in one there.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use super::super::{Anchor, Code, Finding};
use super::{Holders, Sink, declared, entry_member, inputs};
use crate::path::AssetPath;
use crate::snapshot::{Asset, Snapshot};
use crate::spelling;
use crate::workspace::InputFile;
use crate::workspace::layout::{CONTROL, DECLARATION};

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    let mut seen = Spellings::beside(CONTROL);
    let holders = LazyCell::new(|| Holders::of_roots(snapshot));
    for asset in &snapshot.assets {
        let Some((first, second)) = seen.add(&asset.entry.root) else { continue };
        let mut finding =
            finding(entry_member(asset, "root"), "folders", &first, &second).help(other_root(asset));
        // Nobody has the packer's own folder.
        if let Some(holder) = holders.of_name(&first) {
            let there = entry_member(&snapshot.assets[holder], "root");
            finding = finding.also_registered(there, format!("`{first}` is here"));
        }
        out.registry(finding);
    }
    for (n, _, declaration) in declared(snapshot) {
        let mut seen = Spellings::beside(DECLARATION);
        let paths =
            || declaration.inputs.iter().map(|input| input.path.as_ref().map_or("", AssetPath::as_str));
        let holders = LazyCell::new(|| Holders::of(paths().enumerate()));
        for (input, path) in declaration.inputs.iter().enumerate() {
            let Some((first, second)) = path.path.as_ref().ok().and_then(|path| seen.add(path)) else {
                continue;
            };
            let mut finding = finding(Anchor::Input(input), "files", &first, &second)
                .help("Rename one of the two on disk, and write its new name here.");
            if let Some(holder) = holders.of_name(&first) {
                finding = finding.also(Anchor::Input(holder), format!("`{first}` is here"));
            }
            out.declaration(n, finding);
        }
    }
    for input in inputs(snapshot) {
        let InputFile::OtherSpelling { real } = input.file else { continue };
        let declared = &input.declared.file;
        let why = why(declared, real);
        let finding = Finding::new(
            Code::CaseCollision,
            Anchor::Input(input.input),
            format!("the input `{declared}` is `{real}` on disk: {why}"),
        )
        .label("spelt in another way on disk")
        .help(format!("Write `{real}`; other systems do not find the file by any other spelling."));
        out.declaration(input.asset, finding);
    }
}

/// What to do about a folder that may not be called what it is called.
pub(super) fn other_root(asset: &Asset) -> String {
    format!(
        "Give the assets in one of the two folders another root: `cargo prometeu relocate {} NEW_ROOT` does that for this one.",
        asset.id()
    )
}

fn finding(anchor: Anchor, what: &str, first: &str, second: &str) -> Finding {
    let why = why(first, second);
    let message = format!("`{first}` and `{second}` are one name on Windows and macOS: {why}");
    Finding::new(Code::CaseCollision, anchor, message).label(format!("not two {what} everywhere"))
}

/// What tells two spellings of one name apart, if anything does.
pub(super) fn why(first: &str, second: &str) -> &'static str {
    if spelling::is_letter_case(first, second) {
        "only upper and lower case tell them apart"
    } else {
        "they look alike, but are spelt with different Unicode characters"
    }
}

/// Folders and files by what all their spellings have in common.
pub(crate) struct Spellings(pub(crate) BTreeMap<String, Vec<String>>);

impl Spellings {
    /// Knows the name that the packer itself uses there.
    pub(crate) fn beside(own: &str) -> Self {
        let mut known = BTreeMap::new();
        known.insert(spelling::key(own), vec![own.to_owned()]);
        Self(known)
    }

    /// Takes in a path with the folders that it lies in. Yields what it collides with, and the part
    /// of it that does, when that part is in a spelling which was not there before.
    pub(crate) fn add(&mut self, path: &AssetPath) -> Option<(String, String)> {
        let text = path.as_str();
        let ends = text.match_indices('/').map(|(at, _)| at).chain([text.len()]);
        let mut collision = None;
        for end in ends {
            let part = &text[..end];
            let spellings = self.0.entry(spelling::key(part)).or_default();
            if spellings.iter().any(|known| known == part) {
                continue;
            }
            if let (Some(first), None) = (spellings.first(), &collision) {
                collision = Some((first.clone(), part.to_owned()));
            }
            spellings.push(part.to_owned());
        }
        collision
    }
}
