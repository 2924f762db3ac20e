//! Every kind of mutation, as a row of one table, and the project that it is tried on.
//!
//! Whatever is shot at in this suite is shot at in each of them: a new mutation is a new row.

use std::fs;
use std::path::Path;
use std::time::Duration;

use packer_tests::journal;

use super::checkout::{Checkout, Run, State, copy};

/// A kind of mutation.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) project: Before,
    /// Commands that make the project ready for it.
    pub(crate) prepare: &'static [&'static [&'static str]],
    /// The mutation itself, as people would type it.
    pub(crate) command: &'static [&'static str],
}

/// What a mutation begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// `assets/` with nothing in it.
    Nothing,
    /// `a`, which is registered, and `b`, which is not.
    Assets,
    /// The same, where `b` has no uuid.
    Unanchored,
    /// The same as with a uuid, and `copy`, which somebody has copied from `a`.
    Copied,
    /// The same, where somebody has moved `a` to `elsewhere`.
    Moved,
    /// As at first, where `a` has lost its uuid and has a name of an older packer.
    Old,
}

use Before::{Assets, Copied, Moved, Nothing, Old, Unanchored};

const UNDO: &[&str] = &["undo", "--yes"];

pub(crate) const KINDS: &[Kind] = &[
    Kind { name: "init", project: Nothing, prepare: &[], command: &["init", "--yes"] },
    Kind {
        name: "create",
        project: Assets,
        prepare: &[],
        command: &["create", "ui/new", "--type", "blob_bank"],
    },
    Kind {
        name: "create from files",
        project: Assets,
        prepare: &[],
        command: &["create", "copy", "--type", "blob_bank", "--from", "assets/b/map.txt"],
    },
    Kind { name: "register", project: Assets, prepare: &[], command: &["register", "b"] },
    Kind { name: "register and anchor", project: Unanchored, prepare: &[], command: &["register", "b"] },
    Kind {
        name: "relocate",
        project: Assets,
        prepare: &[],
        command: &["relocate", "a", "deep/er/z", "--yes"],
    },
    Kind {
        name: "relocate and fold",
        project: Assets,
        prepare: &[],
        command: &["relocate", "a", "A2", "--yes"],
    },
    Kind { name: "exclude", project: Assets, prepare: &[], command: &["exclude", "a"] },
    Kind { name: "include", project: Assets, prepare: &[&["exclude", "a"]], command: &["include", "a"] },
    Kind { name: "forget", project: Assets, prepare: &[], command: &["forget", "a", "--yes"] },
    Kind { name: "remove", project: Assets, prepare: &[], command: &["remove", "a", "--yes"] },
    Kind {
        name: "remove for good",
        project: Assets,
        prepare: &[],
        command: &["remove", "a", "--purge", "--yes"],
    },
    Kind { name: "quarantine", project: Assets, prepare: &[], command: &["quarantine", "a", "--yes"] },
    Kind {
        name: "quarantine what is not registered",
        project: Assets,
        prepare: &[],
        command: &["quarantine", "b", "--yes"],
    },
    Kind {
        name: "restore",
        project: Assets,
        prepare: &[&["quarantine", "a", "--yes"]],
        command: &["restore", "a", "--yes"],
    },
    Kind {
        name: "restore what is not registered",
        project: Unanchored,
        prepare: &[&["quarantine", "b", "--yes"]],
        command: &["restore", "b", "--yes"],
    },
    Kind {
        name: "adopt as new",
        project: Copied,
        prepare: &[],
        command: &["adopt", "copy", "--as-new", "--yes"],
    },
    Kind {
        name: "adopt as the asset",
        project: Moved,
        prepare: &[],
        command: &["adopt", "elsewhere", "--as", "1", "--yes"],
    },
    Kind { name: "reconcile", project: Moved, prepare: &[], command: &["reconcile", "--yes"] },
    Kind { name: "mend", project: Old, prepare: &[], command: &["doctor", "--fix"] },
    Kind {
        name: "undo a create",
        project: Assets,
        prepare: &[&["create", "ui/new", "--type", "blob_bank"]],
        command: UNDO,
    },
    Kind {
        name: "undo a register that anchored",
        project: Unanchored,
        prepare: &[&["register", "b"]],
        command: UNDO,
    },
    Kind {
        name: "undo a relocate",
        project: Assets,
        prepare: &[&["relocate", "a", "deep/er/z", "--yes"]],
        command: UNDO,
    },
    Kind { name: "undo an exclude", project: Assets, prepare: &[&["exclude", "a"]], command: UNDO },
    Kind { name: "undo a remove", project: Assets, prepare: &[&["remove", "a", "--yes"]], command: UNDO },
    Kind {
        name: "undo a remove for good",
        project: Assets,
        prepare: &[&["remove", "a", "--purge", "--yes"]],
        command: UNDO,
    },
    Kind {
        name: "undo a restore",
        project: Assets,
        prepare: &[&["quarantine", "a", "--yes"], &["restore", "a", "--yes"]],
        command: UNDO,
    },
    Kind {
        name: "undo an adopt",
        project: Copied,
        prepare: &[&["adopt", "copy", "--as-new", "--yes"]],
        command: UNDO,
    },
];

/// A mutation on a project, again and again: what is before it, and what it makes of that.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) kind: &'static Kind,
    pub(crate) checkout: Checkout,
    pub(crate) old: State,
    pub(crate) new: State,
    /// How long it takes when nobody kills it.
    pub(crate) took: Duration,
}

impl Scene {
    /// In a folder of its own below `parent`; the mutation was made once, uninjured.
    pub(crate) fn new(kind: &'static Kind, parent: &Path) -> Self {
        let checkout = match kind.project {
            Nothing => Checkout::empty(parent),
            _ => Checkout::new(parent, kind.project != Unanchored),
        };
        fs::create_dir_all(checkout.path("assets")).unwrap();
        match kind.project {
            Copied => copy(&checkout.path("assets/a"), &checkout.path("assets/copy")),
            Moved => fs::rename(checkout.path("assets/a"), checkout.path("assets/elsewhere")).unwrap(),
            Old => {
                let path = checkout.path("assets/a/asset.json");
                let text = fs::read_to_string(&path).unwrap().replace("\"NONE\"", "\"RAW\"");
                let lines = text.split_inclusive('\n').filter(|line| !line.contains("\"asset_uuid\""));
                fs::write(path, lines.collect::<String>()).unwrap();
            }
            Nothing | Assets | Unanchored => {}
        }
        copy(&checkout.path("assets"), &checkout.top.join("before"));
        for command in kind.prepare {
            checkout.ok(command);
        }
        let old = checkout.state();
        let took = checkout.ok(kind.command).took;
        let new = checkout.state();
        assert_ne!(old, new, "{}", kind.name);
        Self { kind, checkout, old, new, took }
    }

    /// Makes the project what it was before the mutation. What prepares it is done anew: a copy is not what
    /// the last change has left.
    pub(crate) fn reset(&self) {
        let assets = self.checkout.path("assets");
        fs::remove_dir_all(&assets).unwrap();
        copy(&self.checkout.top.join("before"), &assets);
        for command in self.kind.prepare {
            self.checkout.ok(command);
        }
    }

    /// The command that comes next and only reads. Where there is no registry yet, it is the same once
    /// more.
    pub(crate) fn reading(&self) -> &'static [&'static str] {
        if self.kind.project == Nothing { self.kind.command } else { &["list"] }
    }

    /// The same, of one that looks at everything.
    pub(crate) fn diagnosing(&self) -> &'static [&'static str] {
        if self.kind.project == Nothing { self.kind.command } else { &["doctor"] }
    }

    /// That a command which comes after one that died finds the project whole, and says what it
    /// recovered, and that the next change works: whether the project is as after the mutation.
    pub(crate) fn recovers(&self, next: &[&str], name: &str) -> Recovered {
        let checkout = &self.checkout;
        let pending = journal::is_pending(&checkout.project);
        let run = checkout.run(next);
        // Looking at everything, `doctor` may find something.
        let codes = if next == ["doctor"] { &[0, 1][..] } else { &[0] };
        assert!(run.status.code().is_some_and(|code| codes.contains(&code)), "{name}: {run:?}");
        let told = run.stderr.lines().filter(|line| line.starts_with("   Recovered ")).count();
        assert_eq!(told, usize::from(pending), "{name}: {run:?}");
        let state = checkout.state();
        let is_new = state == self.new;
        assert!(
            is_new || state == self.old,
            "{name}: neither the state before nor the one after: {state:#?}"
        );

        // Nobody left a lock behind, nor anything else.
        let after = checkout.ok(&["create", "zz/next", "--type", "blob_bank"]);
        checkout.has_no_leftovers(name);
        assert!(!journal::is_pending(&checkout.project), "{name}");
        Recovered { is_new, after }
    }
}

/// What a project was like after the one command had died and another had come.
#[derive(Debug)]
pub(crate) struct Recovered {
    /// As after the mutation, not as before.
    pub(crate) is_new: bool,
    /// The change that was made next.
    pub(crate) after: Run,
}
