//! From files to values: the registry, each root's declaration, and what its inputs look like.

use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::Scope;
use super::inputs::{InputFile, look_at_inputs};
use super::layout::{CONTROL, DECLARATION, Layout, REGISTRY_FILE};
use super::names::Names;
use super::scan::{Found, found, walk};
use crate::cancel::Token;
use crate::crew::Crew;
use crate::diagnostics::{Anchor, Code, Finding};
use crate::family::{self, deciding_inputs};
use crate::host::Workers;
use crate::pack::{AssetInputs, Known, RecordedAsset};
use crate::path::{AssetPath, PathProblem};
use crate::quarantine::{self, Quarantined};
use crate::schema::json::Node;
use crate::schema::registry::Entry;
use crate::schema::{SourceText, declaration, json, registry};
use crate::storage::{FileKind, Source, Stamp, Stat, is_absent, open_below, read_input};

/// The longest text of a declaration or registry that is read.
const TEXT_LIMIT: u64 = SourceText::LIMIT as u64;

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
    /// The bytes as they were, for expectations of a later edit.
    pub bytes: Option<Vec<u8>>,
    /// The stamp of the file when it was read.
    pub stamp: Option<Stamp>,
    /// What the text says.
    pub reading: registry::Reading,
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
    /// The bytes as they were, for expectations of a later edit; in [`Scope::Build`], where nobody plans one,
    /// none, and no tree in `reading`, where nothing is wrong.
    pub bytes: Vec<u8>,
    /// The stamp of `asset.json` when it was read.
    pub stamp: Stamp,
    /// What the text says.
    pub reading: declaration::Reading,
    /// The tree of a text in order that a build did not keep, once somebody has asked for it.
    pub(crate) parsed: OnceLock<Option<Node>>,
    /// One for each input of the declaration; fewer where the scope is [`Scope::Declarations`], and
    /// none when the declaration could not be read whole.
    pub inputs: Vec<InputFile>,
    /// Folders in the root that hold inputs, as paths relative to it, with their stamps; `None` where a link
    /// leads to an input.
    pub folders: Option<Vec<(String, Stamp)>>,
    /// How many indices its artifacts take, as far as headers of its inputs tell; `None` when the
    /// declaration could not be read whole, when nobody knows its family, and in every scope but
    /// [`Scope::Workspace`].
    pub artifact_count: Option<u32>,
}

/// With what a project is read.
#[derive(Clone, Copy)]
pub(crate) struct Means<'a> {
    /// Its files.
    pub(crate) source: &'a dyn Source,
    /// What need not be read, in [`Scope::Build`].
    pub(crate) known: Option<&'a Known<'a>>,
    /// Who gives leave for threads.
    pub(crate) workers: &'a dyn Workers,
    /// Is asked between two assets.
    pub(crate) goes_on: &'a (dyn Fn() -> Result<(), crate::Error> + Sync),
}

#[cfg(test)]
impl<'a> Means<'a> {
    /// Everything from `source`, by one thread, whoever asks.
    pub(crate) fn plain(source: &'a dyn Source) -> Self {
        Self { source, known: None, workers: &crate::host::Alone, goes_on: &|| Ok(()) }
    }
}

/// How many declarations one thread reads before it is worth another one.
const SHARE: usize = 100;

/// Reads the project as far as `scope` says.
///
/// # Errors
///
/// When `assets/` cannot be listed or the registry cannot be read, with the path in question; and what
/// `goes_on` says.
pub(crate) fn load(
    means: &Means<'_>,
    layout: &Layout,
    scope: Scope,
) -> Result<LoadedWorkspace, crate::Error> {
    let Means { source, goes_on, .. } = *means;
    let registry = load_registry(source, layout)?;
    let assets = layout.assets();
    let has_assets =
        source.stat(&assets).map_err(|error| crate::Error::io("look at", &assets, error))?.is_some();
    let entries = registry.reading.registry.as_ref().map_or(&[][..], |registry| &registry.assets);
    let roots = load_roots(means, layout, scope, entries)?;
    let (mut names, mut quarantined) = (None, None);
    let unregistered = if scope == Scope::Workspace && has_assets {
        let walked = walk(source, &assets, &|| goes_on().is_ok());
        let walked = walked.map_err(|error| crate::Error::io("list", &assets, error))?;
        let found = found(&walked, &assets);
        let roots = found.iter().map(|found| found.folder.as_str());
        names =
            Some(Names::of(&walked, &assets, roots.chain(entries.iter().map(|entry| entry.root.as_str()))));
        quarantined = quarantine::list(source, layout).ok();
        let claimed: std::collections::BTreeSet<&str> =
            entries.iter().map(|entry| entry.root.as_str()).collect();
        let orphans = found.into_iter().filter(|found| !claimed.contains(found.folder.as_str()));
        let loaded = orphans.map(|found| {
            goes_on()?;
            // Under a name that no root can have, too: an asset may have been renamed so.
            let is_lossless = found.root.as_ref().err() != Some(&PathProblem::NotUtf8);
            let declaration = is_lossless
                .then(|| load_declaration_in(source, layout, Path::new(&found.folder), None, scope));
            let declaration = match declaration {
                Some(DeclarationFile::Read(read)) => Some(*read),
                _ => None,
            };
            Ok((found, declaration))
        });
        let loaded = loaded.collect::<Result<_, crate::Error>>()?;
        goes_on()?;
        Some(loaded)
    } else {
        None
    };
    Ok(LoadedWorkspace { has_assets, registry, roots, unregistered, names, quarantined })
}

/// One for each of `entries`, in their order.
fn load_roots(
    means: &Means<'_>,
    layout: &Layout,
    scope: Scope,
    entries: &[Entry],
) -> Result<Vec<LoadedRoot>, crate::Error> {
    let known = match scope {
        Scope::Build => means.known,
        _ => None,
    };
    let is_unread =
        |entry: &Entry| matches!(scope, Scope::Build | Scope::Declarations) && !entry.included_in_build;
    let mut roots: Vec<Option<LoadedRoot>> = Vec::with_capacity(entries.len());
    let mut unknown = Vec::new();
    for entry in entries {
        let known = known.and_then(|known| known.of(entry));
        roots.push(if is_unread(entry) {
            Some(LoadedRoot { folder: RootFolder::Unread, stamp: None, declaration: DeclarationFile::Unread })
        } else if let Some(known) = known {
            let declaration = DeclarationFile::Known(KnownAsset(Arc::clone(known)));
            Some(LoadedRoot { folder: RootFolder::There, stamp: None, declaration })
        } else {
            unknown.push(entry);
            None
        });
    }
    let crew = Crew::of(means.workers, unknown.len().div_ceil(SHARE));
    // Where it cannot be resolved, each asset says so.
    let assets = if unknown.is_empty() { None } else { means.source.resolve(&layout.assets()).ok() };
    let read = |_, entry: &Entry| {
        (means.goes_on)()?;
        let mut loaded = load_root_for(means.source, layout, &entry.root, assets.as_deref(), scope);
        if scope == Scope::Build {
            loaded.keep_little(entry);
        }
        Ok::<_, crate::Error>(loaded)
    };
    let mut read = crew.each(unknown, read, &mut |_, _| {})?.into_iter();
    Ok(roots.into_iter().filter_map(|root| root.or_else(|| read.next())).collect())
}

pub(crate) fn load_registry(source: &dyn Source, layout: &Layout) -> Result<LoadedRegistry, crate::Error> {
    let path = layout.registry();
    let absent =
        || LoadedRegistry { text: None, bytes: None, stamp: None, reading: registry::Reading::default() };
    let failed = |error| crate::Error::io("read", &path, error);
    for (place, wanted, name) in [
        (layout.control(), FileKind::Folder, "assets/.prometeu"),
        (path.clone(), FileKind::File, REGISTRY_FILE),
    ] {
        match source.stat(&place).map_err(failed)?.map(|stat| stat.kind) {
            Some(kind) if kind == wanted => {}
            Some(kind) if kind == FileKind::Link || wanted == FileKind::File => {
                return Ok(misplaced_registry(name, kind));
            }
            _ => return Ok(absent()),
        }
    }
    let read = || {
        read_input(&*open_below(source, &source.resolve(&layout.assets())?.join(CONTROL), &path)?, TEXT_LIMIT)
    };
    match read() {
        Err(error) if is_absent(&error) => Ok(absent()),
        Err(error) => Err(crate::Error::io("read", &path, error)),
        Ok((bytes, stamp)) => {
            let (text, reading) = registry::read_bytes(bytes.clone());
            Ok(LoadedRegistry { text: Some(text), bytes: Some(bytes), stamp: Some(stamp), reading })
        }
    }
}

/// For something else than a regular file where the registry, or its folder, should be.
fn misplaced_registry(name: &str, kind: FileKind) -> LoadedRegistry {
    let what = match kind {
        FileKind::Link => "a link",
        FileKind::Folder => "a folder",
        FileKind::File | FileKind::Other => "not a regular file",
    };
    let finding = Finding::new(Code::RegistryInvalid, Anchor::File, format!("`{name}` is {what}"))
        .help("Put the registry itself there; links are not followed.");
    let reading = registry::Reading { findings: vec![finding], ..registry::Reading::default() };
    LoadedRegistry { text: Some(SourceText::new("")), bytes: None, stamp: None, reading }
}

/// Reads one root.
#[must_use]
pub fn load_root(source: &dyn Source, layout: &Layout, root: &AssetPath) -> LoadedRoot {
    load_root_for(source, layout, root, None, Scope::Managed)
}

/// `assets` is the folder of that name, every link above it followed, where that is known.
fn load_root_for(
    source: &dyn Source,
    layout: &Layout,
    root: &AssetPath,
    assets: Option<&Path>,
    scope: Scope,
) -> LoadedRoot {
    match root_folder(source, layout, root) {
        Ok(stamp) => LoadedRoot {
            folder: RootFolder::There,
            stamp: Some(stamp),
            declaration: load_declaration_in(source, layout, &root.below(Path::new("")), assets, scope),
        },
        Err(folder) => LoadedRoot { folder, stamp: None, declaration: DeclarationFile::Unread },
    }
}

/// Looks at each part of a root's path, so that no link on the way is followed; the root's stamp, or what
/// is there instead.
fn root_folder(source: &dyn Source, layout: &Layout, root: &AssetPath) -> Result<Stamp, RootFolder> {
    let mut place = layout.assets();
    let mut stamp = Stamp::default();
    for part in root.parts() {
        place.push(part);
        stamp = match source.stat(&place) {
            Ok(Some(Stat { kind: FileKind::Folder, stamp })) => stamp,
            Ok(Some(stat)) => return Err(RootFolder::NotAFolder(stat.kind)),
            Ok(None) => return Err(RootFolder::Missing),
            Err(error) => {
                return Err(RootFolder::Unreadable { kind: error.kind(), why: error.to_string() });
            }
        };
    }
    Ok(stamp)
}

pub(crate) fn load_declaration(
    source: &dyn Source,
    layout: &Layout,
    root: &AssetPath,
    scope: Scope,
) -> DeclarationFile {
    load_declaration_in(source, layout, &root.below(Path::new("")), None, scope)
}

/// The same in a folder, relative to `assets/`, whatever it is called.
fn load_declaration_in(
    source: &dyn Source,
    layout: &Layout,
    below: &Path,
    assets: Option<&Path>,
    scope: Scope,
) -> DeclarationFile {
    let folder = layout.assets().join(below);
    let path = folder.join(DECLARATION);
    match source.stat(&path) {
        Ok(None) => return DeclarationFile::Missing,
        Ok(Some(stat)) if stat.kind != FileKind::File => return DeclarationFile::NotAFile(stat.kind),
        Ok(Some(_)) => {}
        Err(error) => return DeclarationFile::Unreadable(error.to_string()),
    }
    // It may be exchanged since it was looked at: what was opened must lie in the root.
    let read = || {
        let assets =
            assets.map_or_else(|| source.resolve(&layout.assets()), |assets| Ok(assets.to_owned()))?;
        let place = assets.join(below);
        let read = read_input(&*open_below(source, &place, &path)?, TEXT_LIMIT)?;
        Ok::<_, io::Error>((place, read))
    };
    let (place, (bytes, stamp)) = match read() {
        Ok(read) => read,
        Err(error) => return DeclarationFile::Unreadable(error.to_string()),
    };
    let (text, reading) = declaration::read_bytes(bytes.clone());
    let (inputs, folders) = match &reading.declaration {
        Some(declaration) => {
            let count = match scope {
                Scope::Declarations => deciding_inputs(declaration),
                Scope::Build | Scope::Managed | Scope::Workspace => declaration.inputs.len(),
            };
            look_at_inputs(source, &folder, declaration, count)
        }
        None => Default::default(),
    };
    let artifact_count = match &reading.declaration {
        Some(declaration) if scope == Scope::Workspace => {
            let inputs = |declaration| {
                AssetInputs::new(source, folder, place, declaration, &inputs, &Token::default())
            };
            family::by_name(&declaration.family)
                .map(|family| family::count(family, declaration, &mut inputs(declaration)))
        }
        _ => None,
    };
    let parsed = OnceLock::new();
    let loaded = LoadedDeclaration { text, bytes, stamp, reading, parsed, inputs, folders, artifact_count };
    DeclarationFile::Read(Box::new(loaded))
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
        let parse = || json::read(self.text.as_str()).root.filter(|_| self.reading.findings.is_empty());
        self.reading.tree.as_ref().or_else(|| self.parsed.get_or_init(parse).as_ref())
    }

    /// Whether the text is JSON without a slip, so that it can be edited.
    pub(crate) fn is_json(&self) -> bool {
        let parsed = json::read(self.text.as_str());
        parsed.root.is_some_and(|root| root.as_object().is_some()) && parsed.problems.is_empty()
    }
}

impl LoadedRoot {
    /// Forgets of an asset in which nothing is wrong what only plans need, and what its text gives again: a
    /// build holds every asset at once.
    fn keep_little(&mut self, entry: &Entry) {
        if let DeclarationFile::Read(read) = &mut self.declaration
            && read.reading.findings.is_empty()
            && read.reading.asset_uuid == Some(entry.asset_uuid)
        {
            read.bytes = Vec::new();
            read.reading.tree = None;
        }
    }

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
