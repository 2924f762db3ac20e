//! What is in `assets/`, by names and stamps: a look without reading, to see whether a pack is worth while.
//!
//! Everything is looked at that a pack could read, and more, since only a pack knows what is an input: a change
//! of something else costs a pack that finds nothing new. Not looked at is what no pack reads and the packer itself
//! writes: `.prometeu/` but for the registry.
//!
//! A link is looked at as what it is and not followed: its content is where it leads. What an asset may reach by a
//! link lies in its own folder, and is looked at there.
//!
//! A file can be saved twice within one tick of a file system's clock. So what was young when it was looked at is
//! read, and known by its content until it is old.
//!
//! # Where it stops
//!
//! Of young files that are larger than [`LARGE`] the content is not read; each look takes such a one for changed. Where
//! the time of such a file lies ahead, as on a drive whose clock is fast, that would not end for as long: there the
//! stamp stands for the content, and one that is saved twice within a tick is seen once.
//! Outside of Unix, nobody sees that an old file was replaced by one of the same size whose time was set back:
//! there are no other stamps.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use prometeu_packer::storage::os::OsStorage;
use prometeu_packer::storage::{FileKind, Source as _, Stamp, Stat};

/// Younger than this, a stamp may stay the same while the file is written again: FAT counts in two seconds.
const YOUNG: i128 = 2_000_000_000;

/// More is not read for the sake of a look.
const LARGE: u64 = 16 << 20;

/// Where the packer keeps what is its own, and in it the one file that packs are made of.
const OWN: &str = ".prometeu";
const REGISTRY: &str = ".prometeu/index.json";

/// What was there at one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Glance {
    /// Each file with `/` between the parts of its path, relative to `assets/`.
    files: BTreeMap<String, Seen>,
    /// Whether there was a folder to look into.
    pub(super) has_assets: bool,
}

/// A file at that moment.
#[derive(Debug, Clone, Copy)]
struct Seen {
    stamp: Stamp,
    /// Whether the stamp was old enough to stand for the content, or has to since it never will be.
    is_old: bool,
    /// What was read, where that does not stand for it; nothing where it could not be.
    content: Option<u64>,
}

/// How a file differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Added,
    Changed,
    Removed,
}

impl How {
    /// The name in `change`.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

/// A file that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileChange {
    pub(super) how: How,
    /// Its path from `assets/`, with `/`.
    pub(super) path: String,
}

impl Glance {
    /// Looks at the folder `assets`. Of what stood there at the last look, `before`, only that is read which that
    /// look knew by its content.
    pub(super) fn of(assets: &Path, before: &Self) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = i128::try_from(now.as_nanos()).unwrap_or(i128::MAX);
        // It may be a link. What is not there, or cannot be listed, is told by the pack.
        let Ok(folder) = OsStorage.resolve(assets) else { return Self::default() };
        let own = folder.join(OWN);
        let is_own = |path: &Path| path.starts_with(&own) && path != own;
        let Ok(entries) = OsStorage.walk(&folder, &mut |entered| !is_own(entered)) else {
            return Self::default();
        };
        let registry = folder.join(REGISTRY);
        let mut files = BTreeMap::new();
        for entry in entries {
            let is_looked_at = matches!(entry.kind, FileKind::File | FileKind::Link)
                && (!is_own(&entry.path) || entry.path == registry);
            let name = entry.path.strip_prefix(&folder).ok().filter(|_| is_looked_at).map(name);
            // What is gone by now was there for a moment.
            let (Some(name), Ok(Some(stat))) = (name, OsStorage.stat(&entry.path)) else { continue };
            let seen = Seen::of(&entry.path, &stat, before.files.get(&name), now);
            files.insert(name, seen);
        }
        Self { files, has_assets: true }
    }

    /// What is not as `before`, by path.
    pub(super) fn since(&self, before: &Self) -> Vec<FileChange> {
        let change = |how, path: &String| FileChange { how, path: path.clone() };
        let now = self.files.iter().filter_map(|(path, seen)| match before.files.get(path) {
            None => Some(change(How::Added, path)),
            Some(was) => (!seen.is_same(was)).then(|| change(How::Changed, path)),
        });
        let gone = before.files.keys().filter(|path| !self.files.contains_key(*path));
        let mut changes: Vec<FileChange> = now.chain(gone.map(|path| change(How::Removed, path))).collect();
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        changes
    }

    /// The innermost folder with a declaration that a file is in.
    pub(super) fn root_of<'a>(&self, path: &'a str) -> Option<&'a str> {
        let mut above = path.rmatch_indices('/').map(|(at, _)| &path[..at]);
        above.find(|folder| self.files.contains_key(&format!("{folder}/asset.json")))
    }
}

impl Seen {
    fn of(path: &Path, stat: &Stat, was: Option<&Self>, now: i128) -> Self {
        let stamp = stat.stamp;
        let was = was.filter(|was| was.stamp == stamp);
        // The time of change, which nobody can set, where there is one.
        let newest = if stamp.changed == 0 { stamp.modified } else { stamp.changed };
        let is_ahead = newest > now + YOUNG;
        let is_old = newest < now - YOUNG || (is_ahead && stamp.size > LARGE);
        let is_to_be_read = match was {
            Some(was) => !was.is_old,
            None => !is_old,
        };
        let bytes = (is_to_be_read && stamp.size <= LARGE).then(|| read(path, stat.kind)).flatten();
        let content = bytes.map(|bytes| {
            let mut hasher = DefaultHasher::new();
            hasher.write(&bytes);
            hasher.finish()
        });
        // Whoever looked when it was young knows it by that, and may be asked much later.
        let known = || was.filter(|was| was.is_old).and_then(|was| was.content);
        Self { stamp, is_old, content: content.or_else(known) }
    }

    fn is_same(&self, was: &Self) -> bool {
        let is_same_content = self.content.is_some() && self.content == was.content;
        self.stamp == was.stamp && (was.is_old || is_same_content)
    }
}

/// The bytes of a file, or where a link leads; nothing where that cannot be read, or is neither by now.
fn read(path: &Path, kind: FileKind) -> Option<Vec<u8>> {
    match kind {
        FileKind::File => std::fs::read(path).ok(),
        FileKind::Link => Some(std::fs::read_link(path).ok()?.into_os_string().into_encoded_bytes()),
        FileKind::Folder | FileKind::Other => None,
    }
}

/// A path with `/`, and what is no Unicode as it can be shown.
fn name(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::*;

    /// A folder `assets` of an asset, a registry, and what is nobody's input.
    fn assets() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let assets = folder.path().join("assets");
        for (path, text) in
            [("ui/atlas/asset.json", "{}"), ("ui/atlas/a.png", "one"), (REGISTRY, "{}"), ("notes.txt", "n")]
        {
            write(&assets, path, text);
        }
        (folder, assets)
    }

    fn write(assets: &Path, path: &str, text: &str) {
        let path = assets.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// What is told to differ after `what` happened.
    fn after(what: impl FnOnce(&Path)) -> Vec<String> {
        let (_folder, assets) = assets();
        let before = Glance::of(&assets, &Glance::default());
        what(&assets);
        let changes = Glance::of(&assets, &before).since(&before);
        changes.iter().map(|change| format!("{} {}", change.how.as_str(), change.path)).collect()
    }

    #[test]
    fn what_nobody_touched_is_as_it_was() {
        assert_eq!(after(|_| {}), [""; 0]);
    }

    #[test]
    fn each_change_of_a_file_is_seen_by_its_path() {
        let changed = after(|assets| {
            write(assets, "ui/atlas/a.png", "longer");
            write(assets, "ui/atlas/b.png", "new");
            fs::remove_file(assets.join("notes.txt")).unwrap();
            write(assets, REGISTRY, "[]");
        });
        let expected = [
            "changed .prometeu/index.json",
            "removed notes.txt",
            "changed ui/atlas/a.png",
            "added ui/atlas/b.png",
        ];
        assert_eq!(changed, expected);
    }

    #[test]
    fn what_the_packer_writes_for_itself_is_not_looked_at() {
        let changed = after(|assets| {
            write(assets, ".prometeu/local/journal", "x");
            write(assets, ".prometeu/quarantine/1-a/root/asset.json", "x");
            write(assets, ".prometeu/index.json.tmp", "x");
        });
        assert_eq!(changed, [""; 0]);
    }

    #[test]
    fn a_file_of_the_same_size_is_seen_whatever_its_time_says() {
        let changed = after(|assets| {
            let file = assets.join("ui/atlas/a.png");
            let time = file.metadata().unwrap().modified().unwrap();
            fs::write(&file, "two").unwrap();
            File::options().write(true).open(&file).unwrap().set_modified(time).unwrap();
        });
        assert_eq!(changed, ["changed ui/atlas/a.png"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_comes_or_goes_or_leads_elsewhere_is_seen_and_is_not_entered() {
        use std::os::unix::fs::symlink;
        let (folder, assets) = assets();
        let glance = |before: &Glance| Glance::of(&assets, before);
        let told = |now: &Glance, before: &Glance| {
            let changes = now.since(before);
            changes
                .iter()
                .map(|change| format!("{} {}", change.how.as_str(), change.path))
                .collect::<Vec<_>>()
        };
        let link = assets.join("ui/atlas/link.png");
        let none = glance(&Glance::default());
        symlink("a.png", &link).unwrap();
        let first = glance(&none);
        assert_eq!(told(&first, &none), ["added ui/atlas/link.png"]);
        assert_eq!(told(&glance(&first), &first), [""; 0]);
        fs::remove_file(&link).unwrap();
        symlink("b.png", &link).unwrap();
        let second = glance(&first);
        assert_eq!(told(&second, &first), ["changed ui/atlas/link.png"], "it leads to nothing, as yet");
        fs::remove_file(&link).unwrap();
        assert_eq!(told(&glance(&second), &second), ["removed ui/atlas/link.png"]);
        symlink(folder.path(), assets.join("all")).unwrap();
        assert_eq!(told(&glance(&none), &none), ["added all"]);
    }

    #[test]
    fn a_young_stamp_does_not_stand_for_the_content_until_it_is_old() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let stamp = Stamp { size: 3, changed: 10 * YOUNG, ..Stamp::default() };
        let look = |text: &str, was: Option<&Seen>, later: i128| {
            fs::write(&path, text).unwrap();
            Seen::of(&path, &Stat { kind: FileKind::File, stamp }, was, stamp.changed + later)
        };
        let young = look("one", None, 5);
        assert!(look("one", Some(&young), 10).is_same(&young));
        assert!(!look("two", Some(&young), 10).is_same(&young), "saved twice within a tick");
        let old = look("one", Some(&young), YOUNG + 1);
        assert!(old.is_same(&young) && old.is_old, "it was read once more");
        let older = look("nobody reads this", Some(&old), 2 * YOUNG);
        assert!(older.is_same(&old) && older.content == old.content, "what was known of it is carried along");
        assert!(older.is_same(&young), "for who has not looked since");
    }

    #[test]
    fn a_large_file_of_the_future_is_not_taken_for_changed_at_each_look() {
        let is_same = |size: u64, later: i128| {
            let stamp = Stamp { size, changed: 100 * YOUNG, ..Stamp::default() };
            // Nobody can read it.
            let look = |was: Option<&Seen>, tick: i128| {
                let stat = Stat { kind: FileKind::File, stamp };
                Seen::of(Path::new(""), &stat, was, stamp.changed + later + tick)
            };
            let seen = look(None, 0);
            look(Some(&seen), 1).is_same(&seen)
        };
        assert!(is_same(LARGE + 1, -10 * YOUNG), "it would be packed without end");
        assert!(!is_same(LARGE + 1, 0), "it is young");
        assert!(is_same(LARGE + 1, 10 * YOUNG));
        assert!(!is_same(LARGE, -10 * YOUNG), "it is known by its content alone");
    }

    #[test]
    fn without_assets_there_is_nothing_and_once_they_are_back_all_is_as_it_was() {
        let (folder, assets) = assets();
        let before = Glance::of(&assets, &Glance::default());
        let away = folder.path().join("away");
        fs::rename(&assets, &away).unwrap();
        let gone = Glance::of(&assets, &before);
        assert!(!gone.has_assets && before.has_assets);
        assert_eq!(gone.since(&before).len(), 4);
        fs::rename(&away, &assets).unwrap();
        assert_eq!(Glance::of(&assets, &before).since(&before), []);
    }

    #[test]
    fn a_file_is_of_the_innermost_folder_with_a_declaration() {
        let (_folder, assets) = assets();
        let glance = Glance::of(&assets, &Glance::default());
        assert_eq!(glance.root_of("ui/atlas/deep/in/b.png"), Some("ui/atlas"));
        assert_eq!(glance.root_of("ui/b.png"), None);
    }
}
