//! Corrections: the former values of what was typed by mistake, for every kind of record of a case.
//!
//! One mechanism for all kinds. A kind that can be corrected compares its responses before and after ([`difference::between`]) and
//! stores what changed as a row of `corrections`, sealed by the key of the values themselves: erasing a family destroys both.
//! Rows never change, and outlast what they are about.
//!
//! - Who recorded something corrects it, removes it and reads its history; `cases:correct` does so for everybody's.
//! - A correction obeys the rules of a creation, and every fault is reported at once.
//! - Published statistics do not change: [`published`] says which releases counted the record.

pub mod difference;
pub mod dto;
pub mod handlers;
pub mod ops;
pub mod published;
pub mod store;
