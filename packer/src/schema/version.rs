//! `schema_version`, which both formats begin with.

use super::SCHEMA_VERSION;
use super::check::Checks;
use super::json::Node;
use crate::diagnostics::{Anchor, Code, Finding, Pointer};

/// Goes on when the document's version is this packer's, or cannot be told. Another version has
/// rules of its own: by ours nothing more is said of it.
pub(super) fn check(checks: &mut Checks, tree: &Node, code: Code, document: &str) -> Option<()> {
    let root = Pointer::root();
    let example = format!("\"schema_version\": {SCHEMA_VERSION}");
    let Some(node) = checks.required(tree, &root, "schema_version", &example) else { return Some(()) };
    let pointer = root.key("schema_version");
    let Some(spelling) = node.as_number() else {
        checks.wrong_kind(node, &pointer, "a whole number", &example);
        return Some(());
    };
    if !spelling.bytes().all(|byte| byte.is_ascii_digit()) {
        let help = format!("Write it like this: `{example}`.");
        let finding = checks.invalid(&pointer, "must be a whole number from 1", help);
        checks.about(node, finding);
        return Some(());
    }
    // More digits than an i64 has are a newer version too.
    let version = node.as_integer().unwrap_or(i64::MAX);
    if version == i64::from(SCHEMA_VERSION) {
        return Some(());
    }
    let newer = version > i64::from(SCHEMA_VERSION);
    let age = if newer { "newer" } else { "older" };
    let message = format!(
        "this {document} has version {spelling}, {age} than the version {SCHEMA_VERSION} that this packer reads"
    );
    let help = if newer {
        "Update the packer: the command `cargo-prometeu`, and `packer-build` in `Cargo.toml`. The file is left as it is."
    } else {
        "No packer wrote such a version: restore the file from version control, or write it anew."
    };
    checks.push(Finding::new(code, Anchor::Value(pointer), message).help(help));
    None
}
