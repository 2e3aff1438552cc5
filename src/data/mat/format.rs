//! The format of a MATLAB file: a header, and elements that each begin with a tag.

use std::io::Read;

use super::fault::{DAMAGED, Fault, fault};

/// The codes of elements that are not numbers.
pub(super) const MATRIX: u32 = 14;
pub(super) const COMPRESSED: u32 = 15;

const HEADER_LENGTH: u64 = 128;
const SAVE_AGAIN: &str = "save it again as level 5: in MATLAB by `save(..., '-v7')`, in Python by \
                          `scipy.io.savemat`";

/// The byte order of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Lowest,
    Highest,
}

/// A tag: the type of the next element, and its number of bytes.
pub(super) struct Tag {
    pub(super) kind: u32,
    pub(super) size: u32,
    /// The bytes of an element that is small enough to be stored in its tag; otherwise empty.
    within: Vec<u8>,
}

impl Order {
    /// Reads the header of a file, which gives the byte order.
    pub(super) fn of_file(reader: &mut impl Read) -> Result<Self, Fault> {
        let mut header = Vec::new();
        reader.take(HEADER_LENGTH).read_to_end(&mut header)?;
        match header.get(124..) {
            Some([0, 1, b'I', b'M']) => Ok(Self::Lowest),
            Some([1, 0, b'M', b'I']) => Ok(Self::Highest),
            end if header.starts_with(b"\x89HDF") || end == Some(b"\x00\x02IM") => Err(fault(
                "expected a MATLAB file of level 5, found one of version 7.3, which is HDF5",
                SAVE_AGAIN,
            )),
            Some(_) => Err(fault(
                "expected the header of a MATLAB file of level 5, found another",
                format!("give a .mat file; if it is one of another level, {SAVE_AGAIN}"),
            )),
            None => Err(fault(
                format!(
                    "expected a header of {HEADER_LENGTH} bytes, found {} in all",
                    header.len()
                ),
                format!("copy or download the file again; if it is of level 4, {SAVE_AGAIN}"),
            )),
        }
    }

    pub(super) fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Lowest => u32::from_le_bytes(bytes),
            Self::Highest => u32::from_be_bytes(bytes),
        }
    }

    /// The next tag; `None` at the end of the file.
    pub(super) fn next_tag(self, reader: &mut impl Read) -> Result<Option<Tag>, Fault> {
        let mut bytes = Vec::with_capacity(8);
        reader.take(8).read_to_end(&mut bytes)?;
        match bytes[..] {
            [] => Ok(None),
            [a, b, c, d, e, f, g, h] => self.tag_of([a, b, c, d], [e, f, g, h]).map(Some),
            _ => Err(ends_early()),
        }
    }

    pub(super) fn tag(self, reader: &mut impl Read) -> Result<Tag, Fault> {
        self.next_tag(reader)?.ok_or_else(ends_early)
    }

    /// In the short form, the upper half of the type is the size.
    fn tag_of(self, first: [u8; 4], second: [u8; 4]) -> Result<Tag, Fault> {
        let first = self.u32(first);
        let (kind, size, within) = match (first & 0xffff, first >> 16) {
            (kind, 0) => (kind, self.u32(second), Vec::new()),
            (kind, size @ 1..=4) => (kind, size, second[..size as usize].to_vec()),
            (_, size) => {
                let problem = format!("expected at most 4 bytes in a tag, found {size}");
                return Err(fault(problem, DAMAGED));
            }
        };
        Ok(Tag { kind, size, within })
    }

    /// The next element. It must have one of these types, and at most `limit` bytes. `what` names
    /// it in errors.
    pub(super) fn element(
        self,
        reader: &mut impl Read,
        kinds: &[u32],
        limit: u32,
        what: &str,
    ) -> Result<Vec<u8>, Fault> {
        let tag = self.tag(reader)?;
        if !kinds.contains(&tag.kind) || tag.size > limit {
            let problem = format!(
                "expected {what} of a variable, found an element of type {} and {} bytes",
                tag.kind, tag.size
            );
            return Err(fault(problem, DAMAGED));
        }
        let mut bytes = vec![0; tag.size as usize];
        tag.reader(&mut *reader).read_exact(&mut bytes)?;
        if tag.within.is_empty() {
            // Elements begin at multiples of eight.
            let padding = tag.size.next_multiple_of(8) - tag.size;
            reader.read_exact(&mut [0; 7][..padding as usize])?;
        }
        Ok(bytes)
    }
}

impl Tag {
    /// The bytes of the element. The reader must be positioned after the tag.
    pub(super) fn reader(&self, reader: impl Read) -> impl Read {
        let after = u64::from(self.size) - self.within.len() as u64;
        self.within.chain(reader.take(after))
    }
}

fn ends_early() -> Fault {
    std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()
}
