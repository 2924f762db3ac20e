//! Lanternlight: a small walk through a night garden.
//!
//! The example of the packer. In a colour terminal it plays right there; anywhere else it paints
//! one moment of the garden into a PNG file, records half a minute of it into a WAV file, and says
//! so. `README.md` beside this crate tells how it was made, step by step.
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
mod live;
mod mixer;
mod picture;
mod play;
mod recording;
mod scene;
mod sounds;
mod terminal;
mod text;
mod world;

/// The constants of all assets, as the build script wrote them.
mod assets {
    packer_format::include_assets!();
}

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::art::Art;
use crate::attract::Attract;
use crate::canvas::Canvas;
use crate::live::LiveArt;
use crate::recording::Recording;
use crate::sounds::Sounds;
use crate::world::{Moment, World};

/// The tick that the picture shows.
const MOMENT: u32 = 990;

const USAGE: &str = "usage: example-game [--picture | --sound]

Plays in a colour terminal. Without a terminal it leaves two files instead,
and the options ask for one of them:

  --picture  one moment of the garden: target/example-game/scene.png
  --sound    half a minute of it: target/example-game/scene.wav";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] if terminal::is_there() => LiveArt::open().and_then(play::play),
        [] => Art::open().and_then(|art| paint(&art).and_then(|()| record(&art))),
        ["--picture"] => Art::open().and_then(|art| paint(&art)),
        ["--sound"] => Art::open().and_then(|art| record(&art)),
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
fn paint(art: &Art) -> Result<(), Box<dyn Error>> {
    let mut world = World::new(art.level().clone());
    let mut attract = Attract::default();
    for _ in 0..MOMENT {
        let input = attract.press(&world);
        world.step(input);
    }
    let mut canvas = Canvas::new(canvas::WIDTH, canvas::HEIGHT);
    scene::paint(&mut canvas, art, &world);
    hud::paint(&mut canvas, art, &world);
    let place = place("scene.png");
    picture::write(&canvas, &place).map_err(|why| format!("cannot write `{}`: {why}", place.display()))?;
    println!("painted one moment of the garden, out of {} assets in {}", art.assets(), art.pack().display());
    println!("the picture: {} (run it in a colour terminal to play)", place.display());
    Ok(())
}

/// Plays by itself for a while, and records what is heard.
fn record(art: &Art) -> Result<(), Box<dyn Error>> {
    let sounds = Sounds::open()?;
    let recording = Recording::new(art.level(), &sounds, recording::SECONDS);
    let place = place("scene.wav");
    recording.write(&place).map_err(|why| format!("cannot write `{}`: {why}", place.display()))?;
    println!("the sound: {} ({})", place.display(), heard(&recording));
    Ok(())
}

/// What there is to hear, in words.
fn heard(recording: &Recording) -> String {
    let mut words = format!("{} seconds: a lullaby", recording::SECONDS);
    for (moment, one, several) in [
        (Moment::Leap, "leap", "leaps"),
        (Moment::Catch, "firefly", "fireflies"),
        (Moment::Light, "lantern", "lanterns"),
        (Moment::Ouch, "scratch", "scratches"),
        (Moment::Morning, "morning", "mornings"),
    ] {
        match recording.count(moment) {
            0 => {}
            1 => words += &format!(", 1 {one}"),
            n => words += &format!(", {n} {several}"),
        }
    }
    if recording.clipped() > 0 {
        words += &format!("; too loud in {} frames", recording.clipped());
    }
    words
}

/// Where a file of the game goes: `example-game/` in cargo's target folder.
///
/// That is the folder above the executable which carries cargo's cache mark, or `target` in the
/// current folder when the game runs from somewhere else.
fn place(file: &str) -> PathBuf {
    let executable = std::env::current_exe().unwrap_or_default();
    let target = executable.ancestors().skip(1).find(|folder| folder.join("CACHEDIR.TAG").is_file());
    target.unwrap_or(Path::new("target")).join("example-game").join(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text without its indentation, which differs between a page and a file.
    fn lines(text: &str) -> String {
        text.lines().map(|line| format!("{}\n", line.trim())).collect()
    }

    #[test]
    fn the_tutorial_quotes_the_files_as_they_are() {
        let readme = lines(include_str!("../README.md"));
        for whole in [
            include_str!("../build.rs").split_once("\n\n").unwrap().1,
            include_str!("../assets/creatures/firefly/asset.json"),
            include_str!("../assets/sound/tune/asset.json"),
        ] {
            assert!(readme.contains(&lines(whole)), "not as the file has it:\n{whole}");
        }
        let snippets = readme.split("```rust\n").skip(1).map(|rest| rest.split("```").next().unwrap());
        let mixer = snippets.filter(|snippet| snippet.contains("looped")).collect::<Vec<_>>();
        assert!(matches!(mixer[..], [one] if lines(include_str!("mixer.rs")).contains(one)), "{mixer:?}");

        let sounds = Sounds::open().unwrap();
        let looped = sounds.sound(assets::sound::tune::LULLABY).looped.clone().unwrap();
        let ends = format!("`loop_start()` is {} and `loop_end()` is {}", looped.start(), looped.end());
        assert!(readme.contains(&ends), "{ends}");
    }

    #[test]
    fn the_tutorial_says_what_is_heard_in_the_meadow() {
        let art = Art::open().unwrap();
        let recording = Recording::new(art.level(), &Sounds::open().unwrap(), recording::SECONDS);
        let line = format!("({})\n", heard(&recording));
        assert!(include_str!("../README.md").contains(&line), "{line}");
    }
}
