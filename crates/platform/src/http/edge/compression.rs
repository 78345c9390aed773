//! Compression of responses: texts of a kilobyte or more, if the caller accepts it. Compressing a smaller one costs
//! more than it saves.

use std::sync::Arc;

use actix_http::encoding::Encoder;
use actix_web::HttpRequest;
use actix_web::body::{self, BodySize, BoxBody, EitherBody, MessageBody, to_bytes};
use actix_web::dev::{ResponseHead, ServiceResponse};
use actix_web::http::header::{
    ACCEPT_ENCODING, AcceptEncoding, CONTENT_ENCODING, CONTENT_TYPE, ContentEncoding, Encoding, Header, HeaderMap,
};
use actix_web::http::{Method, StatusCode};

use crate::http::etag;
use crate::http::response_cache::CachedResponse;

/// Bodies smaller than this are not compressed.
const MIN_BYTES: u64 = 1024;

/// Compresses the body with the encoding that the caller prefers. A cached response is compressed once and its
/// compressed body is cached with it.
pub(in crate::http) async fn compress<B: MessageBody + 'static>(
    mut response: ServiceResponse<EitherBody<B>>,
) -> ServiceResponse<Encoder<EitherBody<B>>> {
    let is_large_enough = match response.response().body().size() {
        BodySize::None => false,
        BodySize::Sized(size) => size >= MIN_BYTES,
        BodySize::Stream => true,
    };
    let is_packed = response.headers().contains_key(CONTENT_ENCODING);
    let is_worth_it = is_large_enough && !is_packed && is_text(response.headers());
    let encoding = if is_worth_it { preferred(response.request()) } else { ContentEncoding::Identity };
    if encoding == ContentEncoding::Identity {
        return encoded(encoding, response);
    }
    etag::mark_encoding(response.headers_mut(), encoding.as_str());
    if response.request().method() == Method::HEAD {
        // The headers of GET, without the work: the length is not known before the body is compressed.
        response.headers_mut().insert(CONTENT_ENCODING, encoding.to_header_value());
        let response = response.map_body(|_, _| EitherBody::right(BoxBody::new(body::None::new())));
        return encoded(ContentEncoding::Identity, response);
    }
    let cached = response.response_mut().extensions_mut().remove::<Arc<CachedResponse>>();
    match cached {
        Some(cached) => compressed_once(&cached, encoding, response).await,
        None => encoded(encoding, response),
    }
}

/// The response with the compressed body of the cache, which is added to it if it is missing.
async fn compressed_once<B: MessageBody + 'static>(
    cached: &CachedResponse,
    encoding: ContentEncoding,
    mut response: ServiceResponse<EitherBody<B>>,
) -> ServiceResponse<Encoder<EitherBody<B>>> {
    let body = if let Some(body) = cached.compressed(encoding) {
        body
    } else {
        let mut head = ResponseHead::new(StatusCode::OK);
        let Ok(body) = to_bytes(Encoder::response(encoding, &mut head, cached.body())).await else {
            return encoded(encoding, response);
        };
        cached.cache_compressed(encoding, &body);
        body
    };
    response.headers_mut().insert(CONTENT_ENCODING, encoding.to_header_value());
    let response = response.map_body(|_, _| EitherBody::right(BoxBody::new(body)));
    encoded(ContentEncoding::Identity, response)
}

fn encoded<B: MessageBody + 'static>(
    encoding: ContentEncoding,
    response: ServiceResponse<B>,
) -> ServiceResponse<Encoder<B>> {
    response.map_body(|head, body| Encoder::response(encoding, head, body))
}

/// The encoding that the caller prefers; identity if it accepts none of the supported ones.
fn preferred(req: &HttpRequest) -> ContentEncoding {
    if !req.headers().contains_key(&ACCEPT_ENCODING) {
        return ContentEncoding::Identity;
    }
    let supported = [Encoding::identity(), Encoding::brotli(), Encoding::gzip(), Encoding::deflate()];
    match AcceptEncoding::parse(req).ok().and_then(|accept| accept.negotiate(supported.iter())) {
        Some(Encoding::Known(encoding)) => encoding,
        _ => ContentEncoding::Identity,
    }
}

/// Images and workbooks are compressed already.
fn is_text(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.starts_with("text/") || ["json", "javascript", "xml"].iter().any(|kind| essence.ends_with(kind))
}
