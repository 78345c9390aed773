//! `Latest<R>`: the newest of the responses that never change, at an address that stays.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_LOCATION, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder};

use super::description::{DescribedResponse, Description};

/// Caches ask again before they return it: the next release changes it.
const NO_CACHE: &str = "no-cache";

/// A response `R` that does not change, with the path where it stays. `Content-Location` has this path.
#[derive(Debug)]
pub struct Latest<R> {
    /// The response.
    pub response: R,
    /// Its own path, from the root.
    pub path: String,
}

impl<R: Responder> Responder for Latest<R> {
    type Body = R::Body;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse<R::Body> {
        let mut response = self.response.respond_to(req);
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(NO_CACHE));
        if let Ok(path) = HeaderValue::from_str(&self.path) {
            response.headers_mut().insert(CONTENT_LOCATION, path);
        }
        response
    }
}

impl<R: DescribedResponse> DescribedResponse for Latest<R> {
    fn describe(description: &mut Description<'_>) {
        R::describe(description);
        let text = "The same as at the address in `Content-Location`, which never changes.";
        description.operation["responses"]["200"]["description"] = text.into();
        description.header("200", "Content-Location", "The address of this release, which never changes.");
        description.header("200", "Cache-Control", "`no-cache`: revalidate before each use.");
    }
}
