//! What there is to say of what is no registered asset: each with the true reason and the next command.

use prometeu_packer::Project;
use prometeu_packer::ops::{ListRequest, quoted};
use prometeu_packer::path::AssetPath;
use prometeu_packer::quarantine::Quarantined;
use prometeu_packer::snapshot::Snapshot;

use super::Story;
use crate::printer::human::counted;

/// So many folders are named.
const NAMED: usize = 8;

pub(super) fn unregistered(project: &Project, snapshot: &Snapshot, root: &AssetPath) -> Story {
    let request = ListRequest { unregistered: true, ..ListRequest::default() };
    let rows = project.list_assets(&request).payload.unwrap_or_default();
    let row = rows.iter().find(|row| row.root == root.as_str());
    let uuid = row.and_then(|row| row.asset_uuid);
    let carrier = snapshot.assets.iter().find(|asset| Some(asset.entry.asset_uuid) == uuid);
    let around = snapshot.assets.iter().find(|asset| asset.entry.root.contains(root));
    let why = match (row.and_then(|row| row.problem.as_deref()), carrier.or(around)) {
        (_, Some(asset)) if carrier.is_none() => {
            let around = &asset.entry.root;
            format!("it lies inside the asset `{around}`, whose own `asset.json` is the one that counts")
        }
        (_, Some(asset)) => {
            let (id, place) = (asset.id(), &asset.entry.root);
            let is_there = row.is_none_or(|row| row.copy_of.is_some());
            let there = if is_there { "which is at" } else { "whose folder is not at" };
            format!("it carries the uuid of asset {id}, {there} `{place}`")
        }
        (Some(problem), None) => format!("it is not registered, and {problem}"),
        (None, None) => "it is not registered".to_owned(),
    };
    // What the whole workspace has to say about it is never refused.
    let advice = project.snapshot().ok().and_then(|snapshot| snapshot.advice(root.as_str()));
    let help = advice.unwrap_or_else(|| "`cargo prometeu doctor --workspace` says what to do.".to_owned());
    Story::new("unregistered", format!("`{root}` is not in the pack: {why}"), Some(help))
}

pub(super) fn quarantined(found: &Quarantined) -> Story {
    let entry = &found.entry;
    let (what, help) = match (&found.record, &found.in_the_way) {
        (Ok(record), in_the_way) => {
            let id = record.registered.map_or(String::new(), |known| format!(" (asset {})", known.asset_id));
            let help = match in_the_way {
                Some(in_the_way) => {
                    let next = in_the_way.help.as_deref().map_or(String::new(), |help| format!(" {help}"));
                    format!("It cannot be restored as things are: {}.{next}", in_the_way.message)
                }
                None => format!("`cargo prometeu restore {entry}` brings it back."),
            };
            (format!("`{}`{id}", record.root), help)
        }
        (Err(problem), _) => {
            let help = format!("It cannot be restored: {problem}. Bring it back from version control.");
            (format!("`{entry}`"), help)
        }
    };
    let message = format!("{what} is not in the pack: it lies in quarantine as `{entry}`");
    Story::new("quarantined", message, Some(help))
}

pub(super) fn folder(root: &AssetPath, holds: &[String], loose: &[String]) -> Story {
    let around = match (holds.len(), loose.len()) {
        (0, 0) => {
            let message = format!("`{root}` is not in the pack: it has no `asset.json`, and so is no asset");
            let help =
                "Write one and `cargo prometeu register` the folder, or let `cargo prometeu create` make an \
                        asset of files."
                    .to_owned();
            return Story::new("no_asset", message, Some(help));
        }
        (0, n) => format!("{} that nobody registered", counted(n, "folder")),
        (n, 0) => counted(n, "asset"),
        (n, m) => format!("{} and {} that nobody registered", counted(n, "asset"), counted(m, "folder")),
    };
    let message = format!("`{root}` is a folder around {around}, and no asset itself");
    let roots: Vec<String> = holds.iter().chain(loose).take(NAMED).map(|root| format!("`{root}`")).collect();
    let more = if roots.len() < holds.len() + loose.len() { ", …" } else { "" };
    Story::new("no_asset", message, Some(format!("Ask about one of them: {}{more}.", roots.join(", "))))
}

/// A file beside all assets.
pub(super) fn loose(path: &AssetPath) -> Story {
    let message = format!("`{path}` is not in the pack: it lies in the folder of no asset");
    let word = quoted(&format!("assets/{path}"));
    let help = format!(
        "Move it into the folder of one and name it among the inputs in that `asset.json`, or make one of it: `cargo \
         prometeu create ROOT --type FAMILY --from {word}`."
    );
    Story::new("no_asset", message, Some(help))
}

/// The packer's own folder, and what is in it.
pub(super) fn own(path: &str) -> Story {
    let (what, help) = match path.split('/').next().unwrap_or_default() {
        "" => (
            "it is the packer's own folder",
            "Version control keeps it; leave what is in it to `cargo prometeu`.",
        ),
        "index.json" => (
            "it is the registry, which says what the pack is made of",
            "`cargo prometeu list` shows what it holds, and each change of it is a command.",
        ),
        "quarantine" => (
            "it is where assets lie that were put out of the way",
            "`cargo prometeu list --quarantined` shows which, and how they come back.",
        ),
        "local" => (
            "it is of this checkout alone: locks, and what the last change needs to be taken back",
            "Leave it to `cargo prometeu`; `cargo prometeu doctor --workspace` says what of it is left over.",
        ),
        _ => (
            "it lies in the packer's own folder, from which nothing is packed",
            "Move it to where it belongs, if you have put it there.",
        ),
    };
    let slash = if path.is_empty() { "" } else { "/" };
    let message = format!("`assets/.prometeu{slash}{path}` is not in the pack: {what}");
    Story::new("no_asset", message, Some(help.to_owned()))
}

/// `assets/` itself.
pub(super) fn all() -> Story {
    let message = "`assets/` is the folder of all assets, and no asset itself".to_owned();
    Story::new("no_asset", message, Some("`cargo prometeu list` shows them; ask about one.".to_owned()))
}
