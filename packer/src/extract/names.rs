//! Names out of a pack, made fit for folders and files. A name in a pack is data that anybody may have
//! written: it may climb, be a device, end in blanks, differ from another in letter case alone, or hide
//! a folder that version control would obey.

use std::collections::{BTreeMap, BTreeSet};

use packer_format::Entry;

use crate::address;
use crate::path::AssetPath;
use crate::schema::Document;
use crate::spelling;
use crate::workspace::layout::DECLARATION;

/// A folder for each asset, in the order of the table: one part, called after the asset's name. They are
/// all different on every system, and so are the constants that a game gets of them.
#[must_use]
pub fn roots(entries: &[Entry]) -> Vec<AssetPath> {
    let mut taken = BTreeSet::new();
    let mut roots = Vec::with_capacity(entries.len());
    for entry in entries {
        let name = folder_name(&entry.asset_name);
        let id = entry.asset_id;
        let numbered = (2_u64..).map(|n| format!("asset_{id}_{n}"));
        let candidates = name.clone().into_iter().chain(name.map(|name| format!("{name}_{id}")));
        let root = candidates
            .chain([format!("asset_{id}")])
            .chain(numbered)
            .filter_map(|name| AssetPath::parse(&name).ok())
            .filter(|root| root.unfit_for_root().is_none())
            .find(|root| {
                let keys = keys(root);
                keys.iter().all(|key| !taken.contains(key))
            })
            .expect("numbers do not run out");
        taken.extend(keys(&root));
        roots.push(root);
    }
    roots
}

/// What no two roots may have in common: the folder, the module and the constant.
fn keys(root: &AssetPath) -> [String; 3] {
    let address = address::of_root(root);
    [
        format!("folder {}", spelling::key(root.as_str())),
        format!("module {}", address.module),
        format!("constant {}", address.constant),
    ]
}

/// The name of a folder for an asset of that name, if there is one.
fn folder_name(name: &str) -> Option<String> {
    let fit = |c: char| if c.is_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' };
    let mut folder: String = name.chars().map(fit).collect();
    while folder.contains("__") {
        folder = folder.replace("__", "_");
    }
    let folder = folder.trim_matches(['_', '.']);
    // Room for a number behind it.
    (!folder.is_empty() && folder.len() <= AssetPath::LONGEST_PART - 20).then(|| folder.to_owned())
}

/// The paths of files in one folder. Every folder on the way to each of them is kept, so that what a pack can
/// make this hold is bounded by the two limits, whatever its names are.
pub(super) struct Paths {
    /// What stands there by the key of its path: its spelling, and whether it is a file.
    taken: BTreeMap<String, (String, bool)>,
    /// Bytes of all paths that were taken in.
    size: usize,
}

impl Paths {
    /// Bytes of the longest path that is kept: systems stop at some thousand.
    const LONGEST: usize = 1000;

    /// Parts of the deepest path that is kept.
    const DEEPEST: usize = 64;

    /// Knows the declaration.
    pub(super) fn new() -> Self {
        let declaration = (DECLARATION.to_owned(), true);
        Self { taken: BTreeMap::from([(spelling::key(DECLARATION), declaration)]), size: 0 }
    }

    /// Takes a file in, under its own name if it may have that, else as `other` with its ending. `None` when
    /// no `asset.json` can name as many bytes of paths.
    pub(super) fn add(&mut self, name: &str, other: &str) -> Option<AssetPath> {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension);
        let short = |extension: &&str| {
            (1..=8).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let extension = extension.filter(short).map(|extension| format!(".{extension}")).unwrap_or_default();
        let candidates = [name.to_owned(), format!("{other}{extension}")].into_iter();
        let candidates = candidates.chain((2_u64..).map(|n| format!("{other}_{n}{extension}")));
        let path = candidates.filter_map(|name| self.fit(&name)).next().expect("numbers do not run out");
        self.size += path.as_str().len();
        (self.size <= Document::Declaration.limit()).then(|| {
            self.take(&path);
            path
        })
    }

    /// The path of that name, if a file of it can be written here and on every other system.
    fn fit(&self, name: &str) -> Option<AssetPath> {
        if name.len() > Self::LONGEST || name.split('/').count() > Self::DEEPEST {
            return None;
        }
        let path = AssetPath::parse(name).ok()?;
        let hidden = path.parts().any(|part| spelling::key(part) == DECLARATION);
        if hidden || path.unfit_for_root().is_some() {
            return None;
        }
        let free = prefixes(name).all(|prefix| match self.taken.get(&spelling::key(prefix)) {
            None => true,
            Some((spelling, is_file)) => !is_file && prefix.len() < name.len() && spelling == prefix,
        });
        free.then_some(path)
    }

    fn take(&mut self, path: &AssetPath) {
        let name = path.as_str();
        for prefix in prefixes(name) {
            self.taken.insert(spelling::key(prefix), (prefix.to_owned(), prefix.len() == name.len()));
        }
    }
}

/// The folders on the way to a path, and the path.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| at).chain([path.len()]).map(|end| &path[..end])
}
