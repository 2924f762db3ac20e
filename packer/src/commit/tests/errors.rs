//! Every call of every change fails, in every way and for once or for good: the change is made or it
//! is not, the answer says which, and a healthy disk afterwards has no trace of it.
//!
//! The same for what settles an interrupted change, and for those who only read or pack.

mod changes;
mod reading;
mod recovery;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::path::Path;
use std::sync::Mutex;

use super::scenario::{Scenario, Visible};
use super::suite::{check_tidy, difference, fingerprint, is_settled, seen};
use crate::mutate::{CreateAsset, Mutation, ReconcileAssets};
use crate::ops::{BlockerCode, Response, Status};
use crate::path::AssetPath;
use crate::storage::faulty::{Failure, FaultyStorage, Repeat};
use crate::storage::memory::MemoryStorage;
use crate::testing::Fixture;

/// More calls than any operation makes, if it comes to an end.
const ENDLESS: u64 = 4_000;

/// How a call fails.
type Fault = (Failure, Repeat);

/// Each way to fail, for once and for good.
fn faults() -> Vec<Fault> {
    let repeats = [Repeat::Once, Repeat::ForGood];
    Failure::ALL.into_iter().flat_map(|failure| repeats.map(|repeat| (failure, repeat))).collect()
}

/// A disk of which call `at` fails, and on which nobody works for ever.
fn failing(files: &MemoryStorage, at: u64, (failure, repeat): Fault) -> FaultyStorage {
    let disk = FaultyStorage::new(files).fail_call(at, failure, repeat);
    disk.before_each(|_, call| assert!(call.index < ENDLESS, "it goes on for ever: {call:?}"))
}

/// A change that is possible in every project that has a registry.
fn another() -> Mutation {
    let root = AssetPath::parse("zz/next").unwrap();
    Mutation::CreateAsset(CreateAsset { root, family: "blob_bank".into(), name: None, from: None })
}

/// The states that a scenario's project may be in afterwards.
struct States {
    old: Visible,
    new: Visible,
    /// What `doctor` finds in each.
    found: [Vec<String>; 2],
    /// States from which everything was shown to work, by what lies in all files.
    known: Mutex<BTreeSet<u64>>,
}

impl States {
    fn of(scenario: &Scenario) -> Self {
        let fixture = (scenario.before)();
        let (old, before) = (seen(&fixture.files), findings(&fixture));
        let response = scenario.change(&fixture.project());
        assert_eq!(response.status, Status::Ok, "{}: {:?}", scenario.name, response.blockers);
        let found = [before, findings(&fixture)];
        Self { old, new: seen(&fixture.files), found, known: Mutex::default() }
    }

    /// That a project is in one of its two states, or in the one that is asked for.
    #[track_caller]
    fn check(&self, files: &MemoryStorage, should: Option<&Visible>, case: &dyn Fn() -> String) -> bool {
        let is = seen(files);
        match should {
            Some(should) => assert!(is == *should, "{}:\n{}", case(), difference(&is, should)),
            None => {
                let lies_between = is != self.old && is != self.new;
                assert!(!lies_between, "{}: neither old nor new\n{}", case(), difference(&is, &self.old));
            }
        }
        is == self.new
    }

    /// That a healthy disk brings the project to the state that is asked for, or to one of the two;
    /// that it can then be changed, and that nothing of ours is left.
    #[track_caller]
    fn check_healed(
        &self,
        scenario: &Scenario,
        fixture: &Fixture,
        should: Option<&Visible>,
        case: &dyn Fn() -> String,
    ) {
        let key = fingerprint(&fixture.files);
        let is_known = !is_settled(&fixture.files) || self.known.lock().unwrap().contains(&key);
        if is_known && is_settled(&fixture.files) {
            self.check(&fixture.files, should, case);
            return;
        }
        let project = fixture.project();
        let is_new = self.check(&fixture.files, should, case);
        assert!(is_settled(&fixture.files), "{}: opening it settles it", case());
        assert_eq!(findings(fixture), self.found[usize::from(is_new)], "{}: found", case());
        if !is_new {
            let response = scenario.change(&project);
            assert_eq!(response.status, Status::Ok, "{}: {:?}", case(), response.blockers);
            self.check(&fixture.files, Some(&self.new), case);
        }
        if self.new.keys().all(|path| !path.ends_with("index.json")) {
            // Nothing can be created where the registry was taken back.
            assert_eq!(project.change(&Mutation::InitWorkspace, true).status, Status::Ok, "{}", case());
        }
        if findings(fixture).iter().any(|found| found.contains("allocator-behind")) {
            // Nothing can be created where the allocator is put back to where it was behind.
            let raise = Mutation::Reconcile(ReconcileAssets::default());
            assert_eq!(project.change(&raise, true).status, Status::Ok, "{}", case());
        }
        let response = project.change(&another(), false);
        assert_eq!(response.status, Status::Ok, "{}: {:?}", case(), response.blockers);
        drop(project);
        check_tidy(&fixture.files, case);
        self.known.lock().unwrap().insert(key);
    }
}

/// What `doctor` finds, in a line each.
fn findings(fixture: &Fixture) -> Vec<String> {
    let response = fixture.project().doctor(crate::ops::DoctorRequest::default());
    let line = |diagnostic: &crate::diagnostics::Diagnostic| {
        format!("{} {:?}", diagnostic.code.as_str(), diagnostic.file)
    };
    response.diagnostics.iter().map(line).collect()
}

/// What was said, to be read aloud: each distinct message with how often it came.
#[derive(Default)]
struct Told(Mutex<BTreeMap<(String, String), u64>>);

impl Told {
    /// That a response is one that the contract knows; keeps what it says.
    #[track_caller]
    fn check<T: Debug>(&self, response: &Response<T>, case: &dyn Fn() -> String) {
        use BlockerCode as Code;
        let codes: Vec<Code> = response.blockers.iter().map(|blocker| blocker.code).collect();
        let is_failure =
            |code: &Code| matches!(code, Code::IoError | Code::EditConflict | Code::CommitIndeterminate);
        match response.status {
            Status::Ok => assert_eq!(codes, [], "{}", case()),
            Status::Blocked => {
                assert!(!codes.iter().any(is_failure), "{}: {:?}", case(), response.blockers);
                assert!(codes.len() + response.blocking() > 0, "{}: blocked by nothing", case());
            }
            Status::Failed => {
                assert!(matches!(&codes[..], [code] if is_failure(code)), "{}: {codes:?}", case());
                let path = response.blockers[0].path.as_deref().unwrap_or_default();
                assert!(Path::new(path).starts_with("/"), "{}: the path `{path}`", case());
            }
        }
        let mut told = self.0.lock().unwrap();
        for blocker in &response.blockers {
            let words = [Some(&blocker.message), blocker.help.as_ref()].into_iter().flatten();
            let words = words.map(|words| without_ids(words)).collect::<Vec<_>>().join(" | ");
            let key = format!("{} {}", response.status.as_str(), blocker.code.as_str());
            *told.entry((key, words)).or_default() += 1;
        }
        for diagnostic in &response.diagnostics {
            let key = format!("diagnostic {}", diagnostic.code.as_str());
            *told.entry((key, without_ids(&diagnostic.message))).or_default() += 1;
        }
    }

    fn print(&self) {
        for ((code, words), times) in &*self.0.lock().unwrap() {
            println!("  {times:6} {code}: {words}");
        }
    }
}

/// The words with every operation id alike.
fn without_ids(words: &str) -> String {
    const MADE_UP: &str = "00000be0-";
    let mut shown = String::new();
    let mut rest = words;
    while let Some(at) = rest.find(MADE_UP) {
        shown += &rest[..at];
        shown += "OPERATION";
        rest = rest.get(at + 36..).unwrap_or_default();
    }
    shown + rest
}
