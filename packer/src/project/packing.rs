//! Packing: what is answered by a build.

use std::path::{Component, Path, PathBuf};

use super::answer::Answer;
use super::{ATTEMPTS, Project, counted, tell_diagnostics};
use crate::Error;
use crate::event::{EventKind, Teller};
use crate::id::OperationId;
use crate::lane::Visit;
use crate::lock::{self, Shared};
use crate::ops::pack::{Attempt, attempt};
use crate::ops::{
    Blocker, BlockerCode, Operation, PackContents, PackGoal, PackRequest, PackResult, Response, Status,
};
use crate::pack::{Place, record_path};
use crate::storage::LockKind;
use crate::workspace::Scope;

impl Project {
    /// Packs.
    pub fn pack(&self, request: &PackRequest) -> Response<PackResult> {
        let operation_id = self.host.ids.operation_id();
        let mut teller = self.teller(operation_id);
        let started = self.host.clock.now_millis();
        teller.tell(EventKind::BuildStarted, "packing");
        let mut response = self.answer(Operation::Pack, &mut teller, |teller| {
            for folder in [Some(&request.out_dir), request.cache_dir.as_ref()].into_iter().flatten() {
                if self.is_among_assets(folder) {
                    let message = format!("`{}` lies among the assets", folder.display());
                    let blocker = Blocker::new(BlockerCode::InvalidArgument, message).help(
                        "Choose a folder elsewhere: what a build writes must not be among what it reads.",
                    );
                    return Ok(Answer::blocked(blocker));
                }
            }
            self.try_pack(request, operation_id, started, teller)
        });
        if let Some(result) = &mut response.payload {
            result.duration_ms = self.host.clock.now_millis().saturating_sub(started);
        }
        teller.tell(EventKind::BuildFinished { status: response.status }, response.summary.clone());
        response
    }

    fn try_pack(
        &self,
        request: &PackRequest,
        operation: OperationId,
        started: u64,
        teller: &mut Teller<'_>,
    ) -> Result<Answer<PackResult>, Error> {
        let storage = &*self.host.storage;
        let record = request.cache_dir.as_deref().map(|cache| record_path(cache, &request.out_dir));
        let mut moved = self.layout.assets();
        let mut delay = self.delay();
        for _ in 0..ATTEMPTS {
            let lock = match self.visit(teller)? {
                Visit::Busy(busy) => return Ok(Answer::blocked(busy.blocker())),
                lock => lock,
            };
            let kind = match request.goal {
                PackGoal::Publish => LockKind::Exclusive,
                PackGoal::Check => LockKind::Shared,
            };
            let token = teller.token.clone();
            let output = lock::output(storage, &request.out_dir, kind, self.host.patience, &token);
            let _output = match output? {
                Shared::Busy => return Ok(self.busy(&request.out_dir)),
                lock => lock,
            };
            let started = if moved == self.layout.assets() { started } else { self.host.clock.now_millis() };
            let watch = self.watch(&lock)?;
            let snapshot = self.refresh_when_settled(Scope::Build, &mut delay, teller)?;
            if let (Some(unfinished), PackContents::PackSet) = (self.pending(&snapshot), request.contents) {
                tell_diagnostics(teller, std::slice::from_ref(&unfinished));
                return Ok(Answer::unfinished(unfinished).from(&snapshot));
            }
            let files = self.files(&snapshot)?;
            let (out, record) = (&*request.out_dir, record.as_deref());
            let place = Place { storage, out, record, operation, started, token: &token };
            let still = || self.is_as(&watch, &snapshot);
            match attempt(&snapshot, files.source(), request, place, &still, teller)? {
                Attempt::Moved(path) => moved = path,
                Attempt::Blocked(diagnostics) => {
                    tell_diagnostics(teller, &diagnostics);
                    let summary = crate::diagnostics::render::summary(&diagnostics).unwrap_or_default();
                    let answer = Answer { status: Status::Blocked, diagnostics, ..Answer::empty(summary) };
                    return Ok(answer.from(&snapshot));
                }
                Attempt::Packed(result, diagnostics) => {
                    tell_diagnostics(teller, &diagnostics);
                    let summary = format!(
                        "{} in {}",
                        counted(result.total_assets, "asset"),
                        result.artifact.path.display()
                    );
                    let mut answer = Answer::ok(summary, *result);
                    answer.diagnostics = diagnostics;
                    return Ok(answer.from(&snapshot));
                }
            }
        }
        Err(Error::Unstable { path: moved })
    }

    /// Whether a folder, which need not be there yet, lies in `assets/` or leads there.
    fn is_among_assets(&self, folder: &Path) -> bool {
        let storage = &*self.host.storage;
        let Ok(assets) = storage.resolve(&self.layout.assets()) else { return false };
        // By links where it is there, by its words where it is not: `new/../assets`.
        let leads = |folder: &Path| {
            let there = folder.ancestors().find_map(|above| storage.resolve(above).ok());
            there.is_some_and(|there| there.starts_with(&assets))
        };
        let mut words = PathBuf::new();
        for part in folder.components() {
            match part {
                Component::ParentDir => drop(words.pop()),
                part => words.push(part),
            }
        }
        leads(folder) || leads(&words)
    }

    fn busy<T>(&self, out: &Path) -> Answer<T> {
        let waited = self.host.patience.as_secs();
        let message = format!("another process has been packing into `{}` for {waited} s", out.display());
        let blocker = Blocker::new(BlockerCode::ProjectLocked, message);
        Answer::blocked(
            blocker.help("Wait until it is done and run this again.").at(out.display().to_string()),
        )
    }
}
