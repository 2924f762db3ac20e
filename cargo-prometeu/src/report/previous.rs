//! The data of a report that is there already, read out of its page.
//!
//! A page is ours when it has the one element that holds the data; everything else in it is for people. Whoever saved it
//! from a browser kept that element. Nothing of an older page but its data is used.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use serde::Deserialize;

use super::data::{Report, SCHEMA_VERSION};

/// What stands before the data, and behind it.
pub(super) const OPEN: &str = "<script type=\"application/json\" id=\"prometeu-report\">";
pub(super) const CLOSE: &str = "</script>";

/// The longest page that is read. 100,000 assets take about 150 MB.
const LONGEST: u64 = 1 << 30;

/// Why a file has no data of a report.
#[derive(Debug)]
pub(crate) enum NoReport {
    /// It cannot be read.
    Io(io::Error),
    /// It is something else.
    Foreign,
    /// It says that it is one, and cannot be understood.
    Damaged(String),
    /// A newer version wrote it.
    Newer(u64),
}

/// The version alone.
#[derive(Debug, Deserialize)]
struct Version {
    schema_version: u64,
}

/// The data of the page in that file.
///
/// # Errors
///
/// [`NoReport`].
pub(crate) fn read(path: &Path) -> Result<Report, NoReport> {
    let mut bytes = Vec::new();
    // Who opens a pipe waits until somebody writes into it.
    if !std::fs::metadata(path).map_err(NoReport::Io)?.is_file() {
        return Err(NoReport::Foreign);
    }
    let file = File::open(path).map_err(NoReport::Io)?;
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(NoReport::Io)?;
    if bytes.len() as u64 > LONGEST {
        return Err(NoReport::Foreign);
    }
    parse(&bytes)
}

fn parse(page: &[u8]) -> Result<Report, NoReport> {
    let page = std::str::from_utf8(page).map_err(|_| NoReport::Foreign)?;
    let (_, rest) = page.split_once(OPEN).ok_or(NoReport::Foreign)?;
    let (data, _) =
        rest.split_once(CLOSE).ok_or_else(|| NoReport::Damaged("it ends in its data".to_owned()))?;
    let damaged = |error: serde_json::Error| NoReport::Damaged(format!("its data cannot be read: {error}"));
    let version: Version = serde_json::from_str(data).map_err(damaged)?;
    if version.schema_version > u64::from(SCHEMA_VERSION) {
        return Err(NoReport::Newer(version.schema_version));
    }
    serde_json::from_str(data).map_err(damaged)
}

/// Words that follow the file's name: `` `a.html` is … ``.
impl fmt::Display for NoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "cannot be read: {error}"),
            Self::Foreign => f.write_str("is no report of a pack"),
            Self::Damaged(why) => write!(f, "is a report that is damaged: {why}"),
            Self::Newer(version) => write!(
                f,
                "is a report of version {version}, and this `cargo-prometeu` knows versions up to {SCHEMA_VERSION}"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asset, page_of, report};
    use super::*;

    #[test]
    fn a_page_gives_back_the_data_that_it_was_made_of() {
        let mut given = report(vec![asset(1, "a</script><script>alert(1)</script>", 10)]);
        given.project = Some(format!("x{OPEN}y{CLOSE}\u{2028}\u{202e}"));
        assert_eq!(parse(page_of(&given).as_bytes()).unwrap(), given);
    }

    #[test]
    fn what_is_no_report_of_this_version_says_why() {
        let page = page_of(&report(vec![asset(1, "a", 10)]));
        let said = |page: &str| parse(page.as_bytes()).unwrap_err().to_string();
        assert_eq!(said("<!doctype html><p>my notes"), "is no report of a pack");
        assert_eq!(parse(b"\xff\xfe").unwrap_err().to_string(), "is no report of a pack");
        let newer = page.replace("{\"schema_version\":1,", "{\"schema_version\":2,\"more\":[");
        assert!(said(&newer).contains("damaged"), "{}", said(&newer));
        let newer = page.replace("{\"schema_version\":1,", "{\"schema_version\":7,");
        assert_eq!(
            said(&newer),
            "is a report of version 7, and this `cargo-prometeu` knows versions up to 1"
        );
        let from = page.find(OPEN).unwrap() + OPEN.len();
        assert_eq!(said(&page[..from + 30]), "is a report that is damaged: it ends in its data");
        assert!(
            said(&page.replace("\"asset_id\":1,", "\"asset_id\":\"one\","))
                .contains("its data cannot be read: ")
        );
        assert!(said(&page.replace("\"families\":", "\"others\":")).contains("missing field `families`"));
    }
}
