//! Settings in manifests: which of them counts, and what each does to the commands.

use serde_json::Value;

use crate::harness::Place;

const MANIFEST: &str = "[package]\nname = \"game\"\nedition = \"2024\"\n";

/// A workspace with the packages `game` and `tool`, the first of which has a project in its folder. What the
/// three manifests say is added to them.
fn workspace(root: &str, game: &str) -> Place {
    let place = Place::empty();
    place.write(
        "Cargo.toml",
        format!("[workspace]\nmembers = [\"game\", \"tool\"]\nresolver = \"3\"\n{root}"),
    );
    place.write("game/Cargo.toml", format!("{MANIFEST}{game}"));
    place.write("game/src/main.rs", "fn main() {}\n");
    place.write("tool/Cargo.toml", MANIFEST.replace("game", "tool"));
    place.write("tool/src/main.rs", "fn main() {}\n");
    let folder = if game.contains("project = ") { "game/content" } else { "game" };
    std::fs::create_dir_all(place.path(folder)).unwrap();
    place.ok(&["--project", folder, "init", "--yes"]);
    place.ok(&["--project", folder, "create", "a", "--type", "blob_bank"]);
    place
}

fn setting(place: &Place, arguments: &[&str], variable: Option<&str>, name: &str) -> (Value, String) {
    let mut command = place.command(&[&["--message-format", "json", "config"], arguments].concat());
    if let Some(value) = variable {
        command.env("PROMETEU_STRICT", value);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let response: Value = serde_json::from_slice(&output.stdout).unwrap();
    let all = response["settings"].as_array().unwrap();
    let found = all.iter().find(|setting| setting["name"] == name).unwrap();
    (found["value"].clone(), found["from"].as_str().unwrap().to_owned())
}

#[test]
fn the_first_that_says_something_counts() {
    let said = "strict = true\n";
    let (root, game) =
        (format!("[workspace.metadata.prometeu]\n{said}"), format!("[package.metadata.prometeu]\n{said}"));
    let no = "[package.metadata.prometeu]\nstrict = false\n";
    for (root, game, variable, expected) in [
        ("", "", None, (false, "default")),
        (root.as_str(), "", None, (true, "workspace")),
        (&root, no, None, (false, "package")),
        ("", &game, None, (true, "package")),
        ("", &game, Some("0"), (false, "environment")),
        ("", &game, Some(""), (true, "package")),
        (&root, no, Some("1"), (true, "environment")),
    ] {
        let place = workspace(root, game);
        let (value, from) = setting(&place, &["-p", "game"], variable, "strict");
        assert_eq!((value, from.as_str()), (expected.0.into(), expected.1), "{root:?} {game:?} {variable:?}");
    }
}

/// Makes a pack warn: two palettes fit one tile, with other indices.
fn fragile(place: &Place) {
    place.ok(&["--project", "game", "create", "tiles", "--type", "glyph_bank"]);
    let path = "game/assets/tiles/asset.json";
    let mut declaration: Value = serde_json::from_str(&place.read(path)).unwrap();
    let mut palette = declaration["output"]["pipeline"]["palettes"][0].clone();
    palette["index"] = 1.into();
    palette["palette"]["colors"] = serde_json::json!(["#000000", "#123456", "#ffffff"]);
    declaration["output"]["pipeline"]["palettes"].as_array_mut().unwrap().push(palette);
    place.write(path, declaration.to_string());
}

#[test]
fn warnings_block_where_the_manifest_says_so() {
    for (root, code) in [("", 0), ("[workspace.metadata]\nprometeu = { strict = true }\n", 1)] {
        let place = workspace(root, "");
        fragile(&place);
        for command in ["doctor", "validate", "pack", "wizard"] {
            let run = place.run(&["-p", "game", command]);
            assert_eq!(run.code, code, "{command}: {run:?}");
        }
        let mut command = place.command(&["-p", "game", "pack"]);
        assert!(command.env("PROMETEU_STRICT", "0").status().unwrap().success());
        place.run(&["-p", "game", "validate", "--strict"]).code(1);
    }
}

#[test]
fn a_pack_goes_where_the_manifest_says_unless_a_flag_does() {
    let place = workspace("[workspace.metadata.prometeu]\nout = \"theirs\"\n", "");
    let built = |path: &str| place.path(path).join("assets.pa").is_file();
    place.ok(&["-p", "game", "pack"]);
    assert!(built("game/theirs") && !built("game/build"));
    place.write("game/Cargo.toml", format!("{MANIFEST}[package.metadata.prometeu]\nout = \"ours/packed\"\n"));
    place.run_in("game/src", &["pack"]).code(0);
    assert!(built("game/ours/packed"));
    place.ok(&["-p", "game", "pack", "--check"]);
    place.ok(&["-p", "game", "wizard", "--yes", "--out", "here"]);
    assert!(built("here"));
    let (value, from) = setting(&place, &["-p", "game"], None, "out");
    assert_eq!((value, from.as_str()), (place.path("game/ours/packed").to_str().into(), "package"));
}

#[test]
fn a_package_says_where_its_project_is_and_a_workspace_which_package_is_meant() {
    let place = workspace(
        "[workspace.metadata.prometeu]\npackage = \"game\"\n",
        "[package.metadata.prometeu]\nproject = \"content\"\n",
    );
    for arguments in [&["list"][..], &["-p", "game", "list"], &["-m", "game/Cargo.toml", "list"]] {
        place.ok(arguments).prints("blob_bank");
    }
    assert_eq!(setting(&place, &[], None, "project").1, "workspace");
    assert_eq!(setting(&place, &["-p", "game"], None, "project").1, "package");
    assert_eq!(setting(&place, &["--project", "game/content"], None, "project").1, "flag");
    place.run_in("tool", &["list"]).code(0).prints("blob_bank");
    // A project that is near needs nobody to say so.
    place.run_in("game/content/assets", &["config"]).code(0).prints("the nearest project");
    place.edit("Cargo.toml", "package = \"game\"", "package = \"gmae\"");
    place.run(&["list"]).code(2).says("no package `gmae`").says("It has: game, tool");
}

#[test]
fn what_is_not_known_is_told_with_what_was_meant_and_what_is_wrong_stops() {
    let place = workspace("", "[package.metadata.prometeu]\nstrikt = true\nwherever = 1\n");
    let run = place.ok(&["-p", "game", "pack"]).says("did you mean `strict`?");
    run.says(
        "`package.metadata.prometeu.wherever`, which is no setting: there are `out`, `strict`, `project`",
    );
    place.ok(&["-p", "game", "config"]).prints("SETTING").says("did you mean `strict`?");
    let (_, lines) = place.json(&["-p", "game", "config"]);
    assert_eq!(lines[0]["unknown"].as_array().unwrap().len(), 2);
    place.edit("game/Cargo.toml", "strikt = true", "strict = \"yes\"");
    for command in ["pack", "validate", "doctor", "config"] {
        place.run(&["-p", "game", command]).code(2).says("must be `true` or `false`").says("`strict = true`");
    }
    // What has nothing to do with it is not stopped.
    place.ok(&["--project", "game", "list"]);
}

#[test]
fn every_line_of_config_says_where_it_comes_from() {
    let place = workspace("", "[package.metadata.prometeu]\nout = \"dist\"\n");
    let run = place.run_in("game", &["--color", "never", "config"]).code(0);
    for line in [
        "project  .",
        "out      dist",
        "`[package.metadata.prometeu]` in Cargo.toml",
        "strict   false",
        "skip     false",
        "color    never",
        "`--color`",
    ] {
        assert!(run.stdout.contains(line), "no `{line}` in:\n{}", run.stdout);
    }
}
