//! Images in rows and columns.

use super::{
    colour::{Colours, GAP, TEXT, WHITE},
    legend::{self, BAR_MARGIN},
    picture::Picture,
    refuse,
    text::{self, LABEL},
};
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;

const SPACE: usize = 6;

/// The width of the grey lines around images, in pixels.
const LINE: usize = 2;

/// The largest number of pixels: more are refused as a mistake.
const MOST: usize = 1 << 26;

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

    /// The colour map, [`Colours::Ink`] by default.
    pub fn with_colours(mut self, colours: Colours) -> Self {
        self.colours = colours;
        self
    }

    /// Text at the left of each row.
    pub fn with_row_labels(mut self, labels: Vec<String>) -> Self {
        self.row_labels = labels;
        self
    }

    /// Text above each column; upright if a word is wider than its column.
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
    /// [`Error::Data`] if
    /// - there is no image, or the values do not fill whole images;
    /// - a value is not finite, or the range is empty or of a length that is not finite;
    /// - there is not one label for each row or column;
    /// - the columns or the scale are 0, or the picture has more than 2²⁶ pixels.
    pub fn draw(&self) -> Result<Picture> {
        let [rows, columns] = self.shape()?;
        let [height, width] = self.size;
        let [right, down] = [width * self.scale + LINE, height * self.scale + LINE];
        let mut images = Picture::filled(columns * right + LINE, rows * down + LINE, WHITE);
        let frame = Picture::filled(right + LINE, down + LINE, GAP);
        let [low, high] = self.range.map(f64::from);
        for (index, values) in self.values.chunks(height * width).enumerate() {
            let (left, top) = (index % columns * right, index / columns * down);
            images.paste(&frame, left, top);
            for (pixel, &value) in values.iter().enumerate() {
                let colour = self.colours.at((f64::from(value) - low) / (high - low));
                let square = Picture::filled(self.scale, self.scale, colour);
                let x = left + LINE + pixel % width * self.scale;
                let y = top + LINE + pixel / width * self.scale;
                images.paste(&square, x, y);
            }
        }
        self.with_text(images, right, down)
    }

    /// The images, with labels and colour bar around them.
    fn with_text(&self, images: Picture, right: usize, down: usize) -> Result<Picture> {
        let line = |name: &String| text::line(name, LABEL, TEXT);
        let row_labels: Vec<_> = self.row_labels.iter().map(line).collect();
        let words = |name: &String| text::paragraph(name, LABEL, right - LINE);
        let mut labels: Vec<_> = self.column_labels.iter().map(words).collect();
        if labels.iter().any(|label| label.width() > right) {
            let upright = self.column_labels.iter().map(|name| line(name).upright());
            labels = upright.collect();
        }
        let bar = |length| {
            let [low, high] = self.range.map(f64::from);
            let unit = self.unit.as_ref()?;
            Some(legend::colour_bar(self.colours, length, low..high, unit))
        };
        let left = row_labels.iter().map(|label| label.width() + 2 * SPACE);
        let left = left.max().unwrap_or(0);
        let above = labels.iter().map(|label| label.height() + SPACE).max();
        // Labels of low rows and the ends of the bar reach beyond the images.
        let line = row_labels.first().map_or(0, Picture::height);
        let beyond = line.saturating_sub(down).div_ceil(2);
        let has_bar = self.unit.is_some();
        let beyond = beyond.max(if has_bar { BAR_MARGIN } else { 0 });
        let top = above.unwrap_or(0).max(beyond);
        let bar_left = left + images.width() + 2 * SPACE;
        let (mut width, mut below) = (left + images.width(), images.height() + beyond);
        let length = images.height().max(60);
        if let Some(bar) = bar(0) {
            width = bar_left + bar.width() + SPACE;
            below = below.max(length + BAR_MARGIN);
        }
        check_size(width, top + below)?;
        let mut picture = Picture::filled(width, top + below, WHITE);
        picture.paste(&images, left, top);
        for (row, label) in row_labels.iter().enumerate() {
            let y = top + row * down + (down + LINE) / 2 - label.height() / 2;
            picture.paste(label, left - SPACE - label.width(), y);
        }
        for (column, label) in labels.iter().enumerate() {
            let middle = left + column * right + (right + LINE) / 2;
            picture.paste_below(label, middle, top - SPACE - label.height());
        }
        if let Some(bar) = bar(length) {
            picture.paste(&bar, bar_left, top - BAR_MARGIN);
        }
        Ok(picture)
    }

    /// The number of rows and columns of images.
    fn shape(&self) -> Result<[usize; 2]> {
        let ([height, width], count) = (self.size, self.values.len());
        let length = height.saturating_mul(width);
        let images = count.checked_div(length).unwrap_or(0);
        let columns = match self.columns {
            Some(columns) => columns.min(images),
            None => (images as f64).sqrt().ceil() as usize,
        };
        let refuse = |problem: Option<String>, cure| refuse("image grid", problem, cure);
        let empty = length == 0 || count == 0;
        let cure = "give at least one image of one value";
        refuse(empty.then(|| "there are no values".into()), cure)?;
        let problem = || format!("{count} values do not fill images of {height}\u{d7}{width}");
        let broken = !count.is_multiple_of(length);
        refuse(broken.then(problem), "give whole images")?;
        let infinite = self.values.iter().position(|value| !value.is_finite());
        let problem = |index| {
            let (image, row, column) = (index / length, index % length / width, index % width);
            let value = self.values[index];
            format!("image {image}, row {row}, column {column} is {value}")
        };
        refuse(infinite.map(problem), "replace it")?;
        let [low, high] = self.range;
        let unfit = !(low < high && (high - low).is_finite());
        let problem = || format!("the range from {low:?} to {high:?} is empty or not finite");
        refuse(unfit.then(problem), "give a low end below the high one")?;
        let none = columns == 0 || self.scale == 0;
        let problem = || "the columns or the scale are 0".into();
        refuse(none.then(problem), "give 1 or more")?;
        let rows = images.div_ceil(columns);
        for (labels, lines, name) in [
            (&self.row_labels, rows, "row"),
            (&self.column_labels, columns, "column"),
        ] {
            let labels = labels.len();
            let problem = || format!("{labels} {name} labels for {lines} {name}s");
            let unfit = labels != 0 && labels != lines;
            refuse(unfit.then(problem), "give one for each, or none")?;
        }
        let side = |values: usize, images: usize| {
            let side = values.saturating_mul(self.scale).saturating_add(LINE);
            side.saturating_mul(images).saturating_add(LINE)
        };
        check_size(side(width, columns), side(height, rows))?;
        Ok([rows, columns])
    }
}

fn check_size(width: usize, height: usize) -> Result<()> {
    let problem = || format!("a picture of {width}\u{d7}{height} pixels is too large");
    let unfit = width.saturating_mul(height) > MOST;
    let cure = "give fewer images or a lower scale";
    refuse("image grid", unfit.then(problem), cure)
}
