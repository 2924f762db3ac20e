//! Many requests at a time: each answered once, its events before it; and requests that are asked to stop.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use serde_json::{Value, json};

use super::Served;
use crate::harness::Place;

/// That the events of each operation are numbered without holes, on from `numbers`.
#[track_caller]
fn check_numbers(events: &[Value], numbers: &mut BTreeMap<String, u64>) {
    for event in events {
        let last = numbers.entry(event["operation_id"].as_str().unwrap().to_owned()).or_default();
        *last += 1;
        assert_eq!(event["sequence"], *last, "{event}");
    }
}

#[test]
fn fifty_requests_in_flight_are_each_answered_once_after_their_events() {
    let place = Place::blobs(&["a", "b", "c"]);
    let mut served = Served::start(&place);
    let mut methods = BTreeMap::new();
    for n in 0..50 {
        let (method, params) = match n % 10 {
            0 | 5 => ("pack", json!({ "out_dir": format!("build/{}", n % 4) })),
            1 => ("doctor", json!({})),
            2 => ("set_included", json!({ "assets": [1], "included": n % 20 == 2 })),
            3 => ("get_asset_details", json!({ "asset": "b" })),
            4 => ("remove_asset", json!({ "asset": 3 })),
            6 => ("constants", json!({})),
            7 => ("create_asset", json!({ "root": format!("new/{n}"), "type": "blob_bank" })),
            8 => ("get_asset_details", json!({ "asset": "nobody" })),
            _ => ("list_assets", json!({})),
        };
        methods.insert(served.request(method, params), method);
    }
    let (mut answered, mut ended) = (BTreeSet::new(), BTreeSet::new());
    let mut numbers = BTreeMap::new();
    while answered.len() < methods.len() {
        let reply = served.reply();
        let events = served.events();
        check_numbers(&events, &mut numbers);
        for event in &events {
            assert!(!ended.contains(&event["operation_id"].to_string()), "it is answered already: {event}");
        }
        let id = reply["id"].as_u64().unwrap();
        let result = &reply["result"];
        assert_eq!(result["operation"], methods[&id], "{reply}");
        let expected = if result["summary"].to_string().contains("nobody") { "blocked" } else { "ok" };
        assert_eq!(result["status"], expected, "{reply}");
        assert!(answered.insert(id), "{id} is answered twice");
        ended.insert(result["operation_id"].to_string());
    }
    assert_eq!(ended.len(), methods.len(), "each is an operation of its own");
    served.end();
}

#[test]
fn an_id_is_in_flight_once_and_free_when_it_is_answered() {
    let place = Place::blobs(&["a"]);
    // As long as somebody holds the lock, a mutation waits.
    let lock = File::create(place.path("assets/.prometeu/local/lock")).unwrap();
    lock.lock().unwrap();
    let mut served = Served::start(&place);
    let plan = served.ok("set_included", json!({ "assets": [1], "included": false }));
    let params = json!({ "plan_id": plan["plan"]["plan_id"] });
    let waiting = served.request("set_included", params);
    let again = json!({ "jsonrpc": "2.0", "id": waiting, "method": "list_assets" });
    served.send(&again);
    let reply = served.reply();
    assert_eq!((&reply["id"], &reply["error"]["code"]), (&json!(waiting), &json!(-32600)), "{reply}");
    lock.unlock().unwrap();
    let reply = served.reply();
    assert_eq!((&reply["id"], &reply["result"]["status"]), (&json!(waiting), &json!("ok")), "{reply}");
    served.send(&again);
    assert_eq!(served.reply()["result"]["status"], "ok");
    served.end();
}

#[test]
fn reads_are_answered_while_writers_wait() {
    let place = Place::blobs(&["a", "b"]);
    let lock = File::create(place.path("assets/.prometeu/local/lock")).unwrap();
    lock.lock().unwrap();
    let mut served = Served::start(&place);
    let mut waiting = BTreeSet::new();
    for n in 0..12 {
        let shown = served.ok("set_included", json!({ "assets": [1 + n % 2], "included": false }));
        let params = json!({ "plan_id": shown["plan"]["plan_id"] });
        waiting.insert(served.request("set_included", params));
    }
    for _ in 0..20 {
        let read = served.request("list_assets", json!({}));
        assert_eq!(served.reply()["id"], read, "a read waits for nobody");
    }
    // Each is asked to stop, those that have not begun too.
    for id in &waiting {
        served.cancel(*id);
    }
    while !waiting.is_empty() {
        let reply = served.reply();
        assert!(waiting.remove(&reply["id"].as_u64().unwrap()), "{reply}");
        let blocker = &reply["result"]["blockers"][0]["code"];
        assert_eq!((&reply["result"]["status"], blocker), (&json!("failed"), &json!("cancelled")), "{reply}");
    }
    lock.unlock().unwrap();
    let listed = served.ok("list_assets", json!({}));
    assert!(listed["assets"].as_array().unwrap().iter().all(|asset| asset["included_in_build"] == true));
    served.end();
}

#[test]
fn a_pack_that_is_asked_to_stop_leaves_everything_as_it_was() {
    let place = Place::blobs(&["a", "b"]);
    for root in ["a", "b"] {
        let large = File::create(place.path(&format!("assets/{root}/data.txt"))).unwrap();
        large.set_len(1 << 30).unwrap();
    }
    let mut served = Served::start(&place);
    let pack = served.request("pack", json!({}));
    let first = served.next().unwrap();
    assert_eq!(first["params"]["kind"], "build_started", "{first}");
    served.cancel(pack);
    let reply = served.reply();
    assert_eq!(reply["id"], pack);
    assert_eq!(reply["result"]["blockers"][0]["code"], "cancelled", "{reply}");
    assert_eq!(served.events().last().unwrap()["data"]["status"], "failed");
    assert!(!place.path("build/assets.pa").exists());
    // What has ended is not asked, and neither is what never was; the next one is not either.
    served.cancel(pack);
    served.cancel(1_000);
    for root in ["a", "b"] {
        place.write(&format!("assets/{root}/data.txt"), "small");
    }
    served.ok("pack", json!({}));
    served.end();
}

#[test]
fn too_many_requests_are_refused_and_no_other_is_lost() {
    const SENT: u64 = 1_100;
    let place = Place::blobs(&["a"]);
    let lock = File::create(place.path("assets/.prometeu/local/lock")).unwrap();
    lock.lock().unwrap();
    let mut served = Served::start(&place);
    let shown = served.ok("set_included", json!({ "assets": [1], "included": false }));
    let params = json!({ "plan_id": shown["plan"]["plan_id"] });
    let first = served.last + 1;
    for _ in 0..SENT {
        served.request("set_included", params.clone());
    }
    let mut answered = BTreeMap::new();
    let mut refused = 0;
    while answered.len() < usize::try_from(SENT).unwrap() {
        let reply = served.reply();
        let id = reply["id"].as_u64().unwrap();
        if reply["error"]["code"] == -32000 {
            refused += 1;
            if refused == 1 {
                (first..first + SENT).for_each(|id| served.cancel(id));
            }
        }
        assert!(answered.insert(id, reply).is_none(), "{id} is answered twice");
    }
    assert!(refused > 0 && refused <= SENT - 1_024 + 4, "{refused}");
    served.ok("list_assets", json!({}));
    lock.unlock().unwrap();
    served.end();
}
