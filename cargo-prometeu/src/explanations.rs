//! The page on diagnostics as data: each code with its group, cause, example and cure.
//!
//! The page is where these words are written, for whoever reads it, for `explain` and for the rules of a
//! SARIF document. It is part of the binary, and a test holds every section to the shape that is read here.
//!
//! The crate has a copy of it, since a package holds nothing from outside of its folder, and a link is no
//! file everywhere; a test holds the copy to the page.

use prometeu_packer::diagnostics::Code;

const PAGE: &str = include_str!("../pages/diagnostics.txt");

/// What the page says of one code.
#[derive(Debug)]
pub(crate) struct Explanation {
    pub(crate) code: Code,
    /// The chapter that it is in.
    pub(crate) group: &'static str,
    /// Severity, category, and what it stops, as one line.
    pub(crate) class: &'static str,
    pub(crate) cause: &'static str,
    /// What leads there and what doctor says of it.
    pub(crate) example: Vec<Block>,
    pub(crate) cure: &'static str,
}

/// A part of an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Block {
    /// A paragraph.
    Words(&'static str),
    /// What stands between fences.
    Code {
        /// `json` or `toml` for a part of a file, `sh` for what was done, `text` for what was said.
        language: &'static str,
        text: &'static str,
    },
}

impl Explanation {
    /// What a finding of this code stops: `stops every build`.
    pub(crate) fn stops(&self) -> &'static str {
        self.class.rsplit(" · ").next().unwrap_or(self.class)
    }
}

/// Every section of the page, in its order.
pub(crate) fn explanations() -> Vec<Explanation> {
    let mut group = "";
    let mut all = Vec::new();
    for (is_first, text) in PAGE.split("\n### `").enumerate().map(|(n, text)| (n == 0, text)) {
        let (section, next_group) = match text.split_once("\n## ") {
            // Before the first code there are chapters about all of them.
            Some(_) if is_first => ("", text.rsplit("\n## ").next()),
            Some((section, next)) => (section, Some(next)),
            None => (text, None),
        };
        all.extend(explanation(section, group));
        if let Some(next) = next_group {
            group = next.lines().next().unwrap_or_default();
        }
    }
    all
}

fn explanation(section: &'static str, group: &'static str) -> Option<Explanation> {
    let (name, rest) = section.split_once("`\n\n")?;
    let code = *Code::ALL.iter().find(|code| code.as_str() == name)?;
    let (class, rest) = rest.split_once("\n\n")?;
    let (_, rest) = rest.split_once("\n\n**Cause:** ")?;
    let (cause, rest) = rest.split_once("\n\n**Example:** ")?;
    let (example, cure) = rest.rsplit_once("\n\n**Cure:** ")?;
    Some(Explanation { code, group, class, cause, example: blocks(example), cure: cure.trim_end() })
}

/// Paragraphs and what stands between fences, in order.
fn blocks(example: &'static str) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (n, part) in example.split("```").enumerate() {
        if n % 2 == 1 {
            let (language, text) = part.split_once('\n').unwrap_or((part, ""));
            blocks.push(Block::Code { language, text: text.trim_end_matches('\n') });
        } else {
            let paragraphs = part.split("\n\n").map(str::trim).filter(|words| !words.is_empty());
            blocks.extend(paragraphs.map(Block::Words));
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_in_the_crate_is_the_page() {
        let here = env!("CARGO_MANIFEST_DIR");
        let read = |path: String| std::fs::read_to_string(path).expect("it is in the checkout");
        let page = read(format!("{here}/../docs/diagnostics.md"));
        if std::env::var_os("PROMETEU_WRITE_REFERENCE").is_some() {
            std::fs::write(format!("{here}/pages/diagnostics.txt"), &page).expect("it can be written");
        }
        let copy = read(format!("{here}/pages/diagnostics.txt"));
        assert!(
            page == copy,
            "copy docs/diagnostics.md to cargo-prometeu/pages/diagnostics.txt: `PROMETEU_WRITE_REFERENCE=1` does it"
        );
    }

    #[test]
    fn every_code_is_explained_once_in_the_order_of_the_page() {
        let explained: Vec<Code> = explanations().iter().map(|explanation| explanation.code).collect();
        assert_eq!(explained, Code::ALL);
    }

    #[test]
    fn every_explanation_has_a_group_a_cause_an_example_and_a_cure() {
        for Explanation { code, group, class, cause, example, cure } in explanations() {
            assert!(!group.is_empty() && !group.contains('`'), "{code}: {group}");
            assert!(
                class.starts_with(&format!("{} · {} · ", code.severity(), code.category())),
                "{code}: {class}"
            );
            for words in [cause, cure] {
                assert!(words.len() > 20 && words.ends_with('.') && !words.contains("**"), "{code}: {words}");
            }
            let Some((Block::Code { language: "text", text }, before)) = example.split_last() else {
                panic!("{code}: the example does not end with what doctor says: {example:?}");
            };
            assert!(text.contains(&format!("{}[{code}]: ", code.severity())), "{code}: {text}");
            assert!(text.contains("= help: "), "{code}: {text}");
            assert!(
                before.len() >= 2 && before.iter().any(|block| matches!(block, Block::Words(_))),
                "{code}"
            );
            let known = ["json", "toml", "sh", "text"];
            for block in &example {
                assert!(
                    !matches!(block, Block::Code { language, .. } if !known.contains(language)),
                    "{code}: {block:?}"
                );
            }
        }
        let groups: std::collections::BTreeSet<&str> =
            explanations().iter().map(|found| found.group).collect();
        assert!(
            groups.contains("The registry") && groups.contains("Tidiness") && groups.len() > 6,
            "{groups:?}"
        );
    }
}
