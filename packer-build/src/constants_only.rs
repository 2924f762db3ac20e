//! The constants without a pack: for the library crate of a game whose thin binary packs.
//!
//! Cargo compiles a package again whenever its build script ran. So the script of a large crate should
//! run rarely: here after an edit of the registry or of an `asset.json`, and after nothing else, with
//! the exception that [`Constants::sources`](prometeu_packer::ops::Constants::sources) tells of.
//!
//! The text is the one that a whole build writes. What is wrong with the files themselves stops the
//! script of the package that packs, and not this one, which does not look at them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use prometeu_packer::diagnostics::{Diagnostic, Severity};
use prometeu_packer::ops::{ConstantsRequest, PackContents, Response, Status};
use prometeu_packer::path::AssetPath;
use prometeu_packer::workspace::Layout;
use prometeu_packer::workspace::layout::REGISTRY_FILE;
use prometeu_packer::{Error as PackerError, Host, Project};

use crate::config::told_of;
use crate::directive::Directives;
use crate::environment::{self, Environment};
use crate::ids::BuildIds;
use crate::job::{CONSTANTS, Job, failure, is_there, warn, write_if_changed};
use crate::{Config, Error, constants};

/// A build of the constants alone; [`Config::constants_only`] makes one.
///
/// A cache folder has no meaning here: nothing is kept.
#[derive(Debug, Clone)]
#[must_use = "nothing is written until `build` or `run` is called"]
pub struct ConstantsOnly(Config);

/// The constants, and what deserves a look.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConstantsReport {
    /// `assets.rs`.
    pub constants: PathBuf,
    /// How many assets it names.
    pub total_assets: usize,
    /// The files that it follows from besides the registry, relative to `assets/`: an edit of one of
    /// them compiles the package again.
    pub sources: Vec<AssetPath>,
    /// What deserves a look and does not stop a build.
    pub warnings: Vec<Diagnostic>,
}

/// What a build came to.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) report: ConstantsReport,
    /// What is to be printed.
    pub(crate) directives: Directives,
}

impl ConstantsOnly {
    pub(crate) const fn new(config: Config) -> Self {
        Self(config)
    }

    /// Writes the constants and, on success, prints the directives.
    ///
    /// A failure is returned and not printed; [`ConstantsOnly::run`] prints it the way cargo shows
    /// best.
    ///
    /// # Errors
    ///
    /// When something is wrong with the registry or with an `asset.json`, when a file cannot be read
    /// or written, when another process is changing the project, or when a path could not be told to
    /// cargo. Then the last constants are as they were.
    pub fn build(&self) -> Result<ConstantsReport, Error> {
        let written = self.write(&Environment::read())?;
        written.directives.print();
        Ok(written.report)
    }

    /// Writes the constants as [`ConstantsOnly::build`] does, and tells cargo of a failure, which
    /// stops the build and shows it. Never panics, always returns.
    pub fn run(&self) {
        self.told(&Environment::read()).print();
    }

    /// What [`ConstantsOnly::run`] prints: hints or errors, never both.
    pub(crate) fn told(&self, environment: &Environment) -> Directives {
        told_of(|| Ok(self.write(environment)?.directives))
    }

    pub(crate) fn write(&self, environment: &Environment) -> Result<Written, Error> {
        let job = self.0.job(environment)?;
        let project = Project::open_for_build(Host::system(Arc::new(BuildIds)), &job.project)?;
        let response = project.constants(ConstantsRequest {
            strict: job.strict,
            contents: if job.skip { PackContents::Nothing } else { PackContents::PackSet },
        });
        let Response { status: Status::Ok, payload: Some(result), mut diagnostics, .. } = response else {
            return Err(failure(response));
        };
        let path = job.out.join(CONSTANTS);
        diagnostics.retain(|found| found.severity != Severity::Info);
        let report = ConstantsReport {
            constants: path.clone(),
            total_assets: result.assets.len(),
            sources: result.sources,
            warnings: diagnostics,
        };
        // Before anything is written: a path that cannot be told is a failure.
        let directives = if job.directives { directives(&job, &report)? } else { Directives::default() };
        std::fs::create_dir_all(&job.out).map_err(|error| PackerError::io("create", &job.out, error))?;
        write_if_changed(&path, &constants::generate(&result.assets, job.unused))
            .map_err(|error| PackerError::io("write", &path, error))?;
        Ok(Written { report, directives })
    }
}

fn directives(job: &Job, report: &ConstantsReport) -> Result<Directives, Error> {
    let mut directives = Directives::default();
    // Short and the same everywhere where cargo can complete them.
    let layout = Layout::new(if job.is_package { Path::new("") } else { &job.project });
    // Only a build that skips the assets gets this far without a registry.
    if is_there(&job.project.join(REGISTRY_FILE)) {
        directives.rerun_if_changed(&layout.registry())?;
    }
    for source in &report.sources {
        directives.rerun_if_changed(&source.below(&layout.assets()))?;
    }
    for variable in environment::WATCHED_FOR_CONSTANTS {
        directives.rerun_if_env_changed(variable);
    }
    warn(&mut directives, &report.warnings);
    Ok(directives)
}

#[cfg(test)]
mod tests;
