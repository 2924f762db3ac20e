//! `inspect`: what is in a pack, as a game would read it.
//!
//! It belongs to no project. The pack's reader checks the table; here the gaps are looked at as
//! well, and the digest is computed, so the whole file is read once. With `--extract` it is taken apart
//! into assets again.

mod extract;

use clap::Args;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::path::PathBuf;

use packer_format::{Entry, PackFile, PackFileError, PackFileErrorKind};
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::ops::{Blocker, BlockerCode, OperationClass, Status};
use prometeu_packer::{Digest, IdSource as _};
use serde_json::{Map, Value, json};

use super::Context;
use crate::exit::{self, Exit};
use crate::printer::human::counted;
use crate::printer::table::{Align, Table};
use crate::printer::{Printer, display_path, units};
use crate::session::Uuids;
use crate::wire;

/// The name in `operation`.
pub(super) const OPERATION: &str = "inspect";

/// `inspect`
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// An `assets.pa`
    pack: PathBuf,

    /// Write its assets back as folders, each with an `asset.json`, into this one, which is new or empty
    #[arg(long, value_name = "DIR")]
    extract: Option<PathBuf>,
}

pub(super) fn run(context: &Context<'_>, request: &Inspect) -> Result<Exit, Blocker> {
    let path = &request.pack;
    let (pack, payloads) = match read(path)? {
        Ok(read) => read,
        Err(error) => return unreadable(context.printer, OPERATION, &error),
    };
    let digest = digest(&pack, &payloads)?;
    let extracted =
        request.extract.as_deref().map(|dir| extract::extract(context, &pack, dir)).transpose()?;
    if context.printer.for_people() {
        match &extracted {
            Some(extracted) => extracted.print(context.printer),
            None => print(context.printer, &pack, &digest),
        }
    } else {
        let assets = counted(pack.header().entries().len(), "asset");
        let summary = format!("{assets} in {}", path.display());
        let summary = extracted.as_ref().map_or(summary, extract::Outcome::summary);
        let mut response = wire::Response::of_command(OPERATION, Uuids.operation_id().to_string(), &summary);
        let mut members = members(&pack, &digest);
        if let Some(extracted) = &extracted {
            response.operation_class = OperationClass::Build.as_str();
            if !extracted.is_whole() {
                response.status = Status::Blocked.as_str();
            }
            members.insert("extracted".to_owned(), extracted.members());
        }
        response.payload = Some(members);
        context.printer.line(response.line());
    }
    let whole = extracted.is_none_or(|extracted| extracted.is_whole());
    Ok(if whole { exit::DONE } else { exit::FINDINGS })
}

/// A pack whose gaps are as they should be, with the digest of each payload in it.
type Whole = (PackFile, Vec<Digest>);

/// Reads all of a pack; within, what is wrong with the file.
///
/// # Errors
///
/// When `path` is a folder.
pub(super) fn read(path: &Path) -> Result<Result<Whole, PackFileError>, Blocker> {
    if path.is_dir() {
        let message = format!("`{}` is a folder", display_path(path));
        let help = format!("Name the pack in it: `{}`.", display_path(&path.join("assets.pa")));
        return Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help));
    }
    Ok(PackFile::open(path).and_then(|pack| {
        pack.verify_gaps()?;
        payloads(&pack).map(|payloads| (pack, payloads))
    }))
}

/// The digest of each payload, in the order of the table.
pub(crate) fn payloads(pack: &PackFile) -> Result<Vec<Digest>, PackFileError> {
    let entries = pack.header().entries().iter();
    entries.map(|entry| pack.payload(entry.asset_id).map(|payload| Digest::of(&payload))).collect()
}

/// `pack.digest`: over what stands before the payloads, and each payload's own digest.
///
/// # Errors
///
/// When the file cannot be read any more.
pub(crate) fn digest(pack: &PackFile, payloads: &[Digest]) -> Result<String, Blocker> {
    let mut tree = Vec::new();
    File::open(pack.path())
        .and_then(|file| file.take(pack.header().payload_offset()).read_to_end(&mut tree))
        .map_err(|error| failed(pack.path(), &error))?;
    payloads.iter().for_each(|payload| tree.extend(payload.as_bytes()));
    Ok(format!("pmpa-tree-1:{}", Digest::of(&tree)))
}

fn failed(path: &Path, error: &io::Error) -> Blocker {
    Blocker::new(BlockerCode::IoError, format!("failed to read `{}`: {error}", display_path(path)))
}

/// A pack that is not one is a finding; a file that is not there is a mistyped argument.
///
/// # Errors
///
/// When the file is not there, or the file system fails.
pub(super) fn unreadable(
    printer: &Printer,
    operation: &'static str,
    error: &PackFileError,
) -> Result<Exit, Blocker> {
    let path = display_path(&error.path);
    let help = "`cargo prometeu pack` makes a pack at `build/assets.pa`.";
    match &error.kind {
        PackFileErrorKind::Open(cause) if cause.kind() == io::ErrorKind::NotFound => {
            let message = format!("there is no pack `{path}`");
            Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help))
        }
        PackFileErrorKind::Open(cause) if cause.kind() == io::ErrorKind::InvalidInput => {
            let message = format!("`{path}` cannot be read as a pack: {cause}");
            let help = "A pack is read in places here and there: write it to a file first.";
            Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help))
        }
        PackFileErrorKind::Open(cause) | PackFileErrorKind::Read(cause) => Err(failed(&error.path, cause)),
        damaged => {
            let reason = match damaged {
                PackFileErrorKind::Format(reason) => reason.to_string(),
                _ => error.to_string(),
            };
            if printer.for_people() {
                printer.shell().error(visible(&format!("`{path}` cannot be read: {reason}")));
                printer.shell().help("Pack again with `cargo prometeu pack`, or name another file.");
            } else {
                let id = Uuids.operation_id().to_string();
                let mut response = wire::Response::of_command(operation, id, &reason);
                response.status = "blocked";
                printer.line(response.line());
            }
            Ok(exit::FINDINGS)
        }
    }
}

fn print(printer: &Printer, pack: &PackFile, digest: &str) {
    let header = pack.header();
    let shell = printer.shell();
    if !header.entries().is_empty() {
        let mut table = Table::new([
            ("ID", Align::Right),
            ("NAME", Align::Left),
            ("BANK", Align::Left),
            ("SIZE", Align::Right),
            ("OFFSET", Align::Right),
            ("PRELOAD", Align::Left),
        ]);
        for entry in header.entries() {
            table.row([
                entry.asset_id.to_string(),
                visible(&entry.asset_name),
                visible(&entry.bank_type),
                units::bytes(entry.size),
                header.payload_range(entry).start.to_string(),
                header.slot(entry.asset_id).map_or(String::new(), |slot| format!("slot {slot}")),
            ]);
        }
        table.lines().for_each(|line| shell.print(line));
        shell.print("");
    }
    let assets = counted(header.entries().len(), "asset");
    let preloaded = match header.preload().len() {
        0 => String::new(),
        n => format!(", {n} preloaded"),
    };
    let size = units::bytes(header.file_len());
    shell.print(format_args!("{}: {size}, {assets}{preloaded}", display_path(pack.path())));
    shell.print(format_args!("digest {digest}"));
}

/// The table as JSON: the members of the pack's own, with where each payload stands in the file.
fn members(pack: &PackFile, digest: &str) -> Map<String, Value> {
    let header = pack.header();
    let assets = header.entries().iter().map(|entry| {
        json!({
            "asset_id": entry.asset_id.get(),
            "asset_name": entry.asset_name,
            "bank_type": entry.bank_type,
            "codec": entry.codec.as_str(),
            "decoded_size": entry.decoded_size,
            "metadata": metadata(entry),
            "offset": entry.offset,
            "file_offset": header.payload_range(entry).start,
            "size": entry.size,
        })
    });
    let preload = header.preload().iter();
    let preload = preload.map(|preload| json!({ "asset_id": preload.asset_id.get(), "slot": preload.slot }));
    let mut members = Map::new();
    members.insert("artifact".to_owned(), artifact(pack.path(), header.file_len(), digest));
    members.insert("payload_offset".to_owned(), json!(header.payload_offset()));
    members.insert("asset_table".to_owned(), assets.collect());
    members.insert("preload".to_owned(), preload.collect());
    members
}

/// The metadata of an asset; its own spelling of JSON is JSON.
pub(super) fn metadata(entry: &Entry) -> Value {
    let text = packer_format::json::Value::from(entry.metadata.clone()).to_string();
    serde_json::from_str(&text).unwrap_or_default()
}

pub(super) fn artifact(path: &Path, size: u64, digest: &str) -> Value {
    json!({ "path": path.to_string_lossy(), "size": size, "digest": digest })
}
