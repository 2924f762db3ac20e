//! `docs/living-with-files.md`: it shows the table, and each of its paragraphs is a situation of it.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::table::{Situation, Table, is_to_be_blessed};

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/living-with-files.md")
}

const BEGIN: &str = "<!-- the table of situations -->\n";
const END: &str = "<!-- the end of the table -->\n";

#[test]
fn the_page_shows_the_table_as_it_is() {
    let page = std::fs::read_to_string(file()).unwrap();
    let (head, rest) = page.split_once(BEGIN).unwrap();
    let (shown, tail) = rest.split_once(END).unwrap();
    let table = drawn(&Table::read().situations);
    if is_to_be_blessed() {
        std::fs::write(file(), format!("{head}{BEGIN}{table}{END}{tail}")).unwrap();
    } else {
        assert_eq!(shown, table);
    }
}

#[test]
fn every_paragraph_names_the_situations_that_prove_it() {
    let page = std::fs::read_to_string(file()).unwrap();
    let table = Table::read();
    let (prose, _) = page.split_once(BEGIN).unwrap();
    let sections = prose.split("\n## ").skip(1).filter(|section| !section.starts_with("The table\n"));
    let sections: Vec<&str> = sections.collect();
    assert!(sections.len() >= 10, "{}", sections.len());
    for section in sections {
        let (heading, body) = section.split_once('\n').unwrap();
        let (_, proofs) =
            body.rsplit_once("\nProved by: ").unwrap_or_else(|| panic!("what proves `{heading}`?"));
        for proof in proofs.trim().trim_end_matches('.').split(", ") {
            let name = proof.trim_matches('`');
            let is_known = table.situations.iter().any(|situation| situation.name == name);
            assert!(is_known, "`{heading}` names `{name}`, which is no situation");
        }
    }
}

fn drawn(situations: &[Situation]) -> String {
    let mut text = String::new();
    for situation in situations {
        let Situation { name, what, state, refreshed, found, offers, .. } = situation;
        let state =
            if state == refreshed { format!("`{state}`") } else { format!("`{state}`, then `{refreshed}`") };
        write!(text, "\n**{name}**: {what}\n\n- state: {state}\n").unwrap();
        match found.as_slice() {
            [] => text += "- found: nothing\n",
            found => {
                let found: Vec<String> = found.iter().map(|found| finding(found)).collect();
                writeln!(text, "- found: {}", found.join("; ")).unwrap();
            }
        }
        // Offered whenever something is not as it was read.
        for (id, what) in offers.iter().filter(|(id, _)| *id != "refresh") {
            writeln!(text, "- offered `{id}`: {what}").unwrap();
        }
    }
    text + "\n"
}

/// `code` in its own type, and where.
fn finding(found: &str) -> String {
    let (code, rest) = found.split_once(' ').unwrap_or((found, ""));
    match rest.split_once(", ") {
        Some((file, fix)) => format!("`{code}` in `{file}`, {fix}"),
        None if rest.is_empty() => format!("`{code}`"),
        None => format!("`{code}` in `{rest}`"),
    }
}
