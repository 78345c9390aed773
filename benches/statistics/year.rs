//! Makes the releases of a year: for each quarter the partner release, then the open one. Each takes the earlier
//! releases into account.

use std::fmt::{Display, Formatter, Result as Written};
use std::fs::read_to_string;

use passerelle_disclosure::document::{FORMAT, Licence, Policy, Release, SpecReference, Status, Tier};
use passerelle_disclosure::making::{Order, Utility, make};
use passerelle_disclosure::plan::{Earlier, Thresholds};
use passerelle_disclosure::population::Population;
use passerelle_disclosure::verify::verify;

use crate::children::until;

/// The tiers and their thresholds.
pub(crate) const TIERS: [(Tier, u64); 2] = [(Tier::Partner, 5), (Tier::Open, 11)];

/// The minimum of a cell without the units of the two partners that referred most.
const WITHOUT_TWO_REFERRERS: u64 = 3;

/// The cost of a release.
pub(crate) struct Cost {
    quarter: u8,
    tier: Tier,
    processor: f64,
    memory: u64,
    utility: Utility,
    tables: usize,
}

impl Display for Cost {
    fn fmt(&self, out: &mut Formatter<'_>) -> Written {
        let Self { quarter, tier, processor, memory, utility, tables } = self;
        let Utility { cells, published, proved, programs, .. } = utility;
        let tier = if *tier == Tier::Open { "open" } else { "partner" };
        write!(
            out,
            "{quarter:>7} {tier:<8} {processor:>7.1} s {memory:>5} MiB {proved:>8} {cells:>5} {published:>10} {tables:>7} {programs:>9}"
        )
    }
}

/// Makes the releases of a year through a quarter, and calls `report` after each.
pub(crate) fn make_all(population: &Population, through: u8, report: &mut dyn FnMut(&Cost)) -> Result<(), String> {
    let (mut open_before, mut partner_before): (Vec<Earlier>, Vec<Earlier>) = (Vec::new(), Vec::new());
    for quarter in 1..=through {
        let known = until(population, quarter);
        let mut hidden: Option<Earlier> = None;
        for (tier, threshold) in TIERS {
            let before = if tier == Tier::Open { &open_before } else { &partner_before };
            let order = Order {
                header: header(tier, threshold, quarter),
                populations: vec![known.clone()],
                through: quarter,
                thresholds: Thresholds::of(threshold),
                earlier: before.iter().chain(&hidden).cloned().collect(),
                facts: Vec::new(),
                replaced: None,
            };
            let start = processor();
            let made = make(&order, &mut ()).map_err(|withheld| format!("Q{quarter}: withheld: {withheld:?}"))?;
            let processor = processor() - start;
            let checked = verify(&made.release).map_err(|flaws| flaws.join("; "))?;
            let utility = made.utility.into_iter().next().unwrap_or_default();
            report(&Cost { quarter, tier, processor, memory: memory(), utility, tables: checked.tables });
            let earlier = Earlier::of(&made.release, known.dimensions.clone(), false);
            if tier == Tier::Open {
                partner_before.push(only(Status::Published, &earlier));
                open_before.push(earlier);
            } else {
                // A cell that is hidden from partners must also be hidden in open data.
                hidden = Some(only(Status::Suppressed, &earlier));
                partner_before.push(earlier);
            }
        }
    }
    Ok(())
}

/// An earlier release with only its cells of one status.
pub(crate) fn only(status: Status, earlier: &Earlier) -> Earlier {
    let mut some = earlier.clone();
    for table in &mut some.tables {
        table.cells.retain(|cell| cell.status == status);
    }
    some
}

/// Processor time of this process, in seconds. Linux counts in hundredths.
pub(crate) fn processor() -> f64 {
    let stat = read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Peak memory of this process, in MiB.
fn memory() -> u64 {
    let status = read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

pub(crate) fn header(tier: Tier, threshold: u64, quarter: u8) -> Release {
    Release {
        format: FORMAT.to_owned(),
        id: String::new(),
        service_id: String::new(),
        service_name: String::new(),
        year: 2025,
        through: format!("2025-Q{quarter}"),
        tier,
        number: u32::from(quarter),
        cut_off: String::new(),
        signed_at: String::new(),
        supersedes: None,
        predecessor_sha256: None,
        policy: Policy {
            threshold,
            household_threshold: threshold,
            without_two_referrers: WITHOUT_TWO_REFERRERS,
            reason: String::new(),
            classes: None,
        },
        spec: SpecReference { code: String::new(), version: 1, sha256: String::new() },
        definitions_version: String::new(),
        nomenclatures_version: String::new(),
        licence: Licence { name: String::new(), url: String::new() },
        notes: Vec::new(),
        dimensions: Vec::new(),
        tables: Vec::new(),
        decided_public: Vec::new(),
        facts: Vec::new(),
        certificates: Vec::new(),
    }
}
