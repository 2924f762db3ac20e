use prometeu_packer::id::AssetId;
use prometeu_packer::path::AssetPath;

use super::*;

/// An asset with artifacts as (file, index).
fn asset(id: u32, root: &str, family: &'static str, artifacts: &[(&str, u32)]) -> NamedAsset {
    let artifacts = artifacts
        .iter()
        .map(|(file, index)| NamedArtifact { file: AssetPath::parse(file).unwrap(), index: *index });
    NamedAsset {
        asset_id: AssetId::new(id),
        name: root.replace('/', "_"),
        root: AssetPath::parse(root).unwrap(),
        family,
        artifacts: artifacts.collect(),
    }
}

/// The text without its header and attributes.
fn body(assets: &[NamedAsset]) -> String {
    let text = generate(assets, Unused::Allowed);
    let body = text.strip_prefix(HEADER).unwrap();
    body.lines().filter(|line| *line != ALLOW).map(|line| format!("{line}\n")).collect()
}

#[test]
fn folders_are_modules_assets_constants_and_artifacts_constants_within() {
    let assets = [
        asset(1, "ui/atlas", "glyph_bank", &[("heart.png", 0), ("walk cycle.png", 1)]),
        asset(2, "levels/first", "blob_bank", &[("map.txt", 0)]),
        asset(3, "steps", "sound_bank", &[("left.wav", 0)]),
    ];
    assert_eq!(
        body(&assets),
        "
/// `steps`, asset 3: the sound bank in `assets/steps`.
pub const STEPS: ::packer_format::SoundBankId = ::packer_format::SoundBankId::new(3);

/// `assets/levels`.
pub mod levels {
    /// `levels_first`, asset 2: the blob bank in `assets/levels/first`.
    pub const FIRST: ::packer_format::BlobBankId = ::packer_format::BlobBankId::new(2);

    /// The blobs of `FIRST`.
    pub mod first {
        /// Blob 0 of `levels_first`: `map.txt`.
        pub const MAP: ::packer_format::Blob = super::FIRST.blob(0);
    }
}

/// The samples of `STEPS`.
pub mod steps {
    /// Sample 0 of `steps`: `left.wav`.
    pub const LEFT: ::packer_format::Sample = super::STEPS.sample(0);
}

/// `assets/ui`.
pub mod ui {
    /// `ui_atlas`, asset 1: the glyph bank in `assets/ui/atlas`.
    pub const ATLAS: ::packer_format::GlyphBankId = ::packer_format::GlyphBankId::new(1);

    /// The tiles of `ATLAS`; of a sheet, the first.
    pub mod atlas {
        /// Tile 0 of `ui_atlas`: `heart.png`.
        pub const HEART: ::packer_format::Tile = super::ATLAS.tile(0);

        /// Tile 1 of `ui_atlas`: `walk cycle.png`.
        pub const WALK_CYCLE: ::packer_format::Tile = super::ATLAS.tile(1);
    }
}
"
    );
}

#[test]
fn where_unused_assets_are_warned_of_only_their_constants_can_be_called_unused() {
    let assets = [asset(1, "ui/atlas", "glyph_bank", &[("0.png", 0), ("heart.png", 1)])];
    let text = generate(&assets, Unused::Warned);
    let body = text.strip_prefix(HEADER).unwrap().replace(ALLOW_BUT_UNUSED, "#[…]");
    assert_eq!(
        body,
        "
/// `assets/ui`.
#[…]
pub mod ui {
    /// `ui_atlas`, asset 1: the glyph bank in `assets/ui/atlas`.
    pub const ATLAS: ::packer_format::GlyphBankId = ::packer_format::GlyphBankId::new(1);

    /// The tiles of `ATLAS`; of a sheet, the first.
    pub mod atlas {
        /// Tile 1 of `ui_atlas`: `heart.png`.
        pub const _at_0: ::packer_format::Tile = super::ATLAS.tile(1);
        pub use self::_at_0 as HEART;

        /// Tile 0 of `ui_atlas`: `0.png`.
        pub const _at_1: ::packer_format::Tile = super::ATLAS.tile(0);
        pub use self::_at_1 as _0;
    }
}
"
    );
    assert!(!ALLOW_BUT_UNUSED.contains("dead_code"), "{ALLOW_BUT_UNUSED}");
}

#[test]
fn the_constant_of_an_asset_within_another_stays_what_its_own_artifacts_are_written_with() {
    for roots in [["a", "a/b"], ["a/b", "a"]] {
        let assets = [1, 2].map(|n| asset(n, roots[n as usize - 1], "blob_bank", &[("b", 0)]));
        let text = generate(&assets, Unused::Allowed);
        let is_asset = text.contains("const B: ::packer_format::BlobBankId");
        assert_eq!(text.contains("super::B.blob(0)"), is_asset, "{roots:?}:\n{text}");
    }
}

#[test]
fn the_order_of_the_assets_leaves_no_trace() {
    let one = asset(1, "b/x", "blob_bank", &[("1", 0), ("2", 1)]);
    let other = asset(2, "a", "blob_bank", &[("1", 0)]);
    assert_eq!(
        generate(&[one.clone(), other.clone()], Unused::Allowed),
        generate(&[other, one], Unused::Allowed)
    );
}

#[test]
fn without_assets_the_text_is_a_comment() {
    assert_eq!(generate(&[], Unused::Allowed), HEADER);
    assert!(HEADER.lines().all(|line| line.starts_with("// ")), "{HEADER}");
}

#[test]
fn every_outermost_item_allows_what_a_list_of_names_needs() {
    let assets = [
        asset(1, "a", "blob_bank", &[("1", 0)]),
        asset(2, "b/c", "blob_bank", &[("1", 0)]),
        asset(3, "b/d", "blob_bank", &[("1", 0)]),
    ];
    let text = generate(&assets, Unused::Allowed);
    let lines: Vec<&str> = text.lines().collect();
    let mut outermost = 0;
    for pair in lines.windows(2).filter(|pair| pair[1].starts_with("pub ")) {
        assert_eq!(pair[0], ALLOW);
        outermost += 1;
    }
    assert_eq!(outermost, 3, "`A`, `a` and `b` in:\n{text}");
}

#[test]
fn the_first_asset_of_an_address_has_its_constant() {
    let one = asset(1, "a-b", "blob_bank", &[("first", 0)]);
    let other = asset(2, "a_b", "blob_bank", &[("second", 0)]);
    let text = generate(&[one, other], Unused::Allowed);
    assert!(
        text.contains("pub const A_B: ::packer_format::BlobBankId = ::packer_format::BlobBankId::new(1)")
    );
    assert_eq!(text.matches("pub const A_B:").count(), 1, "{text}");
    assert_eq!(text.matches("pub mod a_b ").count(), 1, "{text}");
    assert!(text.contains("FIRST") && !text.contains("SECOND"), "{text}");
}

#[test]
fn a_family_that_games_cannot_name_has_no_constants() {
    assert_eq!(generate(&[asset(1, "a", "another_bank", &[("1", 0)])], Unused::Allowed), HEADER);
}

#[test]
fn every_family_of_the_packer_has_constants() {
    for family in prometeu_packer::family::ALL {
        let kind = KINDS.iter().find(|kind| kind.family == family.name());
        assert!(kind.is_some(), "`{}` has no line in `KINDS`", family.name());
    }
}

#[track_caller]
fn check_code(words: &str, expected: &str) {
    assert_eq!(code(words), expected);
}

#[test]
fn peoples_words_stay_in_their_comment() {
    check_code("ui_atlas", "`ui_atlas`");
    check_code("a\npub const EVIL: u8 = 0;", "`a\\npub const EVIL: u8 = 0;`");
    check_code("a\r\u{2028}b", "`a\\r\\u{2028}b`");
    check_code("\u{202e}right to left", "`\\u{202e}right to left`");
    check_code("a`b", "`` a`b ``");
    check_code("``` */ `", "```` ``` */ ` ````");
    let mut evil = asset(1, "a", "blob_bank", &[("1", 0)]);
    evil.name = "x\n}\nfn main() {".to_owned();
    let plain = generate(&[asset(1, "a", "blob_bank", &[("1", 0)])], Unused::Allowed);
    assert_eq!(generate(&[evil], Unused::Allowed).lines().count(), plain.lines().count());
}
