//! `diff`: what tells two packs, projects or revisions apart, asset by asset.
//!
//! It ends with 0 when it could compare, whatever it found, as `git diff` does; with `--exit-code` a
//! difference is 1.

use clap::{Args, ValueHint};
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::ops::{Blocker, ListOrder, OperationClass};
use serde_json::{Map, Value, json};

use super::own::{self, Answer};
use super::{Context, inspect};
use crate::cli::order;
use crate::comparison::sides::{self, Trouble};
use crate::comparison::{self, Asset, Change, Comparison, Kind, Names, Side};
use crate::exit::{self, Exit};
use crate::printer::human::counted;
use crate::printer::table::{Align, Table};
use crate::printer::{Printer, units};
use crate::shell::Shell;

/// The name in `operation`.
pub(super) const OPERATION: &str = "diff";

/// So many names are told of what changed in an asset.
const TOLD: usize = 4;

/// `diff`
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// A pack, the folder of a project, or a revision of git, such as HEAD~1 or git:main
    #[arg(value_hint = ValueHint::AnyPath)]
    old: String,

    /// The same; the project as it is unless given
    #[arg(value_hint = ValueHint::AnyPath)]
    new: Option<String>,

    /// Which come first: by id, by name, or those whose payloads grew or shrank the most
    #[arg(long, value_name = "ORDER", default_value = "id", hide_default_value = true, value_parser = order())]
    sort: ListOrder,

    /// End with 1 when anything differs
    #[arg(long)]
    exit_code: bool,
}

pub(super) fn run(context: &Context<'_>, request: &Diff) -> Result<Exit, Blocker> {
    let Context { global, printer } = context;
    let sides = sides::named(global, printer, &request.old).and_then(|old| {
        let new = match &request.new {
            Some(new) => sides::named(global, printer, new),
            None => sides::of_project(global, printer),
        };
        new.map(|new| (old, new))
    });
    let (old, new) = match sides {
        Ok(sides) => sides,
        Err(trouble) => return tell(printer, trouble),
    };
    let mut comparison = comparison::compare(&old, &new);
    sort(&mut comparison.changes, request.sort);
    let answer = Answer {
        operation: OPERATION,
        class: OperationClass::ReadOnly,
        summary: &summary(&comparison),
        members: members(&old, &new, &comparison),
    };
    own::answer(printer, answer, |shell| print(shell, &old, &new, &comparison));
    let differs = request.exit_code && !comparison.changes.is_empty();
    Ok(if differs { exit::FINDINGS } else { exit::DONE })
}

fn sort(changes: &mut [Change<'_>], order: ListOrder) {
    match order {
        ListOrder::Name => changes.sort_by(|a, b| a.asset().title().cmp(b.asset().title())),
        ListOrder::Size => changes.sort_by_key(|change| std::cmp::Reverse(change.moved_bytes())),
        _ => {}
    }
}

/// Why there is nothing to compare.
fn tell(printer: &Printer, trouble: Trouble) -> Result<Exit, Blocker> {
    match trouble {
        Trouble::Refused(blocker) => Err(blocker),
        Trouble::Unreadable(error) => inspect::unreadable(printer, OPERATION, &error),
        Trouble::Blocked(name, response) => {
            let message = format!("{} cannot be packed, so there is nothing to compare", shown(&name));
            Ok(own::not_packed(printer, OPERATION, &response, &message))
        }
    }
}

/// `1 added, 2 changed, 9 unchanged; payloads 40.4 kB -> 42.3 kB`.
fn summary(comparison: &Comparison<'_>) -> String {
    if comparison.changes.is_empty() {
        return format!("{}, no difference", counted(comparison.unchanged, "asset"));
    }
    let counts = Kind::ALL.map(|kind| (comparison.count(kind), kind.as_str()));
    let counts = counts.into_iter().chain([(comparison.unchanged, "unchanged")]);
    let counts: Vec<String> =
        counts.filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let [old, new] = comparison.sizes;
    format!("{}; payloads {}", counts.join(", "), sizes(old, new))
}

/// `34.8 kB`, or `200 B -> 1.1 kB (+900 B)`.
fn sizes(old: u64, new: u64) -> String {
    let [was, is] = [old, new].map(units::bytes);
    if old == new {
        return is;
    }
    let (sign, by) = if new > old { ("+", new - old) } else { ("-", old - new) };
    let both = if was == is { is } else { format!("{was} -> {is}") };
    format!("{both} ({sign}{})", units::bytes(by))
}

fn print(shell: &Shell, old: &Side, new: &Side, comparison: &Comparison<'_>) {
    if !comparison.changes.is_empty() {
        let head = [
            ("", Align::Left),
            ("ID", Align::Right),
            ("ASSET", Align::Left),
            ("SIZE", Align::Left),
            ("WHAT", Align::Left),
        ];
        let mut table = Table::new(head);
        for change in &comparison.changes {
            let size = match (change.old, change.new) {
                (Some(old), Some(new)) => sizes(old.size(), new.size()),
                _ => units::bytes(change.asset().size()),
            };
            table.row([
                change.kind.mark().to_owned(),
                change.asset().id().to_string(),
                visible(change.asset().title()),
                size,
                visible(&words(change).join("; ")),
            ]);
        }
        table.lines().for_each(|line| shell.print(line));
        shell.print("");
    }
    shell.print(summary(comparison));
    let names = format!("{} and {}", shown(&old.name), shown(&new.name));
    shell.status("Compared", visible(&names));
}

/// What was typed, or what nobody typed.
fn shown(name: &str) -> String {
    if name == sides::PROJECT { name.to_owned() } else { format!("`{name}`") }
}

/// What there is to say of a change.
fn words(change: &Change<'_>) -> Vec<String> {
    let (Some(old), Some(new)) = (change.old, change.new) else {
        return vec![change.kind.as_str().to_owned()];
    };
    let mut words = Vec::new();
    for what in &change.what {
        words.push(match *what {
            "asset_id" => format!("id was {}", old.id()),
            "asset_uuid" => "registered anew with the same payload".to_owned(),
            "name" => format!("name was `{}`, is `{}`", old.entry.asset_name, new.entry.asset_name),
            "root" => format!("moved from `{}`", old.title()),
            "type" => format!("was {}, is {}", old.entry.bank_type, new.entry.bank_type),
            "preload" if new.preload => "preloaded now".to_owned(),
            "preload" => "not preloaded any more".to_owned(),
            "inputs" => files(&change.inputs),
            "pipeline" => "other palettes or settings of its pipeline".to_owned(),
            "metadata" => format!("metadata {}", some(&quoted(&change.metadata))),
            _ => continue,
        });
    }
    let artifacts = &change.artifacts;
    let palettes: Vec<String> = artifacts.palettes.iter().map(ToString::to_string).collect();
    for (indices, what) in
        [(&artifacts.added, "new"), (&artifacts.removed, "gone"), (&artifacts.changed, "changed")]
    {
        if let [first, rest @ ..] = indices.as_slice() {
            let plural = if rest.is_empty() { "" } else { "s" };
            let all: Vec<String> = std::iter::once(first).chain(rest).map(ToString::to_string).collect();
            words.push(format!("{}{plural} {} {what}", artifacts.thing, some(&all)));
        }
    }
    if !palettes.is_empty() {
        let plural = if palettes.len() == 1 { "" } else { "s" };
        words.push(format!("palette{plural} {} changed", some(&palettes)));
    }
    match (change.what.contains(&"payload"), artifacts.is_empty()) {
        (true, true) => words.push("other bytes".to_owned()),
        (false, _) if change.what.contains(&"inputs") => words.push("the payload is the same".to_owned()),
        _ => {}
    }
    words
}

fn files(names: &Names) -> String {
    let told = [(&names.added, "new"), (&names.removed, "gone"), (&names.changed, "changed")];
    let told = told.into_iter().filter(|(names, _)| !names.is_empty());
    let told: Vec<String> = told.map(|(names, what)| format!("{} {what}", some(&quoted(names)))).collect();
    told.join(", ")
}

fn quoted(names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("`{name}`")).collect()
}

/// The first few, and how many more there are.
fn some(all: &[String]) -> String {
    match all.len().checked_sub(TOLD) {
        Some(more @ 1..) => format!("{} and {more} more", all[..TOLD].join(", ")),
        _ => all.join(", "),
    }
}

fn members(old: &Side, new: &Side, comparison: &Comparison<'_>) -> Vec<(&'static str, Value)> {
    let side = |side: &Side| {
        json!({
            "name": side.name,
            "kind": side.kind,
            "digest": side.digest,
            "size": side.size,
            "total_assets": side.assets.len(),
        })
    };
    let mut totals = Map::new();
    for kind in Kind::ALL {
        totals.insert(kind.as_str().to_owned(), json!(comparison.count(kind)));
    }
    totals.insert("unchanged".to_owned(), json!(comparison.unchanged));
    let [was, is] = comparison.sizes;
    totals.insert("old_size".to_owned(), json!(was));
    totals.insert("new_size".to_owned(), json!(is));
    let changes: Vec<Value> = comparison.changes.iter().map(change).collect();
    vec![("old", side(old)), ("new", side(new)), ("changes", json!(changes)), ("totals", totals.into())]
}

fn change(change: &Change<'_>) -> Value {
    let state = |asset: &Asset| {
        let mut state = json!({
            "asset_id": asset.id(),
            "asset_name": asset.entry.asset_name,
            "bank_type": asset.entry.bank_type,
            "preload": asset.preload,
            "size": asset.size(),
            "payload_sha256": asset.digest.to_string(),
        });
        if let Some(source) = &asset.source {
            state["asset_uuid"] = json!(source.asset_uuid.to_string());
            state["root"] = json!(source.root);
        }
        state
    };
    let mut members = json!({ "change": change.kind.as_str() });
    for (name, asset) in [("old", change.old), ("new", change.new)] {
        if let Some(asset) = asset {
            members[name] = state(asset);
        }
    }
    if change.kind == Kind::Changed {
        let Names { added, removed, changed } = &change.inputs;
        members["what"] = json!(change.what);
        members["inputs"] = json!({ "added": added, "removed": removed, "changed": changed });
        members["metadata"] = json!(change.metadata);
        let artifacts = &change.artifacts;
        members["artifacts"] = json!({
            "added": artifacts.added,
            "removed": artifacts.removed,
            "changed": artifacts.changed,
            "palettes": artifacts.palettes,
        });
    }
    members
}
