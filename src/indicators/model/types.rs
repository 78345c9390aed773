//! What the registry says of an indicator. No I/O.

use crate::db::text_enum;

text_enum! {
    /// Class of a figure for disclosure control.
    pub enum IndicatorClass {
        /// Service fact: no person who receives help is behind it. Exact, at any frequency.
        ServiceFact = "S",
        /// Service total about persons: the whole service, without a breakdown. Exact for a year that is over.
        ServiceTotal = "T",
        /// About persons: a breakdown, a delay, an outcome, or a total that is not of class T. Published only in a release,
        /// protected.
        Breakdown = "B",
    }
}

text_enum! {
    /// What an indicator is about.
    pub enum IndicatorSubject {
        /// Cases, and the children, households and structures accompanied.
        Accompaniment = "accompaniment",
        /// Referrals.
        Referrals = "referrals",
        /// Interventions.
        Interventions = "interventions",
        /// Appointments.
        Appointments = "appointments",
        /// Effective childcare places.
        Placements = "placements",
        /// Collective actions.
        Actions = "actions",
        /// Loans of kits.
        Lending = "lending",
        /// Conventions.
        Conventions = "conventions",
        /// The network of referents.
        Referents = "referents",
    }
}

text_enum! {
    /// Form of the values of an indicator.
    pub enum IndicatorValueType {
        /// A whole number.
        Count = "count",
        /// Minutes.
        Minutes = "minutes",
        /// Cents of euros.
        Cents = "euro_cents",
        /// A percentage with two decimals: the numerator divided by the denominator.
        Percent = "percent",
        /// A quotient with two decimals.
        Ratio = "ratio",
        /// The median of numbers of days; with an even number of them, the mean of the two in the middle.
        MedianDays = "median_days",
        /// 1 for yes, 0 for no.
        YesNo = "yes_no",
    }
}

text_enum! {
    /// How a change of a value reads.
    pub enum IndicatorDirection {
        /// A higher value is better.
        More = "more_is_better",
        /// A lower value is better.
        Less = "less_is_better",
        /// Neither.
        Neutral = "neutral",
    }
}

text_enum! {
    /// Where the definition of an indicator comes from.
    pub enum IndicatorSource {
        /// The specification of the *pôles ressources handicap* by the Cnaf.
        Cnaf = "cnaf",
        /// The service project of the Pôle Ressources Petite Enfance of the Puy-de-Dôme.
        Prpe = "prpe",
        /// A workshop report of an ARS on medico-social services.
        Ars = "ars",
        /// A choice of this program.
        Choice = "choice",
    }
}

text_enum! {
    /// What the values of an indicator can be split by.
    pub enum IndicatorDimension {
        /// The commune, by its INSEE code.
        Commune = "commune",
        /// The EPCI of the commune on the current map, by its SIREN; `none` without one.
        Epci = "epci",
        /// The origin of the referral.
        Origin = "origin",
        /// The group of origins.
        OriginGroup = "origin_group",
        /// The state of the referral when the figure is read.
        ReferralStatus = "referral_status",
        /// The reason of the decision.
        DecisionReason = "decision_reason",
        /// The outcome of the case.
        Outcome = "outcome",
        /// The mode of the intervention.
        InterventionMode = "intervention_mode",
        /// The type of intervention.
        InterventionType = "intervention_type",
        /// The type of participant.
        ParticipantType = "participant_type",
        /// The state of the appointment when the figure is read.
        AppointmentStatus = "appointment_status",
        /// The group of childcare.
        ChildcareGroup = "childcare_group",
        /// The kind of collective action.
        ActionType = "action_type",
        /// The complementary service of the kind of action; `none` for the other kinds.
        ComplementaryService = "complementary_service",
        /// The reason of the cancellation.
        CancellationReason = "cancellation_reason",
        /// The kit.
        Kit = "kit",
        /// The kind of borrower.
        BorrowerKind = "borrower_kind",
        /// The reason of the departure.
        DepartureReason = "departure_reason",
    }
}

/// A text in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// In French.
    pub fr: &'static str,
    /// In English.
    pub en: &'static str,
}

/// A text in both languages.
pub const fn said(fr: &'static str, en: &'static str) -> Said {
    Said { fr, en }
}

/// A dimension that an indicator can be split by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// The dimension.
    pub dimension: IndicatorDimension,
    /// The class of the values by this dimension.
    pub class: IndicatorClass,
    /// Whether the values of the parts add up to the value of the whole.
    pub adds_up: bool,
    /// What the parts are, where the dimension does not say it.
    pub formula: Option<Said>,
}

/// What facts an indicator is computed from: the rows of a table, each with its day or its days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facts {
    /// Days on which a child has an open case.
    Children,
    /// Days on which a household has a child with an open case.
    Households,
    /// Days on which a structure has an open case of its own.
    Structures,
    /// Cases opened.
    Openings,
    /// Cases closed.
    Closings,
    /// Nights between which a case is open.
    OpenCases,
    /// Days from the first referral to the opening of a case.
    DelaysToOpening,
    /// Referrals received.
    Received,
    /// Referrals received that are accepted now.
    Accepted,
    /// Referrals received that are declined now.
    Declined,
    /// Referrals received with a decision, of which those accepted.
    Decided,
    /// Days from receipt to the first decision.
    DelaysToDecision,
    /// Nights that a referral spends in the waiting list.
    Waiting,
    /// Interventions.
    Interventions,
    /// Minutes of interventions.
    InterventionMinutes,
    /// Minutes of travel of interventions.
    TravelMinutes,
    /// Minutes of interventions, of which those of indirect work.
    IndirectMinutes,
    /// Attendances at interventions.
    Attendances,
    /// Appointments.
    Appointments,
    /// Appointments missed without notice.
    MissedWithoutNotice,
    /// Appointments held or missed, of which those missed.
    Missed,
    /// Effective placements started.
    Placements,
    /// Children of the effective placements started.
    PlacedChildren,
    /// Effective placements started, of which those without an end within six months.
    Kept,
    /// Actions held.
    Actions,
    /// Participants of actions held.
    ActionParticipants,
    /// Minutes of actions held.
    ActionMinutes,
    /// Minutes of preparation of actions held.
    PreparationMinutes,
    /// Minutes of travel of actions held.
    ActionTravelMinutes,
    /// Actions cancelled.
    Cancelled,
    /// Seats whose attendance is recorded, of which those used.
    Seats,
    /// Loans handed out.
    Loans,
    /// Nights on loan.
    NightsOut,
    /// Loans returned late.
    LateReturns,
    /// Requests declined because no copy was free.
    Refusals,
    /// Waits that ended without a copy.
    WaitsWithoutCopy,
    /// Days on which a convention is in effect.
    InEffect,
    /// Contributions due for a year.
    Due,
    /// Contributions received for a year.
    Paid,
    /// Referents appointed.
    Appointed,
    /// Referents who left.
    Left,
    /// Nights between which a referent is in the network.
    InNetwork,
}

/// How the value of a period is computed from facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The sum of the amounts of the days of the period.
    Sum(Facts),
    /// The nights between the first and the last day that are in the period, until today for what lasts.
    Nights(Facts),
    /// The distinct things that have a day in the period.
    Distinct(Facts),
    /// The distinct things on the last day of the period, or today if it is not over.
    OnLastDay(Facts),
    /// The distinct things on the day before the period.
    OnEve(Facts),
    /// The sum of the parts divided by the sum of the wholes, in percent.
    Share(Facts),
    /// The median of the amounts of the days of the period.
    Median(Facts),
    /// The amounts of the calendar years of which the period is made.
    Yearly(Facts),
    /// The full-time equivalents of the counted positions.
    CountedFte,
    /// Children accompanied per full-time equivalent.
    ChildrenPerFte,
    /// Whether the recommendation of the Cnaf is met.
    Recommendation,
    /// Loans divided by the copies in service today.
    LoansPerCopy,
    /// Departures from the network in percent of the average of its size at the start and at the end.
    Turnover,
}

/// A version of an indicator.
#[derive(Clone, Copy, Debug)]
pub struct Indicator {
    /// Its code, which never changes.
    pub code: &'static str,
    /// Its version: the version of the definitions in which what it counts last changed.
    pub version: &'static str,
    /// What it is about.
    pub subject: IndicatorSubject,
    /// Its class, without a split.
    pub class: IndicatorClass,
    /// Why it is of this class.
    pub class_reason: Said,
    /// Its name.
    pub name: Said,
    /// What it counts.
    pub formula: Said,
    /// The day that decides to which period something belongs.
    pub decided_by: Said,
    /// Unit of the values.
    pub unit: Said,
    /// Form of the values.
    pub value_type: IndicatorValueType,
    /// What is divided, of a quotient.
    pub numerator: Option<Said>,
    /// By what it is divided.
    pub denominator: Option<Said>,
    /// How a change reads.
    pub direction: IndicatorDirection,
    /// What it can be split by.
    pub splits: &'static [Split],
    /// Whether the values of consecutive periods add up to the value of the whole.
    pub adds_up_over_periods: bool,
    /// Whether the values of territories that share no commune add up.
    pub adds_up_over_territories: bool,
    /// Days after the end of a period before its value is known.
    pub maturity_days: u32,
    /// Where the definition comes from.
    pub source: IndicatorSource,
    /// The population of the releases that it is the live figure of, if there is one.
    pub population: Option<&'static str>,
    /// First day on which this version is in force.
    pub valid_from: &'static str,
    /// Last day on which it was in force; none for the version in force.
    pub valid_until: Option<&'static str>,
    /// How it is computed; none for a version that is not in force any more.
    pub measure: Option<Measure>,
}

impl Indicator {
    /// The split by a dimension, if there is one.
    pub fn split(&self, dimension: IndicatorDimension) -> Option<&'static Split> {
        self.splits.iter().find(|split| split.dimension == dimension)
    }
}
