//! The person: somebody with an editor, who asks nobody.

use std::collections::BTreeSet;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use packer_tests::assets;
use packer_tests::dice::Dice;
use prometeu_packer::storage::os::OsStorage;
use prometeu_packer::storage::{Rename, Storage as _};
use serde_json::Value;

use super::{Project, held};

/// Somebody with an editor.
pub(super) struct Person<'a> {
    project: &'a Project,
    assets: PathBuf,
    dice: Dice,
    /// How often words were made up.
    count: u64,
    /// What was saved and not replaced or deleted since by this person: words that no other content has.
    pub(super) stands: BTreeSet<String>,
    notes: Vec<PathBuf>,
    pub(super) saves: usize,
}

/// How the words begin that tell one content from the others; eight digits and a full stop follow.
const BY_HAND: &str = "by hand ";

impl<'a> Person<'a> {
    /// Somebody who has not begun yet.
    pub(super) fn new(project: &'a Project, dice: Dice) -> Self {
        let assets = project.checkout.path("assets");
        Self { project, assets, dice, count: 0, stands: BTreeSet::new(), notes: Vec::new(), saves: 0 }
    }

    /// Words that nobody has written before.
    fn words(&mut self) -> String {
        self.count += 1;
        format!("{BY_HAND}{:08}.", self.count)
    }

    fn declaration(words: &str) -> String {
        let mut declaration = assets::blob_bank("", words, &["data.txt"]);
        declaration.as_object_mut().unwrap().remove("asset_uuid");
        assets::text(&declaration)
    }

    /// Saves a new file. Where the folder is gone, nothing was saved.
    fn save_new(&mut self, path: &Path, text: &str) {
        let beside = path.with_extension("swp");
        if fs::write(&beside, text).and_then(|()| fs::rename(&beside, path)).is_ok() {
            self.saved(text);
        }
    }

    /// Saves as most editors do, beside the file and then in its place; and looks at what was replaced by
    /// that, which need not be what was there a moment before. Where the folder is gone, nothing was saved.
    fn save(&mut self, path: &Path, text: &str) {
        let beside = path.with_extension("swp");
        if fs::write(&beside, text).is_err() {
            return;
        }
        match OsStorage.rename(&beside, path, Rename::Exchange) {
            Ok(()) => {
                self.saved(text);
                // Where the folder is gone by now, this lies in it still.
                if let Ok(replaced) = fs::read_to_string(&beside)
                    && fs::remove_file(&beside).is_ok()
                {
                    self.replaced(&replaced);
                }
            }
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                let replaced = fs::read_to_string(path);
                if fs::rename(&beside, path).is_ok() {
                    self.saved(text);
                    self.replaced(&replaced.unwrap_or_default());
                }
            }
            Err(_) => {}
        }
    }

    /// Saves as some editors do: the file is emptied and written. Nobody else writes this one.
    fn save_in_place(&mut self, path: &Path, text: &str) {
        let replaced = fs::read_to_string(path).unwrap();
        let mut file = fs::OpenOptions::new().write(true).truncate(true).open(path).unwrap();
        self.replaced(&replaced);
        let (first, second) = text.as_bytes().split_at(text.len() / 2);
        file.write_all(first).unwrap();
        std::thread::sleep(Duration::from_micros(200));
        file.write_all(second).unwrap();
        self.saved(text);
    }

    fn saved(&mut self, text: &str) {
        self.saves += 1;
        self.stands.extend(words_in(text));
    }

    fn replaced(&mut self, text: &str) {
        for words in words_in(text) {
            self.stands.remove(&words);
        }
    }

    /// Something that a person does.
    pub(super) fn does(&mut self) {
        let (hand, words) = (self.assets.join("hand"), self.words());
        let declaration = hand.join("edited/asset.json");
        match self.dice.below(8) {
            // In a root that is registered and that only this person touches.
            0 => self.save(&declaration, &renamed(&declaration, &words)),
            1 => self.save_in_place(&declaration, &renamed(&declaration, &words)),
            2 => {
                let note = hand.join(format!("edited/note{}.txt", self.count));
                self.save_new(&note, &format!("a note {words}\n"));
                self.notes.push(note);
            }
            3 => self.save_in_place(&hand.join("edited/data.txt"), &format!("data {words}\n")),
            4 => {
                if let Some(note) = self.notes.pop() {
                    let text = fs::read_to_string(&note).unwrap();
                    fs::remove_file(&note).unwrap();
                    self.replaced(&text);
                }
            }
            5 => {
                let (here, there) = (hand.join("moved"), hand.join("moved-away"));
                fs::rename(&here, &there).unwrap();
                std::thread::sleep(Duration::from_micros(self.dice.below(5000) as u64));
                fs::rename(&there, &here).unwrap();
            }
            // In roots that a shell takes in meanwhile.
            _ => self.offers(&words),
        }
    }

    /// Makes a root, offers it to the shells, and goes on to edit it.
    fn offers(&mut self, words: &str) {
        let name = format!("both/k{}", self.count);
        let root = self.assets.join(&name);
        fs::create_dir_all(&root).unwrap();
        let data = self.words();
        self.save_new(&root.join("data.txt"), &format!("data {data}\n"));
        self.save_new(&root.join("asset.json"), &Self::declaration(words));
        held(&self.project.offered).push_back(name);
        // Somebody begins to take it in: now.
        for _ in 0..500 {
            if held(&self.project.offered).is_empty() {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        // At the pace of programs that save by themselves, or faster than any.
        let pause = *self.dice.pick(&[1_000, 10_000]);
        for n in 0..100_000 / pause {
            std::thread::sleep(Duration::from_micros(self.dice.below(pause) as u64));
            let words = self.words();
            if self.dice.once_in(4) {
                self.save_new(&root.join(format!("extra{n}.txt")), &format!("extra {words}\n"));
            } else {
                self.save(&root.join("asset.json"), &Self::declaration(&words));
            }
        }
    }
}

/// A declaration with another name.
fn renamed(path: &Path, words: &str) -> String {
    let mut declaration: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    declaration["name"] = words.into();
    assets::text(&declaration)
}

/// Everything in a text that a person has written.
pub(super) fn words_in(text: &str) -> Vec<String> {
    let digits = |(at, _): (usize, &str)| text.get(at..at + BY_HAND.len() + 9).map(str::to_owned);
    text.match_indices(BY_HAND).filter_map(digits).collect()
}
