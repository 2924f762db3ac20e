//! Messages of every kind, also those that are none: each answered as it should be, and the next one too.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Served;
use crate::harness::Place;

/// The code and the words with which a line is refused.
#[track_caller]
fn refused(served: &mut Served, line: &str, id: &Value, code: i64, words: &str) {
    served.write(format!("{line}\n"));
    let reply = served.reply();
    assert_eq!((&reply["id"], &reply["error"]["code"]), (id, &json!(code)), "{line}: {reply}");
    let said = format!("{} {}", reply["error"]["message"], reply["error"]["data"]["help"]);
    assert!(said.contains(words), "{line}: {said}");
    assert_eq!(served.ok("list_assets", json!({}))["assets"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_wrong_with_a_message_is_said_and_the_next_one_is_answered() {
    let place = Place::blobs(&["a"]);
    let mut served = Served::start(&place);
    let null = &Value::Null;
    refused(&mut served, "{", null, -32700, "not JSON");
    refused(&mut served, "hello", null, -32700, "not JSON");
    refused(&mut served, r#"[{"jsonrpc":"2.0","id":1,"method":"pack"}]"#, null, -32600, "batches");
    refused(&mut served, r#"{"jsonrpc":"2.0","id":1.5,"method":"pack"}"#, null, -32600, "`id`");
    let id = &json!("a");
    refused(&mut served, r#"{"id":"a","method":"pack"}"#, id, -32600, "`jsonrpc`");
    refused(&mut served, r#"{"jsonrpc":"2.0","id":"a","method":"pack","params":[]}"#, id, -32600, "named");
    let line = |method: &str, params: Value| {
        json!({ "jsonrpc": "2.0", "id": "a", "method": method, "params": params }).to_string()
    };
    refused(&mut served, &line("lst_assets", json!({})), id, -32601, "`list_assets`");
    refused(&mut served, &line("format_disk", json!({})), id, -32601, "`describe`");
    refused(&mut served, &line("reconcile_", json!({})), id, -32601, "`");
    refused(&mut served, &line("remove_asset", json!({})), id, -32602, "lacks the param `asset`");
    refused(&mut served, &line("remove_asset", json!({ "asset": 1, "pruge": true })), id, -32602, "`purge`");
    refused(&mut served, &line("remove_asset", json!({ "asset": [] })), id, -32602, "from 1 to 4294967295");
    refused(
        &mut served,
        &line("remove_asset", json!({ "asset": 1, "plan_id": "x" })),
        id,
        -32602,
        "`plan_id`",
    );
    refused(&mut served, &line("remove_asset", json!({ "asset": 1, "consent": true })), id, -32602, "first");
    refused(&mut served, &line("pack", json!({ "plan_id": "x" })), id, -32602, "no param `plan_id`");
    let list = json!({ "family": "glyph" });
    refused(&mut served, &line("list_assets", list), id, -32602, "one of `glyph_bank`");
    refused(&mut served, &line("shutdown", json!({ "now": true })), id, -32602, "no param `now`");
    refused(&mut served, &line("$/cancelRequest", json!({})), id, -32602, "`id`");
    refused(
        &mut served,
        &line("remove_asset", json!({ "asset": 4_294_967_296_u64 })),
        id,
        -32602,
        "a string, or",
    );
    refused(&mut served, &line("pack", json!({ "out_dir": "" })), id, -32602, "not empty");
    let twice = r#"{"jsonrpc":"2.0","id":"a","method":"remove_asset","params":{"asset":1,"asset":2}}"#;
    refused(&mut served, twice, id, -32602, "`asset` is there more than once");
    let twice = r#"{"jsonrpc":"2.0","id":"a","method":"list_assets","method":"pack"}"#;
    refused(&mut served, twice, id, -32600, "`method` is there more than once");
    served.write(b"\xff\xfe\n");
    assert_eq!(served.reply()["error"]["code"], -32700);
    served.ok("list_assets", json!({}));
    served.end();
}

#[test]
fn a_change_that_comes_to_no_mutation_ends_with_one_event() {
    let place = Place::blobs(&["a"]);
    let mut served = Served::start(&place);
    for (method, params, words) in [
        ("undo", json!({ "change": "q" }), "`q` is not the name of a change"),
        ("create_asset", json!({ "root": "../x", "type": "blob_bank" }), "`../x` is no asset root"),
        ("create_asset", json!({ "root": "b", "type": "glyph_bank", "tile_size": 8 }), "there are none"),
        ("create_asset", json!({ "root": "b", "type": "blob_bank", "name": "" }), "the name is empty"),
        ("create_asset", json!({ "root": "b", "type": "blob_bank", "from": ["none"] }), "there is no file"),
    ] {
        let result = served.result(method, params);
        assert_eq!(
            (&result["status"], &result["blockers"][0]["code"]),
            (&json!("blocked"), &json!("invalid-argument"))
        );
        assert!(result["summary"].as_str().unwrap().contains(words), "{result}");
        let events = served.events();
        let [event] = &events[..] else { panic!("{events:?}") };
        assert_eq!((&event["kind"], &event["sequence"]), (&json!("action_failed"), &json!(1)));
        assert_eq!(event["operation_id"], result["operation_id"]);
    }
    served.end();
}

#[test]
fn a_line_that_is_too_long_is_refused_and_the_next_one_is_answered() {
    let place = Place::blobs(&["a"]);
    let mut served = Served::start(&place);
    let name = "x".repeat(17 << 20);
    served.request("get_asset_details", json!({ "asset": name }));
    let reply = served.reply();
    assert_eq!((&reply["id"], &reply["error"]["code"]), (&Value::Null, &json!(-32700)));
    let long = served.result("get_asset_details", json!({ "asset": "x".repeat(5 << 20) }));
    assert_eq!(long["blockers"][0]["code"], "unknown-asset");
    served.end();
}

#[test]
fn a_notification_is_done_and_never_answered() {
    let place = Place::blobs(&["a"]);
    let mut served = Served::start(&place);
    served.write("\n  \n\r\n");
    for method in ["list_assets", "no_such_method", "$/unheard", "describe"] {
        served.send(&json!({ "jsonrpc": "2.0", "method": method }));
    }
    served.send(&json!({ "jsonrpc": "2.0", "method": "remove_asset", "params": { "aset": 1 } }));
    // The first line that comes is the answer to what came last.
    served.ok("list_assets", json!({}));
    let said = served.end();
    assert!(said.contains("`no_such_method`") || said.contains("no_such_method"), "{said}");
}

#[test]
fn ids_come_back_as_they_were_sent() {
    let place = Place::blobs(&["a"]);
    let mut served = Served::start(&place);
    for id in [json!("ä\n\u{1f600}"), json!(-3), json!(u64::MAX), json!(""), Value::Null] {
        served.send(&json!({ "jsonrpc": "2.0", "id": id, "method": "list_assets" }));
        let reply = served.reply();
        assert_eq!((&reply["id"], &reply["result"]["status"]), (&id, &json!("ok")));
    }
    served.end();
}

#[test]
fn a_host_that_knows_nothing_is_told_what_there_is() {
    let place = Place::blobs(&["a"]);
    let mut served = Served::start(&place);
    let told = served.result("describe", json!({}));
    assert_eq!((&told["protocol"], &told["name"]), (&json!(1), &json!("cargo-prometeu")));
    let project = served.ok("doctor", json!({}));
    assert_eq!(project["status"], "ok");
    assert_eq!(served.events()[0]["project_id"], told["project_id"]);
    // What reads can be asked for with what is told.
    for method in told["methods"].as_array().unwrap() {
        let mut params = json!({});
        for param in method["params"].as_array().unwrap().iter().filter(|param| param["required"] == true) {
            let name = param["name"].as_str().unwrap();
            params[name] = match param["takes"].as_str().unwrap() {
                takes if takes.contains("list") => json!(["a"]),
                takes if takes.contains("string") => json!("a"),
                takes if takes.contains("true") => json!(true),
                takes => panic!("{takes}"),
            };
        }
        let name = method["method"].as_str().unwrap();
        let result = served.result(name, params);
        assert_eq!(result["operation"], name);
    }
    served.end();
}

/// Lines that are nearly messages, and lines that are nothing of the kind.
fn nearly(dice: &mut Dice) -> Vec<u8> {
    const WHOLE: [&str; 5] = [
        r#"{"jsonrpc":"2.0","id":"x","method":"list_assets"}"#,
        r#"{"jsonrpc":"2.0","id":"x","method":"remove_asset","params":{"asset":1,"purge":false}}"#,
        r#"{"jsonrpc":"2.0","id":"x","method":"get_asset_details","params":{"asset":"a"}}"#,
        r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"x"}}"#,
        r#"{"jsonrpc":"2.0","id":"x","method":"describe"}"#,
    ];
    const ODD: &[u8] = b"{}[]\",:01nul\\ex\xff\x00 ";
    let mut line = WHOLE[dice.below(WHOLE.len())].as_bytes().to_vec();
    for _ in 0..dice.below(6) {
        if line.is_empty() {
            break;
        }
        let at = dice.below(line.len());
        match dice.below(4) {
            0 => drop(line.remove(at)),
            1 => line[at] = ODD[dice.below(ODD.len())],
            2 => line.insert(at, ODD[dice.below(ODD.len())]),
            _ => line.truncate(at.max(1)),
        }
    }
    line
}

/// Numbers that look random, from a seed that is told.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        // Of Knuth's MMIX.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

#[test]
fn whatever_a_line_is_the_next_request_is_answered() {
    const LINES: usize = 2_000;
    const SEED: u64 = 0x5eed_0005;
    let place = Place::blobs(&["a"]);
    let before = place.listing();
    let mut served = Served::start(&place);
    let mut dice = Dice(SEED);
    let mut codes: BTreeMap<String, usize> = BTreeMap::new();
    for n in 0..LINES {
        let mut line = nearly(&mut dice);
        line.push(b'\n');
        served.write(line);
        served.send(&json!({ "jsonrpc": "2.0", "id": n, "method": "describe" }));
        loop {
            let reply = served.reply();
            if reply["id"] == n {
                assert!(reply.get("result").is_some(), "{reply}");
                break;
            }
            let code = reply["error"]["code"].to_string();
            *codes.entry(code).or_default() += 1;
        }
    }
    println!("{LINES} lines from the seed {SEED:#x}: {codes:?}");
    for code in ["-32700", "-32600", "-32601", "-32602", "null"] {
        assert!(codes.contains_key(code), "none of {code}: {codes:?}");
    }
    served.end();
    assert_eq!(place.listing(), before, "nothing was changed");
}
