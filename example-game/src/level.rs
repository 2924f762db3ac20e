//! The meadow as people write it: a text file in which each character is one spot of the garden.
//!
//! A level is a map of 16 × 16 pixel spots, top line first. Short lines are filled up with air, so
//! nobody has to count spaces. A text that is no level is answered with the line and column that
//! is wrong; a level that was read has a start, at least one firefly and at most [`MAX_SIDE`] spots
//! a side. What a spot looks like is the business of [`crate::scene`], not of this file.

use std::fmt;

/// Pixels along each side of a spot.
pub(crate) const SPOT: i32 = 16;

/// The most spots along either side of a level.
pub(crate) const MAX_SIDE: i32 = 2048;

/// What stands in one spot of the garden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spot {
    Air,
    Soil,
    Pebbles,
    Fossil,
    Roots,
    Plank,
    Pond,
    Bramble,
    Firefly,
    Start,
    Gate,
    Lantern,
    Bench,
    Fence,
    Oak,
    Birch,
    Hedgehog,
    Daisy,
    Tulip,
    Bluebell,
    Mushrooms,
    Fern,
    Reeds,
    Rosebush,
}

impl Spot {
    /// The spot that a character of the level text means.
    pub(crate) const fn from_char(c: char) -> Option<Self> {
        Some(match c {
            '.' | ' ' => Self::Air,
            '#' => Self::Soil,
            'p' => Self::Pebbles,
            'o' => Self::Fossil,
            'q' => Self::Roots,
            '=' => Self::Plank,
            '~' => Self::Pond,
            'x' => Self::Bramble,
            '*' => Self::Firefly,
            '@' => Self::Start,
            'G' => Self::Gate,
            'L' => Self::Lantern,
            'b' => Self::Bench,
            'f' => Self::Fence,
            'T' => Self::Oak,
            'B' => Self::Birch,
            'h' => Self::Hedgehog,
            'd' => Self::Daisy,
            't' => Self::Tulip,
            'u' => Self::Bluebell,
            'm' => Self::Mushrooms,
            'n' => Self::Fern,
            'r' => Self::Reeds,
            'R' => Self::Rosebush,
            _ => return None,
        })
    }

    /// Whether it is ground all through: nothing walks into it.
    pub(crate) const fn is_ground(self) -> bool {
        matches!(self, Self::Soil | Self::Pebbles | Self::Fossil | Self::Roots)
    }
}

/// A garden that was read and found playable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Level {
    width: i32,
    height: i32,
    spots: Vec<Spot>,
}

/// A text that is no level, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LevelError {
    /// A character that means nothing.
    Unknown { line: usize, column: usize, found: char },
    /// A second start.
    SecondStart { line: usize, column: usize },
    /// No start at all.
    NoStart,
    /// Nothing to gather.
    NoFirefly,
    /// More than [`MAX_SIDE`] spots in a line or lines in the text.
    TooLarge { line: usize },
}

impl Level {
    /// Reads the text of a level.
    ///
    /// Lines and columns of an error count from 1, columns in characters.
    pub(crate) fn parse(text: &str) -> Result<Self, LevelError> {
        let mut rows: Vec<Vec<Spot>> = Vec::new();
        let (mut started, mut lights) = (false, false);
        for (line, row) in (1..).zip(text.lines()) {
            let mut spots = Vec::new();
            for (column, found) in (1..).zip(row.chars()) {
                let spot = Spot::from_char(found).ok_or(LevelError::Unknown { line, column, found })?;
                if spot == Spot::Start && std::mem::replace(&mut started, true) {
                    return Err(LevelError::SecondStart { line, column });
                }
                lights |= spot == Spot::Firefly;
                spots.push(spot);
            }
            if side(spots.len()).is_none() || side(rows.len() + 1).is_none() {
                return Err(LevelError::TooLarge { line });
            }
            rows.push(spots);
        }
        if !started {
            return Err(LevelError::NoStart);
        }
        if !lights {
            return Err(LevelError::NoFirefly);
        }
        let longest = rows.iter().map(Vec::len).max().unwrap_or_default();
        let (width, height) = (side(longest), side(rows.len()));
        for row in &mut rows {
            row.resize(longest, Spot::Air);
        }
        let bound = "each row was measured above";
        Ok(Self { width: width.expect(bound), height: height.expect(bound), spots: rows.concat() })
    }

    /// Spots from left to right.
    pub(crate) const fn width(&self) -> i32 {
        self.width
    }

    /// Spots from top to bottom.
    pub(crate) const fn height(&self) -> i32 {
        self.height
    }

    /// What stands at a column and row. Beyond the sides the garden goes on as at its edge, above
    /// it is air, and below it is soil.
    pub(crate) fn at(&self, column: i32, row: i32) -> Spot {
        if row < 0 {
            return Spot::Air;
        }
        if row >= self.height {
            return Spot::Soil;
        }
        let column = column.clamp(0, self.width - 1);
        let index = usize::try_from(row * self.width + column).expect("both were clamped to the level");
        self.spots[index]
    }

    /// Every spot with its column and row, row by row.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (i32, i32, Spot)> + '_ {
        (0..self.height)
            .flat_map(move |row| (0..self.width).map(move |column| (column, row, self.at(column, row))))
    }

    /// The places of all spots of one kind, from left to right.
    pub(crate) fn find(&self, wanted: Spot) -> Vec<(i32, i32)> {
        let mut found: Vec<_> =
            self.iter().filter(|(.., spot)| *spot == wanted).map(|(column, row, _)| (column, row)).collect();
        found.sort_unstable();
        found
    }

    /// Whether the spot is ground or water: what the turf grows up to without an edge.
    pub(crate) fn is_land(&self, column: i32, row: i32) -> bool {
        let spot = self.at(column, row);
        spot.is_ground() || spot == Spot::Pond
    }
}

/// A length as a number of spots, when a level may be that long.
fn side(spots: usize) -> Option<i32> {
    i32::try_from(spots).ok().filter(|spots| *spots <= MAX_SIDE)
}

impl fmt::Display for LevelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { line, column, found } => write!(
                f,
                "line {line}, column {column}: `{}` means nothing in a level; the letters are listed in \
                 `Spot::from_char`",
                found.escape_debug()
            ),
            Self::SecondStart { line, column } => {
                write!(f, "line {line}, column {column}: a second `@`; a level has one start")
            }
            Self::NoStart => f.write_str("no `@` anywhere; put one where the walk begins"),
            Self::NoFirefly => f.write_str("no `*` anywhere; a garden needs at least one firefly"),
            Self::TooLarge { line } => {
                write!(f, "line {line}: a level has at most {MAX_SIDE} spots in a line and {MAX_SIDE} lines")
            }
        }
    }
}

impl std::error::Error for LevelError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Level::parse(text).expect_err("this text is no level").to_string()
    }

    #[test]
    fn short_lines_are_filled_up_with_air() {
        let level = Level::parse("*\n@.x\n####\n").unwrap();
        assert_eq!((level.width(), level.height()), (4, 3));
        assert_eq!(level.at(3, 0), Spot::Air);
        assert_eq!(level.at(2, 1), Spot::Bramble);
    }

    #[test]
    fn the_garden_goes_on_beyond_its_edges() {
        let level = Level::parse("*@\n~#").unwrap();
        assert_eq!(level.at(-9, 1), Spot::Pond);
        assert_eq!(level.at(9, 1), Spot::Soil);
        assert_eq!(level.at(0, -1), Spot::Air);
        assert_eq!(level.at(0, 2), Spot::Soil);
    }

    #[test]
    fn a_text_that_is_no_level_is_answered_with_the_place() {
        assert!(refusal("*@\n##!").starts_with("line 2, column 3: `!` means nothing"));
        assert!(refusal("*@\n.ü").starts_with("line 2, column 2: `ü`"));
        assert!(refusal("@*\n.@").starts_with("line 2, column 2: a second `@`"));
        assert!(refusal(".*").starts_with("no `@`"));
        assert!(refusal(".@").starts_with("no `*`"));
        assert!(refusal("").starts_with("no `@`"));
        assert!(refusal(&format!("@*\n{}", ".".repeat(2049))).starts_with("line 2: a level has at most"));
        assert!(refusal(&"*\n".repeat(2049)).starts_with("line 2049: a level has at most"));
    }

    #[test]
    fn places_are_found_from_left_to_right() {
        let level = Level::parse("..*\n*@.\n.*.").unwrap();
        assert_eq!(level.find(Spot::Firefly), [(0, 1), (1, 2), (2, 0)]);
    }
}
