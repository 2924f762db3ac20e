//! Findings as JSON: the members of the library's diagnostics, by their names.

use prometeu_packer::diagnostics::{self, Category, Severity};
use prometeu_packer::path::AssetPath;
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(super) struct Diagnostic<'a> {
    code: &'static str,
    severity: &'static str,
    category: &'static str,
    blocking: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    asset_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asset_root: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    related: Vec<Related<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Related<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    message: &'a str,
}

impl<'a> Diagnostic<'a> {
    pub(super) fn of(diagnostic: &'a diagnostics::Diagnostic) -> Self {
        Self {
            code: diagnostic.code.as_str(),
            severity: match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "info",
            },
            category: match diagnostic.code.category() {
                Category::Structural => "structural",
                Category::Hygiene => "hygiene",
            },
            blocking: diagnostic.blocking,
            asset_id: diagnostic.asset_id.map(prometeu_packer::id::AssetId::get),
            asset_root: diagnostic.asset_root.as_ref().map(AssetPath::as_str),
            file: diagnostic.file.as_deref(),
            line: diagnostic.line,
            column: diagnostic.column,
            message: &diagnostic.message,
            help: diagnostic.help.as_deref(),
            related: diagnostic.related.iter().map(Related::of).collect(),
            fix: diagnostic.fix.as_deref(),
        }
    }
}

impl<'a> Related<'a> {
    fn of(related: &'a diagnostics::Related) -> Self {
        Self { file: &related.file, line: related.line, column: related.column, message: &related.message }
    }
}
