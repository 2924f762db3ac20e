//! What stands in a folder: enough to tell whether anybody touched it.
//!
//! Permissions do not keep root from writing, so a test of "nothing is written here" compares two
//! listings instead of trusting a refusal.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// One file or folder of a [`Listing`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When its content changed last; of a folder: when a name came or went.
    pub modified: SystemTime,
    /// The bytes of a file; `None` for a folder.
    pub content: Option<Vec<u8>>,
}

/// Everything below a folder, the folder itself under the empty path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing(BTreeMap<PathBuf, Entry>);

impl Listing {
    /// Reads the folder. Links are not followed; there are none in the games of these tests.
    ///
    /// # Panics
    ///
    /// When anything below cannot be read.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        let mut entries = BTreeMap::new();
        let mut to_read = vec![folder.to_owned()];
        while let Some(path) = to_read.pop() {
            let met = fs::symlink_metadata(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let content = if met.is_dir() {
                let inside = fs::read_dir(&path).expect("a folder that was just seen");
                to_read.extend(inside.map(|entry| entry.expect("a readable entry").path()));
                None
            } else {
                Some(fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
            };
            let modified = met.modified().expect("the platform has modification times");
            let relative = path.strip_prefix(folder).expect("it was found below").to_owned();
            entries.insert(relative, Entry { modified, content });
        }
        Self(entries)
    }

    /// The paths at which this listing and a later one differ, in content, time or existence.
    #[must_use]
    pub fn changed(&self, later: &Self) -> Vec<PathBuf> {
        let mut paths: Vec<_> = self.0.keys().chain(later.0.keys()).cloned().collect();
        paths.sort();
        paths.dedup();
        paths.retain(|path| self.0.get(path) != later.0.get(path));
        paths
    }

    /// The paths of everything, folders before what is in them.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(PathBuf::as_path)
    }

    /// The paths of the files, without the folders.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().filter(|(_, entry)| entry.content.is_some()).map(|(path, _)| path.as_path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_an_addition_and_a_deletion_are_seen_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("inner")).unwrap();
        for name in ["kept", "edited", "deleted"] {
            fs::write(folder.path().join("inner").join(name), name).unwrap();
        }
        let before = Listing::of(folder.path());
        assert_eq!(before.changed(&Listing::of(folder.path())), Vec::<PathBuf>::new());

        fs::write(folder.path().join("inner/edited"), "otherwise").unwrap();
        fs::write(folder.path().join("inner/added"), "").unwrap();
        fs::remove_file(folder.path().join("inner/deleted")).unwrap();
        let mut changed = before.changed(&Listing::of(folder.path()));
        changed.retain(|path| path != Path::new("inner")); // its time depends on the clock's steps
        assert_eq!(changed, ["inner/added", "inner/deleted", "inner/edited"].map(PathBuf::from));
    }
}
