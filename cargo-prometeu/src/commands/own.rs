//! Answers of commands that are no operation of the library's: for people in words, for programs as a
//! response of the same shape as all others.

use prometeu_packer::IdSource as _;
use prometeu_packer::ops::{OperationClass, Status};
use serde_json::Value;

use crate::printer::Printer;
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
