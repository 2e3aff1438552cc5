//! Legends: names of series, and colour bars.

use super::{
    axis::number,
    colour::{Colours, FRAME, TEXT, WHITE},
    picture::Picture,
    series::{Kind, Series},
    text::{self, LABEL, TICK},
};
use std::ops::Range;

/// The names of series, if more than one has a name, on lines no wider than `room`.
pub(super) fn names(series: &[Series], room: usize) -> Picture {
    let named: Vec<_> = series.iter().filter(|one| !one.name.is_empty()).collect();
    if named.len() < 2 {
        return Picture::filled(0, 0, WHITE);
    }
    let entries = named.into_iter().map(|one| {
        let sample = match one.kind {
            Kind::Line => "━━",
            Kind::Dashes => "╍╍",
            Kind::Points => "●",
            _ => "■",
        };
        let sample = text::line(sample, LABEL, one.colour.rgb());
        let name = text::line(&one.name, LABEL, TEXT);
        Picture::joined([sample, name], true, 6, 0)
    });
    text::flow(entries, 20, room)
}

/// The margin above and below a colour bar: half a line of text.
pub(super) const BAR_MARGIN: usize = 9;

/// A bar of colours of this length, with the numbers of its ends.
pub(super) fn colour_bar(
    colours: Colours,
    length: usize,
    range: Range<f64>,
    unit: &str,
) -> Picture {
    const WIDTH: usize = 16;
    const SPACE: usize = 6;
    let resolution = match range.start == range.end {
        true => 1e-3 * range.end.abs(),
        false => 1e-3 * range.end - 1e-3 * range.start, // the difference itself may overflow
    };
    let end = |end| {
        let text = format!("{} {unit}", number(end, resolution));
        text::line(text.trim_end(), TICK, TEXT)
    };
    let [high, low] = [end(range.end), end(range.start)];
    let left = WIDTH + SPACE;
    let size = [
        left + high.width().max(low.width()),
        length + 2 * BAR_MARGIN,
    ];
    let mut bar = Picture::filled(size[0], size[1], WHITE);
    bar.paste(&high, left, 0);
    bar.paste(&low, left, length);
    bar.paste(&Picture::filled(WIDTH, length, FRAME), 0, BAR_MARGIN);
    for step in 1..length.saturating_sub(1) {
        let colour = colours.at(1.0 - step as f64 / (length - 1) as f64);
        bar.paste(&Picture::filled(WIDTH - 2, 1, colour), 1, BAR_MARGIN + step);
    }
    bar
}
