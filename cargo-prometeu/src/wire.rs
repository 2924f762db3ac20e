//! Responses as JSON: exactly the members of the library's values, by their names. Events are written
//! by the library.
//!
//! One object a line: `{"reason":"event",…}` while an operation works, `{"reason":"response",…}`
//! when it is done. What is absent is left out, as `asset_id` of an asset that has none; lists are
//! there even when they are empty. Numbers are integers, sizes in bytes, times in milliseconds.

mod finding;
mod workspace;

use prometeu_packer::address;
use prometeu_packer::diagnostics;
use prometeu_packer::event;
use prometeu_packer::mutate;
use prometeu_packer::ops;
use prometeu_packer::path::AssetPath;
use prometeu_packer::quarantine::Quarantined;
use serde::Serialize;
use serde_json::{Map, Value, json};

use self::finding::Diagnostic;
pub(crate) use self::workspace::counts;

/// A finding with all of its members, for answers that have findings among their own members.
pub(crate) fn diagnostic(found: &diagnostics::Diagnostic) -> Value {
    serde_json::to_value(Diagnostic::of(found)).unwrap_or_default()
}

/// A line.
#[derive(Debug, Serialize)]
struct Line<T> {
    reason: &'static str,
    #[serde(flatten)]
    body: T,
}

#[derive(Debug, Serialize)]
struct AffectedAsset<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    asset_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asset_uuid: Option<String>,
    root: &'a str,
}

/// What all responses have, and what an operation adds.
#[derive(Debug, Serialize)]
pub(crate) struct Response<'a> {
    pub(crate) status: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) operation_class: &'static str,
    pub(crate) operation_id: String,
    pub(crate) generation: u64,
    pub(crate) summary: &'a str,
    affected_assets: Vec<AffectedAsset<'a>>,
    diagnostics: Vec<Diagnostic<'a>>,
    proposed_actions: Vec<Action<'a>>,
    applied_actions: Vec<Action<'a>>,
    pub(crate) blockers: Vec<Blocker<'a>>,
    #[serde(flatten)]
    pub(crate) payload: Option<Map<String, Value>>,
}

#[derive(Debug, Serialize)]
struct Action<'a> {
    action_id: &'a str,
    operation: &'static str,
    arguments: Map<String, Value>,
    operation_class: &'static str,
    needs_consent: bool,
    title: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct Blocker<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
}

/// What an operation adds to its response, as members.
pub(crate) trait Payload {
    fn members(&self) -> Value;

    /// What was found wrong, besides what stands in the response itself.
    fn findings(&self) -> Vec<&diagnostics::Diagnostic> {
        Vec::new()
    }
}

/// The line of an event: its envelope, as the library writes it.
pub(crate) fn event_line(event: &event::Event) -> String {
    let envelope = event.to_json();
    let members = envelope.strip_prefix('{').expect("an envelope is an object, and never an empty one");
    format!(r#"{{"reason":"event",{members}"#)
}

/// The line of a response, with what stands `beside` what the operation says.
pub(crate) fn response_line<T: Payload>(response: &ops::Response<T>, beside: Map<String, Value>) -> String {
    let mut members = members(response);
    if !beside.is_empty() {
        members.payload.get_or_insert_default().extend(beside);
    }
    line("response", members)
}

/// A response by itself.
pub(crate) fn response_value<T: Payload>(response: &ops::Response<T>) -> Value {
    value(members(response))
}

fn members<T: Payload>(response: &ops::Response<T>) -> Response<'_> {
    let payload = response.payload.as_ref().map(Payload::members);
    Response {
        status: response.status.as_str(),
        operation: response.operation.as_str(),
        operation_class: response.operation_class().as_str(),
        operation_id: response.operation_id.to_string(),
        generation: response.generation.get(),
        summary: &response.summary,
        affected_assets: affected(&response.affected_assets),
        diagnostics: response.diagnostics.iter().map(Diagnostic::of).collect(),
        proposed_actions: response.proposed_actions.iter().map(Action::of).collect(),
        applied_actions: response.applied_actions.iter().map(Action::of).collect(),
        blockers: response.blockers.iter().map(Blocker::of).collect(),
        payload: payload.and_then(|payload| payload.as_object().cloned()),
    }
}

impl<'a> Response<'a> {
    /// The response of a read-only operation that is the command's own and touches no project, such
    /// as `inspect`.
    pub(crate) fn of_command(operation: &'static str, operation_id: String, summary: &'a str) -> Self {
        Self {
            status: ops::Status::Ok.as_str(),
            operation,
            operation_class: ops::OperationClass::ReadOnly.as_str(),
            operation_id,
            generation: prometeu_packer::id::Generation::FIRST.get(),
            summary,
            affected_assets: Vec::new(),
            diagnostics: Vec::new(),
            proposed_actions: Vec::new(),
            applied_actions: Vec::new(),
            blockers: Vec::new(),
            payload: None,
        }
    }

    /// The same, with what was found and what could be done about it.
    pub(crate) fn with(mut self, found: &'a [diagnostics::Diagnostic], proposed: &'a [ops::Action]) -> Self {
        self.diagnostics = found.iter().map(Diagnostic::of).collect();
        self.proposed_actions = proposed.iter().map(Action::of).collect();
        self
    }

    /// Its line.
    pub(crate) fn line(self) -> String {
        line("response", self)
    }
}

fn line(reason: &'static str, body: impl Serialize) -> String {
    serde_json::to_string(&Line { reason, body }).expect("keys are strings, and nothing else can fail")
}

fn value(body: impl Serialize) -> Value {
    serde_json::to_value(body).expect("keys are strings, and nothing else can fail")
}

fn affected(assets: &[event::AffectedAsset]) -> Vec<AffectedAsset<'_>> {
    let one = |asset: &'_ event::AffectedAsset| (asset.asset_id, asset.asset_uuid);
    assets
        .iter()
        .map(|asset| {
            let (id, uuid) = one(asset);
            AffectedAsset {
                asset_id: id.map(prometeu_packer::id::AssetId::get),
                asset_uuid: uuid.map(|uuid| uuid.to_string()),
                root: asset.root.as_str(),
            }
        })
        .collect()
}

impl<'a> Action<'a> {
    fn of(action: &'a ops::Action) -> Self {
        let arguments = action.arguments.iter();
        Self {
            action_id: &action.action_id,
            operation: action.operation.as_str(),
            arguments: arguments.map(|(name, value)| ((*name).to_owned(), argument(value))).collect(),
            operation_class: action.operation_class.as_str(),
            needs_consent: action.needs_consent,
            title: &action.title,
        }
    }
}

/// An argument as a program passes it.
pub(crate) fn argument(value: &ops::Argument) -> Value {
    match value {
        ops::Argument::Text(text) => json!(text),
        ops::Argument::Number(number) => json!(number),
        ops::Argument::Flag(flag) => json!(flag),
        ops::Argument::List(list) => json!(list),
    }
}

impl<'a> Blocker<'a> {
    pub(crate) fn of(blocker: &'a ops::Blocker) -> Self {
        Self {
            code: blocker.code.as_str(),
            message: &blocker.message,
            help: blocker.help.as_deref(),
            path: blocker.path.as_deref(),
        }
    }
}

impl Payload for () {
    fn members(&self) -> Value {
        json!({})
    }
}

impl Payload for ops::Preview {
    fn members(&self) -> Value {
        json!({ "plan": plan(&self.plan) })
    }
}

impl Payload for ops::Applied {
    fn members(&self) -> Value {
        json!({ "plan": plan(&self.plan) })
    }
}

fn plan(plan: &mutate::Plan) -> Value {
    let edit = |edit: &mutate::FileEdit| {
        let from = match &edit.kind {
            mutate::EditKind::MoveFolder { from } => Some(json!(from)),
            _ => None,
        };
        present([
            ("path", Some(json!(edit.path))),
            ("kind", Some(json!(edit.kind.as_str()))),
            ("from", from),
            ("expected", Some(json!(edit.expected.to_string()))),
        ])
    };
    let edits: Vec<Value> = plan.edits.iter().map(edit).collect();
    json!({ "plan_id": plan.plan_id.to_string(), "needs_consent": plan.needs_consent(), "edits": edits })
}

impl Payload for Vec<ops::AssetRow> {
    fn members(&self) -> Value {
        let row = |row: &ops::AssetRow| {
            let mut members = json!({
                "root": row.root,
                "asset_name": row.asset_name,
                "asset_family": row.asset_family,
                "included_in_build": row.included_in_build,
                "artifact_count": row.artifact_count,
                "size": row.size,
                "last_modified": row.last_modified,
                "errors": row.errors,
                "warnings": row.warnings,
            });
            if let Some(id) = row.asset_id {
                members["asset_id"] = json!(id.get());
            }
            if let Some(uuid) = row.asset_uuid {
                members["asset_uuid"] = json!(uuid.to_string());
            }
            if let Some(id) = row.copy_of {
                members["copy_of"] = json!(id.get());
            }
            if let Some(problem) = &row.problem {
                members["problem"] = json!(problem);
            }
            members
        };
        json!({ "assets": self.iter().map(row).collect::<Vec<_>>() })
    }
}

impl Payload for Vec<Quarantined> {
    fn members(&self) -> Value {
        let one = |found: &Quarantined| {
            let record = found.record.as_ref();
            let registered = record.ok().and_then(|record| record.registered.as_ref());
            present([
                ("entry", Some(json!(found.entry))),
                ("root", record.ok().map(|record| json!(record.root.as_str()))),
                ("asset_id", registered.map(|registered| json!(registered.asset_id.get()))),
                ("asset_uuid", registered.map(|registered| json!(registered.asset_uuid.to_string()))),
                ("included_in_build", registered.map(|registered| json!(registered.included_in_build))),
                ("problem", found.problem().map(|problem| json!(problem))),
            ])
        };
        json!({ "quarantined": self.iter().map(one).collect::<Vec<_>>() })
    }
}

impl Payload for ops::Constants {
    fn members(&self) -> Value {
        let one = |asset: &ops::NamedAsset| {
            let files: Vec<&AssetPath> = asset.artifacts.iter().map(|artifact| &artifact.file).collect();
            let artifact = |(artifact, constant): (&ops::NamedArtifact, String)| json!({ "file": artifact.file.as_str(), "index": artifact.index, "constant": constant });
            let constants = address::artifact_constants(&files);
            json!({
                "asset_id": asset.asset_id.get(),
                "root": asset.root.as_str(),
                "asset_name": asset.name,
                "asset_family": asset.family,
                "constant": address::of_root(&asset.root).to_string(),
                "artifacts": asset.artifacts.iter().zip(constants).map(artifact).collect::<Vec<_>>(),
            })
        };
        json!({ "assets": self.assets.iter().map(one).collect::<Vec<_>>() })
    }
}

impl Payload for ops::AssetDetails {
    fn members(&self) -> Value {
        let input = |input: &ops::InputDetails| {
            present([
                ("file", Some(json!(input.file))),
                ("role", Some(json!(input.role))),
                ("size", input.size.map(Value::from)),
                ("packed", Some(json!(input.packed))),
            ])
        };
        let artifact = |artifact: &ops::ArtifactDetails| {
            json!({
                "file": artifact.file.as_str(),
                "index": artifact.index,
                "count": artifact.count,
                "constant": artifact.constant,
            })
        };
        present([
            ("asset_id", Some(json!(self.asset_id.get()))),
            ("asset_uuid", Some(json!(self.asset_uuid.to_string()))),
            ("root", Some(json!(self.root.as_str()))),
            ("asset_name", Some(json!(self.asset_name))),
            ("asset_family", Some(json!(self.asset_family))),
            ("format", self.format.as_deref().map(Value::from)),
            ("included_in_build", Some(json!(self.included_in_build))),
            ("preload", self.preload.map(Value::from)),
            ("preload_slot", self.preload_slot.map(Value::from)),
            ("constant", Some(json!(self.constant))),
            ("inputs", Some(self.inputs.iter().map(input).collect())),
            ("artifacts", Some(self.artifacts.iter().map(artifact).collect())),
            ("min_artifact_count", self.min_artifact_count.map(Value::from)),
            ("max_artifact_count", self.max_artifact_count.map(Value::from)),
            ("payload_size", self.payload_size.map(Value::from)),
            ("decoded_size", self.decoded_size.map(Value::from)),
            ("pack_payload_size", self.pack_payload_size.map(Value::from)),
            ("last_modified", self.last_modified.map(Value::from)),
        ])
    }
}

/// An object of those members that are there.
pub(crate) fn present<'a>(members: impl IntoIterator<Item = (&'a str, Option<Value>)>) -> Value {
    let present = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(present.collect())
}

impl Payload for ops::PackSummary {
    fn members(&self) -> Value {
        let asset = |asset: &ops::AssetSummary| {
            json!({
                "asset_id": asset.asset_id.get(),
                "asset_name": asset.asset_name,
                "asset_family": asset.asset_family,
                "artifact_count": asset.artifact_count,
                "min_artifact_count": asset.min_artifact_count,
                "max_artifact_count": asset.max_artifact_count,
                "last_modified": asset.last_modified,
            })
        };
        json!({
            "total_included": self.total_included,
            "assets": self.assets.iter().map(asset).collect::<Vec<_>>(),
        })
    }
}

impl Payload for ops::PackValidation {
    fn members(&self) -> Value {
        let asset = |asset: &ops::AssetValidation| {
            json!({
                "asset_id": asset.asset_id.get(),
                "asset_name": asset.asset_name,
                "asset_path": asset.asset_path,
                "last_modified": asset.last_modified,
                "diagnostics": asset.diagnostics.iter().map(Diagnostic::of).collect::<Vec<_>>(),
            })
        };
        json!({ "assets": self.assets.iter().map(asset).collect::<Vec<_>>() })
    }

    fn findings(&self) -> Vec<&diagnostics::Diagnostic> {
        self.assets.iter().flat_map(|asset| &asset.diagnostics).collect()
    }
}

impl Payload for ops::PackResult {
    fn members(&self) -> Value {
        let file = |file: &ops::PackedFile| json!({ "path": file.path.to_string_lossy(), "size": file.size, "changed": file.changed });
        let mut artifact = file(&self.artifact);
        artifact["digest"] = json!(self.digest);
        json!({
            "artifact": artifact,
            "companions": self.companions.iter().map(file).collect::<Vec<_>>(),
            "total_assets": self.total_assets,
            "duration_ms": self.duration_ms,
            "cache": { "hits": self.cache.hits, "misses": self.cache.misses },
            "work": {
                "stats": self.work.stats,
                "opens": self.work.opens,
                "bytes_read": self.work.bytes_read,
                "bytes_hashed": self.work.bytes_hashed,
                "bytes_written": self.work.bytes_written,
                "bytes_copied": self.work.bytes_copied,
                "encoded": self.work.encoded,
                "syncs": self.work.syncs,
            },
        })
    }
}
