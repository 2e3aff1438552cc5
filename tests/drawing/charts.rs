//! Charts: lines, histograms, axes, legends.

use super::*;

#[test]
fn a_line_goes_up_to_the_right() {
    let picture = Chart::new("", "", "")
        .line("", Colour::Iwae, &[(0.0, 0.0), (1.0, 1.0)])
        .draw();
    let line = places(&picture.unwrap(), |pixel| pixel == [0, 114, 178]);
    let (first, last) = (line[0], line[line.len() - 1]);
    assert!(
        first.0 > last.0 + 300 && first.1 + 200 < last.1,
        "{first:?} {last:?}"
    );
}

#[test]
fn what_lies_beyond_a_range_is_cut_off() {
    let chart = |line: &[(f64, f64)]| {
        let chart = Chart::new("", "", "").line("", Colour::Iwae, line);
        chart
            .with_x_range(0.0, 1.0)
            .with_y_range(0.0, 1.0)
            .draw()
            .unwrap()
    };
    let inside = chart(&[(0.0, 0.0), (1.0, 1.0)]);
    let beyond = chart(&[(-1e9, -1e9), (1e9, 1e9)]);
    let [inside, beyond] = [inside, beyond].map(|picture| places(&picture, is_coloured));
    assert!(inside.len() > 500 && beyond.len() > 500);
    let box_of = |places: &[(usize, usize)]| {
        let xs = || places.iter().map(|place| place.0);
        let ys = || places.iter().map(|place| place.1);
        [xs().min(), xs().max(), ys().min(), ys().max()].map(|end| end.unwrap_or(0))
    };
    for (a, b) in box_of(&inside).into_iter().zip(box_of(&beyond)) {
        assert!(a.abs_diff(b) <= 2, "{a} against {b}");
    }
}

#[test]
fn histograms_show_shares_of_each_group() {
    // Three in four of one value in the left bin, whatever the number of values.
    for repeats in [1, 50] {
        let values = [0.0, 0.0, 0.0, 1.0].repeat(repeats);
        let picture = Chart::new("", "", "")
            .histogram("", Colour::Iwae, &values, 2)
            .with_y_range(0.0, 1.0)
            .draw()
            .unwrap();
        let bars = places(&picture, is_coloured);
        let left = bars.iter().map(|place| place.0).min().unwrap();
        let right = bars.iter().map(|place| place.0).max().unwrap();
        let column = |share: f64| {
            let x = left + ((right - left) as f64 * share) as usize;
            bars.iter().filter(|place| place.0 == x).count() as f64
        };
        let (high, low) = (column(0.25), column(0.75));
        assert!((high / low - 3.0).abs() < 0.1, "{high} to {low}");
        let whole = high / 0.75;
        assert!(
            (350.0..480.0).contains(&whole),
            "a share of 1 fills the axis: {whole}"
        );
    }
}

#[test]
fn histograms_of_a_chart_share_their_bins() {
    // Alone, the second would fill both of its bins; beside the first, it lies in one bin of two.
    let chart = Chart::new("", "", "")
        .histogram("", Colour::Iwae, &[0.0, 10.0], 2)
        .histogram("", Colour::Iwaeu, &[0.1, 0.2], 2)
        .with_y_range(0.0, 1.0);
    let picture = chart.draw().unwrap();
    let green = places(&picture, |[red, green, blue]| {
        green > blue.saturating_add(20) && green > red.saturating_add(40)
    });
    let top = green.iter().map(|place| place.1).min().unwrap();
    let bottom = green.iter().map(|place| place.1).max().unwrap();
    assert!(bottom - top > 350, "all of it in one bin");
}

#[test]
fn equal_axes_have_equal_units() {
    let corners = [(0.0, 0.0), (4.0, 0.0), (4.0, 2.0), (0.0, 2.0)];
    let picture = Chart::new("", "", "")
        .line("", Colour::Iwae, &corners)
        .with_equal_axes()
        .draw();
    let line = places(&picture.unwrap(), |pixel| pixel == [0, 114, 178]);
    let side = |of: fn(&(usize, usize)) -> usize| {
        (line.iter().map(of).max().unwrap() - line.iter().map(of).min().unwrap()) as f64
    };
    let ratio = side(|place| place.0) / side(|place| place.1);
    assert!((ratio - 2.0).abs() < 0.03, "{ratio}");
}

#[test]
fn a_legend_appears_with_the_second_name() {
    let line = [(0.0, 0.0), (1.0, 1.0)];
    // Without a title, the legend alone has text above the data.
    let text_above = |chart: &Chart| {
        let dark = places(&chart.draw().unwrap(), |[level, ..]| level < 100);
        let above = dark.into_iter().filter(|&(x, y)| x > 100 && y < 30);
        above.count()
    };
    let one = Chart::new("", "", "").line("first", Colour::IwaeuRec, &line);
    let unnamed = one.clone().line("", Colour::IwaeuRec, &line);
    let two = one.clone().line("second", Colour::IwaeuRec, &line);
    assert_eq!(text_above(&one), 0);
    assert_eq!(text_above(&unnamed), 0);
    assert!(text_above(&two) > 50);
}

#[test]
fn a_chart_has_the_size_asked_for() {
    let chart = Chart::new("t", "x", "y").points("", Colour::Data, &[(1.0, 1.0)]);
    let picture = chart.draw().unwrap();
    assert_eq!((picture.width(), picture.height()), (720, 480));
    let picture = chart.clone().with_size([300, 200]).draw().unwrap();
    assert_eq!((picture.width(), picture.height()), (300, 200));
    assert!(message(chart.with_size([40, 30]).draw()).contains("no room"));
}

#[test]
fn categories_are_ten() {
    let dot = |number| {
        let point = [(0.0, 0.0)];
        Chart::new("", "", "")
            .points("", Colour::Category(number), &point)
            .draw()
            .unwrap()
    };
    assert_eq!(dot(3), dot(13));
    assert_ne!(dot(3), dot(4));
}

#[test]
fn a_logarithmic_axis_spaces_decades_evenly() {
    let points = [(1.0, 0.0), (10.0, 0.0), (100.0, 0.0)];
    let chart = Chart::new("", "", "")
        .points("", Colour::Category(3), &points)
        .with_log_x();
    let dots = places(&chart.draw().unwrap(), is_coloured);
    let mut columns: Vec<_> = dots.iter().map(|place| place.0).collect();
    columns.sort();
    let ends = (columns[0] + 2, columns[columns.len() - 1] - 2);
    let middle = columns[columns.len() / 2];
    assert!(
        middle.abs_diff((ends.0 + ends.1) / 2) <= 2,
        "{ends:?} {middle}"
    );
}
