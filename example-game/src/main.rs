//! Lanternlight: a small walk through a night garden.
//!
//! The example of the packer. In a colour terminal it plays right there; anywhere else it paints
//! one moment of the garden into a PNG file and says so. `README.md` beside this crate tells how it
//! was made, step by step.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a game without a window talks to its terminal"
)]

mod art;
mod attract;
mod canvas;
mod hero;
mod hud;
mod keys;
mod level;
mod picture;
mod play;
mod scene;
mod terminal;
mod text;
mod world;

/// The constants of all assets, as the build script wrote them.
mod assets {
    packer_format::include_assets!();
}

use std::error::Error;
use std::process::ExitCode;

use crate::art::Art;
use crate::attract::Attract;
use crate::canvas::Canvas;
use crate::world::World;

/// The tick that the picture shows.
const MOMENT: u32 = 990;

const USAGE: &str = "usage: example-game [--picture]

Plays in a colour terminal. With `--picture`, or without a terminal, it paints
one moment of the garden into target/example-game/scene.png instead.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] if terminal::is_there() => Art::open().and_then(|art| play::play(&art)),
        [] | ["--picture"] => paint(),
        ["-h" | "--help"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Plays by itself up to [`MOMENT`], and paints it.
fn paint() -> Result<(), Box<dyn Error>> {
    let art = Art::open()?;
    let mut world = World::new(art.level().clone());
    let mut attract = Attract::default();
    for _ in 0..MOMENT {
        let input = attract.press(&world);
        world.step(input);
    }
    let mut canvas = Canvas::new(canvas::WIDTH, canvas::HEIGHT);
    scene::paint(&mut canvas, &art, &world);
    hud::paint(&mut canvas, &art, &world);
    let place = picture::place();
    picture::write(&canvas, &place).map_err(|why| format!("cannot write `{}`: {why}", place.display()))?;
    println!("painted one moment of the garden, out of {} assets in {}", art.assets(), art.pack().display());
    println!("the picture: {} (run it in a colour terminal to play)", place.display());
    Ok(())
}
