//! A project on a disk: what stands in it, as text that can be compared and shown.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Every file with its content and every folder, by the path in the project.
pub(super) type State = BTreeMap<String, String>;

/// The packer's own bookkeeping, which differs from run to run.
const LOCAL: &str = "assets/.prometeu/local";

/// What stands in `local/` when nothing is under way; the last two are empty folders, if they are there.
const AT_REST: [&str; 7] = [".gitignore", "gate", "lock", "journal", "last-change", "staged", "removed"];

/// Everything, as it is.
pub(super) fn everything(project: &Path) -> State {
    let mut state = State::new();
    let mut folders = vec![project.to_owned()];
    while let Some(folder) = folders.pop() {
        // After a cut that was not survived, even that may not be readable: then it is seen here.
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let content = match fs::read(&path) {
                _ if is_folder => "a folder".to_owned(),
                Ok(bytes) => format!("{:?}", String::from_utf8_lossy(&bytes)),
                Err(error) => error.to_string(),
            };
            let inside = path.strip_prefix(project).expect("it was found there").display().to_string();
            state.insert(inside, content);
            if is_folder {
                folders.push(path);
            }
        }
    }
    state
}

/// What everybody but the packer's own bookkeeping sees. Of uuids it says which are the same, for each
/// run makes others.
pub(super) fn state(project: &Path) -> State {
    let mut all = everything(project);
    all.retain(|path, _| !path.starts_with(LOCAL));
    let mut met = Vec::new();
    all.iter().map(|(path, content)| (numbered(path, &mut met), numbered(content, &mut met))).collect()
}

/// What lies about that only belongs to a change under way.
pub(super) fn leftovers(project: &Path) -> Vec<String> {
    let is_left = |path: &String| match path.strip_prefix(LOCAL) {
        Some("") => false,
        Some(inside) => !AT_REST.iter().any(|name| inside[1..] == **name),
        None => path.contains(".pm-"),
    };
    everything(project).into_keys().filter(is_left).collect()
}

/// Copies a folder and all below it.
pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a place for a copy");
    for entry in fs::read_dir(from).expect("a folder to copy") {
        let entry = entry.expect("a readable entry");
        let to = to.join(entry.file_name());
        if entry.file_type().expect("the system says").is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("a file to copy");
        }
    }
}

/// In what two states differ.
pub(super) fn difference(is: &State, should: &State) -> String {
    let mut text = String::new();
    for path in is.keys().chain(should.keys().filter(|path| !is.contains_key(*path))) {
        let [is, should] = [is, should].map(|state| state.get(path).map_or("nothing", String::as_str));
        if is != should {
            text += &format!("\n    {path}: is {is}, should be {should}");
        }
    }
    text
}

/// The text with `<uuid 0>` for the first uuid that was met, and so on.
fn numbered(text: &str, met: &mut Vec<String>) -> String {
    const LENGTH: usize = 36;
    let is_uuid = |text: &str| {
        text.char_indices().all(|(n, c)| match n {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
    };
    let mut numbered = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(uuid) = rest.get(..LENGTH).filter(|uuid| is_uuid(uuid)) {
            let n = met.iter().position(|known| known == uuid).unwrap_or_else(|| {
                met.push(uuid.to_owned());
                met.len() - 1
            });
            numbered += &format!("<uuid {n}>");
            rest = &rest[LENGTH..];
        } else {
            numbered.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    numbered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::uuid;

    #[test]
    fn two_uuids_are_told_apart_and_one_is_known_again() {
        let mut met = Vec::new();
        let text = format!("é {} and {} and \"{}\"", uuid(1), uuid(2), uuid(1));
        assert_eq!(numbered(&text, &mut met), "é <uuid 0> and <uuid 1> and \"<uuid 0>\"");
        assert_eq!(numbered(&uuid(2), &mut met), "<uuid 1>");
        assert_eq!(numbered("0198c0de-0000-7000-8000-00000000000", &mut met).len(), 35);
    }

    #[test]
    fn what_belongs_to_a_change_under_way_is_seen_and_what_is_always_there_is_not() {
        let project = tempfile::tempdir().unwrap();
        let local = project.path().join(LOCAL);
        fs::create_dir_all(local.join("staged")).unwrap();
        fs::write(local.join("journal"), "").unwrap();
        assert_eq!(leftovers(project.path()), [""; 0]);
        let before = state(project.path());
        fs::create_dir(local.join("staged/new")).unwrap();
        fs::write(local.join("holder.json"), "").unwrap();
        assert_eq!(state(project.path()), before);
        fs::write(project.path().join("assets/.asset.json.pm-1-0"), "").unwrap();
        assert_eq!(leftovers(project.path()).len(), 3);
        assert!(difference(&state(project.path()), &before).contains("should be nothing"));
    }
}
