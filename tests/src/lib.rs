//! The harness of the cross-crate suite: temporary games on disk, and a real cargo that builds them.
//!
//! What it guarantees: a test sees only what it wrote itself. Games live in temporary folders, cargo
//! runs without the variables of the cargo that runs the tests, and nothing is fetched: a game
//! resolves to the very versions of this workspace's `Cargo.lock`.
//!
//! What it does not do: it never writes into this checkout, except below its target directory, and
//! golden texts when it is asked to ([`golden`]).
//!
//! A test that needs a tool which is not there calls [`skip`], which is heard even from a test that
//! passes.

pub mod assets;
pub mod bench;
pub mod blueprint;
pub mod browser;
pub mod cargo;
pub mod dice;
pub mod game;
pub mod golden;
pub mod journal;
pub mod listing;
pub mod load;
pub mod packing;
pub mod page;
#[cfg(unix)]
pub mod playing;
#[cfg(target_os = "linux")]
pub mod power;
pub mod spelling;
pub mod strace;
pub mod wav;
pub mod workload;

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The checkout that the tests belong to.
///
/// Read when the test runs, so that a checkout that was moved is found where it is now.
#[must_use]
pub fn checkout() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it for the tests that it runs");
    Path::new(&manifest).parent().expect("the package lies in a folder of the workspace").to_owned()
}

/// Says loudly that a test proves nothing here, and why.
///
/// It writes past the test runner, which hides what passing tests print.
pub fn skip(test: &str, why: &str) {
    // Nobody can be told when standard error is gone.
    let _ = writeln!(std::io::stderr(), "\n!!! SKIPPED: {test}: {why}\n");
}

/// Says a line that everybody sees, also when everything passed.
pub fn say(line: &str) {
    // Nobody can be told when standard error is gone.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Says what a suite proved: a line that everybody sees, also when everything passed. A failure never
/// gets here: it has panicked, with its case.
pub fn tally(suite: &str, cases: usize, seed: u64) {
    say(&format!("{suite}: {cases} cases, 0 failed, seed {seed:#x}"));
}
