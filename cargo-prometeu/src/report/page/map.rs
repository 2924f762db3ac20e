//! The map: one area an asset, as large as its payload is among all.
//!
//! It is laid out twice, for a wide page and for a tall one, and the style chooses. Each area is a link to what it
//! stands for, so that it works with a pointer, with keys, and when it is read aloud; the table says the same in words.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{anchor, family_class, split};
use crate::printer::units;
use crate::report::content::Content;
use crate::report::data::Report;
use crate::report::html::{share, text};
use crate::report::treemap::{self, Node, Rect};

/// The whole, in the units of the style: these are also its sides' proportions there.
const WIDE: Rect = Rect { left: 0.0, top: 0.0, width: 1100.0, height: 480.0 };
const TALL: Rect = Rect { left: 0.0, top: 0.0, width: 360.0, height: 480.0 };

/// An area smaller than this holds no word, whatever the width of the page.
const WORDS: (f64, f64) = (34.0, 17.0);

pub(super) fn write(page: &mut String, report: &Report, contents: &BTreeMap<u32, Content>) {
    if report.pack.payload_size == 0 {
        return;
    }
    page.push_str(
        "<section aria-labelledby=\"map\">\n<h2 id=\"map\">Where the bytes are</h2>\n\
         <p class=\"lead\" id=\"map-help\">One area an asset, by the size of its payload; what lies in one folder lies \
         together. <span class=\"needs-js\">Arrow keys move, Enter opens.</span> \
         <a href=\"#assets\">The same as a table.</a></p>\n\
         <div class=\"map\" id=\"treemap\" role=\"group\" aria-labelledby=\"map\" aria-describedby=\"map-help\">\n",
    );
    let (nodes, folders) = tree(report);
    let wide: BTreeMap<usize, Rect> = treemap::lay_out(&nodes, WIDE).into_iter().collect();
    let tall: BTreeMap<usize, Rect> = treemap::lay_out(&nodes, TALL).into_iter().collect();
    for (n, asset) in report.assets.iter().enumerate() {
        let (Some(wide), Some(tall)) = (wide.get(&n), tall.get(&n)) else { continue };
        let (folder, name) = split(&asset.root);
        let other = if folders[n].is_multiple_of(2) { "" } else { " e" };
        let _ = write!(
            page,
            "<a class=\"{}{other}\" href=\"#{}\" data-a=\"{}\" aria-label=\"{}, {}, {}, {}\" style=\"",
            family_class(&asset.asset_family),
            anchor(asset, contents),
            asset.asset_id,
            text(&asset.root),
            text(&asset.asset_family),
            units::bytes(asset.size),
            share(asset.size, report.pack.payload_size)
        );
        place(page, ["l", "t", "w", "h"], wide, WIDE);
        page.push(';');
        place(page, ["L", "T", "W", "H"], tall, TALL);
        page.push_str("\">");
        if [wide, tall].iter().any(|rect| rect.width >= WORDS.0 && rect.height >= WORDS.1) {
            let _ = write!(
                page,
                "<b><bdi>{}</bdi></b><s>{}</s><u><bdi>{}</bdi></u>",
                text(name),
                units::bytes(asset.size),
                text(folder)
            );
        }
        page.push_str("</a>\n");
    }
    page.push_str("</div>\n<p class=\"says\" id=\"map-says\" aria-hidden=\"true\">&nbsp;</p>\n</section>\n");
}

/// Assets in their folders, these in their families; and of each asset the number of its folder.
fn tree(report: &Report) -> (Vec<Node>, Vec<usize>) {
    let mut families: BTreeMap<&str, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
    for (n, asset) in report.assets.iter().enumerate() {
        let (folder, _) = split(&asset.root);
        families.entry(&asset.asset_family).or_default().entry(folder).or_default().push(n);
    }
    let mut numbers = vec![0; report.assets.len()];
    let mut nodes = Vec::new();
    for folders in families.values() {
        let mut family = Vec::new();
        for (number, assets) in folders.values().enumerate() {
            assets.iter().for_each(|n| numbers[*n] = number);
            family.push(Node::Group(assets.iter().map(|n| Node::Leaf(*n, report.assets[*n].size)).collect()));
        }
        nodes.push(Node::Group(family));
    }
    (nodes, numbers)
}

/// A rectangle in parts of a hundred of the whole, as values of these names.
fn place(page: &mut String, names: [&str; 4], rect: &Rect, whole: Rect) {
    let parts = [
        rect.left / whole.width,
        rect.top / whole.height,
        rect.width / whole.width,
        rect.height / whole.height,
    ];
    for (n, (name, part)) in names.iter().zip(parts).enumerate() {
        let part = format!("{:.3}", part * 100.0);
        let part = part.trim_end_matches('0').trim_end_matches('.');
        let _ = write!(page, "{}--{name}:{part}", if n == 0 { "" } else { ";" });
    }
}
