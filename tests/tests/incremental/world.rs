//! Two games that lie beside each other, with their outputs and one cache folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use packer_tests::assets::{self, COLORS, TILE_SIZE};
use packer_tests::dice::Dice;
use packer_tests::wav;
use prometeu_packer::event::NoEvents;
use prometeu_packer::host::UpTo;
use prometeu_packer::id::{AssetUuid, OperationId};
use prometeu_packer::storage::{FileKind, Storage};
use prometeu_packer::{Cancel, Host, IdSource, Project};
use serde_json::{Value, json};

use super::ground::Ground;
use super::judge::Known;
use super::spelt::spelt;

/// The frames a second of every sound.
const RATE: u32 = 22_050;

/// The frequent sizes of inputs, so that often enough two are of one size. The last is of those whose
/// payload begins on a page.
const SIZES: [usize; 7] = [0, 5, 16, 16, 17, 1000, 70_000];

/// Two games, their outputs, and what was seen of them.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) ground: Ground,
    /// Which of the games is worked on.
    pub(crate) at: usize,
    /// Which of [`World::outs`] is packed into next.
    pub(crate) out: usize,
    /// What the last pack in each output folder was made of.
    pub(crate) known: [Option<Known>; 3],
    /// Whether somebody else was at an output folder or its record since.
    pub(crate) disturbed: [bool; 3],
    /// What was kept of outputs and the cache, to be put back some day.
    pub(crate) kept: Vec<Keepsake>,
    /// The assets of each game as they were when they could be packed last.
    pub(crate) sound: [Option<Tree>; 2],
    /// What a person could bring back from version control: files of the games.
    pub(crate) shelf: Vec<(PathBuf, Vec<u8>, i128)>,
    /// The projects that stay open, as a watching host has them.
    pub(crate) open: [Option<Arc<Project>>; 2],
    /// How many threads a pack may use.
    pub(crate) workers: usize,
    ids: Arc<Ids>,
}

/// A file with its time.
pub(crate) type Keepsake = (PathBuf, Vec<u8>, i128);

/// What was below a folder.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) files: Vec<Keepsake>,
}

/// Identities of one history: the same in each run of it.
#[derive(Debug, Default)]
struct Ids(AtomicU64);

impl IdSource for Ids {
    fn asset_uuid(&self) -> AssetUuid {
        AssetUuid::parse(&assets::uuid(0x1_0000 + self.0.fetch_add(1, Ordering::Relaxed))).unwrap()
    }

    fn operation_id(&self) -> OperationId {
        OperationId::parse(&assets::uuid(0x2_0000_0000 + self.0.fetch_add(1, Ordering::Relaxed))).unwrap()
    }
}

/// The folders of assets that there are at the beginning, or can be.
const ROOTS: [&str; 6] = ["ui/atlas", "ui/atlas2", "snd", "data", "deep/er/map", "Big"];

/// Places and projects.
impl World {
    pub(crate) fn game(&self) -> PathBuf {
        self.ground.top().join(["game", "other"][self.at])
    }

    pub(crate) fn assets(&self) -> PathBuf {
        self.game().join("assets")
    }

    pub(crate) fn registry(&self) -> PathBuf {
        self.assets().join(".prometeu/index.json")
    }

    pub(crate) fn outs(&self, n: usize) -> PathBuf {
        self.ground.top().join(["out/one", "out/two", "out/three"][n])
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.ground.top().join("cache")
    }

    /// What a project on those files works with.
    pub(crate) fn host(&self, storage: Arc<dyn Storage>) -> Host {
        Host {
            storage,
            clock: self.ground.clock(),
            ids: Arc::clone(&self.ids) as Arc<dyn IdSource>,
            workers: Arc::new(UpTo::new(self.workers)),
            events: Arc::new(NoEvents),
            // What another test starts has all our locks for a moment.
            patience: Duration::from_secs(if self.ground.memory().is_some() { 0 } else { 5 }),
            cancel: Cancel::default(),
            process: "a test".to_owned(),
        }
    }

    /// The game's folders with a declaration, by their paths below `assets/`.
    pub(crate) fn roots(&self) -> Vec<String> {
        let assets = self.assets();
        let declared = self.ground.list(&assets).into_iter().filter_map(|(path, kind)| {
            let root = path.strip_prefix(&assets).ok()?.parent()?;
            let is_one = kind == FileKind::File && path.ends_with("asset.json");
            (is_one && !root.starts_with(".prometeu")).then(|| root.to_str().map(str::to_owned))?
        });
        declared.collect()
    }

    /// One of the game's roots.
    pub(crate) fn root(&self, dice: &mut Dice) -> Option<PathBuf> {
        let roots = self.roots();
        (!roots.is_empty()).then(|| self.assets().join(dice.pick(&roots)))
    }

    /// The files of a root, but for its declaration.
    pub(crate) fn inputs(&self, root: &Path) -> Vec<PathBuf> {
        let inside = self.ground.list(root).into_iter();
        inside
            .filter(|(path, kind)| *kind == FileKind::File && !path.ends_with("asset.json"))
            .map(|(path, _)| path)
            .collect()
    }

    /// One of all the inputs.
    pub(crate) fn input(&self, dice: &mut Dice) -> Option<PathBuf> {
        let root = self.root(dice)?;
        let inputs = self.inputs(&root);
        (!inputs.is_empty()).then(|| dice.pick(&inputs).clone())
    }

    /// One of all the files that people write: inputs, declarations, the registry.
    pub(crate) fn file(&self, dice: &mut Dice) -> Option<PathBuf> {
        match dice.below(8) {
            0 => Some(self.registry()).filter(|path| self.ground.is_file(path)),
            1 | 2 => Some(self.root(dice)?.join("asset.json")),
            _ => self.input(dice),
        }
    }

    /// A document, when it can be read.
    pub(crate) fn document(&self, path: &Path) -> Option<Value> {
        serde_json::from_slice(&self.ground.read(path)?).ok()
    }

    /// A path as a history tells it.
    pub(crate) fn told(&self, path: &Path) -> String {
        path.strip_prefix(self.ground.top()).unwrap_or(path).display().to_string()
    }
}

/// Saving, as one editor or another does.
impl World {
    /// Gives a file this content: by a new file or in place, and now and then with the time that it had
    /// before. Answers how.
    pub(crate) fn save(&self, path: &Path, bytes: &[u8], dice: &mut Dice) -> &'static str {
        let before = self.ground.modified(path).filter(|_| self.ground.is_file(path));
        let in_place = before.is_some() && dice.once_in(2);
        if in_place {
            self.ground.write_in_place(path, bytes);
        } else {
            self.ground.write(path, bytes);
        }
        // Without a second time of a file nobody can see that, and nobody promises to.
        match before.filter(|_| self.ground.eyes.knows_files && dice.once_in(3)) {
            Some(time) => {
                self.ground.set_modified(path, time);
                if in_place { "in place, and set the time back" } else { "anew, and set the time back" }
            }
            None if in_place => "in place",
            None => "anew",
        }
    }

    /// Saves a document in a layout of somebody's own.
    pub(crate) fn save_document(&self, path: &Path, document: &Value, dice: &mut Dice) -> &'static str {
        let text = spelt(document, dice);
        self.save(path, text.as_bytes(), dice)
    }
}

/// Contents.
impl World {
    /// A content for that file, of the size of `like` if that is given and can be had.
    pub(crate) fn content(path: &Path, like: Option<&[u8]>, dice: &mut Dice) -> Vec<u8> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let told = path.to_string_lossy();
        let size = like.map_or_else(|| *dice.pick(&SIZES), <[u8]>::len);
        match extension {
            // So large that its payload is worth keeping for others.
            Some("png") if told.contains("sheet") => picture(4 * TILE_SIZE, dice),
            Some("png") => picture(TILE_SIZE, dice),
            Some("wav") => {
                let bytes = match like {
                    Some(like) => like.len().saturating_sub(44) & !1,
                    None => 2 + size.min(1000) / 2 * 2,
                };
                let frames = dice.bytes(bytes);
                wav::file(&[wav::fmt(1, 1, RATE, 16), (*b"data", frames)], true)
            }
            _ => dice.bytes(size),
        }
    }

    /// A new asset's folder, with its files; it is not registered by that.
    pub(crate) fn make_root(&self, root: &str, uuid: &str, dice: &mut Dice) {
        let folder = self.assets().join(root);
        let count = 1 + dice.below(3);
        let of = |extension: &str| -> Vec<String> {
            (0..count).map(|n| format!("{}{n}.{extension}", if n == 2 { "sub/" } else { "" })).collect()
        };
        let name = root.replace('/', "_");
        let (files, mut declaration) = match dice.below(6) {
            0 | 1 => {
                let mut files = of("png");
                if dice.once_in(2) {
                    files[0] = "sheet.png".to_owned();
                }
                (files.clone(), assets::glyph_bank(uuid, &name, &texts(&files)))
            }
            2 => {
                let files = of("wav");
                (files.clone(), assets::sound_bank(uuid, &name, RATE, &texts(&files)))
            }
            _ => {
                let files = of("bin");
                (files.clone(), assets::blob_bank(uuid, &name, &texts(&files)))
            }
        };
        if files[0] != "sheet.png" && dice.once_in(3) {
            let artifacts = files.iter().enumerate().map(|(n, file)| json!({ "file": file, "index": n }));
            declaration["artifacts"] = artifacts.collect();
        }
        for file in &files {
            let path = folder.join(file);
            let bytes = Self::content(&path, None, dice);
            self.ground.write(&path, &bytes);
        }
        self.ground.write(&folder.join("asset.json"), assets::text(&declaration).as_bytes());
    }

    /// Writes a registry of these roots, by id from 1; now and then one is left out of builds.
    fn register(&self, roots: &[(String, String)], dice: &mut Dice) {
        let entries = roots.iter().enumerate().map(|(n, (root, uuid))| {
            json!({
                "asset_id": n + 1,
                "included_in_build": !dice.once_in(5),
                "root": root,
                "asset_uuid": uuid,
            })
        });
        let entries: Vec<Value> = entries.collect();
        let registry = json!({ "schema_version": 1, "next_asset_id": entries.len() + 1, "assets": entries });
        self.ground.write(&self.registry(), assets::text(&registry).as_bytes());
    }

    /// Nothing yet.
    pub(crate) fn empty(ground: Ground) -> Self {
        let world = Self {
            ground,
            at: 0,
            out: 0,
            known: [const { None }; 3],
            disturbed: [false; 3],
            kept: Vec::new(),
            sound: [const { None }; 2],
            shelf: Vec::new(),
            open: [const { None }; 2],
            workers: 1,
            ids: Arc::default(),
        };
        world.ground.settle();
        world
    }

    /// Two games to begin with; the second is now and then a copy of the first, times and all.
    pub(crate) fn new(ground: Ground, dice: &mut Dice) -> Self {
        let mut world = Self { workers: *dice.pick(&[1, 1, 2, 4]), ..Self::empty(ground) };
        for at in 0..2 {
            world.at = at;
            let game = world.game();
            if at == 1 && dice.once_in(2) {
                let from = world.ground.top().join("game");
                world.ground.copy(&from, &game, world.ground.eyes.knows_files);
                continue;
            }
            let mut roots: Vec<&str> = ROOTS.to_vec();
            dice.shuffle(&mut roots);
            roots.truncate(2 + dice.below(3));
            let roots: Vec<(String, String)> =
                roots.iter().zip(1..).map(|(root, n)| ((*root).to_owned(), assets::uuid(n))).collect();
            for (root, uuid) in &roots {
                world.make_root(root, uuid, dice);
            }
            world.register(&roots, dice);
        }
        world.at = 0;
        if !dice.once_in(4) {
            world.ground.settle();
        }
        world
    }
}

fn texts(files: &[String]) -> Vec<&str> {
    files.iter().map(String::as_str).collect()
}

/// A square picture of the three colours; all of them with that side are files of one size.
fn picture(side: u32, dice: &mut Dice) -> Vec<u8> {
    const RGBA: [[u8; 4]; 3] = [[0, 0, 0, 0], [0xff, 0x00, 0x4d, 0xff], [0xff, 0xec, 0x27, 0xff]];
    assert_eq!(COLORS.len(), RGBA.len());
    let pixels = (0..side * side).flat_map(|_| *dice.pick(&RGBA));
    let pixels: Vec<u8> = pixels.collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::NoCompression);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    file
}
