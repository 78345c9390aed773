//! The story: plain data, without database or identifiers.
//!
//! Entities refer to each other by rank (position in their list), so that two stories can be compared with `==`.

use chrono::NaiveDate;

use super::borrowings::Lending;

/// The history of the demonstration's pôles, up to today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub today: NaiveDate,
    /// The two pôles: ages 0-6, then ages 0-17.
    pub poles: Vec<Pole>,
    /// The events, in order.
    pub events: Vec<Event>,
}

/// A pôle with its directory, families, requests and lending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pole {
    /// Name.
    pub name: &'static str,
    /// First birthday excluded from its age range.
    pub upper_birthday: i32,
    /// Codes of its childcare groups.
    pub groups: Vec<String>,
    /// The day on which it opened.
    pub opened_on: NaiveDate,
    /// Staff positions: title, and percent of a full-time equivalent.
    pub positions: Vec<(String, i32)>,
    /// Its directory.
    pub organisations: Vec<Organisation>,
    /// The families known to it.
    pub families: Vec<Family>,
    /// Their children.
    pub children: Vec<Child>,
    /// The requests for help.
    pub requests: Vec<Request>,
    /// Its kits and borrowings.
    pub lending: Lending,
}

/// An organisation of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Kind.
    pub kind: &'static str,
    /// Name.
    pub name: String,
    /// INSEE code of its commune.
    pub commune: &'static str,
}

/// A family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// Family name.
    pub name: String,
    /// INSEE code of its commune.
    pub commune: &'static str,
    /// Postal address.
    pub address: String,
    /// A parent.
    pub parent: String,
    /// Telephone number, from the range that Arcep reserves for fiction.
    pub phone: String,
    /// E-mail address, if known.
    pub email: Option<String>,
}

/// A child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// Its family.
    pub family: usize,
    /// Given name; none before birth.
    pub given_name: Option<&'static str>,
    /// Date of birth; the expected date if there is no given name.
    pub born: NaiveDate,
}

/// The child or structure that a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A child.
    Child(usize),
    /// A structure.
    Structure(usize),
}

/// A request for help: a referral.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The child or structure that it is about.
    pub about: About,
    /// Code of the origin.
    pub origin: &'static str,
    /// The organisation that refers, if any.
    pub origin_organisation: Option<usize>,
    /// Code of the channel.
    pub channel: &'static str,
    /// Day on which it arrives.
    pub received_on: NaiveDate,
    /// Code of the urgency.
    pub urgency: &'static str,
    /// Codes of the needs.
    pub needs: Vec<&'static str>,
    /// Code of the child's main domain of need.
    pub need_domain: Option<&'static str>,
    /// Code of the recognition status.
    pub recognition: Option<&'static str>,
    /// Code of the current childcare, and its organisation.
    pub childcare: Option<(&'static str, Option<usize>)>,
    /// Whether it is about school time.
    pub school_time: bool,
    /// Purposes to which the family agreed when it made the request.
    pub agreements: Vec<&'static str>,
    /// Free text of the referral.
    pub description: Option<&'static str>,
}

/// An event of a request, or of the case that it led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its day.
    pub on: NaiveDate,
    /// Rank of the pôle.
    pub pole: usize,
    /// Rank of the request in the pôle.
    pub request: usize,
    /// The author.
    pub by: Author,
    /// What happens.
    pub kind: EventKind,
}

/// The author of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// The coordinator of the pôle.
    Coordinator,
    /// The psychologist of the first pôle.
    Psychologist,
    /// The form of the web site.
    SiteForm,
}

/// What happens in an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The request is recorded.
    Record,
    /// It is qualified.
    Qualify,
    /// The family agrees to a purpose.
    Agree(&'static str),
    /// It is accepted; with the code of an overridden rule and the reason, if any.
    Accept(Option<(&'static str, &'static str)>),
    /// It goes on the waiting list.
    Wait,
    /// It is declined, for this reason.
    Decline(&'static str),
    /// It is redirected to this partner organisation.
    Redirect(usize),
    /// The family withdraws it.
    Withdraw,
    /// It is reopened.
    Reopen,
    /// The case reaches a step.
    Step(&'static str),
    /// An intervention takes place.
    Intervene(Intervention),
    /// The child's childcare placement starts.
    StartPlacement {
        /// The organisation.
        organisation: usize,
        /// Kind of childcare.
        childcare: &'static str,
    },
    /// The case is closed with this outcome.
    Close(&'static str),
}

impl EventKind {
    /// The operation of the API for this event.
    pub(super) fn operation(&self) -> &'static str {
        match self {
            Self::Record => "POST /v1/referrals",
            Self::Qualify => "POST /v1/referrals/{id}/qualify",
            Self::Agree(_) => "POST /v1/referrals/{id}/agreements",
            Self::Accept(_) => "POST /v1/referrals/{id}/accept",
            Self::Wait => "POST /v1/referrals/{id}/waiting-list",
            Self::Decline(_) => "POST /v1/referrals/{id}/decline",
            Self::Redirect(_) => "POST /v1/referrals/{id}/redirect",
            Self::Withdraw => "POST /v1/referrals/{id}/withdraw",
            Self::Reopen => "POST /v1/referrals/{id}/reopen",
            Self::Step(_) => "POST /v1/cases/{id}/steps",
            Self::Intervene(_) => "POST /v1/cases/{id}/interventions",
            Self::StartPlacement { .. } => "POST /v1/cases/{id}/placements",
            Self::Close(_) => "POST /v1/cases/{id}/close",
        }
    }
}

/// An intervention on a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intervention {
    /// Code of its type.
    pub kind: &'static str,
    /// The day on which it was held.
    pub held_on: NaiveDate,
    /// Duration.
    pub minutes: i32,
    /// Travel time.
    pub travel_minutes: i32,
    /// Code of the place.
    pub place: &'static str,
    /// Participants: kind and number.
    pub participants: Vec<(&'static str, i32)>,
    /// The organisation concerned, if any.
    pub organisation: Option<usize>,
    /// Whether it was on school time.
    pub on_school_time: bool,
    /// The date of the next action.
    pub next_action_on: Option<NaiveDate>,
}
