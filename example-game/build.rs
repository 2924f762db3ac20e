//! Packs what is under `assets/`, before the game is compiled.

fn main() {
    packer_build::run();
}
