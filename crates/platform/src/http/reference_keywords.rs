//! The schema keywords that look a value up in reference data.

use jsonschema::{Keyword, ValidationError};
use serde_json::Value;

use passerelle_reference::nomenclatures;
use passerelle_reference::territories::{self, ANY_KIND, TerritoryKey, TerritoryKind};

/// `x-nomenclature: <list>`: a string must be a code of the list.
pub(super) const NOMENCLATURE: &str = "x-nomenclature";
/// `x-territory: <kind>`: a string must be the code of a territory of that kind; `any`: a kind and a code.
pub(super) const TERRITORY: &str = "x-territory";

/// One use of a keyword, as its argument in the schema says.
pub(super) enum ReferenceLookup {
    Nomenclature(String),
    Territory(TerritoryKind),
    AnyTerritory,
    /// The argument names no kind of territory: no value passes, which the first test of the field shows.
    UnknownKind,
}

impl ReferenceLookup {
    pub(super) fn keyword<'a>(keyword: &str, argument: &Value) -> Box<dyn for<'i> Keyword<'i> + 'a> {
        let argument = argument.as_str().unwrap_or_default();
        Box::new(match keyword {
            TERRITORY if argument == ANY_KIND => Self::AnyTerritory,
            TERRITORY => argument.parse().map_or(Self::UnknownKind, Self::Territory),
            _ => Self::Nomenclature(argument.to_owned()),
        })
    }

    fn contains(&self, code: &str) -> bool {
        match self {
            Self::Nomenclature(list) => nomenclatures::contains(list, code),
            Self::Territory(kind) => territories::is_readable(*kind, code),
            Self::AnyTerritory => {
                code.parse::<TerritoryKey>().is_ok_and(|key| territories::is_readable(key.kind, &key.code))
            }
            Self::UnknownKind => false,
        }
    }

    /// The argument, from which the fault tells the caller where to look.
    fn argument(&self) -> &str {
        match self {
            Self::Nomenclature(list) => list,
            Self::Territory(kind) => kind.as_str(),
            Self::AnyTerritory => ANY_KIND,
            Self::UnknownKind => "",
        }
    }
}

impl<'i> Keyword<'i> for ReferenceLookup {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) { Ok(()) } else { Err(ValidationError::custom(self.argument())) }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        // Values of another type, null included, are for the `type` keyword.
        instance.as_str().is_none_or(|code| self.contains(code))
    }
}
