//! The text of a merge: canonical, with the markers of a conflict around exactly what contradicts.
//!
//! Each marked part stands where its lowest id would, but never last: every entry in it is then followed by
//! a comma, whichever side is kept. Where nothing else is left to be last, all of it is one part.

use super::{Conflict, Merge};
use crate::schema::registry::{Entry, list_text};

/// How the parts are marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Markers<'a> {
    /// What stands behind the marker of our side.
    pub ours: &'a str,
    /// What stands behind the marker of theirs.
    pub theirs: &'a str,
    /// The length of a marker, 7 unless git says otherwise.
    pub size: usize,
}

impl Merge {
    /// The text of the registry, as it is written.
    #[must_use]
    pub fn to_text(&self, markers: &Markers<'_>) -> String {
        let Some((last, settled)) = self.settled.split_last() else {
            return list_text(self.next_asset_id, &self.all_in_one(markers));
        };
        let settled = settled.iter().map(|entry| (entry.asset_id, format!("{},\n", entry.to_text())));
        let parts = self.conflicts.iter().filter_map(|conflict| {
            let first = conflict.ours.iter().chain(&conflict.theirs).map(|entry| entry.asset_id).min()?;
            let side = |entries: &[Entry]| entries.iter().map(|entry| entry.to_text() + ",\n").collect();
            Some((first, marked(markers, [side(&conflict.ours), side(&conflict.theirs)])))
        });
        let mut pieces: Vec<_> = settled.chain(parts).collect();
        pieces.sort_by_key(|(id, _)| *id);
        let mut text: String = pieces.into_iter().map(|(_, piece)| piece).collect();
        text += &last.to_text();
        text.push('\n');
        list_text(self.next_asset_id, &text)
    }

    /// The lines of a list in which nothing is settled.
    fn all_in_one(&self, markers: &Markers<'_>) -> String {
        if self.conflicts.is_empty() {
            return String::new();
        }
        let side = |of: fn(&Conflict) -> &[Entry]| {
            let mut entries: Vec<&Entry> = self.conflicts.iter().flat_map(of).collect();
            entries.sort_by_key(|entry| entry.asset_id);
            let entries: Vec<String> = entries.into_iter().map(Entry::to_text).collect();
            if entries.is_empty() { String::new() } else { entries.join(",\n") + "\n" }
        };
        marked(markers, [side(|conflict| &conflict.ours), side(|conflict| &conflict.theirs)])
    }
}

fn marked(markers: &Markers<'_>, [ours, theirs]: [String; 2]) -> String {
    let marker = |sign: &str| sign.repeat(markers.size);
    format!(
        "{} {}\n{ours}{}\n{theirs}{} {}\n",
        marker("<"),
        markers.ours,
        marker("="),
        marker(">"),
        markers.theirs
    )
}
