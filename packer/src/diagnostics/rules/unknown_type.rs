//! `unknown-type`: `type` is no family that this packer knows.

use super::super::{Anchor, Code, Finding, Pointer};
use super::legacy_name::{TYPES, is_legacy};
use super::{Sink, declared, listed};
use crate::family;
use crate::schema::suggest::nearest;
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for (n, _, declaration) in declared(snapshot) {
        let used = declaration.family.as_str();
        if family::by_name(used).is_some() || is_legacy(TYPES, used) || used.is_empty() {
            continue;
        }
        let names = family::ALL.iter().map(|family| family.name());
        let help = match nearest(used, names.clone()) {
            Some(name) => format!("Did you mean `{name}`?"),
            None => format!(
                "Write one of the types that there are: {}.",
                listed(&names.map(|name| format!("`{name}`")).collect::<Vec<_>>())
            ),
        };
        let anchor = Anchor::Value(Pointer::root().key("type"));
        let finding = Finding::new(Code::UnknownType, anchor, format!("there is no asset type `{used}`"))
            .label("unknown type")
            .help(help);
        out.declaration(n, finding);
    }
}
