//! What the releases of a year show of the breakdowns about persons: exact counts, narrow ranges, and the rest.

use std::path::Path;

use passerelle_disclosure::document::{Cell, Class, Release, Status, TOTAL, Tier};
use passerelle_disclosure::making::{Order, make};
use passerelle_disclosure::plan::{Earlier, Thresholds};
use passerelle_disclosure::population::Population;
use passerelle_disclosure::verify::verify;

use crate::export::Export;
use crate::year::{TIERS, header, only, processor};

/// The cells of one tier in all services.
#[derive(Default)]
struct Shown {
    services: usize,
    cells: usize,
    exact: usize,
    /// Suppressed cells with at most [`narrow`] possible values.
    narrow: usize,
    seconds: f64,
    slowest: f64,
    withheld: usize,
}

/// How many values a range has at most to count as narrow.
fn narrow(tier: Tier) -> u64 {
    if tier == Tier::Open { 20 } else { 10 }
}

/// Makes the last release of the year of each service, for partners and for everybody, and prints what they show.
pub(crate) fn measure(services: impl Iterator<Item = Population>, folder: Option<&Path>) -> Result<(), String> {
    let mut tiers: [Shown; 2] = Default::default();
    let mut export = Export::default();
    for (service, population) in services.enumerate() {
        let mut earlier: Vec<Earlier> = Vec::new();
        for ((tier, threshold), shown) in TIERS.into_iter().zip(&mut tiers) {
            let order = Order {
                header: header(tier, threshold, 4),
                populations: vec![population.clone()],
                through: 4,
                thresholds: Thresholds::of(threshold),
                earlier: earlier.clone(),
                facts: Vec::new(),
                replaced: None,
            };
            let start = processor();
            let Ok(made) = make(&order, &mut ()) else {
                shown.withheld += 1;
                break;
            };
            shown.add(&made.release, processor() - start);
            export.add(service, &made.release, &population);
            verify(&made.release).map_err(|flaws| flaws.join("; "))?;
            let hidden = Earlier::of(&made.release, population.dimensions.clone(), false);
            earlier.push(only(Status::Suppressed, &hidden));
        }
    }
    if let Some(folder) = folder {
        export.write(folder)?;
    }
    println!("tier     services  cells  exact  narrow range  seconds  slowest  withheld");
    for ((tier, _), shown) in TIERS.iter().zip(tiers) {
        shown.print(if *tier == Tier::Open { "open" } else { "partner" });
    }
    Ok(())
}

impl Shown {
    fn add(&mut self, release: &Release, seconds: f64) {
        let widest = narrow(release.tier);
        let is_narrow = |cell: &Cell| {
            cell.at_least.zip(cell.at_most).is_some_and(|(least, most)| most.saturating_sub(least) < widest)
        };
        for table in &release.tables {
            for cell in &table.cells {
                let yearly = cell.coordinates.first().is_some_and(|period| period.len() == 4);
                let total = cell.coordinates.iter().skip(1).all(|code| code == TOTAL);
                if table.class != Some(Class::Breakdown) || !yearly || total {
                    continue;
                }
                self.cells += 1;
                self.exact += usize::from(cell.value.is_some());
                self.narrow += usize::from(is_narrow(cell));
            }
        }
        self.services += 1;
        self.seconds += seconds;
        self.slowest = self.slowest.max(seconds);
    }

    fn print(&self, tier: &str) {
        #[allow(clippy::cast_precision_loss, reason = "percentages of a few thousand cells")]
        let share = |cells: usize| 100.0 * cells as f64 / self.cells.max(1) as f64;
        #[allow(clippy::cast_precision_loss, reason = "a mean of a few services")]
        let mean = self.seconds / self.services.max(1) as f64;
        let Self { services, cells, slowest, withheld, .. } = self;
        let (exact, narrow) = (share(self.exact), share(self.narrow));
        println!(
            "{tier:<8} {services:>8} {cells:>6} {exact:>5.1}% {narrow:>12.1}% {mean:>8.2} {slowest:>8.2} {withheld:>9}"
        );
    }
}
