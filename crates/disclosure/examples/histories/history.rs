//! A year of releases of an invented service.

use std::collections::BTreeMap;
use std::fs::write;
use std::path::Path;

use passerelle_disclosure::document::{Release, Status, Tier};
use passerelle_disclosure::layout::until;
use passerelle_disclosure::making::{Order, make};
use passerelle_disclosure::policy::Thresholds;
use passerelle_disclosure::population::{Domain, Record, ReplacedUnits};
use passerelle_disclosure::task::{Earlier, KnownFact};
use passerelle_disclosure::verify::verify;
use serde_json::{Value, json};

use crate::invented::{DIVIDING, Dice, GROUPS, Spec, all_children, child, children, loan, loans};

const YEAR: i32 = 2025;

/// What is known of units after a quarter.
fn known(records: &[Record], through: u8) -> Vec<Record> {
    let masked = records.iter().map(|record| Record { quarters: record.quarters & until(through), ..record.clone() });
    masked.filter(|record| record.quarters != 0).collect()
}

/// A history.
pub(crate) struct History {
    name: String,
    spec: Spec,
    nested: bool,
    children: Vec<Record>,
    loans: Vec<Record>,
    fact: Option<(String, String, KnownFact)>,
    replaced: Option<ReplacedUnits>,
    /// What was published, by tier, with its generation of records.
    before: Vec<(Tier, Earlier, usize)>,
    releases: Vec<Value>,
    generation: usize,
    withheld: Option<String>,
}

impl History {
    pub(crate) fn random(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let number = 5 + dice.below(40) + dice.below(2) * dice.below(256);
        let children = all_children(&mut dice, number);
        let loans = (0..dice.below(40)).map(|at| loan(&mut dice, at)).collect();
        let spec = [Spec::Yearly, Spec::Quarterly, Spec::Crossed][usize::try_from(dice.below(3)).unwrap_or(0)];
        let nested = dice.chance(30);
        let mut history = Self::new(seed, spec, nested, children, loans);
        let (grows, corrects) = (dice.chance(25), dice.chance(35));
        if !corrects && dice.chance(50) {
            history.fact = Some(fact(&mut dice));
        }
        let quarters: Vec<u8> = (1..=4).filter(|quarter| *quarter == 4 || dice.chance(60)).collect();
        for quarter in quarters {
            history.nested |= grows && quarter > 2;
            history.publish(quarter);
            if corrects && quarter < 4 && history.replaced.is_none() {
                history.correct(quarter, &mut dice);
                history.publish(quarter);
            }
        }
        history
    }

    /// One release of the whole year, of so many children, and their loans.
    pub(crate) fn of_one_release(seed: u64, number: u64) -> Self {
        let mut dice = Dice(seed);
        let children = all_children(&mut dice, number);
        let loans = (0..number / 2).map(|at| loan(&mut dice, at)).collect();
        let mut history = Self::new(seed, Spec::Yearly, false, children, loans);
        history.publish(4);
        history
    }

    fn new(seed: u64, spec: Spec, nested: bool, children: Vec<Record>, loans: Vec<Record>) -> Self {
        Self {
            name: format!("history-{seed}"),
            spec,
            nested,
            children,
            loans,
            fact: None,
            replaced: None,
            before: Vec::new(),
            releases: Vec::new(),
            generation: 1,
            withheld: None,
        }
    }

    /// Its name, its size, and what came of it.
    pub(crate) fn summary(&self) -> String {
        let withheld = self.withheld.as_ref().map_or_else(String::new, |why| format!(", withheld: {why}"));
        let (children, releases) = (self.children.len(), self.releases.len());
        format!("{}: {children} children, {:?}, {releases} releases{withheld}", self.name, self.spec)
    }

    /// Replaces the records: some were wrong, some are found, some never were.
    fn correct(&mut self, through: u8, dice: &mut Dice) {
        let units = BTreeMap::from([
            ("children".to_owned(), known(&self.children, through)),
            ("loans".to_owned(), known(&self.loans, through)),
        ]);
        self.replaced = Some(ReplacedUnits { through, units });
        self.generation = 2;
        let number = self.children.len() as u64;
        for _ in 0..=number / 20 {
            let at = usize::try_from(dice.below(number)).unwrap_or(0);
            self.children[at] = Record { household: self.children[at].household.clone(), ..child(dice, number, 5) };
        }
        self.children.truncate(self.children.len().saturating_sub(usize::from(dice.chance(50))).max(1));
        for more in 0..dice.below(3) {
            let new = child(dice, number + more, 5);
            self.children.push(new);
        }
    }

    fn publish(&mut self, quarter: u8) {
        if self.withheld.is_some() {
            return;
        }
        let mut populations =
            vec![children(self.spec, self.nested, known(&self.children, quarter)), loans(known(&self.loans, quarter))];
        if quarter < 4 || self.replaced.is_some() {
            // Which cases are open at the end of the year is not known yet, or was not when records were replaced.
            for population in &mut populations {
                population.impossible.clear();
            }
        }
        let domains: Vec<Domain> = populations.iter().flat_map(|population| population.dimensions.clone()).collect();
        let number = self.releases.len() / 2 + 1;
        let mut hidden = None;
        for (tier, threshold) in [(Tier::Partner, 5), (Tier::Open, 11)] {
            let thresholds = Thresholds::of(threshold);
            let seen = |(of, earlier, generation): &(Tier, Earlier, usize)| {
                let earlier = Earlier { of_replaced: *generation < self.generation, ..earlier.clone() };
                match (tier, of) {
                    (Tier::Partner, Tier::Open) => Some(only(Status::Published, earlier)),
                    (Tier::Open, Tier::Partner) => None,
                    _ => Some(earlier),
                }
            };
            let facts = self.fact.iter().filter(|(_, _, fact)| fact.quarters & !until(quarter) == 0);
            let order = Order {
                header: Release::draft(YEAR, quarter, tier, thresholds),
                populations: populations.clone(),
                through: quarter,
                thresholds,
                earlier: self.before.iter().filter_map(seen).chain(hidden.take()).collect(),
                facts: facts.map(|(_, _, fact)| ("children".to_owned(), fact.clone())).collect(),
                replaced: self.replaced.clone(),
            };
            let mut release = match make(&order, &mut ()) {
                Ok(made) => made.release,
                Err(withheld) => {
                    self.withheld =
                        Some(format!("Q{quarter} {tier:?}: {}: {:?}", withheld.population, withheld.refusal));
                    return;
                }
            };
            if let Err(flaws) = verify(&release) {
                self.withheld = Some(format!("DOES NOT VERIFY: {}", flaws.join("; ")));
                return;
            }
            let word = if tier == Tier::Open { "open" } else { "partner" };
            release.service_id.clone_from(&self.name);
            release.id = format!("{}-{number}-{word}", self.name);
            release.signed_at = format!("2026-01-{number:02}T08:00:00Z");
            release.number = u32::try_from(number).unwrap_or(0);
            let earlier = Earlier::of(&release, domains.clone(), false);
            if tier == Tier::Partner {
                hidden = Some(only(Status::Suppressed, earlier.clone()));
            }
            self.before.push((tier, earlier, self.generation));
            self.releases.push(json!({"document": release, "generation": self.generation, "domains": domains}));
        }
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<(), String> {
        let units = |records: &[Record]| {
            let unit = |record: &Record| {
                json!({"values": record.values, "quarters": record.quarters, "number": record.number,
                    "household": record.household, "referrer": record.referrer})
            };
            records.iter().map(unit).collect::<Vec<Value>>()
        };
        let mut generations = vec![json!({"children": units(&self.children), "loans": units(&self.loans)})];
        if let Some(replaced) = &self.replaced {
            let of = |code: &str| units(replaced.units.get(code).map_or(&[][..], Vec::as_slice));
            generations.insert(0, json!({"children": of("children"), "loans": of("loans")}));
        }
        let fact = self.fact.as_ref().map(|(period, code, fact)| {
            json!({"population": "children", "coordinates": {"period": period, "territory": code}, "quarters": fact.quarters})
        });
        let dimensions = json!({"children": ["territory", "age_band", "need_domain", "outcome"], "loans": ["kit", "borrower_group"]});
        let said = json!({"name": self.name, "spec": format!("{:?}", self.spec), "releases": self.releases,
            "generations": generations, "dimensions": dimensions, "fact": fact, "withheld": self.withheld});
        let path = folder.join(format!("{}.json", self.name));
        write(&path, said.to_string()).map_err(|error| format!("{}: {error}", path.display()))
    }
}

/// Somebody says how many children of a place there were.
fn fact(dice: &mut Dice) -> (String, String, KnownFact) {
    let (code, communes) = GROUPS[usize::try_from(dice.below(DIVIDING as u64)).unwrap_or(0)];
    let (period, quarters) = if dice.chance(50) { ("2025-Q1", 1) } else { ("2025", 15) };
    let bases = communes.iter().map(|commune| (*commune).to_owned()).collect();
    let bases = BTreeMap::from([("territory".to_owned(), bases)]);
    (period.to_owned(), code.to_owned(), KnownFact { quarters, bases })
}

fn only(status: Status, mut earlier: Earlier) -> Earlier {
    for table in &mut earlier.tables {
        table.cells.retain(|cell| cell.status == status);
    }
    earlier
}
