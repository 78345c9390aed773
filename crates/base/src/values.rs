//! Column types that cannot hold an invalid value, on either engine.
//!
//! `MultiConnection` has no Uuid, Json or Timestamptz, so identifiers and enums are text and
//! instants are UTC timestamps. [`text_column!`] and [`text_enum!`] implement the traits of diesel, serde
//! and utoipa for a type.

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

/// Implements a `Text` column and a JSON string for a text newtype, which needs `as_str()` and `FromStr`. A JSON string
/// can be read by a function of its own.
#[macro_export]
macro_rules! text_column {
    ($type:ty) => {
        $crate::text_column!($type, |text: &str| text.parse::<$type>());
    };
    ($type:ty, $read:expr) => {
        impl<DB> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $type
        where
            DB: diesel::backend::Backend,
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                <str as diesel::serialize::ToSql<diesel::sql_types::Text, DB>>::to_sql(self.as_str(), out)
            }
        }

        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $type
        where
            DB: diesel::backend::Backend,
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let text = <String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(bytes)?;
                Ok(text.parse::<$type>()?)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                ($read)(&text).map_err(serde::de::Error::custom)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// A closed enum stored as text, for example the states of a state machine. The contract lists its values.
#[macro_export]
macro_rules! text_enum {
    ($(#[doc = $doc:literal])* $vis:vis enum $name:ident { $($(#[doc = $variant_doc:literal])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        $vis enum $name { $($(#[doc = $variant_doc])* $variant),+ }

        impl $name {
            /// Every value, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The value, as the contract and the database write it.
            pub const fn as_str(&self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(format!(concat!("unknown ", stringify!($name), " {:?}"), text)),
                }
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some($crate::values::enum_description(
                        &[$($doc),*],
                        &[$(($text, &[$($variant_doc),*])),+],
                    )))
                    .enum_values(Some(Self::ALL.iter().map(Self::as_str)))
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {}

        $crate::text_column!($name);
    };
}

/// The description of an enum in the contract: what it is, then what each value means. Intra-doc links lose their
/// brackets, because they lead nowhere in the contract.
pub fn enum_description(of: &[&str], values: &[(&str, &[&str])]) -> String {
    let plain = |line: &&str| line.trim().replace("[`", "`").replace("`]", "`");
    let joined = |lines: &[&str]| lines.iter().map(plain).collect::<Vec<_>>().join(" ");
    let value = |(text, lines): &(&str, &[&str])| format!("\n- `{text}`: {}", joined(lines));
    format!("{}\n{}", joined(of), values.iter().map(value).collect::<String>())
}

/// A text with its own schema. The contract's validator refuses an invalid value before it is parsed. A value from the
/// database is accepted as it is: a code that is withdrawn later stays readable. `#[read = function]` turns what a JSON
/// string has into the value.
#[macro_export]
macro_rules! text_newtype {
    ($(#[doc = $doc:literal])* pub struct $name:ident: $schema:expr) => {
        $crate::text_newtype! { $(#[doc = $doc])* #[read = str::to_owned] pub struct $name: $schema }
    };
    ($(#[doc = $doc:literal])* #[read = $read:expr] pub struct $name:ident: $schema:expr) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                Ok(Self(text.to_owned()))
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $schema.schema_type(utoipa::openapi::schema::Type::String).into()
            }
        }
        impl utoipa::ToSchema for $name {}

        $crate::text_column!($name, |text: &str| Ok::<_, String>(Self::from_json(text)));

        impl $name {
            /// The value that a JSON string stands for.
            fn from_json(text: &str) -> Self {
                Self(($read)(text))
            }
        }
    };
}

/// A version 7 UUID as text: ordered by creation time, safe to disclose, and the same on both engines.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct Id([u8; 36]);

impl Id {
    /// A new identifier for an event at `now`.
    pub fn at(now: UtcTs) -> Self {
        let now = now.to_utc();
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        Self::from(Uuid::new_v7(uuid::Timestamp::from_unix(
            uuid::ContextV7::new(),
            seconds,
            now.timestamp_subsec_nanos(),
        )))
    }

    /// A new identifier that sorts after every earlier one that this process made with this function. For rows that are
    /// read in the order in which they were written.
    pub fn next(now: UtcTs) -> Self {
        static ORDER: Mutex<uuid::ContextV7> = Mutex::new(uuid::ContextV7::new());
        let now = now.to_utc();
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        let order = ORDER.lock().unwrap_or_else(PoisonError::into_inner);
        Self::from(Uuid::new_v7(uuid::Timestamp::from_unix(&*order, seconds, now.timestamp_subsec_nanos())))
    }

    /// The canonical text: 36 lower-case characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl From<Uuid> for Id {
    fn from(uuid: Uuid) -> Self {
        let mut text = [0; 36];
        uuid.hyphenated().encode_lower(&mut text);
        Self(text)
    }
}

/// Whether a text is an identifier: 36 characters with hyphens, in either case. The other ways of writing a UUID
/// (`urn:uuid:`, braces, no hyphens) are refused everywhere, so that one object has one address.
pub fn is_identifier(text: &str) -> bool {
    text.len() == 36 && Uuid::try_parse(text).is_ok()
}

/// Whether a text is an identifier written in a way that is refused.
pub fn is_identifier_alias(text: &str) -> bool {
    text.len() != 36 && Uuid::try_parse(text).is_ok()
}

/// Whether a text is an instant as the contract writes it (RFC 3339), in the years 1 to 9999 of UTC.
pub fn is_instant(text: &str) -> bool {
    let separated = matches!(text.as_bytes().get(10), Some(b'T' | b't'));
    let instant = DateTime::parse_from_rfc3339(text).map(|instant| instant.to_utc());
    separated && instant.is_ok_and(|instant| (1..=9999).contains(&chrono::Datelike::year(&instant)))
}

impl FromStr for Id {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match Uuid::try_parse(text) {
            Ok(uuid) if text.len() == 36 => Ok(Self::from(uuid)),
            _ => Err("not an identifier".to_owned()),
        }
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialSchema for Id {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("An identifier: a version 7 UUID."))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
            .examples([serde_json::json!("0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60")])
            .into()
    }
}
impl ToSchema for Id {}

text_column!(Id);

/// An instant in UTC, truncated to microseconds: the precision of both engines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Timestamp)]
pub struct UtcTs(NaiveDateTime);

impl UtcTs {
    /// The instant as a chrono type.
    pub fn to_utc(self) -> DateTime<Utc> {
        self.0.and_utc()
    }

    /// This instant plus a duration.
    #[must_use]
    pub fn plus(self, duration: chrono::Duration) -> Self {
        Self(self.0 + duration)
    }
}

impl From<DateTime<Utc>> for UtcTs {
    fn from(instant: DateTime<Utc>) -> Self {
        Self(instant.naive_utc().trunc_subsecs(6))
    }
}

impl fmt::Display for UtcTs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_utc().to_rfc3339_opts(chrono::SecondsFormat::Micros, true))
    }
}

impl fmt::Debug for UtcTs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for UtcTs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UtcTs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        DateTime::<Utc>::deserialize(deserializer).map(Self::from)
    }
}

impl PartialSchema for UtcTs {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("An instant, in UTC."))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .examples([serde_json::json!("2026-03-02T08:15:00.000000Z")])
            .into()
    }
}
impl ToSchema for UtcTs {}

impl<DB> ToSql<Timestamp, DB> for UtcTs
where
    DB: Backend,
    NaiveDateTime: ToSql<Timestamp, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB> FromSql<Timestamp, DB> for UtcTs
where
    DB: Backend,
    NaiveDateTime: FromSql<Timestamp, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        NaiveDateTime::from_sql(bytes).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use crate::values::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_identifier_has_one_form_and_its_aliases_are_refused(number in any::<u128>()) {
            let uuid = Uuid::from_u128(number);
            let plain = uuid.hyphenated().to_string();
            for same in [plain.clone(), plain.to_uppercase()] {
                prop_assert!(is_identifier(&same) && !is_identifier_alias(&same));
                prop_assert_eq!(same.parse::<Id>().unwrap(), Id::from(uuid));
            }
            for alias in [uuid.urn().to_string(), uuid.braced().to_string(), uuid.simple().to_string()] {
                prop_assert!(is_identifier_alias(&alias) && !is_identifier(&alias) && alias.parse::<Id>().is_err(), "{}", alias);
            }
        }

        #[test]
        fn any_text_can_be_checked(text in any::<String>()) {
            prop_assert_eq!(is_identifier(&text), text.parse::<Id>().is_ok());
            let _ = is_instant(&text);
        }
    }

    #[test]
    fn an_instant_is_in_the_years_1_to_9999() {
        for instant in ["2026-03-02T08:15:00Z", "2026-03-02t08:15:00.123456+01:00", "0001-01-01T00:00:00Z"] {
            assert!(is_instant(instant), "{instant}");
        }
        for other in [
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+01:00",
            "9999-12-31T23:30:00-01:00",
            "2026-03-02",
            "2026-03-02 08:15:00Z",
            "2026-02-30T08:15:00Z",
            "",
        ] {
            assert!(!is_instant(other), "{other}");
        }
    }
}
