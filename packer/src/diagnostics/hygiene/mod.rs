//! Tidiness that only a look at the disk shows: files that nobody uses, files that are there twice, and
//! what interrupted work left behind.
//!
//! Unlike a rule, this walks folders and reads files, so nothing but `doctor` in its workspace mode asks
//! for it. It is read through the source of the snapshot, at whose moment it looks; a file that changes
//! meanwhile is not talked about. Links are not followed, but for inputs.
//!
//! Not looked into: folders whose name begins with a dot and those of version control, which are
//! somebody else's; what lies in quarantine.

mod duplicate_content;
mod folder_unreadable;
mod leftovers;
mod staging_leftover;
mod unreferenced_file;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::Finding;
use crate::Error;
use crate::cancel::Token;
use crate::snapshot::{Document, Report, Snapshot};
use crate::storage::{Entry, FileKind, Source};

/// Folders that version control keeps for itself without a dot in front.
const VERSION_CONTROL: [&str; 4] = ["CVS", "RCS", "SCCS", "_darcs"];

/// A project that is looked at.
pub(super) struct Look<'a> {
    snapshot: &'a Snapshot,
    source: &'a dyn Source,
    token: &'a Token,
    /// All of `assets/` but what is somebody else's, parents before children.
    entries: Vec<Entry>,
    /// Whose each root is, relative to `assets/`: an asset's, or nobody's.
    roots: BTreeMap<&'a str, Option<usize>>,
}

/// Everything untidy that is seen on the disk of `snapshot`, for which all of `assets/` was walked.
///
/// # Errors
///
/// When `assets/` cannot be listed; when `token` says to stop.
pub(crate) fn look(snapshot: &Snapshot, source: &dyn Source, token: &Token) -> Result<Vec<Report>, Error> {
    if !snapshot.has_assets {
        return Ok(Vec::new());
    }
    let assets = snapshot.layout.assets();
    let enter = &mut |folder: &Path| !is_somebody_elses(folder) && token.check().is_ok();
    let entries = source.walk(&assets, enter).map_err(|error| Error::io("list", &assets, error))?;
    token.check()?;
    let registered = snapshot.assets.iter().enumerate();
    let registered = registered.map(|(n, asset)| (asset.entry.root.as_str(), Some(n)));
    let unregistered = snapshot.unregistered.iter().flatten().map(|(found, _)| (&*found.folder, None));
    let roots = unregistered.chain(registered).collect();
    let look = Look { snapshot, source, token, entries, roots };
    let mut reports = folder_unreadable::check(&look);
    reports.extend(duplicate_content::check(&look)?);
    reports.extend(unreferenced_file::check(&look)?);
    reports.extend(staging_leftover::check(&look)?);
    Ok(reports)
}

/// Whether what has this name is no asset's: hidden, the control folder among it, or version control's.
fn is_somebody_elses(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.starts_with('.') || VERSION_CONTROL.contains(&name)
}

impl<'a> Look<'a> {
    /// The regular files among the entries that are no leftovers of ours, and not hidden.
    fn files(&self) -> impl Iterator<Item = &Path> {
        let files =
            self.entries.iter().filter(|entry| entry.kind == FileKind::File).map(|entry| &*entry.path);
        files.filter(|path| !is_somebody_elses(path) && leftovers::kept_beside(path).is_none())
    }

    /// The root that a path lies in, the innermost one, and whose that is.
    fn root_of(&self, path: &Path) -> Option<(&'a str, Option<usize>)> {
        let inside = path.strip_prefix(self.snapshot.layout.assets()).ok()?;
        let mut above = inside.ancestors().skip(1);
        above.find_map(|folder| {
            let (root, asset) = self.roots.get_key_value(&*slashed(folder))?;
            Some((*root, *asset))
        })
    }

    /// A path as messages name it: relative to the project, with `/`.
    fn shown(&self, path: &Path) -> String {
        slashed(path.strip_prefix(self.snapshot.layout.project()).unwrap_or(path))
    }

    /// About a file or folder, of an asset or of none.
    fn report(&self, asset: Option<usize>, path: &Path, finding: Finding) -> Report {
        Report { asset, document: Document::File(self.shown(path)), finding, in_builds: false }
    }

    /// What lies in a folder of our own; nothing where there is none, or a link to one.
    fn listed(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        match self.source.stat(folder)?.map(|stat| stat.kind) {
            Some(FileKind::Folder) => {
                let entries = self.source.walk(folder, &mut |_| false)?;
                Ok(entries.into_iter().map(|entry| entry.path).collect())
            }
            _ => Ok(Vec::new()),
        }
    }
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}
