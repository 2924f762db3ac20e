//! What is known of the last pack in a folder, without making it anew.

use std::path::Path;

use super::Project;
use crate::Error;
use crate::pack::{Glass, LastPack, Place, SET, Standing, record_path, standing};
use crate::storage::FileKind;

impl Project {
    /// The pack in `out`, and how it stands to the assets by what is kept in `cache`; `None` where there is
    /// none. Files that have other dates than when it was made are read and compared; nothing is written.
    ///
    /// What a change is doing to the assets meanwhile is not waited for: then nothing is known.
    ///
    /// # Errors
    ///
    /// When the pack, the registry or `assets/` cannot be looked at; [`Error::Cancelled`].
    pub fn last_pack(&self, out: &Path, cache: &Path) -> Result<Option<LastPack>, Error> {
        let storage = &*self.host.storage;
        let path = out.join(SET[0]);
        let stat = storage.stat(&path).map_err(|error| Error::io("look at", &path, error))?;
        let Some(stat) = stat.filter(|stat| stat.kind == FileKind::File) else { return Ok(None) };
        let operation = self.host.ids.operation_id();
        let token = self.host.cancel.begin(operation);
        let snapshot = self.snapshot_for(&token)?;
        let record = record_path(cache, out);
        let place = Place {
            storage,
            out,
            record: Some(&record),
            operation,
            started: self.host.clock.now_millis(),
            workers: &*self.host.workers,
            token: &token,
        };
        let standing = match (place.last(&self.layout.assets()), storage.resolve(&self.layout.assets())) {
            (Some(last), Ok(assets)) if snapshot.pending.is_none() && snapshot.registry().is_some() => {
                let known = self.known(&last, &token);
                let (layout, tally) = (&self.layout, &self.tally);
                let glass =
                    Glass { last: &last, source: storage, layout, assets: &assets, token: &token, tally };
                let standing = standing(&glass, &known, &snapshot);
                // Whoever was stopped has not looked to the end.
                token.check()?;
                standing
            }
            _ => Standing::Unknown,
        };
        Ok(Some(LastPack {
            size: stat.stamp.size,
            modified: u64::try_from(stat.stamp.modified / 1_000_000).ok(),
            standing,
        }))
    }
}
