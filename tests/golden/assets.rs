// The assets of this package, written by its build script from `assets/`. What is changed here is
// lost: a constant is renamed by renaming its folder or file.

/// `assets/levels`.
#[allow(dead_code, unreachable_pub, non_snake_case, non_upper_case_globals, clippy::allow_attributes, reason = "names of assets, as their folders have them; a game need not use all")]
pub mod levels {
    /// `levels_first`, asset 2: the blob bank in `assets/levels/first`.
    pub const FIRST: ::packer_format::BlobBankId = ::packer_format::BlobBankId::new(2);

    /// The blobs of `FIRST`.
    pub mod first {
        /// Blob 0 of `levels_first`: `map.txt`.
        pub const MAP: ::packer_format::Blob = super::FIRST.blob(0);
    }
}

/// `assets/ui`.
#[allow(dead_code, unreachable_pub, non_snake_case, non_upper_case_globals, clippy::allow_attributes, reason = "names of assets, as their folders have them; a game need not use all")]
pub mod ui {
    /// `ui_atlas`, asset 1: the glyph bank in `assets/ui/atlas`.
    pub const ATLAS: ::packer_format::GlyphBankId = ::packer_format::GlyphBankId::new(1);

    /// The tiles of `ATLAS`; of a sheet, the first.
    pub mod atlas {
        /// Tile 0 of `ui_atlas`: `heart.png`.
        pub const HEART: ::packer_format::Tile = super::ATLAS.tile(0);

        /// Tile 1 of `ui_atlas`: `star.png`.
        pub const STAR: ::packer_format::Tile = super::ATLAS.tile(1);
    }
}
