//! What the pack is, in numbers; and what changed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{family_class, gallery, growth, mark, size, title};
use crate::printer::units;
use crate::report::content::Content;
use crate::report::data::{Change, Kind, Report, Since};
use crate::report::html::{grouped, share, text};
use crate::report::many;

/// So many changes are shown at once; more of them wait to be asked for.
const SHOWN: usize = 40;

/// The head of the page.
pub(super) fn write(page: &mut String, report: &Report, contents: &BTreeMap<u32, Content>) {
    let pack = &report.pack;
    let _ = write!(
        page,
        "<header class=\"top\">\n<p class=\"eyebrow\">Pack report</p>\n<h1><bdi>{}</bdi></h1>\n<dl class=\"facts\">\n",
        title(report)
    );
    let preloaded: u32 = report.families.iter().map(|family| family.preloaded).sum();
    let assets = changes_len(report);
    fact(page, "Pack", &units::bytes(pack.size), &format!("{} bytes", grouped(pack.size)));
    fact(page, "Assets", &grouped(u64::from(assets)), &format!("{preloaded} preloaded"));
    let of_pack = |part| format!("{} of the pack", share(part, pack.size));
    fact(page, "Payload", &units::bytes(pack.payload_size), &of_pack(pack.payload_size));
    let metadata = format!("{} of it metadata", units::bytes(pack.metadata_size));
    fact(page, "Table", &units::bytes(pack.table_size), &metadata);
    fact(page, "Alignment", &units::bytes(pack.alignment_size), &of_pack(pack.alignment_size));
    if let Some(since) = &report.since {
        fact(page, "Since the last", &difference(since, pack.size), &counts(since));
    }
    page.push_str("</dl>\n");
    bar(page, report);
    parts(page, report, contents);
    page.push_str("</header>\n");
}

/// Links to the parts that this page has.
fn parts(page: &mut String, report: &Report, contents: &BTreeMap<u32, Content>) {
    let mut parts = vec![("families", "Families")];
    parts.extend(report.since.as_ref().map(|_| ("changes", "Changes")));
    parts.extend((report.pack.payload_size > 0).then_some(("map", "Map")));
    parts.push(("assets", "Assets"));
    let seen: Vec<&Content> = contents.values().filter(|content| content.is_seen()).collect();
    let has = |is_one: fn(&Content) -> bool| seen.iter().any(|content| is_one(content));
    parts.extend(gallery::KINDS.iter().filter(|(.., is_one)| has(*is_one)).map(|(id, name, _)| (*id, *name)));
    parts.extend((!report.left_out.is_empty()).then_some(("left-out", "Left out")));
    let links = parts.iter().map(|(id, name)| format!("<a href=\"#{id}\">{name}</a>"));
    let _ = writeln!(
        page,
        "<nav aria-label=\"Parts of this page\">{}</nav>",
        links.collect::<Vec<_>>().join(" ")
    );
}

/// What the bytes are; beside it, where there is room, what changed since the report before.
pub(super) fn details(page: &mut String, report: &Report) {
    page.push_str("<div class=\"beside\">\n<section aria-labelledby=\"families\">\n<h2 id=\"families\">What is in it</h2>\n");
    families(page, report);
    page.push_str("</section>\n");
    changes(page, report);
    page.push_str("</div>\n");
}

fn changes_len(report: &Report) -> u32 {
    report.families.iter().map(|family| family.assets).sum()
}

fn fact(page: &mut String, name: &str, value: &str, more: &str) {
    let _ = writeln!(page, "<div><dt>{name}</dt><dd>{value}</dd><dd class=\"more\">{more}</dd></div>");
}

/// By how much the whole pack grew.
fn difference(since: &Since, size: u64) -> String {
    let bytes = units::bytes(size.abs_diff(since.size));
    match size.cmp(&since.size) {
        std::cmp::Ordering::Equal => "±0".to_owned(),
        std::cmp::Ordering::Greater => format!("+{bytes}"),
        std::cmp::Ordering::Less => format!("−{bytes}"),
    }
}

fn counts(since: &Since) -> String {
    crate::report::counts(since)
}

/// What the bytes of the file are: one stripe, told in words below it and to who cannot see it.
fn bar(page: &mut String, report: &Report) {
    let pack = &report.pack;
    page.push_str("<div class=\"bar\" aria-hidden=\"true\">");
    let families = report.families.iter().map(|family| (family_class(&family.asset_family), family.size));
    for (class, bytes) in families.chain([('t', pack.table_size), ('z', pack.alignment_size)]) {
        if bytes > 0 {
            let _ = write!(page, "<i class=\"{class}\" style=\"flex-grow:{bytes}\"></i>");
        }
    }
    page.push_str("</div>\n");
}

fn families(page: &mut String, report: &Report) {
    page.push_str(
        "<table class=\"families\">\n<caption class=\"unseen\">What the bytes of the pack are</caption>\n<thead><tr>\
         <th scope=\"col\">Family</th><th scope=\"col\" class=\"n\">Assets</th><th scope=\"col\" class=\"n\">Size</th>\
         <th scope=\"col\" class=\"n\">Share</th><th scope=\"col\" class=\"n\">Preloaded</th></tr></thead>\n<tbody>\n",
    );
    let whole = report.pack.size;
    for family in &report.families {
        let slots = match family.slots {
            Some(slots) => format!("{} of {slots}<span class=\"word\"> slots</span>", family.preloaded),
            None => family.preloaded.to_string(),
        };
        let _ = writeln!(
            page,
            "<tr><th scope=\"row\"><i class=\"key {}\"></i>{}</th><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{slots}</td></tr>",
            family_class(&family.asset_family),
            text(&family.asset_family),
            family.assets,
            size(family.size),
            share(family.size, whole),
        );
    }
    for (class, name, bytes) in
        [('t', "table", report.pack.table_size), ('z', "alignment", report.pack.alignment_size)]
    {
        let _ = writeln!(
            page,
            "<tr class=\"aside\"><th scope=\"row\"><i class=\"key {class}\"></i>{name}</th><td></td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td><td></td></tr>",
            size(bytes),
            share(bytes, whole)
        );
    }
    page.push_str("</tbody>\n</table>\n");
}

/// What changed since the report before, if there was one.
fn changes(page: &mut String, report: &Report) {
    let Some(since) = &report.since else { return };
    page.push_str("<section aria-labelledby=\"changes\">\n<h2 id=\"changes\">What changed</h2>\n");
    let _ = writeln!(
        page,
        "<p class=\"lead\">Since a pack of {} with {}: {}. The pack is now {} ({}).</p>",
        units::bytes(since.size),
        many(since.total_assets, "asset"),
        counts(since),
        units::bytes(report.pack.size),
        difference(since, report.pack.size)
    );
    if !since.changes.is_empty() {
        let is_long = since.changes.len() > SHOWN;
        if is_long {
            let _ = write!(page, "<details>\n<summary>All {} changes</summary>\n", since.changes.len());
        }
        page.push_str("<ul class=\"changes\">\n");
        since.changes.iter().for_each(|change| one(page, change));
        page.push_str("</ul>\n");
        if is_long {
            page.push_str("</details>\n");
        }
    }
    page.push_str("</section>\n");
}

fn one(page: &mut String, change: &Change) {
    let root = text(&change.root);
    let place = match change.kind {
        Kind::Removed => format!("<bdi class=\"root\">{root}</bdi>"),
        _ => format!("<a class=\"root\" href=\"#row-{}\"><bdi>{root}</bdi></a>", change.asset_id),
    };
    let mut more = Vec::new();
    more.extend(change.root_before.iter().map(|root| format!("was <bdi>{}</bdi>", text(root))));
    more.extend(change.name_before.iter().map(|name| format!("was called <bdi>{}</bdi>", text(name))));
    match (change.size_before, change.size_after) {
        (Some(before), Some(after)) if before != after => {
            more.push(format!("{} → {} ({})", units::bytes(before), units::bytes(after), growth(change)));
        }
        (Some(bytes), None) | (None, Some(bytes)) => more.push(units::bytes(bytes)),
        _ => {}
    }
    let what: Vec<String> = change.what.iter().map(|what| text(what)).collect();
    if !what.is_empty() && change.kind == Kind::Changed {
        more.push(what.join(", "));
    }
    let kind = match change.kind {
        Kind::Changed => "<span class=\"mark changed\">changed</span>".to_owned(),
        _ => mark(change),
    };
    let _ = writeln!(page, "<li>{kind} {place} <span class=\"dim\">{}</span></li>", more.join(" · "));
}
