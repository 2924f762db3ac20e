//! `set_included`: assets are taken into builds, or kept out. One plan for all of them, so that one
//! commit changes them together or not at all.

use std::collections::BTreeSet;

use super::registry::{affected, named};
use super::{Plan, Planner, Refused};
use crate::ops::{Blocker, BlockerCode, Operation};
use crate::snapshot::Asset;

/// Which assets, and whether builds take them in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetIncluded {
    /// Each its id, its uuid, its root, or a name that no other asset has. At least one; one that is
    /// named twice counts once.
    pub assets: Vec<String>,
    /// Whether builds take them in.
    pub included: bool,
}

pub(super) fn plan(planner: &Planner<'_>, request: &SetIncluded) -> Result<Plan, Refused> {
    let mut registry = planner.entries()?.clone();
    let asked = find_all(planner, &request.assets)?;
    let included = request.included;
    let changed: Vec<usize> =
        asked.iter().copied().filter(|n| registry.assets[*n].included_in_build != included).collect();
    for n in &changed {
        registry.assets[*n].included_in_build = included;
    }
    let assets = |positions: &[usize]| -> Vec<&Asset> {
        positions.iter().map(|n| &planner.snapshot.assets[*n]).collect()
    };
    let (about, title, edits) = if changed.is_empty() {
        let about = assets(&asked);
        let title = format!("{} {} already", already(&about), if included { "included" } else { "excluded" });
        (about, title, Vec::new())
    } else {
        let about = assets(&changed);
        let title = title(&about, included);
        (about, title, vec![planner.rewritten(&registry)?])
    };
    // No id holds a line break.
    let ids: Vec<String> = assets(&asked).iter().map(|asset| asset.id().to_string()).collect();
    let arguments = vec![("assets", ids.into()), ("included", included.into())];
    let operation = (Operation::SetIncluded, Operation::SetIncluded.class());
    let affected = about.into_iter().map(affected).collect();
    Ok(Plan::new(planner.operation_id, operation, arguments, title, affected, edits))
}

/// The positions of the assets, in order; every name that leads to none is told.
fn find_all(planner: &Planner<'_>, names: &[String]) -> Result<Vec<usize>, Refused> {
    let mut found = BTreeSet::new();
    let mut blockers = Vec::new();
    for name in names {
        match planner.find(name) {
            Ok(position) => {
                found.insert(position);
            }
            Err(blocker) => blockers.push(blocker),
        }
    }
    if names.is_empty() {
        let blocker = Blocker::new(BlockerCode::InvalidArgument, "no asset is named");
        blockers.push(blocker.help("Name at least one: an id, a uuid, a root, or a name that is its alone."));
    }
    if blockers.is_empty() { Ok(found.into_iter().collect()) } else { Err(Refused::Blocked(blockers)) }
}

fn title(assets: &[&Asset], included: bool) -> String {
    match (assets, included) {
        ([asset], true) => format!("include {}", named(asset)),
        ([asset], false) => format!("exclude {}", named(asset)),
        (assets, true) => format!("include {} assets in builds", assets.len()),
        (assets, false) => format!("exclude {} assets from builds", assets.len()),
    }
}

fn already(assets: &[&Asset]) -> String {
    match assets {
        [asset] => format!("{} is", named(asset)),
        assets => format!("these {} assets are", assets.len()),
    }
}
