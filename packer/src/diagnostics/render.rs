//! Diagnostics as text, drawn the way the compiler draws its own.
//!
//! One line of source with a caret, the place in a form that editors and terminals open, the next
//! step as `= help:`. Whatever people's files hold, a terminal gets no control character and no
//! change of writing direction from it: those are shown escaped. A long source line is trimmed
//! around the caret.
//!
//! Not here: where a finding stands ([`place`](super::place)); what is printed where (the edges).

use std::collections::BTreeSet;
use std::ops::Range;

use annotate_snippets::renderer::Renderer;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Padding, Snippet as Source};

use super::{Diagnostic, Severity, Snippet};
use crate::schema::LineColumn;

/// How diagnostics are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to write the compiler's colours as ANSI sequences.
    pub color: bool,
    /// Columns of the terminal; longer source lines are trimmed around the caret.
    pub width: usize,
}

impl Default for Style {
    /// No colour, and the compiler's width where there is no terminal.
    fn default() -> Self {
        Self { color: false, width: annotate_snippets::renderer::DEFAULT_TERM_WIDTH }
    }
}

/// Characters of a source line that are drawn on either side of the place, at most: a whole file can
/// stand on one line.
const CONTEXT: usize = 200;

/// `diagnostic` as the compiler would draw it, without a line end after the last line.
#[must_use]
pub fn render(diagnostic: &Diagnostic, style: &Style) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let title = level.primary_title(visible(&diagnostic.message)).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    let help = diagnostic.help.as_deref().map(|help| Level::HELP.message(visible(help)));
    let file = diagnostic.file.as_deref().map(visible);
    let line = diagnostic.snippet.as_ref().and_then(Line::of);
    let mut drawn_column = None;
    match (line, &file) {
        (Some(line), file) => {
            drawn_column = Some(line.text[..line.underlined.start].chars().count() + 1);
            let mut annotation = AnnotationKind::Primary.span(line.underlined);
            if let Some(label) = diagnostic.snippet.as_ref().and_then(|snippet| snippet.label.as_deref()) {
                annotation = annotation.label(visible(label));
            }
            let source = Source::source(line.text).line_start(line.number).annotation(annotation);
            group = group.element(source.path(file.as_deref()));
        }
        (None, Some(file)) => {
            let mut origin = Origin::path(file.as_str());
            if let (Some(line), column) = (diagnostic.line, diagnostic.column.unwrap_or(1)) {
                origin = origin.line(line as usize).char_column(column as usize);
            }
            group = group.element(origin);
            if help.is_some() {
                group = group.element(Padding);
            }
        }
        (None, None) => {}
    }
    group = group.elements(help);
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let drawn = renderer.term_width(style.width).render(&[group]);
    // The drawing leaves blanks at some line ends, which copies and golden texts would keep.
    // Without source the drawing has no gutter; the compiler's is one blank wide then.
    let gutter = if drawn_column.is_some() { "" } else { " " };
    let mut lines: Vec<String> = drawn.lines().map(|line| line.trim_end().to_owned()).collect();
    for line in lines.iter_mut().skip(1) {
        line.insert_str(0, gutter);
    }
    // The title is one line, since line ends in it are escaped; the place is the next. A column that
    // was counted in a piece of a long line is set right there.
    if let (Some(drawn), Some(line), Some(column), Some(place)) =
        (drawn_column, diagnostic.line, diagnostic.column, lines.get_mut(1))
        && drawn != column as usize
        && file.is_some()
    {
        *place = place.replacen(&format!(":{line}:{drawn}"), &format!(":{line}:{column}"), 1);
    }
    lines.join("\n")
}

/// Several of them, with an empty line between two.
#[must_use]
pub fn render_all<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>, style: &Style) -> String {
    let drawn: Vec<String> = diagnostics.into_iter().map(|diagnostic| render(diagnostic, style)).collect();
    drawn.join("\n\n")
}

/// What they come to: "3 errors, 1 warning in 2 assets"; `None` when there is nothing.
#[must_use]
pub fn summary<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> Option<String> {
    let (mut errors, mut warnings, mut notes) = (0, 0, 0);
    let mut roots = BTreeSet::new();
    for diagnostic in diagnostics {
        match diagnostic.severity {
            Severity::Error => errors += 1,
            Severity::Warning => warnings += 1,
            Severity::Info => notes += 1,
        }
        roots.extend(&diagnostic.asset_root);
    }
    let counts = [(errors, "error"), (warnings, "warning"), (notes, "note")];
    let counts: Vec<String> =
        counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| plural(count, what)).collect();
    if counts.is_empty() {
        return None;
    }
    let place =
        if roots.is_empty() { String::new() } else { format!(" in {}", plural(roots.len(), "asset")) };
    Some(format!("{}{place}", counts.join(", ")))
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The one line of a snippet that is drawn.
struct Line {
    text: String,
    /// From 1.
    number: usize,
    /// Bytes of `text`.
    underlined: Range<usize>,
}

impl Line {
    /// `None` for an empty text, in which nothing can be pointed at.
    fn of(snippet: &Snippet) -> Option<Self> {
        let whole = snippet.text.as_str();
        if whole.is_empty() {
            return None;
        }
        let LineColumn { line, .. } = snippet.text.line_column(snippet.range.start);
        let mut range = snippet.text.line_range(snippet.range.start);
        if whole[range.clone()].starts_with('\u{feff}') && range.start == 0 {
            // Editors show no byte-order mark, and count no column for it.
            range.start = '\u{feff}'.len_utf8();
        }
        let start = snippet.range.start.clamp(range.start, range.end);
        let end = snippet.range.end.clamp(start, range.end);
        let before = &whole[range.start..start];
        let underlined = &whole[start..end];
        let after = &whole[end..range.end];

        let mut text = String::new();
        let skipped = before.char_indices().rev().nth(CONTEXT).map(|(at, c)| at + c.len_utf8());
        if let Some(skipped) = skipped {
            text.push('…');
            text.push_str(&drawable(&before[skipped..]));
        } else {
            text.push_str(&drawable(before));
        }
        let start = text.len();
        text.extend(drawable(underlined).chars().take(CONTEXT));
        let end = text.len();
        text.extend(drawable(after).chars().take(CONTEXT));
        Some(Self { text, number: line as usize, underlined: start..end })
    }
}

/// Whether a terminal would obey `c` rather than show it: control characters, and those that turn
/// the direction of writing or break lines.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Words for a terminal: what it would obey is escaped as Rust spells it.
#[must_use]
pub fn visible(words: &str) -> String {
    if !words.contains(is_invisible) {
        return words.to_owned();
    }
    let mut shown = String::with_capacity(words.len() + 8);
    for c in words.chars() {
        if is_invisible(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

/// Source for drawing: one character for each, so that carets stand where they should. The drawing
/// has pictures of its own for ASCII's control characters, and widens tabs.
fn drawable(source: &str) -> String {
    source.chars().map(|c| if is_invisible(c) && !c.is_ascii() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::{Anchor, Code, Finding, Pointer, place};
    use crate::path::AssetPath;
    use crate::schema::SourceText;
    use crate::schema::json;

    const TEXT: &str = "{\n  \"name\": \"a\",\n\t\"imputs\": {\n\t}\n}\n";

    fn diagnostic(text: &str, finding: Finding) -> Diagnostic {
        let text = SourceText::new(text);
        let range = place(&finding.anchor, json::read(text.as_str()).root.as_ref(), &text, &[]);
        let LineColumn { line, column } = text.line_column(range.start);
        Diagnostic {
            code: finding.code,
            severity: finding.code.severity(),
            blocking: true,
            asset_id: None,
            asset_root: None,
            file: Some("assets/ui/atlas/asset.json".to_owned()),
            line: Some(line),
            column: Some(column),
            message: finding.message,
            help: finding.help,
            fix: None,
            snippet: Some(Snippet { text, range, label: finding.label }),
        }
    }

    fn check(diagnostic: &Diagnostic, expected: &str) {
        let drawn = render(diagnostic, &Style { color: false, width: 80 });
        assert_eq!(drawn, expected.trim_matches('\n'), "drawn:\n{drawn}");
    }

    #[test]
    fn a_byte_order_mark_is_not_drawn_and_not_counted() {
        let text = "\u{feff}{\"a\": 1}\n";
        let mark =
            Finding::new(Code::DeclarationInvalid, Anchor::Bytes(0..3), "this file begins with a mark");
        check(
            &diagnostic(text, mark),
            "
error[declaration-invalid]: this file begins with a mark
 --> assets/ui/atlas/asset.json:1:1
  |
1 | {\"a\": 1}
  | ^
",
        );
        let key = Finding::new(Code::UnknownMember, Anchor::Bytes(4..7), "unknown member `a`");
        check(
            &diagnostic(text, key),
            "
warning[unknown-member]: unknown member `a`
 --> assets/ui/atlas/asset.json:1:2
  |
1 | {\"a\": 1}
  |  ^^^
",
        );
    }

    #[test]
    fn a_key_is_underlined_with_its_label_and_the_next_step() {
        let anchor = Anchor::Key(Pointer::root().key("imputs"));
        let finding = Finding::new(Code::UnknownMember, anchor, "unknown member `imputs`")
            .label("did you mean `inputs`?")
            .help("Rename it to `inputs`, or remove it.");
        check(
            &diagnostic(TEXT, finding),
            "
warning[unknown-member]: unknown member `imputs`
 --> assets/ui/atlas/asset.json:3:2
  |
3 |     \"imputs\": {
  |     ^^^^^^^^ did you mean `inputs`?
  |
  = help: Rename it to `inputs`, or remove it.
",
        );
    }

    #[test]
    fn of_an_object_only_the_opening_bracket_is_underlined() {
        let finding =
            Finding::new(Code::DeclarationInvalid, Anchor::Value(Pointer::root()), "`type` is missing");
        check(
            &diagnostic(TEXT, finding),
            "
error[declaration-invalid]: `type` is missing
 --> assets/ui/atlas/asset.json:1:1
  |
1 | {
  | ^
",
        );
    }

    #[test]
    fn what_is_missing_after_the_end_of_a_line_gets_a_caret_there() {
        let finding = Finding::new(
            Code::DeclarationInvalid,
            Anchor::Bytes(15..15),
            "a comma is missing after this value",
        )
        .label("`,` belongs here");
        check(
            &diagnostic("{\n  \"name\": \"a\"\n}\n", finding),
            "
error[declaration-invalid]: a comma is missing after this value
 --> assets/ui/atlas/asset.json:2:14
  |
2 |   \"name\": \"a\"
  |              ^ `,` belongs here
",
        );
    }

    #[test]
    fn a_range_over_several_lines_shows_its_first_line() {
        let finding = Finding::new(Code::DeclarationInvalid, Anchor::Bytes(4..40), "message");
        let drawn = render(&diagnostic(TEXT, finding), &Style::default());
        assert!(drawn.ends_with("2 |   \"name\": \"a\",\n  |   ^^^^^^^^^^^^"), "{drawn}");
    }

    #[test]
    fn the_gutter_is_as_wide_as_the_number_of_the_line() {
        let text = format!("{}x", "\n".repeat(99));
        let finding = Finding::new(Code::DeclarationInvalid, Anchor::Bytes(99..100), "message").help("Help.");
        check(
            &diagnostic(&text, finding),
            "
error[declaration-invalid]: message
   --> assets/ui/atlas/asset.json:100:1
    |
100 | x
    | ^
    |
    = help: Help.
",
        );
    }

    #[test]
    fn a_long_line_is_trimmed_around_the_caret_and_keeps_its_true_column() {
        let text = format!("{{\"a\": \"{}\", x: 3, \"c\": \"{}\"}}", "é".repeat(30_000), "y".repeat(400));
        let start = text.find('x').unwrap();
        let finding =
            Finding::new(Code::DeclarationInvalid, Anchor::Bytes(start..start + 1), "message").label("here");
        let drawn = render(&diagnostic(&text, finding), &Style { color: false, width: 60 });
        assert!(drawn.contains("asset.json:1:30011"), "{drawn}");
        assert!(drawn.contains("éé\", x: 3, \"c\": \"yyy"), "{drawn}");
        assert!(drawn.contains("^ here"), "{drawn}");
        assert!(drawn.lines().all(|line| line.chars().count() <= 80), "{drawn}");
    }

    #[test]
    fn without_a_snippet_the_file_stands_alone() {
        let finding = Finding::new(Code::RootMissing, Anchor::File, "the root `ui/atlas` is not a folder");
        let mut diagnostic = diagnostic("", finding);
        (diagnostic.line, diagnostic.column, diagnostic.snippet) = (None, None, None);
        diagnostic.file = Some("assets/ui/atlas".to_owned());
        check(&diagnostic, "error[root-missing]: the root `ui/atlas` is not a folder\n --> assets/ui/atlas");
        diagnostic.help = Some("Restore the folder.".to_owned());
        check(
            &diagnostic,
            "
error[root-missing]: the root `ui/atlas` is not a folder
 --> assets/ui/atlas
  |
  = help: Restore the folder.
",
        );
        diagnostic.file = None;
        check(
            &diagnostic,
            "
error[root-missing]: the root `ui/atlas` is not a folder
  |
  = help: Restore the folder.
",
        );
    }

    #[test]
    fn an_empty_text_shows_no_line() {
        let finding = Finding::new(Code::DeclarationInvalid, Anchor::File, "this file is empty");
        check(
            &diagnostic("", finding),
            "error[declaration-invalid]: this file is empty\n --> assets/ui/atlas/asset.json:1:1",
        );
    }

    #[test]
    fn nothing_from_a_file_can_forge_output() {
        let text = "{\"a\": \"\u{202e}\u{1b}[31m\u{9b}31m\u{200f}\u{7f}\"}";
        let finding =
            Finding::new(Code::DeclarationInvalid, Anchor::Bytes(1..4), "`\u{1b}]0;x\u{7}\ncargo::error=`")
                .label("\u{202e}\r")
                .help("Rename `\u{2066}\u{9b}2J`.");
        let mut diagnostic = diagnostic(text, finding);
        diagnostic.file = Some("assets/a\nb\u{1b}[2J/asset.json".to_owned());
        for color in [false, true] {
            let drawn = render(&diagnostic, &Style { color, width: 100 });
            let obeyed: Vec<char> = drawn
                .chars()
                .filter(|c| is_invisible(*c) && *c != '\n' && (*c != '\u{1b}' || !color))
                .collect();
            assert_eq!(obeyed, [], "{drawn}");
            assert_eq!(drawn.lines().count(), 7, "{drawn}");
            for forged in ["\u{1b}]", "\u{1b}[2J", "\u{1b}[31m"] {
                assert!(!drawn.contains(forged), "{drawn}");
            }
        }
        check(
            &diagnostic,
            r#"
error[declaration-invalid]: `\u{1b}]0;x\u{7}\ncargo::error=`
 --> assets/a\nb\u{1b}[2J/asset.json:1:2
  |
1 | {"a": "�␛[31m�31m�␡"}
  |  ^^^ \u{202e}\r
  |
  = help: Rename `\u{2066}\u{9b}2J`.
"#,
        );
        assert_eq!(visible("héllo `x` 𝄞"), "héllo `x` 𝄞", "what terminals show stays as it is");
    }

    #[test]
    fn colours_are_the_compilers() {
        let finding = Finding::new(Code::DeclarationInvalid, Anchor::Value(Pointer::root()), "message");
        let drawn = render(&diagnostic(TEXT, finding), &Style { color: true, width: 80 });
        // What rustc 1.95 writes for its own errors, byte for byte.
        assert!(
            drawn.starts_with(
                "\u{1b}[1m\u{1b}[91merror[declaration-invalid]\u{1b}[0m\u{1b}[1m: message\u{1b}[0m\n \u{1b}[1m\u{1b}[94m--> \u{1b}[0massets/"
            ),
            "{drawn:?}"
        );
    }

    #[test]
    fn several_are_set_apart_and_summed_up() {
        let at = |code, root: &str| {
            let mut diagnostic = diagnostic(TEXT, Finding::new(code, Anchor::File, "message"));
            diagnostic.asset_root = AssetPath::parse(root).ok();
            diagnostic
        };
        let all = [
            at(Code::ImageSize, "a"),
            at(Code::ImageSize, "a"),
            at(Code::UnknownMember, "b"),
            at(Code::ImageSize, "b"),
        ];
        assert_eq!(render_all(&all, &Style::default()).matches("\n\n").count(), 3);
        assert_eq!(summary(&all).unwrap(), "3 errors, 1 warning in 2 assets");
        assert_eq!(summary(&all[..1]).unwrap(), "1 error in 1 asset");
        assert_eq!(summary(&[at(Code::RegistryInvalid, "")]).unwrap(), "1 error");
        assert_eq!(summary(&[]), None);
    }
}
