//! A second look at an asset of which a stamp moved: by content.
//!
//! Who switches a branch and comes back, or saves what was there, leaves the same bytes under other dates. When
//! the declaration has the bytes on record, and so has each input, then all that was said of the asset is said
//! again: nobody parses, checks or plans it. What is as it was learns its new stamps.
//!
//! What is found to have changed is remembered, so that no input is read twice to find out the same.

use std::path::Path;
use std::sync::Arc;

use super::fingerprint::{DirtyReason, is_old_enough};
use super::inputs::AssetInputs;
use super::kept::Theirs;
use super::produce::LastSet;
use super::record::{RecordedAsset, Seen};
use super::tally::Tally;
use crate::cancel::Token;
use crate::diagnostics::Pointer;
use crate::digest::Digest;
use crate::family::{Inputs as _, Stop};
use crate::path::AssetPath;
use crate::schema::declaration::Input;
use crate::storage::{Source, Stamp};
use crate::workspace::{InputFile, Layout, look_at_inputs, read_declaration};

/// What came of it.
#[derive(Debug)]
pub(crate) enum Again {
    /// It is what it was; with what was seen of it now.
    Same(Arc<RecordedAsset>),
    /// An input has another content.
    Changed(DirtyReason),
    /// It has to be read to be told.
    Unknown,
}

/// Where one looks, and what with.
#[derive(Clone, Copy)]
pub(crate) struct Glass<'a> {
    pub(crate) last: &'a LastSet<'a>,
    pub(crate) source: &'a dyn Source,
    pub(crate) layout: &'a Layout,
    /// `assets/`, every link above it followed.
    pub(crate) assets: &'a Path,
    pub(crate) token: &'a Token,
    pub(crate) tally: &'a Tally,
}

impl Glass<'_> {
    /// Looks at what was known.
    pub(crate) fn look(&self, known: &RecordedAsset) -> Again {
        // Of what something is to be told again nothing is known, whatever its content is.
        if known.seen.is_some() { self.compare(known) } else { Again::Unknown }
    }

    /// Compares by content alone.
    pub(super) fn compare(&self, known: &RecordedAsset) -> Again {
        // What cannot be looked at is read, and then told.
        self.try_look(known).unwrap_or(Again::Unknown)
    }

    fn try_look(&self, known: &RecordedAsset) -> Option<Again> {
        let Self { last, source, layout, assets, token, tally } = *self;
        let (root, declaration, bytes) = read_declaration(source, layout, &known.root, assets)?;
        if Digest::of(&bytes) != known.text {
            return None;
        }
        let named = known.facts.inputs.iter().map(|input| {
            let (role, file) = (input.role.clone(), input.file.clone());
            Input { path: AssetPath::parse(&file), role, file, pointer: Pointer::root() }
        });
        let named: Vec<Input> = named.collect();
        let folder = layout.root(&known.root);
        let (files, folders) = look_at_inputs(source, &folder, &named, named.len());
        let now = Seen { root, folders: folders?, declaration };
        if !files.iter().all(|file| matches!(file, InputFile::There(_))) {
            return None;
        }
        let place = known.root.below(assets);
        let mut inputs = AssetInputs::new(source, folder, place, &named, &files, token).counted(tally);
        match changed_input(known, &mut inputs, Some(&now), last) {
            Ok(Some(file)) => return Some(Again::Changed(DirtyReason::InputChanged { file })),
            Ok(None) => {}
            Err(_) => return None,
        }
        let mut again = known.clone();
        for (n, input) in Arc::make_mut(&mut again.facts).inputs.iter_mut().enumerate() {
            input.stamp = inputs.stamp(n);
        }
        again.seen = Some(now);
        Some(Again::Same(Arc::new(again)))
    }
}

/// Which input of an asset is not what is on record, with `now` seen of it where its root and its uuid are those
/// on record; `None` when each is. The digests of those that are become known.
pub(super) fn changed_input(
    known: &RecordedAsset,
    inputs: &mut AssetInputs<'_>,
    now: Option<&Seen>,
    last: &LastSet<'_>,
) -> Result<Option<String>, Stop> {
    let is_old = |stamp: &Stamp| is_old_enough(stamp, last.record.head().started);
    // Where files have no numbers, another one with the same date and size may have been put there: that
    // changes the folder.
    let is_in_its_folder = || {
        let (Some(before), Some(now)) = (&known.seen, now) else { return false };
        (&before.root, &before.folders) == (&now.root, &now.folders)
            && is_old(&now.root)
            && now.folders.iter().all(|(_, stamp)| is_old(stamp))
    };
    // The key holds the list of inputs, so the two lists run side by side.
    for (n, input) in known.facts.inputs.iter().enumerate() {
        let changed = || Some(input.file.clone());
        let Some(digest) = input.digest else { return Ok(changed()) };
        let stamp = inputs.stamp(n);
        if stamp == input.stamp && is_old(&stamp) && (stamp.inode != 0 || is_in_its_folder()) {
            inputs.remember(n, digest);
            continue;
        }
        // Another size is another content; else only the content itself can tell.
        if inputs.len(n) != input.stamp.size {
            return Ok(changed());
        }
        // What is in the pack as it is need not be hashed to be known again.
        let is_payload = known.facts.payload_is_input() == Some(n);
        let same = if let (true, Some(file)) = (is_payload, last.file()) {
            let same = inputs.compare(n, &mut Theirs { file, offset: known.offset });
            same.map(|()| inputs.remember(n, digest)).map_or_else(no, |()| Ok(true))
        } else {
            inputs.digest(n).map_or_else(no, |now| Ok(now == digest))
        };
        if !same? {
            return Ok(changed());
        }
    }
    Ok(None)
}

/// That it is not the same: its family will say what is wrong with it, if anything is.
fn no(stop: Stop) -> Result<bool, Stop> {
    match stop {
        Stop::Input(_) | Stop::Payload(_) => Ok(false),
        Stop::Changed { .. } | Stop::Cancelled => Err(stop),
    }
}
