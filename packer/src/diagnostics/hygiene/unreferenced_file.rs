//! `unreferenced-file`, and `large-unused-file` from [`LARGE`] on: a file in a registered root that no
//! input names.
//!
//! Of a root whose declaration cannot be read, nobody knows what it names, and nothing is said.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::super::{Anchor, Code, Finding};
use super::Look;
use crate::Error;
use crate::snapshot::{Asset, Report};
use crate::storage::FileKind;
use crate::workspace::InputFile;
use crate::workspace::layout::DECLARATION;

/// From so many bytes on, an unused file is a large one.
pub(crate) const LARGE: u64 = 1 << 20;

pub(super) fn check(look: &Look<'_>) -> Result<Vec<Report>, Error> {
    let there: BTreeSet<&Path> = look.files().collect();
    let mut used: Vec<Option<BTreeSet<PathBuf>>> = Vec::new();
    for asset in &look.snapshot.assets {
        look.token.check()?;
        used.push(in_use(look, asset, &there));
    }
    let mut reports = Vec::new();
    for path in &there {
        let Some((root, Some(asset))) = look.root_of(path) else { continue };
        let Some(Some(used)) = used.get(asset) else { continue };
        let folder = look.snapshot.layout.root(&look.snapshot.assets[asset].entry.root);
        if used.contains(*path) || **path == *folder.join(DECLARATION) {
            continue;
        }
        look.token.check()?;
        // It may have gone since.
        let Ok(Some(stat)) = look.source.stat(path) else { continue };
        if stat.kind != FileKind::File {
            continue;
        }
        let size = stat.stamp.size;
        let name = super::slashed(path.strip_prefix(&folder).unwrap_or(path));
        let message = format!("no input of `{root}` names `{name}`, which has {size} bytes");
        let code = if size >= LARGE { Code::LargeUnusedFile } else { Code::UnreferencedFile };
        let help = "If the asset is made of it, add it to `inputs`; if nobody needs it, delete it. A file that \
                    only people open may stay, or lie in a folder whose name begins with a dot.";
        reports.push(look.report(Some(asset), path, Finding::new(code, Anchor::File, message).help(help)));
    }
    Ok(reports)
}

/// The files that an asset's declaration names, as they are spelt on disk, and what links among them lead
/// to.
fn in_use(look: &Look<'_>, asset: &Asset, there: &BTreeSet<&Path>) -> Option<BTreeSet<PathBuf>> {
    let read = asset.loaded.read()?;
    let declaration = read.reading.declaration.as_ref()?;
    let folder = look.snapshot.layout.root(&asset.entry.root);
    let resolved = look.source.resolve(&folder).ok();
    let mut used = BTreeSet::new();
    for (input, file) in declaration.inputs.iter().zip(&read.inputs) {
        let Ok(declared) = &input.path else { continue };
        let mut path = declared.below(&folder);
        if let InputFile::OtherSpelling { real } = file {
            path = folder.join(real);
        }
        if !there.contains(&*path)
            && let (Some(resolved), Ok(target)) = (&resolved, look.source.resolve(&path))
            && let Ok(inside) = target.strip_prefix(resolved)
        {
            used.insert(folder.join(inside));
        }
        used.insert(path);
    }
    Some(used)
}
