//! The SQL of kits.

pub(super) mod parts;

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::dto::{Kit, KitFilter, KitSort};
use crate::auth::ServiceScope;
use crate::db::schema::{kit_audiences, kit_copies, kit_days, kit_themes, kits, reservations};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, insert_together, row_writes, sorted_page, write_together};
use crate::http::page::{PageInfo, PageRequest};
use crate::lending::copies::dto::KitCopy;
use crate::lending::items::dto::KitItem;
use crate::lending::settings::model::Today;
use crate::nomenclatures::codes::{KitAudience, KitTheme};
use crate::services::model::{ServiceDays, by_day};
use crate::text::like_patterns;

/// A row of `kits`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = kits, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct KitRow {
    /// Identifier.
    pub id: Id,
    /// The service that lends it.
    pub service_id: Id,
    /// Title in French.
    pub title_fr: String,
    /// Title in English.
    pub title_en: Option<String>,
    /// The folded French title, for search and sorting.
    pub title_key: String,
    /// Description in French.
    pub description_fr: Option<String>,
    /// Description in English.
    pub description_en: Option<String>,
    /// URL of a picture.
    pub picture_url: Option<String>,
    /// Length of a loan in days, if it differs from the service's.
    pub loan_days: Option<i32>,
    /// Version of the row.
    pub version: i32,
    /// When it was created.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::versioned!(KitRow);

/// The parts of a kit that are stored in other tables.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) themes: Vec<KitTheme>,
    pub(super) audiences: Vec<KitAudience>,
    pub(super) items: Vec<KitItem>,
    pub(super) copies: Vec<KitCopy>,
}

impl Kit {
    pub(super) fn new(row: KitRow, parts: Parts) -> Self {
        Self {
            id: row.id,
            service_id: row.service_id,
            title_fr: row.title_fr,
            title_en: row.title_en,
            themes: parts.themes,
            audiences: parts.audiences,
            description_fr: row.description_fr,
            description_en: row.description_en,
            picture_url: row.picture_url,
            loan_days: row.loan_days,
            items: parts.items,
            copies: parts.copies,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

type Boxed<'a> = kits::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    kits::table.filter(kits::service_id.among(scope.ids())).into_boxed()
}

row_writes!(kits: KitRow => pub(super) update, pub(super) delete);

/// A row of `kit_themes`.
#[derive(Insertable)]
#[diesel(table_name = kit_themes, treat_none_as_default_value = false)]
struct ThemeRow {
    kit_id: Id,
    theme: KitTheme,
}

/// A row of `kit_audiences`.
#[derive(Insertable)]
#[diesel(table_name = kit_audiences, treat_none_as_default_value = false)]
struct AudienceRow {
    kit_id: Id,
    audience: KitAudience,
}

fn theme_rows(kit: Id, themes: &BTreeSet<KitTheme>) -> Vec<ThemeRow> {
    themes.iter().map(|theme| ThemeRow { kit_id: kit, theme: theme.clone() }).collect()
}

fn audience_rows(kit: Id, audiences: &BTreeSet<KitAudience>) -> Vec<AudienceRow> {
    audiences.iter().map(|audience| AudienceRow { kit_id: kit, audience: audience.clone() }).collect()
}

/// Records a kit with its themes and audiences.
pub(super) fn insert(
    conn: &mut AnyConn,
    row: &KitRow,
    themes: &BTreeSet<KitTheme>,
    audiences: &BTreeSet<KitAudience>,
) -> QueryResult<()> {
    let (themes, audiences) = (theme_rows(row.id, themes), audience_rows(row.id, audiences));
    insert_together!(conn, kits => std::slice::from_ref(row), kit_themes => &themes, kit_audiences => &audiences)
}

pub(super) fn insert_lists(
    conn: &mut AnyConn,
    kit: Id,
    themes: &BTreeSet<KitTheme>,
    audiences: &BTreeSet<KitAudience>,
) -> QueryResult<()> {
    let (themes, audiences) = (theme_rows(kit, themes), audience_rows(kit, audiences));
    insert_together!(conn, kit_themes => &themes, kit_audiences => &audiences)
}

pub(super) fn delete_lists(conn: &mut AnyConn, kit: Id) -> QueryResult<()> {
    write_together!(
        conn,
        diesel::delete(kit_themes::table.filter(kit_themes::kit_id.eq(kit))),
        diesel::delete(kit_audiences::table.filter(kit_audiences::kit_id.eq(kit))),
    )
    .map(drop)
}

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<KitRow> {
    visible(scope).filter(kits::id.eq(id)).select(KitRow::as_select()).get_result(conn)
}

/// The update that increments the version of a kit.
macro_rules! touch {
    ($kit:expr, $now:expr) => {{
        use $crate::db::schema::kits;
        diesel::update(kits::table.filter(kits::id.eq($kit)))
            .set((kits::version.eq(kits::version + 1), kits::updated_at.eq($now)))
    }};
}

/// [`touch!`] for the kit of a copy that was just written.
macro_rules! touch_kit {
    ($copy:expr) => {
        $crate::lending::catalogue::store::touch!($copy.kit_id, $copy.updated_at)
    };
}

pub(in crate::lending) use {touch, touch_kit};

/// Increments the version of a kit, because one of its parts has changed.
pub(super) fn touch_one(conn: &mut AnyConn, id: Id, now: UtcTs) -> QueryResult<()> {
    touch!(id, now).execute(conn).map(drop)
}

/// The audiences of a kit.
#[derive(Clone, Debug, Default)]
pub struct Audiences(pub Vec<KitAudience>);

/// Groups rows by owner, and preserves their order.
pub(in crate::lending) fn grouped<T>(rows: Vec<(Id, T)>) -> HashMap<Id, Vec<T>> {
    let mut groups: HashMap<Id, Vec<T>> = HashMap::new();
    for (owner, row) in rows {
        groups.entry(owner).or_default().push(row);
    }
    groups
}

/// A period in which a copy must be free.
pub(super) struct FreePeriod {
    from: NaiveDate,
    to: NaiveDate,
    /// The services in which an overdue loan takes its copy in the period.
    late: ServiceDays,
}

impl FreePeriod {
    /// The period between two days. An overdue loan takes the days after its last until the copy could be lent again if it
    /// came back today: the rule of [`crate::lending::occupancy`], in the day of each service.
    pub(super) fn new(from: NaiveDate, to: NaiveDate, services: &HashMap<Id, Today>) -> Self {
        let late = services.iter().filter(|(_, day)| from <= day.overdue_until());
        Self { from, to, late: by_day(late.map(|(service, day)| (*service, day.today))) }
    }
}

/// The kits in scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a KitFilter, free: Option<&'a FreePeriod>) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(themes) = &filter.theme {
        let with_theme = kit_themes::table.filter(kit_themes::theme.among(themes)).select(kit_themes::kit_id);
        query = query.filter(kits::id.eq_any(with_theme));
    }
    if let Some(audience) = &filter.audience {
        let for_audience =
            kit_audiences::table.filter(kit_audiences::audience.eq(audience)).select(kit_audiences::kit_id);
        query = query.filter(kits::id.eq_any(for_audience));
    }
    if let Some(title) = &filter.title {
        let patterns = like_patterns(title);
        if patterns.is_empty() {
            query = query.filter(kits::id.among::<Id>(&[]));
        }
        for pattern in patterns {
            query = query.filter(kits::title_key.like(pattern));
        }
    }
    if let Some(free) = free {
        let days = kit_days::day.between(free.from, free.to);
        let taken = kit_days::table.filter(kit_days::copy_id.eq(kit_copies::id).and(days));
        let of_day = |(day, services): &(NaiveDate, Vec<Id>)| {
            reservations::service_id.among(services).and(reservations::due_on.lt(*day))
        };
        let [first, second, third] = &free.late;
        let overdue = reservations::table
            .filter(reservations::copy_id.eq(kit_copies::id.nullable()))
            .filter(reservations::status.eq("on_loan").and(reservations::due_on.lt(free.to)))
            .filter(of_day(first).or(of_day(second)).or(of_day(third)));
        let lendable = kit_copies::table
            .filter(kit_copies::out_of_service_since.is_null())
            .filter(not(exists(taken)))
            .filter(not(exists(overdue)))
            .select(kit_copies::kit_id);
        query = query.filter(kits::id.eq_any(lendable));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(kits::updated_at.ge(since));
    }
    query
}

/// A page of kits, by folded title by default.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &KitFilter,
    free: Option<&FreePeriod>,
    page: &PageRequest,
) -> QueryResult<(Vec<KitRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(KitSort::Title);
    Ok(sorted_page!(conn, page, scope => filtered(scope, filter, free), kits as KitRow, sort: KitSort {
        Title | TitleDesc => title_key as String,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}

/// A kit of one service, by identifier.
pub fn find(conn: &mut AnyConn, service: Id, id: Id) -> QueryResult<Option<KitRow>> {
    visible(&ServiceScope::one(service)).filter(kits::id.eq(id)).select(KitRow::as_select()).get_result(conn).optional()
}
