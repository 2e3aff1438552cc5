//! Text as small pictures.

use super::{
    canvas::{self, fine, rgb},
    colour::{Rgb, TEXT, WHITE},
    picture::{Picture, SPACE},
};
use plotters::style::{
    FontDesc, FontFamily, FontStyle, IntoTextStyle, TextStyle, register_font,
    text_anchor::{HPos, Pos, VPos},
};
use std::sync::Once;

/// Sizes in pixels of an em.
pub(super) const TITLE: f64 = 17.0;
pub(super) const LABEL: f64 = 14.0;
pub(super) const TICK: f64 = 13.0;

/// How far above a point plotters puts the middle of capitals that should be there.
pub(super) fn rise(size: f64) -> f64 {
    0.25 * size
}

/// The font with this many pixels of the picture an em.
pub(super) fn style(size: f64, colour: Rgb) -> TextStyle<'static> {
    const NAME: &str = "DejaVu Sans";
    // Plotters wants the height of a line.
    const LINE: f64 = 1.164;
    static REGISTERED: Once = Once::new();
    // A font that is not registered shows as an error of the first text drawn with it.
    REGISTERED.call_once(|| {
        let _ = register_font(NAME, FontStyle::Normal, dejavu::sans::regular());
    });
    let size = f64::from(fine(size)) * LINE;
    let font = FontDesc::new(FontFamily::Name(NAME), size, FontStyle::Normal);
    font.color(&rgb(colour)).into_text_style(&(0, 0))
}

/// The width of a line of text in pixels.
pub(super) fn width(text: &str, size: f64) -> usize {
    match style(size, TEXT).font.layout_box(text) {
        Ok(((left, _), (right, _))) => (right - left).unsigned_abs().div_ceil(3) as usize,
        Err(_) => 0,
    }
}

/// The width of the widest label of a tick.
pub(super) fn widest(labels: &[String]) -> usize {
    let widths = labels.iter().map(|label| width(label, TICK));
    widths.max().unwrap_or(0)
}

/// A line of text, as wide as it is.
pub(super) fn line(text: &str, size: f64, colour: Rgb) -> Picture {
    let [width, height] = [width(text, size) + 1, (1.3 * size).round() as usize];
    let start = (0, fine(height as f64 / 2.0 + rise(size)));
    let style = style(size, colour).pos(Pos::new(HPos::Left, VPos::Center));
    let drawn = canvas::draw(text, [width, height], |area| {
        Ok(area.draw_text(text, &style, start)?)
    });
    // A line of text in memory can always be drawn; if not, what it explains matters more.
    drawn.unwrap_or_else(|_| Picture::filled(width, height, WHITE))
}

/// Words on lines no wider than this, unless a word is.
pub(super) fn paragraph(text: &str, size: f64, room: usize) -> Picture {
    let words = text.split_whitespace();
    flow(words.map(|word| line(word, size, TEXT)), 4, room)
}

/// Pictures beside each other, on lines no wider than this.
pub(super) fn flow(parts: impl Iterator<Item = Picture>, space: usize, room: usize) -> Picture {
    let mut lines: Vec<Picture> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.width() + space + part.width() <= room => {
                *line = Picture::joined([line.clone(), part], true, space, 0);
            }
            _ => lines.push(part),
        }
    }
    let width = lines.iter().map(Picture::width).max().unwrap_or(0);
    let height = lines.iter().map(Picture::height).sum();
    let mut whole = Picture::filled(width, height, WHITE);
    let mut y = 0;
    for line in &lines {
        whole.paste_below(line, width / 2, y);
        y += line.height();
    }
    whole
}

impl Picture {
    /// With a line of text above; the picture gets white sides if it is narrower than the line.
    pub fn titled(self, title: &str) -> Self {
        const ABOVE: usize = 32;
        let line = line(title, TITLE, TEXT);
        let width = self.width().max(line.width() + SPACE);
        let mut whole = Self::filled(width, ABOVE + self.height(), WHITE);
        whole.paste_below(&line, width / 2, (ABOVE - line.height()) / 2);
        whole.paste(&self, (width - self.width()) / 2, ABOVE);
        whole
    }
}
