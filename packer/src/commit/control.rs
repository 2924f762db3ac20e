//! Negative controls: a protocol without one of its checks, which the suites must find out.
//!
//! Outside of tests nothing can be skipped, and the question costs nothing.

/// A check of the protocol that a test can take out. Syncs and renames are taken out by the storage of
/// a test, without a word here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "authoring"), expect(dead_code, reason = "a build only looks, and writes nothing"))]
pub(crate) enum Check {
    /// That each edit finds what its plan expects, before anything is written.
    Expected,
    /// That a file is as it was before the change, when its turn comes.
    Standing,
    /// That an exchange brought out what was expected.
    Exchanged,
    /// That a root which is removed for good holds nothing but what was agreed to.
    Tree,
    /// That a temporary file holds nothing of anybody else's.
    LeftOver,
}

#[cfg(not(test))]
pub(super) const fn skips(_check: Check) -> bool {
    false
}

#[cfg(test)]
pub(super) fn skips(check: Check) -> bool {
    SKIPPED.get() == Some(check)
}

#[cfg(test)]
std::thread_local! {
    static SKIPPED: std::cell::Cell<Option<Check>> = const { std::cell::Cell::new(None) };
}

/// Runs `work` on this thread with a protocol that lacks `check`.
#[cfg(test)]
pub(crate) fn without<T>(check: Check, work: impl FnOnce() -> T) -> T {
    SKIPPED.set(Some(check));
    let done = work();
    SKIPPED.set(None);
    done
}
