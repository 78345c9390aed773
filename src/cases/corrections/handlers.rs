//! The operations that every record of a case has: get it, correct it, remove it, read its history.

use super::dto::Removal;
use crate::http::{NoContent, Reply};

/// What the removal of a record returns, as a response.
pub trait Removed {
    /// The response.
    type Response;

    /// Makes the response.
    fn response(self) -> Self::Response;
}

impl Removed for () {
    type Response = NoContent;

    fn response(self) -> NoContent {
        NoContent
    }
}

impl Removed for Removal {
    type Response = Reply<Self>;

    fn response(self) -> Reply<Self> {
        Reply(self)
    }
}

/// Declares the four handlers of a record: its type, what its use cases take of the caller (`scope` or `viewer`) and which one
/// finds the row to change, and which one names what it shows if `get` does not; then each operation with its text, and in this order: get, correct (with the type of the patch),
/// remove (with what the removal returns), history (of which row, or by which use case).
macro_rules! correctable {
    (@caller scope $can:ident) => { $can.scope.clone() };
    (@caller viewer $can:ident) => { $crate::cases::model::viewer::Viewer::of(&$can) };
    (@named $work:ident, $shown:expr) => { $shown };
    (@named $work:ident, $shown:expr, $named:path) => {{
        let shown = $shown?;
        $named($work, shown)
    }};
    (
        $object:ident for $caller:ident, found by $find:path $(, named by $named:path)?;
        $(#[$($about_get:tt)*])* $get:ident = $get_one:path;
        $(#[$($about_correct:tt)*])* $correct:ident($patch:ty) = $correct_one:path;
        $(#[$($about_remove:tt)*])* $remove:ident -> $removed:ty = $remove_one:path;
        $(#[$($about_history:tt)*])* $history:ident $(of $row:path)? $(= $history_of:path)?;
    ) => {
        $(#[$($about_get)*])*
        pub(super) async fn $get(
            can: $crate::http::Can<$crate::auth::grants::CasesRead>,
            context: actix_web::web::Data<$crate::http::Context>,
            id: $crate::http::Path<$crate::db::Id>,
        ) -> Result<$crate::http::Current<$object>, $crate::error::ApiError> {
            let (call, caller) = (can.call(), correctable!(@caller $caller can));
            let get = move |work: &mut $crate::work::Work<'_>| {
                correctable!(@named work, $get_one(work, &caller, id.0) $(, $named)?)
            };
            context.read(call, get).await.map($crate::http::Current)
        }

        $(#[$($about_correct)*])*
        pub(super) async fn $correct(
            can: $crate::http::Can<$crate::auth::grants::CasesWrite>,
            context: actix_web::web::Data<$crate::http::Context>,
            id: $crate::http::Path<$crate::db::Id>,
            change: $crate::http::Conditional,
            patch: $crate::http::Patch<$patch>,
        ) -> Result<$crate::http::Written<$crate::http::Current<$object>>, $crate::error::ApiError> {
            let corrector = $crate::cases::corrections::ops::Corrector::of(&can);
            let caller = correctable!(@caller $caller can);
            let apply = move |work: &mut $crate::work::Work<'_>, found| {
                let corrected = correctable!(
                    @named work, $correct_one(work, &caller, &corrector, &found, patch.0) $(, $named)?
                );
                corrected.map($crate::http::Current)
            };
            change.on(&context, can, id.0, $find, apply).await
        }

        $(#[$($about_remove)*])*
        pub(super) async fn $remove(
            can: $crate::http::Can<$crate::auth::grants::CasesWrite>,
            context: actix_web::web::Data<$crate::http::Context>,
            id: $crate::http::Path<$crate::db::Id>,
            change: $crate::http::Conditional,
            why: $crate::http::Query<$crate::http::Deletion>,
        ) -> Result<
            $crate::http::Written<<$removed as $crate::cases::corrections::handlers::Removed>::Response>,
            $crate::error::ApiError,
        > {
            let corrector = $crate::cases::corrections::ops::Corrector::of(&can);
            let caller = correctable!(@caller $caller can);
            let apply = move |work: &mut $crate::work::Work<'_>, found| {
                $remove_one(work, &caller, &corrector, &found, why.0.reason)
                    .map($crate::cases::corrections::handlers::Removed::response)
            };
            change.on(&context, can, id.0, $find, apply).await
        }

        $(#[$($about_history)*])*
        pub(super) async fn $history(
            can: $crate::http::Can<$crate::auth::grants::CasesRead>,
            context: actix_web::web::Data<$crate::http::Context>,
            id: $crate::http::Path<$crate::db::Id>,
            list: $crate::http::page::List<$crate::http::page::NoFilter>,
        ) -> Result<
            $crate::http::listed::Listed<$crate::cases::corrections::dto::CorrectionPage>,
            $crate::error::ApiError,
        > {
            let corrector = $crate::cases::corrections::ops::Corrector::of(&can);
            let call = can.call();
            let read = move |work: &mut $crate::work::Work<'_>,
                             list: &$crate::http::page::List<$crate::http::page::NoFilter>| {
                $($crate::cases::corrections::ops::history::<$row>(work, &can.scope, &corrector, id.0, &list.page))?
                $($history_of(work, &can.scope, &corrector, id.0, &list.page))?
            };
            list.read(&context, call, read).await
        }
    };
}

pub(in crate::cases) use correctable;
