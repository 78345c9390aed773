//! Which answers are packed: texts of more than a kilobyte, for those who ask. Packing a small one costs more than it
//! saves.

use actix_http::encoding::Encoder;
use actix_web::HttpRequest;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT_ENCODING, AcceptEncoding, CONTENT_TYPE, ContentEncoding, Encoding, Header, HeaderMap,
};

use crate::http::etag;

/// Smaller bodies go out as they are.
const SMALL: u64 = 1024;

/// Packs the body as the caller prefers, when it is worth it.
pub(in crate::http) fn pack<B: MessageBody>(response: ServiceResponse<B>) -> ServiceResponse<Encoder<B>> {
    let worth = match response.response().body().size() {
        BodySize::None => false,
        BodySize::Sized(size) => size >= SMALL,
        BodySize::Stream => true,
    };
    let encoding = if worth && response.request().method() != Method::HEAD && is_text(response.headers()) {
        preferred(response.request())
    } else {
        ContentEncoding::Identity
    };
    let mut response = response;
    if encoding != ContentEncoding::Identity {
        etag::mark_encoding(response.headers_mut(), encoding.as_str());
    }
    response.map_body(|head, body| Encoder::response(encoding, head, body))
}

/// The form that the caller prefers; as it is when none that it takes is known here.
fn preferred(req: &HttpRequest) -> ContentEncoding {
    if !req.headers().contains_key(&ACCEPT_ENCODING) {
        return ContentEncoding::Identity;
    }
    let known = [Encoding::identity(), Encoding::brotli(), Encoding::gzip(), Encoding::deflate()];
    match AcceptEncoding::parse(req).ok().and_then(|accept| accept.negotiate(known.iter())) {
        Some(Encoding::Known(encoding)) => encoding,
        _ => ContentEncoding::Identity,
    }
}

/// Images and workbooks are packed already.
fn is_text(headers: &HeaderMap) -> bool {
    let said = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = said.split(';').next().unwrap_or_default();
    essence.starts_with("text/") || ["json", "javascript", "xml"].iter().any(|kind| essence.ends_with(kind))
}
