//! Where everything lies.
//!
//! ```text
//! <project>/
//!   assets/                          people's own, edited with people's own tools
//!     .prometeu/
//!       index.json                   the registry; written by `commit` alone
//!       quarantine/                  what was put out of the way; tracked, never scanned
//!         7-atlas/record.json        where it came from, and its entry of the registry
//!         7-atlas/root/              the asset root, as it was
//!       local/                       this checkout's own: never tracked, never a build input
//!         .gitignore                 holds `*`
//!         gate                       who may ask for the lock; made once, never removed, never read
//!         lock                       who may change the project; made once, never removed, never read
//!         holder.json                who holds it, for people to read; means nothing by being there
//!         journal                    a change on its way, so that the next to open can finish it
//!         last-change                the change before, as its journal said, so that it can be taken back
//!         staged/                    what that change is going to put in place
//!         removed/                   what the change before took away for good; gone with the next one
//!     ui/atlas/asset.json            an asset root with its declaration
//!     ui/atlas/heart.png             and its inputs
//!   build/                           what `cargo prometeu pack` makes (a build script: OUT_DIR)
//!     assets.pa
//!     asset_table.json  preload.json  asset_table_metadata.json
//!     .staging/<operation-id>/       a set on its way; left over only after a crash
//! ```

use std::path::{Path, PathBuf};

use crate::path::AssetPath;

/// The file name that anchors an asset root.
pub const DECLARATION: &str = "asset.json";

/// The control folder inside `assets/`.
pub const CONTROL: &str = ".prometeu";

/// The registry, as messages name it.
pub const REGISTRY_FILE: &str = "assets/.prometeu/index.json";

/// What is this checkout's own, as messages name it.
pub const LOCAL: &str = "assets/.prometeu/local";

/// The project's lock, as messages name it.
pub const LOCK_FILE: &str = "assets/.prometeu/local/lock";

/// The journal, as messages name it.
pub const JOURNAL_FILE: &str = "assets/.prometeu/local/journal";

/// What was put out of the way, as messages name it.
pub const QUARANTINE: &str = "assets/.prometeu/quarantine";

/// The file name of the record of an entry in quarantine.
pub const RECORD: &str = "record.json";

/// The folder name of the asset root of an entry in quarantine.
pub const QUARANTINED_ROOT: &str = "root";

/// The places of one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    project: PathBuf,
}

impl Layout {
    /// The layout of the project in that folder.
    #[must_use]
    pub fn new(project: impl Into<PathBuf>) -> Self {
        Self { project: project.into() }
    }

    /// The project's folder.
    #[must_use]
    pub fn project(&self) -> &Path {
        &self.project
    }

    /// `assets/`.
    #[must_use]
    pub fn assets(&self) -> PathBuf {
        self.project.join("assets")
    }

    /// `assets/.prometeu/`.
    #[must_use]
    pub fn control(&self) -> PathBuf {
        self.assets().join(CONTROL)
    }

    /// `assets/.prometeu/index.json`.
    #[must_use]
    pub fn registry(&self) -> PathBuf {
        self.control().join("index.json")
    }

    /// `assets/.prometeu/local/`.
    #[must_use]
    pub fn local(&self) -> PathBuf {
        self.control().join("local")
    }

    /// `assets/.prometeu/local/lock`.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.local().join("lock")
    }

    /// `assets/.prometeu/local/gate`.
    #[must_use]
    pub fn gate(&self) -> PathBuf {
        self.local().join("gate")
    }

    /// `assets/.prometeu/local/holder.json`.
    #[must_use]
    pub fn holder(&self) -> PathBuf {
        self.local().join("holder.json")
    }

    /// `assets/.prometeu/local/journal`.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.local().join("journal")
    }

    /// `assets/.prometeu/local/staged/`.
    #[must_use]
    pub fn staged(&self) -> PathBuf {
        self.local().join("staged")
    }

    /// `assets/.prometeu/local/removed/`.
    #[must_use]
    pub fn removed(&self) -> PathBuf {
        self.local().join("removed")
    }

    /// `assets/.prometeu/local/last-change`.
    #[must_use]
    pub fn last_change(&self) -> PathBuf {
        self.local().join("last-change")
    }

    /// `assets/.prometeu/quarantine/`.
    #[must_use]
    pub fn quarantine(&self) -> PathBuf {
        self.control().join("quarantine")
    }

    /// An asset root.
    #[must_use]
    pub fn root(&self, root: &AssetPath) -> PathBuf {
        root.below(&self.assets())
    }

    /// A root's `asset.json`.
    #[must_use]
    pub fn declaration(&self, root: &AssetPath) -> PathBuf {
        self.root(root).join(DECLARATION)
    }

    /// A root's `asset.json`, as messages name it.
    #[must_use]
    pub fn declaration_file(root: &AssetPath) -> String {
        format!("assets/{root}/{DECLARATION}")
    }
}

/// Whether a file name is one of our own temporary names, which no scan may see.
#[must_use]
pub fn is_temporary(name: &str) -> bool {
    name.starts_with('.') && name.contains(".pm-")
}

/// The temporary name beside a file that an operation replaces.
#[must_use]
pub fn temporary_name(file_name: &str, operation: crate::id::OperationId) -> String {
    format!(".{file_name}.pm-{operation}")
}
