//! The rule of certification: what a referent has done, where that puts them on a day, and what the calendar alone changes.
//!
//! ```text
//! trained_on   = the day by which two external days of training and one of the service's own have been attended
//! signed_on    = the latest of the three signatures of the charter; all three are needed
//! certified_on = the later of the two
//! ```
//! Each calendar year after that of certification asks for one follow-up meeting and one themed day (2/2). What is attended
//! in the year of certification or before counts for no year, and is kept. On a day, the first that applies:
//!
//! | standing | when |
//! |---|---|
//! | `left` | the last day in the network is before this one |
//! | `in_training` | not certified by this day |
//! | `in_order` | 2/2 in this year, which is after that of certification |
//! | `lapsed` | last year asked for 2/2 and did not get it |
//! | `certified` | otherwise: nothing was missed, and this year may be completed yet, or asks for nothing |
//!
//! Only last year is looked at: 2/2 in a year mends whatever was missed before it.

use chrono::{Datelike, NaiveDate};

use crate::db::text_enum;

#[cfg(test)]
mod tests;

/// Days of training by an external trainer that a certification takes.
pub const EXTERNAL_DAYS: usize = 2;
/// Days of training by the service that a certification takes.
pub const OWN_DAYS: usize = 1;

text_enum! {
    /// What a referent came to.
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
    /// Where a referent stands on a day: computed, never stored.
    pub enum Standing {
        /// Training or charter are not complete.
        InTraining = "in_training",
        /// Certified; nothing was missed, and this year's meeting and themed day are not both there, or not asked for.
        Certified = "certified",
        /// Certified, with this year's follow-up meeting and themed day.
        InOrder = "in_order",
        /// Last year's obligations were missed, and this year's are not both there.
        Lapsed = "lapsed",
        /// Not in the network any more.
        Left = "left",
    }
}

text_enum! {
    /// Why a referent stands where they stand.
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
        /// This is the year of certification, which asks for nothing more.
        YearOfCertification = "year_of_certification",
        /// This year's follow-up meeting is missing.
        FollowUpMeeting = "follow_up_meeting",
        /// This year's themed day is missing.
        ThemedDay = "themed_day",
        /// Last year's follow-up meeting was missed.
        FollowUpMeetingLastYear = "follow_up_meeting_last_year",
        /// Last year's themed day was missed.
        ThemedDayLastYear = "themed_day_last_year",
        /// This year has its follow-up meeting and its themed day.
        YearComplete = "year_complete",
        /// The last day in the network is past.
        LeftNetwork = "left_network",
    }
}

text_enum! {
    /// What can be done with a referent.
    pub enum ReferentAction {
        /// Record signatures of the charter.
        Sign = "sign",
        /// Record that they left the network.
        Leave = "leave",
        /// Take back that they left.
        Return = "return",
    }
}

/// What was attended, and when.
pub type Attended = (AttendanceKind, NaiveDate);

/// What is known of a referent, as far as the rule goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The last day in the network, once they left.
    pub left_on: Option<NaiveDate>,
    /// When the referent signed the charter.
    pub signed_by_referent_on: Option<NaiveDate>,
    /// When the structure did.
    pub signed_by_structure_on: Option<NaiveDate>,
    /// When the service did.
    pub signed_by_service_on: Option<NaiveDate>,
    /// What was attended, in whatever order.
    pub attended: Vec<Attended>,
}

impl Facts {
    /// The days of a kind, the first first.
    fn days(&self, kind: AttendanceKind) -> Vec<NaiveDate> {
        let of_kind = self.attended.iter().filter(|(of, _)| *of == kind);
        let mut days: Vec<NaiveDate> = of_kind.map(|(_, day)| *day).collect();
        days.sort_unstable();
        days
    }

    /// The day by which all days of training have been attended.
    pub fn trained_on(&self) -> Option<NaiveDate> {
        let external = self.days(AttendanceKind::ExternalTraining).get(EXTERNAL_DAYS - 1).copied()?;
        let own = self.days(AttendanceKind::OwnTraining).get(OWN_DAYS - 1).copied()?;
        Some(external.max(own))
    }

    /// The day by which all three have signed the charter.
    pub fn signed_on(&self) -> Option<NaiveDate> {
        Some(self.signed_by_referent_on?.max(self.signed_by_structure_on?).max(self.signed_by_service_on?))
    }

    /// The day of certification: trained, and the charter signed.
    pub fn certified_on(&self) -> Option<NaiveDate> {
        Some(self.trained_on()?.max(self.signed_on()?))
    }

    /// What was attended and signed, day by day, in whatever order.
    fn events(&self) -> impl Iterator<Item = NaiveDate> {
        let signatures = [self.signed_by_referent_on, self.signed_by_structure_on, self.signed_by_service_on];
        self.attended.iter().map(|(_, day)| *day).chain(signatures.into_iter().flatten())
    }

    /// The first day on which something was attended or signed.
    pub fn first_event(&self) -> Option<NaiveDate> {
        self.events().min()
    }

    /// The last day on which something was attended or signed.
    pub fn last_event(&self) -> Option<NaiveDate> {
        self.events().max()
    }

    /// Days of training of a kind that were attended.
    pub fn number_of(&self, kind: AttendanceKind) -> usize {
        self.attended.iter().filter(|(of, _)| *of == kind).count()
    }

    /// The first day of a kind in a year, until a day.
    pub fn first_in_year(&self, kind: AttendanceKind, year: i32, until: NaiveDate) -> Option<NaiveDate> {
        self.days(kind).into_iter().find(|day| day.year() == year && *day <= until)
    }

    /// What a year lacks of its two obligations, until a day.
    fn lacking(&self, year: i32, until: NaiveDate) -> Vec<AttendanceKind> {
        let asked = [AttendanceKind::FollowUpMeeting, AttendanceKind::ThemedDay];
        asked.into_iter().filter(|kind| self.first_in_year(*kind, year, until).is_none()).collect()
    }

    /// Whether a year asks for a meeting and a themed day.
    fn is_asked_in(&self, year: i32) -> bool {
        self.certified_on().is_some_and(|certified| certified.year() < year)
    }

    /// Where they stand on a day, as far as it was so by then.
    pub fn standing(&self, on: NaiveDate) -> Standing {
        let year = on.year();
        if self.left_on.is_some_and(|left| left < on) {
            return Standing::Left;
        }
        if self.certified_on().is_none_or(|certified| certified > on) {
            return Standing::InTraining;
        }
        if self.is_asked_in(year) && self.lacking(year, on).is_empty() {
            return Standing::InOrder;
        }
        if self.is_asked_in(year - 1) && !self.lacking(year - 1, on).is_empty() {
            return Standing::Lapsed;
        }
        Standing::Certified
    }

    /// Why they stand there on a day; never empty.
    pub fn reasons(&self, on: NaiveDate) -> Vec<StandingReason> {
        use StandingReason as Why;
        match self.standing(on) {
            Standing::Left => vec![Why::LeftNetwork],
            Standing::InOrder => vec![Why::YearComplete],
            Standing::Certified if !self.is_asked_in(on.year()) => vec![Why::YearOfCertification],
            Standing::InTraining | Standing::Certified => self.needs(on),
            Standing::Lapsed => {
                let of = |kind| match kind {
                    AttendanceKind::ThemedDay => Why::ThemedDayLastYear,
                    _ => Why::FollowUpMeetingLastYear,
                };
                self.lacking(on.year() - 1, on).into_iter().map(of).collect()
            }
        }
    }

    /// What they need to become certified or, once they are, to be in order this year.
    pub fn needs(&self, on: NaiveDate) -> Vec<StandingReason> {
        use StandingReason as Why;
        let standing = self.standing(on);
        if standing == Standing::Left {
            return Vec::new();
        }
        if standing != Standing::InTraining {
            let of = |kind| if kind == AttendanceKind::ThemedDay { Why::ThemedDay } else { Why::FollowUpMeeting };
            let asked = self.is_asked_in(on.year());
            return if asked { self.lacking(on.year(), on).into_iter().map(of).collect() } else { Vec::new() };
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

    /// The next day on which the calendar alone changes where they stand, and to what; none when it never does.
    pub fn next_change(&self, on: NaiveDate) -> Option<(NaiveDate, Standing)> {
        let known = self.until(on);
        let now = known.standing(on);
        let gone = known.left_on.and_then(|left| left.succ_opt()).filter(|day| *day > on);
        // A year asks for nothing, the next one does, and the one after it finds that it was missed: two years say it all.
        let years = (1..=2).filter_map(|after| NaiveDate::from_ymd_opt(on.year() + after, 1, 1));
        let mut days: Vec<NaiveDate> = gone.into_iter().chain(years).collect();
        days.sort_unstable();
        days.into_iter().map(|day| (day, known.standing(day))).find(|(_, then)| *then != now)
    }

    /// What was known by a day. A departure counts from when it is said: it may be on that very day.
    fn until(&self, on: NaiveDate) -> Self {
        let by = |day: Option<NaiveDate>| day.filter(|day| *day <= on);
        Self {
            left_on: self.left_on,
            signed_by_referent_on: by(self.signed_by_referent_on),
            signed_by_structure_on: by(self.signed_by_structure_on),
            signed_by_service_on: by(self.signed_by_service_on),
            attended: self.attended.iter().filter(|(_, day)| *day <= on).copied().collect(),
        }
    }

    /// The day of certification before and after, when one attendance more would move it. It would put obligations into
    /// years that are past: whoever was certified would lapse by having been to more.
    pub fn moves_certification(&self, attendance: Attended) -> Option<(NaiveDate, NaiveDate)> {
        let before = self.certified_on()?;
        let mut more = self.clone();
        more.attended.push(attendance);
        let after = more.certified_on()?;
        (after != before).then_some((before, after))
    }
}
