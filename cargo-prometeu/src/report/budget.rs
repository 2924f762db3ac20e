//! What of all pictures and sounds goes onto the page: the smallest, as many as there is room for.
//!
//! Large packs have more than a browser should be handed in one file. What takes the least room is taken first, so that a
//! single long tune costs no picture; of what takes the same, the one with the lower id. What is left out is counted,
//! and told on the page: nothing goes silently. Never more is held in memory than there is room for.

use std::collections::BTreeMap;

use super::changes::number;
use super::data::{LeftOut, What};

/// Bytes of pictures, waveforms, sounds and glimpses on one page, as they stand there.
pub(crate) const ROOM: u64 = 8_000_000;

/// Bytes of markup around each.
const MARKUP: u64 = 300;

/// Something that can be seen or heard: the asset, what it is, and the artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) asset_id: u32,
    pub(crate) what: What,
    pub(crate) artifact: u32,
}

/// Room, and who has it so far.
#[derive(Debug)]
pub(crate) struct Budget {
    room: u64,
    taken: u64,
    /// By what each takes.
    kept: BTreeMap<(u64, Key), Vec<u8>>,
    left_out: BTreeMap<(u32, What), (usize, u64)>,
}

impl Budget {
    pub(crate) const fn new(room: u64) -> Self {
        Self { room, taken: 0, kept: BTreeMap::new(), left_out: BTreeMap::new() }
    }

    /// Offers something that takes so many bytes of the page. Its content may come later: see [`Self::settle`].
    pub(crate) fn offer(&mut self, key: Key, bytes: u64, content: Vec<u8>) {
        let takes = bytes.saturating_add(MARKUP);
        if takes > self.room {
            return self.leave_out(key, takes);
        }
        self.taken += takes;
        self.kept.insert((takes, key), content);
        // What goes once could not come back: what is kept only becomes smaller, and more of it.
        while self.taken > self.room {
            let Some(((takes, key), _)) = self.kept.pop_last() else { break };
            self.taken -= takes;
            self.leave_out(key, takes);
        }
    }

    fn leave_out(&mut self, key: Key, takes: u64) {
        let (count, bytes) = self.left_out.entry((key.asset_id, key.what)).or_default();
        (*count, *bytes) = (*count + 1, bytes.saturating_add(takes));
    }

    /// What there is room for, and what not.
    pub(crate) fn settle(self) -> (BTreeMap<Key, Vec<u8>>, Vec<LeftOut>) {
        let left_out = self.left_out.into_iter().map(|((asset_id, what), (count, size))| LeftOut {
            asset_id,
            what,
            count: number(count),
            size,
        });
        let left_out = left_out.collect();
        (self.kept.into_iter().map(|((_, key), content)| (key, content)).collect(), left_out)
    }
}

/// How long so many bytes are in base64.
pub(crate) const fn encoded(bytes: u64) -> u64 {
    bytes.div_ceil(3).saturating_mul(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(asset_id: u32) -> Key {
        Key { asset_id, what: What::Picture, artifact: 0 }
    }

    #[test]
    fn the_smallest_have_the_room_whatever_the_order_in_which_they_come() {
        let sizes = [700, 100, 900, 100, 400, 50];
        let mut orders = vec![vec![0, 1, 2, 3, 4, 5], vec![5, 4, 3, 2, 1, 0], vec![2, 0, 4, 1, 5, 3]];
        for order in &mut orders {
            let mut budget = Budget::new(4 * MARKUP + 650);
            for n in order.iter().copied() {
                budget.offer(key(n), sizes[n as usize], vec![u8::try_from(n).unwrap()]);
            }
            let (kept, left_out) = budget.settle();
            assert_eq!(kept.keys().map(|key| key.asset_id).collect::<Vec<_>>(), [1, 3, 4, 5], "{order:?}");
            assert_eq!(kept[&key(4)], [4]);
            let left: Vec<(u32, u32, u64)> =
                left_out.iter().map(|left| (left.asset_id, left.count, left.size)).collect();
            assert_eq!(left, [(0, 1, 700 + MARKUP), (2, 1, 900 + MARKUP)], "{order:?}");
        }
    }

    #[test]
    fn of_the_same_size_the_lower_id_has_it() {
        let mut budget = Budget::new(2 * (MARKUP + 10));
        for n in [3, 1, 2] {
            budget.offer(key(n), 10, Vec::new());
        }
        let (kept, left_out) = budget.settle();
        assert_eq!(kept.keys().map(|key| key.asset_id).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(left_out[0].asset_id, 3);
    }

    #[test]
    fn what_is_longer_than_all_numbers_is_left_out() {
        let mut budget = Budget::new(1000);
        budget.offer(key(1), u64::MAX, Vec::new());
        budget.offer(key(2), 5, Vec::new());
        let (kept, _) = budget.settle();
        assert_eq!(kept.len(), 1);
    }

    #[test]
    fn base64_takes_four_bytes_for_three() {
        assert_eq!([0, 1, 3, 4].map(encoded), [0, 4, 4, 8]);
    }
}
