//! Gradients of every distribution, layer, network and bound against central differences in `f64`.
//!
//! A binary of its own: it sets the device's default float type, which can be done once a process.

#[path = "../common/mod.rs"]
mod common;
mod digits;
#[path = "../common/double.rs"]
mod double;
mod hierarchies;
mod objectives;
mod tables;

use burn::{
    module::{ModuleMapper, ModuleVisitor, Param, ParamId},
    tensor::{FloatDType, Gradients, IntDType},
};
use burn_bayes::prelude::*;
use common::Exact;
use std::sync::Once;

const STEP: f64 = 1e-5;
/// The truncation of a central difference is STEP² times a third derivative of order 1 to 10, its
/// rounding 1e-16 / STEP: 1e-9 and 1e-11 of values of order 1 to 100.
const TOLERANCE: f64 = 1e-7;

fn device() -> Device {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let mut device = Device::default();
        device
            .configure((FloatDType::F64, IntDType::I64))
            .expect("the first use of the device");
    });
    Device::default().autodiff()
}

fn has_f64() -> bool {
    double::has_f64(&device())
}

fn noise(seed: u64) -> Noise {
    Noise::seeded(seed)
}

fn tensor<const D: usize>(shape: [usize; 3], seed: u64) -> Tensor<D> {
    noise(seed)
        .normal(shape, &device())
        .inner()
        .reshape(shape)
        .flatten_to::<D>()
}

/// `[1, 1, n]` to rank 1, `[1, m, n]` to rank 2.
trait FlattenTo {
    fn flatten_to<const D: usize>(self) -> Tensor<D>;
}

impl FlattenTo for Tensor<3> {
    fn flatten_to<const D: usize>(self) -> Tensor<D> {
        let dims = self.dims();
        let kept: [usize; D] = dims[3 - D..].try_into().expect("at most three axes");
        self.reshape(kept)
    }
}

fn value(scalar: Tensor<1>) -> f64 {
    assert_eq!(scalar.dtype(), burn::tensor::DType::F64);
    scalar.into_scalar::<f64>()
}

fn assert_gradient(analytic: f64, numeric: f64, what: &str) {
    let scale = numeric.abs().max(1.0);
    assert!(
        (analytic - numeric).abs() <= TOLERANCE * scale,
        "{what}: autodiff {analytic}, central difference {numeric}"
    );
}

/// Checks the gradient of `f` with respect to each entry of `at`.
fn check_tensor<const D: usize>(what: &str, at: Tensor<D>, f: impl Fn(Tensor<D>) -> Tensor<1>) {
    let leaf = Tensor::<D>::from_data(at.to_data(), &device()).require_grad();
    let gradients = f(leaf.clone()).backward();
    let analytic: Vec<f64> = leaf
        .grad(&gradients)
        .expect("f depends on it")
        .into_data()
        .try_to_vec()
        .unwrap();
    let values: Vec<f64> = at.to_data().try_to_vec().unwrap();
    for (index, &analytic) in analytic.iter().enumerate() {
        let shifted = |step: f64| {
            let mut values = values.clone();
            values[index] += step;
            value(f(Tensor::from_data(
                TensorData::new(values, at.dims()),
                &device(),
            )))
        };
        let numeric = (shifted(STEP) - shifted(-STEP)) / (2.0 * STEP);
        assert_gradient(analytic, numeric, &format!("{what}[{index}]"));
    }
}

/// Reads every parameter's gradient: (id, path, gradient).
struct ReadGradients<'a> {
    gradients: &'a Gradients,
    path: Vec<String>,
    found: Vec<(ParamId, String, Vec<f64>)>,
}

impl ModuleVisitor for ReadGradients<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let path = self.path.join(".");
        let gradient = param.val().grad(self.gradients);
        let gradient = gradient.unwrap_or_else(|| panic!("{path} has no gradient"));
        self.found
            .push((param.id, path, gradient.into_data().try_to_vec().unwrap()));
    }
}

/// Adds a step to one entry of one parameter.
struct Shift {
    id: ParamId,
    index: usize,
    step: f64,
}

impl ModuleMapper for Shift {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if param.id != self.id {
            return param;
        }
        param.map(|tensor| {
            let mut values: Vec<f64> = tensor.to_data().try_to_vec().unwrap();
            values[self.index] += self.step;
            Tensor::from_data(TensorData::new(values, tensor.dims()), &tensor.device())
                .require_grad()
        })
    }
}

/// Checks the gradient of `f` with respect to each entry of each parameter: every parameter must
/// have one.
fn check_module<M: Module>(what: &str, module: &M, f: impl Fn(&M) -> Tensor<1>) {
    let gradients = f(module).backward();
    let mut reader = ReadGradients {
        gradients: &gradients,
        path: Vec::new(),
        found: Vec::new(),
    };
    module.visit(&mut reader);
    assert_eq!(
        reader.found.iter().map(|(.., g)| g.len()).sum::<usize>(),
        module.num_params()
    );
    for (id, path, gradient) in reader.found {
        for (index, analytic) in gradient.into_iter().enumerate() {
            let shifted = |step: f64| value(f(&module.clone().map(&mut Shift { id, index, step })));
            let numeric = (shifted(STEP) - shifted(-STEP)) / (2.0 * STEP);
            assert_gradient(analytic, numeric, &format!("{what}: {path}[{index}]"));
        }
    }
}

/// A sum with unequal coefficients, so that no two entries' gradients can be exchanged unseen.
fn weigh<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    let n = tensor.shape().num_elements();
    let coefficients = Tensor::<1>::from_data(
        TensorData::new(
            (0..n).map(|i| 0.3 + 0.1 * i as f64).collect::<Vec<_>>(),
            [n],
        ),
        &device(),
    );
    (tensor.reshape([n]) * coefficients).sum()
}

#[test]
fn distributions() {
    if !has_f64() {
        return;
    }
    device();
    let (a, b, c): (Tensor<2>, Tensor<2>, Tensor<2>) = (
        tensor([1, 2, 3], 1),
        tensor([1, 2, 3], 2),
        tensor([1, 2, 3], 3),
    );
    let binary = c.clone().greater_elem(0.0).float();
    type Maker = fn(Tensor<2>, Tensor<2>) -> Normal<2>;
    let makers: [(&str, Maker); 3] = [
        ("scale", |loc, s| Normal::new(loc, s.exp())),
        ("variance", |loc, s| Normal::from_variance(loc, s.exp())),
        ("log-variance", |loc, s| Normal::from_log_variance(loc, s)),
    ];
    for (name, make) in makers {
        let of = |what: &str| format!("Normal from {name}, {what}");
        check_tensor(&of("log_prob of x"), c.clone(), |x| {
            weigh(make(a.clone(), b.clone()).log_prob(x))
        });
        check_tensor(&of("log_prob of loc"), a.clone(), |loc| {
            weigh(make(loc, b.clone()).log_prob(c.clone()))
        });
        check_tensor(&of("log_prob of scale"), b.clone(), |s| {
            weigh(make(a.clone(), s).log_prob(c.clone()))
        });
        check_tensor(&of("noise form of scale"), b.clone(), |s| {
            weigh(make(a.clone(), s).log_prob_from_noise(c.clone()))
        });
        check_tensor(&of("sample of loc"), a.clone(), |loc| {
            weigh(make(loc, b.clone()).rsample_from_noise(c.clone()))
        });
        check_tensor(&of("sample of scale"), b.clone(), |s| {
            weigh(make(a.clone(), s).rsample_from_noise(c.clone()))
        });
        check_tensor(&of("entropy"), b.clone(), |s| {
            weigh(make(a.clone(), s).entropy())
        });
        let other = || make(c.clone(), a.clone());
        check_tensor(&of("kl of loc"), a.clone(), |loc| {
            weigh(make(loc, b.clone()).kl_divergence(&other()))
        });
        check_tensor(&of("kl of scale"), b.clone(), |s| {
            weigh(make(a.clone(), s).kl_divergence(&other()))
        });
        check_tensor(&of("kl of the other"), b.clone(), |s| {
            weigh(other().kl_divergence(&make(c.clone(), s)))
        });
    }
    check_tensor("Bernoulli, log_prob", a.clone(), |l| {
        weigh(Bernoulli::new(l).log_prob(binary.clone()))
    });
    check_tensor("Bernoulli, log_prob of x", c.clone(), |x| {
        weigh(Bernoulli::new(a.clone()).log_prob(x))
    });
    check_tensor("Bernoulli, entropy", a.clone(), |l| {
        weigh(Bernoulli::new(l).entropy())
    });
    check_tensor("Bernoulli, variance", a.clone(), |l| {
        weigh(Bernoulli::new(l).variance())
    });
    check_tensor("Bernoulli, kl", a.clone(), |l| {
        weigh(Bernoulli::new(l).kl_divergence(&Bernoulli::new(b.clone())))
    });
    check_tensor("Bernoulli, kl of the other", a.clone(), |l| {
        weigh(Bernoulli::new(b.clone()).kl_divergence(&Bernoulli::new(l)))
    });
}

#[test]
fn bounds() {
    if !has_f64() {
        return;
    }
    device();
    let log_weights = || tensor::<2>([1, 4, 3], 5).mul_scalar(2.0);
    check_tensor("vae", log_weights(), |w| weigh(bound::vae(w)));
    check_tensor("iwae", log_weights(), |w| weigh(bound::iwae(w)));
    check_tensor("iwaeu", log_weights(), |w| {
        let kl = w.clone().square().sum();
        weigh(bound::iwaeu(
            w,
            WeightKl::PerDatapoint {
                kl,
                dataset_size: 7,
            },
        ))
    });
    check_tensor("vae_analytic", log_weights(), |w| {
        weigh(bound::vae_analytic(w.clone(), w.square().narrow(0, 0, 1)))
    });

    // The gradient of the IWAE bound is the normalized weights.
    let leaf = Tensor::<2>::from_data(log_weights().to_data(), &device()).require_grad();
    let gradient = leaf
        .grad(&bound::iwae(leaf.clone()).sum().backward())
        .unwrap();
    let difference = (gradient - bound::normalized_weights(leaf)).abs().max();
    assert!(value(difference) < 1e-14);
}

#[test]
fn bayesian_linear() {
    if !has_f64() {
        return;
    }
    let x: Tensor<3> = tensor([2, 3, 4], 6);
    for random_bias in [true, false] {
        let layer = BayesianLinearConfig::new(4, 3)
            .with_random_bias(random_bias)
            .with_initial_std(0.3)
            .init(&device(), &mut noise(7));
        check_module("forward", &layer, |layer| {
            weigh(layer.forward(x.clone(), 2, &mut noise(8)))
        });
        check_module("sample_weights", &layer, |layer| {
            weigh(layer.sample_weights(&mut noise(8)).forward(x.clone()))
        });
        let mixture = WeightPrior::ScaleMixture {
            share: 0.4,
            wide: 1.2,
            narrow: 0.2,
        };
        let normal = WeightPrior::Normal { std: 0.7 };
        for prior in [normal, WeightPrior::Matched, mixture] {
            // A fixed bias is not charged; the forward mean gives it its gradient.
            check_module("kl", &layer, |layer| {
                weigh(layer.kl(&prior)) + weigh(layer.forward_mean(x.clone()))
            });
        }
        check_tensor("forward of x", x.clone(), |x| {
            weigh(layer.forward(x, 2, &mut noise(8)))
        });
    }
}

#[test]
fn activations() {
    if !has_f64() {
        return;
    }
    let x: Tensor<3> = tensor([1, 2, 5], 9);
    for activation in [
        Activation::Tanh,
        Activation::Relu,
        Activation::LeakyRelu,
        Activation::Softplus,
        Activation::Sigmoid,
        Activation::Gelu,
        Activation::Silu,
        Activation::Identity,
    ] {
        check_tensor(&format!("{activation:?}"), x.clone(), |x| {
            weigh(activation.forward(x))
        });
    }
}

#[test]
fn networks() {
    if !has_f64() {
        return;
    }
    let z: Tensor<3> = tensor([2, 2, 2], 10);
    let x: Tensor<3> = tensor([1, 2, 4], 11);
    for weights in [
        Weights::Fixed,
        Weights::Random {
            initial_std: 0.3,
            prior: WeightPrior::default(),
            random_bias: true,
        },
    ] {
        let mlp =
            |d_input, d_output| MlpConfig::new(d_input, vec![3], d_output).with_weights(weights);
        let encoder = GaussianEncoder::new(&mlp(4, 2), &device(), &mut noise(12));
        check_module("encoder", &encoder, |encoder| {
            let q = encoder.forward(x.clone(), 2, &mut noise(13));
            weigh(q.loc()) + weigh(q.scale())
        });
        for scale in [Scale::default(), Scale::Fixed { std: 0.5 }] {
            let decoder = GaussianDecoder::new(&mlp(2, 4), scale, &device(), &mut noise(12));
            check_module("Gaussian decoder", &decoder, |decoder| {
                weigh(
                    decoder
                        .forward(z.clone(), 2, &mut noise(13))
                        .log_prob(x.clone()),
                )
            });
        }
        let decoder = BernoulliDecoder::new(&mlp(2, 4), &device(), &mut noise(12));
        let binary = x.clone().greater_elem(0.0).float();
        check_module("Bernoulli decoder", &decoder, |decoder| {
            weigh(
                decoder
                    .forward(z.clone(), 2, &mut noise(13))
                    .log_prob(binary.clone()),
            )
        });
    }
}

/// Every parameter of a whole model, through every bound.
#[test]
fn models() {
    if !has_f64() {
        return;
    }
    let x: Tensor<2> = tensor::<2>([1, 3, 5], 14).greater_elem(0.0).float();
    for uncertainty in [
        Uncertainty::None,
        Uncertainty::Encoder,
        Uncertainty::EncoderAndDecoder,
    ] {
        let model = VaeConfig::new(5, 2)
            .with_hidden(vec![4, 3])
            .with_uncertainty(uncertainty)
            .with_initial_weight_std(0.2)
            .init(&device(), &mut noise(15));
        let log_weights = |model: &Vae| model.log_weights(x.clone(), 3, &mut noise(16));
        check_module("iwae", &model, |model| {
            weigh(bound::iwae(log_weights(model).total()))
        });
        check_module("vae", &model, |model| {
            weigh(bound::vae(log_weights(model).total()))
        });
        check_module("vae_analytic", &model, |model| {
            let parts = log_weights(model);
            weigh(bound::vae_analytic(
                parts.log_likelihood.clone(),
                parts.latent_kl().expect("one Gaussian layer"),
            ))
        });
        check_module("iwaeu", &model, |model| {
            let kl = model
                .weight_kl()
                .map_or(WeightKl::None, |kl| WeightKl::PerDatapoint {
                    kl,
                    dataset_size: 11,
                });
            weigh(bound::iwaeu(log_weights(model).total(), kl))
        });
    }
}

/// The linear-Gaussian model of `tests/model` in f64: every log-weight is the evidence.
#[test]
fn the_exact_posterior_makes_every_weight_the_evidence() {
    if !has_f64() {
        return;
    }
    let exact = Exact::new(&device());
    let data = [[0.3, -2.0, 1.5], [4.0, 0.0, -3.0], [0.5, -1.0, 0.25]];
    let x = Tensor::<2>::from_data(TensorData::from(data), &device());
    let log_weights = exact.model.log_weights(x, 50, &mut noise(17)).total();
    for (i, row) in data.into_iter().enumerate() {
        let column = log_weights.clone().narrow(1, i, 1);
        let error = column.sub_scalar(exact.log_evidence(row)).abs().max();
        assert!(value(error) < 1e-10);
    }
}
