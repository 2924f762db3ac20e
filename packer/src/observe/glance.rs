//! The glance: whether the disk is as a snapshot saw it, as far as names and stamps tell.

use std::io;
use std::path::{Path, PathBuf};

use super::RACY_MILLIS;
use crate::path::AssetPath;
use crate::snapshot::Snapshot;
use crate::storage::{FileKind, Source, Stamp};
use crate::workspace::{DeclarationFile, Layout, LoadedDeclaration, Names};
use crate::workspace::{RootFolder, Scope};
use crate::workspace::{found, load_declaration, load_registry, look_at_inputs, walk};
use crate::{Error, quarantine};

/// Whether everything is as `snapshot`, which looked at the whole workspace, saw it. `goes_on` is asked
/// between two assets.
///
/// # Errors
///
/// When `assets/` or the registry cannot be looked at; and what `goes_on` says.
pub(crate) fn is_as_seen(
    source: &dyn Source,
    snapshot: &Snapshot,
    goes_on: &dyn Fn() -> Result<(), Error>,
) -> Result<bool, Error> {
    let layout = &snapshot.layout;
    let eyes = Eyes { source, snapshot };
    let assets = layout.assets();
    let has_assets = source.stat(&assets).map_err(|error| Error::io("look at", &assets, error))?.is_some();
    if has_assets != snapshot.has_assets || !eyes.registry()? {
        return Ok(false);
    }
    if !has_assets {
        return Ok(true);
    }
    let (Some(unregistered), Some(names)) = (&snapshot.unregistered, &snapshot.names) else {
        return Ok(false);
    };
    let walked = walk(source, &assets, &|| goes_on().is_ok());
    let walked = walked.map_err(|error| Error::io("list", &assets, error))?;
    goes_on()?;
    let found = found(&walked, &assets);
    let registered = || snapshot.assets.iter().map(|asset| asset.entry.root.as_str());
    let now =
        Names::of(&walked, &assets, found.iter().map(|found| found.folder.as_str()).chain(registered()));
    if now != *names || quarantine::list(source, layout).ok() != snapshot.quarantined {
        return Ok(false);
    }
    for asset in &snapshot.assets {
        goes_on()?;
        let is_same = match (&asset.loaded.folder, &asset.loaded.declaration) {
            (RootFolder::There, DeclarationFile::Read(read)) => eyes.declaration(&asset.entry.root, read),
            // Whether that is still so, only a look can tell.
            (RootFolder::Unreadable { .. }, _) | (_, DeclarationFile::Unreadable(_)) => {
                let now = crate::workspace::load_root(source, layout, &asset.entry.root);
                now.folder == asset.loaded.folder
                    && matches!(
                        (&now.declaration, &asset.loaded.declaration),
                        (DeclarationFile::Unreadable(_), DeclarationFile::Unreadable(_))
                            | (DeclarationFile::Unread, DeclarationFile::Unread)
                    )
            }
            // The names tell.
            _ => true,
        };
        if !is_same {
            return Ok(false);
        }
    }
    for (found, read) in unregistered {
        goes_on()?;
        if let (Ok(root), Some(read)) = (&found.root, read)
            && !eyes.declaration(root, read)
        {
            return Ok(false);
        }
        // One that could not be read may be readable by now.
        if let (Ok(root), None) = (&found.root, read)
            && matches!(load_declaration(source, layout, root, Scope::Workspace), DeclarationFile::Read(_))
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The first text of the pack set that does not say any more what `snapshot` read: the registry, or a
/// declaration. Whoever looks into inputs sees by that whether they moved on.
///
/// # Errors
///
/// When the registry cannot be looked at.
pub(crate) fn moved_on(source: &dyn Source, snapshot: &Snapshot) -> Result<Option<PathBuf>, Error> {
    let eyes = Eyes { source, snapshot };
    if !eyes.registry()? {
        return Ok(Some(snapshot.layout.registry()));
    }
    let mut pack_set = snapshot.pack_set().map(|n| &snapshot.assets[n]);
    let other =
        pack_set.find(|asset| asset.loaded.read().is_some_and(|read| !eyes.text(&asset.entry.root, read)));
    Ok(other.map(|asset| snapshot.layout.declaration(&asset.entry.root)))
}

/// What looks at one thing after the other.
struct Eyes<'a> {
    source: &'a dyn Source,
    snapshot: &'a Snapshot,
}

impl Eyes<'_> {
    fn registry(&self) -> Result<bool, Error> {
        let layout = &self.snapshot.layout;
        let path = layout.registry();
        let look = |place: &Path| match self.source.stat(place) {
            Ok(stat) => Ok(stat),
            Err(error) => Err(Error::io("look at", place, error)),
        };
        let control = look(&layout.control())?;
        if let (Some(seen), Some(now)) = (self.snapshot.registry.stamp, look(&path)?)
            && control.is_some_and(|stat| stat.kind == FileKind::Folder)
            && now.kind == FileKind::File
            && self.is_same(seen, now.stamp)
        {
            return Ok(true);
        }
        let now = load_registry(self.source, layout)?;
        let seen = &self.snapshot.registry;
        // What is no file has findings and no bytes.
        Ok(now.bytes() == seen.bytes() && now.reading.findings == seen.reading.findings)
    }

    fn declaration(&self, root: &AssetPath, seen: &LoadedDeclaration) -> bool {
        if !self.text(root, seen) {
            return false;
        }
        let Some(declaration) = &seen.reading.declaration else { return true };
        let folder = self.snapshot.layout.root(root);
        look_at_inputs(self.source, &folder, &declaration.inputs, declaration.inputs.len()).0 == seen.inputs
    }

    /// Whether a declaration says what it said.
    fn text(&self, root: &AssetPath, seen: &LoadedDeclaration) -> bool {
        let layout: &Layout = &self.snapshot.layout;
        let stat = |path| -> io::Result<Option<Stamp>> {
            let stat = self.source.stat(path)?;
            Ok(stat.filter(|stat| stat.kind == FileKind::File).map(|stat| stat.stamp))
        };
        match stat(&layout.declaration(root)) {
            Ok(Some(now)) if self.is_same(seen.stamp, now) => true,
            _ => {
                let now = load_declaration(self.source, layout, root, Scope::Workspace);
                matches!(now, DeclarationFile::Read(now) if now.digest == seen.digest)
            }
        }
    }

    /// Whether equal stamps mean equal content.
    fn is_same(&self, seen: Stamp, now: Stamp) -> bool {
        let youngest = seen.modified.max(seen.changed) / 1_000_000;
        seen == now && youngest + i128::from(RACY_MILLIS) < i128::from(self.snapshot.read_at)
    }
}
