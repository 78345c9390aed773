//! An injectable clock: tests and the demonstration set it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, TimeZone, Utc};
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

/// The instant at which a day begins in a time zone. Where the clock skips midnight, the first instant after it.
pub fn start_of(zone: Tz, day: NaiveDate) -> UtcTs {
    let midnight = day.and_time(NaiveTime::MIN);
    // No zone skips more than a day.
    let minutes = (0..=24 * 60).map(|minute| midnight + Duration::minutes(minute));
    let mut local = minutes.filter_map(|local| zone.from_local_datetime(&local).earliest());
    local.next().map_or_else(|| midnight.and_utc().into(), |start| start.to_utc().into())
}

#[cfg(test)]
mod tests {
    use crate::clock::*;

    #[test]
    fn a_day_begins_once_in_every_zone() {
        for zone in chrono_tz::TZ_VARIANTS {
            for day in ["2026-03-02", "2026-03-29", "2026-10-25", "2026-04-05", "2026-09-06"] {
                let day: NaiveDate = day.parse().unwrap();
                let start = start_of(zone, day);
                assert_eq!(date_in(zone, start), day, "{zone}");
                assert!(date_in(zone, start.plus(Duration::microseconds(-1))) < day, "{zone}");
            }
        }
        // The clock of Santiago skips midnight on this day.
        assert_eq!(
            start_of(chrono_tz::America::Santiago, "2026-09-06".parse().unwrap()).to_string(),
            "2026-09-06T04:00:00.000000Z"
        );
    }

    #[test]
    fn a_day_begins_at_the_service_s_midnight() {
        let clock = Clock::manual("2026-03-01T23:30:00Z".parse().unwrap());
        assert_eq!(date_in(chrono_tz::Europe::Paris, clock.now()).to_string(), "2026-03-02");
        assert_eq!(date_in(chrono_tz::America::Martinique, clock.now()).to_string(), "2026-03-01");
    }
}
