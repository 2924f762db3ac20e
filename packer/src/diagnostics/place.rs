//! Where a finding stands: from an anchor to bytes of the text that is on disk now.

use std::ops::Range;

use super::{Anchor, Pointer};
use crate::schema::SourceText;
use crate::schema::json::{Kind, Node};

/// The bytes of `text` that `anchor` is about.
///
/// `tree` is the text's syntax tree, if it has one; `inputs` are the pointers of the declaration's
/// inputs in the order of [`Declaration::inputs`](crate::schema::declaration::Declaration::inputs),
/// for [`Anchor::Input`]. Of an object or array only the opening bracket is meant, so that a caret
/// never runs over forty lines. What has no place of its own is at the start of the text.
#[must_use]
pub fn place(anchor: &Anchor, tree: Option<&Node>, text: &SourceText, inputs: &[Pointer]) -> Range<usize> {
    let in_tree = |pointer: &Pointer, of_key: bool| {
        let found = tree?.deepest(pointer);
        Some(match found.member {
            // Where the way ended early, the key of what lacks the rest would mislead.
            Some(member) if of_key && found.exact => member.key_range.clone(),
            _ => shown(found.node),
        })
    };
    let range = match anchor {
        Anchor::File => None,
        Anchor::Key(pointer) => in_tree(pointer, true),
        Anchor::Value(pointer) => in_tree(pointer, false),
        Anchor::Input(n) => inputs.get(*n).and_then(|pointer| in_tree(pointer, false)),
        Anchor::Bytes(range) => Some(range.clone()),
    };
    let range = range.unwrap_or(0..0);
    let length = text.as_str().len();
    range.start.min(length)..range.end.min(length)
}

fn shown(node: &Node) -> Range<usize> {
    match node.kind {
        Kind::Array(_) | Kind::Object(_) => node.range.start..node.range.start + 1,
        _ => node.range.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::json;

    fn check(anchor: &Anchor, expected: Range<usize>) {
        let text = SourceText::new(r#"{"a": {"b": [10, "x"]}, "c~/": true}"#);
        let tree = json::read(text.as_str()).root;
        let inputs = [Pointer::root().key("a").key("b").index(1)];
        assert_eq!(place(anchor, tree.as_ref(), &text, &inputs), expected, "{anchor:?}");
    }

    #[test]
    fn an_anchor_leads_to_its_bytes() {
        let b = Pointer::root().key("a").key("b");
        check(&Anchor::Key(b.clone()), 7..10);
        check(&Anchor::Value(b.clone()), 12..13);
        check(&Anchor::Value(b.index(0)), 13..15);
        check(&Anchor::Value(Pointer::root().key("c~/")), 31..35);
        check(&Anchor::Input(0), 17..20);
        check(&Anchor::Bytes(3..5), 3..5);
        check(&Anchor::File, 0..0);
    }

    #[test]
    fn a_way_that_ends_early_leads_to_the_deepest_part_that_is_there() {
        let a = Pointer::root().key("a");
        check(&Anchor::Value(a.key("missing").key("too")), 6..7);
        check(&Anchor::Key(a.key("missing")), 6..7);
        check(&Anchor::Value(Pointer::root().key("missing")), 0..1);
        check(&Anchor::Value(a.key("b").index(2)), 12..13);
        check(&Anchor::Value(Pointer::root().key("c~/").key("deeper")), 31..35);
        check(&Anchor::Input(1), 0..0);
    }

    #[test]
    fn bytes_of_another_text_stay_inside_this_one() {
        check(&Anchor::Bytes(30..900), 30..36);
        check(&Anchor::Bytes(900..901), 36..36);
    }
}
