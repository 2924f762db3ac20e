//! Facts: all that a pack and those who ask for it say of an asset, without its declaration.
//!
//! They are made from a declaration that was read and a probe of its inputs, and kept in the record: what
//! is known of an asset that nobody touched need not be read again, and is the same value. So the header,
//! the companions and the result are made from facts alone, wherever those come from.

use packer_format::json::{self, Object, Value};

use super::fingerprint::Key;
use super::inputs::AssetInputs;
use crate::digest::Digest;
use crate::family::{Family, NumberedArtifact, Probe};
use crate::schema::declaration::Declaration;
use crate::schema::json::{Kind, Node};
use crate::storage::Stamp;

/// See the module.
#[derive(Clone)]
pub(crate) struct Facts {
    /// What people call it.
    pub(crate) name: String,
    /// Its family.
    pub(crate) family: &'static dyn Family,
    /// Whether it is resident from the start.
    pub(crate) preload: bool,
    /// What its payload depends on besides the inputs' content.
    pub(crate) key: Key,
    /// The inputs in declared order.
    pub(crate) inputs: Vec<InputFacts>,
    /// The artifacts by increasing index.
    pub(crate) artifacts: Vec<NumberedArtifact>,
    /// Bytes of the payload.
    pub(crate) size: u64,
    /// Bytes resident after the runtime's decode.
    pub(crate) decoded_size: u64,
    /// What the family derived for `metadata`, an object of canonical JSON.
    pub(crate) derived: String,
    /// `metadata` in the pack's table, an object of canonical JSON.
    pub(crate) metadata: String,
    /// `output.pipeline` by value, as canonical JSON for tools; `None` where there is none.
    pub(crate) pipeline: Option<String>,
}

/// What is known of one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InputFacts {
    /// The role under which it is listed.
    pub(crate) role: String,
    /// Its path as declared.
    pub(crate) file: String,
    /// Its stamp when it was looked at.
    pub(crate) stamp: Stamp,
    /// Its content; `None` until somebody has read it.
    pub(crate) digest: Option<Digest>,
}

impl std::fmt::Debug for Facts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Facts")
            .field("name", &self.name)
            .field("inputs", &self.inputs)
            .finish_non_exhaustive()
    }
}

impl Facts {
    /// What a declaration and a probe of its inputs come to. `metadata` is that of the pack's table.
    pub(crate) fn of(
        declaration: &Declaration,
        family: &'static dyn Family,
        key: Key,
        probe: &Probe,
        metadata: &Object,
        files: &AssetInputs<'_>,
    ) -> Self {
        let inputs = declaration.inputs.iter().enumerate().map(|(n, input)| InputFacts {
            role: input.role.clone(),
            file: input.file.clone(),
            stamp: files.stamp(n),
            digest: files.known_digest(n),
        });
        Self {
            name: declaration.name.clone(),
            family,
            preload: declaration.preload,
            key,
            inputs: inputs.collect(),
            artifacts: probe.artifacts.clone(),
            size: probe.size,
            decoded_size: probe.decoded_size,
            derived: object(&probe.metadata),
            metadata: object(metadata),
            pipeline: declaration.pipeline.as_ref().map(|node| json::to_string(&pipeline(node))),
        }
    }

    /// The input that is the payload as it is, if one is.
    pub(super) fn payload_is_input(&self) -> Option<usize> {
        self.family.payload_is_input(&self.artifacts)
    }

    /// What the family told when it was asked.
    pub(crate) fn probe(&self) -> Probe {
        let metadata = match json::read(self.derived.as_bytes()) {
            Ok(Value::Object(metadata)) => metadata,
            _ => Object::new(),
        };
        let Self { artifacts, size, decoded_size, .. } = self;
        Probe { artifacts: artifacts.clone(), size: *size, decoded_size: *decoded_size, metadata }
    }

    /// Whether the table of a pack says the same of both, but for the place.
    pub(crate) fn stands_alike(&self, other: &Self) -> bool {
        self.name == other.name
            && self.family.bank_type() == other.family.bank_type()
            && self.preload == other.preload
            && (self.size, self.decoded_size) == (other.size, other.decoded_size)
            && self.metadata == other.metadata
    }

    /// Whether a set would say the same of both: everything but when the files were written.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        self.name == other.name
            && self.preload == other.preload
            && self.key == other.key
            && self.artifacts == other.artifacts
            && (self.size, self.decoded_size) == (other.size, other.decoded_size)
            && self.metadata == other.metadata
            && self.pipeline == other.pipeline
            && self.inputs.iter().map(InputFacts::said).eq(other.inputs.iter().map(InputFacts::said))
    }
}

impl InputFacts {
    fn said(&self) -> (&str, &str, u64, Option<Digest>) {
        (&self.role, &self.file, self.stamp.size, self.digest)
    }
}

fn object(members: &Object) -> String {
    let mut text = String::new();
    json::write_object(members, &mut text).expect("a string takes everything");
    text
}

/// The pipeline as a person wrote it, by value. A number that is no integer of canonical JSON keeps
/// its spelling as a string: this is for tools alone.
fn pipeline(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(yes) => Value::Bool(*yes),
        Kind::Number(digits) => {
            let exact = node.as_integer().filter(|n| n.abs() <= json::MAX_INT);
            exact.map_or_else(|| Value::String(digits.clone()), Value::Int)
        }
        Kind::String(words) => Value::String(words.clone()),
        Kind::Array(items) => Value::Array(items.iter().map(pipeline).collect()),
        Kind::Object(members) => {
            let members = members.iter().map(|member| (member.key.clone(), pipeline(&member.value)));
            Value::Object(json::object(members.collect()))
        }
    }
}
