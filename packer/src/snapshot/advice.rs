//! Advice: what to type about a folder that nobody registered, or an asset that is not in its place. It is
//! made from the ways out of divergences, so that nothing is advised that would be refused.

use std::collections::{BTreeMap, BTreeSet};

use super::divergence::{Divergence, DivergenceKind};
use super::{Document, Report, Snapshot, State};
use crate::diagnostics::Code;
use crate::diagnostics::Severity;
use crate::diagnostics::rules::case_collision::Spellings;
use crate::event::AffectedAsset;
use crate::id::AssetId;
use crate::ops::{Action, quoted};
use crate::path::AssetPath;
use crate::spelling;
use crate::workspace::layout::CONTROL;
use crate::workspace::{LoadedDeclaration, Scope};

/// What advice is made from, so that much of it costs little.
struct Advisor<'a> {
    snapshot: &'a Snapshot,
    divergences: Vec<Divergence>,
    /// The contradiction that each folder has to do with which nobody registered.
    by_folder: BTreeMap<String, usize>,
    /// The contradictions of each asset.
    by_asset: BTreeMap<(AssetId, AssetPath), Vec<usize>>,
    /// The assets that are not in their place, and wait for that of another one.
    waiting: BTreeSet<AssetId>,
    roots: BTreeSet<&'a str>,
    spellings: Spellings,
}

/// Reports, and those of what is untidy.
type Reports = (Vec<Report>, Vec<Report>);

impl Snapshot {
    /// What can be done about a folder that nobody registered, in whole sentences with the commands; none
    /// where it is registered, nobody looked, or nobody knows what is registered.
    #[must_use]
    pub fn advice(&self, folder: &str) -> Option<String> {
        self.registry()?;
        let n = self.unregistered.iter().flatten().position(|(found, _)| found.folder == folder)?;
        Some(Advisor::of(self).on_folder(n))
    }

    /// The folder inside `root` that holds an `asset.json` as well, where nobody registered it.
    pub(crate) fn second_anchor(&self, root: &AssetPath) -> Option<&str> {
        // They are in the order of their paths.
        let (loose, below) = (self.unregistered.as_deref()?, format!("{root}/"));
        let (inner, _) = loose.get(loose.partition_point(|(found, _)| found.folder < below))?;
        inner.folder.starts_with(&below).then_some(&inner.folder)
    }

    /// Gives the reports their advice, and says of the state that registry and disk contradict each other.
    pub(super) fn tell_contradictions(&mut self) {
        if let Some(advised) = self.advised() {
            (self.reports, self.hygiene) = advised;
        }
        // A build is stopped by what is wrong, whatever it is called, and asks for no ways out.
        let is_asked = !matches!(self.scope, Scope::Build | Scope::Declarations);
        if is_asked && self.state == State::Current && self.is_diverged() {
            self.state = State::Diverged;
        }
    }

    /// What was found wrong, and what was found untidy.
    pub(crate) fn everything(&self) -> impl Iterator<Item = &Report> {
        self.reports.iter().chain(&self.hygiene)
    }

    /// Whether a new registry would give assets other ids than they had: there is none, and folders carry
    /// uuids that one gave out. False where nobody looked for them.
    #[must_use]
    pub(crate) fn gives_other_ids(&self) -> bool {
        let loose = || self.unregistered.iter().flatten().filter_map(|(_, read)| read.as_ref());
        self.registry.text.is_none() && loose().any(|read| read.reading.asset_uuid.is_some())
    }

    /// The reports with the help that only all of them together tell; none where that changes nothing.
    fn advised(&self) -> Option<Reports> {
        if self.unregistered.is_none() || !self.everything().any(is_advised) {
            return None;
        }
        let advisor = Advisor::of(self);
        let advise = |reports: &[Report]| {
            let mut reports = reports.to_vec();
            for report in reports.iter_mut().filter(|report| is_advised(report)) {
                let help = match (report.asset, &report.document) {
                    // Of one that can follow, the rule's own help says so.
                    (Some(n), _) => {
                        let is_in_place = report.finding.code == Code::UuidMismatch;
                        advisor.on_asset(n, is_in_place)
                    }
                    (None, Document::Unregistered(n)) => Some(advisor.on_folder(*n)),
                    _ => None,
                };
                report.finding.help = help.or(report.finding.help.take());
            }
            reports
        };
        Some((advise(&self.reports), advise(&self.hygiene)))
    }
}

/// Whether a report is about what several divergences have a say in.
fn is_advised(report: &Report) -> bool {
    match (report.asset, &report.document) {
        (None, Document::Unregistered(_)) => {
            matches!(report.finding.code, Code::OrphanDeclaration | Code::CopiedRoot | Code::RelocatedRoot)
        }
        (Some(_), _) => matches!(report.finding.code, Code::RootMissing | Code::UuidMismatch),
        _ => false,
    }
}

impl<'a> Advisor<'a> {
    fn of(snapshot: &'a Snapshot) -> Self {
        let divergences = snapshot.divergences();
        let mut by_folder = BTreeMap::new();
        let mut by_asset: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        let mut waiting = BTreeSet::new();
        for (n, divergence) in divergences.iter().enumerate() {
            for folder in folders(divergence) {
                by_folder.entry(folder).or_insert(n);
            }
            if let Some(AffectedAsset { asset_id: Some(id), root, .. }) = &divergence.asset {
                by_asset.entry((*id, root.clone())).or_default().push(n);
                if matches!(divergence.kind, DivergenceKind::Obstructed { .. }) {
                    waiting.insert(*id);
                }
            }
        }
        let mut spellings = Spellings::beside(CONTROL);
        for asset in &snapshot.assets {
            spellings.add(&asset.entry.root);
        }
        let roots = snapshot.assets.iter().map(|asset| asset.entry.root.as_str()).collect();
        Self { snapshot, divergences, by_folder, by_asset, waiting, roots, spellings }
    }
}

impl Advisor<'_> {
    fn on_folder(&self, n: usize) -> String {
        let (found, read) = &self.snapshot.unregistered.as_deref().unwrap_or_default()[n];
        let folder = found.folder.as_str();
        let Some(divergence) = self.by_folder.get(folder).map(|n| &self.divergences[*n]) else {
            return self.on_stranger(n);
        };
        // The other folders have advice of their own.
        let is_here = |way: &&Action| {
            let mut arguments = way.arguments.iter();
            arguments.all(|(key, value)| *key != "root" || value.to_string() == folder)
        };
        let ways: Vec<&Action> = divergence.ways.iter().filter(is_here).collect();
        let id = divergence.asset.as_ref().and_then(|asset| asset.asset_id);
        let id = id.map_or_else(String::new, |id| id.to_string());
        let (first, last) = match &divergence.kind {
            DivergenceKind::PutBack { entry, .. } => (
                Some(format!("It carries the uuid of asset {id}, which lies in quarantine as `{entry}`.")),
                None,
            ),
            DivergenceKind::Copied => (None, Some("Or delete it.".to_owned())),
            DivergenceKind::Moved { .. } => {
                let back =
                    divergence.folder.as_ref().map(|root| format!("Or move it back to `assets/{root}`."));
                (None, back)
            }
            DivergenceKind::Obstructed { .. } => {
                let first = "Move or rename it, to where an asset can be; then `cargo prometeu reconcile` lets the \
                             entry follow.";
                (Some(first.to_owned()), None)
            }
            _ => (None, None),
        };
        let stuck = ways.is_empty().then(|| match self.why_not(found.root.as_ref().ok()) {
            Some(why) => format!("{why}: move or rename it first."),
            None if read.as_ref().is_some_and(LoadedDeclaration::is_json) => {
                "Mend the registry first: `cargo prometeu doctor` shows what is wrong with it.".to_owned()
            }
            None => "Mend its `asset.json` first.".to_owned(),
        });
        let stuck = stuck.filter(|_| !matches!(divergence.kind, DivergenceKind::Obstructed { .. }));
        let is_alternative = matches!(divergence.kind, DivergenceKind::Obstructed { .. });
        let words = ways_in_words(&ways, is_alternative);
        let said = first.into_iter().chain(stuck).chain(words).chain(last);
        said.collect::<Vec<_>>().join(" ")
    }

    /// Of a folder that has to do with no registered asset.
    fn on_stranger(&self, n: usize) -> String {
        let (found, read) = &self.snapshot.unregistered.as_deref().unwrap_or_default()[n];
        let root = match &found.root {
            Ok(root) => root,
            Err(problem) => {
                return format!("Rename the folder first: its path {problem}. Then it can be registered.");
            }
        };
        if let Some(why) = root.unfit_for_root() {
            return format!("Rename the folder first: {why}. Then it can be registered.");
        }
        if let Some(why) = self.why_not(Some(root)) {
            return format!("{why}: move or rename it first. Or leave it, or delete it.");
        }
        let mut of_registry = self.snapshot.reports.iter().filter(|report| report.asset.is_none());
        if of_registry.any(|report| report.finding.code.severity() == Severity::Error) {
            let mend = "Mend the registry first: `cargo prometeu doctor` shows what is wrong with it.";
            return format!("{mend} Then it can be registered.");
        }
        let uuid = read.as_ref().and_then(|read| read.reading.asset_uuid);
        if let Some(asset) = self.snapshot.assets.iter().find(|asset| Some(asset.entry.asset_uuid) == uuid) {
            let id = asset.id();
            return format!(
                "It carries the uuid of asset {id}; `cargo prometeu status` says how that one stands."
            );
        }
        let root = quoted(root.as_str());
        let uuid_is_none = |read: &LoadedDeclaration| {
            let tree = read.tree();
            read.reading.asset_uuid.is_none() && tree.is_some_and(|tree| tree.member("asset_uuid").is_some())
        };
        match read {
            Some(read) if read.is_json() && uuid_is_none(read) => {
                format!(
                    "Delete its `asset_uuid`, which is none; then `cargo prometeu register {root}` writes one."
                )
            }
            Some(read) if read.is_json() => {
                format!("`cargo prometeu register {root}` makes it an asset. Or leave it, or delete it.")
            }
            _ => format!(
                "Mend its `asset.json` first; then `cargo prometeu register {root}` makes it an asset."
            ),
        }
    }

    /// Of an asset that is not in its place, where the walk over `assets/` has shown more than the place.
    fn on_asset(&self, n: usize, is_another_here: bool) -> Option<String> {
        let (id, root) = (self.snapshot.assets[n].id(), &self.snapshot.assets[n].entry.root);
        let all = self.by_asset.get(&(id, root.clone()))?;
        let divergence =
            all.iter().map(|n| &self.divergences[*n]).find(|divergence| match divergence.kind {
                DivergenceKind::Moved { .. } => !is_another_here,
                DivergenceKind::Obstructed { .. } | DivergenceKind::MovedSomewhere { .. } => true,
                DivergenceKind::UuidChanged { of: Some(other), .. } => {
                    !divergence.ways.is_empty() || self.waiting.contains(&other)
                }
                _ => false,
            })?;
        let ways: Vec<&Action> = divergence.ways.iter().collect();
        let first = match &divergence.kind {
            DivergenceKind::Moved { .. } => None,
            DivergenceKind::Obstructed { to } => Some(format!(
                "It is in `{to}`: move that to where an asset can be; then `cargo prometeu reconcile` lets the entry \
                 follow."
            )),
            DivergenceKind::UuidChanged { of: Some(other), .. } if self.waiting.contains(other) => {
                Some(format!(
                    "Put asset {id} into a folder of its own, or run `cargo prometeu forget {id}` if it is gone; then `cargo \
                 prometeu reconcile` lets asset {other} follow."
                ))
            }
            DivergenceKind::UuidChanged { .. } => {
                Some(format!("Put asset {id} back, and this folder where it belongs."))
            }
            _ => Some("Put it back.".to_owned()),
        };
        let back =
            matches!(divergence.kind, DivergenceKind::Moved { .. }).then(|| "Or put it back.".to_owned());
        let words = ways_in_words(&ways, first.is_some());
        Some(first.into_iter().chain(words).chain(back).collect::<Vec<_>>().join(" "))
    }

    /// Why a folder can be no root, whatever its declaration says, but for errors of the registry: what
    /// `check_root` would say of one after the other.
    fn why_not(&self, root: Option<&AssetPath>) -> Option<String> {
        let Some(root) = root else { return Some("No asset can have this name".to_owned()) };
        let text = root.as_str();
        if let Some(why) = root.unfit_for_root() {
            return Some(format!("`{root}` cannot be an asset root, {why}"));
        }
        let mut above = text.match_indices('/').map(|(at, _)| &text[..at]);
        if let Some(above) = above.find(|above| self.roots.contains(above)) {
            return Some(format!("`{root}` lies inside the asset `{above}`"));
        }
        let below = format!("{root}/");
        let inner = self.roots.range(below.as_str()..).next();
        if let Some(inner) = inner.filter(|inner| inner.starts_with(&below)) {
            return Some(format!("`{root}` has the asset `{inner}` inside"));
        }
        if let Some(inner) = self.snapshot.second_anchor(root) {
            return Some(format!("`{root}` holds a second `asset.json`, in `{inner}`"));
        }
        let (first, second) = self.spellings.collision(root)?;
        Some(format!("`{second}` and `{first}` are one name on Windows and macOS"))
    }
}

impl Spellings {
    /// What a path, or a folder that it lies in, would collide with, and the part of it that would.
    pub(crate) fn collision(&self, path: &AssetPath) -> Option<(&str, String)> {
        let text = path.as_str();
        let mut ends = text.match_indices('/').map(|(at, _)| at).chain([text.len()]);
        ends.find_map(|end| {
            let part = &text[..end];
            let spellings = self.0.get(&spelling::key(part))?;
            let first = spellings.first().filter(|_| spellings.iter().all(|known| known != part))?;
            Some((first.as_str(), part.to_owned()))
        })
    }
}

/// The folders that nobody registered, or that somebody else has, which a contradiction is about.
fn folders(divergence: &Divergence) -> Vec<String> {
    let mut folders = match &divergence.kind {
        DivergenceKind::Copied | DivergenceKind::PutBack { .. } => {
            divergence.folder.clone().into_iter().collect()
        }
        DivergenceKind::Moved { to } => vec![to.to_string()],
        DivergenceKind::Obstructed { to } => vec![to.clone()],
        DivergenceKind::MovedSomewhere { to } => to.clone(),
        _ => Vec::new(),
    };
    let arguments = divergence.ways.iter().flat_map(|way| &way.arguments);
    folders.extend(arguments.filter(|(key, _)| *key == "root").map(|(_, value)| value.to_string()));
    folders
}

/// Each way as a sentence; all of them are alternatives of one that was said before, if `is_alternative`.
fn ways_in_words(ways: &[&Action], is_alternative: bool) -> Vec<String> {
    let words = ways.iter().filter_map(|way| Some((way.command()?, &way.title)));
    let run = |(n, (command, title)): (usize, (String, &String))| {
        let run = if n == 0 && !is_alternative { "Run" } else { "Or run" };
        format!("{run} `{command}` to {title}.")
    };
    words.enumerate().map(run).collect()
}
