//! A level is handed to what draws tiles.

mod assets {
    include!("../golden/assets.rs");
}

fn draw(_: packer_format::GlyphBankId) {}

fn main() {
    draw(assets::ui::ATLAS);
    draw(assets::levels::FIRST);
}
