//! How work about several cases is shared between them, so that totals count it once. Pure.

/// Shares whole units between cases: equal parts by the largest remainder. All remainders are equal, so the first cases get
/// one unit more until none is left: 50 minutes about three cases are 17, 17 and 16. Choice: no source says how.
pub fn shares(total: i32, cases: usize) -> Vec<i32> {
    let Ok(number) = i32::try_from(cases) else { return Vec::new() };
    (0..number).map(|rank| total / number + i32::from(rank < total % number)).collect()
}

#[cfg(test)]
mod tests {
    use crate::cases::model::shares::shares;
    use proptest::prelude::*;

    #[test]
    fn the_first_cases_get_the_rest() {
        assert_eq!(shares(50, 3), [17, 17, 16]);
        assert_eq!(shares(2, 3), [1, 1, 0]);
        assert_eq!(shares(60, 1), [60]);
        assert!(shares(60, 0).is_empty());
    }

    proptest! {
        #[test]
        fn shares_add_up_and_differ_by_one_at_most(total in 0i32..=1440, cases in 1usize..=20) {
            let parts = shares(total, cases);
            prop_assert_eq!(parts.len(), cases);
            prop_assert_eq!(parts.iter().sum::<i32>(), total);
            prop_assert!(parts.is_sorted_by(|one, next| one >= next));
            prop_assert!(parts[0] - parts[cases - 1] <= 1 && parts[cases - 1] >= 0);
        }
    }
}
