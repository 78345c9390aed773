//! The registry of indicators, and their live values: they equal the figures of the reports, over whole periods.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::cases::{case_of, child, coordinator, nursery, refer};
use crate::demo::played;
use crate::harness::Caller;
use passerelle::auth::{Permission, Role, partner_permissions};
use passerelle::db::Id;

/// The table of the page, from the registry.
fn table() -> String {
    let head = "| code | name | class | source | splits | adds up |\n|---|---|---|---|---|---|\n".to_owned();
    passerelle::indicators::model::all().filter(|one| one.valid_until.is_none()).fold(head, |text, one| {
        let splits: Vec<String> =
            one.splits.iter().map(|split| format!("`{}` {}", split.dimension, split.class)).collect();
        let adds_up = if one.adds_up_over_periods { "yes" } else { "no" };
        let (name, version) = (one.name.en, one.version);
        let row = format!(
            "| `{}` {version} | {name} | {} | {} | {} | {adds_up} |\n",
            one.code,
            one.class,
            one.source,
            splits.join(", ")
        );
        text + &row
    })
}

#[test]
fn the_page_has_the_indicators_of_the_registry() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/indicators.md");
    let page = std::fs::read_to_string(file).unwrap();
    let (before, rest) = page.split_once("<!-- indicators -->\n").unwrap();
    let (shown, after) = rest.split_once("<!-- end -->").unwrap();
    if std::env::var_os("WRITE_INDICATORS").is_some() {
        std::fs::write(file, format!("{before}<!-- indicators -->\n{}<!-- end -->{after}", table())).unwrap();
        return;
    }
    assert_eq!(shown, table(), "WRITE_INDICATORS=1 writes the table");
}

/// The live values of an indicator: all rows.
async fn values(caller: &Caller, service: Id, code: &str, query: &str) -> Vec<Value> {
    let path = format!("/v1/services/{service}/indicators/{code}/values?limit=500&{query}");
    let page = caller.get(path.trim_end_matches('&')).await.expect(200);
    assert!(page["page"]["next_cursor"].is_null(), "{path}: more than a page");
    page.rows().to_vec()
}

/// The only value of a range.
async fn value(caller: &Caller, service: Id, code: &str, from: &str, to: &str) -> Value {
    let rows = values(caller, service, code, &format!("from={from}&to={to}")).await;
    assert_eq!(rows.len(), 1, "{code}");
    rows[0].clone()
}

/// The values of the parts of a split over a range.
async fn parts(caller: &Caller, service: Id, code: &str, split: &str, range: &str) -> BTreeMap<String, i64> {
    let rows = values(caller, service, code, &format!("{range}&split={split}")).await;
    let part = |row: &Value| (row["category"].as_str().unwrap().to_owned(), row["value"].as_i64().unwrap());
    rows.iter().map(part).collect()
}

/// The parts of a report: a code and a number in each row. What counts zero is left out of values.
fn reported(rows: &Value, code: &str, number: &str) -> BTreeMap<String, i64> {
    let part = |row: &Value| (row[code].as_str().unwrap().to_owned(), row[number].as_i64().unwrap());
    rows.as_array().unwrap().iter().map(part).filter(|(_, number)| *number != 0).collect()
}

/// Each figure of a report and the indicator that it is.
const ACTIVITY: &[(&str, &str)] = &[
    ("/accompanied/children", "children_accompanied"),
    ("/accompanied/households", "households_accompanied"),
    ("/accompanied/structures", "structures_accompanied"),
    ("/referrals/received", "referrals_received"),
    ("/interventions/number", "interventions_held"),
    ("/interventions/minutes", "intervention_minutes"),
    ("/interventions/travel_minutes", "intervention_travel_minutes"),
    ("/appointments/number", "appointments"),
    ("/appointments/missed_without_excuse", "appointments_missed_without_notice"),
    ("/placements/started", "placements_started"),
    ("/placements/children", "children_placed"),
    ("/active_file/children", "children_accompanied"),
    ("/active_file/counted_fte_hundredths", "counted_fte"),
    ("/active_file/children_per_fte", "children_per_fte"),
];

const ACTIVITY_PARTS: &[(&str, &str, &str, &str, &str)] = &[
    ("/referrals/by_origin", "origin", "number", "referrals_received", "origin"),
    ("/referrals/by_origin_group", "group", "number", "referrals_received", "origin_group"),
    ("/referrals/by_status", "status", "number", "referrals_received", "referral_status"),
    ("/referrals/by_decline_reason", "reason", "number", "referrals_declined", "decision_reason"),
    ("/interventions/by_mode", "mode", "number", "interventions_held", "intervention_mode"),
    ("/interventions/by_mode", "mode", "minutes", "intervention_minutes", "intervention_mode"),
    ("/interventions/by_type", "type", "number", "interventions_held", "intervention_type"),
    ("/interventions/by_type", "type", "travel_minutes", "intervention_travel_minutes", "intervention_type"),
    ("/interventions/participants", "kind", "number", "intervention_attendances", "participant_type"),
    ("/appointments/by_status", "status", "number", "appointments", "appointment_status"),
];

const ACTIONS: &[(&str, &str)] = &[
    ("/held", "actions_held"),
    ("/participants", "action_participants"),
    ("/duration_minutes", "action_minutes"),
    ("/preparation_minutes", "action_preparation_minutes"),
    ("/travel_minutes", "action_travel_minutes"),
    ("/cancelled", "actions_cancelled"),
];

const ACTION_PARTS: &[(&str, &str, &str, &str, &str)] = &[
    ("/by_kind", "kind", "held", "actions_held", "action_type"),
    ("/by_kind", "kind", "participants", "action_participants", "action_type"),
    ("/by_kind", "kind", "duration_minutes", "action_minutes", "action_type"),
    ("/by_commune", "commune_code", "held", "actions_held", "commune"),
    ("/by_participant_type", "participant_type", "number", "action_participants", "participant_type"),
    ("/by_cancellation_reason", "reason", "number", "actions_cancelled", "cancellation_reason"),
];

const KITS: &[(&str, &str)] = &[
    ("/loans", "kit_loans"),
    ("/days_out", "kit_nights_on_loan"),
    ("/late_returns", "kit_late_returns"),
    ("/refusals", "kit_refusals"),
    ("/waits_without_copy", "kit_waits_without_copy"),
];

const KIT_PARTS: &[(&str, &str, &str, &str, &str)] = &[
    ("/by_kit", "kit_id", "loans", "kit_loans", "kit"),
    ("/by_kit", "kit_id", "days_out", "kit_nights_on_loan", "kit"),
    ("/by_kit", "kit_id", "refusals", "kit_refusals", "kit"),
    ("/by_borrower_kind", "borrower_kind", "loans", "kit_loans", "borrower_kind"),
    ("/by_commune", "commune_code", "loans", "kit_loans", "commune"),
];

const REFERENTS: &[(&str, &str)] = &[
    ("/at_start", "referents_at_start"),
    ("/appointed", "referents_appointed"),
    ("/left", "referents_left"),
    ("/at_end", "referents_at_end"),
    ("/turnover_percent", "referent_turnover"),
];

type Parts = &'static [(&'static str, &'static str, &'static str, &'static str, &'static str)];

/// Compares the figures of a report with the values of the same range. Returns how many were not zero.
async fn compare(
    caller: &Caller,
    service: Id,
    report: &str,
    range: (&str, &str),
    figures: &[(&str, &str)],
    splits: Parts,
) -> usize {
    let (from, to) = range;
    let report = caller.get(&format!("/v1/services/{service}/{report}?from={from}&to={to}")).await.expect(200);
    let mut counted = 0;
    for (pointer, code) in figures {
        let (figure, row) = (report.json.pointer(pointer).unwrap(), value(caller, service, code, from, to).await);
        assert_eq!(figure.as_f64(), row["value"].as_f64(), "{pointer} {code} {from} {to}");
        assert_eq!(row["missing"].is_null(), row["value"].is_number(), "{code}");
        counted += usize::from(figure.as_f64().is_some_and(|figure| figure > 0.0));
    }
    for (pointer, of, number, code, split) in splits {
        let figure = reported(report.json.pointer(pointer).unwrap(), of, number);
        let range = format!("from={from}&to={to}");
        assert_eq!(figure, parts(caller, service, code, split, &range).await, "{pointer} {code} {from} {to}");
        counted += usize::from(!figure.is_empty());
    }
    counted
}

on_both_databases! {
    async fn values_equal_the_figures_of_the_reports(app: TestApp) {
        let played = played(&app, 7);
        let service = played.setup.services[0].id;
        let manager = app.user(service, Role::Manager).await;
        for range in [("2025-01-01", "2025-12-31"), ("2025-03-01", "2025-08-31"), ("2024-02-20", "2026-03-02")] {
            let counted = [
                compare(&manager, service, "activity", range, ACTIVITY, ACTIVITY_PARTS).await,
                compare(&manager, service, "action-figures", range, ACTIONS, ACTION_PARTS).await,
                compare(&manager, service, "kit-figures", range, KITS, KIT_PARTS).await,
            ];
            assert!(counted[0] > 15 && counted[2] > 6, "{range:?}: almost nothing was compared: {counted:?}");
            compare(&manager, service, "referent-figures", range, REFERENTS, &[]).await;
        }
        for year in [2025, 2026] {
            let figures = manager.get(&format!("/v1/services/{service}/convention-figures?year={year}")).await.expect(200);
            let (from, to) = (format!("{year}-01-01"), format!("{year}-12-31"));
            for (figure, code) in [
                ("conventions", "conventions_in_effect"), ("contributions_cents", "contributions_due"),
                ("received_cents", "contributions_received"),
            ] {
                assert_eq!(figures[figure], value(&manager, service, code, &from, &to).await["value"], "{figure} {year}");
            }
            assert!(year == 2025 || figures["contributions_cents"].as_i64().unwrap() > 0, "no contribution");
        }
    }

    async fn additive_values_add_up_to_the_year_and_others_are_marked(app: TestApp) {
        let played = played(&app, 7);
        let service = played.setup.services[0].id;
        let manager = app.user(service, Role::Manager).await;
        let listed = manager.get("/v1/indicators?limit=500").await.expect(200);
        let (mut added, mut more) = (0, BTreeSet::new());
        for indicator in listed.rows() {
            let code = indicator["code"].as_str().unwrap();
            let year = value(&manager, service, code, "2025-01-01", "2025-12-31").await;
            assert_eq!(year["adds_up_over_periods"], indicator["adds_up_over_periods"], "{code}");
            assert_eq!((&year["version"], &year["class"], &year["live"]), (&indicator["version"], &indicator["class"], &json!(true)));
            if indicator["value_type"] == "euro_cents" {
                continue;
            }
            let quarters = values(&manager, service, code, "from=2025-01-01&to=2025-12-31&period=quarter").await;
            assert_eq!(quarters.len(), 4, "{code}");
            let sum: f64 = quarters.iter().filter_map(|row| row["value"].as_f64()).sum();
            let whole = year["value"].as_f64().unwrap_or(0.0);
            if indicator["adds_up_over_periods"] == true {
                assert!((sum - whole).abs() < 1e-9, "{code}: {sum} is not {whole}");
                added += usize::from(whole > 0.0);
            } else if sum > whole {
                more.insert(code.to_owned());
            }
            for split in indicator["splits"].as_array().unwrap() {
                let by = split["dimension"].as_str().unwrap();
                let rows = values(&manager, service, code, &format!("from=2025-01-01&to=2025-12-31&split={by}")).await;
                assert!(rows.iter().all(|row| row["class"] == split["class"] && row["category_label"].is_string()), "{code} {by}");
                if split["adds_up"] == true {
                    let sum: f64 = rows.iter().filter_map(|row| row["value"].as_f64()).sum();
                    assert!((sum - whole).abs() < 1e-9, "{code} by {by}: {sum} is not {whole}");
                }
            }
        }
        assert!(added > 12, "only {added} indicators had something to add");
        assert!(more.contains("children_accompanied") && more.contains("cases_open_at_end"), "{more:?}");
    }

    async fn school_years_are_whole_and_unknown_values_are_null(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        case_of(&caller, service, "Exemple", "2025-02-03").await;
        let years = values(&caller, service, "referrals_received", "from=2025-08-31&to=2026-09-01&period=school_year").await;
        let shown = |row: &Value| [&row["period"], &row["from"], &row["to"], &row["value"], &row["missing"]].map(Value::clone);
        assert_eq!(
            years.iter().map(shown).collect::<Vec<_>>(),
            [
                [json!("2024-2025"), json!("2024-09-01"), json!("2025-08-31"), json!(1), Value::Null],
                [json!("2025-2026"), json!("2025-09-01"), json!("2026-08-31"), json!(0), Value::Null],
                [json!("2026-2027"), json!("2026-09-01"), json!("2027-08-31"), Value::Null, json!("not_started")],
            ]
        );
        assert_eq!((&years[0]["is_over"], &years[1]["is_over"]), (&json!(true), &json!(false)));
        for (code, from, to, missing) in [
            ("children_per_fte", "2025-01-01", "2025-12-31", "no_denominator"),
            ("median_days_to_decision", "2024-01-01", "2024-12-31", "nothing_to_measure"),
            ("placements_kept_six_months", "2025-10-01", "2025-12-31", "not_mature"),
            ("contributions_due", "2025-01-01", "2025-06-30", "whole_years_only"),
        ] {
            let row = value(&caller, service, code, from, to).await;
            assert_eq!((&row["value"], &row["missing"]), (&Value::Null, &json!(missing)), "{code}");
        }
        // Without a range: this year.
        let this_year = values(&caller, service, "referrals_received", "").await;
        assert_eq!((this_year.len(), &this_year[0]["period"]), (1, &json!("2026-01-01/2026-12-31")));
    }

    /// "Still there at six months" is an answer and not a guess (Cnaf).
    async fn a_place_is_kept_when_somebody_said_so(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let mut placements = Vec::new();
        for name in ["Un", "Deux", "Trois", "Quatre", "Cinq"] {
            let case = case_of(&caller, service, name, "2026-02-02").await;
            let lutins = nursery(&caller, service, &format!("Les Lutins {name}")).await;
            let place = json!({"organisation_id": lutins, "childcare_type": "creche", "starts_on": "2026-02-16"});
            placements.push(caller.post(&format!("/v1/cases/{case}/placements"), place).await.expect(201).id());
        }
        app.advance(chrono::Duration::days(210));
        let answers = async |placement: &str, body: Value| {
            caller.post(&format!("/v1/placements/{placement}/reviews"), body).await.expect(201);
        };
        answers(&placements[0], json!({"months": 6, "answer": "still_there", "informed_by": "parent"})).await;
        answers(&placements[1], json!({"months": 3, "answer": "left", "informed_by": "parent", "ends_on": "2026-04-30"})).await;
        answers(&placements[2], json!({"months": 6, "answer": "unknown", "informed_by": "parent"})).await;
        answers(&placements[3], json!({"months": 1, "answer": "still_there", "informed_by": "parent", "answered_on": "2026-03-20"})).await;
        let kept = value(&caller, service, "placements_kept_six_months", "2026-01-01", "2026-02-28").await;
        assert_eq!((&kept["numerator"], &kept["denominator"]), (&json!(1), &json!(2)), "what nobody said is in neither");
        assert_eq!(kept["value"].as_f64(), Some(50.0));
    }

    async fn the_waiting_list_of_a_past_day_is_known_by_its_history(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let referral = refer(&caller, service, "2025-02-03", child("Exemple")).await;
        let decide = async |action: &str, body: Value| {
            caller.post(&format!("/v1/referrals/{referral}/{action}"), body).await.expect(200)
        };
        decide("waiting-list", json!({"decided_on": "2025-02-10"})).await;
        decide("accept", json!({"decided_on": "2025-04-07"})).await;
        let months = values(&caller, service, "referrals_waiting_at_end", "from=2025-01-01&to=2025-04-30&period=month").await;
        assert_eq!(months.iter().map(|row| row["value"].clone()).collect::<Vec<_>>(), [0, 1, 1, 0]);
        let delay = value(&caller, service, "median_days_to_decision", "2025-01-01", "2025-12-31").await;
        assert_eq!((&delay["value"], &delay["value_type"]), (&json!(63), &json!("median_days")));
        assert_eq!(value(&caller, service, "referral_acceptance_rate", "2025-01-01", "2025-12-31").await["value"], 100);
    }

    async fn what_is_asked_wrongly_is_refused_at_once(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let path = |code: &str, query: &str| format!("/v1/services/{service}/indicators/{code}/values?{query}");
        let wrong = path("kit_loans", "from=2020-01-01&to=2025-01-01&split=origin");
        let refused = caller.get(&wrong).await.expect(400).problem("invalid_parameters");
        let faults = [("to", "period_too_long"), ("split", "no_such_split")];
        assert_eq!(refused.faults(), faults.map(|(at, code)| (at.to_owned(), code.to_owned())));
        assert!(refused.text().contains("kit, borrower_kind, commune, epci"), "{}", refused.text());
        let english = caller.clone().with_header("Accept-Language", "en").get(&wrong).await.expect(400);
        assert!(english.text().contains("It can be split by: kit"), "{}", english.text());
        for (query, fault) in [
            ("from=2026-02-01&to=2026-01-01", "ends_before_start"), ("split=age", "enum"), ("period=week", "enum"),
            ("day=2026-01-01", "unknown_field"), ("from=2026-02-30", "date"),
        ] {
            let refused = caller.get(&path("kit_loans", query)).await.expect(400).problem("invalid_parameters");
            assert_eq!(refused.faults().into_iter().map(|(_, code)| code).collect::<Vec<_>>(), [fault], "{query}");
        }
        caller.get(&path("nothing", "")).await.expect(404).problem("not_found");
        caller.get("/v1/indicators/nothing").await.expect(404).problem("not_found");
        caller.get("/v1/indicators/kit_loans?version=1999.1").await.expect(404).problem("not_found");
    }

    async fn live_values_are_for_the_service_s_own_staff(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (elsewhere, stranger) = coordinator(&app).await;
        let path = |service: Id, code: &str| format!("/v1/services/{service}/indicators/{code}/values");
        stranger.get(&path(service, "referrals_received")).await.expect(404).problem("not_found");
        stranger.get(&path(elsewhere, "referrals_received")).await.expect(200);
        let partner: Vec<Permission> = partner_permissions().iter().collect();
        app.client(service, &partner).await.get(&path(service, "referrals_received")).await.expect(403);
        // A script that reads the activity does not read conventions, actions and the network with it.
        let script = app.client(service, &[Permission::ActivityRead]).await;
        script.get(&path(service, "kit_loans")).await.expect(200);
        for (code, permission) in [
            ("contributions_due", "conventions:read"), ("actions_held", "actions:read"), ("referents_at_end", "referents:read")
        ] {
            caller.get(&path(service, code)).await.expect(200);
            let refused = script.get(&path(service, code)).await.expect(403).problem("forbidden");
            assert_eq!(refused["required_permission"], permission);
        }
        app.anonymous().get(&path(service, "kit_loans")).await.expect(401);
    }

    async fn the_registry_is_open_and_keeps_former_versions(app: TestApp) {
        let anybody = app.anonymous();
        let listed = anybody.get("/v1/indicators?limit=500&include_total=true").await.expect(200);
        assert!(listed.rows().len() >= 40 && listed.rows().iter().all(|row| row["in_force"] == true));
        let only = async |query: &str| anybody.get(&format!("/v1/indicators?limit=500&{query}")).await.expect(200).rows().to_vec();
        assert!(only("subject=lending,actions&class=S&source=prpe").await.iter().all(|row| row["subject"] == "lending"));
        let totals = only("class=T").await;
        let codes: BTreeSet<&str> = totals.iter().map(|row| row["code"].as_str().unwrap()).collect();
        for code in ["children_accompanied", "households_accompanied", "referrals_received", "placements_started"] {
            assert!(codes.contains(code), "{code} is public for a year that is over");
        }
        assert!(only("all_versions=true").await.len() > listed.rows().len());
        let now = anybody.get("/v1/indicators/interventions_held").await.expect(200);
        let before = anybody.get("/v1/indicators/interventions_held?version=2026.1").await.expect(200);
        assert_eq!((&now["version"], &now["in_force"], &now["valid_until"]), (&json!("2026.4"), &json!(true), &Value::Null));
        assert_eq!((&before["in_force"], &before["valid_until"]), (&json!(false), &json!("2026-11-29")));
        assert_ne!(now["formula_fr"], before["formula_fr"]);
        anybody.get("/v1/indicators?class=X").await.expect(400).problem("invalid_parameters");
    }

    async fn a_target_stands_beside_the_value_of_its_year(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        case_of(&manager, service, "Exemple", "2025-02-03").await;
        let targets = format!("/v1/services/{service}/indicator-targets");
        let set = json!({"indicator": "children_accompanied", "year": 2025, "value": 4, "note": "Une de plus"});
        let target = manager.post(&targets, set.clone()).await.expect(201);
        let again = manager.post(&targets, set).await.expect(409).problem("conflict");
        assert_eq!(again["existing_id"], target["id"]);
        let unknown = json!({"indicator": "nothing", "year": 2025, "value": 4});
        let refused = manager.post(&targets, unknown).await.expect(422);
        assert_eq!(refused.faults(), [("/indicator".to_owned(), "unknown_indicator".to_owned())]);
        let years = values(&manager, service, "children_accompanied", "from=2024-01-01&to=2025-12-31&period=year").await;
        assert_eq!((&years[0]["target"], &years[0]["target_reached_percent"]), (&Value::Null, &Value::Null));
        assert_eq!((&years[1]["target"], &years[1]["target_reached_percent"]), (&json!(4), &json!(25)));
        let half = value(&manager, service, "children_accompanied", "2025-01-01", "2025-06-30").await;
        assert_eq!(half["target"], Value::Null, "the target is that of the year");
        let path = format!("/v1/indicator-targets/{}", target.id());
        manager.patch(&path, json!({"value": 3, "note": null})).await.expect(200);
        let year = value(&manager, service, "children_accompanied", "2025-01-01", "2025-12-31").await;
        assert_eq!((&year["target"], &year["target_reached_percent"]), (&json!(3), &json!(33.33)));
        // Staff read targets; who defines the statistics sets them.
        let professional = app.user(service, Role::Professional).await;
        assert_eq!(professional.get(&path).await.expect(200)["note"], Value::Null);
        professional.patch(&path, json!({"value": 30})).await.expect(403);
        manager.delete(&format!("{path}?reason=entered_by_mistake")).await.expect(204);
        manager.get(&path).await.expect(404);
        let year = value(&manager, service, "children_accompanied", "2025-01-01", "2025-12-31").await;
        assert_eq!(year["target"], Value::Null);
    }
}
