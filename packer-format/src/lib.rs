//! The bytes of `assets.pa`: what a game links to find, open and name its assets.
//!
//! The build script of a game (`packer_build::run()`) packs `assets/` into one file and writes a
//! constant for every asset. With those, a game reads like this:
//!
//! ```no_run
//! # use packer_format::{GlyphBankId, Tile};
//! # struct Screen;
//! # impl Screen { fn set(&mut self, _: usize, _: usize, _: [u8; 3]) {} }
//! # #[cfg(all(feature = "game", feature = "std", any(unix, windows)))]
//! # fn game(screen: &mut Screen) -> Result<(), Box<dyn std::error::Error>> {
//! # #[cfg(any())]
//! mod assets {
//!     packer_format::include_assets!();
//! }
//! # mod assets { pub mod ui {
//! #     pub const ATLAS: ::packer_format::GlyphBankId = ::packer_format::GlyphBankId::new(1);
//! #     pub mod atlas { pub const HEART: ::packer_format::Tile = ::packer_format::GlyphBankId::new(1).tile(0); }
//! # } }
//!
//! let pack = packer_format::PackFile::open(packer_format::locate!())?;
//! let atlas = pack.glyph_bank(assets::ui::ATLAS)?;
//! let heart = atlas.tile(assets::ui::atlas::HEART)?;
//! let colours = atlas.palette(0)?;
//! for (x, y, colour) in heart.pixels() {
//!     screen.set(x, y, colours[usize::from(colour)].to_rgb888());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`locate!`] finds the file in development and in a shipped game, [`PackFile`] keeps only the
//! table in memory, and a constant of the wrong kind does not compile.
//!
//! # From nothing to a pack and back
//!
//! What the packer does, in small: plan the header, stream the payloads, read them back.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # #[cfg(all(feature = "game", feature = "std"))] {
//! use std::io::Write;
//! use packer_format::{AssetId, BlobBankId, Header, Pack, PackWriter, PlannedAsset};
//! use packer_format::json::{Object, Value};
//!
//! // A build script writes such constants; each knows what kind of bank it is.
//! const STORY: BlobBankId = BlobBankId::new(7);
//! const INTRO: packer_format::Blob = STORY.blob(0);
//!
//! let text = b"Once upon a time";
//! let blob = Object::from([
//!     ("length".into(), Value::from(16)),
//!     ("name".into(), Value::from("intro.txt")),
//!     ("offset".into(), Value::from(0)),
//! ]);
//! let blobs = Object::from([("0".into(), Value::from(blob))]);
//! let header = Header::plan([PlannedAsset {
//!     asset_id: STORY.id(),
//!     asset_name: "story".into(),
//!     bank_type: BlobBankId::BANK_TYPE.into(),
//!     decoded_size: 16,
//!     size: 16,
//!     metadata: Object::from([("blobs".into(), Value::from(blobs))]),
//!     preload: false,
//! }])?;
//!
//! let mut writer = PackWriter::new(Vec::new(), &header)?;
//! writer.begin(STORY)?.write_all(text)?;
//! let bytes = writer.finish()?;
//!
//! let pack = Pack::new(&bytes)?;
//! assert_eq!(pack.header(), &header);
//! assert_eq!(pack.blob_bank(STORY)?.blob(INTRO)?.bytes(), text);
//! # }
//! # Ok(())
//! # }
//! ```
//!
//! # Layers
//!
//! * [`Header::read`] needs only the bytes in front of the payloads, and says how many those are.
//! * [`Pack`] reads a slice, [`PackFile`] a file by positioned reads. Both check the whole layout
//!   when they open a pack, and nothing of the payloads.
//! * [`GlyphBank`], [`SoundBank`] and [`BlobBank`] give a payload its meaning, whichever reader it
//!   came from.
//!
//! # What it promises, and what it does not
//!
//! Each pack has exactly one byte string: a reader accepts what the writer would have written and
//! nothing else. No input makes a reader panic, and none makes it allocate by a number that it has
//! not checked against the file's length.
//!
//! The format has no checksum. A damaged payload is not noticed, and a bit that flips inside a name
//! or in metadata may give another valid pack: whoever must know compares `pack.digest` (the
//! companion `asset_table_metadata.json` has it, `cargo prometeu pack --check` makes the pack anew and
//! compares). This crate computes no digests, so that games need not link a hash.
//!
//! # Features
//!
//! `std` (default): files ([`PackFile`], [`PackWriter`], [`locate!`]). Without it the crate needs
//! `alloc` only. `game` (default): what a game reads with, packs and banks; without it there
//! is the table of a pack and its JSON, which is all that the packer needs. `watch`: packs that are replaced while the
//! game runs (`watch::LivePack`). It has no dependencies and no unsafe code.

#![cfg_attr(not(feature = "std"), no_std)]
extern crate alloc;

mod address;
#[cfg(feature = "game")]
mod bank;
mod header;
mod id;
#[cfg(feature = "game")]
mod pack;
mod quote;

pub mod json;
pub mod layout;

#[cfg(all(feature = "game", feature = "std", any(unix, windows)))]
mod file;
#[cfg(all(feature = "game", feature = "std"))]
mod locate;
#[cfg(all(feature = "watch", any(unix, windows)))]
pub mod watch;
#[cfg(feature = "std")]
mod writer;

// What a game's constants are made of.
pub use address::{Blob, BlobBankId, GlyphBankId, Sample, SoundBankId, Tile};
pub use id::{AssetId, AssetIdError};

// Reading: a pack in memory or in a file, and what its banks hold.
#[cfg(feature = "game")]
pub use bank::{
    AssetName, BankError, BlobBank, BlobView, GlyphBank, Rgb565, SampleView, SoundBank, TileView,
};
#[cfg(all(feature = "game", feature = "std", any(unix, windows)))]
pub use file::{PackFile, PackFileError, PackFileErrorKind};
#[cfg(feature = "game")]
pub use pack::Pack;

// The table of a pack, and how it is planned and written.
pub use header::{Codec, Entry, FormatError, Header, PlanError, PlannedAsset, Preload};
#[cfg(feature = "std")]
pub use writer::{PackWriter, PayloadWriter, WriteError};

#[cfg(all(feature = "game", feature = "std"))]
#[doc(hidden)]
pub use locate::__locate;

/// Reads the constants of the game's assets, which its build script wrote.
///
/// Give them a module of their own: `mod assets { packer_format::include_assets!(); }`. In a crate
/// without a build script it is a compile error that says what to do.
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
