//! Findings: what is wrong, said without a place.
//!
//! A rule or a family says *what* it found and *which part* of the document it is about. Line and
//! column are looked up later, in the text that is on disk then: so a verdict about content can be
//! kept and still point at the right line after somebody moved white space.

use std::fmt;
use std::ops::Range;

use super::Code;

/// One thing that is wrong, about one subject (the registry, or one asset's declaration).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub code: Code,
    /// Which part of the document it is about.
    pub anchor: Anchor,
    /// What was found: one sentence, lower-case start, no full stop; names in backticks.
    pub message: String,
    /// A few words under the caret, where they add something to the message.
    pub label: Option<String>,
    /// What to do next: one or two sentences.
    pub help: Option<String>,
    /// The other place that it is about, where two disagree.
    pub related: Option<Box<Elsewhere>>,
}

/// Another place that a finding is about, with its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// Whether it is in the registry, else in the document of the finding itself.
    pub in_registry: bool,
    /// Which part of that document.
    pub anchor: Anchor,
    /// What is there, in a few words: `first registered here`.
    pub message: String,
}

/// Which part of a document a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Anchor {
    /// The file as a whole.
    File,
    /// The key of the member at the pointer.
    Key(Pointer),
    /// The value at the pointer. Where the path leads past what is there, the deepest part that is.
    Value(Pointer),
    /// The `n`th input of the declaration, counted in declared order with roles sorted.
    Input(usize),
    /// Bytes of the text that was just read; only readers of text use it, and it is never kept.
    Bytes(Range<usize>),
}

/// A path into a JSON document, spelt as RFC 6901 says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Pointer(String);

impl Finding {
    /// A finding without label and help.
    #[must_use]
    pub fn new(code: Code, anchor: Anchor, message: impl Into<String>) -> Self {
        Self { code, anchor, message: message.into(), label: None, help: None, related: None }
    }

    /// The same with words under the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The same with a next step.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with the other place, in its own document.
    #[must_use]
    pub fn also(mut self, anchor: Anchor, message: impl Into<String>) -> Self {
        self.related = Some(Box::new(Elsewhere { in_registry: false, anchor, message: message.into() }));
        self
    }

    /// The same with the other place, in the registry.
    #[must_use]
    pub fn also_registered(mut self, anchor: Anchor, message: impl Into<String>) -> Self {
        self.related = Some(Box::new(Elsewhere { in_registry: true, anchor, message: message.into() }));
        self
    }
}

impl Pointer {
    /// The whole document.
    #[must_use]
    pub const fn root() -> Self {
        Self(String::new())
    }

    /// The member `key` of the object here.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        Self(format!("{}/{}", self.0, key.replace('~', "~0").replace('/', "~1")))
    }

    /// The element `index` of the array here.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }

    /// The unescaped tokens from the root.
    pub fn tokens(&self) -> impl Iterator<Item = String> + '_ {
        self.0.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"))
    }

    /// Reads a pointer's own spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.is_empty() || text.starts_with('/')).then(|| Self(text.to_owned()))
    }

    /// The pointer's own spelling: empty for the root, else beginning with `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
