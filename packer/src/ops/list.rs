//! `list_assets`: what there is, what each asset brings with it and whether anything is wrong with it,
//! from the snapshot.
//!
//! Content is not looked into, but for the headers that were read when artifacts were counted: what
//! only an encode finds, `get_asset_details` and `doctor` say.

use std::cmp::Reverse;

use crate::diagnostics::{Finding, Severity};
use crate::id::{AssetId, AssetUuid};
use crate::snapshot::{Asset, Document, Snapshot};
use crate::workspace::{DeclarationFile, Found, LoadedDeclaration, RootFolder};

/// Which assets to list, and in which order.
#[derive(Debug, Clone, Default)]
pub struct ListRequest {
    /// Only those of this family.
    pub family: Option<String>,
    /// Only excluded ones.
    pub excluded: bool,
    /// Only unregistered ones.
    pub unregistered: bool,
    /// Which come first.
    pub sort: ListOrder,
}

/// An order of assets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ListOrder {
    /// Registered ones by increasing id, then the others by folder.
    #[default]
    Id,
    /// By name, in the order of code points; those without one last.
    Name,
    /// By the bytes of their inputs, the largest first.
    Size,
}

/// One asset of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetRow {
    /// Its id; absent while it is not registered.
    pub asset_id: Option<AssetId>,
    /// Its uuid; absent while it has none.
    pub asset_uuid: Option<AssetUuid>,
    /// Its folder, relative to `assets/`.
    pub root: String,
    /// Its name, when its declaration can be read.
    pub asset_name: Option<String>,
    /// Its family as declared, when its declaration can be read.
    pub asset_family: Option<String>,
    /// Whether builds take it in.
    pub included_in_build: bool,
    /// How many indices its artifacts take; 0 while its declaration cannot be read.
    pub artifact_count: u32,
    /// Bytes of its inputs, as far as they are there.
    pub size: u64,
    /// The last change of any of its files, in milliseconds since 1970; absent while its declaration
    /// is not there.
    pub last_modified: Option<u64>,
    /// How many diagnostics of an error's severity it has, as far as its files were read.
    pub errors: usize,
    /// How many warnings.
    pub warnings: usize,
    /// Of an unregistered one: the registered asset that has its uuid and is in its place.
    pub copy_of: Option<AssetId>,
    /// Of an unregistered one: why it cannot be registered as it is, in words that follow the folder's
    /// name.
    pub problem: Option<String>,
}

impl ListOrder {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Id, Self::Name, Self::Size];

    /// The name in `sort`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Size => "size",
        }
    }
}

/// The assets that `request` asks for. Those that its order does not tell apart are by id, then by folder.
pub(crate) fn list(snapshot: &Snapshot, request: &ListRequest) -> Vec<AssetRow> {
    let mut counts = Counts::of(snapshot);
    let registered = snapshot.assets.iter().enumerate().map(|(n, asset)| AssetRow {
        asset_id: Some(asset.id()),
        asset_uuid: Some(asset.entry.asset_uuid),
        included_in_build: asset.entry.included_in_build,
        ..row(asset.entry.root.to_string(), asset.loaded.read(), counts.assets[n])
    });
    let unregistered = snapshot.unregistered.iter().flatten().enumerate().map(|(n, (found, declaration))| {
        let read = declaration.as_ref();
        let uuid = read.and_then(|read| read.reading.asset_uuid);
        read.into_iter()
            .flat_map(|read| &read.reading.findings)
            .for_each(|finding| counts.unregistered[n].count(finding));
        AssetRow {
            asset_uuid: uuid,
            copy_of: uuid.and_then(|uuid| original(snapshot, uuid)),
            problem: problem(found, read),
            ..row(found.folder.clone(), read, counts.unregistered[n])
        }
    });
    let mut rows: Vec<AssetRow> = registered
        .chain(unregistered)
        .filter(|row| !request.unregistered || row.asset_id.is_none())
        .filter(|row| !request.excluded || (row.asset_id.is_some() && !row.included_in_build))
        .filter(|row| request.family.is_none() || row.asset_family == request.family)
        .collect();
    match request.sort {
        ListOrder::Id => {}
        ListOrder::Name => {
            rows.sort_by(|a, b| {
                let key = |row: &AssetRow| (row.asset_name.is_none(), row.asset_name.clone());
                key(a).cmp(&key(b))
            });
        }
        ListOrder::Size => rows.sort_by_key(|row| Reverse(row.size)),
    }
    rows
}

/// Errors and warnings.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    errors: usize,
    warnings: usize,
}

/// What the snapshot's reports come to.
#[derive(Debug)]
struct Counts {
    /// By position in [`Snapshot::assets`].
    assets: Vec<Count>,
    /// By position in [`Snapshot::unregistered`].
    unregistered: Vec<Count>,
}

impl Counts {
    fn of(snapshot: &Snapshot) -> Self {
        let unregistered = snapshot.unregistered.as_ref().map_or(0, Vec::len);
        let mut counts = Self {
            assets: vec![Count::default(); snapshot.assets.len()],
            unregistered: vec![Count::default(); unregistered],
        };
        for report in &snapshot.reports {
            match (report.asset, &report.document) {
                (Some(asset), _) => counts.assets[asset].count(&report.finding),
                (None, Document::Unregistered(n)) => counts.unregistered[*n].count(&report.finding),
                (None, _) => {}
            }
        }
        counts
    }
}

impl Count {
    fn count(&mut self, finding: &Finding) {
        match finding.code.severity() {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Info => {}
        }
    }
}

/// What its files say of an asset, registered or not.
fn row(root: String, read: Option<&LoadedDeclaration>, Count { errors, warnings }: Count) -> AssetRow {
    AssetRow {
        asset_id: None,
        asset_uuid: None,
        root,
        asset_name: read.and_then(|read| read.reading.name.clone()),
        asset_family: read.and_then(|read| read.reading.family.clone()),
        included_in_build: false,
        artifact_count: read.and_then(|read| read.artifact_count).unwrap_or(0),
        size: read.map_or(0, LoadedDeclaration::input_bytes),
        last_modified: read.and_then(LoadedDeclaration::last_modified),
        errors,
        warnings,
        copy_of: None,
        problem: None,
    }
}

/// The registered asset that has this uuid, when it is in its place: it was not moved, but copied.
fn original(snapshot: &Snapshot, uuid: AssetUuid) -> Option<AssetId> {
    let is_in_place = |asset: &&Asset| {
        let declaration = &asset.loaded.declaration;
        asset.loaded.folder == RootFolder::There && !matches!(declaration, DeclarationFile::Missing)
    };
    let mut holders = snapshot.assets.iter().filter(|asset| asset.entry.asset_uuid == uuid);
    holders.find(is_in_place).map(Asset::id)
}

fn problem(found: &Found, read: Option<&LoadedDeclaration>) -> Option<String> {
    let root = match &found.root {
        Err(problem) => return Some(format!("its name {problem}")),
        Ok(root) => root,
    };
    if let Some(unfit) = root.unfit_for_root() {
        return Some(unfit);
    }
    let Some(read) = read else { return Some("its `asset.json` cannot be read".to_owned()) };
    let errors = read.reading.findings.iter().filter(|finding| finding.code.severity() == Severity::Error);
    let first = errors.map(|finding| &finding.message).next();
    read.reading.declaration.is_none().then(|| match first {
        Some(message) => format!("its `asset.json` cannot be read: {message}"),
        None => "its `asset.json` cannot be read".to_owned(),
    })
}

#[cfg(test)]
mod tests;
