//! The kits of a pôle put into its catalogue, before anybody asks for one.

use super::lending::Lending;
use super::setting::code;
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::ApiError;
use crate::lending::catalogue::dto::NewKit;
use crate::lending::copies::dto::NewKitCopy;
use crate::lending::items::dto::NewKitItem;
use crate::lending::settings::dto::{KitClosing, KitSettingsPatch};
use crate::lending::{catalogue, copies, items, settings};
use crate::work::Work;

/// A kit as it is in the database.
#[derive(Clone, Debug)]
pub(super) struct Shelved {
    pub(super) id: Id,
    /// What every copy holds: the item, and how many.
    pub(super) items: Vec<(Id, i32)>,
}

/// Says how a pôle lends and fills its catalogue.
pub(super) fn fill(work: &mut Work<'_>, service: Id, lending: &Lending) -> Result<Vec<Shelved>, ApiError> {
    let scope = ServiceScope::one(service);
    if !lending.closings.is_empty() {
        let closings =
            lending.closings.iter().map(|(starts_on, ends_on)| KitClosing { starts_on: *starts_on, ends_on: *ends_on });
        let patch = KitSettingsPatch { closings: Some(closings.collect()), ..KitSettingsPatch::default() };
        let row = settings::ops::find(work, &scope, service)?;
        settings::ops::correct(work, &row, patch)?;
    }
    let mut shelves = Vec::new();
    for kit in &lending.kits {
        let new = NewKit {
            service_id: service,
            title_fr: kit.title_fr.clone(),
            title_en: Some(kit.title_en.clone()),
            themes: kit.themes.iter().map(|theme| code(theme)).collect::<Result<_, _>>()?,
            audiences: kit.audiences.iter().map(|audience| code(audience)).collect::<Result<_, _>>()?,
            description_fr: None,
            description_en: None,
            picture_url: None,
            // The 21 days of the sources are the service's.
            loan_days: None,
        };
        let id = catalogue::ops::create(work, &scope, &new)?.id;
        let mut filled = Shelved { id, items: Vec::new() };
        for item in &kit.items {
            let new = NewKitItem {
                category: code(item.category)?,
                label_fr: item.label_fr.to_owned(),
                label_en: Some(item.label_en.to_owned()),
                quantity: item.quantity,
            };
            let row = catalogue::ops::find(work, &scope, id)?;
            filled.items.push((items::ops::create(work, &row, &new)?.id, item.quantity));
        }
        for (rank, copy) in kit.copies.iter().enumerate() {
            let new = NewKitCopy {
                label: (rank + 1).to_string(),
                condition: code(copy.condition)?,
                home_site: copy.home_site.to_owned(),
            };
            let row = catalogue::ops::find(work, &scope, id)?;
            copies::ops::create(work, &row, &new)?;
        }
        shelves.push(filled);
    }
    Ok(shelves)
}
