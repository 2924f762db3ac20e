//! Which tiles, palettes, samples and blobs of an asset became others: what a person who changed one tile
//! wants to read.

use std::collections::BTreeMap;

use packer_format::json::{Object, Value};
use packer_format::layout::GLYPH_PALETTES;
use packer_format::{Entry, GlyphBank};

/// Keys of metadata that tell of artifacts, and whose change is told with theirs.
pub(super) const DERIVED: [&str; 7] =
    ["blobs", "channels", "height", "palette_authored", "palette_count", "samples", "width"];

/// Artifacts by index.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Artifacts {
    /// What one is called: `tile`, `sample`, `blob`.
    pub(crate) thing: &'static str,
    pub(crate) added: Vec<usize>,
    pub(crate) removed: Vec<usize>,
    pub(crate) changed: Vec<usize>,
    /// Of a bank of tiles.
    pub(crate) palettes: Vec<usize>,
}

impl Artifacts {
    pub(crate) fn is_empty(&self) -> bool {
        [&self.added, &self.removed, &self.changed, &self.palettes].iter().all(|list| list.is_empty())
    }
}

/// The differences between two states of an asset, each an entry and its payload; none where they cannot be
/// told.
pub(super) fn between(old: &Entry, was: &[u8], new: &Entry, is: &[u8]) -> Artifacts {
    if old.bank_type != new.bank_type {
        return Artifacts::default();
    }
    match old.bank_type.as_str() {
        "GLYPH" => glyphs(old, was, new, is).unwrap_or_default(),
        "SOUNDS" => between_all("sample", &listed("samples", old, was), &listed("samples", new, is)),
        "BLOB" => between_all("blob", &listed("blobs", old, was), &listed("blobs", new, is)),
        _ => Artifacts::default(),
    }
}

/// Of a bank whose metadata lists its artifacts: the bytes of each, and what is said of it but its place.
fn listed<'p>(key: &str, entry: &Entry, payload: &'p [u8]) -> BTreeMap<usize, (&'p [u8], Object)> {
    let members = entry.metadata.get(key).and_then(Value::as_object).into_iter().flat_map(Object::iter);
    members.filter_map(|(index, own)| Some((index.parse().ok()?, one(payload, own.as_object()?)?))).collect()
}

fn one<'p>(payload: &'p [u8], own: &Object) -> Option<(&'p [u8], Object)> {
    let number = |key| own.get(key).and_then(Value::as_int).and_then(|n| usize::try_from(n).ok());
    let (offset, length): (usize, usize) = (number("offset")?, number("length")?);
    let mut said = own.clone();
    drop(said.remove("offset"));
    Some((payload.get(offset..offset.checked_add(length)?)?, said))
}

fn between_all<T: PartialEq>(
    thing: &'static str,
    old: &BTreeMap<usize, T>,
    new: &BTreeMap<usize, T>,
) -> Artifacts {
    let of = |all: &BTreeMap<usize, T>, test: &dyn Fn(&usize) -> bool| {
        all.keys().filter(|index| test(index)).copied().collect()
    };
    Artifacts {
        thing,
        added: of(new, &|index| !old.contains_key(index)),
        removed: of(old, &|index| !new.contains_key(index)),
        changed: of(new, &|index| old.get(index).is_some_and(|was| new.get(index) != Some(was))),
        palettes: Vec::new(),
    }
}

/// Tiles that are index 0 all over count as not there.
fn glyphs(old: &Entry, was: &[u8], new: &Entry, is: &[u8]) -> Option<Artifacts> {
    let (old, new) = (GlyphBank::new(old, was).ok()?, GlyphBank::new(new, is).ok()?);
    if old.tile_size() != new.tile_size() {
        return None;
    }
    let tiles = |bank: &GlyphBank<&[u8]>| -> BTreeMap<usize, Vec<u8>> {
        let all = (0..bank.capacity()).filter_map(|index| Some((index, bank.tile_at(index).ok()?)));
        all.map(|(index, tile)| (index, tile.pixels().map(|(_, _, color)| color).collect()))
            .filter(|(_, pixels): &(usize, Vec<u8>)| pixels.iter().any(|color| *color != 0))
            .collect()
    };
    let mut artifacts = between_all("tile", &tiles(&old), &tiles(&new));
    let differs = |index: &usize| old.palette(*index).ok() != new.palette(*index).ok();
    artifacts.palettes = (0..GLYPH_PALETTES).filter(differs).collect();
    Some(artifacts)
}
