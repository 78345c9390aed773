//! The log of the whole process, kept so that a test can look for what must not be there.

use std::sync::{Mutex, Once, PoisonError};

use log::kv::{Error, Key, Value, VisitSource};
use log::{LevelFilter, Log, Metadata, Record};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Installs the logger, once for the process, and hides the panics that are made on purpose.
pub fn capture() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        log::set_logger(&Capture).expect("no other logger");
        // Everything the program can be made to say, not only what it says by default.
        log::set_max_level(LevelFilter::Trace);
        // A panic that a test makes on purpose, on a thread whose output no test captures.
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !panic.payload_as_str().is_some_and(|message| message.contains("on purpose")) {
                usual(panic);
            }
        }));
    });
}

/// The lines logged so far that hold a text, whichever test made them.
pub fn lines_with(text: &str) -> Vec<String> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    lines.iter().filter(|line| line.contains(text)).cloned().collect()
}

struct Capture;

impl Log for Capture {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // The event loop's own tracing is not a log of requests, and there is a great deal of it.
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
