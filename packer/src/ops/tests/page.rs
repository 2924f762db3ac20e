//! `docs/operations.md`, held against the code: its tables, and what the mutations really do.

use crate::commit::tests::scenario;
use crate::ops::{BlockerCode, Operation, OperationClass, Status};

const PAGE: &str = include_str!("../../../../docs/operations.md");

/// The cells of the table that begins with that heading, backticks taken off.
fn table(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, table) = PAGE.split_once(heading).unwrap_or_else(|| panic!("no table {heading}"));
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect())
        .collect()
}

fn operations() -> Vec<Vec<&'static str>> {
    table("| operation | class | consent | command |")
}

#[test]
fn the_page_has_every_operation_once_and_in_order_with_its_class() {
    let on_page: Vec<(&str, &str)> = operations().iter().map(|row| (row[0], row[1])).collect();
    let known = Operation::ALL.map(|operation| (operation.as_str(), operation.class().as_str()));
    assert_eq!(on_page, known);
}

#[test]
fn every_operation_has_a_section_and_every_mutation_says_how_it_is_taken_back() {
    for operation in Operation::ALL {
        let heading = format!("\n### `{operation}`\n", operation = operation.as_str());
        let (_, section) = PAGE.split_once(&heading).unwrap_or_else(|| panic!("no section{heading}"));
        let section = section.split("\n#").next().unwrap();
        if !matches!(operation.class(), OperationClass::ReadOnly | OperationClass::Build) {
            assert!(section.contains("\n- Request: "), "{heading}{section}");
            assert!(section.contains("\n- Way back: "), "{heading}{section}");
        }
    }
}

#[test]
fn the_page_has_every_blocker_and_every_failure() {
    let on_page: Vec<&str> = PAGE
        .split("| code | means |")
        .skip(1)
        .flat_map(|table| table.lines().skip(2).take_while(|line| line.starts_with('|')))
        .map(|row| row.split('`').nth(1).unwrap())
        .collect();
    assert_eq!(on_page, BlockerCode::ALL.map(BlockerCode::as_str));
}

#[test]
fn each_mutation_is_of_the_class_needs_the_consent_and_tells_the_events_that_the_page_says() {
    let mut seen: Vec<&str> = Vec::new();
    for scenario in scenario::ALL {
        let fixture = (scenario.before)();
        drop(fixture.events.all());
        let response = scenario.change(&fixture.project());
        assert_eq!(response.status, Status::Ok, "{}: {:?}", scenario.name, response.blockers);
        let rows = operations();
        let name = response.operation.as_str();
        let row = rows.iter().find(|row| row[0] == name).unwrap();
        seen.push(name);

        let plan = response.payload.as_ref().unwrap().plan.clone();
        let edits_a_declaration = plan.edits.iter().any(|edit| edit.path.ends_with("/asset.json"));
        let class = response.operation_class().as_str();
        let said = match (name, row[1]) {
            ("doctor", _) if scenario.name.starts_with("mend") => "workspace_mutation",
            (_, "registry_mutation") if edits_a_declaration => "workspace_mutation",
            // It changes what the change that it takes back has changed.
            ("undo", _) if plan.edits.len() == 1 && scenario.name != "undo init" => "registry_mutation",
            (_, said) => said,
        };
        assert_eq!(class, said, "{}", scenario.name);
        let needs = match row[2] {
            "never" => false,
            "always" => true,
            "as an existing asset" => {
                plan.arguments.iter().any(|(key, value)| *key == "as" && *value != "new".into())
            }
            _ => plan.needs_consent(),
        };
        assert_eq!(plan.needs_consent(), needs, "{}", scenario.name);
        let kinds: Vec<&str> = fixture.events.all().iter().map(|event| event.kind.name()).collect();
        let story = ["preview_ready", "snapshot_state_changed", "action_applied"];
        assert_eq!(kinds, story, "{}", scenario.name);
        let back: Vec<&str> =
            response.proposed_actions.iter().map(|action| action.operation.as_str()).collect();
        let told = match name {
            "undo" => vec![],
            // Several come back together, as they went.
            "quarantine_asset" if plan.affected_assets.len() == 1 => vec!["restore_asset"],
            "remove_asset" if !plan.arguments.contains(&("purge", true.into())) => {
                vec!["restore_asset"]
            }
            _ => vec!["undo"],
        };
        assert_eq!(back, told, "{}", scenario.name);
    }
    for row in operations().iter().filter(|row| row[1].ends_with("_mutation")) {
        assert!(seen.contains(&row[0]), "no scenario of {}", row[0]);
    }
}
