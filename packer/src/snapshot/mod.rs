//! The snapshot: an immutable, numbered view of the project.
//!
//! [`Snapshot::assemble`] is pure: what was loaded goes in, findings are made by the rules, and
//! nothing is read afterwards. Readers hold it in an `Arc`; nobody changes one.
//!
//! It keeps findings, and makes [`Diagnostic`]s of them on demand ([`Snapshot::diagnose`]): the
//! place comes from the text it holds, and whether one blocks depends on who asks.

#[cfg(feature = "authoring")]
mod advice;
#[cfg(feature = "authoring")]
mod carriers;
#[cfg(feature = "authoring")]
pub(crate) mod divergence;
#[cfg(feature = "authoring")]
mod follow;
#[cfg(feature = "authoring")]
mod query;
mod state;

use std::borrow::Cow;
use std::sync::Arc;
#[cfg(feature = "authoring")]
use std::sync::OnceLock;

use crate::commit::journal::Change;
use crate::diagnostics::{Anchor, Category, Diagnostic, Finding, Related, Severity, Snippet, place, rules};
use crate::family::{self, Family};
use crate::id::{AssetId, Generation};
use crate::quarantine::Quarantined;
use crate::schema::{SourceText, declaration::Declaration, json::Node, registry};
use crate::workspace::layout::{DECLARATION, JOURNAL_FILE, REGISTRY_FILE};
use crate::workspace::{
    Found, Layout, LoadedDeclaration, LoadedRegistry, LoadedRoot, LoadedWorkspace, Names, Scope,
};

#[cfg(feature = "authoring")]
pub(crate) use carriers::OwnRoot;
#[cfg(feature = "authoring")]
pub(crate) use divergence::CODES as DIVERGENCE_CODES;
#[cfg(feature = "authoring")]
pub use divergence::{Divergence, DivergenceKind};
#[cfg(feature = "authoring")]
pub use query::{AssetQuery, Lookup};
pub use state::State;

/// The project at one moment.
#[derive(Debug)]
pub struct Snapshot {
    /// Its number.
    pub generation: Generation,
    /// Where things lie.
    pub layout: Layout,
    /// How much was looked at.
    pub scope: Scope,
    /// How it relates to the disk.
    pub state: State,
    /// The change before which it shows the project: its files are read as they were before that, too.
    pub(crate) pending: Option<Arc<Change>>,
    /// Whether there is a folder `assets/`.
    pub has_assets: bool,
    /// The registry.
    pub registry: LoadedRegistry,
    /// The registered assets by increasing id; entries that share an id as they are written.
    pub assets: Vec<Asset>,
    /// Declarations that no entry claims, by folder; `None` when nobody looked.
    pub unregistered: Option<Vec<(Found, Option<LoadedDeclaration>)>>,
    /// The names in and on the way to asset roots; `None` when nobody looked.
    pub names: Option<Names>,
    /// What lies in quarantine; `None` when nobody looked, or the file system did not say.
    pub quarantined: Option<Vec<Quarantined>>,
    /// When its reading began, in milliseconds since 1970; 0 when nobody said.
    pub(crate) read_at: u64,
    /// What reading and the rules found wrong with the managed world, in order: the registry's first,
    /// then by asset.
    pub reports: Vec<Report>,
    /// What the rules found untidy. Nobody but `doctor` talks of it, and only when it is asked for the
    /// whole workspace: everybody else takes `reports`, which holds none of it.
    pub hygiene: Vec<Report>,
    /// Put into words when somebody asks for the first time.
    #[cfg(feature = "authoring")]
    divergences: OnceLock<Vec<Divergence>>,
}

/// A registered asset.
#[derive(Debug)]
pub struct Asset {
    /// What the registry says.
    pub entry: registry::Entry,
    /// What is on disk.
    pub loaded: LoadedRoot,
}

/// A finding with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Which asset, as a position in [`Snapshot::assets`]; `None` for the registry as a whole, and for
    /// what no asset holds.
    pub asset: Option<usize>,
    /// Which text its anchor points into.
    pub document: Document,
    /// What was found.
    pub finding: Finding,
    /// Whether a build finds it as well. What only a walk over all of `assets/` shows blocks nothing:
    /// a build does not make that walk.
    pub in_builds: bool,
}

/// A text of the project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Document {
    /// `index.json`
    Registry,
    /// The asset's `asset.json`.
    Declaration,
    /// The `asset.json` of a root that nobody registered, as a position in [`Snapshot::unregistered`].
    Unregistered(usize),
    /// The journal, which nobody reads but the packer.
    Journal,
    /// A file or folder that is no text of ours, relative to the project, with `/`.
    File(String),
}

impl Snapshot {
    /// Puts a snapshot together from what was loaded, and lets the rules look at it.
    #[must_use]
    pub fn assemble(
        loaded: LoadedWorkspace,
        layout: Layout,
        scope: Scope,
        generation: Generation,
        state: State,
    ) -> Self {
        let entries = loaded.registry.reading.registry.as_ref().map_or(&[][..], |registry| &registry.assets);
        let assets: Vec<Asset> = entries
            .iter()
            .cloned()
            .zip(loaded.roots)
            .map(|(entry, loaded)| Asset { entry, loaded })
            .collect();
        let mut snapshot = Self {
            generation,
            layout,
            scope,
            state,
            pending: None,
            has_assets: loaded.has_assets,
            registry: loaded.registry,
            assets,
            unregistered: loaded.unregistered,
            names: loaded.names,
            quarantined: loaded.quarantined,
            read_at: 0,
            reports: Vec::new(),
            hygiene: Vec::new(),
            #[cfg(feature = "authoring")]
            divergences: OnceLock::default(),
        };
        let is_structural = |report: &Report| report.finding.code.category() == Category::Structural;
        (snapshot.reports, snapshot.hygiene) = rules::run(&snapshot).into_iter().partition(is_structural);
        #[cfg(feature = "authoring")]
        snapshot.tell_contradictions();
        snapshot
    }

    /// The registry's content, when it could be read whole.
    #[must_use]
    pub fn registry(&self) -> Option<&registry::Registry> {
        self.registry.reading.registry.as_ref()
    }

    /// The next step where there is no registry.
    #[must_use]
    pub(crate) fn without_registry(&self) -> &'static str {
        if !self.has_assets {
            "In a new project run `cargo prometeu init`; it shows what it would write, and asks."
        } else {
            "Where there was a registry before, restore `assets/.prometeu/index.json` from version control or a \
             backup: a new one gives every asset another id. In a new project run `cargo prometeu init`; it shows what \
             it would write, and asks."
        }
    }

    /// The pack set: registered and included, by increasing id, as positions in [`Snapshot::assets`].
    pub fn pack_set(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.assets.len()).filter(|n| self.assets[*n].entry.included_in_build)
    }

    /// What a build would have found, however much was looked at here.
    pub(crate) fn of_builds(&self) -> impl Iterator<Item = &Report> {
        let is_included = |asset: Option<usize>| asset.is_none_or(|n| self.assets[n].entry.included_in_build);
        self.reports.iter().filter(move |report| report.in_builds && is_included(report.asset))
    }

    /// Everything that was found wrong, with places.
    #[must_use]
    pub fn diagnostics(&self, strict: bool) -> Vec<Diagnostic> {
        self.reports.iter().map(|report| self.diagnose(report, strict)).collect()
    }

    /// Gives a finding its place and its consequence. In strict mode warnings block like errors.
    ///
    /// What blocks is what a build can derive from the registry and the pack set's roots: an error
    /// of the registry, or of an included asset, that is not seen by a walk over `assets/` alone.
    #[must_use]
    pub fn diagnose(&self, report: &Report, strict: bool) -> Diagnostic {
        let Report { asset, document, finding, in_builds } = report;
        let asset = asset.map(|n| &self.assets[n]);
        let declaration = asset.and_then(|asset| asset.loaded.read());
        let (file, text, tree) = match (document, asset) {
            (Document::Declaration, Some(asset)) => (
                Layout::declaration_file(&asset.entry.root),
                declaration.map(|read| &read.text),
                declaration.and_then(LoadedDeclaration::tree),
            ),
            (Document::Unregistered(n), _) => {
                let (found, read) = &self.unregistered.as_deref().unwrap_or_default()[*n];
                let read = read.as_ref();
                (
                    format!("assets/{}/{DECLARATION}", found.folder),
                    read.map(|read| &read.text),
                    read.and_then(LoadedDeclaration::tree),
                )
            }
            (Document::File(file), _) => (file.clone(), None, None),
            (Document::Journal, _) => (JOURNAL_FILE.to_owned(), None, None),
            _ => (REGISTRY_FILE.to_owned(), self.registry.text.as_ref(), self.registry.tree()),
        };
        let inputs = declaration.and_then(|read| read.reading.declaration.as_ref());
        let snippet = text.and_then(|text| snippet(finding, text, tree, inputs));
        let related = finding.related.iter().map(|other| {
            let (file, text, tree) = match other.in_registry {
                true => (REGISTRY_FILE, self.registry.text.as_ref(), self.registry.tree()),
                false => (file.as_str(), text, tree),
            };
            let snippet = text.map(|text| Snippet {
                text: text.clone(),
                range: place(&spot(&other.anchor, inputs), tree, text, &[]),
                label: Some(other.message.clone()),
            });
            let at = snippet.as_ref().map(|snippet| snippet.text.line_column(snippet.range.start));
            Related {
                file: file.to_owned(),
                line: at.map(|at| at.line),
                column: at.map(|at| at.column),
                message: other.message.clone(),
                snippet,
            }
        });
        let related = related.collect();
        let at = snippet.as_ref().map(|snippet| snippet.text.line_column(snippet.range.start));
        let code = finding.code;
        let unregistered = match document {
            Document::Unregistered(n) => self.unregistered.as_ref().map(|found| &found[*n].0.root),
            _ => None,
        };
        let unregistered = unregistered.and_then(|root| root.as_ref().ok());
        let loud = match code.severity() {
            Severity::Error => true,
            Severity::Warning => strict,
            Severity::Info => false,
        };
        let in_build = *in_builds && asset.is_none_or(|asset| asset.entry.included_in_build);
        Diagnostic {
            code,
            severity: code.severity(),
            blocking: loud && in_build && code.category() == Category::Structural,
            asset_id: asset.map(|asset| asset.entry.asset_id),
            asset_uuid: asset.map(|asset| asset.entry.asset_uuid),
            asset_root: asset.map(|asset| asset.entry.root.clone()).or(unregistered.cloned()),
            file: Some(file),
            line: at.map(|at| at.line),
            column: at.map(|at| at.column),
            message: finding.message.clone(),
            help: finding.help.clone(),
            related,
            fix: None,
            snippet,
        }
    }
}

/// The part of the text to show. A finding about a file as a whole shows none of it.
fn snippet(
    finding: &Finding,
    text: &SourceText,
    tree: Option<&Node>,
    declaration: Option<&Declaration>,
) -> Option<Snippet> {
    if finding.anchor == Anchor::File {
        return None;
    }
    let range = place(&spot(&finding.anchor, declaration), tree, text, &[]);
    Some(Snippet { text: text.clone(), range, label: finding.label.clone() })
}

/// An anchor as a part of the text: the one input that is meant, where there may be thousands, each with a
/// finding of its own.
fn spot<'a>(anchor: &'a Anchor, declaration: Option<&Declaration>) -> Cow<'a, Anchor> {
    let input = match anchor {
        Anchor::Input(n) => declaration.and_then(|declaration| declaration.inputs.get(*n)),
        _ => None,
    };
    input.map_or(Cow::Borrowed(anchor), |input| Cow::Owned(Anchor::Value(input.pointer.clone())))
}

impl Asset {
    /// Its managed identity.
    #[must_use]
    pub fn id(&self) -> AssetId {
        self.entry.asset_id
    }

    /// Its declaration, when it could be read whole.
    #[must_use]
    pub fn declaration(&self) -> Option<&Declaration> {
        self.loaded.declared()
    }

    /// Its name, when one could be read.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.loaded.read()?.reading.name.as_deref()
    }

    /// Whether its declaration asks for it to be resident from the start.
    pub(crate) fn is_preloaded(&self) -> bool {
        let declared = || self.declaration().is_some_and(|declaration| declaration.preload);
        self.loaded.known().map_or_else(declared, |known| known.facts.preload)
    }

    /// The family that can encode it: its type and format are known and belong together.
    #[must_use]
    pub fn family(&self) -> Option<&'static dyn Family> {
        if let Some(known) = self.loaded.known() {
            return Some(known.facts.family);
        }
        let declaration = self.declaration()?;
        family::by_name(&declaration.family).filter(|family| family.format() == declaration.format)
    }
}
