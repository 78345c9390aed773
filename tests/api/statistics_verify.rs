//! Offline verification of a release: its signature, its sums and its proofs, with the public keys.

use std::path::Path;

use chrono::Duration;
use passerelle::statistics::signing;
use passerelle_disclosure::document::{Class, FORMAT, Label, Licence, Policy, Release, SpecReference, Status, Tier};
use passerelle_disclosure::envelope::{envelope, open};
use passerelle_disclosure::making::{Order, make};
use passerelle_disclosure::plan::Thresholds;
use passerelle_disclosure::population::{Domain, Population, Record, Shown, TableSpec};
use serde_json::{Value, json};

use crate::harness::process::program;

fn label(text: &str) -> Label {
    Label { fr: text.into(), en: text.into() }
}

fn domain(id: &str, sensitive: bool, codes: &[&str]) -> Domain {
    let shown =
        |code: &&str| Shown { code: (*code).into(), label: label(code), level: None, bases: vec![(*code).into()] };
    Domain {
        id: id.into(),
        label: label(id),
        definition: label(id),
        sensitive,
        bases: codes.iter().map(|code| (*code).into()).collect(),
        values: codes.iter().map(shown).collect(),
    }
}

/// A small release: children of three communes, with cells by need that are too small to publish.
fn release() -> Release {
    let header = Release {
        format: FORMAT.into(),
        id: "0197c5f0-0000-7000-8000-000000000001".into(),
        service_id: "0197c5f0-0000-7000-8000-0000000000aa".into(),
        service_name: "Pôle ressources".into(),
        year: 2025,
        through: "2025-Q2".into(),
        tier: Tier::Partner,
        number: 1,
        cut_off: "2025-07-10T00:00:00Z".into(),
        signed_at: "2025-07-11T08:00:00Z".into(),
        supersedes: None,
        predecessor_sha256: None,
        policy: Policy {
            threshold: 5,
            household_threshold: 5,
            without_two_referrers: 3,
            reason: "Convention".into(),
            classes: None,
        },
        spec: SpecReference { code: "small".into(), version: 1, sha256: "ab".repeat(32) },
        definitions_version: "2026.1".into(),
        nomenclatures_version: "2026.1".into(),
        licence: Licence { name: "Licence Ouverte 2.0".into(), url: "https://www.etalab.gouv.fr/".into() },
        notes: vec![],
        dimensions: vec![],
        tables: vec![],
        decided_public: vec![],
        facts: vec![],
        certificates: vec![],
    };
    let table = |id: &str, dimensions: &[&str]| TableSpec {
        id: id.into(),
        label: label(id),
        dimensions: dimensions.iter().map(|id| (*id).into()).collect(),
        quarterly: true,
        class: Class::Breakdown,
    };
    let record = |values: [&str; 2], quarters, number| Record {
        values: values.map(str::to_owned).into(),
        quarters,
        number,
        household: None,
        referrer: None,
    };
    let population = Population {
        code: "children",
        total: Class::Breakdown,
        one_quarter: false,
        impossible: Vec::new(),
        dimensions: vec![domain("territory", false, &["a", "b", "c"]), domain("need", true, &["x", "y"])],
        hub: Some("territory".into()),
        tables: vec![table("total", &[]), table("by_territory", &["territory"])],
        records: vec![
            record(["a", "x"], 1, 30),
            record(["a", "y"], 3, 22),
            record(["b", "y"], 2, 3),
            record(["c", "x"], 3, 40),
        ],
    };
    let thresholds = Thresholds { units: 5, households: 5, without_two_referrers: 3 };
    let order = Order {
        header,
        populations: vec![population],
        through: 2,
        thresholds,
        earlier: vec![],
        facts: vec![],
        replaced: None,
    };
    make(&order, &mut ()).unwrap().release
}

/// Runs `passerelle release verify`. Returns its exit code, standard output and standard error.
fn verify(folder: &Path, files: &[&str], keys: Option<&str>) -> (Option<i32>, String, String) {
    let mut command = program(&["release", "verify"]);
    command.current_dir(folder).args(files);
    if let Some(keys) = keys {
        command.args(["--keys", keys]);
    }
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[track_caller]
fn wrong(folder: &Path, files: &[&str], keys: Option<&str>, message: &str) {
    let (code, stdout, stderr) = verify(folder, files, keys);
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    let flaws: Vec<&str> = stdout.lines().filter(|line| line.starts_with("  ERROR: ")).collect();
    assert!(flaws.iter().any(|flaw| flaw.contains(message)), "{message}: {stdout}");
    assert!(stderr.contains(&format!("{} error(s) found", flaws.len())), "{stderr}");
}

/// Writes a changed release, and returns the name of the file.
fn changed(folder: &Path, change: impl FnOnce(&mut Release)) -> &'static str {
    let mut other = release();
    change(&mut other);
    std::fs::write(folder.join("changed.json"), serde_json::to_vec(&other).unwrap()).unwrap();
    "changed.json"
}

fn place(release: &Release, status: Status) -> (usize, usize) {
    let mut places = release.tables.iter().enumerate().flat_map(|(table, one)| {
        let cells = one.cells.iter().enumerate().filter(|(_, cell)| cell.status == status);
        cells.map(move |(cell, _)| (table, cell)).collect::<Vec<_>>()
    });
    places.next().unwrap()
}

#[test]
fn the_command_rejects_a_changed_release() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let right = release();
    std::fs::write(folder.join("release.json"), serde_json::to_vec(&right).unwrap()).unwrap();
    let (code, stdout, stderr) = verify(folder, &["release.json"], None);
    assert_eq!((code, &*stderr), (Some(0), ""), "{stdout}");
    for message in
        ["signature: not checked", "SHA-256 ", "number 1", "published cell(s) agree", "suppressed cell(s)", "ranges: "]
    {
        assert!(stdout.contains(message), "{message}: {stdout}");
    }
    let (shown, hidden) = (place(&right, Status::Published), place(&right, Status::Suppressed));
    let value = changed(folder, |release| {
        let cell = &mut release.tables[shown.0].cells[shown.1];
        cell.value = cell.value.map(|value| value + 1);
    });
    wrong(folder, &[value], None, "has another value");
    let status = changed(folder, |release| release.tables[hidden.0].cells[hidden.1].status = Status::Published);
    wrong(folder, &[status], None, "its status contradicts its value");
    let status = changed(folder, |release| {
        let cell = &mut release.tables[shown.0].cells[shown.1];
        (cell.value, cell.status) = (None, Status::Suppressed);
    });
    wrong(folder, &[status], None, "the certificate does not prove it unknown");
    let witness = changed(folder, |release| release.certificates[0].tables[0][0].1 += 1);
    wrong(folder, &[witness], None, "has another value");
    let proof = changed(folder, |release| drop(release.certificates[0].proofs.pop()));
    wrong(folder, &[proof], None, "the certificate does not prove it unknown");
    let cell = changed(folder, |release| drop(release.tables[1].cells.pop()));
    wrong(folder, &[cell], None, "its cells are incomplete");
    let certificate = changed(folder, |release| release.certificates.clear());
    wrong(folder, &[certificate], None, "does not have exactly one certificate");
    let range = changed(folder, |release| release.tables[hidden.0].cells[hidden.1].at_least = Some(1));
    wrong(folder, &[range], None, "its range is not the one that the published figures imply");
    let format = changed(folder, |release| release.format = "passerelle-release/5".into());
    wrong(folder, &[format], None, "the format is");
    // Several releases form a chain.
    let second = changed(folder, |release| (release.number, release.predecessor_sha256) = (2, Some("ab".repeat(32))));
    wrong(folder, &["release.json", second], None, "follows none of the files");
    let sha256 = stdout.lines().find_map(|line| line.trim().strip_prefix("SHA-256 ")).unwrap().to_owned();
    let second = changed(folder, |release| (release.number, release.predecessor_sha256) = (2, Some(sha256)));
    let (code, stdout, _) = verify(folder, &[second, "release.json"], None);
    assert!(code == Some(0) && stdout.contains("chain: follows release.json"), "{stdout}");
    // Another file gives one sentence.
    std::fs::write(folder.join("other.json"), "[]").unwrap();
    wrong(folder, &["other.json"], None, "not a release");
    let (code, _, stderr) = verify(folder, &["nowhere.json"], None);
    assert!(code == Some(2) && stderr.contains("cannot read nowhere.json"), "{stderr}");
}

on_both_databases! {
    async fn a_release_is_verified_with_the_public_keys(app: TestApp) {
        let anonymous = app.anonymous();
        let served = async || anonymous.get("/v1/statistics/keys").await.expect(200);
        // The first key is created when it is needed.
        assert_eq!(served().await["keys"], json!([]));
        let bytes = serde_json::to_vec(&release()).unwrap();
        let sign = async |bytes: &[u8]| {
            let bytes = bytes.to_vec();
            app.local(move |work| signing::ops::sign(work, &bytes)).await
        };
        let first = sign(&bytes).await;
        assert_eq!(sign(&bytes).await, first, "the same key and the same signature for the same bytes");
        app.advance(Duration::seconds(1));
        let newer = app.local(signing::ops::rotate).await;
        let second = sign(&bytes).await;
        assert_eq!(second.key_id, newer);
        let keys = served().await;
        let kids: Vec<&Value> = keys["keys"].as_array().unwrap().iter().map(|key| &key["kid"]).collect();
        assert_eq!(kids, [&json!(first.key_id), &json!(newer)]);
        assert_eq!(keys["keys"][0]["created_at"], "2026-03-02T08:15:00.000000Z");
        let tokens = anonymous.get("/.well-known/jwks.json").await.expect(200);
        assert!(kids.iter().all(|kid| tokens["keys"].as_array().unwrap().iter().all(|key| key["kid"] != **kid)));
        // Signatures of the former key stay valid, and no key can be deleted.
        let known = app.local(signing::ops::verifying_keys).await;
        for signature in [&first, &second] {
            let envelope = envelope(&bytes, &signature.key_id, &signature.bytes);
            assert_eq!(open(&envelope, &known).unwrap(), bytes);
        }
        for sql in ["UPDATE statistics_keys SET kid = 'other'", "DELETE FROM statistics_keys"] {
            let refused = app.database.execute(sql).unwrap_err().to_string();
            assert!(refused.contains("statistics_keys is append-only"), "{sql}: {refused}");
        }
        // The same offline, from files.
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
        write("keys.json", keys.text().as_bytes());
        write("release.json", &bytes);
        write("release.dsse.json", &envelope(&bytes, &first.key_id, &first.bytes));
        let (code, stdout, stderr) = verify(folder, &["release.dsse.json"], Some("keys.json"));
        assert_eq!((code, &*stderr), (Some(0), ""), "{stdout}");
        assert!(stdout.contains(&format!("signature: valid, by the key {}", first.key_id)), "{stdout}");
        wrong(folder, &["release.json"], Some("keys.json"), "carries no signature");
        let other = sign(b"other bytes").await;
        write("wrong.dsse.json", &envelope(&bytes, &other.key_id, &other.bytes));
        wrong(folder, &["wrong.dsse.json"], Some("keys.json"), "no signature is valid");
        // A key for access tokens does not verify a release.
        write("tokens.json", tokens.text().as_bytes());
        wrong(folder, &["release.dsse.json"], Some("tokens.json"), "no signature is valid");
        write("none.json", b"{}");
        let (code, _, stderr) = verify(folder, &["release.dsse.json"], Some("none.json"));
        assert!(code == Some(2) && stderr.contains("not a key file"), "{stderr}");
    }
}
