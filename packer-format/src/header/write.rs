//! From a header to its bytes.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

use super::{Entry, Header, Preload};
use crate::{json, layout};

impl Header {
    /// The bytes in front of the payload region: prelude, JSON, zeros up to the next page.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let end = usize::try_from(self.payload_offset()).expect("MAX_HEADER_LEN bounds it");
        let mut bytes = Vec::with_capacity(end);
        bytes.extend_from_slice(&layout::MAGIC);
        bytes.extend_from_slice(&layout::PACK_VERSION.to_le_bytes());
        bytes.extend_from_slice(&self.len.to_le_bytes());
        bytes.extend_from_slice(&self.payload_offset().to_le_bytes());
        bytes.extend_from_slice(&0_u32.to_le_bytes()); // flags
        bytes.extend_from_slice(&0_u32.to_le_bytes()); // reserved
        bytes.extend_from_slice(text(|out| write_header(self, out)).as_bytes());
        bytes.resize(end, 0);
        bytes
    }

    /// `asset_table.json`: the canonical JSON of the header's member of that name.
    #[must_use]
    pub fn asset_table_json(&self) -> String {
        text(|out| write_list(&self.entries, write_entry, out))
    }

    /// `preload.json`: the canonical JSON of the header's member of that name.
    #[must_use]
    pub fn preload_json(&self) -> String {
        text(|out| write_list(&self.preload, write_preload, out))
    }

    /// Bytes of the JSON, without making it.
    pub(super) fn json_len(&self) -> u64 {
        let mut count = Count(0);
        write_header(self, &mut count).expect("counting takes every write");
        count.0
    }
}

/// Counts the bytes that are written to it.
struct Count(u64);

impl Write for Count {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len() as u64;
        Ok(())
    }
}

fn text(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let mut text = String::new();
    write(&mut text).expect("a String takes every write");
    text
}

fn write_header(header: &Header, out: &mut impl Write) -> fmt::Result {
    out.write_str("{\"asset_table\":")?;
    write_list(&header.entries, write_entry, out)?;
    out.write_str(",\"preload\":")?;
    write_list(&header.preload, write_preload, out)?;
    out.write_str("}")
}

fn write_list<T, W: Write>(items: &[T], one: impl Fn(&T, &mut W) -> fmt::Result, out: &mut W) -> fmt::Result {
    out.write_char('[')?;
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.write_char(',')?;
        }
        one(item, out)?;
    }
    out.write_char(']')
}

// The members stand in the order of their keys, as canonical JSON wants it; the reader asks for
// exactly the same text.

fn write_entry(entry: &Entry, out: &mut impl Write) -> fmt::Result {
    write!(out, "{{\"asset_id\":{},\"asset_name\":", entry.asset_id)?;
    json::write_string(&entry.asset_name, out)?;
    out.write_str(",\"bank_type\":")?;
    json::write_string(&entry.bank_type, out)?;
    write!(out, ",\"codec\":\"{}\"", entry.codec.as_str())?;
    write!(out, ",\"decoded_size\":{},\"metadata\":", entry.decoded_size)?;
    json::write_object(&entry.metadata, out)?;
    write!(out, ",\"offset\":{},\"size\":{}}}", entry.offset, entry.size)
}

fn write_preload(preload: &Preload, out: &mut impl Write) -> fmt::Result {
    write!(out, "{{\"asset_id\":{},\"slot\":{}}}", preload.asset_id, preload.slot)
}
