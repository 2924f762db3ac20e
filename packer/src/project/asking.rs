//! Asking: what is answered from a snapshot, and changes nothing.

use super::answer::Answer;
use super::{ATTEMPTS, Project, counted};
use crate::Error;
use crate::event::AffectedAsset;
use crate::lane::Visit;
use crate::ops::pack::place_of;
use crate::ops::{
    AssetDetails, AssetRow, Constants, ConstantsRequest, DetailsRequest, ListRequest, Operation,
    PackContents, Response, Status, constants, details, list,
};
use crate::pack::Failure;
use crate::quarantine::{self, Quarantined};
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
            let (snapshot, found) = self.looked_into(|source| {
                let found = quarantine::list(source, &self.layout);
                found.map_err(|error| Error::io("list", self.layout.quarantine(), error))
            })?;
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
                let entry = &snapshot.assets[position].entry;
                match details::details(&snapshot, self.files(&snapshot)?.source(), position, &teller.token) {
                    Err(Failure::Changed { .. }) => {}
                    Err(Failure::Error(error)) => return Err(error),
                    Ok((details, found)) => {
                        let diagnostics = [self.unfinished(&snapshot), found].concat();
                        let affected = vec![AffectedAsset {
                            asset_id: Some(entry.asset_id),
                            asset_uuid: Some(entry.asset_uuid),
                            root: entry.root.clone(),
                        }];
                        let wrong = crate::diagnostics::render::summary(&diagnostics);
                        let summary =
                            format!("`{}`: {}", entry.root, wrong.as_deref().unwrap_or("nothing wrong"));
                        let answer = Answer { affected, diagnostics, ..Answer::ok(summary, details) };
                        return Ok(answer.from(&snapshot));
                    }
                }
                snapshot = self.refresh_for(Scope::Workspace, &teller.token)?;
            }
            Err(Error::Unstable { path: self.layout.assets() })
        })
    }

    /// Says what a game calls its assets, from the declarations alone.
    pub fn constants(&self, request: ConstantsRequest) -> Response<Constants> {
        let mut teller = self.teller(self.host.ids.operation_id());
        self.answer(Operation::Constants, &mut teller, |teller| {
            let mut moved = self.layout.registry();
            let mut delay = self.delay();
            for _ in 0..ATTEMPTS {
                let lock = match self.visit(teller)? {
                    Visit::Busy(busy) => return Ok(Answer::blocked(busy.blocker())),
                    lock => lock,
                };
                let watch = self.watch(&lock)?;
                let snapshot = self.refresh_when_settled(Scope::Declarations, &mut delay, teller)?;
                if let (Some(unfinished), PackContents::PackSet) = (self.pending(&snapshot), request.contents)
                {
                    return Ok(Answer::unfinished(unfinished).from(&snapshot));
                }
                let files = self.files(&snapshot)?;
                let attempt = constants::attempt(&snapshot, files.source(), request, &teller.token);
                let (constants, diagnostics) = match attempt {
                    Ok(attempt) => attempt,
                    Err(Failure::Changed { asset, input }) => {
                        moved = place_of(&snapshot, asset, input);
                        continue;
                    }
                    Err(Failure::Error(error)) => return Err(error),
                };
                if !self.is_as(&watch, &snapshot) {
                    moved = self.layout.registry();
                    continue;
                }
                let Some(constants) = constants else {
                    let summary = crate::diagnostics::render::summary(&diagnostics).unwrap_or_default();
                    let answer = Answer { status: Status::Blocked, diagnostics, ..Answer::empty(summary) };
                    return Ok(answer.from(&snapshot));
                };
                let summary = format!("names of {}", counted(constants.assets.len(), "asset"));
                return Ok(Answer { diagnostics, ..Answer::ok(summary, constants) }.from(&snapshot));
            }
            Err(Error::Unstable { path: moved })
        })
    }
}
