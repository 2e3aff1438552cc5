//! A model that is being trained is reported on like any other.

use super::*;

#[test]
fn a_model_under_training_has_the_same_report() {
    for uncertainty in [Uncertainty::None, Uncertainty::EncoderAndDecoder] {
        let data = binary_rows(12, 3);
        let mut settings = quiet(30);
        let train = binary_rows(8, 4);
        // All units count as inactive, so that they are switched off in a further pass.
        settings.active_threshold = 1e3;
        let json = |model: &Vae| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("report.json");
            report_with_train(model, &data, &train, &settings)
                .unwrap()
                .save(&path)
                .unwrap();
            std::fs::read_to_string(&path).unwrap()
        };
        let expected = json(&model(uncertainty));
        assert!(expected.contains("\"without_inactive\":{"));
        assert_eq!(json(&model(uncertainty).train()), expected);
    }
}

/// Forms of a model with parameters of their own, which must be leaves.
#[test]
fn other_forms_of_a_model_under_training_are_made() {
    let random = model(Uncertainty::EncoderAndDecoder);
    let x = binary_rows(5, 6).select(&[0, 1, 2, 3, 4], &device());
    let numbers = |model: &Vae| -> Vec<f32> {
        let log_weights = model.log_weights(x.clone(), 3, &mut Noise::seeded(2));
        log_weights.total().into_data().try_to_vec().unwrap()
    };
    let trained = random.clone().train();
    let forms = |model: &Vae| {
        [
            model.posterior_mean().unwrap(),
            model.sample_weights(&mut Noise::seeded(3)).unwrap(),
            model.without_units(&[vec![1]]).unwrap(),
        ]
    };
    for (form, expected) in forms(&trained).iter().zip(&forms(&random)) {
        assert_eq!(numbers(form), numbers(expected));
    }
    assert_eq!(numbers(&trained), numbers(&random));
}
