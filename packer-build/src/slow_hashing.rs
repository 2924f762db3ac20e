//! Says so when a build lost time because cargo compiled the hashing unoptimised, which it does with all
//! build scripts unless a manifest says otherwise.
//!
//! A script cannot ask how it was compiled: what cargo tells it is the level of the game. So the speed is
//! measured, on a small buffer, and only after so much was hashed that it could have mattered. Nothing
//! that leaves depends on it.
//!
//! Where it stops: a processor so slow that it hashes as slowly when optimised is told the same, and
//! `doctor` then finds nothing to mend.

use std::time::{Duration, Instant};

use prometeu_packer::Digest;

/// Bytes below which nobody can have lost much: half a second at the slowest that was seen.
const WORTH_MEASURING: u64 = 16 << 20;

/// Bytes of the buffer. Some ten milliseconds unoptimised, and a fifth of one optimised.
const SAMPLE: usize = 256 << 10;

/// What a build may lose without a word.
const TOLERATED: Duration = Duration::from_secs(1);

/// Bytes a second below which hashing is called slow. Measured on a processor with instructions for it:
/// 24 to 37 MB/s unoptimised, 1,800 MB/s optimised; without such instructions some hundred MB/s.
const SLOW: f64 = 100e6;

/// The line to warn with, when `bytes_hashed` cost this build more than a second too much.
pub(crate) fn warning(bytes_hashed: u64) -> Option<String> {
    if bytes_hashed <= WORTH_MEASURING {
        return None;
    }
    words(bytes_hashed, SAMPLE, fastest_of(2, || Digest::of(&vec![0x5a; SAMPLE])))
}

/// How long the fastest of some attempts takes: the others were disturbed.
fn fastest_of<T>(attempts: u32, mut attempt: impl FnMut() -> T) -> Duration {
    let timed = |_| {
        let begun = Instant::now();
        // So that it is not left out for want of anybody who looks.
        std::hint::black_box(attempt());
        begun.elapsed()
    };
    (0..attempts).map(timed).min().unwrap_or_default()
}

/// The words, when hashing `sample` bytes took so long.
fn words(bytes_hashed: u64, sample: usize, took: Duration) -> Option<String> {
    #[expect(clippy::cast_precision_loss, reason = "a duration for people, of two digits")]
    let (bytes, speed) = (bytes_hashed as f64, sample as f64 / took.as_secs_f64());
    // Against the slowest that is not slow: it was at least so much.
    let lost = bytes / speed - bytes / SLOW;
    // A clock that stood still says nothing; neither comparison holds for what is no number.
    if speed < SLOW && lost > TOLERATED.as_secs_f64() {
        let (spent, megabytes, speed) = (bytes / speed, bytes / 1e6, speed / 1e6);
        return Some(format!(
            "{spent:.1} s of this build went into hashing {megabytes:.0} MB at {speed:.0} MB/s, since cargo compiles \
             build scripts unoptimised; `cargo prometeu doctor --fix` adds the lines to `Cargo.toml` that cure it"
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of so many megabytes, when a mebibyte takes so many microseconds.
    fn said(megabytes: u64, micros: u64) -> Option<String> {
        words(megabytes * 1_000_000, 1_000_000, Duration::from_micros(micros))
    }

    #[test]
    fn a_build_that_lost_more_than_a_second_is_told_how_much_and_what_cures_it() {
        assert_eq!(
            said(300, 33_333).as_deref(),
            Some(
                "10.0 s of this build went into hashing 300 MB at 30 MB/s, since cargo compiles build scripts \
                 unoptimised; `cargo prometeu doctor --fix` adds the lines to `Cargo.toml` that cure it"
            )
        );
    }

    #[test]
    fn a_build_that_lost_less_is_told_nothing() {
        // At 30 MB/s 42 MB cost 1.4 s, of which one second is too much.
        assert_eq!(said(42, 33_333), None);
        assert!(said(44, 33_333).is_some());
        // Little of it, or at a speed that no line improves much.
        assert_eq!(said(1, 900_000), None);
        assert_eq!(said(100_000, 9_999), None);
        assert_eq!(said(100_000, 555), None);
    }

    #[test]
    fn a_clock_that_stands_still_or_says_nonsense_warns_of_nothing() {
        assert_eq!(said(u64::MAX / 1_000_000, 0), None);
        assert_eq!(said(0, 0), None);
        assert_eq!(words(1 << 40, 0, Duration::ZERO), None);
    }

    #[test]
    fn little_is_not_even_measured_and_the_fastest_attempt_counts() {
        assert_eq!(warning(0), None);
        assert_eq!(warning(WORTH_MEASURING), None);
        let mut attempts = 0;
        let took = fastest_of(3, || {
            attempts += 1;
            std::thread::sleep(Duration::from_millis(if attempts == 2 { 1 } else { 30 }));
        });
        assert!(attempts == 3 && took < Duration::from_millis(30), "{took:?}");
    }

    #[test]
    fn what_is_said_follows_from_how_these_tests_were_compiled() {
        // 100 GB would take minutes at least; said or not, it is said the same way twice.
        let speed = SAMPLE as f64 / fastest_of(5, || Digest::of(&vec![0x5a; SAMPLE])).as_secs_f64();
        if speed < SLOW / 2.0 {
            assert!(warning(100_000_000_000).is_some_and(|words| words.contains("100000 MB")), "{speed}");
        } else if speed > SLOW * 2.0 {
            assert_eq!(warning(100_000_000_000), None, "{speed}");
        }
    }
}
