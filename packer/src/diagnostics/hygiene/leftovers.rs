//! Names of what interrupted work leaves behind.

use std::path::{Path, PathBuf};

use crate::id::OperationId;

/// What stood in the way of a change was kept beside its place, as `<name>.conflict-<operation>`: that
/// place. Only our own names are meant, those of other programs not.
pub(super) fn kept_beside(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let (name, end) = name.rsplit_once(".conflict-")?;
    let (id, version) = end.split_at_checked(OPERATION)?;
    let is_version = version.is_empty()
        || version.strip_prefix('-').is_some_and(|n| n.parse::<u32>().is_ok_and(|n| n > 1));
    (OperationId::parse(id)?.to_string() == id && is_version).then(|| path.with_file_name(name))
}

/// Characters of an operation's id.
const OPERATION: usize = 36;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_beside_a_place_is_known_by_its_name_and_nothing_else_is() {
        let id = "0be00000-0000-7000-8000-000000000001";
        let kept = |name: &str| kept_beside(&Path::new("/a").join(name));
        for name in [format!("asset.json.conflict-{id}"), format!("asset.json.conflict-{id}-2")] {
            assert_eq!(kept(&name), Some(PathBuf::from("/a/asset.json")), "{name}");
        }
        for name in [
            "asset.json".to_owned(),
            "asset.json.conflict-".to_owned(),
            "heart (conflict-2).png".to_owned(),
            "a.conflict-20261121".to_owned(),
            format!("a.conflict-{id}.png"),
            format!("a.conflict-{id}-1"),
            format!("a.conflict-{}", id.to_uppercase()),
        ] {
            assert_eq!(kept(&name), None, "{name}");
        }
    }
}
