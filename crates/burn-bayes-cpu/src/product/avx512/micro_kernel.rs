//! The micro-kernel: the product of up to eight rows and a panel.

use super::{
    lines::{Lines, first},
    sizes::{LANES, PANEL, ROWS},
    unrolled::multiply_by_fours,
};
use crate::product::target::{Start, Target};
use std::{
    arch::{asm, x86_64::*},
    marker::PhantomData,
    ptr,
};

/// The place of a result of up to 8 rows and 48 columns: a part of a target, borrowed exclusively.
pub(super) struct Tile<'a> {
    result: *mut f32,
    /// The numbers that are added to the result; null if there are none.
    addend: *const f32,
    /// The distances between rows, of the result and of the numbers that are added.
    strides: [usize; 2],
    size: [usize; 2],
    borrowed: PhantomData<&'a mut f32>,
}

impl<'a> Tile<'a> {
    /// Rows and columns of a target from `at` on. Products of the `first` inner indices are added
    /// to the target's start, others to the numbers in memory.
    pub fn new(target: &'a mut Target, at: [usize; 2], size: [usize; 2], first: bool) -> Self {
        let end = [at[0] + size[0], at[1] + size[1]];
        assert!(end[0] <= target.size()[0] && end[1] <= target.size()[1]);
        let (result, row) = (target.at(at), target.stride());
        let (addend, stride) = match target.start() {
            Start::Zero if first => (ptr::null(), 0),
            Start::Row(values) if first => (values[at[1]..][..size[1]].as_ptr(), 0),
            _ => (result.cast_const(), row),
        };
        Self {
            result,
            addend,
            strides: [row, stride],
            size,
            borrowed: PhantomData,
        }
    }
}

/// The factors: the first rows of `left` and the first columns of `right`.
#[derive(Clone, Copy)]
pub(super) struct Factors<'a> {
    pub left: Lines<'a>,
    pub right: Lines<'a>,
    /// The distance from the numbers of `right` to those that are needed next, if these should be
    /// prefetched.
    pub next: Option<usize>,
    /// Inner indices, or pairs of them.
    pub depth: usize,
    /// Whether each number is a [pair](super::pairs).
    pub paired: bool,
}

/// The kind of a kernel.
#[derive(Clone, Copy)]
enum Kind {
    /// It multiplies numbers.
    Plain,
    /// It multiplies numbers, and sums the numbers of the right operand.
    Sums,
    /// It multiplies pairs.
    Pairs,
}

/// The product of a tile's rows and columns. The columns' sums are added to `sums`.
///
/// # Safety
///
/// If the factors are [pairs](super::pairs), the processor has the instruction for them.
#[allow(unsafe_code)]
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn multiply_tile(factors: &Factors, tile: &Tile, sums: Option<&mut [f32]>) {
    let ([rows, columns], depth) = (tile.size, factors.depth);
    assert!((1..=ROWS).contains(&rows) && (1..=PANEL).contains(&columns) && depth > 0);
    let last = |lines: &Lines, i: usize, j: usize| i * lines.strides[0] + j * lines.strides[1];
    let (left, right) = (&factors.left, &factors.right);
    assert!(last(left, rows - 1, depth - 1) < left.values.len());
    assert!(right.strides[1] == 1 && last(right, depth - 1, columns - 1) < right.values.len());
    let kind = match (factors.paired, sums.is_some()) {
        (true, _) => Kind::Pairs,
        (false, true) => Kind::Sums,
        (false, false) => Kind::Plain,
    };
    macro_rules! kernels {
        ($($kind:ident $tall:literal $height:literal $vectors:literal)*) => {
            match (kind, rows > ROWS / 2, columns.div_ceil(LANES)) {
                $((Kind::$kind, $tall, $vectors) => kernel::<$height, $vectors, { Kind::$kind as u8 }>,)*
                _ => unreachable!("a tile has at most {PANEL} columns"),
            }
        };
    }
    let kernel = kernels!(
        Plain false 4 1   Plain false 4 2   Plain false 4 3
        Plain true  8 1   Plain true  8 2   Plain true  8 3
        Sums  false 4 1   Sums  false 4 2   Sums  false 4 3
        Sums  true  8 1   Sums  true  8 2   Sums  true  8 3
        Pairs false 4 1   Pairs false 4 2   Pairs false 4 3
        Pairs true  8 1   Pairs true  8 2   Pairs true  8 3
    );
    // SAFETY: the caller promises the instructions, and indices are asserted above. The tile is
    // borrowed exclusively.
    unsafe { kernel(factors, tile, sums) }
}

/// The kernel for up to `HEIGHT` rows, and columns that need exactly `VECTORS` vectors. The last
/// vector may be partly used.
///
/// # Safety
///
/// The conditions of [`multiply_tile`], those that it asserts, and a tile of this size.
#[allow(unsafe_code)]
#[target_feature(enable = "avx512f")]
unsafe fn kernel<const HEIGHT: usize, const VECTORS: usize, const KIND: u8>(
    factors: &Factors,
    tile: &Tile,
    sums: Option<&mut [f32]>,
) {
    let Factors {
        left,
        right,
        next,
        depth,
        ..
    } = *factors;
    let (sum, paired) = (KIND == Kind::Sums as u8, KIND == Kind::Pairs as u8);
    let [rows, columns] = tile.size;
    let last = first(columns - (VECTORS - 1) * LANES);
    let mask = |vector| if vector + 1 == VECTORS { last } else { !0 };
    let mut totals = [[_mm512_setzero_ps(); VECTORS]; HEIGHT];
    let mut column_totals = [_mm512_setzero_ps(); VECTORS];
    // SAFETY: indices are at most those that were asserted to be inside. If there are fewer rows,
    // the last one is read again, and its result is dropped.
    unsafe {
        let lines: [*const f32; HEIGHT] = std::array::from_fn(|i| {
            let row = i.min(rows - 1);
            for vector in 0..VECTORS {
                let result = tile
                    .result
                    .wrapping_add(row * tile.strides[0] + vector * LANES);
                _mm_prefetch::<_MM_HINT_T0>(result.cast());
            }
            left.values.as_ptr().add(row * left.strides[0])
        });
        let mut at = right.values.as_ptr();
        let (mut offset, mut rest) = (0, depth);
        let whole = [rows, columns] == [ROWS, PANEL] && right.strides[0] == PANEL;
        if KIND == Kind::Plain as u8
            && whole
            && let Some(totals) = as_tile(&mut totals)
        {
            let done = multiply_by_fours(left, at, depth, totals);
            at = at.wrapping_add(done * PANEL);
            (offset, rest) = (done * left.strides[1], depth - done);
        }
        for _ in 0..rest {
            let mut vectors = [_mm512_setzero_ps(); VECTORS];
            for (j, vector) in vectors.iter_mut().enumerate() {
                *vector = _mm512_maskz_loadu_ps(mask(j), at.wrapping_add(j * LANES));
            }
            if let Some(next) = next {
                for j in 0..VECTORS {
                    let next = at.wrapping_add(next + j * LANES);
                    _mm_prefetch::<_MM_HINT_T1>(next.cast());
                }
            }
            for i in 0..HEIGHT {
                let factor = _mm512_set1_ps(*lines[i].wrapping_add(offset));
                for j in 0..VECTORS {
                    totals[i][j] = match paired {
                        true => multiply_pairs(factor, vectors[j], totals[i][j]),
                        false => _mm512_fmadd_ps(factor, vectors[j], totals[i][j]),
                    };
                }
            }
            if sum {
                for j in 0..VECTORS {
                    column_totals[j] = _mm512_add_ps(column_totals[j], vectors[j]);
                }
            }
            at = at.wrapping_add(right.strides[0]);
            offset += left.strides[1];
        }
        for (i, totals) in totals.iter().enumerate().take(rows) {
            for (j, &total) in totals.iter().enumerate() {
                let mut total = total;
                if !tile.addend.is_null() {
                    let addend = tile.addend.wrapping_add(i * tile.strides[1] + j * LANES);
                    total = _mm512_add_ps(total, _mm512_maskz_loadu_ps(mask(j), addend));
                }
                let result = tile.result.wrapping_add(i * tile.strides[0] + j * LANES);
                _mm512_mask_storeu_ps(result, mask(j), total);
            }
        }
    }
    if let (true, Some(sums)) = (sum, sums) {
        for (sums, total) in sums.chunks_mut(LANES).zip(column_totals) {
            let mask = first(sums.len());
            // SAFETY: only the slice's numbers are read and written.
            unsafe {
                let sum = _mm512_maskz_loadu_ps(mask, sums.as_ptr());
                _mm512_mask_storeu_ps(sums.as_mut_ptr(), mask, _mm512_add_ps(sum, total));
            }
        }
    }
}

/// The sums as those of a full tile; `None` for other sizes.
#[inline(always)]
fn as_tile<const HEIGHT: usize, const VECTORS: usize>(
    totals: &mut [[__m512; VECTORS]; HEIGHT],
) -> Option<&mut [__m512; ROWS * PANEL / LANES]> {
    totals.as_flattened_mut().try_into().ok()
}

/// Adds up the products of pairs of `bf16`.
///
/// # Safety
///
/// The CPU has the instruction.
#[allow(unsafe_code)]
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn multiply_pairs(left: __m512, right: __m512, mut sum: __m512) -> __m512 {
    // SAFETY: the caller promises the instruction, and only the sum is written. (The intrinsic
    // would need a separate function, compiled for such CPUs.)
    unsafe {
        asm!(
            "vdpbf16ps {sum}, {left}, {right}",
            sum = inout(zmm_reg) sum,
            left = in(zmm_reg) left,
            right = in(zmm_reg) right,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sum
}
