//! A wrapper of the connection that turns the framework's own responses into problem documents, and cuts connections
//! that are too slow ([`super::pace`]). It also refuses heads with bare LFs ([`super::framing`]).
//!
//! If the head never arrives (408), is not HTTP (400) or is too large for the parser (431), the framework responds
//! below all middleware, with an empty body, and closes the connection; it has no hook. So the outgoing bytes are
//! inspected: an empty response with one of these statuses and without `X-Request-Id`, which every response of ours
//! has, is rewritten. This costs a comparison of four bytes per write.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::body::MessageBody;
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Edge;
use super::framing::Framing;
use super::headers;
use super::metrics::{Cut, Held};
use super::pace::{HeadPace, ReadPace};
use passerelle_base::error::{ApiError, Code, Lang, render};

/// A connection whose bare responses are replaced by problem documents.
pub struct Wire {
    socket: Socket,
    /// A document being written in place of a bare response.
    document: Option<Document>,
    _open: Held,
}

/// A connection that is cut if the client is too slow.
struct Socket {
    stream: TcpStream,
    edge: Arc<Edge>,
    framing: Framing,
    heads: HeadPace,
    reading: ReadPace,
}

struct Document {
    bytes: Vec<u8>,
    written: usize,
    /// Bytes of the bare response, which the framework believes it has written.
    replaced: usize,
}

impl Wire {
    /// Wraps a connection.
    pub fn new(stream: TcpStream, edge: &Data<Edge>) -> Self {
        let edge = Data::clone(edge).into_inner();
        let open = edge.metrics.connection();
        limit_unsent(&stream);
        let heads = HeadPace::new(edge.options.head_timeout);
        let reading = ReadPace::new(edge.options.stall_timeout);
        Self { socket: Socket { stream, edge, framing: Framing::new(), heads, reading }, document: None, _open: open }
    }
}

impl Socket {
    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buf) {
            Poll::Ready(Ok(())) => {
                let arrived = &mut buf.filled_mut()[before..];
                self.framing.check(arrived);
                self.heads.received(arrived);
                Poll::Ready(Ok(()))
            }
            // As if the client had closed the connection: what is being sent is still sent.
            Poll::Pending if self.heads.is_late(cx) => {
                self.edge.metrics.cut(Cut::SlowHead);
                Poll::Ready(Ok(()))
            }
            other => other,
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(cx, bytes) {
            Poll::Ready(Ok(count)) => {
                self.reading.took(count);
                self.heads.sent(&bytes[..count]);
                Poll::Ready(Ok(count))
            }
            Poll::Pending if self.reading.is_too_slow(cx) => {
                self.edge.metrics.cut(Cut::SlowReader);
                // The client learns at once that its response is cut, and the kernel drops what it has not sent.
                let _ = self.stream.set_zero_linger();
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            other => other,
        }
    }
}

/// Bytes that the kernel may hold and has not sent. Without this limit it takes megabytes for a client that does not read,
/// and says that the connection is ready again after a third of them, which a slow client does not take in time.
#[cfg(target_os = "linux")]
const MAX_UNSENT: u32 = 64 << 10;

#[cfg(target_os = "linux")]
fn limit_unsent(stream: &TcpStream) {
    let _ = socket2::SockRef::from(stream).set_tcp_notsent_lowat(MAX_UNSENT);
}

#[cfg(not(target_os = "linux"))]
fn limit_unsent(_: &TcpStream) {}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.socket.poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.document.is_none() {
            match bare_response(buf) {
                None => return this.socket.poll_write(cx, buf),
                // The end of a previous response is written first.
                Some((at, _)) if at > 0 => return this.socket.poll_write(cx, &buf[..at]),
                Some((_, code)) => {
                    let bytes = document(&this.socket.edge, code);
                    this.document = Some(Document { bytes, written: 0, replaced: buf.len() });
                }
            }
        }
        while let Some(document) = &mut this.document {
            if document.written == document.bytes.len() {
                let replaced = document.replaced;
                this.document = None;
                return Poll::Ready(Ok(replaced));
            }
            document.written += ready!(this.socket.poll_write(cx, &document.bytes[document.written..]))?;
        }
        Poll::Ready(Ok(0))
    }

    /// Called when everything was written.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket.reading.took_all();
        Pin::new(&mut self.socket.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket.stream).poll_shutdown(cx)
    }
}

/// The position and the code of a bare response of the framework, if the bytes end with one.
fn bare_response(bytes: &[u8]) -> Option<(usize, Code)> {
    let head = bytes.strip_suffix(b"\r\n\r\n")?;
    // Bare responses are short: a status line, a length, a date.
    let from = head.len().saturating_sub(256);
    let at = from + head[from..].windows(9).rposition(|word| word == b"HTTP/1.1 ")?;
    let text = std::str::from_utf8(&head[at..]).ok()?;
    let mut lines = text.split("\r\n");
    let code = match lines.next()?.split(' ').nth(1)? {
        "400" => Code::MalformedRequest,
        "408" => Code::RequestTimeout,
        "431" => Code::HeadersTooLarge,
        _ => return None,
    };
    let mut empty = false;
    for line in lines {
        let (name, value) = line.split_once(": ")?;
        match name.to_ascii_lowercase().as_str() {
            "content-length" => empty = value == "0",
            "connection" | "date" => (),
            _ => return None,
        }
    }
    empty.then_some((at, code))
}

/// The whole response. Nothing of the request was read, so the language is French and there is no path.
fn document(edge: &Edge, code: Code) -> Vec<u8> {
    let id = uuid::Uuid::now_v7().to_string();
    let mut response = render(&ApiError::new(code), &edge.public_url, "/", &id, Lang::Fr);
    let pages = headers::AllowedPages::OfOrigins(edge.options.cors_origins.any());
    headers::complete(response.headers_mut(), false, edge.is_https(), pages);
    let status = code.status();
    log::info!(target: "passerelle::access", route = "-", status = status.as_u16(), request_id = id.as_str(); "refused");
    edge.metrics.unread(status.as_u16());
    let (response, body) = response.into_parts();
    let body = body.try_into_bytes().unwrap_or_default();
    let reason = status.canonical_reason().unwrap_or_default();
    let date = actix_web::http::header::HttpDate::from(std::time::SystemTime::now());
    let mut bytes = format!(
        "HTTP/1.1 {} {reason}\r\ncontent-length: {}\r\nconnection: close\r\nx-request-id: {id}\r\ndate: {date}\r\n",
        status.as_u16(),
        body.len()
    )
    .into_bytes();
    for (name, value) in response.headers() {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&body);
    bytes
}

#[cfg(test)]
mod tests {
    use crate::http::edge::wire::*;

    #[test]
    fn only_the_framework_s_own_responses_are_bare() {
        let bare = "HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\ndate: Mon, 02 Mar 2026 08:15:00 GMT\r\n\r\n";
        assert_eq!(bare_response(bare.as_bytes()), Some((0, Code::RequestTimeout)));
        let second = format!(
            "HTTP/1.1 204 No Content\r\nx-request-id: a\r\n\r\n{}",
            bare.replace("408 Request Timeout", "400 Bad Request")
        );
        assert_eq!(bare_response(second.as_bytes()), Some((44, Code::MalformedRequest)));
        for other in [
            bare.replace("date", "x-request-id"),
            bare.replace(": 0", ": 12"),
            bare.replace("408", "404"),
            bare.replace("\r\n\r\n", "\r\n\r\nbody"),
            "\r\n\r\n".to_owned(),
            String::new(),
        ] {
            assert_eq!(bare_response(other.as_bytes()), None, "{other}");
        }
    }
}
