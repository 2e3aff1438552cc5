//! Recycled memory for results.
//!
//! Each training step allocates and frees the same tens of megabytes. The system's allocator
//! returns such blocks to the system and requests them again, so pages are mapped and cleared in
//! every step. That takes a considerable part of the step. Here freed blocks are kept for the next
//! request of about their size.

use std::{
    cell::Cell,
    mem,
    ops::{Deref, DerefMut},
    slice,
    sync::{Mutex, PoisonError},
};

/// Idle memory kept for later, in bytes; older blocks are freed first.
const MAX_IDLE: usize = 1 << 29;
/// The most blocks kept: one that fits is searched for among all.
const MAX_BLOCKS: usize = 1 << 10;
/// Blocks with fewer bytes than this are not recycled.
const MIN_BLOCK: usize = 1 << 14;

/// A cache line, so that no vector straddles two.
#[repr(C, align(64))]
#[derive(Clone, Copy)]
struct Line([f32; 16]);

const LINE: usize = size_of::<Line>();

static IDLE: Mutex<Idle> = Mutex::new(Idle {
    blocks: Vec::new(),
    lines: 0,
});

/// Blocks that are kept for later, the oldest first.
struct Idle {
    blocks: Vec<Vec<Line>>,
    /// The number of lines in all blocks.
    lines: usize,
}

/// Numbers in recycled memory. A new block holds arbitrary numbers, left from its last use.
pub struct Block {
    lines: Vec<Line>,
    len: usize,
}

impl Block {
    /// Arbitrary numbers for a tensor of this shape.
    ///
    /// # Panics
    ///
    /// If there are more numbers than a vector can hold.
    pub fn new<const D: usize>(shape: [usize; D]) -> Self {
        let len = (shape.iter()).try_fold(1usize, |len, &size| len.checked_mul(size));
        let len = len.expect("capacity overflow");
        let lines = len.div_ceil(LINE / size_of::<f32>());
        let recycled = (lines >= MIN_BLOCK / LINE).then(|| take(lines)).flatten();
        Self {
            lines: recycled.unwrap_or_else(|| vec![Line([0.0; 16]); lines]),
            len,
        }
    }

    /// Zeros for a tensor of this shape.
    pub fn zeros<const D: usize>(shape: [usize; D]) -> Self {
        let mut block = Self::new(shape);
        block.fill(0.0);
        block
    }
}

thread_local! {
    static SCRATCH: Cell<Vec<Line>> = const { Cell::new(Vec::new()) };
}

/// Numbers in memory that a thread keeps for itself, so that they stay in its core's cache. New
/// ones are arbitrary, as in a block.
pub struct Scratch(Block);

impl Scratch {
    /// `len` arbitrary numbers.
    pub fn new(len: usize) -> Self {
        let wanted = len.div_ceil(LINE / size_of::<f32>());
        let mut lines = SCRATCH.take();
        if lines.len() < wanted {
            lines = vec![Line([0.0; 16]); wanted];
        }
        Self(Block { lines, len })
    }
}

impl Drop for Scratch {
    /// Keeps the memory for this thread, so the block has nothing to recycle.
    fn drop(&mut self) {
        SCRATCH.set(mem::take(&mut self.0.lines));
    }
}

impl Deref for Scratch {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.0
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.0
    }
}

impl Idle {
    /// The smallest block with at least `lines` lines, and at most twice as many. Among equal ones
    /// it is the last one that was freed, since that is most likely in a cache.
    fn take(&mut self, lines: usize) -> Option<Vec<Line>> {
        let fits = |block: &Vec<Line>| (lines..=lines.saturating_mul(2)).contains(&block.len());
        let (best, _) = (self.blocks.iter().enumerate().rev())
            .filter(|(_, block)| fits(block))
            .min_by_key(|(_, block)| block.len())?;
        let block = self.blocks.remove(best);
        self.lines -= block.len();
        Some(block)
    }
}

fn take(lines: usize) -> Option<Vec<Line>> {
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    idle.take(lines)
}

impl Drop for Block {
    fn drop(&mut self) {
        let lines = mem::take(&mut self.lines);
        if !(MIN_BLOCK / LINE..=MAX_IDLE / LINE).contains(&lines.len()) {
            return;
        }
        let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
        idle.lines += lines.len();
        idle.blocks.push(lines);
        let mut oldest = 0;
        while idle.lines > MAX_IDLE / LINE || idle.blocks.len() - oldest > MAX_BLOCKS {
            idle.lines -= idle.blocks[oldest].len();
            oldest += 1;
        }
        let freed: Vec<_> = idle.blocks.drain(..oldest).collect();
        // The lock is released first: freeing memory takes time, and other threads need not wait
        // for it.
        drop(idle);
        drop(freed);
    }
}

impl Deref for Block {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        // SAFETY: lines are initialized arrays of 16 numbers without padding, and hold `len` of
        // them.
        #[allow(unsafe_code)]
        unsafe {
            slice::from_raw_parts(self.lines.as_ptr().cast(), self.len)
        }
    }
}

impl DerefMut for Block {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as above; the borrow of `self` is exclusive.
        #[allow(unsafe_code)]
        unsafe {
            slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No other test has blocks of this size, or of up to twice as much.
    const LEN: usize = 12_345_678;

    #[test]
    fn memory_comes_back_up_to_a_bound_and_is_aligned() {
        let mut block = Block::new([LEN]);
        block[LEN - 1] = 7.0;
        let address = block.as_ptr();
        assert_eq!(address as usize % 64, 0);
        assert!(take(LEN.div_ceil(16)).is_none(), "still in use");
        drop(block);
        let block = Block::new([LEN - 1]);
        assert_eq!(block.as_ptr(), address);
        assert_eq!(Block::zeros([LEN])[LEN - 1], 0.0);

        let blocks: Vec<_> = (0..9).map(|_| Block::new([MAX_IDLE / 4 / 8])).collect();
        drop(blocks);
        drop(Block::new([MAX_IDLE])); // too large to keep
        let idle = IDLE.lock().unwrap();
        let total: usize = idle.blocks.iter().map(Vec::len).sum();
        assert_eq!(total, idle.lines);
        assert!(total * LINE <= MAX_IDLE);
        drop(idle);

        let small: Vec<_> = (0..MAX_BLOCKS + 5)
            .map(|_| Block::new([MIN_BLOCK]))
            .collect();
        drop(small);
        let idle = IDLE.lock().unwrap();
        assert!(idle.blocks.len() <= MAX_BLOCKS);
    }

    #[test]
    fn the_smallest_that_fits_is_taken_and_of_those_the_last() {
        let blocks = [8, 4, 4, 20].map(|lines| vec![Line([0.0; 16]); lines]);
        let [eight, first, last, _] = blocks.each_ref().map(|block| block.as_ptr());
        let mut idle = Idle {
            blocks: blocks.into(),
            lines: 36,
        };
        let mut take = |lines| idle.take(lines).map(|block| block.as_ptr());
        assert_eq!([take(3), take(4)], [Some(last), Some(first)]);
        assert_eq!([take(3), take(4)], [None, Some(eight)]);
        assert_eq!(take(9), None);
        assert_eq!(idle.lines, 20);
    }

    /// Sizes whose product or number of bytes wraps around to 0 must be refused, also in release
    /// builds: 2⁶⁴ numbers, or 2⁶² of four bytes.
    #[test]
    fn sizes_that_no_memory_holds_are_refused() {
        for shape in [[1 << 32, 1 << 32], [1 << 32, 1 << 30]] {
            let refused = std::panic::catch_unwind(|| Block::new(shape));
            assert!(refused.is_err());
        }
    }
}
