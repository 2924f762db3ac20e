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

mod found;
mod inputs;
pub mod layout;
mod load;
mod loaded;
mod names;

#[cfg(feature = "authoring")]
mod walk;
#[cfg(feature = "authoring")]
mod whole;

pub use found::Found;
pub use inputs::InputFile;
pub(crate) use inputs::look_at_inputs;
pub use layout::Layout;
#[cfg(feature = "authoring")]
pub(crate) use load::load_registry;
pub use load::load_root;
pub(crate) use load::{Means, load, read_declaration, read_registry};
pub use loaded::{
    DeclarationFile, KnownAsset, LoadedDeclaration, LoadedRegistry, LoadedRoot, LoadedWorkspace, RootFolder,
};
pub use names::Names;
#[cfg(feature = "authoring")]
pub use walk::scan;
#[cfg(feature = "authoring")]
pub(crate) use walk::{found, walk};
#[cfg(feature = "authoring")]
pub(crate) use whole::load_declaration;

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
    #[cfg(feature = "authoring")]
    Workspace,
}

impl Scope {
    /// Whether it is all of the workspace.
    pub(crate) const fn is_whole(self) -> bool {
        !matches!(self, Self::Build | Self::Declarations | Self::Managed)
    }
}
