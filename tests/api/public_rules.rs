//! The rules of the public at every door: who and what is in the scope of a service.

use serde_json::{Value, json};

use crate::cases::{accept, case_of, child, coordinator, interview, nursery, refer, structure_case, with};
use crate::harness::Caller;
use crate::harness::action_service::{ActionService, came};
use crate::harness::convention_service::ConventionService;
use crate::harness::lending_service::LendingService;
use crate::harness::network::Network;
use passerelle::db::Id;

/// Adds an organisation to the directory.
async fn organisation(caller: &Caller, service: Id, kind: &str) -> String {
    let new = json!({"service_id": service, "kind": kind, "name": kind, "commune_code": "63113"});
    caller.post("/v1/organisations", new).await.expect(201).id()
}

async fn breached(caller: &Caller, referral: &str) -> Value {
    caller.get(&format!("/v1/referrals/{referral}")).await.expect(200)["breached_rules"].clone()
}

/// Fields of a referral about a child, with others.
fn about(fields: &Value) -> Value {
    let mut about = child("Exemple");
    about.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    about
}

on_both_databases! {
    async fn a_referral_about_a_school_breaks_a_rule_unless_it_is_a_bridge(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        for kind in ["school", "education_authority"] {
            let school = organisation(&caller, service, kind).await;
            let structure = json!({"subject": "structure", "organisation_id": school, "needs": ["team_training_awareness"]});
            let referral = refer(&caller, service, "2026-02-02", structure).await;
            assert_eq!(breached(&caller, &referral).await, json!(["school_time_not_covered"]));
            let refused = caller.post(&format!("/v1/referrals/{referral}/accept"), json!({})).await;
            refused.breaks("/overrides", "school_time_not_covered");
            let by_school = refer(&caller, service, "2026-02-02", about(&json!({"origin": "other", "origin_organisation_id": school}))).await;
            assert_eq!(breached(&caller, &by_school).await, json!(["school_time_not_covered"]));
        }
        let overridden = json!({"overrides": [{"rule": "school_time_not_covered", "reason": "Projet commun de la commune."}]});
        let school = organisation(&caller, service, "school").await;
        let structure = json!({"subject": "structure", "organisation_id": school, "needs": ["team_training_awareness"]});
        let referral = refer(&caller, service, "2026-02-02", structure).await;
        caller.post(&format!("/v1/referrals/{referral}/accept"), overridden).await.expect(200);
    }

    async fn a_deferred_school_start_is_a_transition_like_a_bridge(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        for (need, broken) in [("deferred_school_start", json!([])), ("school_transition", json!([])), ("find_childcare", json!(["school_time_not_covered"]))] {
            let referral = refer(&caller, service, "2026-02-02", about(&json!({"origin": "school", "needs": [need]}))).await;
            assert_eq!(breached(&caller, &referral).await, broken, "{need}");
        }
        let referral = refer(&caller, service, "2026-02-02", about(&json!({"origin": "school", "needs": ["deferred_school_start"]}))).await;
        let case = accept(&caller, &referral, "2026-02-02").await;
        let help = json!({
            "type": "deferred_school_start_help", "held_on": "2026-02-10", "minutes": 60, "travel_minutes": 0,
            "place": "school", "participants": [{"kind": "teacher", "number": 1}]
        });
        caller.post(&format!("/v1/cases/{case}/interventions"), help).await.expect(201);
    }

    async fn an_intervention_with_a_school_is_refused_unless_it_is_a_bridge(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let school = organisation(&caller, service, "school").await;
        let path = format!("/v1/cases/{case}/interventions");
        let work = with(interview("2026-02-10"), "organisation_id", school.into());
        let refused = caller.post(&path, work.clone()).await.breaks("/organisation_id", "school_staff_not_covered");
        let message = refused["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("`school`") && message.contains("`school_bridge`"), "{message}");
        caller.post(&path, with(work, "type", "school_bridge".into())).await.expect(201);
    }

    async fn an_action_with_school_staff_is_refused_unless_it_is_a_bridge(app: TestApp) {
        let service = ActionService::new(&app).await;
        let school = organisation(&service.staff, service.service, "school").await;
        let action = |changes: Value| service.cafe("2026-03-02", changes);
        service.plan(action(json!({"place": "school"}))).await.breaks("/place", "school_time_not_covered");
        service.plan(action(json!({"organiser_role": "teacher"}))).await.breaks("/organiser_role", "school_staff_not_covered");
        let speaker = json!([{"role": "doctor"}, {"role": "other", "organisation_id": school}]);
        service.plan(action(json!({"speakers": speaker}))).await.breaks("/speakers/1/organisation_id", "school_staff_not_covered");
        service.plan(action(json!({"organiser_id": school}))).await.breaks("/organiser_id", "school_staff_not_covered");

        let id = service.plan(action(json!({"kind": "professional_awareness", "places": 20}))).await.expect(201).id();
        let teachers = json!({"participants": [came("childminder", 2), came("teacher", 12)]});
        service.act(&id, "hold", Some(teachers.clone())).await.breaks("/participants/1/participant_type", "school_staff_not_covered");
        let register = format!("/v1/actions/{id}/registrations");
        service.staff.post(&register, json!({"participant_type": "teacher", "seats": 1})).await
            .breaks("/participant_type", "school_staff_not_covered");
        service.staff.post(&register, json!({"participant_type": "other", "seats": 1, "organisation_id": school})).await
            .breaks("/organisation_id", "school_staff_not_covered");
        service.correct(&id, json!({"place": "school"})).await.breaks("/place", "school_time_not_covered");
        service.correct(&id, json!({"title": "Café"})).await.expect(200);

        // A bridge is in scope, and does not become another kind afterwards.
        service.correct(&id, json!({"kind": "school_bridge", "place": "school"})).await.expect(200);
        service.act(&id, "hold", Some(teachers)).await.expect(200);
        let other = service.correct(&id, json!({"kind": "professional_awareness"})).await.expect(422);
        let faults = [("/kind", "school_time_not_covered"), ("/kind", "school_staff_not_covered")];
        assert_eq!(other.faults(), faults.map(|(at, rule)| (at.to_owned(), rule.to_owned())));
    }

    async fn a_kit_is_lent_to_a_school_only_for_the_case_of_a_bridge(app: TestApp) {
        let shelf = LendingService::new(&app, 2).await;
        let school = organisation(&shelf.staff, shelf.service, "school").await;
        let mut request = shelf.request("2026-03-09");
        request["borrower"] = json!({"kind": "organisation", "organisation_id": school});
        shelf.ask(request.clone()).await.breaks("/borrower/organisation_id", "school_staff_not_covered");
        let mut teacher = request.clone();
        teacher["borrower"] = json!({"kind": "professional", "name": "Dominique", "organisation_id": school, "commune_code": "63300"});
        shelf.ask(teacher).await.breaks("/borrower/organisation_id", "school_staff_not_covered");
        let assessed = shelf.staff.post("/v1/reservations/check", request.clone()).await.expect(200);
        assert_eq!(assessed["blockers"][0]["code"], "school_staff_not_covered");

        let plain = case_of(&shelf.staff, shelf.service, "Exemple", "2026-02-02").await;
        request["case_id"] = plain.clone().into();
        shelf.ask(request.clone()).await.breaks("/borrower/organisation_id", "school_staff_not_covered");
        let referral = refer(&shelf.staff, shelf.service, "2026-02-02", about(&json!({"needs": ["school_transition"]}))).await;
        request["case_id"] = accept(&shelf.staff, &referral, "2026-02-02").await.into();
        let lent = shelf.ask(request).await.expect(201).id();
        let path = format!("/v1/reservations/{lent}");
        shelf.staff.patch(&path, json!({"case_id": plain})).await.breaks("/case_id", "school_staff_not_covered");
        shelf.staff.patch(&path, json!({"case_id": null})).await.breaks("/case_id", "school_staff_not_covered");
    }

    async fn a_referral_outside_the_childcare_of_the_service_breaks_a_rule(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let path = format!("/v1/services/{service}");
        let groups = |groups: Value| json!({"childcare_groups": groups});
        let manager = app.user(service, passerelle::auth::Role::Manager).await;
        manager.patch(&path, groups(json!(["eaje", "individual"]))).await.expect(200);
        let leisure = organisation(&caller, service, "acm_organiser").await;
        let outside = json!(["childcare_not_covered"]);
        let mut last = String::new();
        for (fields, expected) in [
            (about(&json!({"current_childcare": "leisure_centre"})), outside.clone()),
            (about(&json!({"origin": "acm"})), outside.clone()),
            (json!({"subject": "structure", "organisation_id": leisure}), outside.clone()),
            (about(&json!({"origin": "acm", "current_childcare": "creche"})), json!([])),
            (about(&json!({"current_childcare": "none"})), json!([])),
            (about(&json!({"current_childcare": "leisure_centre"})), outside),
        ] {
            last = refer(&caller, service, "2026-02-02", fields.clone()).await;
            assert_eq!(breached(&caller, &last).await, expected, "{fields}");
        }
        let accept = format!("/v1/referrals/{last}/accept");
        let refused = caller.post(&accept, json!({})).await.breaks("/overrides", "childcare_not_covered");
        assert!(refused["errors"][0]["message"].as_str().unwrap().contains("`eaje`, `individual`"));
        manager.patch(&path, groups(json!(["eaje", "individual", "acm"]))).await.expect(200);
        caller.post(&accept, json!({})).await.expect(200);
    }

    async fn a_place_is_offered_by_an_organisation_of_a_fitting_kind(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let path = format!("/v1/cases/{case}/placements");
        let mdph = organisation(&caller, service, "mdph").await;
        let place = json!({"organisation_id": mdph, "childcare_type": "micro_creche", "starts_on": "2026-02-16"});
        let refused = caller.post(&path, place.clone()).await.breaks("/childcare_type", "not_offered_there");
        let message = refused["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("`mdph`") && message.contains("`micro_creche`") && message.contains("`eaje`"), "{message}");
        let lutins = nursery(&caller, service, "Les Lutins").await;
        caller.post(&path, with(place, "organisation_id", lutins.into())).await.expect(201);
    }

    async fn work_with_a_partner_needs_the_family_s_agreement_first(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let referral = refer(&caller, service, "2026-02-02", child("Exemple")).await;
        let case = accept(&caller, &referral, "2026-02-02").await;
        let path = format!("/v1/cases/{case}/interventions");
        let work = |kind: &str, on: &str| with(interview(on), "type", kind.into());
        for kind in ["partner_contact", "partner_coordination_meeting"] {
            caller.post(&path, work(kind, "2026-02-10")).await.breaks("/type", "family_agreement_missing");
        }
        let agreements = format!("/v1/referrals/{referral}/agreements");
        let agree = |purpose: &str| json!({"purpose": purpose, "given_by": "parent", "given_on": "2026-02-10"});
        caller.post(&agreements, agree("support")).await.expect(200);
        caller.post(&path, work("partner_contact", "2026-02-10")).await.breaks("/type", "family_agreement_missing");
        caller.post(&agreements, agree("partner_contact")).await.expect(200);
        caller.post(&path, work("partner_contact", "2026-02-09")).await.breaks("/type", "family_agreement_missing");
        for kind in ["partner_contact", "partner_coordination_meeting"] {
            caller.post(&path, work(kind, "2026-02-10")).await.expect(201);
        }
        // There is no family to ask about a structure.
        let structure = structure_case(&caller, service, "2026-02-02").await;
        caller.post(&format!("/v1/cases/{structure}/interventions"), work("partner_contact", "2026-02-10")).await.expect(201);
    }

    async fn an_agreement_is_given_by_who_holds_authority_or_the_young_person(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let referral = refer(&caller, service, "2026-02-02", child("Exemple")).await;
        let path = format!("/v1/referrals/{referral}/agreements");
        let by = |who: &str| json!({"purpose": "support", "given_by": who, "given_on": "2026-02-10"});
        for who in ["funder_representative", "childminder", "sibling", "foster_carer"] {
            let refused = caller.post(&path, by(who)).await.breaks("/given_by", "cannot_give_agreement");
            assert!(refused["errors"][0]["message"].as_str().unwrap().contains("`legal_guardian`"));
        }
        for who in ["parent", "legal_guardian", "child", "ase_social_worker", "judge"] {
            caller.post(&path, by(who)).await.expect(200);
        }
        let mut new = child("Autre");
        new["family_agreements"] = json!([by("parent"), by("funder_representative")]);
        new["family_agreements"][1]["purpose"] = "handover".into();
        let mut body = json!({"service_id": service, "origin": "pmi", "channel": "phone", "needs": ["find_childcare"]});
        body.as_object_mut().unwrap().extend(new.as_object().unwrap().clone());
        caller.post("/v1/referrals", body).await.breaks("/family_agreements/1/given_by", "cannot_give_agreement");
    }

    async fn an_effective_placement_is_current_on_the_day_of_the_closure(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        let lutins = nursery(&caller, service, "Les Lutins").await;
        let place = json!({"organisation_id": lutins, "childcare_type": "creche", "starts_on": "2026-02-16"});
        let placements = format!("/v1/cases/{case}/placements");
        let mistaken = caller.post(&placements, place.clone()).await.expect(201).id();
        caller.post(&format!("/v1/placements/{mistaken}/end"), json!({"ends_on": "2026-02-16"})).await.expect(200);
        let close = format!("/v1/cases/{case}/close");
        let outcome = |on: &str| json!({"outcome": "effective_placement", "closed_on": on});
        caller.post(&close, outcome("2026-03-02")).await.breaks("/outcome", "placement_required");
        caller.post(&placements, with(place, "starts_on", "2026-02-17".into())).await.expect(201);
        caller.post(&close, outcome("2026-03-02")).await.expect(200);
    }

    async fn a_structure_s_case_has_no_outcome_of_a_child(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = structure_case(&caller, service, "2026-02-02").await;
        let close = format!("/v1/cases/{case}/close");
        for outcome in ["placement_maintained", "effective_placement", "reached_age_limit"] {
            let refused = caller.post(&close, json!({"outcome": outcome})).await.breaks("/outcome", "not_an_outcome_of_this_case");
            let message = refused["errors"][0]["message"].as_str().unwrap();
            assert!(message.contains(outcome) && message.contains("`need_met`"), "{message}");
        }
        caller.post(&close, json!({"outcome": "need_met"})).await.expect(200);
    }

    async fn a_referent_is_trained_where_a_convention_opens_the_network(app: TestApp) {
        let network = Network::new(&app).await;
        let away = network.add_structure("eaje", "Les Farfadets", "63178").await;
        let id = network.appointed(&away).await;
        let refused = network.attends(&id, "own_training", "2026-02-02").await.breaks("/held_on", "not_covered");
        assert!(refused["errors"][0]["message"].as_str().unwrap().contains("63178"));
        let signed = ConventionService::of(&app, network.service).await;
        signed.opening("commune:63178", &["pedagogical_days"]).await;
        network.attends(&id, "own_training", "2026-02-02").await.breaks("/held_on", "service_not_in_convention");
        // On the day of the training, not of its recording.
        let covered = network.appointed(&network.structure).await;
        network.attends(&covered, "own_training", "2026-02-02").await.expect(201);
        let school = network.add_structure("school", "École", "63032").await;
        let mut referent = network.referent("2026-01-12");
        referent["organisation_id"] = school.into();
        network.staff.post("/v1/referents", referent).await.breaks("/organisation_id", "school_staff_not_covered");
    }

    async fn a_referent_has_one_day_of_training_on_a_date(app: TestApp) {
        let network = Network::new(&app).await;
        let id = network.appointed(&network.structure).await;
        network.attends(&id, "external_training", "2026-02-02").await.expect(201);
        network.attends(&id, "own_training", "2026-02-02").await.breaks("/held_on", "second_training_on_the_day");
        network.attends(&id, "external_training", "2026-02-02").await.expect(409).problem("conflict");
        network.attends(&id, "themed_day", "2026-02-02").await.expect(201);
        network.attends(&id, "own_training", "2026-02-03").await.expect(201);
    }

    async fn a_long_loan_and_a_borrower_from_elsewhere_are_warnings(app: TestApp) {
        let shelf = LendingService::new(&app, 3).await;
        let check = async |request: &Value| {
            let assessed = shelf.staff.post("/v1/reservations/check", request.clone()).await.expect(200);
            assert_eq!(assessed["possible"], true);
            assessed["warnings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let mut long = shelf.request("2026-03-09");
        assert_eq!(check(&long).await, [""; 0]);
        let usual = shelf.ask(long.clone()).await.expect(201);
        assert_eq!(usual["warnings"], json!([]));
        long["due_on"] = "2026-04-17".into();
        assert_eq!(check(&long).await, ["longer_than_usual", "same_kit"]);
        let made = shelf.ask(long).await.expect(201);
        assert_eq!((&made["warnings"], &made["asked_days"]), (&json!(["longer_than_usual"]), &json!(39)));
        assert_eq!(shelf.read(&made.id()).await["warnings"], made["warnings"], "it is the same when read");

        let mut elsewhere = shelf.request("2026-03-09");
        elsewhere["borrower"] = json!({"kind": "professional", "name": "Dominique", "commune_code": "03190"});
        assert_eq!(check(&elsewhere).await, ["out_of_territory"]);
        assert_eq!(shelf.ask(elsewhere).await.expect(201)["warnings"], json!(["out_of_territory"]));
    }

    async fn an_epci_that_counts_communes_which_pay_by_themselves_is_warned(app: TestApp) {
        let service = ConventionService::new(&app).await;
        // Riom is in Riom Limagne et Volcans.
        let (riom, epci) = ("commune:63300", "epci:200070753");
        let epci = service.signed(epci, "2026-01-01", "2026-12-31").await;
        let first = service.contribution(&epci, 2026).await.expect(201);
        assert_eq!(first["warnings"], json!([]));
        let commune = service.signed(riom, "2026-01-01", "2026-12-31").await;
        let own = service.contribution(&commune, 2026).await.expect(201);
        assert_eq!(own["warnings"][0]["code"], "counted_by_its_epci");
        let read = service.staff.get(&format!("/v1/contributions/{}", first.id())).await.expect(200);
        assert_eq!(read["warnings"][0]["code"], "counts_paying_communes");
        assert_eq!(read["warnings"][0]["commune_codes"], json!(["63300"]));
        for text in ["message_fr", "message_en"] {
            let text = read["warnings"][0][text].as_str().unwrap();
            assert!(text.contains("63300") && text.contains("2026") && text.contains("`population`"), "{text}");
        }
        let listed = service.staff.get("/v1/contributions?year=2026").await.expect(200);
        assert!(listed.rows().iter().all(|row| row["warnings"].as_array().unwrap().len() == 1));
    }

    async fn the_inhabitants_of_paying_communes_can_be_left_out(app: TestApp) {
        let service = ConventionService::new(&app).await;
        service.signed("commune:63300", "2026-01-01", "2026-12-31").await;
        let epci = service.draft("epci:200070753", "2026-01-01", "2026-12-31").await;
        let whole = service.contribution(&epci, 2026).await.expect(201);
        let commune = app.anonymous().get("/v1/territories/commune/63300").await.expect(200);
        let without = whole["population"].as_i64().unwrap() - commune["population_municipal"].as_i64().unwrap();
        let path = format!("/v1/contributions/{}?reason=entered_by_mistake", whole.id());
        service.staff.delete(&path).await.expect(204);
        let mut body = json!({
            "year": 2026, "basis": "per_inhabitant", "population_kind": "municipal", "rate_cents": 35, "population": without
        });
        let path = format!("/v1/conventions/{epci}/contributions");
        service.staff.post(&path, body.clone()).await.breaks("/population", "not_of_this_vintage");
        body["population_source"] = "Carte, sans Riom".into();
        let made = service.staff.post(&path, body.clone()).await.expect(201);
        assert_eq!((&made["warnings"], &made["population"]), (&json!([]), &json!(without)));
    }

    async fn children_and_contacts_come_back_in_the_order_of_their_recording(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let names: Vec<String> = (0..12).map(|rank| format!("Prénom {rank}")).collect();
        let children = names.iter().map(|name| json!({"given_name": name, "family_name": "Exemple", "birth_date": "2023-04-05"}));
        let contacts = names.iter().map(|name| json!({"relation": "parent", "name": name}));
        let household = json!({
            "service_id": service, "commune_code": "63300", "children": children.collect::<Vec<_>>(),
            "contacts": contacts.collect::<Vec<_>>()
        });
        let made = caller.post("/v1/households", household).await.expect(201);
        let path = format!("/v1/households/{}", made.id());
        let later = json!({"given_name": "Après", "family_name": "Exemple", "birth_date": "2023-04-05"});
        caller.post(&format!("{path}/children"), later).await.expect(201);
        let read = caller.get(&path).await.expect(200);
        let of = |list: &str, field: &str| {
            read[list].as_array().unwrap().iter().map(|one| one[field].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(of("contacts", "name"), names);
        assert_eq!(of("children", "given_name"), [names, vec!["Après".to_owned()]].concat());
    }

    async fn faults_of_the_body_and_of_the_database_are_in_one_answer(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let nowhere = "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60";
        let referral = refer(&caller, service, "2026-02-02", child("Exemple")).await;
        let case = accept(&caller, &referral, "2026-02-02").await;
        let network = Network::new(&app).await;
        let shelf = LendingService::new(&app, 1).await;
        let mut new = child("Autre");
        new.as_object_mut().unwrap().extend(json!({
            "service_id": service, "origin": "pmi", "channel": "phone", "needs": ["find_childcare"],
            "received_on": "2026-03-03", "origin_organisation_id": nowhere, "current_childcare_organisation_id": nowhere,
            "family_agreements": [{"purpose": "support", "given_by": "childminder", "given_on": "2026-03-03"}]
        }).as_object().unwrap().clone());
        new["child"]["identity"]["birth_date"] = "2026-03-03".into();
        let mut loan = shelf.request("2026-03-01");
        loan["borrower"]["organisation_id"] = nowhere.into();
        loan["case_id"] = nowhere.into();
        let waiting = refer(&caller, service, "2026-02-02", child("Attente")).await;
        for (caller, path, body, expected) in [
            (&caller, "/v1/referrals".to_owned(), new, vec![
                "/received_on in_the_future", "/family_agreements/0/given_on in_the_future",
                "/family_agreements/0/given_by cannot_give_agreement", "/origin_organisation_id unknown_organisation",
                "/current_childcare_organisation_id unknown_organisation", "/child/identity/birth_date birth_date_to_come",
            ]),
            (&caller, format!("/v1/referrals/{waiting}/redirect"), json!({"organisation_id": nowhere, "decided_on": "2026-03-03"}), vec![
                "/decided_on in_the_future", "/organisation_id unknown_organisation", "/overrides family_agreement_missing",
            ]),
            (&caller, format!("/v1/cases/{case}/interventions"), json!({
                "type": "partner_contact", "held_on": "2026-03-03", "minutes": 5, "travel_minutes": 0, "place": "school",
                "organisation_id": nowhere
            }), vec![
                "/organisation_id unknown_organisation", "/place school_time_not_covered", "/held_on in_the_future",
                "/type family_agreement_missing",
            ]),
            (&caller, format!("/v1/cases/{case}/placements"), json!({
                "organisation_id": nowhere, "childcare_type": "creche", "starts_on": "2062-03-03"
            }), vec!["/starts_on too_far_ahead", "/organisation_id unknown_organisation"]),
            (&caller, "/v1/actions".to_owned(), json!({
                "service_id": service, "kind": "pedagogical_day", "title": "Journée", "held_on": "2029-03-03",
                "duration_minutes": 120, "place": "school", "commune_code": "63178", "organiser_role": "pole_coordinator",
                "organiser_id": nowhere
            }), vec![
                "/held_on too_far_ahead", "/organiser_id unknown_organisation", "/place school_time_not_covered",
                "/commune_code not_covered",
            ]),
            (&shelf.staff, "/v1/reservations".to_owned(), loan, vec![
                "/starts_on in_the_past", "/starts_on closing_day", "/borrower/organisation_id unknown_organisation",
                "/case_id unknown_case",
            ]),
            (&network.staff, "/v1/referents".to_owned(), with(
                with(network.referent("2026-03-03"), "organisation_id", nowhere.into()), "appointed_on", "2026-03-03".into(),
            ), vec!["/appointed_on in_the_future", "/organisation_id unknown_organisation"]),
        ] {
            let refused = caller.post(&path, body).await.expect(422).problem("rule_broken");
            let found: Vec<String> = refused.faults().iter().map(|(at, rule)| format!("{at} {rule}")).collect();
            assert_eq!(found, expected, "{path}");
        }
        let patch = json!({"received_on": "2026-03-03", "origin_organisation_id": nowhere});
        let refused = caller.patch(&format!("/v1/referrals/{waiting}"), patch).await.expect(422);
        assert_eq!(refused.faults().len(), 2);
    }
}
