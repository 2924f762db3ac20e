//! Packing: what is answered by a build.

use std::path::{Component, Path, PathBuf};

use super::answer::Answer;
use super::reading::Watch;
use super::{ATTEMPTS, Project, counted, held, tell_diagnostics};
use crate::Error;
use crate::cancel::Token;
use crate::commit::journal::{Found, Journal};
use crate::diagnostics::Diagnostic;
use crate::event::{EventKind, Teller};
use crate::id::OperationId;
use crate::lane::Visit;
use crate::lock::{self, Shared};
use crate::ops::pack::{Attempt, attempt, unchanged};
use crate::ops::{
    Blocker, BlockerCode, Operation, PackContents, PackGoal, PackRequest, PackResult, Response, Status, Work,
};
use crate::pack::{Glass, Known, LastSet, Looking, Place, record_path};
use crate::snapshot::Asset;
use crate::storage::{LockKind, Source};
use crate::workspace::Scope;

impl Project {
    /// Packs.
    pub fn pack(&self, request: &PackRequest) -> Response<PackResult> {
        let operation_id = self.host.ids.operation_id();
        let mut teller = self.teller(operation_id);
        let started = self.host.clock.now_millis();
        let before = Work::so_far(&self.counts, &self.tally);
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
            result.work = Work::so_far(&self.counts, &self.tally).since(before);
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
        for n in 0..ATTEMPTS {
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
            let started = if n == 0 { started } else { self.host.clock.now_millis() };
            let watch = self.watch(&lock)?;
            let place = Place {
                storage,
                out: &request.out_dir,
                record: record.as_deref(),
                operation,
                started,
                workers: &*self.host.workers,
                token: &token,
            };
            let last = match request.goal {
                PackGoal::Publish => place.last(&self.layout.assets()),
                PackGoal::Check => None,
            };
            // Who was sent back reads everything, and so does who serves all of the workspace.
            let serves_all = || {
                let current = held(&self.current);
                current.snapshot.as_ref().is_some_and(|snapshot| snapshot.scope.is_whole())
            };
            let may_know = n == 0 && request.contents == PackContents::PackSet && !serves_all();
            let set = last.as_ref().filter(|last| last.is_as_recorded && may_know);
            let known = set.map(|last| self.known(last, &token));
            token.check()?;
            if let (Some(last), Some(known)) = (set, &known)
                && known.is_everything()
                && self.is_untouched(&watch)?
                && let Some(result) = unchanged(request, &last.record, teller)
            {
                place.remember_known(known);
                tell_diagnostics(teller, &[]);
                return Ok(finished(result, Vec::new()));
            }
            // Whoever is told what is wrong with something is shown the place, so that is read.
            for known in [known.as_ref(), None] {
                let snapshot = self.refresh_when_settled(Scope::Build, known, &mut delay, teller)?;
                if let (Some(unfinished), PackContents::PackSet) = (self.pending(&snapshot), request.contents)
                {
                    tell_diagnostics(teller, std::slice::from_ref(&unfinished));
                    return Ok(Answer::unfinished(unfinished).from(&snapshot));
                }
                if snapshot
                    .reports
                    .iter()
                    .any(|report| report.asset.is_some_and(|n| is_known(&snapshot.assets[n])))
                {
                    continue;
                }
                let files = self.files(&snapshot)?;
                let still = || self.is_as(&watch, &snapshot);
                let looking = Looking { known, ..self.looking(&snapshot, files.source(), &token) };
                match attempt(looking, request, (place, last.as_ref()), &still, teller)? {
                    Attempt::Moved(path) => {
                        moved = path;
                        break;
                    }
                    Attempt::Blocked(diagnostics) => {
                        let of_known = |found: &Diagnostic| {
                            let mut known = snapshot.assets.iter().filter(|asset| is_known(asset));
                            known.any(|asset| Some(asset.id()) == found.asset_id)
                        };
                        if diagnostics.iter().any(of_known) {
                            continue;
                        }
                        tell_diagnostics(teller, &diagnostics);
                        let summary = crate::diagnostics::render::summary(&diagnostics).unwrap_or_default();
                        let answer =
                            Answer { status: Status::Blocked, diagnostics, ..Answer::empty(summary) };
                        return Ok(answer.from(&snapshot));
                    }
                    Attempt::Packed(result, diagnostics) => {
                        tell_diagnostics(teller, &diagnostics);
                        return Ok(finished(*result, diagnostics).from(&snapshot));
                    }
                }
            }
        }
        Err(Error::Unstable { path: moved })
    }

    /// What of the last pack still holds: by asking, and where that does not say enough, by content.
    pub(super) fn known<'l>(&self, last: &'l LastSet<'l>, token: &Token) -> Known<'l> {
        let (layout, tally, workers) = (&self.layout, &self.tally, &*self.host.workers);
        let source: &dyn Source = &*self.host.storage;
        let mut known = Known::look(&last.record, source, layout, workers);
        if !known.is_everything()
            && let Ok(assets) = source.resolve(&layout.assets())
        {
            known.look_closer(&Glass { last, source, layout, assets: &assets, token, tally }, workers);
        }
        known
    }

    /// Whether a build may answer from what is on record: nothing is under way, nobody has changed the
    /// project since it began, and no snapshot is served that would have to show what this one saw.
    fn is_untouched(&self, watch: &Watch) -> Result<bool, Error> {
        let is_settled = matches!(self.journal()?, Found::Journal(Journal { pending: None, .. }));
        Ok(is_settled && held(&self.current).snapshot.is_none() && self.is_still(watch))
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

fn is_known(asset: &Asset) -> bool {
    asset.loaded.known().is_some()
}

fn finished(result: PackResult, diagnostics: Vec<Diagnostic>) -> Answer<PackResult> {
    let summary = format!("{} in {}", counted(result.total_assets, "asset"), result.artifact.path.display());
    let mut answer = Answer::ok(summary, result);
    answer.diagnostics = diagnostics;
    answer
}
