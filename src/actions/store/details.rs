//! The SQL of the details of an action: topics, speakers, participants, ratings. The identifiers given must be those of
//! actions read within the scope.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use crate::actions::dto::new::NewActionSpeaker;
use crate::actions::dto::{ActionParticipants, ActionRating, ActionSpeaker};
use crate::db::schema::{action_participants, action_ratings, action_speakers, action_topics};
use crate::db::{AnyConn, Id, IsAmong};
use crate::nomenclatures::codes::{ActionTopic, ParticipantType, SatisfactionScale};

/// Groups rows by owner, and keeps their order.
fn grouped<T>(rows: impl IntoIterator<Item = (Id, T)>) -> HashMap<Id, Vec<T>> {
    let mut groups: HashMap<Id, Vec<T>> = HashMap::new();
    for (owner, row) in rows {
        groups.entry(owner).or_default().push(row);
    }
    groups
}

/// The topics of several actions, in the order of their codes.
pub(in crate::actions) fn topics(conn: &mut AnyConn, ids: &[Id]) -> QueryResult<HashMap<Id, Vec<ActionTopic>>> {
    let mut rows: Vec<(Id, ActionTopic)> = action_topics::table
        .filter(action_topics::action_id.among(ids))
        .select((action_topics::action_id, action_topics::topic))
        .load(conn)?;
    // Sorted here, as below: the collation of the database may order codes differently.
    rows.sort();
    Ok(grouped(rows))
}

/// Replaces the topics of an action.
pub(in crate::actions) fn set_topics(conn: &mut AnyConn, id: Id, topics: &BTreeSet<ActionTopic>) -> QueryResult<()> {
    diesel::delete(action_topics::table.filter(action_topics::action_id.eq(id))).execute(conn)?;
    for topic in topics {
        let values = (action_topics::action_id.eq(id), action_topics::topic.eq(topic));
        diesel::insert_into(action_topics::table).values(values).execute(conn)?;
    }
    Ok(())
}

/// The speakers of several actions, in the order given.
pub(in crate::actions) fn speakers(conn: &mut AnyConn, ids: &[Id]) -> QueryResult<HashMap<Id, Vec<ActionSpeaker>>> {
    let rows: Vec<(Id, ParticipantType, Option<Id>)> = action_speakers::table
        .filter(action_speakers::action_id.among(ids))
        .order((action_speakers::action_id, action_speakers::position))
        .select((action_speakers::action_id, action_speakers::role, action_speakers::organisation_id))
        .load(conn)?;
    Ok(grouped(rows.into_iter().map(|(id, role, organisation_id)| (id, ActionSpeaker { role, organisation_id }))))
}

/// Replaces the speakers of an action.
pub(in crate::actions) fn set_speakers(conn: &mut AnyConn, id: Id, speakers: &[NewActionSpeaker]) -> QueryResult<()> {
    diesel::delete(action_speakers::table.filter(action_speakers::action_id.eq(id))).execute(conn)?;
    for (position, speaker) in (0i32..).zip(speakers) {
        diesel::insert_into(action_speakers::table)
            .values((
                action_speakers::action_id.eq(id),
                action_speakers::position.eq(position),
                action_speakers::role.eq(&speaker.role),
                action_speakers::organisation_id.eq(speaker.organisation_id),
            ))
            .execute(conn)?;
    }
    Ok(())
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
    let one = |(id, participant_type, number)| (id, ActionParticipants { participant_type, number });
    Ok(grouped(rows.into_iter().map(one)))
}

/// Replaces the participants of an action.
pub(in crate::actions) fn set_participants(
    conn: &mut AnyConn,
    id: Id,
    participants: &[ActionParticipants],
) -> QueryResult<()> {
    diesel::delete(action_participants::table.filter(action_participants::action_id.eq(id))).execute(conn)?;
    for one in participants {
        diesel::insert_into(action_participants::table)
            .values((
                action_participants::action_id.eq(id),
                action_participants::participant_type.eq(&one.participant_type),
                action_participants::number.eq(one.number),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// The ratings of several actions.
pub(in crate::actions) fn ratings(conn: &mut AnyConn, ids: &[Id]) -> QueryResult<HashMap<Id, Vec<ActionRating>>> {
    let rows: Vec<(Id, SatisfactionScale, i32)> = action_ratings::table
        .filter(action_ratings::action_id.among(ids))
        .select((action_ratings::action_id, action_ratings::rating, action_ratings::number))
        .load(conn)?;
    Ok(grouped(rows.into_iter().map(|(id, rating, number)| (id, ActionRating { rating, number }))))
}

/// Replaces the ratings of an action.
pub(in crate::actions) fn set_ratings(conn: &mut AnyConn, id: Id, ratings: &[ActionRating]) -> QueryResult<()> {
    diesel::delete(action_ratings::table.filter(action_ratings::action_id.eq(id))).execute(conn)?;
    for one in ratings {
        diesel::insert_into(action_ratings::table)
            .values((
                action_ratings::action_id.eq(id),
                action_ratings::rating.eq(&one.rating),
                action_ratings::number.eq(one.number),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Deletes the details of an action. Registrations are kept: they prevent its deletion.
pub(in crate::actions) fn clear(conn: &mut AnyConn, id: Id) -> QueryResult<()> {
    set_topics(conn, id, &BTreeSet::new())?;
    set_speakers(conn, id, &[])?;
    set_participants(conn, id, &[])?;
    set_ratings(conn, id, &[])
}
