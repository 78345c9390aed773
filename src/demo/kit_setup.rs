//! Creates the kits of a pôle in its catalogue, before the first borrowing.

use super::borrowings::Lending;
use super::codes::code;
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::ApiError;
use crate::lending::catalogue::dto::KitInput;
use crate::lending::copies::dto::KitCopyInput;
use crate::lending::items::dto::KitItemInput;
use crate::lending::settings::dto::{KitClosing, KitSettingsPatch};
use crate::lending::{catalogue, copies, items, settings};
use crate::work::Work;

/// A kit that was created in the database.
#[derive(Clone, Debug)]
pub(super) struct CreatedKit {
    pub(super) id: Id,
    /// The items in every copy, with their quantity.
    pub(super) items: Vec<(Id, i32)>,
}

/// Sets the closing periods of a pôle and fills its catalogue.
pub(super) fn create_kits(work: &mut Work<'_>, service: Id, lending: &Lending) -> Result<Vec<CreatedKit>, ApiError> {
    let scope = ServiceScope::one(service);
    if !lending.closings.is_empty() {
        let closings =
            lending.closings.iter().map(|(starts_on, ends_on)| KitClosing { starts_on: *starts_on, ends_on: *ends_on });
        let patch = KitSettingsPatch { closings: Some(closings.collect()), ..KitSettingsPatch::default() };
        let row = settings::ops::find(work, &scope, service)?;
        settings::ops::correct(work, &row, patch)?;
    }
    let mut created = Vec::new();
    for kit in &lending.kits {
        let new = KitInput {
            service_id: service,
            title_fr: kit.title_fr.clone(),
            title_en: Some(kit.title_en.clone()),
            themes: kit.themes.iter().map(|theme| code(theme)).collect::<Result<_, _>>()?,
            audiences: kit.audiences.iter().map(|audience| code(audience)).collect::<Result<_, _>>()?,
            description_fr: None,
            description_en: None,
            picture_url: None,
            // The 21 days of the sources are the default of the service.
            loan_days: None,
        };
        let id = catalogue::ops::create(work, &scope, &new)?.id;
        let mut kit_ids = CreatedKit { id, items: Vec::new() };
        for item in &kit.items {
            let new = KitItemInput {
                category: code(item.category)?,
                label_fr: item.label_fr.to_owned(),
                label_en: Some(item.label_en.to_owned()),
                quantity: item.quantity,
            };
            let row = catalogue::ops::find(work, &scope, id)?;
            kit_ids.items.push((items::ops::create(work, &row, &new)?.id, item.quantity));
        }
        for (rank, copy) in kit.copies.iter().enumerate() {
            let new = KitCopyInput {
                label: (rank + 1).to_string(),
                condition: code(copy.condition)?,
                home_site: copy.home_site.to_owned(),
            };
            let row = catalogue::ops::find(work, &scope, id)?;
            copies::ops::create(work, &row, &new)?;
        }
        created.push(kit_ids);
    }
    Ok(created)
}
