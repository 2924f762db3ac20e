//! `doctor`'s fixes: findings that are mended by an edit which takes nobody's judgement.
//!
//! [`SAFE`] is the whole list. A fix changes a few bytes of a declaration, in the layout that its author
//! gave it, or a number of the registry; it loses no information, and never deletes or moves anything.
//! There is one exactly where there is a finding that it mends, and where it is known to be right:
//! [`Mendable`] says which, for `doctor`, which proposes them, and for the plan, which makes them.
//!
//! Several are one plan, and several in one file one edit of it. Migrations belong here as well: names of
//! an older packer are one. Version 1 of both formats is the first, so there is no older one to migrate.

use std::collections::{BTreeMap, BTreeSet};
use std::{fmt, io};

use super::readback::check_declaration;
use super::registry::{affected, can_be_changed, named};
use super::{EditKind, Expected, FileEdit, Plan, Planner, Refused, Requirement};
use crate::Error;
use crate::commit::place::Place;
use crate::diagnostics::{Code, rules::legacy_name};
use crate::digest::Digest;
use crate::ops::{Action, Blocker, BlockerCode, Operation, OperationClass};
use crate::path::AssetPath;
use crate::quarantine::{self, Quarantined};
use crate::schema::edit::{self, Edit};
use crate::schema::json::quote;
use crate::snapshot::{Asset, Report, Snapshot};
use crate::storage::Source;
use crate::workspace::layout::REGISTRY_FILE;
use crate::workspace::{DeclarationFile, Layout, LoadedDeclaration, RootFolder};

/// Which findings to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// All that can be mended so.
    All,
    /// Those with these ids, as [`FixId`] writes them. At least one.
    These(Vec<String>),
    /// None: what is to be mended is the host's, which does it [beside](crate::Beside).
    Nothing,
}

/// A kind of finding that is mended without a person's judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SafeFix {
    /// The finding.
    pub code: Code,
    /// What is written, for people.
    pub writes: &'static str,
    /// When there is such a fix, for people.
    pub when: &'static str,
}

/// Every kind of fix there is.
pub const SAFE: [SafeFix; 3] = [
    SafeFix {
        code: Code::AllocatorBehind,
        writes: "`next_asset_id` above every id, also above those in quarantine",
        when: "nothing else keeps the registry from being changed",
    },
    SafeFix {
        code: Code::UuidMismatch,
        writes: "the uuid of the registry into the declaration",
        when: "the declaration carries none, and no other declaration, entry or record of quarantine does; all of them can be read",
    },
    SafeFix {
        code: Code::LegacyName,
        writes: "today's names in `type`, `output.format` and `output.codec`",
        when: "always",
    },
];

/// The name of a fix: the code of what it mends, and in a declaration the asset's root. Written
/// `allocator-behind`, `legacy-name:ui/atlas`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FixId {
    code: Code,
    root: Option<AssetPath>,
}

/// What can be mended in a snapshot, with how many findings each fix mends.
#[derive(Debug)]
pub(crate) struct Mendable<'a> {
    snapshot: &'a Snapshot,
    /// What is in quarantine.
    away: Vec<Quarantined>,
    found: BTreeMap<FixId, usize>,
}

impl FixId {
    /// Reads what [`Display`](fmt::Display) writes; `None` for what names no fix of [`SAFE`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (code, root) = text.split_once(':').map_or((text, None), |(code, root)| (code, Some(root)));
        let code = SAFE.iter().map(|safe| safe.code).find(|known| known.as_str() == code)?;
        let root = root.map(AssetPath::parse).transpose().ok()?;
        (root.is_none() == (code == Code::AllocatorBehind)).then_some(Self { code, root })
    }

    /// What it mends.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The fix that would mend what a report says, if there can be one.
    fn of(snapshot: &Snapshot, report: &Report) -> Option<Self> {
        let code = SAFE.iter().map(|safe| safe.code).find(|code| *code == report.finding.code)?;
        let root = report.asset.map(|position| snapshot.assets[position].entry.root.clone());
        (root.is_none() == (code == Code::AllocatorBehind)).then_some(Self { code, root })
    }

    const fn class(&self) -> OperationClass {
        match self.root {
            None => OperationClass::RegistryMutation,
            Some(_) => OperationClass::WorkspaceMutation,
        }
    }
}

impl fmt::Display for FixId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.root {
            None => self.code.fmt(f),
            Some(root) => write!(f, "{}:{root}", self.code),
        }
    }
}

impl<'a> Mendable<'a> {
    /// Looks which findings of `snapshot`, for which all of `assets/` was walked, can be mended. What is
    /// in quarantine is read from `source`.
    ///
    /// # Errors
    ///
    /// When quarantine cannot be listed.
    pub(crate) fn of(snapshot: &'a Snapshot, source: &dyn Source) -> Result<Self, Error> {
        let mut mendable = Self::nothing(snapshot);
        let candidates: Vec<FixId> =
            snapshot.reports.iter().filter_map(|report| FixId::of(snapshot, report)).collect();
        if !candidates.is_empty() {
            let listed = quarantine::list(source, &snapshot.layout);
            mendable.away = listed.map_err(|error| Error::io("list", snapshot.layout.quarantine(), error))?;
        }
        for id in candidates {
            if mendable.found.contains_key(&id) || mendable.is_right(&id) {
                *mendable.found.entry(id).or_default() += 1;
            }
        }
        Ok(mendable)
    }

    /// Where nobody can tell whether anything can be mended.
    pub(crate) fn nothing(snapshot: &'a Snapshot) -> Self {
        Self { snapshot, away: Vec::new(), found: BTreeMap::new() }
    }

    /// The fix of what a report says.
    pub(crate) fn fix(&self, report: &Report) -> Option<String> {
        let id = FixId::of(self.snapshot, report)?;
        self.found.contains_key(&id).then(|| id.to_string())
    }

    /// Each fix as an action; of several another one that makes all.
    pub(crate) fn actions(&self) -> Vec<Action> {
        let action = |action_id: String, ids: Vec<&FixId>| Action {
            action_id,
            operation: Operation::Doctor,
            arguments: vec![("fix", ids.iter().map(ToString::to_string).collect::<Vec<_>>().into())],
            operation_class: class(&ids),
            needs_consent: false,
            title: self.title(&ids),
        };
        let each = self.found.keys().map(|id| action(id.to_string(), vec![id]));
        let all = (self.found.len() > 1).then(|| action("all".to_owned(), self.found.keys().collect()));
        each.chain(all).collect()
    }

    /// Whether that edit is known to be right, and can be made.
    fn is_right(&self, id: &FixId) -> bool {
        let Some(root) = &id.root else {
            return can_be_changed(self.snapshot);
        };
        // No change is written to a place of another kind.
        let Some((asset, read)) = self.declaration(root) else { return false };
        if Place::parse_file(&Layout::declaration_file(root)).is_none() {
            return false;
        }
        let is_known = id.code != Code::UuidMismatch || self.is_nobody_elses(asset, read);
        is_known && edit::apply(read.text.as_str(), &edits(asset, read, id.code)).is_ok()
    }

    /// The asset of a root, and what its declaration says.
    fn declaration(&self, root: &AssetPath) -> Option<(&'a Asset, &'a LoadedDeclaration)> {
        let asset = self.snapshot.assets.iter().find(|asset| asset.entry.root == *root)?;
        Some((asset, asset.loaded.read()?))
    }

    /// Whether a declaration carries no uuid, and the one that the registry gives it is to be found
    /// nowhere else: nobody has put another folder in its place.
    fn is_nobody_elses(&self, asset: &Asset, read: &LoadedDeclaration) -> bool {
        let uuid = asset.entry.asset_uuid;
        let spelt = uuid.to_string();
        // Also in one that cannot be read as what it should be.
        let holds = |read: &LoadedDeclaration| read.text.as_str().to_ascii_lowercase().contains(&spelt);
        let is_same = |other: &&Asset| other.entry.asset_uuid == uuid || other.entry.root == asset.entry.root;
        let Some(unregistered) = &self.snapshot.unregistered else { return false };
        let has_none = read.tree().is_some_and(|tree| tree.member("asset_uuid").is_none());
        has_none
            && self.snapshot.assets.iter().filter(is_same).count() == 1
            && !self.snapshot.assets.iter().filter_map(|other| other.loaded.read()).any(holds)
            && unregistered.iter().all(|(_, read)| read.as_ref().is_some_and(|read| !holds(read)))
            && self.away.iter().all(|found| {
                let record = found.record.as_ref();
                record.is_ok_and(|record| record.registered.is_none_or(|of| of.asset_uuid != uuid))
            })
    }

    /// What mending these comes to: one line that begins with "mend".
    fn title(&self, ids: &[&FixId]) -> String {
        match ids {
            [FixId { code, root: None }] => format!("mend `{code}` in the registry"),
            [FixId { code, root: Some(root) }] => {
                let asset = self.declaration(root).map(|(asset, _)| named(asset));
                format!("mend `{code}` in {}", asset.unwrap_or_else(|| format!("`{root}`")))
            }
            ids => {
                let findings: usize = ids.iter().filter_map(|id| self.found.get(*id)).sum();
                let files = ids.iter().map(|id| &id.root).collect::<BTreeSet<_>>().len();
                let files = if files == 1 { "1 file".to_owned() } else { format!("{files} files") };
                format!("mend {findings} findings in {files}")
            }
        }
    }

    /// Why there is no fix of that name; `None` where what it mends is in order.
    fn why_not(&self, text: &str) -> Option<Blocker> {
        let there: Vec<String> = self.found.keys().map(|id| format!("`{id}`")).collect();
        let help = match there.as_slice() {
            [] => "There is nothing here that can be mended so.".to_owned(),
            [one] => format!("There is {one}."),
            several => format!("There are {}.", several.join(", ")),
        };
        let refuse =
            |message: String| Some(Blocker::new(BlockerCode::InvalidArgument, message).help(help.clone()));
        let shown = text.escape_debug();
        let Some(id) = FixId::parse(text) else { return refuse(format!("there is no fix `{shown}`")) };
        if let Some(root) = &id.root
            && !self.snapshot.assets.iter().any(|asset| asset.entry.root == *root)
        {
            return refuse(format!("there is no fix `{shown}`: `{root}` is not registered"));
        }
        let is_found =
            self.snapshot.reports.iter().any(|report| FixId::of(self.snapshot, report).as_ref() == Some(&id));
        if is_found {
            return refuse(format!("`{shown}` takes a person to mend: the finding says what to do"));
        }
        None
    }
}

pub(super) fn plan(planner: &Planner<'_>, request: &Fix) -> Result<Plan, Refused> {
    let mendable = Mendable::of(planner.snapshot, planner.source).map_err(Refused::Error)?;
    let chosen: Vec<FixId> = match request {
        Fix::All => {
            // What cannot be looked at may hold what should be mended too.
            planner.snapshot.assets.iter().try_for_each(|asset| was_read(planner.snapshot, asset))?;
            mendable.found.keys().cloned().collect()
        }
        Fix::These(texts) => these(&mendable, texts)?,
        Fix::Nothing => Vec::new(),
    };
    let chosen: Vec<&FixId> = chosen.iter().collect();
    let mut edits = Vec::new();
    let mut about = Vec::new();
    let roots: BTreeSet<&AssetPath> = chosen.iter().filter_map(|id| id.root.as_ref()).collect();
    for root in roots {
        let (asset, read) = mendable.declaration(root).expect("a fix is of a declaration that was read");
        let codes = chosen.iter().filter(|id| id.root.as_ref() == Some(root)).map(|id| id.code);
        edits.push(declaration_edit(asset, read, codes)?);
        about.push(affected(asset));
    }
    let raises = chosen.iter().any(|id| id.code == Code::AllocatorBehind);
    if raises {
        let mut registry = planner.entries()?.clone();
        let away = mendable.away.iter().filter_map(|found| found.record.as_ref().ok()?.registered);
        let ids = registry.assets.iter().map(|entry| entry.asset_id);
        let highest = ids.chain(away.map(|registered| registered.asset_id)).max();
        registry.next_asset_id = registry.next_asset_id.max(highest.map_or(1, |id| id.get() + 1));
        edits.push(planner.rewritten(&registry)?);
    }
    let title = match (chosen.as_slice(), request) {
        ([], Fix::All) => "no finding can be mended without you".to_owned(),
        ([], Fix::Nothing) => "nothing of the project's is mended".to_owned(),
        ([], Fix::These(texts)) => format!("`{}` is in order", texts.join("`, `")),
        (chosen, _) => mendable.title(chosen),
    };
    let ids: Vec<String> = match request {
        // So that the plan for nothing is that for these.
        Fix::These(texts) if chosen.is_empty() => texts.clone(),
        _ => chosen.iter().map(ToString::to_string).collect(),
    };
    let operation = (Operation::Doctor, class(&chosen));
    let arguments = vec![("fix", ids.into())];
    let plan = Plan::new(planner.operation_id, operation, arguments, title, about, edits);
    // The uuid comes from the registry, and must still be there then.
    if raises || !chosen.iter().any(|id| id.code == Code::UuidMismatch) {
        return Ok(plan);
    }
    let registry = planner.snapshot.registry.bytes().unwrap_or_default();
    let expected = Expected::Content(Digest::of(registry));
    Ok(plan.requiring(Requirement { path: REGISTRY_FILE.to_owned(), expected }))
}

/// The fixes of that name, in order; every name of none is told.
fn these(mendable: &Mendable<'_>, texts: &[String]) -> Result<Vec<FixId>, Refused> {
    let is_there = |text: &&String| {
        let id = FixId::parse(text);
        id.filter(|id| mendable.found.contains_key(id))
    };
    let mut blockers: Vec<Blocker> = texts
        .iter()
        .filter(|text| is_there(text).is_none())
        .filter_map(|text| mendable.why_not(text))
        .collect();
    if texts.is_empty() {
        let blocker = Blocker::new(BlockerCode::InvalidArgument, "no fix is named");
        blockers.push(blocker.help("Name at least one, as the member `fix` of a finding does."));
    }
    if !blockers.is_empty() {
        return Err(Refused::Blocked(blockers));
    }
    // Nothing is in order that nobody could look at.
    for id in texts.iter().filter_map(|text| FixId::parse(text)) {
        let assets = &mendable.snapshot.assets;
        let mut meant = assets.iter().filter(|asset| Some(&asset.entry.root) == id.root.as_ref());
        meant.try_for_each(|asset| was_read(mendable.snapshot, asset))?;
    }
    let chosen: BTreeSet<FixId> = texts.iter().filter_map(|text| is_there(&text)).collect();
    Ok(chosen.into_iter().collect())
}

/// That the file system has said what an asset's declaration holds, or that it is not there.
fn was_read(snapshot: &Snapshot, asset: &Asset) -> Result<(), Refused> {
    let ((RootFolder::Unreadable { why, .. }, _) | (_, DeclarationFile::Unreadable(why))) =
        (&asset.loaded.folder, &asset.loaded.declaration)
    else {
        return Ok(());
    };
    let path = snapshot.layout.declaration(&asset.entry.root);
    Err(Refused::Error(Error::io("read", path, io::Error::other(why.clone()))))
}

/// The edits that mend findings of `code` in a declaration.
fn edits(asset: &Asset, read: &LoadedDeclaration, code: Code) -> Vec<Edit> {
    match (code, &read.reading.declaration) {
        (Code::UuidMismatch, _) => vec![Edit::insert_asset_uuid(asset.entry.asset_uuid)],
        (Code::LegacyName, Some(declaration)) => legacy_name::used(declaration)
            .map(|used| Edit::Replace { at: used.at, value: quote(used.new) })
            .collect(),
        _ => Vec::new(),
    }
}

/// One edit of a declaration that mends all of `codes`.
fn declaration_edit(
    asset: &Asset,
    read: &LoadedDeclaration,
    codes: impl Iterator<Item = Code>,
) -> Result<FileEdit, Refused> {
    let path = Layout::declaration_file(&asset.entry.root);
    let mut uuid = read.reading.asset_uuid;
    let mut all = Vec::new();
    for code in codes {
        if code == Code::UuidMismatch {
            uuid = Some(asset.entry.asset_uuid);
        }
        all.extend(edits(asset, read, code));
    }
    let text = edit::apply(read.text.as_str(), &all).expect("that it can be edited so was tried");
    check_declaration(&text, &path, uuid, read.reading.name.as_deref())?;
    Ok(FileEdit {
        path,
        kind: EditKind::ReplaceFile(text.into_bytes()),
        expected: Expected::Content(read.digest),
    })
}

/// What these change: nothing, the registry alone, or declarations.
fn class(ids: &[&FixId]) -> OperationClass {
    let is_registry = |id: &&FixId| id.class() == OperationClass::RegistryMutation;
    match ids {
        [] => Operation::Doctor.class(),
        ids if ids.iter().all(is_registry) => OperationClass::RegistryMutation,
        _ => OperationClass::WorkspaceMutation,
    }
}
