//! What goes wrong: numbers that are not finite, settings that cannot work.

use super::*;
use burn_bayes::data::Source;

/// A model that wraps another and breaks it.
#[derive(Module, Debug)]
struct Broken {
    vae: Vae,
    #[module(skip)]
    how: Break,
    #[module(skip)]
    calls: Calls,
}

/// It prints the same at every number, as a model's print tells it from others.
#[derive(Clone, Default)]
struct Calls(Arc<AtomicUsize>);

impl std::fmt::Debug for Calls {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("calls")
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Break {
    NoClosedForm,
    /// log p(x | z) of one datapoint is −∞ at this call. The first are those of the rehearsal, one
    /// for each data set.
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
            calls: Calls::default(),
        }
    }
}

impl LatentVariableModel for Broken {
    fn log_weights(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> LogWeights {
        let call = self.calls.0.fetch_add(1, Ordering::Relaxed);
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
                // 0 with a slope of 1e60. (Not a root at 0: there are devices whose slope of it is
                // 0.)
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
        Step::new(1),
        &mut Noise::seeded(0),
    );
}

fn non_finite<M>(model: M, dir: &Path) -> (String, f64, u64, String)
where
    M: LatentVariableModel + Module + std::fmt::Display + 'static,
{
    let training = TrainingConfig::new(Objective::iwae(3))
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
    let model = Broken::new(Break::LogLikelihood { call: 1 + 9 });
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
    let model = Broken::new(Break::LogLikelihood { call: 2 + 4 });
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

    // In the third epoch: the run goes on after the second.
    let other = dir.path().join("third");
    let training = training.with_patience(Some(5));
    let fit = |model| {
        let run = silent(&other).with_resume(true);
        training.fit(model, &grey(30), Some(&grey(5)), run)
    };
    let broken = || {
        Broken::new(Break::LogLikelihood {
            call: 2 + 3 * 5 - 1,
        })
    };
    fit(broken()).unwrap_err();
    assert_eq!(silent(&other).epochs_done().unwrap(), 2);
    let later = broken();
    later.calls.0.store(1000, Ordering::Relaxed);
    let resumed = fit(later).unwrap();
    assert_eq!(resumed.curve.len(), training.epochs);

    // After one step it may be the cause.
    let model = Broken::new(Break::LogLikelihood { call: 2 + 1 });
    let fitted = training.with_batch_size(30).fit(
        model,
        &grey(30),
        Some(&grey(5)),
        silent(dir.path().join("one")),
    );
    let message = fitted.unwrap_err().to_string();
    for words in ["validation data became -inf at step 0", "learning rate"] {
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn wrong_settings_are_named_and_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("run");
    fn expect<S>(
        dir: &Path,
        training: TrainingConfig,
        [train, valid]: [Option<S>; 2],
        words: &[&str],
    ) where
        S: Source<Rows = Tensor<2>>,
    {
        let (model, train) = (vae(Uncertainty::EncoderAndDecoder), train.unwrap());
        let fitted = training.fit(model, &train, valid.as_ref(), silent(dir));
        let message = fitted.unwrap_err().to_string();
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
        assert!(!dir.exists(), "{words:?}");
    }
    let expect_of_grey =
        |training, words: &[&str]| expect(&dir, training, [Some(grey(10)), None], words);
    expect_of_grey(small().with_epochs(0), &["`epochs` is 0"]);
    expect_of_grey(small().with_batch_size(0), &["`batch_size` is 0"]);
    let objective = Objective::iwae(0);
    expect_of_grey(
        TrainingConfig {
            objective,
            ..small()
        },
        &["`num_samples` is 0"],
    );
    for learning_rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let schedule = Schedule::Constant { learning_rate };
        expect_of_grey(
            small().with_schedule(schedule),
            &["`learning_rate` is", "positive"],
        );
    }
    expect_of_grey(small().with_adam_epsilon(0.0), &["`adam_epsilon` is 0"]);

    let not_binary = ["grey: expected zeros and ones", "Datapoints::binarized"];
    expect(&dir, small(), [Some(real(10)), None], &not_binary);
    expect(&dir, small(), [Some(bars(1)), Some(real(10))], &not_binary);
    let narrow = Datapoints::new("narrow", vec![0.0; 20], 10).unwrap();
    expect(
        &dir,
        small(),
        [Some(bars(1)), Some(narrow.clone())],
        &["narrow", "10 features", "bars has 16"],
    );
    let narrow = narrow.binarized(Binarization::Dynamic);
    expect(
        &dir,
        small(),
        [Some(grey(10)), Some(narrow)],
        &["narrow", "10 features", "grey has 16"],
    );
}

/// A model of random weights that hands over the KL of its decoder, and of its encoder or not.
#[derive(Module, Debug)]
struct Told {
    vae: Vae,
    #[module(skip)]
    whole: bool,
}

impl LatentVariableModel for Told {
    fn log_weights(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> LogWeights {
        self.vae.log_weights(x, num_samples, noise)
    }

    fn support(&self) -> Support {
        Support::Binary
    }

    fn encoder_weight_kl(&self) -> Option<Tensor<1>> {
        self.whole.then(|| self.vae.encoder_weight_kl()).flatten()
    }

    fn decoder_weight_kl(&self) -> Option<Tensor<1>> {
        self.vae.decoder_weight_kl()
    }
}

/// Weights that were left out would cost nothing.
#[test]
fn all_random_weights_are_charged_or_none() {
    let dir = tempfile::tempdir().unwrap();
    let fit = |uncertainty, whole, charged| {
        let vae = vae(uncertainty);
        let training = TrainingConfig {
            objective: Objective::iwaeu(3, charged),
            ..small()
        };
        let run = silent(dir.path()).with_overwrite(true);
        let model = Told { vae, whole };
        training.with_epochs(1).fit(model, &grey(30), None, run)
    };
    let both = Uncertainty::EncoderAndDecoder;
    let error = fit(both, false, ChargedWeights::All).unwrap_err();
    let text = error.to_string();
    for part in ["charged_weights", "leaves `vae.encoder.", "random_weights!"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(fs::read_dir(dir.path()).unwrap().next().is_none());
    for (uncertainty, whole, charged) in [
        (both, true, ChargedWeights::All),
        (both, false, ChargedWeights::Decoder),
        (both, false, ChargedWeights::None),
        (Uncertainty::Decoder, false, ChargedWeights::All),
    ] {
        fit(uncertainty, whole, charged).unwrap();
    }
}
