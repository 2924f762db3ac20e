//! Names that are one name on some file systems: the same but for letter case or for the way in
//! which Unicode spells them (`é` as one character, or as `e` and a mark).
//!
//! [`key`] gives such names one key. It knows no locale and is the same on every host, so that
//! `ui/a` beside `UI/b` is found on the system that keeps both apart, before it fails on the one
//! that does not. It is for comparing: no name is ever written in another spelling.
//!
//! Letter case is full case folding (`ß` is `ss`), with one letter left out: the Turkish `ı` stays
//! apart from `i`, as it does in the standard's own folding. Marks on one letter may come in any
//! order. Not compared as one are single characters that stand for another, of which Unicode has
//! some thousand for the sake of older encodings (CJK compatibility ideographs, Greek accents that
//! exist twice).

mod marks;

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A key that names have in common when some file system takes them for one.
pub(crate) fn key(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let apart = decomposed(name);
    let folded = folded(&apart);
    // Folding may bring marks of its own (`ǰ` is `j` and a caron when it is written large).
    if folded == apart { folded } else { decomposed(&folded) }
}

/// Whether two spellings of a name differ in letter case, and not only in their characters.
pub(crate) fn is_letter_case(a: &str, b: &str) -> bool {
    decomposed(a) != decomposed(b)
}

/// Lower, upper and lower case again: the first so that `ẞ` becomes `ß`, which has two large
/// letters; the last so that all forms of a letter (`ς`, `σ`) end at the same one.
fn folded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            'ı' => out.push(c),
            _ => out.extend(c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase)),
        }
    }
    out
}

/// Every letter apart from its marks, and the marks of one letter in one order.
fn decomposed(name: &str) -> String {
    let mut chars = Vec::with_capacity(name.len());
    for c in name.chars() {
        decompose(c, &mut chars);
    }
    for run in chars.chunk_by_mut(|a, b| is_mark(*a) && is_mark(*b)) {
        run.sort_unstable();
    }
    chars.into_iter().collect()
}

fn decompose(c: char, out: &mut Vec<char>) {
    static PARTS: OnceLock<BTreeMap<char, (char, char)>> = OnceLock::new();
    // Ideographs, which long names are made of, come whole.
    if c.is_ascii() || matches!(c, '\u{3100}'..='\u{9fff}') {
        return out.push(c);
    }
    if let Some(parts) = hangul(c) {
        return out.extend(parts.into_iter().flatten());
    }
    match parts(&PARTS).get(&c) {
        None => out.push(c),
        Some((letter, mark)) => {
            decompose(*letter, out);
            decompose(*mark, out);
        }
    }
}

fn parts(parts: &'static OnceLock<BTreeMap<char, (char, char)>>) -> &'static BTreeMap<char, (char, char)> {
    parts.get_or_init(|| {
        let mut table = BTreeMap::new();
        for (mark, pairs) in marks::MARKS {
            let mut pairs = pairs.chars();
            while let (Some(letter), Some(whole)) = (pairs.next(), pairs.next()) {
                table.insert(whole, (letter, *mark));
            }
        }
        table
    })
}

/// The blocks of combining marks that the table uses and that may stand several on one letter.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{5b0}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{1dc0}'..='\u{1dff}')
}

/// A syllable as its two or three letters: the arithmetic of the Unicode standard, section 3.12.
fn hangul(c: char) -> Option<[Option<char>; 3]> {
    const FIRST: u32 = 0xac00;
    const VOWELS: u32 = 21;
    const TAILS: u32 = 28;
    let n = u32::from(c).checked_sub(FIRST).filter(|n| *n < 19 * VOWELS * TAILS)?;
    let tail = n % TAILS;
    Some([
        char::from_u32(0x1100 + n / (VOWELS * TAILS)),
        char::from_u32(0x1161 + n / TAILS % VOWELS),
        (tail > 0).then(|| char::from_u32(0x11a7 + tail)).flatten(),
    ])
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn names_that_some_file_system_takes_for_one_have_one_key() {
        for names in [
            &["heart.png", "Heart.PNG", "HEART.png"][..],
            &["straße", "STRASSE", "strasse", "STRAẞE"],
            &["é", "e\u{301}", "É", "E\u{301}"],
            &["ệ", "e\u{302}\u{323}", "e\u{323}\u{302}", "ê\u{323}", "Ẹ\u{302}"],
            &["ΣΑΣ", "σας", "σασ"],
            &["\u{212a}", "k", "K"], // the sign of the unit
            &["ǰ", "J\u{30c}"],
            &["한글", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"],
            &["が", "か\u{3099}"],
            &["й", "и\u{306}", "Й"],
        ] {
            for name in names {
                assert_eq!(key(name), key(names[0]), "{name} {}", names[0]);
            }
        }
    }

    #[test]
    fn names_that_every_file_system_keeps_apart_have_two() {
        for (a, b) in [
            ("a", "b"),
            ("kız", "kiz"),
            ("ı", "I"),
            ("e", "é"),
            ("か", "が"),
            ("ハ", "は"), // two scripts
            ("1", "¹"),
            ("fi", "fı"),
        ] {
            assert_ne!(key(a), key(b), "{a} {b}");
        }
    }

    #[test]
    fn letters_come_apart_as_the_standard_says() {
        let stands_for_another = |c: char| {
            let mut composed = std::iter::once(c).nfc();
            composed.next() != Some(c) && composed.next().is_none()
        };
        let sorted = |mut chars: Vec<char>| {
            chars.chunk_by_mut(|a, b| is_mark(*a) && is_mark(*b)).for_each(<[char]>::sort_unstable);
            chars
        };
        let mut compared = 0;
        for c in (char::MIN..='\u{ffff}').filter(|c| !stands_for_another(*c)) {
            let expected = sorted(std::iter::once(c).nfd().collect());
            let mut found = Vec::new();
            decompose(c, &mut found);
            compared += usize::from(expected != [c]);
            assert_eq!(sorted(found), expected, "U+{:04x}", u32::from(c));
        }
        assert!(compared > 12_000, "{compared} letters with marks and syllables");
    }

    #[test]
    fn letter_case_never_changes_a_key() {
        // `İ` written small is `i` with a dot, and what that is written large is the same.
        let has_case = |c: &char| !c.to_lowercase().eq([*c]) || !c.to_uppercase().eq([*c]);
        for c in (char::MIN..=char::MAX).filter(has_case).filter(|c| *c != 'ı') {
            let name = format!("a{c}");
            assert_eq!(key(&name.to_uppercase()), key(&name), "U+{:04x}", u32::from(c));
            assert_eq!(key(&name.to_lowercase()), key(&name), "U+{:04x}", u32::from(c));
        }
    }
}
