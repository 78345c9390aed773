//! The page of all open releases.

use std::sync::Arc;

use askama::Template;

use super::super::store::{Listed, MOST};
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Lang};
use crate::http::html_page;
use crate::http::response_cache::CachedResponse;
use crate::privacy::sha256;
use crate::text::hex;

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h1>Données ouvertes des pôles ressources handicap</h1>
<p>Chaque service publie ses chiffres : des effectifs exacts, masqués là où ils feraient reconnaître un enfant. Une publication ne change
jamais ; une publication plus récente peut la remplacer.</p>
{% if services.is_empty() %}<p class="note">Aucune publication ouverte pour le moment.</p>{% endif %}
{% for service in services %}<h2>{{ service.name }}</h2>
<ul>
{% for entry in service.entries %}<li><a href="/open-data/{{ entry.id }}">{{ entry.title }}</a>
<span class="soft">du {{ entry.day }}{% if let Some(by) = entry.replaced_by %}, remplacée par <a href="/open-data/{{ by }}">une plus récente</a>{% endif %}</span></li>
{% endfor %}</ul>
{% endfor %}{% if is_cut %}<p>Les publications plus anciennes sont dans <a href="/v1/open-data/releases"><code>/v1/open-data/releases</code></a>.</p>{% endif %}
<h2>Pour un programme</h2>
<ul>
<li><a href="/v1/open-data/releases"><code>/v1/open-data/releases</code></a> : la liste des publications, sans jeton</li>
<li><a href="/v1/indicators"><code>/v1/indicators</code></a> : ce que compte chaque chiffre</li>
<li><a href="/openapi/statistics.json"><code>/openapi/statistics.json</code></a> : le contrat de ces opérations</li>
</ul>"#
)]
struct Content<'a> {
    /// In the order of the latest release.
    services: Vec<Service<'a>>,
    is_cut: bool,
}

struct Service<'a> {
    name: &'a str,
    entries: Vec<Entry<'a>>,
}

struct Entry<'a> {
    id: &'a Id,
    title: String,
    day: String,
    replaced_by: Option<Id>,
}

impl<'a> From<&'a Listed> for Entry<'a> {
    fn from(release: &'a Listed) -> Self {
        let quarter = match release.quarter {
            1 => "1er trimestre",
            2 => "jusqu'au 2e trimestre",
            3 => "jusqu'au 3e trimestre",
            _ => "année entière",
        };
        Self {
            id: &release.id,
            title: format!("{}, {quarter}, publication n° {}", release.year, release.number),
            day: dates::french(release.published_at.to_utc().date_naive()).to_string(),
            replaced_by: release.replaced_by,
        }
    }
}

/// The page, from the newest releases.
pub(super) fn page(listed: &[Listed]) -> Result<Arc<CachedResponse>, ApiError> {
    let mut services: Vec<Service<'_>> = Vec::new();
    for release in listed {
        match services.iter_mut().find(|service| service.name == release.service_name) {
            Some(service) => service.entries.push(release.into()),
            None => services.push(Service { name: &release.service_name, entries: vec![release.into()] }),
        }
    }
    let content = Content { services, is_cut: listed.len() >= MOST };
    let page = html_page::page(Lang::Fr, "Données ouvertes", &content)?;
    let tag = hex(&sha256(page.as_bytes()));
    Ok(Arc::new(CachedResponse::page(page, &tag)))
}
