//! Every release that is made verifies, and no change of a published or proved cell goes unnoticed.

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::certificate::Certificate;
use super::super::checking::{File, check, sha256};
use super::super::document::{Cell, Class, Label, Release, Status, Tier};
use super::super::making::{Made, Order, make};
use super::super::policy::Thresholds;
use super::super::population::{Domain, Population, Record, Shown, TableSpec};
use crate::verify::*;

const THRESHOLD: u64 = 5;

fn domain(id: &str, sensitive: bool, bases: &[&str], values: &[(&str, &[&str])]) -> Domain {
    let owned = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
    let shown = |(code, bases): &(&str, &[&str])| Shown {
        code: (*code).to_owned(),
        label: Label::same(code),
        level: None,
        bases: owned(bases),
    };
    Domain {
        id: id.to_owned(),
        label: Label::same(id),
        definition: Label::same(id),
        sensitive,
        bases: owned(bases),
        values: values.iter().map(shown).collect(),
    }
}

fn order(records: Vec<Record>, through: u8) -> Order {
    let table = |id: &str, dimensions: &[&str], quarterly| TableSpec { quarterly, ..TableSpec::yearly(id, dimensions) };
    let territories: [(&str, &[&str]); 3] = [("north", &["a", "b"]), ("a", &["a"]), ("c", &["c"])];
    let population = Population {
        code: "children",
        total: Class::Breakdown,
        one_quarter: false,
        impossible: Vec::new(),
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
        header: Release::draft(2025, through, Tier::Partner, Thresholds::of(THRESHOLD)),
        populations: vec![population],
        through,
        thresholds: Thresholds::of(THRESHOLD),
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

/// The cells with a status, by index of table and of cell.
fn places(release: &Release, status: Status) -> Vec<(usize, usize)> {
    let tables = release.tables.iter().enumerate();
    let cells = tables.flat_map(|(at, table)| table.cells.iter().enumerate().map(move |(cell, one)| (at, cell, one)));
    cells.filter(|(_, _, cell)| cell.status == status).map(|(table, cell, _)| (table, cell)).collect()
}

fn rejected(release: &Release, (table, cell): (usize, usize), change: impl FnOnce(&mut Cell)) -> bool {
    let mut other = release.clone();
    change(&mut other.tables[table].cells[cell]);
    verify(&other).is_err()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_release_verifies_and_no_changed_release_does(
        records in records(), through in 1u8..=4, more in 1u64..50, first: Index, second: Index, third: Index,
    ) {
        let Made { release, .. } = make(&order(records, through), &mut ()).unwrap();
        prop_assert!(verify(&release).is_ok(), "{:?}", verify(&release));
        let (shown, hidden) = (places(&release, Status::Published), places(&release, Status::Suppressed));
        if !shown.is_empty() {
            let place = shown[first.index(shown.len())];
            prop_assert!(rejected(&release, place, |cell| cell.value = cell.value.map(|value| value + more)), "a changed value");
            prop_assert!(rejected(&release, place, |cell| cell.value = None), "a value removed without its status");
            let hide = |cell: &mut Cell| (cell.value, cell.status) = (None, Status::Suppressed);
            prop_assert!(rejected(&release, place, hide), "suppressed without a proof");
        }
        if !hidden.is_empty() {
            let place = hidden[second.index(hidden.len())];
            prop_assert!(rejected(&release, place, |cell| cell.status = Status::Published), "a status without a value");
            let show = |cell: &mut Cell| (cell.value, cell.status) = (Some(more), Status::Published);
            prop_assert!(rejected(&release, place, show), "an invented count");
        }
        let certificate = &release.certificates[0];
        prop_assert_eq!(certificate.proofs.len() + certificate.already_disclosed.len(), hidden.len());
        if !certificate.proofs.is_empty() {
            let at = third.index(certificate.proofs.len());
            let mut without = release.clone();
            without.certificates[0].proofs.remove(at);
            prop_assert!(verify(&without).is_err(), "a proof removed");
            let mut other = release.clone();
            other.certificates[0].proofs[at].most = u32::MAX;
            prop_assert!(verify(&other).is_err(), "a proof by a table that does not exist");
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
fn a_proof_that_does_not_add_up_is_rejected() {
    let release = made();
    assert!(!places(&release, Status::Suppressed).is_empty() && !places(&release, Status::Published).is_empty());
    let broken = |change: fn(&mut Certificate)| {
        let mut other = release.clone();
        change(&mut other.certificates[0]);
        verify(&other).unwrap_err().join("\n")
    };
    assert!(broken(|proof| proof.tables[0][0].1 += 1).contains("has another value"));
    assert!(broken(|proof| proof.tables.clear()).contains("no table"));
    assert!(broken(|proof| proof.classes[0].members.truncate(0)).contains("all combinations"));
    // A hostile file does not stop the program.
    assert!(
        broken(|proof| proof.tables[0].iter_mut().for_each(|(_, units)| *units = u64::MAX))
            .contains("has another value")
    );
    assert!(broken(|proof| proof.quarters = u8::MAX).contains("more than four quarters"));
    let mut vast = release.clone();
    vast.dimensions[1].values[0].parts.push(u32::MAX);
    assert_eq!(verify(&vast).unwrap_err(), ["a dimension has 65536 parts or more"]);
    let mut two = release.clone();
    two.certificates.push(release.certificates[0].clone());
    assert_eq!(verify(&two).unwrap_err(), ["children: the release does not have exactly one certificate"]);
}

/// Releases of the former format have no classes, and verify for ever.
#[test]
fn a_release_of_the_former_format_verifies() {
    let mut former = made();
    former.format = FIRST_FORMAT.to_owned();
    assert!(verify(&former).unwrap_err().join("\n").contains("its range is not"), "former releases have no ranges");
    for table in &mut former.tables {
        table.class = None;
        table.cells.iter_mut().for_each(|cell| (cell.at_least, cell.at_most) = (None, None));
    }
    assert!(verify(&former).is_ok(), "{:?}", verify(&former));
    let text = serde_json::to_string(&former).unwrap();
    for member in ["decided_public", "totals", "one_quarter", "declared", "held", "at_least", "at_most", "places"] {
        assert!(!text.contains(&format!("\"{member}\":")), "{member}: its bytes do not change");
    }
    // The classes of a certificate have numbers.
    assert!(!text.contains("\"class\":\""));
    // Facts of the service are a matter of the present format.
    former.tables.iter_mut().for_each(|table| table.class = Some(Class::Service));
    former.certificates.clear();
    assert!(verify(&former).is_err());
    former.format = "passerelle-release/5".to_owned();
    assert!(verify(&former).unwrap_err()[0].contains("the format is"));
}

fn fifty_in_each_cell(through: u8) -> Release {
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

/// If nothing is hidden there is nothing to prove, but the counts must still add up.
#[test]
fn counts_must_add_up_even_if_nothing_is_hidden() {
    let release = fifty_in_each_cell(1);
    assert_eq!(places(&release, Status::Suppressed), []);
    assert!(verify(&release).is_ok());
    for place in places(&release, Status::Published) {
        assert!(rejected(&release, place, |cell| cell.value = cell.value.map(|value| value + 1)), "{place:?}");
    }
}

/// A table by territory and need distinguishes the needs in each territory, so there is more than one group.
#[test]
fn an_invalid_group_is_rejected() {
    let release = fifty_in_each_cell(4);
    assert!(release.certificates[0].groups.len() > 1);
    let broken = |change: fn(&mut Certificate)| {
        let mut other = release.clone();
        change(&mut other.certificates[0]);
        verify(&other).unwrap_err().join("\n")
    };
    assert!(broken(|proof| drop(proof.groups[0].parts.pop())).contains("every part of a dimension once"));
    assert!(broken(|proof| proof.groups[0].spoke = 7).contains("every part of a dimension once"));
    assert!(broken(|proof| proof.groups[0].hubs.push(999)).contains("unknown class"));
    assert!(broken(|proof| proof.groups.push(proof.groups[0].clone())).contains("another group"));
    // Groups that cells distinguish cannot be merged: the units of a part could then be anywhere in the group.
    let together = |proof: &mut Certificate| {
        let hubs = proof.groups.iter().flat_map(|group| group.hubs.clone()).collect();
        proof.groups.truncate(1);
        proof.groups[0].hubs = hubs;
    };
    assert!(broken(together).contains("does not distinguish its units"));
}

#[test]
fn files_form_a_chain_in_any_order() {
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
    assert_eq!(
        flaws(&[&second, &third]),
        <[String; 0]>::default(),
        "the first file may follow a release that was not given"
    );
    assert_eq!(flaws(&[&first, &third]), ["chain: follows none of the files"]);
    // The releases of another tier are a chain of their own.
    next.tier = Tier::Open;
    assert_eq!(flaws(&[&first, &second, &file("open", &next)]), <[String; 0]>::default());
    (next.tier, next.predecessor_sha256) = (Tier::Partner, hash(&first));
    assert_eq!(
        flaws(&[&first, &second, &file("fork", &next)]),
        ["chain: follows first, which another file follows too"]
    );
    // Unknown members are rejected.
    let text = String::from_utf8(first.bytes.clone()).unwrap();
    let more = File { name: "more".to_owned(), bytes: text.replacen('{', "{\"note\":1,", 1).into_bytes() };
    assert_eq!(flaws(&[&more]), ["it has members that the format does not define"]);
}
