//! Identities for one build.
//!
//! A build makes nothing that lasts: its operation ids name temporary files and events. They must be
//! told apart from those of other processes, and nobody must be kept from guessing them. So they are
//! made of what std has, and no random number generator is compiled into a game's first build.

use std::hash::{BuildHasher as _, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use prometeu_packer::IdSource;
use prometeu_packer::id::{AssetUuid, OperationId};
use uuid::{Builder, Uuid};

/// Makes version 7 uuids of the time and of std's per-process random keys.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BuildIds;

impl IdSource for BuildIds {
    fn asset_uuid(&self) -> AssetUuid {
        AssetUuid::from(uuid())
    }

    fn operation_id(&self) -> OperationId {
        OperationId::from(uuid())
    }
}

fn uuid() -> Uuid {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // Each `RandomState` of a process differs from the last one, and the first comes from the system.
    let keys = RandomState::new();
    let seed = (since.as_nanos(), std::process::id());
    let mut random = [0; 10];
    random[..8].copy_from_slice(&keys.hash_one((seed, 0)).to_le_bytes());
    random[8..].copy_from_slice(&keys.hash_one((seed, 1)).to_le_bytes()[..2]);
    let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_are_the_same_and_all_are_version_7() {
        let ids: BTreeSet<Uuid> = (0..1_000).map(|_| uuid()).collect();
        assert_eq!(ids.len(), 1_000);
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
        assert_ne!(BuildIds.operation_id(), BuildIds.operation_id());
        assert_ne!(BuildIds.asset_uuid(), BuildIds.asset_uuid());
    }
}
