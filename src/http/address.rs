//! Whose address a request comes from.

use std::net::IpAddr;

use actix_web::HttpRequest;

/// The address of the caller: that of the connection.
pub fn client_address(req: &HttpRequest) -> Option<IpAddr> {
    req.peer_addr().map(|peer| peer.ip())
}
