//! What colours mean.

/// An RGB colour.
pub(super) type Rgb = [u8; 3];

pub(super) const WHITE: Rgb = [255; 3];
pub(super) const TEXT: Rgb = [34; 3];
pub(super) const FRAME: Rgb = [110; 3];
pub(super) const MESH: Rgb = [228; 3];
pub(super) const GAP: Rgb = [205; 3];

/// The colour of a series, by what it shows: a method has the same colour in all charts.
///
/// The methods' colours are those of Okabe and Ito, which colour-blind people can tell apart too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Colour {
    /// Data, or a true value: dark grey.
    Data,
    /// No random weights: blue.
    Iwae,
    /// Random weights in the encoder: orange.
    IwaeuRec,
    /// Random weights in the encoder and the decoder: green.
    Iwaeu,
    /// One of ten classes, such as digits; numbers from 10 on begin again.
    Category(u8),
}

const CATEGORIES: [Rgb; 10] = [
    [31, 119, 180],
    [255, 127, 14],
    [44, 160, 44],
    [214, 39, 40],
    [148, 103, 189],
    [140, 86, 75],
    [227, 119, 194],
    [127, 127, 127],
    [188, 189, 34],
    [23, 190, 207],
];

impl Colour {
    pub(super) fn rgb(self) -> Rgb {
        match self {
            Self::Data => [51; 3],
            Self::Iwae => [0, 114, 178],
            Self::IwaeuRec => [230, 145, 0],
            Self::Iwaeu => [0, 158, 115],
            Self::Category(number) => CATEGORIES[usize::from(number % 10)],
        }
    }
}

/// What numbers look like, from the low end of their range to the high one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Colours {
    /// White paper to black ink.
    #[default]
    Ink,
    /// Black to white, for photographs.
    Light,
    /// Dark violet by green to yellow, in even steps for the eye (viridis).
    Heat,
    /// Blue by white to red, for numbers with a sign; white is the middle of the range.
    Diverging,
}

const HEAT: [Rgb; 11] = [
    [68, 1, 84],
    [72, 36, 117],
    [65, 68, 135],
    [53, 95, 141],
    [42, 120, 142],
    [33, 145, 140],
    [34, 168, 132],
    [66, 190, 113],
    [122, 209, 81],
    [189, 223, 38],
    [253, 231, 37],
];

const DIVERGING: [Rgb; 5] = [
    [33, 102, 172],
    [128, 178, 216],
    WHITE,
    [239, 138, 116],
    [178, 24, 43],
];

impl Colours {
    /// The colour at a share of the range; shares beyond 0 and 1 have the colours of the ends.
    pub(super) fn at(self, share: f64) -> Rgb {
        let anchors: &[Rgb] = match self {
            Self::Ink => &[WHITE, [0; 3]],
            Self::Light => &[[0; 3], WHITE],
            Self::Heat => &HEAT,
            Self::Diverging => &DIVERGING,
        };
        let place = share.clamp(0.0, 1.0) * (anchors.len() - 1) as f64;
        let left = (place as usize).min(anchors.len() - 2);
        mix(anchors[left], anchors[left + 1], place - left as f64)
    }
}

/// A colour between two, `share` being that of the second.
pub(super) fn mix(first: Rgb, second: Rgb, share: f64) -> Rgb {
    std::array::from_fn(|i| {
        let (first, second) = (f64::from(first[i]), f64::from(second[i]));
        (first + share * (second - first)).round() as u8
    })
}
