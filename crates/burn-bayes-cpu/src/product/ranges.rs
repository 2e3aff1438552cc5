//! Splitting lengths into ranges.

use std::ops::Range;

/// Splits a length into ranges of about the same length, a multiple of `unit`. They are at most
/// `max` long if `max` is such a multiple. The first range is the longest.
///
/// # Panics
///
/// If `len`, `max` or `unit` is 0.
pub fn chunks(len: usize, max: usize, unit: usize) -> impl Iterator<Item = Range<usize>> {
    let size = len.div_ceil(len.div_ceil(max)).next_multiple_of(unit);
    (0..len)
        .step_by(size)
        .map(move |start| start..(start + size).min(len))
}

/// The length of the first of these ranges.
pub(super) fn longest(len: usize, max: usize, unit: usize) -> usize {
    let first = chunks(len, max, unit).next();
    first.map_or(0, |first| first.len())
}
