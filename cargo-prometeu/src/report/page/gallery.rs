//! What can be seen and heard: a card an asset, tiles first, then sounds, then files; in each by folder.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{anchor, base64, size, split};
use crate::printer::units;
use crate::report::budget::ROOM;
use crate::report::content::{Content, File, Sample, Samples};
use crate::report::data::{Asset, Report};
use crate::report::html::{grouped, text};
use crate::report::many;
use crate::report::picture::Tiles;
use crate::report::sound::HEIGHT;

/// Pixels of the page that a picture may be wide; one that would look small in that has twice the room.
const CARD: usize = 256;
const WIDE_CARD: usize = 560;

/// Of more cards than this, those that are out of sight are not drawn.
const MANY: usize = 80;

/// So many inputs of a bank of tiles are named.
const NAMED: usize = 12;

/// A kind of cards: the id of its part of the page, the title, and what belongs to it.
type Kind = (&'static str, &'static str, fn(&Content) -> bool);

/// In the order of the page.
pub(super) const KINDS: [Kind; 3] = [
    ("tiles", "Tiles", |content| matches!(content, Content::Tiles { .. })),
    ("sounds", "Sounds", |content| matches!(content, Content::Sounds(_))),
    ("files", "Files", |content| matches!(content, Content::Files { .. })),
];

pub(super) fn write(page: &mut String, report: &Report, contents: &BTreeMap<u32, Content>) {
    let mut assets: Vec<(&Asset, &Content)> =
        report.assets.iter().filter_map(|asset| Some((asset, contents.get(&asset.asset_id)?))).collect();
    assets.retain(|(_, content)| content.is_seen());
    assets.sort_by_key(|(asset, _)| &asset.root);
    for (id, name, is_one) in KINDS {
        let cards: Vec<_> = assets.iter().filter(|(_, content)| is_one(content)).collect();
        if cards.is_empty() {
            continue;
        }
        let many = if cards.len() > MANY { " many" } else { "" };
        let _ = write!(
            page,
            "<section class=\"gallery{many}\" aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{name}</h2>\n<ul class=\"cards\">\n"
        );
        for (asset, content) in cards {
            match content {
                Content::Tiles { tiles, files, png: Some(png) } => {
                    self::tiles(page, asset, (tiles, png), files);
                }
                Content::Sounds(samples) => sounds(page, asset, samples),
                Content::Files { files, more } => self::files(page, asset, files, *more),
                _ => {}
            }
        }
        page.push_str("</ul>\n</section>\n");
    }
    left_out(page, report, contents);
}

fn open(page: &mut String, asset: &Asset, class: &str, more: &str) {
    let (folder, name) = split(&asset.root);
    let _ = write!(
        page,
        "<li class=\"card{class}\" id=\"look-{id}\" data-a=\"{id}\" tabindex=\"-1\">\n\
         <h3><a href=\"#row-{id}\"><bdi><span class=\"dim\">{}</span>{}</bdi></a></h3>\n\
         <p class=\"meta\">{more} · {}</p>\n",
        text(folder),
        text(name),
        size(asset.size),
        id = asset.asset_id
    );
}

fn tiles(
    page: &mut String,
    asset: &Asset,
    (tiles, png): (&Tiles, &[u8]),
    files: &[(std::ops::Range<u32>, String)],
) {
    let is_wide = tiles.width > CARD / 2;
    let room = if is_wide { WIDE_CARD } else { CARD };
    let scale = (room / tiles.width).clamp(1, 8);
    let side = tiles.tile_size;
    let more = format!("{} of {side} × {side}", many(asset.artifacts, "tile"));
    open(page, asset, if is_wide { " wide" } else { "" }, &more);
    let _ = writeln!(
        page,
        "<div class=\"board\"><img class=\"px\" width=\"{}\" height=\"{}\" alt=\"The tiles of {}\" \
         src=\"data:image/png;base64,{}\"></div>",
        tiles.width * scale,
        tiles.height * scale,
        text(&asset.root),
        base64(png)
    );
    page.push_str("<fieldset class=\"palettes needs-js\"><legend>Palette</legend>");
    for (n, (index, colors)) in tiles.palettes.iter().enumerate() {
        let colors: String = colors.iter().flatten().map(|channel| format!("{channel:02x}")).collect();
        let checked = if n == 0 { " checked" } else { "" };
        let _ = write!(
            page,
            "<label><input type=\"radio\" name=\"p{}\" value=\"{index}\" data-colors=\"{colors}\"{checked}>\
             <i aria-hidden=\"true\"></i>{index}</label>",
            asset.asset_id
        );
    }
    page.push_str("</fieldset>\n<ol class=\"inputs\">");
    for (indices, name) in files.iter().take(NAMED) {
        let _ = write!(page, "<li><span>{}</span> <bdi>{}</bdi></li>", range(indices), text(name));
    }
    if files.len() > NAMED {
        let _ = write!(page, "<li>and {} more</li>", files.len() - NAMED);
    }
    page.push_str("</ol>\n</li>\n");
}

/// `4`, or `4–7`.
fn range(indices: &std::ops::Range<u32>) -> String {
    if indices.len() > 1 {
        format!("{}–{}", indices.start, indices.end - 1)
    } else {
        indices.start.to_string()
    }
}

fn sounds(page: &mut String, asset: &Asset, samples: &Samples) {
    let more = format!("{} at {} Hz", many(asset.artifacts, "sample"), grouped(u64::from(samples.rate)));
    open(page, asset, " wide", &more);
    page.push_str("<ol class=\"samples\">\n");
    for sample in samples.list.iter().filter(|sample| sample.is_here()) {
        self::sample(page, sample, samples.rate);
    }
    page.push_str("</ol>\n");
    let missing = samples.list.iter().filter(|sample| !sample.is_here()).count();
    if missing > 0 {
        let _ = writeln!(
            page,
            "<p class=\"dim\">and {missing} more, which are <a href=\"#left-out\">left out</a></p>"
        );
    }
    page.push_str("</li>\n");
}

fn sample(page: &mut String, sample: &Sample, rate: u32) {
    let name = text(&sample.name);
    page.push_str("<li class=\"sample\">");
    match &sample.wav {
        Some(wav) => {
            let _ = write!(
                page,
                "<button type=\"button\" class=\"play needs-js\" aria-label=\"Play {name}\"></button>\
                 <audio controls preload=\"none\" src=\"data:audio/wav;base64,{}\"></audio>",
                base64(wav)
            );
        }
        None => page
            .push_str("<span class=\"mute\" title=\"too long for this page\" aria-hidden=\"true\"></span>"),
    }
    let _ = write!(
        page,
        "<div class=\"about\"><bdi>{name}</bdi> <span class=\"dim\">{}</span>",
        seconds(sample.frames, rate)
    );
    if let Some((start, last)) = sample.looped {
        let _ = write!(
            page,
            " <span class=\"loop\">repeats {} to {}</span>",
            seconds(start, rate),
            seconds(last.saturating_add(1), rate)
        );
    }
    if sample.wav.is_none() {
        page.push_str(" <a class=\"dim\" href=\"#left-out\">left out</a>");
    }
    page.push_str("</div>");
    if let Some(path) = &sample.waveform {
        let width = sample.frames.clamp(1, crate::report::sound::COLUMNS);
        let _ = write!(
            page,
            "<div class=\"wave\"><svg viewBox=\"0 0 {width} {HEIGHT}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
        );
        if let Some((start, last)) = sample.looped {
            let at = |frame: u64| frame as f64 * width as f64 / sample.frames.max(1) as f64;
            let (left, right) = (at(start), at(last.saturating_add(1)));
            let _ = write!(page, "<rect x=\"{left:.2}\" width=\"{:.2}\" height=\"{HEIGHT}\"/>", right - left);
        }
        let _ = write!(page, "<path d=\"{}\"/></svg></div>", text(path));
    }
    page.push_str("</li>\n");
}

/// `1.25 s`, of so many frames.
fn seconds(frames: u64, rate: u32) -> String {
    let hundredths = u128::from(frames) * 100 / u128::from(rate.max(1));
    format!("{}.{:02} s", hundredths / 100, hundredths % 100)
}

fn files(page: &mut String, asset: &Asset, files: &[File], more: usize) {
    open(page, asset, "", &many(asset.artifacts, "file"));
    page.push_str("<ol class=\"glimpses\">\n");
    for file in files {
        let _ = write!(
            page,
            "<li><bdi>{}</bdi> <span class=\"dim\">{}</span>",
            text(&file.name),
            units::bytes(file.size)
        );
        match file.glimpse.as_deref() {
            Some("") => {}
            Some(glimpse) => {
                let lines: Vec<String> = glimpse.lines().map(text).collect();
                let _ = write!(
                    page,
                    "<pre tabindex=\"0\" role=\"region\" aria-label=\"How {} begins\">{}</pre>",
                    text(&file.name),
                    lines.join("\n")
                );
            }
            None => page.push_str(" <a class=\"dim\" href=\"#left-out\">left out</a>"),
        }
        page.push_str("</li>\n");
    }
    page.push_str("</ol>\n");
    if more > 0 {
        let _ = writeln!(page, "<p class=\"dim\">and {more} more, which nobody looked into</p>");
    }
    page.push_str("</li>\n");
}

/// What there was no room for, by asset.
fn left_out(page: &mut String, report: &Report, contents: &BTreeMap<u32, Content>) {
    if report.left_out.is_empty() {
        return;
    }
    let count: u64 = report.left_out.iter().map(|left_out| u64::from(left_out.count)).sum();
    let bytes: u64 = report.left_out.iter().map(|left_out| left_out.size).sum();
    let _ = write!(
        page,
        "<section aria-labelledby=\"left-out\">\n<h2 id=\"left-out\" tabindex=\"-1\">Left out</h2>\n\
         <p class=\"lead\">This page has room for {} of pictures and sounds, and gives it to the smallest. Nothing of \
         this is missing in the pack: {count} things, {} as they would stand here.</p>\n<details><summary>Which</summary>\n\
         <ul class=\"missing\">\n",
        units::bytes(ROOM),
        units::bytes(bytes)
    );
    let by_id: BTreeMap<u32, &Asset> = report.assets.iter().map(|asset| (asset.asset_id, asset)).collect();
    for left_out in &report.left_out {
        let Some(asset) = by_id.get(&left_out.asset_id) else { continue };
        let _ = writeln!(
            page,
            "<li><a href=\"#{}\"><bdi>{}</bdi></a> <span class=\"dim\">{}, {}</span></li>",
            anchor(asset, contents),
            text(&asset.root),
            many(left_out.count, left_out.what.as_str()),
            units::bytes(left_out.size)
        );
    }
    page.push_str("</ul>\n</details>\n</section>\n");
}
