//! Where a project lies in its repository: what a code host calls a file begins at the repository's root,
//! and a game may be a folder of it.

use std::path::Path;

/// Where checks of GitHub put the repository.
const WORKSPACE: &str = "GITHUB_WORKSPACE";

/// What stands before a path of the project, to make one of the repository: nothing, or `games/mine/`.
///
/// The root is what `GITHUB_WORKSPACE` says, where the project lies in that; else the nearest folder with a
/// `.git`, which is a file in a linked worktree; else the project itself.
pub(crate) fn prefix(project: &Path) -> String {
    let project = project.canonicalize().unwrap_or_else(|_| project.to_path_buf());
    let workspace = std::env::var_os(WORKSPACE).filter(|folder| !folder.is_empty());
    let workspace = workspace.and_then(|folder| Path::new(&folder).canonicalize().ok());
    let is_around = |root: &&Path| project.starts_with(root);
    let root = match workspace.as_deref().filter(is_around) {
        Some(root) => Some(root),
        None => project.ancestors().find(|folder| folder.join(".git").exists()),
    };
    let inside = root.and_then(|root| project.strip_prefix(root).ok()).unwrap_or(Path::new(""));
    inside.components().map(|part| format!("{}/", part.as_os_str().to_string_lossy())).collect()
}
