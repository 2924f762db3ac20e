//! `pack --report`: one page about the pack that was just made, for people to look at and to keep.
//!
//! It says what is in the pack, what is large, what changed since the report before, and shows the tiles and plays the
//! sounds out of the very bytes that a game reads. `docs/report.md` is about using it.
//!
//! | room | holds |
//! | --- | --- |
//! | `place` | where it goes: what may be written over, and how |
//! | `previous` | the data of an older page |
//! | `gather` | the pack, read |
//! | `data` | what is said, as data: `schemas/report.schema.json` |
//! | `changes` | what became of each asset |
//! | `content`, `picture`, `sound` | what is seen and heard |
//! | `budget` | how much of that one page takes |
//! | `treemap` | areas for sizes |
//! | `page`, `html` | the page: markup here, `page.css` and `page.js` as they are |
//!
//! # What it guarantees
//!
//! - **One file**, that asks for no other: nothing is fetched, and the page's own policy forbids it.
//! - **The same pack and the same report before give the same page**, byte for byte, on every machine: it holds no time,
//!   no path of a machine, and nothing of how the pack was made. Made again, a report stays as it is: what it says of
//!   the pack before is kept until there is another pack to compare with.
//! - **Nobody loses a file** by it: see [`place`].
//! - **What strangers wrote is read and never obeyed**: names stand in it as text, and the policy runs the page's own
//!   script and no other.
//!
//! What it does not do: it tells nothing that is not in the pack or in its companion, and so nothing of findings; of the
//! project's files only how wide a picture was, so that tiles stand as they did. And it proves nothing of the pack, which
//! is what `verify` does.

mod budget;
mod changes;
mod content;
mod data;
mod gather;
mod html;
mod page;
mod picture;
mod place;
mod previous;
mod sound;
mod treemap;

use std::path::{Path, PathBuf};

use prometeu_packer::Project;
use prometeu_packer::ops::{Blocker, PackResult};
use serde_json::{Value, json};

use crate::printer::human::counted;
use crate::printer::{display_path, units};
use data::{Report, Since};
use place::Place;

/// A report that was asked for, and that nothing stands in the way of so far.
#[derive(Debug)]
pub(crate) struct Wanted {
    place: Place,
    /// What somebody named to compare with.
    older: Option<Report>,
    project: Option<String>,
    assets: PathBuf,
}

/// A report that was written.
#[derive(Debug)]
pub(crate) struct Written {
    path: PathBuf,
    size: u64,
    changed: bool,
    left_out: u64,
    since: Option<Since>,
}

impl Wanted {
    /// Looks at the file that it goes to and at the older report, before anything is packed.
    ///
    /// # Errors
    ///
    /// When it cannot or may not be written there, or the older report is none.
    pub(crate) fn at(
        file: &Path,
        since: Option<&Path>,
        project: &Project,
        out_dir: &Path,
        name: Option<String>,
    ) -> Result<Self, Blocker> {
        let place = Place::find(file, project, out_dir)?;
        let older = since.map(place::older).transpose()?;
        Ok(Self { place, older, project: name, assets: project.layout().assets() })
    }

    /// Reports on the pack of `result`, which names every asset.
    ///
    /// # Errors
    ///
    /// When the pack cannot be read, or the page not be written.
    pub(crate) fn write(self, result: &PackResult) -> Result<Written, Blocker> {
        let Self { place, older, project, assets } = self;
        let gather::Gathered { mut report, contents } =
            gather::gather(project, &assets, result, budget::ROOM)?;
        report.since = match (older, &place.previous) {
            (Some(older), _) => Some(changes::since(&older, &report)),
            (None, Some(previous)) => compared(previous, &report),
            (None, None) => None,
        };
        let page = page::write(&report, &contents);
        let changed = place.write(&page)?;
        let left_out = report.left_out.iter().map(|left_out| u64::from(left_out.count)).sum();
        let path = place.path().to_path_buf();
        Ok(Written { path, size: page.len() as u64, changed, left_out, since: report.since })
    }
}

/// What changed since the report that is written over. Made again of the same assets, it says what it said.
fn compared(previous: &Report, now: &Report) -> Option<Since> {
    if previous.is_about_the_same(now) { previous.since.clone() } else { Some(changes::since(previous, now)) }
}

impl Written {
    /// One line for people.
    pub(crate) fn summary(&self) -> String {
        let changes = match &self.since {
            None => String::new(),
            Some(since) => format!(", {} since the report before", counts(since)),
        };
        let left_out = match self.left_out {
            0 => String::new(),
            n => format!("; {n} pictures and sounds would have made it too large, and are named in it"),
        };
        format!("{} {}{changes}{left_out}", display_path(&self.path), units::bytes(self.size))
    }

    /// The member of the response.
    pub(crate) fn members(&self) -> Value {
        let mut members = json!({
            "path": self.path.to_string_lossy(),
            "size": self.size,
            "changed": self.changed,
            "left_out": self.left_out,
        });
        if let Some(since) = &self.since {
            members["since"] = json!({
                "digest": since.digest,
                "size": since.size,
                "added": since.added,
                "removed": since.removed,
                "renamed": since.renamed,
                "changed": since.changed,
                "unchanged": since.unchanged,
            });
        }
        members
    }
}

/// `1 added, 2 changed`, or that nothing is.
fn counts(since: &Since) -> String {
    let all = [
        (since.added, "added"),
        (since.removed, "removed"),
        (since.renamed, "renamed"),
        (since.changed, "changed"),
    ];
    let told: Vec<String> =
        all.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if told.is_empty() { "nothing changed".to_owned() } else { told.join(", ") }
}

/// `1 asset`, of a number as the data has it.
fn many(count: u32, thing: &str) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), thing)
}

#[cfg(test)]
mod tests;
