//! What programs read: the events and the response of each pack, and in the response what changed.

use serde_json::{Value, json};

use super::{Watched, save};
use crate::harness::Place;

fn begin(place: &Place) -> Watched {
    Watched::of_stdout(place, place.command(&["watch", "--message-format", "json"]))
}

/// The next response, behind its events.
#[track_caller]
fn response(watched: &mut Watched) -> Value {
    loop {
        let line: Value = serde_json::from_str(&watched.line().expect("it goes on")).unwrap();
        if line["reason"] == "response" {
            return line;
        }
        assert_eq!(line["reason"], "event");
    }
}

#[test]
fn each_pack_is_a_response_that_says_what_changed() {
    let schema: Value = serde_json::from_str(&Place::empty().ok(&["schema", "response"]).stdout).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let place = Place::blobs(&["ui/a"]);
    let mut watched = begin(&place);
    let first = response(&mut watched);
    assert_eq!((&first["operation"], &first["status"]), (&json!("pack"), &json!("ok")));
    assert_eq!(first["changes"], json!([]));

    save(&place, "assets/ui/a/data.txt", "longer than before");
    let second = response(&mut watched);
    let change = json!({ "change": "changed", "file": "ui/a/data.txt", "root": "ui/a" });
    assert_eq!(second["changes"], json!([change]));
    assert_eq!((&second["status"], &second["artifact"]["changed"]), (&json!("ok"), &json!(true)));
    assert!(second["artifact"]["digest"] != first["artifact"]["digest"], "{second}");

    std::fs::rename(place.path("assets/ui/a/data.txt"), place.path("assets/ui/a/other.txt")).unwrap();
    let third = response(&mut watched);
    let change = |change: &str, file: &str| json!({ "change": change, "file": file, "root": "ui/a" });
    assert_eq!(
        third["changes"],
        json!([change("removed", "ui/a/data.txt"), change("added", "ui/a/other.txt")])
    );
    assert_eq!(
        (&third["status"], &third["diagnostics"][0]["code"]),
        (&json!("blocked"), &json!("input-missing"))
    );
    for response in [&first, &second, &third] {
        assert!(
            schema.is_valid(response),
            "{:?}",
            schema.iter_errors(response).next().map(|e| e.to_string())
        );
    }
}

#[cfg(unix)]
#[test]
fn the_end_is_a_response_too() {
    if !crate::signals::can_be_interrupted() {
        return;
    }
    let place = Place::blobs(&["a"]);
    let mut watched = begin(&place);
    response(&mut watched);
    let pid = rustix::process::Pid::from_child(&watched.child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let last = response(&mut watched);
    assert_eq!((&last["operation"], &last["status"]), (&json!("watch"), &json!("failed")));
    assert_eq!(last["blockers"][0]["code"], "cancelled");
    assert_eq!(watched.line(), None);
    assert_eq!(watched.code(), Some(130));
}

#[test]
fn stdout_is_not_shared_with_a_program() {
    let place = Place::blobs(&["a"]);
    let (run, lines) = place.json(&["watch", "--", "true"]);
    run.code(2);
    assert_eq!(lines.last().unwrap()["blockers"][0]["code"], "invalid-argument");
}
