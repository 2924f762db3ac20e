//! One change with what a person does meanwhile, and what must hold after it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::ground::{Fate, Ground, Holds, removed};
use super::person::{At, Edit, Person, Saved, edits};
use crate::commit::tests::scenario::{Scenario, Visible};
use crate::commit::tests::suite::{Random, anonymous, check_tidy, is_settled, journal, seen, taken};
use crate::mutate::Mutation;
use crate::ops::{BlockerCode, Status};
use crate::quarantine::Record;
use crate::schema::registry;
use crate::storage::faulty::{Call, FaultyStorage, Method};
use crate::storage::memory::MemoryStorage;
use crate::storage::{FileKind, Rename, Source};
use crate::testing::{Fixture, uuid};

/// More calls than any change makes, however often it begins anew.
const ENDLESS: u64 = 20_000;

/// One change with what somebody else does meanwhile.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) scenario: &'static Scenario,
    pub(super) exchanges: bool,
    /// What is done before which call.
    pub(super) edits: Vec<(u64, Edit)>,
    /// At which call the process dies.
    pub(super) death: Option<u64>,
    /// Whether the power fails with it, or after the answer, and which of the states that leaves.
    pub(super) power_cut: Option<usize>,
    /// What is done before the next one opens the project.
    pub(super) later: Option<Edit>,
}

/// What is known of a scenario before.
pub(super) struct Known {
    pub(super) scenario: &'static Scenario,
    before: Visible,
    after: Visible,
    pub(super) calls: Vec<Call>,
}

/// How it ended, as far as anybody was told.
struct Told {
    /// The answer, unless the process died.
    status: Option<Status>,
    /// Everything that was said.
    words: String,
}

impl Known {
    pub(super) fn of(scenario: &'static Scenario) -> Self {
        let fixture = prepared(scenario, true);
        let before = seen(&fixture.files);
        let disk = FaultyStorage::new(&fixture.files);
        let project = fixture.project_on(Arc::new(disk.clone()), Duration::ZERO);
        assert_eq!(scenario.change(&project).status, Status::Ok);
        Self { scenario, before, after: seen(&fixture.files), calls: disk.log() }
    }

    pub(super) fn fate(&self) -> Fate {
        Ground::of(self.scenario).fate
    }

    /// What a person may do there.
    pub(super) fn edits(&self) -> Vec<Edit> {
        let ground = Ground::of(self.scenario);
        edits().into_iter().filter(|edit| ground.path(edit.at()).is_some()).collect()
    }

    /// A call of a writer that has the lane; a change that meets an edit makes some more.
    pub(super) fn late_call(&self, random: &mut Random) -> u64 {
        (self.taken() + random.below(self.calls.len() + 20 - self.taken())) as u64
    }

    /// The first call of a writer that has the lane.
    pub(super) fn taken(&self) -> usize {
        taken(&self.calls)
    }
}

fn prepared(scenario: &Scenario, exchanges: bool) -> Fixture {
    let fixture = (scenario.before)();
    fixture.lane();
    if !exchanges {
        drop(fixture.files.clone().without_exchange());
    }
    fixture
}

impl Case {
    /// Whether anything was done to the project meanwhile, and all was well.
    pub(super) fn run(&self, known: &Known) -> bool {
        let fixture = prepared(self.scenario, self.exchanges);
        let person = Person::of(Ground::of(self.scenario), &fixture.files);
        let person = Arc::new(Mutex::new(person));
        let did = Arc::new(Mutex::new(0));
        let (hands, plan, count) = (Arc::clone(&person), self.edits.clone(), Arc::clone(&did));
        let mut disk = FaultyStorage::new(&fixture.files).before_each(move |files, call| {
            assert!(call.index < ENDLESS, "it goes on for ever: {call:?}");
            for (at, edit) in &plan {
                if *at == call.index && hands.lock().unwrap().edit(*edit, call.index, files) {
                    *count.lock().unwrap() += 1;
                }
            }
        });
        if let Some(death) = self.death {
            disk = disk.die_at(death, false);
        }
        let project = fixture.project_on(Arc::new(disk.clone()), Duration::ZERO);
        let response = self.scenario.change(&project);
        drop(project);
        let all_done = *did.lock().unwrap() == self.edits.len();
        if !all_done || self.death.is_some() != disk.died() {
            return false;
        }
        let mut person = person.lock().unwrap().clone();
        let mut told = Told {
            status: Some(response.status),
            words: format!("{} {:?}", response.summary, response.blockers),
        };
        let mut fixture = fixture;
        if disk.died() {
            told = Told { status: None, words: String::new() };
            let left = self.power_cut.map(|nth| after_a_cut(&fixture.files, nth));
            let left = left.unwrap_or_else(|| fixture.files.killed());
            fixture = fixture.on(left);
            if let Some(edit) = self.later
                && !person.edit(edit, u64::MAX, &fixture.files)
            {
                return false;
            }
        }
        let case = || {
            let log = disk.log();
            let near: Vec<String> = self
                .edits
                .iter()
                .map(|(at, edit)| {
                    let call = &log[usize::try_from(*at).unwrap()];
                    format!(
                        "{edit:?} before call {at} {:?} {} {:?}",
                        call.method,
                        call.path.display(),
                        call.to
                    )
                })
                .collect();
            let died = self.death.map(|at| (at, log.last().map(|call| (call.method, call.path.clone()))));
            format!(
                "{}, exchanges {}\n  {}\n  died {died:?}, power cut {:?}, later {:?}\n  {:?} {} {}",
                self.scenario.name,
                self.exchanges,
                near.join("\n  "),
                self.power_cut,
                self.later,
                response.status,
                response.blockers.first().map_or("", |b| b.code.as_str()),
                response.blockers.first().map_or("", |b| &b.message),
            )
        };
        let is_unsure = response.blockers.iter().any(|b| b.code == BlockerCode::CommitIndeterminate);
        if told.status.is_some() && !is_unsure {
            assert!(is_settled(&fixture.files), "{}\n  not settled: {:?}", case(), journal(&fixture.files));
        }
        if let (false, Some(nth)) = (disk.died(), self.power_cut) {
            // What was answered is so after a power cut as well.
            fixture = fixture.on(after_a_cut(&fixture.files, nth));
        }
        let project = fixture.project();
        if let Some(recovered) = project.take_recovered() {
            told.words += &recovered.to_string();
        }
        drop(project);
        if disk.died() || is_unsure {
            told.status = None;
            let can_settle = !person.touched.contains(Path::new("/game/assets/.prometeu"));
            assert!(is_settled(&fixture.files) || !can_settle, "{}\n  {:?}", case(), journal(&fixture.files));
        }
        self.check(known, &person, &told, &fixture.files, &disk.log(), &case);
        true
    }

    fn check(
        &self,
        known: &Known,
        person: &Person,
        told: &Told,
        files: &MemoryStorage,
        log: &[Call],
        case: &dyn Fn() -> String,
    ) {
        let has_moved_us = person.touched.contains(Path::new("/game/assets/.prometeu"));
        for saved in &person.saved {
            // Who moves a folder away in the midst of a change takes along what lies in it at that moment,
            // also under another name: the packer's own folder, and with a power cut any, since what was
            // renamed in it last is where nobody can sync it.
            let is_agreed = self.is_agreed(saved, person.ground, log);
            let is_moved = saved.names.iter().any(|name| name.to_string_lossy().contains("/aside_"));
            let is_along = (is_moved && self.power_cut.is_some()
                || has_moved_us && (saved.names.iter().any(|name| is_registry(name)) || is_agreed))
                && files.paths().iter().any(|path| files.content(path).as_ref() == Some(&saved.bytes));
            if !self.is_in_the_gap(saved, log) && !is_taken_up(saved, person.ground, files) && !is_along {
                check_there(saved, person.ground, is_agreed, told, files, case);
            }
        }
        if !has_moved_us {
            // Who moves a folder away in the midst of it takes what lies in it along.
            let here = files.fork();
            for path in files.paths().iter().filter(|path| path.to_string_lossy().contains("/aside_")) {
                here.delete(path);
            }
            if self.death.is_some() || self.power_cut.is_some() {
                // What a crash left beside the lock is removed by the next writer.
                let next = Fixture::empty().on(here.clone());
                drop(next.project().change(&Mutation::InitWorkspace, false));
            }
            check_tidy(&here, case);
            let is_kept = matches!(person.ground.fate, Fate::Removed | Fate::ComesBack);
            let kept = here.paths().into_iter().find(|path| removed(path).is_some());
            assert!(is_kept || kept.is_none(), "{}\n  nobody removed {kept:?} for good", case());
        }
        // What nobody else touched is all of before or all of after.
        let is = seen(files);
        let untouched = |path: &&PathBuf| {
            !person.touched.iter().any(|touched| path.starts_with(touched) || touched.starts_with(path))
        };
        let paths: BTreeSet<&PathBuf> =
            known.before.keys().chain(known.after.keys()).chain(is.keys()).collect();
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for path in paths.into_iter().filter(untouched) {
            if path.to_string_lossy().contains(".conflict-") {
                continue;
            }
            if is.get(path) != known.before.get(path)
                && !is_told(path, known.before.get(path).and_then(Option::as_ref), told, files)
            {
                after.push(path);
            }
            if is.get(path) != known.after.get(path) {
                before.push(path);
            }
        }
        let (is_before, is_after) = (after.is_empty(), before.is_empty());
        assert!(
            is_before || is_after || has_moved_us,
            "{}\n  neither whole nor nothing: not as before {after:?}, not as after {before:?}",
            case()
        );
        let ground = person.ground;
        let holds = ground.holds(files);
        match told.status {
            Some(Status::Ok) => {
                assert!(is_after || has_moved_us, "{}\n  ok, and not as after: {before:?}", case());
                let written = log.iter().find(|call| {
                    matches!(call.method, Method::Rename(_))
                        && (is_registry(&call.path) || call.to.as_deref().is_some_and(is_registry))
                });
                let edited_since =
                    person.registry.is_some_and(|at| written.is_none_or(|call| at > call.index));
                assert!(
                    ground.registry == Holds::Same || holds == Some(true) || edited_since,
                    "{}\n  ok, and not registered",
                    case()
                );
            }
            Some(_) => {
                assert!(is_before || has_moved_us, "{}\n  refused, and not as before: {after:?}", case());
                let by_hand = person.saved.iter().any(|saved| {
                    person.ground.path(At::Registry).and_then(|path| files.content(path))
                        == Some(saved.bytes.clone())
                });
                let is_so_anyway = person.registry.is_some();
                assert!(
                    holds != Some(true) || by_hand || is_so_anyway,
                    "{}\n  refused, and registered",
                    case()
                );
            }
            None => {}
        }
    }

    /// Whether somebody agreed to lose that: it was there when the plan was made that removes it for good.
    fn is_agreed(&self, saved: &Saved, ground: Ground, log: &[Call]) -> bool {
        if ground.fate != Fate::Removed {
            return false;
        }
        let is_made = |call: &Call| call.method == Method::CreateDir && call.path.ends_with("local/removed");
        let root = ground.path(At::Root).unwrap_or_default();
        let Some(ready) = log.iter().rposition(is_made) else { return false };
        // The last plan listed it, and whoever made the change ready looked once more.
        let lists = |call: &&Call| call.method == Method::Walk && call.path == root;
        let Some(planned) = log[..ready].iter().filter(lists).nth_back(1) else { return false };
        let after = &log[usize::try_from(planned.index).unwrap()..ready];
        let looked =
            after.iter().find(|call| call.method == Method::Stat && saved.names.contains(&call.path));
        saved.call <= looked.unwrap_or(planned).index
    }

    /// The documented gap: no names are exchanged, and the file was saved after it was looked at and
    /// before it was replaced.
    fn is_in_the_gap(&self, saved: &Saved, log: &[Call]) -> bool {
        let replaced = log.iter().filter(|call| {
            call.method == Method::Rename(Rename::Replace)
                && call.to.as_ref().is_some_and(|to| saved.names.contains(to))
        });
        !self.exchanges
            && replaced.into_iter().any(|replaced| {
                let to = replaced.to.as_ref().unwrap();
                // A file is read as it was when it was opened, and as far as it went when it was stamped.
                let look = if saved.in_place { Method::Stamp } else { Method::Open };
                let before = &log[..usize::try_from(replaced.index).unwrap()];
                let looked = before.iter().rfind(|call| call.method == look && call.path == *to);
                looked.is_some_and(|looked| looked.index < saved.call && saved.call <= replaced.index)
            })
    }
}

/// Whether the change was made to that very text, and left all else of it as it was: it was saved before
/// the change was planned.
pub(super) fn is_taken_up(saved: &Saved, ground: Ground, files: &MemoryStorage) -> bool {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap_or_default();
    let entries = |bytes: Vec<u8>| registry::read_bytes(bytes).1.registry.map(|registry| registry.assets);
    saved.names.iter().any(|name| {
        if name.ends_with("record.json") {
            // It has done what it is for when the entry is as it says.
            let there = ground.path(At::Registry).and_then(|path| entries(files.content(path)?));
            let Ok(Record { root, registered: Some(of) }) = Record::read(saved.bytes.clone()) else {
                return false;
            };
            // Who puts another file into its place, or a link into that of the registry, knows.
            let is_made = |bytes: Vec<u8>| bytes.starts_with(b"made here, ");
            let is_link = |path: PathBuf| {
                files.stat(&path).ok().flatten().is_some_and(|stat| stat.kind == FileKind::Link)
            };
            if files.content(name).is_some_and(is_made) || ground.path(At::Registry).is_some_and(is_link) {
                return true;
            }
            return files.content(name).is_none()
                && there.into_iter().flatten().any(|entry| {
                    (entry.asset_id, entry.asset_uuid, entry.included_in_build, &entry.root)
                        == (of.asset_id, of.asset_uuid, of.included_in_build, &root)
                });
        }
        let Some(is) = files.content(name) else { return false };
        if name.ends_with("asset.json") {
            // What is written into a declaration is a line with a made-up uuid, or with that of the asset
            // whose entry stays as it is, and today's word for an old name.
            let today = |text: String| text.replace("\"RAW\"", "\"NONE\"");
            let is_uuid = |line: &&str| line.contains("\"asset_uuid\": ");
            let others = |bytes: &[u8]| -> String {
                today(text(bytes)).split_inclusive('\n').filter(|line| !is_uuid(line)).collect()
            };
            let is_mended = text(&saved.bytes).contains("\"RAW\"") && !text(&is).contains("\"RAW\"");
            let own = format!("\"asset_uuid\": \"{}\"", uuid(1));
            let is_ours = is_mended
                || text(&is).contains("\"asset_uuid\": \"a55e0000-")
                || ground.registry == Holds::Same && text(&is).contains(&own);
            return ground.rewrites && is_ours && others(&is) == others(&saved.bytes);
        }
        let (Some(was), Some(is)) = (entries(saved.bytes.clone()), entries(is)) else { return false };
        let others = |entries: Vec<registry::Entry>| -> Vec<_> {
            let theirs = entries.into_iter().filter(|entry| !ground.is_about(entry));
            theirs
                .map(|entry| (entry.asset_id, entry.asset_uuid, entry.root, entry.included_in_build))
                .collect()
        };
        is_registry(name) && others(was) == others(is)
    })
}

/// One of the states that a power cut may leave.
fn after_a_cut(files: &MemoryStorage, nth: usize) -> MemoryStorage {
    let mut states = files.crash_states(6, nth as u64);
    let nth = nth % states.len();
    states.nth(nth).expect("there are so many")
}

fn is_registry(path: &Path) -> bool {
    path.ends_with(".prometeu/index.json")
}

/// Whether a change that could not be taken back said where what was at that path lies now.
fn is_told(path: &Path, was: Option<&Vec<u8>>, told: &Told, files: &MemoryStorage) -> bool {
    if told.status == Some(Status::Ok) {
        return false;
    }
    let paths = files.paths();
    paths.iter().any(|there| {
        let is_named = |above: &Path| told.words.contains(&format!("kept as `{}`", above.display()));
        let is_same = match was {
            Some(bytes) => files.content(there).is_some_and(|now| anonymous(&now) == *bytes),
            // A folder; what was in it is looked for by itself.
            None => true,
        };
        there.ancestors().any(is_named) && is_same && (was.is_none() || there.file_name() == path.file_name())
    })
}

/// That what somebody saved lies under a name that they know, or under one that they were told.
fn check_there(
    saved: &Saved,
    ground: Ground,
    is_agreed: bool,
    told: &Told,
    files: &MemoryStorage,
    case: &dyn Fn() -> String,
) {
    let paths = files.paths();
    let mut places = paths.iter().filter(|path| files.content(path).as_ref() == Some(&saved.bytes));
    let is_known = |path: &&PathBuf| {
        let by_link = saved.names.iter().any(|name| files.resolve(name).is_ok_and(|real| real == **path));
        let kept = path.ancestors().find(|above| {
            above.file_name().is_some_and(|name| name.to_string_lossy().contains(".conflict-"))
        });
        let is_told = kept.is_some_and(|kept| {
            told.words.contains(&*kept.strip_prefix("/game").unwrap_or(kept).to_string_lossy())
        });
        // With all else that somebody agreed to lose, until the next change.
        let is_removed = is_agreed
            && removed(path).is_some_and(|rest| {
                ground.path(At::Root).is_some_and(|root| saved.names.contains(&root.join(rest)))
            });
        saved.names.contains(&ground.in_first_entry(path)) || by_link || is_told || is_removed
    };
    let all: Vec<&PathBuf> = places.clone().collect();
    assert!(
        places.any(|path| is_known(&path)),
        "{}\n  lost: {:?} saved before call {} as {:?}; it is in {all:?}, told was {:?}",
        case(),
        String::from_utf8_lossy(&saved.bytes),
        saved.call,
        saved.names,
        told.words
    );
}
