//! What a chart shows: kinds of series, and their numbers.

use super::colour::Colour;
use std::ops::Range;

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Line,
    Dashes,
    Band,
    Points,
    Histogram(usize),
    Bars,
    HeatMap([usize; 2], [Range<f64>; 2]),
}

#[derive(Clone, Debug)]
pub(super) struct Series {
    pub name: String,
    pub colour: Colour,
    pub kind: Kind,
    /// The numbers of all points or values, one after the other.
    pub numbers: Vec<f64>,
}

impl Series {
    /// How many numbers make a point or value.
    pub fn width(&self) -> usize {
        match self.kind {
            Kind::Band => 3,
            Kind::Histogram(_) | Kind::HeatMap(..) => 1,
            _ => 2,
        }
    }

    /// The numbers along x.
    pub fn xs(&self) -> Vec<f64> {
        match &self.kind {
            Kind::HeatMap(_, [x, _]) => vec![x.start, x.end],
            _ => self.numbers.iter().copied().step_by(self.width()).collect(),
        }
    }
}
