//! The network of referents: list by standing, reminders, figures, coverage.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use passerelle::auth::{Permission, Role};
use passerelle::db::schema::{referent_attendances, referents};
use passerelle::db::{Id, UtcTs};
use passerelle::referents::model::{AttendanceKind, Attended, Standing};
use passerelle::referents::store::{ReferentRow, standing};
use serde_json::{Value, json};

use crate::harness::network::{Network, open_network};

on_both_databases! {
    async fn the_list_is_filtered_by_standing(app: TestApp) {
        let network = Network::new(&app).await;
        let elsewhere = network.add_structure("rpe", "Relais de Riom", "63300").await;
        let training = network.appointed(&elsewhere).await;
        let lapsed = network.certified(&network.structure).await;
        let certified = network.certified(&elsewhere).await;
        for (kind, day) in [("themed_day", "2025-03-01"), ("follow_up_meeting", "2025-03-01")] {
            network.attends(&certified, kind, day).await.expect(201);
        }
        let in_order = network.certified(&network.structure).await;
        for (kind, day) in [("themed_day", "2026-01-03"), ("follow_up_meeting", "2026-03-01")] {
            network.attends(&in_order, kind, day).await.expect(201);
        }
        let left = network.certified(&network.structure).await;
        network.act(&left, "leave", json!({"left_on": "2026-03-01", "reason": "retired"})).await.expect(200);
        let ids = async |query: &str| {
            let list = network.staff.get(&format!("/v1/referents?include_total=true&{query}")).await.expect(200);
            assert_eq!(list["page"]["total"], list.rows().len());
            list.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
        };
        let these = |ids: &[&String]| ids.iter().map(|id| (*id).clone()).collect::<BTreeSet<_>>();
        for (standing, id) in [("in_training", &training), ("lapsed", &lapsed), ("certified", &certified), ("in_order", &in_order), ("left", &left)] {
            assert_eq!(ids(&format!("standing={standing}")).await, these(&[id]), "{standing}");
        }
        assert_eq!(ids("standing=certified,in_order").await, these(&[&certified, &in_order]));
        assert_eq!(ids("commune_code=63300").await, these(&[&training, &certified]));
        assert_eq!(ids(&format!("organisation_id={elsewhere}&standing=certified")).await, these(&[&certified]));
        network.staff.get("/v1/referents?standing=asleep").await.expect(400);
        let page = network.staff.get("/v1/referents?standing=certified,in_order&limit=1").await.expect(200);
        let next = page["page"]["next_cursor"].as_str().unwrap();
        let rest = network.staff.get(&format!("/v1/referents?standing=certified,in_order&limit=1&cursor={next}")).await.expect(200);
        assert!(rest.rows().len() == 1 && rest["page"]["next_cursor"].is_null());
        // A caller with two services, one of which is a day ahead.
        let ahead = app.service_with(|new| new.time_zone = "Pacific/Kiritimati".into()).await;
        let both = app.client_of(&[network.service, ahead], &[Permission::ReferentsRead]).await;
        assert_eq!(both.get("/v1/referents?standing=lapsed").await.expect(200).rows().len(), 1);
    }

    async fn reminders_list_what_is_left_to_do_and_by_when(app: TestApp) {
        let network = Network::new(&app).await;
        let lapsed = network.certified(&network.structure).await;
        let fresh = network.staff.post("/v1/referents", network.referent("2026-01-12")).await.expect(201).id();
        for (kind, day) in [("external_training", "2026-01-20"), ("own_training", "2026-02-10"), ("external_training", "2026-02-03")] {
            network.attends(&fresh, kind, day).await.expect(201);
        }
        network.act(&fresh, "sign", json!({"charter_version": "2026", "signed_by_referent_on": "2026-02-10", "signed_by_service_on": "2026-02-10"})).await.expect(200);
        let path = format!("/v1/services/{}/referent-reminders", network.service);
        let listed = network.staff.get(&path).await.expect(200);
        let rows: Vec<_> = listed.rows().iter().map(|row| (row["referent_id"].clone(), row["standing"].clone(), row["needs"].clone())).collect();
        let year = |need: &str| json!({"need": need, "since": "2026-01-01", "due_on": "2026-12-31"});
        let unsigned = json!({"need": "charter_not_signed_by_structure", "since": "2026-02-10", "due_on": null});
        assert_eq!(
            rows,
            [
                (json!(lapsed), json!("lapsed"), json!([year("follow_up_meeting"), year("themed_day")])),
                (json!(fresh), json!("in_training"), json!([unsigned])),
            ]
        );
        network.act(&fresh, "sign", json!({"charter_version": "2026", "signed_by_structure_on": "2026-02-10"})).await.expect(200);
        assert_eq!(network.staff.get(&path).await.expect(200).rows().len(), 1, "the year of certification requires nothing");
    }

    async fn the_figures_count_appointments_and_departures(app: TestApp) {
        let network = Network::new(&app).await;
        let mut ids = Vec::new();
        for _ in 0..4 {
            ids.push(network.certified(&network.structure).await);
        }
        network.staff.post("/v1/referents", network.referent("2026-02-01")).await.expect(201);
        let mistaken = network.staff.post("/v1/referents", network.referent("2026-02-01")).await.expect(201).id();
        for (id, day, reason) in [(&ids[0], "2026-02-28", "retired"), (&ids[1], "2025-12-31", "left_structure"), (&mistaken, "2026-02-02", "entered_by_mistake")] {
            network.act(id, "leave", json!({"left_on": day, "reason": reason})).await.expect(200);
        }
        for (kind, day) in [("themed_day", "2026-01-03"), ("follow_up_meeting", "2026-03-01")] {
            network.attends(&ids[2], kind, day).await.expect(201);
        }
        let figures = async |from: &str, to: &str| {
            network.staff.get(&format!("/v1/services/{}/referent-figures?from={from}&to={to}", network.service)).await
        };
        let year = figures("2026-01-01", "2026-12-31").await.expect(200);
        let numbers = ["at_start", "appointed", "left", "at_end"].map(|name| year[name].as_i64().unwrap());
        assert_eq!(numbers, [3, 1, 1, 3]);
        assert_eq!((&year["turnover_percent"], &year["standing_on"]), (&json!(33.33), &json!("2026-03-02")));
        let of = |answer: &crate::harness::Response| {
            let rows = answer["by_standing"].as_array().unwrap().clone();
            rows.iter().map(|row| (row["standing"].as_str().unwrap().to_owned(), row["referents"].as_i64().unwrap())).collect::<Vec<_>>()
        };
        let standing = |name: &str, number: i64| (name.to_owned(), number);
        assert_eq!(of(&year), [standing("in_training", 1), standing("certified", 0), standing("in_order", 1), standing("lapsed", 1)]);
        assert_eq!(year["left_by_reason"], json!([{"reason": "retired", "referents": 1}]));
        // Figures of the past: in 2025 nobody had missed anything yet.
        let before = figures("2025-01-01", "2025-12-31").await.expect(200);
        assert_eq!((&before["at_start"], &before["left"], &before["at_end"], &before["turnover_percent"]), (&json!(4), &json!(1), &json!(3), &json!(28.57)));
        assert_eq!(of(&before), [standing("in_training", 0), standing("certified", 3), standing("in_order", 0), standing("lapsed", 0)]);
        let none = figures("2020-01-01", "2020-12-31").await.expect(200);
        assert_eq!((&none["turnover_percent"], &none["at_end"]), (&Value::Null, &json!(0)), "null is not 0");
        assert!(!year.text().contains(&ids[0]) && year["definitions"].as_array().unwrap().len() >= 5);
        assert_eq!(figures("2026-02-01", "2026-01-01").await.expect(400).faults(), [("to".to_owned(), "ends_before_start".to_owned())]);
        assert_eq!(figures("2020-01-01", "2026-01-01").await.expect(400).faults(), [("to".to_owned(), "period_too_long".to_owned())]);
        for period in [("0001-01-01", "0001-12-31"), ("9998-01-01", "9999-12-31")] {
            figures(period.0, period.1).await.expect(200);
        }
    }

    async fn coverage_counts_structures_communes_and_people(app: TestApp) {
        let network = Network::new(&app).await;
        let riom = network.add_structure("rpe", "Relais de Riom", "63300").await;
        network.add_structure("eaje", "Les Farfadets", "63300").await;
        let hospital = network.add_structure("hospital", "Hôpital", "63113").await;
        // A commune whose population is not published.
        let unknown = network.add_structure("childminder_house", "MAM des Kerguelen", "98412").await;
        let manager = app.user(network.service, Role::Manager).await;
        let further = json!({"departements": ["63", "984"]});
        manager.patch(&format!("/v1/services/{}", network.service), further).await.expect(200);
        for collectivity in ["commune:63113", "commune:98412"] {
            open_network(&network.staff, network.service, collectivity, ("2024-01-01", "2028-12-31")).await;
        }
        for structure in [&riom, &riom, &hospital] {
            let id = network.certified(structure).await;
            for (kind, day) in [("themed_day", "2025-01-03"), ("follow_up_meeting", "2025-03-01")] {
                network.attends(&id, kind, day).await.expect(201);
            }
        }
        network.certified(&network.structure).await;
        let path = format!("/v1/services/{}/referent-coverage", network.service);
        let covered = network.staff.get(&path).await.expect(200);
        let numbers = ["structures", "structures_covered", "referents", "communes", "communes_covered"].map(|name| covered[name].as_i64().unwrap());
        assert_eq!(numbers, [4, 1, 2, 3, 1], "a lapsed referent covers no structure");
        let communes = covered["by_commune"].as_array().unwrap();
        let of = |code: &str| communes.iter().find(|commune| commune["commune_code"] == code).unwrap();
        assert_eq!((&of("63300")["structures"], &of("63300")["structures_covered"], &of("63300")["referents"]), (&json!(2), &json!(1), &json!(2)));
        assert_eq!(covered["population_covered"], of("63300")["population"]);
        assert!(covered["population_covered"].as_i64().unwrap() > 10_000);
        assert_eq!((&of("63032")["name"], &of("63032")["referents"]), (&json!("Beaumont"), &json!(0)));
        // In 2025 the fourth had missed nothing yet.
        let then = network.staff.get(&format!("{path}?on=2025-06-01")).await.expect(200);
        assert_eq!((&then["structures_covered"], &then["communes_covered"]), (&json!(2), &json!(2)));
        assert_eq!(network.staff.get(&format!("{path}?on=2024-05-31")).await.expect(200)["referents"], 0);
        assert_eq!(network.staff.get(&format!("{path}?on=0001-01-01")).await.expect(200)["referents"], 0);
        let refused = network.staff.get(&format!("{path}?on=2026-03-03")).await.expect(400);
        assert_eq!(refused.faults(), [("on".to_owned(), "in_the_future".to_owned())]);
        // Null is not zero.
        let id = network.certified(&unknown).await;
        for (kind, day) in [("themed_day", "2026-01-03"), ("follow_up_meeting", "2026-03-01")] {
            network.attends(&id, kind, day).await.expect(201);
        }
        let covered = network.staff.get(&path).await.expect(200);
        assert_eq!((&covered["population_covered"], &covered["communes_without_population"]), (&Value::Null, &json!(["98412"])));
    }

    async fn the_rule_in_sql_agrees_with_the_model(app: TestApp) {
        let network = Network::new(&app).await;
        let structure: Id = network.structure.parse().unwrap();
        let (service, now) = (network.service, app.context().now());
        let people = app.sql(move |conn| {
            let mut dice = Dice(2026);
            let mut people = Vec::new();
            for _ in 0..300 {
                let (row, attended) = random_referent(&mut dice, service, structure, now);
                diesel::insert_into(referents::table).values(&row).execute(conn)?;
                for (kind, held_on) in &attended {
                    let row = (
                        referent_attendances::id.eq(Id::next(now)),
                        referent_attendances::service_id.eq(service),
                        referent_attendances::referent_id.eq(row.id),
                        referent_attendances::kind.eq(*kind),
                        referent_attendances::held_on.eq(*held_on),
                        referent_attendances::author.eq("local"),
                        referent_attendances::created_at.eq(now),
                    );
                    diesel::insert_into(referent_attendances::table).values(row).execute(conn)?;
                }
                people.push((row.id, row.facts(attended)));
            }
            Ok(people)
        }).await;
        let mut dice = Dice(7);
        let mut met = BTreeMap::new();
        for at in 0..40 {
            let day = if at < 10 { ["2024-01-01", "2024-12-31", "2025-01-01", "2025-12-31", "2026-01-01"][at % 5].parse().unwrap() } else { dice.day() };
            for stands in Standing::ALL {
                let found: Vec<Id> = app.sql(move |conn| Ok(referents::table.filter(standing::on(day, &[*stands])).select(referents::id).order(referents::id).load(conn)?)).await;
                let mut expected: Vec<Id> = people.iter().filter(|(_, facts)| facts.standing(day) == *stands).map(|(id, _)| *id).collect();
                expected.sort();
                assert_eq!(found, expected, "{stands} on {day}");
                *met.entry(*stands).or_insert(0) += found.len();
            }
            let found: Vec<Id> = app.sql(move |conn| Ok(referents::table.filter(standing::in_need(day)).select(referents::id).order(referents::id).load(conn)?)).await;
            let mut expected: Vec<Id> = people.iter().filter(|(_, facts)| !facts.needs(day).is_empty()).map(|(id, _)| *id).collect();
            expected.sort();
            assert_eq!(found, expected, "in need on {day}");
        }
        assert!(met.values().all(|number| *number > 50), "the generated referents do not cover every standing: {met:?}");
    }
}

/// A linear congruential generator (Knuth's MMIX): the same referents at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn day(&mut self) -> NaiveDate {
        let first: NaiveDate = "2023-06-01".parse().unwrap();
        first + chrono::Duration::days(i64::try_from(self.below(1000)).unwrap())
    }

    fn day_in(&mut self, of: u64) -> Option<NaiveDate> {
        (self.below(of) > 0).then(|| self.day())
    }
}

/// A random referent, with random attendances and signatures.
fn random_referent(dice: &mut Dice, service: Id, structure: Id, now: UtcTs) -> (ReferentRow, Vec<Attended>) {
    let left_on = (dice.below(6) == 0).then(|| dice.day());
    let row = ReferentRow {
        id: Id::next(now),
        service_id: service,
        organisation_id: structure,
        identity: Vec::new(),
        appointed_on: "2023-01-01".parse().unwrap(),
        left_on,
        departure_reason: left_on.and_then(|_| "retired".parse().ok()),
        charter_version: Some("2023".into()),
        signed_by_referent_on: dice.day_in(8).map(|day| day - chrono::Duration::days(300)),
        signed_by_structure_on: dice.day_in(8).map(|day| day - chrono::Duration::days(300)),
        signed_by_service_on: dice.day_in(8),
        author: "local".into(),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let mut attended = BTreeSet::new();
    for kind in AttendanceKind::ALL {
        for _ in 0..dice.below(6) {
            attended.insert((*kind, dice.day()));
        }
    }
    (row, attended.into_iter().collect())
}
