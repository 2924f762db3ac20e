//! `adopt_asset`: a person says which asset a folder is.
//!
//! As an existing asset: the entry points to the folder from now on, and the id stays; what is at the old
//! place, if anything, is not registered any more. Where the folder does not carry the asset's uuid, that
//! is written into its `asset.json`, also in the asset's own root. A folder that carries the uuid of
//! another registered asset is that one, and refused.
//!
//! As new: a folder that carries a registered asset's uuid gets a uuid and an id of its own. So does a
//! registered root that shares its id or its uuid with another entry, as two branches leave them: it
//! gets what it shares anew, and keeps what is its own.
//!
//! A folder that carries the uuid of an asset that only quarantine knows is that one again, with its entry
//! and its id, or a new one.
//!
//! No file is moved.

use super::register::with_uuid;
use super::registry::affected;
use super::restore::reentry;
use super::{Expected, FileEdit, Plan, Planner, Refused, Requirement};
use crate::diagnostics::Pointer;
use crate::event::AffectedAsset;
use crate::id::AssetUuid;
use crate::ops::{Argument, Blocker, BlockerCode, Operation, OperationClass, quoted};
use crate::path::AssetPath;
use crate::quarantine::{Record, Registered};
use crate::schema::edit::Edit;
use crate::schema::json::quote;
use crate::snapshot::{Asset, OwnRoot};
use crate::workspace::{Layout, LoadedDeclaration, RootFolder};

/// What to adopt, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptAsset {
    /// The root, relative to `assets/`.
    pub root: AssetPath,
    /// What it is.
    pub adoption: Adoption,
}

/// What a root is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Adoption {
    /// A copy, and from now on an asset of its own.
    New,
    /// That asset: its id, its uuid, its root, or a name that no other asset has.
    Existing(String),
}

pub(super) fn plan(planner: &Planner<'_>, request: &AdoptAsset) -> Result<Plan, Refused> {
    match &request.adoption {
        Adoption::New => match planner.entry_apart(&request.root)? {
            Some(position) => apart(planner, request, position),
            None => as_new(planner, request),
        },
        Adoption::Existing(asset) => {
            planner.entries()?;
            match planner.find(asset) {
                Ok(position) => as_existing(planner, request, position),
                Err(unknown) => match planner.away_as(asset)? {
                    Some((entry, registered)) => as_it_was(planner, request, &entry, registered),
                    None => Err(unknown.into()),
                },
            }
        }
    }
}

/// A folder that came back by hand while its asset lies in quarantine is that asset again: it gets the
/// entry that the record has kept. Quarantine keeps its files.
fn as_it_was(
    planner: &Planner<'_>,
    request: &AdoptAsset,
    entry: &str,
    registered: Registered,
) -> Result<Plan, Refused> {
    let root = &request.root;
    planner.registry()?;
    planner.check_root(root, None)?;
    let loaded = planner.load_unregistered(root)?;
    let read = planner.declared(root, &loaded)?;
    let Registered { asset_id: id, asset_uuid: uuid, .. } = registered;
    if read.reading.asset_uuid != Some(uuid) {
        let message =
            format!("asset {id} lies in quarantine as `{entry}`, and `{root}` does not carry its uuid");
        let help = format!("`cargo prometeu restore {entry}` brings it back from there.");
        return Err(refuse(root, message, help));
    }
    let record = Record { root: root.clone(), registered: Some(registered) };
    let edits = vec![reentry(planner, &record, registered)?];
    let affected = AffectedAsset { asset_id: Some(id), asset_uuid: Some(uuid), root: root.clone() };
    let title = format!("adopt `{root}` as asset {id}, whose files stay in quarantine as `{entry}`");
    let plan = new_plan(planner, root, id.into(), (title, affected), edits);
    Ok(plan.taking_hold(true).requiring(content(root, read)))
}

/// A copy becomes an asset of its own.
fn as_new(planner: &Planner<'_>, request: &AdoptAsset) -> Result<Plan, Refused> {
    let root = &request.root;
    planner.entries()?;
    planner.check_root(root, None)?;
    let loaded = planner.load_unregistered(root)?;
    let read = planner.declared(root, &loaded)?;
    let Some(held) = read.reading.asset_uuid else {
        let help = format!("`cargo prometeu register {}` makes it an asset.", quoted(root.as_str()));
        return Err(refuse(root, format!("`{root}` carries no uuid, so it is no copy"), help));
    };
    let is_registered = planner.snapshot.assets.iter().any(|asset| asset.entry.asset_uuid == held);
    if !is_registered && planner.put_back(held)?.is_none() {
        let help = format!(
            "`cargo prometeu register {}` makes it an asset, with the uuid that it has.",
            quoted(root.as_str())
        );
        return Err(refuse(root, format!("no registered asset holds the uuid of `{root}`"), help));
    }
    planner.check_one_anchor(root)?;
    let uuid = planner.ids.asset_uuid();
    let anchor = with_uuid(root, read, replaced(uuid), uuid, "adopted")?;
    let (asset_id, registration) = planner.registration(root, uuid, true)?;
    let affected = AffectedAsset { asset_id: Some(asset_id), asset_uuid: Some(uuid), root: root.clone() };
    let title = format!("adopt `{root}` as new asset {asset_id}");
    Ok(new_plan(planner, root, "new".into(), (title, affected), vec![anchor, registration]))
}

/// A registered root gets an id or a uuid of its own, in the place of one that it shares.
fn apart(planner: &Planner<'_>, request: &AdoptAsset, position: usize) -> Result<Plan, Refused> {
    let root = &request.root;
    let mut registry = planner.entries_apart()?.clone();
    let mut others = planner.snapshot.assets.iter().enumerate().filter(|(n, _)| *n != position);
    let (id, uuid) = (registry.assets[position].asset_id, registry.assets[position].asset_uuid);
    let shares_id = others.clone().any(|(_, other)| other.id() == id);
    let shares_uuid = others.clone().any(|(_, other)| other.entry.asset_uuid == uuid);
    let mut edits = Vec::new();
    let mut requirement = None;
    if shares_uuid {
        let loaded = planner.load_unregistered(root)?;
        let read = planner.declared(root, &loaded)?;
        let own = read
            .reading
            .asset_uuid
            .filter(|own| *own != uuid && others.all(|(_, other)| other.entry.asset_uuid != *own));
        registry.assets[position].asset_uuid = match own {
            // It has one already, and only its entry says otherwise.
            Some(own) => {
                requirement = Some(content(root, read));
                own
            }
            None => {
                let fresh = planner.ids.asset_uuid();
                edits.push(with_uuid(root, read, anchor(read, fresh), fresh, "adopted")?);
                fresh
            }
        };
    }
    if shares_id {
        registry.assets[position].asset_id = planner.fresh_id(&mut registry)?;
    }
    edits.push(planner.rewritten(&registry)?);
    let entry = &registry.assets[position];
    let title = match (shares_id, shares_uuid) {
        (true, _) => format!("adopt `{root}` as new asset {}", entry.asset_id),
        (false, _) => format!("adopt `{root}` as asset {} with a uuid of its own", entry.asset_id),
    };
    let (asset_id, asset_uuid) = (Some(entry.asset_id), Some(entry.asset_uuid));
    let affected = AffectedAsset { asset_id, asset_uuid, root: root.clone() };
    // Who took it back would share it again.
    let plan = new_plan(planner, root, "new".into(), (title, affected), edits).for_good();
    Ok(requirement.into_iter().fold(plan, Plan::requiring))
}

fn as_existing(planner: &Planner<'_>, request: &AdoptAsset, position: usize) -> Result<Plan, Refused> {
    let (root, asset) = (&request.root, &planner.snapshot.assets[position]);
    let (id, uuid, old) = (asset.id(), asset.entry.asset_uuid, &asset.entry.root);
    let is_own = old == root;
    if !is_own {
        planner.check_root(root, Some(position))?;
    }
    let loaded = planner.load_unregistered(root)?;
    let read = planner.declared(root, &loaded)?;
    let carried = read.reading.asset_uuid;
    let holder = planner.snapshot.assets.iter().find(|other| Some(other.entry.asset_uuid) == carried);
    // One that is in its own place does not lack the uuid that is written over in another's.
    let may_lack_it = |other: &&Asset| !(is_own && planner.snapshot.own_root(other) == OwnRoot::InPlace);
    if let Some(other) = holder.filter(|other| other.entry.asset_uuid != uuid).filter(may_lack_it) {
        let wanted = other.id();
        let message = format!("`{root}` carries the uuid of asset {wanted}, not that of asset {id}");
        let help = if is_own {
            format!(
                "Move it to a folder of its own, and put asset {id} back; or `cargo prometeu forget {id}`."
            )
        } else {
            format!("As asset {wanted} it can be adopted, or as a new one.")
        };
        return Err(refuse(root, message, help));
    }
    let carries_it = carried == Some(uuid);
    let mut edits = Vec::new();
    if !carries_it {
        edits.push(with_uuid(root, read, anchor(read, uuid), uuid, "adopted")?);
    }
    if is_own {
        let title = if carries_it {
            format!("asset {id} is in `{root}` already")
        } else {
            format!("adopt `{root}` as asset {id}, which it does not say that it is")
        };
        let plan = new_plan(planner, root, id.into(), (title, affected(asset)), edits);
        return Ok(plan.taking_hold(!carries_it));
    }
    let mut registry = planner.entries()?.clone();
    registry.assets[position].root = root.clone();
    edits.push(planner.rewritten(&registry)?);
    let mut title = format!("adopt `{root}` as asset {id}, which was `{old}`");
    if asset.loaded.folder == RootFolder::There {
        // Of a copy that is what somebody must not overlook.
        title += &format!("; `{old}` stays where it is, and is no asset any more");
    }
    let about = AffectedAsset { root: root.clone(), ..affected(asset) };
    let plan = new_plan(planner, root, id.into(), (title, about), edits).taking_hold(true);
    // It must still carry that uuid then; what is written into expects to be as it was by itself.
    Ok(if carries_it { plan.requiring(content(root, read)) } else { plan })
}

/// The edit that gives a declaration another uuid.
fn replaced(uuid: AssetUuid) -> Edit {
    Edit::Replace { at: Pointer::root().key("asset_uuid"), value: quote(&uuid.to_string()) }
}

/// The edit that gives a declaration a uuid, whether it has one or not.
fn anchor(read: &LoadedDeclaration, uuid: AssetUuid) -> Edit {
    let tree = read.tree();
    if tree.is_some_and(|tree| tree.member("asset_uuid").is_some()) {
        replaced(uuid)
    } else {
        Edit::insert_asset_uuid(uuid)
    }
}

/// That a root holds the declaration that was read there.
fn content(root: &AssetPath, read: &LoadedDeclaration) -> Requirement {
    let expected = Expected::Content(read.digest);
    Requirement { path: Layout::declaration_file(root), expected }
}

fn refuse(root: &AssetPath, message: String, help: String) -> Refused {
    let blocker = Blocker::new(BlockerCode::InvalidArgument, message).help(help);
    Refused::from(blocker.at(format!("assets/{root}")))
}

fn new_plan(
    planner: &Planner<'_>,
    root: &AssetPath,
    adoption: Argument,
    (title, about): (String, AffectedAsset),
    edits: Vec<FileEdit>,
) -> Plan {
    // Writing a uuid touches a person's own file.
    let writes = edits.iter().any(|edit| edit.path == Layout::declaration_file(root));
    let class = if writes { OperationClass::WorkspaceMutation } else { OperationClass::RegistryMutation };
    let arguments = vec![("root", root.to_string().into()), ("as", adoption)];
    let operation = (Operation::AdoptAsset, class);
    Plan::new(planner.operation_id, operation, arguments, title, vec![about], edits)
}

impl Planner<'_> {
    /// The entry in quarantine whose record holds that uuid, unless a registered asset has it.
    pub(super) fn put_back(&self, uuid: AssetUuid) -> Result<Option<(String, Registered)>, Refused> {
        if self.snapshot.assets.iter().any(|asset| asset.entry.asset_uuid == uuid) {
            return Ok(None);
        }
        self.away_of(|registered| registered.asset_uuid == uuid)
    }

    /// The same by its id or its uuid, as somebody names it.
    fn away_as(&self, named: &str) -> Result<Option<(String, Registered)>, Refused> {
        self.away_of(|registered| {
            registered.asset_id.to_string() == named || registered.asset_uuid.to_string() == named
        })
    }

    fn away_of(&self, is: impl Fn(&Registered) -> bool) -> Result<Option<(String, Registered)>, Refused> {
        let away = self.away()?;
        Ok(away.into_iter().find_map(|found| {
            let registered = found.record.ok()?.registered.filter(|registered| is(registered))?;
            Some((found.entry, registered))
        }))
    }

    /// The position of the registered root that shares its id or its uuid with another entry; a folder
    /// that two entries claim is told from neither.
    fn entry_apart(&self, root: &AssetPath) -> Result<Option<usize>, Refused> {
        let assets = &self.snapshot.assets;
        let shares = |one: &Asset, other: &Asset| {
            one.id() == other.id() || one.entry.asset_uuid == other.entry.asset_uuid
        };
        let here = assets.iter().enumerate().filter(|(_, asset)| asset.entry.root == *root);
        let here: Vec<usize> = here.map(|(n, _)| n).collect();
        let [n] = here[..] else { return Ok(None) };
        let mut others = assets.iter().enumerate().filter(|(m, _)| *m != n);
        if others.any(|(_, other)| shares(&assets[n], other)) {
            self.entries_apart()?;
            return Ok(Some(n));
        }
        Ok(None)
    }
}
