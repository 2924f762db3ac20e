//! A tile was taken out of its bank; the game still draws it.

mod assets {
    include!("../golden/assets.rs");
}

fn main() {
    let _ = assets::ui::atlas::MOON;
}
