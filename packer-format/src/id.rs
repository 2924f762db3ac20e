//! The managed identity of an asset.

use core::fmt;
use core::num::NonZeroU32;

/// The managed identity of an asset: 1 … 2 147 483 647.
///
/// The registry allocates it, once and for ever; tables are ordered by it.
/// The runtime holds it in an `i32`, which is where the upper bound comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetId(NonZeroU32);

/// A number that cannot be an [`AssetId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssetIdError(
    /// The number as it was given.
    pub u64,
);

impl AssetId {
    /// The lowest id, which the first registered asset of a project gets.
    pub const MIN: Self = Self::new(1);
    /// The highest id that the runtime's `i32` can hold.
    pub const MAX: Self = Self::new(i32::MAX as u32);

    /// The id `n`, for numbers that are known when the program is compiled.
    ///
    /// # Panics
    ///
    /// When `n` is 0 or above 2 147 483 647. Use [`AssetId::try_from`] for numbers from outside.
    #[must_use]
    pub const fn new(n: u32) -> Self {
        assert!(n <= i32::MAX as u32, "an asset id is at most 2147483647");
        Self(NonZeroU32::new(n).expect("an asset id is at least 1"))
    }

    /// The id as a number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }
}

impl TryFrom<u64> for AssetId {
    type Error = AssetIdError;

    fn try_from(n: u64) -> Result<Self, AssetIdError> {
        let small = u32::try_from(n).ok().filter(|n| *n <= Self::MAX.get());
        small.and_then(NonZeroU32::new).map(Self).ok_or(AssetIdError(n))
    }
}

impl fmt::Display for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for AssetIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not an asset id: ids are whole numbers from 1 to 2147483647", self.0)
    }
}

impl core::error::Error for AssetIdError {}
