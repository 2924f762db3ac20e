//! Where the game's pack is, and its constants.

use std::path::{Path, PathBuf};

/// The variable that names a pack: at run time to overrule every other place, and while the game is
/// compiled, set by the build script, to say what it packed.
pub(crate) const VARIABLE: &str = "PROMETEU_ASSETS_PA";

/// The pack's name beside the executable.
const FILE_NAME: &str = "assets.pa";

/// The path of the game's pack, as a `PathBuf`. In this order:
///
/// 1. what the variable `PROMETEU_ASSETS_PA` says when the game runs, unless it is empty;
/// 2. `assets.pa` beside the executable, if there is such a file;
/// 3. the pack that the build script of the crate that calls this macro made, if it is still there.
///
/// `cargo run` and `cargo test` set the variable to the pack that was just built, since cargo hands
/// what a build script sets to the program too.
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
    let variable = std::env::var_os(VARIABLE).map(PathBuf::from);
    let executable = std::env::current_exe().ok();
    locate_from(variable, executable.as_deref(), built, Path::is_file)
}

/// The rule of [`locate!`](crate::locate), as a function of what it asks the system for.
pub(crate) fn locate_from(
    variable: Option<PathBuf>,
    executable: Option<&Path>,
    built: Option<&str>,
    is_file: impl Fn(&Path) -> bool,
) -> PathBuf {
    if let Some(path) = variable.filter(|path| !path.as_os_str().is_empty()) {
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
        let executable = Path::new("/games/hearts/hearts");
        let is_file = |path: &Path| files.iter().any(|file| path == Path::new(file));
        let found = locate_from(variable.map(PathBuf::from), Some(executable), built, is_file);
        assert_eq!(found, Path::new(expected));
    }

    const BESIDE: &str = "/games/hearts/assets.pa";
    const BUILT: &str = "/src/target/out/assets.pa";

    #[test]
    fn the_variable_overrules_every_other_place_even_if_nothing_is_there() {
        check(Some("/tmp/other.pa"), Some(BUILT), &[BESIDE, BUILT], "/tmp/other.pa");
    }

    #[test]
    fn an_empty_variable_says_nothing() {
        check(Some(""), None, &[BESIDE], BESIDE);
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
        assert_eq!(locate_from(None, None, None, |_| true), Path::new(FILE_NAME));
    }
}
