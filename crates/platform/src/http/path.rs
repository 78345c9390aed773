//! `Path<T>`: a path parameter. A malformed one is a 404, as for any path that names no object; another form of an
//! identifier is a 400.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::{FromRequest, HttpRequest, dev};
use serde_json::json;
use utoipa::ToSchema;

use super::description::{Argument, Description};
use passerelle_base::error::{ApiError, Code, Fault, Text};
use passerelle_base::values::is_identifier_alias;

/// The only path parameter of an operation.
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

/// A malformed value cannot name an existing object: 404. An identifier in another form than the API's names one, at an
/// address that is not its own: 400.
fn parameter<T: FromStr>(req: &HttpRequest, index: usize) -> Result<T, ApiError> {
    let (name, text) = req.match_info().iter().nth(index).unwrap_or_default();
    text.parse().map_err(|_| {
        if !is_identifier_alias(text) {
            return ApiError::not_found();
        }
        let message = Text::new(
            "Identifiant invalide : 36 caractères avec tirets attendus, sans préfixe ni accolades.",
            "Invalid identifier: expected 36 characters with hyphens, without a prefix or braces.",
        );
        ApiError::faults(Code::InvalidParameters, vec![Fault::new(name, "uuid", message)])
    })
}

impl<T: ToSchema> Argument for Path<T> {
    fn describe(description: &mut Description<'_>) {
        description.path_schemas(&[json!(T::schema())]);
    }
}

impl<A: ToSchema, B: ToSchema> Argument for Path2<A, B> {
    fn describe(description: &mut Description<'_>) {
        description.path_schemas(&[json!(A::schema()), json!(B::schema())]);
    }
}
