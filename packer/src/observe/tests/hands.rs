//! People's hands and operations in turns, at random, on files in memory: observing misses nothing,
//! reconciling leaves nothing that it could settle, every way out can be taken, and none of them changes
//! or loses a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::told;
use crate::Project;
use crate::mutate::{
    ForgetAsset, Mutation, QuarantineAsset, ReconcileAssets, RegisterAsset, RestoreAsset, SetIncluded, Undo,
};
use crate::ops::Status;
use crate::path::AssetPath;
use crate::snapshot::State;
use crate::snapshot::divergence::tests::take_every_way;
use crate::storage::Rename;
use crate::storage::memory::MemoryStorage;
use crate::testing::{Fixture, request, uuid};

/// The seed of the first project.
const SEED: u64 = 1;

/// How many projects, and what is done with each.
const CASES: u64 = 60;
const STEPS: u32 = 25;

const REGISTRY: &str = ".prometeu/index.json";

/// Numbers that follow from a seed.
struct Dice(u64);

impl Dice {
    /// One of the first `n`.
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % n
    }

    fn one_of<T: Clone>(&mut self, items: &[T]) -> Option<T> {
        (!items.is_empty()).then(|| items[self.below(items.len())].clone())
    }
}

/// Files below `assets/` with their content, but for what is this checkout's own.
type Listing = BTreeMap<String, Vec<u8>>;

fn listing(files: &MemoryStorage) -> Listing {
    let below = |path: &Path| Some(path.strip_prefix("/game/assets").ok()?.to_str()?.to_owned());
    let paths = files.paths().into_iter();
    let named = paths.filter_map(|path| Some((below(&path)?, files.content(&path)?)));
    named.filter(|(path, _)| !path.starts_with(".prometeu/local/")).collect()
}

/// The folders with a declaration.
fn roots(listing: &Listing) -> Vec<String> {
    let declared = listing.keys().filter(|path| !path.starts_with(".prometeu/"));
    declared.filter_map(|path| Some(path.strip_suffix("/asset.json")?.to_owned())).collect()
}

/// What observing has to see: texts, the input of a declaration that could be read, and names in roots.
fn what_counts(listing: &Listing, other: &Listing) -> BTreeSet<String> {
    let roots: BTreeSet<String> = roots(listing).into_iter().chain(roots(other)).collect();
    let is_in_root = |path: &str| path.match_indices('/').any(|(at, _)| roots.contains(&path[..at]));
    let reads = |path: &str| {
        let root = path.strip_suffix("/data.txt")?;
        let text = listing.get(&format!("{root}/asset.json"))?;
        let (_, reading) = crate::schema::declaration::read_bytes(text.clone());
        reading.declaration.map(drop)
    };
    let told = listing.iter().filter(|(path, _)| {
        path.as_str() == REGISTRY || path.starts_with(".prometeu/quarantine/") || is_in_root(path)
    });
    let content = |(path, bytes): (&String, &Vec<u8>)| {
        let is_looked_at = path == REGISTRY
            || path.ends_with("/asset.json") && !path.starts_with(".prometeu/")
            || reads(path).is_some();
        // Of what lies in quarantine only the entries count, with their records.
        let is_kept_out = path.starts_with(".prometeu/quarantine/") && !path.ends_with("/record.json");
        (!is_kept_out).then(|| if is_looked_at { format!("{path} {bytes:?}") } else { path.clone() })
    };
    told.filter_map(content).collect()
}

struct World {
    fixture: Fixture,
    project: Project,
    dice: Dice,
    /// The files when the project's snapshot was read.
    seen: (u64, Listing),
    log: Vec<String>,
}

impl World {
    fn new(seed: u64) -> Self {
        let fixture = Fixture::blobs(&["a", "b", "ui/c", "d"]);
        let project = fixture.project();
        let generation = project.snapshot().unwrap().generation.get();
        let seen = (generation, listing(&fixture.files));
        Self {
            fixture,
            project,
            dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            seen,
            log: Vec::new(),
        }
    }

    fn at(path: &str) -> String {
        format!("/game/assets/{path}")
    }

    fn put(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.fixture.files.write(Self::at(path), bytes);
    }

    /// A name at which nothing is.
    fn free(&mut self) -> String {
        let all = ["x", "y", "art/z", "b/inside", "A", "ui/deep/c", "old"];
        let files = listing(&self.fixture.files);
        let taken = |root: &str| {
            files.keys().any(|path| path == root || path.starts_with(&format!("{root}/")))
                || self.fixture.files.paths().contains(&Self::at(root).into())
        };
        let free: Vec<&str> = all.into_iter().filter(|root| !taken(root)).collect();
        let fallback = format!("n{}", self.log.len());
        self.dice.one_of(&free).map_or(fallback, str::to_owned)
    }

    /// Something that a person does, in words.
    fn by_hand(&mut self) -> String {
        let files = listing(&self.fixture.files);
        let roots = roots(&files);
        let Some(root) = self.dice.one_of(&roots) else { return "nothing".to_owned() };
        let declaration = format!("{root}/asset.json");
        let text = String::from_utf8_lossy(&files[&declaration]).into_owned();
        let registry = files.get(REGISTRY).map(|text| String::from_utf8_lossy(text).into_owned());
        let n = u32::try_from(self.dice.below(6)).unwrap() + 1;
        match self.dice.below(16) {
            0 | 1 => {
                let to = self.free();
                let place = Self::at(&to);
                self.fixture.files.folder(Path::new(&place).parent().unwrap());
                let moved = self.fixture.files.rename_by_hand(Self::at(&root), &place, Rename::New);
                format!("move {root} to {to}: {moved:?}")
            }
            2 => {
                let other = self.dice.one_of(&roots).unwrap();
                let [one, two] = [&root, &other].map(|root| Self::at(root));
                if one.starts_with(&format!("{two}/")) || two.starts_with(&format!("{one}/")) || one == two {
                    return "nothing".to_owned();
                }
                let done = self.fixture.files.rename_by_hand(one, two, Rename::Exchange);
                format!("exchange {root} and {other}: {done:?}")
            }
            3 => {
                let to = self.free();
                for (path, bytes) in &files {
                    if let Some(rest) = path.strip_prefix(&format!("{root}/")) {
                        self.put(&format!("{to}/{rest}"), bytes.clone());
                    }
                }
                format!("copy {root} to {to}")
            }
            4 => {
                self.fixture.files.delete(Self::at(&root));
                format!("delete {root}")
            }
            5 => {
                self.fixture.files.delete(Self::at(&declaration));
                format!("delete {declaration}")
            }
            6 => {
                let held = (1..=6).map(uuid).find(|uuid| text.contains(uuid.as_str()));
                let other = uuid(n);
                self.put(&declaration, held.map_or(text.clone(), |held| text.replace(&held, &other)));
                format!("give {root} the uuid {n}")
            }
            7 => {
                let lines = text.lines().filter(|line| !line.contains("asset_uuid"));
                self.put(&declaration, lines.collect::<Vec<_>>().join("\n"));
                format!("take the uuid from {root}")
            }
            8 => {
                self.put(&declaration, "{ \"name\": ");
                format!("break {root}")
            }
            9 => {
                self.put(&declaration, text.replace("BLOB", &format!("BLOB{n}")).replace("BLOB1/", "BLOB/"));
                format!("edit {root}")
            }
            10 | 11 => {
                self.put(&format!("{root}/data.txt"), format!("data {n}"));
                format!("save the data of {root}")
            }
            12 => {
                self.put(&format!("{root}/note{n}.txt"), "a note");
                format!("a note in {root}")
            }
            13 => {
                let text = registry.unwrap_or_default().replacen("true", "false", 1);
                self.put(REGISTRY, text);
                "exclude one in the registry".to_owned()
            }
            14 => {
                let next = format!("\"next_asset_id\": {n},");
                let text = registry.unwrap_or_default();
                let at = text.find("\"next_asset_id\"").unwrap_or(text.len());
                let end = text[at..].find(',').map_or(text.len(), |end| at + end + 1);
                self.put(REGISTRY, format!("{}{next}{}", &text[..at], &text[end..]));
                format!("let the registry go on with {n}")
            }
            _ => {
                let text = registry.unwrap_or_default();
                let other = text.replacen(&format!("\"asset_id\": {n},"), "\"asset_id\": 1,", 1);
                let is_conflict = self.dice.below(3) == 0;
                self.put(REGISTRY, if is_conflict { "<<<<<<< x\n".to_owned() } else { other });
                "merge the registry badly".to_owned()
            }
        }
    }

    /// Something that the packer is asked for, in words. It may be refused.
    fn by_the_packer(&mut self) -> String {
        let snapshot = self.project.refresh(crate::workspace::Scope::Workspace).unwrap();
        let ids: Vec<String> = snapshot.assets.iter().map(|asset| asset.id().to_string()).collect();
        let asset = self.dice.one_of(&ids).unwrap_or_default();
        let loose: Vec<AssetPath> =
            snapshot.unregistered.iter().flatten().filter_map(|(found, _)| found.root.clone().ok()).collect();
        let away: Vec<String> =
            snapshot.quarantined.iter().flatten().map(|found| found.entry.clone()).collect();
        let mutation = match self.dice.below(7) {
            0 => {
                Mutation::SetIncluded(SetIncluded { assets: vec![asset], included: self.dice.below(2) == 0 })
            }
            1 => Mutation::ForgetAsset(ForgetAsset { asset }),
            2 => Mutation::QuarantineAsset(QuarantineAsset { assets: vec![asset] }),
            3 => match self.dice.one_of(&away) {
                Some(entry) => Mutation::RestoreAsset(RestoreAsset { entry }),
                None => Mutation::Undo(Undo::default()),
            },
            4 => match self.dice.one_of(&loose) {
                Some(root) => Mutation::RegisterAsset(RegisterAsset { root, included: true }),
                None => Mutation::Undo(Undo::default()),
            },
            5 => Mutation::Undo(Undo::default()),
            _ => {
                let packed = self.project.pack(&request());
                return format!("pack: {:?}", packed.status);
            }
        };
        let response = self.project.change(&mutation, true);
        format!("{mutation:?}: {:?}", response.status)
    }

    /// Observes, and compares with what is there.
    fn observe(&mut self) -> (State, bool) {
        let now = listing(&self.fixture.files);
        let snapshot = self.project.snapshot().unwrap();
        if snapshot.generation.get() != self.seen.0 {
            self.seen = (snapshot.generation.get(), now.clone());
        }
        let observation = self.project.observe().unwrap();
        assert_eq!(listing(&self.fixture.files), now, "observing changes no file");
        assert_eq!(observation.generation.get(), self.seen.0, "observing publishes nothing");
        let differs = what_counts(&self.seen.1, &now) != what_counts(&now, &self.seen.1);
        let sees = !observation.changes.is_empty() || observation.registry_changed;
        let only_quarantine = |listing: &Listing| -> Vec<String> {
            listing.keys().filter(|path| path.starts_with(".prometeu/quarantine/")).cloned().collect()
        };
        if differs && only_quarantine(&now) == only_quarantine(&self.seen.1) {
            assert!(sees, "missed: {:?}", told(&observation.changes));
            assert_ne!(observation.state, State::Current);
        }
        // A fresh look at everything comes to the same.
        let fresh = self.fixture.project_for_build().snapshot().unwrap();
        assert_eq!(observation.divergences, fresh.divergences());
        assert_eq!(observation.state == State::Diverged, fresh.state == State::Diverged);
        (observation.state, sees)
    }

    fn reconcile(&mut self) -> bool {
        let before = listing(&self.fixture.files);
        let response = self.project.change(&Mutation::Reconcile(ReconcileAssets::default()), true);
        let mut after = listing(&self.fixture.files);
        assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "no file is lost");
        if let Some(registry) = before.get(REGISTRY) {
            after.insert(REGISTRY.to_owned(), registry.clone());
        }
        assert_eq!(before, after, "and none is changed but the registry");
        let refreshed = self.project.refresh_workspace();
        assert_eq!(refreshed.status, Status::Ok);
        self.seen = (refreshed.generation.get(), listing(&self.fixture.files));
        let left = self.project.observe().unwrap();
        assert_eq!((left.changes.len(), left.registry_changed), (0, false));
        if response.status == Status::Ok {
            assert!(left.divergences.iter().all(|left| !left.can_be_reconciled), "{left:?}");
            let plan = response.payload.unwrap().plan;
            let kinds = |found: &[crate::snapshot::Divergence]| {
                found.iter().map(|one| one.message.clone()).collect::<BTreeSet<_>>()
            };
            let (named, stays) = (kinds(&plan.remains.divergences), kinds(&left.divergences));
            // What stays may be told in other words once others have moved; that something stays was told.
            assert_eq!(named.is_empty(), stays.is_empty(), "{named:?} {stays:?}");
        }
        left.state == State::Current
    }
}

#[test]
fn observing_and_reconciling_hold_whatever_hands_and_operations_do() {
    let mut counts = BTreeMap::<String, usize>::new();
    for case in SEED..SEED + CASES {
        let mut world = World::new(case);
        let story = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for _ in 0..STEPS {
                let done = if world.dice.below(3) > 0 { world.by_hand() } else { world.by_the_packer() };
                world.log.push(done);
                let (state, _) = world.observe();
                *counts.entry(state.as_str().to_owned()).or_default() += 1;
                match world.dice.below(6) {
                    0 => {
                        let is_current = world.reconcile();
                        let what = if is_current { "reconciled" } else { "left to a person" };
                        *counts.entry(what.to_owned()).or_default() += 1;
                        world.log.push("reconcile".to_owned());
                    }
                    1 => {
                        *counts.entry("ways".to_owned()).or_default() += take_every_way(&world.fixture);
                    }
                    2 => world.fixture.later(),
                    _ => {}
                }
            }
        }));
        if let Err(panic) = story {
            eprintln!("seed {case}: {:#?}", world.log);
            std::panic::resume_unwind(panic);
        }
    }
    eprintln!("seeds {SEED} to {}: {counts:?}", SEED + CASES - 1);
    for what in ["current", "stale", "diverged", "reconciled", "left to a person", "ways"] {
        assert!(counts.get(what).is_some_and(|count| *count > 10), "{what}: {counts:?}");
    }
}
