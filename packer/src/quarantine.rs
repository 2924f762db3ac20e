//! Quarantine: asset roots that were put out of the way, each with a record of where it came from.
//!
//! ```text
//! assets/.prometeu/quarantine/7-atlas/record.json    where it was, and its entry of the registry
//! assets/.prometeu/quarantine/7-atlas/root/          the root itself, moved as a whole
//! ```
//!
//! Nothing scans it and nothing is packed from it, and version control tracks it. The name of an entry
//! follows from the asset (its id and the last part of its root), and a record holds neither time nor
//! chance: two branches that put the same asset away have the same files, and merge.
//!
//! Not here: moving anything, which is `commit`'s.

use std::fmt;
use std::io;
use std::path::Path;

use crate::id::{AssetId, AssetUuid};
use crate::path::AssetPath;
use crate::schema::json::{self, Node};
use crate::schema::{Document, SourceText};
use crate::storage::{FileKind, Source, read_up_to};
use crate::workspace::Layout;
use crate::workspace::layout::{QUARANTINE, QUARANTINED_ROOT, RECORD};

/// The version of the records that are written, and the only one that is read.
const VERSION: i64 = 1;

/// The most bytes of an asset's own name in that of its entry.
const LONGEST_SLUG: usize = 48;

/// The name of an entry: a folder name that every system can hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryName(String);

/// Where a root in quarantine came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The root that it was, relative to `assets/`.
    pub root: AssetPath,
    /// Its entry of the registry; `None` of a root that nobody had registered.
    pub registered: Option<Registered>,
}

/// An entry of the registry, but for its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registered {
    /// The asset's id.
    pub asset_id: AssetId,
    /// The asset's uuid.
    pub asset_uuid: AssetUuid,
    /// Whether builds took it in.
    pub included_in_build: bool,
}

/// Something in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// The name of its folder.
    pub entry: String,
    /// Where it came from, or in plain words why that cannot be told.
    pub record: Result<Record, String>,
}

impl EntryName {
    /// Checks the name of an entry: lower-case letters, digits, `-` and `_`, at most 96 bytes, a letter
    /// or a digit first.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_fit = text.len() <= 96
            && text.bytes().next().is_some_and(plain)
            && text.bytes().all(|byte| plain(byte) || matches!(byte, b'-' | b'_'));
        is_fit.then(|| Self(text.to_owned()))
    }

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

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its folder, relative to the project.
    #[must_use]
    pub fn folder(&self) -> String {
        format!("{QUARANTINE}/{self}")
    }

    /// Its record, relative to the project.
    #[must_use]
    pub fn record(&self) -> String {
        format!("{QUARANTINE}/{self}/{RECORD}")
    }

    /// Its asset root, relative to the project.
    #[must_use]
    pub fn root(&self) -> String {
        format!("{QUARANTINE}/{self}/{QUARANTINED_ROOT}")
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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
        found.push(Quarantined { entry: name.to_owned(), record });
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

#[cfg(test)]
mod tests {
    use super::*;

    fn registered() -> Record {
        let registered = Registered {
            asset_id: AssetId::try_from(7).unwrap(),
            asset_uuid: AssetUuid::parse("0198c0de-0000-7000-8000-000000000007").unwrap(),
            included_in_build: false,
        };
        Record { root: AssetPath::parse("ui/Big Atlas").unwrap(), registered: Some(registered) }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let unregistered = Record { registered: None, ..registered() };
        for record in [registered(), unregistered] {
            assert_eq!(Record::read(record.to_text().into_bytes()), Ok(record));
        }
    }

    #[test]
    fn a_record_that_says_something_else_is_not_followed() {
        let text = registered().to_text();
        for (from, to, why) in [
            ("\"ui/Big Atlas\"", "\"../x\"", "names the root `../x`"),
            ("\"ui/Big Atlas\"", "3", "names no `root`"),
            ("\"schema_version\": 1", "\"schema_version\": 2", "is not of `schema_version` 1"),
            (": 7", ": 0", "holds no `asset_id`"),
            (": false", ": 0", "does not say `included_in_build`"),
            ("\"0198c0de", "\"x198c0de", "holds no `asset_uuid`"),
            ("\"root\"", "\"rot\": 1, \"root\"", "has an unknown member `rot`"),
            ("}", "", "is not JSON in line"),
        ] {
            assert!(text.contains(from), "{from}");
            let read = Record::read(text.replace(from, to).into_bytes());
            assert!(read.as_ref().is_err_and(|said| said.contains(why)), "{from} as {to}: {read:?}");
        }
        assert!(Record::read(b"[]".to_vec()).is_err());
        assert!(Record::read(vec![0xff]).is_err());
    }

    #[test]
    fn an_entry_is_called_after_its_asset_with_a_name_that_every_system_holds() {
        assert_eq!(EntryName::of(&registered(), 1).as_str(), "7-big_atlas");
        assert_eq!(EntryName::of(&registered(), 3).as_str(), "7-big_atlas-3");
        for root in ["con", "ui/\u{e9}t\u{e9}", &"x".repeat(250), "-"] {
            let record = Record { root: AssetPath::parse(root).unwrap(), registered: None };
            let name = EntryName::of(&record, u32::MAX);
            assert_eq!(EntryName::parse(name.as_str()), Some(name), "{root}");
        }
        for text in ["", ".x", "-x", "A", "a.b", "a/b", "..", "a b", &"a".repeat(97)] {
            assert_eq!(EntryName::parse(text), None, "{text}");
        }
    }
}
