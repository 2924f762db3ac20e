//! What people do by hand, to the files and to the model alike.

use super::World;
use super::away::QUARANTINE;
use super::state::{Entry, Model, Registry};
use super::steps::{Hand, InQuarantine};
use super::undoing::Did;
use crate::storage::Rename;
use crate::testing::blob;

impl World {
    pub(super) fn by_hand(&mut self, hand: Hand) {
        let files = self.fixture.files.clone();
        let model = &mut self.model;
        let put = |model: &mut Model, path: String, bytes: Vec<u8>| {
            files.write(Self::path(&path), bytes.clone());
            model.put(&path, bytes);
        };
        let declared = |root: &str| format!("{root}/asset.json");
        let may_stand = |model: &Model, root: &str| {
            let above = root.match_indices('/').map(|(at, _)| &root[..at]);
            !model.files.contains_key(root) && above.into_iter().all(|above| model.file(above).is_none())
        };
        match hand {
            Hand::Declare(root, n) if may_stand(model, root) => {
                let uuid = format!("0198c0de-0000-7000-8000-{n:012}");
                put(model, declared(root), blob(&uuid, root).into_bytes());
                put(model, format!("{root}/data.txt"), format!("data {n}").into_bytes());
            }
            Hand::EditDeclaration(root, n) => {
                if let Some(mut value) = model.declaration(root) {
                    value["name"] = format!("name {n}").into();
                    put(model, declared(root), serde_json::to_vec_pretty(&value).unwrap());
                }
            }
            Hand::DropUuid(root) if model.registered(root).is_none() => {
                if let Some(mut value) = model.declaration(root) {
                    value.as_object_mut().unwrap().remove("asset_uuid");
                    put(model, declared(root), serde_json::to_vec_pretty(&value).unwrap());
                }
            }
            Hand::BreakDeclaration(root) if model.file(&declared(root)).is_some() => {
                put(model, declared(root), b"{ \"name\": ".to_vec());
            }
            Hand::Note(root, n) if model.is_folder(root) => {
                put(model, format!("{root}/note.txt"), format!("note {n}").into_bytes());
            }
            Hand::MoveFolder(from, to)
                if model.is_folder(from) && may_stand(model, to) && !to.starts_with(&format!("{from}/")) =>
            {
                if let Some((above, _)) = to.rsplit_once('/') {
                    files.folder(Self::path(above));
                }
                files.rename_by_hand(Self::path(from), Self::path(to), Rename::New).unwrap();
                model.move_folder(from, to);
            }
            Hand::CopyRoot(from, to) if model.is_folder(from) && may_stand(model, to) => {
                let inside = format!("{from}/");
                let copies: Vec<(String, Vec<u8>)> = model
                    .files
                    .iter()
                    .filter_map(|(path, bytes)| {
                        Some((path.strip_prefix(&inside)?.to_owned(), bytes.clone()?))
                    })
                    .collect();
                for (path, bytes) in copies {
                    put(model, format!("{to}/{path}"), bytes);
                }
            }
            Hand::Delete(root) if model.files.contains_key(root) => {
                files.delete(Self::path(root));
                model.delete(root);
            }
            Hand::DeleteData(root) => {
                files.delete(Self::path(&format!("{root}/data.txt")));
                model.delete(&format!("{root}/data.txt"));
            }
            Hand::MakeFolder(root) if may_stand(model, root) => {
                files.folder(Self::path(root));
                model.put_folder(root);
            }
            Hand::Quarantine(what, n) => self.quarantine_by_hand(what, n),
            Hand::Squat(root, is_folder) => {
                let place = match model.last.change().map(|change| &change.did) {
                    Some(Did::Moved(from, _)) if from.starts_with(QUARANTINE) && root != "a" => {
                        from.trim_end_matches("/root").to_owned()
                    }
                    _ => format!("{QUARANTINE}/unregistered-{}", root.rsplit('/').next().unwrap()),
                };
                if model.files.contains_key(&place) {
                    return;
                }
                match (is_folder, root.len() % 2) {
                    (true, 0) => put(model, format!("{place}/root/note.txt"), b"mine".to_vec()),
                    (true, _) => {
                        files.folder(Self::path(&place));
                        model.put_folder(&place);
                    }
                    (false, _) => put(model, place, b"mine".to_vec()),
                }
            }
            _ => self.registry_by_hand(hand),
        }
    }

    fn registry_by_hand(&mut self, hand: Hand) {
        let index = "/game/assets/.prometeu/index.json";
        let files = self.fixture.files.clone();
        let pick = |entries: &[Entry], n: u32| (!entries.is_empty()).then(|| n as usize % entries.len());
        match (&mut self.model.registry, hand) {
            (Registry::Good { entries, next, raw }, _) => {
                let now = files.content(index).unwrap();
                match hand {
                    Hand::Reformat => {}
                    Hand::Toggle(n) => match pick(entries, n) {
                        Some(at) => entries[at].included = !entries[at].included,
                        None => return,
                    },
                    Hand::RemoveEntry(n) => match pick(entries, n) {
                        Some(at) => drop(entries.remove(at)),
                        None => return,
                    },
                    Hand::SkipIds(n) => *next += n,
                    Hand::DeleteRegistry => {
                        files.delete(index);
                        self.tracked = now;
                        self.model.registry = Registry::Missing;
                        return;
                    }
                    Hand::BreakRegistry | Hand::ConflictMarkers => {
                        let mut text = b"<<<<<<< HEAD\n".to_vec();
                        text.extend(&now[..now.len() / 2]);
                        files.write(index, text.clone());
                        self.tracked = now;
                        self.model.registry = Registry::Unreadable(text);
                        return;
                    }
                    _ => return,
                }
                let entry = |entry: &Entry| {
                    serde_json::json!({
                        "root": entry.root, "asset_id": entry.id, "asset_uuid": entry.uuid,
                        "included_in_build": entry.included,
                    })
                };
                let entries: Vec<_> = entries.iter().map(entry).collect();
                let value =
                    serde_json::json!({ "assets": entries, "next_asset_id": next, "schema_version": 1 });
                let text = serde_json::to_vec_pretty(&value).unwrap();
                files.write(index, text.clone());
                *raw = Some(text);
            }
            (_, Hand::RestoreRegistry) if !self.tracked.is_empty() => {
                files.write(index, self.tracked.clone());
                let registry = crate::schema::registry::read_bytes(self.tracked.clone()).1.registry.unwrap();
                let entries = registry.assets.iter().map(Entry::of).collect();
                let (next, raw) = (registry.next_asset_id, Some(self.tracked.clone()));
                self.model.registry = Registry::Good { entries, next, raw };
            }
            _ => {}
        }
    }

    fn quarantine_by_hand(&mut self, what: InQuarantine, n: u32) {
        let away = self.model.away();
        let Some(away) = away.get(n as usize % away.len().max(1)) else { return };
        let folder = away.folder();
        let [record, root] = ["record.json", "root"].map(|name| format!("{folder}/{name}"));
        let (files, model) = (self.fixture.files.clone(), &mut self.model);
        let has_root = model.is_folder(&root);
        let mut put = |path: &str, bytes: Vec<u8>| {
            files.write(Self::path(path), bytes.clone());
            model.put(path, bytes);
        };
        let text = self.fixture.files.content(Self::path(&record));
        let value = text.as_deref().and_then(|text| serde_json::from_slice::<serde_json::Value>(text).ok());
        match (what, value) {
            (InQuarantine::Readdress(to), Some(mut value)) => {
                value["root"] = to.into();
                put(&record, serde_json::to_vec_pretty(&value).unwrap());
            }
            (InQuarantine::Toggle, Some(mut value)) => {
                if let Some(serde_json::Value::Bool(included)) = value.get_mut("included_in_build") {
                    *included = !*included;
                }
                put(&record, serde_json::to_vec(&value).unwrap());
            }
            (InQuarantine::BreakRecord, Some(_)) => put(&record, b"{ \"root\": ".to_vec()),
            (InQuarantine::Note, _) if has_root => {
                put(&format!("{root}/note.txt"), format!("note {n}").into_bytes());
            }
            (InQuarantine::Stray, _) => put(&format!("{folder}/stray.txt"), b"mine".to_vec()),
            (InQuarantine::Copy, _) => {
                let copy = format!("{folder}-copy");
                let inside = format!("{folder}/");
                let copied: Vec<(String, Vec<u8>)> = self
                    .model
                    .below(&folder)
                    .filter_map(|path| {
                        Some((path[inside.len()..].to_owned(), self.model.file(path)?.to_vec()))
                    })
                    .collect();
                for (path, bytes) in copied {
                    files.write(Self::path(&format!("{copy}/{path}")), bytes.clone());
                    self.model.put(&format!("{copy}/{path}"), bytes);
                }
            }
            (InQuarantine::Delete | InQuarantine::DeleteRecord | InQuarantine::DeleteRoot, _) => {
                let gone = match what {
                    InQuarantine::Delete => folder,
                    InQuarantine::DeleteRecord => record,
                    _ => root,
                };
                files.delete(Self::path(&gone));
                model.delete(&gone);
            }
            _ => {}
        }
    }
}
