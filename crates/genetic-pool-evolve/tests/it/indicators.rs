//! Indicators beside what `moocore` finds: `dev/golden/indicators.py` wrote the table.

use genetic_pool_evolve::indicators::{Hypervolume, inverted_generational_distance_plus};

const TABLE: &str = include_str!("../data/indicators.txt");

/// A set of points and what is known of it.
#[derive(Default)]
struct Case {
    name: String,
    reference: Vec<f64>,
    points: Vec<f64>,
    front: Vec<f64>,
    hypervolume: f64,
    contributions: Vec<f64>,
    igd_plus: f64,
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let (key, rest) = line.split_once(' ').unwrap();
        if key == "case" {
            cases.push(Case { name: rest.into(), ..Case::default() });
            continue;
        }
        let case = cases.last_mut().unwrap();
        let values: Vec<f64> = rest.split(' ').map(|value| value.parse().unwrap()).collect();
        match key {
            "reference" => case.reference = values,
            "point" => case.points.extend(values),
            "front" => case.front.extend(values),
            "hypervolume" => case.hypervolume = values[0],
            "contributions" => case.contributions = values,
            "igd+" => case.igd_plus = values[0],
            _ => panic!("{line}"),
        }
    }
    cases
}

#[test]
fn indicators_are_those_of_moocore() {
    let mut indicator = Hypervolume::default();
    let cases = cases();
    assert_eq!(cases.len(), 25);
    for case in cases {
        let near = |found: f64, wanted: f64| (found - wanted).abs() <= 1e-12 * (1.0 + wanted.abs());
        let volume = indicator.of(&case.points, &case.reference).unwrap();
        assert!(near(volume, case.hypervolume), "{}: {volume} instead of {}", case.name, case.hypervolume);
        let contributions = indicator.contributions(&case.points, &case.reference).unwrap();
        assert_eq!(contributions.len(), case.contributions.len());
        for (found, wanted) in contributions.iter().zip(&case.contributions) {
            assert!(near(*found, *wanted), "{}: {found} instead of {wanted}", case.name);
        }
        let distance = inverted_generational_distance_plus(&case.points, &case.front, case.reference.len()).unwrap();
        assert!(near(distance, case.igd_plus), "{}: {distance} instead of {}", case.name, case.igd_plus);
    }
}
