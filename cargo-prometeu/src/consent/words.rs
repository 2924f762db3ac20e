//! What a person is told of a plan beside its title and its files: what to consider before, what was
//! done after, and the way back.

use std::fs;
use std::io;
use std::path::Path;

use prometeu_packer::Project;
use prometeu_packer::diagnostics::Code;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::event::AffectedAsset;
use prometeu_packer::mutate::{EditKind, FileEdit, Plan};
use prometeu_packer::ops::{Argument, Operation};
use prometeu_packer::workspace::layout::{DECLARATION, QUARANTINE, QUARANTINED_ROOT, REGISTRY_FILE};

use crate::printer::human::{counted, is_removed};
use crate::printer::units;

/// How the title of each plan begins, and what was done then.
const DONE: [(&str, &str); 13] = [
    ("create ", "Created"),
    ("register ", "Registered"),
    ("adopt ", "Adopted"),
    ("forget ", "Forgot"),
    ("remove ", "Removed"),
    ("move ", "Moved"),
    ("quarantine ", "Quarantined"),
    ("restore ", "Restored"),
    ("include ", "Included"),
    ("exclude ", "Excluded"),
    ("reconcile ", "Reconciled"),
    ("mend ", "Mended"),
    ("take back: ", "Undid"),
];

/// A title as something that was done: the verb, and what it was done to.
pub(super) fn done(title: &str) -> (&'static str, &str) {
    let mut done = DONE.iter();
    done.find_map(|(verb, past)| Some((*past, title.strip_prefix(verb)?))).unwrap_or(("Done", title))
}

/// A title as something that is wanted.
pub(super) fn wanted(plan: &Plan) -> &str {
    if plan.operation == Operation::Undo { "take back the last change" } else { &plan.title }
}

/// How what was done can be taken back, unless its command tells of a way that stays open longer.
pub(super) fn way_back(plan: &Plan) -> Option<String> {
    let action = plan.way_back()?;
    let argument = |name| action.arguments.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
    if action.operation == Operation::RestoreAsset {
        let entry = argument("entry")?;
        let place = format!("{QUARANTINE}/{entry}/{QUARANTINED_ROOT}");
        return Some(format!(
            "`cargo prometeu restore {entry}` brings it back; until then it lies in `{place}`"
        ));
    }
    match plan.operation {
        Operation::RelocateAsset => None,
        Operation::QuarantineAsset => Some(
            "`cargo prometeu undo` takes this back until the next change, and `restore` brings back each at any time"
                .to_owned(),
        ),
        Operation::SetIncluded if plan.arguments.contains(&("included", false.into())) => None,
        _ if removes(plan) => Some(
            "`cargo prometeu undo` brings it back, until the next change of the project deletes its files"
                .to_owned(),
        ),
        _ => Some("`cargo prometeu undo` takes this back".to_owned()),
    }
}

/// What to ask before a plan is applied.
pub(super) fn question(plan: &Plan) -> &'static str {
    if plan.operation == Operation::RemoveAsset && removes(plan) { "Delete these files?" } else { "Do this?" }
}

/// Whether files go, and not only elsewhere.
fn removes(plan: &Plan) -> bool {
    plan.edits.iter().any(|edit| removed(edit).is_some())
}

/// The folder that an edit removes.
fn removed(edit: &FileEdit) -> Option<&str> {
    match &edit.kind {
        EditKind::MoveFolder { from } if is_removed(&edit.path) => Some(from),
        _ => None,
    }
}

/// What an edit means, where its line does not say so.
pub(super) fn about(edit: &FileEdit, plan: &Plan, project: &Project) -> Option<String> {
    if let Some(folder) = removed(edit) {
        let what = held(&project.layout().project().join(folder)).ok();
        let until = match plan.operation {
            Operation::Undo => "as it was made",
            _ => "`undo` can bring them back until the next change",
        };
        return Some(what.map_or_else(|| until.to_owned(), |what| format!("{what}; {until}")));
    }
    if plan.operation == Operation::Doctor {
        return mended(edit, plan);
    }
    let asset = plan.affected_assets.first()?;
    let named = asset.asset_id.map_or_else(|| format!("`{}`", asset.root), |id| format!("asset {id}"));
    match plan.operation {
        Operation::ForgetAsset if edit.path == REGISTRY_FILE => {
            Some(format!("{named} loses its entry and its id, and every file stays"))
        }
        Operation::AdoptAsset if edit.path == REGISTRY_FILE && plan.needs_consent() => {
            Some(visible(&format!("{named} is in `{}` then, and no file moves", asset.root)))
        }
        Operation::AdoptAsset if edit.path.ends_with(DECLARATION) => {
            let is_new = plan.arguments.contains(&("as", "new".into()));
            Some(if is_new { "a uuid of its own".to_owned() } else { format!("the uuid of {named}") })
        }
        Operation::Reconcile if edit.path == REGISTRY_FILE => Some("no file moves".to_owned()),
        _ => None,
    }
}

/// What a plan to reconcile says of its assets, a line each: `  follow ui/a -> art/a`. Its title names only
/// the first of several, and nobody is to agree to what they were not shown. Of one it has said it.
pub(super) fn followed(plan: &Plan, project: &Project) -> Vec<String> {
    if plan.operation != Operation::Reconcile || plan.affected_assets.len() < 2 {
        return Vec::new();
    }
    let Ok(snapshot) = project.snapshot() else { return Vec::new() };
    let follow = |asset: &AffectedAsset| {
        let was = snapshot.assets.iter().find(|was| Some(was.id()) == asset.asset_id)?;
        let [was, now] = [&was.entry.root, &asset.root].map(|root| visible(root.as_str()));
        Some(format!("  follow {was} -> {now}"))
    };
    // All of them or none.
    plan.affected_assets.iter().map(follow).collect::<Option<_>>().unwrap_or_default()
}

/// The codes of what an edit mends: `uuid-mismatch, legacy-name`.
pub(super) fn mended(edit: &FileEdit, plan: &Plan) -> Option<String> {
    let folder = edit.path.strip_suffix(DECLARATION).and_then(|path| path.strip_suffix('/'));
    let root = folder.and_then(|folder| folder.strip_prefix("assets/"));
    let (_, fixes) = plan.arguments.iter().find(|(name, _)| *name == "fix")?;
    let Argument::List(fixes) = fixes else { return None };
    let ids =
        fixes.iter().map(|fix| fix.split_once(':').map_or((&**fix, None), |(code, of)| (code, Some(of))));
    // One is mended in a file outside of `assets/`, whose edit has words of its own.
    let ids = ids.filter(|(code, _)| *code != Code::SlowBuildProfile.as_str());
    let codes: Vec<&str> = ids.filter(|(_, of)| *of == root).map(|(code, _)| code).collect();
    (!codes.is_empty()).then(|| codes.join(", "))
}

/// What a folder holds: `3 files, 1.2 kB`.
fn held(folder: &Path) -> io::Result<String> {
    let (mut files, mut bytes) = (0, 0);
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            // Links are not followed: what they lead to stays.
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                files += 1;
                bytes += metadata.len();
            }
        }
    }
    Ok(format!("{}, {}", counted(files, "file"), units::bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_to_be_done_was_done() {
        for (title, verb, rest) in [
            ("create the blob_bank `a` as asset 1", "Created", "the blob_bank `a` as asset 1"),
            ("register `a` as asset 1", "Registered", "`a` as asset 1"),
            ("adopt `b` as new asset 2", "Adopted", "`b` as new asset 2"),
            ("forget `a` (asset 1)", "Forgot", "`a` (asset 1)"),
            ("remove `a` (asset 1) for good", "Removed", "`a` (asset 1) for good"),
            ("move `a` to `b`", "Moved", "`a` to `b`"),
            ("quarantine `a` (asset 1) as `1-a`", "Quarantined", "`a` (asset 1) as `1-a`"),
            ("restore `a` (asset 1)", "Restored", "`a` (asset 1)"),
            ("include 2 assets in builds", "Included", "2 assets in builds"),
            ("exclude `a` (asset 1)", "Excluded", "`a` (asset 1)"),
            ("mend `legacy-name` in `a` (asset 1)", "Mended", "`legacy-name` in `a` (asset 1)"),
            ("take back: register `b` as asset 3", "Undid", "register `b` as asset 3"),
            ("something new", "Done", "something new"),
        ] {
            assert_eq!(done(title), (verb, rest));
        }
        assert!(DONE.iter().all(|(_, past)| past.len() <= 12), "status lines stand under each other");
    }

    #[test]
    fn a_folder_holds_its_files_and_not_what_links_lead_to() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("a");
        fs::create_dir_all(folder.join("deep")).unwrap();
        fs::write(folder.join("deep/one"), [0; 700]).unwrap();
        fs::write(folder.join("two"), [0; 300]).unwrap();
        assert_eq!(held(&folder).unwrap(), "2 files, 1.0 kB");
        assert!(held(&folder.join("none")).is_err());
    }
}
