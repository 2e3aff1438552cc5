//! Log-weights of other shapes than were asked for.

use super::*;
use burn_bayes::objective::Backward;

#[test]
#[should_panic(expected = "terms of log-weights are [k, batch] or [1, batch]")]
fn terms_of_log_weights_belong_together() {
    let [one, other] = [[5, 3], [3, 5]].map(|shape| Tensor::<2>::zeros(shape, &device()));
    let _ = LogWeights::new(one.clone(), one, other);
}

/// Gives so many samples or rows, whatever it is asked for.
#[derive(Module, Debug)]
enum Always {
    Samples(usize),
    Rows(usize),
}

impl LatentVariableModel for Always {
    fn log_weights(&self, x: Tensor<2>, samples: usize, _: &mut Noise) -> LogWeights {
        let shape = match *self {
            Self::Samples(samples) => [samples, x.dims()[0]],
            Self::Rows(rows) => [samples, rows],
        };
        let term = Tensor::zeros(shape, &x.device());
        LogWeights::new(term.clone(), term.clone(), term)
    }

    fn support(&self) -> Support {
        Support::Real
    }
}

fn x() -> Tensor<2> {
    Tensor::zeros([3, 1], &device().autodiff())
}

#[test]
#[should_panic(expected = "asked for 7 samples, its log-weights have 2")]
fn a_model_gives_as_many_samples_as_it_is_asked_for() {
    let model = Always::Samples(2);
    let _ = Objective::iwae(7).evaluate(&model, x(), Step::new(3), &mut Noise::seeded(0));
}

/// Also in the first of two passes.
#[test]
#[should_panic(expected = "asked for 5 samples, its log-weights have 2")]
fn a_chunk_has_as_many_samples_as_it_is_asked_for() {
    let objective = Objective::iwae(7).with_backward(Backward::Replayed {
        samples_per_chunk: 5,
        threshold: 0.0,
    });
    let model = Always::Samples(2);
    let _ = objective.gradients(&model, x(), Step::new(3), &mut Noise::seeded(0));
}

#[test]
#[should_panic(expected = "given 3 rows, its log-weights have 1")]
fn a_model_gives_a_weight_for_each_row() {
    let settings = LogLikelihoodSettings::new().with_num_samples(4);
    let _ = evaluate::log_likelihood(&Always::Rows(1), x(), &settings, &Noise::seeded(0));
}

/// One weight for the whole batch is no bound of its rows.
#[test]
#[should_panic(expected = "given 3 rows, its log-weights have 1")]
fn a_bound_has_a_weight_for_each_row() {
    let model = Always::Rows(1);
    let _ = Objective::iwae(7).evaluate(&model, x(), Step::new(3), &mut Noise::seeded(0));
}
