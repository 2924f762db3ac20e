//! `create`: a new asset that packs at once, of files that are there already or with one to begin.

use crate::cli::Consent;
use crate::cli::families;
use clap::Args;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use prometeu_packer::family;
use prometeu_packer::mutate::{CreateAsset, Given, GivenFile, Mutation};
use prometeu_packer::ops::{Blocker, BlockerCode};
use prometeu_packer::storage::os::OsStorage;
use prometeu_packer::storage::read_up_to;

use super::Context;
use crate::exit::Exit;
use crate::printer::{display_path, units};
use crate::{consent, project, root, session};

/// `create`
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The new folder, relative to `assets/` or as a path into it
    root: OsString,

    /// What kind of asset it is
    #[arg(long = "type", value_name = "FAMILY", value_parser = families())]
    family: String,

    /// Its name; the folder's own unless given
    #[arg(long)]
    name: Option<String>,

    /// Files to copy into it: pictures for tiles, WAV files for sounds, anything for a blob_bank; the order is
    /// that of their indices
    #[arg(long, value_name = "FILE", num_args = 1..)]
    from: Vec<PathBuf>,

    /// Size of the tiles in the pictures [possible values: 8, 16, 32]; the largest that divides all
    /// of them unless given
    #[arg(long, value_name = "PIXELS", requires = "from")]
    tile_size: Option<u32>,

    #[command(flatten)]
    consent: Consent,
}

pub(super) fn run(context: &Context<'_>, request: &Create) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let root = root::resolve(project.layout(), &project::current_dir()?, &request.root)?;
    let mutation = Mutation::CreateAsset(CreateAsset {
        root: root.clone(),
        family: request.family.clone(),
        name: request.name.clone(),
        from: given(&request.family, &request.from, request.tile_size)?,
    });
    let outcome = consent::mutate(context.printer, &project, &mutation, &request.consent);
    if outcome.applied.is_some() && context.printer.for_people() {
        let shell = context.printer.shell();
        let folder = display_path(&project.layout().root(&root));
        if request.from.is_empty() {
            shell.hint(format_args!("put your own files into `{folder}` and name them in its `asset.json`"));
            shell.hint("`cargo prometeu doctor` then says what is missing, `cargo prometeu pack` packs");
        } else {
            shell.hint(format_args!("`{folder}` holds copies; `cargo prometeu pack` packs"));
        }
    }
    Ok(outcome.exit)
}

/// The files of `--from`, read; none are none.
///
/// # Errors
///
/// For the first that cannot be taken.
pub(crate) fn given(
    family: &str,
    from: &[PathBuf],
    tile_size: Option<u32>,
) -> Result<Option<Given>, Blocker> {
    if from.is_empty() {
        return Ok(None);
    }
    let most = family::by_name(family).map_or(Given::LIMIT, family::Family::input_limit);
    let mut left = Given::LIMIT;
    let mut files = Vec::with_capacity(from.len());
    for path in from {
        let file = read(path, most, left)?;
        left -= file.bytes.len() as u64;
        files.push(file);
    }
    Ok(Some(Given { files, tile_size }))
}

/// Reads a regular file of at most `most` bytes, when no more than `left` are wanted.
fn read(path: &Path, most: u64, left: u64) -> Result<GivenFile, Blocker> {
    let shown = display_path(path);
    let invalid = |message: String| Blocker::new(BlockerCode::InvalidArgument, message).at(shown.clone());
    let too_large = |size: u64| {
        if size > most {
            let message = format!("`{shown}` has {}", units::bytes(size));
            return invalid(format!("{message}, and a file of this type has at most {}", units::bytes(most)))
                .help("Split it, or leave it out.");
        }
        let limit = units::bytes(Given::LIMIT);
        invalid(format!("the files are more than the {limit} that are copied at once, reached in `{shown}`"))
            .help(
                "Make several assets; or create this one with fewer files, put the others into its folder, \
                 and name them in its `asset.json`.",
            )
    };
    let failed = |error: std::io::Error| {
        let help = "Check the spelling; a path is taken from the current folder.";
        match error.kind() {
            std::io::ErrorKind::NotFound => invalid(format!("there is no file `{shown}`")).help(help),
            _ => Blocker::new(BlockerCode::IoError, format!("failed to read `{shown}`: {error}"))
                .at(shown.clone()),
        }
    };
    let metadata = fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        let inside = display_path(&path.join("*"));
        return Err(invalid(format!("`{shown}` is a folder, and `--from` takes files"))
            .help(format!("Give the files in it: `--from {inside}`.")));
    }
    if !metadata.is_file() {
        return Err(invalid(format!("`{shown}` is not a regular file"))
            .help("Give files: a pipe or a device cannot be copied."));
    }
    let limit = most.min(left);
    if metadata.len() > limit {
        return Err(too_large(metadata.len()));
    }
    let (bytes, stamp) = read_up_to(&OsStorage, path, limit).map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(too_large(stamp.size));
    }
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok(GivenFile { name, bytes })
}
