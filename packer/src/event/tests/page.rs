//! `docs/events.md`, held against the code: the real line, the members, the kinds and their data. What
//! each operation tells is held against it in `ops::tests::stories`.

use serde_json::{Value, json};

use super::*;
use crate::event::AffectedAsset;
use crate::id::{AssetId, AssetUuid, Generation};
use crate::ops::Status;
use crate::pack::DirtyReason;
use crate::path::AssetPath;

const PAGE: &str = include_str!("../../../../docs/events.md");

/// The cells of the table that begins with that heading.
fn table(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, table) = PAGE.split_once(heading).unwrap_or_else(|| panic!("no table {heading}"));
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// The words in backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn asset_id() -> AssetId {
    AssetId::new(1)
}

fn miss(reason: DirtyReason) -> EventKind {
    EventKind::CacheMiss { asset_id: asset_id(), reason }
}

fn changed() -> EventKind {
    miss(DirtyReason::InputChanged { file: "heart.png".to_owned() })
}

/// One of each kind, in the order of the enum.
fn kinds() -> Vec<EventKind> {
    let asset_id = asset_id();
    vec![
        EventKind::AssetDiscovered,
        EventKind::AssetChanged,
        EventKind::BuildStarted,
        EventKind::BuildFinished { status: Status::Blocked },
        EventKind::CacheHit { asset_id },
        changed(),
        EventKind::PreviewReady { plan_id: "plan".to_owned() },
        EventKind::DiagnosticsUpdated { blocking: 2, warnings: 1 },
        EventKind::ActionApplied { action_id: "plan".to_owned() },
        EventKind::ActionFailed { code: "io-error" },
        EventKind::SnapshotStateChanged { state: "current", generation: Generation::FIRST },
        EventKind::ProgressUpdated,
    ]
}

fn event(kind: EventKind) -> Event {
    Event {
        project_id: "/games/mine".to_owned(),
        operation_id: OperationId::parse("0198c0de-0000-7000-8000-000000000001").unwrap(),
        sequence: 2,
        kind,
        timestamp: NoClock.now_millis(),
        summary: "packed `ui/atlas`: `heart.png` changed".to_owned(),
        progress: None,
        affected_assets: vec![AffectedAsset {
            asset_id: Some(asset_id()),
            asset_uuid: AssetUuid::parse("0198c0de-0000-7000-8000-000000000002"),
            root: AssetPath::parse("ui/atlas").unwrap(),
        }],
    }
}

fn data(kind: EventKind) -> Value {
    let envelope: Value = serde_json::from_str(&event(kind).to_json()).unwrap();
    envelope["data"].clone()
}

#[test]
fn the_line_of_the_page_is_what_is_written() {
    let line = PAGE.lines().find(|line| line.starts_with('{')).unwrap();
    assert_eq!(event(changed()).to_json(), line);
}

#[test]
fn the_page_has_every_member_in_order() {
    let progress = Some(Progress { done: 1, total: 2, unit: "assets" });
    let text = Event { progress, ..event(changed()) }.to_json();
    let mut rest = text.as_str();
    for row in table("| member | is |") {
        let name = format!("\"{}\":", row[0].trim_matches('`'));
        let (_, after) = rest.split_once(&name).unwrap_or_else(|| panic!("no {name} in {rest}"));
        rest = after;
    }
    let envelope: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(envelope.as_object().unwrap().len(), table("| member | is |").len());
    assert_eq!(envelope["progress"], json!({ "done": 1, "total": 2, "unit": "assets" }));
}

#[test]
fn the_page_has_every_kind_with_its_data() {
    let rows = table("| kind | `data` | told when |");
    let names: Vec<&str> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(names, kinds().iter().map(EventKind::name).collect::<Vec<_>>());
    for (row, kind) in rows.iter().zip(kinds()) {
        let data = data(kind);
        let mut members: Vec<&str> = quoted(row[1]).iter().map(|name| name.trim_end_matches('?')).collect();
        // Which of the optional ones are there, the reason says.
        if row[0] == "`cache_miss`" {
            members.retain(|name| *name != "members");
        }
        members.sort_unstable();
        assert_eq!(data.as_object().unwrap().keys().collect::<Vec<_>>(), members, "{}", row[0]);
    }
    let changed = DirtyReason::DeclarationChanged { members: vec!["type", "inputs"] };
    assert_eq!(
        data(miss(changed)),
        json!({ "asset_id": 1, "reason": "declaration-changed", "members": ["type", "inputs"] })
    );
    assert_eq!(data(EventKind::BuildFinished { status: Status::Ok }), json!({ "status": "ok" }));
    assert_eq!(
        data(EventKind::SnapshotStateChanged { state: "current", generation: Generation::FIRST }),
        json!({ "state": "current", "generation": 1 })
    );
}

#[test]
fn the_page_has_every_reason_of_a_miss() {
    let reasons = [
        DirtyReason::NoRecord,
        DirtyReason::NewAsset,
        DirtyReason::DeclarationChanged { members: vec!["inputs"] },
        DirtyReason::InputChanged { file: "a".to_owned() },
        DirtyReason::LastPackChanged,
        DirtyReason::Requested,
    ];
    let rows = table("| kind | `data` | told when |");
    let row = rows.iter().find(|row| row[0] == "`cache_miss`").unwrap();
    let on_page: Vec<&str> = quoted(row[2])
        .into_iter()
        .filter(|word| {
            ![
                "reason",
                "file",
                "members",
                "type",
                "output.metadata",
                "output.pipeline",
                "inputs",
                "artifacts",
            ]
            .contains(word)
        })
        .collect();
    let written = reasons.map(|reason| data(miss(reason))["reason"].as_str().unwrap().to_owned());
    assert_eq!(on_page, written);
}

#[test]
fn what_is_absent_is_left_out_and_nothing_breaks_a_line() {
    let summary = "a \"quoted\" \\ line\nand \u{1b}[31mmore\u{2028}".to_owned();
    let unknown = AffectedAsset { asset_id: None, asset_uuid: None, root: AssetPath::parse("a").unwrap() };
    let event = Event { summary, affected_assets: vec![unknown], ..event(EventKind::ProgressUpdated) };
    let text = event.to_json();
    assert!(!text.contains('\n'));
    let envelope: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(envelope["summary"], event.summary);
    assert_eq!((&envelope["affected_assets"], &envelope["data"]), (&json!([{ "root": "a" }]), &json!({})));
    let envelope = Event { affected_assets: Vec::new(), ..event }.to_json();
    assert!(!envelope.contains("affected_assets") && !envelope.contains("progress\":"), "{envelope}");
}
