//! The variables of a file, one after the other.

use std::io::{self, Read, Take};

use flate2::read::ZlibDecoder;

use super::decode::Numbers;
use super::fault::{DAMAGED, Fault, fault};
use super::format::{COMPRESSED, MATRIX, Order};
use super::matrix::MatMatrix;

/// The most numbers that a matrix may have: 4 GiB of them.
const MAX_NUMBERS: u64 = 1 << 30;
/// MATLAB's own limit is 63.
const MAX_NAME: u32 = 255;
const MAX_DIMENSIONS: u32 = 32;
/// How many other variables a message names.
const NAMED: usize = 20;

/// What stands before the numbers of a variable.
struct Head {
    class: u32,
    complex: bool,
    shape: Vec<u64>,
    name: String,
}

/// The matrices with these names.
pub(super) fn find<const N: usize>(
    mut reader: impl Read,
    names: [&str; N],
) -> Result<[MatMatrix; N], Fault> {
    let order = Order::of_file(&mut reader)?;
    let mut search = Search {
        order,
        names,
        found: names.map(|_| None),
        seen: Vec::new(),
    };
    while let Some(tag) = order.next_tag(&mut reader)? {
        let mut element = reader.by_ref().take(tag.size.into());
        match tag.kind {
            MATRIX => {
                search.visit(&mut element)?;
            }
            COMPRESSED => search.visit_compressed(&mut element)?,
            other => {
                let problem = format!("expected a variable, found an element of type {other}");
                return Err(fault(problem, DAMAGED));
            }
        }
        skip(&mut element)?;
    }
    search.finish()
}

struct Search<'a, const N: usize> {
    order: Order,
    names: [&'a str; N],
    found: [Option<MatMatrix>; N],
    /// The names of all variables, but not of too many.
    seen: Vec<String>,
}

impl<const N: usize> Search<'_, N> {
    fn visit_compressed(&mut self, element: &mut impl Read) -> Result<(), Fault> {
        let mut plain = ZlibDecoder::new(element);
        let tag = self.order.tag(&mut plain)?;
        if tag.kind != MATRIX {
            let problem = format!(
                "expected a compressed variable, found an element of type {}",
                tag.kind
            );
            return Err(fault(problem, DAMAGED));
        }
        let mut matrix = plain.by_ref().take(tag.size.into());
        if self.visit(&mut matrix)? {
            skip(&mut matrix)?;
            // Reading past the end also makes the decoder compare its checksum.
            if plain.read(&mut [0])? > 0 {
                return Err(fault(
                    "more bytes come after the end of a variable",
                    DAMAGED,
                ));
            }
        }
        Ok(())
    }

    /// Reads a variable if it is wanted, and tells whether it was.
    fn visit(&mut self, reader: &mut impl Read) -> Result<bool, Fault> {
        let Some(head) = Head::read(self.order, reader)? else {
            return Ok(false);
        };
        if self.seen.len() < NAMED {
            self.seen.push(format!("`{}`", head.name.escape_debug()));
        }
        let mut wanted = self.names.iter().zip(&mut self.found);
        let Some((_, place)) = wanted.find(|(name, place)| **name == head.name && place.is_none())
        else {
            return Ok(false);
        };
        *place = Some(head.matrix(self.order, reader)?);
        Ok(true)
    }

    fn finish(self) -> Result<[MatMatrix; N], Fault> {
        let missing = self.found.iter().position(Option::is_none).unwrap_or(0);
        let found: Vec<MatMatrix> = self.found.into_iter().flatten().collect();
        <[MatMatrix; N]>::try_from(found).map_err(|_| {
            let seen = match self.seen.len() {
                0 => "none".into(),
                NAMED => format!("{} and perhaps more", self.seen.join(", ")),
                _ => self.seen.join(", "),
            };
            let problem = format!(
                "expected the variable `{}`, found {seen}",
                self.names[missing]
            );
            fault(
                problem,
                "give a file with this variable, or the name of one that is there",
            )
        })
    }
}

impl Head {
    /// None for an object of a class, which is stored in another way.
    fn read(order: Order, reader: &mut impl Read) -> Result<Option<Self>, Fault> {
        let flags = order.element(reader, &[6], 8, "the flags")?;
        let &[a, b, c, d, ..] = flags.as_slice() else {
            return Err(fault("the flags of a variable are too short", DAMAGED));
        };
        let flags = order.u32([a, b, c, d]);
        let class = flags & 0xff;
        if class == 17 {
            return Ok(None);
        }
        let shape = order.element(reader, &[5, 6], 4 * MAX_DIMENSIONS, "the dimensions")?;
        let name = order.element(reader, &[1, 16], MAX_NAME, "the name")?;
        Ok(Some(Self {
            class,
            complex: flags & 0x800 != 0,
            shape: (shape.as_chunks().0.iter())
                .map(|dimension| order.u32(*dimension).into())
                .collect(),
            name: String::from_utf8_lossy(&name).into_owned(),
        }))
    }

    /// Its numbers, which come next.
    fn matrix(&self, order: Order, reader: &mut impl Read) -> Result<MatMatrix, Fault> {
        let (num_rows, num_columns, count) = self.size()?;
        let tag = order.tag(reader)?;
        let size = u64::from(tag.size);
        let numbers = Numbers::from_code(tag.kind).ok_or_else(|| {
            let problem = format!(
                "expected the numbers of `{}`, found an element of type {}",
                self.name, tag.kind
            );
            fault(problem, DAMAGED)
        })?;
        if count * numbers.size != size {
            let problem = format!(
                "`{}` has {num_rows}x{num_columns} numbers of type {}, but {size} bytes",
                self.name, numbers.name
            );
            return Err(fault(problem, DAMAGED));
        }
        let values = numbers.read(&mut tag.reader(reader), count, order)?;
        Ok(MatMatrix::new(num_rows, num_columns, values))
    }

    /// The numbers of rows, of columns, and of both together.
    fn size(&self) -> Result<(usize, usize, u64), Fault> {
        let refused = |found: String| {
            fault(
                format!("expected `{}` to be a full real matrix, {found}", self.name),
                "save it as one: in MATLAB by `full`, `real`, `double` or `reshape`",
            )
        };
        let kind = match self.class {
            6..=15 if self.complex => Some("a complex one"),
            6..=15 => None,
            1 => Some("a cell array"),
            2 => Some("a structure"),
            4 => Some("text"),
            5 => Some("a sparse one"),
            _ => Some("something else"),
        };
        if let Some(kind) = kind {
            return Err(refused(format!("found {kind}")));
        }
        let &[num_rows, num_columns] = self.shape.as_slice() else {
            return Err(refused(format!("found {} dimensions", self.shape.len())));
        };
        match num_rows.checked_mul(num_columns) {
            Some(count @ 1..=MAX_NUMBERS) => Ok((num_rows as usize, num_columns as usize, count)),
            _ => Err(fault(
                format!(
                    "expected 1 to {MAX_NUMBERS} numbers in `{}`, found {num_rows}x{num_columns}",
                    self.name
                ),
                "the file is damaged, or the matrix must be split into smaller ones",
            )),
        }
    }
}

/// Passes over what is left.
fn skip<R: Read>(element: &mut Take<R>) -> io::Result<()> {
    io::copy(element, &mut io::sink())?;
    match element.limit() {
        0 => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
