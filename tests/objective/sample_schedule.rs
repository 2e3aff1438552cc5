//! k by the number of the step.

use super::*;

#[test]
fn k_is_that_of_the_stage() {
    let schedule = SampleSchedule::until([(3, 1), (5, 4)]);
    let found = [0, 2, 3, 4, 5, u64::MAX].map(|step| schedule.num_samples(step));
    assert_eq!(found, [Some(1), Some(1), Some(4), Some(4), None, None]);
    assert_eq!(SampleSchedule::default().num_samples(0), None);
}

/// The gradient of a step is that of the objective with its k, by either backward pass; without a
/// number k is the last.
#[test]
fn a_step_has_the_samples_of_its_stage() {
    let schedule = SampleSchedule::until([(3, 1), (5, 4)]);
    for bound in [Bound::Iwae, Bound::VaeAnalytic] {
        let plain = |k| Objective::new(bound.clone(), k);
        let objective = plain(K).with_sample_schedule(schedule.clone());
        for (step, k) in [(Some(0), 1), (Some(4), 4), (Some(5), K), (None, K)] {
            let (parts, gradient) = at(&objective, step);
            let (expected, expected_gradient) = at(&plain(k), step);
            assert_eq!(gradient, expected_gradient);
            assert_eq!(value(parts.loss()), value(expected.loss()));
            assert!(value(parts.effective_sample_size) <= k as f64 + 1e-4);
            if bound == Bound::Iwae {
                let (_, gradient) = at(&replayed(&objective), step);
                assert_close(&gradient, &expected_gradient);
            }
        }
    }
}

#[test]
fn a_run_is_resumed_in_the_middle_of_it() {
    let plain = Objective::iwae(5);
    let schedule = SampleSchedule::until([(10, 1), (40, 3)]);
    resumes(&plain.clone().with_sample_schedule(schedule), &plain);
}

#[test]
fn what_has_no_meaning_is_refused() {
    let with = |stages: Vec<(u64, usize)>| {
        Objective::iwae(9).with_sample_schedule(SampleSchedule::until(stages))
    };
    refused(with(vec![(5, 0)]), "0 samples");
    refused(with(vec![(0, 1)]), "begins at step 0 and ends at 0");
    refused(with(vec![(5, 1), (4, 2)]), "begins at step 5 and ends at 4");
    let jackknife = Objective::new(Bound::Jackknife, 5);
    let schedule = SampleSchedule::until([(10, 1)]);
    refused(jackknife.with_sample_schedule(schedule), "k is 1");
}
