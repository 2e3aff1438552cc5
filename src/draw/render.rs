//! A chart's picture.

use super::{
    axis::{Axis, short},
    canvas::{Anchor, Canvas},
    chart::Chart,
    colour::Colours,
    layout::{BAR_WIDTH, Frame, Legend, colour_bar},
    picture::Picture,
    series::{Common, Marks, Series},
    text::{self, LABEL, TICK, TITLE},
};
use crate::error::Result;

impl Chart {
    /// Draws the series on these axes, with everything around them.
    pub(super) fn render(&self, x: Axis, y: Axis, common: &Common) -> Result<Picture> {
        const MARGIN: f64 = 10.0;
        const SPACE: f64 = 6.0;
        const MOST: usize = 1 << 24;
        let too_small = || self.bad("the size leaves no room for the data", "make it larger");
        let [width, height] = self.size;
        if width.checked_mul(height).is_none_or(|pixels| pixels > MOST) {
            return Err(self.bad(
                format!("{width}\u{d7}{height} pixels are too many"),
                "ask for fewer",
            ));
        }
        let [width, height] = self.size.map(|side| side as f64);
        let label_line = text::line_height(LABEL);
        let title_line = text::line_height(TITLE);

        let title = text::wrap(&self.title, TITLE, width - 2.0 * MARGIN);
        let entries: Vec<_> = self.series.iter().filter_map(Series::entry).collect();
        let entries = if entries.len() > 1 {
            entries
        } else {
            Vec::new()
        };
        let legend = Legend::new(entries, width - 2.0 * MARGIN);
        let legend_top = MARGIN + title.len() as f64 * title_line + SPACE / 2.0;
        let top = (legend_top + legend.height() + SPACE + 2.0).round();

        let ends = self.heat_map_drawn().map(|map| {
            let (low, high) = map.ends();
            [low, high].map(|end| short(end, high - low))
        });
        let bar_room = ends.as_ref().map_or(0.0, |ends| {
            2.0 * SPACE + BAR_WIDTH + SPACE + text::widest(ends, TICK)
        });
        let right = width - MARGIN - bar_room.ceil().max(2.0 * SPACE);

        // A label's lines depend on its axis' length and the other way round; start with most of it.
        let y_label = text::wrap(&self.y_label, LABEL, 0.75 * height);
        let x_label = text::wrap(&self.x_label, LABEL, 0.75 * width);
        let below = x_label.len() as f64 * label_line + SPACE / 2.0;
        let bottom = (height - MARGIN - below - Frame::bottom_room()).round();
        if bottom - top < 20.0 {
            return Err(too_small());
        }
        let beside = y_label.len() as f64 * label_line + SPACE;
        let mut frame = Frame {
            x,
            y,
            left: 0.0,
            top,
            width: right,
            height: bottom - top,
        };
        frame.left = MARGIN + beside + frame.left_room();
        frame.width = right - frame.left;
        if frame.width < 20.0 {
            return Err(too_small());
        }
        if self.equal_axes {
            let unit = (frame.width / frame.x.extent()).min(frame.height / frame.y.extent());
            let (wide, high) = (unit * frame.x.extent(), unit * frame.y.extent());
            frame.left = (frame.left + (frame.width - wide) / 2.0).round();
            frame.top = (frame.top + (frame.height - high) / 2.0).round();
            (frame.width, frame.height) = (wide.round().max(1.0), high.round().max(1.0));
        }

        let mut canvas = Canvas::new(self.size[0], self.size[1]);
        for (i, line) in title.iter().enumerate() {
            let y = MARGIN + (i as f64 + 0.5) * title_line;
            canvas.text(line, (width / 2.0, y), TITLE, Anchor::Middle);
        }
        legend.draw(&mut canvas, width / 2.0, legend_top);
        frame.draw_mesh(&mut canvas);
        let mut bars = 0;
        for series in &self.series {
            series.draw(&mut canvas, &frame, common, bars);
            bars += usize::from(matches!(series.marks, Marks::Bars(_)));
        }
        frame.draw_axes(&mut canvas);
        let middle = frame.left + frame.width / 2.0;
        for (i, line) in x_label.iter().enumerate() {
            let start = frame.rows().end + Frame::bottom_room() + SPACE / 2.0;
            canvas.text(
                line,
                (middle, start + (i as f64 + 0.5) * label_line),
                LABEL,
                Anchor::Middle,
            );
        }
        let middle = frame.top + frame.height / 2.0;
        for (i, line) in y_label.iter().enumerate() {
            let start = frame.left - frame.left_room() - beside;
            canvas.text(
                line,
                (start + (i as f64 + 0.5) * label_line, middle),
                LABEL,
                Anchor::Upwards,
            );
        }
        if let Some([low, high]) = &ends {
            let left = frame.columns().end + 2.0 * SPACE;
            let labels = [(0.0, low.as_str()), (1.0, high.as_str())];
            colour_bar(&mut canvas, left, frame.rows(), Colours::Heat, &labels);
        }
        canvas.finish(&self.title)
    }
}
