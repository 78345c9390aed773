//! Captures the log of the whole process, so that tests can search it.

use std::sync::{Mutex, Once, PoisonError};

use log::kv::{Error, Key, Value, VisitSource};
use log::{LevelFilter, Log, Metadata, Record};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Installs the logger, once per process, and silences panics that are deliberate.
pub fn capture() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        log::set_logger(&Capture).expect("no other logger");
        // All levels, not only the default ones.
        log::set_max_level(LevelFilter::Trace);
        // A deliberate panic, on a thread whose output no test captures.
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !panic.payload_as_str().is_some_and(|message| message.contains("on purpose")) {
                usual(panic);
            }
        }));
    });
}

/// The lines logged so far that contain a text, from any test.
pub fn lines_with(text: &str) -> Vec<String> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    lines.iter().filter(|line| line.contains(text)).cloned().collect()
}

struct Capture;

impl Log for Capture {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // The tracing of the event loop itself is very verbose.
        !metadata.target().starts_with("mio")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let mut line = Line(format!("{} {} {}", record.level(), record.target(), record.args()));
            let _ = record.key_values().visit(&mut line);
            LINES.lock().unwrap_or_else(PoisonError::into_inner).push(line.0);
        }
    }

    fn flush(&self) {}
}

struct Line(String);

impl<'kvs> VisitSource<'kvs> for Line {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        use std::fmt::Write;
        write!(self.0, " {key}={value}").map_err(|_| Error::msg("formatting"))
    }
}
