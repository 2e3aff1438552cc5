//! Grey levels become binary as it is stated, and not otherwise.

use burn_bayes::{data::Source, prelude::*};

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

/// `rows` rows of the grey levels 0, 0.2, 0.7, 1.
fn grey(rows: usize) -> Tensor<2> {
    Tensor::<2>::from_floats([[0.0, 0.2, 0.7, 1.0]], &Device::default()).repeat_dim(0, rows)
}

fn ids(rows: usize) -> Vec<u32> {
    (0..rows as u32).collect()
}

/// Each pixel is 1 as often as its level says, within 4.5 standard errors; 0 and 1 are certain.
#[test]
fn frequencies_are_the_grey_levels() {
    const N: usize = 40_000;
    for binarization in [Binarization::Dynamic, Binarization::Fixed { seed: 1 }] {
        let x = binarization.apply(grey(N), &ids(N), &Noise::seeded(2));
        assert!(values(x.clone()).iter().all(|&x| x == 0.0 || x == 1.0));
        for (mean, level) in values(x.mean_dim(0))
            .into_iter()
            .zip([0.0f32, 0.2, 0.7, 1.0])
        {
            let error = (level * (1.0 - level) / N as f32).sqrt();
            // A mean of 40,000 numbers in f32 is rounded to about 1e-6.
            assert!(
                (mean - level).abs() <= 4.5 * error + 1e-6,
                "{mean}, grey level {level}"
            );
        }
    }
}

#[test]
fn dynamic_is_redrawn_at_each_visit_and_fixed_is_not() {
    let visit = |binarization: Binarization, step| {
        values(binarization.apply(grey(50), &ids(50), &Noise::seeded(2).fork(step)))
    };
    assert_ne!(
        visit(Binarization::Dynamic, 0),
        visit(Binarization::Dynamic, 1)
    );
    assert_eq!(
        visit(Binarization::Dynamic, 1),
        visit(Binarization::Dynamic, 1)
    );
    let fixed = |seed| Binarization::Fixed { seed };
    assert_eq!(visit(fixed(1), 0), visit(fixed(1), 1));
    assert_ne!(visit(fixed(1), 0), visit(fixed(2), 0));
    assert_eq!(visit(Binarization::Grey, 0), values(grey(50)));
    assert_eq!(visit(Binarization::None, 0), values(grey(50)));
}

#[test]
fn a_row_keeps_its_pixels_wherever_it_stands() {
    for binarization in [Binarization::Dynamic, Binarization::Fixed { seed: 1 }] {
        let whole = binarization.apply(grey(50), &ids(50), &Noise::seeded(2));
        let some = binarization.apply(grey(3), &[49, 0, 7], &Noise::seeded(2));
        let expected = [49, 0, 7].map(|row| whole.clone().narrow(0, row, 1));
        assert_eq!(values(some), values(Tensor::cat(expected.to_vec(), 0)));
    }
}

/// The pixels are not made of the numbers that a caller draws from the same noise or seed.
#[test]
fn pixels_do_not_share_numbers_with_other_draws() {
    let level = Tensor::<2>::full([1000, 4], 0.5, &Device::default());
    for binarization in [Binarization::Dynamic, Binarization::Fixed { seed: 2 }] {
        let x = binarization.apply(level.clone(), &ids(1000), &Noise::seeded(2));
        let uniform = Noise::seeded(2).uniform([1, 1000, 4], &Device::default());
        let own = uniform.squeeze_dim::<2>(0).lower(level.clone()).float();
        let equal = values(x.equal(own).float().mean())[0];
        // 4000 fair coins agree on half of them: 5 standard deviations are 0.04.
        assert!((equal - 0.5).abs() < 0.04, "{equal}");
    }
}

#[test]
fn grey_levels_reach_binary_models_only_when_asked_for() {
    let data = |values: [f32; 2]| Datapoints::new("levels", values.to_vec(), 2).unwrap();
    let check = |binarization: Binarization, values, support| {
        let data = data(values).binarized(binarization);
        data.check(support).map_err(|error| error.to_string())
    };
    let refused = check(Binarization::None, [0.0, 0.5], Support::Binary).unwrap_err();
    assert!(
        refused.contains("levels") && refused.contains("feature 1 is 0.5"),
        "{refused}"
    );
    assert!(refused.contains("Datapoints::binarized"), "{refused}");
    assert!(check(Binarization::None, [0.0, 1.0], Support::Binary).is_ok());
    assert!(check(Binarization::Grey, [0.0, 0.5], Support::Binary).is_ok());
    assert!(check(Binarization::None, [-3.0, 7.5], Support::Real).is_ok());
    for binarization in [
        Binarization::Dynamic,
        Binarization::Fixed { seed: 1 },
        Binarization::Grey,
    ] {
        assert!(check(binarization, [0.0, 255.0], Support::Binary).is_err());
    }
}

/// Asked for grey, binary columns of a table may be grey; classes stay classes.
#[test]
fn grey_is_for_binary_columns_alone() {
    let classes = Support::Classes { classes: 3 };
    let support = Support::Columns(vec![(Support::Binary, 1), (classes, 1)]);
    let check = |row: [f32; 2]| {
        let data = Datapoints::new("table", row.to_vec(), 2).unwrap();
        data.binarized(Binarization::Grey).check(support.clone())
    };
    assert!(check([0.5, 2.0]).is_ok());
    let error = check([0.5, 0.5]).unwrap_err().to_string();
    assert!(
        error.contains("row 0, feature 1") && error.contains("classes"),
        "{error}"
    );
    assert!(check([1.5, 2.0]).is_err());
}

/// A binarization makes no data of another kind acceptable.
#[test]
fn other_families_get_what_they_can_score() {
    let check = |row: [f32; 2], binarization, support| {
        let data = Datapoints::new("data", row.to_vec(), 2).unwrap();
        data.binarized(binarization).check(support)
    };
    let classes = Support::Classes { classes: 3 };
    for support in [&classes, &Support::Counts, &Support::OpenUnitInterval] {
        assert!(check([0.5, 1.0], Binarization::Grey, support.clone()).is_err());
    }
    assert!(check([2.0, 1.0], Binarization::Grey, classes.clone()).is_ok());
    // Zeros and ones are classes and counts, and outside the support of a Beta distribution.
    let once = Binarization::Fixed { seed: 1 };
    for binarization in [Binarization::Dynamic, once] {
        assert!(check([0.5, 1.0], binarization, classes.clone()).is_ok());
        let refused = check([0.5, 0.5], binarization, Support::OpenUnitInterval).unwrap_err();
        let refused = refused.to_string();
        assert!(
            refused.contains("binarized data are zeros and ones"),
            "{refused}"
        );
    }
    let three = Support::Columns(vec![(Support::Binary, 3)]);
    assert!(check([0.5, 1.0], Binarization::Dynamic, three).is_err());
}

#[test]
fn missing_cells_stay_missing() {
    let row = Tensor::<2>::from_floats([[f32::NAN, 1.0, 0.0]], &Device::default());
    for binarization in [Binarization::Dynamic, Binarization::Fixed { seed: 1 }] {
        let x = values(binarization.apply(row.clone(), &[0], &Noise::seeded(2)));
        assert!(x[0].is_nan(), "{x:?}");
        assert_eq!(x[1..], [1.0, 0.0]);

        let grey = Datapoints::with_missing("grey", vec![f32::NAN, 0.5, 1.0], 3).unwrap();
        let data = grey.binarized(binarization);
        let incomplete = Support::OrMissing(Box::new(Support::Binary));
        assert!(data.check(incomplete).is_ok());
        let refused = data.check(Support::Binary).unwrap_err().to_string();
        assert!(refused.contains("IncompleteVae"), "{refused}");
    }
}

/// Rows that are some of a data set have its pixels, and a fingerprint of their own.
#[test]
fn some_rows_keep_the_pixels_that_were_drawn_once() {
    let grey = Datapoints::new("grey", vec![0.5; 40], 4).unwrap();
    let all = grey.clone().binarized(Binarization::Fixed { seed: 1 });
    let device = Device::default();
    let rows = |data: &burn_bayes::data::Binarized, ids: &[u32]| {
        values(data.select(ids, &device, &Noise::seeded(0)).unwrap())
    };
    let some = all.strided(5).on_device(&device);
    assert_eq!(rows(&some, &[0, 1, 2, 3, 4]), rows(&all, &[0, 2, 4, 6, 8]));
    assert_eq!(rows(&some.strided(2), &[1]), rows(&all, &[4]));
    let fold = all.subset(&[7, 3]);
    assert_eq!(rows(&fold, &[0, 1]), rows(&all, &[7, 3]));
    assert_eq!(rows(&fold.subset(&[1]), &[0]), rows(&all, &[3]));
    let others = grey.strided(5).binarized(Binarization::Fixed { seed: 1 });
    assert_ne!(rows(&some, &[1]), rows(&others, &[1]));
    assert_ne!(some.fingerprint().unwrap(), others.fingerprint().unwrap());
    assert_eq!(
        all.strided(10).fingerprint().unwrap(),
        all.fingerprint().unwrap()
    );
}
