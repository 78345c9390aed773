//! Background jobs, each with its own interval. Add new jobs to [`all`], or to [`slow`] if they can take long.
//!
//! One thread runs the jobs one after the other. Every instance runs them: a job takes a database lock for its short
//! transaction, and does nothing if another instance holds the lock. A job that fails or panics is logged, and runs
//! again after its interval.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::accounts::tokens;
use crate::auth::{KEY_RELOAD_INTERVAL, PrincipalId};
use crate::db::Lock;
use crate::error::ApiError;
use crate::http::Context;
use crate::journal::HeadFile;
use crate::lending::queue;
use crate::statistics::{releases, sandbox};
use crate::{outbox, replays};

/// One job.
pub struct Job {
    name: &'static str,
    interval: Duration,
    run: Box<Run>,
}

type Run = dyn FnMut(&Context) -> Result<(), ApiError> + Send;

impl Job {
    /// A job that runs once per interval. The name is for the log.
    pub fn new(
        name: &'static str,
        interval: Duration,
        run: impl FnMut(&Context) -> Result<(), ApiError> + Send + 'static,
    ) -> Self {
        Self { name, interval, run: Box::new(run) }
    }

    fn run(&mut self, context: &Context) {
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.run)(context)));
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(error)) => log::error!("the job {} failed: {error}", self.name),
            Err(_) => log::error!("the job {} panicked", self.name),
        }
    }
}

/// The jobs that are short.
pub fn all(mut heads: HeadFile) -> Vec<Job> {
    vec![
        Job::new("publish changes", Duration::from_secs(2), |context| outbox::publish_blocking(&context.db)),
        Job::new("chain the journal", Duration::from_secs(5), move |context| {
            context.journal.chain(&mut heads, context.now())
        }),
        Job::new(
            "reload the signing keys",
            KEY_RELOAD_INTERVAL.to_std().unwrap_or_default(),
            Context::reload_keys_blocking,
        ),
        Job::new("serve the queues of kits", Duration::from_mins(1), queue::ops::serve_all),
        Job::new("refresh the planner's statistics", Duration::from_secs(5), |context| context.db.refresh_statistics()),
        Job::new("delete expired data", Duration::from_mins(10), |context| {
            context.write_blocking(PrincipalId::Local, |work| {
                if !work.conn.try_lock(Lock::Sweep)? {
                    return Ok(());
                }
                replays::delete_expired(work)?;
                tokens::ops::sweep(work)
            })
        }),
    ]
}

/// The jobs that can take minutes. They need a thread of their own.
pub fn slow(with_sandbox: bool) -> Vec<Job> {
    let mut jobs = vec![
        Job::new("prepare releases", Duration::from_hours(1), releases::due::queue_due),
        Job::new("make releases", Duration::from_secs(1), releases::worker::run_queued),
    ];
    if with_sandbox {
        jobs.push(Job::new("update the sandbox", Duration::from_hours(1), sandbox::ops::update));
    }
    jobs
}

/// A running thread of jobs. Dropping it stops the thread, after the job that is running.
#[derive(Debug)]
pub struct Jobs {
    stop: Option<Sender<()>>,
    /// None if dropping must not wait for the running job: it may take minutes, and the next start resumes its work.
    thread: Option<JoinHandle<()>>,
}

impl Jobs {
    /// The same jobs, but dropping them does not wait for the running one.
    #[must_use]
    pub fn detached(mut self) -> Self {
        self.thread = None;
        self
    }
}

/// Starts a thread that runs these jobs.
pub fn start(context: Arc<Context>, jobs: Vec<Job>) -> io::Result<Jobs> {
    let (stop, stopped) = channel();
    let run = move || {
        let mut jobs: Vec<(Instant, Job)> = jobs.into_iter().map(|job| (Instant::now(), job)).collect();
        loop {
            for (due, job) in &mut jobs {
                if *due <= Instant::now() {
                    job.run(&context);
                    *due = Instant::now() + job.interval;
                }
            }
            let next = jobs.iter().map(|(due, _)| *due).min();
            let wait = next.map_or(Duration::MAX, |next| next.saturating_duration_since(Instant::now()));
            if !matches!(stopped.recv_timeout(wait), Err(RecvTimeoutError::Timeout)) {
                return;
            }
        }
    };
    let thread = std::thread::Builder::new().name("jobs".into()).spawn(run)?;
    Ok(Jobs { stop: Some(stop), thread: Some(thread) })
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
