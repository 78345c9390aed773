//! Checks files of releases offline: signature, sums, proofs, chain. No I/O: the caller reads the files.

use std::collections::BTreeMap;
use std::fmt;

use super::axes::axes;
use super::document::{Release, Tier};
use super::envelope::{Envelope, VerifyingKey, is_envelope};
use super::verify::verify;

/// A file to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// A release, or a signed envelope that holds one.
    pub bytes: Vec<u8>,
}

/// The result of checking a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Its name.
    pub name: String,
    /// What the file is, and what was checked and is right, one sentence each.
    pub checked: Vec<String>,
    /// What is wrong, one sentence each.
    pub flaws: Vec<String>,
}

/// The name of the file, then one line per sentence: `  …` for what is right, `  ERROR: …` for what is not.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        self.checked.iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        self.flaws.iter().try_for_each(|line| writeln!(f, "  ERROR: {line}"))
    }
}

/// A release that was read, with the SHA-256 of its bytes and the index of its file.
struct Known {
    place: usize,
    release: Release,
    sha256: String,
}

/// Checks each file by itself, then all of them as a chain. Without keys, no signature is checked. With keys, a file
/// without a signature is wrong.
pub fn check(files: &[File], keys: Option<&[VerifyingKey]>) -> Vec<Report> {
    let mut reports = Vec::new();
    let mut known = Vec::new();
    for (place, file) in files.iter().enumerate() {
        let mut report = Report { name: file.name.clone(), ..Report::default() };
        if let Some(bytes) = unwrap(file, keys, &mut report) {
            let sha256 = sha256(&bytes);
            report.checked.push(format!("SHA-256 {sha256}"));
            if let Some(release) = read(&bytes, &mut report) {
                figures(&release, &mut report);
                known.push(Known { place, release, sha256 });
            }
        }
        reports.push(report);
    }
    chain(&known, &mut reports);
    reports
}

/// The bytes that were signed.
fn unwrap(file: &File, keys: Option<&[VerifyingKey]>, report: &mut Report) -> Option<Vec<u8>> {
    if !is_envelope(&file.bytes) {
        match keys {
            None => report.checked.push("signature: not checked, a bare document carries none".to_owned()),
            Some(_) => report.flaws.push("a bare document carries no signature: give the envelope".to_owned()),
        }
        return Some(file.bytes.clone());
    }
    let envelope = match Envelope::read(&file.bytes) {
        Ok(envelope) => envelope,
        Err(flaw) => {
            report.flaws.push(flaw.to_string());
            return None;
        }
    };
    match keys.map(|keys| envelope.signer(keys)) {
        None => report.checked.push("signature: not checked, no keys were given".to_owned()),
        Some(Ok(key)) => report.checked.push(format!("signature: valid, by the key {}", key.key_id)),
        Some(Err(flaw)) => report.flaws.push(flaw.to_string()),
    }
    Some(envelope.payload)
}

fn read(bytes: &[u8], report: &mut Report) -> Option<Release> {
    let release = match serde_json::from_slice::<Release>(bytes) {
        Ok(release) => release,
        Err(error) => {
            report.flaws.push(format!("not a release: {error}"));
            return None;
        }
    };
    // A reader might rely on an unknown member, and no check would cover it.
    if serde_json::to_value(&release).ok() != serde_json::from_slice(bytes).ok() {
        report.flaws.push("it has members that the format does not define".to_owned());
    }
    let Release { id, service_name, through, number, tier, .. } = &release;
    report.checked.push(format!("release {id}: {service_name}, through {through}, {}, number {number}", word(*tier)));
    Some(release)
}

fn figures(release: &Release, report: &mut Report) {
    // A proof names a cell by its position. If a cell is missing, the proofs of the cells after it belong to others.
    let mut complete = true;
    for table in &release.tables {
        if let Err(reason) = axes(release, table) {
            report.flaws.push(format!("table {}: {reason}", table.id));
            complete = false;
        }
    }
    if complete {
        report.checked.push(format!("tables: {}, complete and in order", release.tables.len()));
    }
    match verify(release) {
        Ok(checked) => {
            report.checked.push(format!(
                "figures: {} published cell(s) agree with {} possible table(s)",
                checked.published, checked.tables
            ));
            report.checked.push(format!(
                "proofs: {} suppressed cell(s) can vary by {}, or by all that the public totals leave; {} already bounded by earlier publications",
                checked.proved, release.policy.threshold, checked.already_disclosed
            ));
            if checked.ranges > 0 {
                report.checked.push(format!("ranges: {} follow from the published cells", checked.ranges));
            }
            if checked.held > 0 {
                report.checked.push(format!("totals: {} held back", checked.held));
            }
            if let Some(classes) = &release.policy.classes {
                report.checked.push(format!(
                    "classes: facts of the service and its totals are public, decision {}; {} cell(s) were hidden before it",
                    classes.version,
                    release.decided_public.len()
                ));
            }
        }
        Err(flaws) => report.flaws.extend(flaws),
    }
}

/// Each release names the previous one of its service and tier. Only the first of the files may name one that is not
/// among them, and no two may name the same.
fn chain(known: &[Known], reports: &mut [Report]) {
    let mut groups: BTreeMap<(&str, Tier), Vec<&Known>> = BTreeMap::new();
    for one in known {
        groups.entry((&one.release.service_id, one.release.tier)).or_default().push(one);
    }
    for group in groups.values().filter(|group| group.len() > 1) {
        let (mut firsts, mut followed) = (Vec::new(), BTreeMap::new());
        for one in group {
            let before = one.release.predecessor_sha256.as_deref();
            let found = group.iter().find(|other| Some(other.sha256.as_str()) == before && other.place != one.place);
            let Some(found) = found else {
                firsts.push(one);
                continue;
            };
            let name = reports[found.place].name.clone();
            match followed.insert(found.place, one.place) {
                None => reports[one.place].checked.push(format!("chain: follows {name}")),
                Some(_) => {
                    reports[one.place].flaws.push(format!("chain: follows {name}, which another file follows too"));
                }
            }
        }
        // The earliest may follow a release that was not given.
        firsts.sort_by_key(|one| (one.release.year, one.release.number));
        for (position, one) in firsts.iter().enumerate() {
            let report = &mut reports[one.place];
            match (position, &one.release.predecessor_sha256) {
                (0, None) => report.checked.push("chain: first release".to_owned()),
                (0, Some(_)) => report.checked.push("chain: follows a release that was not given".to_owned()),
                (_, _) => report.flaws.push("chain: follows none of the files".to_owned()),
            }
        }
    }
    for one in known {
        let Some(replaced) = &one.release.supersedes else { continue };
        let other = known.iter().find(|other| other.release.id == replaced.id);
        if other.is_some_and(|other| other.sha256 != replaced.sha256) {
            reports[one.place].flaws.push(format!("it replaces {}, but names another SHA-256", replaced.id));
        }
    }
}

fn word(tier: Tier) -> &'static str {
    match tier {
        Tier::Open => "open data",
        Tier::Partner => "for partners",
    }
}

/// The SHA-256 of bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
