//! Grids of images and heat maps.

use super::*;

/// The colour of a single value.
fn colour_of(value: f32, colours: Colours, [low, high]: [f32; 2]) -> [u8; 3] {
    let values = [value];
    let grid = ImageGrid::new(&values, [1, 1])
        .with_colours(colours)
        .with_range(low, high);
    grid.draw().unwrap().pixel(LINE, LINE)
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
