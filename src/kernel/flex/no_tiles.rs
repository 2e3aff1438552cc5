//! In place of [tiles](super::amx) where a program is compiled for no CPU or system that may have
//! them.

use super::product::{Matrix, Target};

pub(super) const PANEL: usize = 1;
pub(super) const DEPTH: usize = 1;

pub(super) fn available() -> bool {
    false
}

/// # Safety
///
/// Is never called.
#[allow(unsafe_code)]
pub(super) unsafe fn multiply<const PARTS: usize>(
    _: Matrix,
    _: Matrix,
    _: [usize; 2],
    _: &Target,
    _: Option<&mut [f32]>,
) {
    unreachable!("there are no tiles")
}
