//! `doctor`: everything that is wrong, drawn the way the compiler draws its own; with `--workspace` or
//! `--strict` what is untidy after it, and with `--fix` what takes nobody's judgement is mended before. Of a
//! game whose build script packs, [`profiles`] looks at the manifest as well.

mod profiles;

use crate::cli::Consent;
use clap::Args;
use std::collections::BTreeMap;

use prometeu_packer::Project;
use prometeu_packer::diagnostics::{Category, Code, Diagnostic};
use prometeu_packer::mutate::Mutation;
use prometeu_packer::ops::{Blocker, BlockerCode, DoctorRequest, Response, Status};

use super::Context;
use crate::exit::{self, Exit};
use crate::printer::{findings, human};
use crate::settings::Settings;
use crate::shell::{Drawing, Shell};
use crate::{consent, session, setup};

/// `doctor`
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Say what is untidy as well: files that nobody uses or that are there twice, folders that nobody
    /// registered, what crashes left behind
    #[arg(long)]
    workspace: bool,

    /// Mend what takes nobody's judgement, all of it or what is named; and, asking first, profile lines
    /// that are missing in Cargo.toml
    #[arg(long, value_name = "ID", num_args = 0..=1, require_equals = true)]
    fix: Option<Vec<String>>,

    /// Let warnings block like errors; look for what is untidy, as with --workspace, and count it as well
    #[arg(long)]
    strict: bool,

    #[command(flatten)]
    consent: Consent,
}

impl Doctor {
    /// Whether it changes something before it looks.
    pub(super) fn mends(&self) -> bool {
        self.fix.is_some()
    }
}

pub(super) fn run(context: &Context<'_>, request: &Doctor) -> Result<Exit, Blocker> {
    let Doctor { workspace, fix, strict, consent } = request;
    if fix.is_none() && (consent.dry_run || consent.yes || consent.plan.is_some()) {
        let message = "`--dry-run`, `--yes` and `--plan` are about what `--fix` does";
        return Err(
            Blocker::new(BlockerCode::InvalidArgument, message).help("Add `--fix`, or leave them out.")
        );
    }
    let project = session::open(context.global, context.printer)?;
    let folder = project.layout().project();
    let settings = Settings::of_and_tell(folder, context.printer.shell())?;
    let mut lines = setup::profile_lines(folder);
    if let Some(fixes) = fix {
        let (fix, is_ours) = profiles::chosen(fixes, lines.as_ref())?;
        let exit = match lines.as_ref().filter(|_| is_ours) {
            Some(step) => profiles::mend(context.printer, &project, &fix, step, consent),
            None => consent::mutate(context.printer, &project, &Mutation::Fix(fix), consent).exit,
        };
        if consent.dry_run || exit != exit::DONE {
            return Ok(exit);
        }
        lines = setup::profile_lines(folder);
    }
    // Who asks strictly counts what is untidy, and so has it looked for; the variable and the settings are
    // about packs, which are about no such thing.
    let workspace = *workspace || *strict;
    let strict = settings.strict(*strict).value;
    context.printer.begin("Checking");
    let mut response = project.doctor(DoctorRequest { strict, workspace });
    if let Some(step) = &lines {
        profiles::add(&mut response, step, request.strict);
    }
    let exit = context.printer.response(&response, print);
    if context.printer.for_people() {
        let shell = context.printer.shell();
        fixes_hint(shell, &response);
        explain_hint(shell, &response);
        if !workspace {
            unregistered_hint(shell, &project);
        }
        if setup::merge_driver::is_missing(project.layout().project()) {
            shell.hint(
                "git does not know in this clone how to merge the registry: `cargo prometeu init` tells it",
            );
        }
    }
    Ok(exit)
}

/// Says that a part of it is mended by a flag.
fn fixes_hint(shell: &Shell, response: &Response<()>) {
    // That of the profiles is asked about, and says so itself.
    let is_safe = |found: &&Diagnostic| found.fix.is_some() && found.code != Code::SlowBuildProfile;
    let count = response.diagnostics.iter().filter(is_safe).count();
    if count > 0 {
        shell.hint(format_args!("`cargo prometeu doctor --fix` mends {count} of these by itself"));
    }
}

/// Says where there is more about what stops the build: as the compiler does, of one of the codes.
fn explain_hint(shell: &Shell, response: &Response<()>) {
    if let Some(found) = response.diagnostics.iter().find(|found| found.blocking) {
        let code = found.code;
        shell.hint(format_args!(
            "`cargo prometeu explain {code}` says where that comes from, with an example"
        ));
    }
}

/// Says that there is more than doctor looked at. It is no finding: nobody has to register a folder.
fn unregistered_hint(shell: &Shell, project: &Project) {
    // The snapshot that doctor made, which it read all of `assets/` for.
    let Ok(snapshot) = project.snapshot() else { return };
    if snapshot.registry().is_none() {
        // Nobody knows what is registered.
        return;
    }
    let words = match snapshot.unregistered.as_ref().map_or(0, Vec::len) {
        0 => return,
        1 => "1 folder holds an `asset.json` and is".to_owned(),
        several => format!("{several} folders hold an `asset.json` and are"),
    };
    shell.hint(format_args!("{words} not registered: `cargo prometeu list --unregistered`"));
}

/// The findings are what was asked for, so they are on stdout.
fn print(shell: &Shell, response: &Response<()>) {
    let is_untidy = |found: &&Diagnostic| found.code.category() == Category::Hygiene;
    let (untidy, wrong): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
        response.diagnostics.iter().partition(is_untidy);
    if !wrong.is_empty() {
        findings::print(shell, wrong.iter().copied());
        shell.gap();
    }
    if !untidy.is_empty() {
        if shell.drawing() == Drawing::Whole {
            let gap = if wrong.is_empty() { "" } else { "\n" };
            shell.print(format_args!("{gap}tidiness: {}\n", by_code(&untidy)));
        }
        findings::print(shell, untidy.iter().copied());
        shell.gap();
    }
    human::blockers(shell, response);
    let (blocking, summary) = (response.blocking(), &response.summary);
    match (response.status, blocking, untidy.len()) {
        (Status::Ok, ..) if response.diagnostics.is_empty() => shell.status("Checked", summary),
        (Status::Ok, ..) => shell.status("Checked", format_args!("everything: {summary}")),
        (_, 0, 0) => {}
        (_, 0, 1) => shell.error(format_args!("1 finding is untidy, and that counts here ({summary})")),
        (_, 0, n) => shell.error(format_args!("{n} findings are untidy, and that counts here ({summary})")),
        (_, 1, _) => shell.error(format_args!("1 finding stops the build ({summary})")),
        (_, n, _) => shell.error(format_args!("{n} findings stop the build ({summary})")),
    }
}

/// How many of which: `1 duplicate-name, 2 unreferenced-file`.
fn by_code(untidy: &[&Diagnostic]) -> String {
    let mut counts: BTreeMap<Code, usize> = BTreeMap::new();
    for found in untidy {
        *counts.entry(found.code).or_default() += 1;
    }
    let words = counts.into_iter().map(|(code, count)| format!("{count} {code}"));
    words.collect::<Vec<_>>().join(", ")
}
