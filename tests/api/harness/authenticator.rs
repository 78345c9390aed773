//! An authenticator application, as on the telephone of a user.

use chrono::{DateTime, Utc};
use totp_rs::{Algorithm, Builder, Secret, Totp};

/// The application, with one account.
#[derive(Clone)]
pub struct Authenticator(Totp);

impl Authenticator {
    /// An application with this secret, in Base32.
    pub fn new(secret: &str) -> Self {
        let secret = Secret::try_from_base32(secret).expect("a secret in Base32");
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(30)
            .with_secret(secret)
            .build();
        Self(totp.expect("a secret that is long enough"))
    }

    /// The code at this time.
    pub fn code(&self, now: DateTime<Utc>) -> String {
        self.0.generate(now.timestamp().unsigned_abs()).to_string()
    }
}
