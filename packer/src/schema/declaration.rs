//! `asset.json`: what a person says an asset is.
//!
//! [`read`] decides what the text alone can decide: members, kinds, spellings, paths that leave the
//! root whatever is on disk. One reading reports everything.
//!
//! Not here: what `type`, `format`, `codec`, metadata and pipeline mean (rules and families), whether
//! the inputs exist, whether the registry agrees.

#[cfg(test)]
mod tests;

use packer_format::json::{Object, Value};

use super::check::{Checks, dotted};
use super::json::{self, Kind, Member, Node};
use super::{Document, SourceText, version};
use crate::diagnostics::{Anchor, Code, Finding, Pointer};
use crate::id::AssetUuid;
use crate::path::{AssetPath, PathProblem};

/// A declaration as far as it could be read. What its names mean is not checked here.
///
/// Where a member is missing or of the wrong kind, which a finding says, it is empty here, and
/// `preload` is false: so what is wrong elsewhere in the same file is found in the same run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The anchor of identity; absent only before registration.
    pub asset_uuid: Option<AssetUuid>,
    /// The label that people see; not an identity.
    pub name: String,
    /// `type`: the family's name as declared.
    pub family: String,
    /// All inputs in declared order, roles sorted: the order of [`Anchor::Input`].
    pub inputs: Vec<Input>,
    /// The chosen artifacts, when the declaration lists them.
    pub artifacts: Option<Vec<Artifact>>,
    /// `output.format` as declared.
    pub format: String,
    /// `output.codec` as declared.
    pub codec: String,
    /// `output.metadata`: reaches the pack as it is.
    pub metadata: Object,
    /// `output.codec_configuration`: reaches the pack under `metadata.codec`.
    pub codec_configuration: Option<Object>,
    /// `output.pipeline` with its places: for the family alone, never in the pack.
    pub pipeline: Option<Node>,
    /// `preload.enabled`.
    pub preload: bool,
}

/// One input file of a declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The role under which it is listed.
    pub role: String,
    /// The path as declared.
    pub file: String,
    /// The path by the rules, or the rule that it breaks.
    pub path: Result<AssetPath, PathProblem>,
    /// Where it stands in the declaration.
    pub pointer: Pointer,
}

/// One entry of `artifacts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The path as declared; it should be one of the inputs.
    pub file: String,
    /// The identity of the artifact, for a sheet of its first cell.
    pub index: u32,
    /// Where the entry stands in the declaration.
    pub pointer: Pointer,
}

/// What reading a declaration gave: always something to show, the whole only when all is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// The name, also when other members are broken.
    pub name: Option<String>,
    /// The family's name, also when other members are broken.
    pub family: Option<String>,
    /// The uuid, also when other members are broken.
    pub asset_uuid: Option<AssetUuid>,
    /// The syntax tree, when the text is JSON: for places.
    pub tree: Option<Node>,
    /// The declaration as far as it could be read; absent where the text is not the JSON of an object,
    /// or of another version.
    pub declaration: Option<Declaration>,
    /// Everything that was wrong.
    pub findings: Vec<Finding>,
}

/// The largest size of a number in metadata: what every reader of JSON holds exactly.
const MAX_NUMBER: i64 = (1 << 53) - 1;

/// Bytes of the longest name of a role.
const LONGEST_ROLE: usize = 64;

const MEMBERS: [&str; 10] = [
    "$schema",
    "schema_version",
    "asset_uuid",
    "name",
    "type",
    "inputs",
    "artifacts",
    "output",
    "preload",
    "build",
];

/// What only `index.json` may say, and how it is changed there.
const OF_THE_REGISTRY: [(&str, &str); 5] = [
    ("asset_id", "`cargo prometeu register` gives it"),
    ("included_in_build", "`cargo prometeu include` and `exclude` switch it"),
    ("root", "`cargo prometeu relocate` moves an asset"),
    ("path", "`cargo prometeu relocate` moves an asset"),
    ("location", "`cargo prometeu relocate` moves an asset"),
];

/// Reads the bytes of an `asset.json`: also bytes that are no text have something to show.
#[must_use]
pub fn read_bytes(bytes: Vec<u8>) -> (SourceText, Reading) {
    match SourceText::read(bytes, Document::Declaration) {
        Ok(text) => {
            let reading = read(&text);
            (text, reading)
        }
        Err(unreadable) => {
            (unreadable.text, Reading { findings: vec![unreadable.finding], ..Reading::default() })
        }
    }
}

/// Reads the text of an `asset.json`.
#[must_use]
pub fn read(text: &SourceText) -> Reading {
    let parsed = json::read(text.as_str());
    let mut checks = Checks::new(Document::Declaration.invalid(), &parsed);
    let Some(tree) = parsed.root else {
        return Reading { findings: checks.finish(None, text), ..Reading::default() };
    };
    let text_of = |key| tree.get(key).and_then(Node::as_str).map(str::to_owned);
    let (name, family) = (text_of("name"), text_of("type"));
    let asset_uuid = tree.get("asset_uuid").and_then(Node::as_str).and_then(AssetUuid::parse);
    let declaration = if tree.as_object().is_some() {
        document(&mut checks, &tree)
    } else {
        let finding = Finding::new(
            Document::Declaration.invalid(),
            Anchor::Value(Pointer::root()),
            format!("a declaration must be an object, and this is {}", tree.kind_name()),
        );
        checks.about(&tree, finding.help("Write `{ \"schema_version\": 1, … }`."));
        None
    };
    // What was recovered from damaged JSON is good for a name in a list, and no more.
    let declaration = declaration.filter(|_| parsed.problems.is_empty());
    let findings = checks.finish(Some(&tree), text);
    Reading { name, family, asset_uuid, tree: Some(tree), declaration, findings }
}

fn document(checks: &mut Checks, tree: &Node) -> Option<Declaration> {
    let root = Pointer::root();
    version::check(checks, tree, Code::DeclarationVersionUnsupported, "declaration")?;
    foreign_members(checks, tree);
    if let Some(schema) = tree.get("$schema").filter(|schema| schema.as_str().is_none()) {
        checks.wrong_kind(schema, &root.key("$schema"), "a string", "\"$schema\": \"asset.schema.json\"");
    }

    let asset_uuid = asset_uuid(checks, tree);
    let name = checks.word(tree, &root, "name", "\"name\": \"ui_atlas\"");
    let family = checks.word(tree, &root, "type", "\"type\": \"glyph_bank\"");
    let inputs = inputs(checks, tree, family);
    let artifacts = artifacts(checks, tree);
    let output = output(checks, tree);
    let preload = preload(checks, tree);
    if let Some(build) = tree.get("build").filter(|build| build.as_object().is_none()) {
        checks.wrong_kind(build, &root.key("build"), "an object", "\"build\": {}");
    }

    let output = output.unwrap_or_default();
    Some(Declaration {
        asset_uuid,
        name: name.unwrap_or_default().to_owned(),
        family: family.unwrap_or_default().to_owned(),
        inputs: inputs.unwrap_or_default(),
        artifacts,
        format: output.format,
        codec: output.codec,
        metadata: output.metadata,
        codec_configuration: output.codec_configuration,
        pipeline: output.pipeline,
        preload: preload.unwrap_or_default(),
    })
}

fn foreign_members(checks: &mut Checks, tree: &Node) {
    for (key, how) in OF_THE_REGISTRY {
        if tree.get(key).is_some() {
            let finding = Finding::new(
                Code::FieldBelongsToRegistry,
                Anchor::Key(Pointer::root().key(key)),
                format!("`{key}` belongs to the registry, not to a declaration"),
            );
            checks.push(
                finding.help(format!("Remove it here: it is kept in `assets/.prometeu/index.json`; {how}.")),
            );
        }
    }
    checks.explained = &["asset_id", "included_in_build", "root", "path", "location"];
    checks.unknown_members(tree, &Pointer::root(), &MEMBERS, Code::UnknownMember);
    checks.explained = &[];
}

fn asset_uuid(checks: &mut Checks, tree: &Node) -> Option<AssetUuid> {
    let node = tree.get("asset_uuid")?;
    let pointer = Pointer::root().key("asset_uuid");
    let example = "\"asset_uuid\": \"6f1c2d1e-8a34-4b7e-9d0a-2f5b7c9e1a44\"";
    let Some(spelling) = node.as_str() else {
        checks.wrong_kind(node, &pointer, "a string", example);
        return None;
    };
    let uuid = AssetUuid::parse(spelling);
    if uuid.is_none() {
        let help = "Write it as 8-4-4-4-12 hexadecimal digits, or remove the line: `cargo prometeu doctor --fix` writes that of a registered asset back, and `cargo prometeu register` a new one where there was none.";
        let finding = checks.invalid(&pointer, "is not a uuid", help);
        checks.about(node, finding);
    }
    uuid
}

fn inputs(checks: &mut Checks, tree: &Node, family: Option<&str>) -> Option<Vec<Input>> {
    let role = match family {
        Some("glyph_bank") => "\"inputs\": { \"sprites\": [\"heart.png\"] }",
        Some("sound_bank") => "\"inputs\": { \"samples\": [\"jump.wav\"] }",
        _ => "\"inputs\": { \"files\": [\"level.bin\"] }",
    };
    let node = checks.required(tree, &Pointer::root(), "inputs", role)?;
    let pointer = Pointer::root().key("inputs");
    let Some(roles) = node.as_object() else {
        checks.wrong_kind(node, &pointer, "an object of lists", role);
        return None;
    };
    let mut roles: Vec<_> = roles.iter().collect();
    roles.sort_by(|a, b| a.key.cmp(&b.key));
    let mut inputs = Vec::new();
    for Member { key, value: list, .. } in roles {
        let pointer = pointer.key(key);
        if key.len() > LONGEST_ROLE || !is_role(key) {
            let finding = Finding::new(
                Document::Declaration.invalid(),
                Anchor::Key(pointer.clone()),
                format!("`{key}` cannot be the name of a role"),
            );
            let help = "Begin with a small letter, and use at most 64 small letters, digits and `_`.";
            checks.push(finding.help(help));
            // Each input repeats its role: of a long one that would be the square of the file.
            if key.len() > LONGEST_ROLE {
                continue;
            }
        }
        let Some(files) = list.as_array() else {
            let example = match list.as_str() {
                Some(file) => format!("\"{key}\": [{}]", json::quote(file)),
                None => format!("\"{key}\": [\"a.png\", \"b.png\"]"),
            };
            checks.wrong_kind(list, &pointer, "a list of paths, also for one file", &example);
            continue;
        };
        for (n, file) in files.iter().enumerate() {
            inputs.extend(input(checks, key, file, pointer.index(n)));
        }
    }
    // Most have one, and a list begins with room for four.
    inputs.shrink_to_fit();
    Some(inputs)
}

fn input(checks: &mut Checks, role: &str, node: &Node, pointer: Pointer) -> Option<Input> {
    let Some(file) = node.as_str() else {
        checks.wrong_kind(node, &pointer, "a path in double quotes", "\"heart.png\"");
        return None;
    };
    let path = AssetPath::parse(file);
    if let Err(problem) = path {
        checks.about(node, broken_path(file, problem, &pointer));
    }
    Some(Input { role: role.to_owned(), file: file.to_owned(), path, pointer })
}

/// What to say of an input whose path breaks a rule: that it leaves the root, which no spelling
/// makes right, or that it is misspelt.
fn broken_path(file: &str, problem: PathProblem, pointer: &Pointer) -> Finding {
    let leaves = matches!(problem, PathProblem::Absolute | PathProblem::Climbs)
        || file.starts_with(['/', '\\'])
        || file.split(['/', '\\']).any(|part| part == "..");
    let anchor = Anchor::Value(pointer.clone());
    if leaves {
        let why = if matches!(problem, PathProblem::Absolute) || file.starts_with(['/', '\\']) {
            "it is absolute"
        } else {
            "it climbs with `..`"
        };
        return Finding::new(
            Code::InputOutsideRoot,
            anchor,
            format!("the input `{file}` is outside of its asset root: {why}"),
        )
        .help("Copy the file into the folder of this `asset.json`, and name it relative to that folder.");
    }
    let help = match problem {
        PathProblem::Backslash => format!("Write `{}`.", file.replace('\\', "/")),
        PathProblem::Empty => {
            "Write the file's path relative to this folder, or remove the entry.".to_owned()
        }
        PathProblem::OuterSpace => {
            "Remove the space here, and in the name on disk if it has one: Windows cannot hold such a name."
                .to_owned()
        }
        PathProblem::Control => {
            "Remove the line end or control character here, and in the name on disk if it has one.".to_owned()
        }
        PathProblem::EmptyPart => "Write every folder's name once, with one `/` between two.".to_owned(),
        _ => "Rename the file, and write its new name here.".to_owned(),
    };
    let message = match problem {
        PathProblem::Empty => "the path of an input is empty".to_owned(),
        _ => format!("the input's path `{file}` {problem}"),
    };
    Finding::new(Code::NameInvalid, anchor, message).help(help)
}

/// `[a-z][a-z0-9_]*`
fn is_role(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn artifacts(checks: &mut Checks, tree: &Node) -> Option<Vec<Artifact>> {
    const EXAMPLE: &str = "{ \"file\": \"heart.png\", \"index\": 0 }";
    let node = tree.get("artifacts")?;
    let pointer = Pointer::root().key("artifacts");
    let Some(entries) = node.as_array() else {
        checks.wrong_kind(node, &pointer, "a list", &format!("\"artifacts\": [{EXAMPLE}]"));
        return None;
    };
    let mut artifacts = Vec::new();
    for (n, entry) in entries.iter().enumerate() {
        let pointer = pointer.index(n);
        if entry.as_object().is_none() {
            checks.wrong_kind(entry, &pointer, "an object", EXAMPLE);
            continue;
        }
        checks.unknown_members(entry, &pointer, &["file", "index"], Code::UnknownMember);
        let file = checks.string(entry, &pointer, "file", "\"file\": \"heart.png\"");
        let index = checks.integer(entry, &pointer, "index", 0..=u32::MAX, "\"index\": 0");
        if let (Some(file), Some(index)) = (file, index) {
            artifacts.push(Artifact { file: file.to_owned(), index, pointer });
        }
    }
    Some(artifacts)
}

#[derive(Default)]
struct Output {
    format: String,
    codec: String,
    metadata: Object,
    codec_configuration: Option<Object>,
    pipeline: Option<Node>,
}

fn output(checks: &mut Checks, tree: &Node) -> Option<Output> {
    const EXAMPLE: &str = "\"output\": { \"format\": \"GLYPH/indexed_v1\", \"codec\": \"NONE\" }";
    let node = checks.required(tree, &Pointer::root(), "output", EXAMPLE)?;
    let pointer = Pointer::root().key("output");
    if node.as_object().is_none() {
        checks.wrong_kind(node, &pointer, "an object", EXAMPLE);
        return None;
    }
    let known = ["format", "codec", "metadata", "codec_configuration", "pipeline"];
    checks.unknown_members(node, &pointer, &known, Code::UnknownMember);
    let format = checks.word(node, &pointer, "format", "\"format\": \"GLYPH/indexed_v1\"");
    let codec = checks.word(node, &pointer, "codec", "\"codec\": \"NONE\"");
    let pipeline = node.get("pipeline");
    if let Some(pipeline) = pipeline.filter(|pipeline| pipeline.as_object().is_none()) {
        checks.wrong_kind(pipeline, &pointer.key("pipeline"), "an object", "\"pipeline\": {}");
    }
    Some(Output {
        format: format.unwrap_or_default().to_owned(),
        codec: codec.unwrap_or_default().to_owned(),
        metadata: object(checks, node, &pointer, "metadata").unwrap_or_default(),
        codec_configuration: object(checks, node, &pointer, "codec_configuration"),
        pipeline: pipeline.cloned(),
    })
}

fn preload(checks: &mut Checks, tree: &Node) -> Option<bool> {
    const EXAMPLE: &str = "\"preload\": { \"enabled\": true }";
    let node = checks.required(tree, &Pointer::root(), "preload", EXAMPLE)?;
    let pointer = Pointer::root().key("preload");
    if node.as_object().is_none() {
        checks.wrong_kind(node, &pointer, "an object", EXAMPLE);
        return None;
    }
    checks.unknown_members(node, &pointer, &["enabled"], Code::UnknownMember);
    checks.bool(node, &pointer, "enabled", "\"enabled\": true")
}

/// The optional object `key`, all of whose numbers a pack can carry.
fn object(checks: &mut Checks, parent: &Node, pointer: &Pointer, key: &str) -> Option<Object> {
    let node = parent.get(key)?;
    let pointer = pointer.key(key);
    let Some(members) = node.as_object() else {
        checks.wrong_kind(node, &pointer, "an object", &format!("\"{key}\": {{}}"));
        return None;
    };
    let mut metadata = Metadata { checks, base: pointer, steps: Vec::new() };
    Some(metadata.members(members))
}

/// The way from a tree to what a pack carries.
struct Metadata<'c, 'n> {
    checks: &'c mut Checks,
    base: Pointer,
    /// The way from `base`; a pointer is only made of it where something is wrong.
    steps: Vec<Step<'n>>,
}

#[derive(Clone, Copy)]
enum Step<'n> {
    Key(&'n str),
    Index(usize),
}

impl<'n> Metadata<'_, 'n> {
    fn members(&mut self, members: &'n [Member]) -> Object {
        let below = members.iter().map(|m| (m.key.clone(), self.below(Step::Key(&m.key), &m.value)));
        packer_format::json::object(below.collect())
    }

    fn below(&mut self, step: Step<'n>, node: &'n Node) -> Value {
        self.steps.push(step);
        let value = match &node.kind {
            Kind::Null => Value::Null,
            Kind::Bool(truth) => Value::Bool(*truth),
            Kind::String(text) => Value::String(text.clone()),
            Kind::Array(elements) => Value::Array(
                elements.iter().enumerate().map(|(n, e)| self.below(Step::Index(n), e)).collect(),
            ),
            Kind::Object(members) => Value::Object(self.members(members)),
            Kind::Number(spelling) => self.number(node, spelling),
        };
        self.steps.pop();
        value
    }

    /// A number that a pack cannot carry is said, and becomes `null`.
    fn number(&mut self, node: &Node, spelling: &str) -> Value {
        if let Some(number) = node.as_integer().filter(|n| (-MAX_NUMBER..=MAX_NUMBER).contains(n)) {
            return Value::Int(number);
        }
        if self.checks.is_full() {
            self.checks.count(Code::MetadataInvalid);
            return Value::Null;
        }
        let pointer = self.steps.iter().fold(self.base.clone(), |pointer, step| match step {
            Step::Key(key) => pointer.key(key),
            Step::Index(n) => pointer.index(*n),
        });
        let (rule, help) = if spelling.contains(['.', 'e', 'E']) {
            (
                "is not a whole number",
                "A pack carries whole numbers, without point and exponent: scale it, or write it as a string.",
            )
        } else {
            (
                "is larger than 2^53 - 1",
                "A pack carries numbers of at most 9007199254740991 in size: write it as a string.",
            )
        };
        let message = format!("`{}` {rule}", dotted(&pointer));
        let finding = Finding::new(Code::MetadataInvalid, Anchor::Value(pointer), message);
        self.checks.about(node, finding.help(help));
        Value::Null
    }
}
