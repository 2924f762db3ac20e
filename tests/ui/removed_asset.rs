//! A level was forgotten; the game still asks for it.

mod assets {
    include!("../golden/assets.rs");
}

fn main() {
    let _ = assets::levels::SECOND;
}
