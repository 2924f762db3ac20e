//! `reconcile`: the registry follows the disk, in everything that needs nobody's choice. An entry whose
//! asset is not in its root any more points to the one folder that carries its uuid: a folder that was
//! moved or renamed by hand keeps its id, and two that changed places both do. An allocator that is
//! behind is raised.
//!
//! Only the registry is written. Nothing of a person's is moved or changed, and what could be meant in
//! two ways is left alone and [named](Remains) with its ways out.
//!
//! The plan is for the declarations that it was made from, and for what stood at the old roots. That
//! nobody made a second copy of one of them since is not looked at again: no lock keeps a file manager
//! out, and that copy is told as one by the next look.

use std::collections::BTreeSet;

use super::plan::Remains;
use super::registry::affected;
use super::{Expected, Plan, Planner, Refused, Requirement};
use crate::event::AffectedAsset;
use crate::id::AssetId;
use crate::ops::{Blocker, Operation};
use crate::path::AssetPath;
use crate::snapshot::{DIVERGENCE_CODES, Document, OwnRoot};
use crate::workspace::{DeclarationFile, Layout};

/// What to reconcile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReconcileAssets {
    /// Those assets alone, each its id, its uuid, its root, or a name that no other asset has; everything
    /// when none is named.
    pub assets: Vec<String>,
}

/// So many are named in a title.
const NAMED: usize = 2;

pub(super) fn plan(planner: &Planner<'_>, request: &ReconcileAssets) -> Result<Plan, Refused> {
    let snapshot = planner.snapshot;
    let mut registry = planner.entries_following()?.clone();
    let only = find_all(planner, &request.assets)?;
    let followers = snapshot.followers(only.as_ref());

    let mut requirements = Vec::new();
    let mut about = Vec::new();
    let mut moves = Vec::new();
    for (n, to) in &followers {
        let asset = &snapshot.assets[*n];
        registry.assets[*n].root = to.clone();
        about.push(AffectedAsset { root: to.clone(), ..affected(asset) });
        moves.push(format!("`{}` is `{to}` now", asset.entry.root));
        // What it follows to must still be the asset then, and what it left must still be something else.
        requirements.extend(content_of(planner, to));
        match snapshot.own_root(asset) {
            OwnRoot::Other(_) => requirements.extend(content_of(planner, &asset.entry.root)),
            _ if matches!(asset.loaded.declaration, DeclarationFile::Read(_)) => {}
            _ => requirements.push(Requirement {
                path: Layout::declaration_file(&asset.entry.root),
                expected: Expected::Absent,
            }),
        }
    }
    requirements.sort_by(|a, b| a.path.cmp(&b.path));
    requirements.dedup();
    let highest = registry.assets.iter().map(|entry| entry.asset_id.get()).max().unwrap_or(0);
    let is_behind = registry.next_asset_id <= highest;
    registry.next_asset_id = registry.next_asset_id.max(highest + 1);
    let raised = is_behind.then(|| format!("`next_asset_id` is {} now", registry.next_asset_id));
    let remains = remains(planner, &followers.keys().copied().collect());
    let title = match (&moves[..], &followers.keys().collect::<Vec<_>>()[..]) {
        ([one], [n]) => {
            let one = [Some(one.clone()), raised].into_iter().flatten().collect::<Vec<_>>();
            format!("reconcile asset {}: {}", snapshot.assets[**n].id(), one.join(", "))
        }
        ([], _) => match raised {
            Some(raised) => format!("reconcile the registry: {raised}"),
            None if remains.divergences.is_empty() => "the registry and the disk agree".to_owned(),
            None => "what contradicts each other is for a person to decide".to_owned(),
        },
        (moves, _) => {
            let named = moves.iter().take(NAMED).cloned();
            let more = moves.len().saturating_sub(NAMED);
            let more = (more > 0).then(|| format!("{more} more"));
            let all: Vec<String> = named.chain(more).chain(raised).collect();
            format!("reconcile {} assets: {}", moves.len(), all.join(", "))
        }
    };
    let is_done = moves.is_empty() && !is_behind;
    let edits = if is_done { Vec::new() } else { vec![planner.rewritten(&registry)?] };
    let ids = only.iter().flatten().map(|n| snapshot.assets[*n].id());
    let ids: Vec<String> = ids.map(|id: AssetId| id.to_string()).collect();
    let arguments = if ids.is_empty() { Vec::new() } else { vec![("assets", ids.into())] };
    let operation = (Operation::Reconcile, Operation::Reconcile.class());
    let plan = Plan::new(planner.operation_id, operation, arguments, title, about, edits);
    let mut plan = plan.taking_hold(!moves.is_empty());
    plan = requirements.into_iter().fold(plan, Plan::requiring);
    plan.remains = remains;
    Ok(plan)
}

/// The positions of the assets that are named; `None` when none is.
fn find_all(planner: &Planner<'_>, names: &[String]) -> Result<Option<BTreeSet<usize>>, Refused> {
    if names.is_empty() {
        return Ok(None);
    }
    let found: Result<BTreeSet<usize>, Blocker> = names.iter().map(|name| planner.find(name)).collect();
    Ok(Some(found?))
}

/// That a root holds the declaration that was read there.
fn content_of(planner: &Planner<'_>, root: &AssetPath) -> Option<Requirement> {
    let snapshot = planner.snapshot;
    let registered = snapshot.assets.iter().filter(|asset| asset.entry.root == *root);
    let registered = registered.filter_map(|asset| asset.loaded.read());
    let loose = snapshot.unregistered.iter().flatten();
    let loose =
        loose.filter(|(found, _)| found.folder == root.as_str()).filter_map(|(_, read)| read.as_ref());
    let read = registered.chain(loose).next()?;
    let expected = Expected::Content(read.digest);
    Some(Requirement { path: Layout::declaration_file(root), expected })
}

/// What is left for a person, once those have followed.
fn remains(planner: &Planner<'_>, followed: &BTreeSet<usize>) -> Remains {
    let snapshot = planner.snapshot;
    let is_left = |n: usize| !followed.contains(&n);
    let mut divergences = snapshot.divergences();
    divergences.retain(|left| {
        let position = |id| snapshot.assets.iter().position(|asset| asset.id() == id);
        let asset = left.asset.as_ref().and_then(|asset| asset.asset_id).and_then(position);
        asset.map_or(!left.can_be_reconciled, is_left)
    });
    let copies: BTreeSet<&str> = divergences.iter().filter_map(|left| left.folder.as_deref()).collect();
    let reports = snapshot.everything().filter(|report| {
        let is_left = match (report.asset, &report.document) {
            (Some(n), _) => is_left(n),
            (None, Document::Unregistered(n)) => {
                let found = snapshot.unregistered.as_ref().map(|found| found[*n].0.folder.as_str());
                found.is_some_and(|folder| copies.contains(folder))
            }
            // What is wrong with the registry as a whole is raised, or there would be no plan.
            (None, _) => false,
        };
        is_left && DIVERGENCE_CODES.contains(&report.finding.code)
    });
    let diagnostics = reports.map(|report| snapshot.diagnose(report, false)).collect();
    Remains { divergences, diagnostics }
}
