//! The two servers as processes: start, time to the first response, memory, end.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;

/// A running server. Dropping it ends the process.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    /// Time from the start of the process to the first response.
    pub(crate) ready_after: Duration,
}

/// The program, with an empty environment.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passerelle"));
    command.env_clear();
    command
}

/// A free port.
pub(crate) fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Server {
    /// Starts a command and waits until a path returns 200.
    pub(crate) fn start(mut command: Command, port: u16, path: &str, log: &Path) -> Outcome<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(log)?);
        let started = Instant::now();
        let mut server = Self { child: command.spawn()?, port, ready_after: Duration::ZERO };
        while !matches!(call(port, &format!("GET {path}"), "", ""), Ok((200, _))) {
            if server.child.try_wait()?.is_some() || started.elapsed() > Duration::from_secs(30) {
                return Err(format!("the server did not start: {}", std::fs::read_to_string(log)?).into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        server.ready_after = started.elapsed();
        Ok(server)
    }

    /// Peak resident memory.
    pub(crate) fn peak_kilobytes(&self) -> Outcome<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        Ok(peak.ok_or("no VmHWM")?.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends one request on its own connection: method and path, header lines, body. Returns the status and the text of the
/// body.
pub(crate) fn call(port: u16, request: &str, headers: &str, body: &str) -> Outcome<(u16, String)> {
    let (status, body) = call_for_bytes(port, request, headers, body)?;
    Ok((status, String::from_utf8(body)?))
}

/// The same as [`call`], for a body of any bytes.
pub(crate) fn call_for_bytes(port: u16, request: &str, headers: &str, body: &str) -> Outcome<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    let length = body.len();
    write!(
        stream,
        "{request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?;
    let length = response.windows(4).position(|window| window == b"\r\n\r\n").ok_or("no response")?;
    let body = response.split_off(length + 4);
    let head = String::from_utf8(response)?;
    Ok((head.split(' ').nth(1).ok_or("no status")?.parse()?, body))
}
