//! The demonstration: one seed gives one story; every state occurs; the figures of the API match the counted ones; the
//! printed commands run.

use std::cell::RefCell;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::rc::Rc;

use passerelle::auth::Role;
use passerelle::cases::model::CaseStatus;
use passerelle::demo::{Played, play, publish, write_story};
use passerelle::lending::reservations::model::ReservationStatus;
use passerelle::referrals::model::ReferralStatus;
use passerelle_disclosure::verify::verify;
use serde_json::Value;

use crate::harness::{Caller, Engine, TestApp, run};

/// Enough children for every outcome of a request.
const CHILDREN: u32 = 40;

pub fn played(app: &TestApp, seed: u64) -> Played {
    let (context, today) = (app.context(), app.now().date_naive());
    // Playing blocks on the database, which an event loop must not do.
    std::thread::scope(|scope| {
        let playing = scope.spawn(move || play(context, write_story(CHILDREN, 2, seed, today).unwrap()));
        playing.join().unwrap().unwrap()
    })
}

/// Every row of a list, page by page.
async fn all(caller: &Caller, first: String) -> Vec<Value> {
    let (mut rows, mut next) = (Vec::new(), first);
    loop {
        let page = caller.get(&next).await.expect(200);
        rows.extend(page.rows().iter().cloned());
        match page.header("link").strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")) {
            Some(link) => link.clone_into(&mut next),
            None => return rows,
        }
    }
}

/// The named fields of each row, sorted: without identifiers and without the time of reading.
fn comparable(rows: &[Value], names: &[&str]) -> Vec<String> {
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| names.iter().map(|name| row.pointer(name).unwrap_or(&Value::Null).to_string()).collect())
        .collect();
    lines.sort();
    lines
}

async fn content(app: &TestApp, played: &Played) -> Vec<String> {
    let mut lines = Vec::new();
    for service in &played.setup.services {
        let coordinator = app.user(service.id, Role::Coordinator).await;
        let id = service.id;
        let referrals = all(&coordinator, format!("/v1/referrals?service_id={id}&limit=100")).await;
        let cases = all(&coordinator, format!("/v1/cases?service_id={id}&limit=100")).await;
        let organisations = all(&coordinator, format!("/v1/organisations?service_id={id}&limit=100")).await;
        lines.extend(comparable(
            &referrals,
            &[
                "/received_on",
                "/origin",
                "/channel",
                "/status",
                "/reason",
                "/urgency",
                "/decided_on",
                "/waiting_since",
                "/commune_code",
                "/needs",
                "/description",
                "/child/given_name",
                "/child/family_name",
                "/child/birth_date",
                "/child/expected_on",
                "/created_at",
            ],
        ));
        lines.extend(comparable(
            &cases,
            &["/opened_on", "/closed_on", "/outcome", "/latest_step", "/commune_code", "/next_follow_up_on"],
        ));
        lines.extend(comparable(&organisations, &["/kind", "/name", "/commune_code"]));
        let kits = all(&coordinator, format!("/v1/kits?service_id={id}&limit=100")).await;
        let reservations = all(&coordinator, format!("/v1/reservations?service_id={id}&limit=100")).await;
        lines.extend(comparable(
            &kits,
            &["/title_fr", "/themes", "/audiences", "/items/3/label_fr", "/copies/0/condition"],
        ));
        lines.extend(comparable(
            &reservations,
            &[
                "/kit_title_fr",
                "/copy_label",
                "/status",
                "/borrower/kind",
                "/borrower/name",
                "/commune_code",
                "/starts_on",
                "/due_on",
                "/handed_out_on",
                "/returned_on",
                "/extensions",
                "/queue_position",
                "/waits_until",
                "/reason",
                "/decided_on",
                "/created_at",
                "/updated_at",
            ],
        ));
        let mut activity = activity(&coordinator, played, id).await;
        for field in ["service_id", "read_at"] {
            activity.as_object_mut().unwrap().remove(field);
        }
        lines.push(activity.to_string());
    }
    lines
}

/// The activity of the whole history, and a week before: a request can move from a weekend to a day before the first.
async fn activity(caller: &Caller, _: &Played, service: passerelle::db::Id) -> Value {
    caller.get(&format!("/v1/services/{service}/activity?from=2024-02-20&to=2026-03-02")).await.expect(200).json
}

fn played_content(engine: Engine, seed: u64) -> Vec<String> {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let filled = Rc::clone(&lines);
    run(engine, |app| async move {
        let played = played(&app, seed);
        *filled.borrow_mut() = content(&app, &played).await;
    });
    lines.take()
}

#[test]
fn a_seed_gives_one_story_on_both_databases() {
    let story = played_content(Engine::Sqlite, 7);
    assert_eq!(story, played_content(Engine::Sqlite, 7));
    assert_eq!(story, played_content(Engine::Postgres, 7));
    assert_ne!(story, played_content(Engine::Sqlite, 8));
}

on_both_databases! {
    async fn every_state_occurs_and_the_activity_matches_the_tally(app: TestApp) {
        let played = played(&app, 7);
        for (service, tally) in played.setup.services.iter().zip(&played.tallies) {
            let coordinator = app.user(service.id, Role::Coordinator).await;
            let figures = activity(&coordinator, &played, service.id).await;
            assert_eq!(figures["referrals"]["received"], tally.referrals);
            for row in figures["referrals"]["by_status"].as_array().unwrap() {
                assert_eq!(row["number"], tally.in_state(row["status"].as_str().unwrap()), "{row}");
            }
            let origins = figures["referrals"]["by_origin"].as_array().unwrap();
            assert_eq!(origins.len(), tally.by_origin.len());
            for row in origins {
                assert_eq!(row["number"], tally.by_origin[row["origin"].as_str().unwrap()], "{row}");
            }
            let (number, minutes, travel) = tally.all_interventions();
            assert_eq!(figures["interventions"]["number"], number);
            assert_eq!(figures["interventions"]["minutes"], minutes);
            assert_eq!(figures["interventions"]["travel_minutes"], travel);
            for row in figures["interventions"]["by_type"].as_array().unwrap() {
                assert_eq!(row["number"], tally.interventions[row["type"].as_str().unwrap()].0, "{row}");
            }
            for row in figures["interventions"]["participants"].as_array().unwrap() {
                assert_eq!(row["number"], tally.attendances[row["kind"].as_str().unwrap()], "{row}");
            }
            assert_eq!(figures["placements"]["started"], tally.placements);
            assert_eq!(figures["accompanied"]["children"], tally.children.len());
            assert_eq!(figures["accompanied"]["households"], tally.households.len());
            assert_eq!(figures["accompanied"]["structures"], tally.structures.len());
            let cases = all(&coordinator, format!("/v1/cases?service_id={}&limit=100", service.id)).await;
            assert_eq!(cases.len(), tally.cases.len());
            let open = cases.iter().filter(|case| case["status"] == "open").count();
            assert_eq!(i64::try_from(open).unwrap(), tally.open_cases());
        }
        let first = &played.tallies[0];
        // One that is annulled is in no count.
        for status in ReferralStatus::ALL.iter().filter(|status| **status != ReferralStatus::Annulled) {
            assert!(first.in_state(status.as_str()) > 0, "no referral is {status}");
        }
        for status in CaseStatus::ALL {
            assert!(first.cases.values().any(|closed| *closed == (*status == CaseStatus::Closed)), "no case is {status}");
        }
        for mode in ["individual", "collective", "indirect"] {
            let found = first.interventions.keys().any(|kind| passerelle::nomenclatures::mode_of(kind) == Some(mode));
            assert!(found, "no intervention is {mode}");
        }
        let coordinator = app.user(played.setup.services[0].id, Role::Coordinator).await;
        let overdue = all(&coordinator, "/v1/cases?follow_up_before=2026-03-01&limit=100".into()).await;
        assert!(!overdue.is_empty(), "no follow-up is overdue");
    }
}

on_both_databases! {
    async fn the_kit_figures_match_the_tally(app: TestApp) {
        let played = played(&app, 7);
        let today = app.now().date_naive();
        for (service, tally) in played.setup.services.iter().zip(&played.tallies) {
            let (id, tally) = (service.id, &tally.loans);
            let coordinator = app.user(id, Role::Coordinator).await;
            let figures = format!("/v1/services/{id}/kit-figures?from=2024-02-20&to=2026-03-02");
            let figures = coordinator.get(&figures).await.expect(200).json;
            assert_eq!(figures["loans"], tally.all_loans());
            assert_eq!(figures["days_out"], tally.nights_out(today));
            assert_eq!(figures["late_returns"], tally.late_returns);
            assert_eq!(figures["refusals"], tally.all_refusals());
            assert_eq!(figures["waits_without_copy"], tally.waits_without_copy);
            for row in figures["by_borrower_kind"].as_array().unwrap() {
                let kind = row["borrower_kind"].as_str().unwrap();
                assert_eq!(row["loans"], tally.by_borrower.get(kind).copied().unwrap_or_default(), "{row}");
            }
            let by_kit = figures["by_kit"].as_array().unwrap();
            let mut loans: Vec<i64> = by_kit.iter().map(|kit| kit["loans"].as_i64().unwrap()).collect();
            let mut counted: Vec<i64> = (0..tally.kits).map(|kit| tally.by_kit.get(&kit).copied().unwrap_or(0)).collect();
            loans.sort_unstable();
            counted.sort_unstable();
            assert_eq!(loans, counted);

            let kits = all(&coordinator, format!("/v1/kits?service_id={id}&limit=100")).await;
            let copies: usize = kits.iter().map(|kit| kit["copies"].as_array().unwrap().len()).sum();
            assert_eq!((kits.len(), copies), (tally.kits, tally.copies));
            let reservations = all(&coordinator, format!("/v1/reservations?service_id={id}&limit=100")).await;
            assert_eq!(reservations.len(), tally.states.len());
            for status in ReservationStatus::ALL {
                let found = reservations.iter().filter(|row| row["status"] == status.as_str()).count();
                assert_eq!(found, tally.in_state(*status), "{status}");
            }
            let extensions: i64 = reservations.iter().map(|row| row["extensions"].as_i64().unwrap()).sum();
            assert_eq!(extensions, tally.extended);
            let overdue = all(&coordinator, format!("/v1/services/{id}/loans/overdue?limit=100")).await;
            assert_eq!(overdue.len(), tally.overdue(today));
            let defects = all(&coordinator, format!("/v1/kit-defects?service_id={id}&limit=100")).await;
            let with = |status: &str| i64::try_from(defects.iter().filter(|row| row["status"] == status).count());
            assert_eq!(with("replaced").unwrap(), tally.replaced);
            assert_eq!(with("to_buy").unwrap(), tally.defects - tally.replaced);
        }
        let tally = &played.tallies[0].loans;
        for status in ReservationStatus::ALL {
            // A proposal expires after three days, so some days have none.
            assert!(*status == ReservationStatus::Proposed || tally.in_state(*status) > 0, "no reservation is {status}");
        }
        assert!(tally.overdue(today) > 0 && tally.late_returns > 0 && tally.extended > 0 && tally.replaced > 0, "{tally:?}");
    }
}

on_both_databases! {
    async fn every_quarter_and_tier_has_a_release_that_verifies(app: TestApp) {
        let (context, today) = (app.context(), app.now().date_naive());
        let story = write_story(10, 1, 7, today).unwrap();
        let from = story.from;
        let play_and_publish = move || {
            let mut played = play(context, story).unwrap();
            publish(context, &mut played, from, today).unwrap();
            played
        };
        let played = std::thread::scope(|scope| scope.spawn(play_and_publish).join()).unwrap();
        let service = played.setup.services[0].id;
        let partner = app.partner(service).await;
        let releases = all(&partner, format!("/v1/statistics/releases?service_id={service}&sort=published_at")).await;
        // The story covers the year up to 2 March 2026: the first quarter that begins in it is the second of 2025.
        let mut codes: Vec<String> = releases.iter().map(|row| format!("{} {}", row["through"], row["tier"])).collect();
        codes.sort();
        let expected = ["Q2", "Q3", "Q4"].map(|quarter| [format!("\"2025-{quarter}\" \"open\""), format!("\"2025-{quarter}\" \"partner\"")]);
        assert_eq!(codes, expected.concat());
        assert_eq!(played.tallies[0].releases, codes.len());
        for row in &releases {
            let read = partner.get(&format!("/v1/statistics/releases/{}", row["id"].as_str().unwrap())).await.expect(200);
            let release = serde_json::from_slice(&read.body).unwrap();
            let checked = verify(&release).unwrap();
            // Before the end of the year a small service publishes nothing about persons but their number.
            let is_whole_year = row["through"] == "2025-Q4";
            assert!(checked.published > 0 && (checked.proved > 0) == is_whole_year, "{}: {checked:?}", row["through"]);
        }
    }
}

/// The story never does anything that the API refuses, whatever the seed and the day.
#[test]
fn every_seed_and_day_is_played() {
    for seed in 0..6 {
        run(Engine::Sqlite, move |app| async move {
            let today = app.now().date_naive() - chrono::Duration::days(i64::try_from(seed).unwrap() * 59);
            let story = write_story(if seed % 2 == 0 { 10 } else { 60 }, 1, seed, today).unwrap();
            let context = app.context();
            let played = std::thread::scope(|scope| scope.spawn(move || play(context, story)).join().unwrap());
            let tally = &played.unwrap_or_else(|error| panic!("seed {seed} on {today}: {error:?}")).tallies[0].loans;
            assert!(tally.all_loans() > 0, "seed {seed} on {today}: {tally:?}");
        });
    }
}

#[test]
fn the_printed_commands_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_passerelle"));
    demo.args(["demo", "--children", "5", "--years", "1", "--without-releases", "--json", "--listen", "127.0.0.1:0"]);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PASSERELLE_")) {
        demo.env_remove(name);
    }
    let mut demo = demo.env("TMPDIR", folder.path()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(demo.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let page: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(page["docs_url"], format!("{}/docs/", page["url"].as_str().unwrap()));
    assert_eq!((page["users"].as_array().unwrap().len(), page["clients"].as_array().unwrap().len()), (5, 5));
    let commands: Vec<&str> = page["commands"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert_eq!(commands.len(), 6);

    let ran = Command::new("bash").args(["-c", &format!("set -eu\n{}", commands.join("\n"))]).output().unwrap();
    let output = String::from_utf8(ran.stdout).unwrap();
    assert!(ran.status.success(), "{output}{}", String::from_utf8_lossy(&ran.stderr));
    let lines: Vec<&str> = output.lines().collect();
    let responses: Vec<Value> = lines[1..5].iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0].split('.').count(), 3, "a token has three parts");
    assert_eq!(responses[0]["referral"]["status"], "received");
    assert_eq!(responses[1]["status"], "accepted");
    assert_eq!(responses[2]["case_id"], responses[1]["case_id"]);
    assert!(responses[3]["interventions"]["number"].as_i64().unwrap() >= 1);
    assert!(lines[5].contains(",indicator,") && lines[5].contains(",missing,"), "{}", lines[5]);
    assert!(lines.len() >= 7 && lines[6].contains(",children_accompanied,"), "{output}");

    // Ctrl-C.
    let stopped = Command::new("kill").args(["-INT", &demo.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    assert!(demo.wait().unwrap().success());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the temporary folder is removed");
}
