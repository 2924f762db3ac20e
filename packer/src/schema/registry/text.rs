//! The one text of a registry.

use super::{Entry, Registry};
use crate::schema::{SCHEMA_VERSION, json};

impl Registry {
    /// The canonical text: one member a line, the one that never changes last, entries by id, two
    /// spaces, `\n`, a final newline. A text merge of two branches that touch different entries is
    /// then clean.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut entries: Vec<&Entry> = self.assets.iter().collect();
        entries.sort_by_key(|entry| entry.asset_id);
        let entries: Vec<String> = entries.into_iter().map(Entry::to_text).collect();
        let lines = if entries.is_empty() { String::new() } else { entries.join(",\n") + "\n" };
        list_text(self.next_asset_id, &lines)
    }
}

/// The text of a registry whose list of entries has these `lines`.
pub(crate) fn list_text(next_asset_id: u32, lines: &str) -> String {
    let assets = if lines.is_empty() { "[]".to_owned() } else { format!("[\n{lines}  ]") };
    format!(
        "{{\n  \"schema_version\": {SCHEMA_VERSION},\n  \"next_asset_id\": {next_asset_id},\n  \"assets\": {assets}\n}}\n",
    )
}

impl Entry {
    pub(crate) fn to_text(&self) -> String {
        format!(
            "    {{\n      \"asset_id\": {},\n      \"included_in_build\": {},\n      \"root\": {},\n      \"asset_uuid\": \"{}\"\n    }}",
            self.asset_id,
            self.included_in_build,
            json::quote(self.root.as_str()),
            self.asset_uuid,
        )
    }
}
