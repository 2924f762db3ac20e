//! Records of what lies in quarantine: their text, and the list of them.

use std::io;
use std::path::Path;

use super::{EntryName, Quarantined, Record, Registered};
use crate::id::{AssetId, AssetUuid};
use crate::path::AssetPath;
use crate::schema::json::{self, Node};
use crate::schema::{Document, SourceText};
use crate::storage::{FileKind, Source, read_up_to};
use crate::workspace::Layout;
use crate::workspace::layout::{QUARANTINED_ROOT, RECORD};

/// The version of the records that are written, and the only one that is read.
const VERSION: i64 = 1;

/// The most bytes of an asset's own name in that of its entry.
const LONGEST_SLUG: usize = 48;

impl EntryName {
    /// The name of the `version`th entry of an asset; the first has no number.
    pub(crate) fn of(record: &Record, version: u32) -> Self {
        let slug: String = record
            .root
            .file_name()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
            .take(LONGEST_SLUG)
            .collect();
        let owner = match &record.registered {
            Some(registered) => registered.asset_id.to_string(),
            None => "unregistered".to_owned(),
        };
        let version = if version > 1 { format!("-{version}") } else { String::new() };
        Self(format!("{owner}-{slug}{version}"))
    }
}

impl Record {
    /// The one text of a record.
    #[must_use]
    pub fn to_text(&self) -> String {
        let root = json::quote(self.root.as_str());
        let registered = self.registered.map_or_else(String::new, |registered| {
            let Registered { asset_id, asset_uuid, included_in_build } = registered;
            format!(
                ",\n  \"asset_id\": {asset_id},\n  \"included_in_build\": {included_in_build},\n  \
                 \"asset_uuid\": \"{asset_uuid}\""
            )
        });
        format!("{{\n  \"schema_version\": {VERSION},\n  \"root\": {root}{registered}\n}}\n")
    }

    /// Reads the bytes of a record, in any layout.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as it goes on after its name: "names no root".
    pub fn read(bytes: Vec<u8>) -> Result<Self, String> {
        let text = SourceText::read(bytes, Document::Registry)
            .map_err(|unreadable| format!("cannot be read: {}", unreadable.finding.message))?;
        let parsed = json::read(text.as_str());
        if let Some(problem) = parsed.problems.first() {
            let line = text.line_column(problem.range.start).line;
            return Err(format!("is not JSON in line {line}: {}", problem.message));
        }
        let tree = parsed.root.filter(|tree| tree.as_object().is_some()).ok_or("is no JSON object")?;
        let integer = |key: &str| tree.get(key).and_then(Node::as_integer);
        if integer("schema_version") != Some(VERSION) {
            return Err(format!("is not of `schema_version` {VERSION}, the only one that is read"));
        }
        let word = |key: &str| tree.get(key).and_then(Node::as_str);
        let root = word("root").ok_or("names no `root`")?;
        let root = AssetPath::parse(root)
            .map_err(|problem| format!("names the root `{}`: {problem}", root.escape_debug()))?;
        let known = ["schema_version", "root", "asset_id", "included_in_build", "asset_uuid"];
        let members = tree.as_object().unwrap_or_default();
        if let Some(member) = members.iter().find(|member| !known.contains(&member.key.as_str())) {
            return Err(format!("has an unknown member `{}`", member.key.escape_debug()));
        }
        if members.len() == 2 {
            return Ok(Self { root, registered: None });
        }
        let asset_id = integer("asset_id").and_then(|id| u64::try_from(id).ok());
        let registered = Registered {
            asset_id: asset_id
                .and_then(|id| AssetId::try_from(id).ok())
                .ok_or("holds no `asset_id` that can be one")?,
            asset_uuid: word("asset_uuid")
                .and_then(AssetUuid::parse)
                .ok_or("holds no `asset_uuid` that is one")?,
            included_in_build: tree
                .get("included_in_build")
                .and_then(Node::as_bool)
                .ok_or("does not say `included_in_build`")?,
        };
        Ok(Self { root, registered: Some(registered) })
    }
}

/// Everything in quarantine, by name.
///
/// # Errors
///
/// When the file system refuses.
pub(crate) fn list(source: &dyn Source, layout: &Layout) -> io::Result<Vec<Quarantined>> {
    let folder = layout.quarantine();
    if source.stat(&folder)?.is_none_or(|stat| stat.kind != FileKind::Folder) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in source.walk(&folder, &mut |_| false)? {
        let (FileKind::Folder, Some(name)) = (entry.kind, entry.path.file_name().and_then(|n| n.to_str()))
        else {
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        let record = match EntryName::parse(name) {
            Some(_) => record(source, &entry.path.join(RECORD)),
            None => Err("no entry of the packer's has such a name".to_owned()),
        };
        let record = record.and_then(|record| match source.stat(&entry.path.join(QUARANTINED_ROOT)) {
            Ok(Some(stat)) if stat.kind == FileKind::Folder => Ok(record),
            Ok(_) => Err(format!("it holds no folder `{QUARANTINED_ROOT}`")),
            Err(error) => Err(format!("its `{QUARANTINED_ROOT}` cannot be looked at: {error}")),
        });
        found.push(Quarantined { entry: name.to_owned(), record, in_the_way: None });
    }
    Ok(found)
}

/// Reads the record at `path`, no link followed.
fn record(source: &dyn Source, path: &Path) -> Result<Record, String> {
    let read = || match source.stat(path)?.map(|stat| stat.kind) {
        None => Ok(Err(format!("it holds no `{RECORD}`"))),
        Some(FileKind::File) => {
            let (bytes, _) = read_up_to(source, path, SourceText::LIMIT as u64)?;
            Ok(Record::read(bytes).map_err(|why| format!("its `{RECORD}` {why}")))
        }
        Some(_) => Ok(Err(format!("its `{RECORD}` is not a regular file"))),
    };
    read().unwrap_or_else(|error: io::Error| Err(format!("its `{RECORD}` cannot be read: {error}")))
}
