//! Sizes of registers, and of the blocks that stay in a cache.

/// Numbers in a vector.
pub(super) const LANES: usize = 16;
/// Columns of a panel: three vectors, whose sums for eight rows fill 24 of the 32 registers.
pub(super) const PANEL: usize = 3 * LANES;
/// Rows of a micro-tile.
pub(super) const ROWS: usize = 8;

/// Bytes of the first and second-level cache of a core: the smallest ones of processors with
/// AVX-512. They are constants and not read from the processor. The split of inner indices
/// determines the order of sums, and results should depend only on the kind of processor.
const L1: usize = 32 << 10;
const L2: usize = 1 << 20;
const NUMBER: usize = size_of::<f32>();

/// Inner indices of a block: sixteen rows of this length fill four fifths of the first-level cache.
pub(super) const MAX_INNER: usize = L1 * 4 / 5 / (2 * ROWS * NUMBER) / LANES * LANES;
/// The number of entries of a left block that all packed panels are multiplied by, one after the
/// other.
pub(super) const MAX_LEFT: usize = 2 * ROWS * MAX_INNER;
/// Columns of a block: packed, they fill three quarters of the second-level cache.
pub(super) const MAX_COLUMNS: usize = L2 * 3 / 4 / (MAX_INNER * NUMBER) / PANEL * PANEL;
/// Rows of a left block that is copied: a fifth of the second-level cache.
pub(super) const MAX_ROWS: usize = L2 / 5 / (MAX_INNER * NUMBER) / ROWS * ROWS;

/// For fewer rows a row-major right operand is read in place. The number was found by measurement.
pub(super) const MIN_ROWS_TO_PACK: usize = 256;

// Other sizes change results by rounding: note such a change in the changelog.
const _: () = assert!(MAX_INNER == 400 && MAX_COLUMNS == 480 && MAX_ROWS == 128);
