//! One build, from settled folders to a report and lines for cargo.
//!
//! The order is what the promises rest on: pack (which publishes whole or not at all), then the
//! constants, then the directives. Hints are printed after success only: a failed script runs again
//! anyway, and only folders that were just read are sure to exist. A hint at a path that does not
//! exist would run the script on every build.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use prometeu_packer::diagnostics::Diagnostic;
use prometeu_packer::ops::{Listing, NamedAsset, PackContents, PackGoal, PackRequest, Response, Status};
use prometeu_packer::path::AssetPath;
use prometeu_packer::storage::os::OsStorage;
use prometeu_packer::storage::{Source as _, read_up_to, replace_durably};
use prometeu_packer::workspace::layout::{REGISTRY_FILE, temporary_name};
use prometeu_packer::workspace::{Layout, RootFolder, Scope};
use prometeu_packer::{Error as PackerError, Host, IdSource as _, Project, Workers};

use crate::constants::Unused;
use crate::directive::Directives;
use crate::environment;
use crate::error::Problem;
use crate::ids::BuildIds;
use crate::last::{About, Last};
use crate::{Error, Report, constants, slow_hashing};

/// The variable by which the game's code finds its pack.
const PACK_VARIABLE: &str = "PROMETEU_ASSETS_PA";

/// The file of constants, which `packer_format::include_assets!` includes.
pub(crate) const CONSTANTS: &str = "assets.rs";

/// How many warnings are printed.
const WARNINGS: usize = 10;

/// A build that is to be done. All folders are absolute.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) project: PathBuf,
    pub(crate) out: PathBuf,
    pub(crate) cache: PathBuf,
    /// Whether the project's folder is that of the package, from which cargo's relative paths begin.
    pub(crate) is_package: bool,
    pub(crate) directives: bool,
    pub(crate) strict: bool,
    pub(crate) skip: bool,
    pub(crate) unused: Unused,
    /// Who gives leave for threads.
    pub(crate) workers: Arc<dyn Workers>,
}

/// What a build came to.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) report: Report,
    /// What is to be printed.
    pub(crate) directives: Directives,
}

impl Job {
    /// Does it.
    pub(crate) fn build(&self) -> Result<Built, Error> {
        let host = Host { workers: Arc::clone(&self.workers), ..Host::system(Arc::new(BuildIds)) };
        let project = Project::open_for_build(host, &self.project)?;
        let about = self.about();
        let last = if self.skip { None } else { Last::read(&about) };
        let response = project.pack(&PackRequest {
            out_dir: self.out.clone(),
            cache_dir: Some(self.cache.clone()),
            strict: self.strict,
            contents: if self.skip { PackContents::Nothing } else { PackContents::PackSet },
            goal: PackGoal::Publish,
            listing: last.as_ref().map_or(Listing::Whole, |last| Listing::UnlessRecorded(last.record)),
        });
        let Response { status: Status::Ok, payload: Some(result), diagnostics, .. } = response else {
            return Err(failure(response));
        };
        let constants = self.out.join(CONSTANTS);
        if let Some(last) = last
            && result.record == Some(last.record)
            && diagnostics.is_empty()
        {
            let report = Report::new(&result, constants, diagnostics);
            let mut directives = last.lines.into();
            self.warn_of_slow_hashing(&report, &mut directives);
            return Ok(Built { report, directives });
        }
        let named: Vec<NamedAsset> = result.assets.iter().map(NamedAsset::from).collect();
        let text = constants::generate(&named, self.unused);
        write_if_changed(&constants, &text).map_err(|error| PackerError::io("write", &constants, error))?;
        let report = Report::new(&result, constants, diagnostics);
        let mut directives = if self.directives {
            let roots = if self.skip {
                existing_roots(&project)?
            } else {
                result.assets.iter().map(|asset| asset.root.clone()).collect()
            };
            self.directives(&report, &roots)?
        } else {
            Directives::default()
        };
        // Of a build that warned, the next one is to warn again.
        if let (Some(record), []) = (result.record, &report.warnings[..])
            && !self.skip
        {
            Last { record, lines: directives.as_str().to_owned() }.write(&about, &text);
        }
        self.warn_of_slow_hashing(&report, &mut directives);
        Ok(Built { report, directives })
    }

    fn warn_of_slow_hashing(&self, report: &Report, directives: &mut Directives) {
        if let Some(slow) = slow_hashing::warning(report.work.bytes_hashed)
            && self.directives
        {
            directives.warning(&slow);
        }
    }

    fn about(&self) -> About<'_> {
        let Self { project, out, is_package, directives, unused, .. } = self;
        About { project, is_package: *is_package, out, directives: *directives, unused: *unused }
    }

    fn directives(&self, report: &Report, roots: &[AssetPath]) -> Result<Directives, Error> {
        let mut directives = Directives::default();
        directives.rustc_env(PACK_VARIABLE, &report.pack)?;
        // Short and the same everywhere where cargo can complete them.
        let layout = Layout::new(if self.is_package { Path::new("") } else { &self.project });
        // Only a build that skips the assets gets this far without a registry.
        if is_there(&self.project.join(REGISTRY_FILE)) {
            directives.rerun_if_changed(&layout.registry())?;
        }
        for root in roots {
            directives.rerun_if_changed(&layout.root(root))?;
        }
        for variable in environment::WATCHED {
            directives.rerun_if_env_changed(variable);
        }
        warn(&mut directives, &report.warnings);
        Ok(directives)
    }
}

/// Why there is no result.
pub(crate) fn failure<T>(response: Response<T>) -> Error {
    match response.blockers.into_iter().next() {
        Some(blocker) => Problem::from(blocker).into(),
        None => Error::of_content(response.diagnostics),
    }
}

/// For a build that skips the assets, whatever state they are in: the roots that can be hinted at.
fn existing_roots(project: &Project) -> Result<Vec<AssetPath>, Error> {
    let snapshot = project.refresh(Scope::Build)?;
    let assets = snapshot.pack_set().map(|n| &snapshot.assets[n]);
    let there = assets.filter(|asset| asset.loaded.folder == RootFolder::There);
    Ok(there.map(|asset| asset.entry.root.clone()).collect())
}

pub(crate) fn is_there(path: &Path) -> bool {
    matches!(OsStorage.stat(path), Ok(Some(_)))
}

/// One line a warning; the drawing with source and caret is `doctor`'s.
pub(crate) fn warn(directives: &mut Directives, warnings: &[Diagnostic]) {
    for warning in warnings.iter().take(WARNINGS) {
        let mut place = warning.file.clone().unwrap_or_default();
        if let (Some(line), Some(column)) = (warning.line, warning.column) {
            place = format!("{place}:{line}:{column}");
        }
        directives.warning(&format!("{place}: {} [{}]", warning.message, warning.code));
    }
    match warnings.len() {
        0 => {}
        all @ ..=WARNINGS => {
            let them = if all == 1 { "it" } else { "them" };
            directives.warning(&format!("`cargo prometeu doctor` shows {them} in place, with what to do"));
        }
        all => {
            let more = all - WARNINGS;
            directives.warning(&format!("... and {more} more; `cargo prometeu doctor` shows them all"));
        }
    }
}

/// Puts `text` at `path` in one step, unless it is there already: then whatever was compiled from it
/// need not be compiled again.
pub(crate) fn write_if_changed(path: &Path, text: &str) -> io::Result<()> {
    let is_there = read_up_to(&OsStorage, path, text.len() as u64);
    if is_there.is_ok_and(|(bytes, _)| bytes == text.as_bytes()) {
        return Ok(());
    }
    replace_durably(&OsStorage, path, &temporary_name(CONSTANTS, BuildIds.operation_id()), text.as_bytes())
}

#[cfg(test)]
pub(crate) mod tests;
