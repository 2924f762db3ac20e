//! Names of things in a pack, as types: which bank, and which artifact of it.
//!
//! The constants in a game's `assets.rs` are made of these. Each kind of bank has its own id type,
//! so that handing a blob where a tile sheet is asked for does not compile:
//!
//! ```compile_fail,E0308
//! # use packer_format::{BlobBankId, GlyphBankId};
//! fn draw(bank: GlyphBankId) {}
//! draw(BlobBankId::new(1)); // expected `GlyphBankId`, found `BlobBankId`
//! ```
//!
//! All of them are plain numbers underneath and cost nothing.

use core::fmt;

use crate::AssetId;

macro_rules! bank_and_artifact {
    (
        $(#[$bank_doc:meta])* $Bank:ident is $bank_type:literal,
        $(#[$artifact_doc:meta])* $Artifact:ident by $(#[$make_doc:meta])* $make:ident
    ) => {
        $(#[$bank_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $Bank(AssetId);

        impl $Bank {
            /// `bank_type` of such a bank in the pack's table.
            pub const BANK_TYPE: &'static str = $bank_type;

            /// The bank whose asset id is `asset_id`, for numbers that are known when the program
            /// is compiled.
            ///
            /// # Panics
            ///
            /// When `asset_id` is 0 or above 2 147 483 647, as [`AssetId::new`]. For numbers from
            /// outside, make an [`AssetId`] first and use `from`.
            #[must_use]
            pub const fn new(asset_id: u32) -> Self {
                Self(AssetId::new(asset_id))
            }

            /// The asset's id.
            #[must_use]
            pub const fn id(self) -> AssetId {
                self.0
            }

            $(#[$make_doc])*
            #[must_use]
            pub const fn $make(self, index: u16) -> $Artifact {
                $Artifact { bank: self, index }
            }
        }

        /// Says that the asset is of this kind; opening it checks that.
        impl From<AssetId> for $Bank {
            fn from(id: AssetId) -> Self {
                Self(id)
            }
        }

        impl From<$Bank> for AssetId {
            fn from(bank: $Bank) -> Self {
                bank.0
            }
        }

        impl fmt::Display for $Bank {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        $(#[$artifact_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $Artifact {
            bank: $Bank,
            index: u16,
        }

        impl $Artifact {
            /// The bank that it belongs to.
            #[must_use]
            pub const fn bank(self) -> $Bank {
                self.bank
            }

            /// Its index in the bank, from 0.
            #[must_use]
            pub const fn index(self) -> u16 {
                self.index
            }
        }
    };
}

bank_and_artifact! {
    /// An asset of tiles and palettes (`bank_type` `GLYPH`).
    GlyphBankId is "GLYPH",
    /// One tile of a glyph bank, or the first cell of a sheet.
    Tile by
    /// The tile with that index, from 0.
    tile
}

bank_and_artifact! {
    /// An asset of sampled sounds (`bank_type` `SOUNDS`).
    SoundBankId is "SOUNDS",
    /// One sample of a sound bank.
    Sample by
    /// The sample with that index, from 0.
    sample
}

bank_and_artifact! {
    /// An asset of files taken as they are (`bank_type` `BLOB`).
    BlobBankId is "BLOB",
    /// One file of a blob bank.
    Blob by
    /// The blob with that index, from 0.
    blob
}

impl Tile {
    /// The `n`th cell after this one: for a sheet, whose cells are numbered row by row.
    ///
    /// Past the last index of all it stays there, which no bank holds.
    #[must_use]
    pub const fn nth(self, n: u16) -> Self {
        Self { bank: self.bank, index: self.index.saturating_add(n) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BANK: GlyphBankId = GlyphBankId::new(12);
    const HEART: Tile = BANK.tile(3);

    #[test]
    fn an_artifact_knows_its_bank_and_a_bank_its_asset() {
        assert_eq!((HEART.bank(), HEART.index()), (BANK, 3));
        assert_eq!(AssetId::from(BANK), AssetId::new(12));
        assert_eq!(GlyphBankId::from(AssetId::new(12)), BANK);
        assert_eq!(SoundBankId::new(1).sample(9).index(), 9);
        assert_eq!(BlobBankId::new(1).blob(9).bank().id(), AssetId::MIN);
    }

    #[test]
    fn the_cells_of_a_sheet_follow_its_first_and_never_wrap() {
        const SECOND: Tile = HEART.nth(1);
        assert_eq!(SECOND, BANK.tile(4));
        assert_eq!(HEART.nth(u16::MAX).index(), u16::MAX);
    }
}
