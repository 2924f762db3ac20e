//! The environment, read in one place and when the script runs.
//!
//! Never when it is compiled (`env!`): a build script that was compiled in one place may run in
//! another.

use std::ffi::OsString;
use std::path::PathBuf;

/// An empty pack instead of the assets.
pub(crate) const SKIP: &str = "PROMETEU_SKIP";
/// Warnings block.
pub(crate) const STRICT: &str = "PROMETEU_STRICT";
/// Where the cache is.
pub(crate) const CACHE_DIR: &str = "PROMETEU_CACHE_DIR";
/// Set by docs.rs, which has no use for a pack.
pub(crate) const DOCS_RS: &str = "DOCS_RS";

/// The variables that a build depends on: cargo is told of each.
pub(crate) const WATCHED: [&str; 4] = [SKIP, STRICT, CACHE_DIR, DOCS_RS];

/// Those of them that matter where nothing is packed.
pub(crate) const WATCHED_FOR_CONSTANTS: [&str; 3] = [SKIP, STRICT, DOCS_RS];

/// What the environment says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment {
    /// The folder of the package's `Cargo.toml`.
    pub(crate) manifest_dir: Option<PathBuf>,
    /// Where cargo wants a build script's output.
    pub(crate) out_dir: Option<PathBuf>,
    /// `NUM_JOBS`: how many threads cargo lets all of its programs use.
    pub(crate) jobs: Option<usize>,
    /// `CARGO_MAKEFLAGS`: where leave for them is taken.
    pub(crate) makeflags: Option<OsString>,
    /// `PROMETEU_CACHE_DIR`.
    pub(crate) cache_dir: Option<PathBuf>,
    /// `PROMETEU_SKIP` or `DOCS_RS`.
    pub(crate) skip: bool,
    /// `PROMETEU_STRICT`.
    pub(crate) strict: bool,
}

impl Environment {
    /// Reads the process's.
    pub(crate) fn read() -> Self {
        Self::of(|name| std::env::var_os(name))
    }

    /// Reads one in which `value` looks up variables. An empty variable is none.
    pub(crate) fn of(value: impl Fn(&str) -> Option<OsString>) -> Self {
        let value = |name| value(name).filter(|value| !value.is_empty());
        let folder = |name| value(name).map(PathBuf::from);
        let is_on = |name| value(name).is_some_and(|value| value != "0");
        Self {
            manifest_dir: folder("CARGO_MANIFEST_DIR"),
            out_dir: folder("OUT_DIR"),
            jobs: value("NUM_JOBS").and_then(|jobs| jobs.to_str()?.parse().ok()),
            makeflags: value("CARGO_MAKEFLAGS"),
            cache_dir: folder(CACHE_DIR),
            skip: is_on(SKIP) || is_on(DOCS_RS),
            strict: is_on(STRICT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Environment {
        Environment::of(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn a_switch_is_on_unless_it_is_absent_empty_or_zero() {
        for (value, on) in [("1", true), ("yes", true), ("", false), ("0", false)] {
            assert_eq!(of(&[(SKIP, value)]).skip, on, "PROMETEU_SKIP={value}");
            assert_eq!(of(&[(DOCS_RS, value)]).skip, on, "DOCS_RS={value}");
            assert_eq!(of(&[(STRICT, value)]).strict, on, "PROMETEU_STRICT={value}");
        }
        assert!(!of(&[]).skip && !of(&[]).strict);
    }

    #[test]
    fn folders_are_taken_as_they_are_and_an_empty_one_is_none() {
        let environment = of(&[("CARGO_MANIFEST_DIR", "/g"), ("OUT_DIR", "/o"), (CACHE_DIR, "")]);
        assert_eq!(environment.manifest_dir, Some("/g".into()));
        assert_eq!(environment.out_dir, Some("/o".into()));
        assert_eq!(environment.cache_dir, None);
    }
}
