//! Divergences in words, with their ways out. An action is offered only where it could be applied.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Snapshot;
use super::super::carriers::{Carriers, OwnRoot};
use super::shared::{Entries, HANDFUL};
use super::{Divergence, DivergenceKind, Found};
use crate::diagnostics::{Code, Severity};
use crate::event::AffectedAsset;
use crate::id::AssetId;
use crate::mutate::way::check_root;
use crate::ops::{Action, Argument, Operation, OperationClass};
use crate::path::AssetPath;
use crate::storage::FileKind;
use crate::workspace::layout::QUARANTINE;
use crate::workspace::{LoadedDeclaration, RootFolder};

/// What stands in the way of every change of the registry, apart from entries that share something.
const UNUSABLE: [Code; 4] = [
    Code::RegistryMissing,
    Code::RegistryInvalid,
    Code::RegistryConflictMarkers,
    Code::RegistryVersionUnsupported,
];

/// What several divergences are described with.
pub(super) struct Describer<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) entries: Entries<'a>,
    carriers: Carriers<'a>,
    /// What the rules say of the place of each asset, so that all say it in the same words.
    said: BTreeMap<usize, &'a str>,
    /// The folders that nobody can look into, as it goes on after what is missing.
    closed: String,
    followers: BTreeMap<usize, AssetPath>,
    /// For each of them, who has to go with it.
    groups: BTreeMap<usize, BTreeSet<usize>>,
    /// Whether the registry can be changed, but for entries that share something.
    is_usable: bool,
    /// Whether no two entries share anything.
    is_sound: bool,
    /// Whether no two entries share more than a root, so that each can still follow its folder.
    can_follow: bool,
    /// Whether nothing at all is wrong with it, so that it can be given another entry.
    takes_more: bool,
}

pub(super) fn describe(snapshot: &Snapshot, found: Vec<Found>) -> Vec<Divergence> {
    let errors = || {
        let of_registry = snapshot.reports.iter().filter(|report| report.asset.is_none());
        of_registry.map(|report| report.finding.code).filter(|code| code.severity() == Severity::Error)
    };
    let harmless = [Code::NestedRoot, Code::CaseCollision, Code::AllocatorBehind];
    let followers = snapshot.followers(None);
    let describer = Describer {
        snapshot,
        entries: Entries::of(snapshot),
        carriers: snapshot.carriers(),
        said: said(snapshot),
        closed: closed(snapshot),
        groups: snapshot.groups(&followers),
        followers,
        is_usable: snapshot.registry().is_some() && !errors().any(|code| UNUSABLE.contains(&code)),
        takes_more: snapshot.registry().is_some() && errors().next().is_none(),
        is_sound: snapshot.registry().is_some() && errors().all(|code| harmless.contains(&code)),
        can_follow: snapshot.registry().is_some()
            && errors().all(|code| harmless.contains(&code) || code == Code::DuplicateRoot),
    };
    found.into_iter().map(|found| describer.one(found)).collect()
}

impl Describer<'_> {
    fn one(&self, found: Found) -> Divergence {
        let ways = self.ways(&found);
        let asset = found.asset.map(|n| {
            let entry = &self.snapshot.assets[n].entry;
            let (asset_id, asset_uuid) = (Some(entry.asset_id), Some(entry.asset_uuid));
            AffectedAsset { asset_id, asset_uuid, root: entry.root.clone() }
        });
        let asset = asset.or_else(|| self.in_quarantine(&found));
        let copy = found.unregistered.map(|n| self.copy(n).0.to_owned());
        Divergence {
            message: self.message(&found),
            can_be_reconciled: matches!(
                found.kind,
                DivergenceKind::Moved { .. } | DivergenceKind::AllocatorBehind
            ) && self.can_follow,
            folder: copy.or_else(|| asset.as_ref().map(|asset| asset.root.to_string())),
            kind: found.kind,
            asset,
            ways,
        }
    }

    /// The folder and the root of a declaration that nobody registered.
    fn copy(&self, n: usize) -> (&str, Option<&AssetPath>) {
        let (found, _) = &self.snapshot.unregistered.as_deref().unwrap_or_default()[n];
        (&found.folder, found.root.as_ref().ok())
    }

    /// The asset in quarantine that was put back.
    fn in_quarantine(&self, found: &Found) -> Option<AffectedAsset> {
        let DivergenceKind::PutBack { entry, .. } = &found.kind else { return None };
        let mut away = self.snapshot.quarantined.iter().flatten();
        let record = away.find(|away| away.entry == *entry)?.record.as_ref().ok()?;
        let registered = record.registered?;
        let (asset_id, asset_uuid) = (Some(registered.asset_id), Some(registered.asset_uuid));
        Some(AffectedAsset { asset_id, asset_uuid, root: record.root.clone() })
    }

    fn message(&self, found: &Found) -> String {
        if let (DivergenceKind::PutBack { entry, asset_id }, Some(n)) = (&found.kind, found.unregistered) {
            let folder = self.copy(n).0;
            return format!(
                "`{folder}` is not registered, and carries the uuid of asset {asset_id}, which lies in quarantine \
                 as `{entry}`: it was put back by hand"
            );
        }
        let Some(n) = found.asset else { return self.of_registry(&found.kind) };
        let asset = &self.snapshot.assets[n];
        let (id, root) = (asset.id(), &asset.entry.root);
        let first = || {
            let sharers = self.entries.sharers(&asset.entry, &found.kind);
            &self.snapshot.assets[sharers.first().copied().unwrap_or(n)].entry
        };
        match &found.kind {
            DivergenceKind::Moved { to } => match self.snapshot.own_root(asset) {
                OwnRoot::Other(_) => {
                    format!("asset {id} is in `{to}` now, and something else lives in `{root}`")
                }
                _ => format!("asset {id} was moved from `{root}` to `{to}`"),
            },
            DivergenceKind::Obstructed { to } => {
                format!("asset {id} is not in `{root}` any more, but in `{to}`, {}", self.obstacle(n, to))
            }
            DivergenceKind::MovedSomewhere { to } => format!(
                "asset {id} is not in `{root}` any more, and {} folders carry its uuid: {}",
                to.len(),
                listed(to)
            ),
            DivergenceKind::Missing => {
                format!(
                    "the folder `{root}` of asset {id} is gone, and no other one carries its uuid{}",
                    self.closed
                )
            }
            DivergenceKind::NotAFolder | DivergenceKind::Unreadable | DivergenceKind::DeclarationMissing => {
                let none = || format!("`assets/{root}` holds no `asset.json`");
                self.said.get(&n).map_or_else(none, |said| (*said).to_owned())
            }
            DivergenceKind::UuidChanged { of: Some(other), .. } => {
                format!("`{root}` should be asset {id}, but carries the uuid of asset {other}")
            }
            DivergenceKind::UuidChanged { to, of: None } => {
                format!("`{root}` should be asset {id}, but carries the uuid `{to}`, which is no asset's")
            }
            DivergenceKind::UuidAbsent => {
                let tree = asset.loaded.read().and_then(|read| read.tree());
                let is_there = tree.is_some_and(|tree| tree.member("asset_uuid").is_some());
                let why = if is_there { "its `asset_uuid` is no uuid" } else { "it carries no uuid" };
                format!("the `asset.json` in `{root}` does not say that it is asset {id}: {why}")
            }
            DivergenceKind::Copied => {
                let copy = found.unregistered.map_or("", |n| self.copy(n).0);
                format!(
                    "`{copy}` carries the uuid of asset {id}, which is in its place in `{root}`: it is a copy"
                )
            }
            DivergenceKind::Quarantined { entry } => {
                let place = if self.snapshot.own_root(asset) == OwnRoot::InPlace {
                    format!("; delete `{QUARANTINE}/{entry}` if that is not needed any more")
                } else {
                    String::new()
                };
                format!(
                    "asset {id} is registered in `{root}`, and lies in quarantine as `{entry}` as well{place}"
                )
            }
            DivergenceKind::DuplicateId => {
                format!("`{}` and `{root}` are both registered as asset {id}", first().root)
            }
            DivergenceKind::DuplicateUuid => {
                let first = first();
                format!(
                    "assets {} (`{}`) and {id} (`{root}`) are registered with one uuid",
                    first.asset_id, first.root
                )
            }
            DivergenceKind::DuplicateRoot => {
                format!("assets {} and {id} are both registered in `{root}`", first().asset_id)
            }
            kind => self.of_registry(kind),
        }
    }

    fn of_registry(&self, kind: &DivergenceKind) -> String {
        let code = match kind {
            DivergenceKind::RegistryUnreadable(code) => *code,
            DivergenceKind::RegistryMissing => Code::RegistryMissing,
            _ => Code::AllocatorBehind,
        };
        let mut reports = self.snapshot.reports.iter();
        let said = reports.find(|report| report.finding.code == code);
        said.map_or_else(String::new, |report| match code {
            Code::RegistryMissing => report.finding.message.clone(),
            _ => format!("in the registry, {}", report.finding.message),
        })
    }

    /// Why an asset cannot have the root where it is, as it goes on after the name of that.
    fn obstacle(&self, n: usize, to: &str) -> String {
        let Ok(root) = AssetPath::parse(to) else { return "which no asset root can be called".to_owned() };
        if root.unfit_for_root().is_some() {
            return "which no asset root can be called".to_owned();
        }
        for (m, other) in self.snapshot.assets.iter().enumerate().filter(|(m, _)| *m != n) {
            let (id, other) = (other.id(), self.followers.get(&m).unwrap_or(&other.entry.root));
            if *other == root {
                return format!("which is registered as asset {id}");
            } else if other.contains(&root) {
                return format!("inside asset {id} (`{other}`)");
            } else if root.contains(other) {
                return format!("with asset {id} (`{other}`) inside");
            }
        }
        match check_root(self.snapshot, &root, Some(n)) {
            Err(_) => "which is one name with that of another asset on Windows and macOS".to_owned(),
            Ok(()) => "and the registry has to be mended before it can follow".to_owned(),
        }
    }

    fn ways(&self, found: &Found) -> Vec<Action> {
        if found.kind == DivergenceKind::RegistryMissing {
            let gives_other_ids = self.snapshot.gives_other_ids();
            let title = if gives_other_ids {
                "make a new, empty registry, without the ids of the one that is gone"
            } else {
                "make a registry, which is empty"
            };
            let class = Operation::InitWorkspace.class();
            let way =
                action(Operation::InitWorkspace, class, "", Vec::new(), gives_other_ids, title.to_owned());
            return vec![way];
        }
        if !self.is_usable {
            return Vec::new();
        }
        if found.kind == DivergenceKind::AllocatorBehind {
            let title = "reconcile the registry with the disk".to_owned();
            return if self.can_follow {
                vec![reconcile(&[], !self.followers.is_empty(), title)]
            } else {
                Vec::new()
            };
        }
        if let (DivergenceKind::PutBack { asset_id, .. }, Some(n)) = (&found.kind, found.unregistered) {
            return self.taking_back(n, *asset_id);
        }
        let Some(n) = found.asset else { return Vec::new() };
        let asset = &self.snapshot.assets[n];
        let (id, root) = (asset.id(), &asset.entry.root);
        if found.kind == DivergenceKind::DuplicateRoot {
            let told = self.entries.told_with(&asset.entry, &found.kind, n);
            let leaves = told.into_iter().filter(|m| self.can_follow && self.followers.contains_key(m));
            return leaves.map(|m| self.follow(m)).collect();
        }
        if matches!(found.kind, DivergenceKind::DuplicateId | DivergenceKind::DuplicateUuid) {
            return self.apart(n, &found.kind);
        }
        if matches!(found.kind, DivergenceKind::Moved { .. }) && self.can_follow {
            return vec![self.follow(n)];
        }
        if !self.is_sound {
            return Vec::new();
        }
        let elsewhere = || self.carriers.elsewhere(asset).filter(|to| to.unregistered.is_some());
        let followed = || {
            let roots = elsewhere().filter_map(|to| to.root);
            let fit = roots.filter(|to| check_root(self.snapshot, to, Some(n)).is_ok());
            fit.map(|to| adopt(to, Some(id), REGISTRY)).collect::<Vec<_>>()
        };
        match &found.kind {
            // Behind a link it may be there.
            DivergenceKind::NotAFolder if asset.loaded.folder == RootFolder::NotAFolder(FileKind::Link) => {
                followed()
            }
            DivergenceKind::MovedSomewhere { .. } | DivergenceKind::NotAFolder => {
                [followed(), vec![forget(id, root)]].concat()
            }
            // What stands there may lead to it.
            DivergenceKind::DeclarationMissing if self.snapshot.own_root(asset) == OwnRoot::NotAFile => {
                Vec::new()
            }
            DivergenceKind::Obstructed { .. }
            | DivergenceKind::Missing
            | DivergenceKind::DeclarationMissing => vec![forget(id, root)],
            DivergenceKind::UuidChanged { of: Some(other), .. } => {
                let mut others = self.entries.with_id(*other).iter().map(|n| &self.snapshot.assets[*n]);
                let is_in_place = others.all(|other| self.snapshot.own_root(other) == OwnRoot::InPlace);
                let own = is_in_place.then(|| adopt(root, Some(id), WORKSPACE));
                own.into_iter().chain([forget(id, root)]).collect()
            }
            DivergenceKind::UuidChanged { of: None, .. } | DivergenceKind::UuidAbsent => {
                // Where a uuid can be written.
                let is_fit = asset.loaded.read().is_some_and(LoadedDeclaration::is_json);
                let own = is_fit.then(|| adopt(root, Some(id), WORKSPACE));
                [own.into_iter().collect(), followed(), vec![forget(id, root)]].concat()
            }
            DivergenceKind::Unreadable => Vec::new(),
            DivergenceKind::Copied => {
                let Some(copy) = found.unregistered.and_then(|n| self.copy(n).1) else { return Vec::new() };
                let loose = self.snapshot.unregistered.as_deref().unwrap_or_default();
                let read = found.unregistered.and_then(|n| loose[n].1.as_ref());
                let may_be_new = self.takes_more
                    && read.is_some_and(LoadedDeclaration::is_json)
                    && check_root(self.snapshot, copy, None).is_ok()
                    && self.snapshot.second_anchor(copy).is_none();
                let as_new = may_be_new.then(|| adopt(copy, None, WORKSPACE));
                let as_asset =
                    check_root(self.snapshot, copy, Some(n)).is_ok().then(|| adopt(copy, Some(id), REGISTRY));
                as_new.into_iter().chain(as_asset).collect()
            }
            DivergenceKind::Quarantined { entry } => {
                let is_the_same = self.snapshot.quarantined.iter().flatten().any(|found| {
                    found.entry == *entry && found.record.as_ref().is_ok_and(|record| record.root == *root)
                });
                let mut ways = Vec::new();
                if asset.loaded.folder == RootFolder::Missing && is_the_same {
                    ways.push(action(
                        Operation::RestoreAsset,
                        Operation::RestoreAsset.class(),
                        entry,
                        vec![("entry", entry.as_str().into())],
                        true,
                        format!("bring the folder back to `{root}`"),
                    ));
                }
                if asset.loaded.folder == RootFolder::Missing {
                    ways.push(forget(id, root));
                }
                ways
            }
            _ => Vec::new(),
        }
    }

    /// The entry of an asset follows it, with those that have to go with it.
    fn follow(&self, n: usize) -> Action {
        let group = self.groups.get(&n).into_iter().flatten();
        let ids: Vec<AssetId> = group.map(|n| self.snapshot.assets[*n].id()).collect();
        let title = match (&ids[..], self.followers.get(&n)) {
            ([id], Some(to)) => format!("let asset {id} follow to `{to}`"),
            (ids, _) => format!("let assets {} follow to where they are", listed(ids)),
        };
        reconcile(&ids, true, title)
    }

    /// The ways out for a folder whose asset only quarantine knows: it is that asset, or a new one.
    fn taking_back(&self, n: usize, id: AssetId) -> Vec<Action> {
        let loose = self.snapshot.unregistered.as_deref().unwrap_or_default();
        let is_json = loose[n].1.as_ref().is_some_and(LoadedDeclaration::is_json);
        let fits = |root: &&AssetPath| self.takes_more && check_root(self.snapshot, root, None).is_ok();
        let Some(root) = self.copy(n).1.filter(fits) else { return Vec::new() };
        let is_free = self.entries.with_id(id).is_empty();
        let title = format!("give `{root}` its entry and its id {id} back; quarantine keeps what it has");
        let back = is_free.then(|| Action { title, ..adopt(root, Some(id), REGISTRY) });
        let as_new = is_json.then(|| adopt(root, None, WORKSPACE));
        back.into_iter().chain(as_new).collect()
    }
}

/// What the rules say of the places of assets, by position.
fn said(snapshot: &Snapshot) -> BTreeMap<usize, &str> {
    let of_place = [Code::RootMissing, Code::DeclarationMissing, Code::DeclarationInvalid];
    let mut said = BTreeMap::new();
    for report in snapshot.reports.iter().filter(|report| of_place.contains(&report.finding.code)) {
        if let Some(n) = report.asset {
            said.entry(n).or_insert(report.finding.message.as_str());
        }
    }
    said
}

/// ` (what ... cannot be read)`, where there are such folders.
fn closed(snapshot: &Snapshot) -> String {
    let loose = snapshot.unregistered.iter().flatten();
    let closed = loose.filter(|(_, read)| read.is_none()).map(|(found, _)| &found.folder);
    match &closed.collect::<Vec<_>>()[..] {
        [] => String::new(),
        [one] => format!(" (what `{one}` is cannot be read)"),
        several => format!(" (what {} are cannot be read)", listed(several)),
    }
}

fn reconcile(assets: &[AssetId], needs_consent: bool, title: String) -> Action {
    let ids: Vec<String> = assets.iter().map(AssetId::to_string).collect();
    let name = ids.join("+");
    let arguments = if ids.is_empty() { Vec::new() } else { vec![("assets", ids.into())] };
    action(Operation::Reconcile, REGISTRY, &name, arguments, needs_consent, title)
}

/// What changes the registry alone.
pub(super) const REGISTRY: OperationClass = OperationClass::RegistryMutation;

/// What writes into a person's file as well.
pub(super) const WORKSPACE: OperationClass = OperationClass::WorkspaceMutation;

/// To adopt a root as that asset, or as a new one.
pub(super) fn adopt(root: &AssetPath, id: Option<AssetId>, class: OperationClass) -> Action {
    let (name, value, title) = match id {
        Some(id) => (id.to_string(), Argument::from(id), format!("take `{root}` for asset {id}")),
        None => ("new".to_owned(), "new".into(), format!("make `{root}` an asset of its own")),
    };
    let arguments = vec![("root", root.to_string().into()), ("as", value)];
    action(Operation::AdoptAsset, class, &format!("{root}:{name}"), arguments, id.is_some(), title)
}

fn forget(id: AssetId, root: &AssetPath) -> Action {
    let title = format!("give asset {id} up (`{root}`); every file stays");
    action(Operation::ForgetAsset, REGISTRY, &id.to_string(), vec![("asset", id.into())], true, title)
}

fn action(
    operation: Operation,
    operation_class: OperationClass,
    name: &str,
    arguments: Vec<(&'static str, Argument)>,
    needs_consent: bool,
    title: String,
) -> Action {
    let colon = if name.is_empty() { "" } else { ":" };
    Action {
        action_id: format!("{}{colon}{name}", operation.as_str()),
        operation,
        arguments,
        operation_class,
        needs_consent,
        title,
    }
}

/// `1`, `2 and 5`, or `1, 2 and 5`; names in backticks. Of many the first few, and how many more there are.
fn listed<T: ToString>(items: &[T]) -> String {
    let quoted = |item: &T| {
        let item = item.to_string();
        if item.bytes().all(|byte| byte.is_ascii_digit()) { item } else { format!("`{item}`") }
    };
    let joined = |items: &[T]| items.iter().map(quoted).collect::<Vec<_>>().join(", ");
    match items {
        [] => String::new(),
        [one] => quoted(one),
        items if items.len() > HANDFUL + 1 => {
            format!("{} and {} more", joined(&items[..HANDFUL]), items.len() - HANDFUL)
        }
        [first @ .., last] => format!("{} and {}", joined(first), quoted(last)),
    }
}
