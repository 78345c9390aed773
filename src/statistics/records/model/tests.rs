//! What a cut may and may not change.

use proptest::prelude::*;

use crate::statistics::records::model::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn fresh(quarters: u8, need: &str) -> LiveUnit {
    let values = [("need_domain", need), ("outcome", need)];
    LiveUnit {
        quarters,
        late: false,
        number: 1,
        values: values.map(|(dimension, value)| (dimension.to_owned(), value.to_owned())).into(),
        household: Some(need.to_owned()),
        referrer: None,
    }
}

#[test]
fn a_quarter_counts_if_it_has_at_least_one_day() {
    for (first, last, quarters) in [
        ("2025-01-01", "2025-12-31", 15),
        ("2024-05-01", "2026-01-01", 15),
        ("2025-03-31", "2025-04-01", 3),
        ("2025-04-01", "2025-06-30", 2),
        ("2025-12-31", "2026-12-31", 8),
        ("2024-01-01", "2024-12-31", 0),
        ("2025-06-02", "2025-06-01", 0),
    ] {
        assert_eq!(quarters_between(2025, day(first), day(last)), quarters, "{first} {last}");
    }
    assert_eq!((quarter_of(day("2025-03-31")), quarter_of(day("2025-10-01"))), (1, 8));
}

#[test]
fn published_values_stay_and_unpublished_ones_follow_the_source() {
    let first = merge(None, Some(&fresh(0b0001, "motor")), 0, 1).unwrap();
    assert_eq!(first.values["need_domain"], "motor");
    let corrected = merge(Some(&first), Some(&fresh(0b0011, "sleep")), 0, 1).unwrap();
    assert_eq!((corrected.values["need_domain"].as_str(), corrected.quarters), ("sleep", 0b0011));
    let published = freeze(&corrected, 1);
    let later = merge(Some(&published), Some(&fresh(0b0100, "emotional")), 1, 1).unwrap();
    assert_eq!(later.quarters, 0b0101, "the published quarter stays, the second was withdrawn");
    assert_eq!(later.values["need_domain"], "sleep");
    assert_eq!(later.values["outcome"], "emotional", "yearly dimensions freeze with the year");
    assert_eq!(later.household.as_deref(), Some("sleep"));
    let closed = freeze(&later, 4);
    assert_eq!(merge(Some(&closed), Some(&fresh(15, "motor")), 4, 1), Some(closed));
}

#[test]
fn a_late_entry_is_counted_once_in_the_next_quarter() {
    // An entry of the first quarter, found after its publication.
    let late = merge(None, Some(&fresh(0b0001, "motor")), 1, 1).unwrap();
    assert_eq!(late.quarters, 0b0010);
    assert_eq!(merge(Some(&late), Some(&fresh(0b0001, "motor")), 1, 1), Some(late.clone()));
    let published = freeze(&late, 2);
    let next = merge(Some(&published), Some(&fresh(0b0001, "motor")), 2, 1).unwrap();
    assert_eq!(next.quarters, 0b0010, "it is already counted");
    // Another published quarter of the same unit, found later.
    let more = merge(Some(&next), Some(&fresh(0b0011, "motor")), 2, 1).unwrap();
    assert_eq!(more.quarters, 0b0110);
    assert_eq!(merge(None, Some(&fresh(0b0001, "motor")), 4, 1), None, "the next year looks for it");
}

#[test]
fn a_late_entry_of_a_closed_year_is_counted_in_the_next_year() {
    let late = LiveUnit { late: true, quarters: 0, ..fresh(0, "motor") };
    let booked = merge(None, Some(&late), 0, 1).unwrap();
    assert_eq!((booked.quarters, booked.found), (0b0001, YEAR_BEFORE));
    let published = freeze(&booked, 1);
    assert_eq!(merge(Some(&published), Some(&late), 1, 1).unwrap().quarters, 0b0001, "once");
    let active = LiveUnit { quarters: 0b0100, ..late };
    assert_eq!(merge(Some(&published), Some(&active), 1, 1).unwrap().quarters, 0b0101);
}

#[test]
fn a_record_whose_source_is_gone_stays_only_if_published() {
    let record = merge(None, Some(&fresh(0b0011, "motor")), 0, 1).unwrap();
    assert_eq!(merge(Some(&record), None, 0, 1), None);
    let published = freeze(&record, 1);
    assert_eq!(merge(Some(&published), None, 1, 1), Some(published.clone()), "unchanged");
}

#[test]
fn a_superseding_release_follows_the_sources_again() {
    let published = freeze(&merge(None, Some(&fresh(0b0011, "motor")), 0, 1).unwrap(), 2);
    let again = merge(Some(&published), Some(&fresh(0b0010, "sleep")), 0, 2).unwrap();
    assert_eq!((again.quarters, again.values["need_domain"].as_str(), again.generation), (0b0010, "sleep", 2));
    assert_eq!(merge(Some(&published), None, 0, 2), Some(published), "a record whose source was erased stays");
}

#[test]
fn a_record_of_a_later_quarter_is_not_published_by_an_earlier_one() {
    let record = merge(None, Some(&fresh(0b0100, "motor")), 0, 1).unwrap();
    assert!(!freeze(&record, 2).is_published());
    assert!(freeze(&record, 3).is_published());
}

/// The state of a source: its quarters, whether it is late, its need.
type SourceState = (u8, bool, u8);

/// The state of the source at a cut, and whether the next quarter is then published.
type Step = (Option<SourceState>, bool);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let source = proptest::option::of((1u8..16, any::<bool>(), 0u8..3));
    proptest::collection::vec((source, any::<bool>()), 1..12)
}

fn live_unit((quarters, late, need): SourceState) -> LiveUnit {
    LiveUnit { late, ..fresh(quarters, ["motor", "sleep", "emotional"][usize::from(need)]) }
}

proptest! {
    #[test]
    fn no_history_changes_what_was_published(steps in steps()) {
        let (mut record, mut published): (Option<StoredUnit>, u8) = (None, 0);
        let mut shown: Option<StoredUnit> = None;
        for (source, publish) in steps {
            let source = source.map(live_unit);
            record = merge(record.as_ref(), source.as_ref(), published, 1);
            prop_assert_eq!(&merge(record.as_ref(), source.as_ref(), published, 1), &record, "a second cut changes nothing");
            if let Some(shown) = &shown {
                let record = record.as_ref().expect("a published record stays");
                prop_assert_eq!(record.quarters & through(published), shown.quarters & through(published));
                prop_assert_eq!(&record.values["need_domain"], &shown.values["need_domain"]);
                prop_assert_eq!(&record.household, &shown.household);
                prop_assert_eq!(record.number, shown.number);
            }
            if let (Some(source), Some(record)) = (&source, &record) {
                prop_assert!(published == 4 || source.quarters & !through(published) & !record.quarters == 0,
                    "a quarter that is not published follows the source");
            }
            if publish && published < 4 {
                published += 1;
                record = record.map(|record| freeze(&record, published));
                shown = record.clone().filter(StoredUnit::is_published);
            }
        }
    }

    #[test]
    fn an_entry_found_before_the_last_release_is_in_the_year(quarters in 1u8..16, late: bool, published in 0u8..4) {
        let record = merge(None, Some(&LiveUnit { late, ..fresh(quarters, "motor") }), published, 1).unwrap();
        prop_assert!(record.quarters != 0 && record.quarters & through(published) == 0);
        let frozen = freeze(&record, 4);
        prop_assert!(frozen.is_published());
        prop_assert_eq!(frozen.accounted, frozen.found);
    }

    #[test]
    fn the_quarters_of_two_spans_are_those_of_their_union(first in 0i64..400, length in 0i64..300, more in 0i64..200) {
        let at = |number: i64| day("2024-12-01") + chrono::Duration::days(number);
        let whole = quarters_between(2025, at(first), at(first + length + more));
        let parts = quarters_between(2025, at(first), at(first + length))
            | quarters_between(2025, at(first + length), at(first + length + more));
        prop_assert_eq!(whole, parts);
    }
}

proptest! {
    /// A loan or an action is in one quarter, however often its day is moved and whatever is published meanwhile: the
    /// proof of a release knows no other units of these populations.
    #[test]
    fn what_happened_on_one_day_counts_in_one_quarter(days in prop::collection::vec((0u8..4, any::<bool>()), 1..6)) {
        for population in PopulationCode::ALL.iter().filter(|population| population.is_of_one_quarter()) {
            let mut record: Option<StoredUnit> = None;
            for (published, (quarter, late)) in (0u8..).zip(&days) {
                let published = published.min(3);
                let source = LiveUnit { late: *late, ..fresh(1 << quarter, "motor") };
                let before = record.clone().filter(StoredUnit::is_published);
                record = merge_of(*population, record.as_ref(), Some(&source), published, 1);
                if let Some(now) = &record {
                    prop_assert!(now.quarters.is_power_of_two(), "{now:?}");
                    prop_assert!(before.is_none_or(|before| before.quarters == now.quarters), "a published unit stays");
                }
                record = record.map(|record| freeze(&record, published + 1));
            }
        }
    }
}
