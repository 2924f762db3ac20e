//! What `init` edits outside `assets/`: the files that make cargo and git know about assets.
//!
//! | file | gets |
//! | --- | --- |
//! | `Cargo.toml` | the two dependencies; in a workspace's root manifest the profile lines, which `doctor --fix` adds as well |
//! | `build.rs` | the call that packs, where there is no build script yet |
//! | `.gitattributes` | lines that keep git from changing bytes, and name the [driver](merge_driver) of the registry |
//! | git's `config` | that driver's command, where this clone has none |
//! | `.gitignore` | `/build/`, where `pack` writes |
//! | `.vscode/settings.json`, `.vscode/prometeu/` | what editors say of a member, where that is asked for |
//!
//! Guarantees: [`plan`] reads and writes nothing; every line that was in a file is in it
//! afterwards, in its order; what is set up already is not in the plan; [`apply`] replaces each file
//! as a whole or not, and refuses one that is not as the plan saw it.
//!
//! Not here: `assets/` itself, which is the library's, and code of the game's. Where something has to
//! be written by the person, the plan has a note.

mod build_script;
mod draft;
mod editor;
mod git_files;
mod manifest;
pub(crate) mod merge_driver;
mod profiles;

use std::path::{Path, PathBuf};

use cargo_metadata::Metadata;
use prometeu_packer::Error;
use prometeu_packer::id::OperationId;
use prometeu_packer::mutate::{EditKind, FileEdit};
use prometeu_packer::ops::{Blocker, BlockerCode};
use prometeu_packer::storage::os::OsStorage;
use prometeu_packer::storage::replace_durably;
use prometeu_packer::workspace::layout::temporary_name;

use crate::project;
use draft::Drafts;
pub(crate) use editor::Editor;
use manifest::Source;
use profiles::Elsewhere;

/// What is to be edited, and what is left to the person.
#[derive(Debug, Default)]
pub(crate) struct Setup {
    /// The edits, with a few words for each.
    pub(crate) steps: Vec<Step>,
    /// What the person has to do.
    pub(crate) notes: Vec<String>,
}

/// One edit.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) edit: FileEdit,
    /// What it adds.
    pub(crate) what: String,
}

/// Plans what the project in `folder` lacks. `packer` is a checkout of the packer to depend on, `editor`
/// what it is edited with.
///
/// # Errors
///
/// When a manifest cannot be read, is one of a workspace without a package, or `packer` is no
/// checkout.
pub(crate) fn plan(folder: &Path, packer: Option<&Path>, editor: Option<Editor>) -> Result<Setup, Blocker> {
    let mut drafts = Drafts::new(folder);
    let mut notes = Vec::new();
    let path = folder.join("Cargo.toml");
    if path.is_file() {
        let source = packer.map_or(Ok(Source::Release), |packer| checkout(folder, packer))?;
        let own = drafts.read("Cargo.toml")?.unwrap_or_default();
        manifest::package(&own)?;
        let metadata = project::metadata(Some(&path))?;
        let (own, dependencies) = manifest::with_dependencies(&own, &source)?;
        if packer.is_none() && !dependencies.is_empty() {
            notes.push(from_the_registry());
        }
        drafts.write("Cargo.toml", own, dependencies)?;
        with_profile_lines(&mut drafts, folder, &metadata)?;
        notes.extend(build_script::plan(&mut drafts)?);
    } else if packer.is_some() {
        let message = format!("there is no `Cargo.toml` in `{}`", project_name(folder));
        return Err(Blocker::new(BlockerCode::InvalidArgument, message)
            .help("`--packer` says what a cargo package depends on; leave it out here."));
    }
    if path.is_file() || folder.ancestors().any(|folder| folder.join(".git").exists()) {
        git_files::plan(&mut drafts)?;
        merge_driver::plan(&mut drafts, folder)?;
    }
    if let Some(editor) = editor {
        notes.extend(editor::plan(&mut drafts, folder, editor)?);
    }
    Ok(Setup { steps: drafts.finish(), notes })
}

/// Plans the profile lines that a package lacks which packs in its build script; nothing for another, or
/// where they cannot be planned: then something else is wrong, and is said elsewhere.
pub(crate) fn profile_lines(folder: &Path) -> Option<Step> {
    let path = folder.join("Cargo.toml");
    // Cargo is asked only where its answer can matter.
    let text = std::fs::read_to_string(&path).ok()?;
    if !text.contains("build-dependencies") {
        return None;
    }
    let metadata = project::metadata(Some(&path)).ok()?;
    if !profiles::packs(folder, &metadata) {
        return None;
    }
    let mut drafts = Drafts::new(folder);
    with_profile_lines(&mut drafts, folder, &metadata).ok()?;
    drafts.finish().pop()
}

/// Drafts the profile lines, in the manifest of the workspace's root.
fn with_profile_lines(drafts: &mut Drafts, folder: &Path, metadata: &Metadata) -> Result<(), Blocker> {
    let root = metadata.workspace_root.as_std_path();
    let path = draft::relative(folder, root).map_or_else(
        || root.join("Cargo.toml").to_string_lossy().into_owned(),
        |root| format!("{root}Cargo.toml"),
    );
    let text = drafts.read(&path)?.unwrap_or_default();
    let (text, lines) = profiles::with_lines(&text, &Elsewhere::of(folder, metadata))?;
    drafts.write(&path, text, lines)
}

/// What to do where the registry of crates does not have the packer.
fn from_the_registry() -> String {
    format!(
        "`Cargo.toml` asks crates.io for version {} of the packer; where that is not published yet, take its \
         two lines out again and run `cargo prometeu init --packer CHECKOUT`, which depends on a checkout",
        env!("CARGO_PKG_VERSION")
    )
}

/// What messages call the project: its folder's name.
pub(crate) fn project_name(folder: &Path) -> String {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| folder.display().to_string())
}

/// The two crates in the checkout at `packer`, as paths for a manifest in `folder`.
fn checkout(folder: &Path, packer: &Path) -> Result<Source, Blocker> {
    let typed = project::absolute(packer)?;
    let real = |path: &Path| path.canonicalize().ok();
    // Where links are on the way, `..` means one thing to cargo and another to the system.
    let straight = project::without_dots(&typed);
    let packer = real(&typed).filter(|typed| real(&straight).as_ref() != Some(typed)).unwrap_or(straight);
    let plain = [folder, &packer].into_iter().all(|path| real(path).as_deref() == Some(path));
    let find = |name: &str| {
        let path = packer.join(name);
        if !path.join("Cargo.toml").is_file() {
            let message = format!("`{}` is no checkout of the packer: it has no `{name}`", packer.display());
            return Err(Blocker::new(BlockerCode::InvalidArgument, message)
                .help("`--packer` takes the folder that holds `packer-build` and `packer-format`."));
        }
        let near = draft::relative(folder, &path).filter(|near| plain && near.matches("../").count() <= 3);
        let path = near.map_or_else(
            || path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"),
            |near| near.trim_end_matches('/').to_owned(),
        );
        Ok(path)
    };
    Ok(Source::Checkout { build: find("packer-build")?, format: find("packer-format")? })
}

/// Whether each edit finds what it expects: the first file that is not so.
///
/// # Errors
///
/// When a file cannot be read.
pub(crate) fn check<'e>(
    folder: &Path,
    edits: impl IntoIterator<Item = &'e FileEdit>,
) -> Result<Option<&'e FileEdit>, Error> {
    for edit in edits {
        let found = draft::content(&folder.join(&edit.path))?;
        if draft::expected(found.as_deref()) != edit.expected {
            return Ok(Some(edit));
        }
    }
    Ok(None)
}

/// Makes the edits, each durably and as a whole, in order.
///
/// # Errors
///
/// At the first file that is not as expected or cannot be written; those before it stay.
pub(crate) fn apply<'e>(
    folder: &Path,
    edits: impl IntoIterator<Item = &'e FileEdit>,
    operation: OperationId,
) -> Result<(), Error> {
    for edit in edits {
        let path = followed(folder.join(&edit.path));
        if let Some(edit) = check(folder, [edit])? {
            return Err(Error::EditConflict { path: folder.join(&edit.path) });
        }
        let (EditKind::CreateFile(bytes) | EditKind::ReplaceFile(bytes)) = &edit.kind else { continue };
        if let Some(parent) = path.parent() {
            // A rename is durable in a folder that was there; what is lost with a new one is made again.
            std::fs::create_dir_all(parent).map_err(|error| Error::io("create", parent, error))?;
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("file");
        let mode = path.metadata().ok().map(|metadata| metadata.permissions());
        replace_durably(&OsStorage, &path, &temporary_name(name, operation), bytes)
            .and_then(|()| mode.map_or(Ok(()), |mode| std::fs::set_permissions(&path, mode)))
            .map_err(|error| Error::io("write", &path, error))?;
    }
    Ok(())
}

/// The file that a link leads to: a rename would put a file in the link's place.
fn followed(path: PathBuf) -> PathBuf {
    if path.is_symlink() { path.canonicalize().unwrap_or(path) } else { path }
}

#[cfg(test)]
mod tests {
    use prometeu_packer::mutate::Expected;

    use super::*;

    #[test]
    fn a_file_that_changed_since_the_plan_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".gitignore");
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        std::fs::write(&path, "/target\n").unwrap();
        let setup = plan(folder.path(), None, None).unwrap();
        std::fs::write(&path, "/target\n/mine\n").unwrap();
        let edits = || setup.steps.iter().map(|step| &step.edit);
        assert_eq!(check(folder.path(), edits()).unwrap().unwrap().path, ".gitignore");
        let operation = OperationId::parse("0198c0de-0000-7000-8000-000000000001").unwrap();
        let error = apply(folder.path(), edits(), operation).unwrap_err();
        assert!(matches!(error, Error::EditConflict { .. }), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "/target\n/mine\n");
    }

    #[test]
    #[cfg(unix)]
    fn a_link_stays_a_link_and_a_mode_stays_a_mode() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("elsewhere");
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        std::fs::write(&real, "/target\n").unwrap();
        std::fs::set_permissions(&real, PermissionsExt::from_mode(0o640)).unwrap();
        symlink("elsewhere", folder.path().join(".gitignore")).unwrap();
        let setup = plan(folder.path(), None, None).unwrap();
        let operation = OperationId::parse("0198c0de-0000-7000-8000-000000000001").unwrap();
        apply(folder.path(), setup.steps.iter().map(|step| &step.edit), operation).unwrap();
        assert!(folder.path().join(".gitignore").is_symlink());
        assert_eq!(std::fs::read_to_string(&real).unwrap(), "/target\n/build/\n");
        assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    }

    /// An absent file is expected to be absent, so that one that appeared is not overwritten.
    #[test]
    fn a_file_that_appeared_since_the_plan_is_not_overwritten() {
        assert_eq!(draft::expected(None), Expected::Absent);
        assert_ne!(draft::expected(Some(b"")), Expected::Absent);
    }
}
