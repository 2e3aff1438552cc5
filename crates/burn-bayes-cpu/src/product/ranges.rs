//! Lengths cut into ranges.

use std::ops::Range;

/// Ranges of about the same length, a multiple of `unit`, and at most `max` if that is one. The
/// first one is the longest.
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
