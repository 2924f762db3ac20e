//! Naming: what a game calls its assets.

use super::answer::Answer;
use super::{ATTEMPTS, Project, counted};
use crate::Error;
use crate::diagnostics::render;
use crate::lane::Visit;
use crate::ops::pack::place_of;
use crate::ops::{Constants, ConstantsRequest, Operation, PackContents, Response, Status, constants};
use crate::pack::Failure;
use crate::workspace::Scope;

impl Project {
    /// Says what a game calls its assets, from the declarations alone.
    pub fn constants(&self, request: ConstantsRequest) -> Response<Constants> {
        let mut teller = self.teller(self.host.ids.operation_id());
        self.answer(Operation::Constants, &mut teller, |teller| {
            let mut moved = self.layout.registry();
            let mut delay = self.delay();
            for _ in 0..ATTEMPTS {
                let lock = match self.visit(teller)? {
                    Visit::Busy(busy) => return Ok(Answer::blocked(busy.blocker())),
                    lock => lock,
                };
                let watch = self.watch(&lock)?;
                let snapshot = self.refresh_when_settled(Scope::Declarations, None, &mut delay, teller)?;
                if let (Some(unfinished), PackContents::PackSet) = (self.pending(&snapshot), request.contents)
                {
                    return Ok(Answer::unfinished(unfinished).from(&snapshot));
                }
                let files = self.files(&snapshot)?;
                let attempt = constants::attempt(&snapshot, files.source(), request, &teller.token);
                let (constants, diagnostics) = match attempt {
                    Ok(attempt) => attempt,
                    Err(Failure::Changed { asset, input }) => {
                        moved = place_of(&snapshot, asset, input);
                        continue;
                    }
                    Err(Failure::Error(error)) => return Err(error),
                };
                if !self.is_as(&watch, &snapshot) {
                    moved = self.layout.registry();
                    continue;
                }
                let Some(constants) = constants else {
                    let summary = render::summary(&diagnostics).unwrap_or_default();
                    let answer = Answer { status: Status::Blocked, diagnostics, ..Answer::empty(summary) };
                    return Ok(answer.from(&snapshot));
                };
                let summary = format!("names of {}", counted(constants.assets.len(), "asset"));
                return Ok(Answer { diagnostics, ..Answer::ok(summary, constants) }.from(&snapshot));
            }
            Err(Error::Unstable { path: moved })
        })
    }
}
