//! What an incremental pack is held to: a pack from nothing, the last pack, and a comparison.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use packer_tests::dice::Dice;
use prometeu_packer::diagnostics::Diagnostic;
use prometeu_packer::ops::{
    ListRequest, Listing, PackContents, PackGoal, PackRequest, PackResult, Response, Status, ValidateRequest,
};
use prometeu_packer::pack::{DirtyReason, SET};
use prometeu_packer::storage::{FileKind, Stamp};
use prometeu_packer::{Host, Project};
use serde_json::Value;

use super::ground::Ground;
use super::world::World;

/// What the last pack in a folder was made of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    at: usize,
    /// By id.
    assets: BTreeMap<u32, Made>,
}

/// What an asset's payload was made of.
#[derive(Debug, Clone, PartialEq)]
struct Made {
    /// The declaration without what never reaches a payload.
    declaration: Value,
    inputs: BTreeMap<String, Vec<u8>>,
}

impl Made {
    /// What a reason calls a member.
    fn member(&self, name: &str) -> Vec<Value> {
        let pointer = format!("/{}", name.replace('.', "/"));
        let value = self.declaration.pointer(&pointer).cloned().unwrap_or_default();
        let format = self.declaration.pointer("/output/format").filter(|_| name == "type");
        [Some(value), format.cloned()].into_iter().flatten().collect()
    }
}

/// What a history found out.
#[derive(Debug)]
pub(crate) struct Wrong(pub(crate) String);

/// Everything of an answer that must not depend on what was known before.
#[derive(Debug, PartialEq)]
struct Verdict {
    status: Status,
    diagnostics: Vec<Found>,
    blockers: Vec<String>,
    result: Option<Packed>,
}

type Found = (&'static str, Option<String>, Option<u32>, Option<u32>, String, Option<String>, bool, String);

#[derive(Debug, PartialEq)]
struct Packed {
    digest: String,
    sizes: Vec<u64>,
    total: usize,
    assets: Vec<String>,
}

/// The files of a set, as far as they are there, and links followed.
type Files = [Option<Vec<u8>>; 4];

fn found(diagnostic: &Diagnostic) -> Found {
    let Diagnostic { code, file, line, column, message, help, blocking, .. } = diagnostic;
    let rest = format!(
        "{:?} {:?} {:?} {:?} {:?}",
        diagnostic.severity, diagnostic.asset_id, diagnostic.asset_root, diagnostic.fix, diagnostic.snippet
    );
    (code.as_str(), file.clone(), *line, *column, message.clone(), help.clone(), *blocking, rest)
}

fn verdict(response: &Response<PackResult>) -> Verdict {
    let result = response.payload.as_ref().map(|result| Packed {
        digest: result.digest.clone(),
        sizes: [&result.artifact].into_iter().chain(&result.companions).map(|file| file.size).collect(),
        total: result.total_assets,
        assets: result
            .assets
            .iter()
            .map(|asset| format!("{:?}", prometeu_packer::ops::PackedAsset { made: None, ..asset.clone() }))
            .collect(),
    });
    Verdict {
        status: response.status,
        diagnostics: response.diagnostics.iter().map(found).collect(),
        blockers: response.blockers.iter().map(|blocker| format!("{blocker:?}")).collect(),
        result,
    }
}

fn set(ground: &Ground, out: &Path) -> Files {
    SET.map(|name| {
        let place = ground.files().resolve(&out.join(name)).ok()?;
        ground.read(&place)
    })
}

fn stamps(ground: &Ground, out: &Path) -> [Option<Stamp>; 4] {
    SET.map(|name| Some(ground.files().stat(&out.join(name)).ok()??.stamp))
}

fn same<T: PartialEq + Debug>(what: &str, is: &T, should: &T) -> Result<(), Wrong> {
    if is == should {
        return Ok(());
    }
    let (is, should) = (format!("{is:?}"), format!("{should:?}"));
    let shared = is.bytes().zip(should.bytes()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| {
        let from = text.floor_char_boundary(shared.saturating_sub(300));
        text[from..text.floor_char_boundary(shared + 700)].to_owned()
    };
    Err(Wrong(format!("{what}:\n  is     ...{}\n  should ...{}", around(&is), around(&should))))
}

/// The names of the files that differ, so that nobody has to read them.
fn differing(is: &Files, should: &Files) -> Vec<&'static str> {
    (0..4).filter(|n| is[*n] != should[*n]).map(|n| SET[n]).collect()
}

/// How a pack is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    pub(crate) strict: bool,
    pub(crate) contents: PackContents,
    pub(crate) for_build: bool,
    pub(crate) stays_open: bool,
    /// Whether the project is asked for other things as well, before and after.
    pub(crate) asks: bool,
}

impl Ask {
    /// By a build script.
    pub(crate) const PLAIN: Self = Self {
        strict: false,
        contents: PackContents::PackSet,
        for_build: true,
        stays_open: false,
        asks: false,
    };

    pub(crate) fn any(dice: &mut Dice) -> Self {
        let contents = if dice.once_in(20) { PackContents::Nothing } else { PackContents::PackSet };
        Self {
            strict: dice.once_in(8),
            contents,
            for_build: dice.once_in(2),
            stays_open: dice.once_in(2),
            asks: dice.once_in(4),
        }
    }

    pub(crate) fn request(self, out: PathBuf, cache: Option<PathBuf>, goal: PackGoal) -> PackRequest {
        PackRequest {
            out_dir: out,
            cache_dir: cache,
            strict: self.strict,
            contents: self.contents,
            goal,
            listing: Listing::Whole,
        }
    }
}

impl World {
    pub(crate) fn opened(&self, ground: &Ground, ask: Ask) -> Result<Project, Wrong> {
        let host = Host { clock: ground.clock(), ..self.host(ground.seen()) };
        let open = if ask.for_build { Project::open_for_build } else { Project::open };
        open(host, &self.game()).map_err(|error| Wrong(format!("cannot be opened: {error}")))
    }

    /// The project that packs: one that stays open, or a new one.
    fn project(&mut self, ask: Ask) -> Result<Arc<Project>, Wrong> {
        if !ask.stays_open {
            return self.opened(&self.ground, ask).map(Arc::new);
        }
        if self.open[self.at].is_none() {
            self.open[self.at] = Some(Arc::new(self.opened(&self.ground, ask)?));
        }
        Ok(Arc::clone(self.open[self.at].as_ref().expect("it was opened above")))
    }

    /// Packs into the output folder whose turn it is, and holds what came out against a pack from
    /// nothing. Answers whether there is a pack.
    pub(crate) fn judge(&mut self, ask: Ask) -> Result<Status, Wrong> {
        let (out, cache) = (self.outs(self.out), self.cache());
        let before = set(&self.ground, &out);
        // Whoever opens it for more than a build settles what was interrupted, so that is done first.
        let project = self.project(ask)?;
        let fresh_ask = Ask { for_build: true, ..ask };
        // From nothing, into a folder that is not there, without a cache.
        let aside = self.ground.aside();
        let fresh_out = aside.fresh();
        let request = ask.request(fresh_out.clone(), None, PackGoal::Publish);
        let fresh = self.opened(&aside, fresh_ask)?.pack(&request);
        let fresh_set = set(&aside, &fresh_out);
        aside.delete(&fresh_out);
        let should = verdict(&fresh);

        // What is there is compared with what should be.
        let check = ask.request(out.clone(), Some(cache.clone()), PackGoal::Check);
        let request = ask.request(out.clone(), Some(cache), PackGoal::Publish);
        let aside = self.ground.aside();
        let checked = self.opened(&aside, fresh_ask)?.pack(&check);
        same("the check before", &verdict(&checked), &should)?;
        if let Some(result) = &checked.payload {
            let differs: Vec<&str> = changed(result);
            same("what the check says differs", &differs, &differing(&before, &fresh_set))?;
        }

        let unrecorded = self.cannot_record();
        if ask.asks {
            self.says(&project, ask)?;
        }
        let packed = project.pack(&request);
        let after = set(&self.ground, &out);
        let should = self.or_of_one_that_looked(&packed, should, ask)?;
        if let (Some(_), Some(_)) = (&packed.payload, &should.result) {
            // The one that tells most when they differ.
            let told = |set: &Files| set[3].as_deref().map(String::from_utf8_lossy).map(String::from);
            same("what tools are told", &told(&after), &told(&fresh_set))?;
        }
        same("the answer", &verdict(&packed), &should)?;
        let Some(result) = &packed.payload else {
            same("files that a pack changed that is not", &differing(&after, &before), &Vec::new())?;
            return Ok(packed.status);
        };
        same("files that are not as from nothing", &differing(&after, &fresh_set), &Vec::new())?;
        same("files that are said to be changed", &changed(result), &differing(&after, &before))
            // A link in the place of a file is replaced by the same bytes.
            .or_else(|wrong| if self.disturbed[self.out] { Ok(()) } else { Err(wrong) })?;
        self.reasons(result, ask, unrecorded)?;
        if ask.asks {
            self.says(&project, ask)?;
        }

        // Again, and nothing is done.
        let written = stamps(&self.ground, &out);
        let again = project.pack(&request);
        same("the answer to the same again", &verdict(&again), &should)?;
        same("files that were written again", &stamps(&self.ground, &out), &written)?;
        if let Some(result) = &again.payload {
            same("files that are said to be changed again", &changed(result), &Vec::new())?;
            if !unrecorded {
                same("what was made again", &made(result), &Vec::new())?;
            }
        }
        let aside = self.ground.aside();
        let checked = self.opened(&aside, fresh_ask)?.pack(&check);
        same("the check after", &verdict(&checked), &should)?;
        same("what the check says differs after", &checked.payload.as_ref().map(changed), &Some(Vec::new()))?;
        Ok(packed.status)
    }

    /// What an answer should be, of a project that may have looked at everything: then it knows better
    /// what to advise about folders that are not where they should be.
    fn or_of_one_that_looked(
        &self,
        packed: &Response<PackResult>,
        should: Verdict,
        ask: Ask,
    ) -> Result<Verdict, Wrong> {
        if !(ask.asks || ask.stays_open) || verdict(packed) == should || packed.payload.is_some() {
            return Ok(should);
        }
        let aside = self.ground.aside();
        let project = self.opened(&aside, Ask { for_build: true, ..ask })?;
        let _ = project.refresh_workspace();
        let request = ask.request(aside.fresh(), None, PackGoal::Publish);
        let fresh = verdict(&project.pack(&request));
        aside.delete(&aside.fresh());
        Ok(fresh)
    }

    /// Whether a project that packs says of the rest what one says that was just opened and has not.
    fn says(&self, project: &Project, ask: Ask) -> Result<(), Wrong> {
        // One that stays open shows what it read until it is told to look.
        let _ = project.refresh_workspace();
        let fresh = self.opened(&self.ground.aside(), Ask { for_build: true, ..ask })?;
        let said = |project: &Project| {
            let list = project.list_assets(&ListRequest::default());
            let summary = project.pack_summary();
            let valid = project.validate_pack(ValidateRequest { strict: ask.strict });
            [
                format!("{:?} {:?}", list.payload, list.diagnostics),
                format!("{:?} {:?}", summary.payload, summary.diagnostics),
                format!("{:?} {:?}", valid.payload, valid.diagnostics),
            ]
        };
        same("what the project says of its assets", &said(project), &said(&fresh))
    }

    /// Whether the reasons that are told are true, and none is where nothing changed.
    fn reasons(&mut self, result: &PackResult, ask: Ask, unrecorded: bool) -> Result<(), Wrong> {
        let is = match ask.contents {
            PackContents::PackSet => self.made_of(result),
            // It names what it left out.
            PackContents::Nothing => Known { at: self.at, ..Known::default() },
        };
        let last = self.known[self.out].replace(is.clone());
        let disturbed = std::mem::replace(&mut self.disturbed[self.out], unrecorded) || unrecorded;
        for asset in &result.assets {
            let id = asset.asset_id.get();
            let now = is.assets.get(&id);
            let before = last.as_ref().filter(|last| last.at == is.at).and_then(|last| last.assets.get(&id));
            let is_true = match &asset.made {
                None => true,
                Some(DirtyReason::NewAsset) => disturbed || before.is_none(),
                Some(DirtyReason::DeclarationChanged { members }) => {
                    let differs = |member: &&str| {
                        let of = |made: Option<&Made>| made.map(|made| made.member(member));
                        of(before) != of(now)
                    };
                    disturbed || (!members.is_empty() && members.iter().all(differs))
                }
                Some(DirtyReason::InputChanged { file }) => {
                    let content = |made: Option<&Made>| made.and_then(|made| made.inputs.get(file).cloned());
                    disturbed || content(before) != content(now)
                }
                Some(_) => disturbed || last.as_ref().is_none_or(|last| last.at != is.at),
            };
            let is_needed = asset.made.is_none() || disturbed || before.is_none() || before != now;
            if !(is_true && is_needed) {
                let reason = format!("{:?}", asset.made);
                return Err(Wrong(format!("{} was made, but not because of {reason}", asset.root)));
            }
        }
        Ok(())
    }

    /// Whether something that is no file has the place of a record, so that there is none.
    fn cannot_record(&self) -> bool {
        let inside = self.ground.list(&self.cache());
        inside.iter().any(|(path, kind)| {
            *kind == FileKind::Folder && path.extension().is_some_and(|end| end == "record")
        })
    }

    fn made_of(&self, result: &PackResult) -> Known {
        let assets = result.assets.iter().filter_map(|asset| {
            let folder = self.assets().join(asset.root.as_str());
            let mut declaration = self.document(&folder.join("asset.json"))?;
            let members = declaration.as_object_mut()?;
            members.retain(|name, _| ["type", "inputs", "artifacts", "output"].contains(&name.as_str()));
            members.get_mut("output")?.as_object_mut()?.remove("codec_configuration");
            let files = self.ground.files();
            let inputs = members.get("inputs")?.as_object()?.values().filter_map(Value::as_array).flatten();
            let inputs = inputs.filter_map(Value::as_str).filter_map(|file| {
                Some((file.to_owned(), self.ground.read(&files.resolve(&folder.join(file)).ok()?)?))
            });
            let inputs = inputs.collect();
            Some((asset.asset_id.get(), Made { declaration, inputs }))
        });
        Known { at: self.at, assets: assets.collect() }
    }
}

/// The files of the set that are said to be changed, or by a check to differ.
fn changed(result: &PackResult) -> Vec<&'static str> {
    let files = [&result.artifact].into_iter().chain(&result.companions).zip(SET);
    files.filter(|(file, _)| file.changed).map(|(_, name)| name).collect()
}

fn made(result: &PackResult) -> Vec<(String, DirtyReason)> {
    let made = result.assets.iter().filter_map(|asset| Some((asset.root.to_string(), asset.made.clone()?)));
    made.collect()
}
