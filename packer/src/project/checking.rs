//! Checking: what is wrong, as `doctor` says it.

use super::answer::Answer;
use super::{ATTEMPTS, Project, counted, tell_diagnostics};
use crate::Error;
use crate::diagnostics::Category;
use crate::ops::doctor::{self, Checkup};
use crate::ops::{DoctorRequest, Operation, Response, Status};
use crate::pack::Failure;
use crate::workspace::Scope;

impl Project {
    /// Looks for everything that is wrong with what is managed.
    pub fn doctor(&self, request: DoctorRequest) -> Response<()> {
        let mut teller = self.teller(self.host.ids.operation_id());
        self.answer(Operation::Doctor, &mut teller, |teller| {
            let mut delay = self.delay();
            for _ in 0..ATTEMPTS {
                let snapshot = self.refresh_when_settled(Scope::Workspace, None, &mut delay, teller)?;
                let files = self.files(&snapshot)?;
                let checkup = doctor::doctor(self.looking(&snapshot, files.source(), &teller.token), request);
                let Checkup { mut diagnostics, fixes } = match checkup {
                    Ok(checkup) => checkup,
                    Err(Failure::Changed { .. }) => continue,
                    Err(Failure::Error(error)) => return Err(error),
                };
                self.explain(&mut diagnostics);
                delay.explain(&mut diagnostics);
                tell_diagnostics(teller, &diagnostics);
                let blocking = diagnostics.iter().any(|diagnostic| diagnostic.blocking);
                let untidy =
                    diagnostics.iter().any(|diagnostic| diagnostic.code.category() == Category::Hygiene);
                // What is untidy blocks no build; who asks strictly wants to know all the same.
                let is_found = blocking || (request.strict && untidy);
                let status = if is_found { Status::Blocked } else { Status::Ok };
                let summary = crate::diagnostics::render::summary(&diagnostics)
                    .unwrap_or_else(|| format!("{}, nothing wrong", counted(snapshot.assets.len(), "asset")));
                let mut answer = Answer::ok(summary, ());
                answer.status = status;
                answer.diagnostics = diagnostics;
                answer.proposed = doctor::with_ways(fixes, &snapshot, request);
                return Ok(answer.from(&snapshot));
            }
            Err(Error::Unstable { path: self.layout.assets() })
        })
    }
}
