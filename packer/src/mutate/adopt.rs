//! `adopt_asset`: a root that nobody registered carries the uuid of an asset that is. Whether it is a
//! copy of that asset, or the asset itself in another place, is for a person to say.
//!
//! As new, it gets a uuid and an id of its own. As the asset, the entry points to it from now on, and
//! the id stays; what is at the old place, if anything, is not registered any more. No file is moved.

use super::register::with_uuid;
use super::registry::affected;
use super::{Expected, FileEdit, Plan, Planner, Refused, Requirement};
use crate::diagnostics::Pointer;
use crate::digest::Digest;
use crate::event::AffectedAsset;
use crate::ops::{Argument, Blocker, BlockerCode, Operation, OperationClass};
use crate::path::AssetPath;
use crate::schema::edit::Edit;
use crate::schema::json::quote;
use crate::snapshot::Asset;
use crate::workspace::{Layout, LoadedDeclaration, RootFolder};

/// What to adopt, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptAsset {
    /// The root, relative to `assets/`.
    pub root: AssetPath,
    /// What it is.
    pub adoption: Adoption,
}

/// What a root is whose uuid a registered asset holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Adoption {
    /// A copy, and from now on an asset of its own.
    New,
    /// That asset, in another place: its id, its uuid, its root, or a name that no other asset has.
    Existing(String),
}

pub(super) fn plan(planner: &Planner<'_>, request: &AdoptAsset) -> Result<Plan, Refused> {
    let root = &request.root;
    let refuse = |message: String, help: String| {
        let blocker = Blocker::new(BlockerCode::InvalidArgument, message).help(help);
        Refused::from(blocker.at(format!("assets/{root}")))
    };
    planner.entries()?;
    let named = match &request.adoption {
        Adoption::New => None,
        Adoption::Existing(asset) => Some(planner.find(asset)?),
    };
    if let Some(position) = named
        && planner.snapshot.assets[position].entry.root == *root
    {
        let asset = &planner.snapshot.assets[position];
        let title = format!("asset {} is in `{root}` already", asset.id());
        return Ok(new_plan(planner, request, asset, (title, vec![affected(asset)]), Vec::new()));
    }
    planner.check_root(root, named)?;
    let loaded = planner.load_unregistered(root)?;
    let read = planner.declared(root, &loaded)?;
    let Some(uuid) = read.reading.asset_uuid else {
        let help = format!("`cargo prometeu register {root}` makes it an asset.");
        return Err(refuse(format!("`{root}` carries no uuid, so it is no other asset"), help));
    };
    let holder = planner.snapshot.assets.iter().position(|asset| asset.entry.asset_uuid == uuid);
    let Some(holder) = holder else {
        let help = format!("`cargo prometeu register {root}` makes it an asset, with the uuid that it has.");
        return Err(refuse(format!("no registered asset holds the uuid of `{root}`"), help));
    };
    let asset = &planner.snapshot.assets[holder];
    let Some(named) = named else { return as_new(planner, request, asset, read) };
    if named != holder {
        let (other, wanted) = (&planner.snapshot.assets[named], asset.id());
        let message =
            format!("`{root}` carries the uuid of asset {wanted}, not that of asset {}", other.id());
        let help = format!("As asset {wanted} it can be adopted, or as a new one.");
        return Err(refuse(message, help));
    }
    as_existing(planner, request, holder, read)
}

fn as_new(
    planner: &Planner<'_>,
    request: &AdoptAsset,
    asset: &Asset,
    read: &LoadedDeclaration,
) -> Result<Plan, Refused> {
    let root = &request.root;
    let uuid = planner.ids.asset_uuid();
    let at = Pointer::root().key("asset_uuid");
    let edit = Edit::Replace { at, value: quote(&uuid.to_string()) };
    let anchor = with_uuid(root, read, edit, uuid, "adopted")?;
    let (asset_id, registration) = planner.registration(root, uuid, true)?;
    let edits = vec![anchor, registration];
    let affected = AffectedAsset { asset_id: Some(asset_id), asset_uuid: Some(uuid), root: root.clone() };
    let title = format!("adopt `{root}` as new asset {asset_id}");
    Ok(new_plan(planner, request, asset, (title, vec![affected]), edits))
}

fn as_existing(
    planner: &Planner<'_>,
    request: &AdoptAsset,
    position: usize,
    read: &LoadedDeclaration,
) -> Result<Plan, Refused> {
    let (root, asset) = (&request.root, &planner.snapshot.assets[position]);
    let mut registry = planner.entries()?.clone();
    registry.assets[position].root = root.clone();
    let edits = vec![planner.rewritten(&registry)?];
    let (id, old) = (asset.id(), &asset.entry.root);
    let mut title = format!("adopt `{root}` as asset {id}, which was `{old}`");
    if asset.loaded.folder == RootFolder::There {
        // Of a copy that is what somebody must not overlook.
        title += &format!("; `{old}` stays where it is, and is no asset any more");
    }
    let about = vec![AffectedAsset { root: root.clone(), ..affected(asset) }];
    let plan = new_plan(planner, request, asset, (title, about), edits).taking_hold(true);
    // It must still carry that uuid then.
    let expected = Expected::Content(Digest::of(&read.bytes));
    Ok(plan.requiring(Requirement { path: Layout::declaration_file(root), expected }))
}

fn new_plan(
    planner: &Planner<'_>,
    request: &AdoptAsset,
    asset: &Asset,
    (title, about): (String, Vec<AffectedAsset>),
    edits: Vec<FileEdit>,
) -> Plan {
    // Writing a uuid touches a person's own file.
    let (adoption, class) = match request.adoption {
        Adoption::New => (Argument::from("new"), OperationClass::WorkspaceMutation),
        Adoption::Existing(_) => (asset.id().into(), OperationClass::RegistryMutation),
    };
    let arguments = vec![("root", request.root.to_string().into()), ("as", adoption)];
    let operation = (Operation::AdoptAsset, class);
    Plan::new(planner.operation_id, operation, arguments, title, about, edits)
}
