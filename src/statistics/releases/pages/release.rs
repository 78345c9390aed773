//! The page of one release: its tables as charts, its files, and how to read and cite it.

use askama::Template;

use super::super::model::{self, LAST_QUARTER};
use super::cells::{day, french, number};
use super::chart::Chart;
use crate::error::{ApiError, Lang};
use crate::http::html_page;
use crate::statistics::formats::{KeyFigure, Selection, View, key_figures, metadata, views};
use passerelle_disclosure::document::{Release, Status};

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<p class="soft"><a href="/open-data">Données ouvertes</a></p>
<h1>{{ release.service_name }}, {{ period }}</h1>
{% if let Some(warning) = warning %}<p class="note">{{ warning }}</p>
{% endif %}<dl>
<dt>Publication</dt><dd>n° {{ release.number }}, signée le {{ signed_on }}</dd>
<dt>Chiffres arrêtés</dt><dd>le {{ cut_off }}</dd>
{% if let Some(supersedes) = release.supersedes %}<dt>Remplace</dt><dd><a href="/open-data/{{ supersedes.id }}">une publication antérieure</a> : {{ supersedes.reason }}</dd>
{% endif %}<dt>Licence</dt><dd>{{ release.licence.name }}</dd>
</dl>
<p>Une publication ne change jamais. <a href="/open-data">La liste</a> dit si une plus récente la remplace.</p>
{% if !key_figures.is_empty() %}<h2 id="chiffres-cles">Chiffres clés</h2>
<ul>
{% for figure in key_figures %}<li>{{ figure.text.fr }}</li>
{% endfor %}</ul>
{% endif %}<h2>Les tableaux</h2>
{% for table in tables %}<h3 id="{{ table.id }}"><a href="/open-data/{{ release.id }}/{{ table.id }}">{{ table.label }}</a></h3>
{{ table.chart|safe }}
<p class="soft">{{ table.size }}</p>
{{ table.downloads|safe }}
{% endfor %}<h2>Toute la publication</h2>
<ul>
<li><a href="/v1/open-data/releases/{{ release.id }}/file?kind=crosstab&amp;locale=fr">Le classeur à lire</a> (XLSX), une feuille par tableau</li>
<li><a href="/v1/open-data/releases/{{ release.id }}/file?kind=xlsx&amp;locale=fr">Le classeur pour calculer</a> (XLSX), une ligne par case</li>
<li><a href="/v1/open-data/releases/{{ release.id }}/file?kind=csv_zip&amp;locale=fr">Les tableaux en CSV</a> (ZIP, points-virgules)</li>
<li><a href="/v1/open-data/releases/{{ release.id }}/file?kind=json_stat">La collection JSON-stat 2.0</a></li>
<li><a href="/v1/open-data/releases/{{ release.id }}">Le document signé</a>, en JSON, avec la preuve que les effectifs masqués restent inconnus</li>
<li><a href="/v1/open-data/releases/{{ release.id }}/dictionary">Le dictionnaire</a> : chaque dimension, valeur, tableau et statut</li>
<li><a href="/v1/open-data/releases/{{ release.id }}/signed">Le document avec sa signature</a>, que <code>passerelle release verify</code> vérifie hors ligne</li>
</ul>
{{ reading|safe }}"#
)]
struct Content<'a> {
    release: &'a Release,
    warning: Option<&'a str>,
    period: String,
    signed_on: String,
    cut_off: String,
    key_figures: Vec<KeyFigure<'a>>,
    tables: Vec<TableEntry<'a>>,
    reading: String,
}

/// A table of the page. The chart and the links are HTML.
struct TableEntry<'a> {
    id: &'a str,
    label: &'a str,
    size: String,
    chart: String,
    downloads: String,
}

impl<'a> TableEntry<'a> {
    fn of(release: &Release, view: &View<'a>) -> Result<Self, askama::Error> {
        Ok(Self {
            id: &view.table.id,
            label: french(&view.table.label),
            size: size(view),
            chart: Chart::html(view, "Les valeurs sont dans la page du tableau.")?,
            downloads: downloads(&release.id, &view.table.id)?,
        })
    }
}

/// The files of a table.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<ul class="links">
<li><a href="/v1/open-data/releases/{{ release }}/tables/{{ table }}?format=csv&amp;locale=fr">CSV</a></li>
<li><a href="/v1/open-data/releases/{{ release }}/tables/{{ table }}?format=xlsx&amp;locale=fr">XLSX (tableur)</a></li>
<li><a href="/v1/open-data/releases/{{ release }}/tables/{{ table }}?format=json_stat">JSON-stat 2.0</a></li>
<li><a href="/v1/open-data/releases/{{ release }}/tables/{{ table }}?format=sdmx_csv">SDMX-CSV 2.0</a></li>
<li><a href="/v1/open-data/releases/{{ release }}/tables/{{ table }}?format=sdmx_json">SDMX-JSON 2.0</a></li>
</ul>"#
)]
struct Downloads<'a> {
    release: &'a str,
    table: &'a str,
}

/// The links to the files of a table, as HTML.
pub(super) fn downloads(release: &str, table: &str) -> Result<String, askama::Error> {
    Downloads { release, table }.render()
}

/// How to read and how to cite.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h2 id="lire">Lire une case masquée</h2>
<p>Une case masquée n'est pas un zéro. Son effectif est masqué pour protéger des personnes, ou pour qu'une autre case masquée ne puisse
pas être calculée. Une case publiée donne l'effectif exact, zéro compris. Les
cases d'un tableau s'ajoutent seulement si leurs valeurs ne se recouvrent pas.</p>
{% if !ranges.is_empty() %}<p>{{ ranges }}</p>
{% endif %}<ul>
{% for note in notes %}<li>{{ note }}</li>
{% endfor %}</ul>
<p>Seuils de cette publication : au moins {{ policy.threshold }} enfants, prêts ou participants, au moins {{ policy.household_threshold }} foyers, et au
moins {{ policy.without_two_referrers }} sans ceux qu'ont adressés les deux partenaires qui en adressent le plus.</p>
<h2>Citer</h2>
<p>{{ citation }}</p>"#
)]
struct HowToRead<'a> {
    ranges: &'static str,
    notes: Vec<&'a str>,
    policy: &'a passerelle_disclosure::document::Policy,
    citation: String,
}

/// How to read a cell and how to cite a page, as HTML.
pub(super) fn how_to_read(release: &Release, what: &str, address: &str) -> Result<String, askama::Error> {
    let citation = format!(
        "{}, « {what} », {}, publication n° {} signée le {}, {}. {address}",
        release.service_name,
        period(release),
        release.number,
        day(&release.signed_at),
        release.licence.name
    );
    let warning = warning(release);
    let notes = release.notes.iter().map(french).filter(|note| Some(*note) != warning);
    let ranges = if release.has_ranges() { metadata::ranges(Lang::Fr) } else { "" };
    HowToRead { ranges, notes: notes.collect(), policy: &release.policy, citation }.render()
}

/// That the figures are invented, if they are: what a reader must see first.
pub(super) fn warning(release: &Release) -> Option<&str> {
    let invented = metadata::invented();
    release.notes.iter().find(|note| **note == invented).map(french)
}

/// The period of a release: « 2025, jusqu'au 3e trimestre ».
pub(super) fn period(release: &Release) -> String {
    let quarter = release.through.rsplit_once("-Q").and_then(|(_, quarter)| quarter.parse().ok());
    model::period(release.year, quarter.unwrap_or(LAST_QUARTER))
}

/// « 42 cases, dont 7 masquées ».
pub(super) fn size(view: &View<'_>) -> String {
    let hidden = view.cells.iter().filter(|cell| cell.status == Status::Suppressed).count();
    let text = |count: usize| number(count as u64);
    match hidden {
        0 => format!("{} cases, aucune masquée", text(view.cells.len())),
        1 => format!("{} cases, dont une masquée", text(view.cells.len())),
        _ => format!("{} cases, dont {} masquées", text(view.cells.len()), text(hidden)),
    }
}

/// What went wrong while a page was made.
pub(super) fn failed(error: &impl std::fmt::Display) -> ApiError {
    log::error!("a page of a release cannot be made: {error}");
    ApiError::new(crate::error::Code::Internal)
}

/// The page.
pub(in crate::statistics::releases) fn page(release: &Release, public_url: &str) -> Result<String, ApiError> {
    let views = views(release, &Selection::all()).map_err(|error| failed(&error))?;
    let tables = views.iter().map(|view| TableEntry::of(release, view)).collect::<Result<_, _>>();
    let address = format!("{public_url}/open-data/{}", release.id);
    let reading = how_to_read(release, "Chiffres publiés", &address).map_err(|error| failed(&error))?;
    let content = Content {
        release,
        warning: warning(release),
        period: period(release),
        signed_on: day(&release.signed_at),
        cut_off: day(&release.cut_off),
        key_figures: key_figures(release).map_err(|error| failed(&error))?,
        tables: tables.map_err(|error| failed(&error))?,
        reading,
    };
    html_page::page(Lang::Fr, &format!("{}, {}", release.service_name, content.period), &content)
}
