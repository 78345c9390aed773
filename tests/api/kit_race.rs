//! Sixteen clients on two instances compete for the copies of one kit: no day is taken twice, and no request gets a 500.
//!
//! The race is short by default. `scripts/race` runs the long one, in release mode.

use std::collections::BTreeMap;

use serde_json::json;

use crate::harness::Engine;
use crate::harness::lending_service::LendingService;
use crate::kit_plan::assert_consistent;

const CLIENTS: u64 = 16;

/// Number of attempts in a race, over all clients.
fn attempts() -> u64 {
    std::env::var("PASSERELLE_RACE_ATTEMPTS").ok().and_then(|number| number.parse().ok()).unwrap_or(640)
}

/// A deterministic pseudo-random sequence (Knuth's MMIX constants).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// One client: reserves days that others want too, cancels some reservations and moves some.
async fn client(shelf: &LendingService, rank: u64, attempts: u64) -> BTreeMap<u16, u64> {
    let mut dice = Dice(rank + 1);
    let (mut statuses, mut mine) = (BTreeMap::new(), Vec::new());
    for _ in 0..attempts {
        // Monday to Friday in the next twenty weeks.
        let days = dice.below(20) * 7 + dice.below(5);
        let day =
            chrono::NaiveDate::from_ymd_opt(2026, 3, 2).unwrap() + chrono::Duration::days(i64::try_from(days).unwrap());
        let answer = match (dice.below(8), mine.is_empty()) {
            (0 | 1, false) => {
                let id: String = mine.swap_remove(usize::try_from(dice.below(mine.len() as u64)).unwrap());
                shelf.act(&id, "cancel", Some(json!({}))).await
            }
            (2, false) => {
                let id = &mine[usize::try_from(dice.below(mine.len() as u64)).unwrap()];
                shelf.act(id, "move", Some(json!({"starts_on": day}))).await
            }
            _ => {
                let answer = shelf.ask(shelf.request(&day.to_string())).await;
                if answer.status == 201 {
                    mine.push(answer.id());
                }
                answer
            }
        };
        *statuses.entry(answer.status).or_default() += 1;
    }
    statuses
}

on_both_databases! {
    async fn no_day_is_taken_twice(app: TestApp) {
        let shelf = LendingService::new(&app, 3).await;
        let second = app.second_instance().await;
        let at_second = LendingService { staff: shelf.staff.clone().at(&second), kit: shelf.kit.clone(), items: shelf.items.clone(),
            copies: shelf.copies.clone(), household: shelf.household.clone(), organisation: shelf.organisation.clone(), ..shelf };
        let each = attempts() / CLIENTS;
        let clients = (0..CLIENTS).map(|rank| client(if rank % 2 == 0 { &shelf } else { &at_second }, rank, each));
        let mut statuses: BTreeMap<u16, u64> = BTreeMap::new();
        for (status, number) in futures_util::future::join_all(clients).await.into_iter().flatten() {
            *statuses.entry(status).or_default() += number;
        }
        eprintln!("{:?}: {} attempts, {statuses:?}", app.database.engine(), each * CLIENTS);
        assert_consistent(&app, "the race").await;
        // Two instances on one SQLite file wait for its lock. On a busy machine the wait sometimes times out: the response is
        // then a 503, and nothing is booked.
        let busy = statuses.get(&503).copied().unwrap_or_default();
        assert!(busy == 0 || app.database.engine() == Engine::Sqlite && busy * 1000 <= each * CLIENTS, "{statuses:?}");
        assert!(statuses.keys().all(|status| [200, 201, 409, 503].contains(status)), "{statuses:?}");
        assert!(statuses[&201] > 0 && statuses[&409] > 0, "there was no conflict: {statuses:?}");
        assert_eq!(statuses.values().sum::<u64>(), each * CLIENTS);
    }

    async fn one_of_sixteen_concurrent_requests_gets_the_last_copy(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let second = app.second_instance().await;
        let other = shelf.staff.clone().at(&second);
        let calls = (0..CLIENTS).map(|rank| {
            let caller = if rank % 2 == 0 { &shelf.staff } else { &other };
            caller.post("/v1/reservations", shelf.request("2026-03-09"))
        });
        let answers = futures_util::future::join_all(calls).await;
        let won: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert_eq!(won.len(), 1);
        for lost in answers.iter().filter(|answer| answer.status != 201) {
            let lost = lost.clone().expect(409).problem("kit_taken");
            assert_eq!(lost["obstacles"][0]["reservation_id"], won[0].id());
            assert_eq!(lost["next_free"][0]["starts_on"], "2026-04-01");
        }
        assert_consistent(&app, "the race").await;
    }

    async fn one_of_sixteen_concurrent_hand_outs_succeeds(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let id = shelf.confirmed("2026-03-02").await;
        let calls = (0..CLIENTS).map(|_| shelf.act(&id, "hand-out", Some(json!({}))));
        let mut statuses: Vec<u16> = futures_util::future::join_all(calls).await.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses[0], 200);
        assert!(statuses[1..].iter().all(|status| *status == 409), "{statuses:?}");
    }

    async fn copies_leave_and_reenter_service_while_loans_end(app: TestApp) {
        let shelf = LendingService::new(&app, 4).await;
        let shelf = &shelf;
        let clients = (0..CLIENTS).map(|rank| async move {
            let mut statuses = Vec::new();
            let copy = format!("/v1/kit-copies/{}", shelf.copies[usize::try_from(rank % 4).unwrap()]);
            for round in 0..6 {
                let answer = match (rank + round) % 4 {
                    0 => shelf.staff.post(&format!("{copy}/withdraw"), json!({"reason": "En réparation"})).await,
                    1 => shelf.staff.post(&format!("{copy}/put-back"), json!({"condition": "good"})).await,
                    2 => shelf.staff.post(&format!("{copy}/inspect"), shelf.counted([2, 1])).await,
                    _ => {
                        let asked = shelf.ask(shelf.request("2026-03-02")).await;
                        if asked.status == 201 {
                            shelf.act(&asked.id(), "confirm", None).await;
                            shelf.act(&asked.id(), "hand-out", Some(json!({}))).await;
                            shelf.act(&asked.id(), "return", Some(json!({"check": shelf.counted([3, 1])}))).await
                        } else {
                            asked
                        }
                    }
                };
                statuses.push(answer.status);
            }
            statuses
        });
        let statuses: Vec<u16> = futures_util::future::join_all(clients).await.into_iter().flatten().collect();
        // No 500: there was no deadlock.
        assert!(statuses.iter().all(|status| [200, 409, 422].contains(status)), "{statuses:?}");
        assert!(statuses.iter().filter(|status| **status == 200).count() > 10, "{statuses:?}");
        assert_consistent(&app, "copies that leave and reenter service").await;
    }
}
