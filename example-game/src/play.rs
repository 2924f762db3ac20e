//! The game in a terminal: keys in, ticks, pictures out.
//!
//! The garden advances in whole ticks by the clock, however long a picture takes to send: a slow
//! terminal shows fewer pictures of the same walk.

use std::error::Error;
use std::time::{Duration, Instant};

use crossterm::event::{self, Event};

use crate::art::Art;
use crate::attract::Attract;
use crate::canvas::Canvas;
use crate::keys::{Keys, Wish};
use crate::live::LiveArt;
use crate::terminal::Screen;
use crate::world::{HEARTS, TICKS_A_SECOND, World};
use crate::{hud, scene};

/// Time between two pictures.
const PICTURE: Duration = Duration::from_millis(33);

/// Without a key for so long, the game plays by itself again.
const IDLE: Duration = Duration::from_secs(20);

/// The most ticks that are made up for after a pause, so that a stopped game does not race.
const MOST_TICKS: u32 = 12;

/// Plays until somebody leaves. Art that is packed anew meanwhile is seen at once, and another garden is begun anew.
pub(crate) fn play(mut live: LiveArt) -> Result<(), Box<dyn Error>> {
    let mut screen = Screen::open()?;
    let mut keys = Keys::new(screen.tells_releases);
    let mut world = World::new(live.art().level().clone());
    // Until the first key, the game shows itself.
    let mut attract = Some(Attract::default());
    let mut last_key = Instant::now();
    let (start, mut ticks) = (Instant::now(), 0);
    let mut next_picture = start;
    loop {
        next_picture = (next_picture + PICTURE).max(Instant::now());
        while event::poll(next_picture.saturating_duration_since(Instant::now()))? {
            let Event::Key(key) = event::read()? else { continue };
            match keys.take(key) {
                Some(Wish::Quit) => return Ok(()),
                Some(wish) => {
                    last_key = Instant::now();
                    if attract.take().is_some() || wish == Wish::Restart || world.is_over() {
                        world = World::new(live.art().level().clone());
                    }
                }
                None => {}
            }
        }
        if attract.is_none() && last_key.elapsed() > IDLE {
            attract = Some(Attract::default());
            keys = Keys::new(screen.tells_releases);
        }

        if live.refresh() {
            world = World::new(live.art().level().clone());
        }
        let art = live.art();

        let due = start.elapsed().as_millis() * u128::from(TICKS_A_SECOND) / 1000;
        let behind = u32::try_from(due.saturating_sub(ticks)).unwrap_or(MOST_TICKS);
        ticks = due;
        for _ in 0..behind.min(MOST_TICKS) {
            let input = attract.as_mut().map_or_else(|| keys.press(), |attract| attract.press(&world));
            world.step(input);
        }
        if attract.is_some() && world.is_over() {
            world = World::new(art.level().clone());
        }

        let fit = screen.fit()?;
        let mut canvas = Canvas::new(fit.canvas.0, fit.canvas.1);
        scene::paint(&mut canvas, art, &world);
        if fit.shrink == 1 {
            // Letters of eight pixels do not survive being halved; the last row has words anyway.
            hud::paint(&mut canvas, art, &world);
        }
        let words = live
            .trouble()
            .map_or_else(|| words(art, &world, attract.is_some()), |trouble| format!(" {trouble}"));
        screen.show(&canvas, fit, &words)?;
    }
}

/// The last row of the terminal.
fn words(art: &Art, world: &World, shows_itself: bool) -> String {
    let hearts: String = (0..HEARTS).map(|heart| if heart < world.hearts() { '♥' } else { '♡' }).collect();
    let (caught, all) = (world.caught(), world.fireflies().len());
    let line = world.line(art.poem().len()).and_then(|line| art.poem().get(line)).map_or("", String::as_str);
    let help = if shows_itself {
        "any arrow: play · q: quit"
    } else {
        "arrows · space: hop · r: again · q: quit"
    };
    format!(" {hearts}  ✦ {caught}/{all}  {help}   {line}")
}
