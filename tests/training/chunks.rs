//! Batches of which a chunk is in memory at once.

use super::*;
use burn::optim::SgdConfig;
use burn_bayes::train::OwnOptimizer;

/// Steps along the gradient: what its rounding is, the weights' difference is in proportion.
fn along_the_gradient() -> TrainingConfig {
    let sgd = OwnOptimizer::new("SGD", SgdConfig::new().init());
    small().with_epochs(2).with_optimizer(Some(sgd))
}

fn numbers(model: &Vae) -> Vec<f32> {
    bits(model).into_iter().map(f32::from_bits).collect()
}

/// Chunks of 3 of batches of 8, of which the last one of an epoch has 6: also where the last chunk
/// has fewer rows, and with charged weights and a replayed backward pass.
#[test]
fn chunks_learn_what_the_whole_batch_learns() {
    let replayed = Objective::iwaeu(3, ChargedWeights::All).with_backward(Backward::Replayed {
        samples_per_chunk: 2,
        threshold: 0.0,
    });
    let mut replay = along_the_gradient();
    replay.objective = replayed;
    for training in [along_the_gradient(), replay] {
        let dir = tempfile::tempdir().unwrap();
        let whole = fit(&training, silent(dir.path().join("whole")));
        let start = numbers(&vae(Uncertainty::EncoderAndDecoder));
        let (whole_numbers, moved) = (numbers(&whole.model), |numbers: &[f32]| {
            let steps = numbers.iter().zip(&start).map(|(a, b)| (a - b).abs());
            steps.fold(0.0, f32::max)
        });
        assert!(moved(&whole_numbers) > 1e-3, "nothing is learned");
        for rows in [1, 3, 7] {
            let chunks = training.clone().with_rows_per_chunk(Some(rows));
            let chunked = fit(&chunks, silent(dir.path().join(rows.to_string())));
            for (a, b) in numbers(&chunked.model).iter().zip(&whole_numbers) {
                assert!((a - b).abs() < 1e-5, "{rows} rows at once: {a}, {b}");
            }
            for (a, b) in chunked.curve.iter().zip(&whole.curve) {
                assert!((a.train.bound - b.train.bound).abs() < 1e-4);
                assert!((a.train.kl - b.train.kl).abs() < 1e-4);
                let [a, b] = [a, b].map(|epoch| epoch.valid.expect("there are validation data"));
                assert!((a.bound - b.bound).abs() < 1e-4);
            }
        }
    }
}

#[test]
fn a_chunk_of_the_whole_batch_is_no_chunk() {
    let dir = tempfile::tempdir().unwrap();
    let whole = fit(&small(), silent(dir.path().join("whole")));
    let chunk = small().with_rows_per_chunk(Some(8));
    let chunk = fit(&chunk, silent(dir.path().join("chunk")));
    assert!(bits(&whole.model) == bits(&chunk.model));
}

#[test]
fn chunks_of_nothing_are_refused() {
    let error = small().with_rows_per_chunk(Some(0)).validate().unwrap_err();
    assert!(error.to_string().contains("`rows_per_chunk`"), "{error}");
}
