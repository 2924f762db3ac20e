//! The places that a change may write: few, and checked, since a journal is read as untrusted input.
//!
//! A place is spelled as in a plan: relative to the project, with `/`. What a journal names beside
//! these (a source file, a hook of version control, anything reached through a link) is refused, so
//! a journal that somebody hands in can do nothing that its checkout could not have held anyway.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::id::OperationId;
use crate::path::AssetPath;
use crate::quarantine::EntryName;
use crate::storage::{FileKind, Source};
use crate::workspace::Layout;
use crate::workspace::layout::{DECLARATION, QUARANTINE, QUARANTINED_ROOT, RECORD, REGISTRY_FILE};

/// Where new roots are made before they are moved to their place, relative to the project.
const STAGED: &str = "assets/.prometeu/local/staged/";

/// Where roots go that are removed for good, relative to the project.
pub(crate) const REMOVED: &str = "assets/.prometeu/local/removed/";

/// Somewhere that a change may write.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// `index.json`.
    Registry,
    /// The `asset.json` of a root.
    Declaration(AssetPath),
    /// A folder among the assets.
    Folder(AssetPath),
    /// The folder in which an operation makes a new root.
    Staged(OperationId),
    /// The folder to which an operation removes a root.
    Removed(OperationId),
    /// The quarantine, which holds the entries.
    Quarantine,
    /// The folder of an entry in quarantine.
    Entry(EntryName),
    /// The record of an entry.
    Record(EntryName),
    /// The asset root of an entry.
    Quarantined(EntryName),
}

impl Place {
    /// The place of a file that may be written.
    pub(crate) fn parse_file(text: &str) -> Option<Self> {
        if text == REGISTRY_FILE {
            return Some(Self::Registry);
        }
        if let Some((entry, RECORD)) = in_quarantine(text) {
            return Some(Self::Record(EntryName::parse(entry)?));
        }
        match Self::folder(text.strip_suffix(DECLARATION)?.strip_suffix('/')?)? {
            Self::Folder(root) => Some(Self::Declaration(root)),
            _ => None,
        }
    }

    /// The place of a folder that may be made or moved.
    pub(crate) fn parse_folder(text: &str) -> Option<Self> {
        if let Some(operation) = text.strip_prefix(STAGED) {
            return Some(Self::Staged(operation_in(operation)?));
        }
        if let Some(operation) = text.strip_prefix(REMOVED) {
            return Some(Self::Removed(operation_in(operation)?));
        }
        match in_quarantine(text) {
            None if text == QUARANTINE => Some(Self::Quarantine),
            Some((entry, "")) if text.ends_with(entry) => Some(Self::Entry(EntryName::parse(entry)?)),
            Some((entry, QUARANTINED_ROOT)) => Some(Self::Quarantined(EntryName::parse(entry)?)),
            Some(_) => None,
            None => Self::folder(text),
        }
    }

    fn folder(text: &str) -> Option<Self> {
        let path = AssetPath::parse(text.strip_prefix("assets/")?).ok()?;
        // Names that stand for something else somewhere: the control folder and those of version
        // control, in every spelling that some file system takes for theirs.
        let is_plain = |part: &str| {
            let short =
                part.rsplit_once('~').is_some_and(|(_, end)| end.starts_with(|c: char| c.is_ascii_digit()));
            !part.starts_with('.') && !part.contains(':') && !part.ends_with(['.', ' ']) && !short
        };
        let plain = path.parts().all(is_plain);
        plain.then_some(Self::Folder(path))
    }

    /// Where it lies.
    pub(crate) fn path(&self, layout: &Layout) -> PathBuf {
        match self {
            Self::Registry => layout.registry(),
            Self::Declaration(root) => layout.declaration(root),
            Self::Folder(folder) => layout.root(folder),
            Self::Staged(operation) => layout.staged().join(operation.to_string()),
            Self::Removed(operation) => layout.removed().join(operation.to_string()),
            Self::Quarantine => layout.quarantine(),
            Self::Entry(entry) => layout.quarantine().join(entry.as_str()),
            Self::Record(entry) => layout.quarantine().join(entry.as_str()).join(RECORD),
            Self::Quarantined(entry) => layout.quarantine().join(entry.as_str()).join(QUARANTINED_ROOT),
        }
    }

    /// Whether every folder on the way to it is one, and no link to one. `assets` itself may lie
    /// elsewhere, if a person wants it so.
    pub(crate) fn is_reached_without_links(&self, source: &dyn Source, layout: &Layout) -> io::Result<bool> {
        let path = self.path(layout);
        let assets = layout.assets();
        let on_the_way = path.ancestors().skip(1).take_while(|folder| *folder != assets);
        for folder in on_the_way {
            if source.stat(folder)?.is_some_and(|stat| stat.kind != FileKind::Folder) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry => f.write_str(REGISTRY_FILE),
            Self::Declaration(root) => write!(f, "assets/{root}/{DECLARATION}"),
            Self::Folder(folder) => write!(f, "assets/{folder}"),
            Self::Staged(operation) => write!(f, "{STAGED}{operation}"),
            Self::Removed(operation) => write!(f, "{REMOVED}{operation}"),
            Self::Quarantine => f.write_str(QUARANTINE),
            Self::Entry(entry) => f.write_str(&entry.folder()),
            Self::Record(entry) => f.write_str(&entry.record()),
            Self::Quarantined(entry) => f.write_str(&entry.root()),
        }
    }
}

/// The operation that a folder is named after; one spelling only, since it is a file name.
fn operation_in(name: &str) -> Option<OperationId> {
    OperationId::parse(name).filter(|id| id.to_string() == name)
}

/// The entry that something in quarantine belongs to, and what of it that is: nothing for the entry.
fn in_quarantine(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix(QUARANTINE)?.strip_prefix('/')?;
    Some(inside.split_once('/').unwrap_or((inside, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_registry_a_declaration_or_a_folder_among_the_assets() {
        let id = "0198c0de-0000-7000-8000-000000000001";
        for text in [
            "assets/.prometeu/index.json",
            "assets/ui/atlas/asset.json",
            "assets/a/asset.json",
            "assets/.prometeu/quarantine/7-atlas/record.json",
        ] {
            assert_eq!(Place::parse_file(text).map(|place| place.to_string()).as_deref(), Some(text));
        }
        for text in [
            "assets/ui".to_owned(),
            "assets/ui/asset.json".to_owned(),
            format!("{STAGED}{id}"),
            format!("{REMOVED}{id}"),
            QUARANTINE.to_owned(),
            format!("{QUARANTINE}/7-atlas"),
            format!("{QUARANTINE}/7-atlas/root"),
        ] {
            assert_eq!(Place::parse_folder(&text).map(|place| place.to_string()), Some(text));
        }
    }

    #[test]
    fn no_place_is_outside_the_assets_or_in_the_control_folder() {
        for text in [
            "build.rs",
            ".git/hooks/pre-commit",
            "../assets/a/asset.json",
            "assets",
            "assets/",
            "assets/asset.json",
            "assets/../asset.json",
            "assets/a/../../asset.json",
            "assets//asset.json",
            "/assets/a/asset.json",
            "assets\\a\\asset.json",
            "assets/.prometeu/asset.json",
            "assets/.prometeu/x/asset.json",
            "assets/.Prometeu/x/asset.json",
            "assets/.prometeu./x/asset.json",
            "assets/a/asset.json/",
            "assets/a/heart.png",
            "assets/a/ASSET.JSON",
            "assets/.git/asset.json",
            "assets/ui/.hg/x/asset.json",
            "assets/PROMET~1/x/asset.json",
            "assets/a:b/asset.json",
            "assets/.prometeu/index.json.bak",
            "assets/.prometeu/quarantine/record.json",
            "assets/.prometeu/quarantine/7-atlas/root/asset.json",
            "assets/.prometeu/quarantine/7-atlas/x/record.json",
            "assets/.prometeu/quarantine/../record.json",
            "assets/.prometeu/quarantine/.git/record.json",
            "",
        ] {
            assert_eq!(Place::parse_file(text), None, "{text}");
        }
        for text in [
            "assets",
            "assets/.prometeu",
            "assets/.PROMETEU/local",
            "assets/.prometeu/local/staged",
            "assets/.prometeu/local/staged/",
            "assets/.prometeu/local/staged/../../x",
            "assets/.prometeu/local/staged/0198C0DE-0000-7000-8000-000000000001",
            "assets/.prometeu/local/staged/0198c0de-0000-7000-8000-000000000001/x",
            "assets/.prometeu/local/removed",
            "assets/.prometeu/local/removed/..",
            "assets/.prometeu/quarantine/",
            "assets/.prometeu/quarantine/..",
            "assets/.prometeu/quarantine/7-atlas/",
            "assets/.prometeu/quarantine/7-atlas/root/",
            "assets/.prometeu/quarantine/7-atlas/root/x",
            "assets/.prometeu/quarantine/7-atlas/../x",
            "assets/.prometeu/quarantine/A",
            "src",
            "..",
            "",
        ] {
            assert_eq!(Place::parse_folder(text), None, "{text}");
        }
    }
}
