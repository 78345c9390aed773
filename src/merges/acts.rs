//! Acts about both cases of a merge: the share of one case goes into that of the other. The undo divides them again.

use std::collections::BTreeMap;

use serde_json::Value;

use super::model::{JoinedAct, naming};
use super::store::acts::{self, Share, SharedAct};
use super::store::hanging::digest;
use crate::cases::notes::model::CaseNoteKind;
use crate::db::Id;
use crate::db::whole::WholeRow;
use crate::error::ApiError;
use crate::privacy::{DataKey, Place, Secret};
use crate::trail::Resource;
use crate::work::Work;

fn number(row: &WholeRow, column: &str) -> i64 {
    row.get(column).and_then(Value::as_i64).unwrap_or_default()
}

fn text<'a>(row: &'a WholeRow, column: &str) -> &'a str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}

/// The number of participants of each kind.
fn people<'a>(rows: impl IntoIterator<Item = &'a WholeRow>) -> BTreeMap<&'a str, i64> {
    let mut people = BTreeMap::new();
    for row in rows {
        *people.entry(text(row, "kind")).or_default() += number(row, "number");
    }
    people
}

const fn note_at(row: &str) -> Place<'_> {
    Place { table: "interventions", column: "note", row }
}

/// Reads what an undo needs, before anything changes.
pub(super) fn kept(work: &mut Work<'_>, shared: &[SharedAct]) -> Result<Vec<JoinedAct>, ApiError> {
    let mut joined = Vec::with_capacity(shared.len());
    for SharedAct { kept, dropped } in shared {
        let mut row =
            |id: &Id| -> Result<WholeRow, ApiError> { acts::whole(work.conn, *id)?.ok_or_else(ApiError::not_found) };
        let before = [row(kept)?, row(dropped)?];
        let participants = [acts::participants(work.conn, *kept)?, acts::participants(work.conn, *dropped)?];
        let links = acts::links(work.conn, *dropped)?;
        let appointments = links.iter().map(|link| text(link, "appointment_id").to_owned()).collect();
        let (mut written, mut hidden) = (Vec::new(), Vec::new());
        for (table, rows) in acts::written(work.conn, *dropped)? {
            written.extend(rows.iter().map(|row| (table.to_owned(), text(row, "id").to_owned())));
            let restricted = rows.iter().filter(|row| text(row, "kind") == CaseNoteKind::Restricted.as_str());
            hidden.extend(restricted.map(|row| text(row, "id").to_owned()));
        }
        let (kept, dropped) = (*kept, *dropped);
        joined.push(JoinedAct {
            kept,
            dropped,
            before,
            participants,
            appointments,
            written,
            hidden,
            note: String::new(),
        });
    }
    Ok(joined)
}

/// Records in the feed what names the share of an act that stays, or the one that came back: appointments, and what was written
/// about it for everybody.
pub(super) fn record_linked(work: &mut Work<'_>, service: Id, case: Id, act: &JoinedAct) {
    for id in act.appointments.iter().filter_map(|id| id.parse::<Id>().ok()) {
        work.changed(Resource::Appointment, service, id);
    }
    for (table, id) in &act.written {
        if let (Some(of), Ok(id)) = (naming(table).filter(|_| !act.hidden.contains(id)), id.parse::<Id>()) {
            work.changed_in(case, of.resource, service, id);
        }
    }
}

/// Joins the shares. The notes of both are one, sealed with the key of the survivor.
pub(super) fn join(
    work: &mut Work<'_>,
    joined: &mut [JoinedAct],
    (absorbed, survivor): (&DataKey, &DataKey),
) -> Result<(), ApiError> {
    for act in joined {
        let mut note = |id: &Id| -> Result<Option<Secret<String>>, ApiError> {
            let Some(sealed) = acts::note(work.conn, *id)? else { return Ok(None) };
            let place = note_at(id.as_str());
            Ok(Some(survivor.open(place, &sealed).or_else(|_| absorbed.open(place, &sealed))?))
        };
        let notes = (note(&act.kept)?, note(&act.dropped)?);
        let id = act.kept.as_str();
        let both = match notes {
            (_, None) => None,
            (None, Some(other)) => Some(other),
            (Some(own), Some(other)) if own.reveal() == other.reveal() => None,
            (Some(own), Some(other)) => Some(Secret::new(format!("{}\n\n{}", own.reveal(), other.reveal()))),
        };
        if let Some(both) = both {
            let sealed = survivor.seal(note_at(id), &both)?;
            acts::set_note(work.conn, act.kept, &sealed)?;
        }
        act.note = note_digest(work, act.kept)?;
        acts::join(work.conn, SharedAct { kept: act.kept, dropped: act.dropped }, work.now)?;
    }
    Ok(())
}

fn note_digest(work: &mut Work<'_>, id: Id) -> Result<String, ApiError> {
    let sealed = acts::note(work.conn, id)?;
    Ok(digest(&sealed.unwrap_or_default()))
}

/// Divides acts again. An act that was corrected since keeps what it says now: the share that comes back gets its former
/// minutes, or as many as there are. An act that was removed since stays removed.
pub(super) fn part(work: &mut Work<'_>, joined: &[JoinedAct]) -> Result<(), ApiError> {
    for act in joined {
        let Some(now) = acts::share(work.conn, act.kept)? else { continue };
        let [kept, dropped] = &act.before;
        let total = |column| number(kept, column) + number(dropped, column);
        let [own, other] = &act.participants;
        let people_now = acts::participants(work.conn, act.kept)?;
        let is_unchanged = (now.minutes, now.travel_minutes) == (total("minutes"), total("travel_minutes"))
            && people(&people_now) == people(own.iter().chain(other));
        let back = |now: i64, column| number(dropped, column).min(now);
        let (minutes, travel) = (back(now.minutes, "minutes"), back(now.travel_minutes, "travel_minutes"));
        acts::put_whole_back(work.conn, dropped)?;
        let of_dropped = Share { minutes, travel_minutes: travel, position: number(dropped, "position") };
        let of_kept = Share {
            minutes: now.minutes - minutes,
            travel_minutes: now.travel_minutes - travel,
            position: number(kept, "position"),
        };
        acts::part(work.conn, act.kept, of_kept, act.dropped, of_dropped)?;
        if note_digest(work, act.kept)? == act.note {
            acts::note_back(work.conn, act.kept, kept)?;
        }
        if is_unchanged {
            acts::participants_back(work.conn, act.kept, &act.participants)?;
        }
        acts::link_back(work.conn, act.kept, act.dropped, (&act.appointments, &act.written), work.now)?;
    }
    Ok(())
}
