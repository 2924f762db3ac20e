//! A reference model against the runtime, under random sequences of operations, edits by hand, kills,
//! power cuts and full disks: after each step the project is what the model says.
//!
//! Where a crash leaves it open whether a change was made, the model takes what is there; but it must be
//! one of the two.

mod state;
mod steps;
mod switch;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use self::state::{Entry, Model, Registry, unregistered};
use self::steps::{Fault, Hand, Op, ROOTS, STEPS, Step, by_root, steps};
use self::switch::Switch;
use super::suite::{Random, Tally, on_all_cores, scale};
use crate::id::Generation;
use crate::ops::{BlockerCode, DetailsRequest, ListRequest, Response, Status};
use crate::project::Project;
use crate::storage::Rename;
use crate::storage::faulty::{Failure, FaultyStorage, Repeat};
use crate::testing::{Fixture, blob, request};
use crate::workspace::Scope;

/// A project and its model.
struct World {
    fixture: Fixture,
    disk: Switch,
    project: Project,
    model: Model,
    /// The last good registry, as version control has it.
    tracked: Vec<u8>,
    /// Ids that somebody was told of.
    given: BTreeSet<u32>,
    generation: Option<Generation>,
}

type Outcome = Result<(), String>;

impl World {
    fn new() -> Self {
        let fixture = Fixture::empty();
        let (disk, project) = open(&fixture);
        Self {
            fixture,
            disk,
            project,
            model: Model::default(),
            tracked: Vec::new(),
            given: BTreeSet::new(),
            generation: None,
        }
    }

    fn reopen(&mut self) {
        (self.disk, self.project) = open(&self.fixture);
        self.generation = None;
    }

    fn path(path: &str) -> String {
        format!("/game/assets/{path}")
    }

    fn step(&mut self, step: &Step) -> Outcome {
        match step {
            Step::Do(op, fault) => self.act(op, *fault)?,
            Step::PreviewThenApply(op) => {
                let preview = self.project.preview(&op.mutation(), None);
                self.hear(&preview)?;
                let Some(preview) = preview.payload else {
                    return self.expect(Status::Blocked, self.model.allows(op), "preview");
                };
                let response = self.project.apply(&preview.plan, true);
                self.answered(op, &response, true)?;
            }
            Step::PreviewEditApply(op, hand) => {
                let Some(preview) = self.project.preview(&op.mutation(), None).payload else { return Ok(()) };
                let registry = self.fixture.files.content("/game/assets/.prometeu/index.json");
                let declared = self.declared(op);
                self.by_hand(*hand);
                if declared != self.declared(op) {
                    // A registration expects nothing of the declaration that it was planned from.
                    return self.model.check(&self.fixture.files);
                }
                let moved = registry != self.fixture.files.content("/game/assets/.prometeu/index.json");
                let response = self.project.apply(&preview.plan, true);
                if moved && !preview.plan.is_done() && response.status == Status::Ok {
                    return Err("a plan was applied to another registry".to_owned());
                }
                if preview.plan.is_done() {
                    return self.nothing_done(&response);
                }
                self.answered(op, &response, false)?;
            }
            Step::ApplyOutdated(first, second) => {
                let Some(preview) = self.project.preview(&first.mutation(), None).payload else {
                    return Ok(());
                };
                let registry = self.fixture.files.content("/game/assets/.prometeu/index.json");
                self.act(second, None)?;
                let moved = registry != self.fixture.files.content("/game/assets/.prometeu/index.json");
                let response = self.project.apply(&preview.plan, true);
                if moved && !preview.plan.is_done() {
                    let codes: Vec<_> = response.blockers.iter().map(|blocker| blocker.code).collect();
                    if codes != [BlockerCode::PlanOutdated] {
                        return Err(format!("an outdated plan was answered with {codes:?}"));
                    }
                }
                if preview.plan.is_done() {
                    return self.nothing_done(&response);
                }
                self.answered(first, &response, false)?;
            }
            Step::ByHand(hand) => self.by_hand(*hand),
            Step::Pack => self.pack()?,
            Step::Details(root) => {
                drop(self.project.refresh(Scope::Workspace));
                let request = DetailsRequest { asset: by_root(root) };
                let response = self.project.get_asset_details(&request);
                self.hear(&response)?;
                self.expect(response.status, self.model.registered(root).is_some(), "details")?;
            }
            Step::Reopen => self.reopen(),
        }
        self.model.check(&self.fixture.files)
    }

    /// A plan that has nothing to do does nothing, whatever became of the project since.
    fn nothing_done<T>(&mut self, response: &Response<T>) -> Outcome {
        self.hear(response)?;
        self.model.check(&self.fixture.files)
    }

    /// The declaration of the root that is to be registered.
    fn declared(&self, op: &Op) -> Option<Vec<u8>> {
        let Op::Register(root) = op else { return None };
        self.model.file(&format!("{root}/asset.json")).map(<[u8]>::to_vec)
    }

    fn expect(&self, status: Status, allowed: bool, what: &str) -> Outcome {
        let should = if allowed { Status::Ok } else { Status::Blocked };
        if status == should { Ok(()) } else { Err(format!("{what}: {status:?}, should be {should:?}")) }
    }

    /// Generations never go back while a project is open.
    fn hear<T>(&mut self, response: &Response<T>) -> Outcome {
        if self.generation.is_some_and(|last| last > response.generation) {
            return Err(format!("generation {:?} after {:?}", response.generation, self.generation));
        }
        self.generation = Some(response.generation);
        Ok(())
    }

    /// Takes an answer of a healthy disk: done or refused, as the model has it where it is asked.
    fn answered<T>(&mut self, op: &Op, response: &Response<T>, as_allowed: bool) -> Outcome {
        self.hear(response)?;
        if as_allowed {
            let what = format!("{:?}", response.blockers.first().map(|blocker| &blocker.message));
            self.expect(response.status, self.model.allows(op), &what)?;
        }
        match response.status {
            Status::Ok => self.done(op, response),
            Status::Blocked => Ok(()),
            Status::Failed => Err(format!("failed: {:?}", response.blockers)),
        }
    }

    fn done<T>(&mut self, op: &Op, response: &Response<T>) -> Outcome {
        let affected = response.affected_assets.first();
        let uuid = affected.and_then(|asset| asset.asset_uuid).map(|uuid| uuid.to_string());
        if matches!(op, Op::Create(_) | Op::Register(_)) {
            let id = affected.and_then(|asset| asset.asset_id).ok_or("no id was told")?.get();
            if !self.given.insert(id) {
                return Err(format!("the id {id} was given twice"));
            }
        }
        let was_missing = matches!(self.model.registry, Registry::Missing);
        self.model = self.model.after(op, uuid);
        if was_missing && *op == Op::Init {
            // Another project from here on, as far as anybody can know.
            self.given.clear();
        }
        Ok(())
    }

    fn act(&mut self, op: &Op, fault: Option<Fault>) -> Outcome {
        let mutation = op.mutation();
        let Some(fault) = fault else {
            let response = self.project.change(&mutation, true);
            return self.answered(op, &response, true);
        };
        let healthy = FaultyStorage::new(&self.fixture.files);
        let disk = match fault {
            Fault::Kill(at) | Fault::PowerCut(at, _) => healthy.die_at(at, false),
            Fault::Full(at) => healthy.fail_change(at, Failure::Enospc, Repeat::ForGood),
        };
        self.disk.set(disk.clone());
        let response = self.project.change(&mutation, true);
        self.disk.set(self.fixture.files.clone());
        let is_unsure = response.blockers.iter().any(|b| b.code == BlockerCode::CommitIndeterminate);
        if disk.died() {
            let left = match fault {
                Fault::PowerCut(_, seed) => {
                    let mut states = self.fixture.files.crash_states(5, seed);
                    let nth = usize::try_from(seed % states.len() as u64).unwrap();
                    states.nth(nth).expect("there are more")
                }
                _ => self.fixture.files.killed(),
            };
            self.fixture = self.fixture.on(left);
            self.reopen();
            return self.decide(op);
        }
        match response.status {
            Status::Failed if is_unsure => {
                self.reopen();
                self.decide(op)
            }
            Status::Failed if matches!(fault, Fault::Full(_)) => self.hear(&response),
            _ => self.answered(op, &response, true),
        }
    }

    /// Nobody said whether it was done: it was, or it was not.
    fn decide(&mut self, op: &Op) -> Outcome {
        let mut before = self.model.clone();
        let Err(not_before) = before.check(&self.fixture.files) else { return Ok(()) };
        if !self.model.allows(op) {
            return Err(format!("it was to be refused, and {not_before}"));
        }
        let mut after = self.model.after(op, None);
        if let Err(not_after) = after.check(&self.fixture.files) {
            return Err(format!("not as before: {not_before}; not as after: {not_after}"));
        }
        if matches!(self.model.registry, Registry::Missing) {
            self.given.clear();
        }
        self.model = after;
        Ok(())
    }

    fn by_hand(&mut self, hand: Hand) {
        let files = self.fixture.files.clone();
        let model = &mut self.model;
        let put = |model: &mut Model, path: String, bytes: Vec<u8>| {
            files.write(Self::path(&path), bytes.clone());
            model.make_way(&path);
            model.files.insert(path, Some(bytes));
        };
        let declared = |root: &str| format!("{root}/asset.json");
        let may_stand = |model: &Model, root: &str| {
            let above = root.match_indices('/').map(|(at, _)| &root[..at]);
            !model.files.contains_key(root) && above.into_iter().all(|above| model.file(above).is_none())
        };
        match hand {
            Hand::Declare(root, n) if may_stand(model, root) => {
                let uuid = format!("0198c0de-0000-7000-8000-{n:012}");
                put(model, declared(root), blob(&uuid, root).into_bytes());
                put(model, format!("{root}/data.txt"), format!("data {n}").into_bytes());
            }
            Hand::EditDeclaration(root, n) => {
                if let Some(mut value) = model.declaration(root) {
                    value["name"] = format!("name {n}").into();
                    put(model, declared(root), serde_json::to_vec_pretty(&value).unwrap());
                }
            }
            Hand::DropUuid(root) if model.registered(root).is_none() => {
                if let Some(mut value) = model.declaration(root) {
                    value.as_object_mut().unwrap().remove("asset_uuid");
                    put(model, declared(root), serde_json::to_vec_pretty(&value).unwrap());
                }
            }
            Hand::BreakDeclaration(root) if model.file(&declared(root)).is_some() => {
                put(model, declared(root), b"{ \"name\": ".to_vec());
            }
            Hand::Note(root, n) if model.is_folder(root) => {
                put(model, format!("{root}/note.txt"), format!("note {n}").into_bytes());
            }
            Hand::MoveFolder(from, to)
                if model.is_folder(from) && may_stand(model, to) && !to.starts_with(&format!("{from}/")) =>
            {
                if let Some((above, _)) = to.rsplit_once('/') {
                    files.folder(Self::path(above));
                }
                files.rename_by_hand(Self::path(from), Self::path(to), Rename::New).unwrap();
                model.move_folder(from, to);
            }
            Hand::CopyRoot(from, to) if model.is_folder(from) && may_stand(model, to) => {
                let inside = format!("{from}/");
                let copies: Vec<(String, Vec<u8>)> = model
                    .files
                    .iter()
                    .filter_map(|(path, bytes)| {
                        Some((path.strip_prefix(&inside)?.to_owned(), bytes.clone()?))
                    })
                    .collect();
                for (path, bytes) in copies {
                    put(model, format!("{to}/{path}"), bytes);
                }
            }
            Hand::Delete(root) if model.files.contains_key(root) => {
                files.delete(Self::path(root));
                model.delete(root);
            }
            Hand::DeleteData(root) => {
                files.delete(Self::path(&format!("{root}/data.txt")));
                model.delete(&format!("{root}/data.txt"));
            }
            Hand::MakeFolder(root) if may_stand(model, root) => {
                files.folder(Self::path(root));
                model.make_way(root);
                model.files.insert(root.to_owned(), None);
            }
            _ => self.registry_by_hand(hand),
        }
    }

    fn registry_by_hand(&mut self, hand: Hand) {
        let index = "/game/assets/.prometeu/index.json";
        let files = self.fixture.files.clone();
        let pick = |entries: &[Entry], n: u32| (!entries.is_empty()).then(|| n as usize % entries.len());
        match (&mut self.model.registry, hand) {
            (Registry::Good { entries, next, raw }, _) => {
                let now = files.content(index).unwrap();
                match hand {
                    Hand::Reformat => {}
                    Hand::Toggle(n) => match pick(entries, n) {
                        Some(at) => entries[at].included = !entries[at].included,
                        None => return,
                    },
                    Hand::RemoveEntry(n) => match pick(entries, n) {
                        Some(at) => drop(entries.remove(at)),
                        None => return,
                    },
                    Hand::SkipIds(n) => *next += n,
                    Hand::DeleteRegistry => {
                        files.delete(index);
                        self.tracked = now;
                        self.model.registry = Registry::Missing;
                        return;
                    }
                    Hand::BreakRegistry | Hand::ConflictMarkers => {
                        let mut text = b"<<<<<<< HEAD\n".to_vec();
                        text.extend(&now[..now.len() / 2]);
                        files.write(index, text.clone());
                        self.tracked = now;
                        self.model.registry = Registry::Unreadable(text);
                        return;
                    }
                    _ => return,
                }
                let entry = |entry: &Entry| {
                    serde_json::json!({
                        "root": entry.root, "asset_id": entry.id, "asset_uuid": entry.uuid,
                        "included_in_build": entry.included,
                    })
                };
                let entries: Vec<_> = entries.iter().map(entry).collect();
                let value =
                    serde_json::json!({ "assets": entries, "next_asset_id": next, "schema_version": 1 });
                let text = serde_json::to_vec_pretty(&value).unwrap();
                files.write(index, text.clone());
                *raw = Some(text);
            }
            (_, Hand::RestoreRegistry) if !self.tracked.is_empty() => {
                files.write(index, self.tracked.clone());
                let registry = crate::schema::registry::read_bytes(self.tracked.clone()).1.registry.unwrap();
                let entries = registry.assets.iter().map(Entry::of).collect();
                let (next, raw) = (registry.next_asset_id, Some(self.tracked.clone()));
                self.model.registry = Registry::Good { entries, next, raw };
            }
            _ => {}
        }
    }

    fn pack(&mut self) -> Outcome {
        let response = self.project.pack(&request());
        self.hear(&response)?;
        let set: Vec<&Entry> = self.model.entries().iter().filter(|entry| entry.included).collect();
        let input = |entry: &Entry| {
            let declaration = self.model.declaration(&entry.root)?;
            let is_it = self.model.uuid(&entry.root) == entry.uuid;
            let file = declaration.get("inputs")?.get("files")?.get(0)?.as_str()?.to_owned();
            self.model.file(&format!("{}/{file}", entry.root)).filter(|_| is_it)
        };
        let inputs: Option<Vec<&[u8]>> = set.iter().map(|entry| input(entry)).collect();
        match (response.status, inputs) {
            (Status::Ok, Some(inputs)) => {
                let bytes = self.fixture.published();
                let pack = packer_format::Pack::new(&bytes).map_err(|error| error.to_string())?;
                let ids: Vec<u32> =
                    pack.header().entries().iter().map(|entry| entry.asset_id.get()).collect();
                if ids != set.iter().map(|entry| entry.id).collect::<Vec<_>>() {
                    return Err(format!("the pack holds {ids:?}, should be {set:?}"));
                }
                for (entry, input) in pack.header().entries().iter().zip(inputs) {
                    if pack.payload(entry.asset_id).map_err(|error| error.to_string())? != input {
                        return Err(format!("the payload of {} is another", entry.asset_id.get()));
                    }
                }
                Ok(())
            }
            (Status::Blocked, inputs) if inputs.is_none() || !self.model.is_good() => Ok(()),
            (status, inputs) => {
                let why = response.diagnostics.first().map(|diagnostic| &diagnostic.message);
                Err(format!("pack: {status:?} where inputs are there: {}: {why:?}", inputs.is_some()))
            }
        }
    }

    /// The list is the model's.
    fn check_list(&mut self) -> Outcome {
        drop(self.project.refresh(Scope::Workspace));
        let response = self.project.list_assets(&ListRequest::default());
        self.hear(&response)?;
        self.expect(response.status, self.model.is_good(), "list")?;
        let rows = response.payload.unwrap_or_default();
        let (registered, others): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.asset_id.is_some());
        let listed = registered.iter().map(|row| Entry {
            id: row.asset_id.unwrap().get(),
            root: row.root.clone(),
            uuid: row.asset_uuid.map(|uuid| uuid.to_string()),
            included: row.included_in_build,
        });
        if listed.collect::<Vec<_>>() != self.model.entries() {
            return Err(format!("listed are {registered:?}, should be {:?}", self.model.entries()));
        }
        let missing =
            unregistered(&self.model).into_iter().find(|root| others.iter().all(|row| row.root != *root));
        missing.map_or(Ok(()), |root| Err(format!("`{root}` is not listed as unregistered")))
    }
}

fn open(fixture: &Fixture) -> (Switch, Project) {
    let disk = Switch::new(fixture.files.clone());
    let project = fixture.project_on(Arc::new(disk.clone()), Duration::ZERO);
    (disk, project)
}

/// Runs the steps; the number of the one at which it fails, and how.
fn run(steps: &[Step]) -> Result<(), (usize, String)> {
    let mut world = World::new();
    for (n, step) in steps.iter().enumerate() {
        let next = world.model.next();
        let mut all = || {
            let was_good = world.model.is_good();
            world.step(step)?;
            if was_good && world.model.is_good() && world.model.next() < next {
                return Err("the next id went back".to_owned());
            }
            if n % 3 == 2 { world.check_list() } else { Ok(()) }
        };
        match catch_unwind(AssertUnwindSafe(&mut all)) {
            Ok(outcome) => outcome.map_err(|why| (n, why))?,
            Err(_) => return Err((n, "it panicked".to_owned())),
        }
    }
    Ok(())
}

/// The shortest sequence that still fails, in words.
fn shrunk(mut steps: Vec<Step>) -> String {
    while let Err((n, _)) = run(&steps) {
        steps.truncate(n + 1);
        let shorter = (0..steps.len()).rev().find_map(|at| {
            let mut fewer = steps.clone();
            fewer.remove(at);
            run(&fewer).is_err().then_some(fewer)
        });
        let Some(shorter) = shorter else { break };
        steps = shorter;
    }
    let mut told = String::new();
    for (n, step) in steps.iter().enumerate() {
        let _ = writeln!(told, "  {n}: {step:?}");
    }
    let why = run(&steps).map_or_else(|(n, why)| format!("step {n}: {why}"), |()| "it passes now".to_owned());
    told + &why
}

#[test]
fn after_every_step_the_project_is_what_the_model_says() {
    let jobs: Vec<usize> = (0..2_000 * scale()).collect();
    let tally = Tally::default();
    on_all_cores(&jobs, |n| {
        tally.case(|| {
            let steps = steps(&mut Random::of(("model", n)));
            if let Err((at, why)) = run(&steps) {
                panic!("sequence {n} fails at step {at}: {why}\n{}", shrunk(steps));
            }
        });
    });
    tally.report(&format!("sequences of {STEPS} steps against the model"));
}
