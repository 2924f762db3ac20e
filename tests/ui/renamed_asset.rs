//! An asset was renamed by a letter; the game has the old name.

mod assets {
    include!("../golden/assets.rs");
}

fn main() {
    let _ = assets::ui::ATLASS;
}
