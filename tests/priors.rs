//! Priors that are learned with the model.

use burn_bayes::{
    bound::Bound,
    distribution::NormalMixture,
    evaluate,
    model::{MixturePrior, NormalPrior, load_weights, save_weights},
    prelude::*,
    train::Run,
};
use std::f64::consts::TAU;

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.without_autodiff().try_into_vec_as::<f64>().unwrap()
}

const LOGITS: [f64; 3] = [0.5, -1.0, 0.2];
const LOC: [[f64; 2]; 3] = [[-2.0, 1.0], [3.0, 0.5], [0.0, -40.0]];
const LOG_VARIANCE: [[f64; 2]; 3] = [[0.3, -1.0], [-2.0, 1.0], [0.0, 0.5]];

fn mixture(batch: usize) -> NormalMixture {
    let device = Device::default();
    let table = |rows: [[f64; 2]; 3]| {
        Tensor::<2>::from_floats(rows.map(|row| row.map(|x| x as f32)), &device)
    };
    let logits = Tensor::from_floats(LOGITS.map(|x| x as f32), &device);
    NormalMixture::new(logits, table(LOC), table(LOG_VARIANCE), batch)
}

fn weights() -> [f64; 3] {
    let sum: f64 = LOGITS.iter().map(|l| l.exp()).sum();
    LOGITS.map(|l| l.exp() / sum)
}

/// The definition in f64; also far from all components, where densities are 0 in f32.
#[test]
fn a_mixture_is_its_definition() {
    let device = Device::default();
    let at = [[0.0f32, 0.0], [-2.0, 1.0], [500.0, -300.0]];
    let z = Tensor::<2>::from_floats(at, &device).unsqueeze_dim::<3>(0);
    let found = values(mixture(3).log_prob(z));
    for (z, found) in at.into_iter().zip(found) {
        let terms: Vec<f64> = (0..3)
            .map(|c| {
                let row = (0..2).map(|i| {
                    let distance = f64::from(z[i]) - LOC[c][i];
                    let lv = LOG_VARIANCE[c][i];
                    -0.5 * (distance * distance * (-lv).exp() + lv + TAU.ln())
                });
                weights()[c].ln() + row.sum::<f64>()
            })
            .collect();
        let max = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let exact = max
            + terms
                .iter()
                .map(|term| (term - max).exp())
                .sum::<f64>()
                .ln();
        assert!(
            (found - exact).abs() < 1e-5 * exact.abs(),
            "{z:?}: {found}, {exact}"
        );
    }
}

/// Beyond the largest number from every component the density is 0, as that of a normal
/// distribution is.
#[test]
fn a_density_of_zero_is_no_nan() {
    let z = Tensor::<3>::full([1, 1, 2], 1e30, &Device::default());
    assert_eq!(values(mixture(1).log_prob(z)), [f64::NEG_INFINITY]);
}

#[test]
fn draws_have_the_moments_and_the_shares_of_the_components() {
    const COUNT: usize = 100_000;
    let p = mixture(1);
    let z = values(p.sample(COUNT, &mut Noise::seeded(1)));
    let near = |found: f64, expected: f64, error: f64, what: &str| {
        assert!(
            (found - expected).abs() < 4.9 * error,
            "{what}: {found}, {expected}"
        );
    };
    let third = z.chunks(2).filter(|z| z[1] < -20.0).count() as f64 / COUNT as f64;
    let share = weights()[2];
    near(
        third,
        share,
        (share * (1.0 - share) / COUNT as f64).sqrt(),
        "share",
    );
    let (mean, variance) = (values(p.mean()), values(p.variance()));
    for i in 0..2 {
        let column = || z.iter().skip(i).step_by(2);
        let found = column().sum::<f64>() / COUNT as f64;
        near(found, mean[i], (variance[i] / COUNT as f64).sqrt(), "mean");
        let found = column().map(|z| (z - mean[i]).powi(2)).sum::<f64>() / COUNT as f64;
        near(
            found,
            variance[i],
            3.0 * variance[i] / (COUNT as f64).sqrt(),
            "variance",
        );
    }
}

/// Components far from 0, and narrow ones.
#[test]
fn variances_of_a_mixture_do_not_cancel() {
    let device = Device::default();
    for (loc, log_variance) in [(1e4, 0.0), (5.0, -18.0)] {
        let row = |number: f64| Tensor::<2>::full([1, 1], number, &device);
        let logits = Tensor::zeros([1], &device);
        let p = NormalMixture::new(logits, row(loc), row(log_variance), 2);
        for found in values(p.variance()) {
            let expected = log_variance.exp();
            assert!((found / expected - 1.0).abs() < 1e-5, "{found} {expected}");
        }
    }
}

fn data() -> Datapoints {
    let rows = (0..300).map(|i| ((i / 6 % 2) ^ (i % 2)) as f32);
    Datapoints::new("stripes", rows.collect(), 6).unwrap()
}

fn parts(noise: &mut Noise) -> (GaussianEncoder, BernoulliDecoder) {
    let device = Device::default();
    (
        GaussianEncoder::new(&MlpConfig::new(6, vec![8], 2), &device, noise),
        BernoulliDecoder::new(&MlpConfig::new(2, vec![8], 6), &device, noise),
    )
}

fn quick(dir: &std::path::Path) -> (TrainingConfig, Run) {
    let training = TrainingConfig::new(Objective::iwae(5))
        .with_epochs(20)
        .with_batch_size(10)
        .with_schedule(Schedule::Constant {
            learning_rate: 1e-2,
        });
    (
        training,
        Run::new(dir.join("run")).with_progress(Progress::Silent),
    )
}

/// They are trained, saved and reported on; what a report needs of a standard normal prior is left
/// out.
#[test]
fn learned_priors_are_parts_of_a_model() {
    let device = Device::default();
    let dir = tempfile::tempdir().unwrap();
    let mut noise = Noise::seeded(3);
    let settings = || {
        let mut settings = ReportSettings::new();
        settings.sampling.num_samples = 20;
        settings
    };

    let (encoder, decoder) = parts(&mut noise);
    let prior = MixturePrior::new(4, 2, &device, &mut noise);
    let start = values(prior.loc.val());
    let model = Vae::from_parts(encoder, prior, decoder);
    let (training, run) = quick(&dir.path().join("mixture"));
    let trained = training.fit(model.clone(), &data(), None, run).unwrap();
    let bound = |epoch: usize| trained.curve[epoch].train.bound;
    assert!(bound(19) > bound(0) + 0.3, "{} {}", bound(0), bound(19));
    let moved = values(trained.model.prior.loc.val());
    assert!(start.iter().zip(&moved).any(|(a, b)| (a - b).abs() > 0.01));
    let path = dir.path().join("weights.bpk");
    save_weights(&trained.model, &path).unwrap();
    let loaded = load_weights(model, &path).unwrap();
    assert_eq!(values(loaded.prior.loc.val()), moved);
    let report = evaluate::report(&trained.model, &data(), &settings()).unwrap();
    assert!(report.log_likelihood.mean().is_finite() && report.without_inactive.is_none());

    let (encoder, decoder) = parts(&mut noise);
    let model = Vae::from_parts(encoder, NormalPrior::new(2, &device), decoder);
    let (training, run) = quick(&dir.path().join("normal"));
    // It has a closed form.
    let training = TrainingConfig {
        objective: Objective::vae_analytic(1),
        ..training
    };
    let trained = training.fit(model, &data(), None, run).unwrap().model;
    assert!(
        values(trained.prior.log_variance.val())
            .iter()
            .any(|lv| lv.abs() > 0.01)
    );
    evaluate::report(&trained, &data(), &settings()).unwrap();
}

/// Data are made of latents from the prior that the model has.
#[test]
fn latents_are_drawn_from_the_prior() {
    let (device, mut noise) = (Device::default(), Noise::seeded(3));
    let (encoder, decoder) = parts(&mut noise);
    let prior = MixturePrior::new(4, 2, &device, &mut noise);
    let model = Vae::from_parts(encoder, prior.clone(), decoder);
    let mut again = Noise::seeded(5);
    let z = model.sample_latents(30, &mut again);
    let of_prior = prior.distribution(30, &device);
    let expected = of_prior.sample(1, &mut Noise::seeded(5));
    assert_eq!(z.dims(), [1, 30, 2]);
    assert_eq!(values(z.clone()), values(expected));
    let x = model.decode(z, &mut again).sample(1, &mut again);
    assert_eq!(values(x), values(model.sample(30, &mut Noise::seeded(5))));
}

#[test]
#[should_panic(expected = "use Bound::Vae")]
fn a_mixture_has_no_divergence_in_closed_form() {
    let mut noise = Noise::seeded(3);
    let (encoder, decoder) = parts(&mut noise);
    let prior = MixturePrior::new(4, 2, &Device::default(), &mut noise);
    let model = Vae::from_parts(encoder, prior, decoder);
    let x = Tensor::ones([2, 6], &Device::default());
    let objective = Objective::new(Bound::VaeAnalytic, 2);
    let _ = objective.evaluate(&model, x, Step::new(2), &mut noise);
}
