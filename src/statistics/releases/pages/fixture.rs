//! A release for the tests of the pages: a table of two communes and two periods, one cell of them hidden.

use passerelle_disclosure::document::Release;
use serde_json::{Value, json};

/// The release.
pub(super) fn release() -> Release {
    let label = |fr: &str| json!({"fr": fr, "en": fr});
    let value = |code: &str, fr: &str, parts: Value| json!({"code": code, "label": label(fr), "parts": parts});
    let cell = |period: &str, place: &str, count: Option<u64>| {
        let status = if count.is_some() { "published" } else { "suppressed" };
        json!({"coordinates": [period, place], "value": count, "status": status})
    };
    let document = json!({
        "format": "passerelle-release/2", "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f30",
        "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "service_name": "Pôle <Exemple>", "year": 2025,
        "through": "2025-Q2", "tier": "open", "number": 1, "cut_off": "2025-07-16T08:00:00.000000Z",
        "signed_at": "2025-07-16T08:15:00.000000Z",
        "policy": {"threshold": 11, "household_threshold": 5, "without_two_referrers": 3, "reason": "Seuils usuels."},
        "spec": {"code": "small", "version": 1, "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
        "definitions_version": "2026.1", "nomenclatures_version": "2026.3",
        "licence": {"name": "Licence Ouverte 2.0", "url": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"},
        "notes": [label("Une case masquée n'est pas un zéro.")],
        "dimensions": [
            {"id": "period", "label": label("Période"), "definition": label("Trimestre"),
             "values": [value("2025-Q1", "1er trimestre 2025", json!([1])), value("2025-S1", "1er semestre 2025", json!([1, 2]))]},
            {"id": "territory", "label": label("Territoire"), "definition": label("Commune"),
             "values": [value("_T", "Ensemble", json!([1, 2])), value("63001", "Bourg & lac", json!([1])), value("63002", "Val", json!([2]))]}
        ],
        "tables": [{"id": "by_territory", "label": label("Enfants par territoire"), "population": "children",
            "dimensions": ["period", "territory"], "cells": [
                cell("2025-Q1", "_T", Some(40)), cell("2025-Q1", "63001", None), cell("2025-Q1", "63002", None),
                cell("2025-S1", "_T", Some(1200)), cell("2025-S1", "63001", Some(1180)), cell("2025-S1", "63002", Some(0))
            ]}],
        "facts": [], "certificates": []
    });
    serde_json::from_value(document).unwrap()
}
