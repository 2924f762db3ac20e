//! The model: what a project should be, kept as simply as can be.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::{Op, ROOTS};
use crate::schema::registry;
use crate::storage::memory::MemoryStorage;

/// Everything that counts of a project.
#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    /// Below `assets/`, without the packer's own; `None` for a folder.
    pub(super) files: BTreeMap<String, Option<Vec<u8>>>,
    pub(super) registry: Registry,
    /// Files that a change made up: the model takes them as they are, once.
    taken_over: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub(super) enum Registry {
    #[default]
    Missing,
    /// A person left it so.
    Unreadable(Vec<u8>),
    Good {
        entries: Vec<Entry>,
        next: u32,
        /// How a person wrote it, until it is written anew.
        raw: Option<Vec<u8>>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: u32,
    pub(super) root: String,
    /// Not known of one that was made in a change nobody answered.
    pub(super) uuid: Option<String>,
    pub(super) included: bool,
}

impl Model {
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.registry {
            Registry::Good { entries, .. } => entries,
            _ => &[],
        }
    }

    pub(super) fn is_good(&self) -> bool {
        matches!(self.registry, Registry::Good { .. })
    }

    pub(super) fn next(&self) -> u32 {
        if let Registry::Good { next, .. } = self.registry { next } else { 0 }
    }

    pub(super) fn registered(&self, root: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.root == root)
    }

    pub(super) fn is_folder(&self, path: &str) -> bool {
        self.files.get(path) == Some(&None)
    }

    pub(super) fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path)?.as_deref()
    }

    pub(super) fn declaration(&self, root: &str) -> Option<Value> {
        serde_json::from_slice(self.file(&format!("{root}/asset.json"))?).ok()
    }

    pub(super) fn uuid(&self, root: &str) -> Option<String> {
        Some(self.declaration(root)?.get("asset_uuid")?.as_str()?.to_owned())
    }

    /// Whether the operation is to be done, or refused.
    pub(super) fn allows(&self, op: &Op) -> bool {
        match op {
            Op::Init => true,
            Op::Create(root) => {
                let is_empty = self.below(root).next().is_none();
                let is_free = !self.files.contains_key(*root) || (self.is_folder(root) && is_empty);
                self.is_good() && self.is_apart(root, None) && self.has_way(root) && is_free
            }
            Op::Register(root) => {
                let uuid = self.uuid(root);
                let is_taken = |entry: &Entry| uuid.is_some() && entry.uuid == uuid;
                self.is_good()
                    && self.is_apart(root, None)
                    && self.declaration(root).is_some()
                    && !self.entries().iter().any(is_taken)
            }
            Op::Relocate(from, to) => {
                let known = self.registered(from).is_some() && self.is_folder(from);
                let stays = from == to;
                let may = self.is_apart(to, Some(from)) && self.has_way(to) && !self.files.contains_key(*to);
                known && (stays || may)
            }
            Op::Include(roots, _) => {
                self.is_good() && roots.iter().all(|root| self.registered(root).is_some())
            }
        }
    }

    /// No registered root lies in or around it.
    fn is_apart(&self, root: &str, but: Option<&str>) -> bool {
        let inside = |a: &str, b: &str| b.strip_prefix(a).is_some_and(|rest| rest.starts_with('/'));
        let clash = |other: &str| other == root || inside(other, root) || inside(root, other);
        let is_it = |entry: &&Entry| Some(entry.root.as_str()) == but;
        let others = self.entries().iter().filter(|entry| !is_it(entry));
        let is_itself = but.is_some_and(|but| inside(but, root) || inside(root, but));
        !is_itself && !others.into_iter().any(|entry| clash(&entry.root))
    }

    /// Every folder on the way is one, or can be made, and is no asset.
    fn has_way(&self, root: &str) -> bool {
        above(root).all(|folder| match self.files.get(folder) {
            None => true,
            Some(Some(_)) => false,
            Some(None) => !self.files.contains_key(&format!("{folder}/asset.json")),
        })
    }

    fn below(&self, folder: &str) -> impl Iterator<Item = &String> {
        let folder = format!("{folder}/");
        self.files.keys().filter(move |path| path.starts_with(&folder))
    }

    pub(super) fn make_way(&mut self, path: &str) {
        for folder in above(path) {
            self.files.entry(folder.to_owned()).or_insert(None);
        }
    }

    pub(super) fn move_folder(&mut self, from: &str, to: &str) {
        let moved: Vec<String> = self.below(from).cloned().chain([from.to_owned()]).collect();
        self.make_way(to);
        for path in moved {
            let is = self.files.remove(&path).expect("it was listed");
            self.files.insert(format!("{to}{}", &path[from.len()..]), is);
        }
    }

    pub(super) fn delete(&mut self, path: &str) {
        let gone: Vec<String> = self.below(path).cloned().chain([path.to_owned()]).collect();
        for path in gone {
            self.files.remove(&path);
        }
    }

    /// The project after the operation. `uuid` is that of the asset it is about, where it was told.
    pub(super) fn after(&self, op: &Op, uuid: Option<String>) -> Self {
        let mut model = self.clone();
        let Registry::Good { entries, next, raw } = &mut model.registry else {
            if matches!((op, &model.registry), (Op::Init, Registry::Missing)) {
                model.registry = Registry::Good { entries: Vec::new(), next: 1, raw: None };
            }
            return model;
        };
        match op {
            Op::Init => {}
            Op::Create(root) | Op::Register(root) => {
                entries.push(Entry { id: *next, root: (*root).to_owned(), uuid, included: true });
                (*next, *raw) = (*next + 1, None);
                model.make_way(root);
                if matches!(op, Op::Create(_)) {
                    model.files.insert((*root).to_owned(), None);
                    model.taken_over.push(format!("{root}/"));
                } else if self.uuid(root).is_none() {
                    model.taken_over.push(format!("{root}/asset.json"));
                }
            }
            Op::Relocate(from, to) if from != to => {
                for entry in entries.iter_mut().filter(|entry| entry.root == *from) {
                    entry.root = (*to).to_owned();
                }
                *raw = None;
                model.move_folder(from, to);
            }
            Op::Relocate(..) => {}
            Op::Include(roots, included) => {
                for entry in entries.iter_mut().filter(|entry| roots.contains(&entry.root.as_str())) {
                    if entry.included != *included {
                        (entry.included, *raw) = (*included, None);
                    }
                }
            }
        }
        model
    }

    /// Compares the disk with this; takes over what was made up.
    pub(super) fn check(&mut self, files: &MemoryStorage) -> Result<(), String> {
        let disk = on_disk(files);
        for place in &self.taken_over {
            let root = place.trim_end_matches("/asset.json").trim_end_matches('/');
            let made = disk.iter().filter(|(path, _)| path.starts_with(place.as_str()));
            for (path, bytes) in made {
                self.files.insert(path.clone(), bytes.clone());
            }
            let entry = self.entries().iter().find(|entry| entry.root == root);
            let (uuid, found) = (entry.and_then(|entry| entry.uuid.clone()), self.uuid(root));
            if found.is_none() || (uuid.is_some() && uuid != found) {
                return Err(format!("`{root}` carries {found:?} and not {uuid:?}"));
            }
        }
        let bytes = files.content("/game/assets/.prometeu/index.json");
        match &mut self.registry {
            Registry::Missing if bytes.is_some() => return Err("there is a registry".to_owned()),
            Registry::Missing => {}
            Registry::Unreadable(text) if bytes.as_ref() != Some(text) => {
                return Err("the unreadable registry was written".to_owned());
            }
            Registry::Unreadable(_) => {}
            Registry::Good { entries, next, raw } => {
                let bytes = bytes.ok_or("the registry is gone")?;
                let Some(found) = registry::read_bytes(bytes.clone()).1.registry else {
                    return Err("the registry cannot be read".to_owned());
                };
                for (entry, is) in entries.iter_mut().zip(&found.assets) {
                    entry.uuid.get_or_insert_with(|| is.asset_uuid.to_string());
                }
                let found_entries: Vec<Entry> = found.assets.iter().map(Entry::of).collect();
                if (&found_entries, found.next_asset_id) != (&*entries, *next) {
                    return Err(format!(
                        "the registry is {found_entries:?}, next {}; should be {entries:?}, next {next}",
                        found.next_asset_id
                    ));
                }
                let should = raw.clone().unwrap_or_else(|| found.to_text().into_bytes());
                if bytes != should {
                    return Err("the registry is not written as it should be".to_owned());
                }
            }
        }
        if disk != self.files {
            let differs = |path: &&String| disk.get(*path) != self.files.get(*path);
            let paths: Vec<&String> = disk.keys().chain(self.files.keys()).filter(differs).collect();
            return Err(format!("these files differ: {paths:?}"));
        }
        self.taken_over.clear();
        Ok(())
    }
}

impl Entry {
    pub(super) fn of(entry: &registry::Entry) -> Self {
        Self {
            id: entry.asset_id.get(),
            root: entry.root.to_string(),
            uuid: Some(entry.asset_uuid.to_string()),
            included: entry.included_in_build,
        }
    }
}

fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(move |(at, _)| &path[..at])
}

fn on_disk(files: &MemoryStorage) -> BTreeMap<String, Option<Vec<u8>>> {
    let assets = Path::new("/game/assets");
    let of_people = |path: &Path| {
        let inside = path.strip_prefix(assets).ok()?.to_str()?.to_owned();
        (!inside.is_empty() && !inside.starts_with(".prometeu")).then(|| (inside, files.content(path)))
    };
    files.paths().iter().filter_map(|path| of_people(path)).collect()
}

/// The roots that hold a declaration, are not registered, and do not lie in another one.
pub(super) fn unregistered(model: &Model) -> Vec<String> {
    let is_declared = |root: &str| model.file(&format!("{root}/asset.json")).is_some();
    let is_new = |root: &&&str| {
        is_declared(root)
            && model.registered(root).is_none()
            && !above(root).any(|above| is_declared(above) || model.registered(above).is_some())
    };
    ROOTS.iter().filter(is_new).map(|root| (*root).to_owned()).collect()
}
