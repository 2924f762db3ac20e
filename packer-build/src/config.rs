//! What a build script can say about its build.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf, absolute};

use crate::constants::Unused;
use crate::directive::{Directives, checked};
use crate::environment::Environment;
use crate::error::Problem;
use crate::job::Job;
use crate::{ConstantsOnly, Error, Report, workers};

/// A build, for those who want more say in it than [`run`](crate::run) gives.
///
/// What is not set comes from cargo's environment and from the variables that the
/// [crate](crate#variables) lists; what is set is stronger than a variable.
#[derive(Debug, Clone, Default)]
#[must_use = "nothing is packed until `build` or `run` is called"]
pub struct Config {
    project_dir: Option<PathBuf>,
    out_dir: Option<PathBuf>,
    cache_dir: Option<PathBuf>,
    no_directives: bool,
    strict: Option<bool>,
    skip: Option<bool>,
    unused: Unused,
}

impl Config {
    /// What [`run`](crate::run) does.
    pub fn new() -> Self {
        Self::default()
    }

    /// The folder that holds `assets/`, instead of the package's own. A relative one begins at the
    /// current folder, which for a build script is the package's.
    pub fn project_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.project_dir = Some(folder.into());
        self
    }

    /// Where everything is written, instead of `OUT_DIR`; the folder is made when it is missing.
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(folder.into());
        self
    }

    /// Where what is known of the last pack is kept, instead of the output folder. It may be shared,
    /// and removed at any time.
    pub fn cache_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache_dir = Some(folder.into());
        self
    }

    /// Whether to print directives for cargo: yes, unless something else than cargo builds.
    pub fn cargo_directives(mut self, print: bool) -> Self {
        self.no_directives = !print;
        self
    }

    /// Whether warnings stop the build, whatever `PROMETEU_STRICT` says.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = Some(strict);
        self
    }

    /// Whether to make an empty pack, whatever `PROMETEU_SKIP` and `DOCS_RS` say.
    pub fn skip(mut self, skip: bool) -> Self {
        self.skip = Some(skip);
        self
    }

    /// Whether rustc warns of assets that no code names, as of any other constant that is never used:
    /// no, unless it is asked for here.
    ///
    /// An asset counts as named where its constant is, or that of one of its artifacts. Rustc cannot
    /// tell of a library that exports its module of constants. What is only reached by number or by
    /// name while the game runs is warned of as well: this is advice, and nothing is left out of the
    /// pack.
    pub fn warn_unused(mut self, warn: bool) -> Self {
        self.unused = if warn { Unused::Warned } else { Unused::Allowed };
        self
    }

    /// Packs, writes the constants and, on success, prints the directives.
    ///
    /// A failure is returned and not printed; [`Config::run`] prints it the way cargo shows best.
    ///
    /// # Errors
    ///
    /// When something is wrong with the assets, when a file cannot be read or written, when another
    /// process is changing the project, or when a path could not be told to cargo. Then the last
    /// pack and its constants are as they were, unless it was the constants that could not be written.
    pub fn build(&self) -> Result<Report, Error> {
        let built = self.job(&Environment::read())?.build()?;
        built.directives.print();
        Ok(built.report)
    }

    /// Packs as [`Config::build`] does, and tells cargo of a failure, which stops the build and shows
    /// it. Never panics, always returns.
    pub fn run(&self) {
        self.told(&Environment::read()).print();
    }

    /// For a package that names assets and does not pack them: only the constants are written, and
    /// only what they follow from is hinted, which no edit of a tile changes.
    pub fn constants_only(self) -> ConstantsOnly {
        ConstantsOnly::new(self)
    }

    /// What [`Config::run`] prints: hints or errors, never both.
    pub(crate) fn told(&self, environment: &Environment) -> Directives {
        told_of(|| Ok(self.job(environment)?.build()?.directives))
    }

    /// What is to be done, now that everything is known.
    pub(crate) fn job(&self, environment: &Environment) -> Result<Job, Error> {
        let project = self.project_dir.as_deref().or(environment.manifest_dir.as_deref());
        let project = folder("CARGO_MANIFEST_DIR", "project_dir", project)?;
        let out = self.out_dir.as_deref().or(environment.out_dir.as_deref());
        let out = folder("OUT_DIR", "out_dir", out)?;
        let cache = match (&self.cache_dir, &environment.cache_dir) {
            (Some(folder), _) => absolute(folder).map_err(|error| unusable(folder, error))?,
            // The same folder for every package and whatever folder is current.
            (None, Some(folder)) => project.join(folder),
            (None, None) => out.clone(),
        };
        for folder in [&project, &out] {
            checked(folder)?;
        }
        let assets = project.join("assets");
        for folder in [&out, &cache] {
            if folder.starts_with(&assets) {
                return Err(inside_assets(folder).into());
            }
        }
        Ok(Job {
            is_package: environment.manifest_dir.as_deref() == Some(&*project),
            project,
            out,
            cache,
            directives: !self.no_directives,
            strict: self.strict.unwrap_or(environment.strict),
            skip: self.skip.unwrap_or(environment.skip),
            unused: self.unused,
            workers: workers::of(environment),
        })
    }
}

/// What is printed of an attempt: its directives, or else its errors. Never panics.
pub(crate) fn told_of(attempt: impl FnOnce() -> Result<Directives, Error>) -> Directives {
    // Nothing that a panic left behind is looked at.
    let error = match catch_unwind(AssertUnwindSafe(attempt)) {
        Ok(Ok(directives)) => return directives,
        Ok(Err(error)) => error,
        Err(panic) => broken(&*panic).into(),
    };
    let mut directives = Directives::default();
    // Cargo takes the colours out again where it shows none.
    directives.error(&error.draw(true));
    directives
}

fn folder(variable: &str, setter: &str, given: Option<&Path>) -> Result<PathBuf, Error> {
    let Some(given) = given else {
        return Err(Problem {
            code: "invalid-argument",
            message: format!("`{variable}` is not set, so this is not run by cargo as a build script"),
            path: None,
            help: format!("Call `packer_build::Config::{setter}` to name the folder."),
        }
        .into());
    };
    absolute(given).map_err(|error| unusable(given, error))
}

fn unusable(folder: &Path, error: std::io::Error) -> Error {
    prometeu_packer::Error::io("make an absolute path of", folder, error).into()
}

fn inside_assets(folder: &Path) -> Problem {
    Problem {
        code: "invalid-argument",
        message: format!("the folder `{}` lies inside `assets/`", folder.display()),
        path: None,
        help: "Choose one elsewhere: what a build writes must not be among what it reads.".to_owned(),
    }
}

fn broken(panic: &(dyn std::any::Any + Send)) -> Problem {
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words");
    Problem {
        code: "internal-error",
        message: format!("the packer panicked: {words}"),
        path: None,
        help: "This is a mistake in the packer. Please report it with the assets that provoke it.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_words_and_never_leaves() {
        for panic in [catch_unwind(|| panic!("no {}", "way")), catch_unwind(|| panic!("no way"))] {
            let problem = broken(&*panic.unwrap_err());
            assert_eq!((problem.code, &*problem.message), ("internal-error", "the packer panicked: no way"));
        }
    }

    #[test]
    fn errors_are_told_in_the_compilers_colours_whose_text_is_that_of_the_error() {
        let told = Config::new().told(&Environment::default());
        let lines = told.as_str().lines().map(|line| line.strip_prefix("cargo::error=").unwrap());
        let lines: Vec<&str> = lines.collect();
        assert!(lines[0].starts_with("\u{1b}[1m\u{1b}[91merror[invalid-argument]\u{1b}[0m"), "{lines:?}");

        let plain = Config::new().job(&Environment::default()).unwrap_err().to_string();
        let mut told = lines.join("\n");
        for sequence in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[91m", "\u{1b}[94m"] {
            told = told.replace(sequence, "");
        }
        assert_eq!(told, plain);
    }
}
