//! Writes what was measured into `docs/performance.md`, between two lines that are there for that.

use std::borrow::Cow;
use std::fs;
use std::io;

use packer_tests::checkout;

use crate::machine::Machine;

/// The page, from the checkout.
const PAGE: &str = "docs/performance.md";

/// The picture that is on it.
const PICTURE: &str = "docs/pictures/cost.svg";

/// Puts a text in the place of the one that was there under that name, with how it came about.
///
/// # Errors
///
/// What the system says, and a page without the two lines.
pub(crate) fn write(name: &str, machine: &Machine, words: &[Cow<'_, str>], text: &str) -> io::Result<()> {
    let mut command: Vec<&str> = words.iter().map(|word| &**word).filter(|word| *word != "--bench").collect();
    // Where a folder lies on this machine is nobody's business.
    if let Some(flag) = command.iter().position(|word| *word == "--in")
        && let Some(folder) = command.get_mut(flag + 1)
    {
        *folder = "FOLDER";
    }
    let text = format!(
        "Measured on {}, with\n`cargo bench -p packer-tests --bench packs -- {}`.\n\n{}",
        machine.line(),
        command.join(" "),
        text
    );
    put(name, text.trim_end())
}

/// Writes the picture, and yields how a page shows it.
///
/// # Errors
///
/// What the system says.
pub(crate) fn draw(picture: &str) -> io::Result<String> {
    let path = checkout().join(PICTURE);
    fs::create_dir_all(path.parent().expect("the picture lies in a folder"))?;
    fs::write(path, picture)?;
    let from_page = PICTURE.trim_start_matches("docs/");
    let alt = "Time over files when nothing changed, and over bytes from nothing and after an edit";
    Ok(format!("![{alt}]({from_page})\n"))
}

/// Puts a text between the lines of that name.
///
/// # Errors
///
/// What the system says, and a page without the two lines.
fn put(name: &str, text: &str) -> io::Result<()> {
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
