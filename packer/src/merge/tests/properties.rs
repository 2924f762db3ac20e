//! What holds for any two branches, each made of random edits that the operations would allow.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::schema::properties;
use crate::spelling;

/// One edit; what is not possible where it is made does nothing.
#[derive(Debug, Clone)]
enum Edit {
    Forget(Index),
    Move(Index, Index),
    Exclude(Index),
    Register { uuid: u8, root: Index, included: bool },
}

const ROOTS: [&str; 9] = ["a", "b", "c", "A", "d/x", "d/y", "d", "d/x/in", "é"];

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        any::<Index>().prop_map(Edit::Forget),
        (any::<Index>(), any::<Index>()).prop_map(|(n, root)| Edit::Move(n, root)),
        any::<Index>().prop_map(Edit::Exclude),
        (b'A'..=b'L', any::<Index>(), any::<bool>()).prop_map(|(uuid, root, included)| Edit::Register {
            uuid,
            root,
            included
        }),
    ];
    proptest::collection::vec(edit, 0..6)
}

/// Whether no other asset is in, above or below it.
fn is_free(registry: &Registry, root: &AssetPath, but: Option<usize>) -> bool {
    let others = registry.assets.iter().enumerate().filter(|(n, _)| Some(*n) != but);
    others.into_iter().all(|(_, other)| !meet(&other.root, root))
}

fn meet(a: &AssetPath, b: &AssetPath) -> bool {
    let [a, b] = [a, b].map(|root| spelling::key(root.as_str()) + "/");
    a.starts_with(&b) || b.starts_with(&a)
}

fn apply(registry: &Registry, edits: &[Edit]) -> Registry {
    let mut registry = registry.clone();
    for edit in edits {
        let len = registry.assets.len();
        let root = |index: &Index| AssetPath::parse(ROOTS[index.index(ROOTS.len())]).unwrap();
        match edit {
            Edit::Forget(n) if len > 0 => drop(registry.assets.remove(n.index(len))),
            Edit::Exclude(n) if len > 0 => {
                let entry = &mut registry.assets[n.index(len)];
                entry.included_in_build = !entry.included_in_build;
            }
            Edit::Move(n, to) if len > 0 && is_free(&registry, &root(to), Some(n.index(len))) => {
                registry.assets[n.index(len)].root = root(to);
            }
            Edit::Register { uuid, root: to, included } => {
                let asset_uuid = uuid_of(u128::from(*uuid));
                let is_known = registry.assets.iter().any(|entry| entry.asset_uuid == asset_uuid);
                if is_known || !is_free(&registry, &root(to), None) {
                    continue;
                }
                registry.assets.push(Entry {
                    asset_id: AssetId::new(registry.next_asset_id),
                    included_in_build: *included,
                    root: root(to),
                    asset_uuid,
                    position: 0,
                });
                registry.next_asset_id += 1;
            }
            _ => {}
        }
    }
    registry.assets = numbered(registry.assets);
    registry
}

/// A registry, and two that were made of it.
fn branches() -> impl Strategy<Value = [Registry; 3]> {
    (edits(), edits(), edits()).prop_map(|(base, ours, theirs)| {
        let base = apply(&Registry { next_asset_id: 1, assets: Vec::new() }, &base);
        let (ours, theirs) = (apply(&base, &ours), apply(&base, &theirs));
        [base, ours, theirs]
    })
}

/// The text with one side of each marked part.
fn kept(text: &str, keeps_ours: bool) -> String {
    let (mut kept, mut here) = (String::new(), true);
    for line in text.split_inclusive('\n') {
        match line.get(..7) {
            Some("<<<<<<<") => here = keeps_ours,
            Some("=======") => here = !keeps_ours,
            Some(">>>>>>>") => here = true,
            _ if here => kept += line,
            _ => {}
        }
    }
    kept
}

proptest! {
    #![proptest_config(properties(1024))]

    #[test]
    fn a_side_that_did_nothing_leaves_the_other_as_it_is([base, ours, _] in branches()) {
        for [a, b] in [[&ours, &base], [&base, &ours], [&ours, &ours]] {
            prop_assert_eq!(merge(&base, a, b).unwrap().registry(), Some(ours.clone()));
        }
    }

    #[test]
    fn a_merge_without_a_conflict_is_a_registry_that_contradicts_nothing([base, ours, theirs] in branches()) {
        let merged = merge(&base, &ours, &theirs).unwrap();
        prop_assume!(merged.conflicts.is_empty());
        let registry = merged.registry().unwrap();
        let text = merged.to_text(&MARKERS);
        prop_assert_eq!(&text, &registry.to_text());
        let reading = registry::read(&SourceText::new(text));
        prop_assert_eq!(reading.findings, vec![]);
        prop_assert_eq!(reading.registry.as_ref(), Some(&registry));
        prop_assert_eq!(check(Side::Ours, &registry), Ok(()));
        prop_assert_eq!(next(&registry), registry.next_asset_id);
        for (n, entry) in registry.assets.iter().enumerate() {
            prop_assert!(is_free(&registry, &entry.root, Some(n)), "{}", shown(&registry.assets));
        }
    }

    #[test]
    fn both_sides_come_to_the_same([base, ours, theirs] in branches()) {
        let (here, there) = (merge(&base, &ours, &theirs).unwrap(), merge(&base, &theirs, &ours).unwrap());
        prop_assert_eq!(&here.settled, &there.settled);
        // Where an asset is that lies in two places is told as the own side has it.
        let ids = |merged: &Merge| {
            let ids = merged.renumbered.iter().map(|told| (told.asset_uuid, told.from, told.to));
            ids.collect::<Vec<_>>()
        };
        prop_assert_eq!(ids(&here), ids(&there));
        prop_assert_eq!(here.next_asset_id, there.next_asset_id);
        let mirrored = there.conflicts.iter().map(|conflict| (&conflict.theirs, &conflict.ours));
        let parts = here.conflicts.iter().map(|conflict| (&conflict.ours, &conflict.theirs));
        prop_assert_eq!(parts.collect::<Vec<_>>(), mirrored.collect::<Vec<_>>());
    }

    #[test]
    fn with_one_side_of_each_conflict_kept_the_text_is_a_registry([base, ours, theirs] in branches()) {
        let merged = merge(&base, &ours, &theirs).unwrap();
        for keeps_ours in [true, false] {
            let reading = registry::read(&SourceText::new(kept(&merged.to_text(&MARKERS), keeps_ours)));
            prop_assert_eq!(reading.findings, vec![]);
            let ids: BTreeSet<AssetId> = reading.registry.iter().flat_map(|registry| &registry.assets).map(|entry| entry.asset_id).collect();
            let registry = reading.registry.unwrap();
            prop_assert_eq!(ids.len(), registry.assets.len(), "no id is there twice");
            prop_assert!(next(&registry) <= registry.next_asset_id);
        }
    }

    #[test]
    fn nothing_is_lost_that_a_side_added_or_changed([base, ours, theirs] in branches()) {
        let merged = merge(&base, &ours, &theirs).unwrap();
        let of_conflicts = merged.conflicts.iter().flat_map(|conflict| conflict.ours.iter().chain(&conflict.theirs));
        let there: Vec<&Entry> = merged.settled.iter().chain(of_conflicts).collect();
        let was = by_uuid(&base);
        for entry in ours.assets.iter().chain(&theirs.assets) {
            let said = |other: &&Entry| {
                (other.root.clone(), other.included_in_build) == (entry.root.clone(), entry.included_in_build)
            };
            if was.get(&entry.asset_uuid).is_some_and(said) {
                continue;
            }
            let is_there = there.iter().any(|other| other.asset_uuid == entry.asset_uuid);
            prop_assert!(is_there, "{} of {}", entry.root, shown(&merged.settled));
        }
    }
}
