//! Invented children and loans, and what a service publishes of them.

use std::collections::BTreeMap;

use passerelle_disclosure::document::{Class, Label};
use passerelle_disclosure::population::{Domain, Impossible, Population, Record, Shown, TableSpec};

const COMMUNES: [&str; 8] = ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"];

/// Groups of communes: the first ones divide them, the others are within these.
pub(crate) const GROUPS: [(&str, &[&str]); 7] = [
    ("north", &["c1", "c2"]),
    ("south", &["c3", "c4", "c5"]),
    ("west", &["c6", "c7"]),
    ("east", &["c8"]),
    ("south_1", &["c3"]),
    ("south_2", &["c4", "c5"]),
    ("west_1", &["c6"]),
];
pub(crate) const DIVIDING: usize = 4;

/// In which quarters a child counts, and how often.
const PATTERNS: [(u8, u64); 9] = [(15, 22), (7, 8), (3, 10), (1, 12), (14, 9), (6, 8), (12, 10), (8, 14), (2, 7)];

/// Numbers that look random, the same for the same seed (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, number: u64) -> u64 {
        self.next() % number.max(1)
    }

    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of these, the first ones more often.
    pub(crate) fn one_of<'a>(&mut self, codes: &[&'a str]) -> &'a str {
        let weights: Vec<(&str, u64)> = codes.iter().zip(1u64..).map(|(code, place)| (*code, 120 / place)).collect();
        self.weighted(&weights)
    }

    pub(crate) fn weighted<T: Copy>(&mut self, weights: &[(T, u64)]) -> T {
        let mut left = self.below(weights.iter().map(|(_, weight)| weight).sum());
        for (one, weight) in weights {
            if left < *weight {
                return *one;
            }
            left -= weight;
        }
        weights[0].0
    }
}

/// What a service publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spec {
    Yearly,
    Quarterly,
    Crossed,
}

pub(crate) fn children(spec: Spec, nested: bool, records: Vec<Record>) -> Population {
    let groups = &GROUPS[..if nested { GROUPS.len() } else { DIVIDING }];
    let shown = |(code, bases): &(&str, &[&str])| Shown {
        code: (*code).to_owned(),
        label: Label::same(code),
        level: None,
        bases: bases.iter().map(|base| (*base).to_owned()).collect(),
    };
    let territory = Domain { values: groups.iter().map(shown).collect(), ..Domain::of_codes("territory", &COMMUNES) };
    let need = Domain { sensitive: true, ..Domain::of_codes("need_domain", &NEEDS) };
    let ongoing = Impossible {
        patterns: (1u8..=15).filter(|quarters| quarters & 8 == 0).collect(),
        bases: BTreeMap::from([("outcome".to_owned(), vec!["ongoing".to_owned()])]),
        reason: Label::same("a case that is open on 31 December was open in the fourth quarter"),
    };
    let quarterly =
        |id: &str, dimensions: &[&str], quarterly| TableSpec { quarterly, ..TableSpec::yearly(id, dimensions) };
    let by_quarter = spec == Spec::Quarterly;
    let mut tables = vec![
        quarterly("children", &[], true),
        quarterly("children_territory", &["territory"], by_quarter),
        quarterly("children_age_band", &["age_band"], by_quarter),
        quarterly("children_need_domain", &["need_domain"], false),
        quarterly("children_outcome", &["outcome"], false),
    ];
    if spec == Spec::Crossed {
        tables.push(quarterly("children_territory_age_band", &["territory", "age_band"], false));
    }
    Population {
        code: "children",
        total: Class::Total,
        one_quarter: false,
        impossible: vec![ongoing],
        dimensions: vec![territory, Domain::of_codes("age_band", &AGES), need, Domain::of_codes("outcome", &OUTCOMES)],
        hub: (spec == Spec::Crossed).then(|| "territory".to_owned()),
        tables,
        records,
    }
}

const AGES: [&str; 3] = ["age_0_2", "age_3_5", "age_6_more"];
const NEEDS: [&str; 4] = ["relations", "motor", "health", "not_determined"];
const OUTCOMES: [&str; 3] = ["ongoing", "solved", "other"];
const KITS: [&str; 5] = ["k1", "k2", "k3", "k4", "k5"];
const BORROWERS: [&str; 4] = ["early_childhood", "family", "care", "other_borrower"];

pub(crate) fn loans(records: Vec<Record>) -> Population {
    let of = |id: &str, dimension: &str, class| TableSpec {
        quarterly: class == Class::Service,
        class,
        ..TableSpec::yearly(id, &[dimension])
    };
    Population {
        code: "loans",
        total: Class::Service,
        one_quarter: true,
        impossible: Vec::new(),
        dimensions: vec![Domain::of_codes("kit", &KITS), Domain::of_codes("borrower_group", &BORROWERS)],
        hub: None,
        tables: vec![
            of("loans_kit", "kit", Class::Service),
            of("loans_borrower_group", "borrower_group", Class::Breakdown),
        ],
        records,
    }
}

pub(crate) fn child(dice: &mut Dice, number: u64, partners: u64) -> Record {
    let quarters = dice.weighted(&PATTERNS);
    // A case that is open at the end of the year is open in its last quarter.
    let outcomes = if quarters & 8 == 0 { &OUTCOMES[1..] } else { &OUTCOMES[..] };
    let values = [dice.one_of(&COMMUNES), dice.one_of(&AGES), dice.one_of(&NEEDS), dice.one_of(outcomes)];
    let referrer = dice.chance(60).then(|| dice.below(partners).min(dice.below(partners)));
    Record {
        values: values.map(str::to_owned).to_vec(),
        quarters,
        number: 1,
        household: Some(format!("household {number}")),
        referrer: referrer.map(|partner| format!("partner {partner}")),
    }
}

pub(crate) fn loan(dice: &mut Dice, number: u64) -> Record {
    let borrower = dice.one_of(&BORROWERS);
    Record {
        values: vec![dice.one_of(&KITS).to_owned(), borrower.to_owned()],
        quarters: 1 << dice.below(4),
        number: 1,
        household: (borrower == "family").then(|| format!("household {}", number / 2)),
        referrer: None,
    }
}

/// So many children, with their siblings.
pub(crate) fn all_children(dice: &mut Dice, number: u64) -> Vec<Record> {
    let mut children: Vec<Record> = (0..number).map(|at| child(dice, at, number / 12 + 4)).collect();
    for at in 1..children.len() {
        // A sibling lives in the same place.
        if dice.chance(12) {
            let twin = children[at - 1].household.clone();
            children[at].household = twin;
            let commune = children[at - 1].values[0].clone();
            children[at].values[0] = commune;
        }
    }
    children
}
