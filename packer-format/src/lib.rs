//! The bytes of `assets.pa`.

#![cfg_attr(not(feature = "std"), no_std)]
extern crate alloc;

mod id;
pub mod json;

pub use id::{AssetId, AssetIdError};
