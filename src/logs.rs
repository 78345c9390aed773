//! The log: one line per event, as text or as JSON.

use std::io::{self, Write};

use env_logger::{Builder, Target};
use log::kv::{Error, Key, Value, VisitSource};
use log::{LevelFilter, Record};
use serde::Serializer;
use serde::ser::SerializeMap;

use crate::config::LogFormat;

/// Starts the log on standard error. `filter` is a level, or a list of `target=level`.
pub fn start(filter: &str, format: LogFormat) {
    let mut builder = Builder::new();
    // Whoever sends an unreadable request makes actix log an error; the response and the counters tell enough.
    builder.filter_module("actix_http::h1::dispatcher", LevelFilter::Off);
    builder.parse_filters(filter).target(Target::Stderr);
    match format {
        LogFormat::Text => builder.format(|out, record| text(out, &now(), record)),
        LogFormat::Json => builder.format(|out, record| json(out, &now(), record)),
    };
    // The first start wins: tests start the log several times.
    let _ = builder.try_init();
}

fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// A line of text.
fn text(out: &mut impl Write, time: &str, record: &Record<'_>) -> io::Result<()> {
    write!(out, "{time} {:5} {} {}", record.level(), record.target(), record.args())?;
    // A field that cannot be written is left out.
    let _ = record.key_values().visit(&mut TextFields(out));
    writeln!(out)
}

/// A line that is a JSON object.
fn json(out: &mut impl Write, time: &str, record: &Record<'_>) -> io::Result<()> {
    let mut line = serde_json::Serializer::new(&mut *out);
    let mut members = line.serialize_map(None)?;
    members.serialize_entry("time", time)?;
    members.serialize_entry("level", record.level().as_str())?;
    members.serialize_entry("target", record.target())?;
    members.serialize_entry("message", record.args())?;
    let _ = record.key_values().visit(&mut JsonFields(&mut members));
    members.end()?;
    writeln!(out)
}

/// Writes fields as ` key=value` after the message.
struct TextFields<'out, W>(&'out mut W);

impl<'kvs, W: Write> VisitSource<'kvs> for TextFields<'_, W> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        write!(self.0, " {key}={value}").map_err(Error::boxed)
    }
}

/// Writes fields as members of the JSON object. Numbers stay numbers.
struct JsonFields<'line, M>(&'line mut M);

impl<'kvs, M: SerializeMap> VisitSource<'kvs> for JsonFields<'_, M> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        let written = match value.to_u64() {
            Some(number) => self.0.serialize_entry(key.as_str(), &number),
            None => self.0.serialize_entry(key.as_str(), &format_args!("{value}")),
        };
        written.map_err(|_| Error::msg("a field could not be written"))
    }
}

#[cfg(test)]
mod tests {
    use crate::logs::*;

    const TIME: &str = "2026-03-02T08:15:00.000Z";

    fn line(write: impl Fn(&mut Vec<u8>, &Record<'_>) -> io::Result<()>) -> String {
        let fields: [(&str, Value<'_>); 3] =
            [("status", 200_u16.into()), ("route", "/v1/\"x\"".into()), ("principal", "-".into())];
        let mut record = Record::builder();
        record.level(log::Level::Info).target("crate::access").key_values(&fields);
        let mut out = Vec::new();
        write(&mut out, &record.args(format_args!("request {}", 1)).build()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line_has_the_message_then_its_fields_in_order() {
        let written = line(|out, record| text(out, TIME, record));
        assert_eq!(
            written,
            "2026-03-02T08:15:00.000Z INFO  crate::access request 1 status=200 route=/v1/\"x\" principal=-\n"
        );
        let written = line(|out, record| json(out, TIME, record));
        assert_eq!(
            written,
            "{\"time\":\"2026-03-02T08:15:00.000Z\",\"level\":\"INFO\",\"target\":\"crate::access\",\
             \"message\":\"request 1\",\"status\":200,\"route\":\"/v1/\\\"x\\\"\",\"principal\":\"-\"}\n"
        );
    }
}
