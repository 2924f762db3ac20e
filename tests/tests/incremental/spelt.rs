//! JSON as people lay it out: members in any order, white space anywhere.

use packer_tests::dice::Dice;
use serde_json::Value;

/// A text of that document, hardly ever the same.
pub(crate) fn spelt(document: &Value, dice: &mut Dice) -> String {
    let mut text = String::new();
    let style = dice.below(4);
    put(document, style, dice, &mut text);
    if style != 0 {
        text.push('\n');
    }
    text
}

fn put(value: &Value, style: usize, dice: &mut Dice, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (n, item) in items.iter().enumerate() {
                text.push_str(if n > 0 { "," } else { "" });
                space(style, dice, text);
                put(item, style, dice, text);
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            dice.shuffle(&mut members);
            text.push('{');
            for (n, (name, value)) in members.into_iter().enumerate() {
                text.push_str(if n > 0 { "," } else { "" });
                space(style, dice, text);
                text.push_str(&Value::String(name.clone()).to_string());
                text.push(':');
                space(style, dice, text);
                put(value, style, dice, text);
            }
            space(style, dice, text);
            text.push('}');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

fn space(style: usize, dice: &mut Dice, text: &mut String) {
    const ANY: [&str; 6] = ["", " ", "\n", "\t", "\r\n", "\n\n    "];
    text.push_str(match style {
        0 => "",
        1 => " ",
        2 => "\n  ",
        _ => ANY[dice.below(ANY.len())],
    });
}
