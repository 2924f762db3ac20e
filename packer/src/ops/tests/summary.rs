//! `pack_summary`: the pack set at a glance, from the snapshot alone.

use std::sync::Arc;
use std::time::Duration;

use crate::diagnostics::Code;
use crate::ops::constants::tests::atlas;
use crate::ops::{AssetSummary, PackSummary, Status};
use crate::storage::faulty::FaultyStorage;
use crate::testing::{Fixture, entry};

fn summary(fixture: &Fixture) -> PackSummary {
    let response = fixture.project().pack_summary();
    assert_eq!(response.status, Status::Ok, "{:?}", response.diagnostics);
    response.payload.unwrap()
}

fn counts(asset: &AssetSummary) -> (u32, u32, u32) {
    (asset.artifact_count, asset.min_artifact_count, asset.max_artifact_count)
}

#[test]
fn it_holds_the_registered_and_included_assets_and_no_others() {
    let fixture = Fixture::blobs(&["z", "a", "m"]);
    fixture.registry(&[entry(1, "z", true), entry(2, "a", false)]);
    let summary = summary(&fixture);
    assert_eq!(summary.total_included, 1);
    let [asset] = &summary.assets[..] else { panic!("{summary:?}") };
    assert_eq!((asset.asset_id.get(), asset.asset_name.as_deref()), (1, Some("z")));
    assert_eq!(asset.asset_family.as_deref(), Some("blob_bank"));
    assert_eq!(counts(asset), (1, 1, 65536));
}

#[test]
fn a_sheet_counts_as_many_artifacts_as_it_has_cells() {
    let fixture = atlas(&[("star.png", 1), ("walk.png", 4), ("draft.png", 1)], "");
    assert_eq!(counts(&summary(&fixture).assets[0]), (6, 1, 256));
    // What is listed counts, and nothing else.
    let listed = "\n  \"artifacts\": [{ \"file\": \"walk.png\", \"index\": 0 }],";
    let fixture = atlas(&[("star.png", 1), ("walk.png", 4)], listed);
    assert_eq!(counts(&summary(&fixture).assets[0]), (4, 1, 256));
}

#[test]
fn a_picture_that_cannot_be_looked_into_counts_as_one() {
    let fixture = atlas(&[("star.png", 1), ("walk.png", 4)], "");
    fixture.write("assets/ui/atlas/walk.png", "no picture");
    assert_eq!(counts(&summary(&fixture).assets[0]).0, 2);
    fixture.files.delete("/game/assets/ui/atlas/walk.png");
    assert_eq!(counts(&summary(&fixture).assets[0]).0, 2);
}

#[test]
fn of_a_declaration_that_cannot_be_read_the_counts_are_0_and_the_rest_is_not_known() {
    for harm in [
        |fixture: &Fixture| fixture.declare("a", "{"),
        |fixture: &Fixture| fixture.files.delete("/game/assets/a/asset.json"),
        |fixture: &Fixture| fixture.files.delete("/game/assets/a"),
    ] {
        let fixture = Fixture::blobs(&["a"]);
        harm(&fixture);
        let summary = summary(&fixture);
        let asset = &summary.assets[0];
        assert_eq!((&asset.asset_name, &asset.asset_family, counts(asset)), (&None, &None, (0, 0, 0)));
    }
}

#[test]
fn the_last_change_is_that_of_the_newest_of_its_files() {
    let fixture = Fixture::blobs(&["a"]);
    let newest = |of: &str, seconds: i128| {
        fixture.files.set_modified(format!("/game/assets/a/{of}"), seconds * 1_000_000_000 + 999_999);
        summary(&fixture).assets[0].last_modified
    };
    assert_eq!(newest("data.txt", 2_000), Some(2_000_000));
    assert_eq!(newest("asset.json", 3_000), Some(3_000_000));
    assert_eq!(newest("data.txt", 1_000), Some(3_000_000));
    fixture.declare("a", "{");
    assert_eq!(newest("asset.json", 4_000), Some(4_000_000), "also of one that cannot be read");
}

#[test]
fn a_second_summary_makes_no_call_of_the_file_system() {
    let fixture = atlas(&[("star.png", 1), ("walk.png", 4)], "");
    let disk = FaultyStorage::new(&fixture.files);
    let project = fixture.project_on(Arc::new(disk.clone()), Duration::ZERO);
    let first = project.pack_summary();
    let calls = disk.calls();
    assert!(calls > 0);
    let second = project.pack_summary();
    assert_eq!(disk.calls(), calls, "{:?}", disk.log().split_off(usize::try_from(calls).unwrap()));
    assert_eq!((first.payload, first.generation), (second.payload, second.generation));
}

#[test]
fn without_a_registry_that_can_be_read_nobody_knows_the_pack_set() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.write("assets/.prometeu/index.json", "{");
    let response = fixture.project().pack_summary();
    assert_eq!((response.status, response.payload), (Status::Blocked, None));
    assert_eq!(response.diagnostics[0].code, Code::RegistryInvalid);
}
