//! The journal: one file that says whether a change is under way, and holds all that is needed to
//! finish it or to take it back.
//!
//! `assets/.prometeu/local/journal` is only ever replaced as a whole, so it is the commit point of a
//! change: with the file that says `pending` the change is decided, without it nothing was done. Each
//! change has a sequence number one above the last; a reader that finds the same clean journal before
//! and after has read between two changes.
//!
//! ```text
//! <SHA-256 of what follows, 64 digits>\n
//! {"format":1,"sequence":7,"state":"clean"}\n
//! ```
//!
//! The text is canonical JSON. It is read as untrusted input: a size, a digest, a format, and every
//! place in it is checked ([`Place`]); what does not hold makes it [`Found::Damaged`], and nobody
//! guesses. No journal is a clean one with the number 0.

#[cfg(feature = "authoring")]
pub(crate) mod write;

use std::io;
use std::path::Path;

use packer_format::json::{self, Object, Value};

use super::place::Place;
use crate::digest::Digest;
use crate::id::OperationId;
use crate::id::PlanId;
use crate::path::AssetPath;
use crate::storage::{FileKind, Source, Stat, read_up_to};
use crate::workspace::Layout;

/// The format that is written, and the only one that is read.
const FORMAT: i64 = 1;

/// The largest journal that is read, and written: more than a change of one asset needs, since it holds the
/// registry twice, which has at most 16 MiB, and a new root has 65536 files whose names are in its
/// declaration. A change of very many assets at once may need more, and is not begun.
const LIMIT: u64 = 64 << 20;

/// The most steps that are read, and written: a change has some folders on the way and a few more.
const STEPS: usize = 4096;

/// Why a journal of another format is not followed.
pub(crate) const NEWER: &str = "a newer version of the packer wrote it";

/// What to do about a journal that cannot be followed, for the reason in [`Found::Damaged`].
pub(crate) fn help(why: &str) -> &'static str {
    if why == NEWER {
        "Run that version of `cargo prometeu`: it finishes the change, or takes it back. Do not delete that \
         file, the only record of a change that may be half made."
    } else {
        "It is the only record of a change that may be half made: look with your version control whether the \
         assets are as they should be, then delete that file."
    }
}

/// What the journal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Journal {
    /// How many changes there were.
    pub(crate) sequence: u64,
    /// The last one that was made, unless it took another back: what is kept of any other change is of
    /// no use.
    pub(crate) last: Option<OperationId>,
    /// The change that is under way; `None` when all is done.
    pub(crate) pending: Option<Box<Change>>,
}

/// A change as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// The plan that was applied.
    pub(crate) plan_id: PlanId,
    /// One line for people.
    pub(crate) title: String,
    /// Whether it takes the change before back, and then cannot be taken back itself.
    pub(crate) takes_back: bool,
    /// What is done, in order; the registry last.
    pub(crate) steps: Vec<Step>,
}

/// One step of a change: from one standing of one thing to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A folder is made that was not there, or one is removed if it holds nothing.
    Folder {
        /// Which.
        place: Place,
        /// Whether it is there then.
        after: bool,
    },
    /// A folder is moved to a place where nothing is.
    Move(Move),
    /// A file gets a content, or goes.
    File {
        /// Which.
        place: Place,
        /// What it held; `None` when it was not there.
        before: Option<String>,
        /// What it holds then; `None` when it is not there any more.
        after: Option<String>,
    },
}

/// How a folder is moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Move {
    /// From where.
    pub(crate) from: Place,
    /// To where.
    pub(crate) to: Place,
    /// What it holds, where the change itself made it: the files and their content's digests.
    pub(crate) made: Vec<(AssetPath, Digest)>,
    /// Whether an empty folder was there, which is one again when the change is taken back.
    pub(crate) onto_empty: bool,
    /// Which folder it is, where the system can tell.
    pub(crate) folder: Option<Number>,
    /// What it must hold to be moved: the digest of `Eyes::tree`. Always so of one that is removed for
    /// good: what nobody agreed to lose is not in it.
    pub(crate) tree: Option<Digest>,
}

impl Step {
    /// Whether a change of ours holds such a step. Asked of what is about to be written, and again of
    /// what was read.
    pub(super) fn makes_sense(&self) -> bool {
        match self {
            Self::Folder { place, .. } => {
                matches!(place, Place::Folder(_) | Place::Quarantine | Place::Entry(_))
            }
            Self::Move(step) => step.makes_sense(),
            // A declaration comes and goes with its root, and never alone.
            Self::File { place: Place::Declaration(_), before, after } => before.is_some() && after.is_some(),
            Self::File { before, after, .. } => before.is_some() || after.is_some(),
        }
    }
}

impl Move {
    /// Whether a change of ours moves from such a place to such a one.
    fn makes_sense(&self) -> bool {
        // Only what a change made itself comes out of the staged folder, and nothing goes there.
        match (&self.from, &self.to) {
            (Place::Staged(_), Place::Folder(_)) => !self.made.is_empty(),
            (Place::Folder(_), Place::Removed(_)) => self.made.is_empty() && self.tree.is_some(),
            (Place::Folder(_), Place::Folder(_) | Place::Quarantined(_))
            | (Place::Quarantined(_) | Place::Removed(_), Place::Folder(_)) => self.made.is_empty(),
            _ => false,
        }
    }
}

/// What tells a folder from every other one, whatever its name: its number, and its device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    inode: u64,
    device: u64,
}

impl Number {
    /// The number of a folder, where the system has such numbers.
    pub(crate) fn of(stat: Stat) -> Option<Self> {
        let Stat { kind, stamp } = stat;
        (kind == FileKind::Folder && stamp.inode != 0)
            .then_some(Self { inode: stamp.inode, device: stamp.device })
    }

    fn parse(text: &str) -> Option<Self> {
        let (inode, device) = text.split_once(' ')?;
        Some(Self { inode: inode.parse().ok()?, device: device.parse().ok()? })
    }
}

/// What stands at the journal's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// A journal that holds, or none.
    Journal(Journal),
    /// Something that nobody can follow; in plain words.
    Damaged(String),
}

impl Journal {
    /// The journal of a project that was never changed here.
    pub(crate) const NONE: Self = Self::clean(0, None);

    /// A journal that says that nothing is under way.
    pub(crate) const fn clean(sequence: u64, last: Option<OperationId>) -> Self {
        Self { sequence, last, pending: None }
    }

    /// Reads the journal.
    pub(crate) fn read(source: &dyn Source, layout: &Layout) -> io::Result<Found> {
        Self::read_at(source, layout, &layout.journal())
    }

    /// Reads a file in `local/` that is written like the journal.
    pub(super) fn read_at(source: &dyn Source, layout: &Layout, path: &Path) -> io::Result<Found> {
        // Nobody changes a project behind a link, so what such a link leads to is somebody else's.
        for folder in [layout.control(), layout.local()] {
            if source.stat(&folder)?.is_some_and(|stat| stat.kind != FileKind::Folder) {
                return Ok(Found::Journal(Self::NONE));
            }
        }
        match source.stat(path)?.map(|stat| (stat.kind, stat.stamp.size)) {
            None => return Ok(Found::Journal(Self::NONE)),
            Some((FileKind::File, ..=LIMIT)) => {}
            Some((FileKind::File, _)) => {
                return Ok(Found::Damaged("it is larger than any that a change needs".to_owned()));
            }
            Some(_) => return Ok(Found::Damaged("it is not a regular file".to_owned())),
        }
        let bytes = match read_up_to(source, path, LIMIT) {
            // It is replaced by others meanwhile, and was removed by a person.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Journal(Self::NONE)),
            read => read?.0,
        };
        Ok(Self::decode(&bytes).map_or_else(Found::Damaged, Found::Journal))
    }

    fn decode(bytes: &[u8]) -> Result<Self, String> {
        let cut = || "it is cut short or was changed, since its digest does not fit".to_owned();
        let (digest, body) = bytes.split_at_checked(65).ok_or_else(cut)?;
        let digest =
            std::str::from_utf8(digest).ok().and_then(|text| Digest::parse(text.strip_suffix('\n')?));
        if digest != Some(Digest::of(body)) {
            return Err(cut());
        }
        let body = body.strip_suffix(b"\n").ok_or_else(cut)?;
        let value = json::read(body).map_err(|error| format!("it is not canonical JSON: {error}"))?;
        let members = value.as_object().ok_or("it is no object")?;
        if members.get("format") != Some(&Value::Int(FORMAT)) {
            return Err(NEWER.to_owned());
        }
        let unclear = || "its members make no sense".to_owned();
        let member = |name| members.get(name).and_then(Value::as_str).ok_or_else(unclear);
        // The last number would leave none for the next change.
        let sequence = member("sequence")?.parse().ok().filter(|n| *n < u64::MAX - 1).ok_or_else(unclear)?;
        let pending = match member("state")? {
            "clean" => None,
            "pending" => {
                let steps = members.get("steps").and_then(Value::as_array).ok_or_else(unclear)?;
                if steps.len() > STEPS {
                    return Err("it has more steps than any change".to_owned());
                }
                Some(Box::new(Change {
                    plan_id: PlanId::parse(member("plan_id")?).ok_or_else(unclear)?,
                    title: member("title")?.to_owned(),
                    takes_back: flag(members, "takes_back").ok_or_else(unclear)?,
                    steps: steps.iter().map(decode_step).collect::<Result<_, _>>()?,
                }))
            }
            _ => return Err(unclear()),
        };
        let last = match members.get("last") {
            None => None,
            Some(last) => Some(last.as_str().and_then(OperationId::parse).ok_or_else(unclear)?),
        };
        Ok(Self { sequence, last, pending })
    }
}

/// A member that is only there when it is true.
fn flag(members: &Object, name: &str) -> Option<bool> {
    match members.get(name) {
        None => Some(false),
        Some(Value::Bool(is_so)) => Some(*is_so),
        Some(_) => None,
    }
}

fn decode_step(step: &Value) -> Result<Step, String> {
    let unclear = || "a step in it makes no sense".to_owned();
    let members = step.as_object().ok_or_else(unclear)?;
    let member = |name| members.get(name).and_then(Value::as_str);
    let refused =
        |name: &str| format!("it names `{}`, which no change of the packer writes", name.escape_debug());
    let folder = |name: &str| Place::parse_folder(name).ok_or_else(|| refused(name));
    for (name, after) in [("folder", true), ("no_folder", false)] {
        let Some(name) = member(name) else { continue };
        return sensible(Step::Folder { place: folder(name)?, after }).ok_or_else(unclear);
    }
    if let (Some(from), Some(to)) = (member("move"), member("to")) {
        let made = members.get("made").and_then(Value::as_array).ok_or_else(unclear)?;
        let file = |value: &Value| {
            let [file, digest] = value.as_array()? else { return None };
            Some((AssetPath::parse(file.as_str()?).ok()?, Digest::parse(digest.as_str()?)?))
        };
        let made = made.iter().map(file).collect::<Option<Vec<_>>>().ok_or_else(unclear)?;
        let number = |value: &Value| value.as_str().and_then(Number::parse).ok_or_else(unclear);
        let digest = |value: &Value| value.as_str().and_then(Digest::parse).ok_or_else(unclear);
        let step = Move {
            from: folder(from)?,
            to: folder(to)?,
            made,
            onto_empty: flag(members, "onto_empty").ok_or_else(unclear)?,
            folder: members.get("folder_number").map(number).transpose()?,
            tree: members.get("tree").map(digest).transpose()?,
        };
        return sensible(Step::Move(step)).ok_or_else(unclear);
    }
    let name = member("file").ok_or_else(unclear)?;
    let content = |name| match members.get(name) {
        Some(Value::Null) => Ok(None),
        Some(Value::String(content)) => Ok(Some(content.clone())),
        _ => Err(unclear()),
    };
    let place = Place::parse_file(name).ok_or_else(|| refused(name))?;
    sensible(Step::File { place, before: content("before")?, after: content("after")? }).ok_or_else(unclear)
}

fn sensible(step: Step) -> Option<Step> {
    step.makes_sense().then_some(step)
}

#[cfg(test)]
mod tests;
