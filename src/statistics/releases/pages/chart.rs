//! A bar chart of a table as inline SVG: one bar per value of a dimension, for the longest period of the release.

use askama::Template;

use super::cells::{Shown, french, shown};
use crate::statistics::formats::View;
use passerelle_disclosure::document::TOTAL;

/// Bars of a chart: more are unreadable. The table has the others.
const MOST_BARS: usize = 12;

/// Characters of the name of a bar: what fits into a narrow screen.
const MOST_CHARACTERS: usize = 36;

/// Pixels of a bar with its name.
const STEP: usize = 40;

/// A chart. The table is its alternative in text: the drawing only has a title and says where the figures are.
#[derive(Debug, Template)]
#[template(
    ext = "html",
    source = r#"<figure>
<svg class="bars" role="img" aria-labelledby="{{ id }}-title {{ id }}-desc" height="{{ height }}">
<title id="{{ id }}-title">{{ title }}</title>
<desc id="{{ id }}-desc">Diagramme à barres. {{ alternative }}</desc>
{% for bar in bars %}<text x="0" y="{{ bar.y + 13 }}">{{ bar.name }} : {{ bar.text }}</text>
<rect {% if bar.is_hidden %}class="hidden" {% endif %}x="0" y="{{ bar.y + 19 }}" height="12" width="{{ bar.width }}%"></rect>
{% endfor %}</svg>
<figcaption>{{ title }}.{% if is_shortened %} Les plus grandes valeurs publiées ; le tableau les a toutes.{% endif %}{% if has_hidden %} En pointillé : valeur masquée, jusqu'au plus haut qu'elle peut être.{% endif %}</figcaption>
</figure>"#
)]
pub(super) struct Chart {
    id: String,
    title: String,
    alternative: &'static str,
    bars: Vec<Bar>,
    height: usize,
    is_shortened: bool,
    has_hidden: bool,
}

#[derive(Debug)]
struct Bar {
    name: String,
    text: String,
    /// Percent of the drawing.
    width: u64,
    y: usize,
    is_hidden: bool,
}

impl Chart {
    /// The chart of a table as HTML; empty if there is nothing to compare.
    pub(super) fn html(view: &View<'_>, alternative: &'static str) -> Result<String, askama::Error> {
        Self::of(view, alternative).map_or_else(|| Ok(String::new()), |chart| chart.render())
    }

    /// The chart of a table: the bars are the values of its first dimension after the period, the totals of the others; of a
    /// table that has only the period, the periods. `None` if there is nothing to compare.
    fn of(view: &View<'_>, alternative: &'static str) -> Option<Self> {
        let period = view.axes.first()?.values.last()?;
        let along = usize::from(view.axes.len() > 1);
        let rows = view.rows().filter(|(values, _)| {
            values.iter().enumerate().all(|(at, value)| match at {
                _ if at == along => along == 0 || value.code != TOTAL,
                0 => value.code == period.code,
                _ => value.code == TOTAL,
            })
        });
        let mut found: Vec<(String, Shown)> =
            rows.map(|(values, cell)| (shortened(french(&values[along].label)), shown(cell))).collect();
        if found.len() < 2 || found.iter().all(|(_, cell)| cell.count().is_none()) {
            return None;
        }
        let is_shortened = found.len() > MOST_BARS;
        if is_shortened {
            found.sort_by_key(|(_, cell)| std::cmp::Reverse(cell.count()));
            found.truncate(MOST_BARS);
            found.retain(|(_, cell)| cell.count().is_some());
        }
        let largest = found.iter().filter_map(|(_, cell)| cell.count()).max().unwrap_or_default().max(1);
        let bar = |(at, (name, cell)): (usize, (String, Shown))| Bar {
            name,
            text: cell.text(),
            width: cell.count().or_else(|| cell.at_most()).map_or(100, |most| (most * 100 / largest).min(100)),
            y: at * STEP,
            is_hidden: cell.count().is_none(),
        };
        let bars: Vec<Bar> = found.into_iter().enumerate().map(bar).collect();
        let label = french(&view.table.label);
        let title = if along == 0 { label.to_owned() } else { format!("{label}, {}", french(&period.label)) };
        Some(Self {
            id: format!("chart-{}", view.table.id),
            title,
            alternative,
            height: bars.len() * STEP,
            has_hidden: bars.iter().any(|bar| bar.is_hidden),
            bars,
            is_shortened,
        })
    }
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= MOST_CHARACTERS {
        return name.to_owned();
    }
    let start: String = name.chars().take(MOST_CHARACTERS - 1).collect();
    format!("{}…", start.trim_end())
}

#[cfg(test)]
mod tests {
    use crate::statistics::formats::Selection;
    use crate::statistics::releases::pages::chart::*;
    use crate::statistics::releases::pages::fixture::release;

    #[test]
    fn the_bars_are_the_values_without_the_total_for_the_longest_period() {
        let release = release();
        let view = View::new(&release, "by_territory", &Selection::all()).unwrap();
        let chart = Chart::of(&view, "").unwrap();
        let bars: Vec<_> = chart.bars.iter().map(|bar| (bar.name.as_str(), bar.width, bar.is_hidden)).collect();
        assert_eq!(bars, [("Bourg & lac", 100, false), ("Val", 0, false)]);
        assert_eq!(chart.title, "Enfants par territoire, 1er semestre 2025");
        let html = chart.render().unwrap();
        assert!(html.contains("Bourg &#38; lac : 1\u{202f}180") && html.contains("role=\"img\""), "{html}");
    }

    #[test]
    fn a_table_without_a_published_bar_has_no_chart() {
        let mut release = release();
        for cell in release.tables[0].cells.iter_mut().skip(4) {
            (cell.value, cell.status) = (None, passerelle_disclosure::document::Status::Suppressed);
        }
        let view = View::new(&release, "by_territory", &Selection::all()).unwrap();
        assert_eq!(Chart::html(&view, "").unwrap(), "");
    }
}
