//! What a host works with: one project, one snapshot, and the plans that it was shown.
//!
//! A mutation without `plan_id` is a preview. With one it is applied, unless somebody does not agree: exactly the plan that was shown while
//! that is kept, and planned anew from the params and compared when it is not. Params that say something else
//! than the plan are refused before anything is done.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use prometeu_packer::Project;
use prometeu_packer::id::OperationId;
use prometeu_packer::mutate::{Mutation, PlanId};
use prometeu_packer::ops::{Action, Applied, Blocker, Operation, OperationClass, Preview, Response};
use prometeu_packer::schema::suggest::nearest;
use serde_json::{Map, Value};

use super::flights::Queue;
use super::ids;
use super::methods::{self, Method, Run};
use super::params::{self, Params};
use super::plans::{Plans, Shown};
use super::rpc::{Kind, Problem, named, shown};
use crate::printer::Printer;
use crate::settings::{STRICT, switch};
use crate::wire::{argument, response_value};

/// What is served.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) project: Arc<Project>,
    pub(crate) printer: Printer,
    /// Where records of packs are kept, once somebody packs: cargo is asked for it.
    pub(crate) cache_dir: OnceLock<PathBuf>,
    plans: Plans,
}

/// A method with what it is given, which are params of it.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: &'static Method,
    params: Params,
    /// The plan to apply; a preview without one.
    plan_id: Option<PlanId>,
    /// What somebody said to it who was asked.
    consent: Option<bool>,
}

impl Call {
    /// Reads what is asked for.
    ///
    /// # Errors
    ///
    /// When there is no such method, or it does not take these params.
    pub(crate) fn read(name: &str, given: Map<String, Value>) -> Result<Self, Problem> {
        let method = methods::find(name).ok_or_else(|| unknown(name))?;
        let mut params = params::check(name, &method.all_params(), given)?;
        let plan_id = params.take("plan_id");
        let consent = params.take("consent").and_then(|consent| consent.as_bool());
        let plan_id = match plan_id.as_ref().and_then(Value::as_str) {
            None => None,
            Some(text) => Some(PlanId::parse(text).ok_or_else(|| {
                let message = format!("`plan_id` of `{name}` is {}", shown(&Value::from(text)));
                Problem::new(Kind::Params, message)
                    .help("It takes the `plan_id` of a preview, as it was told.")
            })?),
        };
        if consent.is_some() && plan_id.is_none() {
            let problem = Problem::new(Kind::Params, "`consent` is for a plan, and none is named");
            return Err(problem.help("Look at the plan first, and send its `plan_id` with the consent."));
        }
        if plan_id.is_none() {
            params.are_complete(name, method.params)?;
        }
        Ok(Self { method, params, plan_id, consent })
    }

    /// With whom it waits for its turn.
    pub(crate) const fn queue(&self) -> Queue {
        match (self.method.operation.class(), self.plan_id) {
            (OperationClass::Build, _) | (_, Some(_)) => Queue::Works,
            (_, None) => Queue::Reads,
        }
    }

    /// The operation that it is: that of the preview which it goes on from, or a new one.
    pub(crate) fn operation_id(&self) -> OperationId {
        self.plan_id.map_or_else(ids::new, |plan_id| plan_id.operation_id())
    }
}

/// The nearest method, or where to find them all.
fn unknown(name: &str) -> Problem {
    let names = methods::ALL.iter().map(Method::name).chain(super::OWN);
    let problem = Problem::new(Kind::Method, format!("there is no method {}", named(name)));
    problem.help(match nearest(name, names) {
        Some(name) => format!("Did you mean `{name}`?"),
        None => "`describe` tells all that there are.".to_owned(),
    })
}

impl Session {
    pub(crate) fn new(project: Project, printer: Printer) -> Self {
        Self { project: Arc::new(project), printer, cache_dir: OnceLock::new(), plans: Plans::default() }
    }

    /// Does what is asked for, as that operation.
    ///
    /// # Errors
    ///
    /// When the params are not those of the plan that they name.
    pub(crate) fn answer(&self, call: &Call, operation_id: OperationId) -> Result<Value, Problem> {
        let Call { method, params, plan_id, consent } = call;
        let mutation = match method.run {
            Run::Mutation(mutation) => mutation,
            Run::Either(name, _, mutation) if plan_id.is_some() || params.get(name).is_some() => mutation,
            Run::Answer(answer) | Run::Either(_, answer, _) => {
                return Ok(ids::with(operation_id, || answer(self, params)));
            }
        };
        match plan_id {
            None => Ok(match mutation(self, params) {
                Ok(mutation) => response_value(&self.preview(&mutation, params, operation_id)),
                Err(blocker) => self.refused(method.operation, operation_id, false, blocker),
            }),
            Some(plan_id) => {
                if let Some(shown) = self.plans.get(plan_id) {
                    agree(method, params, &shown)?;
                    let mut response = match consent {
                        Some(false) => self.project.decline(&shown.plan),
                        _ => self.project.apply(&shown.plan, *consent == Some(true)),
                    };
                    as_asked(&mut response, &shown.params);
                    return Ok(response_value(&response));
                }
                if *consent == Some(false) {
                    let problem =
                        Problem::new(Kind::Params, "this process does not know the plan that is declined");
                    return Err(problem.help("A plan that nobody applies does nothing."));
                }
                params.are_complete(method.name(), method.params).map_err(|problem| Problem {
                    help: Some("This process does not know the plan, so send its params as well.".to_owned()),
                    ..problem
                })?;
                Ok(match mutation(self, params) {
                    Ok(mutation) => {
                        let mut response =
                            self.project.apply_seen(&mutation, plan_id, *consent == Some(true));
                        as_asked(&mut response, params);
                        response_value(&response)
                    }
                    Err(blocker) => self.refused(method.operation, operation_id, true, blocker),
                })
            }
        }
    }

    fn preview(&self, mutation: &Mutation, params: &Params, operation_id: OperationId) -> Response<Preview> {
        let mut response = self.project.preview(mutation, Some(operation_id));
        let Some(Preview { plan }) = response.payload.clone() else { return response };
        as_asked(&mut response, params);
        self.plans.keep(plan, params.clone());
        response
    }

    /// The response of a change that was refused before there was a mutation to plan.
    fn refused(
        &self,
        operation: Operation,
        operation_id: OperationId,
        is_seen: bool,
        blocker: Blocker,
    ) -> Value {
        response_value(&self.project.refuse(operation, operation_id, is_seen, blocker))
    }

    /// A path as a host gives it: from the project's folder.
    pub(crate) fn path(&self, text: &str) -> PathBuf {
        self.project.layout().project().join(text)
    }

    /// Whether warnings are to block.
    #[expect(clippy::unused_self, reason = "what holds for all is the session's to know")]
    pub(crate) fn is_strict(&self, params: &Params) -> bool {
        params.flag("strict") || switch(STRICT).unwrap_or(false)
    }
}

/// Checks that what is given says the same as the plan: as it was asked for, or as the plan puts it.
fn agree(method: &Method, params: &Params, shown: &Shown) -> Result<(), Problem> {
    let Shown { plan, params: asked } = shown;
    let refuse = |message: String| {
        let problem = Problem::new(Kind::Params, message);
        Err(problem.help("Ask for a preview of what is meant now, and send the `plan_id` of that."))
    };
    if plan.operation != method.operation {
        return refuse(format!("the plan is one of `{}`", plan.operation.as_str()));
    }
    for (name, value) in params.iter() {
        let planned = plan.arguments.iter().find(|(argument, _)| argument == name);
        let planned = planned.map(|(_, planned)| argument(planned));
        if asked.get(name) != Some(value) && planned.as_ref() != Some(value) {
            let than = match planned.as_ref().or_else(|| asked.get(name)) {
                Some(planned) => format!("{} in the plan", self::shown(planned)),
                None => "not in the plan".to_owned(),
            };
            return refuse(format!("`{name}` is {}, and {than}", self::shown(value)));
        }
    }
    Ok(())
}

/// What is copied is named in a plan as it is called in the asset; who executes an action has to name the
/// files themselves, as they were given.
fn as_asked<T: OfPlan>(response: &mut Response<T>, params: &Params) {
    let files = params.texts("from");
    let of_create = |action: &&mut Action| action.operation == Operation::CreateAsset && !files.is_empty();
    let actions = response.proposed_actions.iter_mut().chain(&mut response.applied_actions);
    for (_, value) in
        actions.filter(of_create).flat_map(|action| &mut action.arguments).filter(|(name, _)| *name == "from")
    {
        *value = files.clone().into();
    }
}

/// What a mutation adds to its response.
trait OfPlan {}

impl OfPlan for Preview {}
impl OfPlan for Applied {}
