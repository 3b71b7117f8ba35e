//! Built-in problems beside the values that others compute for them; `dev/golden` has the scripts that made the tables.

use genetic_pool_evolve::{
    outcomes::{OutcomeShape, Outcomes},
    problem::{BatchView, CandidateId, Problem},
    problems::{Bbob, BbobOptions},
};

/// The lines of a table, by columns.
fn lines(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

/// The objectives of each row of reals, row by row.
fn values(problem: &dyn Problem, rows: &[Vec<f64>]) -> Vec<f64> {
    let signature = problem.signature();
    let mut genomes = signature.space.genomes(rows.len());
    genomes.reals = rows.concat();
    let candidates: Vec<CandidateId> = (0..rows.len() as u64).map(CandidateId).collect();
    let mut outcomes = Outcomes::new(OutcomeShape::of(&signature), rows.len());
    let batch =
        BatchView { space: &signature.space, genomes: &genomes, candidates: &candidates, rows: 0..rows.len(), seed: 1 };
    problem.evaluate_batch(batch, &mut outcomes);
    assert!(outcomes.failures.is_empty());
    outcomes.objectives
}

/// A number in [0, 1), as the script computes it.
fn share(function: u64, instance: u64, point: u64, place: u64) -> f64 {
    let mixed = (place + 1) * (point + 2) * 7919 + (place * place + 1) * (function + 31) * 13 + instance * 97;
    (mixed % 100_003) as f64 / 100_003.0
}

#[test]
fn bbob_has_the_values_of_coco() {
    let mut functions = 0;
    for line in lines(include_str!("../data/bbob.tsv")) {
        let [function, instance] = [0, 1].map(|column| line[column].parse::<u64>().unwrap());
        let dimension: usize = line[2].parse().unwrap();
        let numbers: Vec<f64> = line[3..].iter().map(|text| text.parse().unwrap()).collect();
        let bbob = Bbob::new(BbobOptions { function, instance, dimension }).unwrap();
        let (x_opt, f_opt) = bbob.optimum();
        assert_eq!(f_opt, numbers[0], "{line:?}");
        for (found, wanted) in [(x_opt[0], numbers[1]), (x_opt[dimension - 1], numbers[2])] {
            assert!((found - wanted).abs() <= 1e-12, "{line:?}: the optimum is at {found}, not {wanted}");
        }
        let points: Vec<Vec<f64>> = (0..5)
            .map(|point| {
                (0..dimension)
                    .map(|place| {
                        let u = share(function, instance, point, place as u64);
                        match point {
                            0..3 => 10.0 * u - 5.0,
                            3 => 14.0 * u - 7.0,
                            _ => x_opt[place] + (0.02 * u - 0.01),
                        }
                    })
                    .collect()
            })
            .collect();
        for ((point, found), wanted) in values(&bbob, &points).into_iter().enumerate().zip(&numbers[3..]) {
            let off = (found - wanted).abs() / ((wanted - f_opt).abs() + 1e-3 * f_opt.abs());
            // Rounding, which the kinks of functions 19 and 23 magnify most.
            assert!(off < 1e-10, "{line:?}, point {point}: {found}, not {wanted}");
        }
        functions += 1;
    }
    assert_eq!(functions, 24 * 4 * 4);
}
