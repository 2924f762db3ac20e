//! What cargo's `[term]` says by its variables `CARGO_TERM_…`, where the command has no flag of its own for
//! it, or nobody gave that. What cargo would refuse says nothing here.

/// How wide the line with the progress is at most: `CARGO_TERM_PROGRESS_WIDTH`.
pub(crate) fn progress_width() -> Option<usize> {
    std::env::var("CARGO_TERM_PROGRESS_WIDTH").ok()?.parse().ok()
}

/// `CARGO_TERM_QUIET`
pub(crate) fn is_quiet() -> bool {
    switch("CARGO_TERM_QUIET") == Some(true)
}

/// `CARGO_TERM_VERBOSE`
pub(crate) fn is_verbose() -> bool {
    switch("CARGO_TERM_VERBOSE") == Some(true)
}

/// Whether places may be links: `CARGO_TERM_HYPERLINKS`.
pub(crate) fn hyperlinks() -> Option<bool> {
    switch("CARGO_TERM_HYPERLINKS")
}

/// Whether there may be characters beyond ASCII: `CARGO_TERM_UNICODE`.
pub(crate) fn unicode() -> Option<bool> {
    switch("CARGO_TERM_UNICODE")
}

fn switch(name: &str) -> Option<bool> {
    std::env::var(name).ok()?.parse().ok()
}
