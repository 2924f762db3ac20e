//! One JSON value, written as different people and editors would.

use serde_json::Value;

/// A way to write JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// Two spaces, members in alphabetical order.
    Plain,
    /// Not one space.
    Compact,
    /// Members in reverse order, and tabs.
    Reversed,
    /// Lines end as on Windows.
    CrLf,
    /// Space wherever it may be, and no line end at the end.
    Airy,
    /// Every character that is not ASCII as `\u`.
    Escaped,
}

impl Spelling {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Plain, Self::Compact, Self::Reversed, Self::CrLf, Self::Airy, Self::Escaped];

    /// The text of a value.
    #[must_use]
    pub fn of(self, value: &Value) -> String {
        let mut text = String::new();
        self.write(value, 0, &mut text);
        match self {
            Self::CrLf => text.replace('\n', "\r\n") + "\r\n",
            Self::Airy | Self::Compact => text,
            _ => text + "\n",
        }
    }

    fn write(self, value: &Value, depth: usize, out: &mut String) {
        let mut items: Vec<(Option<&str>, &Value)> = match value {
            Value::Array(items) => items.iter().map(|item| (None, item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(key, value)| (Some(key.as_str()), value)).collect()
            }
            Value::String(text) => return self.string(text, out),
            other => return out.push_str(&other.to_string()),
        };
        items.sort_by_key(|(key, _)| *key);
        if self == Self::Reversed && value.is_object() {
            items.reverse();
        }
        let [open, close] = if value.is_array() { ["[", "]"] } else { ["{", "}"] };
        let (colon, unit) = match self {
            Self::Compact => (":", ""),
            Self::Airy => (" \n\t : \n ", " \t "),
            Self::Reversed => (": ", "\t"),
            _ => (": ", "  "),
        };
        let line = |depth: usize| match self {
            Self::Compact => String::new(),
            _ => format!("\n{}", unit.repeat(depth)),
        };
        out.push_str(open);
        for (n, (key, item)) in items.iter().enumerate() {
            out.push_str(if n == 0 { "" } else { "," });
            out.push_str(&line(depth + 1));
            if let Some(key) = key {
                self.string(key, out);
                out.push_str(colon);
            }
            self.write(item, depth + 1, out);
        }
        if !items.is_empty() {
            out.push_str(&line(depth));
        }
        out.push_str(close);
    }

    fn string(self, text: &str, out: &mut String) {
        let quoted = Value::from(text).to_string();
        if self != Self::Escaped {
            return out.push_str(&quoted);
        }
        for c in quoted.chars() {
            if c.is_ascii() {
                out.push(c);
            } else {
                let mut units = [0; 2];
                let escaped = c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04X}"));
                out.extend(escaped);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_spelling_says_the_same_and_no_two_are_alike() {
        let value = json!({ "é": ["🎮", 1, null, true, {}], "a": { "b": [], "c": "\"\n" } });
        let texts: Vec<String> = Spelling::ALL.iter().map(|spelling| spelling.of(&value)).collect();
        for (n, text) in texts.iter().enumerate() {
            assert_eq!(serde_json::from_str::<Value>(text).unwrap(), value, "{text}");
            assert!(!texts[..n].contains(text), "{text}");
        }
    }
}
