//! `doctor` and the profile lines in a game's manifest: found where a build script packs, mended when
//! somebody agrees, silent everywhere else.

use std::path::PathBuf;

use crate::harness::{Place, Run};

const FINDING: &str =
    "info[slow-build-profile]: build scripts hash and decode the art unoptimised: no lines for that in";

/// A game that packs in its build script, without the lines.
fn unoptimised() -> Place {
    let game = Place::package();
    game.ok(&["init", "--yes"]);
    let manifest = game.read("Cargo.toml");
    game.write("Cargo.toml", manifest.split("\n# Build scripts run").next().unwrap());
    game
}

/// Without what a person of this machine may have in cargo's own folder.
fn doctor(game: &Place, more: &[&str]) -> Run {
    let mut command = game.command(&[&["doctor"], more].concat());
    Run::of(command.env("CARGO_HOME", game.path("../home")).output().unwrap())
}

#[test]
fn missing_lines_are_found_and_mended_when_somebody_agrees() {
    let game = unoptimised();
    doctor(&game, &[])
        .code(0)
        .prints("tidiness: 1 slow-build-profile\n")
        .prints(&format!("{FINDING} `profile.dev`, `profile.release`\n --> Cargo.toml\n"))
        .prints("= help: Run `cargo prometeu doctor --fix=slow-build-profile`: it shows the edit of `Cargo.toml`, and asks.")
        .says("Checked everything: 1 note");
    let before = game.listing();
    let refused = doctor(&game, &["--fix"]).code(3);
    assert!(refused.stderr.contains("edit   Cargo.toml: `profile.dev`, `profile.release`"), "{refused:?}");
    refused.says(
        "this needs a yes, and nobody can be asked here: let build scripts hash and decode at full speed",
    );
    let plan = doctor(&game, &["--fix", "--dry-run"])
        .code(0)
        .prints("let build scripts hash and decode at full speed\n  edit   Cargo.toml: ")
        .plan_id();
    assert_eq!(game.listing(), before, "nothing was written so far");

    doctor(&game, &["--fix", "--plan", &plan])
        .code(0)
        .says("      Edited Cargo.toml: `profile.dev`, `profile.release`\n")
        .says("     Checked 0 assets, nothing wrong")
        .prints_nothing();
    let manifest = game.read("Cargo.toml");
    let old = String::from_utf8(before[&game.path("Cargo.toml")].clone()).unwrap();
    assert!(manifest.starts_with(&old), "{manifest}");
    assert_eq!(manifest.matches("sha2 = { opt-level = 3 }").count(), 2);
    let before = game.listing();
    doctor(&game, &["--fix"]).code(0).says("nothing to do: no finding can be mended without you");
    doctor(&game, &["--fix=slow-build-profile"])
        .code(2)
        .says("there is no fix `slow-build-profile`: no profile line is missing");
    game.ok(&["init"]).says("already set up, nothing to do");
    assert_eq!(game.listing(), before);
}

#[test]
fn a_plan_that_is_another_by_now_is_not_applied() {
    let game = unoptimised();
    let plan = doctor(&game, &["--fix=slow-build-profile", "--dry-run"]).plan_id();
    game.write("Cargo.toml", format!("{}\n[profile.dev]\nopt-level = 1\n", game.read("Cargo.toml")));
    let before = game.listing();
    doctor(&game, &["--fix=slow-build-profile", "--plan", &plan]).code(1).says("another one by now");
    assert_eq!(game.listing(), before);
}

#[test]
fn with_what_else_is_mended_it_is_one_plan_and_alone_it_leaves_the_rest() {
    let game = unoptimised();
    game.ok(&["create", "a", "--type", "blob_bank"]);
    let registry = "assets/.prometeu/index.json";
    game.edit(registry, "\"next_asset_id\": 2", "\"next_asset_id\": 1");
    doctor(&game, &[]).code(1).says("hint: `cargo prometeu doctor --fix` mends 1 of these by itself");
    // What needs nobody's consent is mended without, when it is asked for alone.
    let manifest = game.read("Cargo.toml");
    doctor(&game, &["--fix=allocator-behind"]).code(0).says("Mended").prints(FINDING);
    assert_eq!(game.read("Cargo.toml"), manifest);
    game.edit(registry, "\"next_asset_id\": 2", "\"next_asset_id\": 1");
    let broken = game.read(registry);
    doctor(&game, &["--fix=slow-build-profile", "--yes"]).code(1).says("Edited Cargo.toml");
    assert_eq!(game.read(registry), broken, "it was not asked for");

    game.write("Cargo.toml", manifest);
    doctor(&game, &["--fix", "--yes"])
        .code(0)
        .says("      Edited assets/.prometeu/index.json: allocator-behind\n")
        .says("      Edited Cargo.toml: ")
        .says("hint: `cargo prometeu undo` takes back what was changed in `assets/`");
    let fixed = game.read("Cargo.toml");
    game.ok(&["undo"]);
    assert_eq!((game.read(registry), game.read("Cargo.toml")), (broken, fixed));
}

#[test]
fn a_program_sees_the_finding_its_fix_and_that_somebody_has_to_agree() {
    let game = unoptimised();
    let json = |more: &[&str]| {
        let mut command = game.command(&[&["--message-format", "json", "doctor"], more].concat());
        let run = Run::of(command.env("CARGO_HOME", game.path("../home")).output().unwrap());
        let lines = run.stdout.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let responses: Vec<_> = lines.filter(|line| line["reason"] == "response").collect();
        (run.code, responses)
    };
    let (code, responses) = json(&[]);
    let found = &responses[0]["diagnostics"][0];
    assert_eq!(
        (code, &found["code"], &found["category"]),
        (0, &"slow-build-profile".into(), &"hygiene".into())
    );
    assert_eq!((&found["file"], &found["blocking"]), (&"Cargo.toml".into(), &false.into()));
    let action = &responses[0]["proposed_actions"][0];
    assert_eq!((&found["fix"], &action["needs_consent"]), (&action["action_id"], &true.into()));

    let (code, responses) = json(&["--fix"]);
    assert_eq!((code, &responses[0]["blockers"][0]["code"]), (3, &"consent-required".into()));
    assert_eq!(responses[0]["plan"]["needs_consent"], true);
    let (code, responses) = json(&["--fix", "--yes"]);
    assert_eq!((code, responses.len()), (0, 2));
    let applied = &responses[0]["applied_actions"][0];
    assert_eq!(applied["arguments"]["fix"], serde_json::json!(["slow-build-profile"]));
    assert_eq!(responses[1]["diagnostics"], serde_json::json!([]));
}

#[test]
fn it_counts_when_asked_strictly_and_for_no_build() {
    let game = unoptimised();
    doctor(&game, &["--strict"]).code(1).says("error: 1 finding is untidy, and that counts here (1 note)");
    doctor(&game, &["--workspace"]).code(0);
    let mut command = game.command(&["doctor"]);
    command.env("PROMETEU_STRICT", "1").env("CARGO_HOME", game.path("../home"));
    Run::of(command.output().unwrap()).code(0);
    game.ok(&["pack", "--strict"]);
    game.ok(&["validate", "--strict"]);
}

#[test]
fn in_a_workspace_it_is_the_manifest_of_the_root() {
    let game = unoptimised();
    let root: PathBuf = game.path("../Cargo.toml");
    std::fs::write(&root, "[workspace]\nmembers = [\"game\"]\nresolver = \"3\"\n").unwrap();
    let own = game.read("Cargo.toml");
    doctor(&game, &[]).code(0).prints(" --> ../Cargo.toml\n");
    doctor(&game, &["--fix", "--yes"]).code(0).says("Edited ../Cargo.toml");
    assert!(std::fs::read_to_string(&root).unwrap().contains("[profile.release.package]\nsha2 = "));
    assert_eq!(game.read("Cargo.toml"), own);
    doctor(&game, &[]).code(0).prints_nothing();
}

#[test]
fn who_does_not_pack_in_a_build_script_or_has_said_it_otherwise_hears_nothing() {
    let silent = |game: &Place, why: &str| {
        let run = doctor(game, &["--workspace"]).code(0);
        assert!(!run.stdout.contains("slow-build-profile"), "{why}: {}", run.stdout);
    };
    silent(&Place::project(), "no manifest");
    let game = unoptimised();
    let manifest = game.read("Cargo.toml");
    for (with, why) in [
        (
            "[profile.dev.package.\"*\"]\nopt-level = 3\n[profile.release.build-override]\nopt-level = 1\n",
            "covered",
        ),
        ("[dependencies.packer-build]\nversion = \"1\"\n", "a dependency of the game itself"),
    ] {
        let text = if why == "covered" {
            format!("{manifest}\n{with}")
        } else {
            let without = manifest.split("[build-dependencies]").next().unwrap();
            format!("{without}\n{}", with.replace("[dependencies.", "[target.'cfg(any())'.dependencies."))
        };
        game.write("Cargo.toml", text);
        silent(&game, why);
    }
    game.write("Cargo.toml", &manifest);
    doctor(&game, &[]).prints(FINDING);
    game.write("../.cargo/config.toml", "[profile.dev.build-override]\nopt-level = 3\n");
    doctor(&game, &[]).prints(&format!("{FINDING} `profile.release`\n"));
    game.write("../home/config.toml", "[profile.release.build-override]\nopt-level = 3\n");
    silent(&game, "cargo's configuration");
    std::fs::remove_dir_all(game.path("../home")).unwrap();
    game.write("Cargo.toml", "[package\n[build-dependencies]\npacker-build");
    silent(&game, "a manifest that cargo cannot read");
}
