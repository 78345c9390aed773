//! The SQL of what decides, beside its state, which actions a case takes. For a refusal, which is rare: lists read it with the rest.

use diesel::prelude::*;

use super::CaseRow;
use crate::cases::model::{CaseStatus, Standing};
use crate::db::schema::{case_suspensions, cases, complex_situations};
use crate::db::{AnyConn, Id, together};

/// How a case stands.
pub(in crate::cases) fn standing(conn: &mut AnyConn, case: &CaseRow) -> QueryResult<Standing> {
    let (suspended, complex, siblings) = together!(
        conn,
        case_suspensions::table
            .filter(case_suspensions::case_id.eq(case.id).and(case_suspensions::resumed_on.is_null()))
            .select(case_suspensions::id)
            => Id,
        complex_situations::table
            .filter(complex_situations::case_id.eq(case.id).and(complex_situations::ended_on.is_null()))
            .select(complex_situations::id)
            => Id,
        cases::table
            .filter(cases::service_id.eq(case.service_id).and(cases::child_id.eq(case.child_id)))
            .filter(cases::status.eq(CaseStatus::Open).and(cases::id.ne(case.id)))
            .select(cases::id)
            => Id,
    )?;
    Ok(Standing {
        is_suspended: !suspended.is_empty(),
        is_complex: !complex.is_empty(),
        has_open_sibling: !siblings.is_empty(),
    })
}
