//! Which colour of a palette gets which index, so that a tile that fits several palettes has the
//! same indices in all of them.
//!
//! A tile is packed with the indices of the first palette that holds it. Drawn with another that
//! holds it too, it would show other colours if its own stood elsewhere there: that is what
//! `fragile-tile-indices` warns of. So a colour of such a tile must have one index in all palettes
//! that hold the tile. Palettes bound together in this way for one colour are a *bond*; two bonds
//! that meet in a palette must differ. That is the colouring of a graph with 15 colours, done by
//! the usual search: the bond with the fewest free indices first, back where none is left.
//!
//! Colours without a bond take what is left, darkest first. Most banks have no bonds at all, and
//! their palettes run from dark to light.
//!
//! # Where the guarantee stops
//!
//! There are tiles for which no such order exists, and the search gives up after [`STEPS`]; then
//! [`arrange`] says so.

use std::collections::BTreeMap;

use super::cover::{ColorSet, ROOM};

/// How many bonds the search places, counting those it places anew.
const STEPS: u32 = 20_000;

/// The colours of a palette by index, from index 1 on; `None` where it has no colour.
pub(super) type Slots = Vec<Option<u16>>;

/// One colour in palettes that must give it the same index.
struct Bond {
    color: u16,
    /// Bit `p`: palette `p`.
    palettes: u64,
}

/// The search: which indices are taken in each palette, and where each bond stands.
struct Search<'a> {
    bonds: &'a [Bond],
    taken: Vec<u32>,
    placed: Vec<Option<u32>>,
    steps: u32,
}

/// Gives every colour of at most 64 `palettes` its index, `rank` saying which comes first. `None`
/// when no order was found in which every tile that fits several palettes has one set of indices.
pub(super) fn arrange(
    palettes: &[ColorSet],
    tiles: &[ColorSet],
    rank: &dyn Fn(u16) -> u32,
) -> Option<Vec<Slots>> {
    let mut bonds = bonds(palettes, tiles);
    bonds.sort_by_key(|bond| (rank(bond.color), bond.color));
    let mut search = Search {
        bonds: &bonds,
        taken: vec![0; palettes.len()],
        placed: vec![None; bonds.len()],
        steps: STEPS,
    };
    if !search.place(0) {
        return None;
    }
    let placed = search.placed;
    let slots = palettes.iter().enumerate().map(|(n, palette)| {
        let mut slots: Slots = vec![None; ROOM];
        for (bond, slot) in bonds.iter().zip(&placed).filter(|(bond, _)| bond.palettes >> n & 1 == 1) {
            let slot = slot.expect("a search that came to its end has placed every bond");
            slots[slot as usize] = Some(bond.color);
        }
        fill(&mut slots, palette, rank);
        slots
    });
    Some(slots.collect())
}

/// The same without regard to tiles that fit several palettes.
pub(super) fn by_rank(palettes: &[ColorSet], rank: &dyn Fn(u16) -> u32) -> Vec<Slots> {
    let slots = |palette: &ColorSet| {
        let mut slots = vec![None; ROOM];
        fill(&mut slots, palette, rank);
        slots
    };
    palettes.iter().map(slots).collect()
}

/// Puts what has no place yet into the free ones, and cuts off what stays free at the end.
fn fill(slots: &mut Slots, palette: &ColorSet, rank: &dyn Fn(u16) -> u32) {
    let mut rest: Vec<u16> =
        palette.colors().iter().copied().filter(|color| !slots.contains(&Some(*color))).collect();
    rest.sort_by_key(|color| (rank(*color), *color));
    let mut rest = rest.into_iter();
    for slot in slots.iter_mut().filter(|slot| slot.is_none()) {
        *slot = rest.next();
    }
    assert!(rest.next().is_none(), "BUG: a palette has more colours than room");
    while slots.last() == Some(&None) {
        slots.pop();
    }
}

/// What the tiles ask for that fit several palettes.
fn bonds(palettes: &[ColorSet], tiles: &[ColorSet]) -> Vec<Bond> {
    assert!(palettes.len() <= 64, "BUG: a bank has at most 64 palettes");
    let mut of_color: BTreeMap<u16, Vec<u64>> = BTreeMap::new();
    for tile in tiles {
        let holders = palettes.iter().enumerate().filter(|(_, palette)| palette.holds(tile));
        let holders = holders.fold(0_u64, |bits, (n, _)| bits | 1 << n);
        if holders.count_ones() < 2 {
            continue;
        }
        for color in tile.colors() {
            // Bonds of one colour that meet are one.
            let bonds = of_color.entry(*color).or_default();
            let mut joined = holders;
            bonds.retain(|bond| {
                let meets = bond & holders != 0;
                joined |= if meets { *bond } else { 0 };
                !meets
            });
            bonds.push(joined);
        }
    }
    let bonds = of_color.into_iter();
    bonds.flat_map(|(color, bonds)| bonds.into_iter().map(move |palettes| Bond { color, palettes })).collect()
}

impl Bond {
    /// Its palettes.
    fn members(&self) -> impl Iterator<Item = usize> + use<> {
        let mut left = self.palettes;
        std::iter::from_fn(move || {
            let next = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(next)
        })
    }
}

impl Search<'_> {
    /// Places all bonds that have no place; `used` indices are in use anywhere so far. Indices not
    /// yet in use are alike, so only the first of them is tried.
    fn place(&mut self, used: u32) -> bool {
        let open = (0..self.bonds.len()).filter(|bond| self.placed[*bond].is_none());
        // Of equals the last one wins, so the first by rank comes last.
        let tightest = open.rev().max_by_key(|bond| {
            let bond = &self.bonds[*bond];
            (self.taken_for(bond).count_ones(), bond.palettes.count_ones())
        });
        let Some(bond) = tightest else { return true };
        if self.steps == 0 {
            return false;
        }
        self.steps -= 1;
        let room = u32::try_from(ROOM).expect("a palette has 15");
        for slot in 0..room.min(used + 1) {
            if self.taken_for(&self.bonds[bond]) >> slot & 1 == 1 {
                continue;
            }
            self.put(bond, slot);
            if self.place(used.max(slot + 1)) {
                return true;
            }
            self.take_back(bond, slot);
        }
        false
    }

    /// The indices that are taken in any palette of a bond, as bits.
    fn taken_for(&self, bond: &Bond) -> u32 {
        bond.members().fold(0, |bits, n| bits | self.taken[n])
    }

    fn put(&mut self, bond: usize, slot: u32) {
        self.placed[bond] = Some(slot);
        self.flip(bond, slot);
    }

    fn take_back(&mut self, bond: usize, slot: u32) {
        self.placed[bond] = None;
        self.flip(bond, slot);
    }

    fn flip(&mut self, bond: usize, slot: u32) {
        for n in self.bonds[bond].members() {
            self.taken[n] ^= 1 << slot;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets(sets: &[Vec<u16>]) -> Vec<ColorSet> {
        sets.iter().map(|set| set.iter().copied().collect()).collect()
    }

    /// Arranges, and holds the result to what it promises.
    fn arranged(palettes: &[Vec<u16>], tiles: &[Vec<u16>]) -> Option<Vec<Slots>> {
        let (palettes, tiles) = (sets(palettes), sets(tiles));
        let arranged = arrange(&palettes, &tiles, &u32::from)?;
        for (slots, palette) in arranged.iter().zip(&palettes) {
            let mut colors: Vec<u16> = slots.iter().flatten().copied().collect();
            colors.sort_unstable();
            assert_eq!(colors, palette.colors(), "each colour once");
        }
        for tile in &tiles {
            let holders = (0..palettes.len()).filter(|n| palettes[*n].holds(tile));
            let places = holders.map(|n| {
                let place = |color: &u16| arranged[n].iter().position(|slot| *slot == Some(*color)).unwrap();
                tile.colors().iter().map(place).collect::<Vec<_>>()
            });
            let places: Vec<_> = places.collect();
            assert!(places.windows(2).all(|pair| pair[0] == pair[1]), "{tile:?}: {places:?}");
        }
        Some(arranged)
    }

    #[test]
    fn without_tiles_in_several_palettes_each_runs_by_rank() {
        let slots = arranged(&[vec![9, 3, 5], vec![3, 4]], &[vec![9, 3, 5], vec![3, 4]]).unwrap();
        assert_eq!(slots, [vec![Some(3), Some(5), Some(9)], vec![Some(3), Some(4)]]);
    }

    #[test]
    fn a_tile_in_two_palettes_has_the_same_indices_in_both() {
        let slots = arranged(&[vec![1, 2, 8, 9], vec![5, 8, 9]], &[vec![8, 9]]).unwrap();
        assert_eq!(slots[1], [Some(8), Some(9), Some(5)]);
    }

    #[test]
    fn an_index_without_a_colour_is_left_where_a_bond_asks_for_it() {
        // 1 and 2 have two indices in the first palette, so 3 has a third, also where it is alone.
        let palettes = [vec![1, 2, 3], vec![1, 2, 4], vec![3, 7]];
        let slots = arranged(&palettes, &[vec![1, 2], vec![3]]).unwrap();
        assert_eq!(slots[2].len(), 3);
    }

    #[test]
    fn what_cannot_be_is_said() {
        // Three groups that meet pairwise in a palette need 22 different indices.
        let group = |n: u16, count: u16| (n * 100..n * 100 + count).collect::<Vec<_>>();
        let (a, b, c) = (group(0, 7), group(1, 8), group(2, 7));
        let palettes = [[a.clone(), b.clone()], [b.clone(), c.clone()], [c.clone(), a.clone()]];
        let palettes = palettes.map(|pair| pair.concat());
        assert_eq!(arranged(&palettes, &[a.clone(), b.clone(), c]), None);
        assert!(arranged(&palettes, &[a, b]).is_some());
    }
}
