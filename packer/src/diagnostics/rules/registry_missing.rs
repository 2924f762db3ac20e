//! `registry-missing`: nothing is managed here yet.

use super::super::{Anchor, Code, Finding};
use super::Sink;
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    if snapshot.registry.text.is_some() {
        return;
    }
    let message = if snapshot.has_assets {
        "this project has no registry"
    } else {
        "there is no folder `assets` here, so there is nothing to pack"
    };
    let finding = Finding::new(Code::RegistryMissing, Anchor::File, message)
        .help("In a new project run `cargo prometeu init`; it shows what it would write, and asks. Where a registry was before, restore the file from version control: a new one would not know the ids of your assets.");
    out.registry(finding);
}
