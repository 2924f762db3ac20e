//! Two packs, asset by asset: the one that the project makes, and the one that was given.
//!
//! Assets are one when they have the same id and name; else when both have the one name once; else
//! when they have one id. So an asset that was renumbered is not taken for two.

use std::collections::{BTreeMap, BTreeSet};

use packer_format::{AssetId, Entry, PackFile, PackFileError};
use serde_json::{Value, json};

use crate::commands::inspect;

/// The two packs.
pub(super) struct Sides<'a> {
    /// What the project makes.
    pub(super) made: &'a PackFile,
    /// What is to be proved.
    pub(super) given: &'a PackFile,
}

/// An asset in which they differ.
#[derive(Debug)]
pub(super) struct Differing {
    pub(super) name: String,
    /// Where it is in the project, once somebody looked.
    pub(super) root: Option<String>,
    /// Its id in the project.
    pub(super) made: Option<AssetId>,
    /// Its id in the given pack.
    given: Option<AssetId>,
    pub(super) differences: Vec<Difference>,
}

impl Differing {
    /// The id in the project, else the one in the pack.
    pub(super) fn id(&self) -> AssetId {
        self.made.or(self.given).expect("one of the packs has it")
    }
}

/// One way in which they differ.
#[derive(Debug)]
pub(super) struct Difference {
    /// `missing_in_pack`, `not_in_project`, `asset_id`, `asset_name`, `header`, `metadata`, `preload` or
    /// `payload`.
    pub(super) kind: &'static str,
    /// Which member of the header, or of the metadata.
    pub(super) member: Option<String>,
    /// What the project makes of it.
    pub(super) expected: Value,
    /// What the pack has.
    pub(super) found: Value,
    pub(super) message: String,
}

/// The assets that differ, by the ids that the project has for them, then those that it has not.
///
/// # Errors
///
/// When a pack cannot be read.
pub(super) fn differing(sides: &Sides<'_>) -> Result<Vec<Differing>, PackFileError> {
    let (made, given) = (sides.made.header().entries(), sides.given.header().entries());
    let mut left: BTreeMap<AssetId, &Entry> = given.iter().map(|entry| (entry.asset_id, entry)).collect();
    let mut pairs: Vec<(&Entry, Option<&Entry>)> = made.iter().map(|entry| (entry, None)).collect();
    for (entry, other) in &mut pairs {
        if left.get(&entry.asset_id).is_some_and(|there| there.asset_name == entry.asset_name) {
            *other = left.remove(&entry.asset_id);
        }
    }
    let (here, there) = (names(made), names(given));
    for (entry, other) in pairs.iter_mut().filter(|(_, other)| other.is_none()) {
        let name = entry.asset_name.as_str();
        if let (Some(Some(_)), Some(Some(id))) = (here.get(name), there.get(name)) {
            *other = left.remove(id);
        }
    }
    for (entry, other) in pairs.iter_mut().filter(|(_, other)| other.is_none()) {
        *other = left.remove(&entry.asset_id);
    }
    let mut differing = Vec::new();
    for (entry, other) in pairs {
        let differences = match other {
            Some(other) => between(sides, entry, other)?,
            None => vec![alone("missing_in_pack", entry, "it is not in the pack")],
        };
        if !differences.is_empty() {
            let (name, given) = (entry.asset_name.clone(), other.map(|other| other.asset_id));
            differing.push(Differing { name, root: None, made: Some(entry.asset_id), given, differences });
        }
    }
    for entry in left.into_values() {
        let message = "it is in the pack, and the project does not pack such an asset";
        differing.push(Differing {
            name: entry.asset_name.clone(),
            root: None,
            made: None,
            given: Some(entry.asset_id),
            differences: vec![alone("not_in_project", entry, message)],
        });
    }
    Ok(differing)
}

/// The id of each name that one asset has; of one that several have, none.
fn names(entries: &[Entry]) -> BTreeMap<&str, Option<AssetId>> {
    let mut names = BTreeMap::new();
    for entry in entries {
        let id = Some(entry.asset_id);
        names.entry(entry.asset_name.as_str()).and_modify(|known| *known = None).or_insert(id);
    }
    names
}

fn alone(kind: &'static str, entry: &Entry, message: &str) -> Difference {
    let what = json!({ "bank_type": entry.bank_type, "size": entry.size });
    let (expected, found) = if kind == "missing_in_pack" { (what, Value::Null) } else { (Value::Null, what) };
    Difference { kind, member: None, expected, found, message: message.to_owned() }
}

/// How two entries that are one asset differ.
fn between(sides: &Sides<'_>, made: &Entry, given: &Entry) -> Result<Vec<Difference>, PackFileError> {
    let mut found = Vec::new();
    let payload = first_difference(sides, made, given)?;
    if let Some(at) = payload {
        let (expected, there) = (made.size, given.size);
        let sizes = if expected == there {
            format!("both have {expected} bytes")
        } else {
            format!("{expected} bytes in the project, {there} in the pack")
        };
        let message = format!("its payload differs from byte {at} on: {sizes}");
        found.push(Difference {
            kind: "payload",
            member: None,
            expected: json!(expected),
            found: json!(there),
            message,
        });
    }
    let mut compare = |kind, member: Option<&str>, what: &str, [expected, there]: [Value; 2]| {
        if expected != there {
            let message =
                format!("{what} is {} in the project, and {} in the pack", told(&expected), told(&there));
            let member = member.map(str::to_owned);
            found.push(Difference { kind, member, expected, found: there, message });
        }
    };
    compare("asset_id", None, "its id", [made, given].map(|entry| json!(entry.asset_id.get())));
    compare("asset_name", None, "its name", [made, given].map(|entry| json!(entry.asset_name)));
    compare("header", Some("bank_type"), "`bank_type`", [made, given].map(|entry| json!(entry.bank_type)));
    compare("header", Some("codec"), "`codec`", [made, given].map(|entry| json!(entry.codec.as_str())));
    compare(
        "header",
        Some("decoded_size"),
        "`decoded_size`",
        [made, given].map(|entry| json!(entry.decoded_size)),
    );
    let [here, there] = [made, given].map(inspect::metadata);
    for (path, both) in leaves(&here, &there) {
        compare("metadata", Some(&path), &format!("`metadata.{path}`"), both);
    }
    let slots = [(sides.made, made), (sides.given, given)]
        .map(|(pack, entry)| json!(pack.header().slot(entry.asset_id)));
    compare("preload", None, "its preload slot", slots);
    Ok(found)
}

/// What two objects do not have alike, by the path to it: `samples.0.length`.
fn leaves(here: &Value, there: &Value) -> Vec<(String, [Value; 2])> {
    let (Some(ours), Some(theirs)) = (here.as_object(), there.as_object()) else {
        return vec![(String::new(), [here.clone(), there.clone()])];
    };
    let keys: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    let mut found = Vec::new();
    for key in keys {
        let [a, b] = [ours, theirs].map(|members| members.get(key).unwrap_or(&Value::Null));
        if a != b {
            let inner = leaves(a, b).into_iter();
            found.extend(inner.map(|(path, both)| {
                (if path.is_empty() { key.clone() } else { format!("{key}.{path}") }, both)
            }));
        }
    }
    found
}

/// The first byte in which the payloads differ, or where one of them ends.
fn first_difference(sides: &Sides<'_>, made: &Entry, given: &Entry) -> Result<Option<u64>, PackFileError> {
    let (mut here, mut there) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut at = 0;
    loop {
        let read = sides.made.read_at(made.asset_id, at, &mut here)?;
        let other = sides.given.read_at(given.asset_id, at, &mut there)?;
        let same = here[..read].iter().zip(&there[..other]).take_while(|(a, b)| a == b).count();
        if same < read.max(other) {
            return Ok(Some(at + same as u64));
        }
        if read == 0 {
            return Ok(None);
        }
        at += read as u64;
    }
}

/// A value in a sentence: what is long is not told.
fn told(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Object(members) if members.len() > 1 => format!("{} members", members.len()),
        Value::Array(list) if list.len() > 4 => format!("a list of {}", list.len()),
        Value::String(text) => format!("`{text}`"),
        value => format!("`{value}`"),
    }
}
