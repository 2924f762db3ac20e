//! A project in memory, for the tests of every room.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use uuid::Uuid;

use crate::Error;
use crate::cancel::Cancel;
use crate::diagnostics::{Code, Diagnostic};
use crate::event::{Event, EventSink};
use crate::host::{Alone, Clock, IdSource};
use crate::id::{AssetUuid, OperationId};
use crate::ops::{Listing, PackContents, PackGoal, PackRequest, PackResult, Response};
use crate::project::{Host, Project};
use crate::storage::Storage;
use crate::storage::memory::MemoryStorage;
use crate::workspace::Scope;

/// A project at `/game`, its clock the storage's own.
#[derive(Debug, Clone)]
pub(crate) struct Fixture {
    pub(crate) files: MemoryStorage,
    pub(crate) events: Arc<Heard>,
    ids: Arc<Counting>,
    /// Through which what its projects do can be asked to stop.
    pub(crate) cancel: Cancel,
}

/// Keeps what was told.
#[derive(Debug, Default)]
pub(crate) struct Heard(std::sync::Mutex<Vec<Event>>);

#[derive(Debug, Default)]
struct Counting(AtomicU64);

#[derive(Debug)]
struct StorageClock(MemoryStorage);

impl EventSink for Heard {
    fn take(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }

    /// What was told can be looked at as soon as the call has ended.
    fn is_immediate(&self) -> bool {
        true
    }
}

impl Heard {
    /// Everything since the last time this was asked.
    pub(crate) fn all(&self) -> Vec<Event> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl IdSource for Counting {
    fn asset_uuid(&self) -> AssetUuid {
        AssetUuid::from(Uuid::from_u128(
            0xa55e_0000 << 96 | u128::from(self.0.fetch_add(1, Ordering::Relaxed)),
        ))
    }

    fn operation_id(&self) -> OperationId {
        OperationId::from(Uuid::from_u128(0x0be0 << 112 | u128::from(self.0.fetch_add(1, Ordering::Relaxed))))
    }
}

impl Clock for StorageClock {
    fn now_millis(&self) -> u64 {
        u64::try_from(self.0.now() / 1_000_000).unwrap()
    }
}

/// The uuid of the `n`th asset of a fixture.
pub(crate) fn uuid(n: u32) -> String {
    format!("0198c0de-0000-7000-8000-{n:012}")
}

impl Fixture {
    /// An empty folder `/game`.
    pub(crate) fn empty() -> Self {
        let files = MemoryStorage::default();
        files.folder("/game");
        let fixture = Self { files, events: Arc::default(), ids: Arc::default(), cancel: Cancel::default() };
        fixture.later();
        fixture
    }

    /// Registered, included blob banks in those roots, each with one input `data.txt` that holds its
    /// root's name.
    pub(crate) fn blobs(roots: &[&str]) -> Self {
        let fixture = Self::empty();
        for (n, root) in (1..).zip(roots) {
            fixture.files.write(format!("/game/assets/{root}/data.txt"), *root);
            fixture.declare(root, &blob(&uuid(n), root));
        }
        let entries = (1..).zip(roots).map(|(n, root)| entry(n, root, true));
        fixture.registry(&entries.collect::<Vec<_>>());
        fixture.later();
        fixture
    }

    /// Lets enough time pass that stamps are believed.
    pub(crate) fn later(&self) {
        self.files.pass(10_000_000_000);
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.files.write(Path::new("/game").join(path), bytes);
    }

    /// Writes a declaration.
    pub(crate) fn declare(&self, root: &str, text: &str) {
        self.write(&format!("assets/{root}/asset.json"), text);
    }

    /// Changes a declaration's text.
    pub(crate) fn edit(&self, root: &str, from: &str, to: &str) {
        let path = format!("/game/assets/{root}/asset.json");
        let text = String::from_utf8(self.files.content(&path).unwrap()).unwrap();
        assert!(text.contains(from), "{text}");
        self.files.write(path, text.replace(from, to));
    }

    /// Writes a registry of these entries.
    pub(crate) fn registry(&self, entries: &[String]) {
        let next = entries.len() + 1;
        let entries = entries.join(",");
        self.write(
            "assets/.prometeu/index.json",
            format!(r#"{{"schema_version": 1, "next_asset_id": {next}, "assets": [{entries}]}}"#),
        );
    }

    /// Makes the lane's own files, as the first change of a project does.
    pub(crate) fn lane(&self) {
        for (name, bytes) in [("gate", ""), ("lock", ""), (".gitignore", "*\n")] {
            self.write(&format!("assets/.prometeu/local/{name}"), bytes);
        }
    }

    /// Opens the project anew, for somebody who does not wait.
    pub(crate) fn project(&self) -> Project {
        self.patient_project(Duration::ZERO)
    }

    /// Opens the project anew, for somebody who waits so long for others.
    pub(crate) fn patient_project(&self, patience: Duration) -> Project {
        self.project_on(Arc::new(self.files.clone()), patience)
    }

    /// The same project on other files, such as those that a crash left: a fixture that tells its
    /// events apart from this one's, and whose new ids are new to both.
    pub(crate) fn on(&self, files: MemoryStorage) -> Self {
        Self { files, events: Arc::default(), ids: Arc::clone(&self.ids), cancel: Cancel::default() }
    }

    /// Opens the project anew on a disk that shares the fixture's files.
    pub(crate) fn project_on(&self, storage: Arc<dyn Storage>, patience: Duration) -> Project {
        self.open_on(storage, patience).unwrap()
    }

    /// As [`Fixture::project_on`], on a disk that may refuse even that.
    pub(crate) fn open_on(&self, storage: Arc<dyn Storage>, patience: Duration) -> Result<Project, Error> {
        Project::open(self.host_on(storage, patience), Path::new("/game"))
    }

    /// What a project on that disk works with.
    pub(crate) fn host_on(&self, storage: Arc<dyn Storage>, patience: Duration) -> Host {
        Host {
            storage,
            clock: Arc::new(StorageClock(self.files.clone())),
            ids: Arc::clone(&self.ids) as Arc<dyn IdSource>,
            workers: Arc::new(Alone),
            events: Arc::clone(&self.events) as Arc<dyn EventSink>,
            patience,
            cancel: self.cancel.clone(),
            process: "a test".to_owned(),
        }
    }

    /// Opens the project anew, for somebody who repairs nothing.
    pub(crate) fn project_for_build(&self) -> Project {
        Project::open_for_build(
            self.host_on(Arc::new(self.files.clone()), Duration::ZERO),
            Path::new("/game"),
        )
        .unwrap()
    }

    /// What reading and the rules find.
    pub(crate) fn diagnostics(&self) -> Vec<Diagnostic> {
        self.project().refresh(Scope::Managed).unwrap().diagnostics(false)
    }

    /// Packs into `/out`.
    pub(crate) fn pack(&self) -> Response<PackResult> {
        self.project().pack(&request())
    }

    /// The published pack.
    pub(crate) fn published(&self) -> Vec<u8> {
        self.files.content("/out/assets.pa").unwrap()
    }
}

/// The request of [`Fixture::pack`].
pub(crate) fn request() -> PackRequest {
    PackRequest {
        out_dir: PathBuf::from("/out"),
        cache_dir: Some(PathBuf::from("/cache")),
        strict: false,
        contents: PackContents::PackSet,
        goal: PackGoal::Publish,
        listing: Listing::Whole,
    }
}

/// One entry of a registry.
pub(crate) fn entry(n: u32, root: &str, included: bool) -> String {
    let uuid = uuid(n);
    format!(
        r#"{{"asset_id": {n}, "included_in_build": {included}, "root": "{root}", "asset_uuid": "{uuid}"}}"#
    )
}

/// The declaration of a blob bank with the input `data.txt`.
pub(crate) fn blob(uuid: &str, name: &str) -> String {
    format!(
        r#"{{
  "schema_version": 1,
  "asset_uuid": "{uuid}",
  "name": "{name}",
  "type": "blob_bank",
  "inputs": {{ "files": ["data.txt"] }},
  "output": {{ "format": "BLOB/raw_v1", "codec": "NONE" }},
  "preload": {{ "enabled": false }}
}}
"#
    )
}

/// The codes of diagnostics, with the place that each points to.
pub(crate) fn places(diagnostics: &[Diagnostic]) -> Vec<(Code, String)> {
    let place = |diagnostic: &Diagnostic| {
        let file = diagnostic.file.clone().unwrap_or_default();
        let words = diagnostic
            .snippet
            .as_ref()
            .map(|snippet| snippet.text.as_str()[snippet.range.clone()].to_owned());
        (diagnostic.code, words.unwrap_or(file))
    };
    diagnostics.iter().map(place).collect()
}
