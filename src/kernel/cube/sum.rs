//! Sums and maxima over the units of a cube.

use burn_cubecl::cubecl::{self, prelude::*};

/// The sum of the units' values, returned to each unit. All units of the cube must call this.
#[cube]
pub(in crate::kernel) fn sum(value: f32, #[comptime] units: u32) -> f32 {
    join(value, units, false)
}

/// The largest of the units' values, returned to each unit. No value may be NaN. All units of the
/// cube must call this.
#[cube]
pub(in crate::kernel) fn max(value: f32, #[comptime] units: u32) -> f32 {
    join(value, units, true)
}

#[cube]
fn join(value: f32, #[comptime] units: u32, #[comptime] largest: bool) -> f32 {
    let mut shared = Shared::<[f32]>::new_slice(units as usize);
    let here = UNIT_POS as usize;
    shared[here] = value;
    sync_cube();
    #[unroll]
    for i in 0..comptime!(units.ilog2()) {
        let step = comptime!(units as usize >> (i + 1));
        if here < step {
            let other = shared[here + step];
            if comptime!(!largest) {
                shared[here] += other;
            } else if other > shared[here] {
                shared[here] = other;
            }
        }
        sync_cube();
    }
    let all = shared[0];
    sync_cube(); // before anybody writes where this is read
    all
}
