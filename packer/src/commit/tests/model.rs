//! A reference model against the runtime, under random sequences of operations, edits by hand, kills,
//! power cuts and full disks: after each step the project is what the model says.
//!
//! Where a crash leaves it open whether a change was made, the model takes what is there; but it must be
//! one of the two.

mod away;
mod cut;
mod hands;
mod rules;
mod state;
mod steps;
mod switch;
mod undoing;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::away::Record;
use self::rules::Meant;
use self::state::{Entry, Model, Registry, unregistered};
use self::steps::{Fault, Op, ROOTS, STEPS, Step, by_root, steps};
use self::switch::Switch;
use self::undoing::Last;
use super::suite::{Random, Tally, on_all_cores, say, scale};
use crate::id::Generation;
use crate::mutate::Plan;
use crate::ops::{BlockerCode, DetailsRequest, ListRequest, Response, Status};
use crate::project::Project;
use crate::storage::faulty::{Failure, FaultyStorage, Repeat};
use crate::testing::{Fixture, request};
use crate::workspace::Scope;
use crate::workspace::layout::REGISTRY_FILE;

/// A project and its model.
struct World {
    fixture: Fixture,
    disk: Switch,
    project: Project,
    model: Model,
    /// The last good registry, as version control has it.
    tracked: Vec<u8>,
    /// Ids that somebody was told of, and the uuid of the asset that each is for ever.
    given: BTreeMap<u32, String>,
    /// Ids that lie in quarantine from before the registry was lost: another one has given them anew.
    lost: BTreeSet<u32>,
    generation: Option<Generation>,
    /// What was done, for a count.
    done: Vec<&'static str>,
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
            given: BTreeMap::new(),
            lost: BTreeSet::new(),
            generation: None,
            done: Vec::new(),
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
                let meant = self.model.meant(op);
                let preview = self.project.preview(&meant.mutation(), None);
                let Some(planned) = &preview.payload else { return self.answered(&meant, &preview, true) };
                self.hear(&preview)?;
                let response = self.project.apply(&planned.plan, true);
                self.answered(&meant, &response, true)?;
            }
            Step::PreviewEditApply(op, hand) => {
                let meant = self.model.meant(op);
                let Some(preview) = self.project.preview(&meant.mutation(), None).payload else {
                    return Ok(());
                };
                let declared = self.declared(op);
                self.by_hand(*hand);
                self.model.check(&self.fixture.files)?;
                let is_other = declared != self.declared(op);
                self.apply_late(&meant, &preview.plan, is_other)?;
            }
            Step::ApplyOutdated(first, second) => {
                let meant = self.model.meant(first);
                let Some(preview) = self.project.preview(&meant.mutation(), None).payload else {
                    return Ok(());
                };
                let before = self.model.text.clone();
                self.act(second, None)?;
                self.model.check(&self.fixture.files)?;
                let writes_registry = preview.plan.edits.iter().any(|edit| edit.path == REGISTRY_FILE);
                let is_other = writes_registry && before != self.model.text;
                self.apply_late(&meant, &preview.plan, is_other)?;
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

    /// Applies a plan after something else was done. When that was done to what the plan was made of, it
    /// is outdated.
    fn apply_late(&mut self, meant: &Meant, plan: &Plan, is_other: bool) -> Outcome {
        let response = self.project.apply(plan, true);
        let codes: Vec<_> = response.blockers.iter().map(|blocker| blocker.code).collect();
        if plan.is_done() {
            // It does nothing, whatever became of the project since.
            return self.hear(&response);
        }
        if is_other && codes != [BlockerCode::PlanOutdated] {
            return Err(format!("an outdated plan was answered with {codes:?}"));
        }
        if codes == [BlockerCode::EditConflict] {
            // The folder to which it moves something is gone.
            return self.hear(&response);
        }
        self.answered(meant, &response, false)
    }

    /// The declaration of the root from which a plan for the registry is made.
    fn declared(&self, op: &Op) -> Option<Vec<u8>> {
        let (Op::Register(root) | Op::AdoptAsNew(root) | Op::AdoptAs(root, _)) = op else { return None };
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
    fn answered<T>(&mut self, meant: &Meant, response: &Response<T>, as_allowed: bool) -> Outcome {
        self.hear(response)?;
        let code = response.blockers.first().map(|blocker| blocker.code);
        if meant.op == Op::Undo && as_allowed && code == Some(BlockerCode::InvalidArgument) {
            match meant.back {
                Last::Nothing => return Ok(()),
                // Without a registry that can be read nothing can be taken back from it.
                _ if !self.model.is_good() => {}
                Last::Perhaps(_) => {
                    self.model.last = Last::Nothing;
                    return Ok(());
                }
                Last::Change(_) => return Err("the way back is gone".to_owned()),
            }
        }
        if as_allowed {
            let what = format!("{:?}", response.blockers.first().map(|blocker| &blocker.message));
            self.expect(response.status, self.model.allows(meant), &what)?;
            let outdated = [Some(BlockerCode::PlanOutdated), Some(BlockerCode::AlreadyExists)];
            if meant.op == Op::Undo && code.is_some() && self.model.is_good() && !outdated.contains(&code) {
                return Err(format!("an undo of what is not as it was left was refused with {code:?}"));
            }
        }
        match response.status {
            Status::Ok => self.done(meant, response),
            Status::Blocked => Ok(()),
            Status::Failed => Err(format!("failed: {:?}", response.blockers)),
        }
    }

    fn done<T>(&mut self, meant: &Meant, response: &Response<T>) -> Outcome {
        let is_new = matches!(meant.op, Op::Create(_) | Op::Register(_) | Op::AdoptAsNew(_));
        let affected = &response.affected_assets;
        let uuid = affected.first().and_then(|asset| asset.asset_uuid).map(|uuid| uuid.to_string());
        for (id, uuid) in affected.iter().filter_map(|asset| Some((asset.asset_id?.get(), asset.asset_uuid?)))
        {
            if self.lost.contains(&id) {
                continue;
            }
            match self.given.insert(id, uuid.to_string()) {
                Some(_) if is_new => return Err(format!("the id {id} was given twice")),
                Some(other) if other != uuid.to_string() => {
                    return Err(format!("the id {id} is that of {other} and of {uuid}"));
                }
                _ => {}
            }
        }
        if is_new && affected.iter().all(|asset| asset.asset_id.is_none()) {
            return Err("no id was told".to_owned());
        }
        let after = self.model.after(meant, uuid).ok_or("it was done, and cannot be")?;
        self.become_of(meant, after);
        Ok(())
    }

    /// What was meant was done.
    fn become_of(&mut self, meant: &Meant, after: Model) {
        if self.model.registry == Registry::Missing && meant.op == Op::Init {
            // Another project from here on, as far as anybody can know.
            self.given.clear();
            let away = self.model.away().into_iter();
            let ids = away.filter_map(|away| Some(away.record?.registered?.0));
            self.lost.extend(ids);
        }
        let is_change = (&after.files, &after.registry) != (&self.model.files, &self.model.registry);
        self.done.extend(is_change.then(|| meant.op.kind()));
        self.model = after;
    }

    fn act(&mut self, op: &Op, fault: Option<Fault>) -> Outcome {
        let meant = self.model.meant(op);
        let mutation = meant.mutation();
        let Some(fault) = fault else {
            let response = self.project.change(&mutation, true);
            return self.answered(&meant, &response, true);
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
            self.decide(&meant)?;
            if let Fault::PowerCut(..) = fault {
                self.model.last = self.model.last.perhaps();
            }
            return Ok(());
        }
        match response.status {
            Status::Failed if is_unsure => {
                self.reopen();
                self.decide(&meant)
            }
            Status::Failed if matches!(fault, Fault::Full(_)) => self.hear(&response),
            _ => {
                self.answered(&meant, &response, true)?;
                // It may have been the last thing for which there was no room.
                self.model.last = self.model.last.perhaps();
                Ok(())
            }
        }
    }

    /// Nobody said whether it was done: it was, or it was not.
    fn decide(&mut self, meant: &Meant) -> Outcome {
        let mut before = self.model.clone();
        let Err(not_before) = before.check(&self.fixture.files) else { return Ok(()) };
        if !self.model.allows(meant) {
            return Err(format!("it was to be refused, and {not_before}"));
        }
        let mut after = self.model.after(meant, None).ok_or("it cannot be done")?;
        if let Err(not_after) = after.check(&self.fixture.files) {
            return Err(format!("not as before: {not_before}; not as after: {not_after}"));
        }
        self.become_of(meant, after);
        Ok(())
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
        if let Some(row) = others.iter().find(|row| row.root.starts_with('.')) {
            return Err(format!("`{}` is listed", row.root));
        }
        let missing =
            unregistered(&self.model).into_iter().find(|root| others.iter().all(|row| row.root != *root));
        missing.map_or(Ok(()), |root| Err(format!("`{root}` is not listed as unregistered")))?;
        self.check_quarantined()
    }

    /// The list of what is in quarantine is the model's.
    fn check_quarantined(&mut self) -> Outcome {
        let response = self.project.list_quarantined();
        self.hear(&response)?;
        let record = |record: crate::quarantine::Record| Record {
            root: record.root.to_string(),
            registered: record.registered.map(|registered| {
                let uuid = registered.asset_uuid.to_string();
                (registered.asset_id.get(), uuid, registered.included_in_build)
            }),
        };
        let found = response.payload.unwrap_or_default().into_iter();
        let found: Vec<_> = found.map(|found| (found.entry, found.record.ok().map(record))).collect();
        let should: Vec<_> = self.model.away().into_iter().map(|away| (away.name, away.record)).collect();
        if found == should {
            Ok(())
        } else {
            Err(format!("in quarantine are {found:?}, should be {should:?}"))
        }
    }
}

fn open(fixture: &Fixture) -> (Switch, Project) {
    let disk = Switch::new(fixture.files.clone());
    let project = fixture.project_on(Arc::new(disk.clone()), Duration::ZERO);
    (disk, project)
}

/// Runs the steps, and gives what was done; or the number of the one at which it fails, and how.
fn run(steps: &[Step]) -> Result<Vec<&'static str>, (usize, String)> {
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
    Ok(world.done)
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
    let why = run(&steps).map_or_else(|(n, why)| format!("step {n}: {why}"), |_| "it passes now".to_owned());
    told + &why
}

/// So many sequences.
const SEQUENCES: usize = 2_000;

#[test]
fn after_every_step_the_project_is_what_the_model_says() {
    let jobs: Vec<usize> = (0..SEQUENCES * scale()).collect();
    let (tally, counts) = (Tally::default(), Mutex::new(BTreeMap::<&str, usize>::new()));
    on_all_cores(&jobs, |n| {
        tally.case(|| {
            let steps = steps(&mut Random::of(("model", n)));
            match run(&steps) {
                Ok(done) => {
                    let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
                    done.into_iter().for_each(|kind| *counts.entry(kind).or_default() += 1);
                }
                Err((at, why)) => panic!("sequence {n} fails at step {at}: {why}\n{}", shrunk(steps)),
            }
        });
    });
    tally.report(&format!("sequences of {STEPS} steps against the model"));
    let counts = counts.into_inner().unwrap_or_else(PoisonError::into_inner);
    let told: Vec<String> = counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    say(&format!("changes made in them: {}", told.join(", ")));
    assert_eq!(counts.len(), 13, "each kind of change was made: {counts:?}");
    assert!(counts.values().all(|count| *count > SEQUENCES / 40), "each kind of change was made: {counts:?}");
}
