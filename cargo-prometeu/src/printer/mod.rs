//! Responses for people or for programs: the same response, the same exit code.
//!
//! For programs, stdout holds JSON lines and nothing else, and stderr what cannot be part of a
//! response. For people, results stand on stdout, and everything about how it went on stderr. For code
//! hosts, stdout holds the findings, and stderr what people would read there.
//!
//! Either stream may be read slowly, and no operation waits for that: events are printed by the
//! project's own thread. Whatever is printed otherwise comes after the events that were told before it.

pub(crate) mod bar;
pub(crate) mod cargo_term;
pub(crate) mod findings;
mod github;
pub(crate) mod human;
mod links;
pub(crate) mod live;
mod repository;
mod sarif;
pub(crate) mod table;
pub(crate) mod units;
mod uri;
pub(crate) mod width;
pub(crate) mod words;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometeu_packer::diagnostics::Diagnostic;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::event::{Deliveries, Event, EventKind, EventSink};
use prometeu_packer::id::Generation;
use prometeu_packer::ops::{Blocker, BlockerCode, Operation, Response, Status};
use prometeu_packer::pack::DirtyReason;
use prometeu_packer::{IdSource as _, Project};
use serde_json::{Map, Value};

use crate::cli::MessageFormat;
use crate::exit::{self, Exit};
use crate::session::Uuids;
use crate::shell::Shell;
use crate::wire::{self, Payload};

/// Prints what a command came to.
#[derive(Debug, Clone)]
pub(crate) struct Printer {
    shell: Arc<Shell>,
    format: MessageFormat,
    /// Of the projects whose events it hears.
    deliveries: Arc<Mutex<Vec<Deliveries>>>,
}

impl Printer {
    pub(crate) fn new(shell: Shell, format: MessageFormat) -> Self {
        let for_people = matches!(format, MessageFormat::Human | MessageFormat::Short);
        let shell = if for_people { shell.with_progress() } else { shell };
        Self { shell: Arc::new(shell), format, deliveries: Arc::default() }
    }

    /// What the operation that comes next does, for who looks on: `Packing`. It is over once its response
    /// is printed.
    pub(crate) fn begin(&self, verb: &'static str) {
        self.shell.live().begin(verb);
    }

    /// The streams.
    pub(crate) fn shell(&self) -> &Shell {
        &self.shell
    }

    /// Whether a person reads.
    pub(crate) fn for_people(&self) -> bool {
        matches!(self.format, MessageFormat::Human | MessageFormat::Short)
    }

    /// Who hears the events of a project.
    pub(crate) fn events(&self) -> Arc<dyn EventSink> {
        Arc::new(Ears(self.clone()))
    }

    /// Remembers whose events it hears.
    pub(crate) fn hears(&self, project: &Project) {
        self.deliveries.lock().unwrap_or_else(PoisonError::into_inner).push(project.deliveries());
        self.shell.is_about(project.layout().project());
    }

    /// Waits until every event that was told is printed, for as long as whoever reads takes.
    pub(crate) fn settle(&self) {
        // The sink asks for none of this, so nobody waits for the lock.
        let deliveries = self.deliveries.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for delivery in deliveries {
            delivery.wait(Duration::MAX);
        }
        self.shell.live().end();
    }

    /// Prints a response, and says what it means for the process. `human` prints it for people.
    pub(crate) fn response<T: Payload>(
        &self,
        response: &Response<T>,
        human: impl FnOnce(&Shell, &Response<T>),
    ) -> Exit {
        self.response_beside(response, Map::new(), human)
    }

    /// The same, and for programs there stands more `beside` what the operation says.
    pub(crate) fn response_beside<T: Payload>(
        &self,
        response: &Response<T>,
        beside: Map<String, Value>,
        human: impl FnOnce(&Shell, &Response<T>),
    ) -> Exit {
        self.settle();
        match self.format {
            MessageFormat::Json => self.shell.document(wire::response_line(response, beside)),
            _ => human(&self.shell, response),
        }
        if self.format.is_of_findings() {
            self.findings(response);
        }
        exit::of(response)
    }

    /// Prints the findings of a response, and why it was refused, for a code host.
    fn findings<T: Payload>(&self, response: &Response<T>) {
        let of_payload = response.payload.iter().flat_map(Payload::findings);
        let found: Vec<&Diagnostic> = response.diagnostics.iter().chain(of_payload).collect();
        let prefix = self.shell.project().map_or_else(String::new, |project| repository::prefix(&project));
        let (blockers, shell) = (&response.blockers, &self.shell);
        if self.format == MessageFormat::Sarif {
            shell.document(sarif::document(&found, blockers, response.status, &prefix));
        } else {
            found.iter().for_each(|found| shell.document(github::finding(found, &prefix)));
            blockers.iter().for_each(|blocker| shell.document(github::blocker(blocker)));
        }
    }

    /// Prints that `operation` was refused before there was a project to ask.
    pub(crate) fn refuse(&self, operation: Operation, blocker: Blocker) -> Exit {
        let response = refused(operation, blocker);
        self.response(&response, human::trouble)
    }

    /// The same of an operation that is the command's own and none of the library's.
    pub(crate) fn refuse_own(&self, operation: &'static str, blocker: &Blocker) -> Exit {
        let exit = exit::of_blocker(blocker);
        self.settle();
        if self.for_people() {
            if blocker.code == BlockerCode::Cancelled {
                self.shell.interrupted("nothing was changed");
                return exit;
            }
            self.shell.error(visible(&blocker.message));
            if let Some(help) = &blocker.help {
                self.shell.help(visible(help));
            }
            return exit;
        }
        let id = Uuids.operation_id().to_string();
        let mut response = wire::Response::of_command(operation, id, &blocker.message);
        let did_not_work = [exit::FAILED, exit::INTERRUPTED].contains(&exit);
        let status = if did_not_work { Status::Failed } else { Status::Blocked };
        response.status = status.as_str();
        response.blockers = vec![wire::Blocker::of(blocker)];
        self.line(response.line());
        exit
    }

    /// Prints the line of a response that is not the library's.
    pub(crate) fn line(&self, line: String) {
        self.settle();
        self.shell.document(line);
    }
}

/// The response of an operation that was refused before it began.
pub(crate) fn refused(operation: Operation, blocker: Blocker) -> Response<()> {
    let failed = exit::of_blocker(&blocker) == exit::FAILED;
    Response {
        status: if failed { Status::Failed } else { Status::Blocked },
        operation,
        operation_id: Uuids.operation_id(),
        generation: Generation::FIRST,
        summary: blocker.message.clone(),
        affected_assets: Vec::new(),
        diagnostics: Vec::new(),
        proposed_actions: Vec::new(),
        applied_actions: Vec::new(),
        blockers: vec![blocker],
        payload: None,
    }
}

/// Hears events: each a line for programs; for people who they wait for, and the steps of a pack, if
/// they asked for them.
#[derive(Debug)]
struct Ears(Printer);

impl EventSink for Ears {
    fn take(&self, event: &Event) {
        let Printer { shell, format, .. } = &self.0;
        if *format == MessageFormat::Json {
            shell.document(wire::event_line(event));
            return;
        }
        let root = || event.affected_assets.first().map_or(String::new(), |asset| asset.root.to_string());
        match &event.kind {
            EventKind::CacheHit { .. } => {
                shell.live().asset(|| visible(&root()));
                shell.detail("Fresh", visible(&root()));
            }
            EventKind::CacheMiss { reason, .. } => {
                shell.live().asset(|| visible(&root()));
                // A check makes everything anew; that says nothing about an asset.
                let verb = if *reason == DirtyReason::Requested { "Compared" } else { "Packed" };
                shell.detail(verb, visible(&format!("{} ({})", root(), human::reason(reason))));
            }
            EventKind::ProgressUpdated => match event.progress {
                Some(progress) => {
                    if !event.affected_assets.is_empty() {
                        shell.live().asset(|| visible(&root()));
                    }
                    shell.live().step(progress);
                }
                // What counts nothing says who is waited for.
                None => shell.status("Blocking", visible(&event.summary)),
            },
            _ => {}
        }
    }

    fn is_heard(&self) -> bool {
        let Printer { shell, format, .. } = &self.0;
        *format == MessageFormat::Json || !shell.is_quiet()
    }
}

/// A path as people write it: from the current folder where it lies below, else as it is.
pub(crate) fn display_path(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let short = here.as_deref().and_then(|here| path.strip_prefix(here).ok());
    let shown = match short {
        Some(short) if short.as_os_str().is_empty() => ".".to_owned(),
        Some(short) => short.display().to_string(),
        None => path.display().to_string(),
    };
    visible(&shown)
}
