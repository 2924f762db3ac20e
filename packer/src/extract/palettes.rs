//! Which palettes were declared, and in the colours of which one each tile is drawn, so that its indices
//! come out again.
//!
//! The packer stores a tile as indices into the lowest palette that holds all its opaque colours, and the
//! palettes with zeros behind their ends. Both lose something:
//!
//! - Black at the end of a palette looks like its end. A palette is as short as it can be, unless some
//!   tile needs one black colour behind that: then it is one longer. More black never matters, since the
//!   lowest index counts.
//! - A palette of black looks like one that was not declared. How many there are is in the metadata; they
//!   stand at the last free places, where they are in the way of nothing, or at the first ones, if a black
//!   tile was drawn with the lowest.
//! - A pixel of index 0 was transparent, or opaque in a colour that its palette has at 0 alone: then the
//!   tile's palette has to hold that one as well. It is transparent again, unless only opacity leads to
//!   the right palette.
//!
//! All tiles that use the same indices are drawn in the same way. Mostly each finds a palette for which
//! nothing else matters; what remains is a choice of lengths, found by trying them in turn, a bounded
//! number of times. Whoever asks proves the result: nothing here is taken on trust.

use std::collections::BTreeMap;

use packer_format::layout::{GLYPH_COLOURS, GLYPH_PALETTES};

/// How many choices are tried before it is given up.
const MOST_TRIES: u32 = 200_000;

/// The colours of one palette as the payload has them.
pub(super) type Colors = [u16; GLYPH_COLOURS];

/// What a tile needs of a palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    /// Bit `i`: the index `i` is used, 1 to 15.
    pub(super) used: u16,
    /// Whether the index 0 is used.
    pub(super) zero: bool,
}

/// How tiles of a kind are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Drawn {
    /// The palette's index.
    pub(super) palette: usize,
    /// Whether pixels of index 0 are opaque, in the colour 0 of that palette.
    pub(super) opaque: bool,
}

/// The palettes to declare, and how to draw.
#[derive(Debug)]
pub(super) struct Found {
    /// Index and colours, by increasing index.
    pub(super) palettes: Vec<(usize, Vec<u16>)>,
    /// Of each kind that uses any other index than 0.
    pub(super) drawn: BTreeMap<Kind, Drawn>,
}

/// A palette that is declared.
struct Palette {
    index: usize,
    colors: Colors,
    /// Colours up to the last that is not black; at least 1.
    least: usize,
}

/// A way to draw a kind, and what it asks of the palettes' lengths.
struct Way {
    drawn: Drawn,
    /// Position of a palette, and whether it has to be longer.
    asks: Vec<(usize, bool)>,
}

/// Finds them; `None` when no declaration gives these indices, or none was found in time.
pub(super) fn find(all: &[Colors; GLYPH_PALETTES], authored: usize, kinds: &[Kind]) -> Option<Found> {
    let is_black = |index: &usize| all[*index].iter().all(|color| *color == 0);
    let (black, mut colored): (Vec<usize>, Vec<usize>) = (0..all.len()).partition(is_black);
    let extra = authored.checked_sub(colored.len()).filter(|extra| *extra <= black.len())?;
    let last = black[black.len() - extra..].to_vec();
    let first = black[..extra].to_vec();
    let choices = if last == first { vec![last] } else { vec![last, first] };
    for blacks in choices {
        let kept = colored.len();
        colored.extend(blacks);
        colored.sort_unstable();
        let palettes: Vec<Palette> = colored.iter().map(|index| Palette::new(*index, all[*index])).collect();
        if let Some(found) = lengths(&palettes, kinds) {
            return Some(found);
        }
        colored.retain(|index| !is_black(index));
        debug_assert_eq!(colored.len(), kept);
    }
    None
}

/// Chooses the length of each palette.
fn lengths(palettes: &[Palette], kinds: &[Kind]) -> Option<Found> {
    let mut drawn = BTreeMap::new();
    let mut open: Vec<(Kind, Vec<Way>)> = Vec::new();
    for kind in kinds.iter().filter(|kind| kind.used != 0) {
        let mut ways = ways(palettes, *kind);
        match ways.iter().find(|way| way.asks.is_empty()) {
            Some(way) => drop(drawn.insert(*kind, way.drawn)),
            None if ways.is_empty() => return None,
            None => {
                ways.sort_by_key(|way| way.asks.len());
                open.push((*kind, ways));
            }
        }
    }
    // Who has the fewest ways goes first.
    open.sort_by_key(|(_, ways)| ways.len());
    let mut search = Search { longer: vec![None; palettes.len()], tries: 0 };
    let chosen = search.choose(&open)?;
    for ((kind, ways), way) in open.iter().zip(chosen) {
        drawn.insert(*kind, ways[way].drawn);
    }
    let colors = |(palette, longer): (&Palette, &Option<bool>)| {
        let length = palette.least + usize::from(*longer == Some(true));
        (palette.index, palette.colors[..length].to_vec())
    };
    Some(Found { palettes: palettes.iter().zip(&search.longer).map(colors).collect(), drawn })
}

/// The lengths that are decided so far.
struct Search {
    longer: Vec<Option<bool>>,
    tries: u32,
}

impl Search {
    /// One way for each, none of which contradicts another.
    fn choose(&mut self, open: &[(Kind, Vec<Way>)]) -> Option<Vec<usize>> {
        // A stack of its own: which way was taken, and what it decided.
        let mut taken: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut next = 0;
        while taken.len() < open.len() {
            let ways = &open[taken.len()].1;
            let found = (next..ways.len()).find(|way| self.allows(&ways[*way]));
            self.tries += 1;
            if let Some(way) = found {
                let decided: Vec<&(usize, bool)> =
                    ways[way].asks.iter().filter(|(at, _)| self.longer[*at].is_none()).collect();
                for (at, longer) in &decided {
                    self.longer[*at] = Some(*longer);
                }
                taken.push((way, decided.iter().map(|(at, _)| *at).collect()));
                next = 0;
            } else {
                let (way, decided) = taken.pop().filter(|_| self.tries < MOST_TRIES)?;
                decided.into_iter().for_each(|at| self.longer[at] = None);
                next = way + 1;
            }
        }
        Some(taken.into_iter().map(|(way, _)| way).collect())
    }

    fn allows(&self, way: &Way) -> bool {
        way.asks.iter().all(|(at, longer)| self.longer[*at].is_none_or(|decided| decided == *longer))
    }
}

/// The ways to draw a kind: transparent before opaque, lower palettes before higher ones.
fn ways(palettes: &[Palette], kind: Kind) -> Vec<Way> {
    let mut ways = Vec::new();
    for opaque in if kind.zero { &[false, true][..] } else { &[false] } {
        for (at, palette) in palettes.iter().enumerate() {
            let Some(asks) = asks(palettes, at, kind, *opaque) else { continue };
            let free = asks.is_empty();
            ways.push(Way { drawn: Drawn { palette: palette.index, opaque: *opaque }, asks });
            if free {
                return ways;
            }
        }
    }
    ways
}

/// What lengths it takes so that the colours of the palette at `at` give the indices of a kind; `None`
/// when no lengths do.
fn asks(palettes: &[Palette], at: usize, kind: Kind, opaque: bool) -> Option<Vec<(usize, bool)>> {
    let palette = &palettes[at];
    let mut wanted: Vec<(u16, usize)> = (1..GLYPH_COLOURS)
        .filter(|index| kind.used >> index & 1 == 1)
        .map(|index| (palette.colors[index], index))
        .collect();
    wanted.extend(opaque.then_some((palette.colors[0], 0)));
    let gives = |length| wanted.iter().all(|(color, index)| palette.slot(length, *color) == Some(*index));
    let mut asks = match (gives(palette.least), palette.longest().is_some_and(gives)) {
        (true, true) => Vec::new(),
        (true, false) if palette.longest().is_none() => Vec::new(),
        (true, false) => vec![(at, false)],
        (false, true) => vec![(at, true)],
        (false, false) => return None,
    };
    for (below, lower) in palettes[..at].iter().enumerate() {
        let holds = |length| wanted.iter().all(|(color, _)| lower.slot(length, *color).is_some());
        if holds(lower.least) {
            return None;
        }
        if lower.longest().is_some_and(holds) {
            asks.push((below, false));
        }
    }
    Some(asks)
}

impl Palette {
    fn new(index: usize, colors: Colors) -> Self {
        let least = colors.iter().rposition(|color| *color != 0).map_or(1, |last| last + 1);
        Self { index, colors, least }
    }

    /// One black colour more, where that can matter.
    fn longest(&self) -> Option<usize> {
        let can = self.least < GLYPH_COLOURS && !self.colors[1..self.least].contains(&0);
        can.then_some(self.least + 1)
    }

    /// The index of an opaque pixel of that colour: the lowest from 1 on, or 0 when only that one is it.
    fn slot(&self, length: usize, color: u16) -> Option<usize> {
        let colors = &self.colors[..length];
        let first = (1..length).find(|index| colors[*index] == color);
        first.or((colors[0] == color).then_some(0))
    }
}
