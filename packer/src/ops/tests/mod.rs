//! Operations on a project in memory: what they answer, what they do, and how much work it was.

mod cancelled;
mod mutations;
mod packing;
mod page;
mod stories;
mod summary;
mod together;
mod validating;

pub(crate) use validating::agrees;

use crate::ops::{PackResult, Response, Status};
use crate::path::AssetPath;

#[track_caller]
fn packed(response: Response<PackResult>) -> PackResult {
    assert_eq!(response.status, Status::Ok, "{:?} {:?}", response.diagnostics, response.blockers);
    response.payload.expect("a pack that is ok has a result")
}

fn root(text: &str) -> AssetPath {
    AssetPath::parse(text).unwrap()
}
