//! Where the greatest, the least and the farthest numbers end up.

use super::*;

/// A small chart without words.
fn chart() -> Chart {
    Chart::new("", "", "").with_size([140, 80])
}

#[test]
fn the_ends_of_extreme_values_have_the_colours_of_the_ends() {
    let pairs = [
        (-1e308, 1e308),
        (f64::MIN, f64::MAX),
        (0.0, 5e-324),
        (-5e-324, 5e-324),
        (1.0, 1.0 + f64::EPSILON),
        (5e-324, f64::MAX),
    ];
    for (low, high) in pairs {
        let chart = chart().with_size([200, 80]);
        let map = chart.heat_map(&[low, high], [1, 2], 0.0..1.0, 0.0..1.0);
        let picture = map.draw().unwrap();
        let count = |colour| places(&picture, |pixel| pixel == colour).len();
        let (first, last) = (count([68, 1, 84]), count([253, 231, 37]));
        // Halves of the data, and a row each of the colour bar.
        assert!(
            first > 500 && last > 500,
            "{low:e} to {high:e}: {first} and {last}"
        );
    }
}

#[test]
fn a_line_from_far_away_crosses_where_it_should() {
    let draw = |line: [(f64, f64); 2], dashed| {
        let chart = match dashed {
            true => chart().dashed_line("", Colour::Iwae, &line),
            false => chart().line("", Colour::Iwae, &line),
        };
        let chart = chart.with_x_range(0.0, 1.0).with_y_range(0.0, 1.0);
        places(&chart.draw().unwrap(), is_coloured)
    };
    for dashed in [false, true] {
        let across = draw([(-1.0, 0.5), (2.0, 0.5)], dashed);
        // Of these, some cross the picture where rounding moves them by more than its width.
        for far in [
            1e9,
            1e17,
            1.3440451554126953e42,
            2.5647877011413227e275,
            f64::MAX,
        ] {
            for share in [0.8, 0.5] {
                let line = [(-far, 0.5), (share * far, 0.5)];
                assert_eq!(draw(line, dashed), across, "{far:e} {share}");
            }
            // It rises by less than 1e-9 across the picture, and is in the middle at one half.
            let line = [(-far, 0.0), (far, 1.0)];
            assert_eq!(draw(line, dashed), across, "{far:e}");
        }
    }
}

/// Its edges enter at 1 + 70/92 and 1 + 90/108.
#[test]
fn a_band_from_beyond_enters_where_its_edges_do() {
    let draw = |band: &[(f64, f64, f64)]| {
        let chart = chart().band(Colour::Iwae, band);
        let chart = chart.with_x_range(1.0, 2.0).with_y_range(-120.0, -80.0);
        places(&chart.draw().unwrap(), is_coloured)
    };
    let whole = draw(&[(1.0, -210.0, -190.0), (2.0, -102.0, -98.0)]);
    let (upper, lower) = (1.0 + 70.0 / 92.0, 1.0 + 90.0 / 108.0);
    let above = -190.0 + 92.0 * (lower - 1.0);
    let cut = [
        (upper, -120.0, -120.0),
        (lower, -120.0, above),
        (2.0, -102.0, -98.0),
    ];
    let cut = draw(&cut);
    let first = |places: &[(usize, usize)]| places.iter().map(|place| place.0).min().unwrap();
    // Up to single pixels of the edges.
    assert!(first(&whole).abs_diff(first(&cut)) <= 1);
    assert!(whole.len().abs_diff(cut.len()) < 5 && whole.len() > 30);
    assert!(draw(&[(1.0, -210.0, -190.0), (2.0, -204.0, -196.0)]).is_empty());
}

#[test]
fn a_bar_alone_is_seen_wherever_it_stands() {
    for x in [0.0, 1e3, 1e13, -1e17, 1e300] {
        let picture = chart().bars("", Colour::Iwae, &[(x, 1.0)]).draw().unwrap();
        assert!(places(&picture, is_coloured).len() > 100, "{x:e}");
    }
}

#[test]
fn sizes_that_overflow_are_refused() {
    let values = vec![0.5; 1 << 19];
    let huge = usize::MAX;
    let grids = [
        ImageGrid::new(&values, [1, 1]).with_scale(huge),
        ImageGrid::new(&values, [1 << 10, 1 << 9]).with_scale(huge / 2),
        // The bar is as long as the column.
        ImageGrid::new(&values, [1, 1])
            .with_columns(1)
            .with_colour_bar("nats"),
    ];
    for grid in grids {
        let text = message(grid.draw());
        assert!(
            text.contains("image grid") && text.contains("too large"),
            "{text}"
        );
    }
    message(ImageGrid::new(&values, [huge, 2]).draw());
    message(ImageGrid::new(&values, [huge, huge]).draw());
    assert!(
        ImageGrid::new(&values[..4], [2, 2])
            .with_columns(huge)
            .draw()
            .is_ok()
    );
    for size in [[0, huge], [huge, 0], [huge, huge], [1, huge]] {
        let line = chart().line("", Colour::Iwae, &[(0.0, 0.0), (1.0, 1.0)]);
        let text = message(line.with_size(size).draw());
        assert!(text.contains("too many"), "{text}");
    }
}

#[test]
fn images_of_extreme_values_have_the_colours_of_the_ends() {
    let pairs = [
        (0.0, 1e-45),
        (0.0, f32::MAX),
        (-1e38, 1e38),
        (1.0, 1.0 + f32::EPSILON),
    ];
    for (low, high) in pairs {
        let values = [low, high, f32::MIN, f32::MAX];
        let grid = ImageGrid::new(&values, [2, 2]).with_range(low, high);
        let picture = grid.draw().unwrap();
        let pixel = |x: usize, y: usize| picture.pixel(LINE + 2 * x, LINE + 2 * y);
        let colours = [pixel(0, 0), pixel(1, 0), pixel(0, 1), pixel(1, 1)];
        assert_eq!(colours, [WHITE, BLACK, WHITE, BLACK], "{low:e} to {high:e}");
        assert!(grid.with_colour_bar("nats").draw().is_ok());
    }
}
