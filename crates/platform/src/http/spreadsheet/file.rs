//! A finished spreadsheet, and the body that sends it in small pieces.

use std::io::{self, Cursor, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use flate2::bufread::DeflateDecoder;

use crate::http::edge::exports::{ExportPermit, UnreadExport};
use passerelle_base::error::ApiError;

/// Bytes sent at once. A response that is sent whole would be copied whole into the buffer of its connection.
const PIECE: usize = 32 << 10;

/// A finished spreadsheet, which takes its room until it is dropped.
#[derive(Debug)]
pub(in crate::http) struct File {
    content: Content,
    room: UnreadExport,
}

#[derive(Debug)]
pub(super) enum Content {
    /// Sent as it is.
    Plain(Bytes),
    /// Compressed in memory; sent decompressed, with this length.
    Deflated { bytes: Bytes, length: u64 },
}

impl File {
    pub(super) fn new(content: Content, permit: ExportPermit) -> Result<Self, ApiError> {
        let room = permit.finish(content.bytes().len())?;
        Ok(Self { content, room })
    }

    /// The bytes in memory: they differ if and only if those of the file do.
    pub(in crate::http) fn bytes(&self) -> &[u8] {
        self.content.bytes()
    }

    /// The body of a response.
    pub(in crate::http) fn into_body(self) -> FileBody {
        let length = self.content.length();
        let source = match self.content {
            Content::Plain(bytes) => Source::Plain(bytes),
            Content::Deflated { bytes, .. } => Source::Deflated(Box::new(DeflateDecoder::new(Cursor::new(bytes)))),
        };
        FileBody { source, left: length, _room: self.room }
    }
}

impl Content {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Plain(bytes) | Self::Deflated { bytes, .. } => bytes,
        }
    }

    fn length(&self) -> u64 {
        match self {
            Self::Plain(bytes) => bytes.len() as u64,
            Self::Deflated { length, .. } => *length,
        }
    }
}

/// The body of a response with a spreadsheet.
pub(in crate::http) struct FileBody {
    source: Source,
    left: u64,
    _room: UnreadExport,
}

enum Source {
    Plain(Bytes),
    Deflated(Box<DeflateDecoder<Cursor<Bytes>>>),
}

impl MessageBody for FileBody {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.left)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let length = usize::try_from(self.left).unwrap_or(PIECE).min(PIECE);
        if length == 0 {
            return Poll::Ready(None);
        }
        let piece = match &mut self.source {
            Source::Plain(bytes) => Ok(bytes.split_to(length)),
            Source::Deflated(decoder) => {
                let mut piece = vec![0; length];
                decoder.read_exact(&mut piece).map(|()| piece.into())
            }
        };
        self.left -= length as u64;
        Poll::Ready(Some(piece))
    }
}
