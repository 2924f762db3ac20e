//! Cuts the power under the command that people run, on ext4 and on XFS: `power_cuts [COUNT]`.
//!
//! `COUNT` mutations meet with a cut, 400 unless it says otherwise, half of them on each file system.
//! `PROMETEU_TEST_SEED` asks for another seed. `power_cuts --without-syncs [COUNT]` swallows the
//! program's syncs, and shows that this is found out.
//!
//! Ends with 0 when nothing is wrong, with 1 when something is, and with 77 when this machine does not
//! allow it, which is said loudly. It has to be root; everything that it makes goes when it goes, whatever
//! ends it.

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
    use std::io::Write as _;
    use std::os::unix::process::CommandExt as _;
    use std::path::PathBuf;
    use std::process::{Command, ExitCode};

    use packer_tests::power::{FileSystem, NAMESPACE, Plan, namespace, run, scratch};
    use packer_tests::{cargo, skip};

    const USAGE: &str = "power_cuts [--without-syncs] [COUNT]";

    /// The word by which it knows itself again, in a namespace of its own.
    const INSIDE: &str = "--inside";

    /// What says, as automake's tests do, that nothing could be tried.
    const SKIPPED: u8 = 77;

    const SEED: u64 = 20_260_101;

    pub(super) fn main() -> ExitCode {
        let mut arguments: Vec<String> = std::env::args().skip(1).collect();
        let inside = arguments.first().is_some_and(|first| first == INSIDE);
        let program = inside.then(|| PathBuf::from(arguments.drain(..2).nth(1).unwrap_or_default()));
        let without_syncs = arguments.first().is_some_and(|first| first == "--without-syncs");
        if without_syncs {
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
        match program {
            None => go_inside(),
            Some(program) => cut(&Plan { program, cases: cases / 2, seed: seed(), without_syncs }),
        }
    }

    /// Becomes the same program in a mount namespace of its own. Comes back only when that cannot be.
    fn go_inside() -> ExitCode {
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

    fn cut(plan: &Plan) -> ExitCode {
        let scratch = match scratch(&plan.program) {
            Ok(scratch) => scratch,
            Err(why) => return skipped(&why),
        };
        let [mut tried, mut wrong] = [false; 2];
        for file_system in FileSystem::ALL {
            let name = format!("power cuts on {}", file_system.title());
            let figures = match run(file_system, plan, scratch) {
                Ok(figures) => figures,
                Err(why) => {
                    skip(&name, &why);
                    continue;
                }
            };
            tried = true;
            let [cases, failed, seed] = [figures.cases as u64, figures.failed.len() as u64, plan.seed];
            if plan.without_syncs {
                say(&format!("{name}, without syncs: {failed} of {cases} cases found out, seed {seed}"));
                wrong |= failed == 0;
                continue;
            }
            for why in figures.failed.iter().take(8) {
                say(&format!("{name}: {why}\n"));
            }
            say(&format!("{name}: {cases} cases, {failed} failed, seed {seed}"));
            say(&format!(
                "    {} cuts; acknowledged {}, decided and not done {}; cut again in recovery {}, and still \
                 not done {}; in the end as before {}, as after {}",
                figures.cuts,
                figures.acknowledged,
                figures.pending,
                figures.nested,
                figures.pending_again,
                figures.old,
                figures.new
            ));
            wrong |= failed > 0;
        }
        match (tried, wrong) {
            (false, _) => ExitCode::from(SKIPPED),
            (true, false) => ExitCode::SUCCESS,
            (true, true) => ExitCode::FAILURE,
        }
    }

    /// Says a line.
    fn say(line: &str) {
        // Nobody can be told when standard error is gone.
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}
