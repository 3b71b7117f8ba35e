//! One request, one answer.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, StatusCode,
    body::Incoming,
    client::conn::http1,
    header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, HeaderValue},
};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::{Ray, RayError, Said};

/// How long an ordinary call may take.
pub(super) const LIMIT: Duration = Duration::from_secs(10);

/// One call.
pub(super) struct Call {
    /// What it is for, as it reads after "failed to".
    pub what: String,
    /// How.
    pub method: Method,
    /// Path and query, encoded.
    pub path: String,
    /// What is sent.
    pub body: Bytes,
    /// Within which time each of these must be there: the head of the answer, and each further part of it.
    pub limit: Duration,
}

/// The answer to a call, its head read.
pub(super) struct Answer {
    pub status: StatusCode,
    body: Incoming,
    what: String,
    at: String,
    limit: Duration,
}

impl Call {
    /// Reads `path`.
    pub(super) fn get(what: impl Into<String>, path: impl Into<String>) -> Call {
        Call { what: what.into(), method: Method::GET, path: path.into(), body: Bytes::new(), limit: LIMIT }
    }

    /// Sends `body` to `path`.
    pub(super) fn send(what: impl Into<String>, method: Method, path: impl Into<String>, body: Bytes) -> Call {
        Call { what: what.into(), method, path: path.into(), body, limit: LIMIT }
    }
}

impl Ray {
    /// Makes `call`. An answer of any status is one, but for a refused token.
    pub(super) async fn call(&self, call: Call) -> Result<Answer, RayError> {
        let Call { what, method, path, body, limit } = call;
        let at = self.route.name();
        let late = RayError::Late { call: what.clone(), at: at.clone(), seconds: limit.as_secs() };
        // Boxed, or everything that waits for Ray would be as large as a connection.
        let work = Box::pin(async {
            let broken = |error| no_answer(&what, &at, error);
            let wire = self.route.open(&what).await?;
            let (mut sender, connection) = http1::handshake(TokioIo::new(wire)).await.map_err(broken)?;
            // It ends when the answer has been read or dropped; what goes wrong on it, the request is told.
            tokio::spawn(connection);
            let kind = if method == Method::PUT { "application/octet-stream" } else { "application/json" };
            let mut request = Request::builder()
                .method(method)
                .uri(path)
                .header(HOST, "ray")
                // Else Ray keeps the connection for 75 s, and with it the program in the head that it may go through.
                .header(CONNECTION, "close")
                .header(CONTENT_TYPE, kind)
                .body(Full::new(body))
                .map_err(|error| no_answer_io(&what, &at, std::io::Error::other(error)))?;
            if let Some(token) = &self.token {
                let mut value = HeaderValue::from_maybe_shared(Bytes::from(format!("Bearer {}", token.reveal())))
                    .map_err(|error| no_answer_io(&what, &at, std::io::Error::other(error)))?;
                value.set_sensitive(true);
                request.headers_mut().insert(AUTHORIZATION, value);
            }
            sender.send_request(request).await.map_err(broken)
        });
        let response = timeout(limit, work).await.unwrap_or(Err(late))?;
        let (head, body) = response.into_parts();
        let answer = Answer { status: head.status, body, what, at, limit };
        if matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            let (at, status) = (answer.at.clone(), answer.status.as_u16());
            return Err(RayError::TokenRefused { at, status, said: Said::of(&answer.text().await?) });
        }
        Ok(answer)
    }

    /// Makes `call` and reads its answer as JSON; any other status than 200 is an error.
    pub(super) async fn ask<T: DeserializeOwned>(&self, call: Call) -> Result<T, RayError> {
        self.call(call).await?.success().await?.json().await
    }
}

impl Answer {
    /// The next part of it.
    pub(super) async fn part(&mut self) -> Result<Option<Bytes>, RayError> {
        let late = || RayError::Late { call: self.what.clone(), at: self.at.clone(), seconds: self.limit.as_secs() };
        loop {
            let Some(frame) = timeout(self.limit, self.body.frame()).await.map_err(|_| late())? else {
                return Ok(None);
            };
            // Trailers are of no interest.
            if let Ok(data) = frame.map_err(|error| no_answer(&self.what, &self.at, error))?.into_data() {
                return Ok(Some(data));
            }
        }
    }

    /// All of it.
    pub(super) async fn bytes(mut self) -> Result<Vec<u8>, RayError> {
        let mut all = Vec::new();
        while let Some(part) = self.part().await? {
            all.extend_from_slice(&part);
        }
        Ok(all)
    }

    /// All of it as text.
    pub(super) async fn text(self) -> Result<String, RayError> {
        Ok(String::from_utf8_lossy(&self.bytes().await?).into_owned())
    }

    /// All of it as JSON.
    pub(super) async fn json<T: DeserializeOwned>(self) -> Result<T, RayError> {
        let call = self.what.clone();
        let bytes = self.bytes().await?;
        serde_json::from_slice(&bytes).map_err(|source| {
            let answer = String::from_utf8_lossy(&bytes).chars().take(200).collect();
            RayError::Malformed { call, answer, source }
        })
    }

    /// Itself, if it is the answer that was hoped for.
    pub(super) async fn success(self) -> Result<Answer, RayError> {
        if self.status.is_success() { Ok(self) } else { Err(self.refusal().await) }
    }

    /// The error it is.
    pub(super) async fn refusal(self) -> RayError {
        let (call, status) = (self.what.clone(), self.status.as_u16());
        match self.text().await {
            Ok(text) => RayError::Refused { call, status, said: Said::of(&text) },
            Err(error) => error,
        }
    }
}

fn no_answer(call: &str, at: &str, error: hyper::Error) -> RayError {
    no_answer_io(call, at, std::io::Error::other(error))
}

fn no_answer_io(call: &str, at: &str, source: std::io::Error) -> RayError {
    RayError::NoAnswer { call: call.to_owned(), at: at.to_owned(), source }
}

/// `text` as one segment of a path, or one value of a query.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out += &format!("%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_letter_is_encoded() {
        assert_eq!(encoded("run-1.a_b~"), "run-1.a_b~");
        assert_eq!(encoded("a/b?c d%ä"), "a%2Fb%3Fc%20d%25%C3%A4");
    }
}
