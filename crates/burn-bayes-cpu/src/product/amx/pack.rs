//! Matrices split into `bf16` parts, in tiles.

use super::sizes::{DEPTH, LINES, PANEL, TILE};
use crate::{
    product::{matrix::Matrix, transpose::transpose},
    vector::bf16::to_bf16,
};
use std::{arch::x86_64::*, ops::Range};

/// The contents of a row of a packed tile.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Order {
    /// A row is one line: its pairs one after the other. For the left operand.
    Lines,
    /// A row is one pair index: the pairs of all lines. For the right operand.
    Pairs,
}

/// Splits the numbers of a matrix into `bf16` parts and packs them in tiles. A panel has 32 lines
/// and consists of blocks of 32 inner indices. A block holds the parts of its numbers, the highest
/// part first. A part has two tiles, but only one in the last panel of `Pairs` if that is enough.
/// Numbers outside the matrix are 0.
///
/// Each line's sum is added to `sums`, if given. Neighbouring lines must then be adjacent in
/// memory. Returns whether all numbers are equal to their highest parts, as in binary data, or
/// there is only one part.
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) fn pack<const PARTS: usize>(
    matrix: Matrix,
    lines: Range<usize>,
    inner: &Range<usize>,
    order: Order,
    packed: &mut [f32],
    mut sums: Option<&mut [f32]>,
) -> bool {
    let mut lower = 0;
    let (packed, _) = packed.as_chunks_mut::<TILE>();
    let blocks = inner.len().div_ceil(DEPTH);
    let panels = lines.len().div_ceil(PANEL);
    for i in 0..panels * blocks {
        // In memory order, so that the CPU prefetches.
        let [panel, block] = match matrix.strides[1] {
            1 => [i / blocks, i % blocks],
            _ => [i % panels, i / panels],
        };
        let line = lines.start + panel * PANEL;
        let index = inner.start + block * DEPTH;
        let narrow = order == Order::Pairs && lines.end - line <= LINES;
        let width = if narrow { 1 } else { 2 };
        let first = (panel * blocks * 2 + block * width) * PARTS;
        let tiles = &mut packed[first..][..width * PARTS];
        for i in 0..width {
            let line = (line + i * LINES).min(lines.end)..lines.end;
            let parts: [usize; PARTS] = std::array::from_fn(|part| part * width + i);
            let tiles = tiles.get_disjoint_mut(parts);
            let tiles = tiles.expect("different tiles, of which there are as many");
            let sums = sums
                .as_deref_mut()
                .map(|sums| &mut sums[line.start - lines.start..]);
            lower |= pack_tile(matrix, line, index..inner.end, order, tiles, sums);
        }
    }
    lower == 0
}

/// Splits the first lines and inner indices of the ranges. Returns the bits of all parts but the
/// highest.
#[target_feature(enable = "avx512f,avx512dq")]
fn pack_tile<const PARTS: usize>(
    matrix: Matrix,
    lines: Range<usize>,
    inner: Range<usize>,
    order: Order,
    mut tiles: [&mut [f32; TILE]; PARTS],
    sums: Option<&mut [f32]>,
) -> u32 {
    let (count, depth) = (lines.len().min(LINES), inner.len().min(DEPTH));
    // Numbers that are adjacent in memory become a row. If they should be a column, the tile is
    // transposed afterwards.
    let along = matrix.strides[1] == 1 && sums.is_none();
    let [stride, second] = match along {
        true => [matrix.strides[0], LINES],
        false => [matrix.strides[1], LINES * matrix.strides[1]],
    };
    assert!(along || matrix.strides[0] == 1);
    let first = lines.start * matrix.strides[0] + inner.start * matrix.strides[1];
    let mut totals = [0.0; LINES];
    let mut lower = [0; LINES];
    for row in 0..LINES {
        let at = first + row * stride;
        let [first, second] = if count == LINES && depth == DEPTH {
            [at, at + second].map(|at| *matrix.values[at..].first_chunk().expect("16 numbers"))
        } else {
            let lengths = [0, LINES].map(|before| match along {
                true if row < count => depth.saturating_sub(before).min(LINES),
                false if row + before < depth => count,
                _ => 0,
            });
            let padded = |at: usize, len: usize| {
                let mut padded = [0.0; LINES];
                if len > 0 {
                    padded[..len].copy_from_slice(&matrix.values[at..][..len]);
                }
                padded
            };
            [padded(at, lengths[0]), padded(at + second, lengths[1])]
        };
        if sums.is_some() {
            for i in 0..LINES {
                totals[i] += first[i] + second[i];
            }
        }
        let mut pairs = [[0.0; LINES]; PARTS];
        for i in 0..LINES {
            let number = |x| if matrix.squared { x * x } else { x };
            let [first, second] = [first[i], second[i]].map(|x| split::<PARTS>(number(x)));
            for part in 1..PARTS {
                lower[i] |= first[part] | second[part];
            }
            for part in 0..PARTS {
                pairs[part][i] = f32::from_bits(first[part] >> 16 | second[part] & HIGH);
            }
        }
        for (tile, pairs) in tiles.iter_mut().zip(&pairs) {
            tile[row * LINES..][..LINES].copy_from_slice(pairs);
        }
    }
    for (sum, total) in sums.into_iter().flatten().zip(totals) {
        *sum += total;
    }
    if along != (order == Order::Lines) {
        for tile in tiles {
            transpose_tile(tile);
        }
    }
    lower.into_iter().fold(0, |all, bits| all | bits)
}

/// The bits of a `bf16` in those of an `f32`.
const HIGH: u32 = 0xffff_0000;

/// Splits a number into parts. The upper halves of the results are the parts, the lower halves are
/// arbitrary.
#[inline(always)]
fn split<const PARTS: usize>(x: f32) -> [u32; PARTS] {
    if PARTS == 1 {
        return [to_bf16(x).to_bits(); PARTS];
    }
    // Rounds to the nearest, ties away from 0.
    let round = |x: f32| x.to_bits().wrapping_add(0x8000) & HIGH;
    let mut parts = [0; PARTS];
    let mut rest = x;
    for (i, part) in parts.iter_mut().enumerate() {
        *part = match i {
            // Eight bits are left, so nothing is cut off.
            2 => rest.to_bits(),
            _ => round(rest),
        };
        rest -= f32::from_bits(*part);
    }
    parts
}

#[target_feature(enable = "avx512f,avx512dq")]
fn transpose_tile(tile: &mut [f32; TILE]) {
    let (rows, _) = tile.as_chunks_mut::<LINES>();
    // SAFETY: a row is as large as a vector, and both are numbers of any bits.
    #[allow(unsafe_code)]
    unsafe {
        let vectors = std::array::from_fn(|i| _mm512_loadu_ps(rows[i].as_ptr()));
        for (row, vector) in rows.iter_mut().zip(transpose(vectors)) {
            _mm512_storeu_ps(row.as_mut_ptr(), vector);
        }
    }
}
