//! A person at work with tools of their own, and what of that must still be there in the end.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::is_taken_up;
use crate::commit::tests::scenario::Scenario;
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
    /// The root that there is going to be, its declaration, and the first folder above it.
    NewRoot,
    NewDeclaration,
    NewParent,
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
    Broken,
    ConflictMarkers,
}

pub(super) type InPlace = bool;

/// Everything that a person may do.
pub(super) fn edits() -> Vec<Edit> {
    use At::{Control, Declaration, NewDeclaration, NewParent, NewRoot, Registry, Root};
    use Text::{Broken, ConflictMarkers, Now, NowWithMore, Stale, StaleWithLess, StaleWithMore};
    let mut edits = Vec::new();
    for in_place in [false, true] {
        for text in [Now, Stale, NowWithMore, StaleWithMore, StaleWithLess, Broken, ConflictMarkers] {
            edits.push(Edit::Save(Registry, text, in_place));
        }
        edits.extend([Declaration, NewDeclaration].map(|at| Edit::Save(at, Now, in_place)));
        edits.push(Edit::Save(Declaration, Stale, in_place));
    }
    edits.extend([Registry, Declaration, NewDeclaration].map(Edit::Delete));
    edits.extend([Root, NewRoot].map(Edit::Move));
    edits.extend([Root, NewRoot].map(Edit::PutInto));
    edits.extend([NewParent, Root, NewRoot, Control].map(Edit::LinkTo));
    for kind in [FileKind::File, FileKind::Folder, FileKind::Link] {
        edits.extend([Registry, Root, NewRoot, NewParent, Declaration].map(|at| Edit::Make(at, kind)));
    }
    edits
}

/// Where a scenario does what it does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground {
    /// The root that there is, if there is one.
    pub(super) root: &'static str,
    /// The root that there will be.
    pub(super) new_root: Option<&'static str>,
    pub(super) is_move: bool,
}

impl Ground {
    pub(super) fn of(scenario: &Scenario) -> Self {
        let (root, new_root, is_move) = match scenario.name {
            "create below new folders" => ("a", Some("new/deep/b"), false),
            "create in an empty folder" | "create from files" => ("a", Some("b"), false),
            "register" | "register and write a uuid" => ("b", None, false),
            "relocate below new folders" => ("a", Some("new/deep/a"), true),
            "relocate beside" => ("a", Some("b"), true),
            _ => ("a", None, false),
        };
        Self { root, new_root, is_move }
    }

    pub(super) fn path(&self, at: At) -> Option<PathBuf> {
        let assets = Path::new("/game/assets");
        let new = || self.new_root.map(|root| assets.join(root));
        match at {
            At::Registry => Some(assets.join(".prometeu/index.json")),
            At::Root => Some(assets.join(self.root)),
            At::Declaration => Some(assets.join(self.root).join("asset.json")),
            At::NewRoot => new(),
            At::NewDeclaration => new().map(|root| root.join("asset.json")),
            At::NewParent => self.new_root.filter(|root| root.contains('/')).map(|_| assets.join("new")),
            At::Control => Some(assets.join(".prometeu")),
        }
    }

    /// The same file in the other place of a root that moves.
    pub(super) fn twin(&self, path: &Path) -> Option<PathBuf> {
        let (old, new) = (self.path(At::Root)?, self.path(At::NewRoot).filter(|_| self.is_move)?);
        let moved = |from: &Path, to: &Path| path.strip_prefix(from).ok().map(|rest| to.join(rest));
        moved(&old, &new).or_else(|| moved(&new, &old))
    }
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
    /// Somebody whose files these are: all of them are theirs, but for the two that a change rewrites.
    pub(super) fn of(ground: Ground, files: &MemoryStorage) -> Self {
        let stale = [At::Registry, At::Declaration].map(|at| files.content(ground.path(at).unwrap()));
        let rewritten = [At::Registry, At::Declaration].map(|at| ground.path(at).unwrap());
        let mut person =
            Self { ground, saved: Vec::new(), touched: BTreeSet::new(), registry: None, stale, counter: 0 };
        for path in files.paths() {
            let is_ours = rewritten.contains(&path) || path.starts_with("/game/assets/.prometeu/local");
            if let (false, Some(bytes)) = (is_ours, files.content(&path)) {
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
                files.stat(&mine).unwrap().is_none() && {
                    self.touch(&path);
                    self.save(&mine, bytes, call, false, files)
                }
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
        let roots = [At::Root, At::NewRoot].map(|at| self.ground.path(at)).into_iter().flatten();
        let roots: Vec<PathBuf> = roots.collect();
        if self.ground.is_move && roots.iter().any(|root| root.starts_with(path)) {
            self.touched.extend(roots);
        }
        // What a change makes anew is left where it is when somebody works in it.
        let new_root = self.ground.path(At::NewRoot).filter(|_| !self.ground.is_move);
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
            Text::Now | Text::NowWithMore => files.content(path),
            _ => stale,
        };
        let end = format!("{}\n", " ".repeat(self.counter));
        if text == Text::Broken {
            return Some(format!("{{ \"assets\": [{end}").into_bytes());
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
        let taken_up = |saved: &Saved| saved.names.contains(path) && is_taken_up(saved, files);
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
