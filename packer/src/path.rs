//! Paths as files spell them: relative, UTF-8, `/` between parts, nothing that climbs.
//!
//! An [`AssetPath`] is what stands in the registry (`root`, relative to `assets/`) and in a
//! declaration (an input, relative to its asset root). Holding one means that the rules were
//! checked; what the file system makes of it (links, letter case) is for `storage` and the rules.

use std::fmt;
use std::path::{Path, PathBuf};

/// A relative path that stays below where it starts. Ordered by bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetPath(String);

/// Why a text is not an [`AssetPath`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathProblem {
    /// Nothing is there.
    Empty,
    /// Begins with `/`, or with a drive such as `C:`.
    Absolute,
    /// Holds a part `..`.
    Climbs,
    /// Holds a part `.`, or nothing between two `/`.
    EmptyPart,
    /// Holds a `\`.
    Backslash,
    /// Holds a control character, which could forge a cargo directive.
    Control,
    /// A part begins or ends with a space of any width, which cargo cuts off, and Windows a plain one.
    OuterSpace,
    /// A name on disk that is not UTF-8.
    NotUtf8,
}

impl AssetPath {
    /// Checks `text` against the rules of the registry.
    ///
    /// # Errors
    ///
    /// The first rule that `text` breaks.
    pub fn parse(text: &str) -> Result<Self, PathProblem> {
        if text.is_empty() {
            return Err(PathProblem::Empty);
        }
        if text.chars().any(char::is_control) {
            return Err(PathProblem::Control);
        }
        let drive = text.as_bytes().get(1) == Some(&b':') && text.as_bytes()[0].is_ascii_alphabetic();
        if text.starts_with('/') || drive {
            return Err(PathProblem::Absolute);
        }
        if text.contains('\\') {
            return Err(PathProblem::Backslash);
        }
        for part in text.split('/') {
            match part {
                ".." => return Err(PathProblem::Climbs),
                "" | "." => return Err(PathProblem::EmptyPart),
                _ if part.trim() != part => return Err(PathProblem::OuterSpace),
                _ => {}
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// The path as it is written in files.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts between the `/`.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// The last part.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().expect("split yields at least one part")
    }

    /// The last part without what follows its last `.`; a name that begins with its only `.` is whole.
    #[must_use]
    pub fn file_stem(&self) -> &str {
        let name = self.file_name();
        match name.rfind('.') {
            Some(0) | None => name,
            Some(dot) => &name[..dot],
        }
    }

    /// Whether `other` lies below this path.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        other.0.strip_prefix(&self.0).is_some_and(|rest| rest.starts_with('/'))
    }

    /// Bytes of the longest part of a new root. File systems hold 255, and temporary names, which have
    /// an operation's id in them, need some 50.
    pub const LONGEST_PART: usize = 200;

    /// Why no new root may have this name; `None` when it may. It must be [portable](Self::unportable),
    /// leave room for temporary names, and be nothing that other programs keep for themselves or that
    /// people cannot see. A root that is registered already keeps its name.
    #[must_use]
    pub fn unfit_for_root(&self) -> Option<String> {
        let unfit = self.parts().find_map(|part| {
            if part.len() > Self::LONGEST_PART {
                let (size, limit) = (part.len(), Self::LONGEST_PART);
                return Some(format!("a part of it has {size} bytes, and at most {limit} fit everywhere"));
            }
            if part.starts_with('.') {
                let others = "as what version control and file managers keep for themselves";
                return Some(format!("`{part}` begins with a dot, {others}"));
            }
            if let Some(c) = part.chars().find(|c| is_unseen(*c)) {
                let (shown, code) = (part.escape_debug(), u32::from(c));
                let why = "which is invisible or turns the direction of writing";
                return Some(format!("`{shown}` holds U+{code:04X}, {why}"));
            }
            // `GIT~1` leads to `.git`, and `PROMET~1` to `.prometeu`.
            let mut tails = part.split('~').skip(1);
            let is_short = tails.any(|tail| tail.starts_with(|c: char| c.is_ascii_digit()));
            let others = "as the short names that Windows gives to other folders";
            is_short.then(|| format!("`{part}` has a `~` and a digit, {others}"))
        });
        unfit.or_else(|| self.unportable())
    }

    /// Why Windows could not hold a file of this name; `None` when every system can. New roots
    /// and inputs are held to it everywhere, so that a project can move.
    #[must_use]
    pub fn unportable(&self) -> Option<String> {
        const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$"];
        self.parts().find_map(|part| {
            if let Some(c) = part.chars().find(|c| r#":?*<>|""#.contains(*c)) {
                return Some(format!("`{part}` holds `{c}`"));
            }
            if part.ends_with('.') {
                return Some(format!("`{part}` ends with a dot"));
            }
            // What follows the first dot does not count: `nul.png` is the device as well.
            let stem = part.split('.').next().unwrap_or(part).trim_end().to_lowercase();
            let digit = ["com", "lpt"].iter().find_map(|port| stem.strip_prefix(port));
            let port = digit
                .is_some_and(|digit| "0123456789¹²³".split("").any(|one| !one.is_empty() && one == digit));
            (port || DEVICES.contains(&stem.as_str()))
                .then(|| format!("`{part}` is a device's name on Windows"))
        })
    }

    /// This path below `base`, for the operating system.
    #[must_use]
    pub fn below(&self, base: &Path) -> PathBuf {
        let mut path = base.to_path_buf();
        path.extend(self.parts());
        path
    }
}

/// Characters that nobody sees, or that turn the direction of what follows: those that Unicode's
/// DerivedCoreProperties.txt calls `Default_Ignorable_Code_Point`, the marks of direction among them;
/// the two separators of lines and paragraphs; and annotations.
const fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

impl fmt::Display for AssetPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for PathProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty",
            Self::Absolute => "is absolute",
            Self::Climbs => "climbs with `..`",
            Self::EmptyPart => "has an empty or `.` part",
            Self::Backslash => "has a backslash; parts are separated by `/`",
            Self::Control => "holds a control character",
            Self::OuterSpace => "has a part that begins or ends with a space",
            Self::NotUtf8 => "is not UTF-8",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_begins_or_ends_with_a_space_of_any_width() {
        for path in [" a", "a ", "a /b", "a/ b", "a\u{3000}", "\u{a0}a"] {
            assert_eq!(AssetPath::parse(path), Err(PathProblem::OuterSpace), "{path:?}");
        }
        assert!(AssetPath::parse("first night/the\u{a0}moon").is_ok());
    }

    #[test]
    fn a_new_root_has_a_name_that_everybody_can_see_hold_and_keep() {
        let unfit = |root: &str| AssetPath::parse(root).unwrap().unfit_for_root();
        let (long, longest) = ("n".repeat(201), "é".repeat(100));
        for (root, why) in [
            (".git", "`.git` begins with a dot"),
            ("ui/.hidden/atlas", "`.hidden` begins with a dot"),
            (&long, "has 201 bytes, and at most 200"),
            (&format!("ui/{longest}é"), "has 202 bytes"),
            ("PROMET~1", "`PROMET~1` has a `~` and a digit"),
            ("ui/git~1.old/a", "`git~1.old` has a `~` and a digit"),
            ("a~b~2", "has a `~` and a digit"),
            ("a\u{200b}b", "`a\\u{200b}b` holds U+200B"),
            ("a\u{200c}b", "holds U+200C"),
            ("a\u{200d}b", "holds U+200D"),
            ("\u{feff}a", "holds U+FEFF"),
            ("\u{202e}gpj.ui", "holds U+202E"),
            ("a\u{2066}b", "holds U+2066"),
            ("a\u{ad}b", "holds U+00AD"),
            ("x\u{2028}y", "holds U+2028"),
            ("a\u{e0041}", "holds U+E0041"),
            ("ui/nul", "a device's name on Windows"),
            ("dot.", "ends with a dot"),
        ] {
            let told = unfit(root).unwrap_or_default();
            assert!(told.contains(why), "{root:?}: no `{why}` in `{told}`");
            assert!(!told.contains(is_unseen), "{told:?}");
        }
        for root in
            ["ui/atlas", "v1.2", "home~", "~user", "a~b", "1~x", "tür", "한글", "🎮", "e\u{301}", &longest]
        {
            assert_eq!(unfit(root), None, "{root:?}");
        }
    }
}
