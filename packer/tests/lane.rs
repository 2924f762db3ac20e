//! The lane between real processes: what becomes of it when one of them is killed.
//!
//! A second process is this very program, started to run one of its ignored tests.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "the other process talks to the test through its output")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use prometeu_packer::event::{Event, EventKind, EventSink, NoEvents};
use prometeu_packer::id::{AssetUuid, OperationId};
use prometeu_packer::mutate::{CreateAsset, Mutation};
use prometeu_packer::ops::{Applied, BlockerCode, Response, Status};
use prometeu_packer::path::AssetPath;
use prometeu_packer::{Host, IdSource, Project};
use uuid::Uuid;

/// One at a time: between a fork and its exec the new process holds a copy of every lock of this one.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
struct Ids;

impl Ids {
    /// Never twice, not in two processes either.
    fn next(&self) -> Uuid {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Uuid::from_u64_pair(std::process::id().into(), NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl IdSource for Ids {
    fn asset_uuid(&self) -> AssetUuid {
        self.next().into()
    }

    fn operation_id(&self) -> OperationId {
        self.next().into()
    }
}

fn open(folder: &Path, patience: Duration, events: Arc<dyn EventSink>) -> Project {
    let process = format!("a test, process {}", std::process::id());
    let host = Host { patience, process, events, ..Host::system(Arc::new(Ids)) };
    Project::open(host, folder).unwrap()
}

/// Creates an asset, without waiting for anybody longer than that.
fn create(folder: &Path, root: &str, patience: Duration) -> Response<Applied> {
    open(folder, patience, Arc::new(NoEvents)).change(&creation(root), false)
}

fn creation(root: &str) -> Mutation {
    let root = AssetPath::parse(root).unwrap();
    Mutation::CreateAsset(CreateAsset { root, family: "blob_bank".to_owned(), name: None, from: None })
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let project = open(folder.path(), Duration::ZERO, Arc::new(NoEvents));
    assert_eq!(project.change(&Mutation::InitWorkspace, false).status, Status::Ok);
    folder
}

/// A process that has its turn and keeps it.
struct Holder {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Holder {
    fn start(folder: &Path, how: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_process_that_keeps_its_turn", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let mut holder = Self { process, input, output };
        holder.say(&format!("{how} {}", folder.display()));
        holder.hear("it has its turn");
        holder
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    fn hear(&mut self, words: &str) {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "it ended before it said `{words}`");
        }
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Keeps the turn of the operation that it hears of.
#[derive(Debug)]
struct Keep {
    child: bool,
}

impl EventSink for Keep {
    fn take(&self, event: &Event) {
        if matches!(event.kind, EventKind::PreviewReady { .. }) {
            // It lives on in the pipes of this process.
            let child = self.child.then(|| Command::new("cat").spawn().unwrap());
            println!("it has its turn");
            std::thread::sleep(Duration::from_secs(600));
            drop(child);
        }
    }

    /// It waits on purpose: its operation is to stay where it is.
    fn is_immediate(&self) -> bool {
        true
    }
}

#[test]
#[ignore = "the other process of the tests below, which tell it what to do"]
fn a_process_that_keeps_its_turn() {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    let Some((how, folder)) = line.trim_end().split_once(' ') else { return };
    let project = open(Path::new(folder), Duration::ZERO, Arc::new(Keep { child: how == "with-child" }));
    drop(project.change(&creation("never"), false));
}

#[test]
fn who_waits_for_another_process_is_told_which_and_what_it_does() {
    let _alone = alone();
    let folder = project();
    let holder = Holder::start(folder.path(), "alone");
    let response = create(folder.path(), "a", Duration::from_millis(5));
    assert_eq!((response.status, response.blockers[0].code), (Status::Blocked, BlockerCode::ProjectLocked));
    // On a busy machine it may be told in seconds.
    let told = response.blockers[0].message.as_str();
    let holder = format!("`a test, process {}` ", holder.process.id());
    assert!(told.starts_with(&holder) && told.ends_with("(create_asset)"), "{told}");
}

#[test]
fn a_killed_process_lets_the_next_one_in_at_once() {
    let _alone = alone();
    let folder = project();
    for n in 0..3 {
        let mut holder = Holder::start(folder.path(), "alone");
        assert_eq!(create(folder.path(), "a", Duration::ZERO).status, Status::Blocked);
        let note = folder.path().join("assets/.prometeu/local/holder.json");
        holder.kill();
        assert!(note.exists(), "it could not tidy up");
        let killed = Instant::now();
        // Without any patience.
        let response = create(folder.path(), &format!("a{n}"), Duration::ZERO);
        assert_eq!(response.status, Status::Ok, "{:?}", response.blockers);
        println!("changed {} us after the kill", killed.elapsed().as_micros());
        assert!(!note.exists(), "the next one did");
    }
}

#[cfg(unix)]
#[test]
fn a_child_that_outlives_the_writer_does_not_hold_the_lock() {
    let _alone = alone();
    let folder = project();
    let mut holder = Holder::start(folder.path(), "with-child");
    holder.say("before");
    holder.hear("before");
    assert_eq!(create(folder.path(), "a", Duration::ZERO).status, Status::Blocked);
    holder.kill();
    let response = create(folder.path(), "a", Duration::ZERO);
    assert_eq!(response.status, Status::Ok, "{:?}", response.blockers);
    holder.say("the child is still there");
    holder.hear("the child is still there");
}
