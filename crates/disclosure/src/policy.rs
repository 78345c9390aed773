//! The rules of disclosure control, P1 to P4, and their thresholds. The only place where they are stated.
//!
//! A count that a rule protects must stay unknown. Somebody who reads everything that was ever published, and knows
//! the facts made public elsewhere, must find it possible that the count is 0 and possible that it is k or more.
//! Zero is protected like any small count: in a village, "0 children" says that the one known family gets no help.
//!
//! - **P1, small counts.** A cell of fewer than k units, or of fewer than k households, is protected; zero included. A
//!   small count points to persons, and siblings are one family. *Source:* the threshold rule of the *Handbook on
//!   Statistical Disclosure Control* (Hundepool et al.); k is at least [`LEAST_OPEN_THRESHOLD`] or
//!   [`LEAST_PARTNER_THRESHOLD`]. *Enforced by* `Counts::is_protected` (`counts.rs`).
//! - **P2, attribute disclosure.** In a sensitive dimension, take a total and one of its values. If the value is not
//!   empty, what the total leaves besides it is protected if it is fewer than k units; zero included. "All of them have
//!   autism" says it of each of them. *Source:* attribute disclosure, in the Handbook. *Enforced by*
//!   `Sketch::differences` (`sketch.rs`).
//! - **P3, referring partners.** A cell is protected if fewer than [`WITHOUT_TWO_REFERRERS`] units are left without
//!   those of the two partners that referred most; zero included. A partner knows whom it referred, and two partners
//!   may share what they know. *Source:* the concentration rules of the Handbook, applied to counts; the number of
//!   units is a choice of this project. *Enforced by* `Counts::is_protected` (`counts.rs`).
//! - **P4, differencing.** The difference between two periods, or between two values, one of which holds the other, is
//!   protected if it is fewer than k units. So is what a correction of the records added or removed. Published counts
//!   can be subtracted, within a release and between releases. *Source:* disclosure by differencing, in the Handbook.
//!   *Enforced by* `Sketch::differences` and `Sketch::guard` (`sketch.rs`).
//!
//! **Classes** (policy of 2026-11). The rules hold for class B, breakdowns about persons. Class S, facts of the service,
//! and class T, totals of the whole service about persons, are published as they are ([`super::document::Class`]):
//! they are never protected, differences between totals are not either, and the attacker knows all of them. What they
//! imply by themselves is public. So a protected count must be able to be as small, and as large up to k, as they alone
//! allow: with 7 children in all, no count of them can be 11. A total below [`LEAST_TOTAL`] is held back.
//!
//! The rules say *what* is protected. That it *stays* unknown is proved for every protected row, cells and differences
//! alike: [`crate::protect`] for outsiders, `insiders` for a household or a partner that knows its own units.
//! [`crate::certify`] makes the public proof, and [`crate::verify`](mod@crate::verify) checks it.
//!
//! P1 and P3 hold for the differences of P2 and P4 as for cells: fewer than k households, or too few units without the
//! two partners that referred most, protect them too.

/// The least threshold k of an open release. The CASD publishes no cell under 11 units; the order of 8 January 1993 on
/// persons helped by social establishments allows no table on 10 persons or fewer.
pub const LEAST_OPEN_THRESHOLD: u8 = 11;

/// The least threshold k of a partner release, which named institutions read under an agreement.
pub const LEAST_PARTNER_THRESHOLD: u8 = 5;

/// P3: the least number of units of a published cell without those of the two partners that referred most.
pub const WITHOUT_TWO_REFERRERS: u8 = 3;

/// The least total of class T that is published. A smaller one, of a service that has just opened, is held back for the
/// year: it says nothing about a service and much about a family.
pub const LEAST_TOTAL: u64 = 5;

/// The thresholds of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// P1, P2, P4: the least number of units, k.
    pub units: u64,
    /// P1: the least number of households.
    pub households: u64,
    /// P3: the least number of units without those of the two partners that referred most.
    pub without_two_referrers: u64,
}

impl Thresholds {
    /// The thresholds of a release: k units, k households, and [`WITHOUT_TWO_REFERRERS`].
    pub fn of(k: u64) -> Self {
        Self { units: k, households: k, without_two_referrers: WITHOUT_TWO_REFERRERS.into() }
    }
}
