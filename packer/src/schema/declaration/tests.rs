use super::*;
use crate::diagnostics::place;

const WHOLE: &str = r##"{
  "$schema": "asset.schema.json",
  "schema_version": 1,
  "asset_uuid": "6f1c2d1e-8a34-4b7e-9d0a-2f5b7c9e1a44",
  "name": "ui_atlas",
  "type": "glyph_bank",
  "inputs": { "sprites": ["heart.png", "sub/star.png"], "extra": ["a.bin"] },
  "artifacts": [ { "file": "heart.png", "index": 0 }, { "index": 1, "file": "sub/star.png" } ],
  "output": {
    "format": "GLYPH/indexed_v1",
    "codec": "NONE",
    "metadata": { "tile_size": 16, "deep": { "list": [-9007199254740991, true, null, "x"] } },
    "codec_configuration": { "level": 3 },
    "pipeline": { "palettes": [ { "index": 0.5, "anything": 1e9 } ] }
  },
  "preload": { "enabled": true },
  "build": { "free": 1.5 }
}"##;

/// Each finding as code, underlined text and message.
fn check(text: &str, expected: &[(Code, &str, &str)]) {
    let source = SourceText::new(text);
    let reading = read(&source);
    let found: Vec<_> = reading
        .findings
        .iter()
        .map(|f| (f.code, &text[place(&f.anchor, reading.tree.as_ref(), &source, &[])], f.message.as_str()))
        .collect();
    assert_eq!(found, expected, "{text}");
    let read_on = json::read(text).problems.is_empty()
        && reading.tree.as_ref().is_some_and(|tree| tree.as_object().is_some())
        && !expected.iter().any(|(code, ..)| *code == Code::DeclarationVersionUnsupported);
    assert_eq!(reading.declaration.is_some(), read_on, "{text}");
    for finding in &reading.findings {
        let help = finding.help.as_deref().unwrap_or_default();
        assert!(help.ends_with('.') && help.starts_with(char::is_uppercase), "{help}");
        let name = finding.message.starts_with("JSON ");
        assert!(name || !finding.message.starts_with(char::is_uppercase), "{}", finding.message);
        assert!(!finding.message.ends_with('.'), "{}", finding.message);
    }
}

/// The whole declaration with `old` replaced by `new`.
fn check_change(old: &str, new: &str, expected: &[(Code, &str, &str)]) {
    assert!(WHOLE.contains(old), "{old}");
    check(&WHOLE.replacen(old, new, 1), expected);
}

/// The same where all that is wrong is `declaration-invalid`.
fn check_invalid(old: &str, new: &str, at: &str, message: &str) {
    check_change(old, new, &[(Code::DeclarationInvalid, at, message)]);
}

fn help_of(text: &str) -> String {
    read(&SourceText::new(text)).findings[0].help.clone().expect("every finding here has help")
}

#[test]
fn a_whole_declaration_becomes_a_value() {
    check(WHOLE, &[]);
    let reading = read(&SourceText::new(WHOLE));
    let declaration = reading.declaration.unwrap();
    assert_eq!(declaration.asset_uuid.unwrap().to_string(), "6f1c2d1e-8a34-4b7e-9d0a-2f5b7c9e1a44");
    assert_eq!((declaration.name.as_str(), declaration.family.as_str()), ("ui_atlas", "glyph_bank"));
    assert_eq!((declaration.format.as_str(), declaration.codec.as_str()), ("GLYPH/indexed_v1", "NONE"));
    assert!(declaration.preload);
    let inputs: Vec<_> =
        declaration.inputs.iter().map(|i| (i.role.as_str(), i.file.as_str(), i.pointer.as_str())).collect();
    assert_eq!(
        inputs,
        [
            ("extra", "a.bin", "/inputs/extra/0"),
            ("sprites", "heart.png", "/inputs/sprites/0"),
            ("sprites", "sub/star.png", "/inputs/sprites/1")
        ],
        "roles sorted, files as declared"
    );
    let artifacts: Vec<_> = declaration
        .artifacts
        .iter()
        .flatten()
        .map(|a| (a.file.as_str(), a.index, a.pointer.as_str()))
        .collect();
    assert_eq!(artifacts, [("heart.png", 0, "/artifacts/0"), ("sub/star.png", 1, "/artifacts/1")]);
    assert_eq!(declaration.metadata["tile_size"], Value::Int(16));
    let list = vec![Value::Int(-MAX_NUMBER), Value::Bool(true), Value::Null, Value::String("x".to_owned())];
    assert_eq!(declaration.metadata["deep"], Value::Object([("list".to_owned(), Value::Array(list))].into()));
    assert_eq!(declaration.codec_configuration.unwrap()["level"], Value::Int(3));
    assert!(declaration.pipeline.unwrap().get("palettes").is_some());
}

#[test]
fn what_is_optional_may_be_absent() {
    check(
        r#"{"schema_version": 1, "name": "a", "type": "t", "inputs": {}, "output": {"format": "F", "codec": "RAW"}, "preload": {"enabled": false}}"#,
        &[],
    );
}

#[test]
fn each_required_member_that_is_missing_is_named_at_the_object_that_lacks_it() {
    let missing = |name: &'static str| (Code::DeclarationInvalid, "{", name);
    check(
        "{}",
        &[
            missing("`schema_version` is missing"),
            missing("`name` is missing"),
            missing("`type` is missing"),
            missing("`inputs` is missing"),
            missing("`output` is missing"),
            missing("`preload` is missing"),
        ],
    );
    check_invalid("\"format\": \"GLYPH/indexed_v1\",", "", "{", "`output.format` is missing");
    check_invalid("\"codec\": \"NONE\",", "", "{", "`output.codec` is missing");
    check_invalid("\"enabled\": true", "", "{", "`preload.enabled` is missing");
    check_invalid("\"file\": \"heart.png\", ", "", "{", "`artifacts[0].file` is missing");
    check_invalid("{ \"index\": 1, ", "{", "{", "`artifacts[1].index` is missing");
    assert_eq!(help_of(&WHOLE.replace("\"name\": \"ui_atlas\",", "")), "Add `\"name\": \"ui_atlas\"`.");
}

#[test]
fn each_member_of_the_wrong_kind_is_named() {
    check_invalid("\"asset.schema.json\"", "3", "3", "`$schema` must be a string");
    check_invalid(
        "\"schema_version\": 1",
        "\"schema_version\": \"1\"",
        "\"1\"",
        "`schema_version` must be a whole number",
    );
    check_invalid(
        "\"schema_version\": 1",
        "\"schema_version\": 1.0",
        "1.0",
        "`schema_version` must be a whole number from 1",
    );
    check_invalid(
        "\"schema_version\": 1",
        "\"schema_version\": -1",
        "-1",
        "`schema_version` must be a whole number from 1",
    );
    check_invalid("\"ui_atlas\"", "[]", "[", "`name` must be a string");
    check_invalid("\"ui_atlas\"", "\" \"", "\" \"", "`name` is empty");
    check_invalid("\"glyph_bank\"", "null", "null", "`type` must be a string");
    check_invalid(
        "\"asset_uuid\": \"6f1c2d1e-8a34-4b7e-9d0a-2f5b7c9e1a44\"",
        "\"asset_uuid\": 6",
        "6",
        "`asset_uuid` must be a string",
    );
    check_invalid(
        "6f1c2d1e-",
        "6f1c2d1e",
        "\"6f1c2d1e8a34-4b7e-9d0a-2f5b7c9e1a44\"",
        "`asset_uuid` is not a uuid",
    );
    check_invalid(
        "[\"a.bin\"]",
        "\"a.bin\"",
        "\"a.bin\"",
        "`inputs.extra` must be a list of paths, also for one file",
    );
    check_invalid("\"a.bin\"", "{}", "{", "`inputs.extra[0]` must be a path in double quotes");
    check_invalid(
        "{ \"sprites\": [\"heart.png\", \"sub/star.png\"], \"extra\": [\"a.bin\"] }",
        "[]",
        "[",
        "`inputs` must be an object of lists",
    );
    check_invalid("\"file\": \"heart.png\"", "\"file\": 1", "1", "`artifacts[0].file` must be a string");
    for index in ["-1", "0.0", "4294967296", "\"0\""] {
        let message = "`artifacts[0].index` must be a whole number from 0 to 4294967295";
        check_invalid("\"index\": 0 ", &format!("\"index\": {index} "), index, message);
    }
    check_invalid("{ \"file\": \"heart.png\", \"index\": 0 }", "7", "7", "`artifacts[0]` must be an object");
    check_invalid("\"GLYPH/indexed_v1\"", "1", "1", "`output.format` must be a string");
    check_invalid("\"NONE\"", "false", "false", "`output.codec` must be a string");
    check_invalid("{ \"level\": 3 }", "[3]", "[", "`output.codec_configuration` must be an object");
    check_invalid(
        "\"enabled\": true",
        "\"enabled\": \"yes\"",
        "\"yes\"",
        "`preload.enabled` must be `true` or `false`",
    );
    check_invalid("{ \"enabled\": true }", "true", "true", "`preload` must be an object");
    check_invalid("{ \"free\": 1.5 }", "1", "1", "`build` must be an object");
    check("[1]", &[(Code::DeclarationInvalid, "[", "a declaration must be an object, and this is an array")]);
    assert_eq!(
        help_of(&WHOLE.replace("[\"a.bin\"]", "\"a.bin\"")),
        "Write it like this: `\"extra\": [\"a.bin\"]`."
    );
}

#[test]
fn another_version_is_refused_with_both_versions_and_nothing_else_is_said() {
    for (version, age) in [("2", "newer"), ("0", "older"), ("123456789012345678901234567890", "newer")] {
        let text = format!("{{\"schema_version\": {version}, \"name\": \"n\", \"inputs\": 3}}");
        let message = format!(
            "this declaration has version {version}, {age} than the version 1 that this packer reads"
        );
        check(&text, &[(Code::DeclarationVersionUnsupported, version, &message)]);
        assert_eq!(read(&SourceText::new(text)).name.as_deref(), Some("n"));
    }
}

#[test]
fn what_belongs_to_the_registry_is_sent_there() {
    for key in ["asset_id", "included_in_build", "root", "path", "location"] {
        let message = format!("`{key}` belongs to the registry, not to a declaration");
        let text = format!("{{\"{key}\": 1,");
        check_change("{", &text, &[(Code::FieldBelongsToRegistry, &format!("\"{key}\""), &message)]);
        assert!(help_of(&WHOLE.replacen('{', &text, 1)).contains("`assets/.prometeu/index.json`"));
    }
    // Below the top level these are names like any other.
    check_change("\"tile_size\"", "\"root\"", &[]);
}

#[test]
fn an_unknown_member_is_a_warning_with_the_nearest_name_that_is_absent() {
    check_change("\"$schema\"", "\"shema\"", &[(Code::UnknownMember, "\"shema\"", "unknown member `shema`")]);
    check_change(
        "\"metadata\"",
        "\"meta_data\"",
        &[(Code::UnknownMember, "\"meta_data\"", "unknown member `meta_data` in `output`")],
    );
    check_change(
        "\"enabled\": true",
        "\"enabled\": true, \"slot\": 1",
        &[(Code::UnknownMember, "\"slot\"", "unknown member `slot` in `preload`")],
    );
    check_change(
        "\"index\": 0 ",
        "\"index\": 0, \"size\": 1 ",
        &[(Code::UnknownMember, "\"size\"", "unknown member `size` in `artifacts[0]`")],
    );
    let labels = |text: &str| -> Vec<_> {
        read(&SourceText::new(text)).findings.into_iter().filter_map(|finding| finding.label).collect()
    };
    assert_eq!(labels(&WHOLE.replace("\"build\"", "\"biuld\"")), ["did you mean `build`?"]);
    let none: [&str; 0] = [];
    assert_eq!(labels(&WHOLE.replace("\"build\"", "\"name_\"")), none, "`name` is there already");
}

#[test]
fn a_role_is_a_small_word() {
    for role in ["Extra", "1x", "_x", "", "a-b", "é", &"a".repeat(65)] {
        let message = format!("`{role}` cannot be the name of a role");
        check_invalid("\"extra\"", &format!("\"{role}\""), &format!("\"{role}\""), &message);
    }
    for role in ["x", "a_1", &"a".repeat(64)] {
        check_change("\"extra\"", &format!("\"{role}\""), &[]);
    }
}

#[test]
fn an_input_that_leaves_its_root_is_told_from_one_that_is_misspelt() {
    let (outside, name) = (Code::InputOutsideRoot, Code::NameInvalid);
    for (path, code, message) in [
        ("../a.png", outside, "the input `../a.png` is outside of its asset root: it climbs with `..`"),
        ("a/../b", outside, "the input `a/../b` is outside of its asset root: it climbs with `..`"),
        ("..\\\\a", outside, "the input `..\\a` is outside of its asset root: it climbs with `..`"),
        ("/a", outside, "the input `/a` is outside of its asset root: it is absolute"),
        ("C:/a", outside, "the input `C:/a` is outside of its asset root: it is absolute"),
        (
            "\\\\\\\\host\\\\a",
            outside,
            "the input `\\\\host\\a` is outside of its asset root: it is absolute",
        ),
        ("", name, "the path of an input is empty"),
        ("a\\\\b", name, "the input's path `a\\b` has a backslash; parts are separated by `/`"),
        ("a//b", name, "the input's path `a//b` has an empty or `.` part"),
        ("./a", name, "the input's path `./a` has an empty or `.` part"),
        ("a\\u0007", name, "the input's path `a\u{7}` holds a control character"),
        (" a", name, "the input's path ` a` has a part that begins or ends with a space"),
    ] {
        check_change("\"a.bin\"", &format!("\"{path}\""), &[(code, &format!("\"{path}\""), message)]);
    }
    for path in ["..a", "a..b", "ä b/ü.png", "a.b.c", "C"] {
        check_change("\"a.bin\"", &format!("\"{path}\""), &[]);
    }
}

#[test]
fn numbers_of_metadata_are_whole_and_of_a_size_that_every_reader_holds() {
    for number in ["16.0", "1.5", "1e3", "16E0"] {
        let message = "`output.metadata.tile_size` is not a whole number";
        check_change("16", number, &[(Code::MetadataInvalid, number, message)]);
    }
    for number in ["9007199254740992", "-9007199254740992", "99999999999999999999999"] {
        let message = "`output.codec_configuration.level` is larger than 2^53 - 1";
        check_change("3 }", &format!("{number} }}"), &[(Code::MetadataInvalid, number, message)]);
        let message = "`output.metadata.deep.list[0]` is larger than 2^53 - 1";
        check_change("-9007199254740991", number, &[(Code::MetadataInvalid, number, message)]);
    }
    for number in ["0", "-0", "9007199254740991", "-9007199254740991", "\"1.5\""] {
        check_change("16", number, &[]);
    }
}

#[test]
fn problems_of_the_text_and_of_its_members_are_reported_in_one_run_and_none_twice() {
    let text = "{\n  \"schema_version\": 01,\n  \"name\": ui_atlas,\n  \"type\": NaN\n  \"inputs\": {},\n  \"output\": {\"format\": \"F\"},\n}";
    check(
        text,
        &[
            (Code::DeclarationInvalid, "{", "`preload` is missing"),
            (Code::DeclarationInvalid, "01", "a number has no zero in front of it: `01`"),
            (Code::DeclarationInvalid, "ui_atlas", "a string stands in double quotes"),
            (Code::DeclarationInvalid, "NaN", "JSON has no number `NaN`"),
            (Code::DeclarationInvalid, "", "a comma is missing after this value"),
            (Code::DeclarationInvalid, "{", "`output.codec` is missing"),
            (Code::DeclarationInvalid, ",", "a comma follows the last value"),
        ],
    );
}

#[test]
fn nothing_is_called_missing_where_the_rest_of_the_text_could_not_be_read() {
    let text = "{\"name\": \"atlas\", \"type\": \"glyph_bank\", *";
    check(text, &[(Code::DeclarationInvalid, "*", "`*` cannot stand here")]);
    let reading = read(&SourceText::new(text));
    assert_eq!((reading.name.as_deref(), reading.family.as_deref()), (Some("atlas"), Some("glyph_bank")));
}

#[test]
fn bytes_that_are_no_text_still_have_a_reading() {
    let (text, reading) = read_bytes(b"{\"name\": \"\xff\"}".to_vec());
    assert_eq!((text.as_str(), reading.findings.len()), ("{\"name\": \"\u{fffd}\"}", 1));
    assert!(read_bytes(WHOLE.into()).1.declaration.is_some());
}

#[test]
fn a_flood_of_mistakes_is_counted_and_read_in_linear_time() {
    // Quadratic time or space would be minutes or gigabytes for any of these.
    let long = "k".repeat(300_000);
    let bad_numbers = format!("{{\"tile_size\": 16, \"{long}\": [{}0.5]}}", "0.5,".repeat(20_000));
    let members: String = (0..10_000).map(|n| format!("\"m{n}\":0,")).collect();
    let inputs = format!("\"{long}\": [{}\"\"]", "\"\",".repeat(20_000));
    for text in [
        WHOLE
            .replace("{ \"tile_size\": 16", &format!("{bad_numbers}, \"x\": {{\"y\": 1"))
            .replace("\"x\"] } },", "\"x\"] } } },"),
        WHOLE.replacen('{', &format!("{{{members}"), 1),
        WHOLE.replace("\"extra\": [\"a.bin\"]", &inputs),
        WHOLE.replace("\"a.bin\"", &format!("{}\"\"", "\"\",".repeat(20_000))),
    ] {
        let reading = read(&SourceText::new(text));
        assert!(!reading.findings.is_empty() && reading.findings.len() <= 101);
        assert!(reading.findings.iter().all(|finding| finding.message.len() < 500));
    }
    let text = WHOLE.replace("\"a.bin\"", &format!("{}\"a\"", "\"\",".repeat(150)));
    let last = read(&SourceText::new(text)).findings.pop().unwrap();
    assert_eq!(last.message, "50 more like these are not listed");
}
