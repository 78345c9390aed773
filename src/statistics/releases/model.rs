//! Periods, states and tiers of releases. No I/O.

use chrono::{Days, NaiveDate};

use crate::db::text_enum;
use passerelle_disclosure::document::Tier;

/// Days after the end of a quarter before its figures can be taken, so that late entries are counted.
pub const LAG_DAYS: u64 = 15;

text_enum! {
    /// The state of a build.
    pub enum BuildStatus {
        /// It waits in the queue.
        Queued = "queued",
        /// It is being made.
        Running = "running",
        /// The service's own staff can read it, and publish it.
        Ready = "ready",
        /// Its releases are published.
        Published = "published",
        /// Nothing can be published: see `refusal`.
        Withheld = "withheld",
        /// A user cancelled it, or a later build replaced it.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// Which records a build is made from.
    pub enum BuildRecords {
        /// The published records, unchanged. Late entries count in the quarter that is added.
        AsPublished = "kept",
        /// The published quarters as the cases are now: wrong entries are corrected, and late ones count in their own
        /// quarter.
        Corrected = "corrected",
    }
}

text_enum! {
    /// An action on a build.
    pub enum BuildAction {
        /// Cancel it.
        Cancel = "cancel",
        /// Sign and publish its releases.
        Publish = "publish",
    }
}

text_enum! {
    /// Who may read a release.
    pub enum TierCode {
        /// Everybody, as open data.
        Open = "open",
        /// Partner institutions, under an agreement.
        Partner = "partner",
    }
}

/// The tiers, in the order of publication. Readers of a tier also read the ones before it.
pub const TIERS: [TierCode; 2] = [TierCode::Open, TierCode::Partner];

impl TierCode {
    /// The tier as documents have it.
    pub fn tier(self) -> Tier {
        match self {
            Self::Open => Tier::Open,
            Self::Partner => Tier::Partner,
        }
    }
}

impl BuildStatus {
    /// The actions allowed in this state.
    pub fn actions(self) -> &'static [BuildAction] {
        match self {
            Self::Queued | Self::Running => &[BuildAction::Cancel],
            Self::Ready => &[BuildAction::Publish, BuildAction::Cancel],
            Self::Published | Self::Withheld | Self::Cancelled => &[],
        }
    }
}

/// The first day on which the figures of a quarter can be taken.
pub fn opens_on(year: i32, quarter: i32) -> Option<NaiveDate> {
    let next = if quarter >= 4 {
        NaiveDate::from_ymd_opt(year + 1, 1, 1)
    } else {
        NaiveDate::from_ymd_opt(year, u32::try_from(quarter).ok()? * 3 + 1, 1)
    };
    next?.checked_add_days(Days::new(LAG_DAYS))
}

/// The last quarter of a year.
pub const LAST_QUARTER: i32 = 4;

/// The latest quarter of a year whose figures can be taken on a day.
pub fn latest_open(year: i32, day: NaiveDate) -> Option<i32> {
    (1..=LAST_QUARTER).rev().find(|quarter| opens_on(year, *quarter).is_some_and(|opens| opens <= day))
}

/// The code of a quarter: `2025-Q1`.
pub fn through(year: i32, quarter: i32) -> String {
    format!("{year}-Q{quarter}")
}

/// The period of a release in French: « 2025, jusqu'au 3e trimestre », or « 2025 » for a full year.
pub fn period(year: i32, quarter: i32) -> String {
    match quarter {
        1 => format!("{year}, 1er trimestre"),
        2 | 3 => format!("{year}, jusqu'au {quarter}e trimestre"),
        _ => year.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use crate::statistics::releases::model::*;

    #[test]
    fn a_period_is_named_by_its_last_quarter() {
        let names = [1, 2, LAST_QUARTER].map(|quarter| period(2025, quarter));
        assert_eq!(names, ["2025, 1er trimestre", "2025, jusqu'au 2e trimestre", "2025"]);
    }

    #[test]
    fn a_quarter_can_be_taken_fifteen_days_after_its_end() {
        let date = |text: &str| text.parse::<NaiveDate>().ok();
        assert_eq!(opens_on(2025, 1), date("2025-04-16"));
        assert_eq!(opens_on(2025, 3), date("2025-10-16"));
        assert_eq!(opens_on(2025, 4), date("2026-01-16"));
    }

    #[test]
    fn no_quarter_can_be_taken_before_the_first() {
        let latest = |day: &str| latest_open(2025, day.parse().unwrap());
        assert_eq!([latest("2025-04-15"), latest("2025-04-16"), latest("2026-01-15")], [None, Some(1), Some(3)]);
        assert_eq!(latest("2030-01-01"), Some(4));
    }

    #[test]
    fn a_final_state_allows_no_action() {
        for status in BuildStatus::ALL {
            let is_final = [BuildStatus::Published, BuildStatus::Withheld, BuildStatus::Cancelled].contains(status);
            assert_eq!(status.actions().is_empty(), is_final);
        }
    }
}
