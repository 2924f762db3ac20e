//! The queue and its thread.

use std::sync::{OnceLock, Weak};
use std::thread::{self, ThreadId};
use std::time::Instant;

use super::*;
use crate::event::delivery::FAREWELL;
use crate::event::{Channel, NoEvents};
use crate::mutate::{CreateAsset, Mutation};
use crate::ops::Status;
use crate::path::AssetPath;
use crate::testing::{Fixture, request};

/// Panics at every second event, and keeps the others with the thread that brought them.
#[derive(Debug)]
struct Fragile {
    is_immediate: bool,
    kept: Mutex<Vec<(Event, ThreadId)>>,
}

impl EventSink for Fragile {
    fn take(&self, event: &Event) {
        assert!(event.sequence % 2 == 1, "a sink panics, as a test wants it to");
        self.kept.lock().unwrap().push((event.clone(), thread::current().id()));
    }

    fn is_immediate(&self) -> bool {
        self.is_immediate
    }
}

#[test]
fn who_tells_a_sink_that_waits_goes_on_and_only_progress_is_merged() {
    let sink = Arc::new(Gated::default());
    let delivery = Delivery::new(Arc::clone(&sink) as Arc<dyn EventSink>);
    let told = Told::new(1);
    told.step(&delivery, 0);
    sink.wait_for_one();
    for n in 1..=10_000 {
        told.progress(&delivery, n);
        if n % 100 == 0 {
            told.step(&delivery, n);
        }
    }
    assert_eq!(delivery.waiting(), 100 + 1, "the lifecycle events and the newest progress");
    assert!(!delivery.settle(Duration::ZERO), "the gate is closed");
    sink.open();
    assert!(delivery.settle(LONG));
    let through = sink.through();
    check_numbers(&through);
    assert_eq!(summaries(&through, true), (0..=100).map(|n| n * 100).collect::<Vec<_>>());
    assert_eq!(summaries(&through, false), [10_000], "the last progress comes");
}

#[test]
fn progress_never_comes_before_what_was_told_earlier() {
    let sink = Arc::new(Gated::default());
    let delivery = Delivery::new(Arc::clone(&sink) as Arc<dyn EventSink>);
    let (one, other) = (Told::new(1), Told::new(2));
    one.step(&delivery, 0);
    sink.wait_for_one();
    one.progress(&delivery, 1);
    other.progress(&delivery, 7);
    one.step(&delivery, 2);
    one.progress(&delivery, 3);
    other.step(&delivery, 8);
    sink.open();
    assert!(delivery.settle(LONG));
    let through = sink.through();
    let of = |told: &Told| {
        let of_it = through.iter().filter(|event| event.operation_id == told.id);
        of_it.map(|event| (event.sequence, event.summary.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(of(&one), [(1, "0"), (2, "2"), (3, "3")]);
    assert_eq!(of(&other), [(1, "7"), (2, "8")], "another operation's progress makes nothing old");
}

#[test]
fn every_event_that_a_quick_sink_is_told_comes() {
    let (sink, events) = Channel::bounded(1);
    let delivery = Delivery::new(Arc::new(sink));
    let told = Told::new(1);
    for n in 0..100 {
        told.progress(&delivery, n);
        assert_eq!(events.recv_timeout(LONG).unwrap().summary, n.to_string());
    }
}

#[test]
fn two_who_tell_of_one_operation_do_not_overtake_each_other() {
    const EACH: u64 = 2_000;
    let (channel, events) = Channel::unbounded();
    let gated = Arc::new(Gated::default());
    gated.open();
    for sink in [Arc::new(channel) as Arc<dyn EventSink>, Arc::clone(&gated) as Arc<dyn EventSink>] {
        let delivery = Delivery::new(sink);
        let told = Told::new(1);
        thread::scope(|scope| {
            for start in [0, EACH] {
                let (told, delivery) = (&told, &delivery);
                scope.spawn(move || (start..start + EACH).for_each(|n| told.step(delivery, n)));
            }
        });
        assert!(delivery.settle(LONG));
    }
    for seen in [events.try_iter().collect(), gated.through()] {
        check_numbers(&seen);
        let (first, second): (Vec<u64>, Vec<u64>) =
            summaries(&seen, true).into_iter().partition(|n| *n < EACH);
        assert_eq!(first, (0..EACH).collect::<Vec<_>>());
        assert_eq!(second, (EACH..2 * EACH).collect::<Vec<_>>());
    }
}

#[test]
fn a_sink_that_panics_loses_that_event_and_no_other() {
    for is_immediate in [true, false] {
        let sink = Arc::new(Fragile { is_immediate, kept: Mutex::default() });
        let delivery = Delivery::new(Arc::clone(&sink) as Arc<dyn EventSink>);
        let told = Told::new(1);
        (1..=7).for_each(|n| told.step(&delivery, n));
        assert!(delivery.settle(LONG), "what was lost is not waited for");
        let kept = sink.kept.lock().unwrap();
        let numbers: Vec<u64> = kept.iter().map(|(event, _)| event.sequence).collect();
        assert_eq!(numbers, [1, 3, 5, 7]);
        let here = thread::current().id();
        assert!(kept.iter().all(|(_, thread)| (*thread == here) == is_immediate));
    }
}

#[test]
fn nobody_who_does_not_listen_costs_a_thread() {
    let delivery = Delivery::new(Arc::new(NoEvents));
    Told::new(1).step(&delivery, 1);
    assert!(!delivery.has_thread());
    assert!(delivery.settle(Duration::ZERO));
    let delivery = Delivery::new(Arc::new(Gated::default()));
    assert!(!delivery.has_thread(), "nothing was told yet");
    assert!(delivery.settle(Duration::ZERO));
}

/// Asks, while it has an event, whether all events were taken.
#[derive(Debug, Default)]
struct Impatient {
    delivery: OnceLock<Weak<Delivery>>,
    answers: Mutex<Vec<bool>>,
}

impl EventSink for Impatient {
    fn take(&self, _event: &Event) {
        let delivery = self.delivery.get().and_then(Weak::upgrade);
        let answer = delivery.is_some_and(|delivery| delivery.settle(LONG));
        self.answers.lock().unwrap().push(answer);
    }
}

#[test]
fn a_sink_does_not_wait_for_itself() {
    let sink = Arc::new(Impatient::default());
    let delivery = Arc::new(Delivery::new(Arc::clone(&sink) as Arc<dyn EventSink>));
    sink.delivery.set(Arc::downgrade(&delivery)).unwrap();
    let before = Instant::now();
    Told::new(1).step(&delivery, 1);
    assert!(delivery.settle(LONG));
    assert!(before.elapsed() < LONG);
    assert_eq!(*sink.answers.lock().unwrap(), [false]);
}

/// Changes a project and packs it before a sink like that, and drops the project.
fn use_project(fixture: &Fixture, sink: Arc<dyn EventSink>) {
    let mut host = fixture.host_on(Arc::new(fixture.files.clone()), Duration::ZERO);
    host.events = sink;
    let project = crate::Project::open(host, std::path::Path::new("/game")).unwrap();
    let root = AssetPath::parse("b").unwrap();
    let create =
        Mutation::CreateAsset(CreateAsset { root, family: "blob_bank".into(), name: None, from: None });
    let plan = project.preview(&create, None).payload.unwrap().plan;
    assert_eq!(project.apply(&plan, false).status, Status::Ok);
    assert_eq!(project.pack(&request()).status, Status::Ok);
    assert_eq!(fixture.diagnostics(), []);
}

/// What such a project tells, whatever is merged.
fn check_story(seen: &[Event]) {
    let kinds: Vec<&str> =
        seen.iter().filter(|event| event.kind.is_lifecycle()).map(|event| event.kind.name()).collect();
    let change = ["preview_ready", "snapshot_state_changed", "action_applied"];
    let pack = ["build_started", "cache_miss", "cache_miss", "diagnostics_updated", "build_finished"];
    assert_eq!(kinds, [&change[..], &pack[..]].concat());
    let of_change = seen.partition_point(|event| event.operation_id == seen[0].operation_id);
    check_numbers(&seen[..of_change]);
    check_numbers(&seen[of_change..]);
}

#[test]
fn a_sink_that_hangs_holds_up_no_operation_and_the_end_of_the_project_for_a_moment_only() {
    let sink = Arc::new(Gated::default());
    let fixture = Fixture::blobs(&["a"]);
    let before = Instant::now();
    use_project(&fixture, Arc::clone(&sink) as Arc<dyn EventSink>);
    assert!(before.elapsed() >= FAREWELL, "it is given a chance");
    assert!(before.elapsed() < LONG);
    assert_eq!(sink.through(), []);
    // It comes back after all, and nothing is lost to it.
    sink.open();
    let begun = Instant::now();
    while sink.through().last().is_none_or(|event| event.kind.name() != "build_finished") {
        assert!(begun.elapsed() < LONG);
        thread::sleep(Duration::from_millis(1));
    }
    check_story(&sink.through());
}

#[test]
fn a_project_that_is_dropped_has_told_a_sink_everything_that_goes_on() {
    let sink = Arc::new(Gated::default());
    sink.open();
    use_project(&Fixture::blobs(&["a"]), Arc::clone(&sink) as Arc<dyn EventSink>);
    check_story(&sink.through());
}

#[test]
fn a_sink_that_is_full_is_told_everything_once_there_is_room() {
    let (sink, events) = Channel::bounded(0);
    let fixture = Fixture::blobs(&["a"]);
    let seen = thread::scope(|scope| {
        let reader = scope.spawn(move || events.iter().collect::<Vec<_>>());
        use_project(&fixture, Arc::new(sink));
        reader.join().unwrap()
    });
    check_story(&seen);
}

#[test]
fn no_operation_notices_a_sink_that_panics() {
    for is_immediate in [true, false] {
        let sink = Arc::new(Fragile { is_immediate, kept: Mutex::default() });
        use_project(&Fixture::blobs(&["a"]), Arc::clone(&sink) as Arc<dyn EventSink>);
        let kept = sink.kept.lock().unwrap();
        let (last, _) = kept.last().unwrap();
        assert_eq!(last.sequence % 2, 1);
        assert!(kept.len() >= 4, "{}", kept.len());
    }
}
