//! Use cases of notices.

use super::dto::{AccountNotice, NoticeFilter, NoticePage};
use super::store::{self, Reader};
use crate::accounts::names;
use crate::auth::{Permission, Principal};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::page::List;
use crate::work::Work;

/// How long a notice is kept, in days.
const KEPT_DAYS: i64 = 365;

/// A page of the notices of a user, latest first: their own, and those of the services that they manage. An administrator
/// also reads the requests that wait for a second person.
pub(super) fn list(
    work: &mut Work<'_>,
    user: Id,
    principal: &Principal,
    list: &List<NoticeFilter>,
) -> Result<NoticePage, ApiError> {
    let reader = Reader {
        user,
        services: principal.services_with(Permission::AccountsWrite),
        confirms: principal.everywhere.contains(Permission::AccountsWrite),
    };
    let (rows, info) = store::list(work.conn, &reader, &list.filter, &list.page)?;
    let mut data: Vec<_> = rows.into_iter().map(AccountNotice::from).collect();
    let names = names::ops::read(work, data.iter().flat_map(|one| [one.about.as_str(), one.author.as_str()]))?;
    for one in &mut data {
        one.about_name = names.of(&one.about);
        one.author_name = names.of(&one.author);
    }
    Ok(NoticePage { data, page: info })
}

/// Deletes old notices, at most `limit`, and returns their number. For a background job.
pub fn sweep(work: &mut Work<'_>, limit: usize) -> Result<usize, ApiError> {
    Ok(store::delete_before(work.conn, work.now.plus(chrono::Duration::days(-KEPT_DAYS)), limit)?)
}
