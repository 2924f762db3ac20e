//! A temporary game crate on disk, which builds against this checkout.

use std::cell::Cell;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::assets;
use crate::cargo::{self, CargoRun, Outcome};
use crate::checkout;

/// The two lines that a game needs.
const BUILD_RS: &str = "fn main() {\n    packer_build::run();\n}\n";

/// A game that has its constants and knows where its pack is.
const MAIN_RS: &str = r#"mod assets {
    packer_format::include_assets!();
}

fn main() {
    println!("{}", env!("PROMETEU_ASSETS_PA"));
}
"#;

/// A game crate in a temporary folder, with a registry that grows as assets are added.
///
/// Dropping it takes the folder away, and what it left in the shared target directory.
#[derive(Debug)]
pub struct GameCrate {
    name: String,
    /// The folder of the game's `Cargo.toml`, and of its `assets/`.
    project: PathBuf,
    /// Which profiles were built, dev and release, to know what to clean.
    built: Cell<[bool; 2]>,
    temporary: TempDir,
}

/// How a [`GameCrate`] is to lie on disk.
#[derive(Debug)]
pub struct Place<'a> {
    name: &'a str,
    folder: &'a str,
    member: bool,
}

impl<'a> Place<'a> {
    /// The game as its own workspace, in a folder of its name.
    ///
    /// Names are unique among the tests: they share a target directory.
    #[must_use]
    pub fn new(name: &'a str) -> Self {
        Self { name, folder: name, member: false }
    }

    /// In that folder of the temporary one; `/` between parts.
    #[must_use]
    pub fn folder(mut self, folder: &'a str) -> Self {
        self.folder = folder;
        self
    }

    /// As a member of a workspace whose root is the temporary folder.
    #[must_use]
    pub fn member(mut self) -> Self {
        self.member = true;
        self
    }

    /// Writes the crate, with an empty registry and no assets.
    ///
    /// # Panics
    ///
    /// When the disk refuses.
    #[must_use]
    pub fn create(self) -> GameCrate {
        let temporary =
            tempfile::Builder::new().prefix("prometeu-game-").tempdir().expect("a temporary folder");
        // Compilers print the canonical path, which is another one where the temporary folder is a link.
        let top = temporary.path().canonicalize().expect("it was just made");
        let project = top.join(self.folder);
        let name = self.name.to_owned();
        let game = GameCrate { name, project, built: Cell::new([false; 2]), temporary };

        let workspace = if self.member {
            let text = format!("[workspace]\nresolver = \"3\"\nmembers = [{:?}]\n{PROFILE}", self.folder);
            fs::write(top.join("Cargo.toml"), text).expect("a new file");
            top
        } else {
            game.project.clone()
        };
        game.write("Cargo.toml", manifest(self.name, !self.member));
        game.write("build.rs", BUILD_RS);
        game.write("src/main.rs", MAIN_RS);
        game.write_registry(&json!({ "schema_version": 1, "next_asset_id": 1, "assets": [] }));
        // So that nothing is resolved anew, and nothing fetched.
        fs::copy(checkout().join("Cargo.lock"), workspace.join("Cargo.lock"))
            .expect("the checkout has a lock file");
        game
    }
}

/// Small and quick; the games are never debugged.
const PROFILE: &str = "\n[profile.dev]\ndebug = false\n";

fn manifest(name: &str, own_workspace: bool) -> String {
    let path = |package: &str| Value::from(checkout().join(package).display().to_string());
    let mut text = format!(
        "[package]\nname = {name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\npacker-format = {{ path = {} }}\n\n\
         [build-dependencies]\npacker-build = {{ path = {} }}\n",
        path("packer-format"),
        path("packer-build"),
    );
    if own_workspace {
        text += PROFILE;
        text += "\n[workspace]\n";
    }
    text
}

impl GameCrate {
    /// A game with a registered tile sheet `ui/atlas` of two tiles (id 1) and a registered level
    /// `levels/first` (id 2).
    #[must_use]
    pub fn with_assets(name: &str) -> Self {
        Self::with_assets_at(Place::new(name))
    }

    /// The same in another place.
    #[must_use]
    pub fn with_assets_at(place: Place<'_>) -> Self {
        let game = place.create();
        game.add_glyph_bank("ui/atlas", &[("heart.png", assets::heart()), ("star.png", assets::star())]);
        game.register("ui/atlas");
        game.add_blob_bank("levels/first", &[("map.txt", b"#..#\n".to_vec())]);
        game.register("levels/first");
        game
    }

    /// The package's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folder of the game's `Cargo.toml` and `assets/`.
    #[must_use]
    pub fn project(&self) -> &Path {
        &self.project
    }

    /// The temporary folder around it.
    #[must_use]
    pub fn surroundings(&self) -> &Path {
        self.temporary.path()
    }

    /// A run of `cargo build`, `check` and the like.
    pub fn cargo(&self, subcommand: &'static str) -> CargoRun<'_> {
        CargoRun::new(self, subcommand)
    }

    /// `cargo build`.
    #[must_use]
    pub fn build(&self) -> Outcome {
        self.cargo("build").run()
    }

    pub(crate) fn remember_profile(&self, release: bool) {
        let mut built = self.built.get();
        built[usize::from(release)] = true;
        self.built.set(built);
    }

    /// The absolute form of a path in the project; `/` between parts.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        self.project.join(path)
    }

    /// Writes a file of the project, and the folders that it needs.
    ///
    /// # Panics
    ///
    /// When the disk refuses, as for everything below.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("folders can be made");
        fs::write(&path, content).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }

    /// The text of a file of the project.
    #[must_use]
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// Removes a file of the project.
    pub fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    }

    /// Renames a file or folder of the project.
    pub fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap_or_else(|e| panic!("{from}: {e}"));
    }

    /// Puts another file in the place of one, as `tar` and `rsync -t` do: by a rename, with a time
    /// of its own that lies in the past.
    pub fn replace_keeping_time(&self, path: &str, content: &[u8], modified: SystemTime) {
        let beside = self.project.join("replacement");
        fs::write(&beside, content).expect("a new file");
        let file = File::options().write(true).open(&beside).expect("a file that was just written");
        file.set_modified(modified).expect("an owner may set times");
        drop(file);
        fs::rename(&beside, self.path(path)).expect("a rename within one folder tree");
    }

    /// Writes an unregistered asset of tiles, its uuid made from its root.
    pub fn add_glyph_bank(&self, root: &str, tiles: &[(&str, Vec<u8>)]) {
        let files = self.add_files(root, tiles);
        let declaration = assets::glyph_bank(&uuid_of(root), &name_of(root), &files);
        self.declare(root, &declaration);
    }

    /// Writes an unregistered asset of plain files, its uuid made from its root.
    pub fn add_blob_bank(&self, root: &str, blobs: &[(&str, Vec<u8>)]) {
        let files = self.add_files(root, blobs);
        let declaration = assets::blob_bank(&uuid_of(root), &name_of(root), &files);
        self.declare(root, &declaration);
    }

    fn add_files<'f>(&self, root: &str, files: &[(&'f str, Vec<u8>)]) -> Vec<&'f str> {
        let add = |(file, content): &(&'f str, Vec<u8>)| {
            self.write(&format!("assets/{root}/{file}"), content);
            *file
        };
        files.iter().map(add).collect()
    }

    /// Writes the declaration of a root.
    pub fn declare(&self, root: &str, declaration: &Value) {
        self.write(&format!("assets/{root}/asset.json"), assets::text(declaration));
    }

    /// The declaration of a root.
    #[must_use]
    pub fn declaration(&self, root: &str) -> Value {
        serde_json::from_str(&self.read(&format!("assets/{root}/asset.json")))
            .expect("it was written as JSON")
    }

    /// Registers a root, included, under the next id.
    pub fn register(&self, root: &str) {
        let uuid = self.declaration(root)["asset_uuid"].clone();
        self.edit_registry(|registry| {
            let id = registry["next_asset_id"].as_u64().expect("it was written as a number");
            registry["next_asset_id"] = (id + 1).into();
            let entry =
                json!({ "asset_id": id, "included_in_build": true, "root": root, "asset_uuid": uuid });
            registry["assets"].as_array_mut().expect("it was written as a list").push(entry);
        });
    }

    /// Takes a root out of the registry; its id stays spent.
    pub fn forget(&self, root: &str) {
        self.edit_registry(|registry| {
            let entries = registry["assets"].as_array_mut().expect("it was written as a list");
            entries.retain(|entry| entry["root"] != root);
        });
    }

    /// Includes a registered root in the build, or excludes it.
    pub fn include(&self, root: &str, included: bool) {
        self.edit_registry(|registry| {
            let entries = registry["assets"].as_array_mut().expect("it was written as a list");
            let entry = entries.iter_mut().find(|entry| entry["root"] == root).expect("a registered root");
            entry["included_in_build"] = included.into();
        });
    }

    fn edit_registry(&self, edit: impl FnOnce(&mut Value)) {
        let mut registry = serde_json::from_str(&self.read(REGISTRY)).expect("it was written as JSON");
        edit(&mut registry);
        self.write_registry(&registry);
    }

    fn write_registry(&self, registry: &Value) {
        self.write(REGISTRY, assets::text(registry));
    }
}

const REGISTRY: &str = "assets/.prometeu/index.json";

/// The same root has the same uuid in every game.
fn uuid_of(root: &str) -> String {
    let number = root.bytes().fold(0_u64, |sum, byte| (sum * 31 + u64::from(byte)) % (1 << 48));
    assets::uuid(number)
}

fn name_of(root: &str) -> String {
    root.replace('/', "_")
}

impl Drop for GameCrate {
    /// Takes the game's own artifacts out of the shared target directory, which would grow with
    /// every run of the tests; those of the packer stay.
    fn drop(&mut self) {
        for (release, built) in [false, true].into_iter().zip(self.built.get()) {
            if !built {
                continue;
            }
            let mut clean = cargo::command();
            clean.current_dir(&self.project).args(["clean", "--offline", "-q", "-p", &self.name]);
            if release {
                clean.arg("--release");
            }
            // A leftover costs room on disk and nothing else.
            let _ = clean.env("CARGO_TARGET_DIR", cargo::shared_target_dir()).status();
        }
    }
}
