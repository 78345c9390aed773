//! Keys and the primitives built on them. The cryptography is that of aws-lc-rs.

use std::path::Path;

use aws_lc_rs::{constant_time, digest, hkdf, hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use zeroize::{Zeroize, ZeroizeOnDrop};

use passerelle_base::startup::StartupError;
use passerelle_base::text::hex;

/// The root of every other key: 32 bytes from a file or the environment.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// A new random key.
    pub fn generate() -> Self {
        Self(random_bytes())
    }

    /// Reads the base64 text of a key file.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut bytes = STANDARD.decode(text.trim()).ok()?;
        let key = <[u8; 32]>::try_from(bytes.as_slice()).ok().map(Self);
        bytes.zeroize();
        key
    }

    /// The text of a key file: 44 base64 characters.
    pub fn to_text(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// Reads a key file.
    pub fn read(path: &Path) -> Result<Self, StartupError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| StartupError::new(format!("cannot read the master key {}: {error}", path.display())))?;
        Self::from_text(&text).ok_or_else(|| {
            StartupError::new(format!(
                "{} is not a master key: expected the base64 text of 32 bytes, as `passerelle keygen` prints it",
                path.display()
            ))
        })
    }

    /// Creates a key file that only its owner can read; fails if the file exists.
    pub fn create(path: &Path) -> Result<Self, StartupError> {
        use std::io::Write;
        use std::os::unix::fs::OpenOptionsExt;
        let key = Self::generate();
        std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .and_then(|mut file| {
                file.write_all(key.to_text().as_bytes())?;
                file.sync_all()
            })
            .map_err(|error| StartupError::new(format!("cannot write the master key {}: {error}", path.display())))?;
        Ok(key)
    }

    /// A key for one purpose: HKDF-SHA-256 of the master key with the purpose as its info.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut out = [0; 32];
        let info = [purpose.as_bytes()];
        let okm = hkdf::Salt::new(hkdf::HKDF_SHA256, b"passerelle").extract(&self.0);
        // Both calls fail only on an output longer than 255 hash blocks; 32 bytes is one.
        if let Ok(okm) = okm.expand(&info, hkdf::HKDF_SHA256) {
            let _ = okm.fill(&mut out);
        }
        out
    }
}

/// A key for message authentication codes: entity tags, blind tokens, the journal.
#[derive(Clone)]
pub struct MacKey(hmac::Key);

impl std::fmt::Debug for MacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MacKey")
    }
}

impl MacKey {
    /// The MAC key of one purpose.
    pub fn new(master: &MasterKey, purpose: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &master.derive(purpose)))
    }

    /// HMAC-SHA-256 over length-prefixed parts, so that different lists of parts are different inputs.
    pub fn tag(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }
}

/// Compares in constant time, so that the duration does not reveal where two values differ.
pub fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// SHA-256, in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// Random bytes from the system generator.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    // The system generator fails only before the kernel has seeded it. Every key would then be predictable, so the
    // process aborts.
    if rand::fill(&mut out).is_err() {
        std::process::abort();
    }
    out
}

/// A secret that is revealed once: a prefix that identifies its kind, then 32 random bytes in base64url.
pub fn random_token(prefix: &str) -> String {
    format!("{prefix}_{}", URL_SAFE_NO_PAD.encode(random_bytes::<32>()))
}
