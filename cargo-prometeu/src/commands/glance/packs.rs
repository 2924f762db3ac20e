//! The packs of a project: that of `pack`, and the newest of `cargo build`.
//!
//! Cargo is not asked where its build scripts write, which takes longer than all the rest: where the target
//! directory is elsewhere and no variable says so, that pack is not seen.

use std::path::{Path, PathBuf};

use prometeu_packer::Project;
use prometeu_packer::id::AssetId;
use prometeu_packer::pack::{LastPack, SET, Standing};
use serde_json::{Value, json};

use crate::cache_folder::{self, VARIABLE};

/// A pack that is there.
#[derive(Debug)]
pub(super) struct Pack {
    pub(super) path: PathBuf,
    pub(super) maker: Maker,
    pub(super) last: LastPack,
}

/// Who made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Maker {
    /// `cargo prometeu pack`
    Command,
    /// The game's build script, in `cargo build`.
    BuildScript,
}

/// Those of the project whose `pack` writes to `out`, and which is that package; the newest first. What
/// cannot be looked at is not there.
pub(super) fn find(project: &Project, out: &Path, package: Option<&str>) -> Vec<Pack> {
    let folder = project.layout().project();
    let pack = |out: &Path, cache: &Path, maker| {
        let last = project.last_pack(out, cache).ok()??;
        Some(Pack { path: out.join(SET[0]), maker, last })
    };
    let of_command = out.join(SET[0]).is_file().then(|| cache_folder::find(folder).path);
    let of_command = of_command.and_then(|cache| pack(out, &cache, Maker::Command));
    let built = package.and_then(|package| built(folder, package));
    let of_script = built.and_then(|out| {
        let named = std::env::var_os(VARIABLE).filter(|named| !named.is_empty());
        let cache = named.map_or_else(|| out.clone(), |named| folder.join(named));
        pack(&out, &cache, Maker::BuildScript)
    });
    let mut packs: Vec<Pack> = [of_script, of_command].into_iter().flatten().collect();
    packs.sort_by_key(|pack| std::cmp::Reverse(pack.last.modified));
    packs
}

impl Pack {
    pub(super) fn members(&self) -> Value {
        let maker = match self.maker {
            Maker::Command => "pack",
            Maker::BuildScript => "build_script",
        };
        let mut members = json!({
            "path": self.path.to_string_lossy(),
            "maker": maker,
            "size": self.last.size,
            "last_modified": self.last.modified,
            "standing": self.last.standing.as_str(),
        });
        if let Standing::Older(assets) = &self.last.standing {
            members["changed"] = assets.iter().copied().map(AssetId::get).collect();
        }
        members
    }
}

/// The `OUT_DIR` in which the package's build script packed last, of any profile and target.
fn built(folder: &Path, package: &str) -> Option<PathBuf> {
    let target = match std::env::var_os("CARGO_TARGET_DIR").filter(|named| !named.is_empty()) {
        Some(named) => PathBuf::from(named),
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
