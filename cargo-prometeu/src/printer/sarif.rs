//! Findings as one document of SARIF 2.1.0, which code hosts and editors read.
//!
//! Whatever is said of files is said from the repository's root, without a path of this machine: the same
//! findings give the same document in every checkout. Each result has a place, since code hosts refuse one
//! without, and a fingerprint that stays when lines move.

use std::collections::BTreeMap;
use std::ops::Range;

use prometeu_packer::Digest;
use prometeu_packer::diagnostics::{Code, Diagnostic, Severity, Snippet};
use prometeu_packer::ops::{Blocker, Status};
use prometeu_packer::workspace::layout::REGISTRY_FILE;
use serde::Serialize;

use super::uri;
use super::words::plain;
use crate::explanations::explanations;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What paths begin at: the root of the repository, whose place is nobody else's to know.
const ROOT: &str = "%SRCROOT%";

/// The name of our fingerprints, with the version of what they are made of.
const FINGERPRINT: &str = "prometeuFinding/v1";

#[derive(Debug, Serialize)]
struct Document {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    invocations: [Invocation; 1],
    original_uri_base_ids: BTreeMap<&'static str, Base>,
    column_kind: &'static str,
    results: Vec<Outcome>,
}

#[derive(Debug, Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<Rule>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    name: String,
    short_description: Text,
    full_description: Text,
    help: Text,
    default_configuration: Configuration,
    properties: RuleProperties,
}

#[derive(Debug, Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Debug, Serialize)]
struct RuleProperties {
    tags: [String; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Debug, Serialize)]
struct Notification {
    level: &'static str,
    message: Text,
    descriptor: Descriptor,
}

#[derive(Debug, Serialize)]
struct Descriptor {
    id: &'static str,
}

#[derive(Debug, Serialize)]
struct Base {
    description: Text,
}

/// A `result` of SARIF.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    properties: OutcomeProperties,
}

#[derive(Debug, Serialize)]
struct OutcomeProperties {
    blocking: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<Text>,
}

#[derive(Debug, Serialize)]
struct Text {
    text: String,
}

impl Text {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

/// The document of a command that came to `status`; `prefix` stands before each path.
pub(super) fn document(found: &[&Diagnostic], blockers: &[Blocker], status: Status, prefix: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let driver = Driver {
        name: "cargo-prometeu",
        version,
        semantic_version: version,
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        rules: rules(),
    };
    let mut seen = BTreeMap::new();
    let results = found.iter().map(|found| outcome(found, prefix, &mut seen));
    let root = Base { description: Text::new("The root of the repository.") };
    let run = Run {
        tool: Tool { driver },
        original_uri_base_ids: BTreeMap::from([(ROOT, root)]),
        column_kind: "unicodeCodePoints",
        results: results.collect(),
        invocations: [Invocation {
            // Findings are what a run is for; it fails when it could not look.
            execution_successful: status != Status::Failed && blockers.is_empty(),
            tool_execution_notifications: blockers.iter().map(notification).collect(),
        }],
    };
    let document = Document { schema: SCHEMA, version: "2.1.0", runs: [run] };
    serde_json::to_string(&document).expect("keys are strings, and nothing else can fail")
}

/// Every code, in their order: a result names its rule by its place among them.
fn rules() -> Vec<Rule> {
    let rule = |explanation: crate::explanations::Explanation| Rule {
        id: explanation.code.as_str(),
        // As viewers want it, in one word: `PaletteCount`.
        name: format!("{:?}", explanation.code),
        short_description: Text::new(explanation.code.meaning()),
        full_description: Text::new(plain(explanation.cause)),
        help: Text::new(plain(explanation.cure)),
        default_configuration: Configuration { level: level(explanation.code.severity()) },
        properties: RuleProperties { tags: [explanation.code.category().to_string()] },
    };
    explanations().into_iter().map(rule).collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn notification(blocker: &Blocker) -> Notification {
    Notification {
        level: "error",
        message: Text::new(sentences(&blocker.message, blocker.help.as_deref())),
        descriptor: Descriptor { id: blocker.code.as_str() },
    }
}

/// What was found and what to do, as sentences.
fn sentences(message: &str, help: Option<&str>) -> String {
    let help = help.map_or(String::new(), |help| format!(" {help}"));
    format!("{message}.{help}")
}

fn outcome(found: &Diagnostic, prefix: &str, seen: &mut BTreeMap<String, usize>) -> Outcome {
    let rule =
        Code::ALL.iter().position(|code| *code == found.code).expect("every code is among all of them");
    // What belongs to no file belongs to the project, whose first file is the registry.
    let file = found.file.as_deref().unwrap_or(REGISTRY_FILE);
    let place = |file: &str, line, column, snippet| PhysicalLocation {
        artifact_location: ArtifactLocation {
            uri: uri::of_path(&format!("{prefix}{file}")),
            uri_base_id: ROOT,
        },
        region: region(line, column, snippet),
    };
    let own = place(file, found.line, found.column, found.snippet.as_ref());
    let related = found.related.iter().enumerate().map(|(n, related)| Location {
        id: Some(n),
        physical_location: place(&related.file, related.line, related.column, related.snippet.as_ref()),
        message: Some(Text::new(related.message.as_str())),
    });
    Outcome {
        rule_id: found.code.as_str(),
        rule_index: rule,
        level: level(found.severity),
        message: Text::new(sentences(&found.message, found.help.as_deref())),
        locations: [Location { id: None, physical_location: own, message: None }],
        related_locations: related.collect(),
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, fingerprint(found, file, seen))]),
        properties: OutcomeProperties { blocking: found.blocking },
    }
}

/// Where in a file; the first line where a file is meant as a whole, since code hosts ask for a line.
fn region(line: Option<u32>, column: Option<u32>, snippet: Option<&Snippet>) -> Region {
    let Some(start_line) = line else {
        return Region { start_line: 1, start_column: None, end_column: None, snippet: None };
    };
    let shown = snippet.map(shown).filter(|shown| !shown.is_empty());
    let end_column = column
        .zip(shown)
        .and_then(|(column, shown)| column.checked_add(u32::try_from(shown.chars().count()).ok()?));
    Region { start_line, start_column: column, end_column, snippet: shown.map(Text::new) }
}

/// What is underlined, as far as it is on the first line of it.
fn shown(snippet: &Snippet) -> &str {
    let text = snippet.text.as_str();
    let Range { start, end } = snippet.range;
    let line = snippet.text.line_range(start);
    text.get(start..end.min(line.end).max(start)).unwrap_or_default()
}

/// What a finding is known by when lines move and other findings come and go: its code, whose it is, and what
/// it points at; of several that have all this in common their number.
fn fingerprint(found: &Diagnostic, file: &str, seen: &mut BTreeMap<String, usize>) -> String {
    let owner = found.asset_uuid.map_or_else(|| file.to_owned(), |uuid| uuid.to_string());
    let words = found.snippet.as_ref().map_or("", shown);
    let of_all = Digest::of(format!("{}\n{owner}\n{words}", found.code).as_bytes()).to_string();
    let of_all: String = of_all.chars().take(32).collect();
    let count = seen.entry(of_all.clone()).or_default();
    *count += 1;
    format!("{of_all}:{count}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_stand_in_the_order_of_the_codes() {
        let ids: Vec<&str> = rules().iter().map(|rule| rule.id).collect();
        assert_eq!(ids, Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>());
    }
}
