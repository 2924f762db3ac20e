//! The floor: what this machine allows for a packer's job, without the packer.
//!
//! Each program does only what cannot be left out. It knows no assets, no declarations and no format:
//! a "pack" here is all files of a folder, one behind the other. It runs as its own process, which is
//! this bench started again with [`FLAG`] before its arguments.
//!
//! | program | does |
//! | --- | --- |
//! | `spawn` | starts and ends |
//! | `walk` | lists all folders |
//! | `stat` | lists and stats everything |
//! | `known` | stats the files and folders on record, and lists nothing: every edit shows, and a new file shows in its folder's time |
//! | `read`, `hash` | reads everything; and takes its SHA-256 |
//! | `compare` | reads everything, and the pack beside it, and compares the bytes |
//! | `cold` | walks, reads, hashes, writes a pack and a record, renames both over the old ones |
//! | `one` | walks, lets the kernel copy what stayed from the old pack, writes what changed, what is new last, renames |
//!
//! What it does not do: it syncs only when it is asked to, it promises nothing after a crash, and a
//! file that changes while it is read is not noticed.

mod pack;
mod tree;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tree::Tree;

/// What this process was started with if it is to be the floor.
pub(crate) const FLAG: &str = "--floor";

/// The program `known`, as arguments behind [`FLAG`]. Of the two folders, `assets` holds what is packed and
/// `out` holds pack and record. The same for all below.
pub(crate) const KNOWN: Program = Program { name: "known", threads: 2, sync: false };

/// The program `cold`.
pub(crate) const COLD: Program = Program { name: "cold", threads: 2, sync: false };

/// The program `one`.
pub(crate) const ONE: Program = Program { name: "one", threads: 2, sync: false };

/// The program `compare`.
pub(crate) const COMPARE: Program = Program { name: "compare", threads: 2, sync: false };

/// The program `hash`.
pub(crate) const HASH: Program = Program { name: "hash", threads: 2, sync: false };

/// One of the programs, and how it is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Program {
    name: &'static str,
    threads: usize,
    sync: bool,
}

impl Program {
    /// All that are worth a line of their own, in order of what they do.
    pub(crate) fn all() -> Vec<Self> {
        let of = |name, threads, sync| Self { name, threads, sync };
        let mut all = vec![of("spawn", 1, false)];
        for name in ["walk", "stat", "known", "read", "hash", "compare", "cold"] {
            all.extend([of(name, 1, false), of(name, 2, false)]);
        }
        all.extend([of("cold", 2, true), of("one", 2, false), of("one", 2, true)]);
        all
    }

    /// What it is called in tables.
    pub(crate) fn label(self) -> String {
        let Self { name, threads, sync } = self;
        let threads = if threads > 1 { format!(", {threads} threads") } else { String::new() };
        format!("floor {name}{threads}{}", if sync { ", synced" } else { "" })
    }

    /// Its arguments, [`FLAG`] first. The pack is filled up to `size` bytes.
    pub(crate) fn arguments(self, assets: &Path, out: &Path, size: u64) -> Vec<std::ffi::OsString> {
        let Self { name, threads, sync } = self;
        let [threads, size, sync] = [threads.to_string(), size.to_string(), sync.to_string()];
        vec![FLAG.into(), name.into(), assets.into(), out.into(), threads.into(), size.into(), sync.into()]
    }
}

/// Is the program that the arguments behind [`FLAG`] name.
///
/// # Errors
///
/// What the system says, and arguments that are none.
pub(crate) fn main(arguments: &[String]) -> io::Result<()> {
    let [name, assets, out, threads, size, sync] = arguments else {
        return Err(io::Error::other(format!("not the arguments of a floor program: {arguments:?}")));
    };
    let number = |text: &str| text.parse::<u64>().map_err(io::Error::other);
    let place = pack::Place { out: PathBuf::from(out), size: number(size)?, sync: sync == "true" };
    let threads = usize::try_from(number(threads)?).map_err(io::Error::other)?;
    let assets = Path::new(assets);
    let done = match name.as_str() {
        "spawn" => 0,
        "walk" => Tree::walk(assets, threads, false)?.len(),
        "stat" => Tree::walk(assets, threads, true)?.len(),
        "known" => place.record()?.differing(threads)?,
        "read" => pack::read(&Tree::walk(assets, threads, true)?, threads, false)?,
        "hash" => pack::read(&Tree::walk(assets, threads, true)?, threads, true)?,
        "compare" => place.compare(&Tree::walk(assets, threads, true)?, threads)?,
        "cold" => place.write_anew(&Tree::walk(assets, threads, true)?, threads)?,
        "one" => place.write_changed(Tree::walk(assets, threads, true)?)?,
        _ => return Err(io::Error::other(format!("there is no floor program `{name}`"))),
    };
    // Said, so that no compiler can leave the work out.
    writeln!(io::stdout(), "{done}")
}
