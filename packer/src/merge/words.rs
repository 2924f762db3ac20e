//! What a merge tells a person.

use super::{Alike, Change, Contradiction, Reason, Renumbered, Side, Unsound};

/// What the sides are called: branches, or whatever git says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Labels<'a> {
    /// The branch that is merged into.
    pub ours: &'a str,
    /// The branch that is merged.
    pub theirs: &'a str,
}

impl Labels<'_> {
    fn of(&self, side: Side) -> &str {
        match side {
            Side::Base => "the common ancestor",
            Side::Ours => self.ours,
            Side::Theirs => self.theirs,
        }
    }
}

impl Contradiction {
    /// What contradicts what.
    #[must_use]
    pub fn message(&self, labels: &Labels<'_>) -> String {
        let Labels { ours, theirs } = labels;
        match self {
            Self::Dropped { asset_id, root, by, change } => {
                let change = match change {
                    Change::Moved { from } => format!("moved from `{from}`"),
                    Change::Included => "taken into builds".to_owned(),
                    Change::Excluded => "kept out of builds".to_owned(),
                    Change::Numbered { from } => format!("registered again, with another id than {from},"),
                };
                let (by, other) = (labels.of(*by), labels.of(by.other()));
                format!("`{root}` (asset {asset_id}) was dropped in {by}, and {change} in {other}")
            }
            Self::TwoPlaces { asset_id, ours: here, theirs: there } => {
                format!("asset {asset_id} is at `{here}` in {ours}, and at `{there}` in {theirs}")
            }
            Self::Participation { asset_id, root, included_by } => {
                format!(
                    "`{root}` (asset {asset_id}) was registered twice: for builds in {}, and to be kept out of them in {}",
                    labels.of(*included_by),
                    labels.of(included_by.other())
                )
            }
            Self::OneFolder { ours: (id, here), theirs: (other, there) } if here == there => {
                format!("two assets are at `{here}`: asset {id} in {ours}, and asset {other} in {theirs}")
            }
            Self::OneFolder { ours: (id, here), theirs: (other, there) } => format!(
                "asset {id} at `{here}` in {ours}, and asset {other} at `{there}` in {theirs}, are in one folder on \
                 Windows and macOS"
            ),
            Self::Nested { outer: (id, outer), inner: (other, inner), outer_of } => {
                format!(
                    "`{inner}` (asset {other}) in {} lies inside `{outer}` (asset {id}) in {}",
                    labels.of(outer_of.other()),
                    labels.of(*outer_of)
                )
            }
            Self::NoIdLeft { root, taken } => {
                format!("`{root}` has the id {taken}, which another asset keeps, and no id is left")
            }
        }
    }

    /// What a person does about it, besides taking the markers out.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Dropped { .. } => "Keep the side with the entry, or the one without it.",
            Self::TwoPlaces { .. } => "Keep the side that names the folder in which it shall be.",
            Self::Participation { .. } => "Keep the side that says what builds shall do with it.",
            Self::OneFolder { .. } => {
                "Keep one entry: the one whose `asset_uuid` the folder's `asset.json` has; or both, and give one of \
                 them another folder."
            }
            Self::Nested { .. } => {
                "Keep one of the entries; or both, and move one folder out of the other, in its `root` as well."
            }
            Self::NoIdLeft { .. } => "Keep one of the entries; somebody wrote an id that is far too high.",
        }
    }
}

impl Renumbered {
    /// Who has another id, and why.
    #[must_use]
    pub fn message(&self) -> String {
        let Self { root, from, to, reason, .. } = self;
        let why = match reason {
            Reason::Taken { by, .. } => format!("`{by}` has {from}"),
            Reason::Spent => format!("{from} was given to another asset before"),
            Reason::TwoIds => "each branch gave it an id of its own".to_owned(),
        };
        format!("`{root}` is asset {to} now, and was {from}: {why}")
    }
}

impl Renumbered {
    /// Whether another rule could as well have left it its id, to which [`exchange`] is the way.
    #[must_use]
    pub fn is_a_choice(&self) -> bool {
        matches!(self.reason, Reason::Taken { as_new: true, .. })
    }
}

/// What whoever merges can do about assets that lost their id to one as new as they are, in the registry at `path`;
/// `None` when there is none.
#[must_use]
pub fn exchange(renumbered: &[Renumbered], path: &str) -> Option<String> {
    let mut choices = renumbered.iter().filter(|told| told.is_a_choice());
    let (first, others) = (choices.next()?, choices.count());
    let Reason::Taken { by, .. } = &first.reason else { return None };
    let (shipped, what) = if others == 0 {
        let Renumbered { root, from, to, .. } = first;
        let shipped = format!("with `{root}` as asset {from}");
        (shipped, format!("exchange the `asset_id`s {from} and {to} of `{by}` and `{root}`"))
    } else {
        let shipped = "in which one of these has its old id".to_owned();
        (shipped, "exchange its `asset_id` with that of the asset that has the old one now".to_owned())
    };
    Some(format!(
        "The id stays with what was made first. If a game was shipped {shipped}, {what} in `{path}`, before anybody \
         builds on this merge; `cargo prometeu doctor` checks it."
    ))
}

impl Alike {
    /// What is the same where.
    #[must_use]
    pub fn message(&self) -> String {
        let Self { first: (id, first), second: (other, second), identifier } = self;
        let what = match identifier {
            Some(identifier) => format!("would both be `{identifier}` in Rust"),
            None => "are one folder on Windows and macOS".to_owned(),
        };
        format!("`{first}` (asset {id}) and `{second}` (asset {other}) {what}, which stops builds")
    }

    /// What a person does about it.
    #[must_use]
    pub fn help(&self) -> String {
        let id = self.second.0;
        format!(
            "Give one of them another root: `cargo prometeu relocate {id} NEW_ROOT` does that for asset {id}."
        )
    }
}

impl Unsound {
    /// What is wrong with it.
    #[must_use]
    pub fn message(&self, labels: &Labels<'_>) -> String {
        format!("the registry of {} has {}", labels.of(self.side), self.what)
    }
}
