//! Few palettes for many tiles: sets of colours are merged until no two of them go together.
//!
//! The fewest palettes are not looked for: that is bin packing with shared items, which nobody
//! solves quickly. What is done instead, the same for the same tiles in the same order:
//!
//! 1. Equal sets become one, and a set inside another is left to that one.
//! 2. The largest set first, each joins the palette that grows least by it and has room; of equals
//!    the fullest, then the first. Where none has room it begins a palette.
//! 3. Palettes are told in the order of the first tile that each of them holds.

use super::super::palette::COLORS;

/// The most colours of a palette for opaque pixels: its index 0 is the transparent colour.
pub(in super::super) const ROOM: usize = COLORS - 1;

/// Different colours as RGB565, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in super::super) struct ColorSet(Vec<u16>);

impl ColorSet {
    /// The colours, sorted.
    pub(super) fn colors(&self) -> &[u16] {
        &self.0
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether `color` is one of them.
    pub(super) fn contains(&self, color: u16) -> bool {
        self.0.binary_search(&color).is_ok()
    }

    /// Whether all of `other` are among them.
    pub(super) fn holds(&self, other: &Self) -> bool {
        other.len() <= self.len() && other.lacking_in(self) == 0
    }

    /// How many of them `other` lacks.
    fn lacking_in(&self, other: &Self) -> usize {
        self.0.iter().filter(|color| !other.contains(**color)).count()
    }

    fn join(&mut self, other: &Self) {
        self.0.extend(&other.0);
        self.0.sort_unstable();
        self.0.dedup();
    }
}

impl FromIterator<u16> for ColorSet {
    fn from_iter<I: IntoIterator<Item = u16>>(colors: I) -> Self {
        let mut set = Self(colors.into_iter().collect());
        set.0.sort_unstable();
        set.0.dedup();
        set
    }
}

/// The sets that lie in no other, each once: larger ones first, else in their order.
pub(super) fn maximal(tiles: &[ColorSet]) -> Vec<ColorSet> {
    let mut sets: Vec<&ColorSet> = tiles.iter().collect();
    // A stable sort: equals stay in the order of the tiles.
    sets.sort_by_key(|set| std::cmp::Reverse(set.len()));
    let mut kept: Vec<ColorSet> = Vec::new();
    for set in sets {
        if !kept.iter().any(|larger| larger.holds(set)) {
            kept.push(set.clone());
        }
    }
    kept
}

/// Merges maximal sets of at most [`ROOM`] colours into palettes of at most [`ROOM`].
pub(super) fn merge(sets: &[ColorSet]) -> Vec<ColorSet> {
    let mut palettes: Vec<ColorSet> = Vec::new();
    for set in sets {
        let growth = |palette: &ColorSet| set.lacking_in(palette);
        let best = palettes
            .iter_mut()
            .filter(|palette| palette.len() + growth(palette) <= ROOM)
            .min_by_key(|palette| (growth(palette), std::cmp::Reverse(palette.len())));
        match best {
            Some(palette) => palette.join(set),
            None => palettes.push(set.clone()),
        }
    }
    palettes
}

/// Palettes by the first tile that each holds.
pub(super) fn in_order_of(tiles: &[ColorSet], mut palettes: Vec<ColorSet>) -> Vec<ColorSet> {
    palettes.sort_by_cached_key(|palette| tiles.iter().position(|tile| palette.holds(tile)));
    palettes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets(sets: &[&[u16]]) -> Vec<ColorSet> {
        sets.iter().map(|set| set.iter().copied().collect()).collect()
    }

    fn covered(tiles: &[&[u16]]) -> Vec<Vec<u16>> {
        let tiles = sets(tiles);
        let palettes = in_order_of(&tiles, merge(&maximal(&tiles)));
        for tile in &tiles {
            assert!(palettes.iter().any(|palette| palette.holds(tile)), "{tile:?}");
        }
        palettes.into_iter().map(|palette| palette.0).collect()
    }

    fn run(from: u16, count: u16) -> Vec<u16> {
        (from..from + count).collect()
    }

    #[test]
    fn equal_tiles_share_a_palette_and_a_tile_inside_another_has_none_of_its_own() {
        assert_eq!(covered(&[&[1, 2], &[3, 2, 1], &[2, 1], &[], &[3]]), [vec![1, 2, 3]]);
    }

    #[test]
    fn tiles_share_a_palette_while_there_is_room() {
        assert_eq!(covered(&[&run(0, 8), &run(8, 7)]), [run(0, 15)]);
        assert_eq!(covered(&[&run(0, 8), &run(8, 8)]), [run(0, 8), run(8, 8)]);
    }

    #[test]
    fn a_tile_joins_the_palette_with_which_it_has_most_in_common() {
        let (warm, cold) = (run(0, 12), run(100, 12));
        let palettes = covered(&[&warm, &cold, &[100, 101, 200]]);
        assert_eq!(palettes[0], warm);
        assert_eq!(palettes[1].len(), 13);
    }

    #[test]
    fn palettes_stand_in_the_order_of_the_tiles() {
        assert_eq!(covered(&[&run(50, 9), &run(0, 15)]), [run(50, 9), run(0, 15)]);
    }

    #[test]
    fn no_tile_at_all_needs_no_palette_and_an_empty_one_needs_one() {
        assert_eq!(covered(&[]), Vec::<Vec<u16>>::new());
        assert_eq!(covered(&[&[], &[]]), [Vec::<u16>::new()]);
    }
}
