//! The model of undo: what the last change did, and how the project is without it.

use std::rc::Rc;

use super::state::{Entry, Files, Model, Registry, is_inside};

/// The last change, as far as it can be taken back.
#[derive(Debug, Clone, Default)]
pub(super) enum Last {
    /// There is none: nothing was changed yet, or the last change was an undo.
    #[default]
    Nothing,
    Change(Rc<Change>),
    /// The way back may have been lost, with the power or on a full disk.
    Perhaps(Rc<Change>),
}

/// A change that was made.
#[derive(Debug, Clone)]
pub(super) struct Change {
    before: State,
    /// Known once the project was looked at.
    after: Option<State>,
    pub(super) did: Did,
}

/// What a change did to a whole folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Did {
    Nothing,
    /// Made this root.
    Made(String),
    /// Moved this folder there.
    Moved(String, String),
    /// Removed this root for good.
    Purged(String),
}

#[derive(Debug, Clone)]
struct State {
    files: Files,
    registry: Registry,
    text: Option<Vec<u8>>,
}

impl Last {
    /// After a crash or a failure that may have cost the way back, but not more.
    pub(super) fn perhaps(&self) -> Self {
        match self {
            Self::Nothing => Self::Nothing,
            Self::Change(change) | Self::Perhaps(change) => Self::Perhaps(Rc::clone(change)),
        }
    }

    pub(super) fn change(&self) -> Option<&Rc<Change>> {
        match self {
            Self::Nothing => None,
            Self::Change(change) | Self::Perhaps(change) => Some(change),
        }
    }

    /// The project was looked at: what the change left is known, if it was the last thing to happen.
    pub(super) fn was_seen(&mut self, files: &Files, registry: &Registry, text: Option<&[u8]>) {
        let (Self::Change(change) | Self::Perhaps(change)) = self else { return };
        if change.after.is_none() {
            let (files, registry) = (files.clone(), registry.clone());
            let after = State { files, registry, text: text.map(<[u8]>::to_vec) };
            Rc::make_mut(change).after = Some(after);
        }
    }
}

impl Change {
    pub(super) fn of(before: &Model, did: Did) -> Self {
        let Model { files, registry, text, .. } = before.clone();
        Self { before: State { files, registry, text }, after: None, did }
    }

    fn after(&self) -> &State {
        self.after.as_ref().expect("the project was looked at after the change")
    }

    /// Single files and folders that it made, wrote or removed, apart from the folder that it did
    /// something with as a whole.
    fn others(&self) -> impl DoubleEndedIterator<Item = &String> {
        let (before, after) = (&self.before.files, &self.after().files);
        let whole: Vec<&String> = match &self.did {
            Did::Nothing => Vec::new(),
            Did::Made(root) | Did::Purged(root) => vec![root],
            Did::Moved(from, to) => vec![from, to],
        };
        let all: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let apart = move |path: &&String| {
            before.get(*path) != after.get(*path)
                && !whole.iter().any(|root| path == root || is_inside(root, path))
        };
        all.into_iter().filter(apart).collect::<Vec<_>>().into_iter()
    }
}

impl Model {
    /// Whether everything is still as the change left it, so that it can be taken back.
    pub(super) fn can_go_back(&self, change: &Change) -> bool {
        let after = change.after();
        let may_come = |root: &str| !self.files.contains_key(root) && self.has_way(root);
        let whole = match &change.did {
            Did::Nothing => true,
            Did::Made(root) => {
                let of = |files: &Files| -> Files {
                    let inside = files.iter().filter(|(path, _)| *path == root || is_inside(root, path));
                    inside.map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
                };
                of(&self.files) == of(&after.files)
            }
            Did::Moved(from, to) => self.is_folder(to) && may_come(from),
            Did::Purged(root) => may_come(root),
        };
        let stands = |path: &String| {
            let is_file = |files: &Files| matches!(files.get(path), Some(Some(_)));
            if is_file(&change.before.files) || is_file(&after.files) {
                self.files.get(path) == after.files.get(path)
            } else {
                self.file(path).is_none()
            }
        };
        whole && change.others().all(stands) && self.registry_without(change).is_some()
    }

    /// The registry without the change; `None` when it is not as the change left it.
    fn registry_without(&self, change: &Change) -> Option<Registry> {
        let (before, after) = (&change.before, change.after());
        if before.text == after.text {
            return Some(self.registry.clone());
        }
        let is_untouched = self.text == after.text;
        let Registry::Good { entries: was, next: was_next, .. } = &before.registry else {
            return is_untouched.then_some(before.registry.clone());
        };
        let Registry::Good { entries, next, .. } = &self.registry else { return None };
        let find = |entries: &[Entry], id: u32| entries.iter().find(|entry| entry.id == id).cloned();
        let made = after.registry.entries();
        let ids: std::collections::BTreeSet<u32> = was.iter().chain(made).map(|entry| entry.id).collect();
        let mut wanted = entries.clone();
        for id in ids.into_iter().filter(|id| find(was, *id) != find(made, *id)) {
            if find(entries, id) != find(made, id) {
                return None;
            }
            wanted.retain(|entry| entry.id != id);
            if let Some(old) = find(was, id) {
                let but = find(entries, id).map(|entry| entry.root);
                let is_taken = |other: &Entry| other.id != id && other.uuid == old.uuid;
                if !self.is_apart(&old.root, but.as_deref()) || entries.iter().any(is_taken) {
                    return None;
                }
                wanted.push(old);
            }
        }
        wanted.sort_by_key(|entry| entry.id);
        // To the byte, but for the ids that are spent.
        let raw = is_untouched.then(|| {
            let text = String::from_utf8(before.text.clone().unwrap_or_default()).expect("it was read");
            let [old, new] = [*was_next, *next].map(|next| format!("\"next_asset_id\": {next}"));
            assert!(text.contains(&old), "{text}");
            text.replace(&old, &new).into_bytes()
        });
        Some(Registry::Good { entries: wanted, next: *next, raw })
    }

    /// The project without the change; `None` when the registry is not as it left it.
    pub(super) fn without(&self, change: &Change) -> Option<Self> {
        let mut model = self.clone();
        model.registry = self.registry_without(change)?;
        let (before, after) = (&change.before.files, &change.after().files);
        if let Did::Made(root) = &change.did {
            model.delete(root);
            if before.contains_key(root) {
                model.put_folder(root);
            }
        }
        for path in change.others() {
            match (before.get(path), after.get(path)) {
                (Some(None), _) => model.put_folder(path),
                (Some(Some(bytes)), _) => model.put(path, bytes.clone()),
                (None, Some(Some(_))) => model.delete(path),
                (None, _) => {}
            }
        }
        match &change.did {
            Did::Moved(from, to) => model.move_folder(to, from),
            Did::Purged(root) => {
                for (path, bytes) in before.iter().filter(|(path, _)| *path == root || is_inside(root, path))
                {
                    model.make_way(path);
                    model.files.insert(path.clone(), bytes.clone());
                }
            }
            Did::Nothing | Did::Made(_) => {}
        }
        for path in change.others().rev().filter(|path| !before.contains_key(*path)) {
            model.tidy(path);
        }
        model.last = Last::Nothing;
        Some(model)
    }
}

impl Registry {
    fn entries(&self) -> &[Entry] {
        if let Self::Good { entries, .. } = self { entries } else { &[] }
    }
}
