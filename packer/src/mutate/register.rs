//! `register_asset`: an unregistered root with a readable declaration gets an id.
//!
//! Its content need not be right yet. An id is never given twice, so a root that was forgotten gets
//! a new one. A declaration without `asset_uuid` gets one, written into the person's own layout.

use super::readback::check_declaration;
use super::{EditKind, Expected, FileEdit, Plan, Planner, Refused, Requirement};
use crate::digest::Digest;
use crate::event::AffectedAsset;
use crate::id::AssetUuid;
use crate::ops::{Blocker, BlockerCode, Operation, OperationClass};
use crate::path::AssetPath;
use crate::schema::edit::{self, Edit};
use crate::storage::FileKind;
use crate::workspace::{DeclarationFile, Layout, LoadedDeclaration, LoadedRoot, RootFolder, load_root};

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
    plan_read(planner, request, planner.declared(root, &loaded)?)
}

impl Planner<'_> {
    /// What lies at a root that nobody registered: a folder.
    pub(super) fn load_unregistered(&self, root: &AssetPath) -> Result<LoadedRoot, Refused> {
        let loaded = load_root(self.source, &self.snapshot.layout, root);
        let at = format!("assets/{root}");
        let refuse = |code, message: String, help: &str| {
            Err(Blocker::new(code, message).help(help).at(at.clone()).into())
        };
        match &loaded.folder {
            RootFolder::There => Ok(loaded),
            RootFolder::NotAFolder(FileKind::Link) => refuse(
                BlockerCode::InvalidArgument,
                format!("`{at}` is reached through a link, and links are not followed"),
                "Put the folder itself in the link's place.",
            ),
            RootFolder::Unreadable { kind, why } => {
                let place = self.snapshot.layout.root(root);
                let error = std::io::Error::new(*kind, why.clone());
                Err(Refused::Error(crate::Error::io("look at", place, error)))
            }
            _ => refuse(
                BlockerCode::UnknownAsset,
                format!("there is no folder `{at}`"),
                "Check the spelling; the root is given relative to `assets/`.",
            ),
        }
    }

    /// Its declaration.
    pub(super) fn declared<'l>(
        &self,
        root: &AssetPath,
        loaded: &'l LoadedRoot,
    ) -> Result<&'l LoadedDeclaration, Refused> {
        match &loaded.declaration {
            DeclarationFile::Read(read) => Ok(read),
            DeclarationFile::Unreadable(why) => {
                let place = self.snapshot.layout.declaration(root);
                Err(Refused::Error(crate::Error::io("read", place, std::io::Error::other(why.clone()))))
            }
            _ => {
                let message = format!("`assets/{root}` holds no `asset.json` that can be read");
                let help = format!(
                    "To make a new asset, choose a new folder: `cargo prometeu create {root}2 --type FAMILY`."
                );
                let blocker = Blocker::new(BlockerCode::InvalidArgument, message).help(help);
                Err(blocker.at(format!("assets/{root}")).into())
            }
        }
    }
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
        let (id, place) = (other.id(), &other.entry.root);
        let message = format!(
            "`{root}` carries the uuid of asset {id} (`{place}`): it is a copy of it, or it was moved"
        );
        let help = format!(
            "For a copy, `cargo prometeu adopt {root} --as-new` makes it an asset of its own. For a move, `cargo \
             prometeu adopt {root} --as {id}` points that asset to it."
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
    let arguments = vec![("root", root.to_string()), ("included", request.included.to_string())];
    let title = format!("register `{root}` as asset {asset_id}");
    let operation = (Operation::RegisterAsset, class);
    let writes_uuid = edits.len() > 1;
    let plan = Plan::new(planner.operation_id, operation, arguments, title, vec![affected], edits);
    if writes_uuid {
        return Ok(plan);
    }
    // The uuid goes into the registry, and must still be the declaration's then.
    let expected = Expected::Content(Digest::of(&read.bytes));
    Ok(plan.requiring(Requirement { path: Layout::declaration_file(root), expected }))
}

/// Writes a new uuid into the declaration.
fn anchor(root: &AssetPath, read: &LoadedDeclaration, uuid: AssetUuid) -> Result<FileEdit, Refused> {
    let refuse = |message: String, help: &str| {
        let blocker = Blocker::new(BlockerCode::InvalidArgument, message).help(help);
        Refused::from(blocker.at(Layout::declaration_file(root)))
    };
    let tree = read.reading.tree.as_ref();
    if tree.is_some_and(|tree| tree.member("asset_uuid").is_some()) {
        let message = format!("the `asset_uuid` of `{root}` is not a uuid");
        return Err(refuse(message, "Delete that member; registering writes a new one."));
    }
    let text = edit::apply(read.text.as_str(), &[Edit::insert_asset_uuid(uuid)]).map_err(|_| {
        let why = read.reading.findings.first().map_or("it is not JSON", |finding| finding.message.as_str());
        refuse(
            format!("`assets/{root}/asset.json` cannot be read: {why}"),
            "Mend it first; then it can be registered.",
        )
    })?;
    let path = Layout::declaration_file(root);
    check_declaration(&text, &path, uuid, read.reading.name.as_deref())?;
    Ok(FileEdit {
        path,
        kind: EditKind::ReplaceFile(text.into_bytes()),
        expected: Expected::Content(Digest::of(&read.bytes)),
    })
}
