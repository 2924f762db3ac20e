//! Fixes: there is one exactly where it is right, and it changes nothing but what it is for.

use super::*;
use crate::mutate::{Fix, FixId, SAFE, Undo};
use crate::ops::{Argument, DoctorRequest, OperationClass};
use crate::testing::entry;

fn mend(fixes: &[&str]) -> Mutation {
    Mutation::Fix(Fix::These(fixes.iter().map(|fix| (*fix).to_owned()).collect()))
}

/// The fixes that `doctor` proposes, but for the one that makes all.
fn proposed(fixture: &Fixture) -> Vec<String> {
    let actions = fixture.project().doctor(DoctorRequest::default()).proposed_actions;
    actions.into_iter().map(|action| action.action_id).filter(|id| id != "all").collect()
}

fn without_uuid(fixture: &Fixture, root: &str, n: u32) {
    fixture.edit(root, &format!("  \"asset_uuid\": \"{}\",\n", uuid(n)), "");
}

fn declaration(fixture: &Fixture, root: &str) -> String {
    String::from_utf8(fixture.files.content(format!("/game/assets/{root}/asset.json")).unwrap()).unwrap()
}

#[test]
fn the_name_of_a_fix_is_read_as_it_is_written() {
    for text in ["legacy-name:ui/atlas", "uuid-mismatch:a", "allocator-behind", "legacy-name:ui:x"] {
        assert_eq!(FixId::parse(text).map(|id| id.to_string()).as_deref(), Some(text));
    }
    for text in ["", "all", "legacy-name", "allocator-behind:a", "legacy-name:../a", "input-missing:a"] {
        assert_eq!(FixId::parse(text), None, "{text}");
    }
}

#[test]
fn several_findings_of_one_file_are_mended_by_one_edit_that_keeps_its_layout() {
    let fixture = Fixture::blobs(&["a"]);
    let text = "{\r\n\t\"type\":\"tile_bank\", \"mine\": [1,2],\r\n\t\"schema_version\":1,\r\n\t\"name\":\"a\",\r\n\
         \t\"inputs\":{\"files\":[\"data.txt\"]},\r\n\r\n\
         \t\"output\":{\"codec\":\"RAW\", \"format\":\"TILES/indexed_v1\"},\r\n\t\"preload\":{\"enabled\":false}\r\n}";
    fixture.declare("a", text);
    let response = fixture.project().change(&Mutation::Fix(Fix::All), false);
    assert_eq!(response.status, Status::Ok, "{:?}", response.blockers);
    let plan = response.payload.unwrap().plan;
    assert_eq!(plan.title, "mend 4 findings in 1 file");
    assert_eq!(plan.edits.iter().map(|edit| &*edit.path).collect::<Vec<_>>(), ["assets/a/asset.json"]);
    let expected =
        text.replace("tile_bank", "glyph_bank").replace("RAW", "NONE").replace("TILES", "GLYPH").replace(
            "\"schema_version\":1,",
            &format!("\"schema_version\":1,\r\n\t\"asset_uuid\":\"{}\",", uuid(1)),
        );
    assert_eq!(declaration(&fixture, "a"), expected);
    assert_eq!(proposed(&fixture), [""; 0]);
}

#[test]
fn a_uuid_is_written_back_only_where_nobody_else_can_be_meant() {
    let with = |harm: &dyn Fn(&Fixture)| {
        let fixture = Fixture::blobs(&["a", "b"]);
        without_uuid(&fixture, "a", 1);
        harm(&fixture);
        fixture
    };
    assert_eq!(proposed(&with(&|_| {})), ["uuid-mismatch:a"]);
    let copy = |f: &Fixture| f.declare("copy", &blob(&uuid(1), "a"));
    let broken_copy = |f: &Fixture| f.declare("copy", &blob(&uuid(1), "a").replace('}', ""));
    let swapped = |f: &Fixture| f.edit("b", &uuid(2), &uuid(1));
    let twice = |f: &Fixture| {
        f.registry(&[entry(1, "a", true), entry(2, "b", true).replace(&uuid(2), &uuid(1))]);
    };
    let away = |f: &Fixture| {
        let record = format!(
            r#"{{"schema_version":1,"root":"x","asset_id":9,"included_in_build":true,"asset_uuid":"{}"}}"#,
            uuid(1)
        );
        f.write("assets/.prometeu/quarantine/9-x/record.json", record);
        f.write("assets/.prometeu/quarantine/9-x/root/asset.json", "{}");
    };
    let unknown = |f: &Fixture| f.write("assets/.prometeu/quarantine/9-x/root/asset.json", "{}");
    let another =
        |f: &Fixture| f.edit("a", "\"name\"", &format!("\"asset_uuid\": \"{}\", \"name\"", uuid(7)));
    type Harm<'a> = &'a dyn Fn(&Fixture);
    let cases: [(&str, Harm<'_>); 7] = [
        ("a copy", &copy),
        ("a copy that cannot be read", &broken_copy),
        ("another asset", &swapped),
        ("two entries", &twice),
        ("quarantine", &away),
        ("quarantine that cannot be followed", &unknown),
        ("another uuid", &another),
    ];
    for (who, harm) in cases {
        let fixture = with(harm);
        assert_eq!(proposed(&fixture), [""; 0], "{who}");
        let refused = fixture.project().change(&mend(&["uuid-mismatch:a"]), false);
        assert_eq!(refused.blockers[0].code, BlockerCode::InvalidArgument, "{who}: {refused:?}");
        assert!(refused.blockers[0].message.contains("takes a person"), "{who}: {refused:?}");
    }
}

#[test]
fn the_allocator_is_raised_above_what_lies_in_quarantine_too() {
    let fixture = Fixture::blobs(&["a", "b", "c"]);
    drop(fixture.project().change(&quarantine("c"), true));
    let entries = [entry(1, "a", true), entry(2, "b", true)].join(",");
    let text = format!(r#"{{"schema_version":1,"next_asset_id":1,"assets":[{entries}]}}"#);
    fixture.write("assets/.prometeu/index.json", text.clone());
    assert_eq!(proposed(&fixture), ["allocator-behind"]);
    let response = fixture.project().change(&mend(&["allocator-behind"]), false);
    assert_eq!(response.operation_class(), OperationClass::RegistryMutation);
    let (_, reading) = registry::read_bytes(fixture.files.content(INDEX).unwrap());
    assert_eq!(reading.registry.unwrap().next_asset_id, 4);
    drop(fixture.project().change(&Mutation::Undo(Undo::default()), false));
    assert_eq!(fixture.files.content(INDEX).unwrap(), text.into_bytes(), "no id was given");
}

#[test]
fn what_is_in_order_is_nothing_to_do_and_what_is_no_fix_is_told_those_that_are() {
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture.edit("a", "NONE", "RAW");
    let plan = |fixes: &[&str]| fixture.project().preview(&mend(fixes), None);
    for fixes in [&["legacy-name:b"][..], &["allocator-behind"], &["uuid-mismatch:a", "uuid-mismatch:b"]] {
        let plan = plan(fixes).payload.unwrap().plan;
        assert!(plan.is_done(), "{plan:?}");
        let ids: Vec<String> = fixes.iter().map(|fix| (*fix).to_owned()).collect();
        assert_eq!(plan.arguments, [("fix", Argument::List(ids))]);
    }
    // One of two is still to be done.
    let both = plan(&["legacy-name:b", "legacy-name:a", "legacy-name:a"]).payload.unwrap().plan;
    assert_eq!(both.title, "mend `legacy-name` in `a` (asset 1)");
    for fixes in [&["legacy-name:c"][..], &["image-size:a"], &["legacy-name:a", "x\n"], &[]] {
        let refused = plan(fixes);
        assert_eq!(refused.blockers.len(), 1, "{fixes:?}");
        assert_eq!(refused.blockers[0].code, BlockerCode::InvalidArgument);
        let help = refused.blockers[0].help.as_deref().unwrap();
        assert!(fixes.is_empty() || help == "There is `legacy-name:a`.", "{help}");
    }
}

#[test]
fn a_registry_that_cannot_be_trusted_is_not_mended_and_declarations_are() {
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture.edit("a", "NONE", "RAW");
    let entries = [entry(1, "a", true), entry(2, "a", true)].join(",");
    fixture.write(
        "assets/.prometeu/index.json",
        format!(r#"{{"schema_version":1,"next_asset_id":1,"assets":[{entries}]}}"#),
    );
    assert_eq!(proposed(&fixture), ["legacy-name:a"]);
}

#[test]
fn every_fix_is_an_action_and_of_several_there_is_one_that_makes_all() {
    let fixture = Fixture::blobs(&["a", "b"]);
    fixture.edit("a", "NONE", "RAW");
    let response = fixture.project().doctor(DoctorRequest::default());
    assert_eq!(response.operation_class(), OperationClass::ReadOnly, "it only looked");
    assert_eq!(response.proposed_actions.len(), 1);
    fixture.edit("b", "NONE", "RAW");
    fixture.edit("b", "blob_bank", "tile_bank");
    let response = fixture.project().doctor(DoctorRequest::default());
    let fixes: Vec<_> = response.diagnostics.iter().map(|found| found.fix.as_deref().unwrap()).collect();
    assert_eq!(fixes, ["legacy-name:a", "legacy-name:b", "legacy-name:b"]);
    let actions: Vec<_> =
        response.proposed_actions.iter().map(|action| (&*action.action_id, &*action.title)).collect();
    assert_eq!(
        actions,
        [
            ("legacy-name:a", "mend `legacy-name` in `a` (asset 1)"),
            ("legacy-name:b", "mend `legacy-name` in `b` (asset 2)"),
            ("all", "mend 3 findings in 2 files"),
        ]
    );
    let all = &response.proposed_actions[2];
    assert_eq!(all.operation_class, OperationClass::WorkspaceMutation);
    // As a program would ask for what was proposed.
    let [("fix", Argument::List(ids))] = &*all.arguments else { panic!("{all:?}") };
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert_eq!(fixture.project().change(&mend(&ids), false).summary, all.title);
    assert_eq!(proposed(&fixture), [""; 0]);
}

#[test]
fn the_page_has_every_safe_fix_and_no_other() {
    let page = include_str!("../../../../docs/operations.md");
    let (_, table) = page.split_once("| fix | writes | when |\n").unwrap();
    let rows: Vec<&str> = table.lines().skip(1).take_while(|line| line.starts_with('|')).collect();
    let known = SAFE.map(|safe| {
        let root = if safe.code.as_str() == "allocator-behind" { "" } else { ":ROOT" };
        format!("| `{}{root}` | {} | {} |", safe.code, safe.writes, safe.when)
    });
    assert_eq!(rows, known);
}
