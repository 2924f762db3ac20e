//! What stands over the garden: hearts, the jar of fireflies, the poem.

use crate::art::Art;
use crate::assets::ui;
use crate::canvas::{Canvas, Tint};
use crate::text::{self, Ink};
use crate::world::{HEARTS, World};

/// Paints hearts, jar and poem over the garden.
pub(crate) fn paint(canvas: &mut Canvas, art: &Art, world: &World) {
    hearts(canvas, art, world);
    jar(canvas, art, world);
    poem(canvas, art, world);
}

fn hearts(canvas: &mut Canvas, art: &Art, world: &World) {
    for heart in 0..HEARTS {
        let tile = if heart < world.hearts() { ui::hud::HEART } else { ui::hud::HEART_LOST };
        canvas.draw(art.sprite(tile), (6 + i32::from(heart) * 9, 6), Tint::plain(0));
    }
}

fn jar(canvas: &mut Canvas, art: &Art, world: &World) {
    let count = format!("{}/{}", world.caught(), world.fireflies().len());
    let x = canvas.width() - 6 - text::width(art, &count);
    text::write(canvas, art, &count, (x, 7), Ink::Cream, 1);
    canvas.draw(art.sprite(ui::hud::JAR), (x - 10, 6), Tint::plain(0));
}

/// The line of the poem that is to be read now; its title is large and has no panel.
fn poem(canvas: &mut Canvas, art: &Art, world: &World) {
    let Some(line) = world.line(art.poem().len()) else { return };
    let Some(words) = art.poem().get(line) else { return };
    let width = text::width(art, words);
    let middle = canvas.width() / 2;
    if line == 0 {
        let (scale, wide) = if width * 3 < canvas.width() { (3, width * 3) } else { (2, width * 2) };
        text::write(canvas, art, words, (middle - wide / 2, 26), Ink::Gold, scale);
        return;
    }
    let panel = ((width + 14 + 7) / 8 * 8, 24);
    let place = (middle - panel.0 / 2, canvas.height() - panel.1 - 8);
    text::panel(canvas, art, place, panel);
    let ink = if world.is_done() { Ink::Gold } else { Ink::Sky };
    text::write(canvas, art, words, (middle - width / 2, place.1 + 8), ink, 1);
}
