//! `assets/.prometeu/index.json`: identity, place and participation of every managed asset.
//!
//! [`read`] takes any layout and nothing unknown, since the packer alone writes this file;
//! [`Registry::to_text`] writes the one canonical layout, and reading that gives the value back.
//!
//! Not here: rules between entries (two of one id, an allocator that is behind, nested roots).

#[cfg(feature = "authoring")]
mod text;

#[cfg(feature = "authoring")]
pub(crate) use text::list_text;

use super::check::Checks;
use super::json::{self, Node};
use super::{Document, SourceText, version};
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
    // An id is given once: what is proposed is above each that is taken.
    let example = format!("\"next_asset_id\": {}", highest_id(tree).map_or(1, |id| id + 1));
    let next_asset_id = checks.integer(tree, &root, "next_asset_id", 1..=HIGHEST_NEXT, &example);
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

/// The highest id of an entry, as far as they can be read.
fn highest_id(tree: &Node) -> Option<u32> {
    let entries = tree.get("assets").and_then(Node::as_array).unwrap_or_default();
    let ids = entries.iter().filter_map(|entry| u32::try_from(entry.get("asset_id")?.as_integer()?).ok());
    ids.filter(|id| *id < HIGHEST_NEXT).max()
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diagnostics::place;
    use crate::schema::properties;

    const UUID: &str = "6f1c2d1e-8a34-4b7e-9d0a-2f5b7c9e1a44";
    const CANONICAL: &str = r#"{
  "schema_version": 1,
  "next_asset_id": 3,
  "assets": [
    {
      "asset_id": 1,
      "included_in_build": true,
      "root": "ui/atlas",
      "asset_uuid": "6f1c2d1e-8a34-4b7e-9d0a-2f5b7c9e1a44"
    },
    {
      "asset_id": 2,
      "included_in_build": false,
      "root": "ui/\"x\"",
      "asset_uuid": "6f1c2d1e-8a34-4b7e-9d0a-2f5b7c9e1a44"
    }
  ]
}
"#;

    /// Each finding as code, underlined text and message.
    fn check(text: &str, expected: &[(Code, &str, &str)]) {
        let source = SourceText::new(text);
        let reading = read(&source);
        let found: Vec<_> = reading
            .findings
            .iter()
            .map(|f| {
                (f.code, &text[place(&f.anchor, reading.tree.as_ref(), &source, &[])], f.message.as_str())
            })
            .collect();
        assert_eq!(found, expected, "{text}");
        assert_eq!(reading.registry.is_some(), expected.is_empty(), "{text}");
        assert!(reading.findings.iter().all(|f| f.help.is_some()), "{text}");
    }

    fn check_entry(entry: &str, expected: &[(&str, &str)]) {
        let text = format!("{{\"schema_version\": 1, \"next_asset_id\": 9, \"assets\": [{entry}]}}");
        let expected: Vec<_> =
            expected.iter().map(|(at, message)| (Code::RegistryInvalid, *at, *message)).collect();
        check(&text, &expected);
    }

    #[test]
    fn the_canonical_text_is_read_and_written_byte_for_byte() {
        let reading = read(&SourceText::new(CANONICAL));
        assert_eq!(reading.findings, []);
        assert_eq!(reading.registry.unwrap().to_text(), CANONICAL);
        let empty = Registry { next_asset_id: 1, assets: Vec::new() };
        assert_eq!(
            empty.to_text(),
            "{\n  \"schema_version\": 1,\n  \"next_asset_id\": 1,\n  \"assets\": []\n}\n"
        );
        assert_eq!(read(&SourceText::new(empty.to_text())).registry, Some(empty));
    }

    #[test]
    fn any_layout_is_read_and_entries_are_kept_by_id_with_their_written_position() {
        let entry = |id: u32| {
            format!(
                "{{\"asset_uuid\":\"{UUID}\",\"root\":\"a{id}\",\"asset_id\":{id},\"included_in_build\":true}}"
            )
        };
        let text =
            format!("{{\"assets\":[{},{}],\"next_asset_id\":8,\"schema_version\":1}}", entry(7), entry(2));
        let registry = read(&SourceText::new(text)).registry.unwrap();
        let order: Vec<_> =
            registry.assets.iter().map(|entry| (entry.asset_id.get(), entry.position)).collect();
        assert_eq!(order, [(2, 1), (7, 0)]);
    }

    #[test]
    fn what_is_missing_or_unknown_is_said_all_at_once() {
        check(
            "{\"$schema\": \"x\", \"asets\": []}",
            &[
                (Code::RegistryInvalid, "{", "`schema_version` is missing"),
                (Code::RegistryInvalid, "{", "`next_asset_id` is missing"),
                (Code::RegistryInvalid, "{", "`assets` is missing"),
                (Code::RegistryInvalid, "\"$schema\"", "unknown member `$schema`"),
                (Code::RegistryInvalid, "\"asets\"", "unknown member `asets`"),
            ],
        );
        check_entry(
            "{\"note\": 1}",
            &[
                ("{", "`assets[0].asset_id` is missing"),
                ("{", "`assets[0].included_in_build` is missing"),
                ("{", "`assets[0].root` is missing"),
                ("{", "`assets[0].asset_uuid` is missing"),
                ("\"note\"", "unknown member `note` in `assets[0]`"),
            ],
        );
        check_entry("3", &[("3", "`assets[0]` must be an object")]);
        check("[]", &[(Code::RegistryInvalid, "[", "a registry must be an object, and this is an array")]);
    }

    #[test]
    fn a_member_that_is_called_by_its_first_word_is_offered_its_whole_name() {
        for (word, meant) in [("included", Some("included_in_build")), ("asset", None), ("includ", None)] {
            let text = format!(
                "{{\"schema_version\": 1, \"next_asset_id\": 2, \"assets\": [{{\"{word}\": true}}]}}"
            );
            let findings = read(&SourceText::new(text)).findings;
            let finding =
                findings.iter().find(|finding| finding.message.starts_with("unknown member")).unwrap();
            assert_eq!(finding.label, meant.map(|meant| format!("did you mean `{meant}`?")), "{word}");
        }
    }

    #[test]
    fn an_id_is_what_the_runtime_can_hold() {
        let entry = |id: &str| {
            format!(
                "{{\"asset_id\": {id}, \"included_in_build\": true, \"root\": \"a\", \"asset_uuid\": \"{UUID}\"}}"
            )
        };
        for id in ["0", "-1", "2147483648", "1.0", "1e0", "99999999999999999999", "\"1\""] {
            check_entry(
                &entry(id),
                &[(id, "`assets[0].asset_id` must be a whole number from 1 to 2147483647")],
            );
        }
        for id in ["1", "2147483647"] {
            check_entry(&entry(id), &[]);
        }
        let next =
            |next: &str| format!("{{\"schema_version\": 1, \"next_asset_id\": {next}, \"assets\": []}}");
        check(&next("2147483648"), &[]);
        for wrong in ["0", "2147483649"] {
            let message = "`next_asset_id` must be a whole number from 1 to 2147483648";
            check(&next(wrong), &[(Code::RegistryInvalid, wrong, message)]);
        }
    }

    #[test]
    fn a_number_that_is_proposed_for_the_next_asset_is_above_every_id_that_is_taken() {
        let entry = |id: u32| {
            format!(
                "{{\"asset_id\": {id}, \"included_in_build\": true, \"root\": \"r{id}\", \"asset_uuid\": \"{UUID}\"}}"
            )
        };
        for (next, ids, proposed) in [
            ("\"next_asset_id\": 0, ", vec![3, 7], 8),
            ("", vec![3, 7], 8),
            ("\"next_asset_id\": \"9\", ", vec![], 1),
            ("", vec![2_147_483_647], 2_147_483_648_u32),
        ] {
            let entries: Vec<String> = ids.into_iter().map(entry).collect();
            let text = format!("{{\"schema_version\": 1, {next}\"assets\": [{}]}}", entries.join(", "));
            let (_, reading) = read_bytes(text.into_bytes());
            let helps: Vec<&str> =
                reading.findings.iter().filter_map(|found| found.help.as_deref()).collect();
            assert!(helps[0].contains(&format!("`\"next_asset_id\": {proposed}`")), "{helps:?}");
        }
    }

    #[test]
    fn a_root_that_breaks_a_rule_is_named_with_the_rule() {
        let entry = |root: &str| {
            format!(
                "{{\"asset_id\": 1, \"included_in_build\": true, \"root\": {root}, \"asset_uuid\": \"{UUID}\"}}"
            )
        };
        for (root, message) in [
            ("\"\"", "the root `` is empty"),
            ("\"/a\"", "the root `/a` is absolute"),
            ("\"C:a\"", "the root `C:a` is absolute"),
            ("\"a/../b\"", "the root `a/../b` climbs with `..`"),
            ("\"a//b\"", "the root `a//b` has an empty or `.` part"),
            ("\"a/./b\"", "the root `a/./b` has an empty or `.` part"),
            ("\"a\\\\b\"", "the root `a\\b` has a backslash; parts are separated by `/`"),
            ("\"a\\n\"", "the root `a\n` holds a control character"),
            ("\"a /b\"", "the root `a /b` has a part that begins or ends with a space"),
            ("\".prometeu/local\"", "the root `.prometeu/local` lies in the packer's own folder"),
            ("7", "`assets[0].root` must be a string"),
        ] {
            check_entry(&entry(root), &[(root, message)]);
        }
        for root in ["\"a\"", "\"ui/big atlas/..x\"", "\"ä/.hidden\"", "\"x/.prometeu\""] {
            check_entry(&entry(root), &[]);
        }
    }

    #[test]
    fn a_uuid_has_the_hyphenated_form() {
        let entry = |uuid: &str| {
            format!(
                "{{\"asset_id\": 1, \"included_in_build\": true, \"root\": \"a\", \"asset_uuid\": {uuid}}}"
            )
        };
        for uuid in
            ["\"\"", "\"6f1c2d1e8a344b7e9d0a2f5b7c9e1a44\"", "\"{6f1c2d1e-8a34-4b7e-9d0a-2f5b7c9e1a44}\""]
        {
            check_entry(&entry(uuid), &[(uuid, "`assets[0].asset_uuid` is not a uuid")]);
        }
        check_entry(&entry(&format!("\"{UUID}\"")), &[]);
    }

    #[test]
    fn another_version_is_refused_with_both_versions_and_nothing_else_is_said() {
        for (version, age) in [("2", "newer"), ("0", "older"), ("99999999999999999999", "newer")] {
            let text = format!("{{\"schema_version\": {version}, \"entries\": []}}");
            let message = format!(
                "this registry has version {version}, {age} than the version 1 that this packer reads"
            );
            check(&text, &[(Code::RegistryVersionUnsupported, version, &message)]);
        }
    }

    #[test]
    fn broken_json_and_broken_bytes_have_codes_of_their_own() {
        check(
            "{\"schema_version\": 1, \"next_asset_id\": 1, \"assets\": [],}",
            &[(Code::RegistryInvalid, ",", "a comma follows the last value")],
        );
        let (text, reading) = read_bytes(b"{\n<<<<<<< HEAD\n".to_vec());
        assert_eq!(reading.findings[0].code, Code::RegistryConflictMarkers);
        assert_eq!((text.as_str().len(), reading.registry), (15, None));
        let (_, reading) = read_bytes(CANONICAL.as_bytes().to_vec());
        assert!(reading.registry.is_some());
    }

    fn registries() -> impl Strategy<Value = Registry> {
        let entry = (any::<bool>(), "[a-zé\"' .]{0,6}x(/x[a-z]{1,4}){0,2}", any::<u128>());
        (proptest::collection::btree_map(1..=AssetId::MAX.get(), entry, 0..6), 1..=HIGHEST_NEXT).prop_map(
            |(entries, next_asset_id)| {
                let entries = entries.into_iter().filter_map(|(id, (included_in_build, root, uuid))| {
                    Some((AssetId::new(id), included_in_build, AssetPath::parse(&root).ok()?, uuid))
                });
                let assets =
                    entries.enumerate().map(|(position, (asset_id, included_in_build, root, uuid))| Entry {
                        asset_id,
                        included_in_build,
                        root,
                        asset_uuid: uuid::Uuid::from_u128(uuid).into(),
                        position,
                    });
                Registry { next_asset_id, assets: assets.collect() }
            },
        )
    }

    proptest! {
        #![proptest_config(properties(256))]

        #[test]
        fn what_was_written_reads_back(registry in registries()) {
            let reading = read(&SourceText::new(registry.to_text()));
            prop_assert_eq!(reading.findings, vec![]);
            prop_assert_eq!(reading.registry, Some(registry));
        }
    }
}
