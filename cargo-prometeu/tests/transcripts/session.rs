//! A session as it stands in a file: a Markdown page, and what is in its blocks `console` was typed and
//! printed.
//!
//! ```text
//! $ cargo prometeu exclude ui/atlas      what is typed
//! ID  ROOT                               what stdout gets, as it is
//! !     Finished                         what stderr gets, behind `! `
//! ? 0                                    the exit code
//! ```
//!
//! Each session begins in a copy of `tests/fixtures/explained`. Only the commands are read from a file, and
//! everything between them is what is held against it.

use std::path::Path;

/// For whom the commands print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Human,
    Json,
}

/// How somebody asks for a form.
const FORMAT: &str = "--message-format ";

/// What a program asks for.
const FOR_PROGRAMS: &str = "--message-format json";

impl Form {
    pub(crate) const fn folder(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
        }
    }
}

/// A part of a page, in their order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A line that stays as it is.
    Words(String),
    /// A line that was typed.
    Typed(Typed),
    /// The end of a block, whose line is drawn again.
    End,
}

/// A line that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Typed {
    pub(crate) line: String,
    /// What happens meanwhile: the words behind ` # `.
    pub(crate) meanwhile: Option<String>,
}

impl Typed {
    fn read(line: &str) -> Self {
        match line.split_once(" # ") {
            Some((line, meanwhile)) => {
                Self { line: line.trim_end().to_owned(), meanwhile: Some(meanwhile.trim().to_owned()) }
            }
            None => Self { line: line.trim_end().to_owned(), meanwhile: None },
        }
    }

    /// Whether it is a command of ours, however it begins.
    pub(crate) fn is_ours(&self) -> bool {
        self.line.contains("cargo prometeu")
    }

    /// The line as a program types it.
    fn for_programs(mut self) -> Self {
        if !self.is_ours() {
            return self;
        }
        if let Some((before, behind)) = self.line.split_once(FORMAT) {
            let rest = behind.split_once(' ').map_or_else(String::new, |(_, rest)| format!(" {rest}"));
            self.line = format!("{before}{FOR_PROGRAMS}{rest}");
        } else {
            self.line = match self.line.split_once(" -- ") {
                Some((ours, theirs)) => format!("{ours} {FOR_PROGRAMS} -- {theirs}"),
                None => format!("{} {FOR_PROGRAMS}", self.line),
            };
        }
        self
    }

    /// The line as it stands in the file.
    pub(crate) fn shown(&self) -> String {
        let meanwhile = self.meanwhile.as_ref().map_or_else(String::new, |words| format!("  # {words}"));
        format!("$ {}{meanwhile}\n", self.line)
    }
}

/// A page.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) name: String,
    pub(crate) form: Form,
    pub(crate) parts: Vec<Part>,
}

impl Session {
    /// The session in a file for people, in either form.
    pub(crate) fn read(path: &Path, form: Form) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        Self { name, form, parts: parts(&text, form) }
    }
}

fn parts(text: &str, form: Form) -> Vec<Part> {
    let (mut parts, mut inside) = (Vec::new(), false);
    for line in text.lines() {
        match (inside, line) {
            (false, _) => {
                inside = line == "```console";
                parts.push(Part::Words(line.to_owned()));
            }
            (true, "```") => {
                inside = false;
                parts.push(Part::End);
            }
            (true, _) => {
                let typed = line.strip_prefix("$ ").map(Typed::read);
                parts.extend(
                    typed.map(|typed| {
                        Part::Typed(if form == Form::Json { typed.for_programs() } else { typed })
                    }),
                );
            }
        }
    }
    assert!(!inside, "a block `console` has no end");
    parts
}

/// The words of a line, as a shell cuts it: blanks between them, but not inside of quotes.
pub(crate) fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    for c in line.chars() {
        match c {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    assert!(!quoted, "a quote has no end: {line}");
    words.extend(word);
    words
}

#[test]
fn only_what_was_typed_is_read_from_a_block() {
    let page = "# List\n\n```console\n$ cargo prometeu ls  # Ctrl-C\nID\n! note\n? 0\n```\n";
    let typed =
        |line: &str| Part::Typed(Typed { line: line.to_owned(), meanwhile: Some("Ctrl-C".to_owned()) });
    let words = ["# List", "", "```console"].map(|line| Part::Words(line.to_owned()));
    let expected = |line| {
        words
            .iter()
            .map(|part| match part {
                Part::Words(line) => Part::Words(line.clone()),
                _ => Part::End,
            })
            .chain([typed(line), Part::End])
            .collect::<Vec<_>>()
    };
    assert_eq!(parts(page, Form::Human), expected("cargo prometeu ls"));
    assert_eq!(parts(page, Form::Json), expected("cargo prometeu ls --message-format json"));
}

#[test]
fn a_program_asks_for_its_own_form_and_no_other() {
    for (line, expected) in [
        ("cargo prometeu pack", "cargo prometeu pack --message-format json"),
        ("cargo prometeu pack --message-format short", "cargo prometeu pack --message-format json"),
        ("cargo prometeu --message-format short pack -v", "cargo prometeu --message-format json pack -v"),
        ("mv a b", "mv a b"),
    ] {
        assert_eq!(Typed::read(line).for_programs().line, expected);
    }
}

#[test]
fn a_line_is_cut_as_a_shell_does_it() {
    assert_eq!(words("echo '{ \"a\": 1 }'  > b"), ["echo", "{ \"a\": 1 }", ">", "b"]);
    assert_eq!(words("a '' b"), ["a", "", "b"]);
}
