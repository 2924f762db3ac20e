//! `name-style`: names that are there already and that Windows could not hold. What is new is refused
//! instead, as `name-invalid`.

use super::super::{Anchor, Code, Finding};
use super::{Sink, declared, entry_member};
use crate::commit::place::Place;
use crate::path::AssetPath;
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    if snapshot.unregistered.is_none() {
        // A build does not ask how tidy it is.
        return;
    }
    let finding = |anchor, place: &str, why: String, help: String| {
        let message = format!("Windows cannot hold `{place}`: {why}");
        Finding::new(Code::NameStyle, anchor, message).help(help)
    };
    for (n, asset) in snapshot.assets.iter().enumerate() {
        let (root, id) = (&asset.entry.root, asset.id());
        let Some(why) = root.unportable() else { continue };
        let place = format!("assets/{root}");
        let help = if Place::parse_folder(&place).is_some() {
            format!("`cargo prometeu relocate {id} NEW_ROOT` gives the folder another name.")
        } else {
            format!("Rename the folder by hand; `cargo prometeu adopt NEW_ROOT --as {id}` follows it then.")
        };
        out.entry_of_walk(n, finding(entry_member(asset, "root"), &place, why, help));
    }
    for (n, asset, declaration) in declared(snapshot) {
        let paths = declaration.inputs.iter().enumerate();
        for (input, path) in paths.filter_map(|(input, declared)| Some((input, declared.path.as_ref().ok()?)))
        {
            let Some(why) = path.unportable() else { continue };
            let place = format!("assets/{}/{path}", asset.entry.root);
            let help = "Rename the file on disk, and write its new name here.".to_owned();
            out.declaration(n, finding(Anchor::Input(input), &place, why, help));
        }
    }
    for (n, (found, _)) in snapshot.unregistered.iter().flatten().enumerate() {
        let Some(why) = found.root.as_ref().ok().and_then(AssetPath::unportable) else { continue };
        let place = format!("assets/{}", found.folder);
        let help = "Rename the folder; by its new name it can be registered.".to_owned();
        out.unregistered(n, finding(Anchor::File, &place, why, help));
    }
}
