//! The engine's client.

use bytes::Bytes;
use genetic_pool_cluster::engine::{ApiVersion, Engine};
use http_body_util::{BodyExt, Empty};
use hyper::Method;

#[tokio::test]
async fn a_real_engine_says_what_it_is() {
    let engine = Engine::connect(None).await.unwrap();
    assert!(engine.version().api >= ApiVersion::OLDEST);
    assert!(engine.facts().await.unwrap().cpus >= 1);
    assert!(!engine.facts().await.unwrap().id.is_empty());
}

#[tokio::test]
async fn a_raw_connection_speaks_the_version_of_the_api() {
    let engine = Engine::connect(None).await.unwrap();
    let mut sender = engine.raw::<Empty<Bytes>>().await.unwrap();
    let request = engine.request(Method::GET, "/containers/none-such/json").body(Empty::new()).unwrap();
    assert_eq!(request.uri().path(), format!("/v{}/containers/none-such/json", engine.version().api));
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), 404);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&body).contains("none-such"));
}

#[tokio::test]
async fn a_raw_connection_can_be_upgraded() {
    let engine = Engine::connect(None).await.unwrap();
    let mut sender = engine.raw::<Empty<Bytes>>().await.unwrap();
    let request = engine
        .request(Method::POST, "/session")
        .header("connection", "Upgrade")
        .header("upgrade", "h2c")
        .header("x-docker-expose-session-uuid", "genetic-pool-test-upgrade")
        .header("x-docker-expose-session-name", "genetic-pool-test")
        .body(Empty::new())
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), 101);
    hyper::upgrade::on(response).await.unwrap();
}
