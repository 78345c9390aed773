//! Publishes the drafts of a build: numbers, dates, chains, hashes and signs them, and freezes the records.

use super::drafts::Drafts;
use super::dto::StatisticsBuild;
use super::model::{BuildRecords, BuildStatus, TIERS, TierCode};
use super::ops::refused;
use super::prepare;
use super::store::{self, BuildRow, ReleaseRow};
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code};
use crate::naming::ops::named;
use crate::statistics::records::ops::Year;
use crate::statistics::{facts, records, signing};
use crate::trail::Resource;
use crate::work::Work;
use passerelle_disclosure::document::Supersedes;

/// Publishes the releases of a build that is ready, in one transaction: both tiers or none.
pub fn publish(work: &mut Work<'_>, row: &BuildRow) -> Result<StatisticsBuild, ApiError> {
    work.conn.lock_one(Lock::Statistics, row.service_id)?;
    if !row.is_ready() {
        return Err(refused(row));
    }
    let drafts = row.drafts().ok_or_else(|| ApiError::new(Code::Internal))?;
    let year = records::ops::year(work, row.service_id, row.year)?;
    let known: Vec<Id> = prepare::facts_known(work, row)?.into_iter().map(|fact| fact.id).collect();
    let policy = prepare::policy_of(work, row)?;
    let same = Some(i32::from(year.published_through)) == row.published_through
        && known == drafts.facts
        && drafts.follow(&policy)
        && records_unchanged(work, row, &drafts, &year)?;
    if !same {
        return Err(ApiError::new(Code::Conflict).detail(
            "Les fiches, les faits, les réglages ou les publications ont changé entre-temps : préparez à nouveau cette année.",
            "The records, the facts, the settings or the releases have changed since: prepare the year again.",
        ));
    }
    let facts = drafts.facts.clone();
    // Corrected records have a new generation by now.
    let generation = records::ops::year(work, row.service_id, row.year)?.generation;
    for tier in TIERS {
        put(work, row, tier, drafts.clone(), generation)?;
    }
    let through = u8::try_from(row.quarter).unwrap_or(4);
    records::ops::freeze(work, row.service_id, row.year, through)?;
    facts::ops::mark_used(work, row.service_id, &facts)?;
    if through == 4 && !year.unlinked {
        // The year is closed: the links from records to children are deleted.
        records::ops::unlink(work, row.service_id, row.year)?;
    }
    let next = BuildRow {
        status: BuildStatus::Published,
        // The releases contain it.
        result: None,
        version: row.version + 1,
        updated_at: work.now,
        ..row.clone()
    };
    ApiError::require_first(store::put_build(work.conn, row.version, &next)?)?;
    work.changed(Resource::StatisticsBuild, row.service_id, row.id);
    named(work, next.into())
}

/// Whether the records are still those that the drafts were made from. If they correct records, this stores the
/// corrected ones.
fn records_unchanged(work: &mut Work<'_>, row: &BuildRow, drafts: &Drafts, year: &Year) -> Result<bool, ApiError> {
    match (row.records, row.cut_off, &drafts.fingerprint) {
        (BuildRecords::AsPublished, cut_off, _) => Ok(year.cut_off == cut_off),
        (BuildRecords::Corrected, Some(cut_off), Some(found)) => {
            records::ops::correct(work, row.service_id, row.year, cut_off, found)
        }
        (BuildRecords::Corrected, ..) => Ok(false),
    }
}

fn put(work: &mut Work<'_>, row: &BuildRow, tier: TierCode, drafts: Drafts, generation: i32) -> Result<(), ApiError> {
    let id = Id::at(work.now);
    let before = store::last(work.conn, row.service_id, tier, None)?;
    let number = before.as_ref().map_or(1, |before| before.number + 1);
    let domains = serde_json::json!(drafts.domains).to_string();
    let mut release = drafts.into_tier(tier);
    release.id = id.to_string();
    release.number = u32::try_from(number).unwrap_or_default();
    release.signed_at = work.now.to_string();
    release.predecessor_sha256 = before.as_ref().map(|before| before.sha256.clone());
    // The chain is of all years. What is replaced is of this one, even if a release of another year came since.
    let replaced = match (&row.reason, before) {
        (None, _) => None,
        (Some(_), Some(before)) if before.year == row.year => Some(before),
        (Some(_), _) => store::last(work.conn, row.service_id, tier, Some(row.year))?,
    };
    release.supersedes = match (&row.reason, &replaced) {
        (Some(reason), Some(before)) => {
            Some(Supersedes { id: before.id.to_string(), sha256: before.sha256.clone(), reason: reason.clone() })
        }
        _ => None,
    };
    let (document, sha256) = prepare::serialise(&release)?;
    let signature = signing::ops::sign(work, &document)?;
    let release = ReleaseRow {
        id,
        service_id: row.service_id,
        build_id: row.id,
        year: row.year,
        quarter: row.quarter,
        tier,
        number,
        sha256,
        key_id: signature.key_id,
        signature: signature.bytes,
        document,
        domains,
        supersedes: replaced.map(|before| before.id),
        published_at: work.now,
        generation,
    };
    store::insert_release(work.conn, &release)?;
    work.created(Resource::StatisticsRelease, row.service_id, id);
    Ok(())
}
