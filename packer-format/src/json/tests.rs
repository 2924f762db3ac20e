use super::*;
use ErrorKind::{
    Byte, Control, Depth, DuplicateKey, End, Escape, Fraction, KeyOrder, Range, Trailing, Utf8, WhiteSpace,
    Zero,
};

/// Both directions at once: `text` is read, and what was read is spelt `text` again.
fn check(text: &str) {
    let value = read(text.as_bytes()).unwrap_or_else(|e| panic!("{text}: {e}"));
    assert_eq!(to_string(&value), text);
    assert_eq!(value.check(MAX_DEPTH), Ok(()), "{text}");
}

fn refuse(text: impl AsRef<[u8]>, offset: usize, kind: ErrorKind) {
    let text = text.as_ref();
    assert_eq!(read(text), Err(Error { offset, kind }), "{}", text.escape_ascii());
}

#[test]
fn canonical_texts_are_read_and_spelt_alike() {
    for text in ["null", "true", "false", "0", "-1", "9007199254740991", "-9007199254740991", "[]", "{}"] {
        check(text);
    }
    check(r#"[1,"two",[3],{"four":null}]"#);
    check(r#"{"":0,"A":1,"a":2,"é":3,"😀":4}"#);
    check("\"\u{7f}\u{80}\u{2028}/'\u{fffd}\u{10ffff}\"");
    check(r#""\"\\\b\f\n\r\t\u0000\u000b\u001f""#);
}

#[test]
fn keys_are_sorted_by_code_point_and_not_by_utf_16_unit() {
    check("{\"\u{ff5e}\":1,\"\u{10000}\":2}");
    refuse("{\"\u{10000}\":2,\"\u{ff5e}\":1}", 10, KeyOrder);
}

#[test]
fn every_other_spelling_is_refused_with_its_place() {
    refuse("", 0, End);
    refuse(" 1", 0, WhiteSpace);
    refuse("1\n", 1, WhiteSpace);
    refuse("[1, 2]", 3, WhiteSpace);
    refuse("[1,]", 3, Byte(b']'));
    refuse("[1", 2, End);
    refuse("{\"a\":1", 6, End);
    refuse("{a:1}", 1, Byte(b'a'));
    refuse("{\"a\"1}", 4, Byte(b'1'));
    refuse("12 3", 2, WhiteSpace);
    refuse("1]", 1, Trailing);
    refuse("nul", 0, Byte(b'n'));
    refuse("NaN", 0, Byte(b'N'));
    refuse("\u{feff}1", 0, Byte(0xef));
    refuse(r#"{"b":1,"a":2}"#, 7, KeyOrder);
    refuse(r#"{"a":1,"a":2}"#, 7, DuplicateKey);
    refuse(r#"{"a":1,"\u0061":2}"#, 8, Escape);
}

#[test]
fn numbers_have_one_spelling() {
    refuse("01", 0, Zero);
    refuse("-0", 0, Zero);
    refuse("-01", 0, Zero);
    refuse("1.0", 0, Fraction);
    refuse("[1e3]", 1, Fraction);
    refuse("-", 1, End);
    refuse("+1", 0, Byte(b'+'));
    refuse("9007199254740992", 0, Range);
    refuse("-9007199254740992", 0, Range);
    refuse("9".repeat(1000), 0, Range);
}

#[test]
fn strings_have_one_spelling() {
    refuse(r#""\/""#, 1, Escape);
    refuse(r#""\u0041""#, 1, Escape);
    refuse(r#""\u000A""#, 1, Escape);
    refuse(r#""\u000a""#, 1, Escape);
    refuse(r#""\u001F""#, 1, Escape);
    refuse(r#""\u007f""#, 1, Escape);
    refuse(r#""\ud83d\ude00""#, 1, Escape);
    refuse(r#""\u00"#, 1, Escape);
    refuse("\"\\", 2, End);
    refuse("\"a\nb\"", 2, Control);
    refuse("\"abc", 4, End);
    refuse(b"\"ab\xff\"", 3, Utf8);
    refuse(b"\"\xed\xa0\x80\"", 1, Utf8);
    refuse(b"\"\xc0\xaf\"", 1, Utf8);
}

#[test]
fn sixty_four_containers_stand_inside_each_other_and_no_more() {
    let nested = |n: usize| ["[".repeat(n), "]".repeat(n)].concat();
    check(&nested(64));
    refuse(nested(65), 64, Depth);
    refuse("{\"\":".repeat(100_000), 64 * 4, Depth);
    let deep = (0..65).fold(Value::Null, |value, _| Value::Array(vec![value]));
    assert_eq!(deep.check(MAX_DEPTH), Err(Unwritable::Depth));
    assert_eq!(deep.check(MAX_DEPTH + 1), Ok(()));
}

#[test]
fn a_number_that_no_reader_takes_is_found_before_it_is_written() {
    for n in [MAX_INT + 1, -MAX_INT - 1, i64::MIN, i64::MAX] {
        let value = Value::Object(Object::from([("n".into(), Value::Array(vec![Value::Int(n)]))]));
        assert_eq!(value.check(MAX_DEPTH), Err(Unwritable::Int(n)));
        assert!(read(to_string(&value).as_bytes()).is_err());
    }
}
