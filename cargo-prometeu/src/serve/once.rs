//! JSON in which no object has a member twice.
//!
//! `serde_json` takes the last of them and says nothing; a host that writes `"asset": 1, "asset": 2` by
//! mistake must not learn which one counted from its files.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A member that is there more than once: the first one that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repeated {
    pub(crate) name: String,
    /// Whether it is one of the outermost object.
    pub(crate) is_outermost: bool,
}

/// Reads `text`, and what is repeated in it. Of such a member the last one is in the value.
///
/// # Errors
///
/// When it is no JSON.
pub(crate) fn read(text: &str) -> Result<(Value, Option<Repeated>), serde_json::Error> {
    let repeated = RefCell::new(None);
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Node { depth: 0, repeated: &repeated }.deserialize(&mut json)?;
    json.end()?;
    Ok((value, repeated.into_inner()))
}

/// Where in the text a value is read.
#[derive(Clone, Copy)]
struct Node<'a> {
    /// In how many objects and lists it lies.
    depth: usize,
    repeated: &'a RefCell<Option<Repeated>>,
}

impl Node<'_> {
    const fn inside(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self.inside())? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            if members.contains_key(&name) {
                let repeated = || Repeated { name: name.clone(), is_outermost: self.depth == 0 };
                self.repeated.borrow_mut().get_or_insert_with(repeated);
            }
            let value = object.next_value_seed(self.inside())?;
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_read_as_it_is_read_elsewhere() {
        for text in [
            r#"{"a":[1,-2,1.5,18446744073709551615,"\u00e4\n",null,true,{}],"b":{"a":""}}"#,
            "[]",
            " 7 ",
            "null",
            "{} {}",
            "1e400",
            "\"\\ud800\"",
        ] {
            let (here, there) = (read(text), serde_json::from_str::<Value>(text));
            assert_eq!(here.is_ok(), there.is_ok(), "{text}");
            if let (Ok(here), Ok(there)) = (here, there) {
                assert_eq!(here, (there, None), "{text}");
            }
        }
        assert!(read(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn a_member_that_is_there_twice_is_found_at_any_depth() {
        let found = |text| read(text).unwrap().1;
        let repeated = |name: &str, is_outermost| Some(Repeated { name: name.to_owned(), is_outermost });
        assert_eq!(found(r#"{"a":1,"b":2,"a":1}"#), repeated("a", true));
        assert_eq!(found(r#"{"a":1,"\u0061":2}"#), repeated("a", true));
        assert_eq!(found(r#"{"b":[{"a":1,"a":2}]}"#), repeated("a", false));
        assert_eq!(found(r#"{"b":{"a":1},"c":{"a":2},"a":3}"#), None);
    }
}
