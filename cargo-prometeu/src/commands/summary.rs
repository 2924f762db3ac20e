//! `summary`: what a pack would take in, as a table.

use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::ops::{AssetSummary, Blocker, PackSummary, Response};

use super::Context;
use super::pack::EMPTY;
use crate::exit::Exit;
use crate::printer::bar::{Ink, bar};
use crate::printer::table::{Align, Table};
use crate::printer::{human, units, width};
use crate::session;
use crate::shell::Shell;

pub(super) fn run(context: &Context<'_>) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    Ok(context.printer.response(&project.pack_summary(), print))
}

/// Also the first phase of the wizard.
pub(super) fn print(shell: &Shell, response: &Response<PackSummary>) {
    human::trouble(shell, response);
    let Some(summary) = &response.payload else { return };
    if summary.total_included == 0 {
        shell.status("Summary", "no asset is registered and included");
        shell.hint(EMPTY);
        return;
    }
    shell.status("Summary", human::counted(summary.total_included, "asset"));
    let (assets, ink, now) = (&summary.assets, Ink::of_stdout(), units::now());
    let whole = table(assets, Some(ink), now);
    let is_narrow = width::of_stdout().is_some_and(|columns| columns < whole.width());
    let table = if is_narrow { table(assets, None, now) } else { whole };
    table.lines().for_each(|line| shell.print(line));
    let unread = assets.iter().filter(|asset| asset.max_artifact_count == 0).count();
    if unread > 0 {
        let them = human::counted(unread, "asset");
        shell.hint(format_args!("{them} cannot be read whole: `cargo prometeu doctor` says why"));
    }
}

/// With bars in some ink, or without, where there is no room for them.
fn table(assets: &[AssetSummary], ink: Option<Ink>, now: u64) -> Table {
    let mut head = vec![("ID", Align::Right), ("NAME", Align::Left), ("TYPE", Align::Left)];
    head.extend(ink.map(|_| ("", Align::Left)));
    head.extend([("ARTIFACTS", Align::Right), ("CHANGED", Align::Left)]);
    let mut table = Table::new(head);
    let width = |asset: &AssetSummary| asset.max_artifact_count.to_string().len();
    let widest = assets.iter().map(width).max().unwrap_or(0);
    for asset in assets {
        let or_dash = |text: &Option<String>| text.as_deref().map_or("-".to_owned(), visible);
        let (taken, most) = (asset.artifact_count, asset.max_artifact_count);
        let (drawn, counted) = match most {
            0 => (String::new(), "-".to_owned()),
            _ => (
                ink.map_or(String::new(), |ink| bar(taken, most, ink)),
                format!("{taken} of {most:>widest$}"),
            ),
        };
        let changed = asset.last_modified.map_or("-".to_owned(), |then| units::ago(then, now));
        let mut row =
            vec![asset.asset_id.to_string(), or_dash(&asset.asset_name), or_dash(&asset.asset_family)];
        row.extend(ink.map(|_| drawn));
        row.extend([counted, changed]);
        table.row(row);
    }
    table
}
