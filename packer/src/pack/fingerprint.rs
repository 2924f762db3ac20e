//! Fingerprints: what a payload depends on, and what to say when it changed.
//!
//! | what a payload depends on | kept as |
//! | --- | --- |
//! | `type`, `output.format` and [`Family::version`] | part `type` of the key |
//! | `output.metadata` | part `output.metadata`, by value |
//! | `output.pipeline` | part `output.pipeline`, by value |
//! | which inputs there are, and in which order | part `inputs` |
//! | `artifacts` | part `artifacts` |
//! | each input's content | its SHA-256, and the stamp that the file had |
//! | the format of packs, this packer | in the record: one of another version is none |
//!
//! By value: layout, order of members and spelling of strings do not count. Nothing of the target or the
//! host reaches a payload.
//!
//! Not in it, because they reach the header and the companions alone, which are made anew each time:
//! name, preload, `output.codec_configuration`, the asset's id, uuid and root.
//!
//! An input has two levels. Its stamp says "surely unchanged" when it is equal and old enough
//! ([`is_old_enough`]); else its content's digest decides.

use std::fmt;

use packer_format::json::{self, Value};

use crate::digest::Digest;
use crate::family::Family;
use crate::schema::declaration::Declaration;
use crate::schema::json::{Kind, Node};
use crate::storage::Stamp;

/// How much older than the look at it a stamp must be to be believed: coarser than the clock of every
/// file system in use (FAT counts in two seconds). A file can be written twice within one tick: git's
/// "racy" entries.
pub(crate) const RACY_MILLIS: u64 = 2_000;

/// The same where the file system counts in nanoseconds: the clock that dates files ticks every ten milliseconds
/// or more often.
const TICK_MILLIS: u64 = 100;

/// The parts of a declaration that reach the payload, in the order of [`Key`].
const PARTS: [&str; 5] = ["type", "output.metadata", "output.pipeline", "inputs", "artifacts"];

/// Everything that a payload depends on, but for the inputs' content: for each of [`PARTS`] the first
/// half of a SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key(pub(crate) [[u8; 16]; PARTS.len()]);

/// Why an asset's payload had to be made instead of kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DirtyReason {
    /// No earlier pack is on record here.
    NoRecord,
    /// The asset was not in the last pack.
    NewAsset,
    /// Members of the declaration that reach the payload have other values: `type`,
    /// `output.metadata`, `output.pipeline`, `inputs`, `artifacts`.
    DeclarationChanged {
        /// Which, at least one.
        members: Vec<&'static str>,
    },
    /// An input has another content.
    InputChanged {
        /// The input as declared.
        file: String,
    },
    /// The last pack no longer holds what was recorded of it.
    LastPackChanged,
    /// The caller asked for a pack from the sources alone.
    Requested,
}

impl fmt::Display for DirtyReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRecord => f.write_str("no earlier pack is on record"),
            Self::NewAsset => f.write_str("it was not in the last pack"),
            Self::DeclarationChanged { members } => match members.as_slice() {
                [] => f.write_str("its declaration changed"),
                [only] => write!(f, "`{only}` changed"),
                [first @ .., last] => write!(f, "`{}` and `{last}` changed", first.join("`, `")),
            },
            Self::InputChanged { file } => write!(f, "`{file}` changed"),
            Self::LastPackChanged => f.write_str("the last pack was changed by somebody else"),
            Self::Requested => f.write_str("everything was asked for anew"),
        }
    }
}

impl Key {
    /// The key of a declaration that `family` encodes.
    pub(crate) fn of(declaration: &Declaration, family: &dyn Family) -> Self {
        let inputs =
            declaration.inputs.iter().map(|input| Value::Array(vec![text(&input.role), text(&input.file)]));
        let artifacts = declaration.artifacts.iter().flatten();
        let artifacts = artifacts
            .map(|artifact| Value::Array(vec![text(&artifact.file), Value::Int(artifact.index.into())]));
        let parts = [
            Value::Array(vec![
                text(family.name()),
                text(family.format()),
                Value::Int(family.version().into()),
            ]),
            Value::Object(declaration.metadata.clone()),
            declaration.pipeline.as_ref().map_or(Value::Null, value),
            Value::Array(inputs.collect()),
            if declaration.artifacts.is_some() { Value::Array(artifacts.collect()) } else { Value::Null },
        ];
        Self(parts.map(|part| {
            let digest = Digest::of(json::to_string(&part).as_bytes());
            *digest.as_bytes().first_chunk().expect("a digest is longer")
        }))
    }

    /// One digest for all of it.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(self.0.as_flattened())
    }

    /// The parts that differ, by their members.
    pub(crate) fn differing(&self, other: &Self) -> Vec<&'static str> {
        let parts = self.0.iter().zip(&other.0).zip(PARTS);
        parts.filter(|((here, there), _)| here != there).map(|(_, member)| member).collect()
    }
}

/// A person's JSON by value. A number keeps its spelling, marked, since it need not be an integer.
fn value(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(yes) => Value::Bool(*yes),
        Kind::Number(digits) => {
            Value::Object(json::object(vec![("number".to_owned(), Value::String(digits.clone()))]))
        }
        Kind::String(text) => Value::String(text.clone()),
        Kind::Array(items) => Value::Array(items.iter().map(value).collect()),
        Kind::Object(members) => {
            let members = members
                .iter()
                .map(|member| Value::Array(vec![Value::String(member.key.clone()), value(&member.value)]));
            let mut members: Vec<Value> = members.collect();
            members.sort_by_cached_key(json::to_string);
            Value::Object(json::object(vec![("members".to_owned(), Value::Array(members))]))
        }
    }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// Whether a stamp is old enough, for somebody who began to look at `started` (milliseconds since
/// 1970), to stand for the content.
///
/// How finely a file system counts shows in the time of change, which nobody can set: one that has no digits below
/// a millisecond is taken for a coarse one.
pub(crate) fn is_old_enough(stamp: &Stamp, started: u64) -> bool {
    let tick = if stamp.changed % 1_000_000 == 0 { RACY_MILLIS } else { TICK_MILLIS };
    let latest = i128::from(started.saturating_sub(tick)) * 1_000_000;
    stamp.modified < latest && stamp.changed < latest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_believed_when_it_is_older_than_the_tick_of_the_clock_that_made_it() {
        let at = |changed: i128| Stamp { modified: 5, changed, ..Stamp::default() };
        let started = 10_000;
        for (changed, is_old) in [
            (9_899_999_999, true),
            (9_900_000_001, false),
            // Milliseconds, hundredths, seconds: nobody knows how often that clock ticks.
            (7_999_000_000, true),
            (8_000_000_000, false),
            (9_010_000_000, false),
            (11_000_000_001, false),
        ] {
            assert_eq!(is_old_enough(&at(changed), started), is_old, "{changed}");
            let set_back = Stamp { modified: changed, changed: 5_000_001, ..Stamp::default() };
            let coarse = Stamp { modified: changed, changed: 5_000_000, ..Stamp::default() };
            assert_eq!(is_old_enough(&set_back, started), changed < 9_900_000_000, "{changed}");
            assert_eq!(is_old_enough(&coarse, started), changed < 8_000_000_000, "{changed}");
        }
    }
}
