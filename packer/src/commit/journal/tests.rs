//! What a journal says is what was written, and nothing else is followed.

use super::*;
use crate::commit::tests::suite::say;
use crate::quarantine::EntryName;
use crate::storage::Stamp;
use crate::storage::memory::MemoryStorage;

fn operation() -> OperationId {
    OperationId::parse("0be00000-0000-7000-8000-000000000001").unwrap()
}

fn change(steps: Vec<Step>) -> Journal {
    let plan_id = PlanId::parse(&format!("{}.{}", Digest::of(b"plan"), operation())).unwrap();
    let change = Change { plan_id, title: "register `ui/\u{e9}` as asset 3".into(), takes_back: true, steps };
    Journal { sequence: u64::MAX - 2, last: Some(operation()), pending: Some(Box::new(change)) }
}

fn path(text: &str) -> AssetPath {
    AssetPath::parse(text).unwrap()
}

fn folder() -> Stat {
    Stat { kind: FileKind::Folder, stamp: Stamp { inode: u64::MAX, device: 7, ..Stamp::default() } }
}

fn entry() -> EntryName {
    EntryName::parse("7-atlas").unwrap()
}

fn moved(from: Place, to: Place) -> Step {
    Step::Move(Move { from, to, made: Vec::new(), onto_empty: false, folder: None, tree: None })
}

fn every_step() -> Vec<Step> {
    vec![
        Step::Folder { place: Place::Folder(path("ui")), after: true },
        Step::Folder { place: Place::Entry(entry()), after: true },
        Step::Folder { place: Place::Quarantine, after: false },
        moved(Place::Folder(path("old")), Place::Folder(path("ui/new"))),
        moved(Place::Folder(path("old")), Place::Quarantined(entry())),
        moved(Place::Quarantined(entry()), Place::Folder(path("old"))),
        moved(Place::Removed(operation()), Place::Folder(path("old"))),
        Step::Move(Move {
            from: Place::Folder(path("old")),
            to: Place::Removed(operation()),
            made: Vec::new(),
            onto_empty: false,
            folder: Number::of(folder()),
            tree: Some(Digest::of(b"tree")),
        }),
        Step::Move(Move {
            from: Place::Staged(operation()),
            to: Place::Folder(path("made")),
            made: vec![(path("asset.json"), Digest::of(b"a"))],
            onto_empty: true,
            folder: Number::of(folder()),
            tree: None,
        }),
        Step::File {
            place: Place::Declaration(path("ui/new")),
            before: Some("{\"a\": \"\u{1f511}\\n\"}\r\n".into()),
            after: Some("{}\n".into()),
        },
        Step::File { place: Place::Record(entry()), before: Some("{}".into()), after: None },
        Step::File { place: Place::Registry, before: None, after: Some(String::new()) },
    ]
}

#[test]
fn a_journal_is_read_as_it_was_written() {
    for journal in [Journal::NONE, Journal::clean(7, None), change(Vec::new()), change(every_step())] {
        assert_eq!(Journal::decode(&journal.encode()), Ok(journal));
    }
}

#[test]
fn a_journal_that_was_cut_short_or_changed_is_not_followed() {
    let bytes = change(every_step()).encode();
    let mut cases = 0;
    for n in 0..bytes.len() {
        assert!(Journal::decode(&bytes[..n]).is_err(), "the first {n} bytes");
        for bit in 0..8 {
            let mut bytes = bytes.clone();
            bytes[n] ^= 1 << bit;
            assert!(Journal::decode(&bytes).is_err(), "bit {bit} of byte {n}");
            cases += 1;
        }
        let mut zeros = bytes.clone();
        zeros[n..].fill(0);
        assert!(Journal::decode(&zeros).is_err(), "zeros from {n}");
        cases += 2;
    }
    say(&format!("damaged journals: {cases} cases, 0 failed"));
}

/// A journal of those bytes with a digest that fits.
fn signed(body: &str) -> Vec<u8> {
    format!("{}\n{body}\n", Digest::of(format!("{body}\n").as_bytes())).into_bytes()
}

#[test]
fn a_journal_whose_digest_fits_is_still_not_trusted() {
    let plan_id = format!("{}.{}", Digest::of(b"plan"), operation());
    let pending = |steps: &str| {
        format!(
            r#"{{"format":1,"plan_id":"{plan_id}","sequence":"7","state":"pending","steps":[{steps}],"title":"x"}}"#
        )
    };
    let file = |place: &str| pending(&format!(r#"{{"after":"x","before":"y","file":"{place}"}}"#));
    let digest = Digest::of(b"");
    assert!(Journal::decode(&signed(&file("assets/a/asset.json"))).is_ok());
    let staged = format!("assets/.prometeu/local/staged/{}", operation());
    let removed = format!("assets/.prometeu/local/removed/{}", operation());
    let refused = [
        // Places that are none.
        file("build.rs"),
        file("assets/a/heart.png"),
        file("assets/../build.rs"),
        file("/etc/passwd"),
        file(".git/hooks/pre-commit"),
        file("assets/.prometeu/local/journal"),
        pending(r#"{"folder":"src"}"#),
        pending(r#"{"folder":"assets/../src"}"#),
        pending(r#"{"made":[],"move":"src","to":"assets/a"}"#),
        pending(r#"{"made":[],"move":"assets/a","to":"../a"}"#),
        pending(r#"{"made":[],"move":"assets/.prometeu","to":"assets/a"}"#),
        // A root that nobody made, and something that would be swept as one.
        pending(&format!(r#"{{"made":[],"move":"{staged}","to":"assets/a"}}"#)),
        pending(&format!(r#"{{"made":[["f","{digest}"]],"move":"assets/a","to":"assets/b"}}"#)),
        pending(&format!(r#"{{"made":[["f","{digest}"]],"move":"{staged}","to":"{staged}"}}"#)),
        pending(&format!(r#"{{"made":[["../f","{digest}"]],"move":"{staged}","to":"assets/b"}}"#)),
        // A removal that says nothing of what is removed, and moves that no change makes.
        pending(&format!(r#"{{"made":[],"move":"assets/a","to":"{removed}"}}"#)),
        pending(&format!(
            r#"{{"made":[],"move":"assets/.prometeu/quarantine","to":"{removed}","tree":"{digest}"}}"#
        )),
        pending(&format!(r#"{{"made":[],"move":"{removed}","to":"assets/.prometeu/quarantine/a/root"}}"#)),
        pending(r#"{"made":[],"move":"assets/a","to":"assets/.prometeu/quarantine/a"}"#),
        pending(r#"{"made":[],"move":"assets/.prometeu/quarantine/a","to":"assets/a"}"#),
        pending(&format!(r#"{{"folder":"{removed}"}}"#)),
        pending(&format!(r#"{{"no_folder":"{staged}"}}"#)),
        pending(r#"{"folder":"assets/.prometeu/quarantine/a/root"}"#),
        // A declaration without its root, and a file that was not there and will not be.
        pending(r#"{"after":null,"before":"x","file":"assets/a/asset.json"}"#),
        pending(r#"{"after":"x","before":null,"file":"assets/a/asset.json"}"#),
        pending(r#"{"after":null,"before":null,"file":"assets/.prometeu/index.json"}"#),
        // Members that make no sense.
        pending("{}"),
        pending("7"),
        pending(r#"{"after":"x","file":"assets/a/asset.json"}"#),
        pending(r#"{"before":null,"file":"assets/a/asset.json"}"#),
        file("assets/a/asset.json").replace("pending", "done"),
        file("assets/a/asset.json").replace("\"7\"", "\"-7\""),
        file("assets/a/asset.json").replace("\"7\"", "7"),
        file("assets/a/asset.json").replace(&plan_id, "x"),
        "[]".into(),
        "{}".into(),
        "null".into(),
        String::new(),
        "[".repeat(10_000),
    ];
    for body in &refused {
        let why = Journal::decode(&signed(body)).expect_err(body);
        assert!(!why.is_empty() && !why.contains('\n'), "{why}");
    }
    say(&format!("journals of strangers: {} cases, 0 failed", refused.len()));
}

#[test]
fn a_journal_of_a_newer_packer_says_so() {
    let why = Journal::decode(&signed(r#"{"format":2,"sequence":"7","state":"clean"}"#)).unwrap_err();
    assert!(why.contains("newer"), "{why}");
}

#[test]
fn no_journal_is_a_clean_one_and_something_else_in_its_place_is_none() {
    let layout = Layout::new("/game");
    let files = MemoryStorage::default();
    files.folder("/game/assets/.prometeu/local");
    let read = |files: &MemoryStorage| Journal::read(files, &layout).unwrap();
    assert_eq!(read(&files), Found::Journal(Journal::NONE));
    for n in 1..4 {
        let journal = Journal::clean(n, Some(operation()));
        journal.write(&files, &layout, operation()).unwrap();
        assert_eq!(read(&files), Found::Journal(journal));
    }
    files.delete(layout.journal());
    files.folder(layout.journal());
    assert!(matches!(read(&files), Found::Damaged(_)));
    files.delete(layout.journal());
    files.pipe(layout.journal());
    assert!(matches!(read(&files), Found::Damaged(_)));
    files.delete(layout.journal());
    files.write("/elsewhere", Journal::NONE.encode());
    files.link(layout.journal(), "/elsewhere");
    assert!(matches!(read(&files), Found::Damaged(_)), "a link is not followed");
}
