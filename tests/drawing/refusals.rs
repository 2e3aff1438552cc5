//! What cannot be drawn.

use super::*;

#[test]
fn numbers_that_are_none_are_refused_by_name() {
    for bad in [f32::NAN, f32::INFINITY] {
        let mut values = f_values();
        values[6] = bad;
        let text = message(ImageGrid::new(&values, [5, 4]).draw());
        assert!(
            text.contains("image grid") && text.contains("row 1, column 2"),
            "{text}"
        );
    }
    for bad in [f64::NAN, f64::NEG_INFINITY] {
        let chart = || Chart::new("Training curve", "x", "y");
        let charts = [
            chart().line("IWAE", Colour::Iwae, &[(0.0, 0.0), (1.0, bad)]),
            chart().points("IWAE", Colour::Iwae, &[(0.0, 0.0), (bad, 1.0)]),
            chart().bars("IWAE", Colour::Iwae, &[(0.0, 0.0), (1.0, bad)]),
            chart().histogram("IWAE", Colour::Iwae, &[0.0, bad], 3),
            chart().band(Colour::Iwae, &[(0.0, 0.0, 0.0), (1.0, 0.0, bad)]),
            chart().heat_map(&[0.0, bad], [1, 2], 0.0..1.0, 0.0..1.0),
        ];
        for chart in charts {
            let text = message(chart.draw());
            assert!(
                text.contains("Training curve") && text.contains("value 1 is"),
                "{text}"
            );
        }
    }
}

#[test]
fn settings_that_cannot_be_drawn_are_refused() {
    let chart = || Chart::new("t", "x", "y").histogram("", Colour::Data, &[1.0], 0);
    assert!(message(chart().draw()).contains("0 bins"));
    let chart = || Chart::new("t", "x", "y").points("", Colour::Data, &[(1.0, 1.0)]);
    assert!(message(chart().with_size([1 << 20, 1 << 20]).draw()).contains("too many"));
    assert!(message(chart().with_log_x().with_equal_axes().draw()).contains("logarithmic"));
    assert!(message(ImageGrid::new(&[1.0], [1, 1]).with_scale(1 << 20).draw()).contains("large"));
    assert!(message(ImageGrid::new(&[1.0], [1, 1]).with_columns(0).draw()).contains("columns"));
    let band = Chart::new("t", "x", "y").band(Colour::Data, &[(0.0, 2.0, 1.0)]);
    assert!(message(band.draw()).contains("above its high"));
}

#[test]
fn wrong_lengths_are_refused() {
    let values = f_values();
    assert!(message(ImageGrid::new(&values[1..], [5, 4]).draw()).contains("19 values"));
    assert!(message(ImageGrid::new(&[], [5, 4]).draw()).contains("no values"));
    assert!(message(ImageGrid::new(&values, [0, 4]).draw()).contains("no values"));
    let labelled = ImageGrid::new(&values, [5, 4]).with_row_labels(vec!["a".into(), "b".into()]);
    assert!(message(labelled.draw()).contains("2 row labels for 1 row"));
    let map = Chart::new("map", "x", "y").heat_map(&[0.0; 5], [2, 3], 0.0..1.0, 0.0..1.0);
    assert!(message(map.draw()).contains("5 values"));
    assert!(message(Chart::new("empty", "x", "y").draw()).contains("empty: there are no values"));
    let line = Chart::new("", "x", "y").line("IWAE", Colour::Iwae, &[]);
    assert!(message(line.draw()).contains("`IWAE` has no values"));
}

#[test]
fn empty_ranges_are_refused() {
    let values = f_values();
    for (low, high) in [
        (1.0, 1.0),
        (2.0, 1.0),
        (f32::NAN, 1.0),
        (f32::MIN, f32::MAX),
    ] {
        message(ImageGrid::new(&values, [5, 4]).with_range(low, high).draw());
    }
    let chart = || Chart::new("t", "x", "y").points("", Colour::Data, &[(1.0, 1.0)]);
    message(chart().with_x_range(f64::MIN, f64::MAX).draw());
    for (low, high) in [(1.0, 1.0), (2.0, 1.0), (0.0, f64::INFINITY)] {
        let texts = [
            message(chart().with_x_range(low, high).draw()),
            message(chart().with_y_range(low, high).draw()),
        ];
        assert!(
            texts.iter().all(|text| text.contains("range from")),
            "{texts:?}"
        );
    }
}

#[test]
fn a_logarithmic_axis_refuses_zero() {
    let line =
        |start| Chart::new("t", "k", "y").line("", Colour::Data, &[(1.0, 0.0), (start, 1.0)]);
    assert!(line(0.0).draw().is_ok());
    let text = message(line(0.0).with_log_x().draw());
    assert!(text.contains("x of value 1 is 0"), "{text}");
    message(line(2.0).with_log_x().with_x_range(0.0, 3.0).draw());
    assert!(line(2.0).with_log_x().draw().is_ok());
}
