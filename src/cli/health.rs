//! `passerelle health`: the health check of the container, so that the image needs neither a shell nor curl.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::startup::StartupError;

/// Requests `/health/ready` from the server that listens on `listen`.
pub(super) fn check(listen: SocketAddr) -> Result<(), StartupError> {
    let unhealthy =
        |error: std::io::Error| StartupError::new(format!("no response from {listen}: {error}")).with_exit_code(1);
    let timeout = Duration::from_secs(5);
    let mut stream = TcpStream::connect_timeout(&reachable(listen), timeout).map_err(unhealthy)?;
    stream.set_read_timeout(Some(timeout)).map_err(unhealthy)?;
    stream
        .write_all(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .map_err(unhealthy)?;
    let mut status = [0; 12];
    stream.read_exact(&mut status).map_err(unhealthy)?;
    if &status == b"HTTP/1.1 200" {
        Ok(())
    } else {
        Err(StartupError::new("the server is not ready").with_exit_code(1))
    }
}

/// The address to connect to: a server that listens on every address is reached on the loopback address.
fn reachable(listen: SocketAddr) -> SocketAddr {
    match listen {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, v4.port())),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => SocketAddr::from((Ipv6Addr::LOCALHOST, v6.port())),
        other => other,
    }
}
