//! `init_workspace`: the control structure, and nothing that is there already. What is this checkout's
//! own, in `assets/.prometeu/local/`, is not part of the plan: whoever takes the lock to apply it
//! makes that.

use std::path::{Path, PathBuf};

use super::{EditKind, Expected, FileEdit, Plan, Planner, Refused};
use crate::ops::Operation;
use crate::schema::registry::Registry;
use crate::workspace::layout::REGISTRY_FILE;

pub(super) fn plan(planner: &Planner<'_>) -> Result<Plan, Refused> {
    let layout = &planner.snapshot.layout;
    let folder = |name: &str, path: PathBuf| {
        (
            path,
            FileEdit {
                path: name.to_owned(),
                kind: EditKind::CreateFolder,
                expected: Expected::FolderOrAbsent,
            },
        )
    };
    let file = |name: &str, path: PathBuf, content: String| {
        let kind = EditKind::CreateFile(content.into_bytes());
        (path, FileEdit { path: name.to_owned(), kind, expected: Expected::Absent })
    };
    let wanted = [
        folder("assets", layout.assets()),
        folder("assets/.prometeu", layout.control()),
        file(REGISTRY_FILE, layout.registry(), Registry { next_asset_id: 1, assets: Vec::new() }.to_text()),
    ];
    let mut edits = Vec::new();
    for (path, edit) in wanted {
        if !is_there(planner, &path)? {
            edits.push(edit);
        }
    }
    let operation = Operation::InitWorkspace;
    let loses_ids = planner.snapshot.gives_other_ids();
    let title = if loses_ids {
        "create a new, empty registry of assets, without the ids of the one that is gone"
    } else {
        "create the registry of assets"
    };
    let (operation, title) = ((operation, operation.class()), title.to_owned());
    let plan = Plan::new(planner.operation_id, operation, Vec::new(), title, Vec::new(), edits);
    // Somebody who has a copy of the lost one must not overlook it.
    Ok(plan.taking_hold(loses_ids))
}

fn is_there(planner: &Planner<'_>, path: &Path) -> Result<bool, Refused> {
    let found = planner.source.stat(path);
    found
        .map(|found| found.is_some())
        .map_err(|error| Refused::Error(crate::Error::io("look at", path, error)))
}
