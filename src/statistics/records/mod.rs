//! Records: one unit and calendar year, with one value a dimension. What releases count.
//!
//! - A child has one record in each year in which a case of theirs was open on at least one day, as the active file counts
//!   them. Its quarters are those with such a day. A loan counts in the quarter of its hand-out, an action and its
//!   participants in that of the day on which it was held.
//! - [`model`] says what a cut changes: nothing that was published. What is found late is counted in the next quarter that is
//!   not published yet; after the last release of a year, in the first one of the next year.
//! - Erasing a child cuts the link between child and record; the record stays, and so does every figure.
//! - A record tells nobody whose it is: its identifier, its household and its referrer are random. The link is a MAC under
//!   a key that is not in the database, and is gone after the final release.
//! - While there are links, the records of a year can be corrected, once: a superseding release is made from what the live
//!   tables say now. Those that it replaces stay, since what the releases before said stays known.
//!
//! ```text
//! live tables ── cut ──► records ── basis ──► a release
//!      │                  │  ▲ freeze: published
//!      │                  ▼  │
//!      │                unlink: final
//!      └── corrected ──► the records as they should have been ── correct: published ──► those before are kept apart
//! ```

mod basis;
mod correct;
mod count;
pub mod model;
pub mod ops;
mod read;
mod sandbox;
mod store;
