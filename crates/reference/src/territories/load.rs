//! Loads the territories from the compressed reference file in one pass, then computes sums and spans from the
//! communes.

use std::collections::HashMap;
use std::fmt;
use std::io::Read;

use csv::StringRecord;
use flate2::read::GzDecoder;
use serde::Deserialize;

use super::model::{Population, PopulationSource, Position, Territory, TerritoryKind};

/// Columns of the compressed file, as `scripts/pack-reference-data` writes them.
const COLUMNS: [&str; 10] = [
    "kind",
    "code",
    "name",
    "departement_code",
    "region_code",
    "epci_siren",
    "epci_type",
    "population_municipal",
    "population_total",
    "postal_codes",
];

/// The approximate number of territories, to allocate memory once.
const EXPECTED: usize = 36_500;

/// One line, in the order of [`COLUMNS`]. An empty cell is `None`.
#[derive(Deserialize)]
struct Row<'a> {
    kind: &'a str,
    code: &'a str,
    name: &'a str,
    departement: Option<&'a str>,
    region: Option<&'a str>,
    epci: Option<&'a str>,
    epci_type: Option<&'a str>,
    municipal: Option<u32>,
    total: Option<u32>,
    postal_codes: &'a str,
}

/// Why the compressed file is invalid.
#[derive(Debug)]
pub(super) struct InvalidReference {
    line: usize,
    reason: String,
}

impl fmt::Display for InvalidReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for InvalidReference {}

/// The result of [`load`].
pub(super) struct Loaded {
    /// Every territory, by position.
    pub(super) territories: Vec<Territory>,
    /// The position of each kind and code.
    pub(super) by_code: HashMap<(TerritoryKind, &'static str), Position>,
    /// The départements, then the regions, of the communes of each EPCI.
    pub(super) spans: HashMap<Position, Box<[Position]>>,
}

/// Reads the gzipped file. The lines are in the order of positions, so a parent always precedes its children.
pub(super) fn load(compressed: impl Read) -> Result<Loaded, InvalidReference> {
    let mut reader = csv::Reader::from_reader(GzDecoder::new(compressed));
    let invalid = |line, reason: &dyn fmt::Display| InvalidReference { line, reason: reason.to_string() };
    let headers = reader.headers().map_err(|error| invalid(1, &error))?;
    if headers != COLUMNS.as_slice() {
        return Err(invalid(1, &"the columns are not those of pack-reference-data"));
    }

    let mut loaded = Loaded {
        territories: Vec::with_capacity(EXPECTED),
        by_code: HashMap::with_capacity(EXPECTED),
        spans: HashMap::new(),
    };
    let mut record = StringRecord::new();
    for line in 2.. {
        if !reader.read_record(&mut record).map_err(|error| invalid(line, &error))? {
            break;
        }
        let row = record.deserialize(None).map_err(|error| invalid(line, &error))?;
        loaded.push(&row).map_err(|reason| invalid(line, &reason))?;
    }
    loaded.add_up();
    loaded.span();
    Ok(loaded)
}

impl Loaded {
    fn push(&mut self, row: &Row<'_>) -> Result<(), String> {
        let kind: TerritoryKind = row.kind.parse()?;
        let rank = u32::try_from(self.territories.len()).map_err(|error| error.to_string())?;
        let territory = Territory {
            position: Position::from(rank),
            kind,
            code: leaked(row.code),
            name: leaked(row.name),
            population: row.population(kind),
            epci_type: row.epci_type.map(str::parse).transpose()?,
            epci: self.parent(TerritoryKind::Epci, row.epci)?,
            departement: self.parent(TerritoryKind::Departement, row.departement)?,
            region: self.parent(TerritoryKind::Region, row.region)?,
            postal_codes: leaked(row.postal_codes),
        };
        if let Some(previous) = self.territories.last()
            && (previous.kind, previous.code) >= (kind, territory.code)
        {
            return Err(format!("{} is not after {}", territory.key(), previous.key()));
        }
        self.by_code.insert((kind, territory.code), territory.position);
        self.territories.push(territory);
        Ok(())
    }

    fn parent(&self, kind: TerritoryKind, code: Option<&str>) -> Result<Option<Position>, String> {
        let find = |code| self.by_code.get(&(kind, code)).copied();
        code.map(|code| find(code).ok_or_else(|| format!("unknown {} {code:?}", kind.as_str()))).transpose()
    }

    /// Computes the populations of départements and regions. There is no sum if one commune has no figure.
    fn add_up(&mut self) {
        // Regions and départements come first, so their ranks are small.
        let mut sums = vec![None; self.territories.partition_point(|one| one.kind <= TerritoryKind::Departement)];
        for commune in self.territories.iter().filter(|territory| territory.kind == TerritoryKind::Commune) {
            for parent in [commune.departement, commune.region].into_iter().flatten() {
                if let Some(sum) = sums.get_mut(parent.rank()) {
                    let [municipal, total] = sum.get_or_insert([Some(0); 2]);
                    *municipal = municipal.zip(commune.population.municipal).map(|(sum, one)| sum + one);
                    *total = total.zip(commune.population.total).map(|(sum, one)| sum + one);
                }
            }
        }
        for (territory, sum) in self.territories.iter_mut().zip(sums) {
            let [municipal, total]: [Option<u32>; 2] = sum.unwrap_or_default();
            let source = municipal.or(total).map(|_| PopulationSource::SumOfCommunes);
            territory.population = Population { municipal, total, source };
        }
    }

    /// Computes the départements and regions of each EPCI from its communes: 89 EPCI span several départements.
    fn span(&mut self) {
        let mut levels: HashMap<Position, [Vec<Position>; 2]> = HashMap::new();
        for commune in &self.territories {
            if let Some(epci) = commune.epci {
                let [departements, regions] = levels.entry(epci).or_default();
                add(departements, commune.departement);
                add(regions, commune.region);
            }
        }
        self.spans = levels.into_iter().map(|(epci, levels)| (epci, levels.concat().into())).collect();
    }
}

/// Inserts a parent into a sorted list, unless it is there already. Communes are sorted by code, and so are their
/// départements, but not their regions.
fn add(sorted: &mut Vec<Position>, parent: Option<Position>) {
    if let Some(parent) = parent
        && let Err(rank) = sorted.binary_search(&parent)
    {
        sorted.insert(rank, parent);
    }
}

/// Leaks a text: the map is loaded once and never dropped.
fn leaked(text: &str) -> &'static str {
    Box::leak(Box::from(text))
}

impl Row<'_> {
    fn population(&self, kind: TerritoryKind) -> Population {
        let source = match kind {
            _ if self.municipal.or(self.total).is_none() => None,
            TerritoryKind::Commune if self.epci.is_none() => Some(PopulationSource::InseeCommuneList),
            _ => Some(PopulationSource::DgclEpciList),
        };
        Population { municipal: self.municipal, total: self.total, source }
    }
}

#[cfg(test)]
mod tests {
    use crate::territories::load::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn compressed(rows: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        writeln!(encoder, "{}\n{rows}", COLUMNS.join(",")).unwrap();
        encoder.finish().unwrap()
    }

    fn reason(rows: &str) -> String {
        load(compressed(rows).as_slice()).err().unwrap().to_string()
    }

    #[test]
    fn an_invalid_file_is_refused_with_its_line() {
        assert_eq!(reason("hamlet,1,Nowhere,,,,,,,"), "line 2: unknown TerritoryKind \"hamlet\"");
        assert_eq!(reason("departement,63,Puy-de-Dôme,,84,,,,,"), "line 2: unknown region \"84\"");
        assert_eq!(reason("epci,1,A,,,,SIVOM,1,1,"), "line 2: unknown EPCI type \"SIVOM\"");
        assert!(reason("epci,1,A,,,,CC,many,1,").contains("invalid digit"));
        assert_eq!(reason("region,02,B,,,,,,,\nregion,01,A,,,,,,,"), "line 3: region:01 is not after region:02");
        assert!(reason("region,01").starts_with("line 2: "), "too few fields");
        assert!(load(&b"not gzip"[..]).is_err());
    }

    #[test]
    fn there_is_no_sum_if_one_commune_has_no_figure() {
        let rows = "region,84,R,,,,,,,\ndepartement,63,D,,84,,,,,\ncommune,63001,A,63,84,,,10,12,\n\
                    commune,63002,B,63,84,,,5,,63000|63100";
        let loaded = load(compressed(rows).as_slice()).unwrap();
        let departement = &loaded.territories[1];
        assert_eq!(departement.population.municipal, Some(15));
        assert_eq!(departement.population.total, None);
        assert_eq!(departement.population.source, Some(PopulationSource::SumOfCommunes));
        assert_eq!(loaded.territories[3].postal_codes().collect::<Vec<_>>(), ["63000", "63100"]);
    }
}
