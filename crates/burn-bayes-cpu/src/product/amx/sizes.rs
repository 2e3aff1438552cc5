//! Sizes of registers, and of the blocks that stay in a cache.

/// Rows of a tile, and numbers of 32 bits in a row of it.
pub(super) const LINES: usize = 16;
/// Inner indices in a tile: each number of 32 bits in it is a pair.
pub(super) const DEPTH: usize = 2 * LINES;
/// Numbers of 32 bits in a tile.
pub(super) const TILE: usize = LINES * LINES;
/// Lines of a panel: two tiles side by side.
pub(super) const PANEL: usize = 2 * LINES;

/// Bytes of a core's second-level cache, the same on all processors with tiles so far. It is a
/// constant and not read from the processor, since the split of inner indices determines the order
/// of sums.
const L2: usize = 2 << 20;
/// Bytes of a number split into three parts.
const SPLIT: usize = 3 * 2;

/// Columns and rows of packed blocks: thirteen panels and four.
pub(super) const MAX_COLUMNS: usize = 13 * PANEL;
pub(super) const MAX_ROWS: usize = 4 * PANEL;
/// Inner indices of a block: both blocks together fill seven tenths of the second-level cache.
pub(super) const MAX_INNER: usize =
    L2 * 7 / 10 / (SPLIT * (MAX_ROWS + MAX_COLUMNS)) / DEPTH * DEPTH;

// Other sizes change results by rounding: note such a change in the changelog.
const _: () = assert!(MAX_INNER == 448);
