//! Nearest names, for "did you mean".

/// Longer words are not slips of a finger, and cost time.
const LONGEST: usize = 64;

/// The candidate that `word` most likely was meant to be, if one is near: the same but for letter
/// case, or within a third of its length in edits (the rule of rustc). The first of equals.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if length > LONGEST {
        return None;
    }
    let limit = length.max(3) / 3;
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        // `osa` counts two letters in the wrong order as one slip.
        let distance =
            if candidate.eq_ignore_ascii_case(word) { 0 } else { strsim::osa_distance(word, candidate) };
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["inputs", "artifacts", "output", "preload", "name"];

    #[test]
    fn slips_of_a_finger_find_their_name() {
        for (word, meant) in [
            ("imputs", "inputs"),
            ("input", "inputs"),
            ("inptus", "inputs"),
            ("OUTPUT", "output"),
            ("outputs", "output"),
            ("artefacts", "artifacts"),
            ("nmae", "name"),
        ] {
            assert_eq!(nearest(word, NAMES), Some(meant), "{word}");
        }
    }

    #[test]
    fn other_words_find_nothing() {
        for word in ["", "author", "x", "description", "ame_of_it", &"inputs".repeat(40)] {
            assert_eq!(nearest(word, NAMES), None, "{word}");
        }
    }
}
