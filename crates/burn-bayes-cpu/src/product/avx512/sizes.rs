//! Sizes of registers, and of what stays in a cache.

/// Numbers in a vector.
pub(super) const LANES: usize = 16;
/// Columns of a panel: three vectors, whose sums for eight rows fill 24 of the 32 registers.
pub(super) const PANEL: usize = 3 * LANES;
/// Rows of a micro-tile.
pub(super) const ROWS: usize = 8;

/// Bytes of the first and second-level cache of a core: the smallest ones of processors with
/// AVX-512. They are constants, not asked of the processor. How inner indices are cut decides the
/// order of sums, and a result should depend on no more than the kind of processor.
const L1: usize = 32 << 10;
const L2: usize = 1 << 20;
const NUMBER: usize = size_of::<f32>();

/// Inner indices of a block: of as many, sixteen rows fill four fifths of the first-level cache.
pub(super) const MAX_INNER: usize = L1 * 4 / 5 / (2 * ROWS * NUMBER) / LANES * LANES;
/// Numbers of a left block by which one packed panel after the other is multiplied.
pub(super) const MAX_LEFT: usize = 2 * ROWS * MAX_INNER;
/// Columns of a block: packed, they fill three quarters of the second-level cache.
pub(super) const MAX_COLUMNS: usize = L2 * 3 / 4 / (MAX_INNER * NUMBER) / PANEL * PANEL;
/// Rows of a left block that is copied: a fifth of the second-level cache.
pub(super) const MAX_ROWS: usize = L2 / 5 / (MAX_INNER * NUMBER) / ROWS * ROWS;

/// For fewer rows the right operand is read where it lies, if it does so row by row (measured).
pub(super) const MIN_ROWS_TO_PACK: usize = 256;

// Other sizes give other numbers: a change for the changelog.
const _: () = assert!(MAX_INNER == 400 && MAX_COLUMNS == 480 && MAX_ROWS == 128);
