//! Ratios of gradients that are known, and of a model whose ratios have a known order.

use burn::{optim::GradientsParams, tensor::DType};
use burn_bayes::{
    gradient::{Estimator, signal_to_noise},
    prelude::*,
};

fn model() -> Vae {
    let device = Device::default().autodiff();
    VaeConfig::new(4, 2)
        .with_hidden(vec![5])
        .init(&device, &mut Noise::seeded(1))
}

/// Gradients that are drawn from N(m, s²), for m/s of 0, 1 and 10: of 1000 draws the ratio is off
/// by √((1 + r²/2)/1000), five times that at most.
#[test]
fn known_ratios_are_found() {
    let model = model();
    let Dense::Deterministic(layer) = &model.encoder.network.layers[0] else {
        panic!("fixed weights")
    };
    let bias = layer.bias.as_ref().unwrap().id;
    let device = Device::default();
    let means = Tensor::<1>::from_floats([0.0, 0.5, 5.0, -5.0, 0.0], &device);
    let noise = Noise::seeded(2);
    let found = signal_to_noise(&model, 1000, |draw| {
        let epsilon = noise.fork(draw as u64).normal([1, 1, 5], &device);
        let scale = Tensor::<1>::from_floats([0.5, 0.5, 0.5, 0.5, 0.0], &device);
        let mut gradients = GradientsParams::new();
        gradients.register(bias, means.clone() + scale * epsilon.reshape([5]));
        gradients
    });
    let [(path, ratios)] = &found.parameters[..] else {
        panic!("one parameter")
    };
    assert_eq!(path, "encoder.network.layers.0.Deterministic.bias");
    for (found, expected) in ratios.iter().zip([0.0, 1.0, 10.0, 10.0, 0.0f64]) {
        let error = ((1.0 + expected * expected / 2.0) / 1000.0f64).sqrt();
        assert!((found - expected).abs() < 5.0 * error, "{found} {expected}");
    }
    let mean = ratios.iter().sum::<f64>() / 5.0;
    assert_eq!(found.mean_of("encoder"), mean);
    assert!(found.mean_of("decoder").is_nan());
    assert_eq!(means.dtype(), DType::F32);
}

/// Of the standard estimator the encoder's ratio falls with k and the decoder's grows; with DReG
/// the encoder's is higher (Rainforth et al. 2018, Tucker et al. 2019).
#[test]
fn the_encoders_ratio_falls_with_k_but_for_dreg() {
    let model = model();
    let x = Tensor::<2>::from_floats(
        [[1.0, 0.0, 1.0, 1.0], [0.0, 1.0, 1.0, 0.0]],
        &Device::default(),
    );
    let ratios = |k, estimator| {
        let objective = Objective::iwae(k).with_estimator(estimator);
        let noise = Noise::seeded(3);
        signal_to_noise(&model, 300, |draw| {
            let noise = &mut noise.fork(draw as u64);
            objective
                .gradients(&model, x.clone(), Step::new(2), noise)
                .1
        })
    };
    let (few, many) = (
        ratios(1, Estimator::Standard),
        ratios(64, Estimator::Standard),
    );
    let dreg = ratios(64, Estimator::DoublyReparameterized);
    assert!(many.mean_of("encoder") < 0.6 * few.mean_of("encoder"));
    assert!(many.mean_of("decoder") > 2.0 * few.mean_of("decoder"));
    assert!(dreg.mean_of("encoder") > 2.0 * many.mean_of("encoder"));
}

#[test]
fn a_gradient_that_is_not_a_number_has_no_ratio() {
    let model = model();
    let Dense::Deterministic(layer) = &model.encoder.network.layers[0] else {
        panic!("fixed weights")
    };
    let bias = layer.bias.as_ref().unwrap().id;
    let found = signal_to_noise(&model, 3, |_| {
        let mut gradients = GradientsParams::new();
        let numbers = [f32::NAN, 0.0, 2.0, 2.0, 2.0];
        gradients.register(bias, Tensor::<1>::from_floats(numbers, &Device::default()));
        gradients
    });
    let ratios = &found.parameters[0].1;
    assert!(ratios[0].is_nan() && ratios[1] == 0.0 && ratios[2] == f64::INFINITY);
    assert!(found.mean_of("enc").is_nan(), "a part is a whole name");
}
