//! Waits that end because somebody was asked to stop.

use std::time::Instant;

use super::*;
use crate::cancel::{Cancel, Token};
use crate::lock::LONGEST_PAUSE;

/// Begins to wait, for a minute, in a thread of its own; asks it to stop once it says that it waits;
/// and gives how long it went on from there.
fn stopped(wait: impl FnOnce(Wait<'_>) -> Result<(), Error> + Send) -> Duration {
    let cancel = Cancel::default();
    let token: Token = cancel.begin(claim().operation_id);
    let waits = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let mut tell = |_| waits.store(true, Ordering::SeqCst);
            let mut told_at_once = Wait::new(&At(NOW), LONG, &mut tell).of(&token);
            told_at_once.tell_after = NONE;
            let ended = wait(told_at_once);
            assert!(matches!(ended, Err(Error::Cancelled)), "{ended:?}");
        });
        while !waits.load(Ordering::SeqCst) {
            assert!(!waiting.is_finished(), "it did not wait");
            std::thread::yield_now();
        }
        let asked = Instant::now();
        cancel.all();
        waiting.join().unwrap();
        asked.elapsed()
    })
}

#[test]
fn whoever_waits_for_the_lane_stops_within_one_interval_when_asked_to() {
    // An interval is 50 ms; the rest is for a machine with much else to do.
    let soon = LONGEST_PAUSE + Duration::from_secs(5);
    let (files, layout) = used();
    let (lane, other) = (Lane::default(), Lane::default());
    let take = |lane: &Lane, wait: Wait<'_>| match lane.take(&files, &layout, &claim(), wait)? {
        Ok(_) => panic!("somebody has it"),
        Err(busy) => panic!("{busy:?}"),
    };
    let enter = |wait: Wait<'_>| visit(&files, &layout, wait).map(|visit| panic!("{visit:?}"));

    let turn = super::take(&lane, &files, &layout, NONE).unwrap();
    assert!(stopped(|wait| take(&lane, wait)) < soon, "in the line of its own process");
    assert!(stopped(|wait| take(&other, wait)) < soon, "at the gate of another one");
    assert!(stopped(enter) < soon, "as a build");
    drop(turn);
    let build = super::enter(&files, &layout, NONE);
    assert!(stopped(|wait| take(&lane, wait)) < soon, "at the lock that a build shares");
    drop(build);
    // Nobody who stopped is in the way.
    drop(super::take(&lane, &files, &layout, NONE).unwrap());
}

#[test]
fn whoever_waits_for_an_output_folder_stops_when_asked_to() {
    let files = MemoryStorage::default();
    let out = Path::new("/out");
    let output =
        |patience, token: &Token| crate::lock::output(&files, out, LockKind::Exclusive, patience, token);
    let held = output(NONE, &Token::default()).unwrap();
    let cancel = Cancel::default();
    let token = cancel.begin(claim().operation_id);
    cancel.all();
    assert!(matches!(output(LONG, &token), Err(Error::Cancelled)));
    drop(held);
    assert!(output(NONE, &token).is_ok(), "there is nothing to wait for");
}
