//! The model: what a project should be, kept as simply as can be.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::ROOTS;
use super::undoing::Last;
use crate::schema::registry;
use crate::storage::memory::MemoryStorage;

/// The packer's own folder, below `assets/`. It is not looked at, but for the quarantine in it.
const CONTROL: &str = ".prometeu";

/// Paths below `assets/`, with `None` for a folder.
pub(super) type Files = BTreeMap<String, Option<Vec<u8>>>;

/// Everything that counts of a project.
#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    /// What people put there, and what lies in quarantine.
    pub(super) files: Files,
    pub(super) registry: Registry,
    /// The registry to the byte, as it was at the last look.
    pub(super) text: Option<Vec<u8>>,
    pub(super) last: Last,
    /// Files that a change made up: the model takes them as they are, once.
    pub(super) taken_over: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Registry {
    #[default]
    Missing,
    /// A person left it so.
    Unreadable(Vec<u8>),
    Good {
        /// By their ids.
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

    /// No other asset is registered at this root, in it or around it. The one of that root gives it up.
    pub(super) fn is_apart(&self, root: &str, but: Option<&str>) -> bool {
        let clash = |other: &str| other == root || is_inside(other, root) || is_inside(root, other);
        let mut others = self.entries().iter().filter(|entry| Some(entry.root.as_str()) != but);
        !others.any(|entry| clash(&entry.root))
    }

    /// Every folder on the way is one, or can be made, and is no asset.
    pub(super) fn has_way(&self, root: &str) -> bool {
        above(root).all(|folder| match self.files.get(folder) {
            None => true,
            Some(Some(_)) => false,
            Some(None) => !self.files.contains_key(&format!("{folder}/asset.json")),
        })
    }

    pub(super) fn below(&self, folder: &str) -> impl Iterator<Item = &String> {
        let folder = format!("{folder}/");
        self.files.keys().filter(move |path| path.starts_with(&folder))
    }

    pub(super) fn is_empty(&self, folder: &str) -> bool {
        self.is_folder(folder) && self.below(folder).next().is_none()
    }

    pub(super) fn make_way(&mut self, path: &str) {
        for folder in above(path) {
            self.files.entry(folder.to_owned()).or_insert(None);
        }
    }

    pub(super) fn put(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.make_way(path);
        self.files.insert(path.to_owned(), Some(bytes.into()));
    }

    pub(super) fn put_folder(&mut self, path: &str) {
        self.make_way(path);
        self.files.insert(path.to_owned(), None);
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

    /// Removes a folder that holds nothing.
    pub(super) fn tidy(&mut self, folder: &str) {
        if self.is_empty(folder) {
            self.files.remove(folder);
        }
    }

    /// Compares the disk with this; takes over what was made up.
    pub(super) fn check(&mut self, files: &MemoryStorage) -> Result<(), String> {
        let disk = on_disk(files);
        for place in &self.taken_over {
            let root = place.trim_end_matches("/asset.json").trim_end_matches('/');
            let before = (self.uuid(root), self.file(place).map(<[u8]>::to_vec));
            let made = disk.iter().filter(|(path, _)| path.starts_with(place.as_str()));
            for (path, bytes) in made {
                self.files.insert(path.clone(), bytes.clone());
            }
            let entry = self.entries().iter().find(|entry| entry.root == root);
            let (uuid, found) = (entry.and_then(|entry| entry.uuid.clone()), self.uuid(root));
            let Some(found) = found.filter(|found| uuid.is_none() || uuid.as_ref() == Some(found)) else {
                return Err(format!("`{root}` does not carry {uuid:?}"));
            };
            if let (Some(old), Some(bytes)) = before {
                let now = String::from_utf8_lossy(self.file(place).unwrap_or_default());
                if old == found || now.replace(&found, &old).as_bytes() != bytes {
                    return Err(format!("more than the uuid of `{root}` was written anew: {now}"));
                }
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
                let bytes = bytes.as_ref().ok_or("the registry is gone")?;
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
                if *bytes != should {
                    return Err("the registry is not written as it should be".to_owned());
                }
            }
        }
        if disk != self.files {
            let differs = |path: &&String| disk.get(*path) != self.files.get(*path);
            let paths: Vec<&String> = disk.keys().chain(self.files.keys()).filter(differs).collect();
            return Err(format!("these files differ: {paths:?}"));
        }
        self.text = bytes;
        self.taken_over.clear();
        self.last.was_seen(&self.files, &self.registry, self.text.as_deref());
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

/// Whether `path` lies in `folder`.
pub(super) fn is_inside(folder: &str, path: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(move |(at, _)| &path[..at]).filter(|above| *above != CONTROL)
}

fn on_disk(files: &MemoryStorage) -> Files {
    let assets = Path::new("/game/assets");
    let counts = |path: &Path| {
        let inside = path.strip_prefix(assets).ok()?.to_str()?.to_owned();
        let is_ours = inside.starts_with(CONTROL) && !inside.starts_with(super::away::QUARANTINE);
        (!inside.is_empty() && !is_ours).then(|| (inside, files.content(path)))
    };
    files.paths().iter().filter_map(|path| counts(path)).collect()
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
