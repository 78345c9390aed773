//! The address of the caller.
//!
//! Any client can send a forwarding header. One header is read, the one that the trusted proxies write; every other is
//! ignored, because a proxy passes on what it does not write itself. The chain is read from its end, and the first address
//! that is not a trusted proxy is the caller's.

use std::net::IpAddr;

use actix_web::http::header::{FORWARDED, HeaderMap, HeaderName};
use actix_web::{HttpRequest, web};

use super::edge::{CallerHeader, Edge};
use passerelle_base::networks::Networks;
use passerelle_base::subscriber::Subscriber;

static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the caller: the peer of the connection, or the address that trusted proxies report.
pub fn client_address(req: &HttpRequest) -> Option<IpAddr> {
    let peer = peer_of(req)?;
    match req.app_data::<web::Data<Edge>>() {
        Some(edge) => Some(resolve(peer, &edge.options.trusted_proxies, &edge.options.caller_header, req.headers())),
        None => Some(peer),
    }
}

/// Who is counted for a request. `None` if the address is unknown: all such requests then count as one caller.
pub fn subscriber(req: &HttpRequest) -> Option<Subscriber> {
    client_address(req).map(Subscriber::of)
}

/// Whether the request may come from farther than its address says: an untrusted peer forwards it, or it has a forwarding
/// header and not the one that trusted proxies write.
pub(super) fn is_forwarded_without_trust(req: &HttpRequest) -> bool {
    let headers = req.headers();
    let is_forwarded = headers.contains_key(&FORWARDED) || headers.contains_key(&X_FORWARDED_FOR);
    let Some(edge) = req.app_data::<web::Data<Edge>>() else { return is_forwarded };
    let CallerHeader(header) = &edge.options.caller_header;
    let is_trusted = peer_of(req).is_some_and(|peer| edge.options.trusted_proxies.contains(peer));
    if headers.contains_key(header) { !is_trusted } else { is_forwarded }
}

fn peer_of(req: &HttpRequest) -> Option<IpAddr> {
    // An IPv4 peer of a dual-stack socket has an IPv4-mapped IPv6 address.
    req.peer_addr().map(|peer| peer.ip().to_canonical())
}

/// Follows the chain back from the connection, as long as the hops are trusted proxies. A hop that is not an address
/// (`unknown`, `_hidden`) stops at the proxy that wrote it.
fn resolve(peer: IpAddr, trusted: &Networks, header: &CallerHeader, headers: &HeaderMap) -> IpAddr {
    let mut caller = peer;
    if !trusted.contains(peer) {
        return caller;
    }
    for hop in chain(header, headers).into_iter().rev() {
        let Some(address) = hop else { return caller };
        caller = address;
        if !trusted.contains(address) {
            return caller;
        }
    }
    caller
}

/// The hops, starting with the original caller: the elements of `Forwarded` (RFC 7239), or a list of addresses in any
/// other header. Repeated headers form one list.
fn chain(CallerHeader(header): &CallerHeader, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let lines = headers.get_all(header).map(|line| line.to_str().unwrap_or_default());
    let elements = lines.flat_map(|line| line.split(',')).map(str::trim);
    if *header == FORWARDED { elements.map(forwarded_for).collect() } else { elements.map(node).collect() }
}

/// The `for` parameter of one element: `for="[2001:db8::1]:443";proto=https`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    node(value.trim().trim_matches('"'))
}

/// Parses an address with or without a port; an IPv6 address with or without brackets.
fn node(text: &str) -> Option<IpAddr> {
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None if text.matches(':').count() == 1 => text.split(':').next()?,
        None => text,
    };
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use crate::http::address::*;
    use actix_web::http::header::HeaderValue;

    fn caller_in(header: &str, peer: &str, headers: &[(&'static str, &'static str)]) -> String {
        let trusted: Networks = "10.0.0.0/8, 2001:db8:1::/48".parse().unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        resolve(peer.parse().unwrap(), &trusted, &header.parse().unwrap(), &map).to_string()
    }

    fn caller(peer: &str, headers: &[(&'static str, &'static str)]) -> String {
        caller_in("X-Forwarded-For", peer, headers)
    }

    #[test]
    fn a_header_is_believed_only_from_a_trusted_proxy() {
        let forwarded = [("x-forwarded-for", "198.51.100.1")];
        assert_eq!(caller("203.0.113.9", &forwarded), "203.0.113.9");
        assert_eq!(caller("10.0.0.1", &forwarded), "198.51.100.1");
        assert_eq!(caller("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn the_caller_is_the_rightmost_address_that_is_not_a_proxy() {
        // What the caller wrote is at the left, and is not believed.
        assert_eq!(caller("10.0.0.1", &[("x-forwarded-for", "127.0.0.1, 198.51.100.1, 10.0.0.2")]), "198.51.100.1");
        let two = [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "198.51.100.1")];
        assert_eq!(caller("10.0.0.1", &two), "198.51.100.1");
        assert_eq!(caller("10.0.0.1", &[("x-forwarded-for", "10.0.0.3, 10.0.0.2")]), "10.0.0.3");
    }

    #[test]
    fn a_header_that_the_proxies_do_not_write_is_never_believed() {
        let both = [("forwarded", "for=127.0.0.1"), ("x-forwarded-for", "198.51.100.1")];
        assert_eq!(caller("10.0.0.1", &both), "198.51.100.1");
        assert_eq!(caller_in("Forwarded", "10.0.0.1", &both), "127.0.0.1");
        // A proxy that does not write the header that is configured: the caller is unknown, not whom the caller names.
        assert_eq!(caller("10.0.0.1", &both[..1]), "10.0.0.1");
        assert_eq!(caller_in("Forwarded", "10.0.0.1", &both[1..]), "10.0.0.1");
        assert_eq!(caller_in("X-Real-IP", "10.0.0.1", &[("x-real-ip", "198.51.100.1"), both[1]]), "198.51.100.1");
        assert!("X Forwarded".parse::<CallerHeader>().is_err() && "".parse::<CallerHeader>().is_err());
    }

    #[test]
    fn both_headers_accept_every_form_of_address() {
        for (value, expected) in [
            ("for=198.51.100.1;proto=https", "198.51.100.1"),
            ("For=\"198.51.100.1:4711\"", "198.51.100.1"),
            ("proto=https;for=\"[2001:db8:2::1]:443\", for=10.0.0.7", "2001:db8:2::1"),
            ("for=198.51.100.1, for=unknown", "10.0.0.1"),
            ("for=_hidden", "10.0.0.1"),
            ("garbage", "10.0.0.1"),
        ] {
            assert_eq!(caller_in("Forwarded", "10.0.0.1", &[("forwarded", value)]), expected, "{value}");
        }
        for (value, expected) in [
            ("2001:db8:2::1", "2001:db8:2::1"),
            ("[2001:db8:2::1]:80", "2001:db8:2::1"),
            ("::ffff:198.51.100.1", "198.51.100.1"),
            ("", "10.0.0.1"),
        ] {
            assert_eq!(caller("10.0.0.1", &[("x-forwarded-for", value)]), expected, "{value}");
        }
        assert_eq!(caller("2001:db8:1::5", &[("x-forwarded-for", "198.51.100.1")]), "198.51.100.1");
    }
}
