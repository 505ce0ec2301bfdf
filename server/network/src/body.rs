//! A body that comes in pieces, unpacked, and never larger than it may be.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// What is done to a body that may be packed.
pub(crate) enum Unpacking {
    Plain(Capped),
    // Each holds a window of 32 KiB, whatever comes.
    Gzip(Box<MultiGzDecoder<Capped>>),
}

/// Why a body cannot be taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unpackable {
    TooLarge,
    Broken,
}

impl Unpacking {
    /// For an answer with these headers; the error is an encoding that is not
    /// read.
    pub(crate) fn of(headers: &HeaderMap, limit: usize) -> Result<Self, String> {
        let said: Vec<_> = headers.get_all(CONTENT_ENCODING).iter().collect();
        let capped = Capped { bytes: Vec::new(), limit, is_over: Over::No };
        let said = match said.as_slice() {
            [] => return Ok(Self::Plain(capped)),
            [one] => one.to_str().unwrap_or("?").trim().to_ascii_lowercase(),
            _ => "several".to_owned(),
        };
        match said.as_str() {
            "" | "identity" => Ok(Self::Plain(capped)),
            "gzip" | "x-gzip" => Ok(Self::Gzip(Box::new(MultiGzDecoder::new(capped)))),
            _ => Err(said.chars().filter(|c| c.is_ascii_graphic()).take(40).collect()),
        }
    }

    /// Takes a piece.
    pub(crate) fn take(&mut self, piece: &[u8]) -> Result<(), Unpackable> {
        let (written, capped) = match self {
            Self::Plain(capped) => (capped.write_all(piece), &*capped),
            Self::Gzip(decoder) => {
                let written = decoder.write_all(piece);
                (written, decoder.get_ref())
            }
        };
        written.map_err(|_| capped.why())
    }

    /// The whole, once all has come.
    pub(crate) fn finish(self) -> Result<Vec<u8>, Unpackable> {
        match self {
            Self::Plain(capped) => Ok(capped.bytes),
            Self::Gzip(mut decoder) => {
                let finished = decoder.try_finish();
                finished.map_err(|_| decoder.get_ref().why())?;
                Ok(std::mem::take(&mut decoder.get_mut().bytes))
            }
        }
    }
}

/// Bytes up to a limit.
pub(crate) struct Capped {
    bytes: Vec<u8>,
    limit: usize,
    is_over: Over,
}

#[derive(PartialEq, Eq)]
enum Over {
    No,
    Yes,
}

impl Capped {
    fn why(&self) -> Unpackable {
        match self.is_over {
            Over::Yes => Unpackable::TooLarge,
            Over::No => Unpackable::Broken,
        }
    }
}

impl Write for Capped {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if piece.len() > self.limit - self.bytes.len() {
            self.is_over = Over::Yes;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use http::HeaderValue;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn unpack(encoding: &str, bytes: &[u8], limit: usize) -> Result<Vec<u8>, Unpackable> {
        let value = HeaderValue::from_str(encoding).unwrap();
        let headers = HeaderMap::from_iter([(CONTENT_ENCODING, value)]);
        let mut unpacking = Unpacking::of(&headers, limit).map_err(|_| Unpackable::Broken)?;
        for piece in bytes.chunks(100) {
            unpacking.take(piece)?;
        }
        unpacking.finish()
    }

    #[test]
    fn what_was_packed_is_whole_again() {
        let text: Vec<u8> = (0..50_000_u32).flat_map(u32::to_le_bytes).collect();
        assert_eq!(unpack("gzip", &packed(&text), text.len()), Ok(text.clone()));
        assert_eq!(unpack("X-Gzip", &packed(&text), text.len()), Ok(text.clone()));
        assert_eq!(unpack("identity", &text, text.len()), Ok(text));
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let bomb = packed(&vec![0; 8_000_000]);
        assert!(bomb.len() < 10_000);
        assert_eq!(unpack("gzip", &bomb, 64 * 1024), Err(Unpackable::TooLarge));
        assert_eq!(unpack("gzip", &packed(&[0; 101]), 100), Err(Unpackable::TooLarge));
        assert_eq!(unpack("identity", &[0; 101], 100), Err(Unpackable::TooLarge));
    }

    #[test]
    fn what_is_broken_is_no_body() {
        let whole = packed(b"text that is long enough to be cut");
        assert_eq!(unpack("gzip", &whole[..whole.len() - 9], 100), Err(Unpackable::Broken));
        assert_eq!(
            unpack("gzip", b"no gzip at all, not in the least", 100),
            Err(Unpackable::Broken)
        );
        for encoding in ["br", "zstd", "deflate", "gzip, gzip"] {
            assert_eq!(unpack(encoding, &whole, 100), Err(Unpackable::Broken), "{encoding}");
        }
    }
}
