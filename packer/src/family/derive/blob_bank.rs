//! A new `blob_bank`.

use super::{NewAsset, Starter};
use crate::family::blob_bank::BlobBank;

impl NewAsset for BlobBank {
    fn starter(&self) -> Starter {
        Starter {
            role: "files",
            files: vec![("data.txt", b"Put your own bytes here.\n".to_vec())],
            metadata: None,
            pipeline: None,
        }
    }
}
