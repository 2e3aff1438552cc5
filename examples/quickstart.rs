//! A model with uncertain weights of images that this program makes: bars on 6 by 6 pixels.
//!
//!     cargo run --release --example quickstart
//!
//! Some seconds; it keeps no files. A bar is a whole row or column. Each image has either rows or
//! columns, and each bar is there by the toss of a coin. So p(x) is known, and with it the highest
//! mean of log p(x) that a model can reach, -4.83 nats. Expect about -6.3.

use burn_bayes::prelude::*;

const SIZE: usize = 6;

fn main() -> burn_bayes::Result<()> {
    let noise = Noise::seeded(1);
    let train = bars("bars", 4000, noise.fork(0))?;
    let test = bars("test bars", 1000, noise.fork(1))?;

    let config = VaeConfig::new(SIZE * SIZE, 8)
        .with_hidden(vec![64])
        .with_uncertainty(Uncertainty::EncoderAndDecoder);
    let model = config.init(&Device::default(), &mut noise.fork(2));
    let objective = Objective::iwaeu(10, ChargedWeights::None); // 10 importance samples
    let training = TrainingConfig::new(objective)
        .with_seed(1)
        .with_epochs(60)
        .with_schedule(Schedule::Constant {
            learning_rate: 3e-3,
        });
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let model = training.fit(model, &train, None, folder.path())?.model;

    let settings = ReportSettings::new().with_num_samples(1000);
    println!("{}", evaluate::report(&model, &test, &settings)?);
    println!(
        "the best mean of log p(x) on these images: {:.3}\n",
        best(&test)
    );

    println!("images that the model makes:");
    let images = numbers(model.sample(10, &mut noise.fork(3)));
    for row in 0..SIZE {
        let line = images.chunks(SIZE * SIZE).map(|image| {
            let pixels = &image[row * SIZE..(row + 1) * SIZE];
            pixels
                .iter()
                .map(|&on| if on > 0.5 { "#" } else { "." })
                .collect::<String>()
        });
        println!("  {}", line.collect::<Vec<_>>().join("  "));
    }
    Ok(())
}

/// Rows or columns, by the toss of a coin; then a coin for each of them.
fn bars(name: &str, num: usize, mut noise: Noise) -> burn_bayes::Result<Datapoints> {
    let coins = numbers(noise.uniform_matrix([num, 1 + SIZE], &Device::default()));
    let mut pixels = Vec::new();
    for coins in coins.chunks(1 + SIZE) {
        for (row, column) in (0..SIZE).flat_map(|row| (0..SIZE).map(move |column| (row, column))) {
            let bar = if coins[0] < 0.5 { row } else { column };
            pixels.push(f32::from(u8::from(coins[1 + bar] < 0.5)));
        }
    }
    Datapoints::new(name, pixels, SIZE * SIZE)
}

/// The mean of the true log p(x): an image has probability 1/128, but one that is blank or full
/// arises from rows and from columns.
fn best(data: &Datapoints) -> f64 {
    let log_p = |image: &[f32]| match image.iter().all(|pixel| *pixel == image[0]) {
        true => -(64.0f64.ln()),
        false => -(128.0f64.ln()),
    };
    (0..data.len()).map(|id| log_p(data.row(id))).sum::<f64>() / data.len() as f64
}

fn numbers(tensor: Tensor<2>) -> Vec<f32> {
    tensor
        .into_data()
        .try_into_vec()
        .expect("the default device has f32")
}
