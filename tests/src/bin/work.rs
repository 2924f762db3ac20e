//! A process that changes a project, or reads it, without end: for tests that kill it.
//!
//! `work write PROJECT WRITERS PROCESS WRITER` makes one change after the other to the assets of that
//! writer ([`packer_tests::load`]) and says each on two lines: `try STEP` before it, and when it was
//! acknowledged `done STEP` with the id that was given out, if any. A second thread reads what the same
//! project serves meanwhile, from memory.
//!
//! `work read PROJECT WRITERS PROCESS` reads the project from disk, again and again.
//!
//! Both say `read DISK SERVED` now and then: how many snapshots they have seen since they said so last,
//! read from disk and served from memory. Whatever is not as it should be is said on a line that begins
//! with `wrong`, and ends the process. `PROCESS` is a number that no other process of one project has.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use packer_tests::load::{Step, View, host, put};
use prometeu_packer::Project;
use prometeu_packer::id::AssetId;
use prometeu_packer::mutate::Mutation;
use prometeu_packer::ops::Status;
use prometeu_packer::snapshot::Snapshot;

/// How many snapshots are read from disk between two lines about it.
const BATCH: u64 = 20;

/// How many are served between two pauses, and the pause: whoever reads all the time leaves nobody else a
/// processor.
const SERVED: (u64, Duration) = (100, Duration::from_millis(40));

/// Says one line, at once. Who is not listened to any more ends.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |n: usize| arguments.get(n).and_then(|text| text.parse::<usize>().ok());
    let (Some(mode), Some(folder), Some(writers), Some(process)) =
        (arguments.first(), arguments.get(1), number(2), number(3))
    else {
        wrong("work write|read PROJECT WRITERS PROCESS [WRITER]");
        return ExitCode::from(2);
    };
    let folder = PathBuf::from(folder);
    let process = u32::try_from(process).expect("a test starts fewer");
    let result = match (&**mode, number(4)) {
        ("write", Some(writer)) => write(&folder, writers, process, writer),
        _ => read(&folder, writers, process),
    };
    if let Err(why) = result {
        wrong(&why);
    }
    ExitCode::FAILURE
}

/// Changes the project. Never comes to a good end.
fn write(folder: &Path, writers: usize, process: u32, writer: usize) -> Result<(), String> {
    let project = Project::open(host(process), folder).map_err(words)?;
    // Its predecessor may have died in a change. Whoever gets a turn settles that first, and this, which
    // has nothing to do, waits for one.
    let settled = project.change(&Mutation::InitWorkspace, false);
    if settled.status != Status::Ok {
        return Err(format!("{settled:?}"));
    }
    let mut lot = View::read(&project, writers)?.lots.swap_remove(writer);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            if let Err(why) = served(&project, writers) {
                wrong(&why);
                std::process::exit(1);
            }
        });
        for turn in u64::from(process).. {
            let step = lot.next(turn);
            if let Step::Make(number) = step {
                put(folder, writer, number).map_err(words)?;
            }
            say(&format!("try {step}"));
            let response = project.change(&step.mutation(writer, &lot), true);
            if response.status != Status::Ok {
                return Err(format!("{step}: {response:?}"));
            }
            let id = response.affected_assets.first().and_then(|asset| asset.asset_id);
            let id = id.filter(|_| matches!(step, Step::Make(_))).map(AssetId::get);
            say(&format!("done {step}{}", id.map(|id| format!(" as {id}")).unwrap_or_default()));
            lot = lot.after(step, id);
        }
        Ok(())
    })
}

/// Looks at what is served while the other thread changes the project. Never comes to a good end.
fn served(project: &Project, writers: usize) -> Result<(), String> {
    let mut last: Option<(Arc<Snapshot>, View)> = None;
    loop {
        for _ in 0..SERVED.0 {
            let snapshot = project.snapshot().map_err(words)?;
            last = match last {
                Some((same, view)) if Arc::ptr_eq(&same, &snapshot) => Some((same, view)),
                last => {
                    let view = View::of(&snapshot, writers)?;
                    if let Some((older, last)) = &last {
                        view.follows(last)?;
                        if snapshot.generation <= older.generation {
                            return Err(format!("{:?} after {:?}", snapshot.generation, older.generation));
                        }
                    }
                    Some((snapshot, view))
                }
            };
        }
        say(&format!("read 0 {}", SERVED.0));
        std::thread::sleep(SERVED.1);
    }
}

/// Reads the project from disk. Never comes to a good end.
fn read(folder: &Path, writers: usize, process: u32) -> Result<(), String> {
    let project = Project::open_for_build(host(process), folder).map_err(words)?;
    let mut last: Option<View> = None;
    loop {
        for _ in 0..BATCH {
            let view = View::read(&project, writers)?;
            if let Some(last) = &last {
                view.follows(last)?;
            }
            last = Some(view);
        }
        say(&format!("read {BATCH} 0"));
    }
}

fn words(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}

fn wrong(why: &str) {
    say(&format!("wrong: {}", why.replace('\n', " ")));
}
