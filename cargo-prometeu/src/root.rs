//! Which asset root a person means.
//!
//! Roots are relative to `assets/`, as lists and messages print them. A shell completes paths, so
//! a path into `assets/` from the current folder is understood as well: `assets/ui/atlas`,
//! `./ui/atlas/` from inside `assets/`, an absolute path. Where both readings make sense, what is
//! on disk decides.
//!
//! Not here: whether such a root may be registered or created; the library knows.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use prometeu_packer::ops::{Blocker, BlockerCode};
use prometeu_packer::path::AssetPath;
use prometeu_packer::workspace::Layout;

use crate::project::without_dots;

/// The rule, for those who broke it.
const RULE: &str = "A root is a folder below `assets/`, written relative to it with `/` between its parts, such \
                    as `ui/atlas`; a path into `assets/` from the current folder will do as well.";

/// Reads `typed` as a root of the project in `layout`, for somebody in the folder `here`.
///
/// # Errors
///
/// When it leads out of `assets/`, to `assets/` itself, or breaks a rule of roots.
pub(crate) fn resolve(layout: &Layout, here: &Path, typed: &OsStr) -> Result<AssetPath, Blocker> {
    let refuse = |why: String| {
        let message = format!("`{}` is no asset root: {why}", typed.to_string_lossy());
        Blocker::new(BlockerCode::InvalidArgument, message).help(RULE)
    };
    let text = typed.to_str().ok_or_else(|| refuse("it is not UTF-8".to_owned()))?;
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.to_owned() };
    let assets = canonical(&layout.assets());
    let here = canonical(here);
    let from_here = below(&assets, &here.join(&text));
    let from_assets = within_assets(&assets, &text);
    let root = match (from_here, from_assets) {
        (Some(from_here), Some(from_assets)) => choose(&assets, &here, from_here, from_assets),
        (Some(root), None) | (None, Some(root)) => root,
        (None, None) => return Err(refuse("it lies outside of `assets/`".to_owned())),
    };
    if root.is_empty() {
        return Err(refuse("it is the folder `assets/` itself".to_owned()));
    }
    AssetPath::parse(&root).map_err(|problem| refuse(format!("it {problem}")))
}

/// Of two readings the one that is on disk, or whose beginning is; else the shell's.
fn choose(assets: &Path, here: &Path, from_here: String, from_assets: String) -> String {
    if from_here == from_assets {
        return from_here;
    }
    let depth = |base: &Path, text: &str| {
        let mut folder = base.to_path_buf();
        text.split('/')
            .take_while(|part| {
                folder.push(part);
                folder.symlink_metadata().is_ok()
            })
            .count()
    };
    // What is on disk of the part that was typed: the folders on the way here are no evidence.
    let way = below(assets, here).map_or(0, |way| way.split('/').filter(|part| !part.is_empty()).count());
    let seen_from_here = depth(assets, &from_here).saturating_sub(way);
    if depth(assets, &from_assets) > seen_from_here { from_assets } else { from_here }
}

/// `text` as a root relative to `assets/`. A leading `assets/` is taken off, unless there is such a
/// folder inside. What only a shell can mean (`./x`, `/x`) is none, and neither is what climbs out.
fn within_assets(assets: &Path, text: &str) -> Option<String> {
    let trimmed = text.trim_end_matches('/');
    let first = Path::new(trimmed).components().next();
    if matches!(
        first,
        None | Some(Component::CurDir | Component::ParentDir | Component::RootDir | Component::Prefix(_))
    ) {
        return None;
    }
    match trimmed.strip_prefix("assets/") {
        Some(rest) if !assets.join("assets").exists() => Some(rest.to_owned()),
        _ if trimmed == "assets" && !assets.join("assets").exists() => Some(String::new()),
        _ => Some(trimmed.to_owned()),
    }
}

/// `path` relative to `assets`, if it lies in there, with `/`.
fn below(assets: &Path, path: &Path) -> Option<String> {
    let clean = without_dots(path);
    let rest = clean.strip_prefix(assets).ok()?;
    let parts: Option<Vec<&str>> = rest.iter().map(OsStr::to_str).collect();
    parts.map(|parts| parts.join("/"))
}

/// The folder with links followed, where that can be told.
fn canonical(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `typed` means in the folder `here` of a project with some folders.
    #[track_caller]
    fn check(here: &str, typed: &str, expected: Result<&str, &str>) {
        let temporary = tempfile::tempdir().unwrap();
        let project = temporary.path().join("game");
        for folder in ["assets/ui/atlas", "assets/sound", "src", "assets/assetsy"] {
            std::fs::create_dir_all(project.join(folder)).unwrap();
        }
        let typed = typed.replace("$GAME", project.to_str().unwrap());
        let found = resolve(&Layout::new(&project), &project.join(here), OsStr::new(&typed));
        match (found, expected) {
            (Ok(root), Ok(expected)) => assert_eq!(root.as_str(), expected, "`{typed}` in `{here}`"),
            (Err(blocker), Err(expected)) => {
                assert!(blocker.message.contains(expected), "`{typed}` in `{here}`: {}", blocker.message);
                assert_eq!(blocker.help.as_deref(), Some(RULE));
            }
            (found, expected) => panic!("`{typed}` in `{here}`: {found:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn a_root_is_relative_to_assets() {
        for here in ["", "src", "assets"] {
            check(here, "ui/atlas", Ok("ui/atlas"));
            check(here, "ui/atlas///", Ok("ui/atlas"));
            check(here, "new/one", Ok("new/one"));
            check(here, "assets/ui/atlas", Ok("ui/atlas"));
        }
    }

    #[test]
    fn a_path_into_assets_will_do() {
        check("", "./assets/ui/new/", Ok("ui/new"));
        check("", "assets/new", Ok("new"));
        check("..", "game/assets/ui/atlas", Ok("ui/atlas"));
        check("src", "../assets/ui/../sound", Ok("sound"));
        check("assets/ui", "./atlas", Ok("ui/atlas"));
        check("assets/ui/atlas", ".", Ok("ui/atlas"));
        check("src", "$GAME/assets/ui", Ok("ui"));
    }

    #[test]
    fn inside_assets_what_is_on_disk_decides() {
        check("assets/ui", "atlas", Ok("ui/atlas"));
        check("assets/ui", "atlas/new", Ok("ui/atlas/new"));
        check("assets/ui", "new", Ok("ui/new"));
        check("assets/ui", "ui/atlas", Ok("ui/atlas"));
        check("assets/ui", "sound/new", Ok("sound/new"));
    }

    #[test]
    fn what_cannot_be_a_root_is_refused_with_the_rule() {
        check("", "../x", Err("outside of `assets/`"));
        check("", "/etc", Err("outside of `assets/`"));
        check("", "./src", Err("outside of `assets/`"));
        check("", "ui/../../x", Err("climbs with `..`"));
        check("", "assets", Err("is the folder `assets/` itself"));
        check("assets", ".", Err("is the folder `assets/` itself"));
        check("", "a//b", Err("empty"));
        check("", " a", Err("space"));
        check("", "a\nb", Err("control character"));
        check("", "", Err("outside"));
    }

    #[test]
    fn a_folder_whose_name_begins_like_assets_is_not_it() {
        check("", "assetsy", Ok("assetsy"));
    }
}
