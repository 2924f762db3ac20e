//! What changed, in few words: `meadow/terrain (loam.png)`.

use std::collections::BTreeMap;

use prometeu_packer::diagnostics::render::visible;

use super::glance::{FileChange, Glance, How};

/// More files of an asset, and more assets, are counted.
const FEW: usize = 3;

/// The registry, as a path from `assets/`.
const REGISTRY: &str = ".prometeu/index.json";

/// Which asset a change is of; none where it is of no asset.
pub(super) fn root_of<'a>(change: &'a FileChange, before: &Glance, now: &Glance) -> Option<&'a str> {
    now.root_of(&change.path).or_else(|| before.root_of(&change.path))
}

/// What happened to one asset, or beside all of them.
#[derive(Debug, Default)]
struct Part<'a> {
    files: Vec<&'a str>,
    /// What became of its declaration.
    declaration: Option<How>,
}

/// The changes between two looks, for a person.
#[derive(Debug)]
pub(super) struct Told {
    /// Nothing where nothing changed.
    pub(super) words: String,
    /// Whether there is more than what an editor keeps for itself.
    pub(super) is_news: bool,
}

impl Told {
    pub(super) fn of(changes: &[FileChange], before: &Glance, now: &Glance) -> Self {
        if before.has_assets && !now.has_assets {
            return Self { words: "`assets/`, which is gone".to_owned(), is_news: true };
        }
        let mut parts: BTreeMap<&str, Part<'_>> = BTreeMap::new();
        for change in changes {
            let root = root_of(change, before, now).unwrap_or_default();
            let file = change.path.strip_prefix(root).unwrap_or(&change.path).trim_start_matches('/');
            let part = parts.entry(root).or_default();
            if file == "asset.json" && !root.is_empty() {
                part.declaration = Some(change.how);
            }
            part.files.push(file);
        }
        // What editors leave for a moment is not what somebody has done, unless it is all.
        let is_news = !changes.iter().all(|change| is_scratch(&change.path));
        if is_news {
            parts.values_mut().for_each(|part| part.files.retain(|file| !is_scratch(file)));
            parts.retain(|_, part| !part.files.is_empty());
        }
        Self { words: in_words(&parts), is_news }
    }
}

/// Whether an editor keeps something for itself under that name.
fn is_scratch(file: &str) -> bool {
    if file == REGISTRY {
        return false;
    }
    let name = file.rsplit('/').next().unwrap_or(file);
    let ends = |ending: &str| name.to_ascii_lowercase().ends_with(ending);
    name.starts_with(['.', '#']) || ends("~") || ends(".tmp") || ends(".bak") || name == "4913"
}

fn in_words(parts: &BTreeMap<&str, Part<'_>>) -> String {
    if parts.len() <= FEW {
        return parts.iter().map(|(root, part)| part.in_words(root)).collect::<Vec<_>>().join("; ");
    }
    let files: usize = parts.values().map(|part| part.files.len()).sum();
    let assets = parts.keys().filter(|root| !root.is_empty()).count();
    format!("{files} files of {assets} assets")
}

impl Part<'_> {
    fn in_words(&self, root: &str) -> String {
        let files = || match self.files.len() {
            n if n > FEW => format!("{n} files"),
            _ => self.files.iter().map(|file| visible(file)).collect::<Vec<_>>().join(", "),
        };
        match self.declaration {
            _ if root.is_empty() => files().replace(REGISTRY, "the registry"),
            Some(How::Added) => format!("{}, which is new", visible(root)),
            Some(How::Removed) => format!("{}, which is gone", visible(root)),
            _ => format!("{} ({})", visible(root), files()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn write(assets: &Path, path: &str, text: &str) {
        let path = assets.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// What is said of what happens to a project with the assets `a` to `e`, of two files each.
    #[track_caller]
    fn check(happens: impl FnOnce(&Path), said: &str) {
        let folder = tempfile::tempdir().unwrap();
        let assets = folder.path().join("assets");
        write(&assets, REGISTRY, "{}");
        for root in ["ui/a", "ui/b", "c", "d", "e"] {
            write(&assets, &format!("{root}/asset.json"), "{}");
            write(&assets, &format!("{root}/1.png"), "one");
        }
        let before = Glance::of(&assets, &Glance::default());
        happens(&assets);
        let now = Glance::of(&assets, &before);
        assert_eq!(Told::of(&now.since(&before), &before, &now).words, said);
    }

    #[test]
    fn few_changes_are_named_by_asset_and_file() {
        check(|assets| write(assets, "ui/a/1.png", "two"), "ui/a (1.png)");
        check(
            |assets| {
                write(assets, "ui/a/1.png", "two");
                write(assets, "ui/a/deep/2.png", "two");
                write(assets, "c/asset.json", "{ }");
            },
            "c (asset.json); ui/a (1.png, deep/2.png)",
        );
        check(|assets| write(assets, "notes.txt", "mine"), "notes.txt");
        check(|assets| write(assets, REGISTRY, "[]"), "the registry");
    }

    #[test]
    fn many_changes_are_counted() {
        check(|assets| (0..9).for_each(|n| write(assets, &format!("c/{n}.png"), "new")), "c (9 files)");
        check(
            |assets| {
                ["ui/a", "ui/b", "c", "d"].iter().for_each(|r| write(assets, &format!("{r}/1.png"), "2"));
            },
            "4 files of 4 assets",
        );
    }

    #[test]
    fn assets_that_come_and_go_are_said_to() {
        check(|assets| fs::remove_dir_all(assets.join("c")).unwrap(), "c, which is gone");
        check(
            |assets| fs::rename(assets.join("c"), assets.join("f")).unwrap(),
            "c, which is gone; f, which is new",
        );
        check(|assets| fs::remove_dir_all(assets).unwrap(), "`assets/`, which is gone");
    }

    #[test]
    fn what_editors_leave_is_named_only_when_there_is_nothing_else() {
        check(
            |assets| {
                write(assets, "c/1.png", "two");
                write(assets, "c/1.png~", "one");
                write(assets, "d/.1.png.swp", "x");
            },
            "c (1.png)",
        );
        check(|assets| write(assets, "d/.1.png.swp", "x"), "d (.1.png.swp)");
    }
}
