//! A seeded pseudo-random generator for invented data: `SplitMix64` (Steele, Lea and Flood, 2014), implemented here.
//!
//! The same seed must give the same data in every version of the program. The generator of a crate, and its way of
//! drawing from a range, may change with a version of that crate. Not for secrets: the sequence is predictable.

/// A seeded generator.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// A generator that always gives the same sequence for a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number below `bound`, or 0 if `bound` is 0. The bias is below one in a billion for the bounds in use.
    pub fn below(&mut self, bound: usize) -> usize {
        let drawn = u128::from(self.next()) * (bound as u128);
        usize::try_from(drawn >> 64).unwrap_or(0)
    }

    /// A number from `first` to `last`, both included.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        let span = usize::try_from(last - first + 1).unwrap_or(0);
        first + i64::try_from(self.below(span)).unwrap_or(0)
    }

    /// True with a probability of `percent` in 100.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One item of a list, which must not be empty.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// One item of a list that must not be empty. Its weight is its relative probability.
    pub fn weighted<T: Copy>(&mut self, from: &[(T, u32)]) -> T {
        let total: u32 = from.iter().map(|(_, weight)| weight).sum();
        let mut left = self.below(total as usize);
        for (item, weight) in from {
            if left < *weight as usize {
                return *item;
            }
            left -= *weight as usize;
        }
        from[0].0
    }

    /// Shuffles a list.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::dice::*;

    #[test]
    fn the_sequence_is_the_published_one() {
        // The first outputs of the reference implementation of `SplitMix64` for the seed 1234567.
        let mut dice = Dice::new(1_234_567);
        assert_eq!([dice.next(), dice.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn every_number_of_a_range_is_drawn() {
        let mut dice = Dice::new(7);
        let drawn: std::collections::BTreeSet<i64> = (0..200).map(|_| dice.between(-2, 3)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [-2, -1, 0, 1, 2, 3]);
        assert!((0..50).all(|_| dice.weighted(&[("never", 0), ("always", 1)]) == "always"));
    }
}
