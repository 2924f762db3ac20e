//! Findings for people: drawn the way the compiler draws its own, or one line each.
//!
//! On a terminal that takes links (OSC 8), places are links to their files. Nothing else gets any: what is
//! piped or logged is the same text without.

use prometeu_packer::diagnostics::Diagnostic;
use prometeu_packer::diagnostics::render::{self, visible};
use supports_hyperlinks::Stream;

use super::{cargo_term, links};
use crate::shell::{Drawing, Shell};

/// What was asked for, on stdout.
pub(crate) fn print<'a>(shell: &Shell, found: impl IntoIterator<Item = &'a Diagnostic>) {
    match shell.drawing() {
        Drawing::Whole => shell.print(drawn(shell, found, &shell.out_style(), Stream::Stdout)),
        Drawing::Lines => found.into_iter().for_each(|found| shell.print(short(found))),
        Drawing::Apart => {}
    }
}

/// What stands in the way of something else, on stderr, with an empty line after it where it is drawn.
pub(crate) fn tell<'a>(shell: &Shell, found: impl IntoIterator<Item = &'a Diagnostic>) {
    match shell.drawing() {
        Drawing::Whole => {
            shell.err(drawn(shell, found, &shell.err_style(), Stream::Stderr));
            shell.err("");
        }
        Drawing::Lines => found.into_iter().for_each(|found| shell.err(short(found))),
        Drawing::Apart => {}
    }
}

fn drawn<'a>(
    shell: &Shell,
    found: impl IntoIterator<Item = &'a Diagnostic>,
    style: &render::Style,
    stream: Stream,
) -> String {
    // Without colours nothing may stand there that is not shown; and `on` heeds `FORCE_HYPERLINK`.
    let project = shell.project().filter(|_| {
        style.color && cargo_term::hyperlinks().unwrap_or_else(|| supports_hyperlinks::on(stream))
    });
    let Some(project) = project else { return render::render_all(found, style) };
    let one = |found: &Diagnostic| links::of_places(&render::render(found, style), found, &project);
    found.into_iter().map(one).collect::<Vec<_>>().join("\n\n")
}

/// One line, as of `cargo check --message-format short`: the place in the form that editors open.
pub(crate) fn short(found: &Diagnostic) -> String {
    let place = match (&found.file, found.line) {
        (Some(file), Some(line)) => format!("{}:{line}:{}: ", visible(file), found.column.unwrap_or(1)),
        (Some(file), None) => format!("{}: ", visible(file)),
        (None, _) => String::new(),
    };
    format!("{place}{}[{}]: {}", found.severity, found.code, visible(&found.message))
}
