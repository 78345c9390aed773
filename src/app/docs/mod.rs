//! The documentation page: Scalar over the contract, in French and in English. Everything comes from this program.
//!
//! `data/scalar` has Scalar as it was released, packed. It runs under the policy of `crates/platform/src/http/edge/headers.rs`:
//! it needs inline styles, and neither `eval` nor inline scripts.

mod texts;
mod view;

use std::future::ready;
use std::io::Read;
use std::sync::{Arc, LazyLock};

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_ENCODING, AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, ContentEncoding, Encoding, Header,
};
use actix_web::{HttpRequest, HttpResponse, web};
use flate2::read::GzDecoder;

use crate::error::{ApiError, Code, Lang};
use crate::http::contract::Contract;
use crate::http::immutable::Revalidated;
use crate::http::response_cache::CachedResponse;

const PAGE: &str = include_str!("page.html");
const START: &str = include_str!("start.js");
const LICENCE: &str = include_str!("../../../data/scalar/LICENSE.txt");
static SCALAR: &[u8] = include_bytes!("../../../data/scalar/scalar-1.76.0.js.gz");

/// Scalar for callers that do not accept gzip; browsers do.
static UNPACKED: LazyLock<web::Bytes> = LazyLock::new(|| {
    let mut bytes = Vec::new();
    if let Err(error) = GzDecoder::new(SCALAR).read_to_end(&mut bytes) {
        log::error!("the script of the documentation cannot be unpacked: {error}");
    }
    bytes.into()
});

/// Mounts the page and its files.
pub(super) fn mount(config: &mut web::ServiceConfig) {
    config.service(web::redirect("/docs", "/docs/").using_status_code(StatusCode::PERMANENT_REDIRECT));
    for (path, media_type, text) in [
        ("/docs/", "text/html", PAGE),
        ("/docs/start.js", "text/javascript", START),
        ("/docs/licence.txt", "text/plain", LICENCE),
    ] {
        let file = move || ready(HttpResponse::Ok().content_type(media_type).body(text));
        config.service(web::resource(path).get(file).head(file));
    }
    config.service(web::resource("/docs/scalar-1.76.0.js").get(scalar).head(scalar));
    for (path, cell, lang) in
        [("/docs/contract.fr.json", &FRENCH, Lang::Fr), ("/docs/contract.en.json", &ENGLISH, Lang::En)]
    {
        let document = move |contract: web::Data<Contract>| ready(shown(cell, lang, &contract));
        config.service(web::resource(path).get(document).head(document));
    }
}

/// The address names the version, so that the file never changes.
async fn scalar(req: HttpRequest) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type("text/javascript").insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"));
    if accepts_gzip(&req) {
        response.insert_header((CONTENT_ENCODING, ContentEncoding::Gzip)).body(SCALAR)
    } else {
        response.body(UNPACKED.clone())
    }
}

fn accepts_gzip(req: &HttpRequest) -> bool {
    if !req.headers().contains_key(ACCEPT_ENCODING) {
        return false;
    }
    let known = [Encoding::identity(), Encoding::gzip()];
    let preferred = AcceptEncoding::parse(req).ok().and_then(|accept| accept.negotiate(known.iter()));
    preferred == Some(Encoding::gzip())
}

/// The contract of the page, made once per language.
type Shown = std::sync::OnceLock<Arc<CachedResponse>>;
static FRENCH: Shown = Shown::new();
static ENGLISH: Shown = Shown::new();

fn shown(cell: &Shown, lang: Lang, contract: &web::Data<Contract>) -> Result<Revalidated, ApiError> {
    if let Some(made) = cell.get() {
        return Ok(Revalidated(Arc::clone(made)));
    }
    let made = CachedResponse::document(&view::of(contract.document(), lang));
    let made = made.ok_or_else(|| ApiError::new(Code::Internal))?;
    Ok(Revalidated(Arc::clone(cell.get_or_init(|| Arc::new(made)))))
}
