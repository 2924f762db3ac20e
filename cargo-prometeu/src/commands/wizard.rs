//! `wizard`: a pack in its four phases, one after the other: summary, validation, packing, result.
//!
//! The phases are operations of the library, and a studio's wizard asks for the same ones. Red validation
//! ends it: packing does not begin. A person is asked before anything is written; a script is not, since
//! a pack is outputs alone.

use clap::Args;
use prometeu_packer::ops::{Blocker, PackGoal, PackResult, PackedFile, Response, Status, ValidateRequest};
use std::path::PathBuf;

use super::pack::{files, make, work};
use super::{Context, summary, validate};
use crate::exit::{self, Exit};
use crate::printer::human::{self, counted};
use crate::printer::table::{Align, Table};
use crate::printer::{Printer, display_path, units};
use crate::session;
use crate::shell::Shell;

/// `wizard`
#[derive(Debug, Args)]
pub(crate) struct Wizard {
    /// Where to write; what the project's settings say unless given, or `build/` in it
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Let warnings block like errors
    #[arg(long)]
    strict: bool,

    /// Pack without asking first
    #[arg(short, long)]
    yes: bool,
}

pub(super) fn run(context: &Context<'_>, request: &Wizard) -> Result<Exit, Blocker> {
    let Context { global, printer } = context;
    let project = session::open_to_build(global, printer)?;
    let pack = make(context, &project, request.out.as_deref(), request.strict, PackGoal::Publish)?;

    let summarised = project.pack_summary();
    let exit = printer.response(&summarised, summary::print);
    let Some(total) = summarised.payload.as_ref().map(|summary| summary.total_included) else {
        return Ok(exit);
    };

    gap(printer);
    printer.begin("Validating");
    let validated = project.validate_pack(ValidateRequest { strict: pack.strict });
    let exit = printer.response(&validated, validate::print);
    if validated.status != Status::Ok {
        if printer.for_people() {
            printer.shell().note("packing does not begin");
        }
        return Ok(exit);
    }

    if !request.yes && !agreed(printer, total) {
        printer.shell().note("nothing was packed");
        return Ok(exit::CONSENT);
    }
    if printer.for_people() {
        let out = display_path(&pack.out_dir);
        printer.shell().status("Packing", format_args!("{} into {out}", counted(total, "asset")));
    }
    printer.begin("Packing");
    let packed = project.pack(&pack);
    Ok(printer.response(&packed, result))
}

/// Whether a person agrees; where nobody can be asked, nobody has to.
fn agreed(printer: &Printer, total: usize) -> bool {
    let shell = printer.shell();
    if !printer.for_people() || !shell.can_ask() {
        return true;
    }
    shell.ask(&format!("Pack {}?", counted(total, "asset")), true)
}

fn gap(printer: &Printer) {
    if printer.for_people() {
        printer.shell().gap();
    }
}

/// What came of it: each file of the set with its size, and how much work it was.
fn result(shell: &Shell, response: &Response<PackResult>) {
    human::trouble(shell, response);
    let Some(result) = &response.payload else { return };
    // What was found is followed by an empty line already.
    if response.diagnostics.is_empty() {
        shell.gap();
    }
    let mut table = Table::new([("FILE", Align::Left), ("SIZE", Align::Right), ("", Align::Left)]);
    for PackedFile { path, size, changed } in files(result) {
        let state = if *changed { "written" } else { "as it was" };
        table.row([display_path(path), units::bytes(*size), state.to_owned()]);
    }
    table.lines().for_each(|line| shell.print(line));
    shell.gap();
    let (assets, took) = (counted(result.total_assets, "asset"), units::millis(result.duration_ms));
    shell.status("Finished", format_args!("{assets}{} in {took}", work(result)));
}
