//! Results as arrays for other programs.

use super::{LogLikelihood, PredictiveVariance, Report, Scores};
use crate::{error::Result, interchange::Arrays};

impl LogLikelihood {
    /// The numbers as arrays: `log_likelihood`, `effective_sample_size`, `largest_share` and
    /// `pareto_k`, all `[datapoint]`. The attribute `num_samples` is K.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("estimate.safetensors");
    /// let device = Device::default();
    /// let model = VaeConfig::new(4, 2).init(&device, &mut Noise::seeded(0));
    /// let settings = LogLikelihoodSettings { num_samples: 100, ..Default::default() };
    /// let x = Tensor::<2>::ones([10, 4], &device);
    /// let estimate = evaluate::log_likelihood(&model, x, &settings, &Noise::seeded(1))?;
    /// estimate.arrays().save(&path)?;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn arrays(&self) -> Arrays {
        let Self {
            num_samples,
            values,
            effective_sample_sizes,
            largest_shares,
            pareto_k,
        } = self;
        [
            ("log_likelihood", values),
            ("effective_sample_size", effective_sample_sizes),
            ("largest_share", largest_shares),
            ("pareto_k", pareto_k),
        ]
        .into_iter()
        .fold(Arrays::new(), |arrays, (name, values)| {
            by_datapoint(arrays, name, values)
        })
        .with_attribute("num_samples", *num_samples)
    }
}

impl Report {
    /// The numbers as arrays.
    ///
    /// | array | dimensions |
    /// | --- | --- |
    /// | those of [`LogLikelihood::arrays`] | `[datapoint]` |
    /// | `curve`: log p̂(x) at fewer samples | `[curve_point, datapoint]` |
    /// | `curve_num_samples` | `[curve_point]` |
    /// | `layer_1_variance`, `layer_1_single_draw_variance`, and of layers above | `[layer_1_unit]` |
    /// | `posterior_mean_` and those of [`LogLikelihood::arrays`] | `[posterior_mean_datapoint]` |
    /// | `posterior_mean_row`: which datapoints | `[posterior_mean_datapoint]` |
    /// | `without_inactive_`: likewise | `[without_inactive_datapoint]` |
    /// | `train_` and those of [`LogLikelihood::arrays`] | `[train_datapoint]` |
    ///
    /// Parts that the report does not have are left out. The attributes are `data`, `seed`,
    /// `num_samples` and `summary`.
    pub fn arrays(&self) -> Arrays {
        let datapoints = self.log_likelihood.values.len();
        let mut arrays = self.log_likelihood.arrays();
        let counts = self.curve.iter().map(|point| point.num_samples as i64);
        let values = (self.curve.iter()).flat_map(|point| point.values.iter().copied());
        let points = self.curve.len();
        arrays = arrays
            .with_numbers(
                "curve_num_samples",
                ["curve_point"],
                [points],
                counts.collect(),
            )
            .with_numbers(
                "curve",
                ["curve_point", "datapoint"],
                [points, datapoints],
                values.collect(),
            );
        for (i, layer) in self.layers.iter().enumerate() {
            let dim = format!("layer_{}_unit", i + 1);
            for (name, values) in [
                ("variance", &layer.variances),
                ("single_draw_variance", &layer.single_draw_variances),
            ] {
                let name = format!("layer_{}_{name}", i + 1);
                arrays = arrays.with_numbers(name, [&dim], [values.len()], values.clone());
            }
        }
        for (prefix, again) in [
            ("posterior_mean_", &self.posterior_mean),
            ("without_inactive_", &self.without_inactive),
        ] {
            if let Some(again) = again {
                let rows: Vec<i64> = again.rows.iter().map(|&row| row.into()).collect();
                let again = again.log_likelihood.arrays();
                let again = again.with_numbers("row", ["datapoint"], [rows.len()], rows);
                arrays = arrays.with_all(prefix, again);
            }
        }
        if let Some(train) = &self.train {
            arrays = arrays.with_all("train_", train.arrays());
        }
        arrays
            .with_attribute("data", self.data.as_str())
            .with_attribute("seed", self.settings.seed)
            .with_attribute("summary", serde_json::json!(self.summary()))
    }
}

impl Scores {
    /// The numbers as arrays: `log_likelihood` and `disagreement`, both `[datapoint]`.
    pub fn arrays(&self) -> Arrays {
        let arrays = by_datapoint(Arrays::new(), "log_likelihood", &self.log_likelihood);
        by_datapoint(arrays, "disagreement", &self.disagreement)
    }
}

impl PredictiveVariance {
    /// The numbers as arrays: `mean`, and the variances `from_weights`, `from_latents` and
    /// `from_likelihood`, all `[datapoint, feature]`.
    ///
    /// # Errors
    ///
    /// [`Error::Device`](crate::Error::Device) if numbers cannot be read back.
    pub fn arrays(&self) -> Result<Arrays> {
        [
            ("mean", &self.mean),
            ("from_weights", &self.from_weights),
            ("from_latents", &self.from_latents),
            ("from_likelihood", &self.from_likelihood),
        ]
        .into_iter()
        .try_fold(Arrays::new(), |arrays, (name, values)| {
            arrays.with_tensor(name, ["datapoint", "feature"], values.clone())
        })
    }
}

fn by_datapoint(arrays: Arrays, name: &str, values: &[f64]) -> Arrays {
    arrays.with_numbers(name, ["datapoint"], [values.len()], values.to_vec())
}
