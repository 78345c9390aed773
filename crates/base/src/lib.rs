//! The bottom layer, which every other layer uses: identifiers and instants, errors, dates, texts, the clock.

pub mod accept;
pub mod clock;
pub mod dates;
pub mod dice;
pub mod error;
pub mod french;
pub mod identifiers;
pub mod lines;
pub mod networks;
pub mod startup;
pub mod subscriber;
pub mod text;
pub mod values;
