//! An injectable clock: tests and the demonstration set it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::values::UtcTs;

/// The source of the present instant.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A manual clock, in microseconds since 1970.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A manual clock, set to an instant.
    pub fn manual(instant: DateTime<Utc>) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(instant.timestamp_micros())))
    }

    /// Sets a manual clock; a system clock ignores it.
    pub fn set(&self, instant: DateTime<Utc>) {
        if let Self::Manual(micros) = self {
            micros.store(instant.timestamp_micros(), Ordering::Relaxed);
        }
    }

    /// The present instant.
    pub fn now(&self) -> UtcTs {
        match self {
            Self::System => Utc::now().into(),
            Self::Manual(micros) => {
                DateTime::from_timestamp_micros(micros.load(Ordering::Relaxed)).unwrap_or_default().into()
            }
        }
    }
}

/// The calendar date of an instant in the time zone of a service: its days begin at its own midnight.
pub fn date_in(zone: Tz, now: UtcTs) -> NaiveDate {
    now.to_utc().with_timezone(&zone).date_naive()
}

#[cfg(test)]
mod tests {
    use crate::clock::*;

    #[test]
    fn a_day_begins_at_the_service_s_midnight() {
        let clock = Clock::manual("2026-03-01T23:30:00Z".parse().unwrap());
        assert_eq!(date_in(chrono_tz::Europe::Paris, clock.now()).to_string(), "2026-03-02");
        assert_eq!(date_in(chrono_tz::America::Martinique, clock.now()).to_string(), "2026-03-01");
    }
}
