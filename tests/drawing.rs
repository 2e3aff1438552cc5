//! Pictures: where each number ends up, and what is refused.

#![cfg(feature = "draw")]

use burn_bayes::draw::{Chart, Colour, Colours, ImageGrid, Picture};
use std::{collections::HashMap, fs};

/// An F: no mirror image or transpose of it is the same.
const F: [[u8; 4]; 5] = [
    [1, 1, 1, 1],
    [1, 0, 0, 0],
    [1, 1, 1, 0],
    [1, 0, 0, 0],
    [1, 0, 0, 0],
];

/// The width of the lines around images.
const LINE: usize = 2;

const WHITE: [u8; 3] = [255; 3];
const BLACK: [u8; 3] = [0; 3];

fn f_values() -> Vec<f32> {
    F.as_flattened().iter().map(|&ink| f32::from(ink)).collect()
}

/// The colour of a single value.
fn colour_of(value: f32, colours: Colours, [low, high]: [f32; 2]) -> [u8; 3] {
    let values = [value];
    let grid = ImageGrid::new(&values, [1, 1])
        .with_colours(colours)
        .with_range(low, high);
    grid.draw().unwrap().pixel(LINE, LINE)
}

/// How many pixels have each colour.
fn colours_of(picture: &Picture) -> HashMap<[u8; 3], usize> {
    let mut counts = HashMap::new();
    for y in 0..picture.height() {
        for x in 0..picture.width() {
            *counts.entry(picture.pixel(x, y)).or_default() += 1;
        }
    }
    counts
}

/// The places of the pixels with a property.
fn places(picture: &Picture, of: impl Fn([u8; 3]) -> bool) -> Vec<(usize, usize)> {
    let all = (0..picture.height()).flat_map(|y| (0..picture.width()).map(move |x| (x, y)));
    all.filter(|&(x, y)| of(picture.pixel(x, y))).collect()
}

/// Whether a pixel is neither white nor grey.
fn is_coloured([red, green, blue]: [u8; 3]) -> bool {
    let (least, most) = (red.min(green).min(blue), red.max(green).max(blue));
    most - least > 30
}

fn message<T>(result: Result<T, burn_bayes::Error>) -> String {
    match result {
        Ok(_) => panic!("this should be refused"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn images_are_upright_and_not_mirrored() {
    const SCALE: usize = 3;
    let picture = ImageGrid::new(&f_values(), [5, 4])
        .with_scale(SCALE)
        .draw()
        .unwrap();
    for (row, line) in F.iter().enumerate() {
        for (column, &ink) in line.iter().enumerate() {
            let expected = if ink == 1 { BLACK } else { WHITE };
            for (dx, dy) in [(0, 0), (SCALE - 1, SCALE - 1)] {
                let (x, y) = (LINE + column * SCALE + dx, LINE + row * SCALE + dy);
                assert_eq!(picture.pixel(x, y), expected, "row {row}, column {column}");
            }
        }
    }
}

#[test]
fn images_go_row_by_row_from_the_top_left() {
    let values: Vec<f32> = (0..5).map(|i| i as f32 / 4.0).collect();
    let picture = ImageGrid::new(&values, [1, 1])
        .with_columns(2)
        .draw()
        .unwrap();
    let pitch = 2 + LINE;
    let level =
        |row: usize, column: usize| picture.pixel(LINE + column * pitch, LINE + row * pitch)[0];
    assert_eq!(
        [
            level(0, 0),
            level(0, 1),
            level(1, 0),
            level(1, 1),
            level(2, 0)
        ],
        [255, 191, 128, 64, 0]
    );
    assert_eq!(level(2, 1), 255, "no image, no ink");
}

#[test]
fn a_grid_has_the_documented_size() {
    let values = vec![0.5; 7 * 20];
    let picture = ImageGrid::new(&values, [5, 4])
        .with_columns(3)
        .with_scale(4)
        .draw()
        .unwrap();
    assert_eq!(picture.width(), 3 * (4 * 4 + LINE) + LINE);
    assert_eq!(picture.height(), 3 * (5 * 4 + LINE) + LINE);
    let picture = ImageGrid::new(&values, [5, 4]).draw().unwrap();
    assert_eq!(picture.width(), 3 * (4 * 2 + LINE) + LINE);
}

#[test]
fn labels_and_bar_leave_the_images_as_they_are() {
    let values = f_values().repeat(4);
    let grid = ImageGrid::new(&values, [5, 4])
        .with_columns(2)
        .with_scale(10);
    let plain = grid.draw().unwrap();
    let labelled = grid
        .with_row_labels(vec!["first".into(), "second".into()])
        .with_column_labels(vec!["a".into(), "reconstruction".into()])
        .with_colour_bar("nats")
        .draw()
        .unwrap();
    let grey = |pixel: [u8; 3]| pixel == [205; 3];
    let corner = places(&labelled, grey).into_iter().find(|&(x, y)| {
        // Smooth edges of letters have a grey pixel here and there, but no line of them.
        (0..40).all(|i| grey(labelled.pixel(x + i, y)) && grey(labelled.pixel(x, y + i)))
    });
    let (left, top) = corner.unwrap();
    assert!(
        left > 20 && top > 20,
        "there is room for labels: {left}, {top}"
    );
    for y in 0..plain.height() {
        for x in 0..plain.width() {
            assert_eq!(labelled.pixel(left + x, top + y), plain.pixel(x, y));
        }
    }
    let dark_before = places(&labelled, |[level, ..]| level < 100);
    assert!(dark_before.iter().any(|&(x, _)| x < left), "row labels");
    assert!(dark_before.iter().any(|&(_, y)| y < top), "column labels");
    assert!(
        dark_before
            .iter()
            .any(|&(x, _)| x > left + plain.width() + 30),
        "the bar's labels"
    );
}

#[test]
fn the_range_is_that_of_the_colours_and_clamps() {
    let range = [-2.0, 2.0];
    assert_eq!(colour_of(-2.0, Colours::Ink, range), WHITE);
    assert_eq!(colour_of(0.0, Colours::Ink, range), [128; 3]);
    assert_eq!(colour_of(2.0, Colours::Ink, range), BLACK);
    assert_eq!(colour_of(-50.0, Colours::Ink, range), WHITE);
    assert_eq!(colour_of(50.0, Colours::Ink, range), BLACK);
    assert_eq!(colour_of(-2.0, Colours::Light, range), BLACK);
    assert_eq!(colour_of(2.0, Colours::Light, range), WHITE);
    for colours in [Colours::Heat, Colours::Diverging] {
        for (end, beyond) in [(-2.0, -3.0), (2.0, 3.0)] {
            assert_eq!(
                colour_of(beyond, colours, range),
                colour_of(end, colours, range)
            );
        }
    }
}

#[test]
fn colours_have_their_ends() {
    let range = [0.0, 1.0];
    assert_eq!(colour_of(0.0, Colours::Heat, range), [68, 1, 84]);
    assert_eq!(colour_of(1.0, Colours::Heat, range), [253, 231, 37]);
    assert_eq!(colour_of(0.0, Colours::Diverging, range), [33, 102, 172]);
    assert_eq!(colour_of(0.5, Colours::Diverging, range), WHITE);
    assert_eq!(colour_of(1.0, Colours::Diverging, range), [178, 24, 43]);
}

#[test]
fn a_heat_map_has_its_first_row_at_the_bottom() {
    // Greatest at the bottom right.
    let picture = Chart::new("density", "x", "y")
        .heat_map(&[0.0, 1.0, 0.0, 0.0], [2, 2], 0.0..1.0, 0.0..1.0)
        .with_size([400, 300])
        .draw()
        .unwrap();
    let map = places(&picture, |pixel| pixel == [68, 1, 84]);
    let hot = places(&picture, |pixel| pixel == [253, 231, 37]);
    let mean = |places: &[(usize, usize)]| {
        let count = places.len();
        let (x, y) = places
            .iter()
            .fold((0, 0), |sum, place| (sum.0 + place.0, sum.1 + place.1));
        (x / count, y / count)
    };
    let ((map_x, map_y), (hot_x, hot_y)) = (mean(&map), mean(&hot));
    assert!(
        hot_x > map_x + 50 && hot_y > map_y + 30,
        "{hot_x} {hot_y} against {map_x} {map_y}"
    );
    let share = hot.len() as f64 / (hot.len() + map.len()) as f64;
    assert!(
        (share - 0.25).abs() < 0.02,
        "a quarter of the cells, not {share}"
    );
}

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

#[test]
fn a_saved_picture_reads_back_equal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/picture.png");
    let picture = ImageGrid::new(&f_values(), [5, 4])
        .with_colours(Colours::Heat)
        .draw()
        .unwrap();
    picture.save(&path).unwrap();
    let read = image::open(&path).unwrap().to_rgb8();
    assert_eq!(
        (read.width() as usize, read.height() as usize),
        (picture.width(), picture.height())
    );
    for (x, y, pixel) in read.enumerate_pixels() {
        assert_eq!(pixel.0, picture.pixel(x as usize, y as usize), "{x}, {y}");
    }
}

#[test]
fn saving_replaces_the_whole_file_and_leaves_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture.png");
    fs::write(&path, vec![7u8; 1 << 20]).unwrap();
    ImageGrid::new(&f_values(), [5, 4])
        .draw()
        .unwrap()
        .save(&path)
        .unwrap();
    assert!(fs::metadata(&path).unwrap().len() < 10_000);
    assert_eq!(image::open(&path).unwrap().width(), 4 * 2 + 2 * LINE as u32);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "text").unwrap();
    let picture = ImageGrid::new(&[1.0], [1, 1]).draw().unwrap();
    assert!(message(picture.save(file.join("picture.png"))).contains("cannot create"));
}

#[test]
fn rows_and_columns_keep_every_pixel() {
    let parts = [[5, 4], [10, 2], [2, 10]].map(|size| {
        ImageGrid::new(&f_values(), size)
            .with_colours(Colours::Heat)
            .draw()
            .unwrap()
    });
    const SPACE: usize = 12;
    let (row, column) = (Picture::row(parts.clone()), Picture::column(parts.clone()));
    let (mut x, mut y) = (SPACE, SPACE);
    for part in &parts {
        for py in 0..part.height() {
            for px in 0..part.width() {
                assert_eq!(row.pixel(x + px, SPACE + py), part.pixel(px, py));
                assert_eq!(column.pixel(SPACE + px, y + py), part.pixel(px, py));
            }
        }
        x += part.width() + SPACE;
        y += part.height() + SPACE;
    }
    assert_eq!((row.width(), column.height()), (x, y));
    assert_eq!(row.height(), parts[1].height() + 2 * SPACE);
    assert_eq!(column.width(), parts[2].width() + 2 * SPACE);
    let inked =
        |picture: &Picture| picture.width() * picture.height() - colours_of(picture)[&WHITE];
    let expected: usize = parts.iter().map(|part| part.width() * part.height()).sum();
    assert_eq!(inked(&row), expected, "all else is white");
    assert_eq!(inked(&column), expected);
}

#[test]
fn a_title_is_above_and_fits() {
    let picture = ImageGrid::new(&f_values(), [5, 4]).draw().unwrap();
    let titled = picture
        .clone()
        .titled("A title much wider than the picture");
    let above = titled.height() - picture.height();
    let left = (titled.width() - picture.width()) / 2;
    for y in 0..picture.height() {
        for x in 0..picture.width() {
            assert_eq!(titled.pixel(left + x, above + y), picture.pixel(x, y));
        }
    }
    let text = places(&titled, |[level, ..]| level < 128);
    let text: Vec<_> = text.into_iter().filter(|place| place.1 < above).collect();
    assert!(text.len() > 100);
    let inside =
        |&(x, y): &(usize, usize)| x > 1 && x + 2 < titled.width() && y > 1 && y + 2 < above;
    assert!(text.iter().all(inside), "no letter is cut off");
}
