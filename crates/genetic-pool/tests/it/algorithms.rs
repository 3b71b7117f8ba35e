//! `algorithms`.

use insta::assert_snapshot;

use crate::context;

#[test]
fn the_list() {
    assert_snapshot!(context().run(&["algorithms"]).success());
}

#[test]
fn one_in_full() {
    assert_snapshot!(context().run(&["algorithms", "genetic"]).success());
}

#[test]
fn a_name_that_comes_near() {
    assert_snapshot!(context().run(&["algorithms", "genetik"]).expect(3), @r"
    exit code: 3
    ----- stderr -----
    error: there is no algorithm `genetik`
    hint: did you mean `genetic`? `genetic-pool algorithms` lists what there is
    ");
}

#[test]
fn json_names_the_keys() {
    let page = context().run(&["algorithms", "genetic", "--json"]).success().json();
    assert_eq!(page["format"], 1);
    let keys = page["algorithm"]["keys"].as_array().unwrap();
    assert!(keys.iter().any(|key| key["name"] == "population"), "{page}");
}
