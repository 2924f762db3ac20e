//! The mutations that meet with a power cut: one row each.

use std::fs;
use std::path::Path;

use Start::{BareDeclaration, Nothing, TwoBlobs};

use super::project::copy;
use crate::assets;

/// A mutation, and what has to be there before it.
#[derive(Debug)]
pub(super) struct Mutation {
    pub(super) name: &'static str,
    pub(super) start: Start,
    /// What comes before it, one a string: commands, and what a person does by `cp` and `mv`.
    prepare: &'static [&'static str],
    /// The mutation itself.
    command: &'static str,
}

/// The project from which a row's commands set out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// An empty folder.
    Nothing,
    /// The registered blob `a`, and the blob `b`, which is not registered.
    TwoBlobs,
    /// The same, and `b` has no uuid yet.
    BareDeclaration,
}

const fn row(
    name: &'static str,
    start: Start,
    prepare: &'static [&'static str],
    command: &'static str,
) -> Mutation {
    Mutation { name, start, prepare, command }
}

pub(super) const MUTATIONS: &[Mutation] = &[
    row("init", Nothing, &[], "init --yes"),
    row("create", TwoBlobs, &[], "create ui/new --type blob_bank"),
    row("create from files", TwoBlobs, &[], "create copy --type blob_bank --from assets/b/map.txt"),
    row("register", TwoBlobs, &[], "register b"),
    row("register and anchor", BareDeclaration, &[], "register b"),
    row("relocate", TwoBlobs, &[], "relocate a deep/er/z --yes"),
    row("relocate and fold", TwoBlobs, &[], "relocate a A2 --yes"),
    row("exclude", TwoBlobs, &[], "exclude a"),
    row("include", TwoBlobs, &["exclude a"], "include a"),
    row("adopt as new", TwoBlobs, &["cp assets/a assets/c"], "adopt c --as-new"),
    row("adopt as the same", TwoBlobs, &["mv assets/a assets/c"], "adopt c --as 1 --yes"),
    row("reconcile", TwoBlobs, &["mv assets/a assets/c"], "reconcile --yes"),
    row("forget", TwoBlobs, &[], "forget a --yes"),
    row("remove", TwoBlobs, &[], "remove a --yes"),
    row("remove for good", TwoBlobs, &[], "remove a --purge --yes"),
    row("quarantine", TwoBlobs, &[], "quarantine a --yes"),
    row("quarantine what is not registered", TwoBlobs, &[], "quarantine b --yes"),
    row("restore", TwoBlobs, &["quarantine a --yes"], "restore 1-a --yes"),
    row("undo create", TwoBlobs, &["create ui/new --type blob_bank"], "undo --yes"),
    row("undo relocate", TwoBlobs, &["relocate a deep/er/z --yes"], "undo --yes"),
    row("undo remove for good", TwoBlobs, &["remove a --purge --yes"], "undo --yes"),
];

impl Mutation {
    /// The words of the mutation.
    pub(super) fn words(&self) -> Vec<&'static str> {
        self.command.split(' ').collect()
    }

    /// The words of the command that comes next, which opens the project and thereby recovers it.
    pub(super) fn next(&self) -> Vec<&'static str> {
        // Where there is no registry yet, the same once more.
        if self.start == Nothing { self.words() } else { vec!["list"] }
    }

    /// Makes the project before the mutation in an empty folder. `run` runs the program there.
    pub(super) fn prepare(&self, project: &Path, run: impl Fn(&[&str])) {
        if self.start != Nothing {
            run(&["init", "--yes"]);
            run(&["create", "a", "--type", "blob_bank"]);
            let mut declaration = assets::blob_bank(&assets::uuid(0xb), "b", &["map.txt"]);
            if self.start == BareDeclaration {
                declaration.as_object_mut().expect("it is one").remove("asset_uuid");
            }
            let root = project.join("assets/b");
            fs::create_dir(&root).expect("a folder for an asset");
            fs::write(root.join("asset.json"), assets::text(&declaration)).expect("a file in it");
            fs::write(root.join("map.txt"), "#..#\n").expect("a file in it");
        }
        for step in self.prepare {
            match step.split(' ').collect::<Vec<_>>()[..] {
                ["cp", from, to] => copy(&project.join(from), &project.join(to)),
                ["mv", from, to] => {
                    fs::rename(project.join(from), project.join(to)).expect("rows move what is there");
                }
                ref words => run(words),
            }
        }
    }
}
