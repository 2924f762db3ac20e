//! `list --quarantined`: what was put out of the way, and where it was.

use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::ops::{Response, Status};
use prometeu_packer::quarantine::{Quarantined, Record};

use crate::printer::human::trouble;
use crate::printer::table::{Align, Table};
use crate::shell::{Shell, Verbosity};

pub(super) fn print(shell: &Shell, response: &Response<Vec<Quarantined>>) {
    let entries = response.payload.as_deref().unwrap_or_default();
    if !entries.is_empty() {
        table(entries, shell.verbosity() >= Verbosity::Verbose).lines().for_each(|line| shell.print(line));
    }
    trouble(shell, response);
    if response.status != Status::Ok {
        return;
    }
    if entries.is_empty() {
        return shell.status("Listed", "nothing: the quarantine is empty");
    }
    let entry = if entries.len() == 1 { "entry" } else { "entries" };
    let mut words = vec![format!("{} {entry} in quarantine", entries.len())];
    let broken = entries.iter().filter(|found| found.problem().is_some()).count();
    if broken > 0 {
        words.push(format!("{broken} that cannot be restored"));
    }
    shell.status("Listed", words.join(", "));
    if let Some(found) = entries.iter().find(|found| found.problem().is_none()) {
        shell.hint(format_args!("`cargo prometeu restore {}` brings it back", found.entry));
    } else if let Some(help) = entries.iter().find_map(|found| found.in_the_way.as_ref()?.help.as_ref()) {
        shell.help(visible(help));
    }
}

fn table(entries: &[Quarantined], uuids: bool) -> Table {
    let mut head =
        vec![("ENTRY", Align::Left), ("WAS AT", Align::Left), ("ID", Align::Right), ("STATE", Align::Left)];
    if uuids {
        head.push(("UUID", Align::Left));
    }
    let mut table = Table::new(head);
    for found in entries {
        let Quarantined { entry, record, .. } = found;
        let or_dash = |text: Option<String>| text.map_or("-".to_owned(), |text| visible(&text));
        let read = record.as_ref().ok();
        let registered = read.and_then(|record| record.registered);
        let mut cells = vec![
            visible(entry),
            or_dash(read.map(|record| record.root.to_string())),
            or_dash(registered.map(|registered| registered.asset_id.to_string())),
            visible(&state(found)),
        ];
        if uuids {
            cells.push(or_dash(registered.map(|registered| registered.asset_uuid.to_string())));
        }
        table.row(cells);
    }
    table
}

/// What there is to say of an entry; nothing of an asset that would simply be built again.
fn state(found: &Quarantined) -> String {
    if let Some(problem) = found.problem() {
        return format!("cannot be restored: {problem}");
    }
    match &found.record {
        Ok(Record { registered: None, .. }) => "not registered".to_owned(),
        Ok(Record { registered: Some(registered), .. }) if !registered.included_in_build => {
            "excluded".to_owned()
        }
        _ => String::new(),
    }
}
