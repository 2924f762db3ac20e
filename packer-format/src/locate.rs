//! Where the game's pack is, and its constants.

use std::path::{Path, PathBuf};

/// The variable that names a pack: at run time to overrule every other place, and while the game is
/// compiled, set by the build script, to say what it packed.
pub(crate) const VARIABLE: &str = "PROMETEU_ASSETS_PA";

/// The variable that names the pack of a running `cargo prometeu watch`, to what it runs. Cargo sets the other one
/// for what `cargo run` runs, and this one never.
pub(crate) const WATCHED: &str = "PROMETEU_WATCHED_PA";

/// The pack's name beside the executable.
const FILE_NAME: &str = "assets.pa";

/// The path of the game's pack, as a `PathBuf`. In this order:
///
/// 1. what the variable `PROMETEU_ASSETS_PA` says when the game runs, unless it is empty;
/// 2. `assets.pa` beside the executable, if there is such a file;
/// 3. the pack that the build script of the crate that calls this macro made, if it is still there.
///
/// `cargo run` and `cargo test` set the variable to the pack that was just built, since cargo hands
/// what a build script sets to the program too. That is nobody's wish, so the pack that `cargo prometeu watch -- cargo
/// run` makes, which stands in `PROMETEU_WATCHED_PA`, comes before it, and before it alone.
///
/// A game that is shipped needs no more than the file beside its executable. If there is none of
/// all these, the answer is the place beside the executable, so that the error of
/// [`PackFile::open`](crate::PackFile::open) names where the file is missing.
///
/// ```no_run
/// let pack = packer_format::PackFile::open(packer_format::locate!())?;
/// # Ok::<(), packer_format::PackFileError>(())
/// ```
#[macro_export]
macro_rules! locate {
    () => {
        // Expanded in the game's crate, whose build script set the variable.
        $crate::__locate(::core::option_env!("PROMETEU_ASSETS_PA"))
    };
}

/// What [`locate!`](crate::locate) expands to; `built` is the path that the build script gave.
#[doc(hidden)]
#[must_use]
pub fn __locate(built: Option<&str>) -> PathBuf {
    let variable = |name| std::env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    let named = Named { variable: variable(VARIABLE), watched: variable(WATCHED) };
    let executable = std::env::current_exe().ok();
    locate_from(named, executable.as_deref(), built, Path::is_file)
}

/// What the environment names, which is nothing empty.
#[derive(Debug, Default)]
pub(crate) struct Named {
    pub(crate) variable: Option<PathBuf>,
    pub(crate) watched: Option<PathBuf>,
}

/// The rule of [`locate!`](crate::locate), as a function of what it asks the system for.
pub(crate) fn locate_from(
    Named { variable, watched }: Named,
    executable: Option<&Path>,
    built: Option<&str>,
    is_file: impl Fn(&Path) -> bool,
) -> PathBuf {
    // What cargo sets says no more than what was compiled in.
    let (by_cargo, by_somebody): (Option<_>, Option<_>) = match variable {
        Some(path) if built.is_some_and(|built| path == Path::new(built)) => (Some(path), None),
        path => (None, path),
    };
    // A watched pack is of the game that cargo runs, and of no other program that is started out of it.
    if let Some(path) = by_somebody.or_else(|| by_cargo.map(|own| watched.unwrap_or(own))) {
        return path;
    }
    let beside = executable.map_or_else(|| PathBuf::from(FILE_NAME), |path| path.with_file_name(FILE_NAME));
    let built = built.map(PathBuf::from).filter(|path| is_file(path));
    if is_file(&beside) { beside } else { built.unwrap_or(beside) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `files` are those that exist.
    fn check(variable: Option<&str>, built: Option<&str>, files: &[&str], expected: &str) {
        check_named([variable, None], built, files, expected);
    }

    fn check_named(named: [Option<&str>; 2], built: Option<&str>, files: &[&str], expected: &str) {
        let executable = Path::new("/games/hearts/hearts");
        let is_file = |path: &Path| files.iter().any(|file| path == Path::new(file));
        let [variable, watched] = named.map(|path| path.map(PathBuf::from));
        let found = locate_from(Named { variable, watched }, Some(executable), built, is_file);
        assert_eq!(found, Path::new(expected));
    }

    const BESIDE: &str = "/games/hearts/assets.pa";
    const BUILT: &str = "/src/target/out/assets.pa";

    #[test]
    fn the_variable_overrules_every_other_place_even_if_nothing_is_there() {
        check(Some("/tmp/other.pa"), Some(BUILT), &[BESIDE, BUILT], "/tmp/other.pa");
    }

    #[test]
    fn what_cargo_sets_for_what_it_runs_comes_before_every_file() {
        check(Some(BUILT), Some(BUILT), &[BESIDE, BUILT], BUILT);
    }

    #[test]
    fn the_pack_of_a_watch_comes_before_what_cargo_sets_and_after_what_somebody_says() {
        const WATCHED: &str = "/src/build/assets.pa";
        check_named([Some(BUILT), Some(WATCHED)], Some(BUILT), &[BESIDE, BUILT], WATCHED);
        // Not for what else is started out of the game, such as a game that was shipped.
        check_named([None, Some(WATCHED)], Some(BUILT), &[BESIDE, BUILT], BESIDE);
        check_named([Some("/tmp/other.pa"), Some(WATCHED)], Some(BUILT), &[BUILT], "/tmp/other.pa");
        // Nobody knows there what cargo would set.
        check_named([Some("/tmp/other.pa"), Some(WATCHED)], None, &[], "/tmp/other.pa");
    }

    #[test]
    fn the_file_beside_the_executable_comes_before_the_build() {
        check(None, Some(BUILT), &[BESIDE, BUILT], BESIDE);
        check(None, Some(BUILT), &[BUILT], BUILT);
    }

    #[test]
    fn where_nothing_is_the_answer_is_where_a_shipped_game_needs_it() {
        check(None, Some(BUILT), &[], BESIDE);
        check(None, None, &[], BESIDE);
        assert_eq!(locate_from(Named::default(), None, None, |_| true), Path::new(FILE_NAME));
    }
}
