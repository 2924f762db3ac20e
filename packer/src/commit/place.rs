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
use crate::storage::{FileKind, Source};
use crate::workspace::Layout;
use crate::workspace::layout::{DECLARATION, REGISTRY_FILE};

/// Where new roots are made before they are moved to their place, relative to the project.
const STAGED: &str = "assets/.prometeu/local/staged/";

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
}

impl Place {
    /// The place of a file that may be written.
    pub(crate) fn parse_file(text: &str) -> Option<Self> {
        if text == REGISTRY_FILE {
            return Some(Self::Registry);
        }
        match Self::folder(text.strip_suffix(DECLARATION)?.strip_suffix('/')?)? {
            Self::Folder(root) => Some(Self::Declaration(root)),
            _ => None,
        }
    }

    /// The place of a folder that may be made or moved.
    pub(crate) fn parse_folder(text: &str) -> Option<Self> {
        if let Some(operation) = text.strip_prefix(STAGED) {
            // One spelling only: it is a file name.
            let id = OperationId::parse(operation)?;
            return (id.to_string() == operation).then_some(Self::Staged(id));
        }
        Self::folder(text)
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_registry_a_declaration_or_a_folder_among_the_assets() {
        let id = "0198c0de-0000-7000-8000-000000000001";
        for text in ["assets/.prometeu/index.json", "assets/ui/atlas/asset.json", "assets/a/asset.json"] {
            assert_eq!(Place::parse_file(text).map(|place| place.to_string()).as_deref(), Some(text));
        }
        for text in ["assets/ui".to_owned(), "assets/ui/asset.json".to_owned(), format!("{STAGED}{id}")] {
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
            "src",
            "..",
            "",
        ] {
            assert_eq!(Place::parse_folder(text), None, "{text}");
        }
    }
}
