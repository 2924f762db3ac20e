//! The packer: a project-scoped runtime over open asset files.
//!
//! A game's art and sound are ordinary files under `assets/`. This library reads what they declare,
//! says what is wrong with it, packs what is registered, included and valid into one deterministic
//! `assets.pa`, and plans and applies changes. It prints nothing, asks nothing and reads no
//! environment: a build script (`packer-build`) and a command (`cargo-prometeu`) are its hosts.
//!
//! ```text
//! asset.json, inputs, index.json ─▶ workspace ─▶ snapshot ─┬─▶ diagnostics
//!                                                          ├─▶ pack ─▶ assets.pa and companions
//!                                                          └─▶ mutate (a plan) ─▶ commit
//! ```
//!
//! # The rooms
//!
//! | room | holds |
//! | --- | --- |
//! | [`project`] | the one door: open, operations |
//! | [`ops`] | one file an operation: request, what it adds to the response, function |
//! | [`workspace`] | where things lie; the walk; files into values |
//! | [`schema`] | the two written formats, with places |
//! | [`snapshot`] | the immutable, numbered view, and where registry and disk contradict each other in it |
//! | [`observe`] | what the disk looks like beside a snapshot; a thread that looks now and then |
//! | [`diagnostics`] | codes, findings, rules, tidiness, drawing |
//! | [`family`] | what a `type` means: checking and encoding |
//! | [`pack`] | what can be kept, streaming, companions, publishing, the record |
//! | [`observe`] | what the disk looks like now, beside a snapshot; a thread that looks |
//! | [`extract`] | a pack taken apart into declarations and files again, as values |
//! | [`cache`] | payloads that cost more to make than to read; how much a cache folder holds, and how it is emptied |
//! | [`mutate`], `commit` | plans, their application |
//! | [`merge`] | two registries that grew apart, as one |
//! | `lane`, `lock` | one writer at a time, across threads and processes |
//! | [`cancel`] | how an operation is asked to stop |
//! | [`address`] | what an asset is called in Rust |
//! | `spelling` | which names some file system takes for one |
//! | [`event`] | what is told while an operation works, and how it gets to a sink without holding anybody up |
//! | `crew` | the threads of one operation |
//! | [`storage`], [`host`] | files, time, identities and threads, handed in like the sink |
//!
//! # Features
//!
//! `authoring` (default) is all that people do with assets: `mutate` and the writer's half of `commit`
//! and `lane`, `merge`, `observe`, the questions and checks of [`ops`], tidiness, divergences, new assets of a
//! family. Without it a project can be [opened for a build](Project::open_for_build), packed and named,
//! and nothing else: a build reads what the journal says of a change, and settles none. It is the
//! modules that carry it: `project/build_only.rs` is what a project does in their place, nothing.
//! `testing` adds the storages of tests.
//!
//! `packer-build` goes without both, since every game's first build compiles what it asks for. What a
//! build script never calls belongs behind `authoring`; `.ci/run` lints the rest alone.
//!
//! # Files it touches
//!
//! | file | read by | written by |
//! | --- | --- | --- |
//! | `assets/**/asset.json` | `workspace`, `observe` | `commit` (a new one; a uuid; today's word for an old name) |
//! | inputs in asset roots | `pack`; pictures' headers by `workspace`; what is there twice by `diagnostics::hygiene` | `commit` (a new asset's first) |
//! | `assets/.prometeu/index.json` | `workspace` | `commit` |
//! | `assets/.prometeu/local/`: `gate`, `lock`, `.gitignore` | | `lane`, made once |
//! | `assets/.prometeu/local/holder.json` | `lane` | `lane` |
//! | `assets/.prometeu/local/journal`, `last-change`, `staged/`, `removed/` | `commit`; the journal by `project` as well | `commit` |
//! | `assets/.prometeu/quarantine/` | `quarantine` | `commit` |
//! | `<out>/assets.pa` and companions | `pack` | `pack::publish` |
//! | `<out>/.staging/` | `diagnostics::hygiene`, in `build/` | `pack::publish` |
//! | `<cache>/pack-*.record` | `pack::record` | `pack::record` |
//! | `<cache>/payloads-v1/` | `cache` | `cache` |

pub mod address;
pub mod cache;
pub mod cancel;
mod commit;
mod crew;
pub mod diagnostics;
mod digest;
mod error;
pub mod event;
#[cfg(feature = "authoring")]
pub mod extract;
pub mod family;
pub mod host;
pub mod id;
mod lane;
mod lock;
#[cfg(feature = "authoring")]
pub mod merge;
#[cfg(feature = "authoring")]
pub mod mutate;
#[cfg(feature = "authoring")]
pub mod observe;
pub mod ops;
pub mod pack;
pub mod path;
pub mod project;
pub mod quarantine;
pub mod schema;
pub mod snapshot;
mod spelling;
pub mod storage;
#[cfg(test)]
mod testing;
pub mod workspace;

pub use cancel::{Cancel, Reservation};
#[cfg(feature = "authoring")]
pub use commit::Recovered;
pub use digest::Digest;
pub use error::Error;
pub use host::{Clock, IdSource, Workers};
#[cfg(feature = "authoring")]
pub use project::Beside;
pub use project::{Host, Project};
