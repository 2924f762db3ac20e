//! Declarations and registries that nobody meant: valid ones with parts exchanged, and any bytes.

use packer_tests::{assets, tally};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};

use super::siege::Expect::{Code, Packs};
use super::siege::{blob, entry, glyphs, in_memory, registry};

const SEED: u64 = 0x0b5e_55ed;
const DECLARATION: &str = "assets/a/asset.json";
const GLYPHS: &str = "assets/g/asset.json";
const REGISTRY: &str = "assets/.prometeu/index.json";

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(SEED), failure_persistence: None, ..Default::default() }
}

/// A change of a document's value.
#[derive(Debug, Clone)]
enum Change {
    Replace(Index, Value),
    Remove(Index),
    Rename(Index, String),
    Insert(Index, String, Value),
    Repeat(Index),
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => proptest::sample::select(vec![
            "", " ", ".", "..", "/", "//", "a/../b", "../a", "/etc/passwd", "C:\\x", "C:x", "\\\\?\\x", "~",
            "map.txt", "heart.png", "./map.txt", "map.txt/", "map.txt ", "\u{0}", "\n", "a\ncargo::rustc-env=A=B",
            "\u{1b}[2J", "\u{202e}gpj.exe", "CON", "nul.png", "é", "e\u{301}", "🎮", "\u{feff}", "\u{fffd}",
            "glyph_bank", "blob_bank", "sound_bank", "tile_bank", "GLYPH/indexed_v1", "TILES/indexed_v1",
            "BLOB/raw_v1", "NONE", "RAW", "#ff004d", "#FF004G", "#12345", "files", "sprites", "asset_id",
            "included_in_build", "root", "path", "location", "schema_version", "codec", "tile_size", "width",
            "0198c0de-0000-7000-8000-000000000001", "0198c0de-0000-7000-8000-000000000002", "{}", "true",
        ]).prop_map(str::to_owned),
        1 => ".{0,12}",
        1 => Just("x".repeat(5_000)),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        proptest::sample::select(vec![
            json!(0),
            json!(1),
            json!(-1),
            json!(8),
            json!(16),
            json!(32),
            json!(63),
            json!(64),
            json!(0.5),
            json!(-0.0),
            json!(1e300),
            json!(2_147_483_647_i64),
            json!(2_147_483_648_i64),
            json!(4_294_967_296_i64),
            json!(9_007_199_254_740_991_i64),
            json!(9_007_199_254_740_993_i64),
            json!(u64::MAX),
            json!(i64::MIN),
        ]),
        any::<i64>().prop_map(Value::from),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number,
        words().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((words(), inner), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let at = any::<Index>;
    let change = prop_oneof![
        4 => (at(), values()).prop_map(|(at, value)| Change::Replace(at, value)),
        2 => at().prop_map(Change::Remove),
        2 => (at(), words()).prop_map(|(at, name)| Change::Rename(at, name)),
        2 => (at(), words(), values()).prop_map(|(at, name, value)| Change::Insert(at, name, value)),
        1 => at().prop_map(Change::Repeat),
    ];
    vec(change, 1..4)
}

/// Every place in a value, as pointers.
fn places(value: &Value, here: String, out: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| places(item, format!("{here}/{n}"), out));
        }
        Value::Object(members) => {
            let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
            members.iter().for_each(|(key, item)| places(item, format!("{here}/{}", escaped(key)), out));
        }
        _ => {}
    }
    out.push(here);
}

fn apply(document: &mut Value, change: &Change) {
    let mut all = Vec::new();
    places(document, String::new(), &mut all);
    let place = |at: &Index| at.get(&all).clone();
    let parent =
        |place: &str| place.rsplit_once('/').map(|(parent, last)| (parent.to_owned(), last.to_owned()));
    match change {
        Change::Replace(at, value) => {
            if let Some(node) = document.pointer_mut(&place(at)) {
                *node = value.clone();
            }
        }
        Change::Remove(at) | Change::Rename(at, _) | Change::Repeat(at) => {
            let Some((parent, last)) = parent(&place(at)) else { return };
            match document.pointer_mut(&parent) {
                Some(Value::Object(members)) => {
                    let Some(value) = members.remove(&last) else { return };
                    if let Change::Rename(_, name) = change {
                        members.insert(name.clone(), value);
                    }
                }
                Some(Value::Array(items)) => {
                    let Ok(n) = last.parse::<usize>() else { return };
                    let item = items.remove(n);
                    if let Change::Repeat(_) = change {
                        items.extend([item.clone(), item]);
                    }
                }
                _ => {}
            }
        }
        Change::Insert(at, name, value) => match document.pointer_mut(&place(at)) {
            Some(Value::Object(members)) => drop(members.insert(name.clone(), value.clone())),
            Some(Value::Array(items)) => items.push(value.clone()),
            _ => {}
        },
    }
}

#[test]
fn a_changed_declaration_is_packed_or_named() {
    const CASES: u32 = 600;
    let bases = [(DECLARATION, blob(&["map.txt"])), (GLYPHS, glyphs(&["heart.png"]))];
    proptest!(config(CASES), |(changes in changes())| {
        for (path, base) in &bases {
            let mut document = base.clone();
            changes.iter().for_each(|change| apply(&mut document, change));
            let text = assets::text(&document);
            in_memory(&text, &[(path, text.as_bytes())]);
        }
    });
    tally("hostile, changed declarations", CASES as usize * bases.len(), SEED);
}

#[test]
fn a_changed_registry_is_packed_or_named() {
    const CASES: u32 = 600;
    let mut included = registry(&[entry(1, "a"), entry(2, "g"), entry(3, "x/y")]);
    included["assets"][2]["included_in_build"] = false.into();
    proptest!(config(CASES), |(changes in changes())| {
        let mut document = included.clone();
        changes.iter().for_each(|change| apply(&mut document, change));
        let text = assets::text(&document);
        in_memory(&text, &[(REGISTRY, text.as_bytes())]);
    });
    tally("hostile, changed registries", CASES as usize, SEED);
}

/// Pieces of JSON and of none.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[\\[\\]{},:\"0-9a-z\\\\ \n-]{0,8}".prop_map(String::into_bytes),
        1 => Just(br#"{"schema_version": 1, "#.to_vec()),
        1 => Just(br#""assets": [{"asset_id": "#.to_vec()),
        1 => Just(b"\xef\xbb\xbf".to_vec()),
        1 => Just(b"\xff\xfe{\0".to_vec()),
        1 => Just(br#""\ud800""#.to_vec()),
        1 => Just(b"<<<<<<< HEAD\n=======\n>>>>>>> x\n".to_vec()),
        1 => vec(any::<u8>(), 0..8),
    ];
    vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

#[test]
fn any_bytes_are_packed_or_named() {
    const CASES: u32 = 500;
    let change = (any::<Index>(), any::<u8>(), any::<bool>());
    let sound = assets::text(&glyphs(&["heart.png"])).into_bytes();
    proptest!(config(CASES), |(bytes in pieces(), spoilt in vec(change, 1..5))| {
        for path in [DECLARATION, REGISTRY] {
            in_memory(&format!("{path}: {bytes:?}"), &[(path, &bytes)]);
        }
        // A sound text with a few bytes replaced, or cut there.
        let mut text = sound.clone();
        for (at, byte, cut) in spoilt {
            let at = at.index(text.len());
            if cut { text.truncate(at + 1) } else { text[at] = byte }
        }
        in_memory(&String::from_utf8_lossy(&text), &[(GLYPHS, &text)]);
    });
    tally("hostile, any bytes", CASES as usize * 3, SEED);
}

#[test]
fn each_known_trick_has_its_name() {
    let declare = |pointer: &str, value: Value| {
        let mut document = blob(&["map.txt"]);
        *document.pointer_mut(pointer).unwrap() = value;
        assets::text(&document)
    };
    let with = |text: &str| assets::text(&blob(&["map.txt"])).replacen('{', &format!("{{ {text},"), 1);
    let nested =
        |depth: usize| with(&format!("\"build\": {{ \"x\": {}{} }}", "[".repeat(depth), "]".repeat(depth)));
    let invalid = Code("declaration-invalid");
    let cases = [
        ("a member twice", with("\"name\": \"b\""), invalid),
        ("a member twice, once escaped", with("\"n\\u0061me\": \"b\""), invalid),
        ("a byte-order mark", "\u{feff}{}".to_owned(), invalid),
        ("a comment", with("// no\n\"build\": 1"), invalid),
        ("two documents", assets::text(&blob(&["map.txt"])).repeat(2), invalid),
        ("60 levels", nested(60), Packs),
        ("100 levels", nested(100), invalid),
        ("a million levels", "[".repeat(1_000_000), invalid),
        ("a lone surrogate", with("\"build\": \"\\ud800\""), invalid),
        ("2 MiB", with(&format!("\"build\": \"{}\"", "x".repeat(2 << 20))), invalid),
        ("a place", with("\"root\": \"/\""), Code("field-belongs-to-registry")),
        ("an id", with("\"asset_id\": 7"), Code("field-belongs-to-registry")),
        ("a command", with("\"command\": \"rm -rf /\""), Packs),
        ("an input above", declare("/inputs/files/0", "../g/heart.png".into()), Code("input-outside-root")),
        ("an absolute input", declare("/inputs/files/0", "/etc/passwd".into()), Code("input-outside-root")),
        ("an input with a line end", declare("/inputs/files/0", "a\ncargo::x".into()), Code("name-invalid")),
        ("an input on a drive", declare("/inputs/files/0", "C:/x".into()), Code("input-outside-root")),
        ("an input with NUL", declare("/inputs/files/0", "a\0b".into()), Code("name-invalid")),
        ("another's uuid", declare("/asset_uuid", assets::uuid(2).into()), Code("uuid-mismatch")),
        ("a newer version", declare("/schema_version", 2.into()), Code("declaration-version-unsupported")),
        (
            "version 2^64",
            declare("/schema_version", json!(u64::MAX)),
            Code("declaration-version-unsupported"),
        ),
        ("a codec", declare("/output/codec", "ZSTD".into()), Code("unknown-codec")),
        ("a type", declare("/type", "\u{202e}".into()), Code("unknown-type")),
        (
            "a derived key",
            declare(
                "/output",
                json!({
                    "format": "BLOB/raw_v1", "codec": "NONE", "metadata": { "blobs": {} }
                }),
            ),
            Code("metadata-collision"),
        ),
        (
            "a fraction",
            declare(
                "/output",
                json!({
                    "format": "BLOB/raw_v1", "codec": "NONE", "metadata": { "x": 0.5 }
                }),
            ),
            Code("metadata-invalid"),
        ),
    ];
    for (name, text, expected) in &cases {
        expected.check(name, &in_memory(name, &[(DECLARATION, text.as_bytes())]));
    }

    let entries = |entries: &[Value]| assets::text(&registry(entries));
    let root = |root: &str| entries(&[entry(1, root)]);
    let behind = entries(&[entry(1, "a")]).replace("1000000", "1");
    let registries = [
        ("no object", "[]".to_owned(), "registry-invalid"),
        ("conflict markers", "<<<<<<< a\n{}\n=======\n>>>>>>> b\n".to_owned(), "registry-conflict-markers"),
        ("2 MiB", " ".repeat(2 << 20), "registry-invalid"),
        ("one id twice", entries(&[entry(1, "a"), entry(1, "g")]), "duplicate-asset-id"),
        ("one root twice", entries(&[entry(1, "a"), entry(2, "a")]), "duplicate-root"),
        ("a root in a root", entries(&[entry(1, "a"), entry(2, "a/b")]), "nested-root"),
        ("an allocator behind", behind, "allocator-behind"),
        ("a root above", root("../a"), "registry-invalid"),
        ("an absolute root", root("/etc"), "registry-invalid"),
        ("a root on a drive", root("C:/a"), "registry-invalid"),
        ("a share", root("\\\\server\\a"), "registry-invalid"),
        ("the folder itself", root("."), "registry-invalid"),
        ("nothing", root(""), "registry-invalid"),
        ("a line end", root("a\ncargo::rustc-env=A=B"), "registry-invalid"),
        ("a space at the end", root("a "), "registry-invalid"),
        ("a part of spaces", root("a/ /b"), "registry-invalid"),
        ("an unknown member", entries(&[]).replacen('{', "{ \"x\": 1,", 1), "registry-invalid"),
        (
            "an id of 0",
            entries(&[entry(1, "a")]).replace("\"asset_id\": 1", "\"asset_id\": 0"),
            "registry-invalid",
        ),
        ("an id of 2^31", entries(&[entry(1 << 31, "a")]), "registry-invalid"),
    ];
    for (name, text, code) in &registries {
        Code(code).check(name, &in_memory(name, &[(REGISTRY, text.as_bytes())]));
    }
    tally("hostile, known tricks", cases.len() + registries.len(), 0);
}
