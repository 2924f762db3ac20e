//! A real browser for tests: headless Chromium, spoken to over two pipes in the words of its developer tools.
//!
//! It gets a profile of its own that is thrown away, and is told to look for nothing by itself. What a page says on its
//! console, and whatever it asks the network for, is written down: see [`Page::problems`]. A step that takes longer than
//! [`PATIENCE`] is a failure.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Names under which it is installed.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// A running browser.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    commands: Option<ChildStdin>,
    messages: Receiver<Value>,
    next: u64,
    events: Vec<Value>,
    _profile: TempDir,
}

/// A page in it, of one size and one colour scheme.
#[derive(Debug)]
pub struct Page<'b> {
    browser: &'b mut Browser,
    session: String,
    address: String,
}

impl Browser {
    /// The program, if it is on the `PATH`.
    #[must_use]
    pub fn find() -> Option<PathBuf> {
        let path = std::env::var_os("PATH")?;
        let mut all = std::env::split_paths(&path).flat_map(|folder| NAMES.map(|name| folder.join(name)));
        all.find(|program| program.is_file())
    }

    /// Starts it.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    #[must_use]
    pub fn start(program: &Path) -> Self {
        let profile = tempfile::tempdir().expect("a folder for the profile");
        // It reads commands from file 3 and writes answers to file 4, which a shell can give it without a line of
        // unsafe code. A sandbox cannot be had as root.
        let mut shell = Command::new("sh");
        shell.args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null"]).arg(program);
        shell.args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--mute-audio",
            "--remote-debugging-pipe",
        ]);
        shell.arg(format!("--user-data-dir={}", profile.path().display()));
        let mut child =
            shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a shell can be started");
        let answers = child.stdout.take().expect("it is piped");
        let (sender, messages) = channel();
        thread::spawn(move || {
            for message in BufReader::new(answers).split(0).map_while(Result::ok) {
                let Ok(message) = serde_json::from_slice(&message) else { continue };
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let commands = child.stdin.take();
        Self { child, commands, messages, next: 0, events: Vec::new(), _profile: profile }
    }

    /// A page of that size, whose system is set to dark or light.
    pub fn page(&mut self, (width, height): (u32, u32), dark: bool) -> Page<'_> {
        let target = self.call(None, "Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.call(None, "Target.attachToTarget", &attach)["sessionId"]
            .as_str()
            .expect("a session")
            .to_owned();
        let mut page = Page { browser: self, session, address: String::new() };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            page.call(&format!("{domain}.enable"), &json!({}));
        }
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        page.call("Emulation.setDeviceMetricsOverride", &metrics);
        let scheme = json!({ "name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" } });
        let still = json!({ "name": "prefers-reduced-motion", "value": "reduce" });
        page.call("Emulation.setEmulatedMedia", &json!({ "features": [scheme, still] }));
        page
    }

    /// Sends a command and waits for its answer; events that come before it are kept.
    fn call(&mut self, session: Option<&str>, method: &str, params: &Value) -> Value {
        self.next += 1;
        let mut command = json!({ "id": self.next, "method": method, "params": params });
        if let Some(session) = session {
            command["sessionId"] = json!(session);
        }
        let commands = self.commands.as_mut().expect("it is open until it is dropped");
        let sent = commands.write_all(format!("{command}\0").as_bytes()).and_then(|()| commands.flush());
        sent.unwrap_or_else(|error| panic!("{method}: the browser does not listen: {error}"));
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let message = self
                .messages
                .recv_timeout(left)
                .unwrap_or_else(|error| panic!("{method}: no answer: {error}"));
            if message["id"] == self.next {
                assert!(message.get("error").is_none(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends when nobody is left to talk to.
        self.commands = None;
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until && matches!(self.child.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(20));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Page<'_> {
    fn call(&mut self, method: &str, params: &Value) -> Value {
        self.browser.call(Some(&self.session), method, params)
    }

    /// Goes to a file, with what stands behind its name in an address.
    ///
    /// # Panics
    ///
    /// When it cannot be loaded.
    pub fn open(&mut self, file: &Path, hash: &str) {
        self.address = format!("file://{}", file.display());
        // Another hash alone would load nothing.
        self.call("Page.navigate", &json!({ "url": "about:blank" }));
        let address = format!("{}{hash}", self.address);
        self.call("Page.navigate", &json!({ "url": address }));
        self.wait("location.protocol === 'file:' && document.readyState === 'complete'");
    }

    /// What an expression comes to, a promise when it is kept.
    ///
    /// # Panics
    ///
    /// When it throws.
    pub fn eval(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": false });
        let answer = self.call("Runtime.evaluate", &params);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true.
    ///
    /// # Panics
    ///
    /// When it never is.
    pub fn wait(&mut self, expression: &str) {
        let until = Instant::now() + PATIENCE;
        while self.eval(&format!("!!({expression})")) != true {
            assert!(Instant::now() < until, "never: {expression}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Presses a key and lets it go: `Tab`, `Enter`, ` `, `ArrowRight` and their like.
    pub fn press(&mut self, key: &str) {
        let (code, number, text) = match key {
            "Tab" => ("Tab", 9, ""),
            "Enter" => ("Enter", 13, "\r"),
            " " => ("Space", 32, " "),
            "End" => ("End", 35, ""),
            "Home" => ("Home", 36, ""),
            "ArrowLeft" => ("ArrowLeft", 37, ""),
            "ArrowUp" => ("ArrowUp", 38, ""),
            "ArrowRight" => ("ArrowRight", 39, ""),
            "ArrowDown" => ("ArrowDown", 40, ""),
            other => panic!("nobody has said which key `{other}` is"),
        };
        let kind = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        let mut down = json!({ "type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number });
        if !text.is_empty() {
            down["text"] = json!(text);
        }
        self.call("Input.dispatchKeyEvent", &down);
        down["type"] = json!("keyUp");
        self.call("Input.dispatchKeyEvent", &down);
    }

    /// Types words where the focus is.
    pub fn type_in(&mut self, words: &str) {
        self.call("Input.insertText", &json!({ "text": words }));
    }

    /// What stands from there on down, as a PNG file in base64.
    pub fn screenshot(&mut self, top: u32, (width, height): (u32, u32)) -> String {
        let clip = json!({ "x": 0, "y": top, "width": width, "height": height, "scale": 1 });
        let shot = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let shot = self.call("Page.captureScreenshot", &shot);
        shot["data"].as_str().expect("a picture").to_owned()
    }

    /// Everything that the pages said on their consoles so far, threw, or asked somebody else for.
    #[must_use]
    pub fn problems(&mut self) -> Vec<String> {
        // What comes before an answer is there with it.
        self.eval("0");
        let address = self.address.clone();
        let own = self.browser.events.iter().filter(|event| event["sessionId"] == self.session.as_str());
        let problem = |event: &Value| {
            let params = &event["params"];
            match event["method"].as_str()? {
                "Network.requestWillBeSent" => {
                    let asked = params["request"]["url"].as_str()?;
                    let is_own =
                        asked.starts_with("data:") || asked == "about:blank" || asked.starts_with(&address);
                    (!is_own).then(|| format!("asked for {asked}"))
                }
                "Runtime.exceptionThrown" => Some(format!("threw {}", params["exceptionDetails"])),
                "Runtime.consoleAPICalled" => Some(format!("said {}", params["args"])),
                "Log.entryAdded" => Some(format!("logged {}", params["entry"])),
                _ => None,
            }
        };
        own.filter_map(problem).collect()
    }
}
