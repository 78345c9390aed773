//! Undoing a merge: everything is as before, unless something new hangs on what was merged.

use std::collections::{BTreeMap, BTreeSet};

use passerelle::db::Id;
use passerelle::db::whole::take;
use passerelle::merges::model::{NAMING, PARTS};
use serde_json::{Value, json};

use crate::cases::{accept, coordinator, interview, nursery, with};
use crate::child_merges::{Recorded, followed, merge, recorded};
use crate::harness::lending_service::LendingService;
use crate::harness::{Caller, Response, TestApp};

/// Tables that record what happened, and are not undone.
const JOURNALS: &[&str] = &["audit_events", "audit_objects", "changes", "stored_replies", "child_merges"];

/// Every row of every table, without versions, times of update, and what the histories of cases say of merges.
pub(crate) fn dump(app: &TestApp) -> BTreeMap<String, BTreeSet<String>> {
    let mut conn = app.database.connect();
    let tables = app.database.tables().into_iter().filter(|table| !JOURNALS.contains(&table.as_str()));
    let rows = tables.map(|table| {
        let kept = if table == "case_events" { "action NOT IN ('merge', 'undo_merge')" } else { "1 = 1" };
        let rows = take(&mut conn, &table, kept).unwrap().into_iter().map(|mut row| {
            row.remove("version");
            row.remove("updated_at");
            Value::Object(row).to_string()
        });
        (table, rows.collect())
    });
    rows.collect()
}

pub(crate) fn assert_same(
    before: &BTreeMap<String, BTreeSet<String>>,
    after: &BTreeMap<String, BTreeSet<String>>,
    what: &str,
) {
    for (table, rows) in before {
        let now = &after[table];
        let (lost, new): (Vec<_>, Vec<_>) = (rows.difference(now).collect(), now.difference(rows).collect());
        assert!(lost.is_empty() && new.is_empty(), "{what}, {table}: lost {lost:#?}, new {new:#?}");
    }
}

pub(crate) async fn undo(caller: &Caller, merge: &Response) -> Response {
    caller.act(&format!("/v1/child-merges/{}/undo", merge.id())).await
}

/// The obstacles of a refusal, as `code resource`.
pub(crate) fn obstacles(refused: &Response) -> BTreeSet<String> {
    let text = |one: &Value| format!("{} {}", one["code"].as_str().unwrap(), one["resource"].as_str().unwrap());
    refused["obstacles"].as_array().expect("obstacles").iter().map(text).collect()
}

/// A linear congruential generator (Knuth's MMIX), so that every run has the same histories.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// A child of whom something was recorded.
struct Child {
    recorded: Recorded,
    case: Option<String>,
}

/// The recording of random histories of two children.
struct Historian<'a> {
    caller: &'a Caller,
    shelf: &'a LendingService,
    dice: Dice,
    nurseries: Vec<String>,
    /// The case of another child.
    third: String,
    /// Who takes cases over.
    colleague: String,
}

impl Historian<'_> {
    /// Records something about one of the children, if it can be recorded.
    #[expect(clippy::too_many_lines, reason = "one arm per kind of record")]
    async fn add(&mut self, service: Id, of: usize, children: &[Child; 2]) {
        let (caller, child) = (self.caller, &children[of]);
        let home = &child.recorded.household;
        let case = child.case.as_ref();
        let day = format!("2026-02-{:02}", 12 + self.dice.below(10));
        match (self.dice.below(20), case) {
            (0, _) => {
                let new = json!({"given_name": "Lou", "family_name": "Quenouillard", "birth_date": "2020-01-05"});
                caller.post(&format!("/v1/households/{home}/children"), new).await.expect(201);
            }
            (1, _) => {
                let new = json!({"relation": "parent", "name": "Dominique Quenouillard", "email": "d@example.org"});
                caller.post(&format!("/v1/households/{home}/contacts"), new).await.expect(201);
            }
            (2, _) => {
                let new = with(
                    self.shelf.request("2026-03-02"),
                    "borrower",
                    json!({"kind": "household", "household_id": home}),
                );
                let new = with(new, "note", "Lama".into());
                let new = case.map_or(new.clone(), |case| with(new, "case_id", case.as_str().into()));
                caller.post("/v1/reservations", new).await;
            }
            (3, _) => {
                let path = format!("/v1/children/{}", child.recorded.child);
                caller.patch(&path, json!({"given_name": if of == 0 { "Zélie" } else { "Zélia" }})).await.expect(200);
            }
            (4 | 5, Some(case)) => {
                let new = with(interview(&day), "note", "Axolotl".into());
                let new = if self.dice.below(2) == 0 { with(new, "next_action_on", "2026-03-12".into()) } else { new };
                let made = caller.post(&format!("/v1/cases/{case}/interventions"), new).await.expect(201).id();
                if self.dice.below(2) == 0 {
                    caller.patch(&format!("/v1/interventions/{made}"), json!({"minutes": 15})).await.expect(200);
                }
            }
            (6, Some(case)) => {
                let new = json!({"step": "childcare_search", "reached_on": day, "note": "Deux crèches."});
                let made = caller.post(&format!("/v1/cases/{case}/steps"), new).await.expect(201).id();
                if self.dice.below(3) == 0 {
                    caller.delete(&format!("/v1/case-steps/{made}?reason=entered_by_mistake")).await.expect(200);
                }
            }
            (7, Some(case)) => {
                // Each child has nurseries of its own: the same place twice would be in the way.
                let place =
                    json!({"organisation_id": self.nurseries[of], "childcare_type": "creche", "starts_on": day});
                let place = with(place, "is_main", (of == 0).into());
                caller.post(&format!("/v1/cases/{case}/placements"), place).await;
            }
            (8, Some(case)) => {
                let goal = json!({"title": "Une matinée seul", "set_on": day});
                let goal = caller.post(&format!("/v1/cases/{case}/goals"), goal).await.expect(201).id();
                let review = json!({"reviewed_on": day, "attainment": 2, "comment": "Une heure."});
                caller.post(&format!("/v1/goals/{goal}/reviews"), review).await.expect(201);
            }
            (9, Some(case)) => {
                let both: Vec<&String> = children.iter().filter_map(|child| child.case.as_ref()).collect();
                let cases = if self.dice.below(2) == 0 { json!(both) } else { json!([case]) };
                let new = json!({
                    "service_id": service, "type": "family_interview", "planned_on": "2026-03-12", "starts_at": "09:30",
                    "minutes": 60, "place": "family_home", "case_ids": cases, "title": "Entretien", "note": "Sonner."
                });
                caller.post("/v1/appointments", new).await.expect(201);
            }
            (10, Some(case)) => {
                caller
                    .post(&format!("/v1/cases/{case}/follow-up"), json!({"next_follow_up_on": "2026-04-15"}))
                    .await
                    .expect(200);
            }
            (11, Some(case)) => {
                let new = json!({"kind": "mdph_file", "next_on": "2026-03-20", "note": "Certificat."});
                caller.post(&format!("/v1/cases/{case}/procedures"), new).await.expect(201);
            }
            (12, Some(case)) if of == 0 => {
                let new = json!({"grounds": ["several_partners"], "flagged_on": day});
                let made = caller.post(&format!("/v1/cases/{case}/complex-situations"), new).await;
                if made.status == 201 {
                    let new = json!({"held_on": "2026-02-24", "decision": "Mi-temps."});
                    let path = format!("/v1/complex-situations/{}/discussions", made.id());
                    caller.post(&path, new).await.expect(201);
                }
            }
            (13, Some(case)) => {
                // An act about this case and a third one, or about both children.
                let other = children[1 - of].case.as_ref().filter(|_| self.dice.below(3) > 0);
                let mut about = vec![case, other.unwrap_or(&self.third)];
                about.extend(other.filter(|_| self.dice.below(2) == 0).map(|_| &self.third));
                let people = json!([{"kind": "parent", "number": 3}]);
                let new = with(with(interview(&day), "case_ids", json!(about)), "participants", people);
                let new = if self.dice.below(2) == 0 { with(new, "note", "Tatou".into()) } else { new };
                caller.post("/v1/interventions", with(new, "service_id", service.as_str().into())).await;
            }
            (17, Some(case)) => {
                // Held: of this case, or of both, in either order.
                let other = children[1 - of].case.as_ref().filter(|_| self.dice.below(4) > 0);
                let both: Vec<&String> = other.into_iter().chain([case]).collect();
                let new = json!({
                    "service_id": service, "type": "family_interview", "planned_on": day, "starts_at": "09:30", "minutes": 51,
                    "place": "family_home", "case_ids": both, "participants": [{"kind": "parent", "number": 3}]
                });
                let made = caller.post("/v1/appointments", new).await.expect(201).id();
                caller.post(&format!("/v1/appointments/{made}/hold"), json!({"travel_minutes": 7})).await.expect(200);
            }
            (18 | 19, Some(case)) => {
                let to = if self.dice.below(3) == 0 { caller.bare_id().to_string() } else { self.colleague.clone() };
                let new = json!({"case_ids": [case], "referent_id": to, "starts_on": day});
                caller.post("/v1/cases/hand-over", new).await.expect(200);
            }
            (14 | 15, Some(case)) => {
                // About the latest intervention, which may be that of an act about both children.
                let work = caller.get(&format!("/v1/cases/{case}/interventions?sort=-updated_at")).await.expect(200);
                let work = work.rows().first().map_or(Value::Null, |row| row["id"].clone());
                let kind = if self.dice.below(2) == 0 { "summary" } else { "restricted" };
                let new = json!({"kind": kind, "text": "Pangolin", "intervention_id": work});
                caller.post(&format!("/v1/cases/{case}/notes"), new).await.expect(201);
                let new = json!({"kind": "other", "text": "Lama", "addressed_to": "parent", "intervention_id": work});
                caller.post(&format!("/v1/cases/{case}/recommendations"), new).await.expect(201);
            }
            _ => {
                let path = format!("/v1/referrals/{}", child.recorded.referral);
                caller.patch(&path, json!({"urgency": "urgent", "description": "Wombat"})).await.expect(200);
            }
        }
    }

    /// A child with or without an open case, or with one that was closed.
    async fn child(&mut self, service: Id, name: &str) -> Child {
        let recorded = recorded(self.caller, service, name, "2026-02-10").await;
        let case = match self.dice.below(4) {
            0 => None,
            fate => {
                let case = accept(self.caller, &recorded.referral, "2026-02-10").await;
                if fate == 1 {
                    let closure = json!({"outcome": "need_met"});
                    self.caller.post(&format!("/v1/cases/{case}/close"), closure).await.expect(200);
                    None
                } else {
                    Some(case)
                }
            }
        };
        Child { recorded, case }
    }
}

on_both_databases! {
    async fn a_merge_that_is_undone_leaves_every_row_as_it_was(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let shelf = LendingService::of(&app, service, 2).await;
        let nurseries = vec![nursery(&caller, service, "Les Lutins").await, nursery(&caller, service, "Les Elfes").await];
        let third = followed(&caller, service, "Hugo", "2026-02-02").await.1;
        let colleague = app.user(service, passerelle::auth::Role::Professional).await.bare_id().to_string();
        let mut historian = Historian { caller: &caller, shelf: &shelf, dice: Dice(2026), nurseries, third, colleague };
        for turn in 0..14 {
            let children =
                [historian.child(service, "Zélie").await, historian.child(service, "Zelie").await];
            for _ in 0..historian.dice.below(12) {
                app.advance(chrono::Duration::minutes(1));
                let of = usize::from(historian.dice.below(2) == 1);
                historian.add(service, of, &children).await;
            }
            let before = dump(&app);
            let texts = texts_of(&caller, &children).await;
            app.advance(chrono::Duration::minutes(1));
            let done = merge(&caller, &children[0].recorded.child, &children[1].recorded.child).await.expect(200);
            assert_eq!(texts_of(&caller, &children).await, texts, "turn {turn}: a text that opened opens after the merge");
            app.advance(chrono::Duration::minutes(1));
            let undone = undo(&caller, &done).await.expect(200);
            assert_eq!((&undone["available_actions"], &undone["undone_by"]), (&json!([]), &undone["author"]));
            assert_same(&before, &dump(&app), &format!("turn {turn}"));
            assert_eq!(texts_of(&caller, &children).await, texts, "turn {turn}");
            caller.get(&children[1].recorded.path()).await.expect(200);
            undo(&caller, &done).await.expect(409).problem("wrong_state");
        }
    }

    async fn what_is_new_is_in_the_way_of_an_undo(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, other) = followed(&caller, service, "Zelie", "2026-02-02").await;
        let work = with(interview("2026-02-12"), "note", "Axolotl".into());
        let work = caller.post(&format!("/v1/cases/{other}/interventions"), work).await.expect(201).id();
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
        let since = caller.post(&format!("/v1/cases/{case}/interventions"), interview("2026-02-20")).await.expect(201).id();
        let new = json!({"relation": "parent", "name": "Dominique Quenouillard"});
        let contact = caller.post(&format!("/v1/households/{}/contacts", stays.household), new).await.expect(201).id();
        caller.post(&format!("/v1/cases/{case}/close"), json!({"outcome": "need_met"})).await.expect(200);
        let refused = undo(&caller, &done).await.expect(409).problem("conflict");
        let expected = ["created_since intervention", "created_since contact", "closed_since case", "created_since case_step"];
        assert_eq!(obstacles(&refused), expected.map(str::to_owned).into());
        assert!(refused.text().contains(&since) && refused.text().contains(&contact), "{}", refused.text());
        // The way out.
        caller.act(&format!("/v1/cases/{case}/reopen")).await.expect(200);
        caller.delete(&format!("/v1/interventions/{since}?reason=entered_by_mistake")).await.expect(200);
        caller.delete(&format!("/v1/contacts/{contact}?reason=entered_by_mistake")).await.expect(204);
        undo(&caller, &done).await.expect(200);
        let read = caller.get(&format!("/v1/interventions/{work}")).await.expect(200);
        assert_eq!((&read["case_id"], &read["note"]), (&json!(other), &json!("Axolotl")));
    }

    async fn the_latest_merge_is_undone_first_and_within_thirty_days(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (one, _) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let two = recorded(&caller, service, "Zelie", "2026-02-02").await;
        let three = recorded(&caller, service, "Zélie", "2026-02-03").await;
        let before = dump(&app);
        let first = merge(&caller, &one.child, &two.child).await.expect(200);
        let between = dump(&app);
        let second = merge(&caller, &three.child, &one.child).await.expect(200);
        let refused = undo(&caller, &first).await.expect(409).problem("conflict");
        assert_eq!(obstacles(&refused), BTreeSet::from(["merged_since child_merge".to_owned()]));
        assert_eq!(refused["obstacles"][0]["ids"], json!([second.id()]));
        let gone = caller.get(&two.path()).await.expect(404);
        assert_eq!(gone["merged_into"], three.child.as_str());
        undo(&caller, &second).await.expect(200);
        assert_same(&between, &dump(&app), "the second is undone");
        app.advance(chrono::Duration::days(30));
        assert_eq!(caller.get(&format!("/v1/child-merges/{}", first.id())).await["available_actions"], json!(["undo"]));
        app.advance(chrono::Duration::seconds(1));
        assert_eq!(caller.get(&format!("/v1/child-merges/{}", first.id())).await["available_actions"], json!([]));
        undo(&caller, &first).await.expect(409).problem("conflict");
        assert_ne!(before, between);
    }

    async fn the_merge_knows_every_table_that_names_a_child_a_household_or_a_case(app: TestApp) {
        let known: BTreeSet<(&str, &str)> = NAMING
            .iter()
            .flat_map(|of| {
                let columns = [(of.child, "child_id"), (of.household, "household_id"), (of.case, "case_id")];
                columns.into_iter().filter(|(has, _)| *has).map(move |(_, column)| (of.table, column))
            })
            .chain([("blind_tokens", "household_id")])
            .collect();
        let keys = match app.database.engine() {
            crate::harness::Engine::Sqlite => {
                "SELECT tables.name || ' ' || keys.\"from\" AS text FROM sqlite_master AS tables, \
                 pragma_foreign_key_list(tables.name) AS keys \
                 WHERE tables.type = 'table' AND keys.\"table\" IN ('children', 'households', 'cases')"
            }
            crate::harness::Engine::Postgres => {
                "SELECT c.conrelid::regclass || ' ' || a.attname AS text FROM pg_constraint AS c \
                 JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] \
                 WHERE c.contype = 'f' AND c.confrelid IN ('children'::regclass, 'households'::regclass, 'cases'::regclass)"
            }
        };
        let keys = app.database.texts(keys);
        let keys: BTreeSet<(&str, &str)> = keys.iter().map(|key| key.split_once(' ').unwrap()).collect();
        assert_eq!(known, keys, "a table that names a child, a household or a case is in NAMING of src/merges/model.rs");
        let tables = app.database.tables();
        assert!(PARTS.iter().all(|(table, ..)| tables.iter().any(|known| known == table)));
    }
}

/// The texts about two children that a caller reads, whatever they hang on.
async fn texts_of(caller: &Caller, children: &[Child; 2]) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    let mut paths = Vec::new();
    for child in children {
        paths.push(format!("/v1/households/{}", child.recorded.household));
        paths.push(format!("/v1/referrals/{}", child.recorded.referral));
        if let Some(case) = &child.case {
            for records in ["interventions", "steps", "goals", "notes", "recommendations"] {
                paths.push(format!("/v1/cases/{case}/{records}"));
            }
        }
    }
    for path in paths {
        let read = caller.get(&path).await;
        if read.status == 200 {
            collect(&read.json, &mut texts);
        }
    }
    let planned = caller.get("/v1/appointments?limit=500").await.expect(200);
    collect(&planned.json, &mut texts);
    // Of an absorbed child only the identity is not shown.
    texts.retain(|text| !["Zélie", "Zelie", "Zélia"].contains(&text.as_str()));
    texts
}

fn collect(value: &Value, texts: &mut BTreeSet<String>) {
    const SEALED: &[&str] = &["note", "text", "title", "comment", "description", "name", "phone", "email", "address"];
    match value {
        Value::Array(all) => all.iter().for_each(|one| collect(one, texts)),
        Value::Object(fields) => {
            for (field, value) in fields {
                match value.as_str().filter(|_| SEALED.contains(&field.as_str())) {
                    Some(text) => drop(texts.insert(text.to_owned())),
                    None => collect(value, texts),
                }
            }
        }
        _ => {}
    }
}
