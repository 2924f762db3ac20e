//! Where the build script of a game has put its pack: cargo alone knows, and tells while it builds.
//!
//! What is out of date is built on the way, as for a run of the game, so that what is proved is the pack
//! that the game would be built with. An edited asset that cargo and the build script did not notice would
//! show as a difference.

use std::io::BufReader;
use std::path::{Path, PathBuf};

use cargo_metadata::{Message, Package};
use prometeu_packer::ops::{Blocker, BlockerCode};

use crate::cli::Global;
use crate::printer::display_path;
use crate::project;
use crate::shell::Shell;

/// Why a build left no pack to prove, and what to do.
#[derive(Debug)]
pub(super) struct NoPack {
    pub(super) message: String,
    pub(super) help: &'static str,
}

/// The pack of the package whose project is in `folder`; within, why there is none.
///
/// # Errors
///
/// When there is no package, or cargo cannot be run.
pub(super) fn find(
    global: &Global,
    folder: &Path,
    profile: Option<&str>,
    shell: &Shell,
) -> Result<Result<PathBuf, NoPack>, Blocker> {
    let package = package(global, folder)?;
    let name = package.name.as_str();
    let mut cargo =
        project::cargo(&["build", "--message-format", "json-render-diagnostics"], &package, shell);
    if let Some(profile) = profile {
        cargo.args(["--profile", profile]);
    }
    let failed = |error: std::io::Error| {
        Blocker::new(BlockerCode::IoError, format!("cargo cannot be asked where the pack is: {error}"))
    };
    let mut child = cargo.spawn().map_err(failed)?;
    let stdout = child.stdout.take().expect("it was asked for");
    let scripts = Message::parse_stream(BufReader::new(stdout)).filter_map(|message| match message {
        Ok(Message::BuildScriptExecuted(script)) if script.package_id == package.id => Some(script),
        _ => None,
    });
    let script = scripts.last();
    let status = child.wait().map_err(failed)?;
    let Some(script) = script else {
        return Ok(Err(if status.success() {
            NoPack {
                message: format!("the package `{name}` has no build script"),
                help: "Name a pack instead, or let `cargo prometeu init` write a `build.rs`.",
            }
        } else {
            NoPack {
                message: format!("`cargo build` did not come as far as a pack of `{name}`"),
                help: "Mend first what cargo says, or name a pack instead.",
            }
        }));
    };
    let pack = script.out_dir.join("assets.pa").into_std_path_buf();
    if !pack.is_file() {
        return Ok(Err(NoPack {
            message: format!(
                "the build script of `{name}` made no pack: there is no `{}`",
                display_path(&pack)
            ),
            help: "It has to call `packer_build::run()`; `cargo prometeu init` writes one that does.",
        }));
    }
    shell.note(format_args!("cargo says that the pack of `{name}` is {}", display_path(&pack)));
    Ok(Ok(pack))
}

fn package(global: &Global, folder: &Path) -> Result<Package, Blocker> {
    let manifest = folder.join("Cargo.toml");
    let is_of_cargo = folder.ancestors().any(|folder| folder.join("Cargo.toml").is_file());
    if !is_of_cargo && global.manifest_path.is_none() && global.package.is_none() {
        let message = "this project is no cargo package, and so has no build script that packs";
        return Err(Blocker::new(BlockerCode::InvalidArgument, message)
            .help("Name the pack instead, such as `cargo prometeu verify build/assets.pa`."));
    }
    let metadata = project::metadata(match &global.manifest_path {
        Some(manifest) => Some(manifest),
        None => manifest.is_file().then_some(&*manifest),
    })?;
    if let Some(name) = &global.package {
        return project::package(&metadata, name).cloned();
    }
    let wanted = global.manifest_path.as_ref().unwrap_or(&manifest).canonicalize().ok();
    let is_it = |package: &&Package| package.manifest_path.as_std_path().canonicalize().ok() == wanted;
    metadata.packages.iter().find(is_it).filter(|_| wanted.is_some()).cloned().ok_or_else(|| {
        let message = format!("`{}` is no package with a build script", display_path(folder));
        Blocker::new(BlockerCode::InvalidArgument, message)
            .help("Name the package that packs it with `-p PACKAGE`, or name a pack.")
    })
}
