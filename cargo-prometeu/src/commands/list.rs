//! `list`: a table of assets, or of what lies in quarantine.

mod quarantined;

use crate::cli::families;
use crate::cli::order;
use clap::Args;
use prometeu_packer::Project;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::ops::ListOrder;
use prometeu_packer::ops::{AssetRow, Blocker, ListRequest, Response, Status};

use super::Context;
use crate::exit::Exit;
use crate::printer::human::{counted, trouble};
use crate::printer::table::{Align, Table};
use crate::printer::units;
use crate::session;
use crate::shell::{Shell, Verbosity};

/// `list`
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those that are not registered
    #[arg(long, conflicts_with = "excluded")]
    unregistered: bool,

    /// Only those that are registered and kept out of builds
    #[arg(long)]
    excluded: bool,

    /// What lies in quarantine instead
    #[arg(long, conflicts_with_all = ["unregistered", "excluded", "family", "sort"])]
    pub(super) quarantined: bool,

    /// Only those of this type
    #[arg(long, value_name = "FAMILY", value_parser = families())]
    family: Option<String>,

    /// Which come first: by id, by name, or the largest
    #[arg(long, value_name = "ORDER", default_value = "id", hide_default_value = true, value_parser = order())]
    sort: ListOrder,
}

pub(super) fn run(context: &Context<'_>, request: &List) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    if request.quarantined {
        return Ok(context.printer.response(&project.list_quarantined(), quarantined::print));
    }
    let filtered = request.unregistered || request.excluded || request.family.is_some();
    let response = project.list_assets(&ListRequest {
        family: request.family.clone(),
        excluded: request.excluded,
        unregistered: request.unregistered,
        sort: request.sort,
    });
    Ok(context.printer.response(&response, |shell, response| print(shell, response, &project, filtered)))
}

fn print(shell: &Shell, response: &Response<Vec<AssetRow>>, project: &Project, filtered: bool) {
    let rows = response.payload.as_deref().unwrap_or_default();
    if !rows.is_empty() {
        // Who cannot read the registry does not know what it holds.
        let is_known = !response.diagnostics.iter().any(|found| found.code.as_str().starts_with("registry-"));
        table(rows, shell.verbosity() >= Verbosity::Verbose, is_known)
            .lines()
            .for_each(|line| shell.print(line));
    }
    trouble(shell, response);
    if response.status != Status::Ok {
        return;
    }
    let count = |test: &dyn Fn(&AssetRow) -> bool| rows.iter().filter(|row| test(row)).count();
    let mut words = vec![counted(rows.len(), "asset")];
    for (count, what) in [
        (count(&|row| row.asset_id.is_some() && !row.included_in_build), "excluded"),
        (count(&|row| row.asset_id.is_none()), "not registered"),
        (count(&|row| row.errors > 0), "with errors"),
        (count(&|row| row.errors == 0 && row.warnings > 0), "with warnings"),
    ] {
        if count > 0 {
            words.push(format!("{count} {what}"));
        }
    }
    shell.status("Listed", words.join(", "));
    match rows.iter().find(|row| row.asset_id.is_none()) {
        Some(row) => {
            if let Some(advice) = project.snapshot().ok().and_then(|snapshot| snapshot.advice(&row.root)) {
                shell.hint(format_args!("`{}`: {}", visible(&row.root), visible(&advice)));
            }
        }
        None if rows.is_empty() && !filtered => {
            shell.hint("`cargo prometeu create ui/atlas --type glyph_bank` makes a first one");
        }
        None => {}
    }
}

fn table(rows: &[AssetRow], uuids: bool, is_known: bool) -> Table {
    let mut head = vec![
        ("ID", Align::Right),
        ("ROOT", Align::Left),
        ("TYPE", Align::Left),
        ("NAME", Align::Left),
        ("ARTIFACTS", Align::Right),
        ("SIZE", Align::Right),
        ("CHANGED", Align::Left),
        ("STATE", Align::Left),
    ];
    if uuids {
        head.push(("UUID", Align::Left));
    }
    let mut table = Table::new(head);
    let now = units::now();
    for row in rows {
        let or_dash = |text: Option<String>| text.map_or("-".to_owned(), |text| visible(&text));
        let mut cells = vec![
            or_dash(row.asset_id.map(|id| id.to_string())),
            visible(&row.root),
            or_dash(row.asset_family.clone()),
            or_dash(row.asset_name.clone()),
            row.artifact_count.to_string(),
            units::bytes(row.size),
            or_dash(row.last_modified.map(|then| units::ago(then, now))),
            state(row, is_known),
        ];
        if uuids {
            cells.push(or_dash(row.asset_uuid.map(|uuid| uuid.to_string())));
        }
        table.row(cells);
    }
    table
}

/// What there is to say of an asset; nothing of one that is simply built.
fn state(row: &AssetRow, is_known: bool) -> String {
    let managed = match (row.asset_id, row.copy_of, row.included_in_build) {
        (None, ..) if !is_known => None,
        (None, Some(id), _) => Some(format!("not registered, a copy of {id}")),
        (None, None, _) => Some("not registered".to_owned()),
        (Some(_), _, false) => Some("excluded".to_owned()),
        (Some(_), _, true) => None,
    };
    let counted = |count: usize, what| (count > 0).then(|| counted(count, what));
    // The problem is the error, in words.
    let errors = match &row.problem {
        Some(problem) => Some(visible(problem)),
        None => counted(row.errors, "error"),
    };
    let state = [managed, errors, counted(row.warnings, "warning")];
    state.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
