//! The table of assets, the largest first until somebody sorts it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{family_class, has_card, mark, size};
use crate::report::content::Content;
use crate::report::data::{Asset, Change, Kind, Report};
use crate::report::html::{grouped, share, text};

pub(super) fn write(page: &mut String, report: &Report, contents: &BTreeMap<u32, Content>) {
    let count = grouped(report.assets.len() as u64);
    let _ = write!(
        page,
        "<section aria-labelledby=\"assets\">\n<h2 id=\"assets\" tabindex=\"-1\">Assets</h2>\n\
         <form class=\"filter needs-js\" role=\"search\" aria-label=\"Filter assets\">\n\
         <div><label for=\"q\">Filter</label><input id=\"q\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\" \
         placeholder=\"root, name or address\"></div>\n\
         <div><label for=\"family\">Family</label><select id=\"family\"><option value=\"\">all families</option>"
    );
    for family in &report.families {
        let name = text(&family.asset_family);
        let _ = write!(page, "<option value=\"{name}\">{name}</option>");
    }
    let _ = write!(
        page,
        "</select></div>\n<button type=\"reset\" id=\"reset\">Show all</button>\n\
         <p role=\"status\" id=\"count\">{count} assets</p>\n</form>\n"
    );
    let changes: Option<BTreeMap<&str, &Change>> = report.since.as_ref().map(|since| {
        let present = since.changes.iter().filter(|change| change.kind != Kind::Removed);
        present.map(|change| (change.asset_uuid.as_str(), change)).collect()
    });
    page.push_str("<table class=\"assets\" id=\"table\">\n<caption class=\"unseen\">Assets of the pack</caption>\n<thead><tr>");
    let columns = [
        ("id", "ID", " class=\"n i\""),
        ("root", "Root", ""),
        ("name", "Name and address", ""),
        ("family", "Family", ""),
        ("codec", "Codec", ""),
        ("size", "Size", " class=\"n\""),
        ("share", "Share", " class=\"n\""),
        ("change", "Change", ""),
    ];
    let is_shown = |key: &str| key != "change" || changes.is_some();
    for (key, name, class) in columns.iter().filter(|(key, ..)| is_shown(key)) {
        let sorted = if *key == "size" { " aria-sort=\"descending\"" } else { "" };
        let _ = write!(
            page,
            "<th scope=\"col\"{class}{sorted}><button type=\"button\" data-key=\"{key}\">{name}</button></th>"
        );
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    let mut assets: Vec<&Asset> = report.assets.iter().collect();
    assets.sort_by_key(|asset| (std::cmp::Reverse(asset.size), asset.asset_id));
    for asset in assets {
        let change = changes.as_ref().map(|changes| changes.get(asset.asset_uuid.as_str()).copied());
        row(page, asset, has_card(asset, contents), change, report.pack.payload_size);
    }
    page.push_str(
        "</tbody>\n</table>\n<p class=\"none\" id=\"none\" hidden>No asset is like that.</p>\n</section>\n",
    );
}

fn row(page: &mut String, asset: &Asset, has_card: bool, change: Option<Option<&Change>>, whole: u64) {
    let id = asset.asset_id;
    let root = text(&asset.root);
    let root = if has_card {
        format!("<a href=\"#look-{id}\"><bdi>{root}</bdi></a>")
    } else {
        format!("<bdi>{root}</bdi>")
    };
    let preload =
        asset.slot.map_or(String::new(), |slot| format!(" <span class=\"slot\">slot {slot}</span>"));
    let part = if whole == 0 { 0.0 } else { asset.size as f64 / whole as f64 * 100.0 };
    let _ = write!(
        page,
        "<tr id=\"row-{id}\" data-a=\"{id}\" tabindex=\"-1\"><td class=\"n i\">{id}</td>\
         <th scope=\"row\">{root}</th>\
         <td class=\"name\"><bdi>{}</bdi> <code>{}</code></td>\
         <td class=\"kind\"><span class=\"chip {}\">{}</span>{preload}</td><td class=\"codec\">{}</td>\
         <td class=\"n size\">{}</td><td class=\"n share\" style=\"--p:{part:.1}\">{}</td>",
        text(&asset.asset_name),
        text(&asset.address),
        family_class(&asset.asset_family),
        text(&asset.asset_family),
        text(&asset.codec),
        size(asset.size),
        share(asset.size, whole)
    );
    if let Some(change) = change {
        let _ = write!(page, "<td class=\"change\">{}</td>", change.map_or(String::new(), mark));
    }
    page.push_str("</tr>\n");
}
