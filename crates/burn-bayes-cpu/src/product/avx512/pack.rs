//! Copying and packing of operands that cannot be read in place.

use super::{
    lines::{Lines, first, panels},
    sizes::{LANES, PANEL},
};
use crate::{
    precision::Precision,
    product::{matrix::Matrix, transpose::transpose},
    vector::{self, bf16},
};
use std::{arch::x86_64::*, ops::Range};

/// Copies rows and columns of a matrix, and squares or rounds them if wanted. The copy is row-major
/// or column-major, like the matrix.
#[target_feature(enable = "avx512f")]
pub(super) fn copy<'a>(
    matrix: Matrix,
    rows: Range<usize>,
    columns: Range<usize>,
    precision: Precision,
    copies: &'a mut [f32],
) -> Lines<'a> {
    let size = [rows.len(), columns.len()];
    let part = Lines::of(matrix, rows, columns);
    // Lines are the rows or columns that are contiguous in memory.
    let ([count, len], stride, strides) = match part.strides[1] {
        1 => (size, part.strides[0], [size[1], 1]),
        _ => ([size[1], size[0]], part.strides[1], [1, size[0]]),
    };
    let copies = &mut copies[..count * len];
    if len <= LANES {
        // A few rows of a transpose: lines are too short for the cost of function calls.
        copy_lines(part.values, stride, matrix.squared, copies, len);
    } else {
        for (line, copy) in copies.chunks_mut(len).enumerate() {
            let values = &part.values[line * stride..][..len];
            match matrix.squared {
                true => vector::square_to(values, copy),
                false => copy.copy_from_slice(values),
            }
        }
    }
    if precision == Precision::Bf16 {
        bf16::round_to_bf16(copies);
    }
    Lines {
        values: copies,
        strides,
    }
}

/// Copies lines of up to 16 numbers, with the stride between them.
#[target_feature(enable = "avx512f")]
fn copy_lines(values: &[f32], stride: usize, squared: bool, copies: &mut [f32], len: usize) {
    let count = copies.len() / len;
    assert!(len <= LANES && count > 0 && (count - 1) * stride + len <= values.len());
    let mask = first(len);
    for (line, copy) in copies.chunks_exact_mut(len).enumerate() {
        // SAFETY: only a line's numbers are read, which are inside the slice, as asserted. Only
        // numbers of the output slice are written.
        #[allow(unsafe_code)]
        unsafe {
            let line = _mm512_maskz_loadu_ps(mask, values.as_ptr().wrapping_add(line * stride));
            let line = if squared {
                _mm512_mul_ps(line, line)
            } else {
                line
            };
            _mm512_mask_storeu_ps(copy.as_mut_ptr(), mask, line);
        }
    }
}

/// Packs rows and columns of a matrix as [panels], one after the other. Each panel is row-major.
/// The last one has as many vectors as it needs. Numbers outside the matrix are 0.
#[target_feature(enable = "avx512f")]
pub(super) fn pack(
    matrix: Matrix,
    rows: Range<usize>,
    columns: Range<usize>,
    precision: Precision,
    packed: &mut [f32],
) {
    let depth = rows.len();
    let transposed = matrix.strides[1] != 1;
    // In memory order, so that the CPU prefetches.
    let step = if transposed { depth } else { ROWS_AT_ONCE };
    for start in (0..depth).step_by(step) {
        let part = start..depth.min(start + step);
        for panel in panels(columns.clone()) {
            let width = panel.len().next_multiple_of(LANES);
            let packed = &mut packed[(panel.start - columns.start) * depth..];
            let packed = &mut packed[part.start * width..part.end * width];
            let rows = rows.start + part.start..rows.start + part.end;
            match transposed {
                true => transpose_columns(matrix, rows, panel, width, packed),
                false => copy_rows(matrix, rows, panel, width, packed),
            }
        }
    }
    if precision == Precision::Bf16 {
        bf16::round_to_bf16(packed);
    }
}

/// The number of rows that are packed into all panels before the next rows are read.
const ROWS_AT_ONCE: usize = 16;

#[target_feature(enable = "avx512f")]
fn copy_rows(
    matrix: Matrix,
    rows: Range<usize>,
    columns: Range<usize>,
    width: usize,
    packed: &mut [f32],
) {
    for (row, packed) in rows.zip(packed.chunks_mut(width)) {
        let values = &matrix.values[row * matrix.strides[0]..][columns.clone()];
        // Prefetches the next panel's numbers: rows are too short and too far apart for the CPU to
        // do so.
        for vector in 0..PANEL / LANES {
            let next = values.as_ptr().wrapping_add(values.len() + vector * LANES);
            _mm_prefetch::<_MM_HINT_T0>(next.cast());
        }
        for (values, packed) in values.chunks(LANES).zip(packed.as_chunks_mut().0) {
            store(load(values), packed);
        }
    }
}

/// Packs columns of a column-major matrix, 16 by 16 numbers at once.
#[target_feature(enable = "avx512f")]
fn transpose_columns(
    matrix: Matrix,
    rows: Range<usize>,
    columns: Range<usize>,
    width: usize,
    packed: &mut [f32],
) {
    assert_eq!(matrix.strides[0], 1);
    let stride = matrix.strides[1];
    for column in columns.clone().step_by(LANES) {
        for row in rows.clone().step_by(LANES) {
            let size = [rows.end - row, columns.end - column].map(|rest| rest.min(LANES));
            let values = &matrix.values[column * stride + row..];
            let at = (row - rows.start) * width + column - columns.start;
            let packed = &mut packed[at..];
            // SAFETY: this runs only on processors with AVX-512. (Blocks of full size have constant
            // lengths, so that the compiler keeps them in registers.)
            #[allow(unsafe_code)]
            unsafe {
                match size {
                    [LANES, LANES] => {
                        transpose_block([LANES, LANES], values, stride, packed, width);
                    }
                    size => transpose_block(size, values, stride, packed, width),
                }
            }
        }
    }
}

/// Packs a block of a column-major matrix row by row. The distance between columns is `stride` in
/// memory, and that between packed rows is `width`. Rows are padded with zeros.
///
/// # Safety
///
/// The processor has AVX-512.
#[allow(unsafe_code)]
#[inline(always)]
unsafe fn transpose_block(
    [rows, columns]: [usize; 2],
    values: &[f32],
    stride: usize,
    packed: &mut [f32],
    width: usize,
) {
    assert!((1..=LANES).contains(&rows) && (1..=LANES).contains(&columns));
    assert!((columns - 1) * stride + rows <= values.len());
    assert!((rows - 1) * width + LANES <= packed.len());
    // SAFETY: the caller promises AVX-512. All reads and writes are inside the slices, as asserted,
    // or masked.
    #[allow(unsafe_code)]
    unsafe {
        let lines = std::array::from_fn(|column| {
            let mask = if column < columns { first(rows) } else { 0 };
            _mm512_maskz_loadu_ps(mask, values.as_ptr().wrapping_add(column * stride))
        });
        for (row, line) in transpose(lines).into_iter().enumerate().take(rows) {
            _mm512_storeu_ps(packed.as_mut_ptr().wrapping_add(row * width), line);
        }
    }
}

/// The first 16 numbers, padded with zeros.
#[inline]
#[target_feature(enable = "avx512f")]
fn load(values: &[f32]) -> __m512 {
    let mask = first(values.len());
    // SAFETY: only the slice's numbers are read.
    #[allow(unsafe_code)]
    unsafe {
        _mm512_maskz_loadu_ps(mask, values.as_ptr())
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(vector: __m512, values: &mut [f32; LANES]) {
    // SAFETY: the array has a vector's size.
    #[allow(unsafe_code)]
    unsafe {
        _mm512_storeu_ps(values.as_mut_ptr(), vector);
    }
}
