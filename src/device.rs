//! Devices by name, for programs whose users choose one.

use crate::error::{Error, Result};
use burn::tensor::{Device, DeviceType};
use std::{env, fmt};

/// A kind of device that a build may have.
struct Kind {
    name: &'static str,
    /// The type of devices to look for; `None` if the feature of that name is off.
    found_by: Option<DeviceType>,
}

/// All kinds that [`device_by_name`] knows.
fn kinds() -> [Kind; 8] {
    macro_rules! kind {
        ($name:literal, $found_by:ident) => {
            kind!($name, $name, $found_by)
        };
        ($name:literal, $feature:literal, $found_by:ident) => {{
            #[cfg(feature = $feature)]
            let found_by = Some(DeviceType::$found_by);
            #[cfg(not(feature = $feature))]
            let found_by = None;
            Kind {
                name: $name,
                found_by,
            }
        }};
    }
    [
        kind!("flex", Flex),
        kind!("ndarray", NdArray),
        kind!("wgpu", "wgpu-untuned", Wgpu),
        kind!("vulkan", Vulkan),
        kind!("metal", Metal),
        kind!("webgpu", WebGpu),
        kind!("cuda", Cuda),
        kind!("rocm", Rocm),
    ]
}

/// The device with this name.
///
/// Names are `flex` (the CPU), `ndarray`, `wgpu`, `vulkan`, `metal`, `webgpu`, `cuda` and `rocm`,
/// each if the feature of that name is on. `cuda:1` is the second device of its kind.
///
/// Add `.autodiff()` for a training loop of your own. `TrainingConfig::fit` does so itself.
///
/// # Errors
///
/// [`Error::Device`] if there is no device of that name, it is not compiled in, or none is found on
/// this machine.
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
#[allow(unreachable_code, unused_variables)] // without any backend there is no type of device
pub fn device_by_name(name: &str) -> Result<Device> {
    let wrong = |problem: &str, cure: String| Error::Device {
        name: format!("`{name}`"),
        problem: problem.into(),
        cure,
    };
    let (kind, index) = match name.split_once(':') {
        None => (name, None),
        Some((kind, index)) => {
            let index = index.parse::<usize>().map_err(|_| {
                let cure = format!("write a kind and a number, such as `{kind}:0`");
                wrong("names no device", cure)
            })?;
            (kind, Some(index))
        }
    };
    let kinds = kinds();
    let names = |compiled: bool| {
        let names = kinds
            .iter()
            .filter(|kind| kind.found_by.is_some() || !compiled);
        names.map(|kind| kind.name).collect::<Vec<_>>().join(", ")
    };
    let Some(known) = kinds.iter().find(|known| known.name == kind) else {
        return Err(wrong("is unknown", format!("use one of: {}", names(false))));
    };
    let Some(found_by) = &known.found_by else {
        let cure = format!(
            "build with `--features {kind}`, or use one of: {}",
            names(true)
        );
        return Err(wrong("is not compiled in", cure));
    };
    let mut found = Device::enumerate(found_by.clone()).into_iter();
    let count = found.len();
    match (index, count) {
        (_, 0) => Err(wrong(
            "is not found: this machine shows no such device",
            "install the driver of the card (docs/devices.md says which), or use `flex`".into(),
        )),
        // The runtime's own choice: a discrete card before an integrated one.
        (None, _) => Ok(preferred(kind).unwrap_or_else(|| found.next().expect("one was counted"))),
        (Some(index), _) => found.nth(index).ok_or_else(|| {
            let last = count - 1;
            wrong("is not found", format!("use `{kind}:0` to `{kind}:{last}`"))
        }),
    }
}

/// The device that a kind's runtime would choose.
fn preferred(kind: &str) -> Option<Device> {
    match kind {
        #[cfg(feature = "wgpu-untuned")]
        "wgpu" => Some(Device::wgpu(Default::default())),
        #[cfg(feature = "vulkan")]
        "vulkan" => Some(Device::vulkan(Default::default())),
        #[cfg(feature = "metal")]
        "metal" => Some(Device::metal(Default::default())),
        #[cfg(feature = "webgpu")]
        "webgpu" => Some(Device::webgpu(Default::default())),
        _ => None,
    }
}

/// The name in the environment variable `BURN_DEVICE`, or `flex` if it is not set. It is meant as
/// the default of a program's `--device`.
pub fn default_device_name() -> String {
    env::var("BURN_DEVICE").unwrap_or_else(|_| "flex".into())
}

/// The devices of a machine. It prints as a table.
///
/// # Example
///
/// ```
/// let table = burn_bayes::DeviceTable::of_this_machine().to_string();
/// assert!(table.contains("flex") && table.contains("cuda"));
/// ```
#[derive(Clone, Debug)]
pub struct DeviceTable {
    rows: Vec<(String, String)>,
}

impl DeviceTable {
    /// Lists every kind that [`device_by_name`] knows, with the devices that were found for those
    /// compiled in. It opens these devices.
    #[allow(unreachable_code, unused_variables)] // as above
    pub fn of_this_machine() -> Self {
        let rows = kinds().into_iter().flat_map(|kind| {
            let Some(found_by) = kind.found_by else {
                return vec![(kind.name.into(), "not compiled in".into())];
            };
            let found: Vec<Device> = Device::enumerate(found_by).into_iter().collect();
            let Some(first) = found.first() else {
                return vec![(kind.name.into(), "no device found".into())];
            };
            let chosen = preferred(kind.name).unwrap_or_else(|| first.clone());
            let mut rows = vec![(kind.name.to_string(), description(&chosen))];
            if found.len() > 1 {
                let numbered = found.iter().enumerate();
                rows.extend(numbered.map(|(index, device)| {
                    (format!("{}:{index}", kind.name), description(device))
                }));
            }
            rows
        });
        Self {
            rows: rows.collect(),
        }
    }
}

impl fmt::Display for DeviceTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, what) in &self.rows {
            writeln!(f, "{name:<10} {what}")?;
        }
        Ok(())
    }
}

/// The device's own name.
fn description(device: &Device) -> String {
    #[cfg(feature = "cube")]
    if let Some(identity) = device.identity() {
        return identity.name;
    }
    let _ = device;
    format!("this processor, {} threads", rayon::current_num_threads())
}

/// Whether a device works asynchronously, so that reading from it means waiting.
pub(crate) fn is_gpu(device: &Device) -> bool {
    largest_allocation(device).is_some()
}

/// The largest size of a tensor on a GPU, in bytes; `None` for the CPU.
pub(crate) fn largest_allocation(device: &Device) -> Option<u64> {
    match device.clone().without_autodiff().as_dispatch() {
        #[cfg(feature = "cube")]
        burn::backend::DispatchDevice::Cube(device) => {
            Some(device.client().properties().memory.max_page_size)
        }
        _ => None,
    }
}
