//! What git has to know: bytes under `assets/` are bytes, and `build/` is made.

use prometeu_packer::ops::Blocker;

use super::draft::Drafts;
use super::merge_driver;

/// Of lines that match the same file the last one wins, so the order counts.
const ATTRIBUTES: [&str; 4] = [
    "assets/** -text",
    "assets/**/asset.json text eol=lf",
    "assets/.prometeu/index.json text eol=lf",
    merge_driver::ATTRIBUTE,
];

/// Why they are there.
const ATTRIBUTES_WHY: &str = "# The packer reads bytes: git must not change line ends in them.";

/// The lines that ignore what `pack` writes; any of them does.
const IGNORED: [&str; 4] = ["/build/", "/build", "build/", "build"];

/// Drafts what `.gitattributes` and `.gitignore` lack.
pub(super) fn plan(drafts: &mut Drafts) -> Result<(), Blocker> {
    let text = drafts.read(".gitattributes")?.unwrap_or_default();
    if let Some(text) = with_attributes(&text) {
        drafts.write(
            ".gitattributes",
            text,
            vec!["git keeps the bytes of assets, and merges the registry".to_owned()],
        )?;
    }
    let text = drafts.read(".gitignore")?.unwrap_or_default();
    if !text.lines().any(|line| IGNORED.contains(&line.trim_end())) {
        let text = appended(&text, &[IGNORED[0]]);
        drafts.write(".gitignore", text, vec!["`build/` is made by `cargo prometeu pack`".to_owned()])?;
    }
    Ok(())
}

/// `text` with the attributes that it lacks, at its end; `None` when it has all, in an order in which
/// they work.
fn with_attributes(text: &str) -> Option<String> {
    let last = |wanted: &str| {
        text.lines().enumerate().filter(|(_, line)| same_words(line, wanted)).map(|(n, _)| n).last()
    };
    let lines: Vec<&str> = match last(ATTRIBUTES[0]) {
        Some(general) => {
            let works = |wanted: &&str| last(wanted).is_some_and(|special| special > general);
            ATTRIBUTES[1..].iter().copied().filter(|wanted| !works(wanted)).collect()
        }
        // It has to come before the others, so that those are said again.
        None => [&[ATTRIBUTES_WHY], &ATTRIBUTES[..]].concat(),
    };
    (!lines.is_empty()).then(|| appended(text, &lines))
}

fn same_words(a: &str, b: &str) -> bool {
    a.split_whitespace().eq(b.split_whitespace())
}

/// `text` with `lines` at its end, in its own line ends.
fn appended(text: &str, lines: &[&str]) -> String {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut text = text.to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push_str(end);
    }
    for line in lines {
        text.push_str(line);
        text.push_str(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_added_once_and_in_an_order_that_works() {
        let all = format!("{ATTRIBUTES_WHY}\n{}\n", ATTRIBUTES.join("\n"));
        let [general, declaration, registry, merged] = ATTRIBUTES;
        for (before, after) in [
            (String::new(), all.clone()),
            ("*.png binary".to_owned(), format!("*.png binary\n{all}")),
            ("*.png binary\r\n".to_owned(), format!("*.png binary\r\n{}", all.replace('\n', "\r\n"))),
            (format!("{general}\n"), format!("{general}\n{declaration}\n{registry}\n{merged}\n")),
            (
                format!("{declaration}\n{general}\n"),
                format!("{declaration}\n{general}\n{declaration}\n{registry}\n{merged}\n"),
            ),
            (format!("{declaration}\n"), format!("{declaration}\n{all}")),
            (
                format!("{general}\n{declaration}\n{registry}\n"),
                format!("{general}\n{declaration}\n{registry}\n{merged}\n"),
            ),
        ] {
            let found = with_attributes(&before);
            assert_eq!(found.as_deref(), Some(after.as_str()), "{before:?}");
            assert_eq!(with_attributes(&after), None, "{after:?}");
        }
        assert_eq!(with_attributes(&all.replace(' ', "\t ")), None);
    }
}
