//! A shell that changes the project, and knows what must come of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use packer_tests::assets;
use packer_tests::dice::Dice;
use serde_json::Value;

use super::super::checkout::copy;
use super::{Project, held};

/// How many roots a shell keeps registered.
const ROOTS: usize = 5;

/// With what a command may end that works on what a person edits at that moment.
const CONTESTED: &[i32] = &[0, 1, 4, 75];

/// One shell.
pub(super) struct Shell<'a> {
    project: &'a Project,
    number: u64,
    /// The folder of `assets/` that all its roots lie in.
    folder: String,
    dice: Dice,
    shelf: Shelf,
    /// What the roots were like before the last change, as long as that can be taken back.
    before: Option<Shelf>,
    count: u64,
}

/// The roots of a shell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shelf {
    /// The registered ones.
    registered: BTreeMap<String, Entry>,
    /// Those with a declaration that nobody registered.
    loose: BTreeSet<String>,
    /// Those in quarantine, by the root that they were.
    away: BTreeMap<String, Option<Entry>>,
}

/// What the registry says of a root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    id: u64,
    included: bool,
}

/// One that is yet to be made.
const NEW: Entry = Entry { id: 0, included: true };

impl Shelf {
    /// What the disk says of the roots below that folder of `assets/`.
    pub(super) fn read(project: &Project, folder: &str) -> Self {
        let mut shelf = Self::default();
        let below = format!("{folder}/");
        let entry = |of: &Value| {
            let id = of["asset_id"].as_u64()?;
            Some(Entry { id, included: of["included_in_build"].as_bool().unwrap() })
        };
        let registry: Value =
            serde_json::from_str(&project.checkout.read("assets/.prometeu/index.json")).unwrap();
        for asset in registry["assets"].as_array().unwrap() {
            let root = asset["root"].as_str().unwrap();
            if root.starts_with(&below) {
                shelf.registered.insert(root.to_owned(), entry(asset).unwrap());
            }
        }
        let assets = project.checkout.path("assets");
        let mut folders = vec![assets.join(folder)];
        while let Some(folder) = folders.pop() {
            let root = folder.strip_prefix(&assets).unwrap().to_str().unwrap().to_owned();
            if folder.join("asset.json").is_file() && !shelf.registered.contains_key(&root) {
                shelf.loose.insert(root);
            }
            let entries = fs::read_dir(folder).into_iter().flatten();
            folders.extend(entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()));
        }
        for away in fs::read_dir(assets.join(".prometeu/quarantine")).into_iter().flatten() {
            // One of another shell may be on its way.
            let Ok(text) = fs::read_to_string(away.unwrap().path().join("record.json")) else { continue };
            let record: Value = serde_json::from_str(&text).unwrap();
            let root = record["root"].as_str().unwrap();
            if root.starts_with(&below) {
                shelf.away.insert(root.to_owned(), entry(&record));
            }
        }
        shelf
    }

    /// Moves a registered root to another name.
    fn rename(&mut self, from: &str, to: &str) {
        let entry = self.registered.remove(from).unwrap();
        self.registered.insert(to.to_owned(), entry);
    }
}

impl<'a> Shell<'a> {
    /// One that has no roots yet.
    pub(super) fn new(project: &'a Project, number: u64, dice: Dice) -> Self {
        let folder = format!("shell{number}");
        Self { project, number, folder, dice, shelf: Shelf::default(), before: None, count: 0 }
    }

    /// Changes the project until it is over: the folder, and what must be in it.
    pub(super) fn works(mut self) -> (String, Shelf) {
        while !self.project.is_over() {
            if self.dice.once_in(4) {
                let offered = held(&self.project.offered).pop_front();
                if let Some(root) = offered {
                    self.takes_in(&root);
                }
            }
            self.count += 1;
            self.change();
            let found = Shelf::read(self.project, &self.folder);
            assert_eq!(found, self.shelf, "{}, change {}", self.folder, self.count);
        }
        (self.folder, self.shelf)
    }

    fn place(&self, root: &str) -> PathBuf {
        self.project.checkout.path("assets").join(root)
    }

    /// Any of the roots; none when there are none.
    fn any<'s>(dice: &mut Dice, roots: impl Iterator<Item = &'s String>) -> Option<String> {
        let roots: Vec<&String> = roots.collect();
        (!roots.is_empty()).then(|| (**dice.pick(&roots)).clone())
    }

    /// One change of any kind.
    fn change(&mut self) {
        let fresh = match self.dice.below(3) {
            0 => format!("{}/deep{}/er", self.folder, self.count),
            _ => format!("{}/r{}", self.folder, self.count),
        };
        let registered = Self::any(&mut self.dice, self.shelf.registered.keys());
        let loose = Self::any(&mut self.dice, self.shelf.loose.iter());
        let away = Self::any(&mut self.dice, self.shelf.away.keys());
        let is_full = self.shelf.registered.len() >= ROOTS;
        // What must come of it.
        let mut next = self.shelf.clone();
        let typed: &[&str] = match (self.dice.below(12), &registered) {
            (0, _) if !is_full => {
                next.registered.insert(fresh.clone(), NEW);
                &["create", &fresh, "--type", "blob_bank"]
            }
            (1, _) if !is_full => {
                let root = loose.unwrap_or_else(|| self.put(fresh));
                next.loose.remove(&root);
                next.registered.insert(root.clone(), NEW);
                return self.types(&["register", &root], next);
            }
            (2 | 3, Some(root)) => {
                next.rename(root, &fresh);
                &["relocate", root, &fresh, "--yes"]
            }
            (4 | 5, Some(root)) => {
                let entry = next.registered.get_mut(root).unwrap();
                entry.included = !entry.included;
                &[if entry.included { "include" } else { "exclude" }, root]
            }
            (6, Some(root)) => {
                next.registered.remove(root);
                next.loose.insert(root.clone());
                &["forget", root, "--yes"]
            }
            (7, Some(root)) => {
                next.away.insert(root.clone(), next.registered.remove(root));
                &[if self.dice.once_in(2) { "quarantine" } else { "remove" }, root, "--yes"]
            }
            (7, None) => {
                let Some(root) = &loose else { return };
                next.loose.remove(root);
                next.away.insert(root.clone(), None);
                &["quarantine", root, "--yes"]
            }
            (8, _) => {
                let Some(root) = &away else { return };
                match next.away.remove(root).unwrap() {
                    Some(entry) => drop(next.registered.insert(root.clone(), entry)),
                    None => drop(next.loose.insert(root.clone())),
                }
                &["restore", root, "--yes"]
            }
            (9, Some(root)) => {
                next.registered.remove(root);
                &["remove", root, "--purge", "--yes"]
            }
            (10, Some(root)) => return self.adopts(root, &fresh, is_full),
            (11, _) => return self.takes_back(),
            _ => return,
        };
        self.types(typed, next);
    }

    /// Types that. When it is acknowledged, the roots are as they must be then; else they are as before.
    fn types(&mut self, typed: &[&str], mut next: Shelf) {
        let (code, run) = self.project.command(typed, &[0, 75]);
        if code != 0 {
            // What was done by hand is not taken back with the change before it.
            self.before = None;
            return;
        }
        self.project.acknowledged.fetch_add(1, Ordering::Relaxed);
        let found = Shelf::read(self.project, &self.folder);
        for (root, entry) in next.registered.iter_mut().filter(|(_, entry)| **entry == NEW) {
            let found = found.registered.get(root).unwrap_or_else(|| panic!("{typed:?}: lost: {run:?}"));
            entry.id = found.id;
        }
        self.before = Some(std::mem::replace(&mut self.shelf, next));
    }

    /// Takes in a copy that was made by hand, or an asset that was moved by hand.
    fn adopts(&mut self, root: &str, fresh: &str, is_full: bool) {
        let (from, to) = (self.place(root), self.place(fresh));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        let mut next = self.shelf.clone();
        if is_full || self.dice.once_in(2) {
            fs::rename(from, to).unwrap();
            next.rename(root, fresh);
            // It is tried until it is done: as it stands, nothing else can be done with it.
            let id = next.registered[fresh].id.to_string();
            while self.shelf != next && !self.project.is_over() {
                self.types(&["adopt", fresh, "--as", &id, "--yes"], next.clone());
            }
            if self.shelf != next {
                fs::rename(self.place(fresh), self.place(root)).unwrap();
            }
        } else {
            copy(&from, &to);
            self.shelf.loose.insert(fresh.to_owned());
            next.registered.insert(fresh.to_owned(), NEW);
            self.types(&["adopt", fresh, "--as-new", "--yes"], next);
        }
        // To point back to where nothing is makes nothing whole again.
        self.before = None;
    }

    /// Takes back the last change, if it is this shell's and stays so until it agrees to that.
    fn takes_back(&mut self) {
        let Some(before) = self.before.take() else { return };
        // Another shell may have taken it back: then there is none, which is misuse, the command says.
        let codes = &[0, 1, 2, 75];
        let (code, seen) = self.project.command(&["undo", "--dry-run", "--message-format", "json"], codes);
        if code != 0 {
            return;
        }
        let response: Value = serde_json::from_str(seen.stdout.lines().next_back().unwrap()).unwrap();
        let affected = response["affected_assets"].as_array().unwrap();
        let below = format!("{}/", self.folder);
        let is_own = |asset: &Value| asset["root"].as_str().unwrap().starts_with(&below);
        if affected.is_empty() || !affected.iter().all(is_own) {
            return;
        }
        let plan = response["plan"]["plan_id"].as_str().unwrap();
        if self.project.command(&["undo", "--plan", plan], codes).0 == 0 {
            self.project.acknowledged.fetch_add(1, Ordering::Relaxed);
            self.shelf = before;
        }
    }

    /// Puts a root there by hand, whole.
    fn put(&mut self, root: String) -> String {
        let uuid = assets::uuid((1 + self.number) << 32 | self.count);
        let mut declaration = assets::blob_bank(&uuid, &root, &["data.txt"]);
        if self.dice.once_in(2) {
            declaration.as_object_mut().unwrap().remove("asset_uuid");
        }
        let draft = self.project.checkout.top.join(format!("draft-{}-{}", self.number, self.count));
        fs::create_dir(&draft).unwrap();
        fs::write(draft.join("data.txt"), format!("the data of {root}\n")).unwrap();
        fs::write(draft.join("asset.json"), assets::text(&declaration)).unwrap();
        let place = self.place(&root);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::rename(draft, place).unwrap();
        self.shelf.loose.insert(root.clone());
        root
    }

    /// Takes in what a person has just made and still edits. Whatever comes of it, nothing is lost.
    fn takes_in(&mut self, root: &str) {
        let types = |typed: &[&str]| self.project.command(typed, CONTESTED).0 == 0;
        // The last change is another one from here on.
        self.before = None;
        let moved = format!("{root}-moved");
        if !types(&["register", root]) {
            return;
        }
        let mut now = root;
        for _ in 0..self.dice.below(4) {
            let to = if now == root { &*moved } else { root };
            match self.dice.below(5) {
                0 if types(&["relocate", now, to, "--yes"]) => now = to,
                1 => drop(types(&["show", now])),
                2 if types(&["quarantine", now, "--yes"]) => {
                    if !types(&["restore", now, "--yes"]) {
                        return;
                    }
                }
                _ => break,
            }
        }
        // What the person still does to it stands in nobody's way then.
        if self.dice.once_in(2) {
            types(&["exclude", now]);
        } else {
            types(&["forget", now, "--yes"]);
        }
    }
}
