//! `image build|sbom` on a real engine.

use std::time::Duration;

use genetic_pool_testkit::{TestContext, build_settings, engine, image};
use insta::assert_snapshot;

use crate::context;

/// A command line that builds as this place must, on the engine at `address`.
fn builder(address: &str) -> TestContext {
    let settings = build_settings(address);
    let context = context()
        .env("DOCKER_HOST", address)
        .env("GENETIC_POOL_BASE", &settings.base)
        .filter(r"\([0-9a-f]{12}, [^)]*\)", "([ID], [SIZE])")
        .filter(r"sha256:[0-9a-f]{64}", "[ID]")
        .filter(r"\b[0-9a-f]{64}\b", "[INPUTS]")
        .filter(r#""bytes":\d+"#, r#""bytes":[SIZE]"#)
        .filter_figures();
    match settings.ca_bundle {
        Some(bundle) => context.env("GENETIC_POOL_CA_BUNDLE", bundle),
        None => context,
    }
}

#[test]
fn an_image_that_is_there_is_told_and_listed() {
    let Some(address) = engine() else { return };
    let image = image(&address);
    let context = builder(&address);
    assert_snapshot!(context.run(&["image", "build", "--tag", &image, "--sbom", "image.cdx.json"]).success());
    assert_snapshot!(context.run(&["image", "build", "--tag", &image, "--json"]).success());
    let printed = context.run(&["image", "sbom", &image]).success().stdout;
    assert!(printed == context.read("image.cdx.json"), "the documents differ");
    assert!(printed.contains("\"bomFormat\": \"CycloneDX\""));
}

#[test]
fn what_cannot_be_built_is_told() {
    let Some(address) = engine() else { return };
    let context = builder(&address).filter(r"  cause: Docker responded .*", "  cause: [THE ENGINE'S WORDS]");
    context.write("requirements.txt", "numpy\n-r more.txt\n");
    context.write("not.crt", "no certificate");
    let mut told = String::new();
    for arguments in [
        &["--base", "genetic-pool-test/no-such:1"][..],
        &["--requirements", "requirements.txt"],
        &["--requirements", "absent.txt"],
        &["--ca-bundle", "not.crt"],
        &["--tag", "Big"],
        &["--sbom", "absent/image.json"],
    ] {
        told += &context.run(&[&["image", "build"], arguments].concat()).to_string();
    }
    told += &context.run(&["image", "sbom", "genetic-pool:test-no-such"]).to_string();
    assert_snapshot!(told);
}

#[test]
fn ctrl_c_stops_a_build() {
    let Some(address) = engine() else { return };
    image(&address);
    let context = builder(&address);
    // No other build has these, so that pip has to run.
    context.write("requirements.txt", format!("# {}\n", context.directory().display()));
    let arguments = ["image", "build", "--tag", "genetic-pool:test-interrupted", "--requirements", "requirements.txt"];
    let running = context.spawn(&arguments);
    running.wait_for_stderr("[builder 2/2] RUN", Duration::from_mins(1));
    running.interrupt();
    let ended = running.wait(Duration::from_secs(20));
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(ended.stderr.ends_with("error: interrupted\n"), "{}", ended.stderr);
}
