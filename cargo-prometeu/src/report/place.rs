//! Where a report goes, and what is there already.
//!
//! It is looked at before anything is packed, so that a mistyped path costs nothing; and again before the page gets its
//! name, so that a file that came meanwhile is not lost. A report is written over an older report and over nothing else:
//! not over a file of a person, not into `assets/`, where the packer would read it, and not over a file of the pack.
//! The page is written beside its place and renamed when it is whole. Between the last look and the rename somebody
//! else's file of that name can still be lost where an older report was; where nothing was, it cannot.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use prometeu_packer::ops::{Blocker, BlockerCode};
use prometeu_packer::pack::SET;
use prometeu_packer::{Error, Project};

use super::data::Report;
use super::previous::{self, NoReport};
use crate::printer::display_path;
use crate::project::{absolute, without_dots};

/// A place that a report may be written to.
#[derive(Debug)]
pub(crate) struct Place {
    /// The file, links followed.
    path: PathBuf,
    /// What the file says by now.
    pub(crate) previous: Option<Report>,
}

impl Place {
    /// Looks at the place of `file`.
    ///
    /// # Errors
    ///
    /// When nothing may be written there.
    pub(crate) fn find(file: &Path, project: &Project, out_dir: &Path) -> Result<Self, Blocker> {
        let typed = absolute(file)?;
        let (Some(folder), Some(name)) = (typed.parent(), typed.file_name()) else {
            return Err(refused(&typed, "names no file").help("Name a file, such as `report.html`."));
        };
        let folder = match folder.canonicalize() {
            Ok(folder) => folder,
            // The pack makes it.
            Err(error)
                if error.kind() == io::ErrorKind::NotFound
                    && without_dots(folder) == without_dots(out_dir) =>
            {
                without_dots(folder)
            }
            Err(error) => return Err(no_folder(folder, error)),
        };
        let mut path = folder.join(name);
        match fs::symlink_metadata(&path) {
            Ok(there) if there.is_symlink() => {
                path = path.canonicalize().map_err(|_| {
                    refused(&path, "is a link that leads nowhere").help("Name the file itself.")
                })?;
            }
            _ => {}
        }
        let assets = project.layout().assets();
        if [assets.canonicalize().as_ref().ok(), Some(&assets)]
            .into_iter()
            .flatten()
            .any(|assets| path.starts_with(assets))
        {
            let why = "lies in `assets/`, where it would be taken for something to pack";
            return Err(
                refused(&typed, why).help("Name a file outside of it, such as `report.html` beside it.")
            );
        }
        let out_dir = out_dir.canonicalize().unwrap_or_else(|_| out_dir.to_path_buf());
        if SET.iter().any(|name| path == out_dir.join(name)) {
            let why = "is a file of the pack itself";
            return Err(refused(&typed, why).help("Name another one, such as `report.html`."));
        }
        let previous = there(&path)?;
        Ok(Self { path, previous })
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the page, and yields whether the file is another now.
    ///
    /// # Errors
    ///
    /// When it cannot be written, or what is there is no report any more.
    pub(crate) fn write(&self, page: &str) -> Result<bool, Blocker> {
        let is_there = there(&self.path)?.is_some();
        if is_there && fs::read(&self.path).is_ok_and(|there| there == page.as_bytes()) {
            return Ok(false);
        }
        let failed = |error: io::Error| Blocker::from(&Error::io("write", &self.path, error));
        let folder = self.path.parent().unwrap_or_else(|| Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".report-").suffix(".tmp");
        #[cfg(unix)]
        {
            // As any new file: what the process is told to keep from others is taken away by the system.
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let mut file = builder.tempfile_in(folder).map_err(failed)?;
        if let (true, Ok(old)) = (is_there, fs::metadata(&self.path)) {
            // What was kept from others stays kept from them.
            file.as_file().set_permissions(old.permissions()).map_err(failed)?;
        }
        file.write_all(page.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        let kept = if is_there { file.persist(&self.path) } else { file.persist_noclobber(&self.path) };
        kept.map_err(|error| failed(error.error))?;
        Ok(true)
    }
}

/// The older report that another file holds.
///
/// # Errors
///
/// When it holds none.
pub(crate) fn older(file: &Path) -> Result<Report, Blocker> {
    previous::read(file).map_err(|no_report| {
        let missing = matches!(&no_report, NoReport::Io(error) if error.kind() == io::ErrorKind::NotFound);
        if missing {
            let message = format!("there is no report `{}`", display_path(file));
            return Blocker::new(BlockerCode::InvalidArgument, message)
                .help("Name a page that `cargo prometeu pack --report` wrote.");
        }
        let help = match &no_report {
            NoReport::Newer(_) => "Install the newer version of the command, or compare with another report.",
            _ => "Name a page that `cargo prometeu pack --report` wrote, as it was written.",
        };
        refused(file, &no_report.to_string()).help(help)
    })
}

/// The report at a place; `None` where nothing is.
fn there(path: &Path) -> Result<Option<Report>, Blocker> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Blocker::from(&Error::io("look at", path, error))),
        Ok(there) if there.is_dir() => {
            let help = format!("Name a file in it: `{}`.", display_path(&path.join("report.html")));
            return Err(refused(path, "is a folder").help(help));
        }
        Ok(there) if !there.is_file() => {
            return Err(refused(path, "is no ordinary file").help("Name another one."));
        }
        Ok(_) => {}
    }
    let taken = |no_report: NoReport| {
        let (why, help) = match &no_report {
            NoReport::Io(_) => return refused(path, &no_report.to_string()).help("Name another file."),
            NoReport::Foreign => (
                "is there already and is no report of a pack; it would be lost".to_owned(),
                "Name another file, or move that one away first.",
            ),
            NoReport::Damaged(_) => (
                no_report.to_string(),
                "Delete it if nobody needs it, or name another file; it was left as it is.",
            ),
            NoReport::Newer(_) => (
                no_report.to_string(),
                "Install the newer version of the command, or name another file; it was left as it is.",
            ),
        };
        Blocker::new(BlockerCode::AlreadyExists, format!("`{}` {why}", display_path(path))).help(help)
    };
    previous::read(path).map(Some).map_err(taken)
}

fn no_folder(folder: &Path, error: io::Error) -> Blocker {
    if error.kind() == io::ErrorKind::NotFound {
        let message = format!("there is no folder `{}` for the report", display_path(folder));
        return Blocker::new(BlockerCode::InvalidArgument, message)
            .help("Make the folder, or name a file in one that is there.");
    }
    Blocker::from(&Error::io("look at", folder, error))
}

fn refused(path: &Path, why: &str) -> Blocker {
    Blocker::new(BlockerCode::InvalidArgument, format!("`{}` {why}", display_path(path)))
}
