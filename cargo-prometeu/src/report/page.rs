//! The page: its frame, and its parts in their order.
//!
//! All of it is there without a script: numbers, areas, rows, pictures, sounds with the browser's own controls. The
//! script adds sorting, filtering, palettes, arrow keys and one button a sound. Its text and that of the style stand
//! beside this file as what they are.

mod gallery;
mod map;
mod overview;
mod table;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prometeu_packer::Digest;

use super::content::Content;
use super::data::{Asset, Change, Kind, Report};
use super::html::{self, text};
use super::previous::{CLOSE, OPEN};
use crate::printer::units;

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// The page of a report, with what can be seen and heard of each asset by its id.
pub(super) fn write(report: &Report, contents: &BTreeMap<u32, Content>) -> String {
    let mut page = String::with_capacity(1 << 20);
    head(&mut page, report);
    page.push_str("<body>\n<a class=\"skip\" href=\"#assets\">Skip to the table of assets</a>\n");
    overview::write(&mut page, report, contents);
    page.push_str("<main>\n");
    overview::details(&mut page, report);
    map::write(&mut page, report, contents);
    table::write(&mut page, report, contents);
    gallery::write(&mut page, report, contents);
    page.push_str("</main>\n");
    foot(&mut page, report);
    page
}

fn head(page: &mut String, report: &Report) {
    let (script, style) = (base64(Digest::of(as_read(SCRIPT).as_bytes()).as_bytes()), as_read(STYLE));
    let title = title(report);
    page.push_str("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    // First of all, so that it holds for everything behind it. The style has attributes too, whose hashes nobody reads.
    page.push_str(&format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'sha256-{script}'; \
         style-src 'unsafe-inline'; img-src data:; media-src data:; base-uri 'none'; form-action 'none'\">\n"
    ));
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.push_str("<meta name=\"color-scheme\" content=\"light dark\">\n");
    page.push_str("<meta name=\"referrer\" content=\"no-referrer\">\n");
    page.push_str("<link rel=\"icon\" href=\"data:,\">\n");
    page.push_str(&format!("<title>{title}: pack report</title>\n<style>\n{style}</style>\n</head>\n"));
}

fn foot(page: &mut String, report: &Report) {
    page.push_str(&format!(
        "<footer>\n<p>Made by <code>cargo prometeu pack --report</code> from the bytes of the pack. 1 kB is 1,000 bytes.</p>\n\
         <p class=\"digest\">Format {} <code>{}</code></p>\n</footer>\n",
        report.pack.format_version,
        text(&report.pack.digest)
    ));
    let data = serde_json::to_string(report).expect("keys are strings, and nothing else can fail");
    page.push_str(OPEN);
    page.push_str(&html::json(&data));
    page.push_str(CLOSE);
    page.push_str(&format!("\n<script>{}</script>\n</body>\n</html>\n", as_read(SCRIPT)));
}

/// A text of ours as a browser reads it, whatever a checkout made of its lines: the policy's hash is of that.
fn as_read(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// What the page is about.
fn title(report: &Report) -> String {
    report.project.as_deref().map_or_else(|| "Asset pack".to_owned(), text)
}

/// The class of a family's colour.
fn family_class(family: &str) -> char {
    match family {
        "glyph_bank" => 'g',
        "sound_bank" => 's',
        "blob_bank" => 'b',
        _ => 'o',
    }
}

/// A size for people, the exact one for programs and for who rests on it.
fn size(bytes: u64) -> String {
    format!("<data value=\"{bytes}\" title=\"{} bytes\">{}</data>", html::grouped(bytes), units::bytes(bytes))
}

/// By how much something grew: `+1.2 kB`, `−3 B`.
fn growth(change: &Change) -> String {
    let growth = change.growth();
    let bytes = u64::try_from(growth.unsigned_abs()).unwrap_or(u64::MAX);
    match growth {
        0 => "±0".to_owned(),
        1.. => format!("+{}", units::bytes(bytes)),
        _ => format!("−{}", units::bytes(bytes)),
    }
}

/// What became of an asset, in the fewest words, with its colour.
fn mark(change: &Change) -> String {
    match change.kind {
        Kind::Added => "<span class=\"mark added\">new</span>".to_owned(),
        Kind::Removed => "<span class=\"mark removed\">removed</span>".to_owned(),
        Kind::Renamed => "<span class=\"mark renamed\">renamed</span>".to_owned(),
        Kind::Changed => format!("<span class=\"mark changed\">changed</span> {}", growth(change)),
    }
}

/// The folder and the name of a root: `ui/`, `atlas`.
fn split(root: &str) -> (&str, &str) {
    root.rfind('/').map_or(("", root), |at| root.split_at(at + 1))
}

/// Whether an asset has a card.
fn has_card(asset: &Asset, contents: &BTreeMap<u32, Content>) -> bool {
    contents.get(&asset.asset_id).is_some_and(Content::is_seen)
}

/// Where an asset is looked at: its card where it has one, else its row.
fn anchor(asset: &Asset, contents: &BTreeMap<u32, Content>) -> String {
    format!("{}-{}", if has_card(asset, contents) { "look" } else { "row" }, asset.asset_id)
}

/// Bytes as base64.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
