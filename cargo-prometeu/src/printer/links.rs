//! Links in a terminal (OSC 8): what is shown stays as it is, and a click opens the file.

use std::path::Path;

use prometeu_packer::diagnostics::Diagnostic;
use prometeu_packer::diagnostics::render::visible;

use super::uri;

/// What was drawn of a finding, its places being links to the files of the project in `project`.
pub(super) fn of_places(drawn: &str, found: &Diagnostic, project: &Path) -> String {
    let own = found.file.as_deref().map(|file| (file, found.line, found.column));
    let related = found.related.iter().map(|other| (other.file.as_str(), other.line, other.column));
    let mut lines: Vec<String> = drawn.lines().map(str::to_owned).collect();
    for (file, line, column) in own.into_iter().chain(related) {
        // What is not there, such as a file of a revision, cannot be opened.
        let path = project.join(file);
        if !path.exists() {
            continue;
        }
        let mut place = visible(file);
        if let Some(line) = line {
            place += &format!(":{line}:{}", column.unwrap_or(1));
        }
        let is_place =
            |line: &&mut String| (line.contains("--> ") || line.contains("::: ")) && line.ends_with(&place);
        // The first line is the message, in which anything may stand.
        if let Some(line) = lines.iter_mut().skip(1).find(is_place) {
            let link = link(&path, &place);
            line.truncate(line.len() - place.len());
            line.push_str(&link);
        }
    }
    lines.join("\n")
}

fn link(path: &Path, words: &str) -> String {
    let path = path.to_string_lossy().replace('\\', "/");
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("\u{1b}]8;;file://{slash}{}\u{1b}\\{words}\u{1b}]8;;\u{1b}\\", uri::of_path(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_the_file_and_shows_the_same_words() {
        let shown = link(Path::new("/my games/é/a.json"), "a.json:1:2");
        assert_eq!(shown, "\u{1b}]8;;file:///my%20games/%C3%A9/a.json\u{1b}\\a.json:1:2\u{1b}]8;;\u{1b}\\");
    }
}
