//! The numbers of events, where an operation is told in several calls: a preview, and each
//! application of its plan.
//!
//! What was told before is kept for the operations that began last; of any other, such as one whose
//! plan another process showed, the preview is taken to have told its one event.

use std::collections::VecDeque;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use super::held;
use crate::id::OperationId;

/// Of how many operations the numbers are kept.
const KEPT: usize = 256;

/// What the operations that began last have told.
#[derive(Debug, Default)]
pub(super) struct Numbering(Mutex<VecDeque<(OperationId, Arc<AtomicU64>)>>);

impl Numbering {
    /// The number of the operation's last event, to go on from: `told` when it is not known.
    pub(super) fn of(&self, operation_id: OperationId, told: u64) -> Arc<AtomicU64> {
        let mut kept = held(&self.0);
        if let Some((_, last)) = kept.iter().find(|(id, _)| *id == operation_id) {
            return Arc::clone(last);
        }
        let last = Arc::new(AtomicU64::new(told));
        kept.push_back((operation_id, Arc::clone(&last)));
        if kept.len() > KEPT {
            kept.pop_front();
        }
        last
    }

    /// The numbers of an operation that is told in one call.
    pub(super) fn of_one_call() -> Arc<AtomicU64> {
        Arc::default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_operations_that_began_last_are_known() {
        let numbering = Numbering::default();
        let id = |n: usize| OperationId::from(Uuid::from_u128(n as u128));
        for n in 0..=KEPT {
            numbering.of(id(n), 0).store(7, Ordering::Relaxed);
        }
        let last = |n| numbering.of(id(n), 1).load(Ordering::Relaxed);
        assert_eq!((last(KEPT), last(1), last(0)), (7, 7, 1));
        assert_eq!(held(&numbering.0).len(), KEPT);
    }
}
