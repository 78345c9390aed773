//! What holds of every release that is made: it verifies, and nothing published or proved in it can change unseen.

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::checking::{File, check, sha256};
use super::super::document::{Cell, FORMAT, Label, Licence, Policy, Release, SpecReference, Status, Tier};
use super::super::making::{Made, Order, make};
use super::super::plan::Bars;
use super::super::population::{Domain, Population, Record, Shown, TableSpec};
use crate::verify::*;

const THRESHOLD: u64 = 5;

fn label(text: &str) -> Label {
    Label { fr: text.to_owned(), en: text.to_owned() }
}

fn header() -> Release {
    Release {
        format: FORMAT.to_owned(),
        id: "0197c5f0-0000-7000-8000-000000000001".to_owned(),
        service_id: "0197c5f0-0000-7000-8000-0000000000aa".to_owned(),
        service_name: "Pôle ressources".to_owned(),
        year: 2025,
        through: "2025-Q2".to_owned(),
        tier: Tier::Partner,
        number: 1,
        cut_off: "2025-07-10T00:00:00Z".to_owned(),
        signed_at: "2025-07-11T08:00:00Z".to_owned(),
        supersedes: None,
        predecessor_sha256: None,
        policy: Policy {
            threshold: THRESHOLD,
            household_threshold: THRESHOLD,
            without_two_referrers: 3,
            reason: String::new(),
        },
        spec: SpecReference { code: "small".to_owned(), version: 1, sha256: String::new() },
        definitions_version: "2026.1".to_owned(),
        nomenclatures_version: "2026.1".to_owned(),
        licence: Licence { name: String::new(), url: String::new() },
        notes: Vec::new(),
        dimensions: Vec::new(),
        tables: Vec::new(),
        facts: Vec::new(),
        certificates: Vec::new(),
    }
}

fn domain(id: &str, sensitive: bool, bases: &[&str], values: &[(&str, &[&str])]) -> Domain {
    let owned = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
    let shown = |(code, bases): &(&str, &[&str])| Shown {
        code: (*code).to_owned(),
        label: label(code),
        level: None,
        bases: owned(bases),
    };
    Domain {
        id: id.to_owned(),
        label: label(id),
        definition: label(id),
        sensitive,
        bases: owned(bases),
        values: values.iter().map(shown).collect(),
    }
}

fn order(records: Vec<Record>, through: u8) -> Order {
    let table = |id: &str, dimensions: &[&str], quarterly| TableSpec {
        id: id.to_owned(),
        label: label(id),
        dimensions: dimensions.iter().map(|id| (*id).to_owned()).collect(),
        quarterly,
    };
    let territories: [(&str, &[&str]); 3] = [("north", &["a", "b"]), ("a", &["a"]), ("c", &["c"])];
    let population = Population {
        code: "children",
        dimensions: vec![
            domain("territory", false, &["a", "b", "c"], &territories),
            domain("need", true, &["x", "y"], &[("x", &["x"]), ("y", &["y"])]),
        ],
        hub: Some("territory".to_owned()),
        tables: vec![
            table("total", &[], true),
            table("by_territory", &["territory"], true),
            table("by_both", &["territory", "need"], false),
        ],
        records,
    };
    Order {
        header: header(),
        populations: vec![population],
        through,
        bars: Bars { units: THRESHOLD, households: THRESHOLD, without_two_referrers: 3 },
        earlier: Vec::new(),
        facts: Vec::new(),
        replaced: None,
    }
}

fn records() -> impl Strategy<Value = Vec<Record>> {
    let values = (prop::sample::select(vec!["a", "b", "c"]), prop::sample::select(vec!["x", "y"]));
    let referrer = prop::option::of(prop::sample::select(vec!["p", "q"]));
    let record =
        (values, 1u8..16, 1u32..25, referrer).prop_map(|((territory, need), quarters, number, referrer)| Record {
            values: vec![territory.to_owned(), need.to_owned()],
            quarters,
            number,
            household: None,
            referrer: referrer.map(str::to_owned),
        });
    prop::collection::vec(record, 0..10)
}

/// The places of the cells of a status: table, cell.
fn places(release: &Release, status: Status) -> Vec<(usize, usize)> {
    let tables = release.tables.iter().enumerate();
    let cells = tables.flat_map(|(at, table)| table.cells.iter().enumerate().map(move |(cell, one)| (at, cell, one)));
    cells.filter(|(_, _, cell)| cell.status == status).map(|(table, cell, _)| (table, cell)).collect()
}

fn spoilt(release: &Release, (table, cell): (usize, usize), change: impl FnOnce(&mut Cell)) -> bool {
    let mut other = release.clone();
    change(&mut other.tables[table].cells[cell]);
    verify(&other).is_err()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_release_verifies_and_no_change_of_it_does(
        records in records(), through in 1u8..=4, more in 1u64..50, first: Index, second: Index, third: Index,
    ) {
        let Made { release, .. } = make(&order(records, through), &mut ()).unwrap();
        prop_assert!(verify(&release).is_ok(), "{:?}", verify(&release));
        let (shown, hidden) = (places(&release, Status::Published), places(&release, Status::Suppressed));
        if !shown.is_empty() {
            let place = shown[first.index(shown.len())];
            prop_assert!(spoilt(&release, place, |cell| cell.value = cell.value.map(|value| value + more)), "a value");
            prop_assert!(spoilt(&release, place, |cell| cell.value = None), "a value without its status");
            let hide = |cell: &mut Cell| (cell.value, cell.status) = (None, Status::Suppressed);
            prop_assert!(spoilt(&release, place, hide), "hidden without a proof");
        }
        if !hidden.is_empty() {
            let place = hidden[second.index(hidden.len())];
            prop_assert!(spoilt(&release, place, |cell| cell.status = Status::Published), "a status without a value");
            let show = |cell: &mut Cell| (cell.value, cell.status) = (Some(more), Status::Published);
            prop_assert!(spoilt(&release, place, show), "a count that nobody published");
        }
        let certificate = &release.certificates[0];
        prop_assert_eq!(certificate.proofs.len() + certificate.already_disclosed.len(), hidden.len());
        if !certificate.proofs.is_empty() {
            let at = third.index(certificate.proofs.len());
            let mut without = release.clone();
            without.certificates[0].proofs.remove(at);
            prop_assert!(verify(&without).is_err(), "a proof is gone");
            let mut other = release.clone();
            other.certificates[0].proofs[at].most = u32::MAX;
            prop_assert!(verify(&other).is_err(), "a proof by a table that is not there");
        }
    }
}

fn made() -> Release {
    let record = |territory: &str, need: &str, quarters, number| Record {
        values: vec![territory.to_owned(), need.to_owned()],
        quarters,
        number,
        household: None,
        referrer: None,
    };
    let records =
        vec![record("a", "x", 1, 30), record("a", "y", 3, 22), record("b", "y", 2, 3), record("c", "x", 3, 40)];
    make(&order(records, 2), &mut ()).unwrap().release
}

#[test]
fn a_proof_that_does_not_add_up_is_told() {
    let release = made();
    assert!(!places(&release, Status::Suppressed).is_empty() && !places(&release, Status::Published).is_empty());
    let broken = |change: fn(&mut Certificate)| {
        let mut other = release.clone();
        change(&mut other.certificates[0]);
        verify(&other).unwrap_err().join("\n")
    };
    assert!(broken(|proof| proof.tables[0][0].1 += 1).contains("says otherwise"));
    assert!(broken(|proof| proof.tables.clear()).contains("no table"));
    assert!(broken(|proof| proof.classes[0].members.truncate(0)).contains("all combinations"));
    // Nor does what a stranger wrote stop the program.
    assert!(
        broken(|proof| proof.tables[0].iter_mut().for_each(|(_, units)| *units = u64::MAX)).contains("says otherwise")
    );
    assert!(broken(|proof| proof.quarters = u8::MAX).contains("more than four quarters"));
    let mut vast = release.clone();
    vast.dimensions[1].values[0].parts.push(u32::MAX);
    assert_eq!(verify(&vast).unwrap_err(), ["a dimension has 65536 parts or more"]);
    let mut two = release.clone();
    two.certificates.push(release.certificates[0].clone());
    assert_eq!(verify(&two).unwrap_err(), ["children: not exactly one certificate"]);
}

fn fifty_each(through: u8) -> Release {
    let record = |territory: &str, need: &str| Record {
        values: vec![territory.to_owned(), need.to_owned()],
        quarters: 1,
        number: 50,
        household: None,
        referrer: None,
    };
    let records = ["a", "b", "c"].iter().flat_map(|one| [record(one, "x"), record(one, "y")]).collect();
    make(&order(records, through), &mut ()).unwrap().release
}

/// Where nothing is hidden there is nothing to prove, and the counts must add up all the same.
#[test]
fn counts_add_up_where_nothing_is_hidden() {
    let release = fifty_each(1);
    assert_eq!(places(&release, Status::Suppressed), []);
    assert!(verify(&release).is_ok());
    for place in places(&release, Status::Published) {
        assert!(spoilt(&release, place, |cell| cell.value = cell.value.map(|value| value + 1)), "{place:?}");
    }
}

/// What is by territory and need tells the parts of the need apart in each territory.
#[test]
fn a_group_that_does_not_hold_is_told() {
    let release = fifty_each(4);
    assert!(release.certificates[0].groups.len() > 1);
    let broken = |change: fn(&mut Certificate)| {
        let mut other = release.clone();
        change(&mut other.certificates[0]);
        verify(&other).unwrap_err().join("\n")
    };
    assert!(broken(|proof| drop(proof.groups[0].parts.pop())).contains("every part of a dimension once"));
    assert!(broken(|proof| proof.groups[0].spoke = 7).contains("every part of a dimension once"));
    assert!(broken(|proof| proof.groups[0].hubs.push(999)).contains("not there"));
    assert!(broken(|proof| proof.groups.push(proof.groups[0].clone())).contains("another group"));
    // Groups that cells tell apart cannot be taken for one: the units of a part would be anywhere in it.
    let together = |proof: &mut Certificate| {
        let hubs = proof.groups.iter().flat_map(|group| group.hubs.clone()).collect();
        proof.groups.truncate(1);
        proof.groups[0].hubs = hubs;
    };
    assert!(broken(together).contains("does not tell its units apart"));
}

#[test]
fn files_are_a_chain_in_any_order() {
    let file =
        |name: &str, release: &Release| File { name: name.to_owned(), bytes: serde_json::to_vec(release).unwrap() };
    let hash = |file: &File| Some(sha256(&file.bytes));
    let first = file("first", &made());
    let mut next = made();
    (next.number, next.predecessor_sha256) = (2, hash(&first));
    let second = file("second", &next);
    (next.number, next.predecessor_sha256) = (3, hash(&second));
    let third = file("third", &next);
    let flaws = |files: &[&File]| {
        let files: Vec<File> = files.iter().map(|file| (*file).clone()).collect();
        check(&files, None).into_iter().flat_map(|report| report.flaws).collect::<Vec<_>>()
    };
    assert_eq!(flaws(&[&third, &first, &second]), <[String; 0]>::default());
    assert_eq!(flaws(&[&second, &third]), <[String; 0]>::default(), "the first of those given may follow another");
    assert_eq!(flaws(&[&first, &third]), ["chain: it does not follow any of the files"]);
    // Another reader's releases are a chain of their own.
    next.tier = Tier::Open;
    assert_eq!(flaws(&[&first, &second, &file("open", &next)]), <[String; 0]>::default());
    (next.tier, next.predecessor_sha256) = (Tier::Partner, hash(&first));
    assert_eq!(flaws(&[&first, &second, &file("fork", &next)]), ["chain: follows first, as another file does"]);
    // What the format does not know is not passed over.
    let text = String::from_utf8(first.bytes.clone()).unwrap();
    let more = File { name: "more".to_owned(), bytes: text.replacen('{', "{\"note\":1,", 1).into_bytes() };
    assert_eq!(flaws(&[&more]), ["it has members that the format does not have"]);
}
