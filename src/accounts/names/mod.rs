//! Names of staff and of API clients, for the rows that they wrote or are in charge of.
//!
//! Invariant: only the people of a service see them, in the rows of that service. An API client, of a partner or of a
//! front end, gets no name: the rows that it reads may leave the service.

pub mod model;
pub mod ops;
pub mod store;
