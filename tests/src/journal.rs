//! Journals of changes that were interrupted, written without the packer's own writer: its own mistakes
//! cannot hide here, and nothing keeps a test from lying in one.

use prometeu_packer::Digest;
use serde_json::{Value, json};

use crate::assets;

/// Where the journal lies, relative to the project.
pub const JOURNAL: &str = "assets/.prometeu/local/journal";

/// A journal that says that a change is under way.
///
/// A step is `{ "file", "before", "after" }`, `{ "folder" }` or `{ "move", "to", "made" }`.
#[must_use]
pub fn pending(title: &str, steps: &[Value]) -> Vec<u8> {
    signed(&json!({
        "format": 1,
        "sequence": "7",
        "state": "pending",
        "plan_id": format!("{}.{}", Digest::of(b"a plan"), assets::uuid(0xc0de)),
        "title": title,
        "steps": steps,
    }))
}

/// The step that gives a file another content.
#[must_use]
pub fn file(path: &str, before: Option<&str>, after: &str) -> Value {
    json!({ "file": path, "before": before, "after": after })
}

/// A journal of that body, with the digest that fits.
#[must_use]
pub fn signed(body: &Value) -> Vec<u8> {
    // A map of `serde_json` is sorted, and nothing here needs another escape than canonical JSON has.
    let body = format!("{body}\n");
    format!("{}\n{body}", Digest::of(body.as_bytes())).into_bytes()
}

/// Whether the journal in `project` says that a change is under way.
#[must_use]
pub fn is_pending(project: &std::path::Path) -> bool {
    let text = std::fs::read(project.join(JOURNAL)).unwrap_or_default();
    let words = br#""state":"pending""#;
    text.windows(words.len()).any(|window| window == words)
}
