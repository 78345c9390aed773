//! The dimensions of a release: codes, names, parts.

use crate::document::{Dimension, Label, PERIOD, TOTAL, Value};
use crate::layout::{Layout, Period, to_u32};
use crate::population::Domain;

pub(super) fn dimension(domain: &Domain, number: usize, layout: &Layout) -> Dimension {
    let all = (0..to_u32(layout.parts[number].len())).collect();
    let total = Label { fr: "Total".to_owned(), en: "Total".to_owned() };
    let mut values = vec![Value { code: TOTAL.to_owned(), label: total, level: None, parts: all }];
    values.extend(domain.values.iter().map(|value| Value {
        code: value.code.clone(),
        label: value.label.clone(),
        level: value.level.clone(),
        parts: layout.parts_of(number, &value.bases),
    }));
    Dimension { id: domain.id.clone(), label: domain.label.clone(), definition: domain.definition.clone(), values }
}

pub(super) fn period_dimension(shown: &[Period]) -> Dimension {
    let values = shown.iter().map(|period| Value {
        code: period.code.clone(),
        label: period_label(period),
        level: None,
        parts: (1..=4).filter(|quarter| period.quarters >> (quarter - 1) & 1 == 1).collect(),
    });
    Dimension {
        id: PERIOD.to_owned(),
        label: Label { fr: "Période".to_owned(), en: "Period".to_owned() },
        definition: Label {
            fr: "Trimestre, cumul depuis le 1er janvier ou année. Les unités distinctes de deux périodes ne s'additionnent pas."
                .to_owned(),
            en: "Quarter, year to date or year. The distinct units of two periods do not add up.".to_owned(),
        },
        values: values.collect(),
    }
}

fn period_label(period: &Period) -> Label {
    let year = period.code.get(..4).unwrap_or_default();
    let (fr, en) = match period.quarters {
        0b0001 => (format!("1er trimestre {year}"), format!("First quarter of {year}")),
        0b0010 => (format!("2e trimestre {year}"), format!("Second quarter of {year}")),
        0b0100 => (format!("3e trimestre {year}"), format!("Third quarter of {year}")),
        0b1000 => (format!("4e trimestre {year}"), format!("Fourth quarter of {year}")),
        0b0011 => (format!("Premier semestre {year}"), format!("First half of {year}")),
        0b0111 => (format!("Neuf premiers mois de {year}"), format!("First nine months of {year}")),
        _ => (format!("Année {year}"), format!("Year {year}")),
    };
    Label { fr, en }
}
