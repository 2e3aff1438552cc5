//! The models of the golden files, by the parameters in them.

use burn::module::{Param, ParamId};
use burn_bayes::{
    layer::{Trunk, TrunkConfig, TrunkMlp},
    model::{Descent, Hierarchy, Ladder, Rung, UpperLayer},
    network::{BernoulliHead, FullCovariance, FullCovarianceEncoder},
    prelude::*,
};
use serde_json::Value;
use std::path::PathBuf;

pub const K: usize = 4;

/// A golden file.
pub struct Golden {
    json: Value,
    device: Device,
}

/// Flat numbers of a tensor.
pub fn numbers(json: &Value) -> Vec<f64> {
    let values = json["values"].as_array().expect("a tensor");
    values.iter().map(|value| value.as_f64().unwrap()).collect()
}

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

impl Golden {
    pub fn read(name: &str, device: &Device) -> Self {
        let text = std::fs::read_to_string(folder().join(name).with_extension("json")).unwrap();
        Self {
            json: serde_json::from_str(&text).unwrap(),
            device: device.clone(),
        }
    }

    /// What is there under these keys.
    pub fn at(&self, path: &[&str]) -> &Value {
        path.iter().fold(&self.json, |json, key| {
            json.get(key)
                .unwrap_or_else(|| panic!("no {key} of {path:?}"))
        })
    }

    pub fn tensor<const D: usize>(&self, path: &[&str]) -> Tensor<D> {
        let json = self.at(path);
        let shape = json["shape"].as_array().unwrap().iter();
        let shape: Vec<usize> = shape.map(|n| n.as_u64().unwrap() as usize).collect();
        Tensor::from_data(TensorData::new(numbers(json), shape), &self.device)
    }

    /// The layer of a name, with fixed or random weights.
    fn layer(&self, name: &str) -> Dense {
        let has = |part: &str| {
            self.at(&["parameters"])
                .get(format!("{name}.{part}"))
                .is_some()
        };
        let matrix = |part: &str| {
            let name = format!("{name}.{part}");
            Param::from_tensor(self.tensor::<2>(&["parameters", &name]))
        };
        let vector = |part: &str| {
            let name = format!("{name}.{part}");
            Param::from_tensor(self.tensor::<1>(&["parameters", &name]))
        };
        if has("weight") {
            return Dense::Deterministic(burn::nn::Linear {
                weight: matrix("weight"),
                bias: Some(vector("bias")),
            });
        }
        let weight_loc = matrix("weight.loc");
        let [d_input, d_output] = weight_loc.val().dims();
        let made = BayesianLinearConfig::new(d_input, d_output);
        let mut layer = made.init(&self.device, &mut Noise::seeded(0));
        layer.weight_loc = weight_loc;
        layer.weight_log_variance = matrix("weight.log_variance");
        layer.bias_loc = Some(vector("bias.loc"));
        layer.bias_log_variance = Some(vector("bias.log_variance"));
        Dense::Bayesian(layer)
    }

    fn net(&self, name: &str) -> Mlp {
        let layers = ["hidden", "output"].map(|layer| self.layer(&format!("{name}.{layer}")));
        Mlp::from_layers(layers.to_vec(), Activation::Tanh)
    }

    fn trunk(&self, name: &str) -> Trunk {
        let layer = self.layer(name);
        let mut trunk = TrunkConfig::new(1, vec![1]).init(&self.device, &mut Noise::seeded(0));
        trunk.layers = vec![layer];
        trunk
    }

    fn trunk_mlp(&self, name: &str) -> TrunkMlp {
        TrunkMlp {
            trunk: self.trunk(&format!("{name}.hidden")),
            last: self.layer(&format!("{name}.output")),
        }
    }

    pub fn one_layer(&self) -> Vae<GaussianEncoder, StandardNormal, BernoulliDecoder> {
        Vae::from_parts(
            Conditional::from_parts(self.net("encoder"), DiagonalNormal),
            StandardNormal::new(2),
            Conditional::from_parts(self.net("decoder"), BernoulliHead),
        )
    }

    pub fn full_covariance(&self) -> Vae<FullCovarianceEncoder, StandardNormal, BernoulliDecoder> {
        Vae::from_parts(
            Conditional::from_parts(self.net("encoder"), FullCovariance),
            StandardNormal::new(3),
            Conditional::from_parts(self.net("decoder"), BernoulliHead),
        )
    }

    pub fn two_layers(&self) -> Vae<GaussianEncoder, Hierarchy, BernoulliDecoder> {
        let layer = UpperLayer {
            encoder: Conditional::from_parts(self.net("encoder2"), DiagonalNormal),
            decoder: Conditional::from_parts(self.net("decoder2"), DiagonalNormal),
        };
        Vae::from_parts(
            Conditional::from_parts(self.net("encoder"), DiagonalNormal),
            Hierarchy::from_parts(vec![layer], StandardNormal::new(2)),
            Conditional::from_parts(self.net("decoder"), BernoulliHead),
        )
    }

    pub fn ladder(&self) -> Ladder<BernoulliDecoder<TrunkMlp>> {
        let rung = |number: usize| Rung {
            trunk: self.trunk(&format!("up{number}")),
            proposal: Conditional::from_parts(self.layer(&format!("head{number}")), DiagonalNormal),
        };
        let descent = Descent {
            prior: Conditional::from_parts(self.trunk_mlp("decoder2"), DiagonalNormal),
            merge: None,
        };
        Ladder::from_parts(
            vec![rung(1), rung(2)],
            vec![descent],
            Conditional::from_parts(self.trunk_mlp("decoder"), BernoulliHead),
        )
    }
}

/// The parameters of a layer, by their names in the golden files.
pub fn parameters(name: &str, layer: &Dense) -> Vec<(String, ParamId)> {
    let named = |part: &str, id| (format!("{name}.{part}"), id);
    match layer {
        Dense::Deterministic(linear) => vec![
            named("weight", linear.weight.id),
            named("bias", linear.bias.as_ref().unwrap().id),
        ],
        Dense::Bayesian(layer) => vec![
            named("weight.loc", layer.weight_loc.id),
            named("weight.log_variance", layer.weight_log_variance.id),
            named("bias.loc", layer.bias_loc.as_ref().unwrap().id),
            named(
                "bias.log_variance",
                layer.bias_log_variance.as_ref().unwrap().id,
            ),
        ],
    }
}

/// The same of a network.
pub fn of_net(name: &str, network: &Mlp) -> Vec<(String, ParamId)> {
    let layers = ["hidden", "output"].iter().zip(&network.layers);
    let layers = layers.flat_map(|(layer, dense)| parameters(&format!("{name}.{layer}"), dense));
    layers.collect()
}

/// The same of a trunk of one layer and a last one.
pub fn of_trunk_mlp(name: &str, network: &TrunkMlp) -> Vec<(String, ParamId)> {
    let mut all = parameters(&format!("{name}.hidden"), &network.trunk.layers[0]);
    all.extend(parameters(&format!("{name}.output"), &network.last));
    all
}
