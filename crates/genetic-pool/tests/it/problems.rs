//! `problems`.

use insta::assert_snapshot;

use crate::context;

#[test]
fn an_unknown_one_is_refused() {
    assert_snapshot!(context().run(&["problems", "nothing-like-it"]).expect(3), @r"
    exit code: 3
    ----- stderr -----
    error: there is no problem `nothing-like-it`
    hint: `genetic-pool problems` lists what there is
    ");
}

#[test]
fn the_list_is_versioned_json() {
    let list = context().run(&["problems", "--json"]).success().json();
    assert_eq!(list["format"], 1);
    assert!(list["problems"].is_array(), "{list}");
}
