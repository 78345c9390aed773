//! Records: one unit in one calendar year, with one value per dimension. Releases count records.
//!
//! - A child has one record for each year in which a case of theirs was open on at least one day, like the active
//!   file. Its quarters are those with such a day. A loan counts in the quarter of its hand-out, an action and its
//!   participants in the quarter of the day on which it was held.
//! - A *cut* brings the records of a year up to date with the live tables. It changes nothing that was published
//!   ([`model`]). A late entry counts in the next unpublished quarter or, after the last release of the year, in the
//!   first quarter of the next year.
//! - Erasing a child deletes the link between child and record. The record stays, and so does every figure.
//! - A record does not identify a child: its identifier, its household and its referrer are random. The link is a MAC
//!   under a key that is not in the database, and is deleted after the last release of the year.
//! - While the links exist, the records of a year can be corrected once: a superseding release is made from what the
//!   live tables contain now. The former records are kept, since everybody knows what the former releases published.
//!
//! ```text
//! live tables ── cut ──► records ── basis ──► a release
//!      │                  │  ▲ freeze: published
//!      │                  ▼  │
//!      │                unlink: final
//!      └── corrected ──► the corrected records ── correct: published ──► the former ones are kept apart
//! ```

mod basis;
mod correct;
mod count;
pub mod model;
pub mod ops;
mod read;
mod sandbox;
mod store;
mod units;
