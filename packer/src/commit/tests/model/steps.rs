//! What is drawn: the steps of a sequence.

use super::super::suite::Random;

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
    AdoptAsNew(&'static str),
    /// A root, as the asset that is registered in the other one.
    AdoptAs(&'static str, &'static str),
    Forget(&'static str),
    /// Into quarantine, or for good.
    Remove(&'static str, bool),
    Quarantine(&'static str),
    Restore(Sought),
    Undo,
}

/// What is to be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sought {
    /// What was there.
    Root(&'static str),
    /// One of the entries, by its name.
    Nth(u32),
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
    Quarantine(InQuarantine, u32),
    /// Something is put where the last restoration took an entry from, or where that root would go.
    Squat(&'static str, bool),
}

/// Something that is done by hand to an entry in quarantine.
#[derive(Debug, Clone, Copy)]
pub(super) enum InQuarantine {
    Delete,
    /// Its record names another root.
    Readdress(&'static str),
    /// Its record includes what it excluded.
    Toggle,
    BreakRecord,
    DeleteRecord,
    DeleteRoot,
    /// A file in its root.
    Note,
    /// A file beside its root.
    Stray,
    Copy,
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
    // With nothing there, most of what is drawn is refused.
    for _ in 0..2 + random.below(3) {
        steps.push(Step::Do(Op::Create(pick_root(random)), None));
    }
    while steps.len() < STEPS {
        if random.below(12) == 0 {
            steps.extend(story(random));
        } else {
            steps.push(step(random));
        }
    }
    steps.truncate(STEPS);
    steps
}

/// Two or three steps of which the later are rarely allowed without the first.
fn story(random: &mut Random) -> Vec<Step> {
    let (from, to) = (pick_root(random), pick_root(random));
    let fault = |random: &mut Random| (random.below(3) == 0).then(|| fault(random));
    match random.below(4) {
        0 => vec![Step::ByHand(Hand::CopyRoot(from, to)), Step::Do(Op::AdoptAsNew(to), fault(random))],
        1 => vec![Step::ByHand(Hand::MoveFolder(from, to)), Step::Do(Op::AdoptAs(to, from), fault(random))],
        2 => vec![
            Step::Do(Op::Quarantine(from), None),
            step(random),
            Step::Do(Op::Restore(Sought::Root(from)), fault(random)),
        ],
        _ => vec![Step::Do(op(random), fault(random)), Step::ByHand(hand(random)), Step::Do(Op::Undo, None)],
    }
}

fn fault(random: &mut Random) -> Fault {
    match random.below(20) {
        0..8 => Fault::Kill(1 + random.below(180) as u64),
        8..14 => Fault::PowerCut(1 + random.below(180) as u64, random.draw()),
        _ => Fault::Full(random.below(30) as u64),
    }
}

fn step(random: &mut Random) -> Step {
    match random.below(100) {
        0..36 => Step::Do(op(random), None),
        36..57 => Step::Do(op(random), Some(fault(random))),
        57..60 => Step::PreviewThenApply(op(random)),
        60..64 => Step::PreviewEditApply(op(random), hand(random)),
        64..67 => Step::ApplyOutdated(op(random), op(random)),
        67..94 => Step::ByHand(hand(random)),
        94..96 => Step::Pack,
        96..98 => Step::Details(pick_root(random)),
        _ => Step::Reopen,
    }
}

fn pick_root(random: &mut Random) -> &'static str {
    ROOTS[random.below(ROOTS.len())]
}

fn op(random: &mut Random) -> Op {
    let root = pick_root(random);
    match random.below(48) {
        0 => Op::Init,
        1..11 => Op::Create(root),
        11..15 => Op::Register(root),
        15..19 => Op::Relocate(root, pick_root(random)),
        19..22 => {
            let roots = (0..=random.below(2)).map(|_| pick_root(random)).collect();
            Op::Include(roots, random.below(2) == 0)
        }
        22..24 => Op::AdoptAsNew(root),
        24..27 => Op::AdoptAs(root, pick_root(random)),
        27..29 => Op::Forget(root),
        29..31 => Op::Remove(root, false),
        31..33 => Op::Remove(root, true),
        33..37 => Op::Quarantine(root),
        37..39 => Op::Restore(Sought::Root(root)),
        39..42 => Op::Restore(Sought::Nth(u32::try_from(random.below(1_000)).unwrap())),
        _ => Op::Undo,
    }
}

fn hand(random: &mut Random) -> Hand {
    let (root, n) = (pick_root(random), u32::try_from(random.below(1_000_000)).unwrap());
    match random.below(40) {
        0..5 => Hand::Declare(root, n),
        5..8 => Hand::EditDeclaration(root, n),
        8 => Hand::BreakDeclaration(root),
        9 => Hand::DropUuid(root),
        10..13 => Hand::Note(root, n),
        13..16 => Hand::MoveFolder(root, pick_root(random)),
        16..20 => Hand::CopyRoot(root, pick_root(random)),
        20 => Hand::Delete(root),
        21 => Hand::DeleteData(root),
        22 => Hand::MakeFolder(root),
        23..25 => Hand::Reformat,
        25..27 => Hand::Toggle(n),
        27 => Hand::RemoveEntry(n),
        28 => Hand::SkipIds(n % 5),
        29 if n % 2 == 0 => Hand::BreakRegistry,
        29 => Hand::ConflictMarkers,
        30 => Hand::DeleteRegistry,
        31..36 => Hand::RestoreRegistry,
        36..39 => Hand::Quarantine(in_quarantine(random), n),
        _ => Hand::Squat(root, n % 2 == 0),
    }
}

fn in_quarantine(random: &mut Random) -> InQuarantine {
    match random.below(9) {
        0 => InQuarantine::Delete,
        1 => InQuarantine::Readdress(pick_root(random)),
        2 => InQuarantine::Toggle,
        3 => InQuarantine::BreakRecord,
        4 => InQuarantine::DeleteRecord,
        5 => InQuarantine::DeleteRoot,
        6 => InQuarantine::Note,
        7 => InQuarantine::Stray,
        _ => InQuarantine::Copy,
    }
}

impl Op {
    /// What is counted of it.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Create(_) => "create",
            Self::Register(_) => "register",
            Self::Relocate(..) => "relocate",
            Self::Include(..) => "include or exclude",
            Self::AdoptAsNew(_) => "adopt as new",
            Self::AdoptAs(..) => "adopt as the asset",
            Self::Forget(_) => "forget",
            Self::Remove(_, false) => "remove",
            Self::Remove(_, true) => "remove for good",
            Self::Quarantine(_) => "quarantine",
            Self::Restore(_) => "restore",
            Self::Undo => "undo",
        }
    }
}

/// An asset called by its root, which no name of one looks like.
pub(super) fn by_root(root: &str) -> String {
    format!("assets/{root}")
}
