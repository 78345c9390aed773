//! The SQL of questionnaires, of their tokens and of the counts of their ratings.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{SurveyFilter, SurveyQuestion, SurveyQuestionInput, SurveySort};
use crate::auth::ServiceScope;
use crate::db::schema::{survey_counts, survey_questions, survey_tokens, surveys};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, from_row, insert_together, row_writes, sorted_page};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::{SatisfactionScale, SurveyMoment};

/// A row of `surveys`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = surveys, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SurveyRow {
    /// Identifier.
    pub id: Id,
    /// The service that runs the questionnaire.
    pub service_id: Id,
    /// Occasion of the questionnaire.
    pub moment: SurveyMoment,
    /// Title in French.
    pub title_fr: String,
    /// Title in English.
    pub title_en: Option<String>,
    /// First day on which it can be answered.
    pub opens_on: NaiveDate,
    /// Last day on which it can be answered.
    pub closes_on: NaiveDate,
    /// When it closes for good; null in rows of earlier versions until the next start of the program.
    pub closes_at: Option<UtcTs>,
    /// Number of tokens issued.
    pub issued: i32,
    /// Version of the row.
    pub version: i32,
    /// When it was created.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::versioned!(SurveyRow);

/// A row of `survey_questions`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = survey_questions, treat_none_as_default_value = false)]
pub(super) struct QuestionRow {
    survey_id: Id,
    pub(super) position: i32,
    pub(super) text_fr: String,
    pub(super) text_en: Option<String>,
}

from_row!(QuestionRow => SurveyQuestion { position, text_fr, text_en });

/// How often a rating was given to a question: position, rating, number.
pub(super) type Count = (i32, SatisfactionScale, i32);

type Boxed<'a> = surveys::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    surveys::table.filter(surveys::service_id.among(scope.ids())).into_boxed()
}

row_writes!(surveys: SurveyRow => pub(super) update);

/// A questionnaire in scope.
pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<SurveyRow> {
    visible(scope).filter(surveys::id.eq(id)).select(SurveyRow::as_select()).get_result(conn)
}

/// Deletes the version that was read, with its questions and unused tokens. Returns false if a concurrent change came first.
/// A question with answers cannot be deleted: the foreign key fails.
pub(super) fn delete(conn: &mut AnyConn, row: &SurveyRow) -> QueryResult<bool> {
    diesel::delete(survey_tokens::table.filter(survey_tokens::survey_id.eq(row.id))).execute(conn)?;
    delete_questions(conn, row.id)?;
    let unchanged = surveys::id.eq(row.id).and(surveys::version.eq(row.version));
    Ok(diesel::delete(surveys::table.filter(unchanged)).execute(conn)? == 1)
}

/// Deletes the questions. A question with answers cannot be deleted: the foreign key fails.
pub(super) fn delete_questions(conn: &mut AnyConn, survey: Id) -> QueryResult<()> {
    let unanswered = survey_counts::survey_id.eq(survey).and(survey_counts::number.eq(0));
    diesel::delete(survey_counts::table.filter(unanswered)).execute(conn)?;
    diesel::delete(survey_questions::table.filter(survey_questions::survey_id.eq(survey))).execute(conn).map(drop)
}

/// Writes the questions, each with a zero count for every rating, so that an answer never adds a row.
pub(super) fn insert_questions(
    conn: &mut AnyConn,
    survey: Id,
    questions: &[SurveyQuestionInput],
    scale: &[SatisfactionScale],
) -> QueryResult<()> {
    let (questions, counts) = (question_rows(survey, questions), count_rows(survey, questions.len(), scale));
    insert_together!(conn, survey_questions => &questions, survey_counts => &counts)
}

/// Records a questionnaire with its questions.
pub(super) fn insert(
    conn: &mut AnyConn,
    row: &SurveyRow,
    questions: &[SurveyQuestionInput],
    scale: &[SatisfactionScale],
) -> QueryResult<()> {
    let (questions, counts) = (question_rows(row.id, questions), count_rows(row.id, questions.len(), scale));
    insert_together!(
        conn,
        surveys => std::slice::from_ref(row),
        survey_questions => &questions,
        survey_counts => &counts,
    )
}

fn question_rows(survey: Id, questions: &[SurveyQuestionInput]) -> Vec<QuestionRow> {
    let row = |(position, question): (i32, &SurveyQuestionInput)| QuestionRow {
        survey_id: survey,
        position,
        text_fr: question.text_fr.clone(),
        text_en: question.text_en.clone(),
    };
    (1..).zip(questions).map(row).collect()
}

/// A row of `survey_counts`.
#[derive(Insertable)]
#[diesel(table_name = survey_counts, treat_none_as_default_value = false)]
struct CountRow {
    survey_id: Id,
    position: i32,
    rating: SatisfactionScale,
    number: i32,
}

fn count_rows(survey: Id, questions: usize, scale: &[SatisfactionScale]) -> Vec<CountRow> {
    let zero = |position| {
        move |rating: &SatisfactionScale| CountRow { survey_id: survey, position, rating: rating.clone(), number: 0 }
    };
    (1..).take(questions).flat_map(|position| scale.iter().map(zero(position))).collect()
}

/// The questions of several questionnaires, each in order.
pub(super) fn questions(conn: &mut AnyConn, ids: &[Id]) -> QueryResult<HashMap<Id, Vec<QuestionRow>>> {
    let rows: Vec<QuestionRow> = survey_questions::table
        .filter(survey_questions::survey_id.among(ids))
        .order((survey_questions::survey_id, survey_questions::position))
        .select(QuestionRow::as_select())
        .load(conn)?;
    let mut questions: HashMap<Id, Vec<QuestionRow>> = HashMap::new();
    for row in rows {
        questions.entry(row.survey_id).or_default().push(row);
    }
    Ok(questions)
}

/// The questionnaires in scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a SurveyFilter) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(moment) = &filter.moment {
        query = query.filter(surveys::moment.eq(moment));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(surveys::updated_at.ge(since));
    }
    query
}

/// The questionnaires whose instant of closing was never stored.
pub(super) fn without_closing(conn: &mut AnyConn) -> QueryResult<Vec<SurveyRow>> {
    surveys::table.filter(surveys::closes_at.is_null()).order(surveys::id).select(SurveyRow::as_select()).load(conn)
}

/// Stores the instant of closing of a questionnaire that has none.
pub(super) fn set_closing(conn: &mut AnyConn, id: Id, closes_at: UtcTs) -> QueryResult<()> {
    diesel::update(surveys::table.filter(surveys::id.eq(id).and(surveys::closes_at.is_null())))
        .set(surveys::closes_at.eq(closes_at))
        .execute(conn)
        .map(drop)
}

/// A page of the questionnaires in scope, by default latest opening date first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &SurveyFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<SurveyRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(SurveySort::OpensOnDesc);
    Ok(sorted_page!(conn, page, scope => filtered(scope, filter), surveys as SurveyRow, sort: SurveySort {
        OpensOn | OpensOnDesc => opens_on as NaiveDate,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}

/// Stores the hashes of new tokens in sorted order: the position of a row does not reveal which token it was.
pub(super) fn insert_tokens(conn: &mut AnyConn, survey: Id, mut hashes: Vec<Vec<u8>>) -> QueryResult<()> {
    hashes.sort_unstable();
    for hash in hashes {
        diesel::insert_into(survey_tokens::table)
            .values((survey_tokens::token_hash.eq(hash), survey_tokens::survey_id.eq(survey)))
            .execute(conn)?;
    }
    Ok(())
}

/// The questionnaire of an unused token.
pub(super) fn of_token(conn: &mut AnyConn, hash: &[u8]) -> QueryResult<Option<SurveyRow>> {
    survey_tokens::table
        .inner_join(surveys::table)
        .filter(survey_tokens::token_hash.eq(hash))
        .select(SurveyRow::as_select())
        .get_result(conn)
        .optional()
}

/// Uses up a token. Returns false if a concurrent use came first.
pub(super) fn use_token(conn: &mut AnyConn, hash: &[u8]) -> QueryResult<bool> {
    let deleted = diesel::delete(survey_tokens::table.filter(survey_tokens::token_hash.eq(hash))).execute(conn)?;
    Ok(deleted == 1)
}

/// Adds one to the count of a rating of a question. Returns false if the question has no such rating.
pub(super) fn count_rating(
    conn: &mut AnyConn,
    survey: Id,
    position: i32,
    rating: &SatisfactionScale,
) -> QueryResult<bool> {
    let this = survey_counts::survey_id.eq(survey).and(survey_counts::position.eq(position));
    let counted = diesel::update(survey_counts::table.filter(this.and(survey_counts::rating.eq(rating))))
        .set(survey_counts::number.eq(survey_counts::number + 1))
        .execute(conn)?;
    Ok(counted == 1)
}

/// How often each rating was given to each question.
pub(super) fn counts(conn: &mut AnyConn, survey: Id) -> QueryResult<Vec<Count>> {
    survey_counts::table
        .filter(survey_counts::survey_id.eq(survey))
        .order((survey_counts::position, survey_counts::rating))
        .select((survey_counts::position, survey_counts::rating, survey_counts::number))
        .load(conn)
}
