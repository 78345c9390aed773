//! The metadata of a release that every format carries: service, cut-off, policy, versions.

use super::Lang;
use super::document::{Policy, Release, SpecReference, Tier};

/// The code of a tier.
pub(super) fn tier(release: &Release) -> &'static str {
    match release.tier {
        Tier::Open => "open",
        Tier::Partner => "partner",
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
pub(super) fn columns(release: &Release) -> [(&'static str, String); 9] {
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
    ]
}

/// What a suppressed cell means.
pub(super) fn hidden(language: Lang) -> &'static str {
    language.pick(
        "Une case masquée n'a pas de valeur : ce n'est pas zéro. Son effectif peut être nul, petit ou grand ; il est \
         masqué pour protéger des personnes, ou pour qu'une autre case masquée ne puisse pas être calculée. Rien ne \
         distingue ces raisons.",
        "A suppressed cell has no value: it is not zero. Its count can be zero, small or large; it is suppressed \
         to protect people, or so that another suppressed cell cannot be computed. The release does not say which.",
    )
}

/// What a published cell means.
pub(super) fn shown(language: Lang) -> &'static str {
    language.pick("L'effectif exact, zéro compris.", "The exact count, zero included.")
}
