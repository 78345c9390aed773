//! The metadata of a release that every format carries: service, cut-off, policy, versions.

use super::Lang;
use super::document::{Cell, Class, Label, Policy, Release, SpecReference, Tier};

/// The code of a tier.
pub(super) fn tier(release: &Release) -> &'static str {
    match release.tier {
        Tier::Open => "open",
        Tier::Partner => "partner",
    }
}

/// The first note of a release of the sandbox.
pub fn invented() -> Label {
    Label {
        fr: "Données de synthèse : aucun de ces chiffres n'est celui d'un pôle.".to_owned(),
        en: "Synthetic data: none of these figures is the figure of a pôle.".to_owned(),
    }
}

/// The first note of a release for partners.
pub fn reserved() -> Label {
    Label {
        fr: "Chiffres réservés aux partenaires, aux conditions de leur convention avec le service : usage interne, ni \
             rediffusion ni publication."
            .to_owned(),
        en: "Figures for partners, under the terms of their agreement with the service: internal use, not to be \
             passed on or published."
            .to_owned(),
    }
}

/// Whether the figures of a release are invented.
pub(super) fn is_invented(release: &Release) -> bool {
    release.notes.contains(&invented())
}

/// What who reads a copy of a row must know: that figures are invented, or not to be passed on. Empty for open data.
pub(super) fn notice(release: &Release) -> String {
    let must = [invented(), reserved()].into_iter().filter(|note| release.notes.contains(note));
    must.map(|note| format!("{} / {}", note.fr, note.en)).collect::<Vec<_>>().join(" ")
}

/// The end of the name of a file, so that one for partners or of the sandbox is not taken for open data.
pub fn suffix(release: &Release) -> &'static str {
    match (is_invented(release), release.tier) {
        (true, Tier::Open) => "-sandbox",
        (true, Tier::Partner) => "-sandbox-partner",
        (false, Tier::Open) => "",
        (false, Tier::Partner) => "-partner",
    }
}

/// The code of a class of figures.
pub(super) const fn class(class: Class) -> &'static str {
    match class {
        Class::Service => "service",
        Class::Total => "total",
        Class::Breakdown => "breakdown",
    }
}

/// The protection policy in one cell, for machines: the thresholds without the reason.
pub(super) fn policy(policy: &Policy) -> String {
    format!(
        "threshold={} household_threshold={} without_two_referrers={}",
        policy.threshold, policy.household_threshold, policy.without_two_referrers
    )
}

/// A specification in one cell.
pub(super) fn spec(spec: &SpecReference) -> String {
    format!("{}/{}", spec.code, spec.version)
}

/// The columns that each row of a flat file repeats, so that a row copied elsewhere still carries its metadata.
pub(super) fn columns(release: &Release) -> [(&'static str, String); 10] {
    [
        ("release", release.id.clone()),
        ("release_number", release.number.to_string()),
        ("tier", tier(release).to_owned()),
        ("cut_off", release.cut_off.clone()),
        ("service", release.service_id.clone()),
        ("policy", policy(&release.policy)),
        ("licence", release.licence.name.clone()),
        ("definitions_version", release.definitions_version.clone()),
        ("spec", spec(&release.spec)),
        ("notice", notice(release)),
    ]
}

/// What a suppressed cell means.
pub(super) fn hidden(language: Lang) -> &'static str {
    language.pick(
        "Une case masquée n'a pas de valeur : ce n'est pas zéro. Son effectif est masqué pour protéger des personnes, ou \
         pour qu'une autre case masquée ne puisse pas être calculée.",
        "A suppressed cell has no value: it is not zero. Its count is suppressed to protect people, or so that another \
         suppressed cell cannot be computed.",
    )
}

/// The range of a suppressed cell in words; empty for other cells.
pub fn range(cell: &Cell, language: Lang) -> String {
    match (cell.at_least, cell.at_most) {
        (Some(least), Some(most)) => {
            let [between, and] = [language.pick("entre", "between"), language.pick("et", "and")];
            format!("{between} {least} {and} {most}")
        }
        (Some(least), None) => format!("{least} {}", language.pick("ou plus", "or more")),
        (None, _) => String::new(),
    }
}

/// What the range of a suppressed cell means.
pub fn ranges(language: Lang) -> &'static str {
    language.pick(
        "La fourchette d'une case masquée, bornes comprises : ce que les chiffres publiés impliquent. Sans borne \
         supérieure, ils n'en impliquent pas. Les publications antérieures à décembre 2026 n'en donnent pas à toutes les cases.",
        "The range of a suppressed cell, both ends included: what the published figures imply. Without an \
         upper end, they imply none. Releases made before December 2026 do not give one for every cell.",
    )
}

/// What a published cell means.
pub(super) fn shown(language: Lang) -> &'static str {
    language.pick("L'effectif exact, zéro compris.", "The exact count, zero included.")
}
