//! Two commands on one project at one time: the second waits, says for whom, and gives up in the end.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use packer_tests::packing::Counted;
use packer_tests::{cargo, tally};
use prometeu_packer::mutate::{Mutation, SetIncluded};
use prometeu_packer::ops::{BlockerCode, Listing, PackContents, PackGoal, PackRequest, Status};
use prometeu_packer::{Host, Project};

use super::checkout::{Checkout, Run, in_memory, start};

/// Another process that has the project's lane, until it is killed.
struct Holder(Child);

impl Holder {
    fn new(checkout: &Checkout) -> Self {
        let mut hold = cargo::scrubbed(env!("CARGO_BIN_EXE_hold"));
        hold.arg(&checkout.project).arg("b").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = hold.spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "holding\n");
        Self(child)
    }

    /// Its name, as others are told.
    fn name(&self) -> String {
        format!("`hold, process {}`", self.0.id())
    }
}

impl Drop for Holder {
    /// Killed: also by a test that fails.
    fn drop(&mut self) {
        // It would only be gone already.
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

/// A project for somebody who waits only that long.
fn impatient(checkout: &Checkout) -> Project {
    let patience = Duration::from_millis(100);
    Project::open(Host { patience, ..Host::system(Arc::new(Counted)) }, &checkout.project).unwrap()
}

#[test]
fn whoever_waits_is_told_for_whom_and_goes_on_when_that_one_dies() {
    let checkout = Checkout::new(&in_memory(), true);
    let commands: [(&str, Command); 3] = [
        ("a change", checkout.command(&["exclude", "a"])),
        ("a pack", checkout.command(&["pack"])),
        ("a build", checkout.build(&checkout.top.join("out"))),
    ];
    let cases = commands.len();
    for (name, command) in commands {
        let holder = Holder::new(&checkout);
        let begun = Instant::now();
        let waiting = start(command);
        std::thread::sleep(Duration::from_secs(1));
        let told = format!(
            "    Blocking waiting for {}, which is changing this project (register_asset)\n",
            holder.name()
        );
        drop(holder);
        let killed = Instant::now();
        let run = Run::end(waiting, begun).code(0);
        println!("{name} went on {:?} after its holder was killed", killed.elapsed());
        assert!(run.took >= Duration::from_secs(1), "{name} did not wait: {run:?}");
        if name != "a build" {
            assert!(run.stderr.starts_with(&told), "{name}: {}", run.stderr);
        }
    }
    checkout.ok(&["register", "b"]).says("as asset 2");
    checkout.has_no_leftovers("after all");
    tally("durability, waiting for one that dies", cases, 0);
}

#[test]
fn whoever_waited_long_enough_is_refused_with_the_name_of_the_other() {
    let checkout = Checkout::new(&in_memory(), true);
    let holder = Holder::new(&checkout);
    let before = checkout.state();
    let exclude = Mutation::SetIncluded(SetIncluded { assets: vec!["a".to_owned()], included: false });
    let changed = impatient(&checkout).change(&exclude, false);
    let packed = impatient(&checkout).pack(&PackRequest {
        out_dir: checkout.top.join("out"),
        cache_dir: None,
        strict: false,
        contents: PackContents::PackSet,
        goal: PackGoal::Publish,
        listing: Listing::Whole,
    });
    let answers = [(changed.status, changed.blockers), (packed.status, packed.blockers)];
    for (status, blockers) in &answers {
        assert_eq!((*status, blockers[0].code), (Status::Blocked, BlockerCode::ProjectLocked));
        let named = format!("{} ", holder.name());
        assert!(blockers[0].message.starts_with(&named), "{blockers:?}");
        assert!(blockers[0].message.ends_with("changing this project (register_asset)"), "{blockers:?}");
        assert!(blockers[0].help.is_some() && blockers[0].path.is_some());
    }
    // Who only reads waits for nobody.
    checkout.ok(&["list"]).says("Listed 2 assets");
    checkout.ok(&["doctor"]).says("1 asset, nothing wrong");
    assert_eq!(checkout.state(), before);
    drop(holder);
    tally("durability, refused while another works", answers.len(), 0);
}
