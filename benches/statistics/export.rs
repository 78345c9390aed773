//! Writes invented releases as files, with the protected cells, for the independent attacker.

use std::collections::BTreeSet;
use std::fs::{create_dir_all, write};
use std::path::Path;

use passerelle_disclosure::document::{Class, PERIOD, Release, TOTAL, Table, Tier};
use passerelle_disclosure::population::{Population, Record};
use serde_json::{Value, json};

/// Releases, and the cells that P1 protects in them.
#[derive(Default)]
pub(crate) struct Export {
    releases: Vec<Release>,
    open: Vec<Value>,
    partner: Vec<Value>,
}

impl Export {
    pub(crate) fn add(&mut self, service: usize, release: &Release, population: &Population) {
        let tier = if release.tier == Tier::Open { "open" } else { "partner" };
        let mut release = release.clone();
        release.service_id = format!("service-{service}");
        release.id = format!("{}-{tier}", release.service_id);
        "2026-01-16T08:00:00Z".clone_into(&mut release.signed_at);
        for table in release.tables.iter().filter(|table| table.class == Some(Class::Breakdown)) {
            for cell in &table.cells {
                let total = cell.coordinates.iter().skip(1).all(|code| code == TOTAL);
                if !total && cell.value.is_none() && is_small(&release, population, table, &cell.coordinates) {
                    // What is protected from everybody may be shown to partners.
                    let protected = if release.tier == Tier::Open { &mut self.open } else { &mut self.partner };
                    protected.push(
                        json!({"release_id": release.id, "table": table.id, "coordinates": cell.coordinates, "population": population.code}),
                    );
                }
            }
        }
        self.releases.push(release);
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        create_dir_all(folder.join("open")).map_err(failed)?;
        create_dir_all(folder.join("partner")).map_err(failed)?;
        for release in &self.releases {
            let bytes = serde_json::to_vec(release).map_err(|error| error.to_string())?;
            let tier = if release.tier == Tier::Open { "open" } else { "partner" };
            write(folder.join(tier).join(format!("{}.json", release.id)), bytes).map_err(failed)?;
        }
        // Not releases: the attacker reads every JSON file of the folder.
        for (name, cells) in [("open.txt", &self.open), ("partner.txt", &self.partner)] {
            write(folder.join(name), json!({"cells": cells}).to_string()).map_err(failed)?;
        }
        Ok(())
    }
}

/// Whether a cell of a yearly table has fewer units, or fewer households, than the threshold.
fn is_small(release: &Release, population: &Population, table: &Table, coordinates: &[String]) -> bool {
    let counted = |record: &&Record| {
        table.dimensions.iter().zip(coordinates).filter(|(id, code)| *id != PERIOD && *code != TOTAL).all(
            |(id, code)| {
                population.dimensions.iter().zip(&record.values).filter(|(domain, _)| domain.id == *id).all(
                    |(domain, base)| {
                        domain.values.iter().any(|value| value.code == *code && value.bases.contains(base))
                    },
                )
            },
        )
    };
    let units: Vec<&Record> = population.records.iter().filter(counted).collect();
    let households: BTreeSet<&String> = units.iter().filter_map(|record| record.household.as_ref()).collect();
    (units.len().min(households.len()) as u64) < release.policy.threshold
}
