//! Images in rows and columns.

use super::{
    axis::short,
    canvas::{Anchor, Canvas},
    colour::{Colours, GAP, WHITE},
    layout::{BAR_WIDTH, colour_bar},
    picture::Picture,
    text::{self, LABEL, TICK},
    wrong,
};
use crate::error::{Error, Result};

/// The width of the grey lines around images, in pixels.
const LINE: usize = 2;

/// More than this many pixels is taken for a mistake.
const MOST: usize = 1 << 25;

/// Equal-sized images in rows and columns, row by row, with thin grey lines around them.
///
/// Without labels and colour bar the picture is `columns · (width · scale + 2) + 2` pixels wide and
/// `rows · (height · scale + 2) + 2` high.
#[derive(Clone, Debug)]
pub struct ImageGrid<'a> {
    values: &'a [f32],
    size: [usize; 2],
    columns: Option<usize>,
    scale: usize,
    range: [f32; 2],
    colours: Colours,
    row_labels: Vec<String>,
    column_labels: Vec<String>,
    unit: Option<String>,
}

impl<'a> ImageGrid<'a> {
    /// Values `[images, height, width]`, each image from its top left corner, row by row.
    pub fn new(values: &'a [f32], [height, width]: [usize; 2]) -> Self {
        Self {
            values,
            size: [height, width],
            columns: None,
            scale: 2,
            range: [0.0, 1.0],
            colours: Colours::default(),
            row_labels: Vec::new(),
            column_labels: Vec::new(),
            unit: None,
        }
    }

    /// The number of images side by side; by default there are about as many rows as columns.
    pub fn with_columns(mut self, columns: usize) -> Self {
        self.columns = Some(columns);
        self
    }

    /// The side of a value's square in pixels, 2 by default.
    pub fn with_scale(mut self, scale: usize) -> Self {
        self.scale = scale;
        self
    }

    /// The values at the ends of the colours, 0 and 1 by default; those beyond look like the ends.
    pub fn with_range(mut self, low: f32, high: f32) -> Self {
        self.range = [low, high];
        self
    }

    /// What values look like, [`Colours::Ink`] by default.
    pub fn with_colours(mut self, colours: Colours) -> Self {
        self.colours = colours;
        self
    }

    /// Text at the left of each row.
    pub fn with_row_labels(mut self, labels: Vec<String>) -> Self {
        self.row_labels = labels;
        self
    }

    /// Text above each column; upright if the columns are too narrow.
    pub fn with_column_labels(mut self, labels: Vec<String>) -> Self {
        self.column_labels = labels;
        self
    }

    /// A bar of the colours at the right, with the values of its ends in this unit.
    pub fn with_colour_bar(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// Draws it.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] if there is no image, the values do not fill whole images, one is not finite, the
    /// range is empty, there is not one label for each row or column, the columns or the scale are 0, or
    /// the picture is too large.
    pub fn draw(&self) -> Result<Picture> {
        let [rows, columns] = self.shape()?;
        let images = self.images(rows, columns);
        if self.row_labels.is_empty() && self.column_labels.is_empty() && self.unit.is_none() {
            return Ok(images);
        }
        self.with_text(&images)
    }

    /// The number of rows and columns of images.
    fn shape(&self) -> Result<[usize; 2]> {
        let [height, width] = self.size;
        let length = height * width;
        if length == 0 || self.values.is_empty() {
            return Err(bad(
                "there are no values",
                "give at least one image of one value",
            ));
        }
        if !self.values.len().is_multiple_of(length) {
            let count = self.values.len();
            return Err(bad(
                format!("{count} values do not fill images of {height}\u{d7}{width}"),
                "give whole images",
            ));
        }
        if let Some(index) = self.values.iter().position(|value| !value.is_finite()) {
            let (image, pixel) = (index / length, index % length);
            let (row, column) = (pixel / width, pixel % width);
            let value = self.values[index];
            return Err(bad(
                format!("image {image}, row {row}, column {column} is {value}"),
                "replace it",
            ));
        }
        let [low, high] = self.range;
        if !(low < high && (high - low).is_finite()) {
            return Err(bad(
                format!("the range from {low} to {high} is empty or not finite"),
                "give a low end below the high one",
            ));
        }
        let images = self.values.len() / length;
        let columns = match self.columns {
            Some(columns) => columns.min(images),
            None => (images as f64).sqrt().ceil() as usize,
        };
        if columns == 0 || self.scale == 0 {
            return Err(bad("the columns or the scale are 0", "give 1 or more"));
        }
        let rows = images.div_ceil(columns);
        for (labels, lines, name) in [
            (&self.row_labels, rows, "row"),
            (&self.column_labels, columns, "column"),
        ] {
            if !labels.is_empty() && labels.len() != lines {
                let count = labels.len();
                return Err(bad(
                    format!("{count} {name} labels for {lines} {name}s"),
                    "give one for each, or none",
                ));
            }
        }
        let pixels = self
            .scale
            .checked_pow(2)
            .and_then(|square| square.checked_mul(length));
        if pixels
            .and_then(|pixels| pixels.checked_mul(rows * columns))
            .is_none_or(|all| all > MOST)
        {
            return Err(bad(
                "the picture is too large",
                "give fewer images or a lower scale",
            ));
        }
        Ok([rows, columns])
    }

    /// The width and the height of an image with the line at one of its sides.
    fn pitch(&self) -> [usize; 2] {
        let [height, width] = self.size;
        [width * self.scale + LINE, height * self.scale + LINE]
    }

    fn images(&self, rows: usize, columns: usize) -> Picture {
        let [height, width] = self.size;
        let [right, down] = self.pitch();
        let mut picture = Picture::filled(columns * right + LINE, rows * down + LINE, WHITE);
        let frame = Picture::filled(right + LINE, down + LINE, GAP);
        let [low, high] = self.range.map(f64::from);
        for (index, values) in self.values.chunks(height * width).enumerate() {
            let (left, top) = (index % columns * right, index / columns * down);
            picture.paste(&frame, left, top);
            for (pixel, &value) in values.iter().enumerate() {
                let colour = self.colours.at((f64::from(value) - low) / (high - low));
                let square = Picture::filled(self.scale, self.scale, colour);
                let x = left + LINE + pixel % width * self.scale;
                let y = top + LINE + pixel / width * self.scale;
                picture.paste(&square, x, y);
            }
        }
        picture
    }

    /// The images with labels and colour bar around them.
    fn with_text(&self, images: &Picture) -> Result<Picture> {
        const SPACE: f64 = 6.0;
        let [right, down] = self.pitch().map(|side| side as f64);
        let line = text::line_height(LABEL);

        let left = match self.row_labels.as_slice() {
            [] => 0.0,
            labels => (text::widest(labels, LABEL) + 2.0 * SPACE).ceil(),
        };
        let wrapped: Vec<_> = self
            .column_labels
            .iter()
            .map(|label| text::wrap(label, LABEL, right - SPACE))
            .collect();
        let upright = wrapped
            .iter()
            .any(|lines| text::widest(lines, LABEL) > right - 2.0);
        let top = if self.column_labels.is_empty() {
            0.0
        } else if upright {
            (text::widest(&self.column_labels, LABEL) + 2.0 * SPACE).ceil()
        } else {
            let most = wrapped.iter().map(Vec::len).max().unwrap_or(0);
            most as f64 * line + SPACE
        };
        // Labels of low rows and the ends of the bar reach beyond the images.
        let beyond = if self.unit.is_some() {
            line / 2.0
        } else {
            ((line - down) / 2.0).max(0.0)
        };
        let top = top.max(beyond.ceil());
        let bar_length = (images.height() as f64).max(4.0 * line);
        let span = f64::from(self.range[1] - self.range[0]);
        let ends = self.unit.as_ref().map(|unit| {
            self.range.map(|end| {
                format!("{} {unit}", short(f64::from(end), span))
                    .trim_end()
                    .to_owned()
            })
        });
        let bar_room = ends.as_ref().map_or(0.0, |ends| {
            2.0 * SPACE + BAR_WIDTH + SPACE + text::widest(ends, TICK) + SPACE
        });

        let width = left + images.width() as f64 + bar_room;
        let below = if ends.is_some() {
            bar_length
        } else {
            images.height() as f64
        };
        let mut canvas = Canvas::new(
            width.ceil() as usize,
            (top + below + beyond).ceil() as usize,
        );
        for (row, label) in self.row_labels.iter().enumerate() {
            let middle = top + (row as f64 + 0.5) * down + LINE as f64 / 2.0;
            canvas.text(label, (left - SPACE, middle), LABEL, Anchor::Right);
        }
        for (column, lines) in wrapped.iter().enumerate() {
            let x = left + (column as f64 + 0.5) * right + LINE as f64 / 2.0;
            if upright {
                let label = &self.column_labels[column];
                canvas.text(label, (x, top - SPACE), LABEL, Anchor::UpwardsFrom);
                continue;
            }
            for (i, label) in lines.iter().rev().enumerate() {
                let y = top - SPACE / 2.0 - (i as f64 + 0.5) * line;
                canvas.text(label, (x, y), LABEL, Anchor::Middle);
            }
        }
        if let Some([low, high]) = &ends {
            let x = left + images.width() as f64 + 2.0 * SPACE;
            let labels = [(0.0, low.as_str()), (1.0, high.as_str())];
            colour_bar(&mut canvas, x, top..top + bar_length, self.colours, &labels);
        }
        let mut picture = canvas.finish("image grid")?;
        picture.paste(images, left as usize, top as usize);
        Ok(picture)
    }
}

fn bad(problem: impl Into<String>, cure: &str) -> Error {
    wrong("image grid", problem, cure)
}
