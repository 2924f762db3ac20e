//! Divergences in words, with their ways out. An action is offered only where it could be applied.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Snapshot;
use super::super::carriers::{Carriers, OwnRoot};
use super::{Divergence, DivergenceKind, Found};
use crate::diagnostics::{Code, Severity};
use crate::event::AffectedAsset;
use crate::id::AssetId;
use crate::mutate::way::check_root;
use crate::ops::{Action, Argument, Operation, OperationClass};
use crate::path::AssetPath;
use crate::workspace::{LoadedDeclaration, RootFolder};

/// What stands in the way of every change of the registry, apart from entries that share something.
const UNUSABLE: [Code; 4] = [
    Code::RegistryMissing,
    Code::RegistryInvalid,
    Code::RegistryConflictMarkers,
    Code::RegistryVersionUnsupported,
];

/// What several divergences are described with.
struct Describer<'a> {
    snapshot: &'a Snapshot,
    carriers: Carriers<'a>,
    followers: BTreeMap<usize, AssetPath>,
    /// For each of them, who has to go with it.
    groups: BTreeMap<usize, BTreeSet<usize>>,
    /// Whether the registry can be changed, but for entries that share something.
    is_usable: bool,
    /// Whether no two entries share anything.
    is_sound: bool,
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
        carriers: snapshot.carriers(),
        groups: snapshot.groups(&followers),
        followers,
        is_usable: snapshot.registry().is_some() && !errors().any(|code| UNUSABLE.contains(&code)),
        takes_more: snapshot.registry().is_some() && errors().next().is_none(),
        is_sound: snapshot.registry().is_some() && errors().all(|code| harmless.contains(&code)),
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
        let copy = found.unregistered.map(|n| self.copy(n).0.to_owned());
        Divergence {
            message: self.message(&found),
            can_be_reconciled: matches!(
                found.kind,
                DivergenceKind::Moved { .. } | DivergenceKind::AllocatorBehind
            ) && self.is_sound,
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

    fn message(&self, found: &Found) -> String {
        let Some(n) = found.asset else { return self.of_registry(&found.kind) };
        let asset = &self.snapshot.assets[n];
        let (id, root, uuid) = (asset.id(), &asset.entry.root, asset.entry.asset_uuid);
        let first = |is_same: &dyn Fn(usize) -> bool| {
            let first = (0..n).find(|m| is_same(*m)).map_or(asset, |m| &self.snapshot.assets[m]);
            first.entry.clone()
        };
        let assets = &self.snapshot.assets;
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
                format!("the folder `{root}` of asset {id} is gone, and no other one carries its uuid")
            }
            DivergenceKind::NotAFolder => {
                format!("what stands at `{root}`, where asset {id} should be, is not a folder")
            }
            DivergenceKind::Unreadable => {
                format!("nobody can tell whether asset {id} is in `{root}`: it cannot be looked at")
            }
            DivergenceKind::DeclarationMissing => {
                format!("the folder `{root}` of asset {id} holds no `asset.json`")
            }
            DivergenceKind::UuidChanged { of: Some(other), .. } => {
                format!("`{root}` should be asset {id}, but carries the uuid of asset {other}")
            }
            DivergenceKind::UuidChanged { to, of: None } => {
                format!("`{root}` should be asset {id}, but carries the uuid `{to}`, which is no asset's")
            }
            DivergenceKind::UuidAbsent => {
                format!("the `asset.json` in `{root}` does not say that it is asset {id}: it carries no uuid")
            }
            DivergenceKind::Copied => {
                let copy = found.unregistered.map_or("", |n| self.copy(n).0);
                format!(
                    "`{copy}` carries the uuid of asset {id}, which is in its place in `{root}`: it is a copy"
                )
            }
            DivergenceKind::Quarantined { entry } => {
                format!("asset {id} is registered in `{root}`, and lies in quarantine as `{entry}` as well")
            }
            DivergenceKind::DuplicateId => {
                let first = first(&|m| assets[m].id() == id);
                format!("`{}` and `{root}` are both registered as asset {id}", first.root)
            }
            DivergenceKind::DuplicateUuid => {
                let first = first(&|m| assets[m].entry.asset_uuid == uuid);
                format!(
                    "assets {} (`{}`) and {id} (`{root}`) are registered with one uuid",
                    first.asset_id, first.root
                )
            }
            DivergenceKind::DuplicateRoot => {
                let first = first(&|m| assets[m].entry.root == *root);
                format!("assets {} and {id} are both registered in `{root}`", first.asset_id)
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
        said.map_or_else(String::new, |report| format!("in the registry, {}", report.finding.message))
            .replacen("in the registry, this project has", "this project has", 1)
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
        "which is one name with that of another asset on Windows and macOS".to_owned()
    }

    fn ways(&self, found: &Found) -> Vec<Action> {
        if found.kind == DivergenceKind::RegistryMissing {
            let title = "make a new, empty registry, without the ids of the one that is gone";
            return vec![action(Operation::InitWorkspace, "", Vec::new(), false, title.to_owned())];
        }
        if !self.is_usable {
            return Vec::new();
        }
        if found.kind == DivergenceKind::AllocatorBehind {
            let title = "reconcile the registry with the disk".to_owned();
            return if self.is_sound {
                vec![reconcile(&[], !self.followers.is_empty(), title)]
            } else {
                Vec::new()
            };
        }
        let Some(n) = found.asset else { return Vec::new() };
        let asset = &self.snapshot.assets[n];
        let (id, root) = (asset.id(), &asset.entry.root);
        if matches!(found.kind, DivergenceKind::DuplicateId | DivergenceKind::DuplicateUuid) {
            return self.apart(n, &found.kind);
        }
        if !self.is_sound {
            return Vec::new();
        }
        let elsewhere = || self.carriers.elsewhere(asset).into_iter().filter(|to| to.unregistered.is_some());
        let followed = || {
            let roots = elsewhere().filter_map(|to| to.root);
            let fit = roots.filter(|to| check_root(self.snapshot, to, Some(n)).is_ok());
            fit.map(|to| adopt(to, Some(id))).collect::<Vec<_>>()
        };
        match &found.kind {
            DivergenceKind::Moved { to } => {
                let ids: Vec<AssetId> =
                    self.groups[&n].iter().map(|n| self.snapshot.assets[*n].id()).collect();
                let title = match &ids[..] {
                    [_] => format!("let asset {id} follow to `{to}`"),
                    ids => format!("let assets {} follow to where they are", listed(ids)),
                };
                vec![reconcile(&ids, true, title)]
            }
            DivergenceKind::MovedSomewhere { .. } | DivergenceKind::NotAFolder => {
                [followed(), vec![forget(id, root)]].concat()
            }
            DivergenceKind::Obstructed { .. }
            | DivergenceKind::Missing
            | DivergenceKind::DeclarationMissing => vec![forget(id, root)],
            DivergenceKind::UuidChanged { of: Some(other), .. } => {
                let mut others = self.snapshot.assets.iter().filter(|asset| asset.id() == *other);
                let is_in_place = others.all(|other| self.snapshot.own_root(other) == OwnRoot::InPlace);
                let own = is_in_place.then(|| adopt(root, Some(id)));
                own.into_iter().chain([forget(id, root)]).collect()
            }
            DivergenceKind::UuidChanged { of: None, .. } | DivergenceKind::UuidAbsent => {
                // Where a uuid can be written.
                let is_fit = asset.loaded.read().is_some_and(LoadedDeclaration::is_json);
                let own = is_fit.then(|| adopt(root, Some(id)));
                [own.into_iter().collect(), followed(), vec![forget(id, root)]].concat()
            }
            DivergenceKind::Unreadable => Vec::new(),
            DivergenceKind::Copied => {
                let Some(copy) = found.unregistered.and_then(|n| self.copy(n).1) else { return Vec::new() };
                let loose = self.snapshot.unregistered.as_deref().unwrap_or_default();
                let read = found.unregistered.and_then(|n| loose[n].1.as_ref());
                let may_be_new = self.takes_more
                    && read.is_some_and(LoadedDeclaration::is_json)
                    && check_root(self.snapshot, copy, None).is_ok();
                let as_new = may_be_new.then(|| adopt(copy, None));
                let as_asset =
                    check_root(self.snapshot, copy, Some(n)).is_ok().then(|| adopt(copy, Some(id)));
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

    /// The ways out of two entries that share an id or a uuid: one of the two becomes an asset of its own.
    fn apart(&self, n: usize, kind: &DivergenceKind) -> Vec<Action> {
        let assets = &self.snapshot.assets;
        let shared = assets.iter().filter(|other| match kind {
            DivergenceKind::DuplicateId => other.id() == assets[n].id(),
            _ => other.entry.asset_uuid == assets[n].entry.asset_uuid,
        });
        let roots: BTreeSet<&AssetPath> = shared.map(|other| &other.entry.root).collect();
        // An entry is told from the others by its root, and its declaration is written into.
        let is_fit = |root: &&AssetPath| {
            let mut same = assets.iter().filter(|other| other.entry.root == **root);
            let only = same.next().filter(|_| same.next().is_none());
            only.is_some_and(|only| only.loaded.read().is_some_and(LoadedDeclaration::is_json))
        };
        roots.into_iter().filter(is_fit).map(|root| adopt(root, None)).collect()
    }
}

fn reconcile(assets: &[AssetId], needs_consent: bool, title: String) -> Action {
    let ids: Vec<String> = assets.iter().map(AssetId::to_string).collect();
    let name = ids.join("+");
    let arguments = if ids.is_empty() { Vec::new() } else { vec![("assets", ids.into())] };
    action(Operation::Reconcile, &name, arguments, needs_consent, title)
}

/// To adopt a root as that asset, or as a new one.
fn adopt(root: &AssetPath, id: Option<AssetId>) -> Action {
    let (name, value, title) = match id {
        Some(id) => (id.to_string(), Argument::from(id), format!("take `{root}` for asset {id}")),
        None => ("new".to_owned(), "new".into(), format!("make `{root}` an asset of its own")),
    };
    let arguments = vec![("root", root.to_string().into()), ("as", value)];
    action(Operation::AdoptAsset, &format!("{root}:{name}"), arguments, id.is_some(), title)
}

fn forget(id: AssetId, root: &AssetPath) -> Action {
    let title = format!("give asset {id} up (`{root}`); every file stays");
    action(Operation::ForgetAsset, &id.to_string(), vec![("asset", id.into())], true, title)
}

fn action(
    operation: Operation,
    name: &str,
    arguments: Vec<(&'static str, Argument)>,
    needs_consent: bool,
    title: String,
) -> Action {
    let colon = if name.is_empty() { "" } else { ":" };
    // A uuid that is written goes into a person's file; whether one is, the plan says.
    let operation_class = match operation {
        Operation::AdoptAsset => OperationClass::WorkspaceMutation,
        operation => operation.class(),
    };
    Action {
        action_id: format!("{}{colon}{name}", operation.as_str()),
        operation,
        arguments,
        operation_class,
        needs_consent,
        title,
    }
}

/// `1`, `2 and 5`, or `1, 2 and 5`; names in backticks.
fn listed<T: ToString>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    let quoted = |item: &String| {
        if item.bytes().all(|byte| byte.is_ascii_digit()) { item.clone() } else { format!("`{item}`") }
    };
    match &items[..] {
        [] => String::new(),
        [one] => quoted(one),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(quoted).collect();
            format!("{} and {}", first.join(", "), quoted(last))
        }
    }
}
