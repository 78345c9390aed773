//! What a row shows beside its identifiers: the names of organisations, people, children, kits, conventions and actions.
//!
//! Invariants: the rights of what is named apply, service by service, and a name that the caller may not see is null. All the
//! names of a page are read in one round trip. Whoever sees the name of a child has opened it, so that the journal has its
//! household, once a page.
//!
//! A response type says in its `Named` beside which identifier which name stands. The use case that returns it calls
//! [`ops::named`].

pub mod model;
pub mod ops;
pub mod store;
