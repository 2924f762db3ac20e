//! A blob bank as the files that it was made of.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use packer_format::json::{Object, Value};
use packer_format::{BlobBank, Entry};

use super::names::Paths;
use super::{Content, ExtractedFile, LeftOut, Renamed, misread};

/// The files by their own names; a file that fills several places is one file again.
pub(super) fn content<'p>(entry: &Entry, payload: &'p [u8]) -> Result<Content<'p>, LeftOut> {
    let bank = BlobBank::new(entry, payload).map_err(|error| misread(&error))?;
    let blobs = entry.metadata.get("blobs").and_then(Value::as_object);
    let mut paths = Paths::new();
    let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
    let mut files: Vec<ExtractedFile<'p>> = Vec::new();
    let mut artifacts = Vec::with_capacity(bank.count());
    let mut renamed = Vec::new();
    let width = (bank.count() - 1).to_string().len();
    for index in 0..bank.count() {
        let name = bank.blob_at(index).map_err(|error| misread(&error))?.name();
        let blob = blobs.and_then(|blobs| blobs.get(&index.to_string())).and_then(Value::as_object);
        let bytes = blob.and_then(range).and_then(|range| payload.get(range));
        let bytes = bytes.ok_or_else(|| LeftOut(format!("blob {index} is not in its payload")))?;
        let same = by_name.get(name).copied().filter(|file| *files[*file].bytes == *bytes);
        let file = match same {
            Some(file) => file,
            None => {
                let path = paths.add(name, &format!("blob_{index:0width$}")).ok_or_else(too_many_names)?;
                by_name.entry(name).or_insert(files.len());
                files.push(ExtractedFile { path, bytes: Cow::Borrowed(bytes) });
                files.len() - 1
            }
        };
        let to = &files[file].path;
        if to.as_str() != name {
            renamed.push(Renamed { index, from: name.to_owned(), to: to.clone() });
        }
        artifacts.push(file);
    }
    let in_order = artifacts.iter().copied().eq(0..files.len());
    let artifacts = (!in_order).then_some(artifacts);
    Ok(Content { role: "files", files, artifacts, derived: &["blobs"], pipeline: None, renamed })
}

fn too_many_names() -> LeftOut {
    LeftOut("its names are more than an `asset.json` can hold".to_owned())
}

/// Where a blob lies in its payload; the reader of banks has checked what it says.
fn range(blob: &Object) -> Option<Range<usize>> {
    let number = |key| usize::try_from(blob.get(key)?.as_int()?).ok();
    let (offset, length): (usize, usize) = (number("offset")?, number("length")?);
    Some(offset..offset.checked_add(length)?)
}
