//! What is done to a project before it is packed, and what is asked for then.

use packer_tests::bench::ground::Edit;

/// A situation in which programs are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scenario {
    /// No output and no cache; the files are in the system's memory.
    Cold,
    /// Again, and nothing changed.
    Noop,
    /// A small blob has other bytes, as many as before.
    One,
    /// The same blob is 5 KiB longer.
    OneGrow,
    /// A tile is another.
    OnePng,
    /// A blob has another date.
    Touch,
    /// Two hundred declarations have another date.
    Branch,
    /// There is one root more.
    Add,
    /// There is one root less.
    Remove,
    /// Is the pack what the sources make? With what is known of the last one.
    Check,
    /// The same, when nothing is known.
    CheckUnknown,
    /// A blob that was packed a moment ago has other bytes, as many as before, and the date that it had.
    Young,
    /// Every file has another date, outputs and cache are as they were.
    FreshClone,
    /// `cargo build` again, and nothing changed.
    CargoNoop,
    /// `cargo build` after a small blob got other bytes.
    CargoOne,
}

use Scenario::{
    Add, Branch, CargoNoop, CargoOne, Check, CheckUnknown, Cold, FreshClone, Noop, One, OneGrow, OnePng,
    Remove, Touch, Young,
};

/// One thing that is done in each round: an edit, and then the programs run in the scenario.
pub(crate) type Step = (Edit, Scenario);

impl Scenario {
    /// All, in the order in which they are told.
    pub(crate) const ALL: [Self; 15] = [
        Cold,
        Noop,
        One,
        OneGrow,
        OnePng,
        Young,
        Touch,
        Branch,
        Add,
        Remove,
        Check,
        CheckUnknown,
        FreshClone,
        CargoNoop,
        CargoOne,
    ];

    /// Its name on the command line and in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Cold => "cold",
            Noop => "noop",
            One => "one",
            OneGrow => "one-grow",
            OnePng => "one-png",
            Touch => "touch",
            Branch => "branch",
            Add => "add",
            Remove => "remove",
            Check => "check",
            CheckUnknown => "check-unknown",
            Young => "young",
            FreshClone => "fresh-clone",
            CargoNoop => "cargo-noop",
            CargoOne => "cargo-one",
        }
    }

    /// The one of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scenario| scenario.name() == name)
    }

    /// What happens in each round. `add` and `remove` come together, since each makes room for the other.
    pub(crate) fn steps(self) -> Vec<Step> {
        let edit = match self {
            Cold | Noop | Check | CheckUnknown | CargoNoop => Edit::Nothing,
            Young => Edit::OtherBytesSameDate,
            One | CargoOne => Edit::OtherBytes,
            OneGrow => Edit::Longer,
            OnePng => Edit::OtherTile,
            Touch => Edit::Touch,
            Branch => Edit::TouchDeclarations,
            FreshClone => Edit::TouchAll,
            Add | Remove => return vec![(Edit::Add, Add), (Edit::Remove, Remove)],
        };
        vec![(edit, self)]
    }

    /// Whether all rounds begin with what the last one left.
    pub(crate) fn starts_over(self) -> bool {
        matches!(self, Add | Remove)
    }

    /// Whether programs write a pack, which can be looked at afterwards.
    pub(crate) fn writes(self) -> bool {
        !matches!(self, Check | CheckUnknown)
    }

    /// Whether a pack that is there is what the sources make, so that nobody has to touch it.
    pub(crate) fn leaves_the_pack(self) -> bool {
        matches!(self, Noop | Touch | Branch | FreshClone | Check | CheckUnknown)
    }

    /// Whether the scenario is of builds by cargo.
    pub(crate) fn is_of_cargo(self) -> bool {
        matches!(self, CargoNoop | CargoOne)
    }
}

/// What a program is to be held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Target {
    /// At most so many times the floor of the same run.
    Floor(f64),
    /// At most so many times what the program itself takes when nothing changed.
    OwnNoop(f64),
    /// At most so many milliseconds more than the floor: of little work most is the start of a process.
    Beyond(f64),
    /// At most so many milliseconds.
    Millis(f64),
}

/// The forms in which the packer is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The optimised command.
    Command,
    /// The build script, compiled as cargo does it: without optimisation, but for the crates of the profile
    /// lines.
    Script,
    /// The whole `cargo build`.
    Cargo,
}

/// What was set as a target. `shares` says whether the file system lets files share their blocks: there a
/// copy costs nothing, and everything beside it shows. Of a small project ratios say little.
pub(crate) fn target(form: Form, scenario: Scenario, shares: bool, small: bool) -> Option<Target> {
    let is_command = form == Form::Command;
    if small {
        return match (form, scenario) {
            (Form::Command, Noop) => Some(Target::Beyond(1.5)),
            (Form::Script, Noop) => Some(Target::Beyond(4.0)),
            (Form::Command, Cold) => Some(Target::Millis(8.0)),
            (Form::Cargo, CargoNoop) => Some(Target::Floor(1.1)),
            _ => None,
        };
    }
    let of = |command, script| Some(Target::Floor(if is_command { command } else { script }));
    match (form, scenario) {
        (Form::Cargo, CargoNoop) => Some(Target::Floor(1.1)),
        (Form::Cargo, _) => None,
        (_, Cold) => of(1.5, 3.0),
        (_, Noop) => of(1.25, 1.8),
        (_, One | OnePng | Add) => of(if shares { 1.5 } else { 1.15 }, 2.0),
        (_, OneGrow | Remove) => of(1.3, 1.6),
        (_, Touch) => Some(Target::OwnNoop(1.1)),
        (_, Branch) => Some(Target::OwnNoop(if is_command { 1.4 } else { 2.0 })),
        (_, Check) => Some(Target::OwnNoop(1.2)),
        (_, CheckUnknown) => of(1.3, 1.3),
        (_, FreshClone) => of(1.2, 1.5),
        (_, Young | CargoNoop | CargoOne) => None,
    }
}
