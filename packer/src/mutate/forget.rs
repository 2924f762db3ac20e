//! `forget_asset`: an asset loses its entry in the registry, and with it its id. Every file stays, and
//! can be registered again, with a new id.

use super::registry::{affected, named};
use super::{Plan, Planner, Refused};
use crate::ops::Operation;

/// What to forget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForgetAsset {
    /// Its id, its uuid, its root, or a name that no other asset has.
    pub asset: String,
}

pub(super) fn plan(planner: &Planner<'_>, request: &ForgetAsset) -> Result<Plan, Refused> {
    let mut registry = planner.entries()?.clone();
    let position = planner.find(&request.asset)?;
    let asset = &planner.snapshot.assets[position];
    registry.assets.remove(position);
    let operation = (Operation::ForgetAsset, Operation::ForgetAsset.class());
    let arguments = vec![("asset", asset.id().into())];
    let title = format!("forget {}", named(asset));
    let edits = vec![planner.rewritten(&registry)?];
    let plan = Plan::new(planner.operation_id, operation, arguments, title, vec![affected(asset)], edits);
    Ok(plan.taking_hold(true))
}
