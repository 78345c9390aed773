//! Disclosure control for published tables: exact counts, suppressed jointly over every table ever published, each
//! with a proof that anybody can check by addition. No database, no network, no I/O.
//!
//! The `README.md` of this crate has the problem, the method, an example by hand, and the limits. [`policy`] states the
//! rules. From units to a release that verifies:
//!
//! ```
//! use passerelle_disclosure::document::{Class, Release, Tier};
//! use passerelle_disclosure::making::{Order, make};
//! use passerelle_disclosure::policy::Thresholds;
//! use passerelle_disclosure::population::{Domain, Population, Record, TableSpec};
//! use passerelle_disclosure::verify::verify;
//!
//! // Twelve children live in the north, three in the south, fourteen in the west. All count in every quarter.
//! let children = |commune: &str, number: u32| Record {
//!     values: vec![commune.to_owned()],
//!     quarters: 0b1111,
//!     number,
//!     household: None,
//!     referrer: None,
//! };
//! let population = Population {
//!     code: "children",
//!     total: Class::Total,
//!     one_quarter: false,
//!     impossible: vec![],
//!     dimensions: vec![Domain::of_codes("commune", &["north", "south", "west"])],
//!     hub: None,
//!     tables: vec![TableSpec::yearly("by_commune", &["commune"])],
//!     records: vec![children("north", 12), children("south", 3), children("west", 14)],
//! };
//! let thresholds = Thresholds::of(5);
//! let order = Order {
//!     header: Release::draft(2025, 4, Tier::Partner, thresholds),
//!     populations: vec![population],
//!     through: 4,
//!     thresholds,
//!     earlier: vec![],
//!     facts: vec![],
//!     replaced: None,
//! };
//! let release = make(&order, &mut ()).expect("nothing was published before").release;
//!
//! // Total, north, south, west: the west is hidden too, since 29 − 12 − 14 = 3.
//! let shown: Vec<Option<u64>> = release.tables[0].cells.iter().map(|cell| cell.value).collect();
//! assert_eq!(shown, [Some(29), Some(12), None, None]);
//!
//! // The release carries its proof: two possible tables for each hidden cell.
//! let checked = verify(&release).expect("the proof holds");
//! assert_eq!((checked.published, checked.proved), (2, 2));
//! ```
//!
//! The modules, from the bottom up:
//!
//! ```text
//! population ─► layout, plan ─► question ─► protect ─► answer ─► certify ─► certificate
//!               rows to guard    ▲           elimination: what can be computed from what is published
//!               (policy: P1-P4)  │           attacker: which tables are possible, in integers
//!                                │           prover: two tables for each guarded row, or a repair
//!                             star, classes  insiders: with what a household or a partner knows
//! ```
//!
//! [`ranges`] says what all published figures imply for each suppressed count.
//!
//! [`making`] goes from populations to a release ([`document`]) with its certificate. [`verify`](mod@verify) checks one
//! release; [`checking`] checks files of releases: signature ([`envelope`]), figures, proofs, chain.

pub mod attacker;
pub mod axes;
mod bars;
#[cfg(test)]
mod cases;
pub mod certificate;
pub mod certify;
pub mod checking;
pub mod classes;
mod counts;
pub mod document;
pub mod elimination;
pub mod envelope;
pub mod field;
mod figures;
mod insiders;
mod label;
pub mod layout;
mod leftovers;
pub mod making;
pub mod plan;
pub mod policy;
pub mod population;
pub mod protect;
mod prover;
pub mod question;
pub mod ranges;
mod repair;
mod restore;
mod rows;
mod sketch;
mod solver;
pub mod star;
pub mod task;
pub mod verify;

/// The README's Rust example is compiled and run with those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(test)]
mod tests {
    /// The example of the README is the one above.
    #[test]
    fn the_readme_has_the_example_of_the_documentation() {
        let lines = include_str!("lib.rs").lines().map_while(|line| line.strip_prefix("//!"));
        let example: Vec<&str> = lines
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .skip_while(|line| *line != "```")
            .skip(1)
            .take_while(|line| *line != "```")
            .collect();
        assert!(example.len() > 20);
        assert!(include_str!("../README.md").contains(&example.join("\n")));
    }
}
