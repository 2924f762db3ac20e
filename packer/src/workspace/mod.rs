//! What is on disk, read once into plain values.
//!
//! `load` answers with everything that the rules will need and never fails on content: a missing
//! folder, a broken declaration or an unreadable input is a value. `Err` is left for the file
//! system refusing what it must not refuse (the registry unreadable, `assets/` not listable).
//! No picture is decoded here, and inputs are looked at with `stat` alone; but in [`Scope::Workspace`],
//! which serves people's lists and never a build, the headers of those are read whose content says how
//! many artifacts they hold.
//!
//! What counts as part of the project: folders below `assets/`, links not followed, without
//! `assets/.prometeu/`; a link *inside* an asset root may serve as an input when it leads to a
//! regular file of the same root.

mod inputs;
pub mod layout;
mod load;
mod loaded;
mod names;
mod scan;

pub use inputs::InputFile;
pub(crate) use inputs::look_at_inputs;
pub use layout::Layout;
pub use load::load_root;
pub(crate) use load::{Means, load, load_declaration, load_registry, read_declaration, read_registry};
pub use loaded::{
    DeclarationFile, KnownAsset, LoadedDeclaration, LoadedRegistry, LoadedRoot, LoadedWorkspace, RootFolder,
};
pub use names::Names;
pub use scan::{Found, scan};
pub(crate) use scan::{found, walk};

/// How much of the workspace to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The registry and the roots of included assets: what a build depends on, and no more.
    Build,
    /// The registry and the declarations of included assets: what the constants of a game depend on.
    /// Of inputs only those that decide the indices of artifacts are looked at.
    Declarations,
    /// The registry and every registered root.
    Managed,
    /// That, and the declarations that nobody registered: walks all of `assets/`. Artifacts are counted.
    Workspace,
}
