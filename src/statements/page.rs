//! The statement as a page to print and as a workbook.

use askama::Template;
use chrono::NaiveDate;

use super::dto::{Statement, StatementService};
use crate::conventions::contributions::model::euros;
use crate::conventions::instalments::model::InstalmentStanding;
use crate::error::Lang;
use crate::http::printable::Printable;
use crate::http::spreadsheet::{Cell, Sheet};
use crate::nomenclatures::{self, lists};

/// The content of the page. The template escapes every text.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html>
<html lang="{{ lang.tag() }}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ words.title }} {{ year }} – {{ collectivity }}</title>
<style>
body{font:1rem/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{border:1px solid;padding:.3rem .5rem;text-align:left}
td.number{text-align:right;white-space:nowrap}caption{text-align:left;font-weight:bold}
@media print{body{margin:0}}
</style>
<h1>{{ words.title }} {{ year }}</h1>
<p>{{ service }}</p>
<p>{{ words.with }} <strong>{{ collectivity }}</strong> ({{ code }}){% if let Some(reference) = reference %}, {{ words.number }} {{ reference }}{% endif %}, {{ words.from }} {{ from }} {{ words.to }} {{ to }}</p>
<table>
<caption>{{ words.money }}</caption>
<tbody>
{% for (label, sum) in sums %}<tr><td>{{ label }}</td><td class="number">{{ sum }}</td></tr>
{% endfor %}</tbody>
</table>
{% if let Some(formula) = formula %}<p><small>{{ formula }}</small></p>{% endif %}
<table>
<caption>{{ words.instalments }}</caption>
<thead><tr><th>{{ words.due_on }}</th><th>{{ words.due }}</th><th>{{ words.received }}</th><th>{{ words.remaining }}</th><th>{{ words.standing }}</th></tr></thead>
<tbody>
{% for line in instalments %}<tr><td>{{ line.0 }}</td><td class="number">{{ line.1 }}</td><td class="number">{{ line.2 }}</td><td class="number">{{ line.3 }}</td><td>{{ line.4 }}</td></tr>
{% endfor %}</tbody>
</table>
<table>
<caption>{{ words.services }}</caption>
<thead><tr><th>{{ words.service }}</th><th>{{ words.quota }}</th><th>{{ words.delivered }}</th><th>{{ words.planned }}</th><th>{{ words.left }}</th><th>{{ words.professionals }}</th></tr></thead>
<tbody>
{% for line in services %}<tr><td>{{ line.0 }}</td><td class="number">{{ line.1 }}</td><td class="number">{{ line.2 }}</td><td class="number">{{ line.3 }}</td><td class="number">{{ line.4 }}</td><td class="number">{{ line.5 }}</td></tr>
{% endfor %}</tbody>
</table>
<p><small>{{ words.read_on }} {{ read_on }}</small></p>
</html>
"#
)]
struct Page<'a> {
    lang: Lang,
    words: &'static Words,
    year: i32,
    service: &'a str,
    collectivity: &'a str,
    code: &'a str,
    reference: Option<&'a str>,
    from: String,
    to: String,
    sums: Vec<(&'static str, String)>,
    formula: Option<&'a str>,
    instalments: Vec<(String, String, String, String, &'static str)>,
    services: Vec<(String, String, i64, i64, String, i64)>,
    read_on: String,
}

/// The labels of the page and of the workbook, in one language.
struct Words {
    title: &'static str,
    with: &'static str,
    number: &'static str,
    from: &'static str,
    to: &'static str,
    money: &'static str,
    due: &'static str,
    waived: &'static str,
    received: &'static str,
    remaining: &'static str,
    overdue: &'static str,
    instalments: &'static str,
    payments: &'static str,
    due_on: &'static str,
    received_on: &'static str,
    sum: &'static str,
    payment_reference: &'static str,
    standing: &'static str,
    standings: [&'static str; 5],
    services: &'static str,
    service: &'static str,
    quota: &'static str,
    no_limit: &'static str,
    delivered: &'static str,
    planned: &'static str,
    left: &'static str,
    minutes: &'static str,
    professionals: &'static str,
    not_computed: &'static str,
    read_on: &'static str,
    computed: &'static str,
}

const FRENCH: Words = Words {
    title: "Relevé de convention",
    with: "Convention avec",
    number: "n°",
    from: "du",
    to: "au",
    money: "Contribution",
    due: "Dû",
    waived: "Abandonné",
    received: "Reçu",
    remaining: "Reste à recevoir",
    overdue: "Dont en retard",
    instalments: "Échéances",
    payments: "Paiements",
    due_on: "Échéance",
    received_on: "Reçu le",
    sum: "Montant",
    payment_reference: "Référence",
    standing: "État",
    standings: ["à appeler", "appelée", "en retard", "reçue", "abandonnée"],
    services: "Prestations complémentaires",
    service: "Prestation",
    quota: "Quota annuel",
    no_limit: "sans limite",
    delivered: "Réalisées",
    planned: "Prévues",
    left: "Restantes",
    minutes: "Durée (minutes)",
    professionals: "Présences de professionnelles et de professionnels",
    not_computed: "non calculé",
    read_on: "État au",
    computed: "Calcul",
};

const ENGLISH: Words = Words {
    title: "Statement of convention",
    with: "Convention with",
    number: "no.",
    from: "from",
    to: "to",
    money: "Contribution",
    due: "Due",
    waived: "Waived",
    received: "Received",
    remaining: "Remaining",
    overdue: "Of which overdue",
    instalments: "Instalments",
    payments: "Payments",
    due_on: "Due on",
    received_on: "Received on",
    sum: "Amount",
    payment_reference: "Reference",
    standing: "Standing",
    standings: ["not called", "called", "overdue", "received", "waived"],
    services: "Complementary services",
    service: "Service",
    quota: "Yearly quota",
    no_limit: "no limit",
    delivered: "Delivered",
    planned: "Planned",
    left: "Remaining",
    minutes: "Duration (minutes)",
    professionals: "Professionals present",
    not_computed: "not computed",
    read_on: "As of",
    computed: "Computation",
};

fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::Fr => &FRENCH,
        Lang::En => &ENGLISH,
    }
}

impl Words {
    fn of(&self, standing: InstalmentStanding) -> &'static str {
        let rank = InstalmentStanding::ALL.iter().position(|one| *one == standing);
        rank.and_then(|rank| self.standings.get(rank)).copied().unwrap_or_default()
    }
}

fn label(service: &StatementService, lang: Lang) -> String {
    let known = nomenclatures::list(lists::COMPLEMENTARY_SERVICE);
    let code = known.and_then(|list| list.get(service.complementary_service.as_str()));
    code.map_or_else(|| service.complementary_service.to_string(), |code| code.label(lang.tag()).to_owned())
}

impl Statement {
    /// The amounts with their labels; none if they are not computed.
    fn sums(&self, words: &'static Words) -> [(&'static str, Option<i64>); 5] {
        [
            (words.due, self.due_cents),
            (words.waived, self.waived_cents),
            (words.received, self.received_cents),
            (words.remaining, self.remaining_cents),
            (words.overdue, self.overdue_cents),
        ]
    }

    fn formula(&self, lang: Lang) -> Option<&str> {
        match lang {
            Lang::Fr => self.formula_fr.as_deref(),
            Lang::En => self.formula_en.as_deref(),
        }
    }
}

impl Printable for Statement {
    fn page(&self, lang: Lang) -> Option<String> {
        let (words, french) = (words(lang), lang == Lang::Fr);
        let day = |day: NaiveDate| day.format(if french { "%d/%m/%Y" } else { "%Y-%m-%d" }).to_string();
        let money = |cents: i64| euros(cents, french);
        let page = Page {
            lang,
            words,
            year: self.year,
            service: &self.service_name,
            collectivity: &self.collectivity_name,
            code: &self.collectivity.code,
            reference: self.reference.as_deref(),
            from: day(self.starts_on),
            to: day(self.last_day),
            sums: self
                .sums(words)
                .into_iter()
                .map(|(label, sum)| (label, sum.map_or_else(|| words.not_computed.to_owned(), money)))
                .collect(),
            formula: self.formula(lang),
            instalments: self
                .instalments
                .iter()
                .map(|one| {
                    let sums = [one.amount_cents, one.received_cents, one.remaining_cents].map(money);
                    let [due, received, remaining] = sums;
                    (day(one.due_on), due, received, remaining, words.of(one.standing))
                })
                .collect(),
            services: self
                .services
                .iter()
                .map(|one| {
                    let number = |number: Option<String>| number.unwrap_or_else(|| words.no_limit.to_owned());
                    let quota = number(one.yearly_quota.map(|quota| quota.to_string()));
                    let left = number(one.remaining.map(|left| left.to_string()));
                    (label(one, lang), quota, one.delivered, one.planned, left, one.professionals)
                })
                .collect(),
            read_on: day(self.read_on),
        };
        page.render().inspect_err(|error| log::error!("a statement could not be rendered: {error}")).ok()
    }

    fn sheets(&self, lang: Lang) -> Vec<Sheet> {
        let words = words(lang);
        let text = |text: &str| Cell::Text(text.to_owned());
        let head = |names: &[&str]| names.iter().map(|name| Cell::Heading((*name).to_owned())).collect::<Vec<_>>();
        let cents = |sum: Option<i64>| sum.map_or_else(|| text(words.not_computed), Cell::Cents);
        let number = |number: Option<i64>| number.map_or(Cell::Empty, Cell::Number);
        let mut summary = vec![
            head(&[words.title, &self.year.to_string()]),
            vec![text(&self.service_name)],
            vec![text(words.with), text(&self.collectivity_name), text(&self.collectivity.code)],
            vec![text(words.from), Cell::Date(self.starts_on)],
            vec![text(words.to), Cell::Date(self.last_day)],
            vec![text(words.read_on), Cell::Date(self.read_on)],
        ];
        summary.extend(self.sums(words).into_iter().map(|(label, sum)| vec![text(label), cents(sum)]));
        summary.extend(self.formula(lang).map(|formula| vec![text(words.computed), text(formula)]));
        let mut instalments =
            vec![head(&[words.due_on, words.due, words.received, words.waived, words.remaining, words.standing])];
        instalments.extend(self.instalments.iter().map(|one| {
            let sums = [one.amount_cents, one.received_cents, one.waived_cents, one.remaining_cents].map(Cell::Cents);
            let mut line = vec![Cell::Date(one.due_on)];
            line.extend(sums);
            line.push(text(words.of(one.standing)));
            line
        }));
        let mut payments = vec![head(&[words.received_on, words.sum, words.payment_reference])];
        payments.extend(self.payments.iter().map(|one| {
            let reference = one.reference.as_deref().map_or(Cell::Empty, text);
            vec![Cell::Date(one.received_on), Cell::Cents(one.amount_cents), reference]
        }));
        let mut services = vec![head(&[
            words.service,
            words.quota,
            words.delivered,
            words.planned,
            words.left,
            words.minutes,
            words.professionals,
        ])];
        services.extend(self.services.iter().map(|one| {
            let quota = one.yearly_quota.map(i64::from);
            let numbers = [quota, Some(one.delivered), Some(one.planned), one.remaining, Some(one.minutes)];
            let mut line = vec![text(&label(one, lang))];
            line.extend(numbers.map(number));
            line.push(Cell::Number(one.professionals));
            line
        }));
        let sheet = |name: &str, lines| Sheet { name: name.to_owned(), lines };
        vec![
            sheet(words.money, summary),
            sheet(words.instalments, instalments),
            sheet(words.payments, payments),
            sheet(words.services, services),
        ]
    }

    fn file_name(&self) -> String {
        format!(
            "{}-{}-{}",
            if self.collectivity.code.len() == 9 { "epci" } else { "commune" },
            self.collectivity.code,
            self.year
        )
    }
}
