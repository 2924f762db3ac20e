//! Projects, a change to each, and what counts as its state.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::mutate::{
    AdoptAsset, Adoption, CreateAsset, Fix, ForgetAsset, Given, GivenFile, Mutation, QuarantineAsset,
    ReconcileAssets, RegisterAsset, RelocateAsset, RemoveAsset, RestoreAsset, SetIncluded,
};
use crate::ops::{Applied, Response, Status};
use crate::path::AssetPath;
use crate::project::Project;
use crate::storage::memory::MemoryStorage;
use crate::storage::{Rename, Storage as _};
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
    Scenario { name: "forget", before: people, mutation: || forget("a") },
    Scenario { name: "remove", before: people, mutation: || remove(false) },
    Scenario { name: "remove for good", before: people, mutation: || remove(true) },
    Scenario { name: "quarantine", before: people, mutation: || quarantine("a") },
    Scenario { name: "quarantine beside another", before: one_away, mutation: || quarantine("a") },
    Scenario { name: "quarantine an orphan", before: orphan, mutation: || quarantine("b") },
    Scenario {
        name: "quarantine three together",
        before: orphan,
        mutation: || quarantine_all(&["a", "b", "2"]),
    },
    Scenario { name: "restore", before: away, mutation: || restore("1") },
    Scenario { name: "restore below folders that are gone", before: deep_away, mutation: || restore("ui/c") },
    Scenario { name: "adopt as new", before: copied, mutation: || adopt(Adoption::New) },
    Scenario {
        name: "adopt as the asset",
        before: moved,
        mutation: || adopt(Adoption::Existing("1".into())),
    },
    Scenario { name: "mend an old name", before: old_name, mutation: || mend(&["legacy-name:a"]) },
    Scenario { name: "mend everything", before: everything_to_mend, mutation: || Mutation::Fix(Fix::All) },
    Scenario { name: "reconcile a moved one", before: moved_whole, mutation: reconcile },
    Scenario { name: "reconcile two that changed places", before: swapped, mutation: reconcile },
    Scenario { name: "reconcile an allocator that is behind", before: behind, mutation: reconcile },
    Scenario {
        name: "adopt a root whose uuid was edited",
        before: edited_uuid,
        mutation: || adopt_at("a", Adoption::Existing("1".into())),
    },
    Scenario { name: "undo a reconciliation", before: || done(swapped(), &reconcile()), mutation: undo },
    Scenario { name: "undo a creation", before: || done(empty_root(), &create("b", false)), mutation: undo },
    Scenario {
        name: "undo a relocation",
        before: || done(people(), &relocate("new/deep/a")),
        mutation: undo,
    },
    Scenario { name: "undo a removal for good", before: || done(people(), &remove(true)), mutation: undo },
    Scenario { name: "undo a quarantine", before: away, mutation: undo },
    Scenario {
        name: "undo a quarantine of three",
        before: || done(orphan(), &quarantine_all(&["a", "b", "2"])),
        mutation: undo,
    },
    Scenario { name: "undo a restoration", before: || done(away(), &restore("a")), mutation: undo },
    Scenario { name: "undo an adoption", before: || done(copied(), &adopt(Adoption::New)), mutation: undo },
    Scenario { name: "undo an exclusion", before: || done(people(), &exclude()), mutation: undo },
    Scenario {
        name: "undo mending everything",
        before: || done(everything_to_mend(), &Mutation::Fix(Fix::All)),
        mutation: undo,
    },
    Scenario { name: "undo init", before: || done(beside_files(), &Mutation::InitWorkspace), mutation: undo },
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

/// The same project after a change.
fn done(fixture: Fixture, mutation: &Mutation) -> Fixture {
    let response = fixture.project().change(mutation, true);
    assert_eq!(response.status, Status::Ok, "{:?}", response.blockers);
    for path in fixture.files.paths() {
        fixture.files.sync(&path).expect("memory is synced");
    }
    assert_eq!(fixture.files.unsynced().0, 0, "of entries");
    fixture
}

/// With an asset in quarantine.
fn away() -> Fixture {
    done(people(), &quarantine("a"))
}

/// With another one there.
fn one_away() -> Fixture {
    done(people(), &quarantine("ui/c"))
}

/// With an asset in quarantine whose folder above is gone.
fn deep_away() -> Fixture {
    let fixture = one_away();
    fixture.files.delete("/game/assets/ui");
    fixture
}

/// With a copy of an asset, as a file manager makes it.
fn copied() -> Fixture {
    let fixture = people();
    fixture.write("assets/b/data.txt", "a");
    fixture.declare("b", &blob(&uuid(1), "a"));
    fixture
}

/// With an asset that was moved by hand.
fn moved() -> Fixture {
    let fixture = copied();
    for name in ["asset.json", "data.txt"] {
        fixture.files.delete(format!("/game/assets/a/{name}"));
    }
    fixture
}

/// With a name of an older packer.
fn old_name() -> Fixture {
    let fixture = people();
    fixture.edit("a", "NONE", "RAW");
    fixture
}

/// With everything in it that `doctor` can mend: two things in one declaration, one in another, and the
/// registry.
fn everything_to_mend() -> Fixture {
    let fixture = old_name();
    fixture.edit("a", &format!("  \"asset_uuid\": \"{}\",\n", uuid(1)), "");
    fixture.edit("ui/c", "BLOB/raw_v1", "TILES/indexed_v1");
    fixture.edit("ui/c", "blob_bank", "tile_bank");
    let entries = [entry(1, "a", true), entry(2, "ui/c", true)].join(",");
    fixture.write(
        "assets/.prometeu/index.json",
        format!(r#"{{"schema_version": 1, "next_asset_id": 2, "assets": [{entries}]}}"#),
    );
    fixture
}

fn mend(fixes: &[&str]) -> Mutation {
    Mutation::Fix(Fix::These(fixes.iter().map(|fix| (*fix).to_owned()).collect()))
}

/// With an asset whose folder was moved as a whole.
fn moved_whole() -> Fixture {
    let fixture = people();
    fixture.files.folder("/game/assets/art");
    let [from, to] = ["/game/assets/a", "/game/assets/art/b"];
    fixture.files.rename_by_hand(from, to, Rename::New).expect("nothing is there");
    fixture
}

/// With two assets whose folders changed places.
fn swapped() -> Fixture {
    let fixture = people();
    let [from, to] = ["/game/assets/a", "/game/assets/ui/c"];
    fixture.files.rename_by_hand(from, to, Rename::Exchange).expect("both are there");
    fixture
}

/// With a registry that would give out an id that is in use.
fn behind() -> Fixture {
    let fixture = people();
    let text = fixture.files.content("/game/assets/.prometeu/index.json").expect("there is one");
    let text = String::from_utf8(text).expect("it is text");
    let text = text.replace("\"next_asset_id\": 3", "\"next_asset_id\": 2");
    fixture.write("assets/.prometeu/index.json", text);
    fixture
}

/// With an asset in whose declaration somebody wrote another uuid.
fn edited_uuid() -> Fixture {
    let fixture = people();
    fixture.edit("a", &uuid(1), &uuid(9));
    fixture
}

fn reconcile() -> Mutation {
    Mutation::Reconcile(ReconcileAssets::default())
}

fn forget(asset: &str) -> Mutation {
    Mutation::ForgetAsset(ForgetAsset { asset: asset.into() })
}

fn remove(purge: bool) -> Mutation {
    Mutation::RemoveAsset(RemoveAsset { asset: "a".into(), purge })
}

fn quarantine(asset: &str) -> Mutation {
    quarantine_all(&[asset])
}

fn quarantine_all(assets: &[&str]) -> Mutation {
    let assets = assets.iter().map(ToString::to_string).collect();
    Mutation::QuarantineAsset(QuarantineAsset { assets })
}

fn restore(entry: &str) -> Mutation {
    Mutation::RestoreAsset(RestoreAsset { entry: entry.into() })
}

fn adopt(adoption: Adoption) -> Mutation {
    adopt_at("b", adoption)
}

fn adopt_at(at: &str, adoption: Adoption) -> Mutation {
    Mutation::AdoptAsset(AdoptAsset { root: root(at), adoption })
}

fn undo() -> Mutation {
    Mutation::UNDO_LAST
}

fn exclude() -> Mutation {
    Mutation::SetIncluded(SetIncluded { assets: vec!["a".into(), "ui/c".into()], included: false })
}
