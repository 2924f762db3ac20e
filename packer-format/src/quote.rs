//! Text out of a pack, for messages to people.

use core::fmt;

/// How many characters of a text a message shows.
const SHOWN: usize = 60;

/// A text that may come from anybody: in backticks, its control characters escaped, so that it
/// cannot play with a terminal, and cut where it gets long.
pub(crate) struct Quoted<'t>(pub(crate) &'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cut = self.0.char_indices().nth(SHOWN).map(|(at, _)| at);
        let shown = cut.and_then(|at| self.0.get(..at)).unwrap_or(self.0);
        write!(f, "`{}{}`", shown.escape_debug(), if cut.is_some() { "…" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_strangers_text_is_escaped_and_cut() {
        assert_eq!(Quoted("größe").to_string(), "`größe`");
        assert_eq!(Quoted("\u{1b}[2J\n").to_string(), "`\\u{1b}[2J\\n`");
        assert_eq!(Quoted(&"é".repeat(60)).to_string(), ["`", &"é".repeat(60), "`"].concat());
        assert_eq!(Quoted(&"é".repeat(61)).to_string(), ["`", &"é".repeat(60), "…`"].concat());
    }
}
