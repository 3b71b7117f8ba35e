//! Files in and out of volumes, as the engine's archives: tar.

use std::pin::Pin;

use bollard::{
    errors::Error,
    query_parameters::{DownloadFromContainerOptionsBuilder, UploadToContainerOptionsBuilder},
};
use bytes::{Buf, Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::engine::Engine;

/// Something to put into a volume.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Its path in the folder that is put into; a folder's ends in `/`.
    pub path: String,
    /// What a file holds.
    pub content: Vec<u8>,
    /// Its permissions.
    pub mode: u32,
    /// User and group that own it.
    pub owner: u32,
}

/// Puts `items` into `folder` of a container, over what is there by their names.
pub(super) async fn put(engine: &Engine, container: &str, folder: &str, items: &[Item]) -> Result<(), Error> {
    let options = UploadToContainerOptionsBuilder::new().path(folder).build();
    let archive = pack(items)?;
    engine.docker().upload_to_container(container, Some(options), bollard::body_full(archive.into())).await
}

/// What is at `path` of a container, as it comes.
pub(super) fn get(engine: &Engine, container: &str, path: &str) -> Reader {
    let options = DownloadFromContainerOptionsBuilder::new().path(path).build();
    Reader {
        stream: Box::pin(engine.docker().download_from_container(container, Some(options)).boxed()),
        buffer: BytesMut::new(),
        left: 0,
    }
}

fn pack(items: &[Item]) -> Result<Vec<u8>, std::io::Error> {
    let mut builder = tar::Builder::new(Vec::new());
    for item in items {
        let folder = item.path.ends_with('/');
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(if folder { tar::EntryType::Directory } else { tar::EntryType::Regular });
        header.set_size(item.content.len() as u64);
        header.set_mode(item.mode);
        header.set_uid(item.owner.into());
        header.set_gid(item.owner.into());
        builder.append_data(&mut header, &item.path, item.content.as_slice())?;
    }
    builder.into_inner()
}

/// Reads an archive while it arrives.
pub(super) struct Reader {
    stream: Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>,
    buffer: BytesMut,
    /// Bytes of the present entry, padding included, that were not read.
    left: u64,
}

/// A regular file of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its path, the last part of the path that was asked for first.
    pub path: String,
    /// Its bytes.
    pub size: u64,
    /// When it was changed, in seconds since 1970.
    pub modified: i64,
}

impl Reader {
    /// The next regular file; what is left of the present one is passed over.
    pub(super) async fn next(&mut self) -> Result<Option<Entry>, Error> {
        // Only paths of 100 bytes and more and sizes of 8 GiB and more need a record of their own before the file.
        let mut path = None;
        let mut size = None;
        loop {
            self.skip().await?;
            if !self.fill(BLOCK).await? {
                return Ok(None);
            }
            let block = self.buffer.split_to(BLOCK);
            if block.iter().all(|byte| *byte == 0) {
                return Ok(None);
            }
            let header = tar::Header::from_byte_slice(&block);
            let length = header.entry_size()?;
            let kind = header.entry_type();
            if kind.is_pax_local_extensions() {
                let records = self.content(length).await?;
                for (key, value) in records.split(|byte| *byte == b'\n').filter_map(record) {
                    match key {
                        "path" => path = Some(value.to_owned()),
                        "size" => size = value.parse().ok(),
                        _ => {}
                    }
                }
                continue;
            }
            if kind.is_gnu_longname() {
                let name = self.content(length).await?;
                path = Some(String::from_utf8_lossy(&name).trim_end_matches('\0').to_owned());
                continue;
            }
            let size = size.take().unwrap_or(length);
            self.left = size.next_multiple_of(BLOCK as u64);
            let own = path.take().unwrap_or_else(|| String::from_utf8_lossy(&header.path_bytes()).into_owned());
            if kind.is_file() {
                return Ok(Some(Entry { path: own, size, modified: header.mtime()? as i64 }));
            }
        }
    }

    /// What the present file of `size` bytes holds.
    pub(super) async fn bytes(&mut self, size: u64) -> Result<Vec<u8>, Error> {
        let mut content = Vec::new();
        self.copy(size, &mut content).await?;
        Ok(content)
    }

    /// Writes the present file of `size` bytes to `writer`.
    pub(super) async fn copy(&mut self, size: u64, writer: &mut (impl AsyncWrite + Unpin)) -> Result<(), Error> {
        let mut wanted = size;
        while wanted > 0 {
            if self.buffer.is_empty() && !self.fill(1).await? {
                return Err(cut_short());
            }
            let taken = self.buffer.len().min(usize::try_from(wanted).unwrap_or(usize::MAX));
            writer.write_all(&self.buffer[..taken]).await?;
            self.buffer.advance(taken);
            wanted -= taken as u64;
            self.left -= taken as u64;
        }
        writer.flush().await?;
        Ok(())
    }

    async fn content(&mut self, size: u64) -> Result<Vec<u8>, Error> {
        self.left = size.next_multiple_of(BLOCK as u64);
        self.bytes(size).await
    }

    async fn skip(&mut self) -> Result<(), Error> {
        while self.left > 0 {
            if self.buffer.is_empty() && !self.fill(1).await? {
                return Err(cut_short());
            }
            let passed = self.buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
            self.buffer.advance(passed);
            self.left -= passed as u64;
        }
        Ok(())
    }

    /// Waits for `wanted` bytes; `false` where the archive ends before.
    async fn fill(&mut self, wanted: usize) -> Result<bool, Error> {
        while self.buffer.len() < wanted {
            match self.stream.next().await {
                Some(chunk) => self.buffer.extend_from_slice(&chunk?),
                None => return Ok(false),
            }
        }
        Ok(true)
    }
}

const BLOCK: usize = 512;

/// `length key=value`, as POSIX has it.
fn record(line: &[u8]) -> Option<(&str, &str)> {
    std::str::from_utf8(line).ok()?.split_once(' ')?.1.split_once('=')
}

fn cut_short() -> Error {
    std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "the archive was cut short").into()
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    /// A reader of `archive` that arrives in pieces of `piece` bytes.
    fn reader(archive: &[u8], piece: usize) -> Reader {
        let pieces: Vec<_> = archive.chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        Reader { stream: Box::pin(stream::iter(pieces)), buffer: BytesMut::new(), left: 0 }
    }

    #[tokio::test]
    async fn what_is_packed_is_read_in_any_pieces() {
        let file = |path: &str, content: &[u8]| Item {
            path: path.to_owned(),
            content: content.to_vec(),
            mode: 0o600,
            owner: 10_001,
        };
        let items = [file("jobs/", b""), file("jobs/a.json", b"{}"), file("b", &[7; 1300]), file("empty", b"")];
        let archive = pack(&items).unwrap();
        for piece in [1, 511, 512, 513, 1 << 20] {
            let mut reader = reader(&archive, piece);
            let first = reader.next().await.unwrap().unwrap();
            assert_eq!((first.path.as_str(), first.size), ("jobs/a.json", 2));
            assert_eq!(reader.bytes(2).await.unwrap(), b"{}");
            // The second is passed over unread.
            assert_eq!(reader.next().await.unwrap().unwrap().path, "b");
            assert_eq!(reader.next().await.unwrap().unwrap().path, "empty");
            assert_eq!(reader.next().await.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn long_paths_are_read_and_a_cut_is_an_error() {
        let path = format!("runs/{}.sqlite", "x".repeat(150));
        let mut builder = tar::Builder::new(Vec::new());
        builder.append_pax_extensions([("path", path.as_bytes())]).unwrap();
        let mut header = tar::Header::new_ustar();
        header.set_size(600);
        header.set_cksum();
        builder.append(&header, [1; 600].as_slice()).unwrap();
        let archive = builder.into_inner().unwrap();
        let entry = reader(&archive, 100).next().await.unwrap().unwrap();
        assert_eq!((entry.path, entry.size), (path, 600));
        let mut cut = reader(&archive[..archive.len() - 1500], 100);
        cut.next().await.unwrap().unwrap();
        assert!(cut.next().await.is_err() || cut.next().await.unwrap().is_none());
        let mut cut = reader(&archive[..1700], 100);
        cut.next().await.unwrap().unwrap();
        assert!(cut.bytes(600).await.is_err());
    }
}
