//! Rows in host memory as a source.

use super::{Datapoints, Source};
use crate::{
    device::largest_allocation,
    distribution::Support,
    error::{Error, Result},
    hash::Hash,
    noise::Noise,
};
use burn::tensor::{Device, Int, Tensor, TensorData};

/// The cure in the error for a missing cell that the model does not allow.
pub(super) const MISSING_CURE: &str =
    "give a model that leaves missing cells out, such as `IncompleteVae`, or fill them";

/// Data with more bytes than this are not kept on a GPU.
const MOST_RESIDENT: u64 = 1 << 30;

impl Datapoints {
    /// Refuses the first number that is outside its feature's support. `words` say what was
    /// expected, and give the cure.
    pub(super) fn check_all(
        &self,
        supports: &[Support],
        words: impl Fn(&Support, f32) -> (String, &'static str),
    ) -> Result<()> {
        let mut both = self.values().iter().zip(supports.iter().cycle());
        let Some(index) = both.position(|(&value, support)| !support.contains(value)) else {
            return Ok(());
        };
        let (row, feature) = (index / self.num_features(), index % self.num_features());
        let value = self.values()[index];
        let (expected, cure) = words(&supports[feature], value);
        Err(Error::Data {
            name: self.name().into(),
            problem: format!("expected {expected}; row {row}, feature {feature} is {value}"),
            cure: cure.into(),
        })
    }
}

/// Numbers as they are.
impl Source for Datapoints {
    type Rows = Tensor<2>;

    fn name(&self) -> &str {
        self.name()
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn select(&self, ids: &[u32], device: &Device, _: &Noise) -> Result<Tensor<2>> {
        let Some(all) = &self.resident else {
            return Ok(self.select(ids, device));
        };
        let ids: Vec<i32> = ids.iter().map(|&id| id as i32).collect();
        let ids = Tensor::<1, Int>::from_data(TensorData::from(ids.as_slice()), device);
        Ok(all.clone().select(0, ids))
    }

    fn fingerprint(&self) -> Result<String> {
        let hash = Hash::default().and_numbers(self.values()).value();
        Ok(format!(
            "{} rows of {}, {hash:016x}",
            self.len(),
            self.num_features()
        ))
    }

    fn check(&self, support: Support) -> Result<()> {
        let Some(supports) = support.of_features(self.num_features()) else {
            return Err(Error::Data {
                name: self.name().into(),
                problem: format!(
                    "expected {support}; rows have {} features",
                    self.num_features()
                ),
                cure: "give a model with a family for each column".into(),
            });
        };
        self.check_all(&supports, |support, value| {
            let cure = match value.is_nan() {
                true => MISSING_CURE,
                false => support.cure(),
            };
            (support.to_string(), cure)
        })
    }

    /// Copies all rows to a GPU if they are small enough. For the CPU they are in memory already.
    fn on_device(&self, device: &Device) -> Self {
        let device = device.clone().without_autodiff();
        let bytes = size_of_val(self.values()) as u64;
        let most = largest_allocation(&device).map(|most| most.min(MOST_RESIDENT));
        let mut data = self.clone();
        data.resident = most.filter(|&most| bytes <= most).map(|_| {
            let data = TensorData::new(self.values().to_vec(), [self.len(), self.num_features()]);
            Tensor::from_data(data, &device)
        });
        data
    }
}
