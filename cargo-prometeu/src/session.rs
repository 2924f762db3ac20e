//! A project opened for one command: this process's clock, identities and ears.

use std::path::Path;
use std::sync::Arc;

use prometeu_packer::event::EventSink;
use prometeu_packer::id::{AssetUuid, OperationId};
use prometeu_packer::ops::Blocker;
use prometeu_packer::{Host, IdSource, Project};
use uuid::Uuid;

use crate::cli::Global;
use crate::printer::Printer;
use crate::project;

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

/// Opens the project that the flags or the current folder name; its events go to `printer`.
///
/// # Errors
///
/// When there is none.
pub(crate) fn open(global: &Global, printer: &Printer) -> Result<Project, Blocker> {
    open_folder(&project::find(global)?, printer)
}

/// Opens the project in `folder`, or what is to become one.
///
/// # Errors
///
/// When there is no such folder.
pub(crate) fn open_folder(folder: &Path, printer: &Printer) -> Result<Project, Blocker> {
    let events: Arc<dyn EventSink> = printer.events();
    let process = format!("cargo prometeu, process {}", std::process::id());
    let host = Host { events, process, ..Host::system(Arc::new(Uuids)) };
    Project::open(host, folder).map_err(|error| Blocker::from(&error))
}
