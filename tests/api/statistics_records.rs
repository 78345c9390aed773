//! The records of statistics: who is counted when, what a publication freezes, and what remains after an erasure.

use std::collections::BTreeMap;

use diesel::prelude::*;
use passerelle::db::Id;
use passerelle::db::schema::{data_keys, statistics_counted, statistics_records};
use passerelle::statistics::records;
use passerelle::statistics::records::ops::Year;
use passerelle::statistics::specs::model::{Spec, built_in};
use passerelle::statistics::specs::ops::compiled;
use passerelle_disclosure::population::{Population, Record};
use serde_json::json;

use crate::cases::{accept, case_of, child, coordinator, interview, nursery, refer};
use crate::harness::action_service::{ActionService, came};
use crate::harness::lending_service::LendingService;
use crate::harness::{Caller, TestApp};

async fn cut(app: &TestApp, service: Id, year: i32) -> Year {
    app.local(move |work| {
        let now = work.now;
        records::ops::cut(work, service, year, now)
    })
    .await
}

async fn freeze(app: &TestApp, service: Id, year: i32, through: u8) {
    app.local(move |work| records::ops::freeze(work, service, year, through)).await;
}

/// The first version of the specification `small`: every dimension, in its own codes.
fn small() -> Spec {
    built_in().into_iter().find(|spec| spec.code == "small" && spec.version == 1).expect("the first version")
}

/// A population of the specification `small`, from the stored records.
async fn population(app: &TestApp, service: Id, code: &'static str, year: i32, through: u8) -> Population {
    app.local(move |work| {
        let all = compiled(work, service, &small())?;
        let blank = all.into_iter().find(|one| one.code == code).expect("a population");
        records::ops::stored(work, service, year)?.population(through, blank)
    })
    .await
}

/// The value of a dimension of a record.
fn of<'a>(population: &Population, record: &'a Record, dimension: &str) -> &'a str {
    let at = population.dimensions.iter().position(|domain| domain.id == dimension).expect("a dimension");
    &record.values[at]
}

/// The number of units by value of a dimension and set of quarters.
fn quarters(population: &Population, dimension: &str) -> BTreeMap<(String, u8), u32> {
    let mut all = BTreeMap::new();
    for record in &population.records {
        *all.entry((of(population, record, dimension).to_owned(), record.quarters)).or_default() += record.number;
    }
    all
}

async fn close(caller: &Caller, case: &str, on: &str) {
    let body = json!({"outcome": "moved", "closed_on": on});
    caller.post(&format!("/v1/cases/{case}/close"), body).await.expect(200);
}

/// A child of a commune with a case open from a day on. Returns the case.
async fn followed(caller: &Caller, service: Id, commune: &str, on: &str) -> String {
    let mut about = child(&format!("Enfant {}", uuid::Uuid::now_v7().simple()));
    about["commune_code"] = commune.into();
    let referral = refer(caller, service, on, about).await;
    accept(caller, &referral, on).await
}

async fn moves(caller: &Caller, case: &str, commune: &str) {
    let seen = caller.get(&format!("/v1/cases/{case}")).await.expect(200);
    let household = format!("/v1/households/{}", seen["household_id"].as_str().unwrap());
    caller.patch(&household, json!({"commune_code": commune})).await.expect(200);
}

/// The stored records, without their random columns.
async fn stored(app: &TestApp, year: i32) -> Vec<(String, i32, i32, bool)> {
    app.sql(move |conn| {
        let rows: Vec<(String, i32, i32, Option<Vec<u8>>)> = statistics_records::table
            .filter(statistics_records::year.eq(year))
            .select((
                statistics_records::dimensions,
                statistics_records::quarters,
                statistics_records::frozen_through,
                statistics_records::link,
            ))
            .load(conn)?;
        let mut rows: Vec<_> = rows.into_iter().map(|row| (row.0, row.1, row.2, row.3.is_some())).collect();
        rows.sort();
        Ok(rows)
    })
    .await
}

on_both_databases! {
    async fn a_child_is_counted_in_the_quarters_of_its_cases(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let mut sister = child("Exemple");
        sister["need_domain"] = "motor".into();
        sister["current_childcare"] = "childminder".into();
        let referral = refer(&caller, service, "2025-01-06", sister).await;
        let case = accept(&caller, &referral, "2025-02-20").await;
        caller.post(&format!("/v1/cases/{case}/interventions"), interview("2025-03-03")).await.expect(201);
        let nursery = nursery(&caller, service, "Les Lutins").await;
        let placement = json!({"organisation_id": nursery, "childcare_type": "creche", "starts_on": "2025-05-05"});
        caller.post(&format!("/v1/cases/{case}/placements"), placement).await.expect(201);
        let seen = caller.get(&format!("/v1/cases/{case}")).await.expect(200);
        close(&caller, &case, "2025-06-30").await;
        let mut brother = child("Exemple");
        brother["origin"] = "family".into();
        brother["child"]["household_id"] = seen["household_id"].clone();
        let referral = refer(&caller, service, "2025-10-01", brother).await;
        accept(&caller, &referral, "2025-10-01").await;
        let away = followed(&caller, service, "63113", "2024-12-01").await;
        moves(&caller, &away, "03185").await;
        let year = cut(&app, service, 2025).await;
        assert_eq!((year.published_through, year.generation), (0, 1));
        let all = population(&app, service, "children", 2025, 4).await;
        assert_eq!(all.records.len(), 3);
        let with = |quarters: u8| all.records.iter().find(|record| record.quarters == quarters).unwrap();
        let (sister, brother, outside) = (with(0b0011), with(0b1000), with(0b1111));
        let values = |record, dimensions: [&'static str; 5]| dimensions.map(|dimension| of(&all, record, dimension));
        assert_eq!(values(sister, ["territory", "age_band", "need_domain", "childcare_group", "origin_group"]),
                   ["commune:63113", "age_0_2", "motor", "eaje", "health"]);
        assert_eq!((of(&all, sister, "outcome"), of(&all, sister, "delay_band")), ("moved", "d31_90"));
        assert_eq!((of(&all, brother, "outcome"), of(&all, brother, "childcare_group")), ("ongoing", "unknown"));
        assert_eq!(of(&all, outside, "territory"), "outside");
        assert!(sister.household.is_some() && sister.household == brother.household, "siblings share a household");
        assert_ne!(sister.household, outside.household);
        assert!(sister.referrer.is_some() && sister.referrer == outside.referrer && brother.referrer.is_none());
        // Up to the second quarter: the children with an open case, and no yearly table.
        let spring = population(&app, service, "children", 2025, 2).await;
        assert_eq!(spring.records.iter().map(|record| record.quarters).collect::<Vec<_>>().len(), 2);
        assert!(spring.records.iter().all(|record| record.quarters & !0b0011 == 0));
        assert!(spring.tables.iter().all(|table| table.quarterly));
        assert!(spring.dimensions.iter().all(|domain| domain.id != "outcome"));
        // Nothing stored identifies a child.
        let (ids, tokens) = app.sql(|conn| {
            let rows: Vec<(String, Option<String>)> =
                statistics_records::table.select((statistics_records::id, statistics_records::household)).load(conn)?;
            Ok(rows.into_iter().unzip::<_, _, Vec<String>, Vec<Option<String>>>())
        }).await;
        assert!(ids.iter().all(|id| id.as_bytes()[14] == b'4'), "random identifiers: {ids:?}");
        assert!(tokens.iter().flatten().all(|token| *token != seen["household_id"].as_str().unwrap()));
    }

    async fn published_records_do_not_change(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = followed(&caller, service, "63113", "2025-02-03").await;
        let spring = followed(&caller, service, "63300", "2025-05-05").await;
        cut(&app, service, 2025).await;
        let before = population(&app, service, "children", 2025, 1).await;
        freeze(&app, service, 2025, 1).await;
        // The family moves, its case is closed, the other family moves too, and a child of the first quarter is
        // recorded late.
        moves(&caller, &case, "63032").await;
        close(&caller, &case, "2025-03-14").await;
        moves(&caller, &spring, "63032").await;
        followed(&caller, service, "63284", "2025-03-03").await;
        cut(&app, service, 2025).await;
        assert_eq!(population(&app, service, "children", 2025, 1).await, before);
        let whole = population(&app, service, "children", 2025, 4).await;
        let commune = |code: &str| format!("commune:{code}");
        assert_eq!(quarters(&whole, "territory"), BTreeMap::from([
            ((commune("63113"), 0b0001), 1), ((commune("63032"), 0b1110), 1), ((commune("63284"), 0b1110), 1),
        ]));
        let moved = whole.records.iter().find(|record| record.quarters == 1).unwrap();
        assert_eq!(of(&whole, moved, "outcome"), "moved", "a yearly value follows its source until the end of the year");
        // A cut that finds no change writes nothing.
        let rows = stored(&app, 2025).await;
        cut(&app, service, 2025).await;
        assert_eq!(stored(&app, 2025).await, rows);
    }

    async fn an_entry_after_the_last_release_counts_in_the_next_year(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let one = followed(&caller, service, "63113", "2025-02-03").await;
        close(&caller, &one, "2025-06-30").await;
        cut(&app, service, 2025).await;
        freeze(&app, service, 2025, 4).await;
        let closed = population(&app, service, "children", 2025, 4).await;
        app.local(move |work| records::ops::unlink(work, service, 2025)).await;
        let late = followed(&caller, service, "63300", "2025-09-01").await;
        close(&caller, &late, "2025-11-03").await;
        cut(&app, service, 2025).await;
        assert_eq!(population(&app, service, "children", 2025, 4).await, closed, "a closed year does not change");
        cut(&app, service, 2026).await;
        cut(&app, service, 2026).await;
        let next = population(&app, service, "children", 2026, 4).await;
        assert_eq!(quarters(&next, "territory"), BTreeMap::from([(("commune:63300".to_owned(), 1), 1)]));
        freeze(&app, service, 2026, 1).await;
        cut(&app, service, 2026).await;
        let again = population(&app, service, "children", 2026, 4).await;
        assert_eq!(quarters(&again, "territory"), quarters(&next, "territory"), "only once");
        // The records of the closed year have no link; the counted sources are stored apart.
        assert!(stored(&app, 2025).await.iter().all(|row| !row.3));
        let apart = app.sql(|conn| Ok(statistics_counted::table.count().get_result::<i64>(conn)?)).await;
        assert_eq!(apart, 1);
    }

    async fn an_erased_child_leaves_its_record_and_every_figure(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = followed(&caller, service, "63113", "2025-02-03").await;
        followed(&caller, service, "63300", "2025-02-03").await;
        cut(&app, service, 2025).await;
        freeze(&app, service, 2025, 2).await;
        let before = population(&app, service, "children", 2025, 4).await;
        let seen = caller.get(&format!("/v1/cases/{case}")).await.expect(200);
        let id = |field: &str| seen[field].as_str().unwrap().parse::<Id>().unwrap();
        let (erased, household) = (id("child_id"), id("household_id"));
        app.local(move |work| records::ops::unlink_children(work, service, &[erased])).await;
        app.sql(move |conn| {
            diesel::delete(data_keys::table.filter(data_keys::owner_id.eq(household))).execute(conn)?;
            Ok(())
        }).await;
        assert_eq!(stored(&app, 2025).await.iter().filter(|row| row.3).count(), 1);
        cut(&app, service, 2025).await;
        assert_eq!(population(&app, service, "children", 2025, 4).await, before);
        freeze(&app, service, 2025, 4).await;
        app.local(move |work| records::ops::unlink(work, service, 2025)).await;
        // The remaining case is not a late entry: it was counted.
        close(&caller, &case, "2025-12-31").await;
        cut(&app, service, 2026).await;
        let next = population(&app, service, "children", 2026, 4).await;
        assert_eq!(next.records.len(), 1);
    }

    async fn records_can_be_corrected_once_and_only_while_they_have_links(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = followed(&caller, service, "63113", "2025-02-03").await;
        followed(&caller, service, "63300", "2025-02-03").await;
        cut(&app, service, 2025).await;
        freeze(&app, service, 2025, 2).await;
        moves(&caller, &case, "63032").await;
        let before = population(&app, service, "children", 2025, 2).await;
        let correct = async |expected: Option<String>| {
            let work = move |work: &mut passerelle::work::Work<'_>| {
                let now = work.now;
                let basis = records::ops::corrected(work, service, 2025, now)?;
                let expected = expected.or_else(|| basis.fingerprint.clone()).unwrap_or_default();
                let blank = compiled(work, service, &small())?.into_iter().find(|one| one.code == "children");
                let found = basis.population(2, blank.expect("a population"))?;
                let replaced = basis.replaced(std::slice::from_ref(&found))?.expect("the former records");
                let done = records::ops::correct(work, service, 2025, now, &expected)?;
                Ok((found, replaced.units["children"].clone(), done))
            };
            app.context().write(passerelle::auth::PrincipalId::Local, work).await
        };
        // Finding corrected records changes nothing; nor does correcting with another fingerprint.
        let (found, replaced, done) = correct(Some("other".to_owned())).await.unwrap();
        assert_eq!((replaced, done), (before.records.clone(), false));
        assert_eq!(population(&app, service, "children", 2025, 2).await, before);
        let counted = BTreeMap::from([(("commune:63032".to_owned(), 3), 1), (("commune:63300".to_owned(), 3), 1)]);
        assert_eq!(quarters(&found, "territory"), counted);
        assert!(correct(None).await.unwrap().2);
        assert_eq!(quarters(&population(&app, service, "children", 2025, 2).await, "territory"), counted);
        freeze(&app, service, 2025, 2).await;
        assert_eq!(cut(&app, service, 2025).await, Year { generation: 2, replaced_through: 2, ..cut(&app, service, 2025).await });
        correct(None).await.expect_err("only once");
        freeze(&app, service, 2025, 4).await;
        app.local(move |work| records::ops::unlink(work, service, 2025)).await;
        // A year whose links are deleted cannot be corrected.
        cut(&app, service, 2024).await;
        freeze(&app, service, 2024, 4).await;
        app.local(move |work| records::ops::unlink(work, service, 2024)).await;
        let closed = app.context().write(passerelle::auth::PrincipalId::Local, move |work| {
            let now = work.now;
            records::ops::corrected(work, service, 2024, now)
        });
        assert!(closed.await.is_err());
    }

    async fn a_correction_adds_late_entries_and_removes_wrong_ones(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let unchanged = followed(&caller, service, "63113", "2025-02-03").await;
        let wrong = followed(&caller, service, "63300", "2025-02-03").await;
        let erased = followed(&caller, service, "63032", "2025-02-03").await;
        cut(&app, service, 2025).await;
        freeze(&app, service, 2025, 1).await;
        let child_of = async |case: &str| {
            let seen = caller.get(&format!("/v1/cases/{case}")).await.expect(200);
            seen["child_id"].as_str().unwrap().parse::<Id>().unwrap()
        };
        let (mistaken, gone) = (child_of(&wrong).await, child_of(&erased).await);
        app.advance(chrono::Duration::seconds(1));
        followed(&caller, service, "63124", "2025-03-10").await;
        app.local(move |work| records::ops::unlink_children(work, service, &[gone])).await;
        app.sql(move |conn| {
            use passerelle::db::schema::cases;
            // As if the case had been opened a year later.
            let begun = cases::opened_on.eq(chrono::NaiveDate::from_ymd_opt(2026, 2, 3).unwrap());
            diesel::update(cases::table.filter(cases::child_id.eq(mistaken))).set(begun).execute(conn)?;
            Ok(())
        }).await;
        let counted = app.local(move |work| {
            let now = work.now;
            let basis = records::ops::corrected(work, service, 2025, now)?;
            let blank = compiled(work, service, &small())?.into_iter().find(|one| one.code == "children");
            basis.population(1, blank.expect("a population"))
        }).await;
        let places: Vec<_> = quarters(&counted, "territory").into_keys().map(|(place, _)| place).collect();
        assert_eq!(places, ["commune:63032", "commune:63113", "commune:63124"]);
        assert_eq!(quarters(&counted, "territory").into_values().sum::<u32>(), 3);
        caller.get(&format!("/v1/cases/{unchanged}")).await.expect(200);
    }

    async fn loans_actions_and_participants_count_in_the_quarter_of_their_day(app: TestApp) {
        let shelf = LendingService::new(&app, 2).await;
        let service = shelf.service;
        shelf.lent("2026-03-02").await;
        let request = shelf.request_of_family("2026-03-02");
        let family = shelf.ask(request).await.expect(201).id();
        for action in ["confirm", "hand-out"] {
            shelf.act(&family, action, (action == "hand-out").then(|| json!({}))).await.expect(200);
        }
        let agenda = ActionService { service, staff: shelf.staff.clone(), organisation: shelf.organisation.clone() };
        let held = agenda.planned("2026-02-09").await;
        let who = json!({"participants": [came("parent", 9), came("childminder", 3)]});
        agenda.act(&held, "hold", Some(who)).await.expect(200);
        agenda.planned("2026-02-10").await;
        cut(&app, service, 2026).await;
        let loans = population(&app, service, "loans", 2026, 1).await;
        let mut groups: Vec<_> = loans
            .records
            .iter()
            .map(|one| (of(&loans, one, "borrower_group"), of(&loans, one, "territory"), one.household.is_some()))
            .collect();
        groups.sort_unstable();
        assert_eq!(groups, [("childcare", "commune:63032", false), ("family", "commune:63300", true)]);
        assert!(loans.records.iter().all(|one| of(&loans, one, "kit") == shelf.kit && one.quarters == 1));
        let actions = population(&app, service, "actions", 2026, 1).await;
        assert_eq!(quarters(&actions, "action_type"), BTreeMap::from([(("parent_cafe".to_owned(), 1), 1)]));
        let came = population(&app, service, "participants", 2026, 1).await;
        let expected = [("childminder", 3), ("parent", 9)].map(|(kind, number)| ((kind.to_owned(), 1), number));
        assert_eq!(quarters(&came, "participant_type"), BTreeMap::from(expected));
        // An action that was reopened no longer counts, as long as it is not published.
        agenda.act(&held, "reopen", None).await.expect(200);
        cut(&app, service, 2026).await;
        assert!(population(&app, service, "actions", 2026, 1).await.records.is_empty());
    }

    async fn each_service_has_its_own_records(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (other, _) = coordinator(&app).await;
        case_of(&caller, service, "Exemple", "2025-02-03").await;
        cut(&app, service, 2025).await;
        cut(&app, other, 2025).await;
        assert_eq!(population(&app, service, "children", 2025, 4).await.records.len(), 1);
        assert!(population(&app, other, "children", 2025, 4).await.records.is_empty());
    }
}
