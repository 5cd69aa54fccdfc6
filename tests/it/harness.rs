//! The real program in a temporary home: no variable of the developer's, no real directory, no network.
//!
//! Time limits here are a safety net against a hang, long enough never to decide a test.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use vitals_mcp::demo::{grants, withings};

/// How every secret of the simulated providers begins. No run may print one, and no file may hold one in the open.
pub const SECRETS: [&str; 2] = [grants::CANARY, withings::CANARY];

const SAFETY_NET: Duration = Duration::from_secs(600);

/// A person's home with nothing in it.
pub struct Home {
    dir: TempDir,
    variables: Vec<(String, String)>,
}

/// What a finished run left behind.
#[derive(Debug)]
pub struct Ran {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Home {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    /// Sets a variable for every run in this home.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// Where the program keeps its files.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join("vitals")
    }

    /// The program with these arguments and a clean environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vitals-mcp"));
        command.args(arguments).env_clear().current_dir(self.dir.path());
        for name in ["PATH", "SYSTEMROOT"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("HOME", self.dir.path())
            .env("VITALS_HOME", self.path())
            .env("VITALS_TZ", "Europe/Berlin")
            .env("VITALS_SYNC_INTERVAL", "off")
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the program to its end, with an empty stdin.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        finish(self.command(arguments).stdin(Stdio::null()))
    }

    /// Starts the server and leaves it running.
    pub fn serve(&self) -> Server {
        Server::start(self.command(&["serve"]))
    }
}

impl Ran {
    /// Insists on an exit code, and shows everything if it is another one.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The one JSON document on stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error} in stdout:\n{}", self.stdout))
    }

    /// The error on stderr, as `--json` prints it.
    #[track_caller]
    pub fn error(&self) -> Value {
        let line = self.stderr.lines().find(|line| line.starts_with("{\"error\"")).unwrap_or_default();
        let envelope: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in stderr:\n{}", self.stderr));
        envelope["error"].clone()
    }
}

/// Runs a command to its end; kills it only when it hangs.
pub fn finish(command: &mut Command) -> Ran {
    finish_within(command, SAFETY_NET)
}

/// The same for what takes long by its nature.
pub fn finish_within(command: &mut Command, safety_net: Duration) -> Ran {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (stdout, stderr) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let (Ok(stdout), Ok(stderr)) = (stdout.recv_timeout(safety_net), stderr.recv_timeout(safety_net)) else {
        let _ = child.kill();
        let _ = child.wait();
        panic!("{command:?} hangs");
    };
    keeps_secrets("stdout", &stdout);
    keeps_secrets("stderr", &stderr);
    Ran { code: child.wait().unwrap().code(), stdout, stderr }
}

/// The tripwire of every run: not the secret itself is shown, but where it was.
#[track_caller]
pub fn keeps_secrets(place: &str, text: &str) {
    assert!(SECRETS.iter().all(|secret| !text.contains(secret)), "a secret was printed on {place}");
}

impl Drop for Home {
    /// Insists that no file that the program left holds a secret in the open.
    fn drop(&mut self) {
        let mut folders = vec![self.path()];
        while let Some(folder) = folders.pop().filter(|_| !thread::panicking()) {
            for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
                // A pipe that a test put there has no end, and a link may lead in a circle.
                let Ok(found) = std::fs::symlink_metadata(&path) else { continue };
                if found.is_dir() {
                    folders.push(path);
                } else if let Some(bytes) = found.is_file().then(|| std::fs::read(&path).ok()).flatten() {
                    let text = String::from_utf8_lossy(&bytes);
                    let open = SECRETS.iter().any(|secret| text.contains(secret));
                    assert!(!open, "a secret lies open in {}", path.display());
                }
            }
        }
    }
}

/// Reads a pipe to its end on a thread of its own.
fn collect(pipe: Option<impl std::io::Read + Send + 'static>) -> Receiver<String> {
    let (send, receive) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receive
}

/// A running server, spoken to line by line as a client would.
pub struct Server {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    stderr: Receiver<String>,
    next_id: u64,
}

impl Server {
    pub fn start(mut command: Command) -> Self {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (send, lines) = channel();
        let stdout = child.stdout.take().unwrap();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        let stderr = collect(child.stderr.take());
        let stdin = child.stdin.take();
        Self { child, stdin, lines, stderr, next_id: 1 }
    }

    /// Introduces itself in the `initialize` era, as most clients do.
    pub fn initialize(&mut self) -> Value {
        let answer = self.request(
            "initialize",
            &json!({
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": { "name": "harness", "version": "0" },
            }),
        );
        self.notify("notifications/initialized", &json!({}));
        answer
    }

    /// The `result` of a tool call.
    pub fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        self.request("tools/call", &json!({ "name": tool, "arguments": arguments }))["result"].clone()
    }

    /// Sends a request and waits for its answer; what else arrives meanwhile must be JSON-RPC too.
    pub fn request(&mut self, method: &str, params: &Value) -> Value {
        let id = self.next_id;
        self.next_id += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
    }

    pub fn notify(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    pub fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string());
    }

    /// Sends a line as it is.
    pub fn send_text(&mut self, line: &str) {
        self.send_bytes(line.as_bytes());
    }

    pub fn send_bytes(&mut self, line: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(line).unwrap();
        stdin.write_all(b"\n").unwrap();
        stdin.flush().unwrap();
    }

    /// The next line, whatever it is: a command that prints as it goes is watched like a server.
    pub fn line(&mut self) -> String {
        self.lines.recv_timeout(SAFETY_NET).expect("there is another line")
    }

    /// The next message, which must be JSON-RPC.
    pub fn receive(&mut self) -> Value {
        let line = self.line();
        keeps_secrets("stdout", &line);
        let message: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line:?}"));
        assert_eq!(message["jsonrpc"], "2.0", "{message}");
        message
    }

    /// Closes stdin, as a client that goes away does, and waits for the end; answers with what is left on
    /// stdout and with stderr.
    pub fn close(mut self) -> Ran {
        drop(self.stdin.take());
        self.ended()
    }

    /// Sends a signal, with stdin still open, and waits for the end.
    #[cfg(unix)]
    pub fn end_by(mut self, signal: rustix::process::Signal) -> Ran {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, signal).unwrap();
        self.ended()
    }

    fn ended(&mut self) -> Ran {
        let stderr = self.stderr.recv_timeout(SAFETY_NET).expect("the server ends when its client is gone");
        let code = self.child.wait().unwrap().code();
        keeps_secrets("stderr", &stderr);
        Ran { code, stdout: self.lines.iter().collect::<Vec<_>>().join("\n"), stderr }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
