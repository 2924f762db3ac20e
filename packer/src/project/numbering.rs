//! The numbers of events, where an operation is told in several calls: a preview, and each
//! application of its plan.
//!
//! What was told before is kept for the operations that began last; of any other, such as one whose
//! plan another process showed, the preview is taken to have told its one event. An operation whose
//! events still wait for the sink, or that somebody tells of, is not forgotten.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use super::held;
use crate::event::Numbers;
use crate::id::OperationId;

/// Of how many operations the numbers are kept.
const KEPT: usize = 256;

/// What the operations that began last have told.
#[derive(Debug, Default)]
pub(super) struct Numbering(Mutex<VecDeque<(OperationId, Arc<Numbers>)>>);

impl Numbering {
    /// The operation's numbers, to go on from: after `told` when they are not known.
    pub(super) fn of(&self, operation_id: OperationId, told: u64) -> Arc<Numbers> {
        let mut kept = held(&self.0);
        if let Some((_, numbers)) = kept.iter().find(|(id, _)| *id == operation_id) {
            return Arc::clone(numbers);
        }
        let numbers = Arc::new(Numbers(Mutex::new(told)));
        kept.push_back((operation_id, Arc::clone(&numbers)));
        if kept.len() > KEPT
            && let Some(idle) = kept.iter().position(|(_, numbers)| Arc::strong_count(numbers) == 1)
        {
            kept.remove(idle);
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_operations_that_began_last_and_those_that_are_still_told_of_are_known() {
        let numbering = Numbering::default();
        let id = |n: usize| OperationId::from(Uuid::from_u128(n as u128));
        let told_of = numbering.of(id(0), 5);
        for n in 1..=KEPT {
            drop(numbering.of(id(n), 6));
        }
        let next = |n| numbering.of(id(n), 1).next(|number| number);
        assert_eq!((next(KEPT), next(2), next(0), next(1)), (7, 7, 6, 2));
        assert_eq!(held(&numbering.0).len(), KEPT);
        drop(told_of);
    }
}
