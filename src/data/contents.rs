//! The decompressed contents of files.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use flate2::bufread::GzDecoder;

use super::faults::data_error;
use crate::error::{Error, Result};

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

pub(super) fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(Error::io("read", path))
}

/// The contents of a file, decompressed if it is compressed.
pub(super) struct Contents<'a> {
    reader: Box<dyn Read + 'a>,
    compressed: bool,
    name: &'a str,
}

impl<'a> Contents<'a> {
    pub(super) fn new(mut bytes: impl Read + 'a, name: &'a str) -> Result<Self> {
        let mut start = Vec::new();
        bytes
            .by_ref()
            .take(GZIP_MAGIC.len() as u64)
            .read_to_end(&mut start)
            .map_err(Error::io("read", name))?;
        let compressed = start == GZIP_MAGIC;
        let whole = BufReader::new(Cursor::new(start).chain(bytes));
        let reader: Box<dyn Read + 'a> = if compressed {
            Box::new(Members::new(whole))
        } else {
            Box::new(whole)
        };
        Ok(Self {
            reader,
            compressed,
            name,
        })
    }

    /// The reader at its current position.
    pub(super) fn reader(&mut self) -> &mut (dyn Read + 'a) {
        &mut *self.reader
    }

    /// Copies everything into `sink`, which must not fail.
    pub(super) fn copy_to(mut self, sink: &mut impl io::Write) -> Result<()> {
        match io::copy(&mut self.reader, sink) {
            Ok(_) => Ok(()),
            Err(source) => Err(self.error(source)),
        }
    }

    /// The next `limit` bytes, or fewer at the end.
    ///
    /// `read_to_end` grows the vector with the bytes that come, and reports a lack of memory
    /// instead of aborting.
    pub(super) fn read_up_to(&mut self, limit: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        match self.reader.by_ref().take(limit).read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(source) => Err(self.error(source)),
        }
    }

    fn error(&self, source: io::Error) -> Error {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        match source.kind() {
            InvalidData | InvalidInput | UnexpectedEof if self.compressed => data_error(
                self.name,
                format!("expected sound gzip data, found: {source}"),
                "the file is damaged: move it away, then copy or download it again",
            ),
            _ => Error::io("read", self.name)(source),
        }
    }
}

/// The contents of the members of a gzip file, one after the other.
///
/// Zeros after a member are padding of tape or disk blocks. gzip and Python skip them too; flate2's
/// own reader reports a damaged member.
struct Members<R> {
    /// `None` at the end of the file.
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Members<R> {
    fn new(reader: R) -> Self {
        Self {
            member: Some(GzDecoder::new(reader)),
        }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while let Some(member) = &mut self.member {
            let length = member.read(buffer)?;
            if length > 0 {
                return Ok(length);
            }
            // An interrupted read is tried again, so the member stays until this is done.
            let more = skip_padding(member.get_mut())?;
            let reader = self.member.take().map(GzDecoder::into_inner);
            self.member = reader.filter(|_| more).map(GzDecoder::new);
        }
        Ok(0)
    }
}

/// Skips zeros. Returns whether another member seems to follow.
fn skip_padding(reader: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(false);
        }
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        match bytes.get(zeros) {
            None => {}
            Some(next) if *next == GZIP_MAGIC[0] => {
                reader.consume(zeros);
                return Ok(true);
            }
            Some(next) => {
                let problem = format!(
                    "after the end of the compressed data a byte 0x{next:02x}, neither padding \
                     nor more gzip data"
                );
                return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
            }
        }
        reader.consume(zeros);
    }
}
