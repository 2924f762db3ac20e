//! The operations: what a host can ask of a project.
//!
//! One file an operation, with its request and what it adds to the response. All answer with a
//! [`Response`]: what is wrong with content is a diagnostic in it, a refused precondition makes it
//! `blocked`, a failure of the file system makes it `failed`. No host has to look in two places.

mod action;
mod command;
pub(crate) mod constants;
#[cfg(feature = "authoring")]
pub(crate) mod details;
#[cfg(feature = "authoring")]
pub(crate) mod doctor;
#[cfg(feature = "authoring")]
pub(crate) mod list;
#[cfg(feature = "authoring")]
pub(crate) mod mutation;
pub(crate) mod pack;
#[cfg(feature = "authoring")]
pub(crate) mod refresh;
#[cfg(feature = "authoring")]
pub(crate) mod status;
#[cfg(feature = "authoring")]
pub(crate) mod summary;
pub(crate) mod told;
#[cfg(feature = "authoring")]
pub(crate) mod validate;

#[cfg(test)]
pub(crate) mod tests;

pub use action::{Action, Argument, Arguments};
pub use command::quoted;
pub use constants::{Constants, ConstantsRequest, NamedArtifact, NamedAsset};
#[cfg(feature = "authoring")]
pub use details::{ArtifactDetails, AssetDetails, DetailsRequest, InputDetails};
#[cfg(feature = "authoring")]
pub use doctor::DoctorRequest;
#[cfg(feature = "authoring")]
pub use list::{AssetRow, ListOrder, ListRequest};
#[cfg(feature = "authoring")]
pub use mutation::{Applied, Preview};
pub use pack::{
    Cache, Listing, PackContents, PackGoal, PackRequest, PackResult, PackedArtifact, PackedAsset, PackedFile,
    Work,
};
#[cfg(feature = "authoring")]
pub use refresh::Refreshed;
#[cfg(feature = "authoring")]
pub use status::{Counts, WorkspaceStatus};
#[cfg(feature = "authoring")]
pub use summary::{AssetSummary, PackSummary};
#[cfg(feature = "authoring")]
pub use validate::{AssetValidation, PackValidation, ValidateRequest};

use std::path::Path;

use crate::diagnostics::Diagnostic;
use crate::event::AffectedAsset;
use crate::id::PlanId;
use crate::id::{Generation, OperationId};

/// The answer to every operation: the fields that all have, and what the operation adds.
#[derive(Debug, Clone)]
#[must_use = "a response may say that nothing was done"]
pub struct Response<T> {
    /// How it ended.
    pub status: Status,
    /// What was asked.
    pub operation: Operation,
    /// The operation that its events name.
    pub operation_id: OperationId,
    /// The snapshot that the answer was given from.
    pub generation: Generation,
    /// One line for people.
    pub summary: String,
    /// The assets it is about, where it is about some and not about all.
    pub affected_assets: Vec<AffectedAsset>,
    /// What is wrong with content.
    pub diagnostics: Vec<Diagnostic>,
    /// What could be done next, each an operation of its own.
    pub proposed_actions: Vec<Action>,
    /// What was done.
    pub applied_actions: Vec<Action>,
    /// Why it was not done.
    pub blockers: Vec<Blocker>,
    /// What the operation adds; absent where it did not get that far.
    pub payload: Option<T>,
}

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It did what was asked.
    Ok,
    /// It did nothing, because of blocking diagnostics or refused preconditions.
    Blocked,
    /// It could not be done.
    Failed,
}

/// An operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// Creates the control structure.
    InitWorkspace,
    /// Makes a new asset root and registers it.
    CreateAsset,
    /// Gives an unregistered root an id.
    RegisterAsset,
    /// Takes in a root whose uuid a registered asset holds.
    AdoptAsset,
    /// Drops an asset's entry of the registry.
    ForgetAsset,
    /// Drops an asset's entry and its files.
    RemoveAsset,
    /// Moves or renames a root.
    RelocateAsset,
    /// Puts a root out of the way.
    QuarantineAsset,
    /// Brings one back that was put out of the way.
    RestoreAsset,
    /// Takes assets into builds, or keeps them out.
    SetIncluded,
    /// Takes back the last change.
    Undo,
    /// Lists assets.
    ListAssets,
    /// Lists what was put out of the way.
    ListQuarantined,
    /// Shows one asset.
    GetAssetDetails,
    /// Says what a game calls its assets.
    Constants,
    /// Says how the project relates to the disk.
    WorkspaceStatus,
    /// Reads the disk again.
    Refresh,
    /// Looks for everything that is wrong.
    Doctor,
    /// Says what a pack would take in.
    PackSummary,
    /// Says what would block a pack.
    ValidatePack,
    /// Packs.
    Pack,
    /// Lets the registry follow the disk; also settles a change that was interrupted.
    Reconcile,
}

/// What an operation may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationClass {
    /// Nothing.
    ReadOnly,
    /// `index.json` alone.
    RegistryMutation,
    /// Something of a person's.
    WorkspaceMutation,
    /// Outputs.
    Build,
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// From a closed list.
    pub code: BlockerCode,
    /// What stands in the way.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The file or folder in question.
    pub path: Option<String>,
}

/// The closed list of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlockerCode {
    /// Somebody must agree first.
    ConsentRequired,
    /// What the plan expects is not so any more.
    PlanOutdated,
    /// Another process works on the project.
    ProjectLocked,
    /// A change was interrupted and is neither finished nor taken back.
    JournalUnfinished,
    /// No asset has that name.
    UnknownAsset,
    /// There is one already.
    AlreadyExists,
    /// The request makes no sense as it stands.
    InvalidArgument,
    /// The project cannot be written.
    ReadOnlyProject,
    /// The file system failed.
    IoError,
    /// Somebody else edited the same file meanwhile.
    EditConflict,
    /// The change is written down, and could be neither finished nor taken back.
    CommitIndeterminate,
    /// The host asked the operation to stop, and nothing was changed.
    Cancelled,
}

impl Status {
    /// The name in `status`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Blocked => "blocked",
            Self::Failed => "failed",
        }
    }
}

impl Operation {
    /// All of them: mutations, reads, builds.
    pub const ALL: [Self; 22] = [
        Self::InitWorkspace,
        Self::CreateAsset,
        Self::RegisterAsset,
        Self::AdoptAsset,
        Self::ForgetAsset,
        Self::RemoveAsset,
        Self::RelocateAsset,
        Self::QuarantineAsset,
        Self::RestoreAsset,
        Self::SetIncluded,
        Self::Undo,
        Self::ListAssets,
        Self::ListQuarantined,
        Self::GetAssetDetails,
        Self::Constants,
        Self::WorkspaceStatus,
        Self::Refresh,
        Self::Doctor,
        Self::PackSummary,
        Self::ValidatePack,
        Self::Pack,
        Self::Reconcile,
    ];

    /// The name in `operation`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InitWorkspace => "init_workspace",
            Self::CreateAsset => "create_asset",
            Self::RegisterAsset => "register_asset",
            Self::AdoptAsset => "adopt_asset",
            Self::ForgetAsset => "forget_asset",
            Self::RemoveAsset => "remove_asset",
            Self::RelocateAsset => "relocate_asset",
            Self::QuarantineAsset => "quarantine_asset",
            Self::RestoreAsset => "restore_asset",
            Self::Undo => "undo",
            Self::SetIncluded => "set_included",
            Self::ListAssets => "list_assets",
            Self::ListQuarantined => "list_quarantined",
            Self::GetAssetDetails => "get_asset_details",
            Self::Constants => "constants",
            Self::WorkspaceStatus => "workspace_status",
            Self::Refresh => "refresh",
            Self::Doctor => "doctor",
            Self::PackSummary => "pack_summary",
            Self::ValidatePack => "validate_pack",
            Self::Pack => "pack",
            Self::Reconcile => "reconcile",
        }
    }

    /// What it may change. A registration or an adoption that also writes a uuid says so in its response.
    #[must_use]
    pub const fn class(self) -> OperationClass {
        match self {
            Self::InitWorkspace
            | Self::CreateAsset
            | Self::RemoveAsset
            | Self::RelocateAsset
            | Self::QuarantineAsset
            | Self::RestoreAsset
            | Self::Undo => OperationClass::WorkspaceMutation,
            Self::RegisterAsset
            | Self::AdoptAsset
            | Self::ForgetAsset
            | Self::SetIncluded
            | Self::Reconcile => OperationClass::RegistryMutation,
            Self::ListAssets
            | Self::ListQuarantined
            | Self::GetAssetDetails
            | Self::Constants
            | Self::WorkspaceStatus
            | Self::Refresh
            | Self::Doctor
            | Self::PackSummary
            | Self::ValidatePack => OperationClass::ReadOnly,
            Self::Pack => OperationClass::Build,
        }
    }
}

impl OperationClass {
    /// The name in `operation_class`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read_only",
            Self::RegistryMutation => "registry_mutation",
            Self::WorkspaceMutation => "workspace_mutation",
            Self::Build => "build",
        }
    }
}

impl BlockerCode {
    /// All of them: refused preconditions, then failures.
    pub const ALL: [Self; 12] = [
        Self::ConsentRequired,
        Self::PlanOutdated,
        Self::ProjectLocked,
        Self::JournalUnfinished,
        Self::UnknownAsset,
        Self::AlreadyExists,
        Self::InvalidArgument,
        Self::ReadOnlyProject,
        Self::IoError,
        Self::EditConflict,
        Self::CommitIndeterminate,
        Self::Cancelled,
    ];

    /// The name in `code`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConsentRequired => "consent-required",
            Self::PlanOutdated => "plan-outdated",
            Self::ProjectLocked => "project-locked",
            Self::JournalUnfinished => "journal-unfinished",
            Self::UnknownAsset => "unknown-asset",
            Self::AlreadyExists => "already-exists",
            Self::InvalidArgument => "invalid-argument",
            Self::ReadOnlyProject => "read-only-project",
            Self::IoError => "io-error",
            Self::EditConflict => "edit-conflict",
            Self::CommitIndeterminate => "commit-indeterminate",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Blocker {
    /// A blocker without help and path.
    #[must_use]
    pub fn new(code: BlockerCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None, path: None }
    }

    /// The same with a next step.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same about a file or folder.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }
}

impl From<&crate::Error> for Blocker {
    fn from(error: &crate::Error) -> Self {
        let code = match error {
            crate::Error::Io { .. } => BlockerCode::IoError,
            crate::Error::ReadOnly { .. } => BlockerCode::ReadOnlyProject,
            crate::Error::Unfinished { .. } => BlockerCode::CommitIndeterminate,
            crate::Error::Journal { .. } => BlockerCode::JournalUnfinished,
            crate::Error::EditConflict { .. }
            | crate::Error::SetAside { .. }
            | crate::Error::Unstable { .. } => BlockerCode::EditConflict,
            crate::Error::Cancelled => BlockerCode::Cancelled,
        };
        let path = error.path();
        Self {
            code,
            message: error.to_string(),
            help: error.help().map(str::to_owned),
            path: (path != Path::new("")).then(|| path.display().to_string()),
        }
    }
}

impl<T> Response<T> {
    /// How many diagnostics block.
    #[must_use]
    pub fn blocking(&self) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.blocking).count()
    }

    /// What the operation may have changed: for a registration that writes a uuid, and a doctor that
    /// mends something, more than its operation's usual class.
    #[must_use]
    pub fn operation_class(&self) -> OperationClass {
        let actions = self.applied_actions.iter().chain(&self.proposed_actions);
        // What doctor proposes when it only looks is no plan yet.
        let is_plan = |action: &&Action| PlanId::parse(&action.action_id).is_some();
        let own = actions.filter(|action| action.operation == self.operation).filter(is_plan);
        own.map(|action| action.operation_class).next().unwrap_or(self.operation.class())
    }
}
