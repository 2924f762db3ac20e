//! Writers that nobody can mistake for each other: what each of them does to one project, and what
//! anybody may see of it at any time.
//!
//! Every writer has assets of its own, and a [`Lot`] says how they stand. A [`Step`] leads from one lot to
//! the next and is one change of the project, of a kind that would show if it were done by half:
//!
//! | step | torn when |
//! | --- | --- |
//! | move a root to the next number | the registry names another number than the folder has |
//! | take that root and another one into builds or out, together | one is in and one is out |
//! | register a root, with a uuid | the uuid is in one of `asset.json` and `index.json`, not in both |
//! | remove a root for good | it is in one of `assets/` and `index.json`, and not in the other |
//!
//! [`View::of`] reads all lots from a snapshot, and refuses one that no row of steps leads to.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometeu_packer::diagnostics::{Code, Severity};
use prometeu_packer::id::{AssetUuid, OperationId};
use prometeu_packer::mutate::{Mutation, RegisterAsset, RelocateAsset, RemoveAsset, SetIncluded};
use prometeu_packer::path::AssetPath;
use prometeu_packer::snapshot::Snapshot;
use prometeu_packer::workspace::Scope;
use prometeu_packer::{Error, Host, IdSource, Project};

use crate::assets;

/// How many roots of its own a writer has registered at one time; the oldest goes then.
pub const MADE: usize = 2;

/// The root that goes in and out together with the one that moves.
pub const PAIR: &str = "pair";

/// The assets of one writer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lot {
    /// The number that is in the name of the root that moves.
    pub at: u64,
    /// Whether builds take in that root and the one called `pair`.
    pub included: bool,
    /// The ids of the roots that it has registered, by their numbers.
    pub made: BTreeMap<u64, u32>,
}

/// One change that a writer makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Its root moves to that number.
    Move(u64),
    /// That root and `pair` go in, or out.
    Include(bool),
    /// The root of that number is registered.
    Make(u64),
    /// The root of that number is removed for good.
    Remove(u64),
}

/// All lots at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// By writer.
    pub lots: Vec<Lot>,
    /// The id that the next registration gets.
    pub next_id: u32,
}

/// Identities that no other process has, when each is given a number of its own.
#[derive(Debug)]
pub struct Own {
    process: u32,
    count: AtomicU64,
}

/// A root of a writer.
#[must_use]
pub fn root(writer: usize, name: impl fmt::Display) -> String {
    format!("w{writer}/{name}")
}

/// A host of this machine's files for that process, which waits for as long as a busy machine asks.
#[must_use]
pub fn host(process: u32) -> Host {
    let ids = Own { process, count: AtomicU64::new(0) };
    let name = format!("work, process {}", std::process::id());
    Host { patience: Duration::from_secs(60), process: name, ..Host::system(Arc::new(ids)) }
}

/// Puts a root under `assets/` that can be registered, whole: nobody sees it half made.
///
/// # Errors
///
/// When it cannot be written.
pub fn put(project: &Path, writer: usize, number: u64) -> std::io::Result<()> {
    let root = project.join("assets").join(root(writer, number));
    if root.is_dir() {
        return Ok(());
    }
    let mut declaration = assets::blob_bank("", &format!("w{writer}-{number}"), &["data.txt"]);
    declaration.as_object_mut().expect("it is one").remove("asset_uuid");
    // Beside `assets/`, where nobody looks.
    let draft = project.join(format!("draft-{writer}"));
    let _ = std::fs::remove_dir_all(&draft);
    std::fs::create_dir_all(&draft)?;
    std::fs::write(draft.join("asset.json"), assets::text(&declaration))?;
    std::fs::write(draft.join("data.txt"), "data")?;
    std::fs::rename(draft, root)
}

impl Lot {
    /// The next step, where `turn` counts those since its writer began.
    #[must_use]
    pub fn next(&self, turn: u64) -> Step {
        let newest = self.made.keys().next_back().copied().unwrap_or_default();
        match (turn % 4, self.made.keys().next()) {
            (0, _) => Step::Move(self.at + 1),
            (2, Some(oldest)) if self.made.len() >= MADE => Step::Remove(*oldest),
            (2, _) => Step::Make(newest + 1),
            _ => Step::Include(!self.included),
        }
    }

    /// The lot after a step, which gave out that id if any.
    #[must_use]
    pub fn after(&self, step: Step, id: Option<u32>) -> Self {
        let mut lot = self.clone();
        match (step, id) {
            (Step::Move(at), _) => lot.at = at,
            (Step::Include(included), _) => lot.included = included,
            (Step::Make(number), Some(id)) => drop(lot.made.insert(number, id)),
            (Step::Make(_), None) => {}
            (Step::Remove(number), _) => drop(lot.made.remove(&number)),
        }
        lot
    }
}

impl Step {
    /// What it asks of the project.
    ///
    /// # Panics
    ///
    /// Never: these roots can be.
    #[must_use]
    pub fn mutation(self, writer: usize, lot: &Lot) -> Mutation {
        let path = |name: String| AssetPath::parse(&root(writer, name)).expect("letters and digits");
        match self {
            Self::Move(at) => Mutation::RelocateAsset(RelocateAsset {
                asset: root(writer, format!("at{}", lot.at)),
                new_root: path(format!("at{at}")),
            }),
            Self::Include(included) => {
                let assets = vec![root(writer, format!("at{}", lot.at)), root(writer, PAIR)];
                Mutation::SetIncluded(SetIncluded { assets, included })
            }
            Self::Make(number) => {
                Mutation::RegisterAsset(RegisterAsset { root: path(number.to_string()), included: true })
            }
            Self::Remove(number) => {
                Mutation::RemoveAsset(RemoveAsset { asset: root(writer, number), purge: true })
            }
        }
    }

    /// The same as it is typed.
    #[must_use]
    pub fn command(self, writer: usize, lot: &Lot) -> Vec<String> {
        let asset = |name: &str| root(writer, name);
        match self {
            Self::Move(at) => {
                let [from, to] = [lot.at, at].map(|at| asset(&format!("at{at}")));
                vec!["relocate".to_owned(), from, to, "--yes".to_owned()]
            }
            Self::Include(included) => {
                let command = if included { "include" } else { "exclude" };
                vec![command.to_owned(), asset(&format!("at{}", lot.at)), asset(PAIR)]
            }
            Self::Make(number) => vec!["register".to_owned(), asset(&number.to_string())],
            Self::Remove(number) => {
                ["remove", &asset(&number.to_string()), "--purge", "--yes"].map(str::to_owned).to_vec()
            }
        }
    }
}

impl View {
    /// Reads the project from disk. Who is outrun by one change after the other is told so, and asks again.
    ///
    /// # Errors
    ///
    /// What is torn, or cannot be read.
    pub fn read(project: &Project, writers: usize) -> Result<Self, String> {
        let mut outrun = 0;
        loop {
            match project.refresh(Scope::Workspace) {
                Ok(snapshot) => return Self::of(&snapshot, writers),
                Err(Error::Unstable { .. }) if outrun < 100 => outrun += 1,
                Err(error) => return Err(format!("{error:?}")),
            }
        }
    }

    /// What a snapshot of the whole workspace shows.
    ///
    /// # Errors
    ///
    /// What is torn in it, in words.
    pub fn of(snapshot: &Snapshot, writers: usize) -> Result<Self, String> {
        let registry = snapshot.registry().ok_or("there is no registry")?;
        for report in &snapshot.reports {
            let code = report.finding.code;
            // While a change is under way, or after its writer died, the state before it is shown.
            if code.severity() == Severity::Error && code != Code::JournalUnfinished {
                return Err(format!("{}: {}", code.as_str(), report.finding.message));
            }
        }
        let mut view = Self { lots: vec![Lot::default(); writers], next_id: registry.next_asset_id };
        // Of each writer, what moves and what goes in and out with it.
        let mut seen = vec![(Vec::new(), Vec::new()); writers];
        for asset in &snapshot.assets {
            let entry = &asset.entry;
            let (writer, name) = parts(entry.root.as_str(), writers)?;
            let declared = asset.loaded.read().and_then(|read| read.reading.asset_uuid);
            if declared != Some(entry.asset_uuid) {
                return Err(format!("`{}` has the uuid {declared:?}", entry.root));
            }
            if name == PAIR {
                seen[writer].1.push(entry.included_in_build);
            } else if let Some(at) = name.strip_prefix("at") {
                seen[writer].0.push((number(at)?, entry.included_in_build));
            } else {
                view.lots[writer].made.insert(number(name)?, entry.asset_id.get());
            }
        }
        for (lot, (moving, pair)) in view.lots.iter_mut().zip(seen) {
            match (&moving[..], &pair[..]) {
                ([(at, included)], [other]) if included == other => {
                    (lot.at, lot.included) = (*at, *included);
                }
                _ => return Err(format!("{moving:?} and {pair:?} are of two moments")),
            }
        }
        for (found, declaration) in snapshot.unregistered.iter().flatten() {
            if let Some(uuid) = declaration.as_ref().and_then(|read| read.reading.asset_uuid) {
                return Err(format!("nobody registered `{}`, which has the uuid {uuid}", found.folder));
            }
        }
        Ok(view)
    }

    /// That this view can be of a later moment than an earlier one.
    ///
    /// # Errors
    ///
    /// What went back, in words.
    pub fn follows(&self, earlier: &Self) -> Result<(), String> {
        let newest = |lot: &Lot| lot.made.keys().next_back().copied();
        let goes_back = |(now, then): (&Lot, &Lot)| now.at < then.at || newest(now) < newest(then);
        if self.next_id < earlier.next_id || self.lots.iter().zip(&earlier.lots).any(goes_back) {
            return Err(format!("{self:?} was seen after {earlier:?}"));
        }
        Ok(())
    }
}

/// The writer whose root it is, and what it calls it.
fn parts(root: &str, writers: usize) -> Result<(usize, &str), String> {
    let parts = root.strip_prefix('w').and_then(|root| root.split_once('/'));
    let parts = parts.and_then(|(writer, name)| Some((writer.parse().ok()?, name)));
    parts.filter(|(writer, _)| *writer < writers).ok_or_else(|| format!("nobody's: `{root}`"))
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("no number: `{text}`"))
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Move(at) => write!(f, "move {at}"),
            Self::Include(included) => write!(f, "include {}", u64::from(*included)),
            Self::Make(number) => write!(f, "make {number}"),
            Self::Remove(number) => write!(f, "remove {number}"),
        }
    }
}

impl FromStr for Step {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, count) = text.split_once(' ').ok_or_else(|| format!("no step: `{text}`"))?;
        let count = number(count)?;
        match word {
            "move" => Ok(Self::Move(count)),
            "include" => Ok(Self::Include(count != 0)),
            "make" => Ok(Self::Make(count)),
            "remove" => Ok(Self::Remove(count)),
            _ => Err(format!("no step: `{text}`")),
        }
    }
}

impl Own {
    fn next(&self) -> String {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        format!("{:08x}-c0de-7000-8000-{count:012x}", self.process)
    }
}

impl IdSource for Own {
    fn asset_uuid(&self) -> AssetUuid {
        AssetUuid::parse(&self.next()).expect("it is spelt as one")
    }

    fn operation_id(&self) -> OperationId {
        OperationId::parse(&self.next()).expect("it is spelt as one")
    }
}
