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

#[cfg(feature = "authoring")]
mod records;

use std::fmt;

#[cfg(feature = "authoring")]
pub(crate) use self::records::list;
use crate::id::{AssetId, AssetUuid};
use crate::path::AssetPath;
use crate::workspace::layout::{QUARANTINE, QUARANTINED_ROOT, RECORD};

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
    /// What stands in the way of bringing it back, the record being sound. Only `list_quarantined` looks for
    /// that.
    pub in_the_way: Option<InTheWay>,
}

/// Why something cannot come back as things are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InTheWay {
    /// What is there.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Quarantined {
    /// Why it cannot be restored, in words; `None` when it can.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        let in_the_way = self.in_the_way.as_ref().map(|found| found.message.as_str());
        self.record.as_ref().err().map(String::as_str).or(in_the_way)
    }
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
