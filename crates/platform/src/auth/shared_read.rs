//! Concurrent requests share one read of the database, and its failure.
//!
//! Without that, each of the requests that wait would try for itself, one after the other, for as long as the database
//! does not answer.

use std::time::Instant;

use passerelle_base::error::ApiError;
use tokio::sync::{Mutex, MutexGuard};

/// The lock that the reading request holds, with the last failure.
#[derive(Debug, Default)]
pub struct SharedRead(Mutex<Option<(Instant, ApiError)>>);

/// The right to read.
#[derive(Debug)]
pub struct Reader<'a>(MutexGuard<'a, Option<(Instant, ApiError)>>);

impl SharedRead {
    /// Waits for the request that is reading, if there is one. Fails with its error if it failed in the meantime. The
    /// caller must look again whether there is still something to read.
    pub async fn wait(&self) -> Result<Reader<'_>, ApiError> {
        let since = Instant::now();
        let last = self.0.lock().await;
        match &*last {
            Some((failed_at, error)) if *failed_at >= since => Err(error.clone()),
            _ => Ok(Reader(last)),
        }
    }
}

impl Reader<'_> {
    /// Shares the outcome of the read with those who wait.
    pub fn share<T>(mut self, outcome: Result<T, ApiError>) -> Result<T, ApiError> {
        *self.0 = outcome.as_ref().err().map(|error| (Instant::now(), error.clone()));
        outcome
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use futures_util::future::join_all;
    use passerelle_base::error::{ApiError, Code};

    use super::SharedRead;

    #[test]
    fn those_who_wait_share_one_failure_and_the_next_caller_tries_again() {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
            let (shared, reads) = (SharedRead::default(), Cell::new(0));
            let attempt = || async {
                let reader = shared.wait().await?;
                reads.set(reads.get() + 1);
                tokio::time::sleep(Duration::from_millis(5)).await;
                reader.share(Err::<(), _>(ApiError::new(Code::Unavailable)))
            };
            let outcomes = join_all((0..100).map(|_| attempt())).await;
            assert!(
                outcomes.iter().all(|outcome| outcome.as_ref().is_err_and(|error| error.code == Code::Unavailable))
            );
            assert_eq!(reads.get(), 1);
            assert!(attempt().await.is_err());
            assert_eq!(reads.get(), 2);
        });
    }
}
