//! `--message-format`: the same findings and the same exit code in every format, and each format as those
//! who read it want it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::{Place, Run};

const FORMATS: [&str; 5] = ["human", "short", "json", "github", "sarif"];

/// Names a command that gets the path of a SARIF document as its last argument and ends with 0 when that is
/// valid, such as `Sarif.Multitool validate --rule-kind Sarif;Ghas`.
const VALIDATOR: &str = "PROMETEU_SARIF_VALIDATOR";

/// A project with an error in one asset, a warning in another, and, with `--workspace`, something untidy.
fn to_mend() -> Place {
    let place = Place::blobs(&["a", "ui/b"]);
    place.edit("assets/a/asset.json", "\"NONE\"", "\"ZSTD\"");
    place.edit("assets/ui/b/asset.json", "\"name\"", "\"titel\": 1,\n  \"name\"");
    place.write("assets/ui/b/a,b: 100%.txt", "x");
    place
}

/// As a code host checks it out: a repository with the game in a folder.
fn in_repository() -> Place {
    let place = to_mend();
    std::fs::create_dir(place.path("..").join(".git")).unwrap();
    place
}

fn run(place: &Place, format: &str, arguments: &[&str]) -> Run {
    let mut command = place.command(&[&["--message-format", format], arguments].concat());
    Run::of(command.env_remove("GITHUB_WORKSPACE").output().unwrap())
}

fn sarif(run: &Run) -> Value {
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {run:?}"));
    is_valid(&document);
    document
}

/// What the standard and code hosts ask of a document, as far as ours has it.
#[track_caller]
fn is_valid(document: &Value) {
    assert_eq!(document["version"], "2.1.0");
    assert!(document["$schema"].as_str().unwrap().ends_with("/sarif-schema-2.1.0.json"));
    let [run] = &document["runs"].as_array().unwrap()[..] else { panic!("one run") };
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "cargo-prometeu");
    let rules = driver["rules"].as_array().unwrap();
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rules.len(), "a rule stands there once");
    for rule in rules {
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[text]["text"].as_str().unwrap().ends_with('.'), "{rule}");
        }
    }
    assert!(run["invocations"][0]["executionSuccessful"].is_boolean());
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()), "{result}");
        assert!(result["message"]["text"].as_str().unwrap().ends_with(['.', '?']), "{result}");
        let locations = result["locations"].as_array().unwrap();
        assert_eq!(locations.len(), 1, "code hosts refuse a result without a place: {result}");
        let related = result["relatedLocations"].as_array();
        for location in locations.iter().chain(related.into_iter().flatten()) {
            let physical = &location["physicalLocation"];
            let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
            let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
            assert!(uri.chars().all(allowed) && !uri.starts_with('/') && !uri.contains(".."), "{uri}");
            let base = physical["artifactLocation"]["uriBaseId"].as_str().unwrap();
            assert!(run["originalUriBaseIds"][base].is_object(), "{base}");
            let region = &physical["region"];
            let number = |name: &str| region[name].as_u64();
            assert!(number("startLine").unwrap() >= 1, "{region}");
            if let Some(end) = number("endColumn") {
                assert!(number("startColumn").unwrap() <= end, "{region}");
            }
            assert!(region.get("snippet").is_none_or(|snippet| snippet["text"].is_string()), "{region}");
        }
        assert!(!result["partialFingerprints"].as_object().unwrap().is_empty());
    }
}

#[test]
fn every_format_ends_the_same_and_tells_the_same_findings() {
    let (wrong, right) = (in_repository(), Place::blobs(&["a"]));
    for command in [&["doctor"][..], &["doctor", "--workspace"], &["validate"], &["pack"], &["status"], &[]] {
        for (place, is_right) in [(&right, true), (&wrong, false)] {
            let runs = FORMATS.map(|format| run(place, format, command));
            let codes = runs.each_ref().map(|run| run.code);
            assert_eq!(codes, [codes[0]; 5], "{command:?}");
            assert_eq!(
                codes[0] == 0,
                is_right
                    || ["status"].iter().any(|name| command == [*name]) && codes[0] == 0
                    || command.is_empty() && codes[0] == 0,
                "{command:?} {:?}",
                runs[0]
            );
            let [_, short, json, github, document] = runs;
            let response: Value = serde_json::from_str(json.stdout.lines().last().unwrap()).unwrap();
            let of_assets = response["assets"].as_array().into_iter().flatten();
            let of_assets = of_assets.filter_map(|asset| asset["diagnostics"].as_array()).flatten();
            let told = response["diagnostics"].as_array().unwrap().iter().chain(of_assets);
            let told: Vec<&str> = told.map(|found| found["code"].as_str().unwrap()).collect();
            let between = |line: &str, start: &str, end: &str| {
                Some(line.split_once(start)?.1.split_once(end)?.0.to_owned())
            };
            let of_github: Vec<String> =
                github.stdout.lines().map(|line| between(line, "title=", "::").unwrap()).collect();
            assert_eq!(of_github, told, "{command:?}");
            let of_sarif = sarif(&document)["runs"][0]["results"].clone();
            let of_sarif: Vec<&str> =
                of_sarif.as_array().unwrap().iter().map(|found| found["ruleId"].as_str().unwrap()).collect();
            assert_eq!(of_sarif, told, "{command:?}");
            if !command.is_empty() && command != ["status"] {
                let lines = short.stdout.lines().chain(short.stderr.lines());
                let of_short: Vec<String> = lines.filter_map(|line| between(line, "[", "]: ")).collect();
                assert_eq!(of_short, told, "{command:?}");
            }
        }
    }
}

#[test]
fn short_is_one_line_a_finding_and_the_verdict() {
    let run = run(&to_mend(), "short", &["doctor", "--workspace"]).code(1);
    let expected = "\
assets/a/asset.json:9:14: error[unknown-codec]: there is no codec `ZSTD`
assets/ui/b/asset.json:4:3: warning[unknown-member]: unknown member `titel`
assets/ui/b/a,b: 100%.txt: info[unreferenced-file]: no input of `ui/b` names `a,b: 100%.txt`, which has 1 bytes
";
    assert_eq!(run.stdout, expected);
    assert_eq!(
        run.stderr.lines().next().unwrap(),
        "error: 1 finding stops the build (1 error, 1 warning, 1 note in 2 assets)"
    );
    // What has no findings is as it is for people.
    let place = Place::blobs(&["a"]);
    let of = |format: &str| self::run(&place, format, &["list"]).code(0).stdout;
    assert_eq!(of("short"), of("human"));
}

#[test]
fn github_gets_one_command_a_line_with_paths_of_the_repository() {
    let place = in_repository();
    let run =
        run(&place, "github", &["doctor", "--workspace"]).code(1).says("error: 1 finding stops the build");
    let lines: Vec<&str> = run.stdout.lines().collect();
    let begins = [
        "::error file=game/assets/a/asset.json,line=9,col=14,title=unknown-codec::there is no codec `ZSTD`%0AWrite ",
        "::warning file=game/assets/ui/b/asset.json,line=4,col=3,title=unknown-member::unknown member `titel`%0A",
        "::notice file=game/assets/ui/b/a%2Cb%3A 100%25.txt,title=unreferenced-file::no input of `ui/b` names `a,b: 100%25.txt`",
    ];
    assert_eq!(lines.len(), begins.len(), "{lines:#?}");
    for (line, begin) in lines.iter().zip(begins) {
        assert!(line.starts_with(begin), "{line}");
    }
    // Where the host says what the repository is, that counts; a folder elsewhere does not.
    let with = |folder: &Path| {
        let mut command = place.command(&["--message-format", "github", "doctor"]);
        Run::of(command.env("GITHUB_WORKSPACE", folder).output().unwrap()).code(1).stdout
    };
    assert!(with(&place.path("")).starts_with("::error file=assets/a/"));
    assert!(with(&place.path("assets/a")).starts_with("::error file=game/assets/a/"));
}

#[test]
fn a_fingerprint_stays_when_lines_move_and_tells_findings_apart() {
    let place = in_repository();
    let prints = |place: &Place| -> Vec<String> {
        let document = sarif(&run(place, "sarif", &["doctor", "--workspace"]).code(1));
        let results = document["runs"][0]["results"].as_array().unwrap().clone();
        results
            .iter()
            .map(|result| result["partialFingerprints"]["prometeuFinding/v1"].as_str().unwrap().to_owned())
            .collect()
    };
    let before = prints(&place);
    assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), 3, "{before:?}");
    place.edit("assets/a/asset.json", "{\n", "{\n\n\n");
    assert_eq!(prints(&place), before, "lines moved");
    place.ok(&["relocate", "a", "elsewhere/c", "--yes"]);
    assert_eq!(prints(&place), before, "the asset has its uuid wherever it is");
    place.edit("assets/elsewhere/c/asset.json", "ZSTD", "LZ4");
    assert_ne!(prints(&place)[0], before[0]);
    // Two of one kind that point at the same words.
    place.edit("assets/elsewhere/c/asset.json", "[\"data.txt\"]", "[\"x.txt\", \"x.txt\"]");
    let all = prints(&place);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{all:?}");
}

#[test]
fn where_two_places_disagree_programs_get_both() {
    let place = Place::blobs(&["a", "b"]);
    place.edit("assets/.prometeu/index.json", "\"asset_id\": 2", "\"asset_id\": 1");
    let (_, lines) = place.json(&["doctor"]);
    let found = &lines.last().unwrap()["diagnostics"][0];
    let first = serde_json::json!({
        "file": "assets/.prometeu/index.json", "line": 6, "column": 19, "message": "first given here"
    });
    assert_eq!(
        (&found["code"], &found["related"]),
        (&"duplicate-asset-id".into(), &serde_json::json!([first]))
    );
    let document = sarif(&run(&place, "sarif", &["doctor"]));
    let related = &document["runs"][0]["results"][0]["relatedLocations"][0];
    assert_eq!(related["message"]["text"], "first given here");
    assert_eq!(related["physicalLocation"]["region"]["startLine"], 6);
    place.run(&["doctor"]).prints("- first given here").prints("^ already taken");
}

#[test]
fn what_could_not_look_says_why_in_the_document() {
    let place = Place::empty();
    for command in ["doctor", "validate", "pack", "status"] {
        let failed = run(&place, "sarif", &[command]).code(2).says("no project in");
        let document = sarif(&failed);
        let invocation = &document["runs"][0]["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        let notification = &invocation["toolExecutionNotifications"][0];
        assert!(notification["message"]["text"].as_str().unwrap().contains("no project"), "{notification}");
        assert_eq!(document["runs"][0]["results"], serde_json::json!([]));
        let failed = run(&place, "github", &[command]).code(2);
        assert!(failed.stdout.starts_with("::error title=invalid-argument::"), "{failed:?}");
    }
}

#[test]
fn what_has_no_findings_refuses_formats_of_findings() {
    let place = Place::blobs(&["a"]);
    let before = place.listing();
    for command in [
        &["list"][..],
        &["forget", "a", "--yes"],
        &["doctor", "--fix"],
        &["explain"],
        &["wizard"],
        &["serve"],
    ] {
        for format in ["github", "sarif"] {
            run(&place, format, command)
                .code(2)
                .prints_nothing()
                .says(&format!("this command cannot be told as `{format}`"))
                .says("It takes `human`, `short`, `json`; `doctor` without `--fix`, `validate`, `pack` and `status` take all");
        }
    }
    assert_eq!(place.listing(), before);
}

/// With a tool of another house, where there is one.
#[test]
fn a_validator_takes_the_documents() {
    let Ok(validator) = std::env::var(VALIDATOR) else {
        return eprintln!("NOT TRIED: no validator of SARIF is named by `{VALIDATOR}`");
    };
    let mut words = validator.split(' ');
    let program = words.next().unwrap();
    let words: Vec<&str> = words.collect();
    let place = in_repository();
    let registry = "assets/.prometeu/index.json";
    let index = place.read(registry);
    let texts = [index.clone(), index.replace("\"asset_id\": 2", "\"asset_id\": 1"), "<<<<<<< a".to_owned()];
    for (n, text) in texts.iter().enumerate() {
        place.write(registry, text);
        let document = run(&place, "sarif", &["doctor", "--workspace"]).code(1).stdout;
        place.write(&format!("{n}.sarif"), document);
        let output =
            Command::new(program).args(&words).arg(place.path(&format!("{n}.sarif"))).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        assert!(!said.contains("error "), "{said}");
    }
}

/// What a terminal shows: without colours and links.
#[cfg(unix)]
fn shown(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, sequence)) = rest.split_once('\u{1b}') {
        shown.push_str(before);
        let end = if sequence.starts_with(']') { "\u{1b}\\" } else { "m" };
        rest = sequence.split_once(end).unwrap().1;
    }
    shown + rest
}

#[cfg(unix)]
#[test]
fn places_are_links_where_a_terminal_takes_them_and_nowhere_else() {
    let place = Place::blobs(&["a", "b"]);
    place.edit("assets/b/asset.json", "\"NONE\"", "\"ZSTD\"");
    place.edit("assets/a/asset.json", "\"asset_uuid\": \"0", "\"asset_uuid\": \"f");
    let with = |force: Option<&str>, color: &str| {
        let mut command = place.command(&["doctor", "--color", color]);
        if let Some(force) = force {
            command.env("FORCE_HYPERLINK", force);
        }
        Run::of(command.output().unwrap()).code(1).stdout
    };
    let plain = with(None, "never");
    let linked = with(Some("1"), "always");
    assert_eq!(shown(&linked), plain);
    for file in ["assets/a/asset.json", "assets/b/asset.json", "assets/.prometeu/index.json"] {
        let link = format!("\u{1b}]8;;file://{}\u{1b}\\{file}:", place.path(file).display());
        assert!(linked.contains(&link), "no `{link}` in {linked:?}");
    }
    for (force, color) in [(None, "always"), (Some("0"), "always"), (Some("1"), "never")] {
        assert!(!with(force, color).contains("\u{1b}]8"), "{force:?} {color}");
    }
}
