//! Acts about both cases of a merge: the share of one case goes into that of the other. The undo divides them again.

use std::collections::BTreeMap;

use serde_json::Value;

use super::model::{JoinedAct, WholeAct, naming};
use super::store::acts::{self, ShareOf, SharedAct};
use super::store::hanging::digest;
use crate::cases::model::shares::shares;
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
        let parts = acts::shares_of(work.conn, *kept)?;
        let whole = Some(whole(work, &parts)?);
        let (kept, dropped) = (*kept, *dropped);
        joined.push(JoinedAct {
            kept,
            dropped,
            before,
            whole,
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

/// The sums of the act of a share.
fn whole(work: &mut Work<'_>, shares: &[ShareOf]) -> Result<WholeAct, ApiError> {
    let mut all = WholeAct {
        minutes: shares.iter().map(|share| share.minutes).sum(),
        travel_minutes: shares.iter().map(|share| share.travel_minutes).sum(),
        people: BTreeMap::new(),
    };
    for share in shares {
        for row in acts::participants(work.conn, share.id)? {
            *all.people.entry(text(&row, "kind").to_owned()).or_default() += number(&row, "number");
        }
    }
    Ok(all)
}

/// What is told of an act that was divided again: its shares, and the one that came back.
pub(super) struct Parted<'a> {
    act: &'a JoinedAct,
    shares: Vec<ShareOf>,
}

impl Parted<'_> {
    /// Records in the feed the shares, each with its case, and what names the one that came back.
    pub(super) fn record(&self, work: &mut Work<'_>, service: Id) {
        for ShareOf { id, case_id, .. } in &self.shares {
            if *id == self.act.dropped {
                work.created_in(*case_id, Resource::Intervention, service, *id);
                record_linked(work, service, *case_id, self.act);
            } else {
                work.changed_in(*case_id, Resource::Intervention, service, *id);
            }
        }
    }
}

/// Records in the feed the shares of an act that was joined, each with its case.
pub(super) fn record_joined(work: &mut Work<'_>, service: Id, act: &JoinedAct) -> Result<(), ApiError> {
    for share in acts::shares_of(work.conn, act.kept)? {
        work.changed_in(share.case_id, Resource::Intervention, service, share.id);
    }
    Ok(())
}

/// Divides acts again. A sum that did not change has the shares that it had; one that was corrected since is shared again by all
/// cases of the act. An act that was removed since stays removed.
pub(super) fn part<'a>(work: &mut Work<'_>, joined: &'a [JoinedAct]) -> Result<Vec<Parted<'a>>, ApiError> {
    let mut parted = Vec::with_capacity(joined.len());
    for act in joined {
        let shares = acts::shares_of(work.conn, act.kept)?;
        let Some(now) = shares.iter().find(|share| share.id == act.kept) else { continue };
        let all = whole(work, &shares)?;
        let people_now = acts::participants(work.conn, act.kept)?;
        let [kept, dropped] = &act.before;
        let was = act.whole.as_ref().unwrap_or(&all);
        let total = |column| number(kept, column) + number(dropped, column);
        let [own, other] = &act.participants;
        acts::put_whole_back(work.conn, dropped)?;
        acts::part(work.conn, (act.kept, act.dropped), &act.before, work.now)?;
        let shares = acts::shares_of(work.conn, act.kept)?;
        for (column, is_same, sum) in [
            ("minutes", (now.minutes, all.minutes) == (total("minutes"), was.minutes), all.minutes),
            (
                "travel_minutes",
                (now.travel_minutes, all.travel_minutes) == (total("travel_minutes"), was.travel_minutes),
                all.travel_minutes,
            ),
        ] {
            if !is_same {
                for (share, number) in shares.iter().zip(shared(sum, shares.len())) {
                    acts::set_number(work.conn, share.id, column, number)?;
                }
            }
        }
        if people(&people_now) == people(own.iter().chain(other)) && all.people == was.people {
            acts::participants_back(work.conn, act.kept, &act.participants)?;
        } else {
            let ids: Vec<Id> = shares.iter().map(|share| share.id).collect();
            acts::set_participants(work.conn, &ids, &shared_people(&all.people, &ids))?;
        }
        if note_digest(work, act.kept)? == act.note {
            acts::note_back(work.conn, act.kept, kept)?;
        }
        let back = (act.kept, act.dropped, text(dropped, "case_id"));
        acts::link_back(work.conn, back, (&act.appointments, &act.written), work.now)?;
        parted.push(Parted { act, shares });
    }
    Ok(parted)
}

fn shared(sum: i64, cases: usize) -> Vec<i32> {
    shares(i32::try_from(sum).unwrap_or(i32::MAX), cases)
}

/// The participants of each share, as rows: every kind is shared as the minutes are.
fn shared_people(people: &BTreeMap<String, i64>, ids: &[Id]) -> Vec<WholeRow> {
    let of_kind = |(kind, sum): (&String, &i64)| {
        let of_each = ids.iter().zip(shared(*sum, ids.len())).filter(|(_, number)| *number > 0);
        let row = |(id, number): (&Id, i32)| {
            let fields =
                [("intervention_id", id.as_str().into()), ("kind", kind.as_str().into()), ("number", number.into())];
            fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect::<WholeRow>()
        };
        of_each.map(row).collect::<Vec<_>>()
    };
    people.iter().flat_map(of_kind).collect()
}
