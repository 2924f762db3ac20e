//! Lines of letters, and the panel that they stand on.
//!
//! The letters are a sheet of 8 × 8 cells in the order of ASCII from the space on, each as wide as
//! its ink. What the sheet has no letter for is left out.

use crate::art::Art;
use crate::assets::ui;
use crate::canvas::{Canvas, Tint};

/// The palettes of the letters, as `ui/font/asset.json` numbers them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ink {
    Cream = 0,
    Gold = 1,
    Sky = 2,
}

/// Pixels of a space.
const SPACE: i32 = 4;
/// Pixels along each side of a cell of letters or panel.
const CELL: i32 = 8;

/// Each letter of a text with its distance from the left, and the distance at its end.
fn set(art: &Art, text: &str) -> (Vec<(u16, i32)>, i32) {
    let mut at = 0;
    let mut letters = Vec::new();
    for letter in text.bytes() {
        match letter.checked_sub(b' ') {
            Some(0) => at += SPACE,
            Some(cell) if letter.is_ascii() => {
                letters.push((u16::from(cell), at));
                let ink = art.sprite(ui::font::LETTERS.nth(cell.into())).ink_width();
                at += i32::try_from(ink).unwrap_or_default();
            }
            _ => {}
        }
    }
    (letters, at)
}

/// Pixels that a text takes in a line.
pub(crate) fn width(art: &Art, text: &str) -> i32 {
    set(art, text).1
}

/// Writes a text with its upper left corner there.
pub(crate) fn write(canvas: &mut Canvas, art: &Art, text: &str, (x, y): (i32, i32), ink: Ink, scale: usize) {
    let wide = i32::try_from(scale).unwrap_or(1);
    for (cell, at) in set(art, text).0 {
        let letter = art.sprite(ui::font::LETTERS.nth(cell));
        canvas.draw_scaled(letter, (x + at * wide, y), Tint::plain(ink as usize), false, scale);
    }
}

/// Draws the panel, as many cells wide and high as it takes to hold that many pixels.
pub(crate) fn panel(canvas: &mut Canvas, art: &Art, (x, y): (i32, i32), (width, height): (i32, i32)) {
    let (columns, rows) = ((width + CELL - 1) / CELL, (height + CELL - 1) / CELL);
    // The sheet has three by three cells: the corners, the sides and the middle.
    let part = |at: i32, count: i32| {
        if at == 0 {
            0
        } else if at == count - 1 {
            2
        } else {
            1
        }
    };
    for row in 0..rows {
        for column in 0..columns {
            let cell = ui::hud::PANEL.nth(part(row, rows) * 3 + part(column, columns));
            canvas.draw(art.sprite(cell), (x + column * CELL, y + row * CELL), Tint::plain(0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_as_wide_as_their_ink() {
        let art = Art::open().unwrap();
        assert!(width(&art, "i") < width(&art, "m"));
        assert_eq!(width(&art, "mi"), width(&art, "im"));
        assert_eq!(width(&art, "a a"), width(&art, "aa") + SPACE);
        assert_eq!(width(&art, ""), 0);
    }

    #[test]
    fn what_has_no_letter_is_left_out() {
        let art = Art::open().unwrap();
        assert_eq!(width(&art, "a\tä\u{7f}a"), width(&art, "aa"));
    }

    #[test]
    fn every_line_of_the_poem_has_letters_and_room() {
        let art = Art::open().unwrap();
        for line in art.poem() {
            assert!(line.bytes().all(|letter| (b' '..=b'~').contains(&letter)), "{line}");
            assert!((1..=288).contains(&width(&art, line)), "{line} takes {} pixels", width(&art, line));
        }
    }
}
