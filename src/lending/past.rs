//! Who may ask about days that have passed. A website reads the catalogue and shows which kits are free; day by day in the past,
//! the same answer counts the loans of each kit, families' loans included.

use chrono::NaiveDate;

use crate::auth::{Permission, ServiceScope};
use crate::dates::french;
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::Can;

/// The services whose past loans a caller may read.
pub struct Past(ServiceScope);

impl Past {
    /// Those of the caller of a request, besides the permission that the operation requires.
    pub fn of<P>(can: &Can<P>) -> Self {
        Self(can.principal.scope_of(Permission::ReservationsRead))
    }

    /// Refuses a parameter whose day is over, unless the caller may read the past loans of the service.
    pub(super) fn require(&self, service: Id, name: &str, day: NaiveDate, today: NaiveDate) -> Result<(), ApiError> {
        if day >= today || self.0.contains(service) {
            return Ok(());
        }
        let message = Text::new(
            format!("Cette date est passée : indiquer le {} ou une date ultérieure.", french(today)),
            format!("This day is over: give {today} or later."),
        );
        Err(ApiError::faults(Code::InvalidParameters, vec![Fault::new(name, "in_the_past", message)]))
    }
}
