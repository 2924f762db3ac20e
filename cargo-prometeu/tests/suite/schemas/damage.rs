//! JSON with one thing in it damaged, in every way that somebody could.

use serde_json::{Value, json};

/// Every value that `value` becomes when one thing in it is damaged, with what was done.
pub(super) fn all(value: &Value) -> Vec<(String, Value)> {
    let mut pointers = vec![String::new()];
    below(value, "", &mut pointers);
    let mut all = Vec::new();
    for pointer in &pointers {
        let mut change = |what: String, change: &dyn Fn(&mut Value)| {
            let mut changed = value.clone();
            change(changed.pointer_mut(pointer).unwrap());
            if changed != *value {
                all.push((format!("`{pointer}` {what}"), changed));
            }
        };
        for other in others(value.pointer(pointer).unwrap()) {
            change(format!("is {other}"), &|place| *place = other.clone());
        }
        match value.pointer(pointer).unwrap() {
            Value::Object(members) => {
                for key in members.keys() {
                    change(format!("lacks `{key}`"), &|place| {
                        drop(place.as_object_mut().unwrap().remove(key));
                    });
                }
                for (key, new) in strangers() {
                    change(format!("has `{key}`"), &|place| place[key] = new.clone());
                }
            }
            Value::Array(list) => {
                change("lacks the first".to_owned(), &|place| drop(place.as_array_mut().unwrap().remove(0)));
                let first = list.first().cloned().unwrap_or(json!("x"));
                change("has 64 more".to_owned(), &|place| {
                    place.as_array_mut().unwrap().extend(std::iter::repeat_n(first.clone(), 64));
                });
            }
            _ => {}
        }
    }
    all
}

/// What may stand in the place of `value` by mistake: anything of its own kind, and something of each other.
fn others(value: &Value) -> Vec<Value> {
    let words = [
        "",
        " ",
        "x",
        "x ",
        "RAW",
        "tile_bank",
        " x",
        "../x",
        "a/../x",
        "./x",
        "/x",
        "C:x",
        "a\\b",
        "a//b",
        "a/ b",
        "a/b/",
        ".prometeu/x",
        "a\nb",
        "NONE",
        "sound_bank",
        "BLOB/raw_v1",
        "#12345g",
        "#ABCdef",
        "#fff",
        "6F1C2D1E-8a34-4b7e-9d0a-2f5b7c9e1a44",
        "6f1c2d1e8a344b7e9d0a2f5b7c9e1a44",
    ];
    let numbers =
        [-1_i64, 0, 1, 2, 16, 32, 64, 7999, 44_100, 48_001, 2_147_483_647, 2_147_483_648, 4_294_967_296];
    let large = [9_007_199_254_740_991_i64, 9_007_199_254_740_992, -9_007_199_254_740_992];
    let mut all = vec![
        json!(null),
        json!(true),
        json!(false),
        json!(1.5),
        json!([]),
        json!({}),
        json!(["x"]),
        json!({ "x": 1 }),
    ];
    let some = |count: usize, is_kind: bool| if is_kind { count } else { 3 };
    all.extend(words.iter().take(some(words.len(), value.is_string())).map(|word| json!(word)));
    all.extend(numbers.iter().take(some(numbers.len(), value.is_number())).map(|number| json!(number)));
    all.extend(large.iter().filter(|_| value.is_number()).map(|number| json!(number)));
    all
}

/// Members that may be anywhere by mistake.
fn strangers() -> [(&'static str, Value); 9] {
    [
        ("some_word", json!("x")),
        ("Some Word", json!(["x"])),
        ("half", json!(0.5)),
        ("asset_id", json!(1)),
        ("root", json!("x")),
        ("width", json!(1)),
        ("channels", json!(1)),
        ("blobs", json!(1)),
        ("codec", json!({})),
    ]
}

/// The pointers to everything below, of a list its first two.
fn below(value: &Value, pointer: &str, pointers: &mut Vec<String>) {
    let mut list = |key: &str, value: &Value| {
        let pointer = format!("{pointer}/{key}");
        pointers.push(pointer.clone());
        below(value, &pointer, pointers);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| list(key, value)),
        Value::Array(elements) => {
            elements.iter().take(2).enumerate().for_each(|(n, value)| list(&n.to_string(), value));
        }
        _ => {}
    }
}
