//! Devices by name, for programs whose user picks one.

use crate::error::{Error, Result};
use burn::tensor::Device;

/// What [`device_by_name`] knows: a name, and whether this build has it.
const DEVICES: [(&str, bool); 8] = [
    ("flex", cfg!(feature = "flex")),
    ("ndarray", cfg!(feature = "ndarray")),
    ("wgpu", cfg!(feature = "wgpu")),
    ("vulkan", cfg!(feature = "vulkan")),
    ("metal", cfg!(feature = "metal")),
    ("webgpu", cfg!(feature = "webgpu")),
    ("cuda", cfg!(feature = "cuda")),
    ("rocm", cfg!(feature = "rocm")),
];

/// The device of a name: `flex` (the CPU), `ndarray`, `wgpu`, `vulkan`, `metal`, `webgpu`, `cuda`,
/// `rocm`, each if the feature of that name is on.
///
/// Add `.autodiff()` to train on it.
///
/// # Errors
///
/// [`Error::Device`] if there is no device of that name or it is not compiled in.
///
/// # Example
///
/// ```
/// let device = burn_bayes::device_by_name("flex")?;
/// let message = burn_bayes::device_by_name("abacus").unwrap_err().to_string();
/// assert!(message.contains("flex"));
/// # let _ = device;
/// # Ok::<(), burn_bayes::Error>(())
/// ```
pub fn device_by_name(name: &str) -> Result<Device> {
    match name {
        #[cfg(feature = "flex")]
        "flex" => Ok(Device::flex()),
        #[cfg(feature = "ndarray")]
        #[allow(deprecated)] // by burn, in favour of flex; kept as a second opinion
        "ndarray" => Ok(Device::ndarray()),
        #[cfg(feature = "wgpu")]
        "wgpu" => Ok(Device::wgpu(Default::default())),
        #[cfg(feature = "vulkan")]
        "vulkan" => Ok(Device::vulkan(Default::default())),
        #[cfg(feature = "metal")]
        "metal" => Ok(Device::metal(Default::default())),
        #[cfg(feature = "webgpu")]
        "webgpu" => Ok(Device::webgpu(Default::default())),
        #[cfg(feature = "cuda")]
        "cuda" => Ok(Device::cuda(0)),
        #[cfg(feature = "rocm")]
        "rocm" => Ok(Device::rocm(0)),
        _ => {
            let names = |known: bool| {
                let names = DEVICES.iter().filter(|(_, compiled)| *compiled || !known);
                names.map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
            };
            let (problem, cure) = if DEVICES.iter().any(|(known, _)| *known == name) {
                (
                    "is not compiled in",
                    format!(
                        "build with `--features {name}`, or use one of: {}",
                        names(true)
                    ),
                )
            } else {
                ("is unknown", format!("use one of: {}", names(false)))
            };
            Err(Error::Device {
                name: format!("`{name}`"),
                problem: problem.into(),
                cure,
            })
        }
    }
}
