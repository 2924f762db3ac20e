//! `register_asset`: an unregistered root with a readable declaration gets an id.
//!
//! Its content need not be right yet. An id is never given twice, so a root that was forgotten gets
//! a new one; one that lies in quarantine as well is refused, and can be adopted. A declaration without `asset_uuid` gets one, written into the person's own layout.

use super::readback::check_declaration;
use super::{EditKind, Expected, FileEdit, Plan, Planner, Refused, Requirement};
use crate::event::AffectedAsset;
use crate::id::AssetUuid;
use crate::ops::{Blocker, BlockerCode, Operation, OperationClass, quoted};
use crate::path::AssetPath;
use crate::schema::edit::{self, Edit};
use crate::workspace::{Layout, LoadedDeclaration};

/// What to register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterAsset {
    /// The root, relative to `assets/`.
    pub root: AssetPath,
    /// Whether builds take it in.
    pub included: bool,
}

pub(super) fn plan(planner: &Planner<'_>, request: &RegisterAsset) -> Result<Plan, Refused> {
    let root = &request.root;
    planner.registry()?;
    planner.check_root(root, None)?;
    let loaded = planner.load_unregistered(root)?;
    planner.check_one_anchor(root)?;
    plan_read(planner, request, planner.declared(root, &loaded)?)
}

fn plan_read(
    planner: &Planner<'_>,
    request: &RegisterAsset,
    read: &LoadedDeclaration,
) -> Result<Plan, Refused> {
    let root = &request.root;
    let mut edits = Vec::new();
    let asset_uuid = match read.reading.asset_uuid {
        Some(uuid) => uuid,
        None => {
            let uuid = planner.ids.asset_uuid();
            edits.push(anchor(root, read, uuid)?);
            uuid
        }
    };
    if let Some(other) = planner.snapshot.assets.iter().find(|asset| asset.entry.asset_uuid == asset_uuid) {
        let (id, place, typed) = (other.id(), &other.entry.root, quoted(root.as_str()));
        let message = format!(
            "`{root}` carries the uuid of asset {id} (`{place}`): it is a copy of it, or it was moved"
        );
        let help = format!(
            "For a copy, `cargo prometeu adopt {typed} --as-new` makes it an asset of its own. For a move, `cargo \
             prometeu adopt {typed} --as {id}` points that asset to it."
        );
        let blocker = Blocker::new(BlockerCode::AlreadyExists, message).help(help);
        return Err(blocker.at(format!("assets/{root}")).into());
    }
    if let Some((entry, registered)) = planner.put_back(asset_uuid)? {
        let (id, typed) = (registered.asset_id, quoted(root.as_str()));
        let message =
            format!("`{root}` carries the uuid of asset {id}, which lies in quarantine as `{entry}`");
        let help = format!(
            "`cargo prometeu adopt {typed} --as {id}` gives it its entry and its id back, `cargo prometeu adopt \
             {typed} --as-new` makes it an asset of its own."
        );
        let blocker = Blocker::new(BlockerCode::AlreadyExists, message).help(help);
        return Err(blocker.at(format!("assets/{root}")).into());
    }
    let (asset_id, registration) = planner.registration(root, asset_uuid, request.included)?;
    edits.push(registration);
    // Writing a uuid touches a person's own file.
    let class =
        if edits.len() > 1 { OperationClass::WorkspaceMutation } else { OperationClass::RegistryMutation };
    let affected =
        AffectedAsset { asset_id: Some(asset_id), asset_uuid: Some(asset_uuid), root: root.clone() };
    let arguments = vec![("root", root.to_string().into()), ("included", request.included.into())];
    let excluded = if request.included { "" } else { ", kept out of builds" };
    let title = format!("register `{root}` as asset {asset_id}{excluded}");
    let operation = (Operation::RegisterAsset, class);
    let writes_uuid = edits.len() > 1;
    let plan = Plan::new(planner.operation_id, operation, arguments, title, vec![affected], edits);
    if writes_uuid {
        return Ok(plan);
    }
    // The uuid goes into the registry, and must still be the declaration's then.
    let expected = Expected::Content(read.digest);
    Ok(plan.requiring(Requirement { path: Layout::declaration_file(root), expected }))
}

/// Writes a new uuid into the declaration.
fn anchor(root: &AssetPath, read: &LoadedDeclaration, uuid: AssetUuid) -> Result<FileEdit, Refused> {
    let tree = read.tree();
    if tree.is_some_and(|tree| tree.member("asset_uuid").is_some()) {
        let message = format!("the `asset_uuid` of `{root}` is not a uuid");
        let blocker = Blocker::new(BlockerCode::InvalidArgument, message);
        let blocker = blocker.help("Delete that member; registering writes a new one.");
        return Err(blocker.at(Layout::declaration_file(root)).into());
    }
    with_uuid(root, read, Edit::insert_asset_uuid(uuid), uuid, "registered")
}

/// Makes `edit`, which gives the declaration that uuid; `done` says what is done with the root then.
pub(super) fn with_uuid(
    root: &AssetPath,
    read: &LoadedDeclaration,
    edit: Edit,
    uuid: AssetUuid,
    done: &str,
) -> Result<FileEdit, Refused> {
    let path = Layout::declaration_file(root);
    let text = edit::apply(read.text.as_str(), &[edit]).map_err(|_| {
        let why = read.reading.findings.first().map_or("it is not JSON", |finding| finding.message.as_str());
        let message = format!("`{path}` cannot be read: {why}");
        let blocker = Blocker::new(BlockerCode::InvalidArgument, message);
        blocker.help(format!("Mend it first; then it can be {done}.")).at(path.clone())
    })?;
    check_declaration(&text, &path, uuid, read.reading.name.as_deref())?;
    Ok(FileEdit {
        path,
        kind: EditKind::ReplaceFile(text.into_bytes()),
        expected: Expected::Content(read.digest),
    })
}
