//! Sums and maxima over the units of a cube.

use burn_cubecl::cubecl::{self, prelude::*};

/// The sum of the units' values, in each unit. All of the cube's units must come here.
#[cube]
pub(super) fn sum(value: f32, #[comptime] units: u32) -> f32 {
    let mut shared = Shared::<[f32]>::new_slice(units as usize);
    shared[UNIT_POS as usize] = value;
    sync_cube();
    #[unroll]
    for i in 0..comptime!(units.ilog2()) {
        let step = comptime!(units >> (i + 1));
        if UNIT_POS < step {
            shared[UNIT_POS as usize] += shared[(UNIT_POS + step) as usize];
        }
        sync_cube();
    }
    let total = shared[0];
    sync_cube(); // before anybody writes where this is read
    total
}

/// The largest of the units' values, in each unit, NaN being no value.
#[cube]
pub(super) fn max(value: f32, #[comptime] units: u32) -> f32 {
    let mut shared = Shared::<[f32]>::new_slice(units as usize);
    shared[UNIT_POS as usize] = value;
    sync_cube();
    #[unroll]
    for i in 0..comptime!(units.ilog2()) {
        let step = comptime!(units >> (i + 1));
        if UNIT_POS < step {
            let other = shared[(UNIT_POS + step) as usize];
            if other > shared[UNIT_POS as usize] {
                shared[UNIT_POS as usize] = other;
            }
        }
        sync_cube();
    }
    let largest = shared[0];
    sync_cube(); // before anybody writes where this is read
    largest
}
