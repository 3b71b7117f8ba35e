//! The image of nodes that all tests share.

use std::{
    env, fs,
    fs::File,
    path::{Path, PathBuf},
    thread,
};

use genetic_pool_cluster::{
    engine::Engine,
    image::{self, BuildOptions},
};
use tokio_util::sync::CancellationToken;

/// What the image is called; it stays, so that the next run of the tests finds it.
const TAG: &str = "genetic-pool:test";
/// Where the certificates of Debian's systems are.
const SYSTEM_BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";
/// The base there may be where no registry answers.
const LOCAL_BASE: &str = "debian:bookworm-slim";
/// Stands in the CA bundle the image is built with, and must stand in no layer of it.
pub const CA_MARKER: &str = "# the certificates of genetic-pool's tests";

/// The name of an image of nodes on the engine at `address`, built where it is not there; others wait meanwhile.
///
/// ```no_run
/// let Some(address) = genetic_pool_testkit::engine() else { return };
/// let image = genetic_pool_testkit::image(&address);
/// ```
pub fn image(address: &str) -> String {
    on_engine(address, async |engine| {
        let lock = File::create(env::temp_dir().join("genetic-pool-test-image.lock")).unwrap();
        lock.lock().unwrap();
        let options = build_options(&engine).await;
        let mut events = Vec::new();
        let built = image::build(&engine, &options, &mut |event| events.push(event), &CancellationToken::new()).await;
        built.unwrap_or_else(|error| panic!("the image for tests: {error}\n{events:#?}"));
    });
    TAG.to_owned()
}

/// [`build_options`] for tests that have no runtime: the base, and the certificates if there are any.
pub fn build_settings(address: &str) -> BuildOptions {
    on_engine(address, async |engine| build_options(&engine).await)
}

/// Has `work` done on a thread and in a runtime of its own: the caller may be in one, where no other may block.
fn on_engine<T: Send>(address: &str, work: impl AsyncFnOnce(Engine) -> T + Send) -> T {
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { work(Engine::connect(Some(address)).await.unwrap()).await })
        });
        worker.join().unwrap()
    })
}

/// How images are built here: with the base that is there, and the certificates of the system.
pub async fn build_options(engine: &Engine) -> BuildOptions {
    let mut options = BuildOptions { tag: TAG.to_owned(), ..BuildOptions::from_environment() };
    let absent = image::inspect(engine, &options.base).await.unwrap().is_none();
    if absent && image::inspect(engine, LOCAL_BASE).await.unwrap().is_some() {
        LOCAL_BASE.clone_into(&mut options.base);
    }
    let bundle = options.ca_bundle.take().unwrap_or_else(|| SYSTEM_BUNDLE.into());
    options.ca_bundle = bundle.exists().then(|| marked(&bundle));
    options
}

/// The certificates at `path` behind [`CA_MARKER`].
fn marked(path: &Path) -> PathBuf {
    let mut text = format!("{CA_MARKER}\n").into_bytes();
    text.extend(fs::read(path).unwrap());
    let marked = env::temp_dir().join("genetic-pool-test-bundle.crt");
    // Others may read it meanwhile: it is replaced, never half written.
    let new = marked.with_extension(std::process::id().to_string());
    fs::write(&new, text).unwrap();
    fs::rename(&new, &marked).unwrap();
    marked
}
