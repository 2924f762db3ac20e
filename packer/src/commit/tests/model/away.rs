//! The model of the quarantine: its entries are read from the model's files each time.

use serde_json::Value;

use super::state::{Entry, Model};

/// Below `assets/`.
pub(super) const QUARANTINE: &str = ".prometeu/quarantine";

/// A folder in quarantine.
#[derive(Debug, Clone)]
pub(super) struct Away {
    pub(super) name: String,
    /// Where it came from, if that can be told and its root is there.
    pub(super) record: Option<Record>,
}

/// Where a root came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) root: String,
    /// Its id, its uuid, and whether it was included; nothing of one that was not registered.
    pub(super) registered: Option<(u32, String, bool)>,
}

impl Away {
    pub(super) fn folder(&self) -> String {
        format!("{QUARANTINE}/{}", self.name)
    }
}

impl Record {
    pub(super) fn of(root: &str, entry: Option<&Entry>) -> Self {
        let registered = |entry: &Entry| {
            (entry.id, entry.uuid.clone().expect("it was looked at since it was made"), entry.included)
        };
        Self { root: root.to_owned(), registered: entry.map(registered) }
    }

    /// Every byte of it: what is put away by two people has the same files.
    fn text(&self) -> String {
        let registered = self.registered.as_ref().map_or_else(String::new, |(id, uuid, included)| {
            format!(
                ",\n  \"asset_id\": {id},\n  \"included_in_build\": {included},\n  \"asset_uuid\": \"{uuid}\""
            )
        });
        format!("{{\n  \"schema_version\": 1,\n  \"root\": \"{}\"{registered}\n}}\n", self.root)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let root = value.get("root")?.as_str()?.to_owned();
        let registered = match value.get("asset_id") {
            None => None,
            Some(id) => Some((
                u32::try_from(id.as_u64()?).ok()?,
                value.get("asset_uuid")?.as_str()?.to_owned(),
                value.get("included_in_build")?.as_bool()?,
            )),
        };
        Some(Self { root, registered })
    }
}

impl Model {
    /// Every folder in quarantine, by name.
    pub(super) fn away(&self) -> Vec<Away> {
        let inside = format!("{QUARANTINE}/");
        let names = self.below(QUARANTINE).filter_map(|path| path.strip_prefix(&inside));
        let folders = names.filter(|name| !name.contains('/') && self.is_folder(&format!("{inside}{name}")));
        let away = folders.map(|name| Away {
            name: name.to_owned(),
            record: self
                .file(&format!("{inside}{name}/record.json"))
                .and_then(Record::read)
                .filter(|_| self.is_folder(&format!("{inside}{name}/root"))),
        });
        away.collect()
    }

    /// What a root would be called there.
    pub(super) fn free_name(&self, record: &Record) -> String {
        let owner = record.registered.as_ref().map_or("unregistered".to_owned(), |(id, ..)| id.to_string());
        let last = record.root.rsplit('/').next().unwrap_or_default();
        let names = (1..).map(|n| match n {
            1 => format!("{owner}-{last}"),
            n => format!("{owner}-{last}-{n}"),
        });
        let mut free = names.filter(|name| !self.files.contains_key(&format!("{QUARANTINE}/{name}")));
        free.next().expect("there are more names than files")
    }

    /// Puts a root there under that name.
    pub(super) fn put_away(&mut self, record: &Record, name: &str) {
        let folder = format!("{QUARANTINE}/{name}");
        self.put(&format!("{folder}/record.json"), record.text());
        self.move_folder(&record.root, &format!("{folder}/root"));
    }

    /// The entry of that name, if it can be brought back.
    pub(super) fn restorable(&self, name: &str) -> Option<Record> {
        let record = self.away().into_iter().find(|away| away.name == name)?.record?;
        let is_there = self.is_folder(&format!("{QUARANTINE}/{name}/root"));
        let is_known = self.knows(&record);
        let own = is_known.then_some(record.root.as_str());
        let is_free = self.is_apart(&record.root, own)
            && self.has_way(&record.root)
            && !self.files.contains_key(&record.root);
        let is_its_own = record.registered.as_ref().is_none_or(|(id, uuid, _)| {
            self.entries().iter().all(|entry| entry.id != *id && entry.uuid.as_ref() != Some(uuid))
        });
        (is_there && is_free && (is_its_own || is_known)).then_some(record)
    }

    /// Whether the registry has the very entry of that record.
    pub(super) fn knows(&self, record: &Record) -> bool {
        record.registered.as_ref().is_some_and(|(id, uuid, _)| {
            let is_it = |entry: &Entry| {
                (entry.id, entry.uuid.as_ref(), &entry.root) == (*id, Some(uuid), &record.root)
            };
            self.entries().iter().any(is_it)
        })
    }

    /// Brings the entry of that name back, and leaves none of it if nothing else lies in it.
    pub(super) fn bring_back(&mut self, record: &Record, name: &str) {
        let folder = format!("{QUARANTINE}/{name}");
        let was_alone = self.away().len() == 1;
        self.move_folder(&format!("{folder}/root"), &record.root);
        self.delete(&format!("{folder}/record.json"));
        self.tidy(&folder);
        if was_alone {
            self.tidy(QUARANTINE);
        }
    }
}
