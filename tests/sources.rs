//! Data of a user's own: labelled rows, rows in a file, burn's data sets.

use burn::data::dataset::InMemDataset;
use burn_bayes::{
    Error,
    data::{Binarized, DatasetRows},
    evaluate::report,
    model::ModelNoise,
    prelude::*,
    train::{Backward, Run, Trained},
};
use std::{
    f64::consts::TAU,
    fmt::Display,
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

fn device() -> Device {
    Device::default()
}

type Pair = (Tensor<2>, Tensor<2>);

/// p(y, z | x): z ~ N(0, I), y ~ N(f(x, z), s²); q(z | x, y).
#[derive(Module, Debug)]
struct Regression {
    encoder: GaussianEncoder,
    decoder: GaussianDecoder,
}

impl Regression {
    fn new(weights: Weights) -> Self {
        let mut noise = Noise::seeded(2);
        let mlp = |inputs, outputs| MlpConfig::new(inputs, vec![10], outputs);
        let scale = Scale::Fixed { std: 0.3 };
        let decoder = mlp(1 + 1, 1).with_weights(weights);
        Self {
            encoder: GaussianEncoder::new(&mlp(1 + 1, 1), &device(), &mut noise),
            decoder: GaussianDecoder::new(&decoder, scale, &device(), &mut noise),
        }
    }
}

impl LatentVariableModel<Pair> for Regression {
    fn log_weights(&self, (x, y): Pair, num_samples: usize, noise: &mut Noise) -> LogWeights {
        let mut noise = ModelNoise::of(noise);
        let (x, y) = (x.unsqueeze_dim::<3>(0), y.unsqueeze_dim::<3>(0));
        let both = Tensor::cat(vec![x.clone(), y.clone()], 2);
        let q = self.encoder.forward(both, num_samples, &mut noise.encoder);
        let prior = Normal::standard_like(&q.loc());
        let (z, log_proposal) = q.rsample_with_log_prob(num_samples, &mut noise.latent);
        let inputs = Tensor::cat(vec![x.repeat_dim(0, num_samples), z.clone()], 2);
        let p = self
            .decoder
            .forward(inputs, num_samples, &mut noise.decoder);
        LogWeights::new(p.log_prob(y), prior.log_prob(z.clone()), log_proposal)
            .with_latent(q, prior, z)
    }

    fn support(&self) -> Support {
        Support::Real
    }

    fn decoder_weight_kl(&self) -> Option<Tensor<1>> {
        self.decoder.kl()
    }
}

/// y = ±x, either as often: no function of x, so that a model needs its z.
fn forked(rows: usize, seed: u64) -> Paired<Datapoints, Datapoints> {
    let mut noise = Noise::seeded(seed);
    let read = |tensor: Tensor<3>| tensor.into_data().try_to_vec::<f32>().unwrap();
    let x = read(noise.normal([1, rows, 1], &device()));
    let sign = read(noise.uniform([1, rows, 1], &device()));
    let y = x
        .iter()
        .zip(sign)
        .map(|(x, u)| if u < 0.5 { *x } else { -x });
    let y = Datapoints::new("y", y.collect(), 1).unwrap();
    Paired::new(Datapoints::new("x", x, 1).unwrap(), y).unwrap()
}

fn fit<S, M>(
    model: M,
    [train, valid]: [&S; 2],
    training: TrainingConfig,
    dir: &Path,
) -> Result<Trained<M>, Error>
where
    S: Source,
    M: LatentVariableModel<S::Rows> + Module + Display + 'static,
{
    let run = Run::new(dir)
        .with_progress(Progress::Silent)
        .with_resume(true);
    training.fit(model, train, Some(valid), run)
}

/// Without z the best p(y | x) for y = ±x, s = 0.3 is N(0, 0.3²): −½ log(2π 0.09) − ½ E x²/0.09 =
/// −5.3 nats. A model that knows the fork has ½ log-likelihoods of a hit: −log 2 − ½ log(2π 0.09) −
/// small = −0.5 nats at best.
#[test]
fn labelled_rows_train_a_model_of_y_given_x() {
    let dir = tempfile::tempdir().unwrap();
    let (train, valid) = (forked(400, 1), forked(100, 2));
    let objective = Objective::iwae(10);
    let training = TrainingConfig::new(objective)
        .with_epochs(40)
        .with_batch_size(20)
        .with_schedule(Schedule::Constant {
            learning_rate: 1e-2,
        });
    let trained = fit(
        Regression::new(Weights::Fixed),
        [&train, &valid],
        training,
        dir.path(),
    )
    .unwrap();
    let without_z = -0.5 * (TAU * 0.09).ln() - 0.5 / 0.09;
    let best = -(2.0f64.ln()) - 0.5 * (TAU * 0.09).ln();
    let bound = trained.curve[39].valid.unwrap().bound;
    assert!(
        bound > without_z + 2.0 && bound < best + 0.1,
        "{bound}, {without_z} to {best}"
    );

    let settings = ReportSettings::new()
        .with_num_samples(100)
        .with_progress(Progress::Silent);
    let report = report(&trained.model, &valid, &settings).unwrap();
    assert!((report.log_likelihood.mean() - bound).abs() < 0.5);
    assert!(
        report.data.starts_with("x with y, 100 rows of 1, "),
        "{}",
        report.data
    );
}

/// Pairs of rows are replayed, chosen and whole, as single ones are.
#[test]
fn labelled_rows_are_replayed() {
    let model = Regression::new(Weights::random()).train();
    let ids: Vec<u32> = (0..6).collect();
    let rows = forked(6, 3)
        .select(&ids, &device(), &Noise::seeded(0))
        .unwrap();
    let gradient = |backward| {
        let objective = Objective::iwaeu(8, ChargedWeights::Decoder).with_backward(backward);
        let (_, gradients) =
            objective.gradients(&model, rows.clone(), Step::new(6), &mut Noise::seeded(4));
        let Dense::Bayesian(last) = &model.decoder.network.layers[1] else {
            panic!("the decoder is random")
        };
        let gradient = gradients.get::<2>(last.weight_loc.id).unwrap();
        gradient.into_data().iter::<f64>().collect::<Vec<_>>()
    };
    let exact = gradient(Backward::Joint);
    for threshold in [0.0, 1e-12] {
        let replayed = gradient(Backward::Replayed {
            samples_per_chunk: 3,
            threshold,
        });
        for (exact, replayed) in exact.iter().zip(replayed) {
            assert!((exact - replayed).abs() < 1e-5, "{exact} {replayed}");
        }
    }
}

/// Rows of f32 in a file, read when they are visited. `fails_at` is the visit that cannot be read.
#[derive(Clone, Debug)]
struct Rows {
    path: PathBuf,
    len: usize,
    visits: Arc<AtomicUsize>,
    fails_at: Option<usize>,
}

const WIDTH: usize = 4;

impl Rows {
    fn written(path: PathBuf, data: &Datapoints) -> Self {
        let mut file = File::create(&path).unwrap();
        for number in data.values() {
            file.write_all(&number.to_le_bytes()).unwrap();
        }
        Self {
            path,
            len: data.len(),
            visits: Arc::default(),
            fails_at: None,
        }
    }

    fn read(&self, id: u32) -> io::Result<Vec<f32>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(u64::from(id) * 4 * WIDTH as u64))?;
        let mut bytes = [0; 4 * WIDTH];
        file.read_exact(&mut bytes)?;
        let numbers = bytes
            .chunks(4)
            .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()));
        Ok(numbers.collect())
    }
}

impl Source for Rows {
    type Rows = Tensor<2>;

    fn name(&self) -> &str {
        "rows in a file"
    }

    fn len(&self) -> usize {
        self.len
    }

    fn select(&self, ids: &[u32], device: &Device, _: &Noise) -> Result<Tensor<2>, Error> {
        let failed = |source| Error::Io {
            action: "read",
            path: self.path.clone(),
            source,
        };
        if Some(self.visits.fetch_add(1, Ordering::Relaxed)) == self.fails_at {
            return Err(failed(io::Error::other("the disk is on fire")));
        }
        let rows: io::Result<Vec<_>> = ids.iter().map(|&id| self.read(id)).collect();
        let values = rows.map_err(failed)?.concat();
        Ok(Tensor::from_data(
            TensorData::new(values, [ids.len(), WIDTH]),
            device,
        ))
    }

    fn fingerprint(&self) -> Result<String, Error> {
        Ok(format!(
            "{} rows of {WIDTH} of {}",
            self.len,
            self.path.display()
        ))
    }

    fn check(&self, _: Support) -> Result<(), Error> {
        Ok(())
    }
}

fn vae() -> Vae {
    VaeConfig::new(WIDTH, 2)
        .with_hidden(vec![6])
        .with_likelihood(Family::Normal(Scale::default()))
        .init(&device(), &mut Noise::seeded(3))
}

fn table(rows: usize) -> Datapoints {
    let values = Noise::seeded(5).normal([1, rows, WIDTH], &device());
    Datapoints::new("table", values.into_data().try_to_vec().unwrap(), WIDTH).unwrap()
}

fn short() -> TrainingConfig {
    TrainingConfig::new(Objective::iwae(3))
        .with_epochs(3)
        .with_batch_size(8)
}

/// Wherever rows come from, the same rows give the same curve.
#[test]
fn sources_with_the_same_rows_train_alike() {
    let dir = tempfile::tempdir().unwrap();
    let data = table(30);
    let bounds = |name: &str, trained: Trained<Vae>| {
        let bounds: Vec<f64> = trained
            .curve
            .iter()
            .map(|epoch| epoch.train.bound)
            .collect();
        assert_eq!(bounds.len(), 3, "{name}");
        bounds
    };
    let expected = fit(vae(), [&data, &data], short(), &dir.path().join("memory")).unwrap();
    let expected = bounds("memory", expected);

    let file = Rows::written(dir.path().join("rows"), &data);
    let trained = fit(vae(), [&file, &file], short(), &dir.path().join("file")).unwrap();
    assert_eq!(bounds("file", trained), expected);

    let items: Vec<Vec<f32>> = data.values().chunks(WIDTH).map(<[f32]>::to_vec).collect();
    let rows =
        |items| DatasetRows::new("items", InMemDataset::new(items), Support::Real, Vec::clone);
    let burns = rows(items.clone()).unwrap();
    let trained = fit(vae(), [&burns, &burns], short(), &dir.path().join("burn")).unwrap();
    assert_eq!(bounds("burn", trained), expected);
    assert_eq!(burns.fingerprint().unwrap(), data.fingerprint().unwrap());

    let as_they_are: Binarized = data.binarized(Binarization::None);
    let trained = fit(
        vae(),
        [&as_they_are, &as_they_are],
        short(),
        &dir.path().join("none"),
    )
    .unwrap();
    assert_eq!(bounds("none", trained), expected);

    // Another order is other data.
    let other = rows(items.into_iter().rev().collect()).unwrap();
    let error = fit(vae(), [&other, &other], short(), &dir.path().join("burn")).unwrap_err();
    assert!(error.to_string().contains("other training data"), "{error}");
}

/// The run goes on where it was, once the rows can be read.
#[test]
fn rows_that_cannot_be_read_stop_a_run_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let file = Rows::written(dir.path().join("rows"), &table(30));
    let whole = fit(vae(), [&file, &file], short(), &dir.path().join("whole")).unwrap();
    // Two rehearsals, then 4 + 4 visits an epoch: in the second epoch.
    let failing = Rows {
        visits: Arc::default(),
        fails_at: Some(2 + 8 + 2),
        ..file.clone()
    };
    let run = dir.path().join("run");
    let error = fit(vae(), [&failing, &failing], short(), &run).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("the disk is on fire") && text.contains("rows"),
        "{text}"
    );
    assert_eq!(Run::new(&run).epochs_done().unwrap(), 1);
    let resumed = fit(vae(), [&file, &file], short(), &run).unwrap();
    let bounds = |trained: &Trained<Vae>| -> Vec<f64> {
        trained
            .curve
            .iter()
            .map(|epoch| epoch.train.bound)
            .collect()
    };
    assert_eq!(bounds(&resumed), bounds(&whole));
}

#[test]
fn what_sources_cannot_be_is_named() {
    let error = Paired::new(table(3), table(4)).unwrap_err().to_string();
    assert!(
        error.contains("table has 4 rows, table has 3") || error.contains("has 4 rows"),
        "{error}"
    );
    let rows = |items: Vec<Vec<f32>>, support| {
        DatasetRows::new("items", InMemDataset::new(items), support, Vec::clone)
    };
    let error = rows(vec![], Support::Real).unwrap_err().to_string();
    assert!(error.contains("items: there are 0 items"), "{error}");
    let select = |items, support| {
        let rows = rows(items, support).unwrap();
        let read = rows.select(&[0, 1], &device(), &Noise::seeded(0));
        read.unwrap_err().to_string()
    };
    let error = select(vec![vec![1.0, 2.0], vec![1.0]], Support::Real);
    assert!(
        error.contains("row 1 has 1 features, row 0 has 2"),
        "{error}"
    );
    let error = select(vec![vec![1.0], vec![f32::NAN]], Support::Real);
    assert!(error.contains("row 1, feature 0 is NaN"), "{error}");
    let error = select(vec![vec![1.0], vec![0.5]], Support::Binary);
    assert!(error.contains("row 1, feature 0 is 0.5"), "{error}");
    let real = rows(vec![vec![1.0]], Support::Real).unwrap();
    assert!(real.check(Support::Binary).is_err() && real.check(Support::Real).is_ok());
}
