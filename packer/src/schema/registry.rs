//! `assets/.prometeu/index.json`: identity, place and participation of every managed asset.
//!
//! [`read`] takes any layout and nothing unknown, since the packer alone writes this file;
//! [`Registry::to_text`] writes the one canonical layout, and reading that gives the value back.
//!
//! Not here: rules between entries (two of one id, an allocator that is behind, nested roots).

use super::check::Checks;
use super::json::{self, Node};
use super::{Document, SCHEMA_VERSION, SourceText, version};
use crate::diagnostics::{Anchor, Code, Finding, Pointer};
use crate::id::{AssetId, AssetUuid};
use crate::path::AssetPath;

/// The registry. Entries are kept by increasing id; a value of this type may still break the rules
/// between entries (two entries with one id), which the rules report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry {
    /// The id that the next registration gets.
    pub next_asset_id: u32,
    /// The entries.
    pub assets: Vec<Entry>,
}

/// One managed asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its managed identity.
    pub asset_id: AssetId,
    /// Whether a build takes it in.
    pub included_in_build: bool,
    /// Its folder, relative to `assets/`.
    pub root: AssetPath,
    /// The anchor that its `asset.json` must carry.
    pub asset_uuid: AssetUuid,
    /// Its position in the list as written, for places.
    pub position: usize,
}

/// What reading a registry gave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// The registry, when it could be read whole.
    pub registry: Option<Registry>,
    /// The syntax tree, when the text is JSON: for places.
    pub tree: Option<Node>,
    /// Everything that was wrong.
    pub findings: Vec<Finding>,
}

/// What `next_asset_id` may be: one above the highest id, when that one is given out.
const HIGHEST_NEXT: u32 = AssetId::MAX.get() + 1;

const EXAMPLE_UUID: &str = "\"asset_uuid\": \"6f1c2d1e-8a34-4b7e-9d0a-2f5b7c9e1a44\"";

impl Registry {
    /// The canonical text: one member a line, the one that never changes last, entries by id, two
    /// spaces, `\n`, a final newline. A text merge of two branches that touch different entries is
    /// then clean.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut entries: Vec<&Entry> = self.assets.iter().collect();
        entries.sort_by_key(|entry| entry.asset_id);
        let entries: Vec<String> = entries.into_iter().map(Entry::to_text).collect();
        let assets =
            if entries.is_empty() { "[]".to_owned() } else { format!("[\n{}\n  ]", entries.join(",\n")) };
        format!(
            "{{\n  \"schema_version\": {SCHEMA_VERSION},\n  \"next_asset_id\": {},\n  \"assets\": {assets}\n}}\n",
            self.next_asset_id,
        )
    }
}

impl Entry {
    fn to_text(&self) -> String {
        format!(
            "    {{\n      \"asset_id\": {},\n      \"included_in_build\": {},\n      \"root\": {},\n      \"asset_uuid\": \"{}\"\n    }}",
            self.asset_id,
            self.included_in_build,
            json::quote(self.root.as_str()),
            self.asset_uuid,
        )
    }
}

/// Reads the bytes of an `index.json`: also bytes that are no text have something to show.
#[must_use]
pub fn read_bytes(bytes: Vec<u8>) -> (SourceText, Reading) {
    match SourceText::read(bytes, Document::Registry) {
        Ok(text) => {
            let reading = read(&text);
            (text, reading)
        }
        Err(unreadable) => {
            (unreadable.text, Reading { findings: vec![unreadable.finding], ..Reading::default() })
        }
    }
}

/// Reads the text of an `index.json`, in any layout.
#[must_use]
pub fn read(text: &SourceText) -> Reading {
    let parsed = json::read(text.as_str());
    let mut checks = Checks::new(Document::Registry.invalid(), &parsed);
    let Some(tree) = parsed.root else {
        return Reading { findings: checks.finish(None, text), ..Reading::default() };
    };
    let registry = if tree.as_object().is_some() {
        document(&mut checks, &tree)
    } else {
        let finding = Finding::new(
            Document::Registry.invalid(),
            Anchor::Value(Pointer::root()),
            format!("a registry must be an object, and this is {}", tree.kind_name()),
        );
        checks.about(&tree, finding.help("Restore `assets/.prometeu/index.json` from version control."));
        None
    };
    let registry = registry.filter(|_| !checks.any_error());
    let findings = checks.finish(Some(&tree), text);
    Reading { registry, tree: Some(tree), findings }
}

fn document(checks: &mut Checks, tree: &Node) -> Option<Registry> {
    let root = Pointer::root();
    version::check(checks, tree, Code::RegistryVersionUnsupported, "registry")?;
    let known = ["schema_version", "next_asset_id", "assets"];
    checks.unknown_members(tree, &root, &known, Code::RegistryInvalid);
    let next_asset_id =
        checks.integer(tree, &root, "next_asset_id", 1..=HIGHEST_NEXT, "\"next_asset_id\": 1");
    let list = checks.required(tree, &root, "assets", "\"assets\": []")?;
    let pointer = root.key("assets");
    let Some(list) = list.as_array() else {
        checks.wrong_kind(list, &pointer, "a list", "\"assets\": []");
        return None;
    };
    let entries = list.iter().enumerate();
    let mut assets: Vec<Entry> =
        entries.filter_map(|(n, node)| entry(checks, node, &pointer.index(n), n)).collect();
    assets.sort_by_key(|entry| entry.asset_id);
    Some(Registry { next_asset_id: next_asset_id?, assets })
}

fn entry(checks: &mut Checks, node: &Node, pointer: &Pointer, position: usize) -> Option<Entry> {
    if node.as_object().is_none() {
        checks.wrong_kind(node, pointer, "an object", "{ \"asset_id\": 1, … }");
        return None;
    }
    let known = ["asset_id", "included_in_build", "root", "asset_uuid"];
    checks.unknown_members(node, pointer, &known, Code::RegistryInvalid);
    let ids = AssetId::MIN.get()..=AssetId::MAX.get();
    let asset_id = checks.integer(node, pointer, "asset_id", ids, "\"asset_id\": 1");
    let included_in_build = checks.bool(node, pointer, "included_in_build", "\"included_in_build\": true");
    let root = checks
        .string(node, pointer, "root", "\"root\": \"ui/atlas\"")
        .and_then(|text| asset_root(checks, text, &pointer.key("root")));
    let asset_uuid = checks.string(node, pointer, "asset_uuid", EXAMPLE_UUID).and_then(|text| {
        let uuid = AssetUuid::parse(text);
        if uuid.is_none() {
            let help = "Write it as 8-4-4-4-12 hexadecimal digits: the one in the asset's own `asset.json`.";
            let finding = checks.invalid(&pointer.key("asset_uuid"), "is not a uuid", help);
            checks.push(finding);
        }
        uuid
    });
    Some(Entry {
        asset_id: AssetId::try_from(u64::from(asset_id?)).expect("the bounds are those of an id"),
        included_in_build: included_in_build?,
        root: root?,
        asset_uuid: asset_uuid?,
        position,
    })
}

fn asset_root(checks: &mut Checks, text: &str, pointer: &Pointer) -> Option<AssetPath> {
    let broken = match AssetPath::parse(text) {
        // The packer's own folder is never looked through for assets.
        Ok(path) if path.parts().next() == Some(".prometeu") => "lies in the packer's own folder".to_owned(),
        Ok(path) => return Some(path),
        Err(problem) => problem.to_string(),
    };
    let message = format!("the root `{text}` {broken}");
    let finding = Finding::new(Code::RegistryInvalid, Anchor::Value(pointer.clone()), message);
    let help = "Write the asset's folder relative to `assets/`, like `ui/atlas`.";
    checks.push(finding.help(help));
    None
}
