//! What the program does by itself: a job that fails takes nothing else with it.

use std::sync::Arc;
use std::sync::mpsc::{TryRecvError, channel};
use std::time::Duration;

use passerelle::clock::Clock;
use passerelle::error::ApiError;
use passerelle::jobs::{self, Job};

use crate::harness::process::PATIENCE;
use crate::harness::{Database, START, context, logs};

for_both_engines! {
    fn a_job_that_panics_stops_no_other_and_the_end_stops_them_all(engine: Engine) {
        let database = Database::from_template(engine);
        let context = Arc::new(context(&database, Clock::manual(START.parse().unwrap())));
        let pace = Duration::from_millis(1);
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
                Job::new(names[0], pace, move |_| {
                    tell.send(()).unwrap();
                    panic!("on purpose")
                }),
                Job::new(names[1], pace, |_| Err(ApiError::not_found())),
                Job::new("works", pace, move |context| {
                    ran.send(context.db.read_blocking(passerelle::db::AnyConn::ping).is_ok()).unwrap();
                    Ok(())
                }),
            ],
        );
        let running = running.unwrap();
        for _ in 0..3 {
            assert_eq!(runs.recv_timeout(PATIENCE), Ok(true), "it can use the database");
            attempts.recv_timeout(PATIENCE).expect("what panicked comes again");
        }
        drop(running);
        // Each job is gone, with what it held.
        let rest: Vec<bool> = runs.try_iter().collect();
        assert_eq!(runs.try_recv(), Err(TryRecvError::Disconnected), "after {} more", rest.len());
        assert_eq!(Arc::strong_count(&context), 1);
        assert!(!logs::lines_with(&format!("the job {} panicked", names[0])).is_empty());
        assert!(!logs::lines_with(&format!("the job {} failed", names[1])).is_empty());
    }
}
