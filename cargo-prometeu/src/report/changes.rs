//! What became of each asset since another report.
//!
//! An asset is the same when its uuid is, whatever its name, folder and id are by now. What is told is what the two
//! reports say; neither pack is read.

use std::collections::BTreeMap;

use super::data::{Asset, Change, Kind, Report, Since};

/// Compares what was with what is.
pub(crate) fn since(then: &Report, now: &Report) -> Since {
    let before: BTreeMap<&str, &Asset> =
        then.assets.iter().map(|asset| (asset.asset_uuid.as_str(), asset)).collect();
    let mut gone = before.clone();
    let mut changes = Vec::new();
    let mut unchanged = 0;
    for asset in &now.assets {
        gone.remove(asset.asset_uuid.as_str());
        match before.get(asset.asset_uuid.as_str()) {
            None => changes.push(change(Kind::Added, None, Some(asset), Vec::new())),
            Some(old) => {
                let what = differing(old, asset);
                let only_names = what.iter().all(|what| ["asset_id", "name", "root"].contains(what));
                match (what.is_empty(), only_names) {
                    (true, _) => unchanged += 1,
                    (_, true) => changes.push(change(Kind::Renamed, Some(old), Some(asset), what)),
                    (_, false) => changes.push(change(Kind::Changed, Some(old), Some(asset), what)),
                }
            }
        }
    }
    changes.extend(gone.into_values().map(|asset| change(Kind::Removed, Some(asset), None, Vec::new())));
    changes.sort_by(|a, b| (a.asset_id, &a.asset_uuid).cmp(&(b.asset_id, &b.asset_uuid)));
    let count = |kind| number(changes.iter().filter(|change| change.kind == kind).count());
    Since {
        digest: then.pack.digest.clone(),
        size: then.pack.size,
        total_assets: number(then.assets.len()),
        added: count(Kind::Added),
        removed: count(Kind::Removed),
        renamed: count(Kind::Renamed),
        changed: count(Kind::Changed),
        unchanged,
        changes,
    }
}

/// What of an asset is another, in the words of `diff`.
fn differing(old: &Asset, new: &Asset) -> Vec<&'static str> {
    let differs = [
        ("asset_id", old.asset_id != new.asset_id),
        ("name", old.asset_name != new.asset_name),
        ("root", old.root != new.root),
        ("type", old.asset_family != new.asset_family),
        ("preload", old.slot.is_some() != new.slot.is_some()),
        ("inputs", old.input_digest != new.input_digest),
        ("metadata", old.metadata_sha256 != new.metadata_sha256),
        ("payload", old.payload_sha256 != new.payload_sha256),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(what, _)| what).collect()
}

fn change(kind: Kind, old: Option<&Asset>, new: Option<&Asset>, what: Vec<&'static str>) -> Change {
    let asset = new.or(old).expect("a change is of an asset");
    let was = |of: fn(&Asset) -> &String| {
        let (old, new) = (old?, new?);
        (of(old) != of(new)).then(|| of(old).clone())
    };
    Change {
        kind,
        asset_id: asset.asset_id,
        asset_uuid: asset.asset_uuid.clone(),
        asset_name: asset.asset_name.clone(),
        root: asset.root.clone(),
        asset_family: asset.asset_family.clone(),
        size_before: old.map(|asset| asset.size),
        size_after: new.map(|asset| asset.size),
        root_before: was(|asset| &asset.root),
        name_before: was(|asset| &asset.asset_name),
        what: what.into_iter().map(str::to_owned).collect(),
    }
}

/// A count as the data has it; a pack holds fewer assets than that.
pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asset, report};
    use super::*;

    #[test]
    fn an_asset_stays_itself_through_every_rename() {
        let then = report(vec![asset(1, "ui/a", 10), asset(2, "b", 20), asset(3, "c", 30), asset(4, "d", 5)]);
        let mut now = then.clone();
        now.assets[0].root = "art/a".to_owned();
        now.assets[0].asset_id = 9;
        now.assets[1].payload_sha256 = "other".to_owned();
        now.assets[1].asset_name = "be".to_owned();
        now.assets[1].size = 24;
        now.assets.remove(2);
        now.assets.push(asset(7, "new", 1));
        let since = since(&then, &now);
        let told: Vec<(Kind, u32, Vec<&str>, i128)> = since
            .changes
            .iter()
            .map(|c| (c.kind, c.asset_id, c.what.iter().map(String::as_str).collect(), c.growth()))
            .collect();
        assert_eq!(
            told,
            [
                (Kind::Changed, 2, vec!["name", "payload"], 4),
                (Kind::Removed, 3, vec![], -30),
                (Kind::Added, 7, vec![], 1),
                (Kind::Renamed, 9, vec!["asset_id", "root"], 0),
            ]
        );
        assert_eq!(since.changes[3].root_before.as_deref(), Some("ui/a"));
        assert_eq!(since.changes[0].name_before.as_deref(), Some("name of b"));
        let counts = (since.added, since.removed, since.renamed, since.changed, since.unchanged);
        assert_eq!(counts, (1, 1, 1, 1, 1));
    }

    #[test]
    fn what_is_the_same_has_no_changes() {
        let then = report(vec![asset(1, "a", 10), asset(2, "b", 0)]);
        let since = since(&then, &then.clone());
        assert_eq!((since.changes.len(), since.unchanged), (0, 2));
    }
}
