//! How a session ends: when it is told to, when its host hangs up, when its host is gone.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use serde_json::{Value, json};

use super::Served;
use crate::harness::Place;

#[test]
fn shutdown_is_answered_last_and_nothing_is_read_after_it() {
    let place = Place::blobs(&["a"]);
    let lock = File::create(place.path("assets/.prometeu/local/lock")).unwrap();
    lock.lock().unwrap();
    let mut served = Served::start(&place);
    let shown = served.ok("set_included", json!({ "assets": [1], "included": false }));
    let waiting = served.request("set_included", json!({ "plan_id": shown["plan"]["plan_id"] }));
    let shutdown = served.request("shutdown", json!({}));
    served.request("list_assets", json!({}));
    let (first, last) = (served.reply(), served.reply());
    assert_eq!(last, json!({ "jsonrpc": "2.0", "id": shutdown, "result": null }));
    assert_eq!(first["id"], waiting);
    assert_eq!(first["result"]["blockers"][0]["code"], "cancelled");
    assert_eq!(served.code(), Some(0));
    assert_eq!(served.next(), None);
    assert!(place.read("assets/.prometeu/index.json").contains("\"included_in_build\": true"));
}

#[test]
fn who_writes_requests_and_hangs_up_is_answered() {
    let place = Place::blobs(&["a"]);
    let mut served = Served::start(&place);
    let asked: Vec<u64> =
        ["list_assets", "pack", "doctor"].map(|method| served.request(method, json!({}))).into();
    served.write(r#"{"jsonrpc":"2.0","id":9,"method":"describe"}"#); // without a line end
    served.hang_up();
    let mut answered = Vec::new();
    while let Some(message) = served.next() {
        answered.extend(message["id"].as_u64());
    }
    answered.sort_unstable();
    assert_eq!(answered, [asked, vec![9]].concat());
    assert_eq!(served.code(), Some(0));
    assert!(place.path("build/assets.pa").exists());
}

#[test]
fn a_session_without_a_word_ends_well() {
    let place = Place::blobs(&["a"]);
    let before = place.listing();
    let said = Served::start(&place).end();
    assert!(said.contains("Serving"), "{said}");
    let quiet = Served::spawn(place.command(&["-q", "serve"])).end();
    assert_eq!(quiet, "");
    assert_eq!(place.listing(), before);
}

/// A host that is killed: both of its pipes are gone, in the midst of something.
#[test]
fn a_host_that_vanishes_stops_what_it_asked_for() {
    let roots = ["a", "b", "c", "d"];
    let place = Place::blobs(&roots);
    for root in roots {
        let large = File::create(place.path(&format!("assets/{root}/data.txt"))).unwrap();
        large.set_len(192 << 20).unwrap();
    }
    let mut command = place.command(&["-q", "serve"]);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    writeln!(stdin, "{}", json!({ "jsonrpc": "2.0", "id": 1, "method": "pack" })).unwrap();
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert!(line.contains("build_started"), "{line}");
    drop((stdin, stdout));
    let (stdin, lines) = (None, std::sync::mpsc::channel().1);
    let mut served = Served { child, stdin, lines, last: 0, events: Vec::new() };
    assert_eq!(served.code(), Some(0));
    assert!(!place.path("build/assets.pa").exists(), "all of that is not packed in between");
    assert!(!place.path("build/.staging").exists(), "nothing of it is left");
}

#[test]
fn a_host_that_reads_nothing_stops_nobody_and_can_read_on() {
    let roots: Vec<String> = (0..40).map(|n| format!("a{n}")).collect();
    let place = Place::blobs(&roots.iter().map(String::as_str).collect::<Vec<_>>());
    let mut command = place.command(&["-q", "serve"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Some thousand events, far more than a pipe holds.
    for id in 1..=50 {
        let params = json!({ "out_dir": format!("build/{id}") });
        writeln!(stdin, "{}", json!({ "jsonrpc": "2.0", "id": id, "method": "pack", "params": params }))
            .unwrap();
    }
    let began = std::time::Instant::now();
    while !place.path("build/50/assets.pa").exists() || !place.path("build/49/assets.pa").exists() {
        assert!(began.elapsed() < super::DEADLINE, "it waits for its host");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (mut answers, mut finished, mut misses, mut progress) = (0, 0, 0, 0);
    let mut numbers = std::collections::BTreeMap::new();
    while answers < 50 {
        let message: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        if let Some(operation) = message["params"]["operation_id"].as_str() {
            let last = numbers.entry(operation.to_owned()).or_insert(0);
            *last += 1;
            assert_eq!(message["params"]["sequence"], *last, "there are no holes: {message}");
        }
        match message["params"]["kind"].as_str() {
            None => answers += 1,
            Some("build_finished") => finished += 1,
            Some("cache_miss") => misses += 1,
            Some("progress_updated") => progress += 1,
            Some(_) => {}
        }
    }
    assert_eq!((finished, misses), (50, 2_000), "no event but progress is left out");
    assert!(progress < 2_000, "and that is merged: {progress}");
    drop(stdin);
    let lines = std::sync::mpsc::channel().1;
    let mut served = Served { child, stdin: None, lines, last: 0, events: Vec::new() };
    assert_eq!(served.code(), Some(0));
}

#[test]
fn without_a_project_it_ends_with_words_for_a_person() {
    let place = Place::empty();
    let run = place.run(&["serve", "--message-format", "json"]).code(2).prints_nothing();
    run.says("no folder `assets`").says("help: ");
    place
        .run(&["--project", "nowhere", "serve"])
        .code(2)
        .says("there is no folder `nowhere`")
        .prints_nothing();
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_with_130_after_what_was_under_way() {
    use rustix::process::{Pid, Signal, kill_process};
    let place = Place::blobs(&["a"]);
    if !crate::signals::can_be_interrupted() {
        return;
    }
    let lock = File::create(place.path("assets/.prometeu/local/lock")).unwrap();
    lock.lock().unwrap();
    let mut served = Served::start(&place);
    let shown = served.ok("set_included", json!({ "assets": [1], "included": false }));
    let waiting = served.request("set_included", json!({ "plan_id": shown["plan"]["plan_id"] }));
    served.ok("list_quarantined", json!({}));
    kill_process(Pid::from_child(&served.child), Signal::INT).unwrap();
    let reply = served.reply();
    assert_eq!((&reply["id"], &reply["result"]["status"]), (&json!(waiting), &json!("failed")), "{reply}");
    assert_eq!(served.code(), Some(130));
}
