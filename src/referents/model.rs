//! The standing of a referent: certification, yearly obligations, and the changes that come with time, with nothing
//! recorded. Pure.
//!
//! PRPE: 3 days of training (2 by an external trainer, 1 by the service), a charter signed by the referent, the structure and
//! the service, then one follow-up meeting and one themed day each year.
//!
//! ```text
//! trained_on   = the day on which 2 external days of training and 1 of the service have been attended (3/3)
//! signed_on    = the latest of the three signatures of the charter; all three are required
//! certified_on = the later of the two
//! ```
//! Each calendar year after the year of certification requires one follow-up meeting and one themed day (2/2).
//! Attendances in the year of certification or before meet no yearly obligation. On a day, the first standing that
//! applies:
//!
//! | standing | when |
//! |---|---|
//! | `left` | the last day in the network is before this day |
//! | `in_training` | not certified on this day |
//! | `in_order` | 2/2 this year, and this year is after the year of certification |
//! | `lapsed` | 2/2 was required last year and not met |
//! | `certified` | otherwise: nothing was missed, and this year is not complete yet or requires nothing |
//!
//! Choice: only last year counts. 2/2 in a year makes up for everything missed before it.

use chrono::{Datelike, NaiveDate};

use crate::db::text_enum;

#[cfg(test)]
mod tests;

/// Days of training by an external trainer that a certification requires.
pub const EXTERNAL_DAYS: usize = 2;
/// Days of training by the service that a certification requires.
pub const OWN_DAYS: usize = 1;
/// What each calendar year after the year of certification requires, once each.
pub const YEARLY: [AttendanceKind; 2] = [AttendanceKind::FollowUpMeeting, AttendanceKind::ThemedDay];

text_enum! {
    /// Kind of attendance.
    pub enum AttendanceKind {
        /// A day of training by an external trainer.
        ExternalTraining = "external_training",
        /// A day of training by the service.
        OwnTraining = "own_training",
        /// The yearly follow-up meeting.
        FollowUpMeeting = "follow_up_meeting",
        /// The yearly themed day.
        ThemedDay = "themed_day",
    }
}

text_enum! {
    /// Standing of a referent on a day.
    pub enum Standing {
        /// The training or the signatures of the charter are not complete.
        InTraining = "in_training",
        /// Certified, with nothing missed; this year's meeting and themed day are not both attended yet, or not required.
        Certified = "certified",
        /// Certified, with this year's follow-up meeting and themed day attended.
        InOrder = "in_order",
        /// Last year's obligations were missed, and this year's are not both met.
        Lapsed = "lapsed",
        /// No longer in the network.
        Left = "left",
    }
}

text_enum! {
    /// Reason of a referent's standing.
    pub enum StandingReason {
        /// A day of training by an external trainer is missing.
        ExternalTraining = "external_training",
        /// The day of training by the service is missing.
        OwnTraining = "own_training",
        /// The referent has not signed the charter.
        CharterNotSignedByReferent = "charter_not_signed_by_referent",
        /// The structure has not signed the charter.
        CharterNotSignedByStructure = "charter_not_signed_by_structure",
        /// The service has not signed the charter.
        CharterNotSignedByService = "charter_not_signed_by_service",
        /// This is the year of certification, which requires nothing more.
        YearOfCertification = "year_of_certification",
        /// This year's follow-up meeting is missing.
        FollowUpMeeting = "follow_up_meeting",
        /// This year's themed day is missing.
        ThemedDay = "themed_day",
        /// Last year's follow-up meeting was missed.
        FollowUpMeetingLastYear = "follow_up_meeting_last_year",
        /// Last year's themed day was missed.
        ThemedDayLastYear = "themed_day_last_year",
        /// This year's follow-up meeting and themed day are both attended.
        YearComplete = "year_complete",
        /// The last day in the network is past.
        LeftNetwork = "left_network",
    }
}

text_enum! {
    /// Action on a referent.
    pub enum ReferentAction {
        /// Record signatures of the charter.
        Sign = "sign",
        /// Record that they left the network.
        Leave = "leave",
        /// Cancel the departure.
        Return = "return",
    }
}

impl ReferentAction {
    /// The actions that are allowed, given the last day in the network if the referent has left.
    pub fn available(left_on: Option<NaiveDate>) -> Vec<Self> {
        match left_on {
            None => vec![Self::Sign, Self::Leave],
            Some(_) => vec![Self::Return],
        }
    }
}

/// An attendance: its kind and its day.
pub type Attended = (AttendanceKind, NaiveDate);

/// What the standing of a referent is computed from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReferentFacts {
    /// Last day in the network, once they have left.
    pub left_on: Option<NaiveDate>,
    /// Date of the referent's signature of the charter.
    pub signed_by_referent_on: Option<NaiveDate>,
    /// Date of the structure's signature.
    pub signed_by_structure_on: Option<NaiveDate>,
    /// Date of the service's signature.
    pub signed_by_service_on: Option<NaiveDate>,
    /// Attendances, in any order.
    pub attended: Vec<Attended>,
}

impl ReferentFacts {
    /// The days of attendances of a kind, earliest first.
    fn days(&self, kind: AttendanceKind) -> Vec<NaiveDate> {
        let of_kind = self.attended.iter().filter(|(of, _)| *of == kind);
        let mut days: Vec<NaiveDate> = of_kind.map(|(_, day)| *day).collect();
        days.sort_unstable();
        days
    }

    /// The day on which the required training was complete.
    pub fn trained_on(&self) -> Option<NaiveDate> {
        let external = self.days(AttendanceKind::ExternalTraining).get(EXTERNAL_DAYS - 1).copied()?;
        let own = self.days(AttendanceKind::OwnTraining).get(OWN_DAYS - 1).copied()?;
        Some(external.max(own))
    }

    /// The day of the last of the three signatures of the charter.
    pub fn signed_on(&self) -> Option<NaiveDate> {
        Some(self.signed_by_referent_on?.max(self.signed_by_structure_on?).max(self.signed_by_service_on?))
    }

    /// The day of certification: training complete and charter signed.
    pub fn certified_on(&self) -> Option<NaiveDate> {
        Some(self.trained_on()?.max(self.signed_on()?))
    }

    /// The days of attendances and signatures, in any order.
    fn events(&self) -> impl Iterator<Item = NaiveDate> {
        let signatures = [self.signed_by_referent_on, self.signed_by_structure_on, self.signed_by_service_on];
        self.attended.iter().map(|(_, day)| *day).chain(signatures.into_iter().flatten())
    }

    /// The day of the first attendance or signature.
    pub fn first_event(&self) -> Option<NaiveDate> {
        self.events().min()
    }

    /// The day of the last attendance or signature.
    pub fn last_event(&self) -> Option<NaiveDate> {
        self.events().max()
    }

    /// Number of attendances of a kind.
    pub fn number_of(&self, kind: AttendanceKind) -> usize {
        self.attended.iter().filter(|(of, _)| *of == kind).count()
    }

    /// The first attendance of a kind in a year, up to and including a day.
    pub fn first_in_year(&self, kind: AttendanceKind, year: i32, until: NaiveDate) -> Option<NaiveDate> {
        self.days(kind).into_iter().find(|day| day.year() == year && *day <= until)
    }

    /// The obligations of a year that are not met, up to and including a day.
    fn missing_in(&self, year: i32, until: NaiveDate) -> Vec<AttendanceKind> {
        YEARLY.into_iter().filter(|kind| self.first_in_year(*kind, year, until).is_none()).collect()
    }

    /// Whether a year requires a follow-up meeting and a themed day.
    fn has_obligations_in(&self, year: i32) -> bool {
        self.certified_on().is_some_and(|certified| certified.year() < year)
    }

    /// The standing on a day. Later attendances and signatures do not count.
    pub fn standing(&self, on: NaiveDate) -> Standing {
        let year = on.year();
        if self.left_on.is_some_and(|left| left < on) {
            return Standing::Left;
        }
        if self.certified_on().is_none_or(|certified| certified > on) {
            return Standing::InTraining;
        }
        if self.has_obligations_in(year) && self.missing_in(year, on).is_empty() {
            return Standing::InOrder;
        }
        if self.has_obligations_in(year - 1) && !self.missing_in(year - 1, on).is_empty() {
            return Standing::Lapsed;
        }
        Standing::Certified
    }

    /// The reasons of the standing on a day; never empty.
    pub fn reasons(&self, on: NaiveDate) -> Vec<StandingReason> {
        use StandingReason as Why;
        match self.standing(on) {
            Standing::Left => vec![Why::LeftNetwork],
            Standing::InOrder => vec![Why::YearComplete],
            Standing::Certified if !self.has_obligations_in(on.year()) => vec![Why::YearOfCertification],
            Standing::InTraining | Standing::Certified => self.needs(on),
            Standing::Lapsed => {
                let reason = |kind| match kind {
                    AttendanceKind::ThemedDay => Why::ThemedDayLastYear,
                    _ => Why::FollowUpMeetingLastYear,
                };
                self.missing_in(on.year() - 1, on).into_iter().map(reason).collect()
            }
        }
    }

    /// What is missing to be certified or, once certified, to be in order this year.
    pub fn needs(&self, on: NaiveDate) -> Vec<StandingReason> {
        use StandingReason as Why;
        let standing = self.standing(on);
        if standing == Standing::Left {
            return Vec::new();
        }
        if standing != Standing::InTraining {
            let need = |kind| if kind == AttendanceKind::ThemedDay { Why::ThemedDay } else { Why::FollowUpMeeting };
            let required = self.has_obligations_in(on.year());
            return if required { self.missing_in(on.year(), on).into_iter().map(need).collect() } else { Vec::new() };
        }
        let by = |day: Option<NaiveDate>| day.is_some_and(|day| day <= on);
        let attended = |kind, number: usize| by(self.days(kind).get(number - 1).copied());
        let conditions = [
            (Why::ExternalTraining, attended(AttendanceKind::ExternalTraining, EXTERNAL_DAYS)),
            (Why::OwnTraining, attended(AttendanceKind::OwnTraining, OWN_DAYS)),
            (Why::CharterNotSignedByReferent, by(self.signed_by_referent_on)),
            (Why::CharterNotSignedByStructure, by(self.signed_by_structure_on)),
            (Why::CharterNotSignedByService, by(self.signed_by_service_on)),
        ];
        conditions.into_iter().filter(|(_, met)| !met).map(|(why, _)| why).collect()
    }

    /// The next day on which the standing changes if nothing is recorded, with the new standing; none if it never does.
    pub fn next_change(&self, on: NaiveDate) -> Option<(NaiveDate, Standing)> {
        let known = self.known_on(on);
        let now = known.standing(on);
        let after_departure = known.left_on.and_then(|left| left.succ_opt()).filter(|day| *day > on);
        // Two years are enough: at worst, this year requires nothing, the next one does, and the year after finds it missed.
        let years = (1..=2).filter_map(|after| NaiveDate::from_ymd_opt(on.year() + after, 1, 1));
        let mut days: Vec<NaiveDate> = after_departure.into_iter().chain(years).collect();
        days.sort_unstable();
        days.into_iter().map(|day| (day, known.standing(day))).find(|(_, then)| *then != now)
    }

    /// The facts up to and including a day. A departure counts as soon as it is recorded, whatever its date.
    fn known_on(&self, on: NaiveDate) -> Self {
        let by = |day: Option<NaiveDate>| day.filter(|day| *day <= on);
        Self {
            left_on: self.left_on,
            signed_by_referent_on: by(self.signed_by_referent_on),
            signed_by_structure_on: by(self.signed_by_structure_on),
            signed_by_service_on: by(self.signed_by_service_on),
            attended: self.attended.iter().filter(|(_, day)| *day <= on).copied().collect(),
        }
    }

    /// The day of certification before and after one more attendance, if that attendance would change it. An earlier
    /// certification would create obligations in past years: a certified referent would lapse because of an extra attendance.
    pub fn moves_certification(&self, attendance: Attended) -> Option<(NaiveDate, NaiveDate)> {
        let before = self.certified_on()?;
        let mut more = self.clone();
        more.attended.push(attendance);
        let after = more.certified_on()?;
        (after != before).then_some((before, after))
    }
}
