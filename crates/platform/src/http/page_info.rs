//! A page of a list: its rows, and its position in the list.

use serde::Serialize;
use utoipa::ToSchema;

/// The position of a page in its list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PageInfo {
    /// Value of `cursor` for the next page; null on the last page.
    #[schema(example = json!(null))]
    pub next_cursor: Option<String>,
    /// Maximum number of rows per page.
    #[schema(example = 50)]
    pub limit: i64,
    /// Number of rows in the whole list; present only with `include_total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false, minimum = 0)]
    pub total: Option<i64>,
}

/// Declares the concrete page type of an item: utoipa would inline a generic one.
#[macro_export]
macro_rules! page {
    ($(#[$meta:meta])* $name:ident of $item:ty) => {
        $(#[$meta])*
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            /// The rows of this page.
            pub data: Vec<$item>,
            /// The position of this page in the list.
            pub page: $crate::http::page::PageInfo,
        }
        impl $crate::http::page::Page for $name {
            type Row = $item;

            fn rows(&self) -> &[$item] {
                &self.data
            }

            fn info(&self) -> &$crate::http::page::PageInfo {
                &self.page
            }
        }
    };
}

/// A page, as the responder reads it.
pub trait Page: Serialize {
    /// The type of its rows.
    type Row: Serialize;

    /// The rows.
    fn rows(&self) -> &[Self::Row];

    /// Its position in the list.
    fn info(&self) -> &PageInfo;
}
