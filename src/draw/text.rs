//! The font, and the room that text takes.

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};
use std::sync::Once;

/// Sizes in pixels of an em.
pub(super) const TITLE: f64 = 17.0;
pub(super) const LABEL: f64 = 14.0;
pub(super) const TICK: f64 = 13.0;

/// The distance of two lines of text.
pub(super) fn line_height(size: f64) -> f64 {
    (size * 1.3).round()
}

/// From the top of the font's box to its bottom, in ems: the unit of the rasterizer.
pub(super) const BOX: f64 = 1.164;

/// The height of capitals and digits, in ems.
pub(super) const CAPITALS: f64 = 0.729;

/// The font with this many pixels an em.
pub(super) fn font(size: f64) -> FontDesc<'static> {
    const NAME: &str = "DejaVu Sans";
    static REGISTERED: Once = Once::new();
    // A font that is not registered shows as an error of the first text drawn with it.
    REGISTERED.call_once(|| {
        let _ = register_font(NAME, FontStyle::Normal, dejavu::sans::regular());
    });
    FontDesc::new(FontFamily::Name(NAME), size * BOX, FontStyle::Normal)
}

/// The width of a line of text in pixels.
pub(super) fn width(text: &str, size: f64) -> f64 {
    // Measured large, because the rasterizer rounds to whole pixels.
    const LARGER: f64 = 8.0;
    match font(size * LARGER).layout_box(text) {
        Ok(((left, _), (right, _))) => f64::from(right - left) / LARGER,
        Err(_) => 0.0,
    }
}

/// The width of the widest.
pub(super) fn widest<'a>(texts: impl IntoIterator<Item = &'a String>, size: f64) -> f64 {
    let widths = texts.into_iter().map(|text| width(text, size));
    widths.fold(0.0, f64::max)
}

/// Breaks text between words so that lines are no wider than this, unless a word is.
pub(super) fn wrap(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let longer = match line.as_str() {
                "" => word.to_owned(),
                line => format!("{line} {word}"),
            };
            if !line.is_empty() && width(&longer, size) > room {
                lines.push(std::mem::replace(&mut line, word.to_owned()));
            } else {
                line = longer;
            }
        }
        lines.push(line);
    }
    lines
}
