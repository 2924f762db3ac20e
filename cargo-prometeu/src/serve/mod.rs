//! `serve`: the packer for a host in any language, over standard input and output.
//!
//! ```text
//! stdin ─▶ lines ─▶ rpc ─▶ Call ─▶ flights ─▶ session ─▶ Project
//!                    │                │           │         │ events
//!                    └──── errors ────┴─ answers ─┴────▶ outbox ─▶ stdout
//! ```
//!
//! One process serves one project from one snapshot. One thread reads, one writes, a few work: reads
//! beside each other and beside everything else, mutations and builds as the project's lane lets them. One
//! more looks at the files, and tells what is not as it was read. The grammar is in `docs/serve.md`; the transcript there is replayed by a test.
//!
//! | it ends | then |
//! | --- | --- |
//! | by `shutdown` | what is in flight is asked to stop, and answered; last of all `shutdown` is |
//! | by the end of input | what is in flight has time to end, and is then asked to stop |
//! | because nobody reads its output | what is in flight is asked to stop |
//! | by Ctrl-C | the same; the process ends with 130 |
//!
//! A change that is decided is never stopped: it is finished first. Nothing else in this process writes
//! to stdout. Stderr is for a person.
//!
//! # Where the guarantee stops
//!
//! The waiting at the end is bounded. A process that ends in the midst of a change all the same leaves it to
//! whoever opens the project next, as a crash does.

mod eyes;
mod flights;
mod ids;
mod lines;
mod methods;
mod once;
mod outbox;
#[cfg(test)]
mod page;
mod params;
mod plans;
mod rpc;
mod session;

use std::io::{self, BufReader, BufWriter, IsTerminal as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use prometeu_packer::ops::Blocker;
use prometeu_packer::{Host, Project};
use serde_json::{Value, json};

pub(crate) use self::eyes::Looking;
use self::flights::{Flight, Flights, Queue};
use self::lines::Next;
use self::methods::{Method, Run};
use self::outbox::Outbox;
use self::params::Param;
use self::rpc::{Id, Kind, Problem, Request};
use self::session::{Call, Session};
use crate::exit::{self, Exit};
use crate::printer::Printer;
use crate::session as opening;
use crate::shell::Shell;

/// The version of this grammar: the first, and one more whenever a host has to be changed.
const PROTOCOL: u32 = 1;

/// What is no operation, and ours.
const DESCRIBE: &str = "describe";
const SHUTDOWN: &str = "shutdown";
const CANCEL: &str = "$/cancelRequest";
const OWN: [&str; 3] = [DESCRIBE, SHUTDOWN, CANCEL];

/// How many threads work in each queue.
const THREADS: usize = 4;

/// How long what is in flight may go on when nobody asks for more.
const GRACE: Duration = Duration::from_secs(30);

/// How long what was asked to stop may take to do so.
const STOPPING: Duration = Duration::from_secs(15);

/// How long a host may take to read what is left.
const READING: Duration = Duration::from_secs(5);

/// Why a session ends.
#[derive(Debug)]
enum Ending {
    /// The host says so, and wants to be told when it is done.
    Shutdown(Option<Id>),
    /// There will be no more requests.
    EndOfInput,
    /// Nobody reads what is written.
    NobodyReads,
    /// Ctrl-C.
    Interrupted,
}

/// What all threads share.
#[derive(Debug)]
struct Server {
    session: Session,
    outbox: Arc<Outbox>,
    flights: Flights,
}

/// Serves the project in `folder` until the host goes away; `looking` at what others do to the files.
///
/// # Errors
///
/// When there is no such folder.
pub(crate) fn run(printer: &Printer, folder: &Path, looking: Looking) -> Result<Exit, Blocker> {
    let outbox = Arc::new(Outbox::default());
    let host = Host { events: outbox.clone(), ids: Arc::new(ids::Ids), ..opening::host(printer) };
    let flights = Flights::new(host.cancel.clone());
    let project = Project::open(host, folder).map_err(|error| Blocker::from(&error))?;
    opening::tell_recovered(printer, &project);
    greet(printer.shell(), &project);

    let server = Arc::new(Server { session: Session::new(project, printer.clone()), outbox, flights });
    let (ending, ends) = mpsc::channel();
    let interrupted = ending.clone();
    printer.shell().interrupt().then(move || drop(interrupted.send(Ending::Interrupted)));
    let eyes = eyes::open(&server.session.project, looking, printer.shell());
    for (name, queue) in [("reads", Queue::Reads), ("works", Queue::Works)] {
        for _ in 0..THREADS {
            let server = Arc::clone(&server);
            spawn(name, move || server.work(queue));
        }
    }
    let (writing, closed) = (Arc::clone(&server), ending.clone());
    spawn("writes", move || {
        writing.outbox.write_all(&mut BufWriter::new(io::stdout().lock()));
        drop(closed.send(Ending::NobodyReads));
    });
    let listening = Arc::clone(&server);
    spawn("listens", move || listening.listen(&ending));
    let why = ends.recv().unwrap_or(Ending::EndOfInput);
    let exit = server.end(printer.shell(), &why);
    // They may be in the midst of a look, and end with the process.
    std::mem::forget(eyes);
    Ok(exit)
}

/// Starts a thread that the process does not wait for.
fn spawn(name: &str, work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(work);
    drop(thread.expect("a process that has begun has room for ten threads"));
}

/// Tells a person what this is.
fn greet(shell: &Shell, project: &Project) {
    let folder = project.layout().project().display();
    shell.status("Serving", format_args!("{folder}, version {}", env!("CARGO_PKG_VERSION")));
    if io::stdin().is_terminal() {
        shell.hint("this is for programs, one JSON-RPC message a line; docs/serve.md tells which");
    }
}

impl Server {
    /// Takes messages until there are no more.
    fn listen(&self, ending: &Sender<Ending>) {
        let mut input = BufReader::new(io::stdin().lock());
        loop {
            self.outbox.wait_for_room();
            match lines::next(&mut input, lines::LIMIT) {
                Ok(Next::Line(line)) => {
                    if !self.take(&line, ending) {
                        // What follows is not read.
                        return;
                    }
                }
                Ok(Next::TooLong) => {
                    let limit = lines::LIMIT >> 20;
                    let problem = Problem::new(Kind::Parse, format!("the line has more than {limit} MiB"));
                    let problem = problem.help("Name files instead of sending what is in them.");
                    self.outbox.push(rpc::error(&Id::Null, &problem));
                }
                Ok(Next::End) => break,
                Err(error) => {
                    self.session.printer.shell().warn(format_args!("failed to read from stdin: {error}"));
                    break;
                }
            }
        }
        drop(ending.send(Ending::EndOfInput));
    }

    /// Takes a message, and refuses it at once if it makes no sense. Whether there may be another one.
    fn take(&self, line: &[u8], ending: &Sender<Ending>) -> bool {
        let request = match rpc::read(line) {
            Ok(request) => request,
            Err(refusal) => {
                self.outbox.push(rpc::error(&refusal.id, &refusal.problem));
                return true;
            }
        };
        let ends = request.method == SHUTDOWN;
        let id = request.id.clone();
        if let Err(problem) = self.start(request, ending) {
            match id {
                Some(id) => self.outbox.push(rpc::error(&id, &problem)),
                // Nobody is to be answered; a person may want to know.
                None => {
                    self.session.printer.shell().warn(format_args!("a notification: {}", problem.message));
                }
            }
            return true;
        }
        !ends
    }

    fn start(&self, request: Request, ending: &Sender<Ending>) -> Result<(), Problem> {
        let Request { id, method, params } = request;
        match method.as_str() {
            CANCEL => {
                let given = params.get("id").and_then(Id::read).filter(|id| *id != Id::Null);
                let Some(meant) = given.filter(|_| params.len() == 1) else {
                    let problem = Problem::new(Kind::Params, format!("`{CANCEL}` takes `id` alone"));
                    return Err(problem.help("It is that of the request which is to stop."));
                };
                self.flights.cancel(&meant);
                self.answer_own(id.as_ref(), &Value::Null);
            }
            DESCRIBE => {
                params::check(DESCRIBE, &[], params)?;
                self.answer_own(id.as_ref(), &self.describe());
            }
            SHUTDOWN => {
                params::check(SHUTDOWN, &[], params)?;
                self.flights.close();
                drop(ending.send(Ending::Shutdown(id)));
            }
            name if name.starts_with("$/") && id.is_none() => {}
            name => {
                let call = Call::read(name, params)?;
                let operation_id = call.operation_id();
                self.flights.take(Flight { id, call, operation_id })?;
            }
        }
        Ok(())
    }

    fn answer_own(&self, id: Option<&Id>, result: &Value) {
        if let Some(id) = id {
            self.outbox.push(rpc::result(id, result));
        }
    }

    /// Answers requests of one queue until there are no more.
    fn work(&self, queue: Queue) {
        while let Some(turn) = self.flights.next(queue) {
            let Flight { id, call, operation_id } = &turn.flight;
            // A bug in one request takes no other one with it.
            let answer = catch_unwind(AssertUnwindSafe(|| self.session.answer(call, *operation_id)));
            // What an interrupted change came to, which this one had to settle first.
            opening::tell_recovered(&self.session.printer, &self.session.project);
            let answer = answer.unwrap_or_else(|_| {
                let problem =
                    Problem::new(Kind::Internal, format!("`{}` failed by a bug", call.method.name()));
                Err(problem.help("What it was about to change is settled by whoever opens the project next."))
            });
            let line = id.as_ref().map(|id| match &answer {
                Ok(result) => rpc::result(id, result),
                Err(problem) => rpc::error(id, problem),
            });
            self.flights.land(turn, || {
                if let Some(line) = line {
                    self.outbox.push(line);
                }
            });
        }
    }

    /// What a host needs to know that knows nothing.
    fn describe(&self) -> Value {
        let param = |param: &Param| {
            let mut told =
                json!({ "name": param.name, "takes": param.kind.expected(), "required": param.required });
            if let params::Kind::OneOf(choices) = param.kind {
                told["choices"] = json!(choices());
            }
            told
        };
        let method = |method: &Method| {
            let mut told = json!({
                "method": method.name(),
                "operation_class": method.operation.class().as_str(),
                "is_previewed": matches!(method.run, Run::Mutation(_)),
                "params": method.all_params().iter().map(param).collect::<Vec<_>>(),
            });
            if let Run::Either(name, ..) = method.run {
                told["previewed_with"] = json!(name);
            }
            told
        };
        json!({
            "name": env!("CARGO_PKG_NAME"),
            "version": env!("CARGO_PKG_VERSION"),
            "protocol": PROTOCOL,
            "project_id": self.session.project.project_id(),
            "types": methods::families(),
            "methods": methods::ALL.iter().map(method).collect::<Vec<_>>(),
        })
    }

    /// Ends the session, and says with what the process does.
    fn end(&self, shell: &Shell, why: &Ending) -> Exit {
        self.flights.close();
        let is_over = || self.outbox.is_closed() || shell.interrupt().was_heard();
        if matches!(why, Ending::EndOfInput) {
            self.flights.wait_for_all(GRACE, is_over);
        }
        self.flights.cancel_all();
        self.flights.wait_for_all(STOPPING, || false);
        if let Ending::Shutdown(Some(id)) = why {
            self.outbox.push(rpc::result(id, &Value::Null));
        }
        self.outbox.end(READING);
        if shell.interrupt().was_heard() { exit::INTERRUPTED } else { exit::DONE }
    }
}
