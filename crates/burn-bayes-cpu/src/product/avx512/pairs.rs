//! Operands packed as pairs of `bf16` of neighbouring inner indices. Some CPUs multiply such pairs
//! and add both products by one instruction.

use super::{
    lines::{Lines, panels},
    sizes::PANEL,
};
use crate::{product::matrix::Matrix, vector::bf16};
use std::{
    arch::{is_x86_feature_detected, x86_64::__cpuid},
    ops::Range,
    sync::LazyLock,
};

pub(super) fn available() -> bool {
    is_x86_feature_detected!("avx512bf16")
}

/// Whether pairs are faster than single numbers. On Intel's processors they are not: the
/// instruction for pairs takes more than twice as long as that for numbers.
pub(super) fn pay() -> bool {
    static AMD: LazyLock<bool> = LazyLock::new(|| {
        let maker = __cpuid(0);
        [maker.ebx, maker.edx, maker.ecx]
            .map(u32::to_le_bytes)
            .as_flattened()
            == b"AuthenticAMD"
    });
    available() && *AMD
}

/// The number of pairs. The last one may lack its second number.
pub(super) fn count(depth: usize) -> usize {
    depth.div_ceil(2)
}

/// Copies rows and columns of a left operand as pairs, and squares them if wanted. The copy is
/// row-major or column-major, like the matrix.
pub(super) fn copy<'a>(
    matrix: Matrix,
    rows: Range<usize>,
    columns: Range<usize>,
    copies: &'a mut [f32],
) -> Lines<'a> {
    let [num_rows, depth] = [rows.len(), columns.len()];
    let part = Lines::of(matrix, rows, columns);
    let copies = &mut copies[..num_rows * count(depth)];
    let strides = if part.strides[1] == 1 {
        for (row, copy) in copies.chunks_mut(count(depth)).enumerate() {
            let values = &part.values[row * part.strides[0]..][..depth];
            bf16::pair_neighbours(values, matrix.squared, copy);
        }
        [count(depth), 1]
    } else {
        let column = |j: usize| match j < depth {
            true => &part.values[j * part.strides[1]..][..num_rows],
            false => &[],
        };
        for (pair, copy) in copies.chunks_mut(num_rows).enumerate() {
            let [first, second] = [column(2 * pair), column(2 * pair + 1)];
            bf16::pair(first, second, matrix.squared, copy);
        }
        [1, num_rows]
    };
    Lines {
        values: copies,
        strides,
    }
}

/// Makes pairs from the rows of packed panels. They are written to the beginning of each panel.
pub(super) fn pack(packed: &mut [f32], depth: usize) {
    for panel in panels(0..packed.len() / depth) {
        let (width, end) = (panel.len(), panel.end * depth);
        let panel = &mut packed[panel.start * depth..end];
        let mut pair = [0.0; PANEL];
        for i in 0..count(depth) {
            let (first, second) = panel[2 * i * width..].split_at(width);
            let second = &second[..width.min(second.len())];
            bf16::pair(first, second, false, &mut pair[..width]);
            panel[i * width..][..width].copy_from_slice(&pair[..width]);
        }
    }
}
