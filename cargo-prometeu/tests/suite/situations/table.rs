//! The table of situations: a data file, read and written.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::path::PathBuf;

use toml_edit::{DocumentMut, Item, Table as Toml};

/// The whole table.
pub(super) struct Table {
    /// What stands above it.
    head: String,
    pub(super) situations: Vec<Situation>,
}

/// What somebody does, and what is made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Situation {
    /// A word or two.
    pub(super) name: String,
    /// The same in a few words for people.
    pub(super) what: String,
    /// What is done, step by step.
    pub(super) does: Vec<String>,
    /// The state against what was read before.
    pub(super) state: String,
    /// The state once the disk was read again.
    pub(super) refreshed: String,
    /// What doctor finds then, in the whole workspace: code, file, and whether a fix is offered.
    pub(super) found: Vec<String>,
    /// What is offered, and what comes of it: the state then, and who is registered.
    pub(super) offers: BTreeMap<String, String>,
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/situations.toml")
}

/// Whether the table is to be written anew.
pub(super) fn is_to_be_blessed() -> bool {
    std::env::var_os("PROMETEU_BLESS").is_some()
}

impl Table {
    pub(super) fn read() -> Self {
        let text = std::fs::read_to_string(file()).unwrap();
        let (head, _) = text.split_once("[[situation]]").unwrap();
        let document: DocumentMut = text.parse().unwrap();
        let situations = document["situation"].as_array_of_tables().unwrap().iter();
        let table = Self { head: head.to_owned(), situations: situations.map(Situation::of).collect() };
        let mut names: Vec<&str> = table.situations.iter().map(|situation| &*situation.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), table.len(), "two situations have one name");
        table
    }

    /// The same with other answers.
    pub(super) fn with(&self, situations: Vec<Situation>) -> Self {
        Self { head: self.head.clone(), situations }
    }

    pub(super) fn len(&self) -> usize {
        self.situations.len()
    }

    pub(super) fn write(&self) {
        let situations: Vec<String> = self.situations.iter().map(ToString::to_string).collect();
        std::fs::write(file(), format!("{}{}", self.head, situations.join("\n"))).unwrap();
    }
}

impl Situation {
    fn of(table: &Toml) -> Self {
        let text = |name: &str| table.get(name).and_then(Item::as_str).unwrap_or_default().to_owned();
        let list = |name: &str| {
            let values = table.get(name).and_then(Item::as_array).into_iter().flatten();
            values.map(|value| value.as_str().unwrap().to_owned()).collect()
        };
        let offers = table.get("offers").and_then(Item::as_table_like);
        let offers = offers.into_iter().flat_map(|offers| offers.iter());
        Self {
            name: text("name"),
            what: text("what"),
            does: list("does"),
            state: text("state"),
            refreshed: text("refreshed"),
            found: list("found"),
            offers: offers.map(|(id, what)| (id.to_owned(), what.as_str().unwrap().to_owned())).collect(),
        }
    }
}

/// As it stands in the file.
impl fmt::Display for Situation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |values: &[String]| {
            let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            match values.as_slice() {
                [] => "[]".to_owned(),
                [one] => format!("[{one}]"),
                several => format!("[\n    {},\n]", several.join(",\n    ")),
            }
        };
        writeln!(f, "[[situation]]\nname = {}\nwhat = {}", quoted(&self.name), quoted(&self.what))?;
        writeln!(f, "does = {}", list(&self.does))?;
        writeln!(f, "state = {}\nrefreshed = {}", quoted(&self.state), quoted(&self.refreshed))?;
        writeln!(f, "found = {}", list(&self.found))?;
        if !self.offers.is_empty() {
            f.write_str("[situation.offers]\n")?;
        }
        self.offers.iter().try_for_each(|(id, what)| writeln!(f, "{} = {}", quoted(id), quoted(what)))
    }
}

/// A literal string where it can be one.
fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    let quote = if text.contains('\'') { '"' } else { '\'' };
    write!(quoted, "{quote}{text}{quote}").unwrap();
    quoted
}
