//! Names as a walk gives them, and how two walks differ.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Named, Names};
use crate::storage::Entry;

impl Names {
    /// Those of `walked` that belong to one of `roots`.
    pub(crate) fn of<'a>(walked: &[Entry], assets: &Path, roots: impl IntoIterator<Item = &'a str>) -> Self {
        let roots: BTreeSet<&str> = roots.into_iter().collect();
        let names = walked.iter().filter_map(|entry| {
            let path = entry.path.strip_prefix(assets).ok()?;
            let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
            let path = parts.join("/");
            let named = Named { kind: entry.kind, is_closed: entry.unreadable.is_some() };
            belongs(&path, &roots).then_some((path, named))
        });
        Self(names.collect())
    }

    /// The paths at which another thing stands than in `other`, or a thing in one of the two alone.
    pub(crate) fn differing<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a str> {
        let here = self.0.iter().filter(|(path, named)| other.0.get(*path) != Some(named));
        let gone = other.0.keys().filter(|path| !self.0.contains_key(*path));
        here.map(|(path, _)| path).chain(gone).map(String::as_str)
    }
}

/// Whether a path is a root, on the way to one, or inside one and not hidden there.
fn belongs(path: &str, roots: &BTreeSet<&str>) -> bool {
    if roots.contains(path) {
        return true;
    }
    let below = format!("{path}/");
    if roots.range(below.as_str()..).next().is_some_and(|root| root.starts_with(&below)) {
        return true;
    }
    let hidden = path.rfind("/.").unwrap_or(0);
    let is_in = |root: &str| roots.contains(root) && hidden < root.len();
    path.match_indices('/').any(|(at, _)| is_in(&path[..at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_a_root_counts_and_what_is_hidden_in_it_or_lies_elsewhere_does_not() {
        let roots = BTreeSet::from(["ui/atlas", "ui/.odd", "b"]);
        for path in ["ui", "ui/atlas", "ui/atlas/heart.png", "ui/atlas/deep/x", "ui/.odd/x", "b/y"] {
            assert!(belongs(path, &roots), "{path}");
        }
        for path in
            ["readme.txt", "ui/readme.txt", "bb", "ui/atlas/.heart.png.swp", "b/.git/x", "ui/atlas2/x"]
        {
            assert!(!belongs(path, &roots), "{path}");
        }
    }
}
