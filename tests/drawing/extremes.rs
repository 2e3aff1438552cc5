//! The greatest, the least and the closest numbers: a chart is drawn or refused, and soon.

use super::*;
use std::{sync::mpsc, thread, time::Duration};

/// Far longer than all charts of a test take together.
const SOON: Duration = Duration::from_secs(20);

const DRAWN: Option<bool> = Some(true);
const REFUSED: Option<bool> = Some(false);
/// How far the axis goes beyond the numbers decides.
const EITHER: Option<bool> = None;

/// Pairs of numbers, and whether an axis through both has a length that the documentation of
/// `Chart::draw` allows: a linear one, a logarithmic one.
const PAIRS: [(f64, f64, Option<bool>, Option<bool>); 23] = [
    // The length is above the greatest number, or below it by less than bars need.
    (-1e308, 1e308, REFUSED, REFUSED),
    (f64::MIN, f64::MAX, REFUSED, REFUSED),
    (-4e307, 4e307, DRAWN, REFUSED),
    (0.0, 8e307, DRAWN, REFUSED),
    // The quotient is above the greatest number.
    (1e-308, 1e308, EITHER, DRAWN),
    (5e-324, f64::MAX, EITHER, DRAWN),
    (1e-200, 1e200, DRAWN, DRAWN),
    (1e-300, 1e-17, DRAWN, DRAWN),
    // The length is at most 1e-290.
    (0.0, 5e-324, REFUSED, REFUSED),
    (-5e-324, 5e-324, REFUSED, REFUSED),
    (5e-324, 1e-323, REFUSED, REFUSED),
    (1e-320, 1e-310, REFUSED, REFUSED),
    (0.0, 1e-300, REFUSED, REFUSED),
    (0.0, 1e-280, DRAWN, REFUSED),
    // Neighbours. Large ones have one logarithm, and around one number an axis has room.
    (1.0, 1.0 + f64::EPSILON, REFUSED, REFUSED),
    (1e16, 1e16 + 2.0, REFUSED, DRAWN),
    (1e308, 1e308 + 1e292, REFUSED, DRAWN),
    (1e308, 1e308, DRAWN, DRAWN),
    (f64::MAX, f64::MAX, EITHER, DRAWN),
    (5e-324, 5e-324, DRAWN, REFUSED),
    // No numbers.
    (0.0, f64::NAN, REFUSED, REFUSED),
    (0.0, f64::INFINITY, REFUSED, REFUSED),
    (f64::NEG_INFINITY, 0.0, REFUSED, REFUSED),
];

const KINDS: [&str; 6] = ["line", "dashes", "band", "points", "bars", "histogram"];

/// A small chart of a series with these two points, or from one y to the other at both x.
fn chart(kind: &str, [start, end]: [(f64, f64); 2]) -> Chart {
    let (points, band) = ([start, end], [start, end].map(|(x, _)| (x, start.1, end.1)));
    let (chart, colour) = (Chart::new("", "", "").with_size([140, 80]), Colour::Iwae);
    match kind {
        "line" => chart.line("two", colour, &points),
        "dashes" => chart.dashed_line("two", colour, &points),
        "band" => chart.band(colour, &band),
        "points" => chart.points("two", colour, &points),
        "bars" => chart.bars("two", colour, &points),
        _ => chart.histogram("two", colour, &[start.0, end.0], 3),
    }
}

struct Case {
    name: String,
    chart: Chart,
    drawn: Option<bool>,
    /// Whether the numbers are in the picture.
    shows: bool,
    /// The axis that a refusal names, unless it names the series.
    axis: &'static str,
}

/// Draws each chart on another thread: one that never returns fails the test and does not delay it.
fn check(cases: Vec<Case>) {
    let (sender, receiver) = mpsc::channel();
    let charts: Vec<_> = cases.iter().map(|case| case.chart.clone()).collect();
    thread::spawn(move || {
        for chart in charts {
            if sender.send(chart.draw()).is_err() {
                return;
            }
        }
    });
    for Case {
        name,
        drawn,
        shows,
        axis,
        ..
    } in cases
    {
        let result = receiver.recv_timeout(SOON);
        match result.unwrap_or_else(|error| panic!("{name}: {error}")) {
            Ok(picture) => {
                assert_ne!(drawn, REFUSED, "{name} is drawn");
                let seen = |pixel| {
                    if shows {
                        is_coloured(pixel)
                    } else {
                        pixel != WHITE
                    }
                };
                assert!(!places(&picture, seen).is_empty(), "{name} is empty");
            }
            Err(error) => {
                let text = error.to_string();
                assert_ne!(drawn, DRAWN, "{name}: {text}");
                let names_axis = text.contains(&format!("the {axis} range "));
                let names_series = text.contains("series `two`: ") || text.contains("series 0: ");
                assert!(names_axis || names_series, "{name}: {text}");
            }
        }
    }
}

/// The cases of all pairs of numbers.
fn cases(of: impl Fn(f64, f64, [Option<bool>; 2]) -> Vec<Case>) -> Vec<Case> {
    let pairs = PAIRS.into_iter();
    pairs
        .flat_map(|(low, high, linear, log)| of(low, high, [linear, log]))
        .collect()
}

/// What becomes of an axis from one number to the other, without room around them.
fn set(low: f64, high: f64, drawn: Option<bool>) -> Option<bool> {
    if low < high { drawn } else { REFUSED }
}

#[test]
fn series_of_extreme_numbers_are_drawn_or_refused() {
    check(cases(|low, high, [linear, log]| {
        let mut cases = Vec::new();
        for kind in KINDS {
            let mut add = |name, chart, drawn, axis| {
                cases.push(Case {
                    name: format!("{kind} from {low:e} to {high:e}, {name}"),
                    chart,
                    drawn,
                    // A band at one place is a line, and so is the lesser of equal axes.
                    shows: low.log10() != high.log10() && name != "equal axes",
                    axis,
                });
            };
            let along_x = chart(kind, [(low, 0.0), (high, 1.0)]);
            add("linear x", along_x.clone(), linear, "x");
            add("logarithmic x", along_x.clone().with_log_x(), log, "x");
            match kind {
                "histogram" => {}
                // Bars begin at 0.
                "bars" => add("y", chart(kind, [(0.0, low), (1.0, high)]), EITHER, "y"),
                _ => add("y", chart(kind, [(0.0, low), (1.0, high)]), linear, "y"),
            }
            add("equal axes", along_x.with_equal_axes(), linear, "x");
        }
        cases
    }));
}

#[test]
fn extreme_ranges_are_drawn_or_refused() {
    check(cases(|low, high, [linear, log]| {
        let mut cases = Vec::new();
        for kind in KINDS {
            let usual = chart(kind, [(1.0, 0.0), (2.0, 1.0)]);
            let with_x = usual.clone().with_x_range(low, high);
            let linear = set(low, high, linear);
            for (name, chart, drawn, axis) in [
                ("linear x", with_x.clone(), linear, "x"),
                (
                    "logarithmic x",
                    with_x.with_log_x(),
                    set(low.log10(), high.log10(), log),
                    "x",
                ),
                ("y", usual.with_y_range(low, high), linear, "y"),
            ] {
                cases.push(Case {
                    name: format!("{kind} on {name} from {low:e} to {high:e}"),
                    chart,
                    drawn,
                    shows: false,
                    axis,
                });
            }
        }
        cases
    }));
}

#[test]
fn what_lies_far_beyond_a_range_is_drawn_up_to_it() {
    check(cases(|low, high, _| {
        let drawn = Some(low.is_finite() && high.is_finite());
        let mut cases = Vec::new();
        for kind in KINDS {
            let along_x = chart(kind, [(low, 0.0), (high, 1.0)]).with_x_range(1.0, 10.0);
            let mut add = |name, chart, drawn, axis| {
                cases.push(Case {
                    name: format!("{kind} from {low:e} to {high:e}, {name} from 1 to 10"),
                    chart,
                    drawn,
                    shows: false,
                    axis,
                });
            };
            add("linear x", along_x.clone(), drawn, "x");
            let log = drawn.map(|drawn| drawn && low > 0.0);
            add("logarithmic x", along_x.with_log_x(), log, "x");
            if kind != "histogram" {
                let along_y = chart(kind, [(0.0, low), (1.0, high)]).with_y_range(1.0, 10.0);
                add("y", along_y, drawn, "y");
            }
        }
        cases
    }));
}

#[test]
fn heat_maps_of_extreme_numbers_are_drawn_or_refused() {
    let map = |values: &[f64; 4], x, y| {
        let chart = Chart::new("", "", "").with_size([200, 80]);
        chart.heat_map(values, [2, 2], x, y)
    };
    check(cases(|low, high, [linear, log]| {
        let along_x = map(&[0.0, 1.0, 2.0, 3.0], low..high, 0.0..1.0);
        let along_y = map(&[0.0, 1.0, 2.0, 3.0], 0.0..1.0, low..high);
        let values = map(&[low, high, low, high], 0.0..1.0, 0.0..1.0);
        let finite = Some(low.is_finite() && high.is_finite());
        let linear = set(low, high, linear);
        let log = set(low.log10(), high.log10(), log);
        [
            ("linear x", along_x.clone(), linear, "x"),
            ("logarithmic x", along_x.with_log_x(), log, "x"),
            ("y", along_y, linear, "y"),
            ("values", values, finite, "value"),
        ]
        .map(|(name, chart, drawn, axis)| Case {
            name: format!("heat map, {name} from {low:e} to {high:e}"),
            chart,
            drawn,
            shows: true,
            axis,
        })
        .into()
    }));
}
