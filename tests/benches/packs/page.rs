//! Writes what was measured into `docs/performance.md`, between two lines that are there for that.

use std::borrow::Cow;
use std::fs;
use std::io;

use packer_tests::checkout;

use crate::machine::Machine;

/// The page, from the checkout.
const PAGE: &str = "docs/performance.md";

/// Puts the sections in the place of those that the same command wrote before.
///
/// # Errors
///
/// What the system says, and a page without the two lines.
pub(crate) fn write(machine: &Machine, words: &[Cow<'_, str>], sections: &[String]) -> io::Result<()> {
    let command: Vec<&str> = words.iter().map(|word| &**word).filter(|word| *word != "--bench").collect();
    let text = format!(
        "Measured on {}, with\n`cargo bench -p packer-tests --bench packs -- {}`.\n\n{}",
        machine.line(),
        command.join(" "),
        sections.join("\n")
    );
    put("tables", text.trim_end())
}

/// Puts a text between the lines of that name.
///
/// # Errors
///
/// What the system says, and a page without the two lines.
pub(crate) fn put(name: &str, text: &str) -> io::Result<()> {
    let path = checkout().join(PAGE);
    let page = fs::read_to_string(&path)?;
    let [begin, end] = ["begin", "end"].map(|which| format!("<!-- {which} {name} -->\n"));
    let lines = page.split_once(&begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(&end)?;
        Some((before, after))
    });
    let Some((before, after)) = lines else {
        return Err(io::Error::other(format!("{PAGE} has no lines `{}`", begin.trim())));
    };
    fs::write(path, format!("{before}{begin}\n{text}\n\n{end}{after}"))
}
