//! The program as a real process on a real port.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A timeout longer than any step takes, so that a hanging program fails the test instead of blocking the suite.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// The program, with an empty environment.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passerelle"));
    command.env_clear().args(arguments).stdin(Stdio::null());
    command
}

/// The program as a user whom the permissions of files stop, which they do not for root. It owns `files`.
pub fn as_other_user(command: &mut Command, files: &[&Path]) {
    const NOBODY: u32 = 65_534;
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        for file in files {
            std::os::unix::fs::chown(file, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        command.uid(NOBODY).gid(NOBODY);
    }
}

/// Runs `audit verify` until every event is chained. Returns what it printed last.
pub fn wait_until_chained(data: &TempDir, settings: &[(&str, &str)]) -> String {
    let started = Instant::now();
    loop {
        let mut command = program(&["audit", "verify"]);
        let output = command.env("PASSERELLE_DATA_DIR", data.path()).envs(settings.iter().copied()).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        if printed.contains(" 0 event(s) not chained yet") {
            return printed;
        }
        assert!(started.elapsed() < PATIENCE, "{printed}{}", String::from_utf8_lossy(&output.stderr));
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// A running server, killed if the test fails.
pub struct Server {
    pub child: Child,
    pub address: String,
    /// Where it leaves the invitation of the first administrator: its standard output is no terminal.
    invitation: PathBuf,
    errors: Receiver<String>,
    pub logged: Vec<String>,
}

impl Server {
    /// Starts the server on an embedded database in a directory.
    pub fn start(data: &TempDir) -> Self {
        Self::start_with(data, &[])
    }

    /// Starts the server with these settings.
    pub fn start_with(data: &TempDir, settings: &[(&str, &str)]) -> Self {
        let mut command = program(&["serve", "--listen", "127.0.0.1:0"]);
        command.env("PASSERELLE_DATA_DIR", data.path()).env("PASSERELLE_WORKERS", "1");
        // The releases of the sandbox would slow the tests down.
        command.env("PASSERELLE_SANDBOX", "false");
        // Tests of these say so: the others sign in without an authenticator, and are one person.
        command.env("PASSERELLE_SECOND_FACTOR", "false").env("PASSERELLE_FOUR_EYES", "false");
        // Nor must each stop wait for load balancers.
        command.env("PASSERELLE_GRACE_SECONDS", "0").envs(settings.iter().copied());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (send, errors) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        let mut server = Self {
            child,
            address: String::new(),
            invitation: data.path().join("first-invitation"),
            errors,
            logged: Vec::new(),
        };
        let line = server.wait_for("serving on http://");
        let after = line.split("serving on http://").nth(1).unwrap();
        after.split(',').next().unwrap().clone_into(&mut server.address);
        server
    }

    /// Waits for the next line of the log that contains a text.
    pub fn wait_for(&mut self, text: &str) -> String {
        loop {
            let line = self.errors.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("{text:?} was never logged: {:#?}", self.logged));
            self.logged.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
    }

    pub fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
        let mut stream = self.connect();
        stream.write_all(self.head(method, path, headers, body.len()).as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        read_response(stream)
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    pub fn head(&self, method: &str, path: &str, headers: &[(&str, &str)], length: usize) -> String {
        head(&self.address, method, path, headers, length)
    }

    pub fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        let authorization = format!("Bearer {token}");
        let mut headers = vec![("Content-Type", "application/json")];
        if !token.is_empty() {
            headers.push(("Authorization", &authorization));
        }
        let (status, response) = self.call("POST", path, &headers, &body.to_string());
        assert_eq!(status, 201, "POST {path}: {response:#}");
        response
    }

    pub fn get(&self, path: &str, token: &str) -> Value {
        let (status, response) = self.call("GET", path, &[("Authorization", &format!("Bearer {token}"))], "");
        assert_eq!(status, 200, "GET {path}: {response:#}");
        response
    }

    pub fn token(&self, fields: &[(&str, &str)]) -> String {
        let form = serde_urlencoded::to_string(fields).unwrap();
        let headers = [("Content-Type", "application/x-www-form-urlencoded")];
        let (status, response) = self.call("POST", "/oauth/token", &headers, &form);
        assert_eq!(status, 200, "{response:#}");
        response["access_token"].as_str().unwrap().to_owned()
    }

    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the process to end. Returns its exit code, its log and its standard output.
    pub fn end(mut self) -> (Option<i32>, Vec<String>, String) {
        while let Ok(line) = self.errors.recv_timeout(PATIENCE) {
            self.logged.push(line);
        }
        let code = self.child.wait().unwrap().code();
        let mut printed = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        (code, std::mem::take(&mut self.logged), printed)
    }

    /// The invitation of the first administrator, which the program has left in a file of its own.
    pub fn invitation(&self) -> String {
        let text = std::fs::read_to_string(&self.invitation).unwrap();
        text.split("\"token\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }
}

/// The head of a request, the only one on its connection.
pub fn head(address: &str, method: &str, path: &str, headers: &[(&str, &str)], length: usize) -> String {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head + &format!("Content-Length: {length}\r\n\r\n")
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn read_response(mut stream: TcpStream) -> (u16, Value) {
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap_or_else(|| panic!("not an response: {response:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_default())
}
