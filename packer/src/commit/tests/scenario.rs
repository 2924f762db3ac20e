//! Projects, a change to each, and what counts as its state.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::mutate::{CreateAsset, Given, GivenFile, Mutation, RegisterAsset, RelocateAsset, SetIncluded};
use crate::ops::{Applied, Response};
use crate::path::AssetPath;
use crate::project::Project;
use crate::storage::memory::MemoryStorage;
use crate::testing::{Fixture, blob, entry, uuid};

/// A project and a change to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    /// What is done, in a few words.
    pub(crate) name: &'static str,
    /// The project before, everything durable.
    pub(crate) before: fn() -> Fixture,
    /// The change.
    pub(crate) mutation: fn() -> Mutation,
}

/// Every kind of change, and every kind of step in one.
pub(crate) const ALL: &[Scenario] = &[
    Scenario {
        name: "init in an empty folder",
        before: Fixture::empty,
        mutation: || Mutation::InitWorkspace,
    },
    Scenario { name: "init beside files", before: beside_files, mutation: || Mutation::InitWorkspace },
    Scenario { name: "create below new folders", before: people, mutation: || create("new/deep/b", false) },
    Scenario { name: "create in an empty folder", before: empty_root, mutation: || create("b", false) },
    Scenario { name: "create from files", before: people, mutation: || create("b", true) },
    Scenario { name: "register", before: orphan, mutation: || register("b") },
    Scenario { name: "register and write a uuid", before: orphan_without_uuid, mutation: || register("b") },
    Scenario { name: "relocate below new folders", before: people, mutation: || relocate("new/deep/a") },
    Scenario { name: "relocate beside", before: people, mutation: || relocate("b") },
    Scenario { name: "exclude two", before: people, mutation: exclude },
];

impl Scenario {
    /// Makes the change on an open project.
    pub(crate) fn change(&self, project: &Project) -> Response<Applied> {
        project.change(&(self.mutation)(), true)
    }
}

/// What people see of a project: every file with its content, every folder with none. Not the packer's
/// own files in `local/`, and not the two folders above them, which hold nothing by themselves.
pub(crate) type Visible = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// What people see of these files.
pub(crate) fn visible(files: &MemoryStorage) -> Visible {
    let local = Path::new("/game/assets/.prometeu/local");
    let ours = |path: &Path| local.starts_with(path) || path.starts_with(local);
    let paths = files.paths().into_iter().filter(|path| path.starts_with("/game") && !ours(path));
    paths.map(|path| (path.clone(), files.content(&path))).collect()
}

/// Two registered assets with files of people beside and in them.
fn people() -> Fixture {
    let fixture = Fixture::blobs(&["a", "ui/c"]);
    fixture.write("assets/a/notes/idea.txt", "mine");
    fixture.write("assets/readme.txt", "mine too");
    fixture
}

fn beside_files() -> Fixture {
    let fixture = Fixture::empty();
    fixture.write("assets/a/data.txt", "a");
    fixture.declare("a", &blob(&uuid(1), "a"));
    fixture
}

fn empty_root() -> Fixture {
    let fixture = people();
    fixture.files.folder("/game/assets/b");
    fixture
}

fn orphan() -> Fixture {
    let fixture = people();
    fixture.write("assets/b/data.txt", "b");
    fixture.declare("b", &blob(&uuid(7), "b"));
    // As a person may have left it: every byte of it counts.
    fixture.registry(&[entry(1, "a", true), entry(2, "ui/c", false)]);
    fixture
}

fn orphan_without_uuid() -> Fixture {
    let fixture = orphan();
    fixture.edit("b", &format!("  \"asset_uuid\": \"{}\",\n", uuid(7)), "");
    fixture
}

fn root(text: &str) -> AssetPath {
    AssetPath::parse(text).unwrap()
}

fn create(at: &str, from_files: bool) -> Mutation {
    let files = ["one.txt", "two.bin", "three"]
        .map(|name| GivenFile { name: name.into(), bytes: name.repeat(3_000).into_bytes() });
    let from = from_files.then(|| Given { files: files.into(), tile_size: None });
    Mutation::CreateAsset(CreateAsset { root: root(at), family: "blob_bank".into(), name: None, from })
}

fn register(at: &str) -> Mutation {
    Mutation::RegisterAsset(RegisterAsset { root: root(at), included: true })
}

fn relocate(to: &str) -> Mutation {
    Mutation::RelocateAsset(RelocateAsset { asset: "a".into(), new_root: root(to) })
}

fn exclude() -> Mutation {
    Mutation::SetIncluded(SetIncluded { assets: vec!["a".into(), "ui/c".into()], included: false })
}
