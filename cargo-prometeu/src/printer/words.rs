//! Words of a page for a terminal: without the marks of its links, and in lines of a given width.

/// The words of a paragraph: of a link only what it is called.
pub(crate) fn plain(paragraph: &str) -> String {
    let mut words = String::with_capacity(paragraph.len());
    let mut rest = paragraph;
    while let Some((before, link)) = rest.split_once('[') {
        // What is in backticks, such as `#[path]`, is no link.
        let in_code = (words.matches('`').count() + before.matches('`').count()) % 2 == 1;
        match link.split_once("](").and_then(|(name, end)| Some((name, end.split_once(')')?.1))) {
            Some((name, after)) if !in_code && !name.contains(']') => {
                words.push_str(before);
                words.push_str(name);
                rest = after;
            }
            _ => {
                words.push_str(before);
                words.push('[');
                rest = link;
            }
        }
    }
    words + rest
}

/// Lines of at most `columns` less `indent` characters. What is longer by itself has a line of its own; a
/// command in backticks is kept on one line where it fits on one.
pub(crate) fn wrap(words: &str, columns: usize, indent: usize) -> Vec<String> {
    let width = columns.saturating_sub(indent).max(20);
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for piece in pieces(words) {
        let length = piece.chars().count();
        match lines.last_mut() {
            Some(line) if used + 1 + length <= width => {
                line.push(' ');
                line.push_str(&piece);
                used += 1 + length;
            }
            // A command that fits on no line is broken like any other words.
            _ if length > width && piece.contains(' ') => {
                for word in piece.split(' ') {
                    let length = word.chars().count();
                    match lines.last_mut() {
                        Some(line) if used + 1 + length <= width => {
                            line.push(' ');
                            line.push_str(word);
                            used += 1 + length;
                        }
                        _ => {
                            lines.push(word.to_owned());
                            used = length;
                        }
                    }
                }
            }
            _ => {
                lines.push(piece);
                used = length;
            }
        }
    }
    lines
}

/// Words, those between two backticks being one.
fn pieces(words: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut is_open = false;
    for word in words.split_whitespace() {
        match pieces.last_mut() {
            Some(piece) if is_open => {
                piece.push(' ');
                piece.push_str(word);
            }
            _ => pieces.push(word.to_owned()),
        }
        is_open ^= word.matches('`').count() % 2 == 1;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_link_its_name_is_left() {
        let check = |page: &str, shown: &str| assert_eq!(plain(page), shown);
        check("write [the lines](build-script.md#speed) by hand", "write the lines by hand");
        check("`[0]` is [a](b), [c](d).", "`[0]` is a, c.");
        check("an [ alone", "an [ alone");
    }

    #[test]
    fn lines_are_as_wide_as_they_may_be_and_commands_stay_whole() {
        let check = |words: &str, columns: usize, lines: &[&str]| assert_eq!(wrap(words, columns, 2), lines);
        check(
            "Run `cargo prometeu adopt` and then look.",
            30,
            &["Run `cargo prometeu adopt`", "and then look."],
        );
        check("Please run `cargo prometeu adopt` now.", 30, &["Please run", "`cargo prometeu adopt` now."]);
        check(
            "`a very long command which fits on no line at all` x",
            24,
            &["`a very long command", "which fits on no line", "at all` x"],
        );
        check("Wort für Wort", 10, &["Wort für Wort"]);
        check("", 80, &[]);
    }
}
