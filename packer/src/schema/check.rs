//! What the readers of both formats ask of a tree: members that must be there, kinds, known names.
//!
//! [`Checks`] collects findings. It keeps silent where the text itself is broken: about a value that
//! a JSON problem already covers, and about absent members when the tree is not whole.

use std::ops::{Range, RangeInclusive};

use super::json::{Node, Parsed};
use super::source::floor_char_boundary;
use super::suggest::nearest;
use crate::diagnostics::{Anchor, Code, Finding, Pointer, Severity, place};
use crate::schema::SourceText;

/// After so many findings about members the rest is only counted. A text of 1 MiB can hold 100 000
/// mistakes; nobody reads them all, and each costs a look-up of its line.
const MOST: usize = 100;

/// What must be said of one document.
pub(super) struct Checks {
    /// The code of a member that is missing or of the wrong kind.
    code: Code,
    /// Bytes about which something was said already.
    broken: Vec<Range<usize>>,
    whole: bool,
    /// Names that are not known, and about which more was said than that.
    pub(super) explained: &'static [&'static str],
    findings: Vec<Finding>,
    unsaid_errors: usize,
    unsaid_warnings: usize,
}

impl Checks {
    /// Begins with what was wrong with the text itself.
    pub(super) fn new(code: Code, parsed: &Parsed) -> Self {
        let mut checks = Self {
            code,
            broken: parsed.problems.iter().map(|problem| problem.range.clone()).collect(),
            whole: parsed.whole,
            explained: &[],
            findings: Vec::new(),
            unsaid_errors: 0,
            unsaid_warnings: 0,
        };
        for problem in &parsed.problems {
            checks.push(Finding {
                code,
                anchor: Anchor::Bytes(problem.range.clone()),
                message: problem.message.clone(),
                label: problem.label.map(str::to_owned),
                help: Some(problem.help.clone()),
                related: None,
            });
        }
        checks
    }

    pub(super) fn push(&mut self, mut finding: Finding) {
        if self.is_full() {
            return self.count(finding.code);
        }
        shorten(&mut finding.message);
        finding.label.as_mut().map(shorten);
        finding.help.as_mut().map(shorten);
        self.findings.push(finding);
    }

    /// Whether further findings are only counted.
    pub(super) fn is_full(&self) -> bool {
        self.findings.len() >= MOST
    }

    /// Counts a finding that is not made any more.
    pub(super) fn count(&mut self, code: Code) {
        if code.severity() == Severity::Error {
            self.unsaid_errors += 1;
        } else {
            self.unsaid_warnings += 1;
        }
    }

    /// A finding about `node`, unless the text is broken there.
    pub(super) fn about(&mut self, node: &Node, finding: Finding) {
        let touches = |range: &Range<usize>| range.start < node.range.end && node.range.start < range.end;
        let scalar = node.as_object().is_none() && node.as_array().is_none();
        if !(scalar && self.broken.iter().any(touches)) {
            self.push(finding);
        }
    }

    /// The finding that the value at `pointer` is not what it should be.
    pub(super) fn invalid(&self, pointer: &Pointer, rule: &str, help: impl Into<String>) -> Finding {
        let message = format!("`{}` {rule}", dotted(pointer));
        Finding::new(self.code, Anchor::Value(pointer.clone()), message).help(help)
    }

    /// Says that `node` is of the wrong kind. `wanted` continues "must be".
    pub(super) fn wrong_kind(&mut self, node: &Node, pointer: &Pointer, wanted: &str, example: &str) {
        let finding = self
            .invalid(pointer, &format!("must be {wanted}"), format!("Write it like this: `{example}`."))
            .label(format!("this is {}", node.kind_name()));
        self.about(node, finding);
    }

    /// The member `key` of `object`, which must be there. `example` is a whole line of it.
    pub(super) fn required<'n>(
        &mut self,
        object: &'n Node,
        pointer: &Pointer,
        key: &str,
        example: &str,
    ) -> Option<&'n Node> {
        let found = object.get(key);
        if found.is_none() && self.whole {
            let message = format!("`{}` is missing", dotted(&pointer.key(key)));
            let mut finding = Finding::new(self.code, Anchor::Value(pointer.clone()), message)
                .help(format!("Add `{example}`."));
            if *pointer != Pointer::root() || self.code == Code::RegistryInvalid {
                finding = finding.label(format!("lacks `{key}`"));
            }
            self.push(finding);
        }
        found
    }

    /// A string that must be there.
    pub(super) fn string<'n>(
        &mut self,
        object: &'n Node,
        pointer: &Pointer,
        key: &str,
        example: &str,
    ) -> Option<&'n str> {
        let node = self.required(object, pointer, key, example)?;
        if node.as_str().is_none() {
            self.wrong_kind(node, &pointer.key(key), "a string", example);
        }
        node.as_str()
    }

    /// A string that must be there and say something. Yields an empty one as well: it was told.
    pub(super) fn word<'n>(
        &mut self,
        object: &'n Node,
        pointer: &Pointer,
        key: &str,
        example: &str,
    ) -> Option<&'n str> {
        let word = self.string(object, pointer, key, example)?;
        if let (true, Some(node)) = (word.trim().is_empty(), object.get(key)) {
            let help = format!("Write for example `{example}`.");
            let finding = self.invalid(&pointer.key(key), "is empty", &help);
            self.about(node, finding);
        }
        Some(if word.trim().is_empty() { "" } else { word })
    }

    /// A truth value that must be there.
    pub(super) fn bool(
        &mut self,
        object: &Node,
        pointer: &Pointer,
        key: &str,
        example: &str,
    ) -> Option<bool> {
        let node = self.required(object, pointer, key, example)?;
        if node.as_bool().is_none() {
            self.wrong_kind(node, &pointer.key(key), "`true` or `false`", example);
        }
        node.as_bool()
    }

    /// A whole number from `least` to `most` that must be there.
    pub(super) fn integer(
        &mut self,
        object: &Node,
        pointer: &Pointer,
        key: &str,
        bounds: RangeInclusive<u32>,
        example: &str,
    ) -> Option<u32> {
        let node = self.required(object, pointer, key, example)?;
        let number = node.as_integer().and_then(|n| u32::try_from(n).ok()).filter(|n| bounds.contains(n));
        if number.is_none() {
            let wanted = format!("a whole number from {} to {}", bounds.start(), bounds.end());
            if node.as_number().is_some() {
                let help = format!("Write it like this: `{example}`.");
                let finding = self.invalid(&pointer.key(key), &format!("must be {wanted}"), help);
                self.about(node, finding);
            } else {
                self.wrong_kind(node, &pointer.key(key), &wanted, example);
            }
        }
        number
    }

    /// Says so for each member of `object` that is not among `known`, with the nearest of them.
    pub(super) fn unknown_members(&mut self, object: &Node, pointer: &Pointer, known: &[&str], code: Code) {
        // A name that is there already cannot be what was meant by another.
        let absent: Vec<&str> = known.iter().copied().filter(|name| object.get(name).is_none()).collect();
        for member in object.as_object().unwrap_or_default() {
            if known.contains(&member.key.as_str()) || self.explained.contains(&member.key.as_str()) {
                continue;
            }
            if self.is_full() {
                self.count(code);
                continue;
            }
            let place = if *pointer == Pointer::root() {
                String::new()
            } else {
                format!(" in `{}`", dotted(pointer))
            };
            let message = format!("unknown member `{}`{place}", member.key);
            let meant =
                nearest(&member.key, absent.iter().copied()).or_else(|| beginning(&member.key, &absent));
            let finding = Finding::new(code, Anchor::Key(pointer.key(&member.key)), message);
            self.push(match meant {
                Some(meant) => finding
                    .label(format!("did you mean `{meant}`?"))
                    .help(format!("Rename it to `{meant}`, or remove it.")),
                None if absent.is_empty() => finding.help("Remove it."),
                None => finding
                    .help(format!("Remove it; members that may be added here are {}.", listed(&absent))),
            });
        }
    }

    pub(super) fn any_error(&self) -> bool {
        self.unsaid_errors > 0
            || self.findings.iter().any(|finding| finding.code.severity() == Severity::Error)
    }

    /// The findings in the order of the text.
    pub(super) fn finish(mut self, tree: Option<&Node>, text: &SourceText) -> Vec<Finding> {
        self.findings.sort_by_key(|finding| place(&finding.anchor, tree, text, &[]).start);
        let more = |count: usize, code: Code| {
            (count > 0).then(|| {
                Finding::new(code, Anchor::File, format!("{count} more like these are not listed"))
                    .help("Mend the ones that are listed, and look again.")
            })
        };
        self.findings.extend(more(self.unsaid_errors, self.code));
        self.findings.extend(more(self.unsaid_warnings, Code::UnknownMember));
        self.findings
    }
}

/// The only one of `names` that begins with the whole word `word`: `included_in_build` by `included`.
fn beginning<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    let mut found =
        names.iter().filter(|name| name.strip_prefix(word).is_some_and(|rest| rest.starts_with('_')));
    found.next().copied().filter(|_| found.next().is_none())
}

/// A name of half a mebibyte is no help in a message.
fn shorten(words: &mut String) {
    const LONGEST: usize = 400;
    if words.len() > LONGEST {
        words.truncate(floor_char_boundary(words, LONGEST));
        words.push('…');
    }
}

/// A pointer the way people write it: `output.format`, `artifacts[1].file`.
pub(super) fn dotted(pointer: &Pointer) -> String {
    let mut path = String::new();
    for token in pointer.tokens() {
        if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push_str(&format!("[{token}]"));
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&token);
        }
    }
    path
}

/// "`a`, `b` and `c`"
fn listed(names: &[&str]) -> String {
    match names {
        [] => "no members".to_owned(),
        [one] => format!("`{one}`"),
        [first @ .., last] => format!("`{}` and `{last}`", first.join("`, `")),
    }
}
