//! The transcript of `docs/serve.md`, replayed.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Served;
use crate::harness::Place;

const PAGE: &str = include_str!("../../../../docs/serve.md");

/// A name that is given nowhere, and a member that stands for others.
const ANYTHING: &str = "<…>";
const MORE: &str = "…";

/// What the names of the transcript turned out to be.
#[derive(Debug, Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    /// The text with every name that is known in its place.
    fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, is)| text.replace(name, is))
    }

    fn fill_all(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(list) => list.iter().map(|value| self.fill_all(value)).collect(),
            Value::Object(members) => {
                let filled = members.iter().map(|(name, value)| (name.clone(), self.fill_all(value)));
                Value::Object(filled.collect::<Map<_, _>>())
            }
            other => other.clone(),
        }
    }

    /// Whether `is` is what the page says, learning names on the way.
    fn check(&mut self, said: &Value, is: &Value) -> Result<(), String> {
        match (said, is) {
            (Value::String(said), _) if said == ANYTHING => Ok(()),
            (Value::String(said), Value::String(is)) => {
                let is_name = said.starts_with('<') && said.find('>') == Some(said.len() - 1);
                if is_name && !self.0.contains_key(said) {
                    self.0.insert(said.clone(), is.clone());
                }
                let filled = self.fill(said);
                if filled == *is { Ok(()) } else { Err(format!("{is:?} instead of {filled:?}")) }
            }
            (Value::Array(said), Value::Array(is)) if said.len() == is.len() => {
                said.iter().zip(is).try_for_each(|(said, is)| self.check(said, is))
            }
            (Value::Object(said), Value::Object(is)) => {
                for (name, said) in said.iter().filter(|(name, _)| *name != MORE) {
                    let is = is.get(name).ok_or_else(|| format!("no `{name}`"))?;
                    self.check(said, is).map_err(|why| format!("`{name}`: {why}"))?;
                }
                let unsaid = is.keys().find(|name| !said.contains_key(*name));
                match unsaid.filter(|_| !said.contains_key(MORE)) {
                    Some(unsaid) => Err(format!("`{unsaid}` as well")),
                    None => Ok(()),
                }
            }
            (said, is) if said == is => Ok(()),
            (said, is) => Err(format!("{is} instead of {said}")),
        }
    }
}

#[test]
fn the_transcript_is_what_a_host_sees() {
    let (_, transcript) = PAGE.split_once("```transcript\n").unwrap();
    let (transcript, _) = transcript.split_once("```").unwrap();
    let place = Place::empty();
    let mut served = Served::spawn(place.command(&["--project", ".", "serve", "--no-observe"]));
    let mut names = Names::default();
    let mut count = 0;
    for line in transcript.lines() {
        let (who, message) = line.split_once(' ').unwrap();
        let message: Value = serde_json::from_str(message).unwrap_or_else(|e| panic!("{e}: {line}"));
        if who == ">" {
            served.send(&names.fill_all(&message));
        } else {
            let is = served.next().unwrap_or_else(|| panic!("it has ended before {line}"));
            names.check(&message, &is).unwrap_or_else(|why| panic!("{why}\nthe page: {line}\nit says: {is}"));
            count += 1;
        }
    }
    assert!(count > 12, "{count} lines are no transcript");
    assert_eq!(served.code(), Some(0));
    assert_eq!(served.next(), None, "nothing comes after the end");
}
