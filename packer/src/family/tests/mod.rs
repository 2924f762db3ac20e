//! The families, driven as the packer drives them: declaration and files in memory.

mod blob_bank;
mod derive;
mod glyph_bank;
mod image;
mod numbering;
mod palette;
mod png_writer;
mod sound_bank;
mod wav;
mod wav_writer;

use packer_format::json::{Object, Value};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::json;

use super::*;
use crate::diagnostics::rules::{artifact_index_duplicate, artifact_unknown_file};
use crate::path::AssetPath;
use crate::schema::declaration::{Artifact, Input};
use crate::schema::json::{Kind, Member, Node};

/// Input files in memory, by position.
struct Memory(Vec<Vec<u8>>);

impl Inputs for Memory {
    fn len(&self, input: usize) -> u64 {
        self.0[input].len() as u64
    }

    fn read_at(&mut self, input: usize, offset: u64, buffer: &mut [u8]) -> Result<usize, Stop> {
        let from = usize::try_from(offset).unwrap();
        let there = self.0[input].get(from..).unwrap_or_default();
        let n = there.len().min(buffer.len());
        buffer[..n].copy_from_slice(&there[..n]);
        Ok(n)
    }

    fn read(&mut self, input: usize) -> Result<Vec<u8>, Stop> {
        Ok(self.0[input].clone())
    }

    fn copy(&mut self, input: usize, out: &mut dyn io::Write) -> Result<(), Stop> {
        // In pieces, as a file would come.
        self.0[input].chunks(7).try_for_each(|piece| out.write_all(piece)).map_err(Stop::Payload)
    }
}

/// Files of which the first cannot be read.
struct FirstLocked(Memory);

impl FirstLocked {
    fn open(input: usize) -> Result<(), Stop> {
        if input > 0 {
            return Ok(());
        }
        Err(Stop::Input(Finding::new(Code::InputUnreadable, Anchor::Input(input), "it is locked")))
    }
}

impl Inputs for FirstLocked {
    fn len(&self, input: usize) -> u64 {
        self.0.len(input)
    }

    fn read_at(&mut self, input: usize, offset: u64, buffer: &mut [u8]) -> Result<usize, Stop> {
        Self::open(input).and_then(|()| self.0.read_at(input, offset, buffer))
    }

    fn read(&mut self, input: usize) -> Result<Vec<u8>, Stop> {
        Self::open(input).and_then(|()| self.0.read(input))
    }

    fn copy(&mut self, input: usize, out: &mut dyn io::Write) -> Result<(), Stop> {
        Self::open(input).and_then(|()| self.0.copy(input, out))
    }
}

/// What probe and encode made of a declaration and its files.
struct Outcome {
    probe: Option<Probe>,
    payload: Vec<u8>,
    findings: Vec<Finding>,
}

/// Runs a declaration through the rules about artifacts and through its family. A payload that was planned and has no error must have
/// the planned size.
fn pack(declaration: &Declaration, files: &[Vec<u8>]) -> Outcome {
    let family = by_name(&declaration.family).expect("the test names a family");
    let mut inputs = Memory(files.to_vec());
    let (mut findings, mut payload) = (Vec::new(), Vec::new());
    findings.extend(artifact_unknown_file::findings(declaration));
    findings.extend(artifact_index_duplicate::findings(declaration));
    let probe = family.probe(declaration, &mut inputs, &mut findings).expect("memory can be read");
    assert_eq!(
        probe.is_none(),
        findings.iter().any(|finding| finding.code.severity() == crate::diagnostics::Severity::Error),
        "a probe plans a payload exactly when it found no error: {findings:?}"
    );
    if let Some(probe) = &probe {
        family.encode(declaration, probe, &mut inputs, &mut payload, &mut findings).unwrap();
        assert_eq!(payload.len() as u64, probe.size, "encode writes what probe said");
    }
    Outcome { probe, payload, findings }
}

impl Outcome {
    /// The findings as `code at anchor`, in order.
    fn codes(&self) -> Vec<String> {
        self.findings.iter().map(|finding| format!("{} {}", finding.code, place(&finding.anchor))).collect()
    }

    /// The message and help of the only finding.
    fn only(&self, code: &str) -> (&str, &str) {
        let [finding] = self.findings.as_slice() else { panic!("not one finding: {:#?}", self.findings) };
        assert_eq!(finding.code.as_str(), code);
        let help = finding.help.as_deref().expect("each of these findings has a help");
        assert!(help.ends_with(['.', '?']), "a help is a sentence: {help}");
        assert!(!finding.message.ends_with('.'), "a message has no full stop: {}", finding.message);
        (&finding.message, help)
    }
}

fn place(anchor: &Anchor) -> String {
    match anchor {
        Anchor::File => "file".to_owned(),
        Anchor::Key(pointer) => format!("key {pointer}"),
        Anchor::Value(pointer) => pointer.to_string(),
        Anchor::Input(n) => format!("input {n}"),
        Anchor::Bytes(range) => format!("{range:?}"),
    }
}

/// A declaration of `family` with those inputs, and what else its `asset.json` would hold.
fn declare(family: &str, files: &[&str], members: &serde_json::Value) -> Declaration {
    let input = |(n, file): (usize, &&str)| Input {
        role: "files".to_owned(),
        file: (*file).to_owned(),
        path: AssetPath::parse(file),
        pointer: Pointer::root().key("inputs").key("files").index(n),
    };
    let artifact = |(n, entry): (usize, &serde_json::Value)| Artifact {
        file: entry["file"].as_str().unwrap().to_owned(),
        index: u32::try_from(entry["index"].as_u64().unwrap()).unwrap(),
        pointer: Pointer::root().key("artifacts").index(n),
    };
    let object = |name: &str| match members.get(name).map(value) {
        Some(Value::Object(object)) => Some(object),
        _ => None,
    };
    Declaration {
        asset_uuid: None,
        name: "test".to_owned(),
        family: family.to_owned(),
        inputs: files.iter().enumerate().map(input).collect(),
        artifacts: members["artifacts"]
            .as_array()
            .map(|list| list.iter().enumerate().map(artifact).collect()),
        format: by_name(family).unwrap().format().to_owned(),
        codec: "NONE".to_owned(),
        metadata: object("metadata").unwrap_or_default(),
        codec_configuration: object("codec_configuration"),
        pipeline: members.get("pipeline").map(node),
        preload: false,
    }
}

fn value(json: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => Value::Int(n.as_i64().unwrap()),
        Json::String(s) => Value::String(s.clone()),
        Json::Array(list) => Value::Array(list.iter().map(value).collect()),
        Json::Object(map) => Value::Object(map.iter().map(|(k, v)| (k.clone(), value(v))).collect()),
    }
}

fn node(json: &serde_json::Value) -> Node {
    use serde_json::Value as Json;
    let member =
        |(key, json): (&String, &Json)| Member { key: key.clone(), key_range: 0..0, value: node(json) };
    let kind = match json {
        Json::Null => Kind::Null,
        Json::Bool(b) => Kind::Bool(*b),
        Json::Number(n) => Kind::Number(n.to_string()),
        Json::String(s) => Kind::String(s.clone()),
        Json::Array(list) => Kind::Array(list.iter().map(node).collect()),
        Json::Object(map) => Kind::Object(map.iter().map(member).collect()),
    };
    Node { range: 0..0, kind }
}

fn low_byte(n: usize) -> u8 {
    n.to_le_bytes()[0]
}

/// Runs a property over `cases` values from proptest's own fixed seed.
fn for_all<S: Strategy>(cases: u32, strategy: &S, property: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, rng).run(strategy, property).unwrap();
    println!("{cases} cases");
}

#[test]
fn names_and_formats_lead_to_one_family_each() {
    for family in ALL {
        assert_eq!(by_name(family.name()).unwrap().format(), family.format());
        assert_eq!(by_format(family.format()).unwrap().name(), family.name());
    }
    assert!(by_name("tile_bank").is_none());
}

#[test]
fn header_metadata_joins_the_three_sources() {
    let members = json!({ "metadata": { "author": "me" }, "codec_configuration": { "level": 3 } });
    let declaration = declare("blob_bank", &["a"], &members);
    let probe = pack(&declaration, &[b"abc".to_vec()]).probe.unwrap();
    let mut findings = Vec::new();
    let metadata = header_metadata(&declaration, &probe, &mut findings);
    assert!(findings.is_empty());
    let blobs = json!({ "0": { "length": 3, "name": "a", "offset": 0 } });
    assert_eq!(
        Value::Object(metadata),
        value(&json!({ "author": "me", "blobs": blobs, "codec": { "level": 3 } }))
    );
}

#[test]
fn a_metadata_key_with_two_sources_is_a_collision_at_that_key() {
    let collisions = |members: &serde_json::Value| {
        let declaration = declare("blob_bank", &["a"], members);
        let probe = pack(&declaration, &[b"abc".to_vec()]).probe.unwrap();
        let mut findings = Vec::new();
        let _ = header_metadata(&declaration, &probe, &mut findings);
        Outcome { probe: None, payload: Vec::new(), findings }
    };
    let blobs = collisions(&json!({ "metadata": { "blobs": 1 } }));
    assert_eq!(blobs.codes(), ["metadata-collision key /output/metadata/blobs"]);
    let (message, _) = blobs.only("metadata-collision");
    assert_eq!(message, "the metadata key `blobs` has two sources: a `blob_bank` derives it from its inputs");

    let codec = collisions(&json!({ "metadata": { "codec": 1 }, "codec_configuration": {} }));
    assert_eq!(codec.codes(), ["metadata-collision key /output/metadata/codec"]);
    // Without a configuration the name is a person's own.
    assert!(collisions(&json!({ "metadata": { "codec": 1, "width": 2 } })).codes().is_empty());
}

#[test]
fn metadata_objects_of_tests_are_what_they_seem() {
    assert_eq!(value(&json!({ "a": [1, null, true] })), {
        let list = Value::Array(vec![Value::Int(1), Value::Null, Value::Bool(true)]);
        Value::Object(Object::from([("a".to_owned(), list)]))
    });
}
