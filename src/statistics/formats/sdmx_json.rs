//! A table as an SDMX-JSON 2.0 data message: the model of [`super::sdmx`], with the labels of the codes.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::document::Label;
use super::periods::{self, Period};
use super::sdmx::{End, MISSING, RANGE, attributes, identifier, others, period_axis, status, structure_id};
use super::{Axis, Error, Lang, View, metadata, text};

/// The address of the schema of the message.
const SCHEMA: &str = "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/\
                      sdmx-json-data-schema.json";

/// The message: a flat list of cells, each with a value of every dimension.
pub fn message(view: &View<'_>, language: Lang) -> Result<Value, Error> {
    let release = view.release;
    let at = period_axis(view)?;
    let periods: Vec<Period> = view.axes[at].values.iter().map(|value| periods::sdmx(&value.code)).collect();
    let frequencies = frequencies(&periods);
    Ok(json!({
        "meta": {
            "schema": SCHEMA,
            "id": release.id,
            "test": metadata::is_invented(release),
            "prepared": release.signed_at,
            "contentLanguages": [language.tag()],
            "sender": { "id": release.service_id, "name": release.service_name },
        },
        "data": {
            "structures": [{
                "dataSets": [0],
                "name": text(&view.table.label, language),
                "names": names(&view.table.label),
                "dimensions": { "observation": dimensions(view, at, &periods, &frequencies, language) },
                "measures": { "observation": [{
                    "id": "OBS_VALUE",
                    "name": language.pick("Effectif", "Count"),
                    "format": { "dataType": "Long" },
                }] },
                "attributes": {
                    "dataSet": release_attributes(view),
                    "observation": cell_attributes(view, language),
                },
            }],
            "dataSets": [{
                "structure": 0,
                "action": "Information",
                "links": [{
                    "rel": "dataflow",
                    "urn": format!("urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={}", structure_id(view)),
                }],
                "attributes": attributes(view).iter().map(|_| 0).collect::<Vec<_>>(),
                "observations": observations(view, at, &periods, &frequencies),
            }],
        },
    }))
}

/// The frequencies of the periods, each once, in their order.
fn frequencies(periods: &[Period]) -> Vec<&Period> {
    let mut found: Vec<&Period> = Vec::new();
    for period in periods {
        if found.iter().all(|one| one.frequency != period.frequency) {
            found.push(period);
        }
    }
    found
}

/// The dimensions in the order of the keys: frequency, period, provider, then those of the table.
fn dimensions(view: &View<'_>, at: usize, periods: &[Period], frequencies: &[&Period], language: Lang) -> Vec<Value> {
    let period = &view.axes[at];
    let frequency = |one: &&Period| json!({ "id": one.frequency, "name": language.pick(one.names.0, one.names.1) });
    // A time range is not a valid code, so periods are values.
    let times = periods.iter().zip(&period.values);
    let times = times.map(|(own, value)| labelled("value", &own.time, &value.label, language));
    let mut all = vec![
        json!({
            "id": "FREQ", "name": language.pick("Fréquence", "Frequency"), "keyPosition": 0, "roles": ["FREQ"],
            "values": frequencies.iter().map(frequency).collect::<Vec<_>>(),
        }),
        json!({
            "id": "TIME_PERIOD", "name": text(&period.dimension.label, language), "keyPosition": 1,
            "roles": ["TIME_PERIOD"],
            "values": times.collect::<Vec<_>>(),
        }),
        json!({
            "id": "DATA_PROVIDER", "name": language.pick("Service", "Service"), "keyPosition": 2,
            "values": [{ "id": view.release.service_id, "name": view.release.service_name }],
        }),
    ];
    all.extend(others(view, at).zip(3..).map(|(axis, position)| dimension(axis, position, language)));
    all
}

fn dimension(axis: &Axis<'_>, position: usize, language: Lang) -> Value {
    let own = axis.dimension;
    let values = axis.values.iter().map(|value| labelled("id", &identifier(&value.code), &value.label, language));
    let mut dimension = json!({
        "id": own.id.to_uppercase(),
        "name": text(&own.label, language), "names": names(&own.label),
        "description": text(&own.definition, language), "descriptions": names(&own.definition),
        "keyPosition": position,
        "values": values.collect::<Vec<_>>(),
    });
    if own.id == super::json_stat::TERRITORY {
        dimension["roles"] = json!(["REF_AREA"]);
    }
    dimension
}

/// The attributes of all cells.
fn release_attributes(view: &View<'_>) -> Vec<Value> {
    let attribute =
        |(name, text)| json!({ "id": name, "relationship": { "dataflow": {} }, "values": [{ "value": text }] });
    attributes(view).into_iter().map(attribute).collect()
}

/// The attributes of one cell. Both codes of a status are listed even if only one is used.
fn cell_attributes(view: &View<'_>, language: Lang) -> Vec<Value> {
    let value = |id, fr, en| json!({ "id": id, "name": language.pick(fr, en) });
    let of_status = [
        json!({
            "id": "OBS_STATUS", "name": language.pick("Statut de l'observation", "Observation status"),
            "relationship": { "observation": {} },
            "values": [value("A", "Valeur normale", "Normal value"),
                       value("Q", "Valeur manquante ; masquée", "Missing value; suppressed")],
        }),
        json!({
            "id": "CONF_STATUS", "name": language.pick("Statut de confidentialité", "Confidentiality status"),
            "relationship": { "observation": {} },
            "values": [value("F", "Libre", "Free (free for publication)"),
                       value("N", "Non destinée à la publication",
                             "Not for publication, restricted for internal use only")],
        }),
    ];
    let of_range = RANGE.iter().filter(|_| view.release.has_ranges()).map(|end| {
        let (id, _, (fr, en)) = *end;
        let values: Vec<Value> = ends(view, end).iter().map(|end| json!({ "value": end.to_string() })).collect();
        let mut attribute = json!({
            "id": id, "name": language.pick(fr, en), "relationship": { "observation": {} },
            "format": { "dataType": "Long" },
        });
        // The schema allows no empty list.
        if !values.is_empty() {
            attribute["values"] = values.into();
        }
        attribute
    });
    of_status.into_iter().chain(of_range).collect()
}

/// The values of an end of the ranges, each once.
fn ends(view: &View<'_>, (_, end, _): &End) -> Vec<u64> {
    let values: BTreeSet<u64> = view.cells.iter().filter_map(|cell| end(cell)).collect();
    values.into_iter().collect()
}

/// The cells by key: the indices of their values, separated by colons.
fn observations(view: &View<'_>, at: usize, periods: &[Period], frequencies: &[&Period]) -> Map<String, Value> {
    let listed: Vec<(&End, Vec<u64>)> =
        RANGE.iter().filter(|_| view.release.has_ranges()).map(|end| (end, ends(view, end))).collect();
    let observation = |(position, cell): (usize, &&super::document::Cell)| {
        let places = view.places(position);
        let frequency = frequencies.iter().position(|one| one.frequency == periods[places[at]].frequency);
        let own = places.iter().enumerate().filter(|(axis, _)| *axis != at).map(|(_, place)| *place);
        let key = [frequency.unwrap_or_default(), places[at], 0].into_iter().chain(own);
        let key = key.map(|place| place.to_string()).collect::<Vec<_>>().join(":");
        let hidden = usize::from(status(cell.status).1 == "N");
        let count = cell.value.map_or_else(|| json!(MISSING), |count| json!(count));
        // The places of the attributes among their values.
        let range = listed.iter().map(|((_, end, _), values)| {
            end(cell).and_then(|end| values.binary_search(&end).ok()).map_or(Value::Null, |place| json!(place))
        });
        (key, [count, json!(hidden), json!(hidden)].into_iter().chain(range).collect())
    };
    view.cells.iter().enumerate().map(observation).collect()
}

/// A code or a value, with its label in the language of the message and in both languages.
fn labelled(field: &str, code: &str, label: &Label, language: Lang) -> Value {
    json!({ field: code, "name": text(label, language), "names": names(label) })
}

fn names(label: &Label) -> Value {
    json!({ "fr": label.fr, "en": label.en })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{release, whole};
    use crate::statistics::formats::sdmx_json::*;

    #[test]
    fn a_cell_is_found_by_its_key() {
        let release = release();
        let message = message(&whole(&release, "by_territory"), Lang::En).unwrap();
        let structure = &message["data"]["structures"][0];
        let ids = |list: &Value| list.as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
        let dimensions = &structure["dimensions"]["observation"];
        assert_eq!(ids(dimensions), ["FREQ", "TIME_PERIOD", "DATA_PROVIDER", "TERRITORY"]);
        assert_eq!(ids(&dimensions[0]["values"]), ["Q", "S"]);
        assert_eq!(dimensions[1]["values"][2]["value"], "2025-S1");
        assert_eq!(dimensions[3]["roles"], json!(["REF_AREA"]));
        let observations = &message["data"]["dataSets"][0]["observations"];
        assert_eq!(observations.as_object().unwrap().len(), 9);
        // Half-year, third period, the service, all territories.
        assert_eq!(observations["1:2:0:0"], json!([55, 0, 0, null, null]));
        assert_eq!(observations["1:2:0:1"], json!(["NaN", 1, 1, null, null]));
        assert_eq!(observations["0:0:0:1"], json!(["NaN", 1, 1, 0, 0]));
        assert_eq!(observations["0:0:0:2"], json!(["NaN", 1, 1, 0, null]), "no upper end");
        let of_cell = &structure["attributes"]["observation"];
        assert_eq!(
            (&of_cell[2]["values"], &of_cell[3]["values"]),
            (&json!([{"value": "0"}]), &json!([{"value": "28"}]))
        );
        assert_eq!(observations["0:1:0:1"], json!([0, 0, 0, null, null]), "a published zero is a zero");
        let attributes = &structure["attributes"]["dataSet"];
        assert_eq!(
            attributes[1],
            json!({
                "id": "RELEASE_NUMBER", "relationship": { "dataflow": {} }, "values": [{ "value": "2" }],
            })
        );
        assert_eq!(
            attributes.as_array().unwrap().len(),
            message["data"]["dataSets"][0]["attributes"].as_array().unwrap().len()
        );
    }
}
