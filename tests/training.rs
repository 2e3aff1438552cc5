//! Training as a user sees it: what is optimized, that it can be repeated, what is written, what goes
//! wrong.

use burn::{
    module::{ModuleVisitor, Param},
    optim::GradientsParams,
};
use burn_bayes::{
    Error, bound,
    model::LogWeights,
    prelude::*,
    train::{
        Bound, ChargedWeights, Objective, Progress, Run, Schedule, Trained, TrainingConfig, stream,
    },
};
use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// `copies` of eight binary images of 4 × 4 pixels: the rows and the columns.
fn bars(copies: usize) -> Datapoints {
    let pixel = |image: usize, pixel: usize| {
        let (row, column) = (pixel / 4, pixel % 4);
        if image < 4 {
            row == image
        } else {
            column == image - 4
        }
    };
    let images =
        (0..8 * copies).flat_map(|i| (0..16).map(move |p| f32::from(u8::from(pixel(i % 8, p)))));
    Datapoints::new("bars", images.collect(), 16).unwrap()
}

/// Grey levels.
fn grey(rows: usize) -> Datapoints {
    let values = (0..16 * rows).map(|i| ((i * 7) % 11) as f32 / 10.0);
    Datapoints::new("grey", values.collect(), 16).unwrap()
}

fn vae(uncertainty: Uncertainty) -> Vae {
    VaeConfig::new(16, 3)
        .with_hidden(vec![24])
        .with_uncertainty(uncertainty)
        .init(&Device::default(), &mut Noise::seeded(5))
}

/// Small and quick; IWAEU with every part in use.
fn small() -> TrainingConfig {
    TrainingConfig::new(
        Objective::iwaeu(3, ChargedWeights::All),
        Binarization::Dynamic,
    )
    .with_seed(7)
    .with_epochs(4)
    .with_batch_size(8)
    .with_schedule(Schedule::Burda {
        learning_rate: 1e-2,
    })
}

fn silent(dir: impl AsRef<Path>) -> Run {
    Run::new(dir).with_progress(Progress::Silent)
}

/// Every parameter, as bits.
fn bits<M: Module>(model: &M) -> Vec<u32> {
    struct Collect(Vec<u32>);
    impl ModuleVisitor for Collect {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let values = param
                .val()
                .without_autodiff()
                .try_into_vec_as::<f32>()
                .unwrap();
            self.0.extend(values.into_iter().map(f32::to_bits));
        }
    }
    let mut collect = Collect(Vec::new());
    model.visit(&mut collect);
    collect.0
}

fn finite<M: Module>(model: &M) -> bool {
    bits(model)
        .into_iter()
        .all(|bits| f32::from_bits(bits).is_finite())
}

fn values(tensor: Tensor<1>) -> Vec<f32> {
    tensor.try_into_vec_as().unwrap()
}

fn close(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|(a, b)| (a - b).abs() < 1e-4 * (1.0 + a.abs()))
}

#[test]
fn the_parts_add_up_to_the_loss() {
    let model = vae(Uncertainty::EncoderAndDecoder);
    let x = bars(1).select(&[0, 1, 2, 3, 4, 5], &Device::default());
    let evaluate =
        |objective: &Objective, n| objective.evaluate(&model, x.clone(), n, &mut Noise::seeded(1));

    for (objective, equal) in [
        (Objective::vae(4), true),
        (Objective::vae_analytic(4), true),
        (Objective::iwae(4), false),
    ] {
        let parts = evaluate(&objective, 6);
        let (bound, elbo) = (
            values(parts.bound.clone()),
            values(parts.log_likelihood.clone() - parts.kl.clone()),
        );
        assert_eq!(close(&bound, &elbo), equal, "{objective:?}");
        assert!(
            bound
                .iter()
                .zip(&elbo)
                .all(|(bound, elbo)| bound > &(elbo - 1e-4))
        );
        assert!(close(
            &values(parts.loss()),
            &values(parts.bound.clone().mean().neg())
        ));
        assert!(parts.weight_kl.is_none());
        let ess = values(parts.effective_sample_size);
        assert!(ess.into_iter().all(|ess| (1.0..=4.0).contains(&ess)));
    }
    // The analytic divergence replaces an estimate of the same thing.
    let [estimate, exact] = [Objective::vae(2000), Objective::vae_analytic(1)]
        .map(|objective| values(evaluate(&objective, 6).kl.mean())[0]);
    assert!((estimate - exact).abs() < 0.3, "{estimate} {exact}");

    for (charged, expected) in [
        (ChargedWeights::Decoder, model.decoder_weight_kl().unwrap()),
        (ChargedWeights::All, model.weight_kl().unwrap()),
    ] {
        let objective = Objective::iwaeu(4, charged);
        let (small, large) = (evaluate(&objective, 10), evaluate(&objective, 1000));
        assert!(close(
            &values(small.weight_kl.clone().unwrap()),
            &values(expected.clone())
        ));
        for (parts, n) in [(&small, 10.0), (&large, 1000.0)] {
            let cost = expected.clone() / n;
            assert!(close(
                &values(parts.weight_kl_per_datapoint().unwrap()),
                &values(cost.clone())
            ));
            let loss = cost - parts.bound.clone().mean();
            assert!(close(&values(parts.loss()), &values(loss)));
        }

        let log_weights = model
            .log_weights(x.clone(), 4, &mut Noise::seeded(1))
            .total();
        let charge = WeightKl::PerDatapoint {
            kl: expected,
            dataset_size: 10,
        };
        let loss = bound::iwaeu(log_weights, charge).mean().neg();
        assert!(close(&values(small.loss()), &values(loss)));
    }
}

/// A model that wraps another and breaks it.
#[derive(Module, Debug)]
struct Broken {
    vae: Vae,
    #[module(skip)]
    how: Break,
    #[module(skip)]
    calls: Arc<AtomicUsize>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Break {
    NoClosedForm,
    /// log p(x | z) of one datapoint is −∞ at this call.
    LogLikelihood {
        call: usize,
    },
    /// Every value is finite, but not the gradient.
    Gradient,
}

impl Broken {
    fn new(how: Break) -> Self {
        Self {
            vae: vae(Uncertainty::None),
            how,
            calls: Arc::default(),
        }
    }
}

impl LatentVariableModel for Broken {
    fn log_weights(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> LogWeights {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let mut parts = self.vae.log_weights(x, num_samples, noise);
        match self.how {
            Break::NoClosedForm => parts.latents.clear(),
            Break::LogLikelihood { call: bad } if bad == call => {
                let first = parts
                    .log_likelihood
                    .clone()
                    .narrow(1, 0, 1)
                    .sub_scalar(f32::INFINITY);
                parts.log_likelihood = parts
                    .log_likelihood
                    .slice_assign([0..num_samples, 0..1], first);
            }
            Break::LogLikelihood { .. } => {}
            Break::Gradient => {
                // 0 with a slope of 1e60. (Not a root at 0: there are devices whose slope of it is 0.)
                let zero = parts.log_likelihood.clone() - parts.log_likelihood.clone().detach();
                let steep = zero.mul_scalar(1e30).mul_scalar(1e30);
                parts.log_likelihood = parts.log_likelihood + steep;
            }
        }
        parts
    }

    fn support(&self) -> Support {
        Support::Binary
    }
}

#[test]
#[should_panic(expected = "use Bound::Vae")]
fn a_closed_form_that_does_not_exist_is_named() {
    let x = bars(1).select(&[0], &Device::default());
    let _ = Objective::vae_analytic(1).evaluate(
        &Broken::new(Break::NoClosedForm),
        x,
        1,
        &mut Noise::seeded(0),
    );
}

/// Eight equally frequent images have an entropy of ln 8, so no model's mean log p(x) is above
/// −ln 8 = −2.08 nats, and one that has learned them by heart comes close. A model that knows the
/// pixels' frequencies only has 16 · H(1/4) = −9.0.
#[test]
fn eight_images_are_learned_by_heart() {
    let dir = tempfile::tempdir().unwrap();
    let training = TrainingConfig::new(Objective::iwae(10), Binarization::None)
        .with_epochs(80)
        .with_batch_size(20)
        .with_schedule(Schedule::Burda {
            learning_rate: 4e-2,
        });
    let trained = training
        .fit(
            vae(Uncertainty::None),
            &bars(50),
            Some(&bars(10)),
            silent(dir.path()),
        )
        .unwrap();

    let (first, last) = (&trained.curve[0], trained.curve.last().unwrap());
    assert!(first.train.bound < -8.0, "{first:?}");
    let last = last.valid.unwrap();
    assert!(last.bound > -2.7 && last.bound < -2.05, "{last:?}");
}

fn fit(training: &TrainingConfig, run: Run) -> Trained<Vae> {
    let model = vae(Uncertainty::EncoderAndDecoder);
    training
        .fit(model, &grey(30), Some(&grey(13)), run)
        .unwrap()
}

#[test]
fn a_run_is_repeated_to_the_bit_with_any_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    // Large enough for several threads to be used.
    let run = |name: &str, threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let values = (0..784 * 100).map(|i| ((i * 7) % 11) as f32 / 10.0);
            let data = Datapoints::new("grey", values.collect(), 784).unwrap();
            let model = VaeConfig::new(784, 20)
                .with_hidden(vec![200])
                .with_uncertainty(Uncertainty::EncoderAndDecoder)
                .init(&Device::default(), &mut Noise::seeded(5));
            let before = bits(&model);
            let training = small().with_epochs(2).with_batch_size(50);
            let trained = training
                .fit(model, &data, None, silent(dir.path().join(name)))
                .unwrap();
            let after = bits(&trained.model);
            assert_ne!(before, after);
            after
        })
    };
    let two = run("two", 2);
    assert_eq!(
        two.len(),
        (2 * (784 * 200 + 200)
            + 2 * (200 * 40 + 40)
            + 2 * (20 * 200 + 200)
            + 2 * (200 * 784 + 784))
    );
    assert!(two == run("two again", 2), "the same run differs");
    assert!(two == run("one", 1), "one thread differs from two");
}

/// The loop that the documentation describes, written by hand.
#[test]
fn training_is_the_loop_that_is_documented() {
    let dir = tempfile::tempdir().unwrap();
    let training = small();
    let trained = fit(&training, silent(dir.path()));

    let (train, valid, device) = (grey(30), grey(13), Device::default());
    let root = Noise::seeded(7).fork(stream::ROOT);
    let mut model = vae(Uncertainty::EncoderAndDecoder).train();
    let mut adam = AdamConfig::new().init();
    let mut step = 0;
    for epoch in 0..4 {
        let order = root.fork(stream::ORDER).fork(epoch).permutation(30);
        let mut sum = 0.0;
        for ids in order.chunks(8) {
            let visit = root.fork(stream::BINARIZATION).fork(step);
            let x = Binarization::Dynamic.apply(train.select(ids, &device), ids, &visit);
            let mut noise = root.fork(stream::MODEL).fork(step).with_datapoints(ids);
            let parts = training.objective.evaluate(&model, x, 30, &mut noise);
            sum += values(parts.bound.clone())
                .into_iter()
                .map(f64::from)
                .sum::<f64>();
            let gradients = GradientsParams::from_grads(parts.loss().backward(), &model);
            model = adam.step(
                training.schedule.learning_rate(epoch as usize),
                model,
                gradients,
            );
            step += 1;
        }
        let summary = &trained.curve[epoch as usize];
        assert_eq!((summary.epoch, summary.steps), (epoch as usize + 1, 4));
        assert!(
            (summary.train.bound - sum / 30.0).abs() < 1e-4,
            "short batches count by their length"
        );
    }
    assert_eq!(bits(&trained.model), bits(&model));

    let ids: Vec<u32> = (0..13).collect();
    let x = valid.select(&ids, &device);
    let x = Binarization::Dynamic.apply(x, &ids, &root.fork(stream::VALID_BINARIZATION));
    let mut noise = root.fork(stream::VALID_MODEL).with_datapoints(&ids);
    let parts = training
        .objective
        .evaluate(&trained.model, x, 30, &mut noise);
    let summary = trained.curve[3].valid.unwrap();
    for (recorded, part) in [
        (summary.bound, parts.bound.clone()),
        (summary.log_likelihood, parts.log_likelihood.clone()),
        (summary.kl, parts.kl.clone()),
        (
            summary.effective_sample_size,
            parts.effective_sample_size.clone(),
        ),
        (
            summary.weight_kl.unwrap(),
            parts.weight_kl_per_datapoint().unwrap(),
        ),
        (summary.loss(), parts.loss()),
    ] {
        let part = f64::from(values(part.mean())[0]);
        assert!(
            (recorded - part).abs() < 1e-4 * (1.0 + part.abs()),
            "{recorded} {part}"
        );
    }
}

#[test]
fn a_resumed_run_ends_as_one_that_was_never_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let [whole, parts] = ["whole", "parts"].map(|name| dir.path().join(name));
    let training = small();
    let expected = fit(&training, silent(&whole));

    // Resuming where there is nothing starts anew.
    let first = fit(
        &training.clone().with_epochs(2),
        silent(&parts).with_resume(true),
    );
    assert_eq!(first.curve.len(), 2);
    assert_ne!(bits(&first.model), bits(&expected.model));
    let second = fit(&training, silent(&parts).with_resume(true));
    let numbers = |trained: &Trained<Vae>| -> Vec<_> {
        let mut curve = trained.curve.clone();
        curve.iter_mut().for_each(|epoch| epoch.seconds = 0.0);
        curve
    };
    assert_eq!(numbers(&second), numbers(&expected));
    assert!(bits(&second.model) == bits(&expected.model));

    // There is nothing left to do; the file agrees.
    let csv = fs::read_to_string(parts.join("curve.csv")).unwrap();
    assert_eq!(csv.lines().count(), 5);
    let third = fit(&training, silent(&parts).with_resume(true));
    assert_eq!(numbers(&third), numbers(&expected));
    assert!(bits(&third.model) == bits(&expected.model));

    // Other settings, other data, another model.
    let resume = |training: TrainingConfig, rows, model: Vae| {
        let error = training.fit(model, &grey(rows), None, silent(&parts).with_resume(true));
        error.unwrap_err().to_string()
    };
    let same = vae(Uncertainty::EncoderAndDecoder);
    let epochs = resume(training.clone().with_epochs(3), 30, same.clone());
    assert!(
        epochs.contains("`epochs` is 3") && epochs.contains("4"),
        "{epochs}"
    );
    let settings = resume(training.clone().with_seed(8), 30, same.clone());
    assert!(settings.contains("other settings"), "{settings}");
    let data = resume(training.clone(), 40, same);
    assert!(data.contains("5"), "{data}");
    let model = resume(training, 30, vae(Uncertainty::Encoder));
    assert!(model.contains("the model of the run"), "{model}");
}

#[test]
fn files_are_written_and_an_earlier_run_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("made/if/need/be");
    let training = small();
    let trained = fit(&training, silent(&dir));

    let mut names: Vec<String> = fs::read_dir(dir.join("checkpoint"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("model"))
        .collect();
    names.sort();
    assert!(
        names.ends_with(&["model-3.bpk".into(), "model-4.bpk".into()]),
        "{names:?}"
    );
    let config = VaeConfig::new(16, 3)
        .with_hidden(vec![24])
        .with_uncertainty(Uncertainty::EncoderAndDecoder);
    let loaded = config
        .load_weights(dir.join("checkpoint/model-4.bpk"), &Device::default())
        .unwrap();
    assert_eq!(bits(&loaded), bits(&trained.model));
    assert_eq!(
        TrainingConfig::load(dir.join("training.json")).unwrap(),
        training
    );

    let csv = fs::read_to_string(dir.join("curve.csv")).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("epoch,learning_rate,steps,seconds,train_bound,train_ess"));
    assert_eq!(lines.len(), 5);
    let rates: Vec<&str> = lines[1..]
        .iter()
        .map(|line| line.split(',').nth(1).unwrap())
        .collect();
    assert_eq!(rates, ["0.01", "0.0072", "0.0072", "0.0072"]);
    let left = fs::read_dir(&dir).unwrap().count();
    assert_eq!(left, 3, "training.json, curve.csv, checkpoint");

    let model = vae(Uncertainty::None);
    let other = dir.join("other");
    let nothing_to_charge = training
        .fit(model.clone(), &grey(30), None, silent(&other))
        .unwrap_err()
        .to_string();
    assert!(!other.exists());
    assert!(
        nothing_to_charge.contains("no such random weights"),
        "{nothing_to_charge}"
    );
    let training = TrainingConfig {
        objective: Objective::iwae(3),
        ..training
    };
    let refused = training
        .fit(model.clone(), &grey(30), None, silent(&dir))
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains(dir.to_str().unwrap()) && refused.contains("Run::with_resume"),
        "{refused}"
    );
    assert_eq!(fs::read_to_string(dir.join("curve.csv")).unwrap(), csv);

    fs::write(dir.join("notes.txt"), "mine").unwrap();
    let training = training.with_epochs(1);
    let run = silent(&dir).with_overwrite(true).with_checkpoints(false);
    let trained = training.fit(model, &grey(30), None, run).unwrap();
    assert_eq!(
        (trained.curve[0].valid, trained.curve[0].train.weight_kl),
        (None, None)
    );
    assert_eq!(fs::read_dir(dir.join("checkpoint")).unwrap().count(), 0);
    assert!(dir.join("notes.txt").exists());
    assert!(!trained.model.devices()[0].is_autodiff());
}

fn non_finite<M>(model: M, dir: &Path) -> (String, f64, u64, String)
where
    M: LatentVariableModel + Module + std::fmt::Display + 'static,
{
    let training = TrainingConfig::new(Objective::iwae(3), Binarization::Dynamic)
        .with_epochs(4)
        .with_batch_size(8);
    match training.fit(model, &grey(30), None, silent(dir)) {
        Err(Error::NonFinite {
            part,
            value,
            step,
            cure,
        }) => (part, value, step, cure),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("training went on"),
    }
}

#[test]
fn training_stops_at_the_first_number_that_is_not_finite() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("run");
    // Step 9 is the second of epoch 3.
    let model = Broken::new(Break::LogLikelihood { call: 9 });
    let (part, value, step, cure) = non_finite(model, &dir);
    assert_eq!(
        (part.as_str(), value, step),
        ("log p(x|z)", f64::NEG_INFINITY, 9)
    );
    assert!(
        cure.contains("model-2.bpk") && cure.contains("learning rate"),
        "{cure}"
    );

    let checkpoints = fs::read_dir(dir.join("checkpoint")).unwrap();
    assert_eq!(checkpoints.count(), 6, "those of epochs 1 and 2");
    let model = Broken::new(Break::NoClosedForm).load_file(dir.join("checkpoint/model-2.bpk"));
    assert!(finite(&model));
    let csv = fs::read_to_string(dir.join("curve.csv")).unwrap();
    assert_eq!(
        csv.lines().count(),
        3,
        "an epoch that was not finished has no line"
    );
}

#[test]
fn gradients_and_weights_that_are_not_finite_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let (part, _, step, cure) =
        non_finite(Broken::new(Break::Gradient), &dir.path().join("gradient"));
    assert_eq!((part.as_str(), step), ("the gradient", 0));
    assert!(!cure.contains("checkpoint"), "{cure}");
    // A run that got nowhere is not in the way of the next.
    let again = non_finite(Broken::new(Break::Gradient), &dir.path().join("gradient"));
    assert_eq!(again.0, part);

    struct Poison;
    impl burn::module::ModuleMapper for Poison {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            param.map(|tensor| tensor.mul_scalar(f32::NAN))
        }
    }
    let poisoned = vae(Uncertainty::None).map(&mut Poison);
    let (part, value, step, _) = non_finite(poisoned, &dir.path().join("weights"));
    assert_eq!((part.as_str(), step), ("log q(z|x)", 0));
    assert!(value.is_nan());
}

#[test]
fn validation_data_that_are_not_finite_stop_training_before_the_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    let training = TrainingConfig {
        objective: Objective::vae(1),
        ..small()
    };
    // Four steps, then validation.
    let model = Broken::new(Break::LogLikelihood { call: 4 });
    let error = training
        .fit(model, &grey(30), Some(&grey(5)), silent(dir.path()))
        .unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with("log p(x|z) of the validation data became -inf at step 3"),
        "{message}"
    );
    assert_eq!(
        fs::read_dir(dir.path().join("checkpoint")).unwrap().count(),
        0
    );
}

#[test]
fn wrong_settings_are_named_and_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("run");
    let expect =
        |training: TrainingConfig, train: Datapoints, valid: Option<Datapoints>, words: &[&str]| {
            let error = training
                .fit(vae(Uncertainty::None), &train, valid.as_ref(), silent(&dir))
                .unwrap_err();
            let message = error.to_string();
            assert!(words.iter().all(|word| message.contains(word)), "{message}");
            assert!(!dir.exists(), "{words:?}");
        };
    let good = || grey(10);
    expect(small().with_epochs(0), good(), None, &["`epochs` is 0"]);
    expect(
        small().with_batch_size(0),
        good(),
        None,
        &["`batch_size` is 0"],
    );
    expect(
        TrainingConfig {
            objective: Objective::iwae(0),
            ..small()
        },
        good(),
        None,
        &["`num_samples` is 0"],
    );
    for learning_rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let schedule = Schedule::Constant { learning_rate };
        expect(
            small().with_schedule(schedule),
            good(),
            None,
            &["`learning_rate` is", "positive"],
        );
    }
    expect(
        small().with_adam_epsilon(0.0),
        good(),
        None,
        &["`adam_epsilon` is 0"],
    );
    let small = || TrainingConfig {
        binarization: Binarization::None,
        ..small()
    };
    expect(small(), good(), None, &["grey: expected zeros and ones"]);
    expect(
        small(),
        bars(1),
        Some(good()),
        &["grey: expected zeros and ones"],
    );
    let narrow = Datapoints::new("narrow", vec![0.0; 20], 10).unwrap();
    expect(
        small(),
        bars(1),
        Some(narrow),
        &["narrow", "10 features", "bars has 16"],
    );
}

#[test]
fn settings_survive_json() {
    let training = TrainingConfig {
        objective: Objective::new(Bound::VaeAnalytic, 2)
            .with_charged_weights(ChargedWeights::Decoder),
        ..small()
    };
    let same = TrainingConfig::load_binary(training.to_string().as_bytes()).unwrap();
    assert_eq!(same, training);
    assert_ne!(same, small());
}
