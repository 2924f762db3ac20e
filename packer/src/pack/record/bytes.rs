//! What records are written with: numbers of fixed width, little-endian; lists and texts that begin with
//! their length.

use crate::digest::Digest;
use crate::storage::Stamp;

/// Bytes of a stamp.
pub(super) const STAMP: usize = 48;

/// A stamp as a record has it, to be compared with one.
pub(crate) fn stamp_bytes(stamp: &Stamp) -> [u8; STAMP] {
    let Stamp { size, modified, changed, inode, device } = stamp;
    let mut bytes = [0; STAMP];
    bytes[..8].copy_from_slice(&size.to_le_bytes());
    bytes[8..20].copy_from_slice(&modified.to_le_bytes()[..12]);
    bytes[20..32].copy_from_slice(&changed.to_le_bytes()[..12]);
    bytes[32..40].copy_from_slice(&inode.to_le_bytes());
    bytes[40..].copy_from_slice(&device.to_le_bytes());
    bytes
}

/// Appends.
#[derive(Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn u32(&mut self, n: u32) {
        self.0.extend_from_slice(&n.to_le_bytes());
    }

    pub(super) fn u64(&mut self, n: u64) {
        self.0.extend_from_slice(&n.to_le_bytes());
    }

    /// A record is never that long: its registry and its declarations are bounded.
    pub(super) fn len(&mut self, n: usize) {
        self.u32(u32::try_from(n).unwrap_or(u32::MAX));
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.len(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(super) fn list<T>(&mut self, items: &[T], mut one: impl FnMut(&mut Self, &T)) {
        self.len(items.len());
        items.iter().for_each(|item| one(self, item));
    }

    pub(super) fn option<T>(&mut self, value: Option<&T>, one: impl FnOnce(&mut Self, &T)) {
        self.0.push(u8::from(value.is_some()));
        if let Some(value) = value {
            one(self, value);
        }
    }

    pub(super) fn stamp(&mut self, stamp: &Stamp) {
        self.0.extend_from_slice(&stamp_bytes(stamp));
    }

    pub(super) fn digest(&mut self, digest: &Digest) {
        self.0.extend_from_slice(digest.as_bytes());
    }
}

/// Takes from the front.
pub(super) struct Reader<'b>(pub(super) &'b [u8]);

impl<'b> Reader<'b> {
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn slice(&mut self, len: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    pub(super) fn len(&mut self) -> Option<usize> {
        usize::try_from(self.u32()?).ok()
    }

    pub(super) fn bytes(&mut self) -> Option<&'b [u8]> {
        let len = self.len()?;
        self.slice(len)
    }

    pub(super) fn text(&mut self) -> Option<&'b str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    pub(super) fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let len = self.len()?;
        // Nothing is allocated by a number alone, and no more than there is to read.
        let mut items = Vec::with_capacity(len.min(self.0.len() / size_of::<T>().max(1)));
        for _ in 0..len {
            items.push(one(self)?);
        }
        Some(items)
    }

    #[expect(clippy::option_option, reason = "no value, and no value that can be read, are two things")]
    pub(super) fn option<T>(&mut self, one: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.u8()? {
            0 => Some(None),
            1 => one(self).map(Some),
            _ => None,
        }
    }

    pub(super) fn time(&mut self) -> Option<i128> {
        let mut bytes = [0; 16];
        bytes[..12].copy_from_slice(self.slice(12)?);
        // The sign goes on.
        let sign = if bytes[11] < 0x80 { 0 } else { 0xff };
        bytes[12..].fill(sign);
        Some(i128::from_le_bytes(bytes))
    }

    pub(super) fn stamp(&mut self) -> Option<Stamp> {
        Some(Stamp {
            size: self.u64()?,
            modified: self.time()?,
            changed: self.time()?,
            inode: self.u64()?,
            device: self.u64()?,
        })
    }

    pub(super) fn digest(&mut self) -> Option<Digest> {
        self.take().map(Digest::from_bytes)
    }
}
