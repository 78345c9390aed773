//! `Patch<T>`: a JSON merge patch (RFC 7396). An absent member, null and a value mean three different things.

use actix_web::{FromRequest, HttpRequest, dev};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;
use validator::Validate;

use super::body::{BodyFuture, read};
use super::description::{Argument, Description};
use super::json;
use passerelle_base::error::ApiError;

/// The media type of a merge patch.
pub const MERGE_PATCH: &str = "application/merge-patch+json";

/// A merge patch of the type `T`, validated against its schema, then against the rules of the type.
#[derive(Debug)]
pub struct Patch<T>(pub T);

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Patch<T> {
    type Error = ApiError;
    type Future = BodyFuture<Self>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let read = read::<T>(req, payload.take(), MERGE_PATCH, |_, bytes| json::parse(bytes));
        Box::pin(async move { read.await.map(Self) })
    }
}

/// A member of a merge patch whose value can be cleared. One that cannot be is an `Option`, whose schema rejects null.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// Absent: the value is unchanged.
    #[default]
    Keep,
    /// Null: the value is cleared.
    Clear,
    /// The new value.
    Set(T),
}

impl<T> Field<T> {
    /// The value after the patch.
    pub fn over(self, present: Option<T>) -> Option<T> {
        match self {
            Self::Keep => present,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The new value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

impl<T: ToSchema + 'static> Argument for Patch<T> {
    fn describe(description: &mut Description<'_>) {
        description.body::<T>(MERGE_PATCH);
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    /// Called only if the member is present.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

#[cfg(test)]
mod tests {
    use super::Field;

    #[derive(serde::Deserialize)]
    struct Body {
        #[serde(default)]
        phone: Field<String>,
    }

    #[test]
    fn absent_null_and_a_value_differ() {
        let after = |json: &str| serde_json::from_str::<Body>(json).unwrap().phone.over(Some("old".to_owned()));
        assert_eq!(after("{}").as_deref(), Some("old"));
        assert_eq!(after("{\"phone\": null}"), None);
        assert_eq!(after("{\"phone\": \"new\"}").as_deref(), Some("new"));
    }
}
