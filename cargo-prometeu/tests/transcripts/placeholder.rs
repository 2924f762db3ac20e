//! What differs from run to run, and what stands for it in a file.
//!
//! | stands there | for |
//! | --- | --- |
//! | `[GAME]` | the folder in which the session is played |
//! | `[UUID 1]`, … | a uuid, the same one under the same number in the whole session |
//! | `[PLAN 1]`, … | the id of a plan |
//! | `[DIGEST 1]`, … | of a file in which a new uuid stands |
//! | `[TIME]` | how long something took, or when it was |
//! | `[SIZE]` | how large the record of a pack is, which holds times and where this machine has the game; how large a report is, which grows with each touch of its style |
//! | `[WORK]` | how much a pack read and wrote: a file that was changed a moment ago is read once more |
//!
//! Nothing else is replaced: other sizes, counts and the digests of payloads are those of the fixture. Of the steps
//! of one operation a program gets as many as it reads in time, so the last is shown and the others are not,
//! and the events are counted as if those had never been.
//! A line that is typed may name what was printed before: `--plan [PLAN 1]`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What is replaced: a word before, which stays, and the kind of what is numbered.
static NUMBERED: LazyLock<[(Regex, &str); 3]> = LazyLock::new(|| {
    const UUID: &str = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
    [
        (Regex::new(&format!(r#"()([0-9a-f]{{64}}\.{UUID})"#)).unwrap(), "PLAN"),
        (Regex::new(&format!("()({UUID})")).unwrap(), "UUID"),
        (Regex::new(r#"("expected":"sha256:)([0-9a-f]{64})"#).unwrap(), "DIGEST"),
    ]
});

/// A time, behind the words that it is known by.
static TIMES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"("(?:timestamp|last_modified|duration_ms|since)":)\d+"#,
        r"|( in )\d+\.\d\ds",
        r"|( for )\d+ s\b",
    ))
    .unwrap()
});

/// How far an operation is.
static PROGRESS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#""progress":\{"done":(\d+),"total":(\d+),"#).unwrap());

/// The operation of an event, and which one it is of that.
static SEQUENCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"("operation_id":"([^"]*)","sequence":)\d+"#).unwrap());

/// What a program got, without all steps but the last.
pub(crate) fn without_steps(printed: &str) -> String {
    let is_step = |line: &&str| PROGRESS.captures(line).is_some_and(|found| found[1] != found[2]);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let count = |found: &Captures<'_>| {
        let count = counts.entry(found[2].to_owned()).or_default();
        *count += 1;
        format!("{}{count}", &found[1])
    };
    let lines: String = printed.split_inclusive('\n').filter(|line| !is_step(line)).collect();
    SEQUENCE.replace_all(&lines, count).into_owned()
}

/// What a pack cost.
static WORK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""work":\{[^}]*\}"#).unwrap());

/// What the cache holds: a record names folders of this machine, and is as long as those are.
static SIZE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"("bytes":)[1-9]\d*"#,
        r"|((?m:^)(?:records of packs|together) +\d+ +)[1-9]\d*(?:\.\d+)? [kM]?B",
        r"|(\b[1-9]\d* files?, )\d+(?:\.\d+)? [kM]?B( (?:from|in) )",
        r"|(Reported \S+ )\d+(?:\.\d+)? [kM]?B",
        r#"|("report":\{[^{}]*(?:"since":\{[^{}]*\},)?"size":)\d+"#,
    ))
    .unwrap()
});

/// What was replaced in a session so far.
#[derive(Debug)]
pub(crate) struct Placeholders {
    game: String,
    /// By what was printed.
    known: BTreeMap<String, String>,
    counts: BTreeMap<&'static str, usize>,
}

impl Placeholders {
    pub(crate) fn new(game: &str) -> Self {
        Self { game: game.to_owned(), known: BTreeMap::new(), counts: BTreeMap::new() }
    }

    /// What was printed, as it stands in a file.
    pub(crate) fn put(&mut self, printed: &str) -> String {
        let mut text = printed.replace(&self.game, "[GAME]");
        for (pattern, kind) in &*NUMBERED {
            let put = |found: &Captures<'_>| format!("{}{}", &found[1], self.of(&found[2], kind));
            text = pattern.replace_all(&text, put).into_owned();
        }
        let time = |found: &Captures<'_>| {
            let before = (1..found.len()).find_map(|group| found.get(group));
            format!("{}[TIME]", before.unwrap().as_str())
        };
        let text = TIMES.replace_all(&text, time);
        let text = WORK.replace_all(&text, r#""work":[WORK]"#);
        SIZE.replace_all(&text, "${1}${2}${3}${5}${6}[SIZE]${4}").into_owned()
    }

    fn of(&mut self, printed: &str, kind: &'static str) -> String {
        if let Some(placeholder) = self.known.get(printed) {
            return placeholder.clone();
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let placeholder = format!("[{kind} {count}]");
        self.known.insert(printed.to_owned(), placeholder.clone());
        placeholder
    }

    /// A line of a file, as it is typed.
    pub(crate) fn take(&self, line: &str) -> String {
        let line = line.replace("[GAME]", &self.game);
        self.known.iter().fold(line, |line, (printed, placeholder)| line.replace(placeholder, printed))
    }
}

#[test]
fn of_steps_the_last_is_shown() {
    let event = |sequence: usize, done: usize| {
        format!(
            "{{\"operation_id\":\"a\",\"sequence\":{sequence},\"progress\":{{\"done\":{done},\"total\":3,\"unit\":\"assets\"}}}}\n"
        )
    };
    assert_eq!(without_steps(&(event(1, 1) + &event(2, 2) + &event(3, 3))), event(1, 3));
}

#[test]
fn how_long_a_record_or_a_wait_is_is_no_matter() {
    for (printed, shown) in [
        (
            "records of packs      1  2.7 kB\npayloads              0     0 B\n",
            "records of packs      1  [SIZE]\npayloads              0     0 B\n",
        ),
        ("together             12  812 B\n", "together             12  [SIZE]\n"),
        ("Removed 1 file, 2.7 kB from build/.cache", "Removed 1 file, [SIZE] from build/.cache"),
        ("remove a/: 2 files, 1.5 kB; `undo`", "remove a/: 2 files, 1.5 kB; `undo`"),
        ("removed 0 files, 0 B from", "removed 0 files, 0 B from"),
        (
            "has been changing this project for 10 s (pack)",
            "has been changing this project for [TIME] (pack)",
        ),
        ("for 10 sprites", "for 10 sprites"),
    ] {
        assert_eq!(Placeholders::new("/tmp/x/game").put(printed), shown);
    }
}

#[test]
fn what_is_the_same_has_the_same_placeholder() {
    let mut placeholders = Placeholders::new("/tmp/x/game");
    let (one, two) = ("0198c0de-0000-7000-8000-000000000001", "0198c0de-0000-7000-8000-000000000002");
    let plan = format!("{}.{two}", "ab".repeat(32));
    let printed = format!("{two} {one} {two} at /tmp/x/game/a, plan {plan}, 34.8 kB in 0.31s");
    let shown = "[UUID 1] [UUID 2] [UUID 1] at [GAME]/a, plan [PLAN 1], 34.8 kB in [TIME]";
    assert_eq!(placeholders.put(&printed), shown);
    assert_eq!(placeholders.take("undo [PLAN 1]"), format!("undo {plan}"));
    assert_eq!(placeholders.put(r#""timestamp":12,"size":12"#), r#""timestamp":[TIME],"size":12"#);
}
