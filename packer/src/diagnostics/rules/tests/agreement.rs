//! What blocks: exactly the registry's errors and those of the pack set, and the same for a build
//! that keeps what it can as for one that begins from nothing.
//!
//! Projects are values here. Each flaw of one says by itself whether it must block, so the answer
//! is known without asking the code that is tested.

use std::path::PathBuf;

use proptest::prelude::*;

use super::table::picture;
use crate::diagnostics::Diagnostic;
use crate::ops::{PackRequest, PackResult, Response, Status};
use crate::schema::properties;
use crate::testing::{Fixture, blob, entry, request, uuid};

const ROOTS: [&str; 4] = ["a", "ui/b", "ui/c", "d"];

/// A small project.
#[derive(Debug, Clone)]
struct Model {
    /// One for each of [`ROOTS`].
    assets: Vec<Asset>,
    allocator_behind: bool,
    strict: bool,
    /// A declaration that nobody registered, and what is wrong with it.
    orphan: Option<Flaw>,
}

#[derive(Debug, Clone)]
struct Asset {
    /// `None` when it is not registered.
    included: Option<bool>,
    flaw: Option<Flaw>,
    content: u8,
    /// Whether its two inputs are declared the other way round: another payload of the same files.
    swapped: bool,
}

/// What is wrong with an asset: found by the reader, by a rule about one asset, by a look at its
/// folder, by its family before and while it encodes, by what the header would hold; and warnings
/// of a reader and of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    NotJson,
    NoDeclaration,
    NoFolder,
    UnknownCodec,
    NoInput,
    UnknownArtifact,
    Collision,
    CaseCollision,
    TileColors,
    FragileTile,
    UnknownMember,
}

const FLAWS: [Flaw; 11] = [
    Flaw::NotJson,
    Flaw::NoDeclaration,
    Flaw::NoFolder,
    Flaw::UnknownCodec,
    Flaw::NoInput,
    Flaw::UnknownArtifact,
    Flaw::Collision,
    Flaw::CaseCollision,
    Flaw::TileColors,
    Flaw::FragileTile,
    Flaw::UnknownMember,
];

impl Flaw {
    fn is_warning(self) -> bool {
        matches!(self, Self::FragileTile | Self::UnknownMember)
    }
}

impl Model {
    fn must_block(&self) -> bool {
        let blocks = |asset: &Asset| {
            asset.included == Some(true) && asset.flaw.is_some_and(|flaw| self.strict || !flaw.is_warning())
        };
        let registered = self.assets.iter().any(|asset| asset.included.is_some());
        (self.allocator_behind && registered) || self.assets.iter().any(blocks)
    }

    /// Makes the files those of this project; what is as it should be is not touched.
    fn write(&self, fixture: &Fixture) {
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        let numbered = ROOTS.iter().zip(1..).zip(&self.assets);
        for ((root, n), asset) in numbered.clone() {
            files.extend(files_of(root, n, asset));
        }
        if self.orphan.is_some() {
            let orphan = Asset { included: None, flaw: self.orphan, content: 0, swapped: false };
            files.extend(files_of("orphan", 1, &orphan));
        }
        let entries = numbered.filter_map(|((root, n), asset)| Some(entry(n, root, asset.included?)));
        let next = if self.allocator_behind { 1 } else { ROOTS.len() + 1 };
        let registry = format!(
            r#"{{"schema_version": 1, "next_asset_id": {next}, "assets": [{}]}}"#,
            entries.collect::<Vec<_>>().join(",")
        );
        files.push((".prometeu/index.json".to_owned(), registry.into_bytes()));

        let wanted = |path: &PathBuf| files.iter().any(|(file, _)| path == &at(file));
        for path in fixture.files.paths() {
            let inside = path.starts_with("/game/assets");
            let kept = files.iter().any(|(file, _)| at(file).starts_with(&path));
            if inside && !kept && !wanted(&path) {
                fixture.files.delete(path);
            }
        }
        for (file, bytes) in files {
            if fixture.files.content(at(&file)).as_ref() != Some(&bytes) {
                fixture.files.write(at(&file), bytes);
            }
        }
    }
}

fn at(file: &str) -> PathBuf {
    PathBuf::from("/game/assets").join(file)
}

fn files_of(root: &str, n: u32, asset: &Asset) -> Vec<(String, Vec<u8>)> {
    let Asset { flaw, content, swapped, .. } = *asset;
    let mut text = blob(&uuid(n), root);
    let mut edit = |from: &str, to: &str| text = text.replace(from, to);
    let order = if swapped { "[\"more.txt\", \"data.txt\"]" } else { "[\"data.txt\", \"more.txt\"]" };
    edit("[\"data.txt\"]", order);
    match flaw {
        Some(Flaw::NotJson) => edit("\"name\"", "name"),
        Some(Flaw::UnknownCodec) => edit("NONE", "ZSTD"),
        Some(Flaw::UnknownArtifact) => {
            edit("\"output\"", "\"artifacts\": [{\"file\": \"other\", \"index\": 0}],\n  \"output\"");
        }
        Some(Flaw::Collision) => edit("\"codec\"", "\"metadata\": {\"blobs\": 1}, \"codec\""),
        Some(Flaw::CaseCollision) => edit("\"data.txt\"", "\"data.txt\", \"DATA.txt\""),
        Some(Flaw::UnknownMember) => edit("\"name\"", "\"mood\": \"calm\", \"name\""),
        Some(Flaw::TileColors | Flaw::FragileTile) => {
            // Both palettes hold the white of the one tile, and neither its blue.
            let colors = |index| {
                format!(
                    "{{\"index\": {index}, \"palette\": {{\"colors\": [{}]}}}}",
                    ["\"#000000\", \"#ffffff\"", "\"#ffffff\""][index]
                )
            };
            let pipeline = format!("\"pipeline\": {{\"palettes\": [{}, {}]}}", colors(0), colors(1));
            edit("blob_bank", "glyph_bank");
            edit("BLOB/raw_v1", "GLYPH/indexed_v1");
            edit("\"codec\"", &format!("\"metadata\": {{\"tile_size\": 8}}, {pipeline}, \"codec\""));
        }
        Some(Flaw::NoDeclaration | Flaw::NoFolder | Flaw::NoInput) | None => {}
    }
    let (data, more) = match flaw {
        Some(Flaw::TileColors) => (picture(8, 8, [0, 0, 255]), picture(8, 8, [0, 0, 0])),
        Some(Flaw::FragileTile) => (picture(8, 8, [255, 255, 255]), picture(8, 8, [0, 0, 0])),
        _ => (vec![content], b"more".to_vec()),
    };
    let mut files = Vec::new();
    let mut file = |name: &str, bytes: &[u8]| files.push((format!("{root}/{name}"), bytes.to_vec()));
    if flaw != Some(Flaw::NoFolder) {
        // Something is always there, so that the folder is.
        file("notes.txt", b"");
        if flaw != Some(Flaw::NoDeclaration) {
            file("asset.json", text.as_bytes());
        }
        if flaw != Some(Flaw::NoInput) {
            file("data.txt", &data);
        }
        file("more.txt", &more);
        if flaw == Some(Flaw::CaseCollision) {
            file("DATA.txt", &data);
        }
    }
    files
}

/// What a pack came to, without what depends on where it lies.
fn outcome(response: &Response<PackResult>) -> (Status, Vec<Diagnostic>, Option<String>) {
    let digest = response.payload.as_ref().map(|result| result.digest.clone());
    (response.status, response.diagnostics.clone(), digest)
}

fn flaws() -> impl Strategy<Value = Option<Flaw>> {
    prop_oneof![6 => Just(None), 2 => proptest::sample::select(&FLAWS[..]).prop_map(Some)]
}

fn included() -> impl Strategy<Value = Option<bool>> {
    prop_oneof![3 => Just(Some(true)), 2 => Just(Some(false)), 1 => Just(None)]
}

fn assets() -> impl Strategy<Value = Asset> {
    (included(), flaws(), 0..3_u8, any::<bool>()).prop_map(|(included, flaw, content, swapped)| Asset {
        included,
        flaw,
        content,
        swapped,
    })
}

fn models() -> impl Strategy<Value = Model> {
    let assets = proptest::collection::vec(assets(), ROOTS.len());
    let behind = prop_oneof![15 => Just(false), 1 => Just(true)];
    let strict = prop_oneof![3 => Just(false), 1 => Just(true)];
    (assets, behind, strict, flaws()).prop_map(|(assets, allocator_behind, strict, orphan)| Model {
        assets,
        allocator_behind,
        strict,
        orphan,
    })
}

/// What a person does between two builds.
#[derive(Debug, Clone)]
enum Edit {
    Asset(usize, Asset),
    Flaw(usize, Option<Flaw>),
    Swap(usize),
    Included(usize, Option<bool>),
    Allocator(bool),
    Strict(bool),
    Orphan(Option<Flaw>),
}

fn edits() -> impl Strategy<Value = Edit> {
    prop_oneof![
        2 => (0..ROOTS.len(), assets()).prop_map(|(n, asset)| Edit::Asset(n, asset)),
        6 => (0..ROOTS.len(), flaws()).prop_map(|(n, flaw)| Edit::Flaw(n, flaw)),
        2 => (0..ROOTS.len()).prop_map(Edit::Swap),
        2 => (0..ROOTS.len(), included()).prop_map(|(n, included)| Edit::Included(n, included)),
        1 => proptest::bool::weighted(0.3).prop_map(Edit::Allocator),
        1 => any::<bool>().prop_map(Edit::Strict),
        1 => flaws().prop_map(Edit::Orphan),
    ]
}

impl Edit {
    fn apply(self, model: &mut Model) {
        match self {
            Self::Asset(n, asset) => model.assets[n] = asset,
            Self::Flaw(n, flaw) => model.assets[n].flaw = flaw,
            Self::Swap(n) => model.assets[n].swapped ^= true,
            Self::Included(n, included) => model.assets[n].included = included,
            Self::Allocator(behind) => model.allocator_behind = behind,
            Self::Strict(strict) => model.strict = strict,
            Self::Orphan(flaw) => model.orphan = flaw,
        }
    }
}

proptest! {
    #![proptest_config(properties(96))]

    #[test]
    fn a_pack_is_blocked_by_the_registry_and_the_pack_set_alone_however_it_was_built_before(
        mut model in models(),
        edits in proptest::collection::vec((edits(), any::<bool>()), 0..8),
    ) {
        let fixture = Fixture::empty();
        let steps = std::iter::once(None).chain(edits.into_iter().map(Some));
        for (step, edit) in steps.enumerate() {
            if let Some((edit, time_passes)) = edit {
                edit.apply(&mut model);
                if time_passes {
                    fixture.later();
                }
            }
            model.write(&fixture);
            let incremental = fixture.project().pack(&PackRequest { strict: model.strict, ..request() });
            let out_dir = PathBuf::from(format!("/fresh{step}"));
            let fresh = fixture.project().pack(&PackRequest {
                strict: model.strict,
                out_dir: out_dir.clone(),
                cache_dir: None,
                ..request()
            });

            prop_assert_eq!(outcome(&incremental), outcome(&fresh), "{:?}", &model);
            crate::ops::tests::agrees(&fixture.project(), &fresh, model.strict);
            let blocking = fresh.diagnostics.iter().any(|diagnostic| diagnostic.blocking);
            prop_assert_eq!(fresh.status == Status::Blocked, blocking);
            prop_assert_eq!(blocking, model.must_block(), "{:?} {:?}", &model, &fresh.diagnostics);
            if !blocking {
                for file in crate::pack::SET {
                    let bytes = |out: PathBuf| fixture.files.content(out.join(file));
                    prop_assert_eq!(bytes("/out".into()), bytes(out_dir.clone()), "{}", file);
                }
            }
        }
    }
}
