//! Findings for people: drawn the way the compiler draws its own, or one line each.

use prometeu_packer::diagnostics::Diagnostic;
use prometeu_packer::diagnostics::render::{self, visible};

use crate::shell::{Drawing, Shell};

/// What was asked for, on stdout.
pub(crate) fn print<'a>(shell: &Shell, found: impl IntoIterator<Item = &'a Diagnostic>) {
    match shell.drawing() {
        Drawing::Whole => shell.print(render::render_all(found, &shell.out_style())),
        Drawing::Lines => found.into_iter().for_each(|found| shell.print(short(found))),
        Drawing::Apart => {}
    }
}

/// What stands in the way of something else, on stderr, with an empty line after it where it is drawn.
pub(crate) fn tell<'a>(shell: &Shell, found: impl IntoIterator<Item = &'a Diagnostic>) {
    match shell.drawing() {
        Drawing::Whole => {
            shell.err(render::render_all(found, &shell.err_style()));
            shell.err("");
        }
        Drawing::Lines => found.into_iter().for_each(|found| shell.err(short(found))),
        Drawing::Apart => {}
    }
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
