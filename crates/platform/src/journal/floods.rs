//! Refusals that a stranger can repeat as often as they like: invalid tokens, attempts past the limit.
//!
//! The journal is kept for ever, so a flood must not fill it. The first refusal of a subscriber in a minute is an event of
//! its own, written before the response. The others of that minute are counted, and become one event when it is over.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::model::repeated;
use super::store::EventRow;
use passerelle_base::error::Code;
use passerelle_base::subscriber::Subscriber;
use passerelle_base::values::{Id, UtcTs};

/// Subscribers that are followed in one minute. The refusals of more are events of their own.
const FOLLOWED: usize = 10_000;

/// The refusals of the present minute.
#[derive(Default)]
pub(super) struct Floods {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    minute: i64,
    refused: HashMap<Source, Flood>,
}

/// What is counted together.
#[derive(PartialEq, Eq, Hash)]
struct Source {
    caller: Option<Subscriber>,
    code: &'static str,
    principal: String,
}

struct Flood {
    /// Refusals after the first.
    again: u64,
    last: EventRow,
}

/// Whether a stranger can repeat a refusal without end.
pub(super) fn is_repeatable(code: Code) -> bool {
    matches!(code, Code::Unauthenticated | Code::TooManyAttempts)
}

impl Floods {
    /// The events to write for a refusal: its own if it is the first of its minute, and those of minutes that are over.
    pub(super) fn admit(&self, caller: Option<Subscriber>, code: Code, row: EventRow, now: UtcTs) -> Vec<EventRow> {
        let mut state = self.state();
        let mut rows = state.end_before(minute_of(now));
        let source = Source { caller, code: code.as_str(), principal: row.principal.clone() };
        let is_full = state.refused.len() >= FOLLOWED;
        match state.refused.entry(source) {
            Entry::Occupied(mut entry) => {
                let flood = entry.get_mut();
                flood.again += 1;
                flood.last = row;
            }
            Entry::Vacant(_) if is_full => rows.push(row),
            Entry::Vacant(entry) => {
                entry.insert(Flood { again: 0, last: row.clone() });
                rows.push(row);
            }
        }
        rows
    }

    /// The events of the minutes that are over; at the end of the program, of the present one too.
    pub(super) fn end(&self, now: Option<UtcTs>) -> Vec<EventRow> {
        self.state().end_before(now.map_or(i64::MAX, minute_of))
    }

    /// A poisoned lock still guards a usable table.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn end_before(&mut self, minute: i64) -> Vec<EventRow> {
        if self.minute == minute {
            return Vec::new();
        }
        self.minute = minute;
        let repeated = self.refused.drain().filter(|(_, flood)| flood.again > 0);
        repeated.map(|(_, flood)| summary(flood)).collect()
    }
}

/// The event of the refusals after the first. Its request is the last of them.
fn summary(flood: Flood) -> EventRow {
    let Flood { again, last } = flood;
    EventRow { id: Id::next(last.happened_at), changed: repeated(again), ..last }
}

fn minute_of(now: UtcTs) -> i64 {
    now.to_utc().timestamp().div_euclid(60)
}
