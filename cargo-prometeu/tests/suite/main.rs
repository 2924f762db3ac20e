//! The real binary on temporary projects: what it writes, prints and ends with.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod adopt;
mod cache;
mod ci;
mod circle;
mod diff;
mod doctor;
mod explain;
mod extract;
mod findings;
mod formats;
mod glance;
mod harness;
mod hooks;
mod init;
mod interrupted;
mod json;
mod manners;
mod mutations;
mod packing;
mod profiles;
#[cfg(unix)]
mod progress;
mod quarantine;
mod relocate;
mod report;
mod schemas;
mod serve;
mod settings;
mod shells;
mod show;
#[cfg(unix)]
mod signals;
mod situations;
mod status;
mod teamwork;
mod undo;
mod verify;
mod watch;
mod why;
mod wizard;
