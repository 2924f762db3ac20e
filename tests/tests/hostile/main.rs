//! A checkout that a stranger made: the packer is asked to pack it, and to look it over.
//!
//! Whatever stands in it, there is no panic and no hang, nothing is read or written outside the
//! project and the output folder, and what is wrong has a code. Each module is one kind of attack;
//! what all of them must keep is asserted in one place, [`siege`].

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod declarations;
#[cfg(unix)]
mod exchange;
#[cfg(unix)]
mod journals;
mod names;
mod pictures;
mod siege;
#[cfg(target_os = "linux")]
mod sizes;
mod sounds;
#[cfg(unix)]
mod swapper;
#[cfg(unix)]
mod trees;
