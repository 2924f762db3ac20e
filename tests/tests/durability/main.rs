//! Changes under real conditions: real processes on a real file system, which race, die, wait for each
//! other, or may not write.
//!
//! What a crash may leave is tried exhaustively in memory, in the packer's own tests. Here it is shown
//! that the programs that people run keep what is promised there.

#![cfg(unix)] // processes are killed, mounts made, and modes set
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod checkout;
mod every_call;
mod killed;
mod kinds;
mod load;
mod power_cuts;
mod race;
mod read_only;
mod shells;
mod waiting;
