//! The colours of charts and images.

/// An RGB colour.
pub(super) type Rgb = [u8; 3];

pub(super) const WHITE: Rgb = [255; 3];
pub(super) const TEXT: Rgb = [34; 3];
pub(super) const FRAME: Rgb = [110; 3];
pub(super) const MESH: Rgb = [228; 3];
pub(super) const GAP: Rgb = [205; 3];

/// The colour of a series. It depends on what is shown, so a method has the same colour in all
/// charts.
///
/// The methods' colours are those of Okabe and Ito, which colour-blind people can tell apart too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
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

const CATEGORIES: [u32; 10] = [
    0x1F77B4, 0xFF7F0E, 0x2CA02C, 0xD62728, 0x9467BD, 0x8C564B, 0xE377C2, 0x7F7F7F, 0xBCBD22,
    0x17BECF,
];

impl Colour {
    pub(super) fn rgb(self) -> Rgb {
        match self {
            Self::Data => [51; 3],
            Self::Iwae => [0, 114, 178],
            Self::IwaeuRec => [230, 145, 0],
            Self::Iwaeu => [0, 158, 115],
            Self::Category(number) => parts(CATEGORIES[usize::from(number % 10)]),
        }
    }
}

/// A colour map, from the low end of the range to the high end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
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

const HEAT: [u32; 11] = [
    0x440154, 0x482475, 0x414487, 0x355F8D, 0x2A788E, 0x21918C, 0x22A884, 0x42BE71, 0x7AD151,
    0xBDDF26, 0xFDE725,
];

const DIVERGING: [u32; 5] = [0x2166AC, 0x80B2D8, 0xFFFFFF, 0xEF8A74, 0xB2182B];

impl Colours {
    /// The colour at a share of the range; shares beyond 0 and 1 have the colours of the ends.
    pub(super) fn at(self, share: f64) -> Rgb {
        let anchors: &[u32] = match self {
            Self::Ink => &[0xFFFFFF, 0],
            Self::Light => &[0, 0xFFFFFF],
            Self::Heat => &HEAT,
            Self::Diverging => &DIVERGING,
        };
        let place = share.clamp(0.0, 1.0) * (anchors.len() - 1) as f64;
        let left = (place as usize).min(anchors.len() - 2);
        let (share, first, second) = (
            place - left as f64,
            parts(anchors[left]),
            parts(anchors[left + 1]),
        );
        std::array::from_fn(|i| {
            let (first, second) = (f64::from(first[i]), f64::from(second[i]));
            (first + share * (second - first)).round() as u8
        })
    }
}

/// A colour written as on the web.
fn parts(colour: u32) -> Rgb {
    let [_, red, green, blue] = colour.to_be_bytes();
    [red, green, blue]
}
