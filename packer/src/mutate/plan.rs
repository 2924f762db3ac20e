//! Plans as data: edits with what they expect, and the plan's name.

use std::fmt::{self, Write as _};

use crate::commit::place::REMOVED;
use crate::diagnostics::Diagnostic;
use crate::digest::Digest;
use crate::event::AffectedAsset;
use crate::id::OperationId;
use crate::id::PlanId;
use crate::ops::{Action, Argument, Arguments, Operation, OperationClass};
use crate::snapshot::Divergence;
use crate::workspace::layout::{DECLARATION, QUARANTINE, QUARANTINED_ROOT, REGISTRY_FILE};

/// What applying would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its name: the same for the same request on the same files.
    pub plan_id: PlanId,
    /// The operation.
    pub operation: Operation,
    /// What it changes.
    pub class: OperationClass,
    /// The request's arguments, by name.
    pub arguments: Arguments,
    /// One line for people: what it would do, register `ui/atlas` as asset 3; of a plan that has nothing
    /// to do, why: `ui/atlas` (asset 3) is excluded already.
    pub title: String,
    /// The assets it is about.
    pub affected_assets: Vec<AffectedAsset>,
    /// Files that it was made from and leaves alone: with another content it would be another plan.
    pub requires: Vec<Requirement>,
    /// The edits in the order in which they are made: folders, moves, files, and the registry last, so
    /// that it never names what is not there yet.
    pub edits: Vec<FileEdit>,
    /// Whether it takes an entry of the registry from an asset, or points one to another root.
    pub takes_hold: bool,
    /// Whether it mends what nobody may bring about again: `undo` refuses it then.
    pub is_final: bool,
    /// What of the divergences that it was made for is left to a person; nothing in any plan but one to
    /// reconcile.
    pub remains: Remains,
}

/// What a person has to decide after a plan was applied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remains {
    /// The divergences, each with its ways out.
    pub divergences: Vec<Divergence>,
    /// What diagnostics say of the same.
    pub diagnostics: Vec<Diagnostic>,
}

impl Remains {
    /// The ways out, each once.
    #[must_use]
    pub fn ways(&self) -> Vec<Action> {
        let mut ways: Vec<Action> = Vec::new();
        for way in self.divergences.iter().flat_map(|left| &left.ways) {
            if ways.iter().all(|known| known.action_id != way.action_id) {
                ways.push(way.clone());
            }
        }
        ways
    }
}

/// A file that a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Which one, relative to the project, with `/`.
    pub path: String,
    /// What must be there now.
    pub expected: Expected,
}

/// One edit of a file or folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdit {
    /// Which one, relative to the project, with `/`.
    pub path: String,
    /// What is done.
    pub kind: EditKind,
    /// What must be there now.
    pub expected: Expected,
}

/// What an edit does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditKind {
    /// Makes a folder.
    CreateFolder,
    /// Makes the folder of a new asset. The files that the plan creates in it follow, and appear with
    /// it in one step.
    CreateRoot,
    /// Makes a file with these bytes.
    CreateFile(Vec<u8>),
    /// Gives a file these bytes.
    ReplaceFile(Vec<u8>),
    /// Removes a file.
    RemoveFile,
    /// Removes a folder if nothing is left in it.
    RemoveFolder,
    /// Moves a folder here with all that it holds.
    MoveFolder {
        /// Where it lies now, relative to the project, with `/`.
        from: String,
    },
}

/// What an edit expects to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Nothing.
    Absent,
    /// A file with that content.
    Content(Digest),
    /// Nothing, or a folder.
    FolderOrAbsent,
    /// Nothing, or a folder that holds nothing.
    EmptyOrAbsent,
    /// A folder with exactly what it held when it was looked at: the same names, and files of the same
    /// size that nobody has changed since.
    Tree(Digest),
}

impl Plan {
    /// A plan whose name follows from the rest.
    pub(super) fn new(
        operation_id: OperationId,
        (operation, class): (Operation, OperationClass),
        arguments: Arguments,
        title: String,
        affected_assets: Vec<AffectedAsset>,
        edits: Vec<FileEdit>,
    ) -> Self {
        let plan_id = PlanId { digest: digest(operation, &arguments, &edits), operation: operation_id };
        let (requires, takes_hold, remains) = (Vec::new(), false, Remains::default());
        Self {
            plan_id,
            operation,
            class,
            arguments,
            title,
            affected_assets,
            requires,
            edits,
            takes_hold,
            is_final: false,
            remains,
        }
    }

    /// The same plan, which nothing takes back.
    pub(super) fn for_good(mut self) -> Self {
        self.is_final = true;
        self
    }

    /// The same plan, if `it_does` with an entry of the registry what takes somebody's consent: an asset
    /// loses it, or it points elsewhere.
    pub(super) fn taking_hold(mut self, it_does: bool) -> Self {
        if it_does && !self.takes_hold {
            self.plan_id.digest = Digest::of(format!("{} consent", self.plan_id.digest).as_bytes());
        }
        self.takes_hold |= it_does;
        self
    }

    /// The same plan, made from the content of a file that it leaves alone.
    pub(super) fn requiring(mut self, requirement: Requirement) -> Self {
        // Its name tells it from one that was made from something else.
        let Requirement { path, expected } = &requirement;
        let text = format!("{} {} {path} {expected}", self.plan_id.digest, path.len());
        self.plan_id.digest = Digest::of(text.as_bytes());
        self.requires.push(requirement);
        self
    }

    /// Whether somebody must agree first: it moves something that is there, or takes an entry of the
    /// registry from an asset or from its root. The plan's name covers it.
    #[must_use]
    pub fn needs_consent(&self) -> bool {
        self.takes_hold || moves(&self.edits)
    }

    /// Whether everything is as the plan wants it already.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.edits.is_empty()
    }

    /// The plan as an action of a response.
    #[must_use]
    pub fn action(&self) -> Action {
        Action {
            action_id: self.plan_id.to_string(),
            operation: self.operation,
            arguments: self.arguments.clone(),
            operation_class: self.class,
            needs_consent: self.needs_consent(),
            title: self.title.clone(),
        }
    }

    /// The action that takes this back once it is applied. What went into quarantine by itself can be restored
    /// at any time, everything else until the next change; what [is final](Self::is_final) not at all.
    #[must_use]
    pub fn way_back(&self) -> Option<Action> {
        let mut entries = self.edits.iter().filter_map(|edit| {
            let root = edit.path.strip_prefix(QUARANTINE)?.strip_prefix('/')?;
            let entry = root.strip_suffix(QUARANTINED_ROOT)?.strip_suffix('/')?;
            matches!(edit.kind, EditKind::MoveFolder { .. }).then(|| entry.to_owned())
        });
        // Several come back together, as they went.
        let entry = entries.next().filter(|_| entries.next().is_none());
        let (operation, arguments) = match (self.operation, entry) {
            // It is done again instead.
            (Operation::Undo, _) => return None,
            _ if self.is_final => return None,
            (_, Some(entry)) => (Operation::RestoreAsset, vec![("entry", entry.into())]),
            (_, None) => (Operation::Undo, vec![("change", self.plan_id.to_string().into())]),
        };
        // What takes an entry from an asset, or moves something.
        let gives_entry = matches!(
            self.operation,
            Operation::CreateAsset | Operation::RegisterAsset | Operation::AdoptAsset
        );
        let points_elsewhere = self.operation == Operation::Reconcile && self.takes_hold;
        let needs_consent = gives_entry || points_elsewhere || moves(&self.edits);
        let is_registry =
            |edit: &FileEdit| edit.path == REGISTRY_FILE && matches!(edit.kind, EditKind::ReplaceFile(_));
        let operation_class = match operation {
            Operation::Undo if self.edits.iter().all(is_registry) => OperationClass::RegistryMutation,
            operation => operation.class(),
        };
        Some(Action {
            action_id: format!("{}.{}", operation.as_str(), self.plan_id.operation_id()),
            operation,
            arguments,
            operation_class,
            needs_consent,
            title: format!("take back: {}", self.title),
        })
    }
}

fn moves(edits: &[FileEdit]) -> bool {
    edits.iter().any(|edit| matches!(edit.kind, EditKind::MoveFolder { .. }))
}

/// What the plan does and expects, and whether somebody must agree to it; without what is made up anew
/// each time (a fresh uuid): a new declaration follows from the rest. Lengths keep one list of values
/// from looking like another.
fn digest(operation: Operation, arguments: &[(&'static str, Argument)], edits: &[FileEdit]) -> Digest {
    let mut text = format!("{}\n", operation.as_str());
    let mut line = |key: &str, value: &str| {
        writeln!(text, "{key} {} {value}", value.len()).expect("a string takes everything");
    };
    for (key, value) in arguments {
        line(key, &value.to_string());
    }
    line("consent", if moves(edits) { "needed" } else { "not needed" });
    for edit in edits {
        // Named after the operation, which the request is not about.
        let path = if edit.path.starts_with(REMOVED) { REMOVED } else { &edit.path };
        line(edit.kind.as_str(), path);
        line("expected", &edit.expected.to_string());
        if let EditKind::MoveFolder { from } = &edit.kind {
            line("from", from);
        }
        if let EditKind::CreateFile(bytes) = &edit.kind
            && !edit.path.ends_with(DECLARATION)
        {
            line("content", &Digest::of(bytes).to_string());
        }
    }
    Digest::of(text.as_bytes())
}

impl EditKind {
    /// The name in `kind`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::CreateFolder | Self::CreateRoot => "create_folder",
            Self::CreateFile(_) => "create_file",
            Self::ReplaceFile(_) => "replace_file",
            Self::RemoveFile => "remove_file",
            Self::RemoveFolder => "remove_folder",
            Self::MoveFolder { .. } => "move_folder",
        }
    }

    /// What a file holds then.
    #[must_use]
    pub fn content(&self) -> Option<&[u8]> {
        match self {
            Self::CreateFile(bytes) | Self::ReplaceFile(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("absent"),
            Self::Content(digest) => write!(f, "sha256:{digest}"),
            Self::FolderOrAbsent => f.write_str("folder-or-absent"),
            Self::EmptyOrAbsent => f.write_str("empty-or-absent"),
            Self::Tree(digest) => write!(f, "tree:{digest}"),
        }
    }
}
