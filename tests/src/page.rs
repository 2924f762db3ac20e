//! Pages of the checkout: what stands in their fenced blocks, so that tests can hold them to it.

use std::fs;

use crate::checkout;

/// The text of a page, by its path from the checkout.
///
/// # Panics
///
/// When it cannot be read.
#[must_use]
pub fn text(page: &str) -> String {
    fs::read_to_string(checkout().join(page)).unwrap_or_else(|e| panic!("{page}: {e}"))
}

/// The contents of the page's fenced blocks with that info string (` ```rust `), in order.
#[must_use]
pub fn fenced(page: &str, info: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    // Inside a block: whether it is one of those that were asked for.
    let mut inside = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), inside) {
            (Some(found), None) => {
                inside = Some(found == info);
                blocks.extend((found == info).then(String::new));
            }
            (Some(_), Some(_)) => inside = None,
            (None, Some(true)) => {
                let block = blocks.last_mut().expect("it was added when it began");
                block.push_str(line);
                block.push('\n');
            }
            (None, _) => {}
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_blocks_of_that_kind_are_found_and_their_text_is_whole() {
        let page = "a\n```rust\nlet x;\n\nlet y;\n```\n```text\nno\n```\n```rust\n```\n";
        assert_eq!(fenced(page, "rust"), ["let x;\n\nlet y;\n", ""]);
    }
}
