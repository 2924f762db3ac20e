//! Where each scenario does what it does, and what of it a person may have their hands on.

use std::path::{Path, PathBuf};

use crate::commit::tests::scenario::Scenario;
use crate::schema::registry::{self, Entry, Registry};
use crate::storage::memory::MemoryStorage;
use crate::testing::uuid;

use super::person::At;

/// Where roots lie that are removed for good, a folder for each operation.
pub(super) const REMOVED: &str = "/game/assets/.prometeu/local/removed";

/// The ground of a scenario. Places are relative to `assets/`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground {
    /// A root that is there.
    pub(super) root: &'static str,
    /// A root that will be there, or will be there again.
    pub(super) new_root: Option<&'static str>,
    /// What becomes of them.
    pub(super) fate: Fate,
    /// The topmost folder among the assets that the change makes or removes on the way to a root.
    way: Option<&'static str>,
    /// The entry in quarantine that the change makes or removes.
    entry: Option<&'static str>,
    /// What the registry holds then.
    pub(super) registry: Holds,
    /// The numbers of the uuids of the assets whose entries the change makes, alters or removes.
    about: &'static [u32],
    /// Whether it writes something into the declaration of the root.
    pub(super) rewrites: bool,
}

/// What becomes of the roots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The root stays where it is.
    Stays,
    /// The new root is made beside it.
    Made,
    /// The root becomes the new root.
    Moves,
    /// The root is a person's, and removed for good: until the next change it lies in `local/removed/`.
    Removed,
    /// What is in `local/removed/` becomes the new root again.
    ComesBack,
    /// The root was made by the change before, and is removed for good if nobody else wrote into it.
    Unmade,
}

/// What the registry holds after the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// The same as before.
    Same,
    /// There is one.
    Anything,
    /// There is none.
    Nothing,
    /// An entry with that root.
    Root(&'static str),
    /// No entry with that root.
    NoRoot(&'static str),
    /// The entries that the change is about, all included or all excluded.
    Included(bool),
}

impl Ground {
    /// Something that is done to the registry alone, as far as anybody else can get at it.
    const fn staying(root: &'static str, registry: Holds, about: &'static [u32]) -> Self {
        Self {
            root,
            new_root: None,
            fate: Fate::Stays,
            way: None,
            entry: None,
            registry,
            about,
            rewrites: false,
        }
    }

    const fn making(new_root: &'static str, way: Option<&'static str>) -> Self {
        let staying = Self::staying("a", Holds::Root(new_root), &[]);
        Self { new_root: Some(new_root), fate: Fate::Made, way, ..staying }
    }

    const fn moving(root: &'static str, new_root: &'static str, about: &'static [u32]) -> Self {
        let staying = Self::staying(root, Holds::Root(new_root), about);
        Self { new_root: Some(new_root), fate: Fate::Moves, ..staying }
    }

    /// Into that entry of the quarantine; the root there is the new one.
    const fn away(root: &'static str, entry: &'static str, kept: &'static str) -> Self {
        Self { entry: Some(entry), registry: Holds::NoRoot(root), ..Self::moving(root, kept, &[1]) }
    }

    pub(super) fn of(scenario: &Scenario) -> Self {
        const ENTRY: &str = ".prometeu/quarantine/1-a";
        const KEPT: &str = ".prometeu/quarantine/1-a/root";
        let back = Self { entry: Some(ENTRY), ..Self::moving(KEPT, "a", &[1]) };
        match scenario.name {
            "init in an empty folder" | "init beside files" => Self::staying("a", Holds::Anything, &[]),
            "create below new folders" => Self::making("new/deep/b", Some("new")),
            "create in an empty folder" | "create from files" => Self::making("b", None),
            "register" => Self::staying("b", Holds::Root("b"), &[7]),
            "register and write a uuid" => {
                Self { rewrites: true, ..Self::staying("b", Holds::Root("b"), &[]) }
            }
            "relocate below new folders" => {
                Self { way: Some("new"), ..Self::moving("a", "new/deep/a", &[1]) }
            }
            "relocate beside" => Self::moving("a", "b", &[1]),
            "exclude two" => Self::staying("a", Holds::Included(false), &[1, 2]),
            "forget" => Self::staying("a", Holds::NoRoot("a"), &[1]),
            "remove" | "quarantine" | "quarantine beside another" | "undo a restoration" => {
                Self::away("a", ENTRY, KEPT)
            }
            "remove for good" => Self { fate: Fate::Removed, ..Self::staying("a", Holds::NoRoot("a"), &[1]) },
            "quarantine an orphan" => {
                const ENTRY: &str = ".prometeu/quarantine/unregistered-b";
                const KEPT: &str = ".prometeu/quarantine/unregistered-b/root";
                Self { registry: Holds::Same, about: &[], ..Self::away("b", ENTRY, KEPT) }
            }
            "restore" | "undo a quarantine" => back,
            "restore below folders that are gone" => Self {
                way: Some("ui"),
                entry: Some(".prometeu/quarantine/2-c"),
                ..Self::moving(".prometeu/quarantine/2-c/root", "ui/c", &[2])
            },
            "adopt as new" => Self { rewrites: true, ..Self::staying("b", Holds::Root("b"), &[]) },
            "adopt as the asset" => Self::staying("b", Holds::Root("b"), &[1]),
            "mend an old name" => Self { rewrites: true, ..Self::staying("a", Holds::Same, &[]) },
            "reconcile a moved one" => Self::staying("art/b", Holds::Root("art/b"), &[1]),
            "reconcile two that changed places" => Self::staying("a", Holds::Root("a"), &[1, 2]),
            "reconcile an allocator that is behind" => Self::staying("a", Holds::Anything, &[]),
            "adopt a root whose uuid was edited" => {
                Self { rewrites: true, ..Self::staying("a", Holds::Same, &[]) }
            }
            "undo a reconciliation" => Self::staying("a", Holds::Root("a"), &[1, 2]),
            "undo a creation" => Self { fate: Fate::Unmade, ..Self::staying("b", Holds::NoRoot("b"), &[]) },
            "undo a relocation" => Self { way: Some("new"), ..Self::moving("new/deep/a", "a", &[1]) },
            "undo a removal for good" => {
                let staying = Self::staying("ui/c", Holds::Root("a"), &[1]);
                Self { new_root: Some("a"), fate: Fate::ComesBack, ..staying }
            }
            "undo an adoption" => Self { rewrites: true, ..Self::staying("b", Holds::NoRoot("b"), &[]) },
            "undo an exclusion" => Self::staying("a", Holds::Included(true), &[1, 2]),
            "undo init" => Self::staying("a", Holds::Nothing, &[]),
            other => panic!("nobody knows where `{other}` does what it does"),
        }
    }

    pub(super) fn path(&self, at: At) -> Option<PathBuf> {
        let assets = Path::new("/game/assets");
        let new = || self.new_root.map(|root| assets.join(root));
        let entry = || self.entry.map(|entry| assets.join(entry));
        match at {
            At::Registry => Some(assets.join(".prometeu/index.json")),
            At::Root => Some(assets.join(self.root)),
            At::Declaration => Some(assets.join(self.root).join("asset.json")),
            At::NewRoot => new(),
            At::NewDeclaration => new().map(|root| root.join("asset.json")),
            At::Way => self.way.map(|way| assets.join(way)),
            At::Entry => entry(),
            At::Record => entry().map(|entry| entry.join("record.json")),
            At::Quarantine => entry().and_then(|entry| entry.parent().map(Path::to_path_buf)),
            At::Control => Some(assets.join(".prometeu")),
        }
    }

    /// The roots.
    pub(super) fn roots(&self) -> Vec<PathBuf> {
        [At::Root, At::NewRoot].map(|at| self.path(at)).into_iter().flatten().collect()
    }

    /// The same file in the other place of a root that moves.
    pub(super) fn twin(&self, path: &Path) -> Option<PathBuf> {
        let new = self.path(At::NewRoot)?;
        if self.fate == Fate::ComesBack {
            // Nothing that is saved at the new place may go back from there.
            return removed(path).map(|rest| new.join(rest));
        }
        let old = self.path(At::Root).filter(|_| self.fate == Fate::Moves)?;
        let moved = |from: &Path, to: &Path| path.strip_prefix(from).ok().map(|rest| to.join(rest));
        moved(&old, &new).or_else(|| moved(&new, &old))
    }

    /// The names that the entry gets in quarantine when somebody else has made one of its name, or has
    /// taken the asset out of the registry.
    pub(super) fn other_entries(&self) -> Vec<PathBuf> {
        let Some(entry) = self.path(At::Entry) else { return Vec::new() };
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let slug = name.split_once('-').map_or(&*name, |(_, slug)| slug);
        let unregistered = format!("unregistered-{slug}");
        let others = [1, 2, 3].into_iter().flat_map(|n| {
            let end = if n > 1 { format!("-{n}") } else { String::new() };
            [&name, &unregistered].map(|name| format!("{name}{end}"))
        });
        others.filter(|other| *other != name).map(|other| entry.with_file_name(other)).collect()
    }

    /// The path as if the entry had its first name.
    pub(super) fn in_first_entry(&self, path: &Path) -> PathBuf {
        let others = self.other_entries();
        let rest = others.iter().find_map(|other| path.strip_prefix(other).ok());
        match (rest, self.path(At::Entry)) {
            (Some(rest), Some(entry)) => entry.join(rest),
            _ => path.to_path_buf(),
        }
    }

    /// Whether that file was made by the packer, or is rewritten by the change: no person's, unless they
    /// save it.
    pub(super) fn is_ours(&self, path: &Path) -> bool {
        let is_at = |at| self.path(at).is_some_and(|place| *place == *path);
        let is_away = path.starts_with(REMOVED) && self.fate == Fate::ComesBack;
        let is_made = self.fate == Fate::Unmade && path.starts_with(self.path(At::Root).unwrap_or_default());
        is_at(At::Registry)
            || path.ends_with("record.json")
            || is_at(At::Declaration) && self.rewrites
            || path.starts_with("/game/assets/.prometeu/local") && !is_away
            || is_made
    }

    /// Whether an entry of the registry is one that the change is about.
    pub(super) fn is_about(&self, entry: &Entry) -> bool {
        let of = entry.asset_uuid.to_string();
        of.starts_with("a55e0000-") || self.about.iter().any(|n| uuid(*n) == of)
    }

    /// Whether the registry holds what the change was to do to it; `None` when there is none that can be
    /// read, or when the change does nothing to it.
    pub(super) fn holds(&self, files: &MemoryStorage) -> Option<bool> {
        let bytes = files.content("/game/assets/.prometeu/index.json");
        if self.registry == Holds::Nothing {
            return Some(bytes.is_none());
        }
        let Registry { assets, .. } = registry::read_bytes(bytes?).1.registry?;
        let at = |root: &str| assets.iter().any(|entry| entry.root.as_str() == root);
        match self.registry {
            Holds::Same | Holds::Nothing => None,
            Holds::Anything => Some(true),
            Holds::Root(root) => Some(at(root)),
            Holds::NoRoot(root) => Some(!at(root)),
            Holds::Included(is) => {
                let mut ours = assets.iter().filter(|entry| self.is_about(entry));
                Some(ours.all(|entry| entry.included_in_build == is))
            }
        }
    }
}

/// What a path in `local/removed/` is, relative to the root that was removed.
pub(super) fn removed(path: &Path) -> Option<PathBuf> {
    let mut inside = path.strip_prefix(REMOVED).ok()?.components();
    inside.next()?;
    Some(inside.as_path().to_path_buf())
}
