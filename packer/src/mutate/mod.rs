//! Mutations: a request becomes a plan, purely; applying it is for `commit`.
//!
//! A [`Plan`] names every edit of a file, what each expects to find, and what it writes. It is made
//! from a snapshot and holds all that applying needs, so a preview and an apply run the same code up
//! to the last call, and consent is for the plan that was seen.

mod create;
mod given;
mod init;
mod plan;
mod register;

use crate::Error;
use crate::diagnostics::Severity;
use crate::diagnostics::rules::case_collision::Spellings;
use crate::digest::Digest;
use crate::host::IdSource;
use crate::id::{AssetId, OperationId};
use crate::ops::{Blocker, BlockerCode, Operation};
use crate::path::AssetPath;
use crate::schema::registry::{Entry, Registry};
use crate::snapshot::Snapshot;
use crate::storage::Source;
use crate::workspace::layout::{CONTROL, REGISTRY_FILE};

pub use create::CreateAsset;
pub use given::{Given, GivenFile};
pub use plan::{EditKind, Expected, FileEdit, Plan, PlanId};
pub use register::RegisterAsset;

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
}

impl Mutation {
    /// The operation it is.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        match self {
            Self::InitWorkspace => Operation::InitWorkspace,
            Self::CreateAsset(_) => Operation::CreateAsset,
            Self::RegisterAsset(_) => Operation::RegisterAsset,
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
        }
    }

    /// The registry, if it can be trusted with another entry.
    fn registry(&self) -> Result<&Registry, Refused> {
        let of_registry = self.snapshot.reports.iter().filter(|report| report.asset.is_none());
        let mut errors = of_registry
            .map(|report| &report.finding)
            .filter(|finding| finding.code.severity() == Severity::Error);
        match (self.snapshot.registry(), errors.next()) {
            (Some(registry), None) => Ok(registry),
            (_, finding) => {
                let why = finding.map_or("the registry cannot be read", |finding| finding.message.as_str());
                let help = if self.snapshot.registry.text.is_none() {
                    "Run `cargo prometeu init` first."
                } else {
                    "Run `cargo prometeu doctor` to see the place, and mend it first."
                };
                let message = format!("nothing can be registered: {why}");
                Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help).at(REGISTRY_FILE).into())
            }
        }
    }

    /// The edit that adds an asset to the registry, and the id that it gets.
    fn registration(
        &self,
        root: &AssetPath,
        asset_uuid: crate::id::AssetUuid,
        included_in_build: bool,
    ) -> Result<(AssetId, FileEdit), Refused> {
        let mut registry = self.registry()?.clone();
        let asset_id = AssetId::try_from(u64::from(registry.next_asset_id)).map_err(|_| {
            let message = "no id is left: every id up to the highest was given out";
            let help = "If nobody made that many assets, `next_asset_id` was misspelt: write a number above every \
                        id that any asset ever had.";
            Blocker::new(BlockerCode::InvalidArgument, message).help(help).at(REGISTRY_FILE)
        })?;
        registry.next_asset_id = asset_id.get() + 1;
        let position = registry.assets.len();
        registry.assets.push(Entry { asset_id, included_in_build, root: root.clone(), asset_uuid, position });
        let before = self.snapshot.registry.bytes.as_deref().unwrap_or_default();
        let edit = FileEdit {
            path: REGISTRY_FILE.to_owned(),
            kind: EditKind::ReplaceFile(registry.to_text().into_bytes()),
            expected: Expected::Content(Digest::of(before)),
        };
        Ok((asset_id, edit))
    }

    /// Checks a root that is about to be registered: portable, free, and not inside another one.
    fn check_root(&self, root: &AssetPath) -> Result<(), Refused> {
        let refused = |why: String| {
            let message = format!("`{root}` cannot be an asset root: {why}");
            let help = "Choose a name that every system can hold.";
            Err(Blocker::new(BlockerCode::InvalidArgument, message).help(help).into())
        };
        if let Some(why) = root.unportable() {
            return refused(why);
        }
        if root.parts().next() == Some(CONTROL) {
            return refused(format!("`{CONTROL}` is the packer's own folder"));
        }
        for asset in &self.snapshot.assets {
            let other = &asset.entry.root;
            let message = if other == root {
                format!("`{root}` is registered already, as asset {}", asset.id())
            } else if other.contains(root) {
                format!("`{root}` lies inside the asset `{other}`")
            } else if root.contains(other) {
                format!("the asset `{other}` lies inside `{root}`")
            } else {
                continue;
            };
            let blocker = Blocker::new(BlockerCode::AlreadyExists, message);
            let help = "Choose another folder; asset roots do not lie inside each other.";
            let blocker = if other == root { blocker } else { blocker.help(help) };
            return Err(blocker.at(format!("assets/{root}")).into());
        }
        let mut seen = Spellings::beside(CONTROL);
        for asset in &self.snapshot.assets {
            seen.add(&asset.entry.root);
        }
        match seen.add(root) {
            Some((first, second)) => {
                refused(format!("`{second}` and `{first}` are one name on Windows and macOS"))
            }
            None => Ok(()),
        }
    }
}
