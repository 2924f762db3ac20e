//! Edits of a person's `asset.json` that keep everything else as the person wrote it.
//!
//! An edit is a few bytes put between the old ones, in the layout that is found around them:
//! indentation, line ends, blanks around the colon. Member order, unknown members and blank lines
//! stay. Pure: texts in, text out; the commit writes it.

use super::json::{self, Member, Node};
use crate::diagnostics::Pointer;

/// One change of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// A new member of an object.
    Insert {
        /// The object.
        object: Pointer,
        /// The member to follow. Without it, or where it is not there, the new one becomes the first.
        after: Option<String>,
        /// The new member's name.
        key: String,
        /// Its value as JSON, on one line.
        value: String,
    },
    /// Another value in place of the one that is there.
    Replace {
        /// The value.
        at: Pointer,
        /// The new value as JSON, on one line.
        value: String,
    },
}

/// Why a text cannot be edited so. Nothing of it was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditProblem {
    /// The text is not JSON as [`json::read`] reads it.
    NotJson,
    /// Nothing, or no object, is at the pointer.
    NoSuchPlace(Pointer),
    /// The object has a member of that name.
    AlreadyThere(Pointer),
}

impl Edit {
    /// The anchor of identity of a declaration that has none, where people expect it: after
    /// `schema_version`.
    #[must_use]
    pub fn insert_asset_uuid(uuid: crate::id::AssetUuid) -> Self {
        Self::Insert {
            object: Pointer::root(),
            after: Some("schema_version".to_owned()),
            key: "asset_uuid".to_owned(),
            value: json::quote(&uuid.to_string()),
        }
    }
}

/// `text` with `edits` made one after the other.
///
/// # Errors
///
/// [`EditProblem`] for the first edit that cannot be made.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, EditProblem> {
    let mut text = text.to_owned();
    for edit in edits {
        let parsed = json::read(&text);
        let tree = parsed.root.filter(|_| parsed.problems.is_empty()).ok_or(EditProblem::NotJson)?;
        match edit {
            Edit::Replace { at, value } => {
                let node = tree.at(at).ok_or_else(|| EditProblem::NoSuchPlace(at.clone()))?;
                text.replace_range(node.range.clone(), value);
            }
            Edit::Insert { object, after, key, value } => {
                let missing = || EditProblem::NoSuchPlace(object.clone());
                let node = tree.at(object).ok_or_else(missing)?;
                let members = node.as_object().ok_or_else(missing)?;
                if node.get(key).is_some() {
                    return Err(EditProblem::AlreadyThere(object.key(key)));
                }
                let after = after.as_ref().and_then(|after| members.iter().position(|m| m.key == *after));
                let (at, words) = insertion(&text, node, members, after, key, value);
                text.insert_str(at, &words);
            }
        }
    }
    Ok(text)
}

/// Where to insert, and what, so that the new member looks like its neighbours.
fn insertion(
    text: &str,
    object: &Node,
    members: &[Member],
    after: Option<usize>,
    key: &str,
    value: &str,
) -> (usize, String) {
    let body = object.range.start + 1;
    let Some(first) = members.first() else {
        return (body, format!("{}{}: {value}", before_only_member(text, object), json::quote(key)));
    };
    // Blanks before a member: those after the bracket for the first, after the comma for the others.
    let blanks_before_first = &text[body..first.key_range.start];
    let blanks = match members.get(1) {
        _ if blanks_before_first.contains('\n') => last_line_end(blanks_before_first),
        Some(second) => {
            let between = &text[first.value.range.end..second.key_range.start];
            between
                .split_once(',')
                .map_or(" ", |(_, blanks)| if blanks.contains('\n') { " " } else { blanks })
        }
        None => " ",
    };
    let colon =
        Some(&text[first.key_range.end..first.value.range.start]).filter(|colon| !colon.contains('\n'));
    let member = format!("{}{}{value}", json::quote(key), colon.unwrap_or(": "));
    match after {
        Some(n) => (members[n].value.range.end, format!(",{blanks}{member}")),
        None => (first.key_range.start, format!("{member},{blanks}")),
    }
}

/// `blanks` from its last line end on: the indentation of a line, without the blank lines before it.
fn last_line_end(blanks: &str) -> &str {
    let newline = blanks.rfind('\n').unwrap_or(0);
    &blanks[if blanks[..newline].ends_with('\r') { newline - 1 } else { newline }..]
}

/// Blanks before the first member of an object that has none: what closes it stays on its own line.
fn before_only_member(text: &str, object: &Node) -> String {
    let inside = &text[object.range.start + 1..object.range.end - 1];
    let Some(newline) = inside.find('\n') else { return String::new() };
    let line_end = if inside[..newline].ends_with('\r') { "\r\n" } else { "\n" };
    let closing_indent = &inside[inside.rfind('\n').map_or(0, |last| last + 1)..];
    format!("{line_end}{closing_indent}  ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::AssetUuid;
    use crate::schema::json::Kind;

    const UUID: &str = "6f1c2d1e-8a34-4b7e-9d0a-2f5b7c9e1a44";

    fn check(before: &str, expected: &str) {
        let uuid = AssetUuid::parse(UUID).unwrap();
        let after = apply(before, &[Edit::insert_asset_uuid(uuid)]).unwrap();
        assert_eq!(after.replace(UUID, "U"), expected, "from {before:?}");
    }

    #[test]
    fn the_uuid_follows_the_version_in_the_layout_around_it() {
        check(
            "{\n  \"schema_version\": 1,\n  \"name\": \"a\"\n}\n",
            "{\n  \"schema_version\": 1,\n  \"asset_uuid\": \"U\",\n  \"name\": \"a\"\n}\n",
        );
        check(
            "{\r\n\t\"schema_version\":1\r\n}",
            "{\r\n\t\"schema_version\":1,\r\n\t\"asset_uuid\":\"U\"\r\n}",
        );
        check(
            "{\"schema_version\":1,\"name\":\"a\"}",
            "{\"schema_version\":1,\"asset_uuid\":\"U\",\"name\":\"a\"}",
        );
        check("{ \"schema_version\" : 1 }", "{ \"schema_version\" : 1, \"asset_uuid\" : \"U\" }");
        check(
            "{\n\n    \"name\": \"a\",\n\n    \"schema_version\": 1\n}",
            "{\n\n    \"name\": \"a\",\n\n    \"schema_version\": 1,\n    \"asset_uuid\": \"U\"\n}",
        );
    }

    #[test]
    fn without_a_version_the_uuid_comes_first() {
        check("{\n  \"name\": \"a\"\n}", "{\n  \"asset_uuid\": \"U\",\n  \"name\": \"a\"\n}");
        check("{\"name\": \"a\"}", "{\"asset_uuid\": \"U\", \"name\": \"a\"}");
        check("{}", "{\"asset_uuid\": \"U\"}");
        check("{\r\n}\r\n", "{\r\n  \"asset_uuid\": \"U\"\r\n}\r\n");
    }

    #[test]
    fn a_value_is_replaced_where_it_stands() {
        let edit = Edit::Replace { at: Pointer::root().key("a").index(1), value: "true".to_owned() };
        assert_eq!(apply("{ \"a\":[ 1 ,\"x\" ] }", &[edit]).unwrap(), "{ \"a\":[ 1 ,true ] }");
    }

    #[test]
    fn an_edit_that_cannot_be_made_says_why() {
        let edit = Edit::insert_asset_uuid(AssetUuid::parse(UUID).unwrap());
        let check =
            |text, problem| assert_eq!(apply(text, std::slice::from_ref(&edit)), Err(problem), "{text}");
        check("{,}", EditProblem::NotJson);
        check("[]", EditProblem::NoSuchPlace(Pointer::root()));
        check("{\"asset_uuid\": 1}", EditProblem::AlreadyThere(Pointer::root().key("asset_uuid")));
        let edit = Edit::Replace { at: Pointer::root().key("a"), value: "1".to_owned() };
        assert_eq!(apply("{}", &[edit]), Err(EditProblem::NoSuchPlace(Pointer::root().key("a"))));
    }

    fn blanks() -> impl Strategy<Value = &'static str> {
        prop_oneof![Just(""), Just(" "), Just("\n"), Just("\r\n\t"), Just("\n\n    ")]
    }

    /// An object in any layout, with or without a version among its members.
    fn objects() -> impl Strategy<Value = String> {
        let values = prop_oneof![Just("1"), Just("\"x,\u{e9}\""), Just("{ \"deep\" :[ ] }"), Just("[1,\n2]")];
        let member = (blanks(), blanks(), blanks(), values, blanks());
        let members = proptest::collection::vec(member, 0..5);
        (members, 0..6usize, blanks()).prop_map(|(members, version, last)| {
            let members = members.into_iter().enumerate().map(|(n, (a, b, c, value, d))| {
                let key = if n == version { "schema_version".to_owned() } else { format!("m{n}") };
                format!("{a}\"{key}\"{b}:{c}{value}{d}")
            });
            format!("{{{}{last}}}", members.collect::<Vec<_>>().join(","))
        })
    }

    /// Values without places.
    fn plain(node: &Node) -> serde_json::Value {
        match &node.kind {
            Kind::Object(members) => members.iter().map(|m| (m.key.clone(), plain(&m.value))).collect(),
            Kind::Array(elements) => elements.iter().map(plain).collect(),
            Kind::String(text) => text.as_str().into(),
            Kind::Number(spelling) => spelling.as_str().into(),
            Kind::Bool(truth) => (*truth).into(),
            Kind::Null => serde_json::Value::Null,
        }
    }

    proptest! {
        #![proptest_config(crate::schema::properties(256))]

        #[test]
        fn an_insertion_adds_one_member_and_takes_no_byte_away(before in objects()) {
            let edit = Edit::insert_asset_uuid(AssetUuid::parse(UUID).unwrap());
            let after = apply(&before, &[edit]).unwrap();

            let mut expected = plain(&json::read(&before).root.unwrap());
            expected["asset_uuid"] = UUID.into();
            let parsed = json::read(&after);
            prop_assert_eq!(&parsed.problems, &[]);
            prop_assert_eq!(plain(&parsed.root.unwrap()), expected);

            let added = after.len() - before.len();
            let (old, new) = (before.as_bytes(), after.as_bytes());
            let one_piece = (0..=old.len()).any(|at| new.starts_with(&old[..at]) && new[at + added..] == old[at..]);
            prop_assert!(one_piece, "{:?} became {:?}", before, after);
        }
    }
}
