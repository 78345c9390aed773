//! The SQL of the details of an action: topics, speakers, participants, ratings. The identifiers given must be those of
//! actions read within the scope.

use std::collections::{BTreeSet, HashMap};

use diesel::dsl::sum;
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::ActionRow;
use crate::actions::dto::new::ActionSpeakerInput;
use crate::actions::dto::{ActionParticipants, ActionRating, ActionSpeaker};
use crate::actions::registrations;
use crate::actions::registrations::store::{Seats, SeatsRow};
use crate::db::schema::{
    action_participants, action_ratings, action_registrations, action_speakers, action_topics, actions,
};
use crate::db::{AnyConn, Id, IsAmong, Writes, insert_together, together, write_together};
use crate::nomenclatures::codes::{ActionTopic, ParticipantType, SatisfactionScale};

/// Groups rows by owner, and keeps their order.
fn grouped<T>(rows: impl IntoIterator<Item = (Id, T)>) -> HashMap<Id, Vec<T>> {
    let mut groups: HashMap<Id, Vec<T>> = HashMap::new();
    for (owner, row) in rows {
        groups.entry(owner).or_default().push(row);
    }
    groups
}

/// What several actions have in other tables.
#[derive(Debug, Default)]
pub(in crate::actions) struct Details {
    /// The topics, in the order of their codes.
    pub(in crate::actions) topics: HashMap<Id, Vec<ActionTopic>>,
    /// The speakers, in the order given.
    pub(in crate::actions) speakers: HashMap<Id, Vec<ActionSpeaker>>,
    /// The participants, in the order of their codes.
    pub(in crate::actions) participants: HashMap<Id, Vec<ActionParticipants>>,
    /// The ratings.
    pub(in crate::actions) ratings: HashMap<Id, Vec<ActionRating>>,
    /// The seats of the registrations.
    pub(in crate::actions) seats: HashMap<Id, Seats>,
}

/// What several actions have in other tables, in one round trip.
pub(in crate::actions) fn of(conn: &mut AnyConn, ids: &[Id]) -> QueryResult<Details> {
    let (mut topics, speakers, mut participants, ratings, seats) = together!(
        conn,
        action_topics::table
            .filter(action_topics::action_id.among(ids))
            .select((action_topics::action_id, action_topics::topic))
            => (Id, ActionTopic),
        action_speakers::table
            .filter(action_speakers::action_id.among(ids))
            .order((action_speakers::action_id, action_speakers::position))
            .select((action_speakers::action_id, action_speakers::role, action_speakers::organisation_id))
            => (Id, ParticipantType, Option<Id>),
        action_participants::table
            .filter(action_participants::action_id.among(ids))
            .select((action_participants::action_id, action_participants::participant_type, action_participants::number))
            => (Id, ParticipantType, i32),
        action_ratings::table
            .filter(action_ratings::action_id.among(ids))
            .select((action_ratings::action_id, action_ratings::rating, action_ratings::number))
            => (Id, SatisfactionScale, i32),
        action_registrations::table
            .filter(action_registrations::action_id.among(ids))
            .group_by((action_registrations::action_id, action_registrations::status))
            .select((
                action_registrations::action_id,
                action_registrations::status,
                sum(action_registrations::seats),
                sum(action_registrations::attended),
            ))
            => SeatsRow,
    )?;
    // Sorted here, as below: the collation of the database may order codes differently.
    topics.sort();
    participants.sort();
    let speaker = |(id, role, organisation_id)| (id, ActionSpeaker { role, organisation_id, organisation_name: None });
    let rating = |(id, rating, number)| (id, ActionRating { rating, number });
    Ok(Details {
        topics: grouped(topics),
        speakers: grouped(speakers.into_iter().map(speaker)),
        participants: grouped(participants.into_iter().map(counted)),
        ratings: grouped(ratings.into_iter().map(rating)),
        seats: registrations::store::summed(seats),
    })
}

fn counted((id, participant_type, number): (Id, ParticipantType, i32)) -> (Id, ActionParticipants) {
    (id, ActionParticipants { participant_type, number })
}

/// Records an action with its topics and its speakers.
pub(in crate::actions) fn insert(
    conn: &mut AnyConn,
    row: &ActionRow,
    topics: &BTreeSet<ActionTopic>,
    speakers: &[ActionSpeakerInput],
) -> QueryResult<()> {
    let (topics, speakers) = (topic_rows(row.id, topics), speaker_rows(row.id, speakers));
    insert_together!(
        conn,
        actions => std::slice::from_ref(row),
        action_topics => &topics,
        action_speakers => &speakers,
    )
}

/// A row of `action_topics`.
#[derive(Insertable)]
#[diesel(table_name = action_topics, treat_none_as_default_value = false)]
struct TopicRow {
    action_id: Id,
    topic: ActionTopic,
}

fn topic_rows(id: Id, topics: &BTreeSet<ActionTopic>) -> Vec<TopicRow> {
    topics.iter().map(|topic| TopicRow { action_id: id, topic: topic.clone() }).collect()
}

/// A row of `action_speakers`.
#[derive(Insertable)]
#[diesel(table_name = action_speakers, treat_none_as_default_value = false)]
struct SpeakerRow {
    action_id: Id,
    position: i32,
    role: ParticipantType,
    organisation_id: Option<Id>,
}

fn speaker_rows(id: Id, speakers: &[ActionSpeakerInput]) -> Vec<SpeakerRow> {
    let row = |(position, speaker): (i32, &ActionSpeakerInput)| SpeakerRow {
        action_id: id,
        position,
        role: speaker.role.clone(),
        organisation_id: speaker.organisation_id,
    };
    (0..).zip(speakers).map(row).collect()
}

/// Replaces the topics of an action.
pub(in crate::actions) fn set_topics(conn: &mut AnyConn, id: Id, topics: &BTreeSet<ActionTopic>) -> QueryResult<()> {
    diesel::delete(action_topics::table.filter(action_topics::action_id.eq(id))).execute(conn)?;
    let rows = topic_rows(id, topics);
    insert_together!(conn, action_topics => &rows)
}

/// Replaces the speakers of an action.
pub(in crate::actions) fn set_speakers(conn: &mut AnyConn, id: Id, speakers: &[ActionSpeakerInput]) -> QueryResult<()> {
    diesel::delete(action_speakers::table.filter(action_speakers::action_id.eq(id))).execute(conn)?;
    let rows = speaker_rows(id, speakers);
    insert_together!(conn, action_speakers => &rows)
}

/// The participants of several actions, in the order of their codes.
pub(in crate::actions) fn participants(
    conn: &mut AnyConn,
    ids: &[Id],
) -> QueryResult<HashMap<Id, Vec<ActionParticipants>>> {
    let mut rows: Vec<(Id, ParticipantType, i32)> = action_participants::table
        .filter(action_participants::action_id.among(ids))
        .select((action_participants::action_id, action_participants::participant_type, action_participants::number))
        .load(conn)?;
    rows.sort();
    Ok(grouped(rows.into_iter().map(counted)))
}

/// A row of `action_participants`.
#[derive(Insertable)]
#[diesel(table_name = action_participants, treat_none_as_default_value = false)]
struct ParticipantsRow {
    action_id: Id,
    participant_type: ParticipantType,
    number: i32,
}

/// Replaces the participants of an action.
pub(in crate::actions) fn set_participants(
    conn: &mut AnyConn,
    id: Id,
    participants: &[ActionParticipants],
) -> QueryResult<()> {
    let row = |one: &ActionParticipants| ParticipantsRow {
        action_id: id,
        participant_type: one.participant_type.clone(),
        number: one.number,
    };
    let rows: Vec<ParticipantsRow> = participants.iter().map(row).collect();
    let kinds: Vec<ParticipantType> = rows.iter().map(|row| row.participant_type.clone()).collect();
    let others = action_participants::action_id.eq(id).and(action_participants::participant_type.ne_all(kinds));
    let others = diesel::delete(action_participants::table.filter(others));
    let key = (action_participants::action_id, action_participants::participant_type);
    let number = || action_participants::number.eq(excluded(action_participants::number));
    match conn {
        AnyConn::Pg(pg) => {
            let mut writes = Writes::default();
            writes.add(others);
            if !rows.is_empty() {
                let insert = diesel::insert_into(action_participants::table).values(&rows);
                writes.add(insert.on_conflict(key).do_update().set(number()));
            }
            writes.execute(pg).map(drop)
        }
        AnyConn::Sqlite(sqlite) => {
            others.execute(sqlite)?;
            rows.iter().try_for_each(|row| {
                let insert = diesel::insert_into(action_participants::table).values(row);
                insert.on_conflict(key).do_update().set(number()).execute(sqlite).map(drop)
            })
        }
    }
}

/// A row of `action_ratings`.
#[derive(Insertable)]
#[diesel(table_name = action_ratings, treat_none_as_default_value = false)]
struct RatingRow {
    action_id: Id,
    rating: SatisfactionScale,
    number: i32,
}

/// Replaces the ratings of an action.
pub(in crate::actions) fn set_ratings(conn: &mut AnyConn, id: Id, ratings: &[ActionRating]) -> QueryResult<()> {
    let row = |one: &ActionRating| RatingRow { action_id: id, rating: one.rating.clone(), number: one.number };
    let rows: Vec<RatingRow> = ratings.iter().map(row).collect();
    let given: Vec<SatisfactionScale> = rows.iter().map(|row| row.rating.clone()).collect();
    let others = action_ratings::action_id.eq(id).and(action_ratings::rating.ne_all(given));
    let others = diesel::delete(action_ratings::table.filter(others));
    let key = (action_ratings::action_id, action_ratings::rating);
    let number = || action_ratings::number.eq(excluded(action_ratings::number));
    match conn {
        AnyConn::Pg(pg) => {
            let mut writes = Writes::default();
            writes.add(others);
            if !rows.is_empty() {
                let insert = diesel::insert_into(action_ratings::table).values(&rows);
                writes.add(insert.on_conflict(key).do_update().set(number()));
            }
            writes.execute(pg).map(drop)
        }
        AnyConn::Sqlite(sqlite) => {
            others.execute(sqlite)?;
            rows.iter().try_for_each(|row| {
                let insert = diesel::insert_into(action_ratings::table).values(row);
                insert.on_conflict(key).do_update().set(number()).execute(sqlite).map(drop)
            })
        }
    }
}

/// Deletes the details of an action. Registrations are kept: they prevent its deletion.
pub(in crate::actions) fn clear(conn: &mut AnyConn, id: Id) -> QueryResult<()> {
    write_together!(
        conn,
        diesel::delete(action_topics::table.filter(action_topics::action_id.eq(id))),
        diesel::delete(action_speakers::table.filter(action_speakers::action_id.eq(id))),
        diesel::delete(action_participants::table.filter(action_participants::action_id.eq(id))),
        diesel::delete(action_ratings::table.filter(action_ratings::action_id.eq(id))),
    )
    .map(drop)
}
