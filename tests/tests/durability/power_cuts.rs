//! A small sample of power cuts, so that every test run has some: `.ci/power-cuts` makes them by the
//! hundreds. What is done and looked at stands in `packer_tests::power`.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// On both file systems together: every mutation of the table at least once.
const CUTS: &str = "24";

/// It takes some seconds.
const HUNG: Duration = Duration::from_secs(180);

/// What the program says when this machine does not allow it; it has told why.
const SKIPPED: i32 = 77;

#[test]
fn a_power_cut_leaves_the_project_before_a_change_or_after_it_on_the_file_systems_of_this_kernel() {
    let mut cuts = Command::new(env!("CARGO_BIN_EXE_power_cuts"));
    // What it says is heard, as what other suites come to.
    cuts.arg(CUTS).stdin(Stdio::null()).stdout(Stdio::null());
    let mut cuts = cuts.spawn().unwrap();
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = cuts.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > HUNG {
            // Its mounts go with it.
            cuts.kill().unwrap();
            panic!("it hangs: {:?}", cuts.wait());
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(matches!(status.code(), Some(0 | SKIPPED)), "{status}: it said why on standard error");
}
