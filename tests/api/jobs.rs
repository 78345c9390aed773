//! Background jobs: a job that fails or panics does not affect the others.

use std::sync::Arc;
use std::sync::mpsc::{TryRecvError, channel};
use std::time::Duration;

use passerelle::clock::Clock;
use passerelle::error::ApiError;
use passerelle::jobs::{self, Job};

use crate::harness::process::PATIENCE;
use crate::harness::{Database, START, context, logs};

for_both_engines! {
    fn a_panicking_job_does_not_stop_the_others_and_dropping_stops_all(engine: Engine) {
        let database = Database::from_template(engine);
        let context = Arc::new(context(&database, Clock::manual(START.parse().unwrap())));
        let interval = Duration::from_millis(1);
        let (ran, runs) = channel();
        let (tell, attempts) = channel();
        let names: [&'static str; 2] = if engine == crate::harness::Engine::Sqlite {
            ["panics beside SQLite", "fails beside SQLite"]
        } else {
            ["panics beside PostgreSQL", "fails beside PostgreSQL"]
        };
        let running = jobs::start(
            Arc::clone(&context),
            vec![
                Job::new(names[0], interval, move |_| {
                    tell.send(()).unwrap();
                    panic!("on purpose")
                }),
                Job::new(names[1], interval, |_| Err(ApiError::not_found())),
                Job::new("works", interval, move |context| {
                    ran.send(context.db.read_blocking(passerelle::db::SystemScope::Operator, passerelle::db::AnyConn::ping).is_ok()).unwrap();
                    Ok(())
                }),
            ],
        );
        let running = running.unwrap();
        for _ in 0..3 {
            assert_eq!(runs.recv_timeout(PATIENCE), Ok(true), "it can use the database");
            attempts.recv_timeout(PATIENCE).expect("the job that panicked runs again");
        }
        drop(running);
        // Every job was dropped, with everything it held.
        let rest: Vec<bool> = runs.try_iter().collect();
        assert_eq!(runs.try_recv(), Err(TryRecvError::Disconnected), "after {} more", rest.len());
        assert_eq!(Arc::strong_count(&context), 1);
        assert!(!logs::lines_with(&format!("the job {} panicked", names[0])).is_empty());
        assert!(!logs::lines_with(&format!("the job {} failed", names[1])).is_empty());
    }
}
