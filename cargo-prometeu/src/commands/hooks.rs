//! `hooks`: a look at the assets before each commit that changes some.

use std::path::Path;

use clap::{Args, Subcommand};
use prometeu_packer::Error;
use prometeu_packer::ops::{Blocker, BlockerCode, OperationClass};
use serde_json::{Value, json};

use super::Context;
use super::own::{self, Answer};
use crate::exit::{self, Exit};
use crate::hooks::{HOOK, Hook, Step};
use crate::printer::display_path;
use crate::project;
use crate::shell::{Shell, Verbosity};

/// `hooks`
#[derive(Debug, Args)]
pub(crate) struct Hooks {
    #[command(subcommand)]
    action: HooksAction,
}

/// What to do with the hook.
#[derive(Debug, Subcommand)]
pub(crate) enum HooksAction {
    /// Have git validate the assets before each commit that changes some; a hook that is there stays
    Install(Agreement),
    /// Take the hook out again; what was there before is there again
    Uninstall(Agreement),
}

/// How it is agreed to. A plan of a hook has no id: it is the same until it is done.
#[derive(Debug, Args)]
pub(crate) struct Agreement {
    /// Show what would be done, and do nothing
    #[arg(long, conflicts_with = "yes", help_heading = "Consent")]
    dry_run: bool,

    /// Do it, and do not ask
    #[arg(short, long, help_heading = "Consent")]
    yes: bool,
}

/// The name in `operation`.
pub(super) const fn operation(request: &Hooks) -> &'static str {
    match request.action {
        HooksAction::Install(_) => "install_hook",
        HooksAction::Uninstall(_) => "uninstall_hook",
    }
}

pub(super) fn run(context: &Context<'_>, request: &Hooks) -> Result<Exit, Blocker> {
    let printer = context.printer;
    let shell = printer.shell();
    let hook = Hook::find(&project::find_or_choose(context.global)?)?;
    let path = display_path(&hook.path);
    let (steps, agreement) = match &request.action {
        HooksAction::Install(agreement) => {
            if !agreement.dry_run && is_ci() {
                let message = "this is CI (`CI` is set), where nobody commits";
                return Err(Blocker::new(BlockerCode::InvalidArgument, message)
                    .help("Run `cargo prometeu doctor` as a step of its own instead."));
            }
            match hook.install() {
                Ok(steps) => (steps, agreement),
                Err(refusal) => {
                    let exit = printer.refuse_own(operation(request), &refusal.blocker);
                    if let Some(lines) = refusal.lines.filter(|_| printer.for_people()) {
                        shell.err(format_args!("\n{}", lines.trim_end()));
                    }
                    return Ok(exit);
                }
            }
        }
        HooksAction::Uninstall(agreement) => (hook.uninstall(), agreement),
    };
    let installs = matches!(request.action, HooksAction::Install(_));
    if !steps.is_empty() && !agreement.dry_run && !agreement.yes {
        if !printer.for_people() || !shell.can_ask() {
            if printer.for_people() {
                // Without what is written: whoever wants to read that can have it shown.
                let lines: Vec<String> = steps.iter().map(line).collect();
                shell.note(format_args!("{}\n{}", title(installs), lines.join("\n")));
            }
            let message = "this needs a yes, and nobody can be asked here";
            return Err(Blocker::new(BlockerCode::ConsentRequired, message)
                .help("Run it again with `--yes`; `--dry-run` shows what it does.")
                .at(path));
        }
        shell.err(plan(&steps, installs));
        if !shell.ask("Do this?", true) {
            shell.note("nothing was changed");
            return Ok(exit::CONSENT);
        }
    }
    if !agreement.dry_run {
        hook.apply(&steps).map_err(|error: Error| Blocker::from(&error))?;
    }
    let summary = match (steps.is_empty(), agreement.dry_run, installs) {
        (true, _, true) => format!("{path} is there already, nothing to do"),
        (true, _, false) => format!("no hook of ours is in {path}, nothing to do"),
        (false, true, true) => format!("would install {path}"),
        (false, true, false) => format!("would take {path} out"),
        (false, false, true) => format!("installed {path}"),
        (false, false, false) => format!("took {path} out"),
    };
    let answer = Answer {
        operation: operation(request),
        class: OperationClass::WorkspaceMutation,
        summary: &summary,
        members: vec![
            ("hook", json!(hook.path.to_string_lossy())),
            ("steps", steps.iter().map(member).collect()),
        ],
    };
    own::answer(printer, answer, |shell| match (steps.is_empty(), agreement.dry_run) {
        (true, _) => shell.status("Finished", &summary),
        (false, true) => {
            shell.print(plan(&steps, installs));
            shell.note("nothing was written");
        }
        (false, false) => told(shell, &steps, installs, &path),
    });
    Ok(exit::DONE)
}

fn told(shell: &Shell, steps: &[Step], installs: bool, path: &str) {
    if shell.verbosity() >= Verbosity::Verbose {
        steps.iter().for_each(|step| shell.err(line(step)));
    }
    if installs {
        shell.status("Installed", path);
        shell.hint("`cargo prometeu hooks uninstall` takes it out again");
    } else if steps.iter().any(|step| matches!(step, Step::Move { .. })) {
        shell.status("Restored", format_args!("{path}, as it was before"));
    } else {
        shell.status("Removed", path);
    }
}

/// What is going to be done, with the file that is written.
fn plan(steps: &[Step], installs: bool) -> String {
    let mut lines = vec![title(installs).to_owned()];
    for step in steps {
        lines.push(line(step));
        if matches!(step, Step::Write(_)) {
            lines.extend(HOOK.lines().map(|line| format!("    {line}").trim_end().to_owned()));
        }
    }
    lines.join("\n")
}

const fn title(installs: bool) -> &'static str {
    if installs {
        "look at the assets before each commit"
    } else {
        "stop looking at the assets before each commit"
    }
}

fn line(step: &Step) -> String {
    match step {
        Step::Move { from, to } => format!("  move   {} to {}", display_path(from), display_path(to)),
        Step::Write(path) => format!("  write  {}", display_path(path)),
        Step::Remove(path) => format!("  remove {}", display_path(path)),
    }
}

fn member(step: &Step) -> Value {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    match step {
        Step::Move { from, to } => json!({ "kind": "move_file", "path": text(to), "from": text(from) }),
        Step::Write(path) => json!({ "kind": "write_file", "path": text(path) }),
        Step::Remove(path) => json!({ "kind": "remove_file", "path": text(path) }),
    }
}

/// Whether a machine runs this.
fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !["", "0", "false"].contains(&value.as_str()))
}
