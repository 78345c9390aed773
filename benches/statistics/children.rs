//! Invented children: where they live, their siblings, who referred them, in which quarters they were active.

use passerelle::dice::Dice;
use passerelle::territories::{TerritoryKey, territories};
use passerelle_disclosure::population::{Population, Record};

/// The quarters in which a child was active, as bits, and the percentage of children with this pattern.
const PATTERNS: [(u8, u32); 12] = [
    (0b1111, 22),
    (0b0111, 8),
    (0b0011, 9),
    (0b0001, 10),
    (0b1110, 9),
    (0b0110, 7),
    (0b0010, 6),
    (0b1100, 9),
    (0b0100, 6),
    (0b1000, 11),
    (0b1011, 2),
    (0b1101, 1),
];

/// Fills a population with the units of a year, other ones for each seed.
pub(crate) fn invented(mut population: Population, number: usize, seed: u64) -> Population {
    // Invented units have every value.
    population.impossible.clear();
    let mut dice = Dice::new(seed);
    let values: Vec<Vec<(&str, u32)>> = population
        .dimensions
        .iter()
        .map(|domain| (0u32..).zip(&domain.bases).map(|(place, base)| (base.as_str(), weight(base, place))).collect())
        .collect();
    let territory = population.dimensions.iter().position(|domain| domain.id == "territory");
    let partners = number / 12 + 4;
    let mut records: Vec<Record> = Vec::new();
    for child in 0..number {
        let mut values: Vec<String> = values.iter().map(|values| dice.weighted(values).to_owned()).collect();
        let mut household = Some(format!("household {child}"));
        // One in eight has the same household, and so the same commune, as the previous child.
        if let (Some(sibling), true) = (records.last(), dice.chance(12)) {
            household.clone_from(&sibling.household);
            if let Some(territory) = territory {
                values[territory].clone_from(&sibling.values[territory]);
            }
        }
        let referrer = dice.chance(60).then(|| dice.below(partners).min(dice.below(partners)));
        let referrer = referrer.map(|partner| format!("partner {partner}"));
        records.push(Record { values, quarters: dice.weighted(&PATTERNS), number: 1, household, referrer });
    }
    population.records = records;
    population
}

/// The weight of a value: the population of a commune; for other codes, the first ones are the most frequent.
fn weight(base: &str, place: u32) -> u32 {
    let commune = base.parse::<TerritoryKey>().ok().and_then(|key| territories().find(&key));
    match commune {
        Some(commune) => commune.population.municipal.unwrap_or(0),
        None => 1000 / (place + 1) + u32::from(base == "outside") * 9000,
    }
}

/// The population known after a quarter. Yearly tables are only in the last one.
pub(crate) fn until(population: &Population, through: u8) -> Population {
    let mut known = population.clone();
    if through < 4 {
        known.tables.retain(|table| table.quarterly);
        let used = |id: &String| known.tables.iter().any(|table| table.dimensions.contains(id));
        let is_used: Vec<bool> = known.dimensions.iter().map(|domain| used(&domain.id)).collect();
        let mut flags = is_used.iter().copied();
        known.dimensions.retain(|_| flags.next().unwrap_or(true));
        for record in &mut known.records {
            let mut flags = is_used.iter().copied();
            record.values.retain(|_| flags.next().unwrap_or(true));
        }
    }
    for record in &mut known.records {
        record.quarters &= 0b1111 >> (4 - through);
    }
    known.records.retain(|record| record.quarters != 0);
    known
}
