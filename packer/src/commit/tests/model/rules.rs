//! The model of the operations: when each is allowed, and what the project is afterwards.

use std::rc::Rc;

use super::away::Record;
use super::state::{Entry, Model, Registry};
use super::steps::{Op, Sought, by_root};
use super::undoing::{Change, Did, Last};
use crate::mutate::{
    AdoptAsset, Adoption, CreateAsset, ForgetAsset, Mutation, QuarantineAsset, RegisterAsset, RelocateAsset,
    RemoveAsset, RestoreAsset, SetIncluded,
};
use crate::path::AssetPath;

/// An operation, and what it is about in the project for which it was planned.
#[derive(Debug, Clone)]
pub(super) struct Meant {
    pub(super) op: Op,
    /// The entry in quarantine that it makes or brings back; none when nobody can tell which.
    pub(super) entry: Option<String>,
    /// The change that it takes back.
    pub(super) back: Last,
    /// Whether the root that it removes is gone already.
    gone: bool,
}

impl Meant {
    pub(super) fn mutation(&self) -> Mutation {
        let root = |root: &str| AssetPath::parse(root).unwrap();
        match &self.op {
            Op::Init => Mutation::InitWorkspace,
            Op::Create(at) => Mutation::CreateAsset(CreateAsset {
                root: root(at),
                family: "blob_bank".into(),
                name: None,
                from: None,
            }),
            Op::Register(at) => Mutation::RegisterAsset(RegisterAsset { root: root(at), included: true }),
            Op::Relocate(from, to) => {
                Mutation::RelocateAsset(RelocateAsset { asset: by_root(from), new_root: root(to) })
            }
            Op::Include(roots, included) => Mutation::SetIncluded(SetIncluded {
                assets: roots.iter().map(|root| by_root(root)).collect(),
                included: *included,
            }),
            Op::AdoptAsNew(at) => {
                Mutation::AdoptAsset(AdoptAsset { root: root(at), adoption: Adoption::New })
            }
            Op::AdoptAs(at, asset) => {
                let adoption = Adoption::Existing(by_root(asset));
                Mutation::AdoptAsset(AdoptAsset { root: root(at), adoption })
            }
            Op::Forget(asset) => Mutation::ForgetAsset(ForgetAsset { asset: by_root(asset) }),
            Op::Remove(asset, purge) => {
                Mutation::RemoveAsset(RemoveAsset { asset: by_root(asset), purge: *purge })
            }
            Op::Quarantine(asset) => {
                Mutation::QuarantineAsset(QuarantineAsset { assets: vec![by_root(asset)] })
            }
            Op::Restore(Sought::Root(root)) => Mutation::RestoreAsset(RestoreAsset { entry: by_root(root) }),
            Op::Restore(Sought::Nth(_)) => {
                let entry = self.entry.clone().unwrap_or_else(|| "nothing".to_owned());
                Mutation::RestoreAsset(RestoreAsset { entry })
            }
            Op::Undo => Mutation::UNDO_LAST,
        }
    }
}

impl Model {
    /// What the operation is about in this project.
    pub(super) fn meant(&self, op: &Op) -> Meant {
        let entry = match op {
            Op::Quarantine(root) | Op::Remove(root, false) => {
                Some(self.free_name(&Record::of(root, self.registered(root))))
            }
            Op::Restore(sought) => {
                let away = self.away();
                let found: Vec<_> = match sought {
                    Sought::Nth(n) => away.get(*n as usize % away.len().max(1)).into_iter().collect(),
                    Sought::Root(root) => {
                        let is_of = |record: &Record| record.root == *root;
                        away.iter().filter(|away| away.record.as_ref().is_some_and(is_of)).collect()
                    }
                };
                if let [one] = found[..] { Some(one.name.clone()) } else { None }
            }
            _ => None,
        };
        let back = if *op == Op::Undo { self.last.clone() } else { Last::Nothing };
        let gone = matches!(op, Op::Remove(root, _) if !self.files.contains_key(*root));
        Meant { op: op.clone(), entry, back, gone }
    }

    /// Whether the operation is to be done, or refused.
    pub(super) fn allows(&self, meant: &Meant) -> bool {
        if meant.op != Op::Init && meant.op != Op::Undo && !self.is_good() {
            return false;
        }
        match &meant.op {
            Op::Init => true,
            Op::Create(root) => {
                let is_free = !self.files.contains_key(*root) || self.is_empty(root);
                self.is_apart(root, None) && self.has_way(root) && is_free
            }
            Op::Register(root) => {
                let uuid = self.uuid(root);
                let is_taken = uuid.is_some() && self.holder(uuid.as_deref()).is_some();
                let is_one = self.is_apart(root, None) && self.has_one_anchor(root);
                is_one && self.declaration(root).is_some() && !is_taken
            }
            Op::Relocate(from, to) => {
                let known = self.registered(from).is_some() && self.is_folder(from);
                let is_around = super::state::is_inside(from, to) || super::state::is_inside(to, from);
                let may = self.is_apart(to, Some(from)) && self.has_way(to) && !self.files.contains_key(*to);
                known && (from == to || (may && !is_around))
            }
            Op::Include(roots, _) => roots.iter().all(|root| self.registered(root).is_some()),
            Op::AdoptAsNew(root) => {
                let is_one = self.is_apart(root, None) && self.has_one_anchor(root);
                is_one && self.holder(self.uuid(root).as_deref()).is_some()
            }
            Op::AdoptAs(root, asset) => self.registered(asset).is_some_and(|entry| {
                let carried = self.uuid(root);
                let is_another = carried.is_some() && carried != entry.uuid;
                let is_free = root == asset || self.is_apart(root, Some(asset));
                let is_others = is_another && self.holder(carried.as_deref()).is_some();
                is_free && self.declaration(root).is_some() && !is_others
            }),
            Op::Forget(root) => self.registered(root).is_some(),
            // Of one that is gone, the entry goes.
            Op::Remove(root, _) => {
                let is_there_or_gone = self.is_folder(root) || !self.files.contains_key(*root);
                self.registered(root).is_some() && is_there_or_gone
            }
            Op::Quarantine(root) if self.registered(root).is_some() => self.is_folder(root),
            Op::Quarantine(root) => {
                self.is_apart(root, None) && self.files.contains_key(&format!("{root}/asset.json"))
            }
            Op::Restore(_) => meant.entry.as_ref().is_some_and(|name| self.restorable(name).is_some()),
            Op::Undo => meant.back.change().is_some_and(|change| self.can_go_back(change)),
        }
    }

    /// Whether no `asset.json` lies further down in a root.
    fn has_one_anchor(&self, root: &str) -> bool {
        let own = format!("{root}/asset.json");
        let below = |path: &str| path.starts_with(&format!("{root}/")) && path.ends_with("/asset.json");
        !self.files.keys().any(|path| *path != own && below(path))
    }

    /// The asset that holds the uuid.
    fn holder(&self, uuid: Option<&str>) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.uuid.is_some() && entry.uuid.as_deref() == uuid)
    }

    /// The project after the operation; `uuid` is that of the asset it is about, where it was told. None
    /// where it can not have been done.
    pub(super) fn after(&self, meant: &Meant, uuid: Option<String>) -> Option<Self> {
        let mut model = self.clone();
        let did = match &meant.op {
            Op::Undo => return self.without(meant.back.change()?),
            Op::Init => {
                if model.registry == Registry::Missing {
                    model.registry = Registry::Good { entries: Vec::new(), next: 1, raw: None };
                }
                Did::Nothing
            }
            Op::Create(root) => {
                model.enter(root, uuid)?;
                model.put_folder(root);
                model.taken_over.push(format!("{root}/"));
                Did::Made((*root).to_owned())
            }
            Op::Register(root) | Op::AdoptAsNew(root) => {
                model.enter(root, uuid)?;
                if matches!(meant.op, Op::AdoptAsNew(_)) || self.uuid(root).is_none() {
                    model.taken_over.push(format!("{root}/asset.json"));
                }
                Did::Nothing
            }
            Op::Relocate(from, to) if from != to => {
                model.point(from, to)?;
                model.move_folder(from, to);
                Did::Moved((*from).to_owned(), (*to).to_owned())
            }
            Op::AdoptAs(root, asset) => {
                if self.uuid(root) != self.registered(asset)?.uuid {
                    model.taken_over.push(format!("{root}/asset.json"));
                }
                if root != asset {
                    model.point(asset, root)?;
                }
                Did::Nothing
            }
            Op::Relocate(..) => Did::Nothing,
            Op::Include(roots, included) => {
                let is_other =
                    |entry: &Entry| roots.contains(&entry.root.as_str()) && entry.included != *included;
                if self.entries().iter().any(is_other) {
                    for entry in model.written()?.0.iter_mut().filter(|entry| is_other(entry)) {
                        entry.included = *included;
                    }
                }
                Did::Nothing
            }
            Op::Forget(root) => {
                model.drop_entry(root)?;
                Did::Nothing
            }
            Op::Remove(root, _) if meant.gone => {
                model.drop_entry(root)?;
                Did::Nothing
            }
            Op::Remove(root, true) => {
                model.drop_entry(root)?;
                model.delete(root);
                Did::Purged((*root).to_owned())
            }
            Op::Remove(root, false) | Op::Quarantine(root) => {
                let name = meant.entry.as_deref()?;
                let record = Record::of(root, self.registered(root));
                if record.registered.is_some() {
                    model.drop_entry(root)?;
                }
                model.put_away(&record, name);
                Did::Moved((*root).to_owned(), format!("{}/{name}/root", super::away::QUARANTINE))
            }
            Op::Restore(_) => {
                let name = meant.entry.as_deref()?;
                let record = self.away().into_iter().find(|away| away.name == name)?.record?;
                model.bring_back(&record, name);
                if let (Some((id, uuid, included)), false) = (&record.registered, self.knows(&record)) {
                    let (entries, next) = model.written()?;
                    let (root, uuid) = (record.root.clone(), Some(uuid.clone()));
                    entries.push(Entry { id: *id, root, uuid, included: *included });
                    entries.sort_by_key(|entry| entry.id);
                    *next = (*next).max(id + 1);
                }
                Did::Moved(format!("{}/{name}/root", super::away::QUARANTINE), record.root)
            }
        };
        let writes = model.taken_over.len() > self.taken_over.len();
        if writes || (&model.files, &model.registry) != (&self.files, &self.registry) {
            model.last = Last::Change(Rc::new(Change::of(self, did)));
        }
        Some(model)
    }

    /// The registry, to be written anew.
    fn written(&mut self) -> Option<(&mut Vec<Entry>, &mut u32)> {
        let Registry::Good { entries, next, raw } = &mut self.registry else { return None };
        *raw = None;
        Some((entries, next))
    }

    /// Registers a root under the next id.
    fn enter(&mut self, root: &str, uuid: Option<String>) -> Option<()> {
        let (entries, next) = self.written()?;
        entries.push(Entry { id: *next, root: root.to_owned(), uuid, included: true });
        *next += 1;
        Some(())
    }

    /// Gives the asset another root.
    fn point(&mut self, from: &str, to: &str) -> Option<()> {
        let entry = self.written()?.0.iter_mut().find(|entry| entry.root == from)?;
        to.clone_into(&mut entry.root);
        Some(())
    }

    fn drop_entry(&mut self, root: &str) -> Option<()> {
        let (entries, _) = self.written()?;
        let at = entries.iter().position(|entry| entry.root == root)?;
        entries.remove(at);
        Some(())
    }
}
