//! Options that the examples share, and how numbers are taken from the command line.

use super::{Earlier, device::device_name};
use burn_bayes::{Result, default_device_name, device_by_name, prelude::*};
use std::path::PathBuf;

// A doc comment here, or at the next, would become the description of the program.
#[derive(clap::Args, Clone, Debug)]
pub struct Common {
    /// A folder with a trained model (weights.bpk), to show instead of training; once for each
    /// model
    #[arg(long, conflicts_with = "resume")]
    pub model: Vec<PathBuf>,
    /// How often each training datapoint is visited
    #[arg(long, value_parser = at_least(1), conflicts_with = "model")]
    pub epochs: Option<usize>,
    /// The seed of everything
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The folder for pictures and models; by default the first of runs/NAME, runs/NAME-2, ... that
    /// does not exist, with --resume the last that holds a run
    #[arg(long)]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub earlier: Earlier,
    #[command(flatten)]
    pub device: DeviceOption,
}

impl Common {
    pub fn noise(&self) -> Noise {
        Noise::seeded(self.seed)
    }
}

#[derive(clap::Args, Clone, Debug)]
pub struct DeviceOption {
    /// The device: flex (the CPU), wgpu, cuda:1, ...; `list` shows what there is. BURN_DEVICE sets
    /// the default
    #[arg(long = "device", default_value_t = default_device_name(), value_parser = device_name)]
    pub name: String,
}

impl DeviceOption {
    pub fn open(&self) -> Result<Device> {
        device_by_name(&self.name)
    }
}

/// Takes a whole number of at least so many.
pub fn at_least(least: usize) -> impl Fn(&str) -> Result<usize, String> + Clone {
    move |text: &str| match text.parse::<usize>() {
        Ok(number) if number >= least => Ok(number),
        _ => Err(format!("give a whole number of at least {least}")),
    }
}

/// Takes a whole number between two, which are numbers to take.
pub fn between(least: usize, most: usize) -> impl Fn(&str) -> Result<usize, String> + Clone {
    move |text: &str| match text.parse::<usize>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("give a whole number from {least} to {most}")),
    }
}

/// Takes a positive number.
pub fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number > 0.0 && number.is_finite() => Ok(number),
        _ => Err("give a positive number".into()),
    }
}
