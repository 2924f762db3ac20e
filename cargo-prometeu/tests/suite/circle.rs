//! What is asked of every change: it is shown, agreed to, made, and taken back by what it names itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::harness::{Place, Run};

const INDEX: &str = "assets/.prometeu/index.json";

/// A change and what is expected of it.
pub(crate) struct Circle<'a> {
    /// The command with its arguments.
    pub(crate) change: &'a [&'a str],
    /// What the dry run prints before the plan's id.
    pub(crate) plan: &'a str,
    /// Whether somebody has to agree.
    pub(crate) asks: bool,
    /// What it says once it is done, behind the verb's column.
    pub(crate) done: &'a str,
    /// The command that it names as the way back.
    pub(crate) back: &'a str,
    /// How many ids it gives out, which stay spent.
    pub(crate) spends: u32,
    /// The operation and its class.
    pub(crate) operation: (&'a str, &'a str),
}

impl Circle<'_> {
    /// Goes round, in a project with an asset `other` that the change is not about.
    #[track_caller]
    pub(crate) fn check(&self, place: &Place) {
        let with = |flags: &[&'static str]| [self.change, flags].concat();
        let before = place.tree();
        let everything = place.listing();
        let shown = place.ok(&with(&["--dry-run"])).says("nothing was written");
        let (plan, id) = shown.stdout.split_once("plan ").unwrap();
        assert_eq!(plan, self.plan, "{:?}", self.change);
        let (run, lines) = place.json(&with(&["--dry-run"]));
        assert_eq!((run.code, &lines.last().unwrap()["plan"]["needs_consent"]), (0, &self.asks.into()));
        if self.asks {
            place.run(self.change).code(3).says("needs a yes, and nobody can be asked here").prints_nothing();
            let (run, lines) = place.json(self.change);
            let response = lines.last().unwrap();
            assert_eq!((run.code, run.stderr.as_str()), (3, ""));
            assert_eq!(response["blockers"][0]["code"], "consent-required");
            assert_eq!(response["proposed_actions"][0]["action_id"], response["plan"]["plan_id"]);
        }
        assert_eq!(place.listing(), everything, "nobody agreed to anything: {:?}", self.change);

        let agreed = [self.change, &["--plan", id.trim()]].concat();
        self.go_back(place, &place.ok(&agreed).says(self.done).prints_nothing());
        self.is_as_before(place, &before, 1);
        let seen = place.ok(&with(&["--dry-run"])).plan_id();
        place.ok(&["exclude", "other"]);
        let outdated = [self.change, &["--plan", &seen]].concat();
        let changed = place.tree();
        // Of those that edit no registry, the plan is still the same.
        if self.plan.contains(INDEX) {
            place.run(&outdated).code(1).says("the plan is another one by now").prints_nothing();
        }
        assert_eq!(place.tree(), changed, "{:?}", self.change);
        place.ok(&["include", "other"]);

        self.go_back(place, &place.ok(&with(&["--yes"])).says(self.done).prints_nothing());
        self.is_as_before(place, &before, 2);
        self.tells_programs(place);
        self.is_as_before(place, &before, 3);
    }

    /// Runs the command that `run` names as the way back, as somebody would who copies it.
    #[track_caller]
    fn go_back(&self, place: &Place, run: &Run) {
        let named = format!("hint: `cargo prometeu {}` ", self.back);
        assert_eq!(run.stderr.matches(&named).count(), 1, "no `{named}` in:\n{}", run.stderr);
        let words: Vec<&str> = self.back.split(' ').chain(["--yes"]).collect();
        place.ok(&words).prints_nothing();
    }

    /// That the way back leads back, for programs as well.
    #[track_caller]
    fn tells_programs(&self, place: &Place) {
        let (run, lines) = place.json(&[self.change, &["--yes"]].concat());
        let response = lines.last().unwrap();
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
        let told = [&response["operation"], &response["operation_class"]];
        assert_eq!(told, [self.operation.0, self.operation.1]);
        assert_eq!(response["applied_actions"][0]["operation"], self.operation.0);
        for edit in response["plan"]["edits"].as_array().unwrap() {
            assert!(edit["path"].is_string() && edit["kind"].is_string() && edit["expected"].is_string());
        }
        let [action] = &response["proposed_actions"].as_array().unwrap()[..] else { panic!("{response}") };
        let back = match action["operation"].as_str().unwrap() {
            "restore_asset" => vec!["restore", action["arguments"]["entry"].as_str().unwrap()],
            "undo" => vec!["undo"],
            other => panic!("{other} is no way back"),
        };
        let (run, lines) = place.json(&[&back[..], &["--dry-run"]].concat());
        assert_eq!(run.code, 0);
        assert_eq!(lines.last().unwrap()["plan"]["needs_consent"], action["needs_consent"], "{action}");
        let (run, lines) = place.json(&[&back[..], &["--yes"]].concat());
        assert_eq!((run.code, &lines.last().unwrap()["operation"]), (0, &action["operation"]));
    }

    #[track_caller]
    fn is_as_before(&self, place: &Place, before: &BTreeMap<PathBuf, String>, times: u32) {
        let mut wanted = before.clone();
        let index = wanted.get_mut(&place.path(INDEX)).unwrap();
        let next = next_id(index);
        *index = index.replace(
            &format!("\"next_asset_id\": {next}"),
            &format!("\"next_asset_id\": {}", next + self.spends * times),
        );
        assert_eq!(place.tree(), wanted, "{:?}", self.change);
    }
}

fn next_id(index: &str) -> u32 {
    let text = &index[index.find('{').unwrap()..];
    let value: Value = serde_json::from_str(text).unwrap();
    value["next_asset_id"].as_u64().unwrap().try_into().unwrap()
}

impl Place {
    /// Everything that version control and people see of `assets/`: folders, modes, bytes, and links as
    /// links. Not what belongs to this checkout.
    pub(crate) fn tree(&self) -> BTreeMap<PathBuf, String> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.path("assets")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let metadata = path.symlink_metadata().unwrap();
                let what = if metadata.is_symlink() {
                    format!("-> {}", fs::read_link(&path).unwrap().display())
                } else if metadata.is_dir() {
                    "folder".to_owned()
                } else {
                    format!("{} {}", mode(&metadata), String::from_utf8_lossy(&fs::read(&path).unwrap()))
                };
                if metadata.is_dir() && path != self.path("assets/.prometeu/local") {
                    folders.push(path.clone());
                }
                found.insert(path, what);
            }
        }
        found.remove(&self.path("assets/.prometeu/local"));
        found
    }

    /// An asset with what an artist's folder may hold beside its inputs.
    pub(crate) fn lived_in(&self, root: &str) {
        self.ok(&["create", root, "--type", "blob_bank"]);
        self.write(&format!("assets/{root}/notes/deep/idea.txt"), "mine");
        fs::create_dir(self.path(&format!("assets/{root}/empty"))).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::{PermissionsExt as _, symlink};
            let at = |file: &str| self.path(&format!("assets/{root}/{file}"));
            self.write(&format!("assets/{root}/export.sh"), "#!/bin/sh\n");
            fs::set_permissions(at("export.sh"), fs::Permissions::from_mode(0o755)).unwrap();
            self.write(&format!("assets/{root}/locked.txt"), "read only");
            fs::set_permissions(at("locked.txt"), fs::Permissions::from_mode(0o444)).unwrap();
            symlink("notes/deep/idea.txt", at("link")).unwrap();
            symlink("nowhere", at("dangling")).unwrap();
        }
    }
}

#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    format!("{:o}", metadata.permissions().mode())
}

#[cfg(not(unix))]
fn mode(metadata: &fs::Metadata) -> String {
    format!("{}", metadata.permissions().readonly())
}
