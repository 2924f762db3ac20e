//! `serve`, as a host sees it: a real process at the other end of two pipes.

mod answers;
mod endings;
mod messages;
mod stories;
mod studio;
mod transcript;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Place, code_of};

/// No step of a test takes so long, however slow the machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// A process that serves a project, and a host that talks to it.
struct Served {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    /// The id of the last request.
    last: u64,
    /// The events that were heard on the way to an answer.
    events: Vec<Value>,
}

impl Served {
    fn start(place: &Place) -> Self {
        Self::spawn(place.command(&["serve"]))
    }

    fn spawn(mut command: Command) -> Self {
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take().unwrap());
        let (heard, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                let Ok(line) = line else { break };
                if heard.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, stdin, lines, last: 0, events: Vec::new() }
    }

    /// Sends bytes as they are.
    fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(bytes.as_ref()).and_then(|()| stdin.flush()).unwrap();
    }

    /// Sends a message.
    fn send(&mut self, message: &Value) {
        self.write(format!("{message}\n"));
    }

    /// Sends a request, and yields its id.
    #[expect(clippy::needless_pass_by_value, reason = "params are written where they are sent")]
    fn request(&mut self, method: &str, params: Value) -> u64 {
        self.last += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.last, "method": method, "params": params }));
        self.last
    }

    fn cancel(&mut self, id: u64) {
        self.send(&json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": { "id": id } }));
    }

    /// The next message; `None` when there will be none.
    #[track_caller]
    fn next(&mut self) -> Option<Value> {
        match self.lines.recv_timeout(DEADLINE) {
            Ok(line) => Some(serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"))),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("it says nothing"),
        }
    }

    /// The next message that is no event. Events are kept.
    #[track_caller]
    fn reply(&mut self) -> Value {
        loop {
            let message = self.next().expect("it is answered");
            assert_eq!(message["jsonrpc"], "2.0", "{message}");
            if message["method"] != "event" {
                return message;
            }
            self.events.push(message["params"].clone());
        }
    }

    /// Asks, and yields the message that answers it.
    #[track_caller]
    fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        let reply = self.reply();
        assert_eq!(reply["id"], id, "{reply}");
        reply
    }

    /// Asks for what comes to a result.
    #[track_caller]
    fn result(&mut self, method: &str, params: Value) -> Value {
        let reply = self.ask(method, params);
        assert!(reply.get("error").is_none(), "{method}: {reply}");
        reply["result"].clone()
    }

    /// Asks for what has to be done.
    #[track_caller]
    fn ok(&mut self, method: &str, params: Value) -> Value {
        let result = self.result(method, params);
        assert_eq!(result["status"], "ok", "{method}: {result}");
        result
    }

    /// Sends an action that was proposed as it stands, and applies what it comes to.
    #[track_caller]
    fn execute(&mut self, action: &Value) -> Value {
        let (method, arguments) = (action["operation"].as_str().unwrap(), action["arguments"].clone());
        let shown = self.ok(method, arguments.clone());
        assert_eq!(shown["plan"]["needs_consent"], action["needs_consent"], "{action}");
        let mut params = arguments;
        params["plan_id"] = shown["plan"]["plan_id"].clone();
        params["consent"] = json!(true);
        self.ok(method, params)
    }

    /// The events since this was asked last.
    fn events(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.events)
    }

    /// Closes its input.
    fn hang_up(&mut self) {
        self.stdin = None;
    }

    /// Waits for its end, and yields the exit code.
    #[track_caller]
    fn code(&mut self) -> Option<i32> {
        code_of(&mut self.child, DEADLINE)
    }

    /// Hangs up, waits for its end, and yields what it said on stderr.
    #[track_caller]
    fn end(mut self) -> String {
        self.hang_up();
        assert_eq!(self.code(), Some(0));
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(!said.contains("panicked"), "{said}");
        said
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It has ended already, or its test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
