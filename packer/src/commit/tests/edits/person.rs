//! A person at work with tools of their own, and what of that must still be there in the end.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::case::is_taken_up;
use super::ground::{Fate, Ground};
use crate::schema::registry;
use crate::storage::memory::MemoryStorage;
use crate::storage::{FileKind, Rename, Source};
use crate::testing::{blob, uuid};

/// Something that a person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    /// Saves a file, by a new one in its place or into the old one.
    Save(At, Text, InPlace),
    /// Deletes it.
    Delete(At),
    /// Makes something, where nothing is or in the place of a file.
    Make(At, FileKind),
    /// Moves a folder away.
    Move(At),
    /// Puts a file into a folder.
    PutInto(At),
    /// Moves a folder away, and puts a link to it in its place.
    LinkTo(At),
}

impl Edit {
    /// Where it is done.
    pub(super) const fn at(self) -> At {
        match self {
            Self::Save(at, ..)
            | Self::Delete(at)
            | Self::Make(at, _)
            | Self::Move(at)
            | Self::PutInto(at)
            | Self::LinkTo(at) => at,
        }
    }
}

/// A place in a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Registry,
    /// The root that there is, and its declaration.
    Root,
    Declaration,
    /// The root that there is going to be, and its declaration.
    NewRoot,
    NewDeclaration,
    /// The topmost folder that the change makes or removes on the way to a root.
    Way,
    /// The entry in quarantine that the change makes or removes, its record, and the folder above it.
    Entry,
    Record,
    Quarantine,
    /// `assets/.prometeu`.
    Control,
}

/// What is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    /// What is there now, or what was there when the editor was opened, laid out anew.
    Now,
    Stale,
    /// The same with an entry added by hand, or with one removed.
    NowWithMore,
    StaleWithMore,
    StaleWithLess,
    NowWithLess,
    Broken,
    ConflictMarkers,
    /// What is there now with another word in it, as long as the one before.
    Other,
}

pub(super) type InPlace = bool;

/// Everything that a person may do.
pub(super) fn edits() -> Vec<Edit> {
    use At::{Control, Declaration, Entry, NewDeclaration, NewRoot, Quarantine, Record, Registry, Root, Way};
    use Text::{
        Broken, ConflictMarkers, Now, NowWithLess, NowWithMore, Other, Stale, StaleWithLess, StaleWithMore,
    };
    let mut edits = Vec::new();
    for in_place in [false, true] {
        let texts = [Now, Stale, NowWithMore, NowWithLess, StaleWithMore, StaleWithLess, Broken];
        for text in texts.into_iter().chain([ConflictMarkers]) {
            edits.push(Edit::Save(Registry, text, in_place));
        }
        for text in [Now, Other] {
            edits.extend([Declaration, NewDeclaration, Record].map(|at| Edit::Save(at, text, in_place)));
        }
        edits.push(Edit::Save(Declaration, Stale, in_place));
    }
    edits.extend([Registry, Declaration, NewDeclaration, Record].map(Edit::Delete));
    edits.extend([Root, NewRoot, Entry].map(Edit::Move));
    edits.extend([Root, NewRoot, Way, Entry, Quarantine].map(Edit::PutInto));
    edits.extend([Way, Root, NewRoot, Entry, Quarantine, Control].map(Edit::LinkTo));
    for kind in [FileKind::File, FileKind::Folder, FileKind::Link] {
        let places = [Registry, Root, NewRoot, Way, Declaration, Entry, Record, Quarantine];
        edits.extend(places.map(|at| Edit::Make(at, kind)));
    }
    edits
}

/// A whole save of a person.
#[derive(Debug, Clone)]
pub(super) struct Saved {
    pub(super) bytes: Vec<u8>,
    /// The names that it may have by now.
    pub(super) names: BTreeSet<PathBuf>,
    /// Before which call, and how.
    pub(super) call: u64,
    pub(super) in_place: InPlace,
}

/// What a person did, and what of it must not be lost.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) ground: Ground,
    pub(super) saved: Vec<Saved>,
    /// Every path that they had their hands on, and all below it.
    pub(super) touched: BTreeSet<PathBuf>,
    /// Before which call the registry was last edited.
    pub(super) registry: Option<u64>,
    /// The texts when their editors were opened.
    stale: [Option<Vec<u8>>; 2],
    counter: usize,
}

impl Person {
    /// Somebody whose files these are: all of them are theirs, but for those that are the packer's own.
    pub(super) fn of(ground: Ground, files: &MemoryStorage) -> Self {
        let stale = [At::Registry, At::Declaration].map(|at| files.content(ground.path(at).unwrap()));
        let mut person =
            Self { ground, saved: Vec::new(), touched: BTreeSet::new(), registry: None, stale, counter: 0 };
        for path in files.paths().into_iter().filter(|path| !ground.is_ours(path)) {
            if let Some(bytes) = files.content(&path) {
                person.saved.push(Saved { bytes, names: person.names(&path), call: 0, in_place: false });
            }
        }
        person
    }

    /// Does it; `false` when it cannot be done as things stand.
    pub(super) fn edit(&mut self, edit: Edit, call: u64, files: &MemoryStorage) -> bool {
        let at = edit.at();
        let Some(path) = self.ground.path(at) else { return false };
        let there = files.stat(&path).unwrap().map(|stat| stat.kind);
        self.counter += 1;
        let done = match edit {
            Edit::Save(at, text, in_place) => match self.text(at, text, &path, files) {
                Some(bytes) => self.save(&path, bytes, call, in_place, files),
                None => false,
            },
            Edit::Delete(_) => there == Some(FileKind::File) && self.delete(&path, files),
            Edit::Make(_, kind) => match there {
                Some(FileKind::File) if kind != FileKind::File => {
                    self.delete(&path, files) && self.make(&path, kind, call, files)
                }
                None => self.make(&path, kind, call, files),
                Some(FileKind::Folder) if kind == FileKind::File && is_empty(&path, files) => {
                    self.delete(&path, files) && self.make(&path, kind, call, files)
                }
                _ => false,
            },
            Edit::Move(_) => there == Some(FileKind::Folder) && self.rename(&path, files).is_some(),
            Edit::PutInto(_) if there == Some(FileKind::Folder) => {
                let bytes = format!("put there, {}", self.counter).into_bytes();
                let mine = path.join("mine.txt");
                files.stat(&mine).unwrap().is_none() && self.save(&mine, bytes, call, false, files)
            }
            Edit::PutInto(_) => false,
            Edit::LinkTo(_) if there == Some(FileKind::Folder) => match self.rename(&path, files) {
                Some(aside) => {
                    files.link(&path, aside);
                    true
                }
                None => false,
            },
            Edit::LinkTo(_) => false,
        };
        if done && matches!(at, At::Registry | At::Control) {
            self.registry = Some(call);
        }
        done
    }

    fn names(&self, path: &Path) -> BTreeSet<PathBuf> {
        [Some(path.to_path_buf()), self.ground.twin(path)].into_iter().flatten().collect()
    }

    fn touch(&mut self, path: &Path) {
        self.touched.extend(self.names(path));
        // With a folder above, they have that to which, or from which, a root moves.
        let roots = self.ground.roots();
        if self.ground.fate == Fate::Moves && roots.iter().any(|root| root.starts_with(path)) {
            self.touched.extend(roots);
        }
        // Where they have made an entry themselves, the root gets another.
        let entry = self.ground.path(At::Entry);
        if entry.as_ref().is_some_and(|entry| entry.starts_with(path)) {
            self.touched.extend(self.ground.other_entries());
        }
        // An asset without a folder is removed without an entry.
        let root = self.ground.path(At::Root);
        if root.as_deref() == Some(path) && entry.as_ref().is_some_and(|entry| !path.starts_with(entry)) {
            self.touched.extend(entry);
        }
        // What a change makes anew is left where it is when somebody works in it.
        let is_anew = matches!(self.ground.fate, Fate::Made | Fate::ComesBack);
        let new_root = self.ground.path(At::NewRoot).filter(|_| is_anew);
        if let Some(root) = new_root
            && path.starts_with(&root)
        {
            self.touched.insert(root);
        }
    }

    fn text(&self, at: At, text: Text, path: &Path, files: &MemoryStorage) -> Option<Vec<u8>> {
        let is_registry = at == At::Registry;
        let stale = self.stale[usize::from(!is_registry)].clone();
        let base = match text {
            Text::Now | Text::NowWithMore | Text::NowWithLess | Text::Other => files.content(path),
            _ => stale,
        };
        let end = format!("{}\n", " ".repeat(self.counter));
        if text == Text::Broken {
            return Some(format!("{{ \"assets\": [{end}").into_bytes());
        }
        if text == Text::Other {
            let old = String::from_utf8(base?).ok()?;
            let (from, to) = if at == At::Record { ("true", "null") } else { ("false", "true ") };
            return old.contains(from).then(|| old.replacen(from, to, 1).into_bytes());
        }
        if !is_registry {
            let old =
                String::from_utf8(base.unwrap_or_else(|| blob(&uuid(90), "by_hand").into_bytes())).ok()?;
            return Some((old + &end).into_bytes());
        }
        let empty = json!({ "schema_version": 1, "next_asset_id": 1, "assets": [] });
        let mut registry: Value = match &base {
            Some(bytes) => serde_json::from_slice(bytes).ok()?,
            None => empty,
        };
        if text == Text::ConflictMarkers {
            let old = serde_json::to_string_pretty(&registry).ok()?;
            return Some(format!("<<<<<<< HEAD\n{old}\n=======\n{old}\n>>>>>>> theirs\n{end}").into_bytes());
        }
        let next = registry["next_asset_id"].as_u64()?;
        let entries = registry["assets"].as_array_mut()?;
        match text {
            Text::NowWithMore | Text::StaleWithMore => {
                let uuid = uuid(700 + u32::try_from(self.counter).ok()?);
                let root = format!("by_hand_{}", self.counter);
                let entry =
                    json!({ "asset_id": next, "included_in_build": true, "root": root, "asset_uuid": uuid });
                entries.push(entry);
                registry["next_asset_id"] = json!(next + 1);
            }
            Text::StaleWithLess => drop(entries.pop()?),
            Text::NowWithLess if entries.is_empty() => return None,
            Text::NowWithLess => drop(entries.remove(0)),
            _ => {}
        }
        Some((serde_json::to_string_pretty(&registry).ok()? + &end).into_bytes())
    }

    fn save(
        &mut self,
        path: &Path,
        bytes: Vec<u8>,
        call: u64,
        in_place: InPlace,
        files: &MemoryStorage,
    ) -> bool {
        let above = files.resolve(path.parent().unwrap());
        let is_folder = above
            .is_ok_and(|above| matches!(files.stat(&above), Ok(Some(stat)) if stat.kind == FileKind::Folder));
        let there = files.stat(path).unwrap().map(|stat| stat.kind);
        if !is_folder || !matches!(there, None | Some(FileKind::File)) || (in_place && there.is_none()) {
            return false;
        }
        self.release(path, files);
        if in_place {
            files.write_in_place(path, &bytes).unwrap();
        } else {
            files.write(path, bytes.clone());
        }
        self.touch(path);
        let entries = registry::read_bytes(bytes.clone()).1.registry.map(|registry| registry.assets);
        if entries.is_some_and(|entries| !entries.iter().any(|entry| self.ground.is_about(entry))) {
            // By them it is no asset, and is put away under another name.
            self.touched.extend(self.ground.path(At::Entry));
            self.touched.extend(self.ground.other_entries());
        }
        self.saved.push(Saved { bytes, names: self.names(path), call, in_place });
        true
    }

    /// What lies there is theirs to lose from now on.
    fn release(&mut self, path: &Path, files: &MemoryStorage) {
        let real = files.resolve(path).unwrap_or_else(|_| path.to_path_buf());
        let lost = |saved: &Saved| {
            files
                .paths()
                .iter()
                .any(|file| file.starts_with(&real) && files.content(file).as_ref() == Some(&saved.bytes))
                && saved.names.iter().any(|name| name.starts_with(path) || name.starts_with(&real))
        };
        let ground = self.ground;
        // A record that was used up shows in the registry alone: whoever replaces that, replaces this.
        let is_shown = |saved: &Saved| {
            self.ground.path(At::Registry).as_deref() == Some(path)
                && saved.names.iter().any(|name| name.ends_with("record.json"))
        };
        let taken_up = |saved: &Saved| {
            (saved.names.contains(path) || is_shown(saved)) && is_taken_up(saved, ground, files)
        };
        self.saved.retain(|saved| !lost(saved) && !taken_up(saved));
    }

    fn delete(&mut self, path: &Path, files: &MemoryStorage) -> bool {
        self.release(path, files);
        files.delete(path);
        self.touch(path);
        true
    }

    fn make(&mut self, path: &Path, kind: FileKind, call: u64, files: &MemoryStorage) -> bool {
        let above = files.stat(path.parent().unwrap()).unwrap().map(|stat| stat.kind);
        if above != Some(FileKind::Folder) {
            return false;
        }
        self.touch(path);
        match kind {
            FileKind::File => {
                let bytes = format!("made here, {}", self.counter).into_bytes();
                return self.save(path, bytes, call, false, files);
            }
            FileKind::Folder => files.folder(path),
            _ => files.link(path, "/game/nowhere"),
        }
        true
    }

    /// Moves a folder out of the way; where to.
    fn rename(&mut self, path: &Path, files: &MemoryStorage) -> Option<PathBuf> {
        let aside = PathBuf::from(format!("/game/aside_{}", self.counter));
        files.rename_by_hand(path, &aside, Rename::New).ok()?;
        for saved in &mut self.saved {
            let moved = saved.names.iter().filter_map(|name| Some(aside.join(name.strip_prefix(path).ok()?)));
            let moved: Vec<PathBuf> = moved.collect();
            saved.names.extend(moved);
        }
        self.touch(path);
        self.touched.insert(aside.clone());
        Some(aside)
    }
}

fn is_empty(folder: &Path, files: &MemoryStorage) -> bool {
    files.walk(folder, &mut |_| false).is_ok_and(|entries| entries.is_empty())
}
