//! The packs of a project: that of `pack`, and the newest of `cargo build`.
//!
//! Cargo is not asked where its build scripts write, which takes longer than all the rest: where the target
//! directory is elsewhere and no variable says so, that pack is not seen.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use prometeu_packer::id::AssetId;
use prometeu_packer::ops::Blocker;
use prometeu_packer::pack::{LastPack, SET, Standing};
use prometeu_packer::{Error, Project};
use serde_json::{Value, json};

use crate::cache_folder::{self, VARIABLE};

/// A pack that is there.
#[derive(Debug)]
pub(super) struct Pack {
    pub(super) path: PathBuf,
    pub(super) maker: Maker,
    /// Why it cannot be looked at, where it cannot.
    pub(super) last: Result<LastPack, String>,
}

/// Who made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Maker {
    /// `cargo prometeu pack`
    Command,
    /// The game's build script, in `cargo build`.
    BuildScript,
}

/// Those of the project whose `pack` writes to `out`, and which is that package; the newest first.
///
/// # Errors
///
/// When somebody asked it to stop. What cannot be looked at is no error, and says so itself.
pub(super) fn find(project: &Project, out: &Path, package: Option<&str>) -> Result<Vec<Pack>, Blocker> {
    let folder = project.layout().project();
    let pack = |out: &Path, cache: &Path, maker| {
        let last = match project.last_pack(out, cache) {
            Ok(None) => return Ok(None),
            Ok(Some(last)) => Ok(last),
            Err(error @ Error::Cancelled) => return Err(Blocker::from(&error)),
            Err(error) => Err(error.to_string()),
        };
        Ok(Some(Pack { path: out.join(SET[0]), maker, last }))
    };
    // Where the cache is takes longer to find out than that there is no pack.
    let of_command = match out.join(SET[0]).metadata() {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => None,
        _ => pack(out, &cache_folder::find(folder).path, Maker::Command)?,
    };
    let of_script = match package.and_then(|package| built(folder, package)) {
        None => None,
        Some(out) => {
            let named = std::env::var_os(VARIABLE).filter(|named| !named.is_empty());
            let cache = named.map_or_else(|| out.clone(), |named| folder.join(named));
            pack(&out, &cache, Maker::BuildScript)?
        }
    };
    let mut packs: Vec<Pack> = [of_script, of_command].into_iter().flatten().collect();
    packs.sort_by_key(|pack| std::cmp::Reverse(pack.last.as_ref().ok().and_then(|last| last.modified)));
    Ok(packs)
}

impl Pack {
    /// How it stands to the assets; nothing is known of what cannot be looked at.
    pub(super) fn standing(&self) -> &Standing {
        self.last.as_ref().map_or(&Standing::Unknown, |last| &last.standing)
    }

    /// Its members for programs. Where something stops a build there is nothing that a pack could be held against.
    pub(super) fn members(&self, is_blocked: bool) -> Value {
        let standing = match self.standing() {
            Standing::Fresh if is_blocked => &Standing::Unknown,
            standing => standing,
        };
        let maker = match self.maker {
            Maker::Command => "pack",
            Maker::BuildScript => "build_script",
        };
        let mut members = json!({
            "path": self.path.to_string_lossy(),
            "maker": maker,
            "size": self.last.as_ref().ok().map(|last| last.size),
            "last_modified": self.last.as_ref().ok().and_then(|last| last.modified),
            "standing": standing.as_str(),
        });
        if let Standing::Older(assets) = standing {
            members["changed"] = assets.iter().copied().map(AssetId::get).collect();
        }
        if let Err(why) = &self.last {
            members["problem"] = json!(why);
        }
        members
    }
}

/// The `OUT_DIR` in which the package's build script packed last, of any profile and target.
fn built(folder: &Path, package: &str) -> Option<PathBuf> {
    let named =
        cache_folder::TARGETS.into_iter().find_map(std::env::var_os).filter(|named| !named.is_empty());
    let target = match named {
        // As cargo does it: from the current folder. A record knows its pack by the whole path.
        Some(named) => std::path::absolute(named).ok()?,
        None => folder.ancestors().map(|above| above.join("target")).find(|target| target.is_dir())?,
    };
    // target/debug/build, target/x86_64-pc-windows-msvc/release/build
    let profiles = folders(&target).into_iter().flat_map(|one| [vec![one.clone()], folders(&one)].concat());
    let scripts = profiles.flat_map(|profile| folders(&profile.join("build")));
    let of_package = |script: &PathBuf| {
        let name = script.file_name().and_then(|name| name.to_str());
        let hash = name.and_then(|name| name.strip_prefix(package)?.strip_prefix('-'));
        hash.is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let packed = scripts.filter(of_package).map(|script| script.join("out")).filter_map(|out| {
        let modified = out.join(SET[0]).metadata().and_then(|pack| pack.modified()).ok()?;
        Some((modified, out))
    });
    packed.max().map(|(_, out)| out)
}

/// The folders in one, if it is one.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_folder = |entry: &std::fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    entries.filter(is_folder).map(|entry| entry.path()).collect()
}
