//! Areas for sizes: squarified, as Bruls, Huizing and van Wijk describe it, so that cells are as near to squares as the
//! order of their sizes allows.
//!
//! Groups stand inside of groups: a family has one rectangle, each of its folders one in that, each asset one in its
//! folder's. Areas are exact: every rectangle has the part of the whole that its size is of all sizes. What has no size
//! has no rectangle.

/// A rectangle, in the units of the whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// Something with a size, or a group of such things.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// Whose number and size these are.
    Leaf(usize, u64),
    Group(Vec<Self>),
}

/// The rectangles of all leaves with a size, in `whole`, in no order that means anything.
pub(crate) fn lay_out(nodes: &[Node], whole: Rect) -> Vec<(usize, Rect)> {
    let mut leaves = Vec::new();
    place(nodes, whole, &mut leaves);
    leaves
}

impl Node {
    /// Its size; of a group, that of everything in it.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Leaf(_, size) => *size,
            Self::Group(nodes) => nodes.iter().map(Self::size).sum(),
        }
    }
}

fn place(nodes: &[Node], within: Rect, leaves: &mut Vec<(usize, Rect)>) {
    let mut sized: Vec<(&Node, u64)> =
        nodes.iter().map(|node| (node, node.size())).filter(|(_, size)| *size > 0).collect();
    // The sort is stable, so equal sizes stay in the order in which they were told.
    sized.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let total: u64 = sized.iter().map(|(_, size)| size).sum();
    let scale = within.width * within.height / total as f64;
    let areas: Vec<f64> = sized.iter().map(|(_, size)| *size as f64 * scale).collect();
    for ((node, _), rect) in sized.iter().zip(squarify(&areas, within)) {
        match node {
            Node::Leaf(number, _) => leaves.push((*number, rect)),
            Node::Group(nodes) => place(nodes, rect, leaves),
        }
    }
}

/// A rectangle for each of these areas, the largest first; together they are `rest`.
fn squarify(areas: &[f64], mut rest: Rect) -> Vec<Rect> {
    let mut rects = Vec::with_capacity(areas.len());
    let mut from = 0;
    while from < areas.len() {
        let side = rest.width.min(rest.height);
        // As many in one row as make its worst cell no worse.
        let (mut to, mut sum, mut worst) =
            (from + 1, areas[from], worst_of(areas[from], areas[from], areas[from], side));
        while let Some(area) = areas.get(to) {
            let next = worst_of(areas[from], *area, sum + area, side);
            if next > worst {
                break;
            }
            (to, sum, worst) = (to + 1, sum + area, next);
        }
        let is_last = to == areas.len();
        rest = row(&areas[from..to], sum, rest, is_last, &mut rects);
        from = to;
    }
    rects
}

/// How far from a square the worst cell of a row is: 1 is one.
fn worst_of(largest: f64, smallest: f64, sum: f64, side: f64) -> f64 {
    let (square, sums) = (side * side, sum * sum);
    (square * largest / sums).max(sums / (square * smallest))
}

/// Puts one row at the shorter side of `rest`, and yields what is left of it. The last row takes all, so that nothing is
/// lost to rounding.
fn row(areas: &[f64], sum: f64, rest: Rect, is_last: bool, rects: &mut Vec<Rect>) -> Rect {
    let lies_left = rest.width >= rest.height;
    let (along, across) = if lies_left { (rest.height, rest.width) } else { (rest.width, rest.height) };
    let depth = if is_last { across } else { (sum / along).min(across) };
    let mut at = 0.0;
    for (n, area) in areas.iter().enumerate() {
        let length = if n + 1 == areas.len() { along - at } else { along * area / sum };
        rects.push(if lies_left {
            Rect { left: rest.left, top: rest.top + at, width: depth, height: length }
        } else {
            Rect { left: rest.left + at, top: rest.top, width: length, height: depth }
        });
        at += length;
    }
    if lies_left {
        Rect { left: rest.left + depth, width: rest.width - depth, ..rest }
    } else {
        Rect { top: rest.top + depth, height: rest.height - depth, ..rest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Rect = Rect { left: 0.0, top: 0.0, width: 1100.0, height: 500.0 };

    /// Numbers that look like chance and are the same on every machine.
    fn dice(seed: u64) -> impl FnMut(u64) -> u64 {
        let mut state = seed;
        move |sides| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % sides
        }
    }

    /// Families of folders of assets, sizes from nothing to a gigabyte.
    fn generated(seed: u64) -> (Vec<Node>, Vec<u64>) {
        let mut dice = dice(seed);
        let mut sizes = Vec::new();
        let families = (0..=dice(4)).map(|_| {
            let folders = (0..=dice(6)).map(|_| {
                let assets = (0..dice(30)).map(|_| {
                    let most = 10_u64.pow(u32::try_from(dice(10)).unwrap());
                    let size = dice(most + 1);
                    sizes.push(size);
                    Node::Leaf(sizes.len() - 1, size)
                });
                Node::Group(assets.collect())
            });
            Node::Group(folders.collect())
        });
        (families.collect(), sizes)
    }

    #[test]
    fn cells_cover_the_whole_by_their_sizes_and_no_two_overlap() {
        let mut looked_at = 0;
        for seed in 0..200 {
            let (nodes, sizes) = generated(seed);
            let total: u64 = sizes.iter().sum();
            let cells = lay_out(&nodes, WHOLE);
            assert_eq!(cells.len(), sizes.iter().filter(|size| **size > 0).count(), "seed {seed}");
            let mut covered = 0.0;
            for (n, cell) in &cells {
                let area = cell.width * cell.height;
                covered += area;
                let due = WHOLE.width * WHOLE.height * sizes[*n] as f64 / total as f64;
                assert!((area - due).abs() < 0.01, "seed {seed}: {area} of {due}");
                assert!(cell.left > -1e-6 && cell.top > -1e-6, "seed {seed}: {cell:?}");
                assert!(cell.left + cell.width < WHOLE.width + 1e-6, "seed {seed}: {cell:?}");
                assert!(cell.top + cell.height < WHOLE.height + 1e-6, "seed {seed}: {cell:?}");
            }
            let expected = if cells.is_empty() { 0.0 } else { WHOLE.width * WHOLE.height };
            assert!((covered - expected).abs() < 0.1, "seed {seed}: {covered}");
            for (n, (_, one)) in cells.iter().enumerate() {
                for (_, other) in &cells[n + 1..] {
                    let shared = |from: f64, len: f64, other_from: f64, other_len: f64| {
                        (from + len).min(other_from + other_len) - from.max(other_from)
                    };
                    let across = shared(one.left, one.width, other.left, other.width);
                    let down = shared(one.top, one.height, other.top, other.height);
                    assert!(across < 1e-6 || down < 1e-6, "seed {seed}: {one:?} and {other:?}");
                    looked_at += 1;
                }
            }
        }
        assert!(looked_at > 100_000, "{looked_at}");
    }

    #[test]
    fn cells_are_nearer_to_squares_than_to_stripes() {
        let nodes: Vec<Node> =
            [6, 6, 4, 3, 2, 2, 1].into_iter().enumerate().map(|(n, size)| Node::Leaf(n, size)).collect();
        // The example of the paper.
        for (_, cell) in lay_out(&nodes, Rect { left: 0.0, top: 0.0, width: 6.0, height: 4.0 }) {
            let ratio = (cell.width / cell.height).max(cell.height / cell.width);
            assert!(ratio < 2.8, "{cell:?}");
        }
    }

    #[test]
    fn a_folder_keeps_together_what_is_in_it() {
        let group = |of: [u64; 3], from: usize| {
            Node::Group(of.iter().enumerate().map(|(n, size)| Node::Leaf(from + n, *size)).collect())
        };
        let cells = lay_out(&[group([5, 1, 9], 0), group([4, 4, 7], 3)], WHOLE);
        let around = |from: usize, to: usize| {
            let of = || cells.iter().filter(move |(n, _)| (from..to).contains(n)).map(|(_, cell)| cell);
            let left = of().map(|cell| cell.left).fold(f64::MAX, f64::min);
            let right = of().map(|cell| cell.left + cell.width).fold(0.0, f64::max);
            (left, right)
        };
        assert!(around(0, 3).1 <= around(3, 6).0 + 1e-6, "{cells:?}");
    }

    #[test]
    fn nothing_has_no_cells() {
        assert!(lay_out(&[], WHOLE).is_empty());
        assert!(lay_out(&[Node::Group(vec![Node::Leaf(0, 0)])], WHOLE).is_empty());
    }
}
