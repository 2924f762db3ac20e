//! Being told by the system that something in a project's `assets/` may have changed.
//!
//! A [`Sign`] says only that it may be worth to look; what changed, if anything, whoever looks finds out.
//! Two folders are watched: `assets/` with all that is in it, and the one above it for the sake of its name,
//! since a folder that is deleted, renamed away or put in place of another takes what watched it along.
//! Then there is a sign, and [`Told::follow`] watches what has the name now.
//!
//! Reading is no sign, and neither is anything beside `assets/`, such as a pack that is published: who looks
//! and packs does not wake itself.
//!
//! # Where it stops
//!
//! What the system does not tell, as on many network drives, gives no sign. Whoever waits for signs looks now
//! and then all the same.

#[cfg(feature = "notify")]
#[path = "system.rs"]
mod told;
#[cfg(not(feature = "notify"))]
#[path = "nobody.rs"]
mod told;

pub(crate) use told::Told;

/// What the system has to say.
#[cfg_attr(not(feature = "notify"), expect(dead_code, reason = "nobody says it"))]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Something may have changed.
    Change,
    /// Another folder may have the name `assets/` now, or none.
    Replaced,
    /// From now on not everything may be told, and why.
    Trouble(String),
}
