//! The commit: a plan becomes durable as a whole, or not at all, whatever happens on the way.
//!
//! ```text
//! 1  under the lane: recover; the journal is clean, its number n       recover
//! 2  every edit finds what its plan expects                            prepare
//! 3  a new root is made whole beside the lock, every file synced       prepare
//! 4  journal `pending n+1`, with all contents before and after:        commit
//!    temporary file, sync, rename, sync of its folder                  ── decided
//! 5  folders, moves, files, the registry last; each new file is        commit (settle)
//!    written and synced beside its place, then exchanged with it
//! 6  sync of every folder that was touched                             commit (settle)
//! 7  journal `clean n+1`: temporary file, sync, rename, sync           ── acknowledged, visible
//! ```
//!
//! | a crash | leaves | and then |
//! | --- | --- | --- |
//! | before the rename of 4 | the old state, and files of our own | the next writer sweeps them |
//! | between that and its sync | either of the two | as the one or the other |
//! | up to the rename of 7 | a pending journal | it is finished, or taken back where somebody else wrote |
//! | after it | the new state | |
//!
//! Who reads meanwhile sees the state before the change until 7 ([`overlay`]); so a change becomes
//! visible at the moment at which it is acknowledged, and none that is taken back was ever seen.
//!
//! An error takes the change back; when that fails as well, the journal stays, and whoever opens the
//! project next goes on. N files in D folders cost N + D + 4 syncs, and the folders on the way once more
//! where a folder goes that a root came out of.
//!
//! Before 7 the change is kept as its journal said it, so that it can be taken back ([`last`]).
//!
//! # Where the guarantee stops
//!
//! A disk that lies about flushing is believed. Where folders cannot be synced (Windows), a commit is
//! whole but the last one may be lost with the power. See also [`settle`], about edits that others make.

#[cfg(feature = "authoring")]
mod apply;
#[cfg(feature = "authoring")]
mod aside;
pub(crate) mod control;
pub(crate) mod journal;
#[cfg(feature = "authoring")]
pub(crate) mod last;
#[cfg(feature = "authoring")]
mod made;
pub(crate) mod overlay;
pub(crate) mod place;
#[cfg(feature = "authoring")]
mod prepare;
#[cfg(feature = "authoring")]
mod settle;
#[cfg(feature = "authoring")]
mod stage;
pub(crate) mod standing;
#[cfg(feature = "authoring")]
mod sweep;
#[cfg(test)]
pub(crate) mod tests;

#[cfg(feature = "authoring")]
pub use self::apply::Recovered;
#[cfg(feature = "authoring")]
pub(crate) use self::apply::{Committed, Prepared, recover};
#[cfg(feature = "authoring")]
pub(crate) use self::prepare::prepare;
