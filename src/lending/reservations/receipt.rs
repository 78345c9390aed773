//! The receipt of a loan: a page to print and sign.

use askama::Template;
use chrono::NaiveDate;

use super::dto::Reservation;
use super::model::BorrowerKind;
use super::ops;
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Code, Lang};
use crate::lending::defects::model::DefectKind;
use crate::lending::{defects, items};
use crate::work::Work;
use crate::{households, organisations, services};

/// The content of the page. The template escapes every text.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html>
<html lang="{{ lang.tag() }}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ words.title }} – {{ kit }}</title>
<style>
body{font:1rem/1.5 sans-serif;max-width:45rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{border:1px solid;padding:.3rem .5rem;text-align:left}
td.number{text-align:right}.line{border-bottom:1px solid;min-height:1.6rem}
.signatures{display:flex;gap:2rem;margin-top:2rem}.signatures div{flex:1;border:1px solid;height:6rem;padding:.3rem}
@media print{body{margin:0}}
</style>
<h1>{{ words.title }}</h1>
<p>{{ service }}</p>
<dl>
<dt><strong>{{ words.kit }}</strong></dt><dd>{{ kit }}{% if let Some(copy) = copy %}, {{ words.copy }} {{ copy }}{% endif %}</dd>
<dt><strong>{{ words.borrower }}</strong></dt>
<dd>{% if borrower.is_empty() %}<div class="line"></div>{% else %}{{ borrower }}{% endif %}</dd>
<dt><strong>{{ words.from }}</strong></dt><dd>{{ from }}</dd>
<dt><strong>{{ words.due }}</strong></dt><dd>{{ due }}</dd>
</dl>
<p>{{ words.free }}</p>
<table>
<thead><tr><th>{{ words.content }}</th><th>{{ words.quantity }}</th><th>{{ words.missing }}</th><th>{{ words.damaged }}</th><th>{{ words.handed_out }}</th><th>{{ words.returned }}</th></tr></thead>
<tbody>
{% for line in lines %}<tr><td>{{ line.label }}</td><td class="number">{{ line.quantity }}</td><td class="number">{{ line.missing }}</td><td class="number">{{ line.damaged }}</td><td></td><td></td></tr>
{% endfor %}</tbody>
</table>
<div class="signatures"><div>{{ words.borrower_signs }}</div><div>{{ words.service_signs }}</div></div>
<p><small>{{ words.reference }} {{ id }}</small></p>
</html>
"#
)]
struct Page {
    lang: Lang,
    words: &'static Words,
    service: String,
    kit: String,
    copy: Option<String>,
    borrower: String,
    from: String,
    due: String,
    lines: Vec<Line>,
    id: Id,
}

/// An item of the kit.
struct Line {
    label: String,
    quantity: i32,
    missing: i32,
    damaged: i32,
}

/// The labels of the page, in one language.
struct Words {
    title: &'static str,
    kit: &'static str,
    copy: &'static str,
    borrower: &'static str,
    from: &'static str,
    due: &'static str,
    free: &'static str,
    content: &'static str,
    quantity: &'static str,
    missing: &'static str,
    damaged: &'static str,
    handed_out: &'static str,
    returned: &'static str,
    borrower_signs: &'static str,
    service_signs: &'static str,
    reference: &'static str,
}

const FRENCH: Words = Words {
    title: "Prêt d'une mallette pédagogique",
    kit: "Mallette",
    copy: "exemplaire",
    borrower: "Emprunteuse ou emprunteur",
    from: "Remise le",
    due: "À rendre le",
    free: "Le prêt est gratuit. Le contenu est vérifié en présence des deux parties à la remise et au retour.",
    content: "Contenu",
    quantity: "Nombre",
    missing: "Déjà manquant",
    damaged: "Déjà abîmé",
    handed_out: "Remis",
    returned: "Rendu",
    borrower_signs: "Emprunteuse ou emprunteur : date et signature",
    service_signs: "Pôle : date et signature",
    reference: "Réservation",
};

const ENGLISH: Words = Words {
    title: "Loan of an educational kit",
    kit: "Kit",
    copy: "copy",
    borrower: "Borrower",
    from: "Handed out on",
    due: "Due on",
    free: "The loan is free of charge. Both parties check the contents together at the hand-out and at the return.",
    content: "Contents",
    quantity: "Number",
    missing: "Already missing",
    damaged: "Already damaged",
    handed_out: "Handed out",
    returned: "Returned",
    borrower_signs: "Borrower: date and signature",
    service_signs: "Service: date and signature",
    reference: "Reservation",
};

/// The receipt of a reservation in scope, in the language of the call. It names the contacts of a household only if the
/// caller may read households in that service: `identities`.
pub fn receipt(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    identities: &ServiceScope,
    id: Id,
) -> Result<String, ApiError> {
    let reservation = ops::get(work, scope, id)?;
    let lang = work.call.lang;
    let (words, french) = match lang {
        Lang::Fr => (&FRENCH, true),
        Lang::En => (&ENGLISH, false),
    };
    let items =
        items::store::of_kits(work.conn, &[reservation.kit_id])?.remove(&reservation.kit_id).unwrap_or_default();
    let known = match reservation.copy_id {
        Some(copy) => defects::store::known_of(work.conn, copy)?,
        None => std::collections::HashMap::new(),
    };
    let lines = items.into_iter().filter(|item| item.quantity > 0).map(|item| {
        let of = |kind| known.get(&(item.id, kind)).copied().unwrap_or_default();
        Line {
            quantity: item.quantity,
            missing: of(DefectKind::Missing),
            damaged: of(DefectKind::Damaged),
            label: if french { item.label_fr } else { item.label_en.unwrap_or(item.label_fr) },
        }
    });
    let one = ServiceScope::one(reservation.service_id);
    let service = services::ops::settings(work, &one, reservation.service_id)?;
    let day = |day: NaiveDate| day.format(if french { "%d/%m/%Y" } else { "%Y-%m-%d" }).to_string();
    let page = Page {
        lang,
        words,
        service: service.name,
        borrower: borrower(work, identities, &reservation)?,
        from: day(reservation.handed_out_on.unwrap_or(reservation.starts_on)),
        due: day(reservation.due_on),
        lines: lines.collect(),
        kit: reservation.kit_title_fr,
        copy: reservation.copy_label,
        id: reservation.id,
    };
    page.render().map_err(|error| {
        log::error!("a receipt could not be rendered: {error}");
        ApiError::new(Code::Internal)
    })
}

/// The name of the borrower; empty if the caller may not know it.
fn borrower(work: &mut Work<'_>, identities: &ServiceScope, reservation: &Reservation) -> Result<String, ApiError> {
    let one = ServiceScope::one(reservation.service_id);
    let organisation = match reservation.borrower.organisation_id {
        Some(id) => {
            organisations::store::find(work.conn, reservation.service_id, &[id])?.remove(&id).map(|row| row.name)
        }
        None => None,
    };
    Ok(match (reservation.borrower.kind, reservation.borrower.household_id) {
        (BorrowerKind::Household, Some(household)) if identities.contains(reservation.service_id) => {
            let contacts = households::ops::get(work, &one, household)?.contacts;
            contacts.iter().map(|contact| contact.name.reveal().as_str()).collect::<Vec<_>>().join(", ")
        }
        (BorrowerKind::Household, _) => String::new(),
        _ => {
            let name = reservation.borrower.name.as_ref().map(|name| name.reveal().clone());
            [name, organisation].into_iter().flatten().collect::<Vec<_>>().join(", ")
        }
    })
}
