//! The address of the caller.
//!
//! Any client can send a `Forwarded` header. It is believed only where a trusted proxy wrote it: the chain is read from
//! its end, and the first address that is not a trusted proxy is the caller's.

use std::net::IpAddr;

use actix_web::http::header::{FORWARDED, HeaderMap, HeaderName};
use actix_web::{HttpRequest, web};

use super::edge::Edge;
use passerelle_base::networks::Networks;

static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the caller: the peer of the connection, or the address that trusted proxies report.
pub fn client_address(req: &HttpRequest) -> Option<IpAddr> {
    let peer = peer_of(req)?;
    match req.app_data::<web::Data<Edge>>() {
        Some(edge) => Some(resolve(peer, &edge.options.trusted_proxies, req.headers())),
        None => Some(peer),
    }
}

/// Whether the request was forwarded by a peer that is not trusted: its real address is then unknown.
pub(super) fn is_forwarded_by_an_untrusted_peer(req: &HttpRequest) -> bool {
    let is_forwarded = req.headers().contains_key(&FORWARDED) || req.headers().contains_key(&X_FORWARDED_FOR);
    let trusted = |edge: &web::Data<Edge>| peer_of(req).is_some_and(|peer| edge.options.trusted_proxies.contains(peer));
    is_forwarded && !req.app_data::<web::Data<Edge>>().is_some_and(trusted)
}

fn peer_of(req: &HttpRequest) -> Option<IpAddr> {
    // An IPv4 peer of a dual-stack socket has an IPv4-mapped IPv6 address.
    req.peer_addr().map(|peer| peer.ip().to_canonical())
}

/// Follows the chain back from the connection, as long as the hops are trusted proxies. A hop that is not an address
/// (`unknown`, `_hidden`) stops at the proxy that wrote it.
fn resolve(peer: IpAddr, trusted: &Networks, headers: &HeaderMap) -> IpAddr {
    let mut caller = peer;
    if !trusted.contains(peer) {
        return caller;
    }
    for hop in chain(headers).into_iter().rev() {
        let Some(address) = hop else { return caller };
        caller = address;
        if !trusted.contains(address) {
            return caller;
        }
    }
    caller
}

/// The hops, starting with the original caller: from `Forwarded` (RFC 7239) if it is present, else from
/// `X-Forwarded-For`. Repeated headers form one list.
fn chain(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let elements = |name: &HeaderName| {
        let lines: Vec<&str> = headers.get_all(name).map(|line| line.to_str().unwrap_or_default()).collect();
        lines.into_iter().flat_map(|line| line.split(',')).map(str::trim)
    };
    if headers.contains_key(&FORWARDED) {
        return elements(&FORWARDED).map(forwarded_for).collect();
    }
    elements(&X_FORWARDED_FOR).map(node).collect()
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

    fn caller(peer: &str, headers: &[(&'static str, &'static str)]) -> String {
        let trusted: Networks = "10.0.0.0/8, 2001:db8:1::/48".parse().unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        resolve(peer.parse().unwrap(), &trusted, &map).to_string()
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
    fn both_headers_accept_every_form_of_address() {
        for (value, expected) in [
            ("for=198.51.100.1;proto=https", "198.51.100.1"),
            ("For=\"198.51.100.1:4711\"", "198.51.100.1"),
            ("proto=https;for=\"[2001:db8:2::1]:443\", for=10.0.0.7", "2001:db8:2::1"),
            ("for=198.51.100.1, for=unknown", "10.0.0.1"),
            ("for=_hidden", "10.0.0.1"),
            ("garbage", "10.0.0.1"),
        ] {
            assert_eq!(caller("10.0.0.1", &[("forwarded", value)]), expected, "{value}");
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
