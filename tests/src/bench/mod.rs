//! The parts of the bench that a test can hold to something: projects that are edited and put back, and
//! pictures of what was measured.
//!
//! The bench itself is `tests/benches/packs`.

pub mod ground;
pub mod picture;
