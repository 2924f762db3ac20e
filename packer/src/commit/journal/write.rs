//! Writing the journal: what only those do who change a project, or settle a change.

use std::io;

use packer_format::json::{self, Value};

use super::{Change, FORMAT, Journal, LIMIT, Move, Number, STEPS, Step};
use crate::digest::Digest;
use crate::id::OperationId;
use crate::storage::{Rename, Storage, write_synced};
use crate::workspace::Layout;
use crate::workspace::layout::temporary_name;

/// How writing the journal failed.
#[derive(Debug)]
pub(crate) enum Unwritten {
    /// The old one is still there.
    Before(io::Error),
    /// The new one is there, and nobody knows whether it is durable.
    Unknown(io::Error),
}

impl Journal {
    /// The same journal while `change` is under way.
    pub(crate) fn begun(&self, change: Box<Change>) -> Self {
        Self { sequence: self.sequence + 1, last: self.last, pending: Some(change) }
    }

    /// Whether nothing is under way.
    pub(crate) const fn is_clean(&self) -> bool {
        self.pending.is_none()
    }

    /// Puts this in the journal's place: durable, and in one step.
    ///
    /// # Errors
    ///
    /// [`Unwritten::Before`] when the old one is still there, [`Unwritten::Unknown`] when the new one is
    /// there and may not survive a power cut.
    pub(crate) fn write(
        &self,
        storage: &dyn Storage,
        layout: &Layout,
        operation: OperationId,
    ) -> Result<(), Unwritten> {
        let path = layout.journal();
        let staged = layout.local().join(temporary_name("journal", operation));
        let bytes = self.encode();
        let steps = self.pending.as_ref().map_or(0, |change| change.steps.len());
        if bytes.len() as u64 > LIMIT || steps > STEPS {
            let why = "it is more than one change can hold; do it in several, of fewer assets each";
            return Err(Unwritten::Before(io::Error::other(why)));
        }
        let put = || {
            // The name is this operation's own: what has it was left by its crash.
            storage.remove(&staged)?;
            write_synced(storage, &staged, &bytes)?;
            storage.rename(&staged, &path, Rename::Replace)
        };
        if let Err(error) = put() {
            // The first error is the one to tell.
            drop(storage.remove(&staged));
            return Err(Unwritten::Before(error));
        }
        storage.sync(&layout.local()).map_err(Unwritten::Unknown)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut members = vec![
            ("format", Value::Int(FORMAT)),
            ("sequence", text(self.sequence.to_string())),
            ("state", text(if self.is_clean() { "clean" } else { "pending" })),
        ];
        members.extend(self.last.map(|last| ("last", text(last.to_string()))));
        if let Some(change) = &self.pending {
            members.push(("plan_id", text(change.plan_id.to_string())));
            members.push(("steps", Value::Array(change.steps.iter().map(encode_step).collect())));
            members.push(("title", text(&change.title)));
            members.extend(change.takes_back.then_some(("takes_back", Value::Bool(true))));
        }
        let body = json::to_string(&object(members)) + "\n";
        format!("{}\n{body}", Digest::of(body.as_bytes())).into_bytes()
    }
}

impl Change {
    /// The operation that its events continue, which also names its temporary files.
    pub(crate) const fn operation_id(&self) -> OperationId {
        self.plan_id.operation_id()
    }
}

fn text(text: impl Into<String>) -> Value {
    Value::String(text.into())
}

fn object(members: Vec<(&'static str, Value)>) -> Value {
    Value::Object(json::object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()))
}

fn encode_step(step: &Step) -> Value {
    let content = |content: &Option<String>| content.as_ref().map_or(Value::Null, text);
    let members = match step {
        Step::Folder { place, after: true } => vec![("folder", text(place.to_string()))],
        Step::Folder { place, after: false } => vec![("no_folder", text(place.to_string()))],
        Step::Move(Move { from, to, made, onto_empty, folder, tree }) => {
            let made = made
                .iter()
                .map(|(file, digest)| Value::Array(vec![text(file.as_str()), text(digest.to_string())]));
            let mut members = vec![
                ("move", text(from.to_string())),
                ("to", text(to.to_string())),
                ("made", Value::Array(made.collect())),
            ];
            members.extend(onto_empty.then_some(("onto_empty", Value::Bool(true))));
            members.extend(
                folder.map(|Number { inode, device }| ("folder_number", text(format!("{inode} {device}")))),
            );
            members.extend(tree.map(|tree| ("tree", text(tree.to_string()))));
            members
        }
        Step::File { place, before, after } => {
            vec![("file", text(place.to_string())), ("before", content(before)), ("after", content(after))]
        }
    };
    object(members)
}
