//! What only all assets together get wrong.

use crate::diagnostics::Code;
use crate::ops::{DoctorRequest, Status};
use crate::testing::Fixture;

#[test]
fn a_table_that_would_be_too_large_is_told_at_the_asset_that_adds_most() {
    // Each is within every limit of its own; five together have more values than a pack may.
    let fixture = Fixture::blobs(&["a", "b", "c", "d", "e"]);
    let values = |count: usize| format!("\"metadata\": {{\"x\": [{}0]}}, \"codec\":", "0,".repeat(count));
    for (root, count) in [("a", 450_000), ("b", 450_000), ("c", 480_000), ("d", 450_000), ("e", 450_000)] {
        fixture.edit(root, "\"codec\":", &values(count));
    }
    let (pack, doctor) = (fixture.pack(), fixture.project().doctor(DoctorRequest::default()));
    for (status, diagnostics) in [(pack.status, pack.diagnostics), (doctor.status, doctor.diagnostics)] {
        assert_eq!(status, Status::Blocked);
        let found: Vec<_> = diagnostics.iter().map(|found| (found.code, found.asset_root.clone())).collect();
        let root = crate::path::AssetPath::parse("c").ok();
        assert_eq!(found, [(Code::MetadataInvalid, root)]);
        assert_eq!(diagnostics[0].line, Some(7));
    }
}
