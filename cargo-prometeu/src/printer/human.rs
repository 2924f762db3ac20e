//! What people read.

use prometeu_packer::Recovered;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::diagnostics::{Diagnostic, Severity};
use prometeu_packer::event::AffectedAsset;
use prometeu_packer::mutate::{EditKind, FileEdit, Plan};
use prometeu_packer::ops::{BlockerCode, Response, Status};
use prometeu_packer::pack::DirtyReason;
use prometeu_packer::workspace::layout::{LOCAL, QUARANTINE};

use super::findings;
use crate::shell::{Shell, Verbosity};

/// Everything that went wrong, on stderr: findings as the compiler draws its own, then why nothing
/// was done.
pub(crate) fn trouble<T>(shell: &Shell, response: &Response<T>) {
    let loud = |diagnostic: &&Diagnostic| {
        shell.verbosity() > Verbosity::Quiet || diagnostic.blocking || diagnostic.severity == Severity::Error
    };
    let shown: Vec<&Diagnostic> = response.diagnostics.iter().filter(loud).collect();
    if !shown.is_empty() {
        findings::tell(shell, shown);
    }
    blockers(shell, response);
}

/// Why nothing was done, on stderr.
pub(crate) fn blockers<T>(shell: &Shell, response: &Response<T>) {
    for blocker in &response.blockers {
        if blocker.code == BlockerCode::Cancelled {
            // Whoever stopped it needs no advice, and made no mistake.
            shell.interrupted("nothing was changed");
            continue;
        }
        shell.error(visible(&blocker.message));
        if let Some(help) = &blocker.help {
            shell.help(visible(help));
        }
    }
    if response.blockers.is_empty() && response.status != Status::Ok && response.diagnostics.is_empty() {
        shell.error(visible(&response.summary));
    }
}

/// What was done about a change that was interrupted. What somebody else wrote meanwhile is for a
/// person to look at, so that is said however quiet.
pub(crate) fn recovered(shell: &Shell, recovered: &Recovered) {
    let how = if recovered.finished { "finishing it" } else { "taking it back" };
    let title = visible(&recovered.title);
    shell.status("Recovered", format_args!("from an interrupted change by {how}: {title}"));
    for path in &recovered.foreign {
        let path = visible(path);
        shell.alert(format_args!("`{path}` was changed by somebody else meanwhile, and is as they left it"));
    }
    for path in &recovered.kept {
        let path = visible(path);
        shell.alert(format_args!("what somebody else wrote meanwhile is kept as `{path}`"));
    }
    match (recovered.finished, recovered.foreign.is_empty() && recovered.kept.is_empty()) {
        (_, true) => {}
        (true, false) => shell.help("Look whether that is what you want; `cargo prometeu doctor` checks it."),
        (false, false) => shell.help("Look at that, and then make the change anew if you still want it."),
    }
}

/// A plan: what it comes to, the assets when they are several, in the lines of `assets` if there are any,
/// and each edit on a line. What is done about the records of the quarantine, which are the packer's own, is for those who want to see more.
pub(crate) fn plan(
    plan: &Plan,
    assets: &[String],
    verbosity: Verbosity,
    what: &dyn Fn(&FileEdit) -> Option<String>,
) -> String {
    let mut lines = vec![visible(&plan.title)];
    if !assets.is_empty() {
        lines.extend_from_slice(assets);
    } else if plan.affected_assets.len() > 1 {
        let asset = |asset: &AffectedAsset| {
            let id = asset.asset_id.map_or(String::new(), |id| format!(" {id}"));
            format!("  asset{id} `{}`", visible(asset.root.as_str()))
        };
        lines.extend(plan.affected_assets.iter().map(asset));
    }
    let all = verbosity >= Verbosity::Verbose;
    let shown = plan.edits.iter().filter(|edit| all || !is_record_keeping(edit));
    lines.extend(shown.map(|edit| self::edit(edit, what(edit).as_deref())));
    lines.join("\n")
}

/// Whether an edit is about an entry of the quarantine and not about what lies in it.
fn is_record_keeping(edit: &FileEdit) -> bool {
    edit.path.starts_with(QUARANTINE) && !matches!(edit.kind, EditKind::MoveFolder { .. })
}

/// Whether it is a place from which the next change deletes what was removed.
pub(crate) fn is_removed(path: &str) -> bool {
    path.strip_prefix(LOCAL).is_some_and(|rest| rest.starts_with('/'))
}

/// One edit: `  create assets/ui/atlas/asset.json`, `  move   assets/ui/atlas/ -> assets/art/atlas/`.
pub(crate) fn edit(edit: &FileEdit, what: Option<&str>) -> String {
    let path = visible(&edit.path);
    let edit = match &edit.kind {
        EditKind::CreateFolder | EditKind::CreateRoot => format!("create {path}/"),
        EditKind::CreateFile(_) => format!("create {path}"),
        EditKind::ReplaceFile(_) => format!("edit   {path}"),
        EditKind::RemoveFile => format!("remove {path}"),
        EditKind::RemoveFolder => format!("remove {path}/, if nothing is left in it"),
        EditKind::MoveFolder { from } if is_removed(path.as_str()) => format!("remove {}/", visible(from)),
        EditKind::MoveFolder { from } if is_removed(from) => format!("bring back {path}/"),
        EditKind::MoveFolder { from } => format!("move   {}/ -> {path}/", visible(from)),
    };
    let what = what.map_or(String::new(), |what| format!(": {what}"));
    format!("  {edit}{what}")
}

/// Why a payload was made, in a few words.
pub(crate) fn reason(reason: &DirtyReason) -> String {
    match reason {
        DirtyReason::NoRecord => "first pack here".to_owned(),
        DirtyReason::NewAsset => "new".to_owned(),
        DirtyReason::DeclarationChanged { members } => format!("asset.json: {}", members.join(", ")),
        DirtyReason::InputChanged { file } => format!("{file} changed"),
        DirtyReason::LastPackChanged => "the last pack was changed".to_owned(),
        DirtyReason::Requested => "from the sources".to_owned(),
        other => other.to_string(),
    }
}

/// `1 asset`, `2 assets`.
pub(crate) fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}
