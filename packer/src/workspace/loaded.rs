//! What was read of a project: values that the rules judge and packs are made from.

use std::io;
use std::sync::{Arc, OnceLock};

use super::found::Found;
use super::inputs::InputFile;
use super::names::Names;
use crate::diagnostics::Finding;
use crate::digest::Digest;
use crate::pack::RecordedAsset;
use crate::quarantine::Quarantined;
use crate::schema::json::Node;
use crate::schema::{SourceText, declaration, json, registry};
use crate::storage::{FileKind, Stamp};

/// Everything that was read.
#[derive(Debug)]
pub struct LoadedWorkspace {
    /// Whether there is a folder `assets/`.
    pub has_assets: bool,
    /// The registry.
    pub registry: LoadedRegistry,
    /// One for each entry of the registry, in its order (by id, then as written).
    pub roots: Vec<LoadedRoot>,
    /// Declarations that no entry claims; `None` when nobody looked.
    pub unregistered: Option<Vec<(Found, Option<LoadedDeclaration>)>>,
    /// The names in and on the way to asset roots; `None` when nobody looked.
    pub names: Option<Names>,
    /// What lies in quarantine; `None` when nobody looked, or the file system does not say.
    pub quarantined: Option<Vec<Quarantined>>,
}

/// The registry file.
#[derive(Debug)]
pub struct LoadedRegistry {
    /// The text, or `None` when there is no file.
    pub text: Option<SourceText>,
    /// The bytes as they were, where the text has not just these.
    pub(super) raw: Option<Vec<u8>>,
    /// The stamp of the file when it was read.
    pub stamp: Option<Stamp>,
    /// What the text says, but for the tree.
    pub reading: registry::Reading,
    pub(super) tree: Tree,
}

/// What stands where a registered root should be.
#[derive(Debug)]
pub struct LoadedRoot {
    /// The folder.
    pub folder: RootFolder,
    /// Its stamp before anything in it was read, where it is there and was looked at.
    pub stamp: Option<Stamp>,
    /// Its declaration; [`DeclarationFile::Unread`] when the folder is not there or out of scope.
    pub declaration: DeclarationFile,
}

/// What stands at a root's path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootFolder {
    /// Not looked at: an excluded asset in a build.
    Unread,
    /// A folder.
    There,
    /// Nothing.
    Missing,
    /// A file, a link or something else; links are not followed.
    NotAFolder(FileKind),
    /// It may be there or not: the file system does not say.
    Unreadable {
        /// What kind of refusal it was.
        kind: io::ErrorKind,
        /// The reason, in the system's words.
        why: String,
    },
}

/// What stands at a root's `asset.json`.
#[derive(Debug)]
pub enum DeclarationFile {
    /// Not looked at.
    Unread,
    /// Not read: it, its folder and its inputs are as they were when the last pack was made, and reading
    /// them would find nothing that is wrong.
    Known(KnownAsset),
    /// Nothing.
    Missing,
    /// A link, a folder, a pipe.
    NotAFile(FileKind),
    /// It is there and could not be read; the reason.
    Unreadable(String),
    /// It was read.
    Read(Box<LoadedDeclaration>),
}

/// What a pack needs of an asset that nobody touched.
#[derive(Debug, Clone)]
pub struct KnownAsset(pub(crate) Arc<RecordedAsset>);

/// A declaration that was read, and its inputs as they stand on disk.
#[derive(Debug)]
pub struct LoadedDeclaration {
    /// The text, for places.
    pub text: SourceText,
    /// The digest of the bytes as they were, for expectations of a later edit.
    pub digest: Digest,
    /// The stamp of `asset.json` when it was read.
    pub stamp: Stamp,
    /// What the text says, but for the tree.
    pub reading: declaration::Reading,
    pub(super) tree: Tree,
    /// One for each input of the declaration; fewer where the scope is [`Scope::Declarations`](super::Scope::Declarations), and
    /// none when the declaration could not be read whole.
    pub inputs: Vec<InputFile>,
    /// Folders in the root that hold inputs, as paths relative to it, with their stamps; `None` where a link
    /// leads to an input.
    pub folders: Option<Vec<(String, Stamp)>>,
    /// How many indices its artifacts take, as far as headers of its inputs tell; `None` when the
    /// declaration could not be read whole, when nobody knows its family, and in every scope but
    /// [`Scope::Workspace`](super::Scope::Workspace).
    pub artifact_count: Option<u32>,
}

impl LoadedRegistry {
    /// One of which no file was read.
    pub(super) fn unread(text: Option<SourceText>, mut reading: registry::Reading) -> Self {
        let tree = Tree::of(reading.tree.take(), &reading.findings);
        Self { text, raw: None, stamp: None, reading, tree }
    }

    /// The bytes as they were, for expectations of a later edit; `None` where no file was read.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        self.stamp?;
        self.raw.as_deref().or_else(|| self.text.as_ref().map(|text| text.as_str().as_bytes()))
    }

    /// The digest of its bytes; of none, where there is no file.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(self.bytes().unwrap_or_default())
    }

    /// The syntax tree of the text, when that is JSON.
    pub(crate) fn tree(&self) -> Option<&Node> {
        self.tree.get(self.text.as_ref()?)
    }
}

impl LoadedDeclaration {
    /// The last change of the declaration or of any of its inputs, in milliseconds since 1970, as far
    /// as they were there when it was loaded; `None` before 1970.
    #[must_use]
    pub fn last_modified(&self) -> Option<u64> {
        let newest = self.stamps().map(|stamp| stamp.modified).max()?;
        u64::try_from(newest / 1_000_000).ok()
    }

    /// Bytes of its inputs, as far as they were there when it was loaded. An input that is listed twice
    /// counts twice.
    #[must_use]
    pub fn input_bytes(&self) -> u64 {
        // The declaration's own stamp comes first.
        self.stamps().skip(1).fold(0, |sum, stamp| sum.saturating_add(stamp.size))
    }

    fn stamps(&self) -> impl Iterator<Item = Stamp> + '_ {
        let inputs = self.inputs.iter().filter_map(|input| match input {
            InputFile::There(stamp) => Some(*stamp),
            _ => None,
        });
        std::iter::once(self.stamp).chain(inputs)
    }
}

impl LoadedDeclaration {
    /// The syntax tree of the text, when that is JSON.
    pub(crate) fn tree(&self) -> Option<&Node> {
        self.tree.get(&self.text)
    }

    /// Whether the text is JSON without a slip, so that it can be edited.
    pub(crate) fn is_json(&self) -> bool {
        let parsed = json::read(self.text.as_str());
        parsed.root.is_some_and(|root| root.as_object().is_some()) && parsed.problems.is_empty()
    }
}

/// The syntax tree of a text. A project is held with every text in it, and a tree is ten times as large: one that can
/// be made of the text again is made for whoever asks.
#[derive(Debug)]
pub(super) struct Tree(OnceLock<Option<Node>>);

impl Tree {
    /// Of a text that was read to `tree`. Of one in which something is wrong it is kept: that is about to be shown.
    pub(super) fn of(tree: Option<Node>, findings: &[Finding]) -> Self {
        Self(if findings.is_empty() { OnceLock::new() } else { OnceLock::from(tree) })
    }

    fn get(&self, text: &SourceText) -> Option<&Node> {
        self.0.get_or_init(|| json::read(text.as_str()).root).as_ref()
    }
}

impl LoadedRoot {
    /// The declaration's text and reading, when it was read.
    #[must_use]
    pub fn read(&self) -> Option<&LoadedDeclaration> {
        match &self.declaration {
            DeclarationFile::Read(read) => Some(read),
            _ => None,
        }
    }

    /// The declaration, when it could be read whole.
    #[must_use]
    pub fn declared(&self) -> Option<&declaration::Declaration> {
        self.read()?.reading.declaration.as_ref()
    }

    /// What is known of the asset, when it was not read because of that.
    #[must_use]
    pub(crate) fn known(&self) -> Option<&Arc<RecordedAsset>> {
        match &self.declaration {
            DeclarationFile::Known(known) => Some(&known.0),
            _ => None,
        }
    }

    /// Findings of reading the declaration.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.read().map_or(&[], |read| &read.reading.findings)
    }
}
