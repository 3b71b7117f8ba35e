//! Published optima, every format, every error, and that no text makes the reader panic.

use proptest::prelude::*;

use super::*;

const BERLIN52: &str = include_str!("../../../../../examples/data/berlin52.tsp");
const ATT532: &str = include_str!("../../../tests/data/att532.tsp");
const GR666: &str = include_str!("../../../tests/data/gr666.tsp");
const GR17: &str = include_str!("../../../tests/data/gr17.tsp");

/// The length of a tour written with nodes from 1.
fn length(instance: &Instance, tour: &[u32]) -> i64 {
    let mut seen = tour.to_vec();
    seen.sort_unstable();
    assert_eq!(seen, (1..=instance.dimension as u32).collect::<Vec<_>>(), "each node once");
    instance.length(&tour.iter().map(|node| node - 1).collect::<Vec<_>>())
}

/// The length of the shortest tour. M. Held and R. M. Karp: A dynamic programming approach to sequencing problems.
/// Journal of SIAM 10(1), 1962, [doi:10.1137/0110015](https://doi.org/10.1137/0110015).
fn shortest(instance: &Instance) -> i32 {
    let n = instance.dimension - 1;
    let distance = |from: usize, to: usize| instance.distances[from * (n + 1) + to];
    // The shortest way from the last node through the nodes of a set to one of them.
    let mut ways = vec![i32::MAX; (1 << n) * n];
    for node in 0..n {
        ways[(1 << node) * n + node] = distance(n, node);
    }
    for set in 1..1usize << n {
        for last in (0..n).filter(|last| set >> last & 1 == 1) {
            let way = ways[set * n + last];
            for next in (0..n).filter(|next| set >> next & 1 == 0) {
                let longer = &mut ways[(set | 1 << next) * n + next];
                *longer = (*longer).min(way + distance(last, next));
            }
        }
    }
    (0..n).map(|last| ways[((1 << n) - 1) * n + last] + distance(last, n)).min().unwrap()
}

#[test]
fn berlin52_has_its_published_optimal_tour() {
    let instance = parse(BERLIN52).unwrap();
    assert_eq!((instance.name.as_str(), instance.dimension), ("berlin52", 52));
    assert_eq!(instance.comment, "52 locations in Berlin (Groetschel)");
    let tour = [
        1, 49, 32, 45, 19, 41, 8, 9, 10, 43, 33, 51, 11, 52, 14, 13, 47, 26, 27, 28, 12, 25, 4, 6, 15, 5, 24, 48, 38,
        37, 40, 39, 36, 35, 34, 44, 46, 16, 29, 50, 20, 23, 30, 2, 7, 42, 21, 17, 3, 18, 31, 22,
    ];
    assert_eq!(length(&instance, &tour), 7542);
}

#[test]
fn a_small_instance_has_its_published_optimum() {
    assert_eq!(shortest(&parse(GR17).unwrap()), 2085);
}

#[test]
fn canonical_tours_have_the_lengths_of_the_documentation() {
    // The tour 1, 2, 3, … n; the documentation of TSPLIB 95 gives such lengths for checking distances.
    let in_order = |text: &str| {
        let instance = parse(text).unwrap();
        instance.length(&(0..instance.dimension as u32).collect::<Vec<_>>())
    };
    assert_eq!(in_order(BERLIN52), 22205);
    // Pseudo-Euclidean and geographical distances.
    assert_eq!(in_order(ATT532), 309_636);
    assert_eq!(in_order(GR666), 423_710);
    assert_eq!(in_order(GR17), 4722);
}

/// Four nodes whose distances are all different: 12 13 14 23 24 34.
fn explicit(format: &str, weights: &str) -> Result<Instance, TsplibError> {
    parse(&format!(
        "TYPE : TSP\nDIMENSION : 4\nEDGE_WEIGHT_TYPE : EXPLICIT\nEDGE_WEIGHT_FORMAT : {format}\n\
         EDGE_WEIGHT_SECTION\n{weights}\nEOF\n"
    ))
}

#[test]
fn every_explicit_format_gives_the_same_matrix() {
    let expected = vec![0, 12, 13, 14, 12, 0, 23, 24, 13, 23, 0, 34, 14, 24, 34, 0];
    for (format, weights) in [
        ("FULL_MATRIX", "0 12 13 14\n12 0 23 24\n13 23 0 34\n14 24 34 0"),
        ("UPPER_ROW", "12 13 14\n23 24\n34"),
        ("LOWER_ROW", "12\n13 23\n14 24 34"),
        ("UPPER_DIAG_ROW", "0 12 13 14\n0 23 24\n0 34\n0"),
        ("LOWER_DIAG_ROW", "0\n12 0\n13 23 0\n14 24 34 0"),
        ("UPPER_COL", "12\n13 23\n14 24 34"),
        ("LOWER_COL", "12 13 14\n23 24\n34"),
        ("UPPER_DIAG_COL", "0\n12 0\n13 23 0\n14 24 34 0"),
        ("LOWER_DIAG_COL", "0 12 13 14\n0 23 24\n0 34\n0"),
        // Line breaks mean nothing, and whole numbers may have a point.
        ("UPPER_ROW", "12 13\n14 23 24 34.0"),
    ] {
        assert_eq!(explicit(format, weights).unwrap().distances, expected, "{format}");
    }
}

#[test]
fn distances_between_coordinates_are_rounded_as_their_type_says() {
    let between = |metric: &str, first: &str, second: &str| {
        let text =
            format!("TYPE:TSP\nDIMENSION:2\nEDGE_WEIGHT_TYPE:{metric}\nNODE_COORD_SECTION\n1 {first}\n2 {second}\nEOF");
        parse(&text).unwrap().distances[1]
    };
    assert_eq!(between("EUC_2D", "0 0", "3 4"), 5);
    // √2 = 1.41, √(1.5²) is rounded up.
    assert_eq!([between("EUC_2D", "0 0", "1 1"), between("EUC_2D", "0 0", "1.5 0")], [1, 2]);
    assert_eq!([between("CEIL_2D", "0 0", "1 1"), between("CEIL_2D", "0 0", "3 4")], [2, 5]);
    // √(1000 / 10) is 10 exactly; √(1010 / 10) = 10.05 is rounded up; √(1100 / 10) = 10.49 too.
    assert_eq!(
        [between("ATT", "0 0", "10 30"), between("ATT", "0 0", "31 7"), between("ATT", "0 0", "10 31.622776")],
        [10, 11, 11]
    );
    assert_eq!(between("EUC_2D", "2.0e+02 4.00000e+02", "200 5.00000E2"), 100);
    // One degree of latitude, and two nodes at one place: the formula rounds up.
    assert_eq!([between("GEO", "50.00 8.00", "51.00 8.00"), between("GEO", "49.30 8.41", "49.30 8.41")], [112, 1]);
}

#[test]
fn order_spaces_and_the_end_of_the_text_are_free() {
    let reordered = "EDGE_WEIGHT_SECTION :\n 7 8\n\n 9\nEDGE_WEIGHT_FORMAT:UPPER_ROW\nDISPLAY_DATA_SECTION\n1 1 1\n2 2 2\n\
                     OPTIMUM : 24\nCOMMENT : one\nDIMENSION   :3\r\nTYPE :TSP (me)\nCOMMENT: two : three\n\
                     EDGE_WEIGHT_TYPE: EXPLICIT";
    let instance = parse(reordered).unwrap();
    assert_eq!(instance.distances, [0, 7, 8, 7, 0, 9, 8, 9, 0]);
    assert_eq!((instance.name.as_str(), instance.comment.as_str()), ("", "one\ntwo : three"));
    let shuffled =
        "TYPE : TSP\nNODE_COORD_SECTION\n0002 1 0\n1 0 0\nDIMENSION : 2\nEDGE_WEIGHT_TYPE : EUC_2D\nEOF\nrest";
    assert_eq!(parse(shuffled).unwrap().coordinates, [[0.0, 0.0], [1.0, 0.0]]);
}

#[test]
fn distances_there_and_back_may_differ_where_the_type_says_so() {
    let text = |kind: &str| {
        format!(
            "TYPE : {kind}\nDIMENSION : 2\nEDGE_WEIGHT_TYPE : EXPLICIT\nEDGE_WEIGHT_FORMAT : FULL_MATRIX\n\
             EDGE_WEIGHT_SECTION\n0 5\n6 0"
        )
    };
    assert_eq!(parse(&text("ATSP")).unwrap().distances, [0, 5, 6, 0]);
    assert_eq!(
        parse(&text("TSP")).unwrap_err().to_string(),
        "line 7: the distance from node 2 to 1 is 6 and back 5; in a `TSP` they are equal (`TYPE : ATSP` allows \
         otherwise)"
    );
    let triangle = text("ATSP").replace("FULL_MATRIX", "UPPER_ROW");
    assert_eq!(
        parse(&triangle).unwrap_err().to_string(),
        "line 4: `EDGE_WEIGHT_FORMAT` is `UPPER_ROW`; supported: `FULL_MATRIX`"
    );
}

/// `TEXT` with `from` replaced by `to`.
fn fault(from: &str, to: &str) -> String {
    const TEXT: &str = "NAME : three\nTYPE : TSP\nDIMENSION : 3\nEDGE_WEIGHT_TYPE : EUC_2D\nNODE_COORD_SECTION\n1 0 0\n\
                        2 3 4\n3 6 8\nEOF\n";
    assert!(parse(TEXT).is_ok() && TEXT.contains(from));
    parse(&TEXT.replacen(from, to, 1)).unwrap_err().to_string()
}

#[test]
fn errors_say_where_what_was_found_and_what_was_expected() {
    for (from, to, expected) in [
        ("3 6 8\n", "", "line 8: `NODE_COORD_SECTION` ends after 2 of 3 nodes"),
        ("3 6 8\nEOF\n", "", "line 7: `NODE_COORD_SECTION` ends after 2 of 3 nodes"),
        ("EOF", "4 1 1", "line 9: `NODE_COORD_SECTION` goes on after its 3 nodes with `4 1 1`"),
        ("2 3 4", "2 3", "line 7: expected a node number and two coordinates, found `2 3`"),
        ("2 3 4", "2 3 4 5", "line 7: expected a node number and two coordinates, found `2 3 4 5`"),
        ("2 3 4", "4 3 4", "line 7: expected a node number from 1 to 3, found `4`"),
        ("2 3 4", "0 3 4", "line 7: expected a node number from 1 to 3, found `0`"),
        ("2 3 4", "2.5 3 4", "line 7: expected a node number from 1 to 3, found `2.5`"),
        ("2 3 4", "1 3 4", "line 7: node 1 was given in line 6 already"),
        ("2 3 4", "2 3 x", "line 7: expected a finite number as coordinate, found `x`"),
        ("2 3 4", "2 3 nan", "line 7: expected a finite number as coordinate, found `nan`"),
        ("2 3 4", "2 1e99 4", "nodes 1 and 2 are further apart than 2^31 - 1"),
        ("2 3 4", "2 1e300 4", "nodes 1 and 2 are further apart than 2^31 - 1"),
        ("2 3 4", "two 3 4", "line 7: unknown section or keyword without a value: `two 3 4`"),
        (
            "EUC_2D",
            "MAX_3D",
            "line 4: `EDGE_WEIGHT_TYPE` is `MAX_3D`; supported: `EUC_2D`, `CEIL_2D`, `ATT`, `GEO`, `EXPLICIT`",
        ),
        ("TYPE : TSP", "TYPE : HCP", "line 2: `TYPE` is `HCP`; supported: `TSP`, `ATSP`"),
        ("DIMENSION : 3", "DIMENSION : 1", "line 3: `DIMENSION` must be a whole number from 2 to 16384, found `1`"),
        ("DIMENSION : 3", "DIMENSION : 1e9", "line 3: `DIMENSION` must be a whole number from 2 to 16384, found `1e9`"),
        ("DIMENSION : 3", "DIMENSION :", "line 3: `DIMENSION` has no value"),
        ("DIMENSION : 3", "X : 3", "line 9: the text ends without `DIMENSION`"),
        ("NAME : three", "TYPE : TSP", "line 2: `TYPE` was given in line 1 already"),
        ("TYPE : TSP\n", "", "line 8: the text ends without `TYPE`"),
        ("NAME : three", "5 6", "line 1: expected a keyword or a section, found `5 6`"),
        ("EOF", "NODE_COORD_SECTION", "line 9: `NODE_COORD_SECTION` was given in line 5 already"),
        (
            "EOF",
            "FIXED_EDGES_SECTION",
            "line 9: section `FIXED_EDGES_SECTION` is not supported: tours are free to use any edge",
        ),
        (
            "NODE_COORD_SECTION",
            "DISPLAY_DATA_SECTION",
            "line 9: the text ends without `NODE_COORD_SECTION`, which `EDGE_WEIGHT_TYPE : EUC_2D` needs",
        ),
    ] {
        assert_eq!(fault(from, to), expected, "{from} -> {to}");
    }
    let geographic = fault("EUC_2D\nNODE_COORD_SECTION\n1 0 0", "GEO\nNODE_COORD_SECTION\n1 91 0");
    assert_eq!(geographic, "line 6: expected a latitude within ±90 degrees, found `91`");
    let geographic = fault("EUC_2D\nNODE_COORD_SECTION\n1 0 0", "GEO\nNODE_COORD_SECTION\n1 0 -181");
    assert_eq!(geographic, "line 6: expected a longitude within ±180 degrees, found `-181`");
    assert_eq!(parse("").unwrap_err().to_string(), "line 0: the text ends without `TYPE`");
}

#[test]
fn errors_in_a_matrix_say_how_far_it_was_read() {
    for (weights, expected) in [
        ("1 2 3\n4 5", "line 8: `EDGE_WEIGHT_SECTION` ends after 5 of 6 distances"),
        ("", "line 7: `EDGE_WEIGHT_SECTION` ends after 0 of 6 distances"),
        ("1 2 3\n4 5 6 7", "line 7: `EDGE_WEIGHT_SECTION` goes on after its 6 distances with `7`"),
        ("1 2 3\n4 5.5 6", "line 7: expected a distance, a whole number of at most 32 bits, found `5.5`"),
        ("1 2 3\n4 3000000000 6", "line 7: expected a distance, a whole number of at most 32 bits, found `3000000000`"),
    ] {
        assert_eq!(explicit("UPPER_ROW", weights).unwrap_err().to_string(), expected);
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(?s).{0,400}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_words_of_the_format_make_it_panic(words in proptest::collection::vec(
        prop_oneof![
            Just("TYPE : TSP\n".to_owned()),
            Just("TYPE: ATSP\n".to_owned()),
            Just("EDGE_WEIGHT_TYPE : EXPLICIT\n".to_owned()),
            Just("EDGE_WEIGHT_TYPE : GEO\n".to_owned()),
            Just("EDGE_WEIGHT_FORMAT : LOWER_ROW\n".to_owned()),
            Just("NODE_COORD_SECTION\n".to_owned()),
            Just("EDGE_WEIGHT_SECTION\n".to_owned()),
            Just("EOF\n".to_owned()),
            (0..6usize).prop_map(|n| format!("DIMENSION : {n}\n")),
            (1..5usize, -200.0..200.0, -200.0..200.0).prop_map(|(n, x, y): (usize, f64, f64)| format!("{n} {x} {y}\n")),
            any::<i32>().prop_map(|n| format!("{n} ")),
        ],
        0..30,
    )) {
        let _ = parse(&words.concat());
    }

    #[test]
    fn a_damaged_instance_is_read_or_refused_with_a_line_of_it(
        at in 0..2000usize,
        remove in 0..40usize,
        insert in "(?s).{0,6}",
        which in 0..4usize,
    ) {
        let mut text = [BERLIN52, ATT532, GR666, GR17][which].to_owned();
        let at = at % text.len();
        let end = (at + remove).min(text.len());
        // All of them are ASCII.
        text.replace_range(at..end, &insert);
        match parse(&text) {
            Ok(instance) => {
                prop_assert_eq!(instance.distances.len(), instance.dimension * instance.dimension);
            }
            Err(error) => {
                let lines = text.lines().count();
                prop_assert!(error.line().is_none_or(|line| line <= lines), "{error}");
                prop_assert!(error.to_string().len() < 400);
            }
        }
    }
}
