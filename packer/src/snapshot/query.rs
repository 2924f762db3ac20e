//! Finding assets by what people call them.

use super::{Asset, Snapshot};
use crate::id::AssetUuid;
use crate::schema::suggest::nearest;

/// How a person names an asset: by id, uuid, root, or name.
#[derive(Debug, Clone, Copy)]
pub struct AssetQuery<'a>(
    /// The words as they were typed.
    pub &'a str,
);

/// What a query led to.
#[derive(Debug)]
pub enum Lookup<'a> {
    /// One asset.
    Found(&'a Asset),
    /// Several assets have that name; their roots.
    Ambiguous(Vec<String>),
    /// None; the nearest root or name, when there is one.
    Unknown(Option<String>),
}

impl Snapshot {
    /// The asset that `query` names: an id, else a uuid, else a root relative to `assets/`, else a
    /// name that only one asset has.
    #[must_use]
    pub fn find(&self, query: AssetQuery<'_>) -> Lookup<'_> {
        let text = query.0.trim_end_matches('/');
        let by = |test: &dyn Fn(&Asset) -> bool| self.assets.iter().find(|asset| test(asset));
        let id = text.parse::<u32>().ok();
        let uuid = AssetUuid::parse(text);
        let root = text.strip_prefix("assets/").unwrap_or(text);
        let exact = id
            .and_then(|id| by(&|asset| asset.id().get() == id))
            .or_else(|| uuid.and_then(|uuid| by(&|asset| asset.entry.asset_uuid == uuid)))
            .or_else(|| by(&|asset| asset.entry.root.as_str() == root));
        if let Some(asset) = exact {
            return Lookup::Found(asset);
        }
        let named: Vec<&Asset> = self.assets.iter().filter(|asset| asset.name() == Some(text)).collect();
        match named[..] {
            [] => {
                let known =
                    self.assets.iter().flat_map(|asset| [Some(asset.entry.root.as_str()), asset.name()]);
                let known: Vec<&str> = known.flatten().collect();
                Lookup::Unknown(nearest(text, known).map(str::to_owned))
            }
            [asset] => Lookup::Found(asset),
            _ => Lookup::Ambiguous(named.iter().map(|asset| asset.entry.root.to_string()).collect()),
        }
    }
}
