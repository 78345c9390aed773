//! The catalogue of open data for the portals that harvest it: DCAT-AP 3 in JSON-LD.
//!
//! A data set is an open release that nothing replaces; its distributions are its files. Identifiers of themes, languages and
//! frequencies are those of the Publications Office of the European Union, which DCAT-AP requires.

use serde_json::{Value, json};

use super::super::header::open_licence;
use super::super::model::period;
use super::super::store::Listed;
use crate::statistics::formats::File;

/// What people look for.
const KEYWORDS: [&str; 3] = ["handicap", "pôle ressources handicap", "accueil du jeune enfant"];

/// Where the Publications Office keeps its code lists.
const AUTHORITY: &str = "http://publications.europa.eu/resource/authority";

/// The files of a release: the parameters of its address, the media type, the format in the authority's list, the title.
const FILES: [(&str, &str, &str, &str); 4] = [
    ("kind=crosstab&locale=fr", File::Crosstab.media_type(), "XLSX", "Classeur à lire, une feuille par tableau"),
    ("kind=xlsx&locale=fr", File::Xlsx.media_type(), "XLSX", "Classeur pour calculer, une ligne par case"),
    ("kind=csv_zip&locale=fr", File::CsvZip.media_type(), "ZIP", "Archive de fichiers CSV (points-virgules)"),
    // JSON-stat has no media type at the IANA, whose list DCAT-AP requires.
    ("kind=json_stat", "application/json", "JSON", "Collection JSON-stat 2.0"),
];

/// The catalogue of these releases, with addresses below `url`.
pub(super) fn of(listed: &[Listed], url: &str) -> Value {
    let in_force = listed.iter().filter(|release| release.replaced_by.is_none());
    json!({
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": format!("{url}/v1/open-data/catalogue"),
        "@type": "dcat:Catalog",
        "dct:title": french("Données ouvertes des pôles ressources handicap"),
        "dct:description": french(
            "Les chiffres que publient les pôles ressources handicap : des effectifs exacts, masqués là où ils feraient \
             reconnaître un enfant."
        ),
        "dct:publisher": publisher("Pôles ressources handicap"),
        "dct:language": code("language", "FRA"),
        "foaf:homepage": id(format!("{url}/open-data")),
        "dct:license": id(open_licence().url),
        "dcat:dataset": in_force.map(|release| dataset(release, url)).collect::<Vec<_>>(),
    })
}

fn dataset(release: &Listed, url: &str) -> Value {
    let page = format!("{url}/open-data/{}", release.id);
    let (year, service) = (release.year, &release.service_name);
    let period = period(year, release.quarter);
    let last = ["03-31", "06-30", "09-30", "12-31"];
    let last = last.get(usize::try_from(release.quarter - 1).unwrap_or(3)).unwrap_or(&"12-31");
    json!({
        "@id": page,
        "@type": "dcat:Dataset",
        "dct:identifier": release.id,
        "dct:title": french(&format!("{service} : chiffres de {period}")),
        "dct:description": french(&format!(
            "Activité de {service} en {period} : enfants accompagnés, actions, prêts de mallettes. Une case masquée n'est pas un \
             zéro ; le dictionnaire joint dit ce que compte chaque chiffre."
        )),
        "dct:publisher": publisher(service),
        "dct:issued": typed("dateTime", &release.published_at.to_string()),
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": typed("date", &format!("{year}-01-01")),
            "dcat:endDate": typed("date", &format!("{year}-{last}")),
        },
        // A release never changes: the next one is another data set.
        "dct:accrualPeriodicity": code("frequency", "NEVER"),
        "dct:language": code("language", "FRA"),
        "dcat:theme": code("data-theme", "SOCI"),
        "dcat:keyword": KEYWORDS.map(french),
        "dcat:landingPage": id(page.clone()),
        "dcat:distribution": FILES.map(|file| distribution(release, url, file)),
    })
}

fn distribution(release: &Listed, url: &str, (query, media_type, format, title): (&str, &str, &str, &str)) -> Value {
    let file = format!("{url}/v1/open-data/releases/{}/file?{query}", release.id);
    json!({
        "@id": file,
        "@type": "dcat:Distribution",
        "dct:title": french(title),
        "dcat:accessURL": id(file.clone()),
        "dcat:downloadURL": id(file.clone()),
        "dcat:mediaType": id(format!("https://www.iana.org/assignments/media-types/{media_type}")),
        "dct:format": code("file-type", format),
        "dct:license": id(open_licence().url),
        "dct:issued": typed("dateTime", &release.published_at.to_string()),
    })
}

fn french(text: &str) -> Value {
    json!({"@value": text, "@language": "fr"})
}

fn typed(kind: &str, value: &str) -> Value {
    json!({"@value": value, "@type": format!("xsd:{kind}")})
}

fn id(address: impl Into<String>) -> Value {
    json!({"@id": address.into()})
}

fn code(list: &str, code: &str) -> Value {
    id(format!("{AUTHORITY}/{list}/{code}"))
}

fn publisher(name: &str) -> Value {
    json!({"@type": "foaf:Agent", "foaf:name": french(name)})
}
