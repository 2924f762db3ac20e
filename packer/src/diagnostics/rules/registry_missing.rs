//! `registry-missing`: nothing is managed here yet.

use super::super::{Anchor, Code, Finding};
use super::Sink;
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    if snapshot.registry.text.is_some() {
        return;
    }
    let message = if snapshot.has_assets {
        "there is no registry"
    } else {
        "there is no folder `assets` here, so there is nothing to pack"
    };
    let finding = Finding::new(Code::RegistryMissing, Anchor::File, message)
        .help("Run `cargo prometeu init` in the project's folder; it shows what it would write, and asks.");
    out.registry(finding);
}
