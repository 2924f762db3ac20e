//! From bytes to a header, believing nothing.
//!
//! Every length and offset is checked before it is used, nothing is reserved by a number that the
//! file states, and the text must be exactly the one that the writer would make: so each pack has
//! one byte string, and a part that this version does not know cannot hide in it. Time and memory
//! are linear in the header, which is at most [`layout::MAX_HEADER_LEN`] bytes, all of which must
//! be there; [`layout::MAX_METADATA_VALUES`] bounds the factor.
//!
//! Where this stops: the format carries no checksum. A bit that flips inside a name, in metadata or
//! in another value that no rule ties down gives another valid header. Whoever must notice that
//! compares `pack.digest`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::{Codec, Entry, Header, Preload, Slots};
use crate::json::{self, Reader};
use crate::quote::Quoted;
use crate::{AssetId, layout};

/// Why bytes are not a pack of a version that this crate reads.
///
/// Offsets count from the start of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormatError {
    /// Not wrong so far, but more of the file is needed: its first `needed` bytes, which it has.
    Incomplete {
        /// How many bytes from the start of the file to come back with.
        needed: u64,
    },
    /// The file ends too early.
    Truncated {
        /// How long it would have to be at least.
        needed: u64,
        /// How long it is.
        file_len: u64,
    },
    /// The file does not begin as a pack does.
    NotAPack {
        /// Its first four bytes.
        found: [u8; 4],
    },
    /// A version of the format that is not read here.
    Version {
        /// Its version.
        found: u32,
    },
    /// A field of the prelude that must be zero is not.
    NotZero {
        /// The field's name.
        field: &'static str,
        /// Where it is.
        offset: u64,
        /// Its value.
        found: u32,
    },
    /// A JSON header that is longer than [`layout::MAX_HEADER_LEN`].
    HeaderTooLong {
        /// Its length.
        found: u64,
    },
    /// The payload region does not start where it must.
    PayloadOffset {
        /// Where the prelude says that it starts.
        found: u64,
        /// The next page behind the JSON.
        expected: u64,
    },
    /// A byte between the parts that is not zero.
    Padding {
        /// Where it is.
        offset: u64,
        /// Its value.
        found: u8,
    },
    /// The header is not canonical JSON.
    Json {
        /// Where.
        offset: u64,
        /// What is wrong there.
        kind: json::ErrorKind,
    },
    /// The header's JSON is not of the shape that this version has.
    Shape {
        /// Where.
        offset: u64,
        /// What must stand there.
        expected: &'static str,
    },
    /// An id, size, slot or codec that cannot be.
    Value {
        /// Where it is.
        offset: u64,
        /// The member's name.
        member: &'static str,
        /// What is wrong with it, with what was found.
        problem: String,
    },
    /// The file goes on behind its last payload.
    TooLong {
        /// Where it must end.
        expected: u64,
        /// How long it is.
        file_len: u64,
    },
}

impl Header {
    /// Reads a header from the start of a file of `file_len` bytes.
    ///
    /// `prefix` is any number of bytes from the start of that file. Nothing behind `payload_offset`
    /// is looked at, so the payloads need not be there, only their lengths are held against
    /// `file_len`. The gaps between payloads are not looked at either: see [`Header::gaps`].
    ///
    /// # Errors
    ///
    /// [`FormatError::Incomplete`] when `prefix` is too short, with the length to come back with:
    /// at most twice, with 32 and then with `payload_offset`. The others when this is no pack.
    pub fn read(prefix: &[u8], file_len: u64) -> Result<Self, FormatError> {
        let len = check_prelude(first_bytes(prefix, layout::PRELUDE_LEN, file_len)?)?;
        let region = layout::payload_offset(len).expect("the length is at most MAX_HEADER_LEN");
        let bytes = first_bytes(prefix, region, file_len)?;
        let (json, padding) = bytes[to_usize(layout::PRELUDE_LEN)..].split_at(to_usize(len));
        let header = Table { reader: Reader::new(json, layout::MAX_METADATA_VALUES) }.read(len)?;
        check_zeros(padding, layout::PRELUDE_LEN + len)?;
        let expected = header.file_len();
        if file_len < expected {
            return Err(FormatError::Truncated { needed: expected, file_len });
        }
        if file_len > expected {
            return Err(FormatError::TooLong { expected, file_len });
        }
        Ok(header)
    }
}

/// Fails at the first of `bytes` that is not zero; they stand at `offset` of the file.
pub(crate) fn check_zeros(bytes: &[u8], offset: u64) -> Result<(), FormatError> {
    match bytes.iter().position(|byte| *byte != 0) {
        Some(at) => Err(FormatError::Padding { offset: offset + at as u64, found: bytes[at] }),
        None => Ok(()),
    }
}

/// The first `needed` bytes of the file.
fn first_bytes(prefix: &[u8], needed: u64, file_len: u64) -> Result<&[u8], FormatError> {
    if file_len < needed {
        return Err(FormatError::Truncated { needed, file_len });
    }
    prefix.get(..to_usize(needed)).ok_or(FormatError::Incomplete { needed })
}

fn to_usize(n: u64) -> usize {
    usize::try_from(n).expect("MAX_HEADER_LEN and a page fit every address space with std or alloc")
}

/// Checks the prelude and yields `header_len`.
fn check_prelude(prelude: &[u8]) -> Result<u64, FormatError> {
    let found = array(prelude, 0);
    if found != layout::MAGIC {
        return Err(FormatError::NotAPack { found });
    }
    let found = u32::from_le_bytes(array(prelude, 4));
    if found != layout::PACK_VERSION {
        return Err(FormatError::Version { found });
    }
    for (field, offset) in [("flags", 24), ("reserved", 28)] {
        let found = u32::from_le_bytes(array(prelude, offset));
        if found != 0 {
            return Err(FormatError::NotZero { field, offset: offset as u64, found });
        }
    }
    let len = u64::from_le_bytes(array(prelude, 8));
    if len > layout::MAX_HEADER_LEN {
        return Err(FormatError::HeaderTooLong { found: len });
    }
    let found = u64::from_le_bytes(array(prelude, 16));
    let expected = layout::payload_offset(len).expect("the length is at most MAX_HEADER_LEN");
    if found != expected {
        return Err(FormatError::PayloadOffset { found, expected });
    }
    Ok(len)
}

fn array<const N: usize>(prelude: &[u8], at: usize) -> [u8; N] {
    *prelude[at..].first_chunk().expect("the prelude has 32 bytes")
}

/// The JSON, read member by member: there is one text for each table, so punctuation and keys are
/// compared, not interpreted.
struct Table<'t> {
    reader: Reader<'t>,
}

impl Table<'_> {
    fn read(mut self, len: u64) -> Result<Header, FormatError> {
        self.expect("{\"asset_table\":[")?;
        let mut entries: Vec<Entry> = Vec::new();
        if !self.reader.eat("]") {
            loop {
                entries.push(self.entry(entries.last())?);
                if !self.reader.eat(",") {
                    break self.expect("]")?;
                }
            }
        }
        self.expect(",\"preload\":[")?;
        let preload = if self.reader.eat("]") { Vec::new() } else { self.preload(&entries)? };
        self.expect("}")?;
        self.reader.end().map_err(json_error)?;
        Ok(Header { entries, preload, len })
    }

    /// One asset, behind `last`.
    fn entry(&mut self, last: Option<&Entry>) -> Result<Entry, FormatError> {
        self.expect("{\"asset_id\":")?;
        let asset_id = self.id(last.map(|entry| entry.asset_id))?;
        self.expect(",\"asset_name\":")?;
        let asset_name = self.reader.string().map_err(json_error)?;
        self.expect(",\"bank_type\":")?;
        let bank_type = self.reader.string().map_err(json_error)?;
        self.expect(",\"codec\":")?;
        let codec = self.codec()?;
        self.expect(",\"decoded_size\":")?;
        let decoded_size = self.size("decoded_size")?;
        self.expect(",\"metadata\":")?;
        let metadata = self.reader.object(layout::MAX_METADATA_DEPTH).map_err(json_error)?;
        self.expect(",\"offset\":")?;
        let at = self.offset();
        let offset = self.size("offset")?;
        self.expect(",\"size\":")?;
        let size = self.size("size")?;
        self.expect("}")?;
        let expected = layout::next_payload(last.map_or(0, Entry::end), size);
        if Some(offset) != expected {
            let by_rule = expected.map_or("nowhere".into(), |offset| format!("at {offset}"));
            let problem =
                format!("the payload of asset {asset_id} starts at {offset}, by the layout rule {by_rule}");
            return Err(FormatError::Value { offset: at, member: "offset", problem });
        }
        let entry = Entry { asset_id, asset_name, bank_type, codec, decoded_size, metadata, offset, size };
        if entry.end() > layout::MAX_NUMBER {
            let problem = format!("the payload of asset {asset_id} ends beyond 2^53 - 1");
            return Err(FormatError::Value { offset: at, member: "size", problem });
        }
        Ok(entry)
    }

    /// The list of what is resident from the start, behind its `[`.
    fn preload(&mut self, entries: &[Entry]) -> Result<Vec<Preload>, FormatError> {
        let mut slots = Slots::default();
        let mut list: Vec<Preload> = Vec::new();
        loop {
            self.expect("{\"asset_id\":")?;
            let at = self.offset();
            let asset_id = self.id(list.last().map(|preload| preload.asset_id))?;
            let Ok(index) = entries.binary_search_by_key(&asset_id, |entry| entry.asset_id) else {
                let problem = format!("asset {asset_id} is preloaded but not in the table");
                return Err(FormatError::Value { offset: at, member: "asset_id", problem });
            };
            self.expect(",\"slot\":")?;
            let at = self.offset();
            let found = self.size("slot")?;
            let bank_type = entries[index].bank_type.as_str();
            let slot = slots.take(bank_type).filter(|slot| u64::from(*slot) == found).ok_or_else(|| {
                let kind = Quoted(bank_type);
                let problem = format!("{found} is not the next slot of {kind}, or there is none");
                FormatError::Value { offset: at, member: "slot", problem }
            })?;
            self.expect("}")?;
            list.push(Preload { asset_id, slot });
            if !self.reader.eat(",") {
                self.expect("]")?;
                return Ok(list);
            }
        }
    }

    /// An id above `last`.
    fn id(&mut self, last: Option<AssetId>) -> Result<AssetId, FormatError> {
        let offset = self.offset();
        let found = self.size("asset_id")?;
        let wrong = |problem| FormatError::Value { offset, member: "asset_id", problem };
        let id = AssetId::try_from(found).map_err(|error| wrong(error.to_string()))?;
        match last {
            Some(last) if last >= id => Err(wrong(format!("{id} stands behind {last}; ids increase"))),
            _ => Ok(id),
        }
    }

    fn codec(&mut self) -> Result<Codec, FormatError> {
        let offset = self.offset();
        let found = self.reader.string().map_err(json_error)?;
        if found == Codec::None.as_str() {
            return Ok(Codec::None);
        }
        let problem = format!("{} is not known; version 1 has `NONE` only", Quoted(&found));
        Err(FormatError::Value { offset, member: "codec", problem })
    }

    /// A number that is not negative.
    fn size(&mut self, member: &'static str) -> Result<u64, FormatError> {
        let offset = self.offset();
        let found = self.reader.int().map_err(json_error)?;
        u64::try_from(found).map_err(|_| FormatError::Value {
            offset,
            member,
            problem: format!("{found} is negative"),
        })
    }

    fn expect(&mut self, expected: &'static str) -> Result<(), FormatError> {
        if self.reader.eat(expected) {
            return Ok(());
        }
        let same = self.reader.rest().iter().zip(expected.as_bytes()).take_while(|(a, b)| a == b).count();
        Err(FormatError::Shape { offset: self.offset() + same as u64, expected })
    }

    /// Where the reader stands in the file.
    fn offset(&self) -> u64 {
        layout::PRELUDE_LEN + self.reader.offset() as u64
    }
}

fn json_error(error: json::Error) -> FormatError {
    FormatError::Json { offset: layout::PRELUDE_LEN + error.offset as u64, kind: error.kind }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete { needed } => {
                write!(f, "the first {needed} bytes of the pack are needed; read them and try again")
            }
            Self::Truncated { needed, file_len } => write!(
                f,
                "the pack ends after {file_len} bytes and should have at least {needed}; it was cut short, \
                 copy or pack it again"
            ),
            Self::NotAPack { found } => write!(
                f,
                "this is no `assets.pa`: it begins with `{}` instead of `PMPA`",
                found.escape_ascii()
            ),
            Self::Version { found } => write!(
                f,
                "the pack is of version {found}, and this program reads version {}; pack again with the \
                 `packer-build` that belongs to this `packer-format`",
                layout::PACK_VERSION
            ),
            Self::NotZero { field, offset, found } => write!(
                f,
                "`{field}` at byte {offset} is {found:#x} and must be 0 in version 1; the pack is damaged, \
                 or made by a newer packer"
            ),
            Self::HeaderTooLong { found } => write!(
                f,
                "`header_len` at byte 8 is {found}, and headers have at most {} bytes; the pack is damaged",
                layout::MAX_HEADER_LEN
            ),
            Self::PayloadOffset { found, expected } => write!(
                f,
                "`payload_offset` at byte 16 is {found}, and by `header_len` it must be {expected}; \
                 the pack is damaged"
            ),
            Self::Padding { offset, found } => write!(
                f,
                "the byte at {offset} is {found:#04x} and must be 0, since it is padding; the pack is damaged"
            ),
            Self::Json { offset, kind } => {
                write!(f, "the header is not canonical JSON at byte {offset}: {kind}; pack again")
            }
            Self::Shape { offset, expected } => write!(
                f,
                "the header should have `{expected}` here and differs from it at byte {offset}; the pack is \
                 damaged, or not of version {}",
                layout::PACK_VERSION
            ),
            Self::Value { offset, member, problem } => {
                write!(f, "`{member}` at byte {offset} of the header: {problem}; pack again")
            }
            Self::TooLong { expected, file_len } => write!(
                f,
                "the pack must end after {expected} bytes, with its last payload, and has {file_len}; \
                 copy or pack it again"
            ),
        }
    }
}

impl core::error::Error for FormatError {}
