//! The streaming writer, and what it refuses to write.

use std::io::{self, Write};

use packer_format::{AssetId, Header, Pack, PackWriter, WriteError};

use crate::sample::{opaque, pack};

const ONE: AssetId = AssetId::new(1);
const TWO: AssetId = AssetId::new(2);

fn header() -> Header {
    Header::plan([opaque(1, 3), opaque(2, 5)]).unwrap()
}

#[test]
fn payloads_come_back_as_they_were_written_in_whatever_pieces() {
    let header = header();
    let mut writer = PackWriter::new(Vec::new(), &header).unwrap();
    let mut payload = writer.begin(ONE).unwrap();
    payload.write_all(b"a").unwrap();
    payload.write_all(b"bc").unwrap();
    writer.begin(TWO).unwrap().write_all(b"defgh").unwrap();
    let bytes = writer.finish().unwrap();
    assert_eq!(bytes, pack(&header, &[b"abc", b"defgh"]));
    let read = Pack::new(&bytes).unwrap();
    assert_eq!((read.payload(ONE).unwrap(), read.payload(TWO).unwrap()), (&b"abc"[..], &b"defgh"[..]));
    assert_eq!(read.header(), &header);
    assert_eq!(read.verify_gaps(), Ok(()));
}

#[test]
fn empty_payloads_and_empty_packs_are_written() {
    for sizes in [&[][..], &[0], &[1, 0], &[0, 0, 1]] {
        let assets = (1..).zip(sizes).map(|(id, size)| opaque(id, *size));
        let header = Header::plan(assets).unwrap();
        let payloads: Vec<&[u8]> =
            sizes.iter().map(|size| if *size == 0 { &b""[..] } else { b"x" }).collect();
        let bytes = pack(&header, &payloads);
        assert_eq!(bytes.len() as u64, header.file_len(), "{sizes:?}");
        assert_eq!(Pack::new(&bytes).unwrap().header(), &header);
    }
}

#[test]
fn payloads_in_another_order_are_refused() {
    let header = header();
    let mut writer = PackWriter::new(Vec::new(), &header).unwrap();
    let error = writer.begin(TWO).unwrap_err();
    assert!(matches!(error, WriteError::Order { expected: Some(ONE), found: Some(TWO) }));
    writer.begin(ONE).unwrap().write_all(b"abc").unwrap();
    let error = writer.begin(ONE).unwrap_err();
    assert!(matches!(error, WriteError::Order { expected: Some(TWO), found: Some(ONE) }));
    writer.begin(TWO).unwrap().write_all(b"defgh").unwrap();
    let error = writer.begin(TWO).unwrap_err();
    assert!(matches!(error, WriteError::Order { expected: None, found: Some(TWO) }));
    assert_eq!(writer.finish().unwrap().len() as u64, header.file_len());
}

#[test]
fn a_pack_is_not_finished_before_its_last_payload() {
    let header = header();
    let writer = PackWriter::new(Vec::new(), &header).unwrap();
    assert!(matches!(writer.finish(), Err(WriteError::Order { expected: Some(ONE), found: None })));
    let mut writer = PackWriter::new(Vec::new(), &header).unwrap();
    writer.begin(ONE).unwrap().write_all(b"ab").unwrap();
    assert!(matches!(writer.begin(TWO), Err(WriteError::Size { asset_id: ONE, found: 2, expected: 3 })));
    assert!(matches!(writer.finish(), Err(WriteError::Size { asset_id: ONE, found: 2, expected: 3 })));
}

#[test]
fn a_payload_that_is_too_long_is_refused_before_it_is_written() {
    let header = header();
    let mut writer = PackWriter::new(Vec::new(), &header).unwrap();
    let mut payload = writer.begin(ONE).unwrap();
    payload.write_all(b"ab").unwrap();
    let error = payload.write_all(b"cd").unwrap_err();
    let error = error.get_ref().and_then(|e| e.downcast_ref()).unwrap();
    assert!(matches!(error, WriteError::Size { asset_id: ONE, found: 4, expected: 3 }));
    assert!(payload.write_all(b"c").is_err());
    assert!(matches!(writer.begin(TWO), Err(WriteError::FailedEarlier)));
}

/// Takes that many bytes, then fails once, then works again.
struct Failing {
    left: usize,
    failed: bool,
}

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.left == 0 && !self.failed {
            self.failed = true;
            return Err(io::ErrorKind::StorageFull.into());
        }
        let n = if self.failed { bytes.len() } else { bytes.len().min(self.left) };
        self.left = self.left.saturating_sub(n);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.left == 0 && !self.failed { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

/// Writes the whole pack, tries once more what failed and goes on, as careless callers do.
fn write_carelessly(out: Failing, header: &Header) -> Result<(), WriteError> {
    let mut writer = PackWriter::new(out, header)?;
    for (id, payload) in [(ONE, &b"abc"[..]), (TWO, b"defgh")] {
        if let Ok(mut payload_writer) = writer.begin(id) {
            let _ = payload_writer.write_all(payload).or_else(|_| payload_writer.write_all(payload));
        }
    }
    writer.finish().map(drop)
}

#[test]
fn after_a_failed_write_no_pack_is_finished() {
    let header = header();
    let len = usize::try_from(header.file_len()).unwrap();
    let mut cases = 0;
    for left in 0..=len {
        let result = write_carelessly(Failing { left, failed: false }, &header);
        assert!(result.is_err(), "the write that failed after {left} bytes was forgotten");
        cases += 1;
    }
    write_carelessly(Failing { left: len + 1, failed: false }, &header).unwrap();
    println!("{cases} cases, 0 failed");
}

#[test]
fn a_gap_that_failed_once_is_not_written_twice() {
    let header = header();
    let left = usize::try_from(header.payload_offset()).unwrap() + 3;
    let mut writer = PackWriter::new(Failing { left, failed: false }, &header).unwrap();
    writer.begin(ONE).unwrap().write_all(b"abc").unwrap();
    assert!(matches!(writer.begin(TWO), Err(WriteError::Io(_))));
    assert!(matches!(writer.begin(TWO), Err(WriteError::FailedEarlier)));
}
