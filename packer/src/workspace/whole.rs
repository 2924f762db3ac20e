//! What only a walk over all of `assets/` shows: folders that nobody registered, the names on the way,
//! and what lies in quarantine.

use std::collections::BTreeSet;
use std::path::Path;

use super::found::Found;
use super::load::{Means, load_declaration_in};
use super::loaded::{DeclarationFile, LoadedDeclaration};
use super::names::Names;
use super::walk::{found, walk};
use super::{Layout, Scope};
use crate::Error;
use crate::path::{AssetPath, PathProblem};
use crate::quarantine::{self, Quarantined};
use crate::schema::registry::Entry;
use crate::storage::Source;

/// What was seen, as `LoadedWorkspace` has it.
pub(super) struct Whole {
    pub(super) unregistered: Option<Vec<(Found, Option<LoadedDeclaration>)>>,
    pub(super) names: Option<Names>,
    pub(super) quarantined: Option<Vec<Quarantined>>,
}

/// Looks at everything beside the roots of `entries`.
///
/// # Errors
///
/// When `assets/` cannot be listed, and what `goes_on` says.
pub(super) fn look(means: &Means<'_>, layout: &Layout, entries: &[Entry]) -> Result<Whole, Error> {
    let Means { source, goes_on, .. } = *means;
    let assets = layout.assets();
    let walked = walk(source, &assets, &|| goes_on().is_ok());
    let walked = walked.map_err(|error| Error::io("list", &assets, error))?;
    let folders = found(&walked, &assets);
    let claimed: BTreeSet<&str> = entries.iter().map(|entry| entry.root.as_str()).collect();
    let names = {
        let roots = folders.iter().map(|found| found.folder.as_str());
        Names::of(&walked, &assets, roots.chain(claimed.iter().copied()))
    };
    let quarantined = quarantine::list(source, layout).ok();
    let orphans = folders.into_iter().filter(|found| !claimed.contains(found.folder.as_str()));
    let loaded = orphans.map(|found| {
        goes_on()?;
        // Under a name that no root can have, too: an asset may have been renamed so.
        let is_lossless = found.root.as_ref().err() != Some(&PathProblem::NotUtf8);
        let declaration = is_lossless
            .then(|| load_declaration_in(source, layout, Path::new(&found.folder), None, Scope::Workspace));
        let declaration = match declaration {
            Some(DeclarationFile::Read(read)) => Some(*read),
            _ => None,
        };
        Ok((found, declaration))
    });
    let unregistered = loaded.collect::<Result<_, Error>>()?;
    goes_on()?;
    Ok(Whole { unregistered: Some(unregistered), names: Some(names), quarantined })
}

/// Reads one declaration.
pub(crate) fn load_declaration(
    source: &dyn Source,
    layout: &Layout,
    root: &AssetPath,
    scope: Scope,
) -> DeclarationFile {
    load_declaration_in(source, layout, &root.below(Path::new("")), None, scope)
}
