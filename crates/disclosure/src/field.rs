//! Sparse vectors over the integers modulo the prime 2^61 − 1.
//!
//! Over the rationals, elimination makes fractions grow; in floating point it cannot distinguish a small number from
//! 0. Modulo a large prime it is exact and fast. A sum of cells that vanishes modulo the prime and not over the
//! integers would need a determinant that is a multiple of 2^61 − 1. The error would be on the safe side: one more
//! cell is hidden.

/// 2^61 − 1, a Mersenne prime.
pub const P: u64 = (1 << 61) - 1;

/// The remainder of a product.
pub fn mul(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    // 2^61 = 1 modulo P: the high part is added to the low one. Both are below 2^61.
    #[allow(clippy::cast_possible_truncation)]
    let (low, high) = ((product as u64) & P, (product >> 61) as u64);
    reduce(low + high)
}

/// The remainder of a sum of two remainders.
pub fn add(a: u64, b: u64) -> u64 {
    reduce(a + b)
}

/// The remainder of the negation.
pub fn neg(a: u64) -> u64 {
    if a == 0 { 0 } else { P - a }
}

/// The inverse of a non-zero remainder (Fermat: a^(P−2)).
pub fn inverse(a: u64) -> u64 {
    let (mut base, mut exponent, mut result) = (a, P - 2, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = mul(result, base);
        }
        base = mul(base, base);
        exponent >>= 1;
    }
    result
}

fn reduce(a: u64) -> u64 {
    if a >= P { a - P } else { a }
}

/// A sparse vector: indices in ascending order, with non-zero coefficients.
pub type Sparse = Vec<(u32, u64)>;

/// The multiple of a vector that has 1 as its first coefficient.
pub fn normalised(vector: &Sparse) -> Sparse {
    let Some((_, first)) = vector.first() else { return Sparse::new() };
    let scale = inverse(*first);
    vector.iter().map(|(index, value)| (*index, mul(*value, scale))).collect()
}

/// `vector − factor × other`.
pub fn minus(vector: &Sparse, factor: u64, other: &Sparse) -> Sparse {
    let factor = neg(factor);
    let mut result = Sparse::with_capacity(vector.len() + other.len());
    let (mut left, mut right) = (vector.iter().peekable(), other.iter().peekable());
    loop {
        let (index, value) = match (left.peek(), right.peek()) {
            (Some((a, x)), Some((b, y))) if a == b => {
                let both = (*a, add(*x, mul(factor, *y)));
                left.next();
                right.next();
                both
            }
            (Some((a, x)), Some((b, _))) if a < b => {
                left.next();
                (*a, *x)
            }
            (_, Some((b, y))) => {
                right.next();
                (*b, mul(factor, *y))
            }
            (Some((a, x)), None) => {
                left.next();
                (*a, *x)
            }
            (None, None) => return result,
        };
        if value != 0 {
            result.push((index, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::field::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_times_its_inverse_is_one(a in 1..P) {
            prop_assert_eq!(mul(a, inverse(a)), 1);
            prop_assert_eq!(add(a, neg(a)), 0);
        }

        #[test]
        fn products_are_integer_products_modulo_the_prime(a in 0..P, b in 0..P) {
            let wide = u128::from(a) * u128::from(b) % u128::from(P);
            prop_assert_eq!(u128::from(mul(a, b)), wide);
        }

        #[test]
        fn a_vector_minus_itself_is_empty(raw in proptest::collection::btree_map(0u32..50, 1..P, 0..20), factor in 1..P) {
            let vector: Sparse = raw.into_iter().collect();
            prop_assert!(minus(&vector, 1, &vector).is_empty());
            let twice = minus(&minus(&vector, factor, &vector), neg(factor), &vector);
            prop_assert_eq!(twice, vector);
        }
    }
}
