//! Odd names, in every place where a name goes: none can add a line to what cargo obeys, or code to
//! the constants that a game compiles.

use std::path::Path;
use std::process::Command;

use packer_tests::{assets, tally};
use serde_json::{Value, json};

use super::siege::{Expect, SECRET, Siege, blob, entry, registry};

/// What a build script said, line by line, held to what it may say.
#[track_caller]
fn obeyed(name: &str, siege: &Siege) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_pack"))
        .arg("--script")
        .args([&siege.project, &siege.out])
        .env_remove("PROMETEU_SKIP")
        .output()
        .unwrap();
    assert!(output.status.success(), "{name}: a build script always ends well: {output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!said.contains(SECRET), "{name}:\n{said}");
    let mut pack = 0;
    let mut errors = 0;
    for line in said.lines() {
        // Cargo's own view: white space cut off both ends.
        let (directive, value) = line.trim().split_once('=').unwrap_or_else(|| panic!("{name}: {line:?}"));
        match directive {
            "cargo::rustc-env" => {
                pack += 1;
                let expected = format!("PROMETEU_ASSETS_PA={}", siege.out.join("assets.pa").display());
                assert_eq!(value, expected, "{name}");
            }
            "cargo::rerun-if-changed" => {
                assert!(Path::new(value).exists(), "{name}: {value:?}");
                assert!(Path::new(value).starts_with(siege.path("assets")), "{name}: {value:?}");
            }
            "cargo::rerun-if-env-changed" => {
                let known = ["PROMETEU_SKIP", "PROMETEU_STRICT", "PROMETEU_CACHE_DIR", "DOCS_RS"];
                assert!(known.contains(&value), "{name}: {value}");
            }
            "cargo::warning" => {}
            "cargo::error" => errors += 1,
            _ => panic!("{name}: cargo would obey {line:?}"),
        }
        // The compiler's colours are all that a terminal is asked for.
        let mut plain = line.to_owned();
        for sequence in [
            "\u{1b}[0m",
            "\u{1b}[1m",
            "\u{1b}[91m",
            "\u{1b}[93m",
            "\u{1b}[94m",
            "\u{1b}[96m",
            "\u{1b}[33m",
            "\u{1b}[36m",
            "\u{1b}[92m",
        ] {
            plain = plain.replace(sequence, "");
        }
        assert!(!plain.chars().any(char::is_control), "{name}: {line:?}");
    }
    assert_eq!((pack, errors == 0), if errors == 0 { (1, true) } else { (0, false) }, "{name}:\n{said}");
    said.lines().map(str::to_owned).collect()
}

/// The constants hold modules and constants, and comments, and nothing else.
#[track_caller]
fn only_constants(name: &str, siege: &Siege) {
    let Ok(text) = std::fs::read_to_string(siege.out.join("assets.rs")) else { return };
    for line in text.lines() {
        let line = line.trim();
        let is_comment = line.is_empty() || line.starts_with("//");
        let is_module = line == "}" || line.starts_with("pub mod ") && line.ends_with(" {");
        let is_constant =
            line.starts_with("pub const ") && line.ends_with(';') && line.matches(';').count() == 1;
        let is_attribute = line.starts_with("#[") || line.starts_with("#![");
        assert!(is_comment || is_module || is_constant || is_attribute, "{name}: {line:?} in\n{text}");
        if !is_comment {
            assert!(line.is_ascii() || !line.contains('"'), "{name}: {line:?}");
        }
    }
}

/// Names that a file may have here, and whether a root may have them too.
fn names() -> Vec<(String, bool)> {
    let mut names: Vec<(String, bool)> = [
        "-rf",
        "--help",
        "#x",
        "a b",
        "é",
        "e\u{301}",
        "日本",
        "🎮",
        "'",
        "$(id)",
        "`id`",
        "%s%n",
        "&&",
        "*",
        "?",
        "\"quoted\"",
        "ab:c",
        "<x>",
        "|",
        "CON",
        "nul.png",
        "COM1",
        "LPT¹",
        "AUX .txt",
        "trailing.",
        "...",
        "cargo::rustc-env=EVIL=1",
        "cargo:rustc-env=EVIL=1",
        "=",
        "//",
        "*/",
        "{}",
        "fn",
        "self",
        "crate",
        "_",
        "0",
        "\u{202e}gpj.exe",
        "\u{200b}",
        "\u{feff}x",
        "x\u{2028}y",
        "r#type",
        "'static",
    ]
    .into_iter()
    .map(|name| (name.to_owned(), true))
    .collect();
    names.push(("n".repeat(255), true));
    names.push(("é".repeat(127), true));
    for refused in [
        "a\nb",
        "a\ncargo::rustc-env=EVIL=1",
        "a\r",
        "\t",
        "\u{1b}[2J",
        "\u{7f}",
        "\u{85}x",
        " a",
        "a ",
        "a\u{3000}",
        "a\\b",
    ] {
        names.push((refused.to_owned(), false));
    }
    names
}

#[test]
fn no_name_gives_cargo_an_order_or_the_game_code() {
    let mut cases = 0;
    for (name, allowed) in names() {
        // As a root, and as an input of it; as the asset's name, a role and a key of its metadata.
        let mut declaration = blob(&[&name]);
        declaration["name"] = name.as_str().into();
        declaration["output"]["metadata"] = json!({ name.as_str(): name, "x": [name] });
        for (place, root, file, declaration) in [
            ("root", name.as_str(), "map.txt", blob(&["map.txt"])),
            ("inner root", &format!("in/{name}/r"), "map.txt", blob(&["map.txt"])),
            ("input", "a", &name, declaration.clone()),
            ("words", "a", "map.txt", {
                declaration["inputs"]["files"] = json!(["map.txt"]);
                declaration
            }),
        ] {
            if name.contains('/') && place != "words" {
                continue;
            }
            let case = format!("{name:?} as {place}");
            let siege = Siege::new();
            if place == "words" || cfg!(unix) {
                siege.write(&format!("assets/{root}/asset.json"), assets::text(&declaration));
                siege.write(&format!("assets/{root}/{file}"), "#");
            }
            siege.write("assets/.prometeu/index.json", assets::text(&registry(&[entry(1, root)])));
            let verdict = siege.attack(&case);
            if allowed || place == "words" && !name.trim().is_empty() {
                Expect::Packs.check(&case, &verdict);
            } else {
                let codes = ["registry-invalid", "declaration-invalid", "input-outside-root", "name-invalid"];
                assert!(verdict.codes.iter().any(|code| codes.contains(code)), "{case}: {verdict:?}");
            }
            let said = obeyed(&case, &siege);
            assert!(!said.iter().any(|line| line.starts_with("cargo::rustc-env=EVIL")), "{case}");
            only_constants(&case, &siege);
            cases += 1;
        }
    }
    tally("hostile, names", cases, 0);
}

#[test]
fn no_message_gives_cargo_an_order() {
    let order = "\ncargo::rustc-env=EVIL=1\r\ncargo:rustc-env=EVIL=1\n\u{85}cargo::error=x\u{2028}cargo::x=y";
    let places = [
        "/name",
        "/type",
        "/asset_uuid",
        "/inputs/files/0",
        "/output/format",
        "/output/codec",
        "/schema_version",
        "/preload/enabled",
        "/output",
        "/inputs",
    ];
    let mut cases = 0;
    for place in places {
        let mut declaration = blob(&["map.txt"]);
        *declaration.pointer_mut(place).unwrap() = order.into();
        let siege = Siege::new();
        siege.write("assets/a/asset.json", assets::text(&declaration));
        obeyed(place, &siege);
        cases += 1;
    }
    for place in ["", "/output", "/inputs", "/output/metadata", "/preload"] {
        let mut declaration = blob(&["map.txt"]);
        declaration["output"]["metadata"] = json!({});
        let object = declaration.pointer_mut(place).and_then(Value::as_object_mut).unwrap();
        object.insert(order.to_owned(), json!([order]));
        let siege = Siege::new();
        siege.write("assets/a/asset.json", assets::text(&declaration));
        obeyed(place, &siege);
        cases += 1;
    }
    // Not even as bytes that are no JSON, or no text.
    for text in [order.as_bytes(), b"{\n\"\ncargo::rustc-env=EVIL=1\n", b"\xff\ncargo::rustc-env=EVIL=1\n"] {
        for path in ["assets/a/asset.json", "assets/.prometeu/index.json", "assets/g/heart.png"] {
            let siege = Siege::new();
            siege.write(path, text);
            obeyed(path, &siege);
            cases += 1;
        }
    }
    tally("hostile, messages", cases, 0);
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_disturb_nobody() {
    use std::os::unix::ffi::OsStrExt as _;
    let siege = Siege::new();
    for name in [&b"\xff\xfe"[..], b"a\xc3", b"\xed\xa0\x80", b"a\nb", b"\ncargo::rustc-env=EVIL=1"] {
        for folder in ["assets", "assets/a"] {
            let path = siege.path(folder).join(std::ffi::OsStr::from_bytes(name));
            std::fs::create_dir(&path).unwrap();
            std::fs::write(path.join("asset.json"), "{").unwrap();
        }
    }
    Expect::Packs.check("names that are no text", &siege.attack("names that are no text"));
    obeyed("names that are no text", &siege);
    tally("hostile, names that are no text", 10, 0);
}
