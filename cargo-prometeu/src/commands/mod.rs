//! One file a command: make a request, call one operation, hand the response to the printer.

pub(crate) mod adopt;
pub(crate) mod cache;
pub(crate) mod completions;
mod config;
pub(crate) mod create;
pub(crate) mod diff;
pub(crate) mod doctor;
mod exclude;
pub(crate) mod explain;
pub(crate) mod forget;
mod glance;
pub(crate) mod hooks;
pub(crate) mod include;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod merge_driver;
mod own;
pub(crate) mod pack;
pub(crate) mod quarantine;
pub(crate) mod reconcile;
mod refresh;
pub(crate) mod register;
pub(crate) mod relocate;
pub(crate) mod remove;
pub(crate) mod restore;
pub(crate) mod schema;
pub(crate) mod serve;
pub(crate) mod show;
mod status;
pub(crate) mod summary;
pub(crate) mod undo;
pub(crate) mod unused;
pub(crate) mod validate;
pub(crate) mod verify;
pub(crate) mod watch;
pub(crate) mod why;
pub(crate) mod wizard;

use std::ffi::OsString;
use std::io::ErrorKind;

use clap::{ColorChoice, ValueEnum as _};
use prometeu_packer::address;
use prometeu_packer::mutate::Plan;
use prometeu_packer::ops::{Blocker, Operation};
use prometeu_packer::path::AssetPath;

use crate::cli::{self, Command, Global, MessageFormat};
use crate::completion;
use crate::exit::{self, Exit};
use crate::printer::{Printer, cargo_term};
use crate::shell::{Drawing, Shell, Verbosity};

/// What a command has to work with.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) global: &'a Global,
    pub(crate) printer: &'a Printer,
}

/// Does what the arguments of the process say.
pub(crate) fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if let Some(candidates) = completion::asked(&arguments) {
        let shell = Shell::new(ColorChoice::Never, Verbosity::Quiet, Drawing::Lines);
        candidates.iter().for_each(|candidate| shell.print(candidate));
        return exit::DONE;
    }
    let cli = match cli::parse(arguments) {
        Ok(cli) => cli,
        Err(answer) => {
            // Help and version are answers, and go to stdout. Who reads no further has read enough.
            let is_told =
                answer.print().map_or_else(|error| error.kind() == ErrorKind::BrokenPipe, |()| true);
            return match (answer.use_stderr(), is_told) {
                (true, _) => exit::USAGE,
                (false, true) => exit::DONE,
                (false, false) => exit::FAILED,
            };
        }
    };
    let verbosity = match (cli.global.quiet, cli.global.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, 0) if cargo_term::is_verbose() => Verbosity::Verbose,
        (false, 0) if cargo_term::is_quiet() => Verbosity::Quiet,
        (false, 0) => Verbosity::Normal,
        (false, _) => Verbosity::Verbose,
    };
    let format = cli.global.message_format;
    let shell = Shell::new(color(cli.global.color), verbosity, format.drawing());
    let printer = Printer::new(shell, format);
    let context = Context { global: &cli.global, printer: &printer };
    let ended = match &cli.command {
        None => glance::run(&context),
        Some(command) if format.is_of_findings() && !has_findings(command) => {
            without_findings(&printer, format)
        }
        Some(command) => call(&context, command).unwrap_or_else(|blocker| refuse(&printer, command, blocker)),
    };
    match printer.shell().out_failure() {
        None => ended,
        Some(error) => {
            printer.shell().error(format_args!("failed to write to stdout: {error}"));
            exit::FAILED
        }
    }
}

/// Does what a command says.
///
/// # Errors
///
/// Why it did not get as far as its operation.
fn call(context: &Context<'_>, command: &Command) -> Result<Exit, Blocker> {
    match command {
        Command::Init(request) => init::run(context, request),
        Command::Status => status::run(context),
        Command::Refresh => refresh::run(context),
        Command::Reconcile(request) => reconcile::run(context, request),
        Command::Create(request) => create::run(context, request),
        Command::Register(request) => register::run(context, request),
        Command::Adopt(request) => adopt::run(context, request),
        Command::Forget(request) => forget::run(context, request),
        Command::Remove(request) => remove::run(context, request),
        Command::Relocate(request) => relocate::run(context, request),
        Command::Include(request) => include::run(context, request),
        Command::Exclude(request) => exclude::run(context, request),
        Command::Quarantine(request) => quarantine::run(context, request),
        Command::Restore(request) => restore::run(context, request),
        Command::Undo(request) => undo::run(context, request),
        Command::List(request) => list::run(context, request),
        Command::Show(request) => show::run(context, request),
        Command::Why(request) => why::run(context, request),
        Command::Unused(request) => unused::run(context, request),
        Command::Doctor(request) => doctor::run(context, request),
        Command::Explain(request) => explain::run(context, request),
        Command::Summary => summary::run(context),
        Command::Validate(request) => validate::run(context, request),
        Command::Pack(request) => pack::run(context, request),
        Command::Verify(request) => verify::run(context, request),
        Command::Wizard(request) => wizard::run(context, request),
        Command::Inspect(request) => inspect::run(context, request),
        Command::Diff(request) => diff::run(context, request),
        Command::Cache(request) => cache::run(context, request),
        Command::Watch(request) => watch::run(context, request),
        Command::Serve(request) => serve::run(context, request),
        Command::Config => config::run(context),
        Command::Hooks(request) => hooks::run(context, request),
        Command::MergeDriver(request) => merge_driver::run(context, request),
        Command::Schema(request) => schema::run(context, request),
        Command::Completions(request) => completions::run(context, request),
        Command::Man(request) => man::run(context, request),
    }
}

/// Whether a command looks for findings and does nothing else with the project, so that all that it came to
/// can be told by them.
fn has_findings(command: &Command) -> bool {
    match command {
        Command::Doctor(request) => !request.mends(),
        Command::Validate(_) | Command::Pack(_) | Command::Status => true,
        _ => false,
    }
}

/// Refuses a format that the command does not have.
fn without_findings(printer: &Printer, format: MessageFormat) -> Exit {
    let shell = printer.shell();
    let all = MessageFormat::value_variants().iter().filter(|format| !format.is_of_findings());
    let all: Vec<String> = all.map(|format| format!("`{}`", format.name())).collect();
    shell.error(format_args!(
        "this command cannot be told as `{}`, which holds findings alone",
        format.name()
    ));
    shell.help(format_args!(
        "It takes {}; `doctor` without `--fix`, `validate`, `pack` and `status` take all formats.",
        all.join(", ")
    ));
    exit::USAGE
}

/// Prints why a command did not get as far as its operation.
fn refuse(printer: &Printer, command: &Command, blocker: Blocker) -> Exit {
    let operation = match command {
        Command::Init(_) => Operation::InitWorkspace,
        Command::Status => Operation::WorkspaceStatus,
        Command::Refresh => Operation::Refresh,
        Command::Reconcile(_) => Operation::Reconcile,
        Command::Create(_) => Operation::CreateAsset,
        Command::Register(_) => Operation::RegisterAsset,
        Command::Adopt(_) => Operation::AdoptAsset,
        Command::Forget(_) => Operation::ForgetAsset,
        Command::Remove(_) => Operation::RemoveAsset,
        Command::Relocate(_) => Operation::RelocateAsset,
        Command::Include(_) | Command::Exclude(_) => Operation::SetIncluded,
        Command::Quarantine(_) => Operation::QuarantineAsset,
        Command::Restore(_) => Operation::RestoreAsset,
        Command::Undo(_) => Operation::Undo,
        Command::List(request) if request.quarantined => Operation::ListQuarantined,
        Command::List(_) => Operation::ListAssets,
        Command::Show(_) => Operation::GetAssetDetails,
        Command::Doctor(_) => Operation::Doctor,
        // What the wizard begins with.
        Command::Summary | Command::Wizard(_) => Operation::PackSummary,
        Command::Validate(_) => Operation::ValidatePack,
        Command::Pack(_) => Operation::Pack,
        Command::Inspect(_) => return printer.refuse_own(inspect::OPERATION, &blocker),
        Command::Diff(_) => return printer.refuse_own(diff::OPERATION, &blocker),
        Command::Why(_) => return printer.refuse_own(why::OPERATION, &blocker),
        Command::Unused(_) => return printer.refuse_own(unused::OPERATION, &blocker),
        Command::Verify(_) => return printer.refuse_own(verify::OPERATION, &blocker),
        Command::Explain(_) => return printer.refuse_own(explain::OPERATION, &blocker),
        Command::Cache(request) => return printer.refuse_own(cache::operation(request), &blocker),
        Command::Watch(_) => return printer.refuse_own(watch::OPERATION, &blocker),
        Command::Serve(_) => return serve::refuse(printer, &blocker),
        Command::Hooks(request) => return printer.refuse_own(hooks::operation(request), &blocker),
        Command::Config => return printer.refuse_own(config::OPERATION, &blocker),
        Command::MergeDriver(_) => return printer.refuse_own(merge_driver::OPERATION, &blocker),
        Command::Schema(_) => return printer.refuse_own(schema::OPERATION, &blocker),
        Command::Completions(_) => return printer.refuse_own(completions::OPERATION, &blocker),
        Command::Man(_) => return printer.refuse_own(man::OPERATION, &blocker),
    };
    printer.refuse(operation, blocker)
}

/// Hints at the new name that a game has for an asset with another root.
fn constant_moved(shell: &Shell, old_root: &AssetPath, new_root: &AssetPath) {
    let [old, new] = [old_root, new_root].map(|root| address::of_root(root).to_string());
    if old != new {
        shell.hint(format_args!(
            "a game calls it `assets::{new}` now; the compiler points at what still says `assets::{old}`"
        ));
    }
}

/// So many names stand in a hint.
const NAMED: usize = 3;

/// Hints at the names that a game has no longer.
fn constants_gone(shell: &Shell, plan: &Plan) {
    let registered = plan.affected_assets.iter().filter(|asset| asset.asset_id.is_some());
    let gone: Vec<String> =
        registered.map(|asset| format!("`assets::{}`", address::of_root(&asset.root))).collect();
    let more = match gone.len() {
        0 => return,
        1..=NAMED => String::new(),
        all => format!(" and {} more", all - NAMED),
    };
    shell.hint(format_args!(
        "a game has no {}{more} any more; the compiler points at what still says that",
        gone[..gone.len().min(NAMED)].join(", ")
    ));
}

/// The flag, else what cargo was told; then `anstream` decides.
pub(crate) fn color(flag: Option<ColorChoice>) -> ColorChoice {
    flag.unwrap_or_else(|| match std::env::var("CARGO_TERM_COLOR").as_deref() {
        Ok("always") => ColorChoice::Always,
        Ok("never") => ColorChoice::Never,
        _ => ColorChoice::Auto,
    })
}
