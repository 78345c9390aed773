//! The heads of the chains in other places than their file: another file, syslog, an HTTP endpoint. Whoever can truncate
//! both the database and the file cannot make a collector on another machine forget.
//!
//! Nothing waits for them: each place has a thread of its own. What could not be sent is kept, the latest head of each
//! chain, and sent again; the log says so, and a metric counts the failures. The file stays the one that starts compare the
//! database with; `audit verify --heads` reads what a place received.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::net::{TcpStream, UdpSocket};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::collector::{Endpoint, Trust, host_and_port, resolved};

/// How long a place may take to accept the heads.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The first pause after a failure; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 5 });
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// Priority of a syslog message: facility 13 (log audit), severity 5 (notice).
const PRIORITY: u8 = 13 * 8 + 5;

/// Number of times that heads could not be sent, to any place.
static UNSENT: AtomicU64 = AtomicU64::new(0);

/// How often this process could not send heads to a place.
pub fn heads_unsent() -> u64 {
    UNSENT.load(Ordering::Relaxed)
}

/// A head to send: its chain, and its line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HeadLine {
    /// The chain.
    pub(super) chain: String,
    /// The head, as JSON.
    pub(super) line: String,
}

/// A place for heads. As text: `file:/path`, `syslog:/dev/log`, `syslog+udp://host:514`, `syslog+tcp://host:601`,
/// `https://host/path`, `http://host/path`.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A file to which lines are appended.
    File(PathBuf),
    /// The socket of a syslog daemon of this machine.
    LocalSyslog(PathBuf),
    /// A syslog server (RFC 5424), by datagrams.
    UdpSyslog(String),
    /// A syslog server (RFC 5424), by a connection: a message after its length (RFC 6587).
    TcpSyslog(String),
    /// An HTTP endpoint, which receives lines of JSON by POST.
    Http(Endpoint),
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let path = |path: &str| path.starts_with('/').then(|| PathBuf::from(path));
        let place = if let Some(rest) = text.strip_prefix("file:") {
            path(rest).map(Self::File)
        } else if let Some(rest) = text.strip_prefix("syslog:") {
            path(rest).map(Self::LocalSyslog)
        } else if let Some(rest) = text.strip_prefix("syslog+udp://") {
            host_and_port(rest).map(Self::UdpSyslog)
        } else if let Some(rest) = text.strip_prefix("syslog+tcp://") {
            host_and_port(rest).map(Self::TcpSyslog)
        } else {
            Endpoint::parse(text).map(Self::Http)
        };
        place.ok_or_else(|| {
            "expected file:/path, syslog:/dev/log, syslog+udp://host:514, syslog+tcp://host:601, https://host/path, \
             http://host/path"
                .to_owned()
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::LocalSyslog(path) => write!(f, "syslog:{}", path.display()),
            Self::UdpSyslog(host) => write!(f, "syslog+udp://{host}"),
            Self::TcpSyslog(host) => write!(f, "syslog+tcp://{host}"),
            Self::Http(endpoint) => f.write_str(&endpoint.shown()),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The senders to other places. Dropping it lets each try once more, without waiting for it.
#[derive(Debug, Default)]
pub struct Elsewhere(Vec<Sender<Vec<HeadLine>>>);

impl Elsewhere {
    /// Starts a thread for each place. `token` authenticates to HTTP endpoints; `authorities` is a file of the certificates by
    /// which those of `https` are verified, by default that of the system.
    pub fn start(places: &[Place], token: Option<&str>, authorities: Option<&Path>) -> io::Result<Self> {
        let is_secure = |place: &Place| matches!(place, Place::Http(endpoint) if endpoint.secure);
        let trust = places.iter().any(is_secure).then(|| Trust::read(authorities)).transpose()?;
        let start = |place: &Place| {
            let (sender, heads) = channel();
            let (place, access) = (place.clone(), Access { token: token.map(str::to_owned), trust: trust.clone() });
            let thread = std::thread::Builder::new().name("heads".into());
            thread.spawn(move || keep_sending(&place, &access, &heads))?;
            Ok(sender)
        };
        places.iter().map(start).collect::<io::Result<Vec<_>>>().map(Self)
    }

    /// Hands heads over, to be sent later.
    pub(super) fn hand_over(&self, heads: &[HeadLine]) {
        if heads.is_empty() {
            return;
        }
        for sender in &self.0 {
            // A thread ends only with the process.
            drop(sender.send(heads.to_vec()));
        }
    }

    /// Whether there is no other place.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// How this process and an HTTP endpoint know each other.
#[derive(Debug, Default)]
struct Access {
    token: Option<String>,
    trust: Option<Trust>,
}

/// Sends what arrives until nothing more can.
fn keep_sending(place: &Place, access: &Access, arriving: &Receiver<Vec<HeadLine>>) {
    let mut unsent: BTreeMap<String, String> = BTreeMap::new();
    let (mut pause, mut retry_at) = (FIRST_PAUSE, None::<Instant>);
    loop {
        let arrived = match retry_at {
            None => arriving.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(at) => arriving.recv_timeout(at.saturating_duration_since(Instant::now())),
        };
        let is_over = matches!(arrived, Err(RecvTimeoutError::Disconnected));
        // A later head of a chain replaces an earlier one.
        unsent.extend(arrived.into_iter().flatten().map(|head| (head.chain, head.line)));
        // While a place does not answer, what arrives waits for the end of the pause.
        let is_due = is_over || retry_at.is_none_or(|at| Instant::now() >= at);
        if is_due && !unsent.is_empty() {
            match send(place, access, &unsent.values().map(String::as_str).collect::<Vec<_>>()) {
                Ok(()) => {
                    if retry_at.take().is_some() {
                        log::info!("the heads of the audit journal are sent to {place} again");
                    }
                    pause = FIRST_PAUSE;
                    unsent.clear();
                }
                Err(error) => {
                    UNSENT.fetch_add(1, Ordering::Relaxed);
                    log::warn!("the heads of the audit journal could not be sent to {place}, and will be: {error}");
                    retry_at = Some(Instant::now() + pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
        if is_over {
            return;
        }
    }
}

/// Sends the lines of heads to a place.
fn send(place: &Place, access: &Access, lines: &[&str]) -> io::Result<()> {
    let together = || lines.iter().flat_map(|line| [*line, "\n"]).collect::<String>();
    match place {
        Place::File(path) => {
            let mut file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
            file.write_all(together().as_bytes())?;
            file.sync_data()
        }
        Place::LocalSyslog(path) => {
            let socket = UnixDatagram::unbound()?;
            socket.set_write_timeout(Some(TIMEOUT))?;
            // The older form, which every local daemon reads.
            let message = |line: &&str| format!("<{PRIORITY}>passerelle[{}]: {line}", std::process::id());
            lines.iter().try_for_each(|line| socket.send_to(message(line).as_bytes(), path).map(drop))
        }
        Place::UdpSyslog(host) => {
            let address = resolved(host)?;
            let socket = UdpSocket::bind(if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" })?;
            lines.iter().try_for_each(|line| socket.send_to(syslog(line).as_bytes(), address).map(drop))
        }
        Place::TcpSyslog(host) => {
            let mut stream = TcpStream::connect_timeout(&resolved(host)?, TIMEOUT)?;
            stream.set_write_timeout(Some(TIMEOUT))?;
            let framed = |line: &&str| {
                let message = syslog(line);
                format!("{} {message}", message.len())
            };
            stream.write_all(lines.iter().map(framed).collect::<String>().as_bytes())?;
            // What the other side refused is known only now.
            stream.shutdown(std::net::Shutdown::Write)
        }
        Place::Http(endpoint) => endpoint.post(access.token.as_deref(), access.trust.as_ref(), &together(), TIMEOUT),
    }
}

/// A message of RFC 5424. The host is left to the collector, which knows from where it came.
fn syslog(line: &str) -> String {
    format!("<{PRIORITY}>1 - - passerelle {} audit-head - {line}", std::process::id())
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read};
    use std::net::TcpListener;

    use crate::journal::elsewhere::*;

    const LINES: [&str; 2] = [r#"{"chain":"deployment","count":3}"#, r#"{"chain":"other","count":7}"#];

    fn head(chain: &str, line: &str) -> HeadLine {
        HeadLine { chain: chain.to_owned(), line: line.to_owned() }
    }

    fn place(text: &str) -> Place {
        text.parse().unwrap()
    }

    #[test]
    fn a_place_that_is_none_is_refused() {
        for text in [
            "",
            "x",
            "file:relative",
            "syslog:dev/log",
            "syslog+udp://host",
            "syslog+tcp://:1",
            "ftp://x",
            "https://",
            "https://user@host/",
            "http://",
            "http://user:secret@host/",
        ] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
        assert_eq!(place("http://host/heads?key=secret").to_string(), "http://host:80/heads");
        assert_eq!(place("https://host?key=secret").to_string(), "https://host:443/");
        let nowhere = Path::new("/nowhere");
        assert!(Elsewhere::start(&[place("https://host/")], None, Some(nowhere)).is_err());
        assert!(Elsewhere::start(&[], None, Some(nowhere)).is_ok());
    }

    #[test]
    fn every_place_receives_every_line() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("heads");
        for _ in 0..2 {
            send(&Place::File(file.clone()), &Access::default(), &LINES).unwrap();
        }
        let read: Vec<String> = std::fs::read_to_string(&file).unwrap().lines().map(str::to_owned).collect();
        assert_eq!(read, [LINES, LINES].concat());

        let socket = directory.path().join("log");
        let local = UnixDatagram::bind(&socket).unwrap();
        send(&Place::LocalSyslog(socket), &Access::default(), &LINES).unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        send(&Place::UdpSyslog(udp.local_addr().unwrap().to_string()), &Access::default(), &LINES).unwrap();
        for line in LINES {
            let mut buffer = [0; 1000];
            let length = local.recv(&mut buffer).unwrap();
            assert!(std::str::from_utf8(&buffer[..length]).unwrap().ends_with(&format!("]: {line}")));
            let length = udp.recv(&mut buffer).unwrap();
            let message = std::str::from_utf8(&buffer[..length]).unwrap();
            assert!(message.starts_with("<109>1 - - passerelle "), "{message}");
            assert!(message.ends_with(&format!(" audit-head - {line}")), "{message}");
        }

        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        send(&Place::TcpSyslog(tcp.local_addr().unwrap().to_string()), &Access::default(), &LINES).unwrap();
        let mut received = String::new();
        tcp.accept().unwrap().0.read_to_string(&mut received).unwrap();
        let (length, first) = received.split_once(' ').unwrap();
        assert!(first[..length.parse::<usize>().unwrap()].ends_with(LINES[0]), "{received}");
    }

    /// An endpoint that answers one request. Returns the request.
    fn answer(listener: &TcpListener, answer: &str) -> String {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut request, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            request.push_str(&line);
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        stream
            .write_all(format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").as_bytes())
            .unwrap();
        request + std::str::from_utf8(&body).unwrap()
    }

    #[test]
    fn a_head_that_an_endpoint_refused_is_sent_again_and_its_latest_only() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/heads", listener.local_addr().unwrap());
        let before = heads_unsent();
        let elsewhere = Elsewhere::start(&[place(&url)], Some("the token"), None).unwrap();
        elsewhere.hand_over(&[head("deployment", "3")]);
        let first = answer(&listener, "503 Service Unavailable");
        assert!(first.starts_with("POST /heads HTTP/1.1\r\n"), "{first}");
        assert!(first.to_lowercase().contains("authorization: bearer the token"), "{first}");
        elsewhere.hand_over(&[head("deployment", "4"), head("other", "1")]);
        elsewhere.hand_over(&[head("deployment", "5")]);
        let again = answer(&listener, "204 No Content");
        let body = again.split_once("\r\n\r\n").unwrap().1;
        assert_eq!(body, "5\n1\n");
        assert!(heads_unsent() > before);
    }

    #[test]
    fn a_redirection_is_a_failure() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/heads", listener.local_addr().unwrap());
        let sending = std::thread::spawn(move || send(&place(&url), &Access::default(), &LINES));
        answer(&listener, "302 Found\r\nLocation: http://127.0.0.1:1/");
        assert!(sending.join().unwrap().is_err());
    }
}
