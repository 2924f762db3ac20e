//! JSON-RPC 2.0, one message a line: reading what a host says, writing what it is answered.
//!
//! Strict on purpose: a message with a member that means nothing is refused with its name, so that a
//! mistake in a host is found where it was made; so is one that has a member twice. Requests have an id that is a string, a whole number
//! or null; one without `id` is a notification, and is never answered, not even when it is wrong.
//!
//! Not here: batches, which are refused. Who has several requests sends several lines, and is answered
//! in the order in which they are done.

use std::fmt;

use prometeu_packer::event::Event;
use serde_json::{Map, Value, json};

use super::once::{self, Repeated};

/// The name of an event's notification.
pub(crate) const EVENT: &str = "event";

/// How a host tells its requests apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Id {
    /// None that anybody can be asked about.
    Null,
    /// A whole number.
    Number(i128),
    /// A string.
    Text(String),
}

/// A message that asks for something.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    /// Absent in a notification.
    pub(crate) id: Option<Id>,
    pub(crate) method: String,
    pub(crate) params: Map<String, Value>,
}

/// What is wrong with a message. What is wrong with a project is never one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) kind: Kind,
    /// In plain words.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: Option<String>,
}

/// The closed list of what can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The line is no JSON.
    Parse,
    /// It is JSON, and no request.
    Request,
    /// No method has that name.
    Method,
    /// The method does not take that.
    Params,
    /// A bug of ours.
    Internal,
    /// Too many requests wait for their turn.
    Busy,
}

/// A message that cannot be taken, and whom to tell.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) id: Id,
    pub(crate) problem: Problem,
}

impl Kind {
    /// All of them, for the page.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 6] =
        [Self::Parse, Self::Request, Self::Method, Self::Params, Self::Internal, Self::Busy];

    /// The number in `code`. All but the last are JSON-RPC's own.
    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Parse => -32700,
            Self::Request => -32600,
            Self::Method => -32601,
            Self::Params => -32602,
            Self::Internal => -32603,
            Self::Busy => -32000,
        }
    }
}

impl Problem {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), help: None }
    }

    /// The same with a next step.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same, told to whoever sent the request `id`.
    pub(crate) const fn to(self, id: Id) -> Refusal {
        Refusal { id, problem: self }
    }
}

impl Id {
    /// An id as it is sent; `None` for what cannot be one.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(Self::Null),
            Value::String(text) => Some(Self::Text(text.clone())),
            Value::Number(number) => {
                let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
                whole.map(Self::Number)
            }
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Text(text) => json!(text),
            Self::Number(number) => json!(number),
        }
    }
}

/// As it is written in a message.
impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

/// Reads a line.
///
/// # Errors
///
/// What is wrong with it, and the id of the request where it can be told.
pub(crate) fn read(line: &[u8]) -> Result<Request, Refusal> {
    let text = std::str::from_utf8(line).map_err(|_| {
        let problem = Problem::new(Kind::Parse, "the line is not UTF-8");
        problem.help("A message is JSON in UTF-8, on one line.").to(Id::Null)
    })?;
    let (value, repeated) = once::read(text).map_err(|error| {
        let problem = Problem::new(Kind::Parse, format!("the line is not JSON: {error}"));
        problem.help("A message is one JSON object on one line.").to(Id::Null)
    })?;
    request(value, repeated)
}

fn request(value: Value, repeated: Option<Repeated>) -> Result<Request, Refusal> {
    let mut members = match value {
        Value::Object(members) => members,
        Value::Array(_) => {
            let problem = Problem::new(Kind::Request, "batches are not taken");
            return Err(problem.help("Send each request on a line of its own.").to(Id::Null));
        }
        _ => {
            let problem = Problem::new(Kind::Request, "a message is a JSON object");
            return Err(problem.to(Id::Null));
        }
    };
    let id = match members.remove("id") {
        None => None,
        // Nobody knows which of them.
        Some(_)
            if repeated.as_ref().is_some_and(|repeated| repeated.is_outermost && repeated.name == "id") =>
        {
            None
        }
        Some(value) => Some(Id::read(&value).ok_or_else(|| {
            let problem = Problem::new(Kind::Request, format!("`id` is {}", shown(&value)));
            problem.help("An id is a string, a whole number of 64 bits, or null.").to(Id::Null)
        })?),
    };
    let refuse = |message: &str, help: &str| {
        let problem = Problem::new(Kind::Request, message).help(help);
        Err(problem.to(id.clone().unwrap_or(Id::Null)))
    };
    if let Some(Repeated { name, is_outermost }) = repeated {
        let kind = if is_outermost { Kind::Request } else { Kind::Params };
        let problem = Problem::new(kind, format!("{} is there more than once", named(&name)));
        let problem = problem.help("Which of them is meant, nobody can tell: leave the others out.");
        return Err(problem.to(id.unwrap_or(Id::Null)));
    }
    if members.remove("jsonrpc") != Some(json!("2.0")) {
        return refuse("`jsonrpc` is not \"2.0\"", "Every message has the member `\"jsonrpc\": \"2.0\"`.");
    }
    if members.contains_key("result") || members.contains_key("error") {
        return refuse(
            "nothing was asked that could be answered",
            "Only requests and notifications are taken.",
        );
    }
    let Some(Value::String(method)) = members.remove("method") else {
        return refuse("`method` is not a string", "`describe` tells the methods that there are.");
    };
    let params = match members.remove("params") {
        None => Map::new(),
        Some(Value::Object(params)) => params,
        Some(_) => {
            return refuse("`params` is not an object", "Params are named: `\"params\": { \"asset\": 7 }`.");
        }
    };
    if let Some(unknown) = members.keys().next() {
        return refuse(
            &format!("a message has no member `{unknown}`"),
            "It has `jsonrpc`, `id`, `method` and `params`.",
        );
    }
    Ok(Request { id, method, params })
}

/// How many characters of a value or a name are shown to its author.
const LONGEST: usize = 40;

/// A value in a message to its author: short, however long it is.
pub(crate) fn shown(value: &Value) -> String {
    let text = value.to_string();
    match value {
        Value::Object(_) if text.chars().count() > LONGEST => "an object".to_owned(),
        Value::Array(_) if text.chars().count() > LONGEST => "a list".to_owned(),
        _ => named(&text),
    }
}

/// A name, just as short.
pub(crate) fn named(name: &str) -> String {
    match name.char_indices().nth(LONGEST) {
        None => format!("`{name}`"),
        Some((end, _)) => format!("`{}…`", &name[..end]),
    }
}

/// The line that answers a request.
pub(crate) fn result(id: &Id, result: &Value) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)
}

/// The line that refuses one.
pub(crate) fn error(id: &Id, problem: &Problem) -> String {
    let mut error = json!({ "code": problem.kind.code(), "message": problem.message });
    if let Some(help) = &problem.help {
        error["data"] = json!({ "help": help });
    }
    format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#)
}

/// The line of an event.
pub(crate) fn event(event: &Event) -> String {
    format!(r#"{{"jsonrpc":"2.0","method":"{EVENT}","params":{}}}"#, event.to_json())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with a line.
    #[track_caller]
    fn check(line: &str, id: Id, code: i64, words: &str) {
        let refusal = read(line.as_bytes()).unwrap_err();
        assert_eq!((refusal.id, refusal.problem.kind.code()), (id, code), "{line}");
        assert!(refusal.problem.message.contains(words), "{line}: {}", refusal.problem.message);
    }

    #[test]
    fn a_request_is_read_with_any_id_that_can_be_told_apart() {
        for (id, read_as) in [
            ("1", Id::Number(1)),
            ("-9223372036854775808", Id::Number(i64::MIN.into())),
            ("18446744073709551615", Id::Number(u64::MAX.into())),
            ("\"ä\\n\"", Id::Text("ä\n".into())),
            ("null", Id::Null),
        ] {
            let line = format!(r#" {{"id":{id},"params":{{"a":[1]}},"method":"m","jsonrpc":"2.0"}} "#);
            let request = read(line.as_bytes()).unwrap();
            assert_eq!((request.id.as_ref(), request.method.as_str()), (Some(&read_as), "m"));
            assert_eq!(request.params["a"], json!([1]));
            assert_eq!(read_as.to_string(), id, "it is answered as it was sent");
        }
        let notification = read(br#"{"jsonrpc":"2.0","method":"m"}"#).unwrap();
        assert_eq!((notification.id, notification.params.len()), (None, 0));
    }

    #[test]
    fn every_other_line_is_refused_with_the_reason() {
        check("", Id::Null, -32700, "not JSON");
        check("{", Id::Null, -32700, "not JSON");
        check("{} {}", Id::Null, -32700, "not JSON");
        check(&"[".repeat(100_000), Id::Null, -32700, "not JSON");
        check("[]", Id::Null, -32600, "batches");
        check("7", Id::Null, -32600, "JSON object");
        check("{}", Id::Null, -32600, "`jsonrpc`");
        check(r#"{"jsonrpc":"1.0","id":3}"#, Id::Number(3), -32600, "`jsonrpc`");
        check(r#"{"jsonrpc":"2.0","id":1.5,"method":"m"}"#, Id::Null, -32600, "`id` is `1.5`");
        check(r#"{"jsonrpc":"2.0","id":[1],"method":"m"}"#, Id::Null, -32600, "`id` is `[1]`");
        check(r#"{"jsonrpc":"2.0","id":1e400,"method":"m"}"#, Id::Null, -32700, "out of range");
        check(r#"{"jsonrpc":"2.0","id":1}"#, Id::Number(1), -32600, "`method`");
        check(r#"{"jsonrpc":"2.0","id":1,"method":2}"#, Id::Number(1), -32600, "`method`");
        check(r#"{"jsonrpc":"2.0","id":1,"result":2}"#, Id::Number(1), -32600, "nothing was asked");
        check(
            r#"{"jsonrpc":"2.0","id":"a","method":"m","params":[1]}"#,
            Id::Text("a".into()),
            -32600,
            "`params`",
        );
        check(
            r#"{"jsonrpc":"2.0","id":1,"method":"m","param":{}}"#,
            Id::Number(1),
            -32600,
            "no member `param`",
        );
        let twice = r#"{"jsonrpc":"2.0","id":1,"method":"m","method":"n"}"#;
        check(twice, Id::Number(1), -32600, "`method` is there more than once");
        let twice = r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"m"}"#;
        check(twice, Id::Null, -32600, "`id` is there more than once");
        let twice = r#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":[{"b":1,"b":1}]}}"#;
        check(twice, Id::Number(1), -32602, "`b` is there more than once");
        let refusal = read(b"\xff").unwrap_err();
        assert!(refusal.problem.message.contains("UTF-8"));
    }

    #[test]
    fn what_is_answered_is_one_line() {
        let problem = Problem::new(Kind::Params, "no\nmore").help("x");
        let line = error(&Id::Text("a\n".into()), &problem);
        assert!(!line.contains('\n'));
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["error"], json!({ "code": -32602, "message": "no\nmore", "data": { "help": "x" } }));
        assert_eq!(result(&Id::Null, &json!({})), r#"{"jsonrpc":"2.0","id":null,"result":{}}"#);
    }
}
