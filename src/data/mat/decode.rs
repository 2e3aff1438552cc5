//! The number types of a MATLAB file.

use std::io::{self, Read};

use super::format::Order;

/// How many bytes are decoded at once; a multiple of every type's size.
const CHUNK: u64 = 1 << 16;

/// A function that decodes numbers of a type and appends them.
type Decode = fn(&[u8], Order, &mut Vec<f32>);

/// A number type. MATLAB stores a matrix in the smallest type that holds all its numbers.
pub(super) struct Numbers {
    /// The number of bytes of each.
    pub(super) size: u64,
    pub(super) name: &'static str,
    decode: Decode,
}

macro_rules! numbers {
    ($type:ty) => {
        Numbers {
            size: size_of::<$type>() as u64,
            name: stringify!($type),
            decode: |bytes, order, values| {
                let (elements, _) = bytes.as_chunks();
                match order {
                    Order::Lowest => {
                        values.extend(elements.iter().map(|e| <$type>::from_le_bytes(*e) as f32))
                    }
                    Order::Highest => {
                        values.extend(elements.iter().map(|e| <$type>::from_be_bytes(*e) as f32))
                    }
                }
            },
        }
    };
}

impl Numbers {
    /// The type with this code in a tag.
    pub(super) fn from_code(code: u32) -> Option<Self> {
        Some(match code {
            1 => numbers!(i8),
            2 => numbers!(u8),
            3 => numbers!(i16),
            4 => numbers!(u16),
            5 => numbers!(i32),
            6 => numbers!(u32),
            7 => numbers!(f32),
            9 => numbers!(f64),
            12 => numbers!(i64),
            13 => numbers!(u64),
            _ => return None,
        })
    }

    /// Reads `count` numbers. Memory grows with the numbers that are read. Running out of memory is
    /// an error.
    pub(super) fn read(
        &self,
        reader: &mut impl Read,
        count: u64,
        order: Order,
    ) -> io::Result<Vec<f32>> {
        let mut values = Vec::new();
        let mut bytes = Vec::new();
        let mut left = count * self.size;
        while left > 0 {
            bytes.resize(left.min(CHUNK) as usize, 0);
            reader.read_exact(&mut bytes)?;
            values.try_reserve(bytes.len() / self.size as usize)?;
            (self.decode)(&bytes, order, &mut values);
            left -= bytes.len() as u64;
        }
        Ok(values)
    }
}
