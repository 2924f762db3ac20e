//! Folders above two roots that no file system, or no Rust module, can tell apart. They leave the registry
//! readable and contradict nothing; they only stop builds, wherever both come together. So they are told and
//! not decided: with the merge done, one command gives an asset another root, and with a conflict none would.

use std::collections::BTreeMap;

use crate::address;
use crate::id::AssetId;
use crate::path::AssetPath;
use crate::schema::registry::Entry;
use crate::spelling;

/// Two assets that came together in a merge, and whose roots are no two everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// The asset with the lower id, and the folder in question: its root, or one above.
    pub first: (AssetId, AssetPath),
    /// The other.
    pub second: (AssetId, AssetPath),
    /// What both folders would be in Rust; none when they are one folder on some systems.
    pub identifier: Option<String>,
}

/// What folders have in common: a spelling for all systems, or a name in Rust; each folder with its first asset.
type Folders<'e> = BTreeMap<(bool, String), BTreeMap<&'e str, AssetId>>;

/// What is alike in `merged` and was not on a side. Entries are by increasing id.
pub(super) fn found(merged: &[Entry], sides: [&[Entry]; 2]) -> Vec<Alike> {
    let known = sides.map(folders);
    let merged = folders(merged);
    let is_new = |key: &(bool, String), folders: &BTreeMap<&str, AssetId>| {
        let has_all =
            |there: &BTreeMap<&str, AssetId>| folders.keys().all(|folder| there.contains_key(folder));
        !known.iter().any(|known| known.get(key).is_some_and(has_all))
    };
    // What lies above is told alone.
    let is_first = |(is_name, key): &(bool, String)| {
        let above = key.rsplit_once(if *is_name { "::" } else { "/" });
        above.is_none_or(|(above, _)| !merged.contains_key(&(*is_name, above.to_owned())))
    };
    let told = merged.iter().filter(|(key, folders)| is_first(key) && is_new(key, folders));
    told.filter_map(|((is_name, key), folders)| {
        let mut folders: Vec<(AssetId, &str)> =
            folders.iter().map(|(folder, asset)| (*asset, *folder)).collect();
        folders.sort_unstable();
        let [first, .., second] = folders[..] else { return None };
        // One folder on some systems is one name everywhere, which need not be told as well.
        if *is_name && spelling::key(first.1) == spelling::key(second.1) {
            return None;
        }
        let place = |(asset, folder)| Some((asset, AssetPath::parse(folder).ok()?));
        let identifier = is_name.then(|| key.clone());
        Some(((place(first)?, place(second)?), identifier))
    })
    // A module and a constant of the same two are one thing.
    .collect::<BTreeMap<_, _>>()
    .into_iter()
    .map(|((first, second), identifier)| Alike { first, second, identifier })
    .collect()
}

fn folders(entries: &[Entry]) -> Folders<'_> {
    let mut known = Folders::new();
    for entry in entries {
        let root = entry.root.as_str();
        let ends = root.match_indices('/').map(|(at, _)| at).chain([root.len()]);
        let address = address::of_root(&entry.root);
        let mut modules = address.modules.iter().chain([&address.module]);
        let mut name = String::new();
        let mut add = |is_name, key: String, folder| {
            known.entry((is_name, key)).or_default().entry(folder).or_insert(entry.asset_id);
        };
        for end in ends {
            let folder = &root[..end];
            add(false, spelling::key(folder), folder);
            // What builds leave out has no name.
            if let (true, Some(module)) = (entry.included_in_build, modules.next()) {
                name.push_str(if name.is_empty() { "" } else { "::" });
                name.push_str(module);
                add(true, name.clone(), folder);
            }
        }
        if entry.included_in_build {
            add(true, address.to_string(), root);
        }
    }
    known.retain(|_, folders| folders.len() > 1);
    known
}
