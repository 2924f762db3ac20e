//! Cuts the power under the command that people run, on ext4 and on XFS: `power_cuts [COUNT]`.
//!
//! `COUNT` mutations meet with a cut, 400 unless it says otherwise, half of them on each file system.
//! `PROMETEU_TEST_SEED` asks for another seed. Two more ways show that it would find something:
//!
//! - `power_cuts --without-syncs [COUNT]` swallows all syncs of the mutations;
//! - `power_cuts --without-one-sync [COUNT]` swallows each in turn, `COUNT` / 2 times on each file system.
//!
//! Ends with 0 when nothing is wrong, with 1 when something is (there: when nothing was found out), and
//! with 77 when this machine does not allow it, which is said loudly. It has to be root; everything that it
//! makes goes when it goes, whatever ends it.

#[cfg(not(target_os = "linux"))]
fn main() -> std::process::ExitCode {
    packer_tests::skip("power cuts", "only Linux can cut the power of a file system");
    std::process::ExitCode::from(77)
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;
    use std::io::Write as _;
    use std::os::unix::process::CommandExt as _;
    use std::path::PathBuf;
    use std::process::{Command, ExitCode};

    use packer_tests::power::{
        Figures, FileSystem, NAMESPACE, Plan, Seen, Syncs, namespace, run, scratch, without_one_sync,
    };
    use packer_tests::{cargo, skip};

    const USAGE: &str = "power_cuts [--without-syncs | --without-one-sync] [COUNT]";

    /// The word by which it knows itself again, in a namespace of its own.
    const INSIDE: &str = "--inside";

    /// What says, as automake's tests do, that nothing could be tried.
    const SKIPPED: u8 = 77;

    const SEED: u64 = 20_260_101;

    /// What is tried.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Mode {
        Whole,
        WithoutSyncs,
        WithoutOneSync,
    }

    pub(super) fn main() -> ExitCode {
        let mut arguments: Vec<String> = std::env::args().skip(1).collect();
        let inside = arguments.first().is_some_and(|first| first == INSIDE);
        let program = inside.then(|| PathBuf::from(arguments.drain(..2).nth(1).unwrap_or_default()));
        let mode = match arguments.first().map(String::as_str) {
            Some("--without-syncs") => Mode::WithoutSyncs,
            Some("--without-one-sync") => Mode::WithoutOneSync,
            _ => Mode::Whole,
        };
        if mode != Mode::Whole {
            arguments.remove(0);
        }
        let cases = match &arguments[..] {
            [] => Some(400),
            [count] => count.parse().ok().filter(|count| *count >= 2),
            _ => None,
        };
        let Some(cases) = cases else {
            say(USAGE);
            return ExitCode::from(2);
        };
        let Some(program) = program else { return go_inside() };
        let syncs = match mode {
            Mode::Whole => Syncs::Kept,
            Mode::WithoutSyncs => Syncs::Swallowed,
            // None yet.
            Mode::WithoutOneSync => Syncs::AllBut(usize::from(u16::MAX)),
        };
        cut(mode, &Plan { program, cases: cases / 2, seed: seed(), syncs })
    }

    /// Becomes the same program in a mount namespace of its own. Comes back only when that cannot be.
    fn go_inside() -> ExitCode {
        if std::env::var_os("CARGO_MANIFEST_DIR").is_none() {
            say("run it by `.ci/power-cuts` or `cargo run`: it builds the command that it tries");
            return ExitCode::from(2);
        }
        let mut why = namespace().err();
        if why.is_none() {
            let myself = std::env::current_exe().expect("the system knows what it runs");
            let mut again = Command::new(NAMESPACE[0]);
            again.args(&NAMESPACE[1..]).arg(myself).arg(INSIDE).arg(cargo::subcommand());
            why = Some(again.args(std::env::args().skip(1)).exec().to_string());
        }
        skipped(&why.unwrap_or_default())
    }

    fn skipped(why: &str) -> ExitCode {
        skip("power cuts", why);
        ExitCode::from(SKIPPED)
    }

    fn seed() -> u64 {
        let text = std::env::var("PROMETEU_TEST_SEED").ok();
        text.map_or(SEED, |text| text.parse().expect("PROMETEU_TEST_SEED is a number"))
    }

    fn cut(mode: Mode, plan: &Plan) -> ExitCode {
        let scratch = match scratch(&plan.program) {
            Ok(scratch) => scratch,
            Err(why) => return skipped(&why),
        };
        let outcomes = FileSystem::ALL.map(|file_system| {
            let name = format!("power cuts on {}", file_system.title());
            let outcome = match mode {
                Mode::Whole | Mode::WithoutSyncs => {
                    run(file_system, plan, scratch).map(|figures| tell(&name, &figures, plan))
                }
                Mode::WithoutOneSync => {
                    without_one_sync(file_system, plan, scratch).map(|seen| tell_of_one(&name, &seen, plan))
                }
            };
            outcome.map_err(|why| skip(&name, &why)).ok()
        });
        match outcomes {
            [None, None] => ExitCode::from(SKIPPED),
            some if some.contains(&Some(false)) => ExitCode::FAILURE,
            _ => ExitCode::SUCCESS,
        }
    }

    /// Says what it came to, and yields whether that is as it should be.
    fn tell(name: &str, figures: &Figures, plan: &Plan) -> bool {
        let [cases, failed, seed] = [figures.cases as u64, figures.failed.len() as u64, plan.seed];
        if plan.syncs != Syncs::Kept {
            say(&format!("{name}, without syncs: {failed} of {cases} cases found out, seed {seed}"));
            return failed > 0;
        }
        for why in figures.failed.iter().take(8) {
            say(&format!("{name}: {why}\n"));
        }
        say(&format!("{name}: {cases} cases, {failed} failed, seed {seed}"));
        say(&format!(
            "    {} cuts; acknowledged {}, decided and not done {}; cut again in recovery {}, and still not \
             done {}; in the end as before {}, as after {}",
            figures.cuts,
            figures.acknowledged,
            figures.pending,
            figures.nested,
            figures.pending_again,
            figures.old,
            figures.new
        ));
        failed == 0
    }

    /// The same of syncs that were swallowed one at a time.
    fn tell_of_one(name: &str, seen: &BTreeMap<&str, Seen>, plan: &Plan) -> bool {
        say(&format!("{name}, without one sync, seed {}:", plan.seed));
        for (purpose, Seen { syncs, missed, cases, failed }) in seen {
            say(&format!("    {purpose}: {missed} of {syncs} found out, {failed} of {cases} cases"));
        }
        seen.values().any(|seen| seen.missed > 0)
    }

    /// Says a line.
    fn say(line: &str) {
        // Nobody can be told when standard error is gone.
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}
