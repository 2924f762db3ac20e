//! How long it takes from the save of a picture until the game that plays shows it.
//!
//! ```sh
//! cargo bench -p packer-tests --bench live -- [--rounds N] [--poll]
//! ```
//!
//! What is measured is what somebody sees who paints: `cargo prometeu watch` beside the example game, both optimised, on
//! a copy of the game's assets. A PNG file is written in place, and the clock stops when the terminal of the game has
//! got the first bytes of the new colour. In between lie the sign of the system, a look, a pack that is durable, and the
//! next of the game's pictures, of which there are thirty in a second. Nothing is asserted.

fn main() {
    #[cfg(unix)]
    bench::main();
    #[cfg(not(unix))]
    packer_tests::skip("live", "the game plays in a terminal of Unix");
}

#[cfg(unix)]
mod bench {
    use std::time::{Duration, Instant};

    use packer_tests::playing::{Copy, Paint, Playing, game};
    use packer_tests::{cargo, say};

    pub(crate) fn main() {
        let words: Vec<String> = std::env::args().skip(1).collect();
        let rounds =
            words.iter().position(|word| word == "--rounds").and_then(|at| words.get(at + 1)?.parse().ok());
        let rounds: usize = rounds.unwrap_or(60).max(1);
        let flags: &[&str] = if words.iter().any(|word| word == "--poll") { &["--poll"] } else { &[] };
        let command = cargo::program("cargo-prometeu", "cargo-prometeu", true);
        let copy = Copy::new();
        let playing = Playing::start(&copy, &command, &game(true), flags);
        let mut paint = Paint::Magenta;
        let mut taken: Vec<Duration> = (0..rounds)
            .map(|round| {
                // At no fixed place between two pictures of the game, or two looks.
                std::thread::sleep(Duration::from_millis(400 + 37 * (round as u64 % 11)));
                paint = paint.other();
                let png = copy.png(paint);
                let saved = Instant::now();
                std::fs::write(copy.picture(), png).expect("it can be written");
                playing.until_painted(paint) - saved
            })
            .collect();
        let _ = playing.quit();
        taken.sort_unstable();
        let at = |share: usize| taken[(taken.len() - 1) * share / 100].as_millis();
        say(&format!(
            "from save to picture, {rounds} rounds{}: median {} ms, least {} ms, nine of ten within {} ms, most {} ms",
            if flags.is_empty() { "" } else { ", by looking" },
            at(50),
            at(0),
            at(90),
            at(100),
        ));
    }
}
