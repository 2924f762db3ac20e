//! A writer that never comes to its end, for tests of those who wait for it.
//!
//! `hold PROJECT ROOT` begins to register `ROOT`, says `holding` on a line once the lane is its own, and
//! stays until it is killed.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use packer_tests::packing::Counted;
use prometeu_packer::event::{Event, EventKind, EventSink};
use prometeu_packer::mutate::{Mutation, RegisterAsset};
use prometeu_packer::path::AssetPath;
use prometeu_packer::{Host, Project};

/// Stops for good at the plan, which is made once the lock is held.
#[derive(Debug)]
struct Stop;

impl EventSink for Stop {
    fn take(&self, event: &Event) {
        if matches!(event.kind, EventKind::PreviewReady { .. }) {
            let mut out = std::io::stdout();
            // Nobody can be told when nobody listens.
            let _ = writeln!(out, "holding").and_then(|()| out.flush());
            loop {
                std::thread::park();
            }
        }
    }

    /// It waits on purpose: whoever tells is to stay where it is.
    fn is_immediate(&self) -> bool {
        true
    }
}

#[expect(clippy::print_stderr, reason = "it is a program, and this is what it has to say")]
fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(root)) = (arguments.next(), arguments.next()) else {
        eprintln!("hold PROJECT ROOT");
        return ExitCode::from(2);
    };
    let process = format!("hold, process {}", std::process::id());
    let host = Host { events: Arc::new(Stop), process, ..Host::system(Arc::new(Counted)) };
    let root = AssetPath::parse(&root).expect("tests name roots that can be");
    let register = Mutation::RegisterAsset(RegisterAsset { root, included: true });
    let project = Project::open(host, &PathBuf::from(folder)).expect("tests name folders that are there");
    // It comes back only when it was refused before it had a plan.
    eprintln!("{:?}", project.change(&register, false).blockers);
    ExitCode::FAILURE
}
