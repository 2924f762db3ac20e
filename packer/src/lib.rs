//! The packer.

pub mod diagnostics;
pub mod family;
pub mod id;
pub mod path;
pub mod schema;
pub mod storage;
