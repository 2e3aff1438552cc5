//! Loops over numbers, from which the compiler makes vector instructions.

/// The number of partial sums of a row.
pub(super) const LANES: usize = 16;

/// Half of the lanes, for the numbers that whole vectors leave over. In a row of 40, the last 8
/// would take most of the time if they were processed one by one.
const HALF: usize = LANES / 2;

/// Calls `add` with every aᵢ, bᵢ, cᵢ and the lane that they belong to, as long as there are all
/// three.
#[inline(always)]
pub(super) fn by_lanes(a: &[f32], b: &[f32], c: &[f32], mut add: impl FnMut(usize, f32, f32, f32)) {
    let len = a.len().min(b.len()).min(c.len());
    let (a, b, c) = (&a[..len], &b[..len], &c[..len]);
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    let (c, c_rest) = c.as_chunks::<LANES>();
    for ((a, b), c) in a.iter().zip(b).zip(c) {
        for lane in 0..LANES {
            add(lane, a[lane], b[lane], c[lane]);
        }
    }
    let (a, a_rest) = a_rest.as_chunks::<HALF>();
    let (b, b_rest) = b_rest.as_chunks::<HALF>();
    let (c, c_rest) = c_rest.as_chunks::<HALF>();
    for ((a, b), c) in a.iter().zip(b).zip(c) {
        for lane in 0..HALF {
            add(lane, a[lane], b[lane], c[lane]);
        }
    }
    for (lane, ((&a, &b), &c)) in a_rest.iter().zip(b_rest).zip(c_rest).enumerate() {
        add(lane, a, b, c);
    }
}

/// The sum of all lanes, by adding halves. This has a smaller rounding error, and uses vectors as
/// long as possible.
#[inline(always)]
pub(super) fn total(mut lanes: [f32; LANES]) -> f32 {
    for half in [8, 4, 2, 1] {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
    }
    lanes[0]
}

/// Σ term(aᵢ, bᵢ, cᵢ).
#[inline(always)]
pub(super) fn sum3(a: &[f32], b: &[f32], c: &[f32], term: impl Fn(f32, f32, f32) -> f32) -> f32 {
    let mut sums = [0.0f32; LANES];
    by_lanes(a, b, c, |lane, a, b, c| sums[lane] += term(a, b, c));
    total(sums)
}

/// Σ term(aᵢ, bᵢ).
#[inline(always)]
pub(super) fn sum2(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    sum3(a, b, a, |a, b, _| term(a, b))
}

/// Replaces each value by a function of it and of three other numbers.
///
/// It is one loop over numbers. For two nested loops over chunks and lanes, the compiler may
/// vectorize over chunks: then each vector is gathered from distant places in memory.
#[inline(always)]
pub(super) fn map4(
    values: &mut [f32],
    a: &[f32],
    b: &[f32],
    c: &[f32],
    function: impl Fn(f32, f32, f32, f32) -> f32,
) {
    for (((value, &a), &b), &c) in values.iter_mut().zip(a).zip(b).zip(c) {
        *value = function(*value, a, b, c);
    }
}

/// Replaces each value by a function of it and of two other numbers.
#[inline(always)]
pub(super) fn map3(
    values: &mut [f32],
    a: &[f32],
    b: &[f32],
    function: impl Fn(f32, f32, f32) -> f32,
) {
    map4(values, a, b, a, |value, a, b, _| function(value, a, b));
}

/// Replaces each value by a function of it and of one other number.
#[inline(always)]
pub(super) fn map2(values: &mut [f32], a: &[f32], function: impl Fn(f32, f32) -> f32) {
    map4(values, a, a, a, |value, a, _, _| function(value, a));
}

/// Replaces each value by a function of it.
#[inline(always)]
pub(super) fn map(values: &mut [f32], function: impl Fn(f32) -> f32) {
    for value in values {
        *value = function(*value);
    }
}
