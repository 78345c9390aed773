//! The main job, end to end, with the real program on each database: the referral of a script is accepted, leads to
//! first interviews and an effective placement, and is counted.

use chrono::{Days, NaiveDate, Utc};
use serde_json::{Value, json};

use crate::harness::process::{Server, program};
use crate::harness::{Database, PASSWORD};

/// The accounts of the main job: the script, and the coordinator who decides.
pub struct Accounts {
    pub service: String,
    pub script: String,
    pub coordinator: String,
}

pub fn accounts(server: &mut Server) -> Accounts {
    let account = |token: &str, email: &str| json!({"token": token, "email": email, "display_name": "Quelqu'un", "password": PASSWORD});
    let sign_in = |server: &Server, email: &str| {
        server.token(&[("grant_type", "password"), ("username", email), ("password", PASSWORD)])
    };
    let invitation = server.invitation();
    server.post("/v1/invitations/accept", "", &account(&invitation, "admin@example.org"));
    let administrator = sign_in(server, "admin@example.org");
    let new = json!({
        "name": "PRPE 63", "time_zone": "Europe/Paris", "departements": ["63"], "age_lower_birthday": 0,
        "age_upper_birthday": 7, "childcare_groups": ["eaje", "individual"], "opened_on": "2021-01-04"
    });
    let service = server.post("/v1/services", &administrator, &new)["id"].as_str().unwrap().to_owned();
    let position = json!({"title": "Coordinatrice", "fte_percent": 100, "starts_on": "2021-01-04", "counted": true});
    server.post(&format!("/v1/services/{service}/positions"), &administrator, &position);
    let invited =
        server.post("/v1/invitations", &administrator, &json!({"service_id": service, "role": "coordinator"}));
    server.post("/v1/invitations/accept", "", &account(invited["token"].as_str().unwrap(), "coordo@example.org"));
    let client = json!({"name": "Formulaire du site", "service_ids": [service], "permissions": ["referrals:write"]});
    let client = server.post("/v1/clients", &administrator, &client);
    let script = server.token(&[
        ("grant_type", "client_credentials"),
        ("client_id", client["id"].as_str().unwrap()),
        ("client_secret", client["client_secret"].as_str().unwrap()),
    ]);
    Accounts { service, script, coordinator: sign_in(server, "coordo@example.org") }
}

fn act(server: &Server, path: &str, token: &str, body: &Value) -> Value {
    let authorization = format!("Bearer {token}");
    let headers = [("Content-Type", "application/json"), ("Authorization", authorization.as_str()), ("If-Match", "*")];
    let (status, response) = server.call("POST", path, &headers, &body.to_string());
    assert_eq!(status, 200, "POST {path}: {response:#}");
    response
}

for_both_engines! {
    fn a_referral_leads_to_a_placement_and_is_counted(engine: Engine) {
        let (data, database) = (tempfile::tempdir().unwrap(), Database::empty(engine));
        let key = String::from_utf8(program(&["keygen"]).output().unwrap().stdout).unwrap();
        let settings = [("DATABASE_URL", database.address()), ("PASSERELLE_MASTER_KEY", key.trim().to_owned())];
        let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut server = Server::start_with(&data, &settings);
        let Accounts { service, script, coordinator } = accounts(&mut server);

        // A week ago in any time zone, so that no step is in the future.
        let day = |ago: u64| -> NaiveDate { Utc::now().date_naive() - Days::new(ago) };
        let referral = json!({
            "service_id": service, "subject": "child", "origin": "family", "channel": "web_form", "received_on": day(9),
            "commune_code": "63300", "needs": ["find_childcare"], "external_id": "form-1",
            "child": {"identity": {"given_name": "Zoé", "family_name": "Exemple", "birth_date": day(800)}}
        });
        let recorded = server.post("/v1/referrals", &script, &referral);
        let id = recorded["referral"]["id"].as_str().unwrap();
        let accepted = act(&server, &format!("/v1/referrals/{id}/accept"), &coordinator, &json!({"decided_on": day(8)}));
        let case = accepted["case_id"].as_str().unwrap();

        for (kind, ago, place) in [("family_interview", 7, "family_home"), ("on_site_observation", 6, "childcare_setting")] {
            let interview = json!({
                "type": kind, "held_on": day(ago), "minutes": 60, "travel_minutes": 30, "place": place,
                "participants": [{"kind": "parent", "number": 1}]
            });
            server.post(&format!("/v1/cases/{case}/interventions"), &coordinator, &interview);
        }
        let nursery = json!({"service_id": service, "kind": "eaje", "name": "Les Lutins", "commune_code": "63300"});
        let nursery = server.post("/v1/organisations", &coordinator, &nursery);
        let place = json!({"organisation_id": nursery["id"], "childcare_type": "creche", "starts_on": day(5)});
        server.post(&format!("/v1/cases/{case}/placements"), &coordinator, &place);

        let path = format!("/v1/services/{service}/activity?from={}&to={}", day(30), day(1));
        let figures = server.get(&path, &coordinator);
        assert_eq!(figures["accompanied"], json!({"children": 1, "households": 1, "structures": 0}));
        assert_eq!(figures["referrals"]["received"], 1);
        assert_eq!(figures["interventions"]["minutes"], 120);
        assert_eq!(figures["interventions"]["travel_minutes"], 60);
        assert_eq!(figures["placements"], json!({"started": 1, "children": 1}));
        assert_eq!(figures["active_file"]["counted_fte_hundredths"], 100);
        server.signal("-TERM");
        assert_eq!(server.end().0, Some(0), "it must end cleanly on SIGTERM");
    }
}
