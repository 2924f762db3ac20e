//! What can be compared: a pack, a project, or a project at a revision of git.
//!
//! Of a project a pack is made, in a temporary folder and by what a build does: nothing is repaired and
//! nothing written in the project. A pack that is there is read as it is; where its companion
//! `asset_table_metadata.json` stands beside it and is about this very pack, uuids, roots and inputs are
//! known too.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use packer_format::{PackFile, PackFileError};
use prometeu_packer::event::NoEvents;
use prometeu_packer::id::AssetUuid;
use prometeu_packer::ops::{Blocker, BlockerCode, PackResult, Response, Status};
use prometeu_packer::pack::SET;
use prometeu_packer::schema::registry;
use prometeu_packer::workspace::layout::REGISTRY_FILE;
use prometeu_packer::{Digest, Host, Project};
use serde_json::Value;
use tempfile::TempDir;

use super::revision;
use super::{Asset, Side, Source};
use crate::cli::Global;
use crate::commands::{inspect, pack};
use crate::printer::{Printer, display_path};
use crate::{project, session};

/// What stands before a revision that is also the name of a file.
const GIT: &str = "git:";

/// What the side is called that nobody typed.
pub(crate) const PROJECT: &str = "the project";

/// Why there is no side.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It cannot be had.
    Refused(Blocker),
    /// This file is no pack, or cannot be read.
    Unreadable(PackFileError),
    /// The project of that name has findings that block a pack.
    Blocked(String, Box<Response<PackResult>>),
}

impl From<PackFileError> for Trouble {
    fn from(error: PackFileError) -> Self {
        Self::Unreadable(error)
    }
}

impl From<Blocker> for Trouble {
    fn from(blocker: Blocker) -> Self {
        Self::Refused(blocker)
    }
}

/// The project that the flags and the current folder mean.
pub(crate) fn of_project(global: &Global, printer: &Printer) -> Result<Side, Trouble> {
    let folder = project::find(global)?;
    packed(printer, &folder, PROJECT, "project", temporary()?)
}

/// What `typed` names: a pack, a folder, or a revision of the project's repository.
pub(crate) fn named(global: &Global, printer: &Printer, typed: &str) -> Result<Side, Trouble> {
    if let Some(revision) = typed.strip_prefix(GIT) {
        return of_revision(global, printer, typed, revision)?.ok_or_else(|| unknown(typed));
    }
    let path = Path::new(typed);
    if path.is_dir() {
        if path.join("assets").is_dir() {
            return packed(printer, &project::absolute(path)?, typed, "project", temporary()?);
        }
        let message = format!("there is no folder `assets` in `{}`", display_path(path));
        let pack = path.join(SET[0]);
        let help = if pack.is_file() {
            format!("Name the pack in it: `{}`.", display_path(&pack))
        } else {
            "Name the folder that holds `assets/`, a pack, or a revision.".to_owned()
        };
        return Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help).into());
    }
    if path.exists() {
        return read(path, typed, "pack", None);
    }
    of_revision(global, printer, typed, typed)?.ok_or_else(|| unknown(typed))
}

fn unknown(typed: &str) -> Trouble {
    let message = format!("`{typed}` is no pack, no folder of a project and no revision that git knows");
    let help = "Check the spelling: a pack is a file, a revision something like `HEAD~1` or `git:main`.";
    Blocker::new(BlockerCode::InvalidArgument, message).help(help).into()
}

fn of_revision(
    global: &Global,
    printer: &Printer,
    typed: &str,
    revision: &str,
) -> Result<Option<Side>, Trouble> {
    // Without a project nobody knows whose repository is meant.
    let project = match project::find(global) {
        Ok(project) => project,
        Err(_) if typed == revision => return Ok(None),
        Err(blocker) => return Err(blocker.into()),
    };
    let Some(tree) = revision::resolve(&project, revision)? else { return Ok(None) };
    let temporary = temporary()?;
    let folder = revision::check_out(&project, revision, &tree, &temporary)?;
    packed(printer, &folder, typed, "revision", temporary).map(Some)
}

fn temporary() -> Result<TempDir, Blocker> {
    tempfile::Builder::new().prefix("prometeu-diff-").tempdir().map_err(|error| {
        Blocker::new(BlockerCode::IoError, format!("a temporary folder cannot be made: {error}"))
    })
}

/// Packs a project into the temporary folder.
fn packed(
    printer: &Printer,
    folder: &Path,
    name: &str,
    kind: &'static str,
    temporary: TempDir,
) -> Result<Side, Trouble> {
    let host = Host { events: Arc::new(NoEvents), ..session::host(printer) };
    let project = Project::open_for_build(host, folder).map_err(|error| Blocker::from(&error))?;
    let out = temporary.path().join("out");
    let response = project.pack(&pack::aside(out.clone()));
    if response.status != Status::Ok {
        return Err(Trouble::Blocked(name.to_owned(), Box::new(response)));
    }
    let mut side = read(&out.join(SET[0]), name, kind, Some(temporary))?;
    side.excluded = excluded(folder).unwrap_or_default();
    Ok(side)
}

/// What the registry keeps out of builds. The packer has just read it without a complaint.
fn excluded(folder: &Path) -> Option<Vec<(u32, AssetUuid)>> {
    let (_, reading) = registry::read_bytes(fs::read(folder.join(REGISTRY_FILE)).ok()?);
    let entries = reading.registry?.assets.into_iter().filter(|entry| !entry.included_in_build);
    Some(entries.map(|entry| (entry.asset_id.get(), entry.asset_uuid)).collect())
}

/// A pack, with what stands beside it.
fn read(path: &Path, name: &str, kind: &'static str, made: Option<TempDir>) -> Result<Side, Trouble> {
    let pack = PackFile::open(path)?;
    let digests = inspect::payloads(&pack)?;
    let digest = inspect::digest(&pack, &digests)?;
    let mut sources = companion(path, &digest).unwrap_or_default();
    let asset = |(entry, digest): (&packer_format::Entry, Digest)| Asset {
        entry: entry.clone(),
        preload: pack.header().slot(entry.asset_id).is_some(),
        digest,
        source: sources.remove(&entry.asset_id.get()),
    };
    let assets = pack.header().entries().iter().zip(digests).map(asset).collect();
    let size = pack.header().file_len();
    Ok(Side { name: name.to_owned(), kind, digest, size, assets, excluded: Vec::new(), pack, _made: made })
}

/// What the companion beside a pack says of each asset, if it is about this pack.
fn companion(pack: &Path, digest: &str) -> Option<BTreeMap<u32, Source>> {
    let companion: Value = serde_json::from_slice(&fs::read(pack.with_file_name(SET[3])).ok()?).ok()?;
    if companion["schema_version"] != 1 || companion["pack"]["digest"] != digest {
        return None;
    }
    companion["assets"].as_array()?.iter().map(source).collect()
}

fn source(asset: &Value) -> Option<(u32, Source)> {
    let input = |input: &Value| {
        let [file, role] = ["file", "role"].map(|key| input[key].as_str().map(str::to_owned));
        let digest = input["sha256"].as_str().unwrap_or_default().to_owned();
        Some((file?, (role?, digest)))
    };
    let source = Source {
        asset_uuid: AssetUuid::parse(asset["asset_uuid"].as_str()?)?,
        root: asset["root"].as_str()?.to_owned(),
        inputs: asset["inputs"].as_array()?.iter().map(input).collect::<Option<_>>()?,
        pipeline: asset["pipeline"].clone(),
    };
    Some((u32::try_from(asset["asset_id"].as_u64()?).ok()?, source))
}
