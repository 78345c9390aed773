//! What the demonstration prints: text for people, or one line of JSON for scripts.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use chrono::Months;
use serde_json::json;

use super::play::Played;
use crate::clock::date_in;
use crate::config::Demo;
use crate::output::say;
use crate::startup::StartupError;

/// What to print.
pub(super) struct Page<'a> {
    pub(super) url: &'a str,
    pub(super) played: &'a Played,
    pub(super) folder: &'a Path,
    pub(super) options: &'a Demo,
    pub(super) took: Duration,
}

impl Page<'_> {
    pub(super) fn print(&self) -> Result<(), StartupError> {
        if self.options.json { say!("{}", self.json()) } else { say!("{}", self.text()) }
    }

    fn json(&self) -> serde_json::Value {
        let setup = &self.played.setup;
        json!({
            "url": self.url,
            "docs_url": format!("{}/docs/", self.url),
            "services": setup.services,
            "users": setup.users,
            "clients": setup.clients,
            "commands": self.commands(),
        })
    }

    fn text(&self) -> String {
        let setup = &self.played.setup;
        let mut text = format!(
            "Passerelle demonstration: the people are invented, the communes are real.\n\n  \
             API        {url}\n  docs       {url}/docs/\n  contract   {url}/openapi.json\n  open data  {url}/open-data\n  data       {folder}{gone}\n  ready in   {took:.1} s\n",
            url = self.url,
            folder = self.folder.display(),
            gone = if self.options.data_dir.is_none() { " (removed at the end)" } else { "" },
            took = self.took.as_secs_f64(),
        );
        text.push_str("\nServices\n");
        for (service, tally) in setup.services.iter().zip(&self.played.tallies) {
            let (interventions, ..) = tally.all_interventions();
            let (referrals, cases) = (tally.referrals, tally.cases.len());
            let (loans, kits) = (tally.loans.all_loans(), tally.loans.kits);
            let counts = format!(
                "{referrals} referrals, {cases} cases, {interventions} interventions, {loans} loans of {kits} kits"
            );
            let (conventions, actions, releases) = (tally.conventions, tally.actions, tally.releases);
            let counts = match conventions {
                0 => counts,
                _ => format!(
                    "{counts}, {conventions} conventions (example rate), {actions} collective actions, {releases} releases"
                ),
            };
            let _ = writeln!(text, "  {}  {}: {counts}", service.id, service.name);
        }
        text.push_str("\nUsers (grant_type=password)\n");
        for user in &setup.users {
            let _ = writeln!(text, "  {:29}  {}  {}", user.email, user.password, user.role);
        }
        text.push_str("\nAPI clients (grant_type=client_credentials)\n");
        for client in &setup.clients {
            let permissions: Vec<String> = client.permissions.iter().map(ToString::to_string).collect();
            let permissions =
                if permissions.len() > 3 { "all client permissions".into() } else { permissions.join(" ") };
            let _ =
                writeln!(text, "  {}  {}\n    {}: {permissions}", client.client_id, client.client_secret, client.name);
        }
        text.push_str("\nSix commands to run in this order, in one shell\n");
        for (command, what) in self.commands().iter().zip(TITLES) {
            let _ = write!(text, "\n# {what}\n{command}\n");
        }
        text.push_str("\nPress Ctrl-C to stop.");
        text
    }

    /// The main job in six commands. They share shell variables, so they must run in this order in one shell.
    fn commands(&self) -> Vec<String> {
        let url = self.url;
        let setup = &self.played.setup;
        let (Some(script), Some(service)) = (setup.clients.last(), setup.services.first()) else {
            return Vec::new();
        };
        let today = date_in(chrono_tz::Europe::Paris, chrono::Utc::now().into());
        let from = today.checked_sub_months(Months::new(12)).and_then(|day| day.succ_opt()).unwrap_or(today);
        let born = today.checked_sub_months(Months::new(31)).unwrap_or(today);
        let (id, secret, service) = (script.client_id, &script.client_secret, service.id);
        let call = |path: &str, more: &str, body: &str| {
            format!(
                "RESPONSE=$(curl -sS {url}{path} -H \"Authorization: Bearer $TOKEN\"{more} \\\n  \
                 -H 'Content-Type: application/json' -d '{body}'); echo \"$RESPONSE\""
            )
        };
        let post = |path: &str, body: &str| call(path, "", body);
        // Written by hand, because serialising an object would sort its members.
        let referral = format!(
            "{{\n  \"service_id\": \"{service}\",\n  \
             \"subject\": \"child\", \"origin\": \"pmi\", \"channel\": \"phone\", \"commune_code\": \"63300\",\n  \
             \"child\": {{\n    \
             \"identity\": {{\"given_name\": \"Zoé\", \"family_name\": \"Exemple\", \"birth_date\": \"{born}\"}},\n    \
             \"contacts\": [{{\"relation\": \"parent\", \"name\": \"Camille Exemple\", \"phone\": \"06 39 98 00 00\"}}]\n  }},\n  \
             \"needs\": [\"find_childcare\"],\n  \
             \"family_agreements\": [{{\"purpose\": \"support\", \"given_by\": \"parent\", \"given_on\": \"{today}\"}}]\n}}"
        );
        let interview = format!(
            "{{\n  \"type\": \"family_interview\", \"held_on\": \"{today}\", \"minutes\": 60, \"travel_minutes\": 40,\n  \
             \"place\": \"family_home\", \"participants\": [{{\"kind\": \"parent\", \"number\": 2}}]\n}}"
        );
        vec![
            format!(
                "TOKEN=$(curl -sS {url}/oauth/token -d grant_type=client_credentials -d client_id={id} \\\n  \
                 -d client_secret={secret} | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/'); echo \"$TOKEN\""
            ),
            format!(
                "{}\nREFERRAL=$(echo \"$RESPONSE\" | sed 's/.*\"referral\":{{\"id\":\"\\([^\"]*\\)\".*/\\1/')",
                post("/v1/referrals", &referral)
            ),
            format!(
                "{}\nCASE=$(echo \"$RESPONSE\" | sed 's/.*\"case_id\":\"\\([^\"]*\\)\".*/\\1/')",
                call("/v1/referrals/$REFERRAL/accept", " -H 'If-Match: \"1\"'", "{}")
            ),
            post("/v1/cases/$CASE/interventions", &interview),
            format!(
                "curl -sS \"{url}/v1/services/{service}/activity?from={from}&to={today}\" -H \"Authorization: Bearer $TOKEN\"; echo"
            ),
            format!(
                "curl -sS \"{url}/v1/services/{service}/indicators/children_accompanied/values?period=school_year&from={from}&to={today}\" \\\n  \
                 -H \"Authorization: Bearer $TOKEN\" -H 'Accept: text/csv'"
            ),
        ]
    }
}

const TITLES: [&str; 6] = [
    "1. Get a token, valid for ten minutes",
    "2. Record a referral",
    "3. Accept it, which opens a case",
    "4. Record the first interview",
    "5. Read the activity of the last twelve months",
    "6. Read an indicator by school year, as a spreadsheet",
];
