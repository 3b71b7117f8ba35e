//! `POST /build`, by BuildKit: the files go there, the trace comes back.

use std::{
    fmt::Write,
    process,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::{Method, Response, StatusCode, body::Incoming, header::CONTENT_TYPE};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::{BuildListener, ImageError, trace::Trace};
use crate::engine::Engine;

/// How long a cancelled build may take to end before nobody waits for it any longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A build.
pub(super) struct Order<'a> {
    /// The name of the image.
    pub tag: &'a str,
    /// `ARG`s.
    pub arguments: &'a [(&'a str, &'a str)],
    /// Does every step anew.
    pub no_cache: bool,
    /// The files, as tar.
    pub archive: Vec<u8>,
}

/// Has `order` built and gives the image's id.
///
/// Cancelled, it returns when the engine has stopped the step that ran.
pub(super) async fn post(
    engine: &Engine,
    order: Order<'_>,
    tell: BuildListener<'_>,
    cancel: &CancellationToken,
) -> Result<String, ImageError> {
    let build = new_id();
    let path = order.path(&build)?;
    let mut response = tokio::select! {
        response = send(engine, Method::POST, &path, order.archive.into()) => response?,
        () = cancel.cancelled() => {
            stop(engine, &build).await?;
            return Err(ImageError::Interrupted);
        }
    };
    if response.status() != StatusCode::OK {
        return Err(ImageError::Build { problem: words(response).await });
    }
    let mut trace = Trace::default();
    let mut cancelled = false;
    let mut buffer = BytesMut::new();
    loop {
        let frame = tokio::select! {
            frame = response.frame() => frame,
            () = cancel.cancelled(), if !cancelled => {
                cancelled = true;
                stop(engine, &build).await?;
                continue;
            }
            () = tokio::time::sleep(PATIENCE), if cancelled => return Err(ImageError::Interrupted),
        };
        let Some(frame) = frame else { break };
        let frame = match frame {
            Ok(frame) => frame,
            Err(_) if cancelled => return Err(ImageError::Interrupted),
            Err(source) => return Err(ImageError::Lost { source: source.into() }),
        };
        buffer.extend_from_slice(&frame.into_data().unwrap_or_default());
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let line = buffer.split_to(end + 1);
            match trace.line(line.trim_ascii(), tell) {
                Ok(()) => {}
                Err(_) if cancelled => return Err(ImageError::Interrupted),
                Err(error) => return Err(error),
            }
        }
    }
    if cancelled {
        return Err(ImageError::Interrupted);
    }
    trace.image.ok_or_else(|| ImageError::Lost { source: "the answer ended before there was an image".into() })
}

impl Order<'_> {
    fn path(&self, build: &str) -> Result<String, ImageError> {
        let arguments: serde_json::Map<_, _> =
            self.arguments.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        let arguments =
            serde_json::to_string(&arguments).map_err(|source| ImageError::Answer { source: source.into() })?;
        let no_cache = if self.no_cache { "&nocache=1" } else { "" };
        Ok(format!(
            "/build?version=2&buildid={build}&t={}&buildargs={}{no_cache}",
            encoded(self.tag),
            encoded(&arguments)
        ))
    }
}

/// An engine that does not answer in time is not waited for: it was told.
async fn stop(engine: &Engine, build: &str) -> Result<(), ImageError> {
    let path = format!("/build/cancel?id={build}");
    let told = tokio::time::timeout(PATIENCE, send(engine, Method::POST, &path, Bytes::new())).await;
    told.unwrap_or(Err(ImageError::Interrupted)).map(|_| ())
}

async fn send(engine: &Engine, method: Method, path: &str, body: Bytes) -> Result<Response<Incoming>, ImageError> {
    let lost = |source: Box<dyn std::error::Error + Send + Sync>| ImageError::Lost { source };
    let mut connection = engine.raw().await?;
    let request = engine.request(method, path).header(CONTENT_TYPE, "application/x-tar").body(Full::new(body));
    let request = request.map_err(|error| lost(error.into()))?;
    connection.send_request(request).await.map_err(|error| lost(error.into()))
}

/// What the engine says instead.
async fn words(response: Response<Incoming>) -> String {
    #[derive(Deserialize)]
    struct Message {
        message: String,
    }
    let status = response.status();
    let body = response.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    serde_json::from_slice(&body).map_or_else(|_| status.to_string(), |Message { message }| message)
}

/// An id no other build has.
fn new_id() -> String {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    format!("genetic-pool-{}-{nanos}", process::id())
}

/// `text` as it may stand in a query.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte.into());
        } else {
            // Writing to a text cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_holds_what_was_said() {
        let order = Order { tag: "a/b:1", arguments: &[("BASE", "x:1 ü")], no_cache: true, archive: Vec::new() };
        let path = order.path("id").unwrap();
        assert_eq!(
            path,
            "/build?version=2&buildid=id&t=a%2Fb%3A1&buildargs=%7B%22BASE%22%3A%22x%3A1%20%C3%BC%22%7D&nocache=1"
        );
        assert_ne!(new_id(), new_id());
    }
}
