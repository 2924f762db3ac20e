//! What a project knows as one that makes changes, and settles those that were interrupted.

use std::sync::Mutex;

use super::numbering::Numbering;
use super::observing::Changing;
use super::recovery::Unsettled;
use crate::commit::Recovered;
use crate::lane::Lane;

/// The writer's half of a project.
#[derive(Debug, Default)]
pub(super) struct Writing {
    /// One writer at a time.
    pub(super) lane: Lane,
    /// The changes that this project makes.
    pub(super) changing: Changing,
    /// What was done about an interrupted change, until somebody asks.
    pub(super) recovered: Mutex<Option<Recovered>>,
    /// Why a change stays interrupted that this project tried to settle, or to make.
    pub(super) unsettled: Mutex<Option<Unsettled>>,
    /// How far the events of mutations are numbered.
    pub(super) numbering: Numbering,
}
