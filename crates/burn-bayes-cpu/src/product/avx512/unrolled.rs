//! The innermost loop of large products. It processes eight rows, three vectors of a packed panel,
//! and four inner indices at once.
//!
//! It is written in assembly: if the compiler unrolls four inner indices, it keeps factors in
//! memory instead of registers.

use super::{
    lines::Lines,
    sizes::{LANES, PANEL, ROWS},
};
use std::arch::{asm, x86_64::*};

// The instructions below are for these sizes.
const _: () = assert!(ROWS == 8 && PANEL == 48 && LANES == 16);

/// Adds a row's products with the vectors in zmm0 to zmm2 to three sums.
macro_rules! row {
    ($memory:literal, $factor:literal, $x:literal, $y:literal, $z:literal) => {
        concat!(
            "vbroadcastss ",
            $factor,
            ", dword ptr [",
            $memory,
            "]\n",
            "vfmadd231ps {t",
            $x,
            "}, ",
            $factor,
            ", zmm0\n",
            "vfmadd231ps {t",
            $y,
            "}, ",
            $factor,
            ", zmm1\n",
            "vfmadd231ps {t",
            $z,
            "}, ",
            $factor,
            ", zmm2\n",
        )
    };
}

/// Adds all rows' products of one inner index. Its right numbers are `$at` bytes after the first
/// ones.
macro_rules! inner_index {
    ($at:literal) => {
        concat!(
            "vmovups zmm0, [{right} + ",
            $at,
            "]\n",
            "vmovups zmm1, [{right} + ",
            $at,
            " + 64]\n",
            "vmovups zmm2, [{right} + ",
            $at,
            " + 128]\n",
            row!("{left}", "zmm3", 0, 1, 2),
            row!("{left} + {row}", "zmm4", 3, 4, 5),
            row!("{left} + 2*{row}", "zmm5", 6, 7, 8),
            row!("{left} + {three}", "zmm6", 9, 10, 11),
            row!("{fifth}", "zmm3", 12, 13, 14),
            row!("{fifth} + {row}", "zmm4", 15, 16, 17),
            row!("{fifth} + 2*{row}", "zmm5", 18, 19, 20),
            row!("{fifth} + {three}", "zmm6", 21, 22, 23),
            "add {left}, {inner}\n",
            "add {fifth}, {inner}\n",
        )
    };
}

/// Adds the products of the first inner indices to the sums. Their number is a multiple of four,
/// and is returned.
///
/// # Safety
///
/// The left operand holds eight rows of that many inner indices. The right one holds 48 columns of
/// them, row-major without gaps. The CPU has AVX-512.
#[allow(unsafe_code)]
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn multiply_by_fours(
    left: Lines,
    right: *const f32,
    depth: usize,
    totals: &mut [__m512; ROWS * PANEL / LANES],
) -> usize {
    let count = depth / 4;
    if count == 0 {
        return 0;
    }
    let [row, inner] = left.strides.map(|stride| stride * size_of::<f32>());
    let first = left.values.as_ptr();
    // SAFETY: the caller promises that all reads are inside the operands. No memory is written.
    unsafe {
        asm!(
            "2:",
            inner_index!("0"),
            inner_index!("192"),
            inner_index!("384"),
            inner_index!("576"),
            "add {right}, 768",
            "dec {count}",
            "jnz 2b",
            left = inout(reg) first => _,
            fifth = inout(reg) first.wrapping_byte_add(4 * row) => _,
            row = in(reg) row,
            three = in(reg) 3 * row,
            inner = in(reg) inner,
            right = inout(reg) right => _,
            count = inout(reg) count => _,
            t0 = inout(zmm_reg) totals[0], t1 = inout(zmm_reg) totals[1], t2 = inout(zmm_reg) totals[2],
            t3 = inout(zmm_reg) totals[3], t4 = inout(zmm_reg) totals[4], t5 = inout(zmm_reg) totals[5],
            t6 = inout(zmm_reg) totals[6], t7 = inout(zmm_reg) totals[7], t8 = inout(zmm_reg) totals[8],
            t9 = inout(zmm_reg) totals[9], t10 = inout(zmm_reg) totals[10], t11 = inout(zmm_reg) totals[11],
            t12 = inout(zmm_reg) totals[12], t13 = inout(zmm_reg) totals[13], t14 = inout(zmm_reg) totals[14],
            t15 = inout(zmm_reg) totals[15], t16 = inout(zmm_reg) totals[16], t17 = inout(zmm_reg) totals[17],
            t18 = inout(zmm_reg) totals[18], t19 = inout(zmm_reg) totals[19], t20 = inout(zmm_reg) totals[20],
            t21 = inout(zmm_reg) totals[21], t22 = inout(zmm_reg) totals[22], t23 = inout(zmm_reg) totals[23],
            out("zmm0") _, out("zmm1") _, out("zmm2") _, out("zmm3") _,
            out("zmm4") _, out("zmm5") _, out("zmm6") _,
            options(readonly, nostack),
        );
    }
    4 * count
}
