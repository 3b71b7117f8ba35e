//! Whether the engine builds with BuildKit.

use bytes::Bytes;
use http_body_util::Empty;
use hyper::{Method, StatusCode};

use super::{Finding, in_full, in_time};
use crate::engine::{Engine, EngineError};

const NAME: &str = "buildkit";

/// Opens a session of BuildKit and closes it: an engine without BuildKit knows none.
pub(super) async fn buildkit(engine: &Engine) -> Finding {
    let mut sender = match in_time(engine.raw::<Empty<Bytes>>()).await {
        Ok(sender) => sender,
        Err(seen) => return Finding::unknown(NAME, seen),
    };
    let request = engine
        .request(Method::POST, "/session")
        .header("connection", "Upgrade")
        .header("upgrade", "h2c")
        .header("x-docker-expose-session-uuid", format!("genetic-pool-doctor-{}", std::process::id()))
        .header("x-docker-expose-session-name", "genetic-pool-doctor")
        .body(Empty::new());
    let request = match request {
        Ok(request) => request,
        Err(error) => return Finding::unknown(NAME, in_full(&error)),
    };
    let answer = in_time(async { Ok::<_, EngineError>(sender.send_request(request).await) }).await;
    match answer {
        Ok(Ok(response)) => of(response.status()),
        Ok(Err(error)) => Finding::unknown(NAME, in_full(&error)),
        Err(seen) => Finding::unknown(NAME, seen),
    }
}

fn of(status: StatusCode) -> Finding {
    match status {
        StatusCode::SWITCHING_PROTOCOLS => Finding::ok(NAME, "the engine builds images with BuildKit"),
        status => Finding::problem(
            NAME,
            format!("the engine opens no session of BuildKit: it answers {status}"),
            "use Docker's own engine, 20.10 or newer: engines that only resemble it build without BuildKit",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_opened_session_counts() {
        insta::assert_snapshot!(of(StatusCode::NOT_FOUND).seen, @"the engine opens no session of BuildKit: it answers 404 Not Found");
        assert_eq!(of(StatusCode::SWITCHING_PROTOCOLS).remedy, None);
    }
}
