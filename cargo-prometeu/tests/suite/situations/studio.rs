//! Somebody who knows nothing but responses: a client of `serve`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

pub(super) struct Studio {
    serve: Child,
    lines: BufReader<ChildStdout>,
    asked: u32,
}

impl Studio {
    pub(super) fn open(project: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-prometeu"));
        command.args(["serve", "--quiet", "--no-observe"]).current_dir(project);
        command.env_remove("PROMETEU_STRICT").env_remove("PROMETEU_CACHE_DIR");
        let mut serve = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(serve.stdout.take().unwrap());
        Self { serve, lines, asked: 0 }
    }

    /// The response to one request.
    pub(super) fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let request = json!({ "jsonrpc": "2.0", "id": self.asked, "method": method, "params": params });
        writeln!(self.serve.stdin.as_ref().unwrap(), "{request}").unwrap();
        loop {
            let mut line = String::new();
            assert_ne!(self.lines.read_line(&mut line).unwrap(), 0, "{method}: serve has ended");
            let mut message: Value = serde_json::from_str(&line).unwrap();
            if message["id"] == json!(self.asked) {
                assert!(message.get("error").is_none(), "{request}\n{message}");
                return message["result"].take();
            }
        }
    }

    pub(super) fn end(mut self) {
        drop(self.serve.stdin.take());
        assert!(self.serve.wait().unwrap().success());
    }
}

impl Drop for Studio {
    fn drop(&mut self) {
        drop(self.serve.kill());
        drop(self.serve.wait());
    }
}
