//! What can be compared: a pack, a project, or a project at a revision of git.
//!
//! Of a project a pack is made, in a folder of the cache and by what a build does: nothing is repaired and
//! nothing of the project written. A pack that is there is read as it is; where its companion
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

use super::revision::{self, Resolved};
use super::{Asset, Side, Source};
use crate::cli::Global;
use crate::commands::{inspect, pack};
use crate::printer::{Printer, display_path};
use crate::scratch::Scratch;
use crate::{interrupt, project, session};

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
    let scratch = scratch(printer, &folder)?;
    packed(printer, &folder, PROJECT, "project", scratch)
}

/// What `typed` names: a pack, a folder, or a revision of the project's repository.
pub(crate) fn named(global: &Global, printer: &Printer, typed: &str) -> Result<Side, Trouble> {
    if let Some(revision) = typed.strip_prefix(GIT) {
        return of_revision(global, printer, typed, revision);
    }
    let path = Path::new(typed);
    if path.is_dir() {
        if path.join("assets").is_dir() {
            let folder = project::absolute(path)?;
            let scratch = scratch(printer, &folder)?;
            let prefix = format!("{}/", typed.trim_end_matches(['/', '\\']));
            let packed = packed(printer, &folder, typed, "project", scratch);
            // The project as it is needs no other words for its files.
            let is_own = project::find(global).is_ok_and(|own| is_same(&own, &folder));
            return if is_own { packed } else { packed.map_err(|trouble| trouble.below(&prefix)) };
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
    of_revision(global, printer, typed, typed)
}

fn is_same(one: &Path, other: &Path) -> bool {
    one.canonicalize().ok().is_some_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

/// Nothing that can be compared; with what git says, where it was asked.
fn unknown(typed: &str, said: Option<&str>) -> Trouble {
    let message = format!("`{typed}` is no pack, no folder of a project and no revision that git knows");
    let refused = |message, help: &str| Blocker::new(BlockerCode::InvalidArgument, message).help(help).into();
    let Some(said) = said else { return refused(message, SPELLING) };
    if said.contains(NO_REPOSITORY) {
        let help =
            "Revisions are those of the project's own repository; a pack is a file, a project a folder.";
        return refused(format!("{message}: the project is in no repository"), help);
    }
    let message = format!("{message}; git says: {}", revision::first_line(said));
    match revision::advised(said) {
        Some(command) => refused(message, &format!("Git itself advises `{command}`.")),
        None => refused(message, SPELLING),
    }
}

/// What git says of the rest depends on disks.
const NO_REPOSITORY: &str = "not a git repository";

const SPELLING: &str =
    "Check the spelling: a pack is a file, a revision something like `HEAD~1` or `git:main`.";

fn of_revision(global: &Global, printer: &Printer, typed: &str, revision: &str) -> Result<Side, Trouble> {
    // Without a project nobody knows whose repository is meant.
    let project = match project::find(global) {
        Ok(project) => project,
        Err(nowhere) if typed == revision => {
            let message = format!("`{typed}` is no pack and no folder of a project; {}", nowhere.message);
            let help = "If it is a revision, go to the project that is meant, or name it with `--project`.";
            return Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help).into());
        }
        Err(blocker) => return Err(blocker.into()),
    };
    let tree = match revision::resolve(&project, revision)? {
        Resolved::Tree(tree) => tree,
        Resolved::Unknown(said) => return Err(unknown(typed, said.as_deref())),
    };
    let scratch = scratch(printer, &project)?;
    let checked_out = revision::check_out(&project, revision, &tree, scratch.path());
    if printer.shell().interrupt().was_heard() {
        // Git was stopped as well, and says something else.
        return Err(Blocker::new(BlockerCode::Cancelled, "nothing was compared").into());
    }
    let folder = checked_out?;
    let prefix = format!("{revision}:{}", revision::prefix(&project));
    packed(printer, &folder, typed, "revision", scratch).map_err(|trouble| trouble.below(&prefix))
}

/// A place for a pack; from here on Ctrl-C leaves none.
fn scratch(printer: &Printer, project: &Path) -> Result<Scratch, Blocker> {
    interrupt::heed(printer);
    Scratch::of(project)
}

impl Trouble {
    /// The same with files that are not those of the project as it is: `HEAD~1:assets/a/asset.json`, as git
    /// writes them, so that nobody mends today's.
    fn below(mut self, prefix: &str) -> Self {
        if let Self::Blocked(_, response) = &mut self {
            for found in &mut response.diagnostics {
                let related = found.related.iter_mut().map(|related| &mut related.file);
                for file in found.file.iter_mut().chain(related) {
                    file.insert_str(0, prefix);
                }
                // The action would mend what is there today.
                found.fix = None;
            }
            response.proposed_actions.clear();
            for path in response.blockers.iter_mut().filter_map(|blocker| blocker.path.as_mut()) {
                path.insert_str(0, prefix);
            }
        }
        self
    }
}

/// Packs a project into a folder that goes with the side.
fn packed(
    printer: &Printer,
    folder: &Path,
    name: &str,
    kind: &'static str,
    scratch: Scratch,
) -> Result<Side, Trouble> {
    let host = Host { events: Arc::new(NoEvents), ..session::host(printer) };
    let project = Project::open_for_build(host, folder).map_err(|error| Blocker::from(&error))?;
    let out = scratch.path().join("out");
    let response = project.pack(&pack::aside(out.clone()));
    if response.status != Status::Ok {
        return Err(Trouble::Blocked(name.to_owned(), Box::new(response)));
    }
    let mut side = read(&out.join(SET[0]), name, kind, Some(scratch))?;
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
fn read(path: &Path, name: &str, kind: &'static str, made: Option<Scratch>) -> Result<Side, Trouble> {
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
    let path = pack.with_file_name(SET[3]);
    // A pipe would have us wait.
    let bytes =
        fs::metadata(&path).is_ok_and(|found| found.is_file()).then(|| fs::read(&path).ok()).flatten()?;
    let companion: Value = serde_json::from_slice(&bytes).ok()?;
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
