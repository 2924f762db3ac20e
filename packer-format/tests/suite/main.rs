//! What `packer-format` promises of whole packs, in one binary.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests, and counts of cases")]

mod banks;
mod files;
mod header;
mod hostile;
#[cfg(feature = "watch")]
mod live;
mod page;
mod properties;
mod sample;
mod writing;
