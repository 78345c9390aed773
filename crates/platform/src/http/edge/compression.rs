//! Which answers are packed: texts of more than a kilobyte, for those who ask. Packing a small one costs more than it
//! saves.

use std::sync::Arc;

use actix_http::encoding::Encoder;
use actix_web::HttpRequest;
use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody, to_bytes};
use actix_web::dev::{ResponseHead, ServiceResponse};
use actix_web::http::header::{
    ACCEPT_ENCODING, AcceptEncoding, CONTENT_ENCODING, CONTENT_TYPE, ContentEncoding, Encoding, Header, HeaderMap,
};
use actix_web::http::{Method, StatusCode};

use crate::http::answer_cache::CachedAnswer;
use crate::http::etag;

/// Smaller bodies go out as they are.
const SMALL: u64 = 1024;

/// Packs the body as the caller prefers, when it is worth it. What never changes is packed once, and kept packed beside itself.
pub(in crate::http) async fn pack<B: MessageBody + 'static>(
    mut response: ServiceResponse<EitherBody<B>>,
) -> ServiceResponse<Encoder<EitherBody<B>>> {
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
    if encoding == ContentEncoding::Identity {
        return packed_as(encoding, response);
    }
    etag::mark_encoding(response.headers_mut(), encoding.as_str());
    let lasting = response.response_mut().extensions_mut().remove::<Arc<CachedAnswer>>();
    match lasting {
        Some(lasting) => packed_once(&lasting, encoding, response).await,
        None => packed_as(encoding, response),
    }
}

/// An answer that never changes, packed now or before.
async fn packed_once<B: MessageBody + 'static>(
    lasting: &CachedAnswer,
    encoding: ContentEncoding,
    mut response: ServiceResponse<EitherBody<B>>,
) -> ServiceResponse<Encoder<EitherBody<B>>> {
    let packed = if let Some(packed) = lasting.packed(encoding) {
        packed
    } else {
        let mut head = ResponseHead::new(StatusCode::OK);
        let Ok(packed) = to_bytes(Encoder::response(encoding, &mut head, lasting.body())).await else {
            return packed_as(encoding, response);
        };
        lasting.keep_packed(encoding, &packed);
        packed
    };
    response.headers_mut().insert(CONTENT_ENCODING, encoding.to_header_value());
    let response = response.map_body(|_, _| EitherBody::right(BoxBody::new(packed)));
    packed_as(ContentEncoding::Identity, response)
}

fn packed_as<B: MessageBody + 'static>(
    encoding: ContentEncoding,
    response: ServiceResponse<B>,
) -> ServiceResponse<Encoder<B>> {
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
