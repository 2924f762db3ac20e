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
    let finding =
        Finding::new(Code::RegistryMissing, Anchor::File, message).help(snapshot.without_registry());
    out.registry(finding);
}
