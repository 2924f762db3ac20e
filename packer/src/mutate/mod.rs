//! Mutations: a request becomes a plan, purely; applying it is for `commit`.
//!
//! A [`Plan`] names every edit of a file, what each expects to find, and what it writes. It is made
//! from a snapshot and holds all that applying needs, so a preview and an apply run the same code up
//! to the last call, and consent is for the plan that was seen.

mod adopt;
mod create;
pub(crate) mod fix;
mod folder;
mod forget;
mod given;
mod include;
mod init;
mod plan;
mod quarantine;
mod readback;
mod reconcile;
mod register;
mod registry;
mod relocate;
mod remove;
mod restore;
#[cfg(test)]
mod tests;
mod undo;
pub(crate) mod way;

pub use crate::id::PlanId;

use crate::Error;
use crate::host::IdSource;
use crate::id::OperationId;
use crate::ops::{Blocker, Operation};
use crate::snapshot::Snapshot;
use crate::storage::Source;
use crate::workspace::Scope;

pub use adopt::{AdoptAsset, Adoption};
pub use create::CreateAsset;
pub use fix::{Fix, FixId, SAFE, SafeFix};
pub use forget::ForgetAsset;
pub use given::{Given, GivenFile};
pub use include::SetIncluded;
pub use plan::{EditKind, Expected, FileEdit, Plan, Remains, Requirement};
pub use quarantine::QuarantineAsset;
pub use reconcile::ReconcileAssets;
pub use register::RegisterAsset;
pub use relocate::RelocateAsset;
pub use remove::RemoveAsset;
pub use restore::RestoreAsset;
pub(crate) use restore::refused as restore_refused;
pub use undo::Undo;

/// A change that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mutation {
    /// Creates the control structure.
    InitWorkspace,
    /// Makes a new asset root and registers it.
    CreateAsset(CreateAsset),
    /// Gives an unregistered root an id.
    RegisterAsset(RegisterAsset),
    /// Takes in a root whose uuid a registered asset holds, or one in quarantine.
    AdoptAsset(AdoptAsset),
    /// Drops an asset's entry of the registry.
    ForgetAsset(ForgetAsset),
    /// Drops an asset's entry and its files.
    RemoveAsset(RemoveAsset),
    /// Moves or renames a root.
    RelocateAsset(RelocateAsset),
    /// Puts a root out of the way.
    QuarantineAsset(QuarantineAsset),
    /// Brings one back that was put out of the way.
    RestoreAsset(RestoreAsset),
    /// Takes assets into builds, or keeps them out.
    SetIncluded(SetIncluded),
    /// Mends findings that take nobody's judgement.
    Fix(Fix),
    /// Takes back the last change.
    Undo(Undo),
    /// Lets the registry follow the disk.
    Reconcile(ReconcileAssets),
}

impl Mutation {
    /// Takes back the last change, whichever it is.
    pub const UNDO_LAST: Self = Self::Undo(Undo { change: None });

    /// The operation it is.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        match self {
            Self::InitWorkspace => Operation::InitWorkspace,
            Self::CreateAsset(_) => Operation::CreateAsset,
            Self::RegisterAsset(_) => Operation::RegisterAsset,
            Self::AdoptAsset(_) => Operation::AdoptAsset,
            Self::ForgetAsset(_) => Operation::ForgetAsset,
            Self::RemoveAsset(_) => Operation::RemoveAsset,
            Self::RelocateAsset(_) => Operation::RelocateAsset,
            Self::QuarantineAsset(_) => Operation::QuarantineAsset,
            Self::RestoreAsset(_) => Operation::RestoreAsset,
            Self::Fix(_) => Operation::Doctor,
            Self::Undo(_) => Operation::Undo,
            Self::Reconcile(_) => Operation::Reconcile,
            Self::SetIncluded(_) => Operation::SetIncluded,
        }
    }

    /// How much of the project its plan is made from.
    pub(crate) const fn scope(&self) -> Scope {
        match self {
            // What was moved is where nobody registered anything, and who else carries a uuid may be there.
            // A registry that is made anew is not the one that was lost.
            Self::Reconcile(_) | Self::Fix(_) | Self::InitWorkspace => Scope::Workspace,
            _ => Scope::Managed,
        }
    }

    /// Whether its plan may be one that somebody must agree to first. Whether this one is, the plan
    /// says: one that has nothing to do is not.
    #[must_use]
    pub const fn may_need_consent(&self) -> bool {
        match self {
            Self::InitWorkspace
            | Self::AdoptAsset(_)
            | Self::ForgetAsset(_)
            | Self::RemoveAsset(_)
            | Self::RelocateAsset(_)
            | Self::QuarantineAsset(_)
            | Self::RestoreAsset(_)
            | Self::Reconcile(_)
            | Self::Undo(_) => true,
            Self::CreateAsset(_) | Self::RegisterAsset(_) | Self::SetIncluded(_) | Self::Fix(_) => false,
        }
    }
}

/// Why there is no plan.
#[derive(Debug)]
pub(crate) enum Refused {
    /// Preconditions, at least one.
    Blocked(Vec<Blocker>),
    /// The file system.
    Error(Error),
}

impl From<Blocker> for Refused {
    fn from(blocker: Blocker) -> Self {
        Self::Blocked(vec![blocker])
    }
}

/// What planning works with.
pub(crate) struct Planner<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) source: &'a dyn Source,
    pub(crate) ids: &'a dyn IdSource,
    pub(crate) operation_id: OperationId,
}

impl Planner<'_> {
    /// The plan for `mutation`; one without edits when everything is so already.
    pub(crate) fn plan(&self, mutation: &Mutation) -> Result<Plan, Refused> {
        match mutation {
            Mutation::InitWorkspace => init::plan(self),
            Mutation::CreateAsset(request) => create::plan(self, request),
            Mutation::RegisterAsset(request) => register::plan(self, request),
            Mutation::AdoptAsset(request) => adopt::plan(self, request),
            Mutation::ForgetAsset(request) => forget::plan(self, request),
            Mutation::RemoveAsset(request) => remove::plan(self, request),
            Mutation::RelocateAsset(request) => relocate::plan(self, request),
            Mutation::QuarantineAsset(request) => quarantine::plan(self, request),
            Mutation::RestoreAsset(request) => restore::plan(self, request),
            Mutation::Fix(request) => fix::plan(self, request),
            Mutation::Undo(request) => undo::plan(self, request),
            Mutation::Reconcile(request) => reconcile::plan(self, request),
            Mutation::SetIncluded(request) => include::plan(self, request),
        }
    }
}
