//! Words of strangers in a page: whatever a name holds, it is read and never obeyed.

use std::borrow::Cow;

use prometeu_packer::diagnostics::render::visible;

/// Words as text or as the value of an attribute in double quotes. What cannot be seen, or would turn other words
/// around, is spelt as Rust spells it.
pub(crate) fn text(words: &str) -> String {
    let visible = visible(words);
    let mut safe = String::with_capacity(visible.len() + 8);
    for c in visible.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// JSON as the content of a `<script>`: no byte of it ends the element or begins a comment, and a program that reads it
/// gets the same value. All these characters stand inside of strings, where an escape means the same.
pub(crate) fn json(json: &str) -> Cow<'_, str> {
    let is_risky = |c: char| matches!(c, '<' | '>' | '&') || (!c.is_ascii() && visible_is_other(c));
    if !json.contains(is_risky) {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if is_risky(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

fn visible_is_other(c: char) -> bool {
    let mut own = [0; 4];
    let own: &str = c.encode_utf8(&mut own);
    visible(own) != own
}

/// `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `12.3 %`: a part of a whole, with one digit behind the point, rounded as people do.
pub(crate) fn share(part: u64, whole: u64) -> String {
    if whole == 0 || part == 0 {
        return "0 %".to_owned();
    }
    let tenths = (u128::from(part) * 1000 + u128::from(whole) / 2) / u128::from(whole);
    if tenths == 0 { "<0.1 %".to_owned() } else { format!("{}.{} %", tenths / 10, tenths % 10) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a<b>&\"'</script><!--\u{2028}\u{202e}\u{7}\u{e0041}é";

    #[test]
    fn no_name_is_markup_or_turns_others_around() {
        let safe = text(HOSTILE);
        assert_eq!(
            safe,
            "a&lt;b&gt;&amp;&quot;&#39;&lt;/script&gt;&lt;!--\\u{2028}\\u{202e}\\u{7}\\u{e0041}é"
        );
    }

    #[test]
    fn json_in_a_page_is_the_same_value_and_ends_no_script() {
        let value = serde_json::json!({ HOSTILE: [HOSTILE, 1] });
        let plain = value.to_string();
        let safe = json(&plain);
        for hostile in ["<", ">", "&", "\u{2028}", "\u{202e}", "\u{e0041}"] {
            assert!(!safe.contains(hostile), "{safe}");
        }
        assert!(safe.contains('é'));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
        assert!(matches!(json("{\"a\":1}"), Cow::Borrowed(_)));
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        for (part, whole, shown) in [
            (0, 0, "0 %"),
            (0, 5, "0 %"),
            (1, 3, "33.3 %"),
            (5, 5, "100.0 %"),
            (1, 10_000, "<0.1 %"),
            (5, 10_000, "0.1 %"),
        ] {
            assert_eq!(share(part, whole), shown);
        }
    }
}
