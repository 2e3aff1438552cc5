//! Golden numbers in `f64`. A binary of its own: it sets the device's default float type, which can
//! be done once a process.

#[path = "../golden/checks.rs"]
mod checks;
#[path = "../common/double.rs"]
mod double;
#[path = "../golden/models.rs"]
mod models;

use burn::tensor::{FloatDType, IntDType};
use burn_bayes::prelude::*;
use std::sync::Once;

/// The rounding of sums of dozens of terms.
const TOLERANCE: f64 = 1e-12;

fn device() -> Option<Device> {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let mut device = Device::default();
        device
            .configure((FloatDType::F64, IntDType::I64))
            .expect("the first use of the device");
    });
    let device = Device::default().autodiff();
    double::has_f64(&device).then_some(device)
}
