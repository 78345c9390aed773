//! The log: one line an event, for people or for collectors.

use std::io::Write;

use env_logger::{Builder, Target};
use log::kv::{Error, Key, Value, VisitSource};

use crate::config::LogFormat;

/// Starts the log on standard error. `filter` is a level, or a list of `target=level`.
pub fn start(filter: &str, format: LogFormat) {
    let mut builder = Builder::new();
    builder.parse_filters(filter).target(Target::Stderr);
    match format {
        LogFormat::Text => builder.format(|out, record| {
            let mut fields = Fields::default();
            let _ = record.key_values().visit(&mut fields);
            write!(out, "{} {:5} {} {}", now(), record.level(), record.target(), record.args())?;
            for (name, value) in &fields.0 {
                write!(out, " {name}={}", plain(value))?;
            }
            writeln!(out)
        }),
        LogFormat::Json => builder.format(|out, record| {
            let mut fields = Fields::default();
            let _ = record.key_values().visit(&mut fields);
            let mut line = serde_json::Map::new();
            line.insert("time".into(), now().into());
            line.insert("level".into(), record.level().as_str().into());
            line.insert("target".into(), record.target().into());
            line.insert("message".into(), record.args().to_string().into());
            line.extend(fields.0);
            writeln!(out, "{}", serde_json::Value::Object(line))
        }),
    };
    // A second start (tests) keeps the first.
    let _ = builder.try_init();
}

fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[derive(Default)]
struct Fields(Vec<(String, serde_json::Value)>);

impl<'kvs> VisitSource<'kvs> for Fields {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        let json = match value.to_u64() {
            Some(number) => number.into(),
            None => value.to_string().into(),
        };
        self.0.push((key.to_string(), json));
        Ok(())
    }
}
