//! One type per kind of territory, for the codes in requests and columns.
//!
//! In the contract, a code is a string with the pattern of its official form, and `x-territory` names the kind. The
//! contract's validator refuses a code that is not on the map, together with every other fault of the request. A code
//! of an arrondissement or of a former commune is read as that of its commune. A code from the database is always
//! accepted as it is: communes merge, and rows recorded with an older map stay readable.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{Territory, TerritoryKey, TerritoryKind};
use passerelle_base::text_newtype;

macro_rules! code_types {
    ($($(#[doc = $doc:literal])* $name:ident = $kind:ident, $pattern:literal, $example:literal, $also:literal, $read:expr;)+) => {$(
        text_newtype! {
            $(#[doc = $doc])*
            #[read = $read]
            pub struct $name: ObjectBuilder::new()
                .description(Some(format!(
                    "Official code of a territory: see `/v1/territories/{}/{{code}}`.{}", TerritoryKind::$kind.as_str(), $also
                )))
                .pattern(Some($pattern))
                .examples([serde_json::json!($example)])
                .extensions(Some(ExtensionsBuilder::new().add("x-territory", TerritoryKind::$kind.as_str()).build()))
        }

        impl $name {
            /// The kind of territory of this code.
            pub const KIND: TerritoryKind = TerritoryKind::$kind;
        }

        #[cfg(test)]
        impl $name {
            const EXAMPLE: &'static str = $example;
        }
    )+

        #[test]
        fn every_example_is_on_the_map() {
            $( assert!(super::is_known($name::KIND, $name::EXAMPLE), "{}", $name::EXAMPLE); )+
        }
    };
}

code_types! {
    /// INSEE code of a commune, never a postal code.
    CommuneCode = Commune, "^(2[AB]|[0-9]{2})[0-9]{3}$", "63113",
        " In requests, the code of a municipal arrondissement, a delegated or associated commune or a commune that merged is read as that of its commune.",
        |code: &str| super::current_commune(code).unwrap_or(code).to_owned();
    /// SIREN of an EPCI.
    EpciCode = Epci, "^[0-9]{9}$", "246300701", "", str::to_owned;
    /// INSEE code of a département.
    DepartementCode = Departement, "^(2[AB]|[0-9]{2,3})$", "63", "", str::to_owned;
}

impl CommuneCode {
    /// Its name; none for a code of an older map.
    pub fn name(&self) -> Option<&'static str> {
        super::territories().get(Self::KIND, self.as_str()).map(|commune| commune.name)
    }

    /// Its EPCI; none for a commune that is in none.
    pub fn epci(&self) -> Option<&'static Territory> {
        super::territories().epci_of(self.as_str())
    }
}

impl EpciCode {
    /// Its name; none for a code of an older map.
    pub fn name(&self) -> Option<&'static str> {
        super::territories().get(Self::KIND, self.as_str()).map(|epci| epci.name)
    }
}

/// The communes that a list asks for: one, those of an EPCI, or what both have in common. `None` if it asks for neither.
pub fn communes_within(commune: Option<&CommuneCode>, epci: Option<&EpciCode>) -> Option<Vec<String>> {
    let Some(epci) = epci else {
        return commune.map(|commune| vec![commune.to_string()]);
    };
    let map = super::territories();
    let inside = map
        .get(TerritoryKind::Epci, epci.as_str())
        .map(|epci| map.communes_of(epci).map(|inside| inside.code.to_string()).collect::<Vec<_>>());
    let mut communes = inside.unwrap_or_default();
    communes.retain(|code| commune.is_none_or(|requested| requested.as_str() == code));
    Some(communes)
}

/// The `x-territory` of a [`TerritoryKey`].
pub const ANY_KIND: &str = "any";

impl PartialSchema for TerritoryKey {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A territory as its kind and its official code. See `/v1/territories/{kind}/{code}`."))
            .pattern(Some("^(region|departement|epci|commune):[0-9AB]{2,9}$"))
            .examples([serde_json::json!("epci:246300701")])
            .extensions(Some(ExtensionsBuilder::new().add("x-territory", ANY_KIND).build()))
            .into()
    }
}
impl ToSchema for TerritoryKey {}

impl Serialize for TerritoryKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TerritoryKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key: Self = String::deserialize(deserializer)?.parse().map_err(D::Error::custom)?;
        Ok(match (key.kind, super::current_commune(&key.code)) {
            (TerritoryKind::Commune, Some(code)) => Self { code: code.to_owned(), ..key },
            _ => key,
        })
    }
}
