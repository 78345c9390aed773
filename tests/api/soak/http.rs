//! A caller with a connection that is kept open, and that may break at any time.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

/// A response, with the time that it took.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub json: Value,
    pub took: Duration,
}

impl Answer {
    /// The code of a problem; empty otherwise.
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }

    pub fn has_retry_after(&self) -> bool {
        has_retry_after(&self.head)
    }

    /// `503 storage_full`, or the status alone.
    pub fn outcome(&self) -> String {
        format!("{} {}", self.status, self.code()).trim_end().to_owned()
    }
}

pub fn has_retry_after(head: &str) -> bool {
    head.lines().any(|line| line.to_ascii_lowercase().starts_with("retry-after:"))
}

/// A caller of the program.
pub struct Connection {
    address: String,
    stream: Option<(TcpStream, Instant)>,
    /// How long a response may take.
    patience: Duration,
}

impl Connection {
    pub fn to(address: &str) -> Self {
        Self { address: address.to_owned(), stream: None, patience: Duration::from_mins(2) }
    }

    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Sends a request. None if the connection broke, or if the response took too long.
    pub fn call(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
        let started = Instant::now();
        let head = head(&self.address, method, path, headers, body.len());
        // The program closes a connection that was idle for five seconds.
        let kept = self.stream.take().filter(|(_, used)| used.elapsed() < Duration::from_secs(2));
        let mut stream = match kept {
            Some((stream, _)) => stream,
            None => TcpStream::connect(&self.address).ok()?,
        };
        let read = exchange(&mut stream, self.patience, &(head + body)).ok()?;
        self.stream = Some((stream, Instant::now()));
        let (head, body) = read;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Answer { status, head, json: serde_json::from_slice(&body).unwrap_or_default(), took: started.elapsed() })
    }

    pub fn get(&mut self, path: &str, token: &str) -> Option<Answer> {
        self.call("GET", path, &[("Authorization", &bearer(token))], "")
    }

    /// The status of a path that needs no token; 0 if there was no response.
    pub fn status(&mut self, path: &str) -> u16 {
        self.call("GET", path, &[], "").map_or(0, |answer| answer.status)
    }

    /// Asks for a token of a client.
    pub fn token(&mut self, id: &str, secret: &str) -> Option<Answer> {
        let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        let form = serde_urlencoded::to_string(form).unwrap();
        self.call("POST", "/oauth/token", &[("Content-Type", "application/x-www-form-urlencoded")], &form)
    }
}

pub fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// The head of a request on a connection that is kept open.
pub fn head(address: &str, method: &str, path: &str, headers: &[(&str, &str)], length: usize) -> String {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head + "\r\n"
}

fn exchange(stream: &mut TcpStream, patience: Duration, request: &str) -> io::Result<(String, Vec<u8>)> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(patience))?;
    stream.write_all(request.as_bytes())?;
    let (mut received, mut part) = (Vec::new(), [0; 16 * 1024]);
    loop {
        if let Some((head, length)) = parse_head(&received)
            && received.len() >= head + length
        {
            let text = String::from_utf8_lossy(&received[..head]).into_owned();
            return Ok((text, received[head..head + length].to_vec()));
        }
        match stream.read(&mut part)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => received.extend_from_slice(&part[..read]),
        }
    }
}

/// The length of the head of a response and that of its body; none before the head is complete.
pub fn parse_head(received: &[u8]) -> Option<(usize, usize)> {
    let end = received.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&received[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    Some((end, length.and_then(|length| length.trim().parse().ok()).unwrap_or_default()))
}
