//! `inspect --extract`: the assets of a pack as folders again, each with its `asset.json`.
//!
//! All of them or none: they are written into a folder beside the one that was named, which gets its
//! name when everything is in it. What was there before is never written over: the named folder must be
//! new or empty. Whatever ends the process leaves the named folder as it was; what was written so far
//! then lies in a hidden folder beside it, which no scan enters and `doctor --workspace` names. Folders on the
//! way that were made for it go with it.
//!
//! Nothing is forced onto the disk: after a power cut the pack is there to do it again.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use packer_format::PackFile;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::extract::{self, Extracted, Renamed};
use prometeu_packer::ops::{Blocker, BlockerCode, quoted};
use prometeu_packer::path::AssetPath;
use prometeu_packer::workspace::layout::{DECLARATION, temporary_name};
use prometeu_packer::{Error, IdSource as _};
use serde_json::{Value, json};

use super::Context;
use crate::interrupt;
use crate::printer::human::counted;
use crate::printer::table::{Align, Table};
use crate::printer::{Printer, display_path};
use crate::project;
use crate::session::Uuids;

/// After so many roots a hint does not name them.
const NAMED: usize = 12;

/// What was written, and what was not.
#[derive(Debug)]
pub(super) struct Outcome {
    dir: PathBuf,
    written: Vec<Written>,
    left_out: Vec<LeftOut>,
}

#[derive(Debug)]
struct Written {
    asset_id: u32,
    root: AssetPath,
    family: &'static str,
    files: Vec<AssetPath>,
    renamed: Vec<Renamed>,
}

#[derive(Debug)]
struct LeftOut {
    asset_id: u32,
    asset_name: String,
    bank_type: String,
    reason: String,
}

/// Where the assets go, and where they are until all are there. Dropped before that, it takes them away.
struct Staged {
    dir: PathBuf,
    is_there: bool,
    staging: Option<PathBuf>,
    /// Folders on the way to it that were not there, the outermost first.
    made: Vec<PathBuf>,
}

/// Takes the pack apart into `dir`.
pub(super) fn extract(context: &Context<'_>, pack: &PackFile, dir: &Path) -> Result<Outcome, Blocker> {
    interrupt::heed(context.printer);
    let staged = Staged::beside(dir)?;
    let entries = pack.header().entries();
    let (mut written, mut left_out) = (Vec::new(), Vec::new());
    for (entry, root) in entries.iter().zip(extract::roots(entries)) {
        if context.printer.shell().interrupt().was_heard() {
            return Err(Blocker::new(BlockerCode::Cancelled, "nothing was written"));
        }
        let payload = pack.payload(entry.asset_id).map_err(|error| {
            Blocker::new(BlockerCode::IoError, format!("failed to read the pack: {error}"))
        })?;
        match extract::extract(entry, pack.header().slot(entry.asset_id).is_some(), &payload) {
            Ok(asset) => {
                staged.write(&root, &asset)?;
                let Extracted { family, files, renamed, .. } = asset;
                let files = files.into_iter().map(|file| file.path).collect();
                written.push(Written { asset_id: entry.asset_id.get(), root, family, files, renamed });
            }
            Err(why) => left_out.push(LeftOut {
                asset_id: entry.asset_id.get(),
                asset_name: entry.asset_name.clone(),
                bank_type: entry.bank_type.clone(),
                reason: why.to_string(),
            }),
        }
    }
    let dir = staged.dir.clone();
    if !written.is_empty() {
        staged.publish()?;
    }
    Ok(Outcome { dir, written, left_out })
}

impl Staged {
    /// A place beside `dir`, which has to be new or empty.
    fn beside(dir: &Path) -> Result<Self, Blocker> {
        let dir = project::absolute(dir)?;
        let is_there = match fs::read_dir(&dir).map(|mut entries| entries.next()) {
            Ok(None) => true,
            Ok(Some(_)) => return Err(taken(&dir, "is not empty")),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(taken(&dir, "is not a folder"));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => match fs::symlink_metadata(&dir) {
                Ok(_) => return Err(taken(&dir, "is a link that leads nowhere")),
                Err(_) => false,
            },
            Err(error) => return Err(failed("look at", &dir, error)),
        };
        // The folder itself, where a link leads to it; and without the dots of its way.
        let dir =
            if is_there { dir.canonicalize().map_err(|error| failed("look at", &dir, error))? } else { dir };
        let here =
            std::env::current_dir().and_then(fs::canonicalize).is_ok_and(|here| here.starts_with(&dir));
        let (Some(parent), Some(name), false) = (dir.parent(), dir.file_name(), here) else {
            let message = format!("`{}` is a folder that somebody is in", display_path(&dir));
            let help = "The folder is made anew, in one step: name one that is not there yet.";
            return Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help));
        };
        let missing = parent.ancestors().take_while(|folder| fs::symlink_metadata(folder).is_err());
        let mut made: Vec<PathBuf> = missing.map(Path::to_path_buf).collect();
        made.reverse();
        // A long name has no room for more.
        let name = name.to_str().filter(|name| name.len() <= AssetPath::LONGEST_PART).unwrap_or("extracted");
        let staging = parent.join(temporary_name(name, Uuids.operation_id()));
        let staged = Self { dir, is_there, staging: Some(staging.clone()), made };
        fs::create_dir_all(&staging).map_err(|error| failed("create", &staging, error))?;
        Ok(staged)
    }

    /// Writes one asset.
    fn write(&self, root: &AssetPath, asset: &Extracted<'_>) -> Result<(), Blocker> {
        let Some(staging) = &self.staging else { return Ok(()) };
        let folder = root.below(staging);
        let declaration = (folder.join(DECLARATION), asset.declaration.as_bytes());
        let files = asset.files.iter().map(|file| (file.path.below(&folder), &*file.bytes));
        for (path, bytes) in [declaration].into_iter().chain(files) {
            let folder = path.parent().unwrap_or(&folder);
            fs::create_dir_all(folder).map_err(|error| failed("create", folder, error))?;
            let written = fs::File::create_new(&path).and_then(|mut file| file.write_all(bytes));
            written.map_err(|error| failed("write", &path, error))?;
        }
        Ok(())
    }

    /// Gives everything its place.
    fn publish(mut self) -> Result<(), Blocker> {
        let Some(staging) = self.staging.clone() else { return Ok(()) };
        if self.is_there {
            // It fails where somebody put something in meanwhile.
            fs::remove_dir(&self.dir).map_err(|error| failed("replace", &self.dir, error))?;
        }
        if let Err(error) = fs::rename(&staging, &self.dir) {
            if self.is_there {
                drop(fs::create_dir(&self.dir));
            }
            return Err(failed("create", &self.dir, error));
        }
        self.staging = None;
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(staging) = &self.staging {
            // What cannot be taken away lies beside, under a name that says whose it is.
            drop(fs::remove_dir_all(staging));
            // Where somebody put something in meanwhile, it stays.
            self.made.iter().rev().for_each(|folder| drop(fs::remove_dir(folder)));
        }
    }
}

fn taken(dir: &Path, why: &str) -> Blocker {
    let message = format!("`{}` {why}", display_path(dir));
    Blocker::new(BlockerCode::AlreadyExists, message)
        .help("Name a folder that is not there yet, or an empty one.")
}

fn failed(what: &'static str, path: &Path, error: io::Error) -> Blocker {
    Blocker::from(&Error::io(what, path, error))
}

impl Outcome {
    /// Whether every asset was written.
    pub(super) fn is_whole(&self) -> bool {
        self.left_out.is_empty()
    }

    /// What it came to, in a few words.
    pub(super) fn summary(&self) -> String {
        let written = counted(self.written.len(), "asset");
        match self.left_out.len() {
            0 => format!("{written} in {}", display_path(&self.dir)),
            n => format!("{written} in {}, {n} left out", display_path(&self.dir)),
        }
    }

    /// The member of the response.
    pub(super) fn members(&self) -> Value {
        let renamed = |renamed: &Renamed| json!({ "index": renamed.index, "from": renamed.from, "to": renamed.to.as_str() });
        let written = |asset: &Written| {
            json!({
                "asset_id": asset.asset_id,
                "root": asset.root.as_str(),
                "asset_family": asset.family,
                "files": asset.files.iter().map(AssetPath::as_str).collect::<Vec<_>>(),
                "renamed": asset.renamed.iter().map(renamed).collect::<Vec<_>>(),
            })
        };
        let left_out = |asset: &LeftOut| {
            json!({
                "asset_id": asset.asset_id,
                "asset_name": asset.asset_name,
                "bank_type": asset.bank_type,
                "reason": asset.reason,
            })
        };
        json!({
            "path": self.dir.to_string_lossy(),
            "assets": self.written.iter().map(written).collect::<Vec<_>>(),
            "left_out": self.left_out.iter().map(left_out).collect::<Vec<_>>(),
        })
    }

    /// Tells it to people.
    pub(super) fn print(&self, printer: &Printer) {
        let shell = printer.shell();
        if !self.written.is_empty() {
            let head = [
                ("ID", Align::Right),
                ("FOLDER", Align::Left),
                ("TYPE", Align::Left),
                ("FILES", Align::Left),
            ];
            let mut table = Table::new(head);
            for asset in &self.written {
                let files = match &asset.files[..] {
                    [one] => visible(one.as_str()),
                    [first, rest @ ..] => format!("{} and {} more", visible(first.as_str()), rest.len()),
                    [] => String::new(),
                };
                let row = [
                    asset.asset_id.to_string(),
                    visible(asset.root.as_str()),
                    asset.family.to_owned(),
                    files,
                ];
                table.row(row);
            }
            table.lines().for_each(|line| shell.print(line));
        }
        for asset in &self.written {
            for Renamed { from, to, .. } in &asset.renamed {
                shell.alert(visible(&format!(
                    "the blob `{from}` of `{}` is the file `{to}`: not every system holds it by its own name, \
                     and packed again it has the new one",
                    asset.root
                )));
            }
        }
        for LeftOut { asset_id, asset_name, reason, .. } in &self.left_out {
            shell.error(visible(&format!("asset {asset_id} `{asset_name}` is left out: {reason}")));
        }
        if self.written.is_empty() {
            shell.note("there is nothing to extract");
            return;
        }
        shell.status("Extracted", self.summary());
        let prefix = self.prefix();
        let roots = self.written.iter().map(|asset| quoted(&format!("{prefix}{}", asset.root)));
        let roots: Vec<String> = roots.collect();
        let roots = if roots.len() <= NAMED { roots.join(" ") } else { "ROOT...".to_owned() };
        let place = if prefix.is_empty() { "once they lie in the `assets/` of a project, " } else { "" };
        shell.hint(visible(&format!("{place}`cargo prometeu register {roots}` gives them uuids and ids")));
    }

    /// What stands before the roots where the folder lies in some `assets/`.
    fn prefix(&self) -> String {
        let parts: Vec<_> = self.dir.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        match parts.iter().rposition(|part| part == "assets") {
            Some(at) => parts[at + 1..].iter().map(|part| format!("{part}/")).collect(),
            None => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use prometeu_packer::workspace::layout::is_temporary;

    use super::*;

    #[test]
    fn the_folder_beside_has_a_name_that_no_scan_enters_and_goes_with_all_that_was_made_for_it() {
        let place = tempfile::tempdir().unwrap();
        for name in ["out".to_owned(), "deep/er/out".to_owned(), "x".repeat(250)] {
            let staged = Staged::beside(&place.path().join(name)).unwrap();
            let staging = staged.staging.clone().unwrap();
            assert!(is_temporary(staging.file_name().unwrap().to_str().unwrap()), "{staging:?}");
            assert!(staging.is_dir());
            drop(staged);
            assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
        }
    }
}
