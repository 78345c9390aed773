//! What a story is made of: plain data, no database, no identifier.
//!
//! Everything refers to everything else by rank, so that two tellings can be compared with `==`.

use chrono::NaiveDate;

use super::lending::Lending;

/// The history of the demonstration's pôles, up to today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub today: NaiveDate,
    /// The pôles: 0–6, then 0–17.
    pub poles: Vec<Pole>,
    /// What happens, in order.
    pub events: Vec<Event>,
}

/// A pôle, whom it knows and who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pole {
    /// Name.
    pub name: &'static str,
    /// First birthday outside its age range.
    pub upper_birthday: i32,
    /// Kinds of childcare.
    pub groups: Vec<String>,
    /// First day.
    pub opened_on: NaiveDate,
    /// Positions: what they are, and percents of a full-time equivalent.
    pub positions: Vec<(String, i32)>,
    /// Its directory.
    pub places: Vec<Place>,
    /// The families that ask.
    pub families: Vec<Family>,
    /// Their children.
    pub children: Vec<Child>,
    /// What they ask.
    pub requests: Vec<Request>,
    /// What it lends.
    pub lending: Lending,
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
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
    /// Telephone: of the numbers that Arcep keeps for fiction.
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
    pub given: Option<&'static str>,
    /// Birth date, or the expected one without a given name.
    pub born: NaiveDate,
}

/// Whom a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A child.
    Child(usize),
    /// A structure.
    Place(usize),
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Whom it is about.
    pub about: About,
    /// Who refers.
    pub origin: &'static str,
    /// Which organisation refers.
    pub origin_place: Option<usize>,
    /// How it arrives.
    pub channel: &'static str,
    /// When.
    pub received_on: NaiveDate,
    /// How pressing it is.
    pub urgency: &'static str,
    /// What is asked for.
    pub needs: Vec<&'static str>,
    /// The child's main need.
    pub domain: Option<&'static str>,
    /// Where the recognition stands.
    pub recognition: Option<&'static str>,
    /// The present childcare and where it is.
    pub childcare: Option<(&'static str, Option<usize>)>,
    /// Whether it is about school time.
    pub school_time: bool,
    /// What the family agreed to when asking.
    pub agreements: Vec<&'static str>,
    /// What was written down.
    pub words: Option<&'static str>,
}

/// Something that happens to a request, or to the case that it led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub on: NaiveDate,
    /// In which pôle.
    pub pole: usize,
    /// To which of its requests.
    pub request: usize,
    /// By whom.
    pub by: Hand,
    /// What.
    pub deed: EventKind,
}

/// Who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// The coordinator of the pôle.
    Coordinator,
    /// The psychologist of the first pôle.
    Psychologist,
    /// The form of the web site.
    SiteForm,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The request is recorded.
    Record,
    /// It is understood.
    Qualify,
    /// The family agrees to something.
    Agree(&'static str),
    /// It is accepted, a rule set aside if need be.
    Accept(Option<(&'static str, &'static str)>),
    /// It waits.
    Wait,
    /// It is declined, for a reason.
    Decline(&'static str),
    /// It goes to a partner.
    Redirect(usize),
    /// The family no longer asks.
    Withdraw,
    /// It is taken up again.
    Reopen,
    /// A step of the case.
    Step(&'static str),
    /// A piece of work on the case.
    Work(Piece),
    /// The child has a place.
    Settle {
        /// Where.
        place: usize,
        /// Kind of childcare.
        childcare: &'static str,
    },
    /// The case ends.
    Close(&'static str),
}

impl EventKind {
    /// The operation that the API has for it.
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
            Self::Work(_) => "POST /v1/cases/{id}/interventions",
            Self::Settle { .. } => "POST /v1/cases/{id}/placements",
            Self::Close(_) => "POST /v1/cases/{id}/close",
        }
    }
}

/// A piece of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: &'static str,
    /// The day it was held.
    pub held_on: NaiveDate,
    /// How long.
    pub minutes: i32,
    /// Travel.
    pub travel: i32,
    /// Where.
    pub at: &'static str,
    /// With whom.
    pub with: Vec<(&'static str, i32)>,
    /// The structure concerned.
    pub place: Option<usize>,
    /// Whether on school time.
    pub on_school_time: bool,
    /// The next action.
    pub next_on: Option<NaiveDate>,
}
