//! `BLOB/raw_v1`: files as they are.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::{AssetName, BankError, artifacts, check_kind, check_owner, slice};
use crate::json::Value;
use crate::{Blob, BlobBankId, Entry, layout};

/// A bank of files as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobBank<B = Vec<u8>> {
    asset: AssetName,
    blobs: Vec<(Range<usize>, String)>,
    payload: B,
}

/// One file of a blob bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobView<'b> {
    name: &'b str,
    bytes: &'b [u8],
}

impl<B: AsRef<[u8]>> BlobBank<B> {
    /// The bank that `entry` describes and `payload` holds.
    ///
    /// # Errors
    ///
    /// [`BankError`] when `entry` is of another kind, or its sizes or metadata are not those of a
    /// blob bank.
    pub fn new(entry: &Entry, payload: B) -> Result<Self, BankError> {
        let asset = check_kind(entry, BlobBankId::BANK_TYPE, payload.as_ref())?;
        if entry.decoded_size != entry.size {
            return Err(BankError::Size { asset, found: entry.decoded_size, expected: entry.size });
        }
        let listed = artifacts(&asset, entry, "blobs", layout::MAX_BLOBS)?;
        let mut blobs = Vec::with_capacity(listed.len());
        for (index, (range, own)) in listed.into_iter().enumerate() {
            let name = own.get("name").and_then(Value::as_str).ok_or_else(|| BankError::Metadata {
                asset: asset.clone(),
                problem: format!("blob {index} of `blobs` has no `name`"),
            })?;
            blobs.push((range, name.to_owned()));
        }
        Ok(Self { asset, blobs, payload })
    }

    /// How many blobs there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.blobs.len()
    }

    /// One blob by its constant.
    ///
    /// # Errors
    ///
    /// [`BankError`] when `blob` belongs to another bank, or its index is above the last.
    pub fn blob(&self, blob: Blob) -> Result<BlobView<'_>, BankError> {
        check_owner(&self.asset, blob.bank().id())?;
        self.blob_at(blob.index().into())
    }

    /// One blob by its index.
    ///
    /// # Errors
    ///
    /// [`BankError::Artifact`] when `index` is not below [`Self::count`].
    pub fn blob_at(&self, index: usize) -> Result<BlobView<'_>, BankError> {
        let Some((range, name)) = self.blobs.get(index) else {
            let (asset, count) = (self.asset.clone(), self.count());
            return Err(BankError::Artifact { asset, what: "blob", index, count });
        };
        let bytes = slice(&self.asset, self.payload.as_ref(), range.clone())?;
        Ok(BlobView { name, bytes })
    }
}

impl<'b> BlobView<'b> {
    /// The path that the file was declared with, relative to its asset's folder.
    #[must_use]
    pub const fn name(&self) -> &'b str {
        self.name
    }

    /// The file's bytes.
    #[must_use]
    pub const fn bytes(&self) -> &'b [u8] {
        self.bytes
    }
}

impl AsRef<[u8]> for BlobView<'_> {
    fn as_ref(&self) -> &[u8] {
        self.bytes
    }
}
