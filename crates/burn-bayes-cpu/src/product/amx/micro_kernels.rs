//! The micro-kernels: products of two packed panels.

use super::{
    registers::Registers,
    sizes::{LINES, PANEL, TILE},
};
use crate::product::target::{Start, Target};
use std::{arch::asm, marker::PhantomData, ptr};

/// The place of two panels' result: a part of a target, borrowed exclusively.
pub(super) struct Place<'a> {
    result: *mut f32,
    /// The distance between rows.
    stride: usize,
    size: [usize; 2],
    start: Start<'a>,
    borrowed: PhantomData<&'a mut f32>,
}

impl<'a> Place<'a> {
    /// Up to 32 rows and columns of a target from `at` on. Products of the `first` inner indices
    /// are added to the target's start, others to the numbers in memory.
    pub fn new(target: &'a mut Target, at: [usize; 2], first: bool) -> Self {
        let [rows, columns] = target.size();
        let size = [rows - at[0], columns - at[1]].map(|rest| rest.min(PANEL));
        Self {
            result: target.at(at),
            stride: target.stride(),
            size,
            start: match target.start() {
                _ if !first => Start::Result,
                Start::Row(values) => Start::Row(&values[at[1]..][..size[1]]),
                start => start,
            },
            borrowed: PhantomData,
        }
    }
}

/// Writes the product of two panels to its place. With `exact`, the left panel's numbers are equal
/// to their highest parts.
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) fn multiply_panels<const PARTS: usize>(
    left: &[f32],
    right: &[f32],
    exact: bool,
    place: &Place,
    _: &Registers,
) {
    let [rows, columns] = place.size;
    let kernel = match (PARTS, columns <= LINES, exact) {
        (1, true, _) => narrow_rounded,
        (1, false, _) => wide_rounded,
        (3, true, true) => narrow_exact,
        (3, false, true) => wide_exact,
        (3, true, false) => narrow,
        (3, false, false) => wide,
        _ => unreachable!("{PARTS} parts"),
    };
    let blocks = left.len() / (2 * PARTS * TILE);
    // SAFETY: the place lies in the target and is borrowed exclusively; there are registers, which
    // are configured. The kernels read and write 32 rows of 16 or 32 numbers: where the place has
    // less, of a copy.
    #[allow(unsafe_code)]
    unsafe {
        if rows == PANEL && columns.is_multiple_of(LINES) {
            let (addend, stride) = match place.start {
                Start::Zero => (ptr::null(), 0),
                Start::Row(values) => (values.as_ptr(), 0),
                Start::Result => (place.result.cast_const(), place.stride),
            };
            return kernel(
                left,
                right,
                blocks,
                (place.result, place.stride),
                (addend, stride),
            );
        }
        let mut copy = [0.0f32; PANEL * PANEL];
        let row_of = |i: usize| place.result.add(i * place.stride);
        for (i, copy) in copy.chunks_mut(PANEL).enumerate().take(rows) {
            match place.start {
                Start::Zero => {}
                Start::Row(values) => copy[..columns].copy_from_slice(values),
                Start::Result => {
                    row_of(i).copy_to_nonoverlapping(copy.as_mut_ptr(), columns);
                }
            }
        }
        let result = copy.as_mut_ptr();
        kernel(
            left,
            right,
            blocks,
            (result, PANEL),
            (result.cast_const(), PANEL),
        );
        for (i, copy) in copy.chunks(PANEL).enumerate().take(rows) {
            row_of(i).copy_from_nonoverlapping(copy.as_ptr(), columns);
        }
    }
}

/// Loads the two tiles of a part of the left operand.
macro_rules! left {
    ($part:literal) => {
        concat!(
            "tileloadd tmm4, [{left} + {row} + 2048 * ",
            $part,
            "]\n",
            "tileloadd tmm5, [{left} + {row} + 2048 * ",
            $part,
            " + 1024]"
        )
    };
}

/// Loads the two tiles of a part of the right operand.
macro_rules! right {
    ($part:literal) => {
        concat!(
            "tileloadd tmm6, [{right} + {row} + 2048 * ",
            $part,
            "]\n",
            "tileloadd tmm7, [{right} + {row} + 2048 * ",
            $part,
            " + 1024]"
        )
    };
}

/// Sets the result's tiles to 0: a wide result has tiles 0 and 1 above 2 and 3, a narrow one 0
/// above 2.
macro_rules! zero {
    (wide) => {
        "tilezero tmm0
         tilezero tmm1
         tilezero tmm2
         tilezero tmm3"
    };
    (narrow) => {
        "tilezero tmm0
         tilezero tmm2"
    };
}

macro_rules! load {
    (wide) => {
        "tileloadd tmm0, [{addend} + {step}]
         tileloadd tmm1, [{addend} + {step} + 64]
         tileloadd tmm2, [{below} + {step}]
         tileloadd tmm3, [{below} + {step} + 64]"
    };
    (narrow) => {
        "tileloadd tmm0, [{addend} + {step}]
         tileloadd tmm2, [{below} + {step}]"
    };
}

/// Prefetches some rows of the result in each block, so that they are in a cache when they are
/// written. It may run past the last row: a prefetch of any address is allowed.
macro_rules! ahead {
    (wide) => {
        "prefetchw [{ahead}]
         prefetchw [{ahead} + 64]
         add {ahead}, {stride}
         prefetchw [{ahead}]
         prefetchw [{ahead} + 64]
         add {ahead}, {stride}
         prefetchw [{ahead}]
         prefetchw [{ahead} + 64]
         add {ahead}, {stride}"
    };
    (narrow) => {
        "prefetchw [{ahead}]
         add {ahead}, {stride}
         prefetchw [{ahead}]
         add {ahead}, {stride}
         prefetchw [{ahead}]
         add {ahead}, {stride}"
    };
}

macro_rules! store {
    (wide) => {
        "tilestored [{upper} + {stride}], tmm0
         tilestored [{upper} + {stride} + 64], tmm1
         tilestored [{lower} + {stride}], tmm2
         tilestored [{lower} + {stride} + 64], tmm3"
    };
    (narrow) => {
        "tilestored [{upper} + {stride}], tmm0
         tilestored [{lower} + {stride}], tmm2"
    };
}

/// Adds the products of the loaded tiles, with two tiles of the right operand or one.
macro_rules! term {
    () => {
        "tdpbf16ps tmm0, tmm4, tmm6
         tdpbf16ps tmm1, tmm4, tmm7
         tdpbf16ps tmm2, tmm5, tmm6
         tdpbf16ps tmm3, tmm5, tmm7"
    };
    ($right:literal) => {
        concat!(
            "tdpbf16ps tmm0, tmm4, ",
            $right,
            "\ntdpbf16ps tmm2, tmm5, ",
            $right
        )
    };
}

/// The same, and loads another part of an operand. Each tile is loaded as soon as its register is
/// free, while others are multiplied.
macro_rules! term_then {
    (left $part:literal) => {
        term_then!("left" $part "tmm4" "tmm5" "tmm1, tmm4, tmm7" "tmm2, tmm5, tmm6")
    };
    (right $part:literal) => {
        term_then!("right" $part "tmm6" "tmm7" "tmm2, tmm5, tmm6" "tmm1, tmm4, tmm7")
    };
    // Arguments: the operand, the part, its two tiles, the product after which the first tile is
    // free, and one more product.
    ($operand:literal $part:literal $first:literal $second:literal $before:literal $after:literal) => {
        concat!(
            "tdpbf16ps tmm0, tmm4, tmm6\n",
            "tdpbf16ps ",
            $before,
            "\ntileloadd ",
            $first,
            ", [{",
            $operand,
            "} + {row} + 2048 * ",
            $part,
            "]\ntdpbf16ps ",
            $after,
            "\ntdpbf16ps tmm3, tmm5, tmm7\n",
            "tileloadd ",
            $second,
            ", [{",
            $operand,
            "} + {row} + 2048 * ",
            $part,
            " + 1024]"
        )
    };
}

/// Defines a function that multiplies two panels: 32 rows by the columns of one or two tiles, with
/// numbers of one or three parts. Parts 0, 1, 2 are high, middle and low. Small terms are added
/// first.
macro_rules! kernel {
    ($name:ident, $width:ident, $tiles:literal tiles, $parts:literal parts, $($block:tt)+) => {
        /// Result and addend are each given by the first number and the distance between rows. The
        /// addend may be null.
        ///
        /// # Safety
        ///
        /// The tiles are [configured](Registers), the result is nobody else's, and the addend is
        /// initialized.
        #[allow(unsafe_code)]
        unsafe fn $name(
            left: &[f32],
            right: &[f32],
            blocks: usize,
            (result, stride): (*mut f32, usize),
            (addend, step): (*const f32, usize),
        ) {
            const LEFT: usize = 2 * $parts * TILE;
            const RIGHT: usize = $tiles * $parts * TILE;
            assert_eq!([left.len(), right.len()], [LEFT * blocks, RIGHT * blocks]);
            assert!(blocks > 0);
            // SAFETY: as asserted and promised. No compiled code uses tile registers, so that they
            // need not be named.
            unsafe {
                asm!(
                    zero!($width),
                    "test {addend}, {addend}",
                    "jz 2f",
                    load!($width),
                    "2:",
                    ahead!($width),
                    $($block)+,
                    "add {left}, {left_block}",
                    "add {right}, {right_block}",
                    "dec {blocks}",
                    "jnz 2b",
                    store!($width),
                    left = inout(reg) left.as_ptr() => _,
                    right = inout(reg) right.as_ptr() => _,
                    blocks = inout(reg) blocks => _,
                    upper = in(reg) result,
                    lower = in(reg) result.add(LINES * stride),
                    stride = in(reg) stride * size_of::<f32>(),
                    ahead = inout(reg) result => _,
                    addend = in(reg) addend,
                    below = in(reg) addend.wrapping_add(LINES * step),
                    step = in(reg) step * size_of::<f32>(),
                    row = in(reg) LINES * size_of::<f32>(),
                    left_block = const LEFT * size_of::<f32>(),
                    right_block = const RIGHT * size_of::<f32>(),
                    options(nostack),
                );
            }
        }
    };
}

kernel!(
    wide, wide, 2 tiles, 3 parts,
    left!(2), right!(0),
    term_then!(left 1),
    term_then!(right 1),
    term_then!(left 0),
    term_then!(right 2),
    term_then!(right 0),
    term!()
);

kernel!(
    narrow, narrow, 1 tiles, 3 parts,
    "tileloadd tmm6, [{right} + {row}]",
    "tileloadd tmm7, [{right} + {row} + 1024]",
    "tileloadd tmm3, [{right} + {row} + 2048]",
    left!(2), term!("tmm6"),
    left!(1), term!("tmm6"), term!("tmm7"),
    left!(0), term!("tmm7"), term!("tmm3"), term!("tmm6")
);

// The same kernels without the terms of middle and low parts of the left operand, which are 0.
kernel!(
    wide_exact, wide, 2 tiles, 3 parts,
    left!(0), right!(1),
    term_then!(right 2),
    term_then!(right 0),
    term!()
);

kernel!(
    narrow_exact, narrow, 1 tiles, 3 parts,
    "tileloadd tmm6, [{right} + {row} + 1024]",
    "tileloadd tmm7, [{right} + {row} + 2048]",
    "tileloadd tmm3, [{right} + {row}]",
    left!(0), term!("tmm6"), term!("tmm7"), term!("tmm3")
);

kernel!(wide_rounded, wide, 2 tiles, 1 parts, left!(0), right!(0), term!());

kernel!(
    narrow_rounded, narrow, 1 tiles, 1 parts,
    "tileloadd tmm6, [{right} + {row}]", left!(0), term!("tmm6")
);
