//! Packs a game's assets from its `build.rs`.
//!
//! ```no_run
//! // build.rs
//! fn main() {
//!     packer_build::run();
//! }
//! ```
//!
//! With that, `cargo build` checks what `assets/` declares, packs it into `OUT_DIR/assets.pa`, writes
//! a constant for everything in it, and tells cargo exactly what to watch. The game reads it by
//! `packer_format::include_assets!()` and `packer_format::locate!()`. The whole story, with what each
//! printed line is for, is in `docs/build-script.md`.
//!
//! # Promises
//!
//! * **Quiet when all is well**: cargo's directives, and nothing else unless something deserves a
//!   warning.
//! * **Readable when it is not**: every error drawn like the compiler's own, with the line of
//!   `asset.json` and a caret, the same as `cargo prometeu doctor` draws it. [`run`] never panics and
//!   always returns.
//! * **A failed build takes nothing away**: the last good pack and its constants stay as they are.
//! * **Nothing is written but in the output folder**, and in the cache folder if one is named.
//!
//! # Variables
//!
//! | variable | set to anything but nothing or `0` |
//! | --- | --- |
//! | `PROMETEU_SKIP` | an empty, valid pack; constants of whatever can be read; also when `DOCS_RS` is set |
//! | `PROMETEU_STRICT` | warnings stop the build |
//! | `PROMETEU_CACHE_DIR` | is the folder of the cache, instead of the output folder |
//!
//! # Several packages
//!
//! A game that is a library with a thin binary beside it packs in the binary's script, and the
//! library's writes the constants and nothing else. A tile that was edited then compiles the binary
//! again, and not the library:
//!
//! ```no_run
//! // build.rs of the library; the assets lie beside the binary's `Cargo.toml`
//! fn main() {
//!     packer_build::Config::new().project_dir("../game").constants_only().run();
//! }
//! ```
//!
//! # Outside cargo
//!
//! Another build system names both folders and wants no directives:
//!
//! ```no_run
//! # fn main() -> Result<(), packer_build::Error> {
//! let report = packer_build::Config::new()
//!     .project_dir("game")
//!     .out_dir("out")
//!     .cargo_directives(false)
//!     .build()?;
//! println!("{} assets in {}", report.total_assets, report.pack.display());
//! # Ok(())
//! # }
//! ```

#![expect(clippy::needless_doctest_main, reason = "a build script is its `main`")]

mod config;
mod constants;
mod constants_only;
mod directive;
mod environment;
mod error;
mod ids;
mod job;
mod last;
mod report;
mod slow_hashing;
mod workers;

pub use config::Config;
pub use constants_only::{ConstantsOnly, ConstantsReport};
pub use error::Error;
pub use report::{MadeAsset, Report};

/// Packs the assets of the package whose build script this is.
///
/// Returns normally whatever happens: a failure is told to cargo, which stops the build and shows it.
/// For more say in the matter there is [`Config`].
pub fn run() {
    Config::new().run();
}
