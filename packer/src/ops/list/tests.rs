use super::*;
use crate::ops::constants::tests::atlas;
use crate::ops::{Response, Status};
use crate::testing::{Fixture, blob, entry, uuid};

fn rows(fixture: &Fixture, request: &ListRequest) -> Vec<AssetRow> {
    let response: Response<Vec<AssetRow>> = fixture.project().list_assets(request);
    assert_eq!(response.status, Status::Ok, "{:?}", response.diagnostics);
    response.payload.unwrap()
}

#[track_caller]
fn only(fixture: &Fixture) -> AssetRow {
    let [row] = &rows(fixture, &ListRequest { unregistered: true, ..ListRequest::default() })[..] else {
        panic!("one is not registered")
    };
    row.clone()
}

#[test]
fn each_row_says_what_the_asset_brings_and_how_much_is_wrong_with_it() {
    let fixture = atlas(&[("star.png", 1), ("walk.png", 4)], "");
    let sizes = ["star.png", "walk.png"]
        .map(|file| fixture.files.content(format!("/game/assets/ui/atlas/{file}")).unwrap().len() as u64);
    fixture.files.set_modified("/game/assets/ui/atlas/star.png", 99_000_000_000);
    let row = |fixture: &Fixture| rows(fixture, &ListRequest::default()).remove(0);
    let AssetRow { artifact_count, size, last_modified, errors, warnings, .. } = row(&fixture);
    assert_eq!((artifact_count, size, last_modified), (5, sizes[0] + sizes[1], Some(99_000)));
    assert_eq!((errors, warnings), (0, 0));
    fixture.files.delete("/game/assets/ui/atlas/star.png");
    fixture.edit("ui/atlas", "\"name\"", "\"mood\": \"calm\", \"name\"");
    let AssetRow { artifact_count, size, errors, warnings, .. } = row(&fixture);
    assert_eq!((artifact_count, size, errors, warnings), (5, sizes[1], 1, 1));
}

#[test]
fn assets_are_sorted_by_id_by_name_or_by_size() {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    for (root, name, bytes) in [("a", "zebra", "12"), ("b", "ant", "1"), ("c", "mole", "123")] {
        fixture.edit(root, &format!("\"name\": \"{root}\""), &format!("\"name\": \"{name}\""));
        fixture.write(&format!("assets/{root}/data.txt"), bytes);
    }
    fixture.declare("d", "{");
    let roots = |sort| -> Vec<String> {
        let rows = rows(&fixture, &ListRequest { sort, ..ListRequest::default() });
        rows.into_iter().map(|row| row.root).collect()
    };
    assert_eq!(roots(ListOrder::Id), ["a", "b", "c", "d"]);
    assert_eq!(roots(ListOrder::Name), ["b", "c", "a", "d"]);
    assert_eq!(roots(ListOrder::Size), ["c", "a", "b", "d"]);
}

#[test]
fn a_copy_names_the_asset_that_it_was_copied_from() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.declare("copy", &blob(&uuid(1), "a"));
    let copy = only(&fixture);
    assert_eq!((copy.copy_of, copy.problem), (Some(AssetId::new(1)), None));
    // Of one that is gone it is no copy, but perhaps that asset itself.
    fixture.files.delete("/game/assets/a");
    assert_eq!(only(&fixture).copy_of, None);
    let own = Fixture::blobs(&["a"]);
    own.declare("other", &blob(&uuid(9), "other"));
    assert_eq!((only(&own).copy_of, only(&own).problem), (None, None));
}

#[test]
fn an_unregistered_folder_that_cannot_be_registered_says_why() {
    let fixture = Fixture::blobs(&["a"]);
    fixture.registry(&[entry(1, "a", true)]);
    let problem = |root: &str, text: &str| {
        fixture.declare(root, text);
        let problem = only(&fixture).problem;
        fixture.files.delete(format!("/game/assets/{root}"));
        problem
    };
    let good = blob(&uuid(9), "x");
    assert_eq!(problem("fine", &good), None);
    assert_eq!(problem("b\\c", &good).unwrap(), "its name has a backslash; parts are separated by `/`");
    assert!(problem("CON", &good).is_some_and(|words| words.contains("`CON`")));
    let broken = problem("broken", "{").unwrap();
    assert!(broken.starts_with("its `asset.json` cannot be read: "), "{broken}");
    fixture.files.folder("/game/assets/odd");
    fixture.files.link("/game/assets/odd/asset.json", "nowhere");
    assert_eq!(only(&fixture).problem.as_deref(), Some("its `asset.json` cannot be read"));
}
