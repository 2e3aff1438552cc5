//! The types of number that an IDX file may hold.

use std::fmt;

/// The type of the elements of an IDX file; its value is the code in the file.
///
/// # Example
///
/// ```
/// use burn_bayes::data::IdxType;
///
/// assert_eq!(IdxType::F32 as u8, 0x0d);
/// assert_eq!(IdxType::F32.size(), 4);
/// assert_eq!(IdxType::F32.to_string(), "f32");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdxType {
    /// Unsigned bytes, as in MNIST.
    U8 = 0x08,
    /// Signed bytes.
    I8 = 0x09,
    /// Signed integers of two bytes.
    I16 = 0x0b,
    /// Signed integers of four bytes.
    I32 = 0x0c,
    /// Floating-point numbers of four bytes.
    F32 = 0x0d,
    /// Floating-point numbers of eight bytes.
    F64 = 0x0e,
}

impl IdxType {
    pub(super) fn from_code(code: u8) -> Option<Self> {
        let all = [
            Self::U8,
            Self::I8,
            Self::I16,
            Self::I32,
            Self::F32,
            Self::F64,
        ];
        all.into_iter().find(|element| *element as u8 == code)
    }

    /// The number of bytes of an element.
    pub fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::I16 => 2,
            Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// Whether the elements are integers.
    pub fn is_integer(self) -> bool {
        !matches!(self, Self::F32 | Self::F64)
    }

    /// The elements that these bytes encode: an `f64` holds those of every type exactly.
    pub(super) fn decode(self, bytes: &[u8]) -> Box<dyn Iterator<Item = f64> + '_> {
        match self {
            Self::U8 => numbers(bytes, |number| u8::from_be_bytes(number).into()),
            Self::I8 => numbers(bytes, |number| i8::from_be_bytes(number).into()),
            Self::I16 => numbers(bytes, |number| i16::from_be_bytes(number).into()),
            Self::I32 => numbers(bytes, |number| i32::from_be_bytes(number).into()),
            Self::F32 => numbers(bytes, |number| f32::from_be_bytes(number).into()),
            Self::F64 => numbers(bytes, f64::from_be_bytes),
        }
    }
}

impl fmt::Display for IdxType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::U8 => "u8",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::F32 => "f32",
            Self::F64 => "f64",
        })
    }
}

fn numbers<const SIZE: usize>(
    bytes: &[u8],
    number: fn([u8; SIZE]) -> f64,
) -> Box<dyn Iterator<Item = f64> + '_> {
    let (elements, _) = bytes.as_chunks();
    Box::new(elements.iter().map(move |element| number(*element)))
}
