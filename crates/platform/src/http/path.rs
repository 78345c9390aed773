//! `Path<T>`: a path parameter whose wrong form is a 404, like any address that leads nowhere.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::{FromRequest, HttpRequest, dev};

use passerelle_base::error::ApiError;

/// The one path parameter of an operation.
#[derive(Debug)]
pub struct Path<T>(pub T);

/// The two path parameters of an operation.
#[derive(Debug)]
pub struct Path2<A, B>(pub A, pub B);

impl<T: FromStr> FromRequest for Path<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(parameter(req, 0).map(Self))
    }
}

impl<A: FromStr, B: FromStr> FromRequest for Path2<A, B> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(parameter(req, 0).and_then(|a| Ok(Self(a, parameter(req, 1)?))))
    }
}

/// A value of the wrong form names nothing that exists.
fn parameter<T: FromStr>(req: &HttpRequest, index: usize) -> Result<T, ApiError> {
    let text = req.match_info().iter().nth(index).map(|(_, value)| value).unwrap_or_default();
    text.parse().map_err(|_| ApiError::not_found())
}
