//! Sinks that are ready: for hosts that do not listen, for a thread, for a stream.

use std::fmt;
use std::io::{self, Write};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Event, EventSink};

/// Sends events to whoever holds the other end of a channel of the standard library. Where nobody does
/// any more they are dropped.
///
/// ```
/// use std::sync::Arc;
/// use prometeu_packer::event::{Channel, EventKind};
/// use prometeu_packer::mutate::Mutation;
/// use prometeu_packer::{Host, IdSource, Project};
/// # #[derive(Debug)]
/// # struct Ids;
/// # impl IdSource for Ids {
/// #     fn asset_uuid(&self) -> prometeu_packer::id::AssetUuid { uuid::Uuid::from_u128(1).into() }
/// #     fn operation_id(&self) -> prometeu_packer::id::OperationId { uuid::Uuid::from_u128(2).into() }
/// # }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let (sink, events) = Channel::unbounded();
/// let host = Host { events: Arc::new(sink), ..Host::system(Arc::new(Ids)) };
/// let project = Project::open(host, folder.path())?;
/// let response = project.change(&Mutation::InitWorkspace, false);
///
/// let told: Vec<_> = events.try_iter().collect();
/// let kinds: Vec<&str> = told.iter().map(|event| event.kind.name()).collect();
/// assert_eq!(kinds, ["preview_ready", "snapshot_state_changed", "action_applied"]);
/// assert!(told.iter().all(|event| event.operation_id == response.operation_id));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Channel(End);

#[derive(Debug)]
enum End {
    Unbounded(Sender<Event>),
    Bounded(SyncSender<Event>),
}

/// Writes each event as one line: the JSON object of its envelope ([`Event::to_json`]). A line is
/// written in one call and flushed.
///
/// After the first failure nothing is written any more: half a line may be out. [`JsonLines::failure`]
/// says why.
pub struct JsonLines<W>(Mutex<Stream<W>>);

struct Stream<W> {
    writer: W,
    has_failed: bool,
    failure: Option<io::Error>,
}

impl Channel {
    /// A channel with room for everything: an immediate sink, so an event can be received as soon as it
    /// was told. Nothing is merged, and what is not received stays in memory.
    #[must_use]
    pub fn unbounded() -> (Self, Receiver<Event>) {
        let (sender, receiver) = mpsc::channel();
        (Self(End::Unbounded(sender)), receiver)
    }

    /// A channel with room for so many events. While it is full, the project keeps what comes, and of
    /// the progress of an operation only the newest.
    #[must_use]
    pub fn bounded(room: usize) -> (Self, Receiver<Event>) {
        let (sender, receiver) = mpsc::sync_channel(room);
        (Self(End::Bounded(sender)), receiver)
    }
}

impl EventSink for Channel {
    fn take(&self, event: &Event) {
        // Whoever has hung up wants no more.
        match &self.0 {
            End::Unbounded(sender) => drop(sender.send(event.clone())),
            End::Bounded(sender) => drop(sender.send(event.clone())),
        }
    }

    fn is_immediate(&self) -> bool {
        matches!(self.0, End::Unbounded(_))
    }
}

impl<W: Write + Send> JsonLines<W> {
    /// Writes to `writer`.
    #[must_use]
    pub fn new(writer: W) -> Self {
        Self(Mutex::new(Stream { writer, has_failed: false, failure: None }))
    }

    /// Why nothing is written any more, the first time that this is asked.
    pub fn failure(&self) -> Option<io::Error> {
        self.stream().failure.take()
    }

    /// The writer, with what it was given.
    pub fn into_inner(self) -> W {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).writer
    }

    fn stream(&self) -> MutexGuard<'_, Stream<W>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Write + Send> EventSink for JsonLines<W> {
    fn take(&self, event: &Event) {
        let mut stream = self.stream();
        if stream.has_failed {
            return;
        }
        // Also where the writer panics, and half a line is out.
        stream.has_failed = true;
        let line = event.to_json() + "\n";
        match stream.writer.write_all(line.as_bytes()).and_then(|()| stream.writer.flush()) {
            Ok(()) => stream.has_failed = false,
            Err(error) => stream.failure = Some(error),
        }
    }
}

impl<W> fmt::Debug for JsonLines<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLines").finish_non_exhaustive()
    }
}
