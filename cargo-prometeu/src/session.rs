//! A project opened for one command: this process's clock, identities and ears. From then on Ctrl-C
//! asks what is done with it to stop.
//!
//! Opening a project to work with it settles a change that was interrupted; [`tell_recovered`] is how a
//! person hears of that. Programs have heard it already, as an event. A build repairs nothing, so what
//! packs opens with [`open_to_build`].

use std::path::Path;
use std::sync::Arc;

use prometeu_packer::event::{Event, EventSink};
use prometeu_packer::id::{AssetUuid, OperationId};
use prometeu_packer::ops::Blocker;
use prometeu_packer::{Host, IdSource, Project};
use uuid::Uuid;

use crate::cli::Global;
use crate::printer::{Printer, human};
use crate::{interrupt, project};

/// New identities: uuids of version 7, which sort by the time of their making.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Uuids;

impl IdSource for Uuids {
    fn asset_uuid(&self) -> AssetUuid {
        Uuid::now_v7().into()
    }

    fn operation_id(&self) -> OperationId {
        Uuid::now_v7().into()
    }
}

/// Opens the project that the flags or the current folder name; its events go to `printer`. Tells
/// what was settled.
///
/// # Errors
///
/// When there is none.
pub(crate) fn open(global: &Global, printer: &Printer) -> Result<Project, Blocker> {
    open_folder(&project::find(global)?, printer)
}

/// The same for a command that makes what it reads into a pack, and repairs nothing.
///
/// # Errors
///
/// When there is none.
pub(crate) fn open_to_build(global: &Global, printer: &Printer) -> Result<Project, Blocker> {
    build(global, printer, host(printer))
}

/// The same for a command that asks for its own purposes. A person hears, of waiting; programs hear nothing, since
/// they get no response of those operations.
///
/// # Errors
///
/// When there is none.
pub(crate) fn open_to_ask(global: &Global, printer: &Printer) -> Result<Project, Blocker> {
    let events: Arc<dyn EventSink> = if printer.for_people() { printer.events() } else { Arc::new(Deaf) };
    build(global, printer, Host { events, ..host(printer) })
}

fn build(global: &Global, printer: &Printer, host: Host) -> Result<Project, Blocker> {
    let project = Project::open_for_build(host, &project::find(global)?);
    let project = project.map_err(|error| Blocker::from(&error))?;
    printer.hears(&project);
    Ok(project)
}

/// Hears nothing.
#[derive(Debug)]
struct Deaf;

impl EventSink for Deaf {
    fn take(&self, _: &Event) {}

    fn is_heard(&self) -> bool {
        false
    }
}

/// Opens the project in `folder`, or what is to become one. Tells what was settled.
///
/// # Errors
///
/// When there is no such folder.
pub(crate) fn open_folder(folder: &Path, printer: &Printer) -> Result<Project, Blocker> {
    let project = Project::open(host(printer), folder).map_err(|error| Blocker::from(&error))?;
    printer.hears(&project);
    tell_recovered(printer, &project);
    Ok(project)
}

/// Tells a person what was done about an interrupted change since this was asked last: when the project
/// was opened, or when a mutation had its turn.
pub(crate) fn tell_recovered(printer: &Printer, project: &Project) {
    printer.settle();
    let recovered = project.take_recovered();
    if let Some(recovered) = recovered.filter(|_| printer.for_people()) {
        human::recovered(printer.shell(), &recovered);
    }
}

/// What a project of this process works with.
pub(crate) fn host(printer: &Printer) -> Host {
    let events: Arc<dyn EventSink> = printer.events();
    let process = format!("cargo prometeu, process {}", std::process::id());
    let cancel = interrupt::heed(printer);
    Host { events, process, cancel, ..Host::system(Arc::new(Uuids)) }
}
