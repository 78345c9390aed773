//! Merging two children that were recorded for one: what moves, what is in the way, who may, and what a merge leaves behind.

use std::collections::{BTreeMap, BTreeSet};

use passerelle::auth::{Permission, Role};
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::cases::{accept, coordinator, interview, nursery, refer, with};
use crate::harness::contract::{operations, row_schema};
use crate::harness::lending_service::LendingService;
use crate::harness::{Caller, Response, TestApp};

/// A child as a referral recorded it.
pub(crate) struct Recorded {
    pub(crate) child: String,
    pub(crate) household: String,
    pub(crate) referral: String,
}

impl Recorded {
    pub(crate) fn path(&self) -> String {
        format!("/v1/children/{}", self.child)
    }
}

/// Records a child with a referral, in a new household.
pub(crate) async fn recorded(caller: &Caller, service: Id, given_name: &str, received_on: &str) -> Recorded {
    let about = json!({
        "subject": "child", "commune_code": "63113", "description": "Ornithorynque",
        "child": {
            "identity": {"given_name": given_name, "family_name": "Quenouillard", "birth_date": "2023-04-05"},
            "contacts": [{"relation": "parent", "name": format!("Parent de {given_name}"), "phone": "06 39 98 00 00"}]
        }
    });
    let referral = refer(caller, service, received_on, about).await;
    let read = caller.get(&format!("/v1/referrals/{referral}")).await.expect(200);
    let text = |field: &str| read[field].as_str().unwrap().to_owned();
    Recorded { child: text("child_id"), household: text("household_id"), referral }
}

/// [`recorded`], with the case that the accepted referral opens.
pub(crate) async fn followed(caller: &Caller, service: Id, given_name: &str, opened_on: &str) -> (Recorded, String) {
    let child = recorded(caller, service, given_name, opened_on).await;
    let case = accept(caller, &child.referral, opened_on).await;
    (child, case)
}

/// Merges a child into another.
pub(crate) async fn merge(caller: &Caller, survivor: &str, absorbed: &str) -> Response {
    caller.post(&format!("/v1/children/{survivor}/merge"), json!({"absorbed_id": absorbed})).await
}

/// The example of the body of an operation.
fn example(body: &Value) -> Value {
    let content = body["content"].as_object().unwrap().values().next().unwrap();
    content.get("example").cloned().unwrap_or_else(|| row_schema(&content["schema"]).0["examples"][0].clone())
}

/// What a merge moved, as `resource id`.
fn moved(merge: &Response) -> BTreeSet<String> {
    let text = |row: &Value| format!("{} {}", row["resource"].as_str().unwrap(), row["id"].as_str().unwrap());
    merge["moved"].as_array().unwrap().iter().map(text).collect()
}

/// Two children recorded for one, each with a household and an open case; what hangs on the one that goes.
struct Scene {
    service: Id,
    caller: Caller,
    stays: Recorded,
    case: String,
    goes: Recorded,
    other: String,
    sibling: String,
    contact: String,
    work: String,
    goal: String,
    review: String,
    loan: String,
}

impl Scene {
    async fn new(app: &TestApp) -> Self {
        let (service, caller) = coordinator(app).await;
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, other) = followed(&caller, service, "Zelie", "2026-02-02").await;
        let sibling = json!({"given_name": "Lou", "family_name": "Quenouillard", "birth_date": "2020-01-05"});
        let children = format!("/v1/households/{}/children", goes.household);
        let sibling = caller.post(&children, sibling).await.expect(201).id();
        let of_home = caller.get(&format!("/v1/households/{}", goes.household)).await.expect(200);
        let contact = of_home["contacts"][0]["id"].as_str().unwrap().to_owned();
        let work = with(interview("2026-02-12"), "note", "Axolotl".into());
        let work = with(work, "next_action_on", "2026-03-12".into());
        let work = caller.post(&format!("/v1/cases/{other}/interventions"), work).await.expect(201).id();
        let goal = json!({"title": "Une matinée seul", "set_on": "2026-02-12"});
        let goal = caller.post(&format!("/v1/cases/{other}/goals"), goal).await.expect(201).id();
        let review = json!({"reviewed_on": "2026-02-13", "attainment": 2, "comment": "Pangolin"});
        let review = caller.post(&format!("/v1/goals/{goal}/reviews"), review).await.expect(201).id();
        let corrected = json!({"minutes": 75, "note": "Axolotl corrigé"});
        caller.patch(&format!("/v1/interventions/{work}"), corrected).await.expect(200);
        let shelf = LendingService::of(app, service, 1).await;
        let family = json!({"kind": "household", "household_id": goes.household});
        let loan = with(with(shelf.request("2026-03-02"), "borrower", family), "note", "Lama".into());
        let loan = with(loan, "case_id", other.as_str().into());
        let loan = caller.post("/v1/reservations", loan).await.expect(201).id();
        app.advance(chrono::Duration::minutes(5));
        Self { service, caller, stays, case, goes, other, sibling, contact, work, goal, review, loan }
    }

    async fn merged(&self) -> Response {
        let asked = json!({"absorbed_id": self.goes.child, "reason": "Saisie deux fois"});
        self.caller.post(&format!("{}/merge", self.stays.path()), asked).await.expect(200)
    }

    async fn read(&self, path: &str) -> Response {
        self.caller.get(path).await.expect(200)
    }
}

on_both_databases! {
    async fn a_dry_run_says_what_a_merge_moves(app: TestApp) {
        let scene = Scene::new(&app).await;
        let Scene { caller, stays, case, goes, other, .. } = &scene;
        let before = app.database.counts();
        let path = format!("{}/merge", stays.path());
        let asked = json!({"absorbed_id": goes.child, "reason": "Saisie deux fois"});
        let dry = caller.post(&format!("{path}?dry_run=true"), asked.clone()).await.expect(200);
        assert_eq!((&dry["id"], &dry["merged_at"], &dry["version"]), (&Value::Null, &Value::Null, &json!(0)));
        assert_eq!(app.database.counts(), before, "a dry run wrote something");
        let stale = caller.clone().with_header("If-Match", "\"7\"");
        stale.post(&path, asked).await.expect(412).problem("version_mismatch");

        let done = scene.merged().await;
        assert_eq!(moved(&done), moved(&dry), "the dry run said what moved");
        for (resource, id) in [
            ("child", &scene.sibling), ("contact", &scene.contact), ("referral", &goes.referral),
            ("intervention", &scene.work), ("goal", &scene.goal), ("reservation", &scene.loan),
        ] {
            assert!(moved(&done).contains(&format!("{resource} {id}")), "{resource}: {:?}", moved(&done));
        }
        for (field, value) in [
            ("survivor_child_id", &stays.child), ("survivor_household_id", &stays.household), ("survivor_case_id", case),
            ("absorbed_child_id", &goes.child), ("absorbed_household_id", &goes.household), ("absorbed_case_id", other),
        ] {
            assert_eq!(done[field], value.as_str(), "{field}");
        }
        assert_eq!((&done["reason"], &done["available_actions"]), (&json!("Saisie deux fois"), &json!(["undo"])));
        assert_eq!(done["counted_in"], json!([]));
        assert!(done["author_name"].is_string());
        let listed = scene.read(&format!("/v1/child-merges?service_id={}", scene.service)).await;
        assert_eq!((listed.rows().len(), &listed.rows()[0]["id"]), (1, &done["id"]));
        let one = scene.read(&format!("/v1/child-merges/{}", done.id())).await;
        assert_eq!((&one["reason"], moved(&one)), (&json!("Saisie deux fois"), moved(&done)));
    }

    async fn everything_names_the_survivor_and_opens(app: TestApp) {
        let scene = Scene::new(&app).await;
        let Scene { case, stays, goes, other, .. } = &scene;
        let version = scene.read(&stays.path()).await["version"].as_i64().unwrap();
        scene.merged().await;
        let joined = scene.read(&format!("/v1/cases/{case}")).await;
        assert_eq!((&joined["opened_on"], &joined["next_follow_up_on"]), (&json!("2026-02-02"), &json!("2026-03-12")));
        assert_eq!(joined["referral_ids"].as_array().unwrap().len(), 2);
        let home = scene.read(&format!("/v1/households/{}", stays.household)).await;
        assert_eq!((home["children"].as_array().unwrap().len(), home["contacts"].as_array().unwrap().len()), (2, 2));
        assert_eq!(scene.read(&format!("/v1/children/{}", scene.sibling)).await["given_name"], "Lou");
        let referral = scene.read(&format!("/v1/referrals/{}", goes.referral)).await;
        assert_eq!((&referral["child_id"], &referral["case_id"]), (&json!(stays.child), &json!(case)));
        assert_eq!(referral["description"], "Ornithorynque");
        let work = scene.read(&format!("/v1/interventions/{}", scene.work)).await;
        assert_eq!((&work["case_id"], &work["note"]), (&json!(case), &json!("Axolotl corrigé")));
        let history = scene.read(&format!("/v1/interventions/{}/history", scene.work)).await;
        assert!(history.text().contains("Axolotl"), "{}", history.text());
        assert_eq!(scene.read(&format!("/v1/goal-reviews/{}", scene.review)).await["comment"], "Pangolin");
        let loan = scene.read(&format!("/v1/reservations/{}", scene.loan)).await;
        assert_eq!((&loan["borrower"]["household_id"], &loan["note"]), (&json!(stays.household), &json!("Lama")));
        assert_eq!(scene.read(&stays.path()).await["version"], version + 1);
        let team = scene.read(&format!("/v1/cases/{case}/team")).await;
        assert_eq!(team.rows().len(), 1, "who is in both teams is in it once");
        let events = scene.read(&format!("/v1/cases/{case}/history")).await;
        let of: BTreeSet<&str> = events.rows().iter().map(|event| event["case_id"].as_str().unwrap()).collect();
        assert_eq!(of, BTreeSet::from([case.as_str(), other.as_str()]), "both histories");
        let figures = format!("/v1/services/{}/activity?from=2026-01-01&to=2026-12-31", scene.service);
        assert_eq!(scene.read(&figures).await["active_file"]["children"], 1);
        let named = json!({
            "service_id": scene.service, "given_name": "Zelie", "family_name": "Quenouillard", "birth_date": "2023-04-05"
        });
        let found = scene.caller.post("/v1/children/look-up", named).await.expect(200);
        let found: Vec<&Value> = found.rows().iter().map(|row| &row["child"]["id"]).collect();
        assert!(found.contains(&&json!(stays.child)) && !found.contains(&&json!(goes.child)), "{found:?}");
    }

    async fn what_is_gone_says_where_it_went(app: TestApp) {
        let scene = Scene::new(&app).await;
        let Scene { case, stays, goes, other, .. } = &scene;
        let done = scene.merged().await;
        let elsewhere = app.user(app.service().await, Role::Manager).await;
        for (path, into) in [
            (goes.path(), &stays.child), (format!("/v1/households/{}", goes.household), &stays.household),
            (format!("/v1/cases/{other}"), case),
        ] {
            let gone = scene.caller.get(&path).await.expect(404).problem("not_found");
            assert_eq!(gone["merged_into"], into.as_str(), "{path}");
            assert!(elsewhere.get(&path).await.expect(404).json.get("merged_into").is_none(), "{path}");
        }
        // So do the paths below, whatever the method.
        let mut below = 0;
        for operation in operations() {
            let of = [("/v1/cases/{id}", other, case), ("/v1/children/{id}", &goes.child, &stays.child),
                      ("/v1/households/{id}", &goes.household, &stays.household)];
            let Some((_, gone, into)) = of.into_iter().find(|(path, ..)| operation.path.starts_with(path)) else { continue };
            let path = operation.path.replace("{id}", gone);
            let body = operation.said.get("requestBody").map(example);
            let of_absorbed = |body: Value| if operation.path.ends_with("/merge") {
                json!({"absorbed_id": stays.child})
            } else { body };
            let answer = match operation.method.as_str() {
                "PATCH" => scene.caller.patch(&path, body.unwrap()).await,
                method => scene.caller.call(method, &path, body.map(of_absorbed)).await,
            };
            let answer = answer.expect(404).problem("not_found");
            assert_eq!(answer["merged_into"], into.as_str(), "{} {path}", operation.method);
            below += 1;
        }
        assert!(below >= 30, "{below}");
        let feed = scene.read("/v1/changes?limit=500").await;
        let of = |id: &str| {
            let event = feed.rows().iter().rev().find(|event| event["object_id"] == id).expect("an event");
            (event["kind"].clone(), event["deletion_reason"].clone(), event["merged_into"].clone())
        };
        for (gone, into) in [(&goes.child, &stays.child), (&goes.household, &stays.household), (other, case)] {
            assert_eq!(of(gone), (json!("deleted"), json!("duplicate"), json!(into)));
        }
        for changed in [&stays.child, &stays.household, case, &scene.sibling, &scene.contact, &scene.work, &scene.loan] {
            assert_eq!(of(changed), (json!("updated"), Value::Null, Value::Null), "{changed}");
        }
        assert_eq!(of(&done.id()).0, "created");
    }

    async fn erasing_the_survivor_destroys_both_keys(app: TestApp) {
        let scene = Scene::new(&app).await;
        let done = scene.merged().await;
        let stored = passerelle::db::whole::take(&mut app.database.connect(), "child_merges", "1 = 1").unwrap();
        let stored = serde_json::to_string(&stored).unwrap();
        for canary in ["Saisie deux fois", "Axolotl", "Quenouillard"] {
            assert!(!stored.contains(canary), "{canary} is stored in clear");
        }
        let household = &scene.stays.household;
        let keys = format!("SELECT owner_id AS text FROM data_keys WHERE holder_id = '{household}'");
        assert_eq!(app.database.texts(&keys).len(), 2);
        app.database.execute(&format!("DELETE FROM data_keys WHERE holder_id = '{household}'")).unwrap();
        scene.caller.get(&scene.stays.path()).await.expect(404);
        assert_eq!(scene.read(&format!("/v1/interventions/{}", scene.work)).await["note"], Value::Null);
        let path = format!("/v1/child-merges/{}", done.id());
        assert_eq!(scene.read(&path).await["reason"], Value::Null);
        scene.caller.act(&format!("{path}/undo")).await.expect(409).problem("conflict");
    }

    async fn twins_of_one_household_merge_alone(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let twin = json!({"given_name": "Zelie", "family_name": "Quenouillard", "birth_date": "2023-04-05"});
        let twin = caller.post(&format!("/v1/households/{}/children", stays.household), twin).await.expect(201).id();
        let done = merge(&caller, &stays.child, &twin).await.expect(200);
        assert_eq!((&done["absorbed_household_id"], &done["absorbed_case_id"]), (&Value::Null, &Value::Null));
        assert_eq!(moved(&done), BTreeSet::new());
        let home = caller.get(&format!("/v1/households/{}", stays.household)).await.expect(200);
        assert_eq!((home["children"].as_array().unwrap().len(), home["contacts"].as_array().unwrap().len()), (1, 1));
        assert_eq!(caller.get(&format!("/v1/cases/{case}")).await.expect(200)["child_id"], stays.child.as_str());
        // The other way round, the open case goes on for the survivor.
        let other = caller.post(&format!("/v1/households/{}/children", stays.household),
            json!({"given_name": "Zélie", "family_name": "Quenouillard", "birth_date": "2023-04-05"})).await.expect(201).id();
        let done = merge(&caller, &other, &stays.child).await.expect(200);
        assert!(moved(&done).contains(&format!("case {case}")), "{:?}", moved(&done));
        assert_eq!(caller.get(&format!("/v1/cases/{case}")).await.expect(200)["child_id"], other.as_str());
        // The chain is followed to its end.
        let gone = caller.get(&format!("/v1/children/{twin}")).await.expect(404);
        assert_eq!(gone["merged_into"], other.as_str());
    }

    async fn only_who_corrects_and_writes_households_merges_children_of_one_service(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let stays = recorded(&caller, service, "Zélie", "2026-02-10").await;
        let goes = recorded(&caller, service, "Zelie", "2026-02-02").await;
        let professional = app.user(service, Role::Professional).await;
        let refused = merge(&professional, &stays.child, &goes.child).await.expect(403).problem("forbidden");
        assert_eq!(refused["required_permission"], "cases:correct");
        let half = app.client(service, &[Permission::CasesCorrect]).await;
        let refused = merge(&half, &stays.child, &goes.child).await.expect(403).problem("forbidden");
        assert_eq!(refused["required_permission"], "households:write");
        let elsewhere = app.service().await;
        let both = app.client_of(&[service, elsewhere], &[Permission::CasesCorrect, Permission::HouseholdsWrite,
            Permission::HouseholdsRead, Permission::ReferralsWrite, Permission::ReferralsRead]).await;
        let foreign = recorded(&both, elsewhere, "Zélie", "2026-02-02").await;
        merge(&both, &stays.child, &foreign.child).await.breaks("/absorbed_id", "unknown_child");
        merge(&caller, &stays.child, &uuid::Uuid::now_v7().to_string()).await.breaks("/absorbed_id", "unknown_child");
        merge(&caller, &stays.child, &stays.child).await.breaks("/absorbed_id", "same_child");
        merge(&caller, &foreign.child, &goes.child).await.expect(404).problem("not_found");
        let path = format!("{}/merge", stays.path());
        caller.post(&path, json!({"absorbed_id": "x", "why": 1})).await.expect(400).problem("invalid_body");
        caller.post(&path, json!({"absorbed_id": goes.child, "reason": ""})).await.expect(400).problem("invalid_body");
    }

    async fn what_a_person_has_to_decide_refuses_the_merge_with_the_way_out(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (goes, other) = followed(&caller, service, "Zelie", "2026-02-02").await;
        let lutins = nursery(&caller, service, "Les Lutins").await;
        let mut placed = Vec::new();
        for of in [&case, &other] {
            let place = json!({"organisation_id": lutins, "childcare_type": "creche", "starts_on": "2026-02-16"});
            placed.push(caller.post(&format!("/v1/cases/{of}/placements"), place).await.expect(201).id());
        }
        let before = app.database.counts();
        let refused = merge(&caller, &stays.child, &goes.child).await.expect(409).problem("conflict");
        let codes: Vec<&Value> = refused["obstacles"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
        assert!(codes.contains(&&json!("same_placement")), "{}", refused.text());
        let same = refused["obstacles"].as_array().unwrap().iter().find(|one| one["code"] == "same_placement").unwrap();
        assert_eq!(same["ids"], json!(placed));
        assert!(same["message"].as_str().unwrap().contains("supprimer"), "{same}");
        assert_eq!(app.database.counts(), before);
        caller.delete(&format!("/v1/placements/{}?reason=duplicate", placed[1])).await.expect(200);
        merge(&caller, &stays.child, &goes.child).await.expect(200);
    }

    async fn an_appointment_about_both_is_about_one_and_teams_are_joined(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (stays, case) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let colleague = app.user(service, Role::Coordinator).await;
        let (goes, other) = followed(&colleague, service, "Zelie", "2026-02-02").await;
        let (_, third) = followed(&caller, service, "Hugo", "2026-02-02").await;
        let planned = json!({
            "service_id": service, "type": "family_interview", "planned_on": "2026-03-12", "starts_at": "09:30", "minutes": 60,
            "place": "family_home", "case_ids": [case, other, third], "title": "Entretien", "note": "Sonner deux fois."
        });
        let appointment = caller.post("/v1/appointments", planned).await.expect(201).id();
        let done = merge(&caller, &stays.child, &goes.child).await.expect(200);
        let read = caller.get(&format!("/v1/appointments/{appointment}")).await.expect(200);
        assert_eq!(read["case_ids"], json!([case, third]));
        assert_eq!((&read["title"], &read["note"]), (&json!("Entretien"), &json!("Sonner deux fois.")));
        let team = caller.get(&format!("/v1/cases/{case}/team")).await.expect(200);
        let team: BTreeMap<&str, &str> = team.rows().iter()
            .map(|row| (row["user_id"].as_str().unwrap(), row["capacity"].as_str().unwrap())).collect();
        let (me, them) = (caller.bare_id().to_string(), colleague.bare_id().to_string());
        assert_eq!(team, BTreeMap::from([(me.as_str(), "referent"), (them.as_str(), "member")]));
        caller.act(&format!("/v1/child-merges/{}/undo", done.id())).await.expect(200);
        let read = caller.get(&format!("/v1/appointments/{appointment}")).await.expect(200);
        assert_eq!((&read["case_ids"], &read["note"]), (&json!([case, other, third]), &json!("Sonner deux fois.")));
    }

    async fn merges_at_once_wait_for_each_other(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let (one, _) = followed(&caller, service, "Zélie", "2026-02-10").await;
        let (two, _) = followed(&caller, service, "Zelie", "2026-02-02").await;
        let three = recorded(&caller, service, "Zélie", "2026-02-02").await;
        let other = caller.clone().at(&app.second_instance().await);
        let accepting = async {
            let path = format!("/v1/referrals/{}/accept", three.referral);
            other.post(&path, json!({"decided_on": "2026-02-12"})).await
        };
        let (first, second, third, accepted) = tokio::join!(
            merge(&caller, &one.child, &two.child),
            merge(&other, &two.child, &one.child),
            merge(&caller, &one.child, &three.child),
            accepting,
        );
        let statuses = [first.status, second.status, third.status, accepted.status];
        assert!(first.status == 200 || second.status == 200, "{statuses:?}");
        assert!(first.status != 200 || second.status != 200, "{statuses:?}");
        assert!(statuses.iter().all(|status| [200, 404, 409, 422].contains(status)), "{statuses:?}");
        // Nobody has two open cases, and every case has its child.
        let lost = "SELECT id AS text FROM cases WHERE child_id NOT IN (SELECT id FROM children)";
        assert_eq!(app.database.texts(lost), Vec::<String>::new());
    }
}
