//! The HTTP endpoint that collects heads: one POST over a connection of its own, with TLS for `https`.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// The longest beginning of a response that is read.
const LONGEST_STATUS_LINE: u64 = 1000;

/// Where Linux distributions keep the certificates of public authorities.
const OF_THE_SYSTEM: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// An endpoint: its host and port, its path and query.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Whether the connection is encrypted, and the certificate of the other side verified.
    pub(super) secure: bool,
    /// Host and port.
    pub(super) host: String,
    /// Path and query.
    pub(super) target: String,
}

impl Endpoint {
    /// Reads `http://host/path` or `https://host/path`, without a user or a fragment.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (secure, rest) = match text.strip_prefix("https://") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix("http://")?),
        };
        if rest.contains(['@', '#']) || !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let at = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(at);
        let port = if secure { 443 } else { 80 };
        let host = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:{port}") };
        let slash = if target.starts_with('/') { "" } else { "/" };
        Some(Self { secure, host: host_and_port(&host)?, target: format!("{slash}{target}") })
    }

    /// The URL without its query, which may be a secret.
    pub(super) fn shown(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}{}", self.host, self.target.split('?').next().unwrap_or_default())
    }

    /// Posts lines of JSON. Anything but a 2xx is a failure, a redirection too. An encrypted connection needs `trust`.
    pub(super) fn post(
        &self,
        token: Option<&str>,
        trust: Option<&Trust>,
        lines: &str,
        timeout: Duration,
    ) -> io::Result<()> {
        let stream = TcpStream::connect_timeout(&resolved(&self.host)?, timeout)?;
        stream.set_write_timeout(Some(timeout))?;
        stream.set_read_timeout(Some(timeout))?;
        let authorization = token.map_or_else(String::new, |token| format!("Authorization: Bearer {token}\r\n"));
        let request = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-ndjson\r\nContent-Length: {}\r\n\
             {authorization}Connection: close\r\n\r\n{lines}",
            self.target,
            self.host,
            lines.len()
        );
        match (self.secure, trust) {
            (false, _) => exchange(stream, &request),
            (true, Some(trust)) => exchange(trust.encrypted(&self.host, stream)?, &request),
            (true, None) => Err(io::Error::other("no certificates to verify it with")),
        }
    }
}

/// Sends a request, and reads the status line: it says it all.
fn exchange(mut stream: impl Read + Write, request: &str) -> io::Result<()> {
    stream.write_all(request.as_bytes())?;
    stream.flush()?;
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST_STATUS_LINE)).read_line(&mut line)?;
    let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1)).unwrap_or_default();
    if status.len() == 3 && status.starts_with('2') {
        return Ok(());
    }
    Err(io::Error::other(match status.parse::<u16>() {
        Ok(status) => format!("it answered {status}"),
        Err(_) => "it did not answer in HTTP".to_owned(),
    }))
}

/// `host:port`, if it is one.
pub(super) fn host_and_port(text: &str) -> Option<String> {
    let (host, port) = text.rsplit_once(':')?;
    (!host.is_empty() && port.parse::<u16>().is_ok()).then(|| text.to_owned())
}

pub(super) fn resolved(host: &str) -> io::Result<std::net::SocketAddr> {
    host.to_socket_addrs()?.next().ok_or_else(|| io::Error::other("the host has no address"))
}

/// The authorities whose certificates are trusted.
#[derive(Clone, Debug)]
pub(super) struct Trust(Arc<ClientConfig>);

impl Trust {
    /// The authorities of a file of certificates (PEM); without one, those of the system.
    pub(super) fn read(file: Option<&Path>) -> io::Result<Self> {
        let of_the_system = || OF_THE_SYSTEM.iter().map(Path::new).find(|path| path.exists()).map(Path::to_path_buf);
        let file: PathBuf = file.map(Path::to_path_buf).or_else(of_the_system).ok_or_else(|| {
            io::Error::other(
                "this machine has no certificates of authorities: give a file with PASSERELLE_AUDIT_HEADS_CA",
            )
        })?;
        let wrong = |why: &dyn std::fmt::Display| io::Error::other(format!("{}: {why}", file.display()));
        let text = std::fs::read(&file).map_err(|error| wrong(&error))?;
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&text) {
            let certificate = certificate.map_err(|error| wrong(&error))?;
            // A bundle of a system may have one that is not understood; the others count.
            if let Err(error) = roots.add(certificate) {
                log::debug!("a certificate of {} is ignored: {error}", file.display());
            }
        }
        if roots.is_empty() {
            return Err(wrong(&"it has no certificate of an authority"));
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    /// A connection over which the other side has to prove that it is `host`.
    fn encrypted(&self, host: &str, stream: TcpStream) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
        let connection = ClientConnection::new(Arc::clone(&self.0), name).map_err(io::Error::other)?;
        Ok(StreamOwned::new(connection, stream))
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use rustls::pki_types::PrivateKeyDer;
    use rustls::{ServerConfig, ServerConnection};

    use crate::journal::collector::*;

    /// A certificate for `localhost`, and the authority that signed it. Of the tests only, and valid for a hundred years.
    const AUTHORITY: &str = include_str!("collector/authority.pem");
    const OTHER_AUTHORITY: &str = include_str!("collector/other_authority.pem");
    const CERTIFICATE: &str = include_str!("collector/localhost.pem");
    const KEY: &str = include_str!("collector/localhost.key.pem");

    /// An endpoint that answers one request over TLS. Returns its port, and what it received.
    fn endpoint() -> (u16, std::thread::JoinHandle<Option<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let answering = std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream);
            let mut received = [0; 4096];
            let mut text = String::new();
            while !text.ends_with("the heads\n") {
                let length = stream.read(&mut received).ok().filter(|length| *length > 0)?;
                text.push_str(std::str::from_utf8(&received[..length]).unwrap());
            }
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
            stream.flush().unwrap();
            Some(text)
        });
        (port, answering)
    }

    fn trusting(pem: &str) -> Trust {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), pem).unwrap();
        Trust::read(Some(file.path())).unwrap()
    }

    fn sent(host: &str, port: u16, trust: Option<&Trust>) -> io::Result<()> {
        let endpoint = Endpoint::parse(&format!("https://{host}:{port}/heads?key=secret")).unwrap();
        endpoint.post(Some("the token"), trust, "the heads\n", Duration::from_secs(5))
    }

    #[test]
    fn heads_are_sent_to_an_endpoint_whose_certificate_is_trusted() {
        let (port, answering) = endpoint();
        sent("localhost", port, Some(&trusting(AUTHORITY))).unwrap();
        let received = answering.join().unwrap().unwrap();
        assert!(received.starts_with("POST /heads?key=secret HTTP/1.1\r\n"), "{received}");
        assert!(received.contains("Authorization: Bearer the token\r\n"), "{received}");
    }

    #[test]
    fn nothing_is_sent_to_an_endpoint_that_proves_nothing() {
        let (port, answering) = endpoint();
        let unknown = sent("localhost", port, Some(&trusting(OTHER_AUTHORITY))).unwrap_err().to_string();
        assert!(unknown.contains("UnknownIssuer"), "{unknown}");
        assert_eq!(answering.join().unwrap(), None);
        // The certificate is not for this address.
        let (port, answering) = endpoint();
        let other_name = sent("127.0.0.1", port, Some(&trusting(AUTHORITY))).unwrap_err().to_string();
        assert!(other_name.contains("certificate"), "{other_name}");
        assert_eq!(answering.join().unwrap(), None);
        let (port, _) = endpoint();
        assert!(sent("localhost", port, None).is_err());
    }

    #[test]
    fn a_file_without_a_certificate_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let refused = |text: &str| {
            std::fs::write(file.path(), text).unwrap();
            Trust::read(Some(file.path())).unwrap_err().to_string()
        };
        for text in ["", "not a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert!(refused(text).contains(&file.path().display().to_string()), "{text}");
        }
        assert!(Trust::read(Some(Path::new("/nowhere"))).is_err());
    }
}
