//! The end of a case whose referral is annulled: it was recorded or accepted by mistake.
//!
//! A case goes with the referral that opened it, if nothing else hangs on it; its events and its former values stay. A case with
//! other referrals only loses this one.

pub mod ops;
