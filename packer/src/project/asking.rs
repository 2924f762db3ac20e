//! Asking: what is answered from a snapshot, and changes nothing.

use std::path::Path;
use std::time::Duration;

use super::answer::Answer;
use super::{ATTEMPTS, Project, counted, tell_diagnostics};
use crate::Error;
use crate::diagnostics::{Code, Diagnostic, render};
use crate::event::{AffectedAsset, EventKind, Progress};
use crate::lane::{self, Busy};
use crate::mutate::{Planner, restore_refused};
use crate::observe;
use crate::ops::pack::place_of;
use crate::ops::validate::Found;
use crate::ops::{
    AssetDetails, AssetRow, Blocker, BlockerCode, DetailsRequest, ListRequest, Operation, PackSummary,
    PackValidation, Response, Status, ValidateRequest, details, list, summary, validate,
};
use crate::pack::Failure;
use crate::quarantine::{self, InTheWay, Quarantined};
use crate::snapshot::{Asset, Snapshot};
use crate::workspace::Scope;

impl Project {
    /// Lists assets. Without a registry that can be read it is blocked, and lists what is
    /// unregistered.
    pub fn list_assets(&self, request: &ListRequest) -> Response<Vec<AssetRow>> {
        let mut teller = self.teller(self.host.ids.operation_id());
        self.answer(Operation::ListAssets, &mut teller, |teller| {
            let snapshot = self.snapshot_for(&teller.token)?;
            let rows = list::list(&snapshot, request);
            if snapshot.registry().is_none() {
                // A list without the registered assets must not look like one of all assets.
                return Ok(Answer { payload: Some(rows), ..Answer::without_registry(&snapshot) });
            }
            let summary = counted(rows.len(), "asset");
            let diagnostics = self.unfinished(&snapshot);
            Ok(Answer { diagnostics, ..Answer::ok(summary, rows) }.from(&snapshot))
        })
    }

    /// Lists what was put out of the way, by name.
    pub fn list_quarantined(&self) -> Response<Vec<Quarantined>> {
        let mut teller = self.teller(self.host.ids.operation_id());
        self.answer(Operation::ListQuarantined, &mut teller, |_| {
            let (snapshot, mut found) = self.looked_into(|source| {
                let found = quarantine::list(source, &self.layout);
                found.map_err(|error| Error::io("list", self.layout.quarantine(), error))
            })?;
            // While a change is under way nothing is restored, and its files are not those of the snapshot.
            if snapshot.state.is_settled() {
                let (source, ids) = (&*self.host.storage, &*self.host.ids);
                let planner = Planner { snapshot: &snapshot, source, ids, operation_id: ids.operation_id() };
                let refused = |one: &Quarantined| match one.record {
                    Ok(_) => restore_refused(&planner, &found, one),
                    Err(_) => None,
                };
                let refused: Vec<Option<Blocker>> = found.iter().map(refused).collect();
                for (found, refused) in found.iter_mut().zip(refused) {
                    found.in_the_way =
                        refused.map(|Blocker { message, help, .. }| InTheWay { message, help });
                }
            }
            let summary = match found.len() {
                0 => "nothing in quarantine".to_owned(),
                1 => "1 root in quarantine".to_owned(),
                count => format!("{count} roots in quarantine"),
            };
            let diagnostics = self.unfinished(&snapshot);
            Ok(Answer { diagnostics, ..Answer::ok(summary, found) }.from(&snapshot))
        })
    }

    /// Shows one asset. What is wrong with it blocks nothing here; without a registry that can be read
    /// nobody knows it, and that does.
    pub fn get_asset_details(&self, request: &DetailsRequest) -> Response<AssetDetails> {
        let mut teller = self.teller(self.host.ids.operation_id());
        self.answer(Operation::GetAssetDetails, &mut teller, |teller| {
            let mut snapshot = self.snapshot_for(&teller.token)?;
            for _ in 0..ATTEMPTS {
                if snapshot.registry().is_none() {
                    return Ok(Answer::without_registry(&snapshot));
                }
                let position = match details::find(&snapshot, &request.asset) {
                    Ok(position) => position,
                    Err(blocker) => return Ok(Answer::blocked(blocker).from(&snapshot)),
                };
                match details::details(
                    self.looking(&snapshot, self.files(&snapshot)?.source(), &teller.token),
                    position,
                ) {
                    Err(Failure::Changed { .. }) => {}
                    Err(Failure::Error(error)) => return Err(error),
                    Ok((details, found)) => {
                        let diagnostics = [self.unfinished(&snapshot), found].concat();
                        let wrong = render::summary(&diagnostics);
                        let summary =
                            format!("`{}`: {}", details.root, wrong.as_deref().unwrap_or("nothing wrong"));
                        let affected = vec![affected(&snapshot.assets[position])];
                        let answer = Answer { affected, diagnostics, ..Answer::ok(summary, details) };
                        return Ok(answer.from(&snapshot));
                    }
                }
                snapshot = self.refresh_for(Scope::Workspace, &teller.token)?;
            }
            Err(Error::Unstable { path: self.layout.assets() })
        })
    }

    /// Says what a pack would take in. Where there is a snapshot, it touches no file. What is wrong with
    /// assets blocks nothing here; without a registry that can be read nobody knows the pack set, and that
    /// does.
    pub fn pack_summary(&self) -> Response<PackSummary> {
        let mut teller = self.teller(self.host.ids.operation_id());
        self.answer(Operation::PackSummary, &mut teller, |teller| {
            let snapshot = self.snapshot_for(&teller.token)?;
            if snapshot.registry().is_none() {
                return Ok(Answer::without_registry(&snapshot));
            }
            let summary = summary::summary(&snapshot);
            let words = format!("{} to pack", counted(summary.total_included, "asset"));
            let diagnostics = self.unfinished(&snapshot);
            Ok(Answer { diagnostics, ..Answer::ok(words, summary) }.from(&snapshot))
        })
    }

    /// Says what would block a pack of the snapshot's pack set: `ok` says that nothing would. It never
    /// reads the project anew; when something of it changed since, it fails with `edit-conflict`.
    pub fn validate_pack(&self, request: ValidateRequest) -> Response<PackValidation> {
        let mut teller = self.teller(self.host.ids.operation_id());
        self.answer(Operation::ValidatePack, &mut teller, |teller| {
            let snapshot = self.snapshot_for(&teller.token)?;
            let pending = self.pending(&snapshot);
            if let (Some(_), Some(busy)) = (&pending, self.writer_of(&snapshot)) {
                return Ok(Answer::blocked(busy.blocker()).from(&snapshot));
            }
            let token = teller.token.clone();
            let mut done = |position: usize, done, total| {
                let progress = Progress { done, total, unit: "assets" };
                let words = format!("{done} of {total} assets");
                let asset = affected(&snapshot.assets[position]);
                teller.tell_of(EventKind::ProgressUpdated, words, vec![asset], Some(progress));
            };
            let files = self.files(&snapshot)?;
            let Found { validation, mut of_no_asset } =
                match validate::validate(self.looking(&snapshot, files.source(), &token), request, &mut done)
                {
                    Ok(found) => found,
                    Err(Failure::Error(error)) => return Err(error),
                    Err(Failure::Changed { asset, input }) => {
                        return Ok(moved_on(&place_of(&snapshot, asset, input)).from(&snapshot));
                    }
                };
            if let Some(path) = observe::moved_on(files.source(), &snapshot)? {
                return Ok(moved_on(&path).from(&snapshot));
            }
            // What a pack is told of a change that was interrupted.
            of_no_asset.retain(|diagnostic| diagnostic.code != Code::JournalUnfinished);
            of_no_asset.extend(pending);
            let of_assets = validation.assets.iter().flat_map(|asset| &asset.diagnostics);
            let all: Vec<Diagnostic> = of_no_asset.iter().chain(of_assets).cloned().collect();
            tell_diagnostics(teller, &all);
            let summary = render::summary(&all).unwrap_or_else(|| {
                format!("{} can be packed", counted(snapshot.pack_set().count(), "asset"))
            });
            let status = if all.is_empty() { Status::Ok } else { Status::Blocked };
            let answer = Answer { status, diagnostics: of_no_asset, ..Answer::ok(summary, validation) };
            Ok(answer.from(&snapshot))
        })
    }

    /// Who is at work on the change before which a snapshot shows the project.
    fn writer_of(&self, snapshot: &Snapshot) -> Option<Busy> {
        let is_pending = snapshot.pending.is_some();
        let writer = || lane::writer(&*self.host.storage, &self.layout, &*self.host.clock, Duration::ZERO);
        is_pending.then(writer).flatten()
    }
}

impl<T> Answer<T> {
    /// Blocked by what is wrong with the registry.
    pub(super) fn without_registry(snapshot: &Snapshot) -> Self {
        let of_registry = snapshot.reports.iter().filter(|report| report.asset.is_none() && report.in_builds);
        let diagnostics: Vec<Diagnostic> =
            of_registry.map(|report| snapshot.diagnose(report, false)).collect();
        let summary = render::summary(&diagnostics).unwrap_or_default();
        Self { status: Status::Blocked, diagnostics, ..Self::empty(summary) }.from(snapshot)
    }
}

fn affected(asset: &Asset) -> AffectedAsset {
    AffectedAsset {
        asset_id: Some(asset.id()),
        asset_uuid: Some(asset.entry.asset_uuid),
        root: asset.entry.root.clone(),
    }
}

/// Failed, because the snapshot is not what is there any more.
fn moved_on<T>(path: &Path) -> Answer<T> {
    let message = format!("`{}` changed since the project was read", path.display());
    let blocker = Blocker::new(BlockerCode::EditConflict, message)
        .help("Refresh the project, then validate again.")
        .at(path.display().to_string());
    Answer { status: Status::Failed, ..Answer::blocked(blocker) }
}
