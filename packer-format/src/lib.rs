//! The bytes of `assets.pa`.

#![cfg_attr(not(feature = "std"), no_std)]
extern crate alloc;

mod address;
mod bank;
mod header;
mod id;
mod pack;

pub mod json;
pub mod layout;

#[cfg(all(feature = "std", any(unix, windows)))]
mod file;
#[cfg(feature = "std")]
mod locate;
#[cfg(feature = "std")]
mod writer;

// What a game's constants are made of.
pub use address::{Blob, BlobBankId, GlyphBankId, Sample, SoundBankId, Tile};
pub use id::{AssetId, AssetIdError};

// Reading: a pack in memory or in a file, and what its banks hold.
pub use bank::{
    AssetName, BankError, BlobBank, BlobView, GlyphBank, Rgb565, SampleView, SoundBank, TileView,
};
#[cfg(all(feature = "std", any(unix, windows)))]
pub use file::{PackFile, PackFileError, PackFileErrorKind};
pub use pack::Pack;

// The table of a pack, and how it is planned and written.
pub use header::{Codec, Entry, FormatError, Header, PlanError, PlannedAsset, Preload};
#[cfg(feature = "std")]
pub use writer::{PackWriter, PayloadWriter, WriteError};

#[cfg(feature = "std")]
#[doc(hidden)]
pub use locate::__locate;

/// Reads the constants of the game's assets, which its build script wrote.
///
/// Give them a module of their own: `mod assets { packer_format::include_assets!(); }`.
#[macro_export]
macro_rules! include_assets {
    () => {
        ::core::include!(::core::concat!(
            ::core::env!(
                "OUT_DIR",
                "there are no constants of assets, because this crate has no build script: give it a \
                 `build.rs` whose `main` calls `packer_build::run()`, or run `cargo prometeu init`"
            ),
            "/assets.rs"
        ));
    };
}
