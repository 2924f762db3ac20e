//! Plans that hosts were shown: what is applied is exactly what was seen, bytes and uuids included.
//!
//! The last ones are kept. One that is not known any more, or that another process showed, is planned anew
//! from its params, and applied if it is the same.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometeu_packer::mutate::{EditKind, FileEdit, Plan, PlanId};

use super::params::Params;

/// How many are kept.
const KEPT: usize = 64;

/// How many bytes of files they may hold together; one plan may be of any size.
const BYTES: usize = 256 << 20;

/// A plan with what it was made from.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) plan: Plan,
    pub(crate) params: Params,
}

/// The plans that were shown last.
#[derive(Debug, Default)]
pub(crate) struct Plans(Mutex<VecDeque<Arc<Shown>>>);

impl Plans {
    /// Keeps a plan.
    pub(crate) fn keep(&self, plan: Plan, params: Params) {
        let mut kept = self.kept();
        kept.push_back(Arc::new(Shown { plan, params }));
        while kept.len() > KEPT
            || (kept.len() > 1 && kept.iter().map(|shown| bytes(&shown.plan)).sum::<usize>() > BYTES)
        {
            kept.pop_front();
        }
    }

    /// The plan with that name, if it is kept.
    pub(crate) fn get(&self, plan_id: &PlanId) -> Option<Arc<Shown>> {
        self.kept().iter().find(|shown| shown.plan.plan_id == *plan_id).cloned()
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Arc<Shown>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a plan holds in memory, but for small change.
fn bytes(plan: &Plan) -> usize {
    let of = |edit: &FileEdit| match &edit.kind {
        EditKind::CreateFile(bytes) | EditKind::ReplaceFile(bytes) => bytes.len(),
        _ => 0,
    };
    plan.edits.iter().map(of).sum()
}
