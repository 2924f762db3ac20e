//! Bars: how much of something is taken, as a few characters of a fixed width.

use std::io::{self, IsTerminal as _};

use super::cargo_term;

/// With which characters a bar is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// `[##--------]`: for pipes, files, and terminals that say nothing of UTF-8.
    Ascii,
    /// `██░░░░░░░░`
    Blocks,
}

/// How many characters are for the amount.
const WIDTH: u32 = 10;

impl Ink {
    /// What stdout can show.
    pub(crate) fn of_stdout() -> Self {
        let says_utf8 = |name| {
            let value = std::env::var(name).unwrap_or_default().to_lowercase();
            (!value.is_empty()).then(|| value.contains("utf-8") || value.contains("utf8"))
        };
        // The first one that is set counts, as for the C library.
        let utf8 = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(says_utf8).unwrap_or(cfg!(windows));
        let utf8 = cargo_term::unicode().unwrap_or(utf8);
        if io::stdout().is_terminal() && utf8 { Self::Blocks } else { Self::Ascii }
    }
}

/// `taken` of `whole`. Something is never drawn as nothing, and not all never as all.
pub(crate) fn bar(taken: u32, whole: u32, ink: Ink) -> String {
    let full = match (taken, whole) {
        (0, _) | (_, 0) => 0,
        _ if taken >= whole => WIDTH,
        _ => {
            let share = u64::from(taken) * u64::from(WIDTH) / u64::from(whole);
            u32::try_from(share).unwrap_or(WIDTH).clamp(1, WIDTH - 1)
        }
    };
    let [full, rest] = [full, WIDTH - full].map(|n| n as usize);
    match ink {
        Ink::Ascii => format!("[{}{}]", "#".repeat(full), "-".repeat(rest)),
        Ink::Blocks => format!("{}{}", "█".repeat(full), "░".repeat(rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_empty_or_full_only_when_what_it_shows_is() {
        for (taken, whole, drawn) in [
            (0, 256, "[----------]"),
            (1, 65_536, "[#---------]"),
            (128, 256, "[#####-----]"),
            (255, 256, "[#########-]"),
            (256, 256, "[##########]"),
            (300, 256, "[##########]"),
            (3, 0, "[----------]"),
        ] {
            assert_eq!(bar(taken, whole, Ink::Ascii), drawn, "{taken} of {whole}");
        }
        assert_eq!(bar(5, 10, Ink::Blocks), "█████░░░░░");
    }
}
