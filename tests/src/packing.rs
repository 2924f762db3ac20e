//! Packs a project in this process, with whatever time and files a test wants, and reads what came
//! out.

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometeu_packer::diagnostics::render::{Style, render_all};
use prometeu_packer::event::NoEvents;
use prometeu_packer::host::{SystemClock, UpTo};
use prometeu_packer::id::{AssetUuid, OperationId};
use prometeu_packer::ops::{Listing, PackContents, PackGoal, PackRequest, PackResult, Response, Status};
use prometeu_packer::storage::Storage;
use prometeu_packer::storage::os::OsStorage;
use prometeu_packer::{Cancel, Clock, Digest, Host, IdSource, Project};

pub use prometeu_packer::pack::SET;

/// What is published: the pack and its companions, by [`SET`].
#[derive(Clone, PartialEq, Eq)]
pub struct Set(pub [Vec<u8>; 4]);

impl Set {
    /// The set in a folder, or which file is not there.
    ///
    /// # Errors
    ///
    /// The path of the file that cannot be read.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let mut set = Self(Default::default());
        for (name, bytes) in SET.iter().zip(&mut set.0) {
            let path = folder.join(name);
            *bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(set)
    }

    /// The names of the files in which another set differs.
    #[must_use]
    pub fn differing(&self, other: &Self) -> Vec<&'static str> {
        (0..4).filter(|n| self.0[*n] != other.0[*n]).map(|n| SET[n]).collect()
    }
}

impl fmt::Debug for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|bytes| Digest::of(bytes).to_string())).finish()
    }
}

/// A clock that stands still, at milliseconds since 1970.
#[derive(Debug)]
pub struct Stopped(pub u64);

impl Clock for Stopped {
    fn now_millis(&self) -> u64 {
        self.0
    }
}

/// The next identity of this process.
#[derive(Debug)]
pub struct Counted;

impl Counted {
    fn next() -> String {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        crate::assets::uuid(COUNT.fetch_add(1, Ordering::Relaxed))
    }
}

impl IdSource for Counted {
    fn asset_uuid(&self) -> AssetUuid {
        AssetUuid::parse(&Self::next()).expect("it is spelt as one")
    }

    fn operation_id(&self) -> OperationId {
        OperationId::parse(&Self::next()).expect("it is spelt as one")
    }
}

/// A project in `folder` that lives in `storage`, at that time.
///
/// # Panics
///
/// When there is no such folder.
#[must_use]
pub fn open(folder: &Path, storage: Arc<dyn Storage>, clock: Arc<dyn Clock>) -> Project {
    let (ids, events) = (Arc::new(Counted), Arc::new(NoEvents));
    let process = "a test".to_owned();
    // A program that another test starts has all our locks for a moment, until it is that program.
    let patience = Duration::from_secs(1);
    let workers = Arc::new(UpTo::available());
    let host = Host { storage, clock, ids, workers, events, patience, cancel: Cancel::default(), process };
    Project::open(host, folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
}

/// The project in `folder` on this machine's disk, now.
#[must_use]
pub fn on_disk(folder: &Path) -> Project {
    open(folder, Arc::new(OsStorage), Arc::new(SystemClock))
}

/// A request to publish the pack set into `out`.
#[must_use]
pub fn request(out: &Path, cache: Option<&Path>) -> PackRequest {
    PackRequest {
        out_dir: out.to_owned(),
        cache_dir: cache.map(Path::to_owned),
        strict: false,
        contents: PackContents::PackSet,
        goal: PackGoal::Publish,
        listing: Listing::Whole,
    }
}

/// Packs the project in `folder` into `out` and reads the set.
///
/// # Errors
///
/// Everything that stands in the way, in words.
pub fn pack(folder: &Path, out: &Path, cache: Option<&Path>) -> Result<Set, String> {
    said(&on_disk(folder).pack(&request(out, cache)))?;
    Set::read(out)
}

/// The result, or in words why there is none.
///
/// # Errors
///
/// When the operation was blocked or failed.
pub fn said(response: &Response<PackResult>) -> Result<&PackResult, String> {
    match (&response.payload, response.status) {
        (Some(result), Status::Ok) => Ok(result),
        _ => Err(format!(
            "{}: {}\n{}",
            response.status.as_str(),
            response.summary,
            render_all(&response.diagnostics, &Style::default())
        )),
    }
}
