//! Refuses heads of requests whose lines end with a bare LF.
//!
//! The parser of the framework accepts them, and some proxies do not see such a line as one: they and this server would
//! then disagree on where a request ends, so that one caller could put words into the request of another (request
//! smuggling). The bytes are followed from head to body to head; a bare LF in a head is overwritten by a NUL, which the
//! parser refuses with 400.

/// The longest line that is kept. Only the lines that say how long the body is are read, and they are short.
const MAX_LINE: usize = 512;

/// Where in the stream of requests a connection is.
#[derive(Debug)]
pub(super) struct Framing {
    state: State,
    /// The line of a head, or of a chunked body, that has begun.
    line: Line,
}

#[derive(Debug)]
enum State {
    Head(Head),
    /// A body with so many bytes left.
    Body(u64),
    /// The line with the size of a chunk.
    ChunkSize,
    /// The bytes of a chunk, with the end of their line.
    Chunk(u64),
    /// The lines after the last chunk.
    Trailers,
    /// Nothing that follows is a head: the framework has refused the request, or all the rest is one body.
    Unchecked,
}

/// What the lines of a head have said so far.
#[derive(Debug, Default)]
struct Head {
    has_request_line: bool,
    length: Option<u64>,
    is_chunked: bool,
    is_stream: bool,
}

#[derive(Debug, Default)]
struct Line {
    kept: Vec<u8>,
    is_longer: bool,
    last: u8,
}

impl Line {
    fn push(&mut self, byte: u8) {
        self.last = byte;
        if self.kept.len() < MAX_LINE {
            self.kept.push(byte);
        } else {
            self.is_longer = true;
        }
    }

    /// Forgets the line.
    fn end(&mut self) {
        self.kept.clear();
        self.is_longer = false;
        self.last = 0;
    }

    /// The line without the CR at its end.
    fn text(&self) -> &[u8] {
        self.kept.strip_suffix(b"\r").unwrap_or(&self.kept)
    }
}

/// A line that this server and a proxy may understand differently.
struct Ambiguous;

impl Head {
    /// Reads a whole line. Returns what follows the head if it was the last one.
    fn read(&mut self, line: &Line) -> Result<Option<State>, Ambiguous> {
        let text = line.text();
        if !self.has_request_line {
            // The parser skips empty lines before a request.
            self.has_request_line = !text.is_empty();
            self.is_stream = text.starts_with(b"CONNECT ");
            return Ok(None);
        }
        if text.is_empty() {
            return Ok(Some(self.what_follows()));
        }
        let mut parts = text.splitn(2, |byte| *byte == b':');
        let name = parts.next().unwrap_or_default();
        let value = parts.next().and_then(|value| std::str::from_utf8(value).ok()).unwrap_or_default().trim();
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        let [is_length, is_encoding, is_upgrade] = [is("content-length"), is("transfer-encoding"), is("upgrade")];
        if line.is_longer && (is_length || is_encoding || is_upgrade) {
            return Err(Ambiguous);
        }
        if is_length {
            // The framework refuses what is not a number, or a second length.
            self.length = value.parse().ok();
        } else if is_encoding && value.eq_ignore_ascii_case("chunked") {
            self.is_chunked = true;
        } else if is_upgrade && value.eq_ignore_ascii_case("websocket") {
            self.is_stream = true;
        }
        Ok(None)
    }

    fn what_follows(&self) -> State {
        match self.length {
            _ if self.is_chunked => State::ChunkSize,
            _ if self.is_stream => State::Unchecked,
            None | Some(0) => State::Head(Self::default()),
            Some(length) => State::Body(length),
        }
    }
}

impl Framing {
    pub(super) fn new() -> Self {
        Self { state: State::Head(Head::default()), line: Line::default() }
    }

    /// Follows bytes that have arrived. Overwrites a bare LF of a head, so that the parser refuses the request.
    pub(super) fn check(&mut self, bytes: &mut [u8]) {
        let mut at = 0;
        while at < bytes.len() {
            if let State::Body(left) | State::Chunk(left) = &mut self.state {
                let here = (bytes.len() - at).min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= here as u64;
                at += here;
                if *left == 0 {
                    self.state = match self.state {
                        State::Chunk(_) => State::ChunkSize,
                        _ => State::Head(Head::default()),
                    };
                }
                continue;
            }
            if let State::Unchecked = self.state {
                return;
            }
            if bytes[at] != b'\n' {
                self.line.push(bytes[at]);
            } else if let Some(refused) = self.end_line() {
                bytes[at] = refused;
            }
            at += 1;
        }
    }

    /// Ends a line. Returns the byte that makes the parser refuse it.
    fn end_line(&mut self) -> Option<u8> {
        let has_cr = self.line.last == b'\r';
        let next = match &mut self.state {
            State::Head(_) if !has_cr => Err(Ambiguous),
            State::Head(head) => head.read(&self.line),
            State::ChunkSize => Ok(Some(after_chunk_size(self.line.text()))),
            State::Trailers if self.line.text().is_empty() => Ok(Some(State::Head(Head::default()))),
            State::Trailers | State::Body(_) | State::Chunk(_) | State::Unchecked => Ok(None),
        };
        self.line.end();
        let (next, refused) = match next {
            Ok(next) => (next, None),
            Err(Ambiguous) => (Some(State::Unchecked), Some(0)),
        };
        if let Some(next) = next {
            self.state = next;
        }
        refused
    }
}

/// What follows the line with the size of a chunk: `1a`, `1a;extension`.
fn after_chunk_size(line: &[u8]) -> State {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let size = std::str::from_utf8(&line[..digits]).ok().and_then(|size| u64::from_str_radix(size, 16).ok());
    match size {
        Some(0) => State::Trailers,
        // The bytes of a chunk end with CR LF.
        Some(size) => size.checked_add(2).map_or(State::Unchecked, State::Chunk),
        // The framework refuses this body and closes the connection.
        None => State::Unchecked,
    }
}

#[cfg(test)]
mod tests {
    use crate::http::edge::framing::*;

    /// Whether a stream is refused; the same however it is cut into two.
    fn is_refused(stream: &str) -> bool {
        let refused = |at: usize| {
            let mut framing = Framing::new();
            let mut bytes = stream.as_bytes().to_vec();
            let (first, second) = bytes.split_at_mut(at);
            framing.check(first);
            framing.check(second);
            bytes != stream.as_bytes()
        };
        let whole = refused(0);
        assert!((0..stream.len()).all(|at| refused(at) == whole), "{stream:?} depends on where it is cut");
        whole
    }

    #[test]
    fn a_bare_lf_is_refused_wherever_a_head_has_it() {
        for head in [
            "GET / HTTP/1.1\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\n",
            "GET / HTTP/1.1\n\n",
            "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        ] {
            assert!(is_refused(head), "{head:?}");
            for before in [
                "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\ncontent-LENGTH: 4 \r\n\r\na\n\nb",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\na\n\nb\r\n00\r\nTrailer: a\r\n\r\n",
                "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\nA\r\n0123456\n\n\n\r\n0\r\n\r\n",
            ] {
                assert!(is_refused(&format!("{before}{head}")), "{before:?} {head:?}");
            }
        }
    }

    #[test]
    fn a_bare_lf_of_a_body_is_not_touched() {
        for stream in [
            "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n{\n\n}GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\n\n}\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n\n\n\n",
            "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n\n\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n\n",
        ] {
            assert!(!is_refused(stream), "{stream:?}");
        }
    }

    #[test]
    fn a_length_that_is_too_long_to_read_is_refused() {
        let padding = " ".repeat(MAX_LINE);
        assert!(is_refused(&format!("POST / HTTP/1.1\r\nContent-Length:{padding}4\r\n\r\n")));
        assert!(!is_refused(&format!("POST / HTTP/1.1\r\nX-Other:{padding}4\r\n\r\n")));
    }
}
