//! The house rules that are about files: manifests, pages, the one command that guards them all.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use packer_tests::{cargo, checkout};
use toml::{Table, Value};

/// The two commands with which a newcomer begins.
const README_COMMANDS: [&str; 2] = ["cargo run -p example-game", "cargo test --workspace"];

fn read(path: &str) -> String {
    fs::read_to_string(checkout().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn manifest(folder: &str) -> Table {
    read(&format!("{folder}/Cargo.toml")).parse().unwrap()
}

/// Folders of all members of the workspace.
fn members() -> Vec<String> {
    let root = manifest(".");
    let members = root["workspace"]["members"].as_array().unwrap();
    assert!(!members.is_empty());
    members.iter().map(|member| member.as_str().unwrap().to_owned()).collect()
}

fn is_inherited(value: Option<&Value>) -> bool {
    value.and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true)
}

#[test]
fn every_member_inherits_lints_version_edition_and_licence() {
    for member in members() {
        let manifest = manifest(&member);
        assert!(is_inherited(manifest.get("lints")), "{member}: `[lints] workspace = true` is missing");
        for key in ["version", "edition", "license"] {
            assert!(
                is_inherited(manifest["package"].get(key)),
                "{member}: `{key}.workspace = true` is missing"
            );
        }
        assert!(manifest["package"].get("description").is_some(), "{member}: nobody knows what it is for");
    }
}

/// Every function of these folders, as ` fn name(`.
fn functions(folders: &[&str]) -> String {
    let mut found = String::new();
    let mut folders: Vec<PathBuf> = folders.iter().map(|folder| checkout().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found += &fs::read_to_string(path).unwrap();
            }
        }
    }
    found
}

#[test]
fn what_the_page_on_operations_names_as_its_proof_is_there() {
    let library = functions(&["packer/src", "packer/tests"]);
    let command = functions(&["cargo-prometeu/src", "cargo-prometeu/tests", "tests/tests"]);
    let page = read("docs/operations.md");
    let (_, table) = page.split_once("| promise | in the library | at the command line |\n").unwrap();
    let rows: Vec<&str> = table.lines().skip(1).take_while(|line| line.starts_with('|')).collect();
    assert!(rows.len() >= 25, "{}", rows.len());
    for row in &rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let [promise, by_library, by_command] = cells[..] else { panic!("{row}") };
        for (name, tests) in [(by_library, &library), (by_command, &command)] {
            let name = name.trim().trim_matches('`');
            assert!(tests.contains(&format!("fn {name}(")), "{promise}: there is no test `{name}`");
        }
    }
    // Each operation has its row.
    let (_, all) = page.split_once("| operation | class | consent | command |\n").unwrap();
    for row in all.lines().skip(1).take_while(|line| line.starts_with('|')) {
        let operation = row.split('|').nth(1).unwrap().trim();
        let is_of_ours = ["`list_quarantined`", "`constants`"].contains(&operation);
        assert!(is_of_ours || rows.iter().any(|row| row.contains(operation)), "{operation} is not proved");
    }
}

#[test]
fn every_member_says_which_rust_it_needs() {
    // With that, clippy's `incompatible_msrv` refuses what is newer.
    for member in members() {
        let stated = &manifest(&member)["package"]["rust-version"];
        assert!(is_inherited(Some(stated)) || stated.is_str(), "{member}: {stated}");
    }
    let workspace = manifest(".");
    assert!(workspace["workspace"]["package"]["rust-version"].is_str());
}

#[test]
fn every_dependency_is_chosen_once_for_the_whole_workspace() {
    for member in members() {
        let manifest = manifest(&member);
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(dependencies) = manifest.get(kind).and_then(Value::as_table) else { continue };
            for (name, chosen) in dependencies {
                assert!(
                    is_inherited(Some(chosen)),
                    "{member}: `{name}` is not of `[workspace.dependencies]`"
                );
            }
        }
    }
}

#[test]
fn the_commands_of_the_readme_are_those_of_the_guard() {
    let [readme, guard] = [read("README.md"), read(".ci/run")];
    for command in README_COMMANDS {
        assert!(readme.contains(command), "README.md does not say `{command}`");
        assert!(guard.contains(command), ".ci/run does not do `{command}`");
    }
}

/// Every page of the checkout, by its path from there.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    let mut to_read = vec![PathBuf::new()];
    while let Some(folder) = to_read.pop() {
        for entry in fs::read_dir(checkout().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = folder.join(&name);
            let is_ours = !name.starts_with('.') && path != Path::new("target") && name != "node_modules";
            if is_ours && entry.file_type().unwrap().is_dir() {
                to_read.push(path);
            } else if is_ours && name.ends_with(".md") {
                pages.push(path);
            }
        }
    }
    assert!(pages.len() > 3, "{pages:?}");
    pages
}

/// The targets of a page's links, without those into the page itself and into the web.
fn links(page: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut in_code = false;
    for line in page.lines() {
        in_code ^= line.trim_start().starts_with("```");
        if in_code {
            continue;
        }
        for rest in line.split("](").skip(1) {
            let target = rest.split([')', '#', ' ']).next().unwrap();
            if !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:") {
                links.push(target.to_owned());
            }
        }
    }
    links
}

/// `page/../target` without the dots, as a path from the checkout.
fn resolve(page: &Path, target: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for part in page.parent().unwrap().join(target).components() {
        match part {
            Component::ParentDir => assert!(path.pop(), "{}: {target} leaves the checkout", page.display()),
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    path
}

#[test]
fn no_page_links_to_a_file_that_does_not_exist() {
    let mut broken = Vec::new();
    for page in pages() {
        for target in links(&fs::read_to_string(checkout().join(&page)).unwrap()) {
            if !checkout().join(resolve(&page, &target)).exists() {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn the_readme_leads_to_every_page_of_the_documentation() {
    let mut seen = BTreeSet::new();
    let mut to_read = vec![PathBuf::from("README.md")];
    while let Some(page) = to_read.pop() {
        if page.extension().is_some_and(|extension| extension == "md") && seen.insert(page.clone()) {
            let text = fs::read_to_string(checkout().join(&page)).unwrap_or_default();
            to_read.extend(links(&text).iter().map(|target| resolve(&page, target)));
        }
    }
    let lost: Vec<_> =
        pages().into_iter().filter(|page| page.starts_with("docs") && !seen.contains(page)).collect();
    assert_eq!(lost, Vec::<PathBuf>::new(), "nobody finds these from README.md");
}

#[test]
fn the_pages_that_a_newcomer_is_promised_are_there() {
    for page in
        ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE-MIT", "LICENSE-APACHE", "docs/glossary.md"]
    {
        assert!(!read(page).trim().is_empty(), "{page} is empty");
    }
}

#[test]
fn no_test_run_touches_git_hooks_unless_it_is_asked_to() {
    let tree = |arguments: &[&str]| {
        let mut tree = cargo::command();
        tree.current_dir(checkout()).args([
            "tree",
            "--offline",
            "-p",
            "packer-tests",
            "-e",
            "all",
            "--prefix",
            "none",
        ]);
        let output = tree.args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let unasked = tree(&[]);
    assert!(unasked.contains("packer-build v"), "this is the tree of another package:\n{unasked}");
    assert!(!unasked.contains("cargo-husky"), "`cargo test` would write into people's .git:\n{unasked}");
}

#[test]
fn the_hook_is_a_script_that_git_can_run() {
    let hook = checkout().join(".cargo-husky/hooks/pre-commit");
    assert!(fs::read_to_string(&hook).unwrap().starts_with("#!/bin/sh\n"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&hook).unwrap().permissions().mode();
        assert_eq!(mode & 0o555, 0o555, "cargo-husky takes only what everybody may run");
    }
}

/// The members that are meant for a registry.
fn published() -> Vec<String> {
    let is_published = |member: &String| manifest(member)["package"].get("publish").is_none();
    members().into_iter().filter(is_published).collect()
}

#[test]
fn every_crate_that_is_published_has_the_licences_and_the_readme() {
    for member in published() {
        for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
            assert_eq!(read(&format!("{member}/{licence}")), read(licence), "{member}: copy {licence} anew");
        }
        assert!(
            is_inherited(manifest(&member)["package"].get("readme")),
            "{member}: `readme.workspace = true`"
        );
    }
}

/// What of a file is compiled for others than its tests, and the modules of its that are not: an item under
/// `#[cfg(test)]` ends with its line, or with the next that is indented as it is and closes something.
fn shipped(text: &str) -> (String, Vec<&str>) {
    let (mut shipped, mut modules) = (String::new(), Vec::new());
    let mut lines = text.lines();
    let indent = |line: &str| line.len() - line.trim_start().len();
    while let Some(line) = lines.next() {
        let code = line.trim_start();
        if code != "#[cfg(test)]" {
            if !code.starts_with("//") {
                shipped.extend([line, "\n"]);
            }
            continue;
        }
        let closes =
            |other: &str| indent(other) == indent(line) && other.trim_start().starts_with(['}', ')', ']']);
        while let Some(item) = lines.next() {
            let is_attribute = item.trim_start().starts_with("#[");
            let is_whole = item.ends_with([';', '}', ',']) || is_attribute && item.ends_with(']');
            if !is_whole {
                lines.by_ref().find(|line| closes(line)).expect("an item ends");
            }
            if !is_attribute {
                let module = item.split_once("mod ").and_then(|(_, name)| name.strip_suffix(';'));
                modules.extend(module);
                break;
            }
        }
    }
    (shipped, modules)
}

/// What is read into the program: the literal of each `include!`, `include_str!` and `include_bytes!`, or the words
/// that stand there else.
fn includes(code: &str) -> impl Iterator<Item = &str> {
    let ends = code.match_indices("include").map(|(at, word)| &code[at + word.len()..]);
    ends.filter_map(|rest| {
        let rest = ["_str!", "_bytes!", "!"].iter().find_map(|name| rest.strip_prefix(name))?;
        let argument = rest.trim_start().strip_prefix(['(', '[', '{'])?.trim_start();
        Some(argument.split_inclusive(')').next().unwrap_or_default())
    })
}

#[test]
fn what_is_compiled_in_is_found_everywhere_but_in_tests() {
    let code = "//! `include_str!(\"words\")`\nconst A: &str = include_str!(\n    \"a\",\n);\n\n#[cfg(test)]\n\
                mod b;\nmod c;\n\n#[cfg(test)]\n#[expect(\n    dead_code,\n    reason = \"x\"\n)]\nmod tests {\n    \
                const D: &str = include_str!(\"d\");\n}\n\nstatic E: &[u8] = include_bytes!(\"e\");\n\
                std::include!(concat!(env!(\"OUT_DIR\"), \"/f.rs\"));\n";
    let (shipped, modules) = shipped(code);
    let found: Vec<&str> = includes(&shipped).collect();
    assert_eq!(found, ["\"a\",\n)", "\"e\")", "concat!(env!(\"OUT_DIR\")"]);
    assert_eq!(modules, ["b"]);
}

/// What is compiled into a crate is in its folder, or it could not be published. Tests may look further.
#[test]
fn no_crate_is_made_of_files_outside_of_its_folder() {
    let mut looked_at = 0;
    for member in published() {
        let root = checkout().join(&member).canonicalize().unwrap();
        let (mut folders, mut files) = (vec![root.join("src")], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    files.push((fs::read_to_string(&path).unwrap(), path));
                }
            }
        }
        let files: Vec<_> = files.iter().map(|(text, path)| (path, shipped(text))).collect();
        let of_tests: Vec<PathBuf> = files
            .iter()
            .flat_map(|(path, (_, modules))| {
                let is_of_folder = ["lib.rs", "main.rs", "mod.rs"].iter().any(|name| path.ends_with(name));
                let folder =
                    if is_of_folder { path.parent().unwrap().to_owned() } else { path.with_extension("") };
                modules.iter().map(move |name| folder.join(name))
            })
            .collect();
        for (path, (code, _)) in &files {
            if of_tests.iter().any(|module| path.with_extension("").starts_with(module)) {
                continue;
            }
            for include in includes(code) {
                looked_at += 1;
                let Some(literal) = include.strip_prefix('"').and_then(|rest| rest.split('"').next()) else {
                    // Cargo's folder of what a build script wrote, of the game or of the crate.
                    assert!(include.contains("OUT_DIR"), "{}: `{include}`", path.display());
                    continue;
                };
                let included = path.parent().unwrap().join(literal).canonicalize();
                let is_inside = included.is_ok_and(|file| file.starts_with(&root));
                assert!(is_inside, "{}: `{literal}`", path.display());
            }
        }
    }
    assert!(looked_at > 4, "{looked_at}");
}
