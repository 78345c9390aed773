//! What the program does by itself, beside the requests: a list of short jobs, each at its pace.
//!
//! One thread runs them one after the other. Every instance has one: each job takes a lock of the database for its short
//! transaction, and leaves the work to whoever holds it. A job that fails or panics is logged, and comes again.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::accounts::tokens;
use crate::auth::{KEYS_READ_EVERY, PrincipalId};
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
    every: Duration,
    run: Box<Run>,
}

type Run = dyn FnMut(&Context) -> Result<(), ApiError> + Send;

impl Job {
    /// A job of this name, run at this pace.
    pub fn new(
        name: &'static str,
        every: Duration,
        run: impl FnMut(&Context) -> Result<(), ApiError> + Send + 'static,
    ) -> Self {
        Self { name, every, run: Box::new(run) }
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

/// Every job of the program.
pub fn all(mut heads: HeadFile) -> Vec<Job> {
    vec![
        Job::new("publish changes", Duration::from_secs(2), |context| outbox::publish_blocking(&context.db)),
        Job::new("chain the journal", Duration::from_secs(5), move |context| {
            context.journal.chain(&mut heads, context.now())
        }),
        Job::new("read the signing keys", KEYS_READ_EVERY.to_std().unwrap_or_default(), Context::reload_keys_blocking),
        Job::new("settle the queues of kits", Duration::from_mins(1), queue::ops::settle),
        Job::new("refresh the planner's statistics", Duration::from_hours(1), |context| {
            context.write_blocking(PrincipalId::Local, |work| Ok(work.conn.refresh_statistics()?))
        }),
        Job::new("forget what has expired", Duration::from_mins(10), |context| {
            context.write_blocking(PrincipalId::Local, |work| {
                if !work.conn.try_lock(Lock::Sweep)? {
                    return Ok(());
                }
                replays::sweep(work)?;
                tokens::ops::sweep(work)
            })
        }),
    ]
}

/// The jobs that take long, and have a thread of their own. The sandbox is kept up where it is wanted.
pub fn slow(with_sandbox: bool) -> Vec<Job> {
    let mut jobs = vec![
        Job::new("prepare releases", Duration::from_hours(1), releases::due::ask),
        Job::new("make releases", Duration::from_secs(1), releases::worker::make_waiting),
    ];
    if with_sandbox {
        jobs.push(Job::new("keep the sandbox up", Duration::from_hours(1), sandbox::ops::keep_up));
    }
    jobs
}

/// The running jobs; dropping it stops them, after the one that is at work.
#[derive(Debug)]
pub struct Jobs {
    stop: Option<Sender<()>>,
    /// None for jobs that may take minutes: nobody waits for them, and what they were at is taken again.
    thread: Option<JoinHandle<()>>,
}

impl Jobs {
    /// The same, whose end is not waited for.
    #[must_use]
    pub fn unattended(mut self) -> Self {
        self.thread = None;
        self
    }
}

/// Starts the jobs on a thread of their own.
pub fn start(context: Arc<Context>, jobs: Vec<Job>) -> io::Result<Jobs> {
    let (stop, stopped) = channel();
    let run = move || {
        let mut jobs: Vec<(Instant, Job)> = jobs.into_iter().map(|job| (Instant::now(), job)).collect();
        loop {
            for (due, job) in &mut jobs {
                if *due <= Instant::now() {
                    job.run(&context);
                    *due = Instant::now() + job.every;
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
