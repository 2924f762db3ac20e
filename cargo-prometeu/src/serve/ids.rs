//! Identities that a request is known by before its operation begins.
//!
//! A project asks its host for the id of each operation, on the thread that works. Here that thread hands
//! out the id that the request was given when it was taken, so that the request can be asked to stop from
//! then on.

use std::cell::Cell;

use prometeu_packer::IdSource;
use prometeu_packer::id::{AssetUuid, OperationId};

use crate::session::Uuids;

thread_local! {
    /// The id of the operation that begins next on this thread.
    static NEXT: Cell<Option<OperationId>> = const { Cell::new(None) };
}

/// The identities of everything that a session does.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ids;

impl IdSource for Ids {
    fn asset_uuid(&self) -> AssetUuid {
        Uuids.asset_uuid()
    }

    fn operation_id(&self) -> OperationId {
        NEXT.take().unwrap_or_else(new)
    }
}

/// An id that nobody has.
pub(crate) fn new() -> OperationId {
    Uuids.operation_id()
}

/// Does `work`; the first operation in it has that id.
pub(crate) fn with<T>(operation_id: OperationId, work: impl FnOnce() -> T) -> T {
    /// Also when `work` panics.
    struct Over;
    impl Drop for Over {
        fn drop(&mut self) {
            NEXT.set(None);
        }
    }

    NEXT.set(Some(operation_id));
    let _over = Over;
    work()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_operation_of_a_request_has_its_id_and_no_other_has() {
        let id = new();
        let (first, second) = with(id, || (Ids.operation_id(), Ids.operation_id()));
        assert_eq!(first, id);
        assert_ne!(second, id);
        with(id, || {});
        assert_ne!(Ids.operation_id(), id, "nothing of one request is left to the next");
        let elsewhere = with(id, || std::thread::spawn(|| Ids.operation_id()).join().unwrap());
        assert_ne!(elsewhere, id);
    }
}
