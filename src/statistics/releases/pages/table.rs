//! The page of one table of a release: a chart, then every cell, with one column per period.

use askama::Template;

use super::cells::{french, shown};
use super::chart::Chart;
use super::release::{downloads, failed, how_to_read, period, size, warning};
use crate::error::{ApiError, Lang};
use crate::http::html_page;
use crate::statistics::formats::{Selection, View};
use passerelle_disclosure::document::Release;

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<p class="soft"><a href="/open-data">Données ouvertes</a> · <a href="/open-data/{{ release.id }}">{{ release.service_name }}, {{ period }}</a></p>
<h1>{{ label }}</h1>
{% if let Some(warning) = warning %}<p class="note">{{ warning }}</p>
{% endif %}{{ chart|safe }}
<h2 id="tableau">Tableau</h2>
<p>{{ size }}. <a href="#lire">Que veut dire une case masquée ?</a></p>
<div class="scroll" role="region" aria-labelledby="tableau" tabindex="0">
<table>
<caption>{{ label }} : {{ dimensions }}</caption>
<thead><tr>{% for name in headings %}<th scope="col">{{ name }}</th>{% endfor %}{% for period in periods %}<th scope="col">{{ period }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in rows %}<tr>{% for name in row.names %}<th scope="row">{{ name }}</th>{% endfor %}{% for cell in row.cells %}{% if cell.1 %}<td>{{ cell.0 }}</td>{% else %}<td class="hidden">{{ cell.0 }}</td>{% endif %}{% endfor %}</tr>
{% endfor %}</tbody>
</table>
</div>
<h2>Télécharger</h2>
{{ downloads|safe }}
<p class="soft">JSON de l'API : <a href="/v1/open-data/releases/{{ release.id }}/tables/{{ table }}"><code>/v1/open-data/releases/{{ release.id }}/tables/{{ table }}</code></a></p>
{{ reading|safe }}"##
)]
struct Content<'a> {
    release: &'a Release,
    warning: Option<&'a str>,
    period: String,
    table: &'a str,
    label: &'a str,
    size: String,
    chart: String,
    dimensions: String,
    headings: Vec<&'a str>,
    periods: Vec<&'a str>,
    rows: Vec<Row<'a>>,
    downloads: String,
    reading: String,
}

/// A line: the names of its values, and for each period the text of the cell and whether it is published.
struct Row<'a> {
    names: Vec<&'a str>,
    cells: Vec<(String, bool)>,
}

/// The page. 404 if the release has no such table.
pub(in crate::statistics::releases) fn page(
    release: &Release,
    table: &str,
    public_url: &str,
) -> Result<String, ApiError> {
    if !release.tables.iter().any(|known| known.id == table) {
        return Err(ApiError::not_found());
    }
    let view = View::new(release, table, &Selection::all()).map_err(|error| failed(&error))?;
    let label = french(&view.table.label);
    let address = format!("{public_url}/open-data/{}/{}", release.id, view.table.id);
    let (first, others) = view.axes.split_first().ok_or_else(|| failed(&"a table without a period"))?;
    let names: Vec<&str> = view.axes.iter().map(|axis| french(&axis.dimension.label)).collect();
    let content = Content {
        release,
        warning: warning(release),
        period: period(release),
        table: &view.table.id,
        label,
        size: size(&view),
        chart: Chart::html(&view, "Les valeurs sont dans le tableau ci-dessous.").map_err(|error| failed(&error))?,
        dimensions: names.join(", ").to_lowercase(),
        headings: if others.is_empty() { vec!["Ensemble"] } else { names[1..].to_vec() },
        periods: first.values.iter().map(|value| french(&value.label)).collect(),
        rows: rows(&view, first.values.len()),
        downloads: downloads(&release.id, &view.table.id).map_err(|error| failed(&error))?,
        reading: how_to_read(release, label, &address).map_err(|error| failed(&error))?,
    };
    html_page::page(Lang::Fr, &format!("{label}, {}", release.service_name), &content)
}

/// The lines. The period is the first dimension, so the cells of one line are as far apart as a period has cells.
fn rows<'a>(view: &View<'a>, periods: usize) -> Vec<Row<'a>> {
    let all: Vec<_> = view.rows().collect();
    let lines = all.len() / periods.max(1);
    let row = |line: usize| {
        let names = all.get(line).map(|(values, _)| values[1..].iter().map(|value| french(&value.label)).collect());
        let names: Vec<&str> = names.filter(|names: &Vec<&str>| !names.is_empty()).unwrap_or_else(|| vec!["Effectif"]);
        let cells = all.iter().skip(line).step_by(lines.max(1)).map(|(_, cell)| {
            let cell = shown(cell);
            (cell.text(), cell.count().is_some())
        });
        Row { names, cells: cells.collect() }
    };
    (0..lines).map(row).collect()
}

#[cfg(test)]
mod tests {
    use crate::statistics::releases::pages::fixture::release;
    use crate::statistics::releases::pages::table::*;

    #[test]
    fn every_cell_is_in_the_line_of_its_values_and_the_column_of_its_period() {
        let release = release();
        for table in &release.tables {
            let view = View::new(&release, &table.id, &Selection::all()).unwrap();
            let periods = &view.axes[0].values;
            let lines = rows(&view, periods.len());
            let mut seen = 0;
            for (values, cell) in view.rows() {
                let column = periods.iter().position(|period| period.code == values[0].code).unwrap();
                let names: Vec<&str> = values[1..].iter().map(|value| value.label.fr.as_str()).collect();
                let line = lines.iter().find(|line| names.is_empty() || line.names == names).unwrap();
                assert_eq!(line.cells[column], (shown(cell).text(), cell.value.is_some()));
                seen += 1;
            }
            assert_eq!(seen, lines.iter().map(|line| line.cells.len()).sum::<usize>());
        }
    }

    #[test]
    fn the_page_has_its_table_its_files_and_no_foreign_address() {
        let release = release();
        let page = page(&release, "by_territory", "http://passerelle.test").unwrap();
        assert_eq!(page.matches("<tr>").count(), 4, "{page}");
        assert!(page.contains("<td class=\"hidden\">masqué</td>") && page.contains("?format=sdmx_csv"), "{page}");
        let foreign = page.replace("http://passerelle.test/", "");
        assert!(!foreign.contains("http:") && !foreign.contains("https:") && !foreign.contains("<script"), "{foreign}");
        assert!(super::page(&release, "by_colour", "").is_err());
    }
}
