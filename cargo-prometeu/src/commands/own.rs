//! Answers of commands that are no operation of the library's: for people in words, for programs as a
//! response of the same shape as all others.

use prometeu_packer::IdSource as _;
use prometeu_packer::diagnostics::Diagnostic;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::ops::{OperationClass, PackResult, Response, Status};
use serde_json::Value;

use crate::exit::{self, Exit};
use crate::printer::{Printer, human};
use crate::session::Uuids;
use crate::shell::Shell;
use crate::wire;

/// What a command of our own has to say.
#[derive(Debug)]
pub(super) struct Answer<'a> {
    /// The name in `operation`.
    pub(super) operation: &'static str,
    pub(super) class: OperationClass,
    /// One line.
    pub(super) summary: &'a str,
    /// What it adds to the response.
    pub(super) members: Vec<(&'static str, Value)>,
}

/// Prints it; `human` does so for people.
pub(super) fn answer(printer: &Printer, answer: Answer<'_>, human: impl FnOnce(&Shell)) {
    answer_with(printer, Status::Ok, answer, human);
}

/// The same, of something that may have come to nothing good.
pub(super) fn answer_with(printer: &Printer, status: Status, answer: Answer<'_>, human: impl FnOnce(&Shell)) {
    if printer.for_people() {
        return human(printer.shell());
    }
    let id = Uuids.operation_id().to_string();
    let mut response = wire::Response::of_command(answer.operation, id, answer.summary);
    response.status = status.as_str();
    response.operation_class = answer.class.as_str();
    let members = answer.members.into_iter().map(|(name, value)| (name.to_owned(), value));
    response.payload = Some(members.collect());
    printer.line(response.line());
}

/// What a project that does not pack leaves to say to a command that packs it for its own purposes: why, and what
/// that means.
pub(super) fn not_packed(
    printer: &Printer,
    operation: &'static str,
    response: &Response<PackResult>,
    message: &str,
) -> Exit {
    if printer.for_people() {
        human::trouble(printer.shell(), response);
        if response.blockers.is_empty() {
            printer.shell().error(visible(message));
        }
    } else {
        let mut told = wire::Response::of_command(operation, Uuids.operation_id().to_string(), message);
        let found: &[Diagnostic] = &response.diagnostics;
        told = told.with(found, &[]);
        told.status = response.status.as_str();
        told.blockers = response.blockers.iter().map(wire::Blocker::of).collect();
        printer.line(told.line());
    }
    exit::of(response)
}
