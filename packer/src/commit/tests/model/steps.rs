//! What is drawn: the steps of a sequence.

use super::super::suite::Random;
use crate::mutate::{CreateAsset, Mutation, RegisterAsset, RelocateAsset, SetIncluded};
use crate::path::AssetPath;

/// Steps of a sequence.
pub(super) const STEPS: usize = 30;

/// Every root that there is; some lie in others.
pub(super) const ROOTS: [&str; 7] = ["a", "b", "ui/c", "ui/d", "x/y/z", "a/in", "x/y"];

/// A mutation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Op {
    Init,
    Create(&'static str),
    Register(&'static str),
    Relocate(&'static str, &'static str),
    Include(Vec<&'static str>, bool),
}

/// What befalls it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    /// The process is killed before that call, if there are so many.
    Kill(u64),
    /// The power fails there; which of the states that it may leave.
    PowerCut(u64, u64),
    /// The disk is full from that changing call on.
    Full(u64),
}

/// Something that is done by hand.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hand {
    Declare(&'static str, u32),
    EditDeclaration(&'static str, u32),
    BreakDeclaration(&'static str),
    DropUuid(&'static str),
    Note(&'static str, u32),
    MoveFolder(&'static str, &'static str),
    CopyRoot(&'static str, &'static str),
    Delete(&'static str),
    DeleteData(&'static str),
    MakeFolder(&'static str),
    Reformat,
    Toggle(u32),
    RemoveEntry(u32),
    SkipIds(u32),
    BreakRegistry,
    ConflictMarkers,
    DeleteRegistry,
    RestoreRegistry,
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Do(Op, Option<Fault>),
    PreviewThenApply(Op),
    PreviewEditApply(Op, Hand),
    ApplyOutdated(Op, Op),
    ByHand(Hand),
    Pack,
    Details(&'static str),
    Reopen,
}

pub(super) fn steps(random: &mut Random) -> Vec<Step> {
    let mut steps = vec![Step::Do(Op::Init, None)];
    while steps.len() < STEPS {
        steps.push(step(random));
    }
    steps
}

fn step(random: &mut Random) -> Step {
    match random.below(100) {
        0..30 => Step::Do(op(random), None),
        30..38 => Step::Do(op(random), Some(Fault::Kill(1 + random.below(140) as u64))),
        38..44 => Step::Do(op(random), Some(Fault::PowerCut(1 + random.below(140) as u64, random.draw()))),
        44..50 => Step::Do(op(random), Some(Fault::Full(random.below(30) as u64))),
        50..53 => Step::PreviewThenApply(op(random)),
        53..57 => Step::PreviewEditApply(op(random), hand(random)),
        57..60 => Step::ApplyOutdated(op(random), op(random)),
        60..93 => Step::ByHand(hand(random)),
        93..96 => Step::Pack,
        96..98 => Step::Details(pick_root(random)),
        _ => Step::Reopen,
    }
}

fn pick_root(random: &mut Random) -> &'static str {
    ROOTS[random.below(ROOTS.len())]
}

fn op(random: &mut Random) -> Op {
    let root = pick_root(random);
    match random.below(20) {
        0 => Op::Init,
        1..8 => Op::Create(root),
        8..12 => Op::Register(root),
        12..16 => Op::Relocate(root, pick_root(random)),
        _ => {
            let roots = (0..=random.below(2)).map(|_| pick_root(random)).collect();
            Op::Include(roots, random.below(2) == 0)
        }
    }
}

fn hand(random: &mut Random) -> Hand {
    let (root, n) = (pick_root(random), u32::try_from(random.below(1_000_000)).unwrap());
    match random.below(32) {
        0..5 => Hand::Declare(root, n),
        5..8 => Hand::EditDeclaration(root, n),
        8 => Hand::BreakDeclaration(root),
        9 => Hand::DropUuid(root),
        10..13 => Hand::Note(root, n),
        13..15 => Hand::MoveFolder(root, pick_root(random)),
        15..17 => Hand::CopyRoot(root, pick_root(random)),
        17 => Hand::Delete(root),
        18 => Hand::DeleteData(root),
        19 => Hand::MakeFolder(root),
        20..22 => Hand::Reformat,
        22..24 => Hand::Toggle(n),
        24 => Hand::RemoveEntry(n),
        25 => Hand::SkipIds(n % 5),
        26 => Hand::BreakRegistry,
        27 => Hand::ConflictMarkers,
        28 => Hand::DeleteRegistry,
        _ => Hand::RestoreRegistry,
    }
}

impl Op {
    pub(super) fn mutation(&self) -> Mutation {
        let root = |root: &str| AssetPath::parse(root).unwrap();
        match self {
            Self::Init => Mutation::InitWorkspace,
            Self::Create(at) => Mutation::CreateAsset(CreateAsset {
                root: root(at),
                family: "blob_bank".into(),
                name: None,
                from: None,
            }),
            Self::Register(at) => Mutation::RegisterAsset(RegisterAsset { root: root(at), included: true }),
            Self::Relocate(from, to) => {
                Mutation::RelocateAsset(RelocateAsset { asset: by_root(from), new_root: root(to) })
            }
            Self::Include(roots, included) => Mutation::SetIncluded(SetIncluded {
                assets: roots.iter().map(|root| by_root(root)).collect(),
                included: *included,
            }),
        }
    }
}

/// An asset called by its root, which no name of one looks like.
pub(super) fn by_root(root: &str) -> String {
    format!("assets/{root}")
}
