//! The palettes of a glyph bank: reading them from `output.pipeline`, and finding colours in them.
//!
//! ```json
//! "palettes": [ { "index": 0, "palette": { "colors": ["#000000", "#ff004d"] } } ]
//! ```
//!
//! A palette's identity is its `index`, 0 to 63; the list's order means nothing. Colours are
//! compared after reduction to RGB565, which is what the runtime draws with, so two declared
//! colours may be one.

use crate::diagnostics::{Anchor, Code, Finding, Pointer};
use crate::schema::json::{Kind, Member, Node};
use crate::schema::suggest::nearest;

/// How many palettes a bank has, declared or not.
pub(super) const PALETTES: usize = 64;
/// How many colours a palette has, declared or not.
pub(super) const COLORS: usize = 16;
/// The word for a transparent pixel where a colour is expected: one past the largest RGB565.
pub(super) const TRANSPARENT: u32 = 0x1_0000;

/// One declared palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Palette {
    /// Its identity, 0 to 63.
    pub(super) index: u8,
    /// 1 to 16 colours, red, green and blue.
    pub(super) colors: Vec<[u8; 3]>,
}

/// The palettes of one bank, ready to be searched for each pixel of it.
///
/// Both tables are indexed by an RGB565 colour or [`TRANSPARENT`], so that a pixel costs one look
/// and no search: in a build script these loops run unoptimised.
pub(super) struct Palettes {
    declared: Vec<Palette>,
    /// Bit `p` of an entry: palette `p` holds the colour.
    holders: Vec<u64>,
    /// The colour indices of the palette that was chosen last; stale for colours that it lacks.
    slots: Vec<u8>,
}

impl Palette {
    /// The colours as the runtime holds them.
    pub(super) fn rgb565(&self) -> impl DoubleEndedIterator<Item = u16> + ExactSizeIterator + '_ {
        self.colors.iter().map(|[r, g, b]| rgb565(*r, *g, *b))
    }

    /// The index under which an opaque pixel of that colour is stored: the lowest from 1 on, or 0
    /// when only colour 0 matches.
    pub(super) fn slot(&self, color: u16) -> Option<usize> {
        let mut found = self.rgb565().enumerate().filter(|(_, held)| *held == color).map(|(slot, _)| slot);
        let first = found.next()?;
        if first == 0 { found.next().or(Some(0)) } else { Some(first) }
    }
}

impl Palettes {
    /// Makes the tables. `declared` is by increasing index, without duplicates, as [`read`] yields it.
    pub(super) fn new(declared: Vec<Palette>) -> Self {
        let mut holders = vec![0_u64; TRANSPARENT as usize + 1];
        for palette in &declared {
            for color in palette.rgb565() {
                holders[usize::from(color)] |= 1 << palette.index;
            }
        }
        holders[TRANSPARENT as usize] = u64::MAX; // fits every palette, as index 0
        Self { declared, holders, slots: vec![0; TRANSPARENT as usize + 1] }
    }

    /// The palettes by increasing index.
    pub(super) fn declared(&self) -> &[Palette] {
        &self.declared
    }

    /// The declared palettes that hold all of `colors`, as bits.
    pub(super) fn holders(&self, colors: &[u32]) -> u64 {
        let declared = self.declared.iter().fold(0, |bits, palette| bits | 1 << palette.index);
        let mut bits: u64 = declared;
        for color in colors {
            bits &= self.holders[*color as usize];
        }
        bits
    }

    /// The indices of all colours of `palette`, by colour; only those may be looked up.
    pub(super) fn slots_of(&mut self, palette: usize) -> &[u8] {
        // From the back, so that the lowest index stays; index 0 first, so that any other wins.
        let held: Vec<u16> = self.declared[palette].rgb565().collect();
        self.slots[usize::from(held[0])] = 0;
        for (slot, color) in (0..16_u8).zip(&held).skip(1).rev() {
            self.slots[usize::from(*color)] = slot;
        }
        &self.slots
    }

    /// The position in [`Palettes::declared`] of the palette with the lowest index among `bits`.
    pub(super) fn lowest(&self, bits: u64) -> Option<usize> {
        self.declared.iter().position(|palette| bits >> palette.index & 1 == 1)
    }

    /// The palette block of the payload: 64 palettes of 16 colours as RGB565, little-endian.
    pub(super) fn block(&self) -> Vec<u8> {
        let mut block = vec![0; PALETTES * COLORS * 2];
        for palette in &self.declared {
            let start = usize::from(palette.index) * COLORS;
            for (slot, color) in palette.rgb565().enumerate() {
                block[(start + slot) * 2..][..2].copy_from_slice(&color.to_le_bytes());
            }
        }
        block
    }
}

/// A colour as the runtime holds it: 5, 6 and 5 bits, the low ones cut off.
pub(super) fn rgb565(r: u8, g: u8, b: u8) -> u16 {
    u16::from(r >> 3) << 11 | u16::from(g >> 2) << 5 | u16::from(b >> 3)
}

/// The palettes of `output.pipeline`, by increasing index; `None` when any of them is wrong.
///
/// Pushes `palette-missing`, `palette-count`, `palette-index-invalid` and `palette-colors-invalid`,
/// each at the very member.
pub(super) fn read(pipeline: Option<&Node>, findings: &mut Vec<Finding>) -> Option<Vec<Palette>> {
    let before = findings.len();
    let at = Pointer::root().key("output").key("pipeline");
    let list = list(pipeline, &at, findings)?;
    let at = at.key("palettes");
    if list.len() > PALETTES {
        let message = format!("{} palettes are declared, and a bank holds {PALETTES}", list.len());
        findings.push(
            Finding::new(Code::PaletteCount, Anchor::Value(at.index(PALETTES)), message)
                .label("the first one too many")
                .help("Split the asset into two banks, or merge palettes that share their colours."),
        );
    }

    let mut palettes: Vec<(Palette, usize)> = Vec::new();
    for (n, entry) in list.iter().take(PALETTES).enumerate() {
        let Some((index, colors)) = entry_of(entry, &at.index(n), findings) else { continue };
        match palettes.iter().find(|(palette, _)| palette.index == index) {
            Some((_, first)) => findings.push(duplicate_index(index, *first, &at.index(n), &palettes)),
            None => palettes.push((Palette { index, colors }, n)),
        }
    }
    palettes.sort_by_key(|(palette, _)| palette.index);
    (findings.len() == before).then(|| palettes.into_iter().map(|(palette, _)| palette).collect())
}

fn list<'a>(pipeline: Option<&'a Node>, at: &Pointer, findings: &mut Vec<Finding>) -> Option<&'a [Node]> {
    const SHAPE: &str = "Declare at least one: \
        `\"pipeline\": { \"palettes\": [ { \"index\": 0, \"palette\": { \"colors\": [\"#000000\", \"#ffffff\"] } } ] }`.";
    let (message, help) = match pipeline.map(|node| (node, member(node, "palettes"))) {
        Some((_, Some(palettes))) => match &palettes.kind {
            Kind::Array(list) if !list.is_empty() => return Some(list),
            Kind::Array(_) => ("`palettes` is empty, and a glyph bank has at least 1".to_owned(), None),
            other => (format!("`palettes` is {}, not a list", kind_name(other)), None),
        },
        Some((node, None)) => {
            let typo = similar(node, "palettes").map(|key| format!("Did you mean `palettes` by `{key}`?"));
            ("`output.pipeline` has no `palettes`".to_owned(), typo)
        }
        None => ("a glyph bank without `output.pipeline.palettes` has no colours".to_owned(), None),
    };
    let anchor = Anchor::Value(at.key("palettes"));
    findings.push(
        Finding::new(Code::PaletteMissing, anchor, message).help(help.unwrap_or_else(|| SHAPE.to_owned())),
    );
    None
}

/// Index and colours of one entry; both are checked, whatever is wrong with the other.
fn entry_of(entry: &Node, at: &Pointer, findings: &mut Vec<Finding>) -> Option<(u8, Vec<[u8; 3]>)> {
    if !matches!(entry.kind, Kind::Object(_)) {
        let message = format!("a palette is an object, and here is {}", kind_name(&entry.kind));
        findings.push(
            Finding::new(Code::PaletteIndexInvalid, Anchor::Value(at.clone()), message)
                .help("Write `{ \"index\": 0, \"palette\": { \"colors\": [\"#000000\"] } }`."),
        );
        return None;
    }
    let index = index_of(entry, at, findings);
    let colors = colors_of(entry, at, findings);
    Some((index?, colors?))
}

fn index_of(entry: &Node, at: &Pointer, findings: &mut Vec<Finding>) -> Option<u8> {
    let message = match member(entry, "index").map(|node| &node.kind) {
        Some(Kind::Number(text)) => {
            match text.parse::<u8>().ok().filter(|index| usize::from(*index) < PALETTES) {
                Some(index) => return Some(index),
                None => format!("the palette index {text} is not one of 0 to 63"),
            }
        }
        Some(other) => format!("the palette index is {}, not a number from 0 to 63", kind_name(other)),
        None => "the palette has no `index`".to_owned(),
    };
    let typo = if member(entry, "index").is_none() { similar(entry, "index") } else { None };
    let help = match typo {
        Some(key) => format!("Did you mean `index` by `{key}`?"),
        None => "Give the palette an `index` of its own, a whole number from 0 to 63.".to_owned(),
    };
    findings
        .push(Finding::new(Code::PaletteIndexInvalid, Anchor::Value(at.key("index")), message).help(help));
    None
}

fn duplicate_index(index: u8, first: usize, at: &Pointer, taken: &[(Palette, usize)]) -> Finding {
    let free = (0..64).find(|free| taken.iter().all(|(palette, _)| palette.index != *free));
    let help = match free {
        Some(free) => format!("The index is the palette's identity; the lowest that is free is {free}."),
        None => "The index is the palette's identity; all 64 are taken.".to_owned(),
    };
    let message = format!("the palette index {index} is taken by entry {first} of the list");
    Finding::new(Code::PaletteIndexInvalid, Anchor::Value(at.key("index")), message).help(help)
}

fn colors_of(entry: &Node, at: &Pointer, findings: &mut Vec<Finding>) -> Option<Vec<[u8; 3]>> {
    let before = findings.len();
    let at = at.key("palette").key("colors");
    let mut wrong = |at: &Pointer, message: String, help: String| {
        findings
            .push(Finding::new(Code::PaletteColorsInvalid, Anchor::Value(at.clone()), message).help(help));
    };
    let shape = || "Write `\"palette\": { \"colors\": [\"#000000\", \"#ff004d\"] }`.".to_owned();

    let palette = member(entry, "palette");
    let list = match palette.and_then(|palette| member(palette, "colors")).map(|node| &node.kind) {
        Some(Kind::Array(list)) if !list.is_empty() => list,
        Some(Kind::Array(_)) => {
            wrong(&at, "`colors` is empty, and a palette has 1 to 16".to_owned(), shape());
            return None;
        }
        Some(other) => {
            wrong(&at, format!("`colors` is {}, not a list", kind_name(other)), shape());
            return None;
        }
        None => {
            let (lacking, place, key) = match palette {
                Some(palette) => ("palette.colors", palette, "colors"),
                None => ("palette", entry, "palette"),
            };
            let help =
                similar(place, key).map_or_else(shape, |found| format!("Did you mean `{key}` by `{found}`?"));
            wrong(&at, format!("the palette has no `{lacking}`"), help);
            return None;
        }
    };
    if list.len() > COLORS {
        let message = format!("the palette has {} colours, and 16 is the most", list.len());
        let help = "Keep at most 16 here, and declare the rest as another palette.".to_owned();
        wrong(&at.index(COLORS), message, help);
    }
    let mut colors = Vec::with_capacity(COLORS);
    for (n, node) in list.iter().take(COLORS).enumerate() {
        let help = "Write `#` and six hexadecimal digits, red, green and blue: `#ff004d`.".to_owned();
        match &node.kind {
            Kind::String(text) => match parse_color(text) {
                Some(color) => colors.push(color),
                None => {
                    wrong(
                        &at.index(n),
                        format!("`{text:.40}` is not a colour"),
                        color_help(text).unwrap_or(help),
                    );
                }
            },
            other => wrong(&at.index(n), format!("{} is not a colour", kind_name(other)), help),
        }
    }
    (findings.len() == before).then_some(colors)
}

/// `#rrggbb` in either case.
fn parse_color(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    // `from_str_radix` alone would also take a sign.
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let channel = |n: usize| u8::from_str_radix(&digits[n..n + 2], 16).ok();
    Some([channel(0)?, channel(2)?, channel(4)?])
}

/// The very colour that a person meant, for the spellings of other tools.
fn color_help(text: &str) -> Option<String> {
    let digits = text.trim();
    let digits = digits.strip_prefix('#').or_else(|| digits.strip_prefix("0x")).unwrap_or(digits);
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    match digits.len() {
        3 => {
            let long: String = digits.chars().flat_map(|digit| [digit, digit]).collect();
            Some(format!("Write all six digits: `#{long}`."))
        }
        6 => Some(format!("Write `#{digits}`.")),
        8 => Some(format!(
            "Leave the alpha out: `#{}`. Transparency comes from the pictures; index 0 is the transparent colour.",
            &digits[..6]
        )),
        _ => None,
    }
}

fn member<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    members(node).iter().find(|member| member.key == key).map(|member| &member.value)
}

fn similar<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    nearest(key, members(node).iter().map(|member| member.key.as_str()))
}

fn members(node: &Node) -> &[Member] {
    match &node.kind {
        Kind::Object(members) => members,
        _ => &[],
    }
}

fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::Bool(_) => "a boolean",
        Kind::Number(_) => "a number",
        Kind::String(_) => "a string",
        Kind::Array(_) => "a list",
        Kind::Object(_) => "an object",
    }
}
