//! Identities and numbers with a meaning, each a type of its own.
//!
//! [`AssetId`] comes from `packer-format`, since the pack carries it; the others exist on the
//! authoring side only.

use std::fmt;

pub use packer_format::AssetId;
use uuid::Uuid;

use crate::digest::Digest;

/// The identity anchor of an asset in its own `asset.json`: it survives moves of the folder.
///
/// New ones are version 7; any version is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetUuid(Uuid);

impl AssetUuid {
    /// Reads the hyphenated form, the only one that is written and accepted in files.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // `Uuid::try_parse` also takes braces, URNs and bare digits; one spelling is enough.
        if text.len() != 36 {
            return None;
        }
        Uuid::try_parse(text).ok().map(Self)
    }
}

impl AssetUuid {
    /// Its 16 bytes.
    pub(crate) const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The uuid of those bytes.
    pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl From<Uuid> for AssetUuid {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl fmt::Display for AssetUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

/// Which snapshot of a project this is: 1 for the first of each open, then one more with every
/// published commit, refresh or reconcile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generation(u64);

impl Generation {
    /// The generation of a project that was just opened.
    pub const FIRST: Self = Self(1);

    /// The generation after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The generation as a number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One logical operation, from its preview through its events to its response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId(Uuid);

impl OperationId {
    /// Reads the hyphenated form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }
}

impl From<Uuid> for OperationId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

/// The name of a plan: a digest of what it does and expects, and the operation that its events
/// continue. Written `<64 digits>.<operation id>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanId {
    pub(crate) digest: Digest,
    pub(crate) operation: OperationId,
}

impl PlanId {
    /// Reads what [`Display`](fmt::Display) writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (digest, operation) = text.split_once('.')?;
        Some(Self { digest: Digest::parse(digest)?, operation: OperationId::parse(operation)? })
    }

    /// The operation that its events continue.
    #[must_use]
    pub const fn operation_id(&self) -> OperationId {
        self.operation
    }

    /// Whether both name plans that do and expect the same.
    #[must_use]
    pub fn same_plan(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.digest, self.operation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_of_any_version_is_read_and_shown_as_it_was() {
        for uuid in [
            "00000000-0000-0000-0000-000000000000", // nil
            "c232ab00-9414-11ec-b3c8-9f6bdeced846", // version 1
            "6f1c2d1e-8a34-4b7e-9d0a-2f5b7c9e1a44", // version 4
            "0198c0de-0000-7000-8000-000000000001", // version 7
            "ffffffff-ffff-ffff-ffff-ffffffffffff", // max
        ] {
            assert_eq!(AssetUuid::parse(uuid).map(|uuid| uuid.to_string()).as_deref(), Some(uuid));
        }
    }

    #[test]
    fn a_uuid_has_one_spelling_but_for_the_case_of_its_letters() {
        let lower = "6f1c2d1e-8a34-4b7e-9d0a-2f5b7c9e1a44";
        assert_eq!(AssetUuid::parse(&lower.to_uppercase()), AssetUuid::parse(lower));
        for other in [
            "6f1c2d1e8a344b7e9d0a2f5b7c9e1a44",
            "{6f1c2d1e-8a34-4b7e-9d0a-2f5b7c9e1a44}",
            "urn:uuid:6f1c2d1e-8a34-4b7e-9d0a-2f5b7c9e1a44",
            "6f1c2d1e-8a34-4b7e-9d0a-2f5b7c9e1a4g",
            "",
        ] {
            assert_eq!(AssetUuid::parse(other), None, "{other}");
        }
    }
}
