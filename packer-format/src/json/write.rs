//! The writing half of canonical JSON.

use alloc::string::String;
use core::fmt;

use super::{Object, Value};

/// The canonical spelling of `value`.
///
/// A value that [`Value::check`] refuses is spelt all the same, and no reader will take it.
#[must_use]
pub fn to_string(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text).expect("a String takes every write");
    text
}

/// Writes the canonical spelling of `value` to `out`.
///
/// # Errors
///
/// Those of `out`.
pub fn write(value: &Value, out: &mut impl fmt::Write) -> fmt::Result {
    match value {
        Value::Null => out.write_str("null"),
        Value::Bool(true) => out.write_str("true"),
        Value::Bool(false) => out.write_str("false"),
        Value::Int(n) => write!(out, "{n}"),
        Value::String(text) => write_string(text, out),
        Value::Array(values) => {
            out.write_char('[')?;
            for (i, value) in values.iter().enumerate() {
                if i > 0 {
                    out.write_char(',')?;
                }
                write(value, out)?;
            }
            out.write_char(']')
        }
        Value::Object(members) => write_object(members, out),
    }
}

/// Writes the canonical spelling of an object with these members to `out`.
///
/// # Errors
///
/// Those of `out`.
pub fn write_object(members: &Object, out: &mut impl fmt::Write) -> fmt::Result {
    out.write_char('{')?;
    for (i, (key, value)) in members.iter().enumerate() {
        if i > 0 {
            out.write_char(',')?;
        }
        write_string(key, out)?;
        out.write_char(':')?;
        write(value, out)?;
    }
    out.write_char('}')
}

/// Writes `text` to `out` as a canonical string, in its quotes.
///
/// # Errors
///
/// Those of `out`.
pub fn write_string(text: &str, out: &mut impl fmt::Write) -> fmt::Result {
    out.write_char('"')?;
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.write_str(&text[plain..at])?;
        plain = at + 1;
        match byte {
            b'"' => out.write_str("\\\"")?,
            b'\\' => out.write_str("\\\\")?,
            0x08 => out.write_str("\\b")?,
            0x0c => out.write_str("\\f")?,
            b'\n' => out.write_str("\\n")?,
            b'\r' => out.write_str("\\r")?,
            b'\t' => out.write_str("\\t")?,
            control => write!(out, "\\u{control:04x}")?,
        }
    }
    out.write_str(&text[plain..])?;
    out.write_char('"')
}
