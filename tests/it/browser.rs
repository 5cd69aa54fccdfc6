//! A headless browser, where there is one: just enough of its remote protocol to load a page, press a key and
//! ask the page about itself, and to see every request and every complaint.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

pub struct Browser {
    child: Child,
    socket: TcpStream,
    session: String,
    next: u64,
    /// What happened so far, in its order.
    pub events: Vec<Value>,
    _profile: TempDir,
}

impl Browser {
    /// `None`, with a word about it, where there is no browser.
    #[allow(clippy::print_stderr, reason = "whoever reads the test's output learns why it shows nothing")]
    pub fn start() -> Option<Self> {
        let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
        let given = std::env::var("VITALS_TEST_BROWSER").ok();
        let candidates: Vec<&str> = given.as_deref().map_or_else(|| names.to_vec(), |name| vec![name]);
        let profile = tempfile::tempdir().unwrap();
        let started = candidates.into_iter().find_map(|name| {
            Command::new(name)
                .args([
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--no-first-run",
                    "--disable-extensions",
                ])
                .args(["--remote-debugging-port=0", "--window-size=1280,900"])
                .arg(format!("--user-data-dir={}", profile.path().display()))
                .arg("about:blank")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .ok()
        });
        let Some(mut child) = started else {
            eprintln!("skipped: there is no browser here; VITALS_TEST_BROWSER names one");
            return None;
        };
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.split("DevTools listening on ").nth(1).map(str::to_owned))
            .expect("the browser says where it listens");
        // It goes on talking, and would wait for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let rest = address.strip_prefix("ws://").unwrap();
        let (host, path) = rest.split_once('/').unwrap();
        let mut socket = TcpStream::connect(host).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        write!(
            socket,
            "GET /{path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        .unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            socket.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let mut browser =
            Self { child, socket, session: String::new(), next: 1, events: Vec::new(), _profile: profile };
        let target = browser.ask("Target.createTarget", &json!({ "url": "about:blank" }))["targetId"].clone();
        let attached = browser.ask("Target.attachToTarget", &json!({ "targetId": target, "flatten": true }));
        attached["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.ask(&format!("{domain}.enable"), &json!({}));
        }
        let attach = json!({ "autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true });
        browser.ask("Target.setAutoAttach", &attach);
        Some(browser)
    }

    pub fn ask(&mut self, method: &str, params: &Value) -> Value {
        let id = self.next;
        self.next += 1;
        let mut message = json!({ "id": id, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = self.session.clone().into();
        }
        self.send(&message.to_string());
        loop {
            let message = self.receive();
            if message["id"] == id {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    /// Loads a file and waits until it is there.
    pub fn open(&mut self, file: &Path) {
        self.events.clear();
        self.ask("Page.navigate", &json!({ "url": format!("file://{}", file.display()) }));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.receive();
            self.events.push(event);
        }
    }

    /// What an expression comes to, a promise included.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let result = self.ask("Runtime.evaluate", &params);
        assert!(result.get("exceptionDetails").is_none(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    /// Goes on in the frame of the page that has a process of its own, complaints from before included.
    pub fn enter_frame(&mut self) {
        let attached = self.events.iter().rev().find(|event| event["method"] == "Target.attachedToTarget");
        self.session =
            attached.expect("there is a frame")["params"]["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Runtime", "Log", "Network"] {
            self.ask(&format!("{domain}.enable"), &json!({}));
        }
    }

    pub fn press(&mut self, key: &str) {
        let code = if key == "ArrowRight" { 39 } else { 13 };
        for kind in ["keyDown", "keyUp"] {
            self.ask(
                "Input.dispatchKeyEvent",
                &json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code }),
            );
        }
    }

    /// Whatever the page complained of, and whatever it asked for besides itself.
    pub fn complaints(&self, own: &str) -> Vec<String> {
        self.events
            .iter()
            .filter(|event| match event["method"].as_str().unwrap_or_default() {
                "Runtime.exceptionThrown" => true,
                "Runtime.consoleAPICalled" => {
                    matches!(event["params"]["type"].as_str(), Some("error" | "warning"))
                }
                "Log.entryAdded" => event["params"]["entry"]["level"] == "error",
                "Network.requestWillBeSent" => event["params"]["request"]["url"] != own,
                _ => false,
            })
            .map(|event| event["params"].to_string().chars().take(300).collect())
            .collect()
    }

    fn send(&mut self, text: &str) {
        let mut frame = vec![0x81];
        let length = text.len();
        match length {
            0..126 => frame.push(0x80 | length as u8),
            126..65536 => {
                frame.push(0xfe);
                frame.extend((length as u16).to_be_bytes());
            }
            _ => {
                frame.push(0xff);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        // A mask of zeros leaves the text as it is.
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        self.socket.write_all(&frame).unwrap();
    }

    fn receive(&mut self) -> Value {
        let mut text = Vec::new();
        loop {
            let mut head = [0; 2];
            self.socket.read_exact(&mut head).expect("the browser answers");
            let mut length = u64::from(head[1] & 0x7f);
            if length >= 126 {
                let mut long = [0; 8];
                let from = if length == 126 { 6 } else { 0 };
                self.socket.read_exact(&mut long[from..]).unwrap();
                length = u64::from_be_bytes(long);
            }
            let mut part = vec![0; length as usize];
            self.socket.read_exact(&mut part).unwrap();
            if head[0] & 0x0f > 2 {
                continue;
            }
            text.extend(part);
            if head[0] & 0x80 != 0 {
                return serde_json::from_slice(&text).unwrap();
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
