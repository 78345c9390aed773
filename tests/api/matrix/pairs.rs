//! Ten thousand random pairs of a principal and an object: an object outside the scope looks like one that does not
//! exist.

use std::collections::BTreeSet;

use passerelle::auth::{Permission, client_permissions};
use passerelle::db::Id;

use super::bare;
use super::fixture::{Contents, Fixture};
use crate::harness::Caller;

/// A linear congruential generator (Knuth's MMIX), so that every run has the same pairs.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % u64::try_from(limit).unwrap()).unwrap()
    }
}

/// An API client, with its services and permissions.
struct Principal {
    caller: Caller,
    services: BTreeSet<Id>,
    permissions: BTreeSet<Permission>,
}

on_both_databases! {
    async fn ten_thousand_pairs_leak_nothing(app: TestApp) {
        let mut dice = Dice(2026);
        let mut objects: Vec<(Id, Permission, String)> = Vec::new();
        let mut services = Vec::new();
        for _ in 0..6 {
            let fixture = Fixture::new(&app, Contents::Everything).await;
            let lending = fixture.lending.as_ref().unwrap();
            let actions = fixture.actions.as_ref().unwrap();
            let (referents, conventions) = (fixture.referents.as_ref().unwrap(), fixture.conventions.as_ref().unwrap());
            let statistics = fixture.statistics.as_ref().unwrap();
            services.push(fixture.service);
            for (path, permission) in [
                (format!("/v1/services/{}", fixture.service), Permission::ServicesRead),
                (format!("/v1/services/{}/waiting-list", fixture.service), Permission::ReferralsRead),
                (format!("/v1/services/{}/activity?from=2026-01-01&to=2026-03-31", fixture.service), Permission::ActivityRead),
                (format!("/v1/services/{}/indicators/kit_loans/values", fixture.service), Permission::ActivityRead),
                (format!("/v1/indicator-targets/{}", fixture.target), Permission::ActivityRead),
                (format!("/v1/positions/{}", fixture.position), Permission::ServicesRead),
                (format!("/v1/organisations/{}", fixture.organisation), Permission::OrganisationsRead),
                (format!("/v1/resource-people/{}", fixture.courses.person), Permission::OrganisationsRead),
                (format!("/v1/households/{}", fixture.household), Permission::HouseholdsRead),
                (format!("/v1/children/{}", fixture.child), Permission::HouseholdsRead),
                (format!("/v1/contacts/{}", fixture.contact), Permission::HouseholdsRead),
                (format!("/v1/child-merges/{}", fixture.merge), Permission::CasesCorrect),
                (format!("/v1/referrals/{}", fixture.referral), Permission::ReferralsRead),
                (format!("/v1/referrals/{}/history", fixture.declined), Permission::ReferralsRead),
                (format!("/v1/cases/{}", fixture.case), Permission::CasesRead),
                (format!("/v1/cases/{}/steps", fixture.closed), Permission::CasesRead),
                (format!("/v1/placements/{}", fixture.placement), Permission::CasesRead),
                (format!("/v1/placement-reviews/{}", fixture.placement_review), Permission::CasesRead),
                (format!("/v1/goals/{}", fixture.goal), Permission::CasesRead),
                (format!("/v1/goal-reviews/{}", fixture.goal_review), Permission::CasesRead),
                (format!("/v1/procedures/{}", fixture.courses.procedure), Permission::CasesRead),
                (format!("/v1/complex-situations/{}", fixture.courses.situation), Permission::CasesRead),
                (format!("/v1/case-discussions/{}", fixture.courses.discussion), Permission::CasesRead),
                (format!("/v1/case-suspensions/{}", fixture.courses.suspension), Permission::CasesRead),
                (format!("/v1/case-members/{}", fixture.member), Permission::CasesRead),
                (format!("/v1/absences/{}", fixture.absence), Permission::CasesRead),
                (format!("/v1/case-notes/{}", fixture.courses.note), Permission::CasesRead),
                (format!("/v1/recommendations/{}", fixture.courses.recommendation), Permission::CasesRead),
                (format!("/v1/kits/{}", lending.kit), Permission::CatalogueRead),
                (format!("/v1/kit-copies/{}", lending.copy), Permission::CatalogueRead),
                (format!("/v1/reservations/{}", lending.on_loan), Permission::ReservationsRead),
                (format!("/v1/services/{}/loans/due-soon", fixture.service), Permission::ReservationsRead),
                (format!("/v1/kit-defects/{}", lending.defect), Permission::ReservationsRead),
                (format!("/v1/actions/{}", actions.held), Permission::ActionsRead),
                (format!("/v1/actions/{}/registrations", actions.planned), Permission::ActionsRead),
                (format!("/v1/action-registrations/{}", actions.registration), Permission::ActionsRead),
                (format!("/v1/referents/{}", referents.referent), Permission::ReferentsRead),
                (format!("/v1/services/{}/referent-coverage", fixture.service), Permission::ReferentsRead),
                (format!("/v1/surveys/{}/results", referents.survey), Permission::ReferentsRead),
                (format!("/v1/conventions/{}", conventions.draft), Permission::ConventionsRead),
                (format!("/v1/conventions/{}/statement?year=2026", conventions.signed), Permission::StatementsRead),
                (format!("/v1/instalments/{}/payments", conventions.called), Permission::ConventionsRead),
                (format!("/v1/services/{}/funding-plan?year=2026", fixture.service), Permission::ConventionsRead),
                (format!("/v1/services/{}/statistics-settings", fixture.service), Permission::ActivityRead),
                (format!("/v1/services/{}/statistics-specs/small", fixture.service), Permission::StatisticsRead),
                (format!("/v1/statistics-facts/{}", statistics.fact), Permission::StatisticsManage),
                (format!("/v1/statistics-builds/{}", statistics.draft), Permission::StatisticsManage),
                (format!("/v1/statistics/releases/{}", statistics.release), Permission::StatisticsRead),
            ] {
                objects.push((fixture.service, permission, path));
            }
            // A restricted note exists for no client, as if it were in a service of nobody.
            let nobody: Id = "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7cff".parse().unwrap();
            objects.push((nobody, Permission::CasesRead, format!("/v1/case-notes/{}", fixture.courses.restricted)));
        }
        let mut principals = Vec::new();
        for _ in 0..30 {
            let some: BTreeSet<Id> = services.iter().copied().filter(|_| dice.below(3) == 0).collect();
            let some = if some.is_empty() { BTreeSet::from([services[dice.below(services.len())]]) } else { some };
            let held: BTreeSet<Permission> = client_permissions().iter().filter(|_| dice.below(2) == 0).collect();
            let held = if held.is_empty() { BTreeSet::from([Permission::CasesRead]) } else { held };
            let (of, may): (Vec<_>, Vec<_>) = (some.iter().copied().collect(), held.iter().copied().collect());
            principals.push(Principal { caller: app.client_of(&of, &may).await, services: some, permissions: held });
        }
        let missing = principals[0].caller.get("/v1/nothing").await;
        assert_eq!(missing.status, 404);
        let mut outcomes = [0_u32; 3];
        for _ in 0..10_000 {
            let principal = &principals[dice.below(principals.len())];
            let (service, permission, path) = &objects[dice.below(objects.len())];
            let response = principal.caller.get(path).await;
            let expected = match (principal.permissions.contains(permission), principal.services.contains(service)) {
                (false, _) => 403,
                (true, false) => 404,
                (true, true) => 200,
            };
            assert_eq!(response.status, expected, "{}", response.asked);
            outcomes[match expected { 200 => 0, 403 => 1, _ => 2 }] += 1;
            if expected == 404 && dice.below(50) == 0 {
                // The same path with an identifier that does not exist.
                let is_id = |at: &usize| path.get(*at..*at + 36).is_some_and(|id| id.parse::<uuid::Uuid>().is_ok());
                let (head, tail) = path.split_at((0..path.len()).find(is_id).unwrap());
                let nobody = format!("{head}{}{}", uuid::Uuid::now_v7(), &tail[36..]);
                let unknown = principal.caller.get(&nobody).await.expect(404);
                assert_eq!(bare(&response), bare(&unknown), "{path}");
            }
        }
        assert!(outcomes.iter().all(|number| *number > 500), "too few pairs of one kind: {outcomes:?}");
    }
}
