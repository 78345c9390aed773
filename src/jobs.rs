//! Background jobs, each with its own interval. Add new jobs to [`all`], or to [`slow`] if they can take long.
//!
//! One thread runs the jobs one after the other. Every instance runs them: a job takes a database lock for its short
//! transaction, and does nothing if another instance holds the lock. A job that fails or panics is logged, and runs
//! again after its interval.
//!
//! A job that can have a backlog works in steps of a few milliseconds. After a step that leaves some work, the job waits
//! as long as the step took: at least half of the time of SQLite's only writer is left to requests, more when it is busy,
//! and the other jobs run in between.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::accounts::tokens;
use crate::auth::KEY_RELOAD_INTERVAL;
use crate::db::{Lock, SystemScope};
use crate::error::ApiError;
use crate::households::naming;
use crate::http::Context;
use crate::journal::HeadFile;
use crate::lending::queue;
use crate::statistics::releases::worker::Worker;
use crate::statistics::{releases, sandbox};
use crate::work::Work;
use crate::{outbox, replays, steps};

/// One job.
pub struct Job {
    name: &'static str,
    interval: Duration,
    run: Box<Run>,
}

/// Returns whether work is left.
type Run = dyn FnMut(&Context) -> Result<bool, ApiError> + Send;

/// The longest pause between two steps of a job.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl Job {
    /// A job that runs once per interval. The name is for the log.
    pub fn new(
        name: &'static str,
        interval: Duration,
        mut run: impl FnMut(&Context) -> Result<(), ApiError> + Send + 'static,
    ) -> Self {
        Self::in_steps(name, interval, move |context| run(context).map(|()| false))
    }

    /// A job that works in steps: `step` is one short transaction, and returns whether work is left. The interval passes
    /// after the last step.
    pub fn in_steps(
        name: &'static str,
        interval: Duration,
        step: impl FnMut(&Context) -> Result<bool, ApiError> + Send + 'static,
    ) -> Self {
        Self { name, interval, run: Box::new(step) }
    }

    /// Runs the job, or one step of it. Returns the time until it runs again.
    fn run(&mut self, context: &Context) -> Duration {
        let begun = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.run)(context)));
        match outcome {
            Ok(Ok(true)) => return begun.elapsed().min(LONGEST_PAUSE),
            Ok(Ok(false)) => {}
            Ok(Err(error)) => log::error!("the job {} failed: {error}", self.name),
            Err(_) => log::error!("the job {} panicked", self.name),
        }
        self.interval
    }
}

/// The jobs that are short.
pub fn all(mut heads: HeadFile) -> Vec<Job> {
    let (mut kits, mut unnamed) = (Vec::new(), None);
    vec![
        Job::in_steps("publish changes", Duration::from_secs(2), |context| outbox::publish_step(&context.db)),
        Job::in_steps("chain the journal", Duration::from_secs(5), move |context| {
            context.journal.end_floods(Some(context.now()))?;
            context.journal.chain_step(&mut heads, context.now())
        }),
        Job::new(
            "reload the signing keys",
            KEY_RELOAD_INTERVAL.to_std().unwrap_or_default(),
            Context::reload_keys_blocking,
        ),
        Job::in_steps("serve the queues of kits", Duration::from_mins(1), move |context| {
            queue::ops::serve_next(context, &mut kits)
        }),
        Job::in_steps("find children by name", Duration::from_mins(10), move |context| {
            naming::ops::add_next(context, &mut unnamed)
        }),
        Job::new("refresh the planner's statistics", Duration::from_secs(5), |context| context.db.refresh_statistics()),
        Job::in_steps("delete expired replies", Duration::from_mins(10), |context| {
            in_sweep(context, |work| Ok(replays::delete_expired(work)? == steps::rows(work.conn)))
        }),
        Job::in_steps("delete expired tokens", Duration::from_mins(10), |context| {
            in_sweep(context, tokens::ops::sweep)
        }),
    ]
}

/// Runs one step of a sweep in a transaction, unless another instance is sweeping.
fn in_sweep(context: &Context, step: fn(&mut Work<'_>) -> Result<bool, ApiError>) -> Result<bool, ApiError> {
    context.write_blocking(
        SystemScope::Jobs,
        move |work| {
            if work.conn.try_lock(Lock::Sweep)? { step(work) } else { Ok(false) }
        },
    )
}

/// The jobs that can take minutes. They need a thread of their own. The worker makes the releases; it is told apart from
/// the thread when the instance stops.
pub fn slow(with_sandbox: bool, worker: Worker) -> Vec<Job> {
    let of_sandbox = worker.clone();
    let mut jobs = vec![
        Job::new("prepare releases", Duration::from_hours(1), releases::due::queue_due),
        Job::new("make releases", Duration::from_secs(1), move |context| worker.run_queued(context)),
    ];
    if with_sandbox {
        let update = move |context: &Context| sandbox::ops::update(context, &of_sandbox);
        jobs.push(Job::new("update the sandbox", Duration::from_hours(1), update));
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
                    let pause = job.run(&context);
                    *due = Instant::now() + pause;
                }
            }
            let next = jobs.iter().map(|(due, _)| *due).min();
            let wait = next.map_or(Duration::MAX, |next| next.saturating_duration_since(Instant::now()));
            if !matches!(stopped.recv_timeout(wait), Err(RecvTimeoutError::Timeout)) {
                break;
            }
        }
        if let Err(error) = context.journal.end_floods(None) {
            log::error!("repeated refusals of the last minute are not in the journal: {error}");
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
