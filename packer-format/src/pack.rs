//! A pack that is in memory as a whole.

use crate::bank::not_in;
use crate::header::check_zeros;
use crate::{
    AssetId, BankError, BlobBank, BlobBankId, Entry, FormatError, GlyphBank, GlyphBankId, Header, SoundBank,
    SoundBankId,
};

/// A pack over the bytes of its file: embedded with `include_bytes!`, or read by other means than
/// `PackFile`. Needs no standard library.
#[derive(Debug, Clone)]
pub struct Pack<'a> {
    header: Header,
    bytes: &'a [u8],
}

impl<'a> Pack<'a> {
    /// The pack in `bytes`, which must be the whole file.
    ///
    /// # Errors
    ///
    /// [`FormatError`] when it is not exactly a pack.
    pub fn new(bytes: &'a [u8]) -> Result<Self, FormatError> {
        Ok(Self { header: Header::read(bytes, bytes.len() as u64)?, bytes })
    }

    /// The table of what is in it.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The asset with that id.
    #[must_use]
    pub fn get(&self, id: impl Into<AssetId>) -> Option<&Entry> {
        self.header.get(id)
    }

    /// The asset with that name, of several the one with the lowest id.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Entry> {
        self.header.by_name(name)
    }

    /// The payload of an asset.
    ///
    /// # Errors
    ///
    /// [`BankError::UnknownAsset`] when the pack has no such asset, [`BankError::EmptyPack`] when it has none.
    pub fn payload(&self, id: impl Into<AssetId>) -> Result<&'a [u8], BankError> {
        self.find(id.into()).map(|(_, payload)| payload)
    }

    /// A bank of tiles.
    ///
    /// # Errors
    ///
    /// [`BankError`] when there is no such asset, or it is not a glyph bank.
    pub fn glyph_bank(&self, bank: GlyphBankId) -> Result<GlyphBank<&'a [u8]>, BankError> {
        let (entry, payload) = self.find(bank.id())?;
        GlyphBank::new(entry, payload)
    }

    /// A bank of sounds.
    ///
    /// # Errors
    ///
    /// [`BankError`] when there is no such asset, or it is not a sound bank.
    pub fn sound_bank(&self, bank: SoundBankId) -> Result<SoundBank<&'a [u8]>, BankError> {
        let (entry, payload) = self.find(bank.id())?;
        SoundBank::new(entry, payload)
    }

    /// A bank of blobs.
    ///
    /// # Errors
    ///
    /// [`BankError`] when there is no such asset, or it is not a blob bank.
    pub fn blob_bank(&self, bank: BlobBankId) -> Result<BlobBank<&'a [u8]>, BankError> {
        let (entry, payload) = self.find(bank.id())?;
        BlobBank::new(entry, payload)
    }

    /// Checks that the gaps between payloads hold zeros only, which opening a pack does not.
    ///
    /// # Errors
    ///
    /// [`FormatError::Padding`] at the first byte that is something else.
    pub fn verify_gaps(&self) -> Result<(), FormatError> {
        self.header.gaps().try_for_each(|gap| check_zeros(self.slice(gap.clone()), gap.start))
    }

    fn find(&self, asset_id: AssetId) -> Result<(&Entry, &'a [u8]), BankError> {
        let entry = self.header.get(asset_id).ok_or_else(|| not_in(&self.header, asset_id))?;
        Ok((entry, self.slice(self.header.payload_range(entry))))
    }

    /// A part of the file that the header was checked to have.
    fn slice(&self, range: core::ops::Range<u64>) -> &'a [u8] {
        let bounds = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
        bounds
            .and_then(|(start, end)| self.bytes.get(start..end))
            .expect("the header was read against these very bytes")
    }
}
