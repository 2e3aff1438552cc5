//! Whole models against the golden numbers of an independent program: `golden.py` tells how they
//! were made. Log-weights, bounds, divergences of weights, and the gradient of every parameter.

use super::{
    TOLERANCE, device,
    models::{Golden, K, numbers, of_net, of_trunk_mlp, parameters},
};
use burn::{module::ParamId, optim::GradientsParams};
use burn_bayes::{
    bound::Bound,
    gradient::{Estimator, Replay},
    prelude::*,
};

type Names = Vec<(String, ParamId)>;

fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

fn assert_close(what: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let size = expected.iter().fold(1e-2, |size: f64, x| size.max(x.abs()));
    for (found, expected) in found.iter().zip(expected) {
        let error = (found - expected).abs();
        assert!(
            error <= TOLERANCE * size,
            "{what}: {found}, expected {expected}"
        );
    }
}

fn assert_gradients(golden: &Golden, keys: &[&str], names: &Names, gradients: &GradientsParams) {
    for (name, id) in names {
        let found = match name.contains("weight") {
            true => gradients.get::<2>(*id).map(read),
            false => gradients.get::<1>(*id).map(read),
        };
        let found = found.unwrap_or_else(|| panic!("{name} has no gradient"));
        // Of the loss, which is minus the bound.
        let found: Vec<f64> = found.into_iter().map(|gradient| -gradient).collect();
        let path = [keys, &[name.as_str()]].concat();
        assert_close(&path.join(" "), &found, &numbers(golden.at(&path)));
    }
    let count = golden.at(keys).as_object().unwrap().len();
    assert_eq!(count, names.len(), "every parameter was looked at");
}

fn x(golden: &Golden) -> Tensor<2> {
    golden.tensor(&["x"])
}

/// Everything that all files have.
fn assert_golden<M: LatentVariableModel + Module>(golden: &Golden, model: &M, names: &Names) {
    let weights = model.log_weights(x(golden), K, &mut Noise::seeded(7));
    for (name, part) in [
        ("log_likelihood", &weights.log_likelihood),
        ("log_prior", &weights.log_prior),
        ("log_proposal", &weights.log_proposal),
        ("log_weights", &weights.total()),
    ] {
        assert_close(name, &read(part.clone()), &numbers(golden.at(&[name])));
    }
    let total = weights.total();
    for (name, bound) in [("elbo", bound::vae as fn(_) -> _), ("iwae", bound::iwae)] {
        let expected = numbers(golden.at(&["bounds", name]));
        assert_close(name, &read(bound(total.clone())), &expected);
    }
    let shares = read(bound::normalized_weights(total.clone()));
    assert_close(
        "shares",
        &shares,
        &numbers(golden.at(&["normalized_weights"])),
    );
    if let Some(kl) = model.weight_kl() {
        let expected = golden.at(&["weight_kl", "total"]).as_f64().unwrap();
        assert_close("weight KL", &read(kl), &[expected]);
    }
    let gradients = -bound::iwae(total).mean();
    let gradients = GradientsParams::from_grads(gradients.backward(), model);
    let standard = golden.at(&["gradients"]).get("standard").is_some();
    let keys: &[&str] = match standard {
        true => &["gradients", "standard"],
        false => &["gradients"],
    };
    assert_gradients(golden, keys, names, &gradients);
    let replay = Replay::new(K).with_samples_per_chunk(3);
    let replayed = replay.run(model, x(golden), &mut Noise::seeded(7));
    assert_gradients(golden, keys, names, &replayed.gradients);
}

fn golden(name: &str) -> Option<Golden> {
    device().map(|device| Golden::read(name, &device))
}

#[test]
fn one_layer() {
    let Some(golden) = golden("one_layer") else {
        return;
    };
    let model = golden.one_layer();
    let encoder = of_net("encoder", &model.encoder.network);
    let names = [encoder, of_net("decoder", &model.decoder.network)].concat();
    assert_golden(&golden, &model, &names);
    let encoder = golden
        .at(&["weight_kl", "by_net", "encoder"])
        .as_f64()
        .unwrap();
    assert_close(
        "encoder KL",
        &read(model.encoder_weight_kl().unwrap()),
        &[encoder],
    );
}

#[test]
fn full_covariance() {
    let Some(golden) = golden("full_covariance") else {
        return;
    };
    let model = golden.full_covariance();
    let encoder = of_net("encoder", &model.encoder.network);
    let names = [encoder, of_net("decoder", &model.decoder.network)].concat();
    assert_golden(&golden, &model, &names);
    let weights = model.log_weights(x(&golden), K, &mut Noise::seeded(7));
    let kl = weights.latent_kl().unwrap();
    let analytic = bound::vae_analytic(weights.log_likelihood, kl);
    let expected = numbers(golden.at(&["bounds", "elbo_analytic"]));
    assert_close("analytic ELBO", &read(analytic), &expected);
}

fn of_two_layers(
    model: &Vae<GaussianEncoder, burn_bayes::model::Hierarchy, BernoulliDecoder>,
) -> Names {
    let above = &model.prior.layers[0];
    [
        of_net("encoder", &model.encoder.network),
        of_net("encoder2", &above.encoder.network),
        of_net("decoder2", &above.decoder.network),
        of_net("decoder", &model.decoder.network),
    ]
    .concat()
}

#[test]
fn two_layers() {
    let Some(golden) = golden("two_layers") else {
        return;
    };
    let model = golden.two_layers();
    assert_golden(&golden, &model, &of_two_layers(&model));
    for (net, kl) in [
        (["encoder", "encoder2"], model.encoder_weight_kl()),
        (["decoder", "decoder2"], model.decoder_weight_kl()),
    ] {
        let nets = net.map(|net| golden.at(&["weight_kl", "by_net", net]).as_f64().unwrap());
        assert_close("weight KL", &read(kl.unwrap()), &[nets[0] + nets[1]]);
    }
}

#[test]
fn estimators_of_two_layers() {
    let Some(golden) = golden("dreg") else { return };
    let model = golden.two_layers();
    let names = of_two_layers(&model);
    assert_golden(&golden, &model, &names);
    for (key, estimator) in [
        ("dreg", Estimator::DoublyReparameterized),
        ("stl", Estimator::StickingTheLanding),
    ] {
        let replay = Replay::new(K).with_estimator(estimator);
        let replayed = replay.run(&model, x(&golden), &mut Noise::seeded(7));
        assert_gradients(&golden, &["gradients", key], &names, &replayed.gradients);
    }
}

#[test]
fn ladder() {
    let Some(golden) = golden("ladder") else {
        return;
    };
    let model = golden.ladder();
    let up = [1, 2].iter().zip(&model.up).flat_map(|(number, rung)| {
        let mut names = parameters(&format!("up{number}"), &rung.trunk.layers[0]);
        names.extend(parameters(&format!("head{number}"), &rung.proposal.network));
        names
    });
    let mut names: Names = up.collect();
    names.extend(of_trunk_mlp("decoder2", &model.down[0].prior.network));
    names.extend(of_trunk_mlp("decoder", &model.decoder.network));
    assert_golden(&golden, &model, &names);
}

#[test]
fn bounds() {
    let Some(golden) = golden("black_box_alpha") else {
        return;
    };
    let check = |bound: Bound, at: &str, path: &[&str]| {
        let log_weights = golden.tensor::<2>(&[at]).without_autodiff();
        let value = read(bound.value(log_weights.clone()).unwrap());
        let expected = golden.at(&[path, &["value"]].concat());
        assert_close(&path.join(" "), &value, &numbers(expected));
        // Of the mean over three datapoints.
        let shares = read(bound.shares(log_weights).unwrap().div_scalar(3.0));
        let expected = golden.at(&[path, &["gradient_of_mean"]].concat());
        assert_close(&path.join(" "), &shares, &numbers(expected));
    };
    check(Bound::Vae, "log_weights", &["vae"]);
    check(Bound::Iwae, "log_weights", &["iwae"]);
    check(Bound::Jackknife, "log_weights", &["jvi"]);
    for alpha in ["-1.0", "0.0", "0.5", "1.0", "2.0"] {
        let bound = Bound::Renyi {
            alpha: alpha.parse().unwrap(),
        };
        check(bound, "log_weights", &["variational_renyi", alpha]);
    }
    for alpha in ["0.5", "1.0"] {
        let bound = Bound::Renyi {
            alpha: 1.0 - alpha.parse::<f64>().unwrap(),
        };
        check(bound, "log_likelihoods", &["black_box_alpha", alpha]);
    }
}
