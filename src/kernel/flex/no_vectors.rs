//! In place of [vectors](super::avx512) where a program is compiled for no CPU that may have them.

use super::product::{Matrix, Target};
use crate::kernel::Precision;

pub(super) const ROWS: usize = 8;

pub(super) fn available() -> bool {
    false
}

pub(super) fn copies(_: &Matrix, _: Precision) -> bool {
    false
}

pub(super) fn packs(_: &Matrix, _: usize, _: Precision) -> bool {
    true
}

pub(super) mod pairs {
    pub(in crate::kernel::flex) fn pay() -> bool {
        false
    }
}

/// # Safety
///
/// Is never called.
#[allow(unsafe_code)]
pub(super) unsafe fn multiply(
    _: Matrix,
    _: Matrix,
    _: [usize; 2],
    _: &Target,
    _: Precision,
    _: bool,
    _: Option<&mut [f32]>,
) {
    unreachable!("there are no such vectors")
}
