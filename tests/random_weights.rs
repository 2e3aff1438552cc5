//! From fixed weights to random ones, and priors around given weights.

use burn_bayes::{
    data::Rows,
    model::{LadderConfig, Latents},
    prelude::*,
};

/// Fixed weights become random around what they are: a network whose weights are almost certain
/// gives what the plain one gave. A prior that is centred there charges nothing for the means.
#[test]
fn fixed_weights_become_random_and_priors_are_centred_on_them() {
    let device = Device::default();
    let mut noise = Noise::seeded(0);
    let plain = MlpConfig::new(4, vec![5], 3).init(&device, &mut noise);
    let x = noise.normal([1, 2, 4], &device);
    let (std, prior_std) = (1e-6, 2.0);
    let weights = Weights::Random {
        initial_std: std,
        prior: WeightPrior::Normal { std: prior_std },
        random_bias: true,
    };
    let random = plain.with_random_weights(weights);
    assert_eq!(random.random_layers().len(), 2);
    let difference = random.forward(x.clone(), 3, &mut noise) - plain.forward(x, 3, &mut noise);
    assert!(difference.abs().max().into_scalar::<f32>() < 1e-4);

    let numbers = (4 * 5 + 5 + 5 * 3 + 3) as f64;
    let kl = |network: &Mlp| network.weight_kl().unwrap().into_scalar::<f64>();
    let ratio: f64 = (std / prior_std).powi(2);
    let spread = 0.5 * (ratio - 1.0 - ratio.ln()) * numbers;
    let centred = random.with_centred_priors();
    // Logarithms of order 30, 43 of them, in `f32`.
    assert!(
        (kl(&centred) - spread).abs() < 1e-3,
        "{} {spread}",
        kl(&centred)
    );
    let layers = plain.layers.iter().map(|layer| {
        let Dense::Deterministic(linear) = layer else {
            panic!("fixed weights")
        };
        linear.weight.val().square().sum().into_scalar::<f64>()
    });
    let means: f64 = layers.sum::<f64>() / (2.0 * prior_std * prior_std);
    assert!((kl(&random) - spread - means).abs() < 1e-3);
    assert!(centred.to_string().contains("around weights of its own"));

    // The centre stays when the means move, and in records.
    let Dense::Bayesian(mut layer) = centred.layers[0].clone() else {
        panic!("random weights")
    };
    layer.weight_loc = burn::module::Param::from_tensor(layer.weight_loc.val().add_scalar(1.0));
    let moved = layer.kl(&layer.prior()).into_scalar::<f64>();
    let Dense::Bayesian(still) = &centred.layers[0] else {
        panic!("random weights")
    };
    let still = still.kl(&still.prior()).into_scalar::<f64>();
    assert!((moved - still - 20.0 / 8.0).abs() < 1e-3, "{moved} {still}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("centred.bpk");
    burn_bayes::model::save_weights(&centred, &path).unwrap();
    let other = MlpConfig::new(4, vec![5], 3).with_weights(weights);
    let other = other.init(&device, &mut noise).with_centred_priors();
    let loaded = burn_bayes::model::load_weights(other, &path).unwrap();
    assert_eq!(kl(&loaded), kl(&centred));
}

/// A centre is no parameter to train.
#[test]
fn the_centre_of_a_prior_is_not_trained() {
    let device = Device::default().autodiff();
    let mut noise = Noise::seeded(0);
    let config = BayesianLinearConfig::new(3, 2);
    let layer = config.init(&device, &mut noise).with_centred_prior();
    let mut adam = AdamConfig::new().init();
    let centre = |layer: &BayesianLinear| {
        // At a variance of 0 and means of 0 the charge tells the centre.
        let mut zero = layer.clone();
        zero.weight_loc = burn::module::Param::from_tensor(layer.weight_loc.val().zeros_like());
        zero.kl(&zero.prior()).into_scalar::<f64>()
    };
    let before = centre(&layer);
    let y = layer.forward(noise.normal([1, 4, 3], &device), 2, &mut noise);
    let loss = y.square().mean() + layer.kl(&layer.prior());
    let gradients = burn::optim::GradientsParams::from_grads(loss.backward(), &layer);
    let stepped = adam.step(0.1, layer.clone(), gradients);
    let moved = stepped.weight_loc.val() - layer.weight_loc.val();
    assert!(moved.abs().max().into_scalar::<f32>() > 0.05);
    let mut again = stepped.clone();
    again.weight_log_variance = layer.weight_log_variance.clone();
    again.bias_loc = layer.bias_loc.clone();
    again.bias_log_variance = layer.bias_log_variance.clone();
    assert_eq!(centre(&again), before);
}

/// All configurations decide about σ, prior and biases of random weights, and refuse the same.
#[test]
fn configurations_set_random_weights() {
    const STD: f64 = 0.3;
    let prior = WeightPrior::Normal { std: 2.0 };
    fn check<D: Rows>(model: &impl LatentVariableModel<D>, prior: &WeightPrior) {
        let layers = model.random_layers();
        assert!(layers.len() >= 4, "{}", layers.len());
        for (place, layer) in layers {
            let deviations = layer.weight_posterior().scale().into_data();
            let deviations = deviations.iter::<f64>();
            // A logarithm and an exponential of `f32`.
            let wrong = deviations.filter(|std| (std - STD).abs() > 1e-6).count();
            assert_eq!(
                (wrong, layer.bias_posterior().is_some()),
                (0, false),
                "{place}"
            );
            assert_eq!(format!("{:?}", layer.prior()), format!("{prior:?}"));
        }
    }
    let (device, noise) = (&Device::default(), &mut Noise::seeded(0));
    let refused = |result: Result<(), Error>, name: &str| {
        let message = result.unwrap_err().to_string();
        assert!(message.contains(name), "{message}");
    };
    let layers = vec![Latents::new(3).with_hidden(vec![6]), Latents::new(2)];
    let columns = Columns::new([(Family::Bernoulli, 4)]);
    macro_rules! check_configuration {
        ($config:expr) => {
            let config = $config.with_uncertainty(Uncertainty::EncoderAndDecoder);
            let random = config
                .clone()
                .with_initial_weight_std(STD)
                .with_weight_prior(prior)
                .with_random_bias(false);
            check(&random.init(device, noise), &prior);
            refused(
                config.clone().with_initial_weight_std(0.0).validate(),
                "initial_weight_std",
            );
            let none = WeightPrior::Normal { std: f64::INFINITY };
            refused(
                config.clone().with_weight_prior(none).validate(),
                "weight_prior.std",
            );
            let none = Initializer::Normal { std: -1.0 };
            refused(config.with_initializer(none).validate(), "initializer.std");
        };
    }
    check_configuration!(VaeConfig::new(4, 2).with_hidden(vec![6]));
    check_configuration!(IncompleteVaeConfig::new(columns, 2).with_hidden(vec![6]));
    check_configuration!(LadderConfig::new(4, layers));
}
