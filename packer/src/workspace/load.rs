//! From files to values: the registry, each root's declaration, and what its inputs look like.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Scope;
use super::inputs::look_at_inputs;
use super::layout::{CONTROL, DECLARATION, Layout, REGISTRY_FILE};
use super::loaded::{
    DeclarationFile, KnownAsset, LoadedDeclaration, LoadedRegistry, LoadedRoot, LoadedWorkspace, RootFolder,
    Tree,
};
use crate::cancel::Token;
use crate::crew::Crew;
use crate::diagnostics::{Anchor, Code, Finding};
use crate::digest::Digest;
use crate::family::{self, deciding_inputs};
use crate::host::Workers;
use crate::pack::{AssetInputs, Known};
use crate::path::AssetPath;
use crate::schema::registry::Entry;
use crate::schema::{SourceText, declaration, registry};
use crate::storage::{FileKind, Source, Stamp, Stat, is_absent, open_below, read_input};

/// The longest text of a declaration or registry that is read.
const TEXT_LIMIT: u64 = SourceText::LIMIT as u64;

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
    let source = means.source;
    let registry = load_registry(source, layout)?;
    let assets = layout.assets();
    let has_assets =
        source.stat(&assets).map_err(|error| crate::Error::io("look at", &assets, error))?.is_some();
    let entries = registry.reading.registry.as_ref().map_or(&[][..], |registry| &registry.assets);
    let roots = load_roots(means, layout, scope, entries)?;
    #[cfg(feature = "authoring")]
    if scope.is_whole() && has_assets {
        let walked = super::whole::look(means, layout, entries)?;
        let super::whole::Whole { unregistered, names, quarantined } = walked;
        return Ok(LoadedWorkspace { has_assets, registry, roots, unregistered, names, quarantined });
    }
    Ok(LoadedWorkspace { has_assets, registry, roots, unregistered: None, names: None, quarantined: None })
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
        Ok::<_, crate::Error>(load_root_for(means.source, layout, &entry.root, assets.as_deref(), scope))
    };
    let mut read = crew.each(unknown, read, &mut |_, _| {})?.into_iter();
    Ok(roots.into_iter().filter_map(|root| root.or_else(|| read.next())).collect())
}

pub(crate) fn load_registry(source: &dyn Source, layout: &Layout) -> Result<LoadedRegistry, crate::Error> {
    let path = layout.registry();
    let absent = || LoadedRegistry::unread(None, registry::Reading::default());
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
    let read = source.resolve(&layout.assets()).and_then(|assets| read_registry_in(source, &path, &assets));
    match read {
        Err(error) if is_absent(&error) => Ok(absent()),
        Err(error) => Err(crate::Error::io("read", &path, error)),
        Ok((bytes, stamp)) => {
            let (text, reading) = registry::read_bytes(bytes.clone());
            let raw = (text.as_str().as_bytes() != bytes).then_some(bytes);
            let unread = LoadedRegistry::unread(Some(text), reading);
            Ok(LoadedRegistry { raw, stamp: Some(stamp), ..unread })
        }
    }
}

/// The bytes of the registry with its stamp, where it can be read. `assets` is the folder of that name, every
/// link above it followed.
pub(crate) fn read_registry(source: &dyn Source, layout: &Layout, assets: &Path) -> Option<(Vec<u8>, Stamp)> {
    let stands = |path: &Path| source.stat(path).ok().flatten().map(|stat| stat.kind);
    let path = layout.registry();
    let is_there =
        stands(&layout.control()) == Some(FileKind::Folder) && stands(&path) == Some(FileKind::File);
    if is_there { read_registry_in(source, &path, assets).ok() } else { None }
}

fn read_registry_in(source: &dyn Source, path: &Path, assets: &Path) -> io::Result<(Vec<u8>, Stamp)> {
    read_input(&*open_below(source, &assets.join(CONTROL), path)?, TEXT_LIMIT)
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
    LoadedRegistry::unread(Some(SourceText::new("")), reading)
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

/// Reads the declaration in a folder, relative to `assets/`, whatever it is called.
pub(super) fn load_declaration_in(
    source: &dyn Source,
    layout: &Layout,
    below: &Path,
    assets: Option<&Path>,
    scope: Scope,
) -> DeclarationFile {
    let folder = layout.assets().join(below);
    let (place, (bytes, stamp)) = match read_declaration_in(source, layout, &folder, below, assets) {
        Ok(read) => read,
        Err(otherwise) => return otherwise,
    };
    let digest = Digest::of(&bytes);
    let (text, mut reading) = declaration::read_bytes(bytes);
    let tree = Tree::of(reading.tree.take(), &reading.findings);
    let (inputs, folders) = match &reading.declaration {
        Some(declaration) => {
            let count = match scope {
                Scope::Declarations => deciding_inputs(declaration),
                _ => declaration.inputs.len(),
            };
            look_at_inputs(source, &folder, &declaration.inputs, count)
        }
        None => Default::default(),
    };
    let artifact_count = match &reading.declaration {
        Some(declaration) if scope.is_whole() => {
            let token = Token::default();
            let mut files = AssetInputs::new(source, folder, place, &declaration.inputs, &inputs, &token);
            family::by_name(&declaration.family).map(|family| family::count(family, declaration, &mut files))
        }
        _ => None,
    };
    let loaded = LoadedDeclaration { text, digest, stamp, reading, tree, inputs, folders, artifact_count };
    DeclarationFile::Read(Box::new(loaded))
}

/// Where the asset in `folder` lies, every link above it followed, with the bytes of its declaration and their
/// stamp; or what stands there instead.
fn read_declaration_in(
    source: &dyn Source,
    layout: &Layout,
    folder: &Path,
    below: &Path,
    assets: Option<&Path>,
) -> Result<(PathBuf, (Vec<u8>, Stamp)), DeclarationFile> {
    let path = folder.join(DECLARATION);
    match source.stat(&path) {
        Ok(None) => return Err(DeclarationFile::Missing),
        Ok(Some(stat)) if stat.kind != FileKind::File => return Err(DeclarationFile::NotAFile(stat.kind)),
        Ok(Some(_)) => {}
        Err(error) => return Err(DeclarationFile::Unreadable(error.to_string())),
    }
    // It may be exchanged since it was looked at: what was opened must lie in the root.
    let read = || {
        let assets =
            assets.map_or_else(|| source.resolve(&layout.assets()), |assets| Ok(assets.to_owned()))?;
        let place = assets.join(below);
        let read = read_input(&*open_below(source, &place, &path)?, TEXT_LIMIT)?;
        Ok::<_, io::Error>((place, read))
    };
    read().map_err(|error| DeclarationFile::Unreadable(error.to_string()))
}

/// The bytes of the declaration in that root, with the stamps of root and declaration, as they would be loaded;
/// `None` where something else stands there. `assets` is the folder of that name, every link above it followed.
pub(crate) fn read_declaration(
    source: &dyn Source,
    layout: &Layout,
    root: &AssetPath,
    assets: &Path,
) -> Option<(Stamp, Stamp, Vec<u8>)> {
    let stamp = root_folder(source, layout, root).ok()?;
    let below = root.below(Path::new(""));
    let read = read_declaration_in(source, layout, &layout.root(root), &below, Some(assets));
    let (_, (bytes, declaration)) = read.ok()?;
    Some((stamp, declaration, bytes))
}
