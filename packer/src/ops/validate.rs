//! `validate_pack`: what would block a pack of this snapshot, by asset.
//!
//! The second phase of the wizard. It evaluates the snapshot and no later state of the project: a file
//! that changed since is a failure that asks for a refresh, never a silent one. What it finds is what
//! `pack` would be blocked by, because both call [`rest`]: content that can be wrong is made into a
//! payload, into nothing. Content that can be whatever it likes is opened and not read, however long it
//! is: a disk that fails in the midst of it is told by `pack` alone.
//!
//! Findings that block nothing are not told here; `doctor` tells them.

use std::collections::BTreeMap;

use super::told::{Told, rest, sound};
use crate::diagnostics::Diagnostic;
use crate::id::AssetId;
use crate::pack::{DirtyReason, Failure, Looking, resolve};
use crate::snapshot::{Asset, Report, Snapshot};
use crate::workspace::LoadedDeclaration;

/// How to validate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ValidateRequest {
    /// Warnings block like errors, as in a strict pack.
    pub strict: bool,
}

/// What stands in the way of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackValidation {
    /// The assets of the pack set that something blocks, by id; those in order are not listed.
    pub assets: Vec<AssetValidation>,
}

/// What stands in the way of one asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetValidation {
    /// Its id.
    pub asset_id: AssetId,
    /// Its name, when one can be read.
    pub asset_name: Option<String>,
    /// Its folder, relative to the project: `assets/ui/atlas`.
    pub asset_path: String,
    /// The last change of any of its files, in milliseconds since 1970; absent while its declaration
    /// is not there.
    pub last_modified: Option<u64>,
    /// What blocks, at least one.
    pub diagnostics: Vec<Diagnostic>,
}

/// What was found, before it is told: by asset, and what belongs to none.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) validation: PackValidation,
    pub(crate) of_no_asset: Vec<Diagnostic>,
}

/// Looks into the whole pack set. `done` is told of each asset that was looked into, by position in
/// [`Snapshot::assets`], with how many are done and of how many.
///
/// # Errors
///
/// When an input is not what it was when the snapshot was made; and when `token` says to stop.
pub(crate) fn validate(
    looking: Looking<'_>,
    request: ValidateRequest,
    done: &mut dyn FnMut(usize, u64, u64),
) -> Result<Found, Failure> {
    let snapshot = looking.snapshot;
    let told = Told::of(snapshot);
    let requested = Err(DirtyReason::Requested);
    let sound = sound(snapshot, snapshot.pack_set());
    let mut contents = resolve(looking, &sound, &requested)?;
    let mut found = snapshot.reports.clone();
    found.extend(told.reports(std::mem::take(&mut contents.findings)));
    let total = snapshot.pack_set().count() as u64;
    // Of those whose content nobody can look into, all is said.
    let mut looked_at = total - contents.assets.len() as u64;
    found.extend(rest(looking, &mut contents.assets, &told, &mut |position| {
        looked_at += 1;
        done(position, looked_at, total);
    })?);
    Ok(by_asset(snapshot, &found, request.strict))
}

fn by_asset(snapshot: &Snapshot, found: &[Report], strict: bool) -> Found {
    let mut of_assets: BTreeMap<usize, Vec<Diagnostic>> = BTreeMap::new();
    let mut of_no_asset = Vec::new();
    for report in found {
        let diagnostic = snapshot.diagnose(report, strict);
        match report.asset {
            _ if !diagnostic.blocking => {}
            Some(asset) => of_assets.entry(asset).or_default().push(diagnostic),
            None => of_no_asset.push(diagnostic),
        }
    }
    let assets = of_assets.into_iter().map(|(n, diagnostics)| row(&snapshot.assets[n], diagnostics));
    Found { validation: PackValidation { assets: assets.collect() }, of_no_asset }
}

fn row(asset: &Asset, diagnostics: Vec<Diagnostic>) -> AssetValidation {
    AssetValidation {
        asset_id: asset.id(),
        asset_name: asset.name().map(str::to_owned),
        asset_path: format!("assets/{}", asset.entry.root),
        last_modified: asset.loaded.read().and_then(LoadedDeclaration::last_modified),
        diagnostics,
    }
}
