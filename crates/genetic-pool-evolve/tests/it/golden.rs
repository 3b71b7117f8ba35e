//! Built-in problems beside the values that others compute for them; `dev/golden` has the scripts that made the tables.

use genetic_pool_evolve::{
    outcomes::{OutcomeShape, Outcomes},
    problem::{BatchView, CandidateId, Problem},
    problems::{
        Ackley, Bbob, BbobOptions, Dimension, Dtlz, DtlzOptions, FunctionOptions, Griewank, Rastrigin, Rosenbrock,
        Schwefel, SchwefelOptions, Zakharov, Zdt, ZdtOptions,
    },
    space::Domain,
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

/// The same for tables of one problem each.
fn plain_share(point: usize, place: usize) -> f64 {
    (((place + 1) * (point + 2) * 7919 + (place * place + 1) * 403) % 100_003) as f64 / 100_003.0
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

#[test]
fn functions_have_the_values_of_pymoo() {
    let mut functions = 0;
    for line in lines(include_str!("../data/functions.tsv")) {
        let dimension = Dimension::new(line[1].parse().unwrap()).unwrap();
        let options = FunctionOptions { dimension, ..FunctionOptions::default() };
        let problem: Box<dyn Problem> = match line[0] {
            "rastrigin" => Box::new(Rastrigin::try_from(options).unwrap()),
            "rosenbrock" => Box::new(Rosenbrock::try_from(options).unwrap()),
            "ackley" => Box::new(Ackley::try_from(options).unwrap()),
            "griewank" => Box::new(Griewank::try_from(options).unwrap()),
            "zakharov" => Box::new(Zakharov::try_from(options).unwrap()),
            "schwefel" => Box::new(Schwefel::try_from(SchwefelOptions { dimension }).unwrap()),
            other => panic!("`{other}`"),
        };
        let Domain::Real { low, high, .. } = problem.signature().space.parameters()[0].domain else {
            panic!("a function of reals");
        };
        let points: Vec<Vec<f64>> = (0..4)
            .map(|point| (0..dimension.get()).map(|place| low + (high - low) * plain_share(point, place)).collect())
            .collect();
        for (found, wanted) in values(&*problem, &points).into_iter().zip(&line[2..]) {
            let wanted: f64 = wanted.parse().unwrap();
            // Schwefel's function has its constant to four decimals there.
            let rounding = if line[0] == "schwefel" { 2e-5 * dimension.get() as f64 } else { 1e-12 * wanted };
            assert!((found - wanted).abs() <= rounding, "{line:?}: {found}, not {wanted}");
        }
        functions += 1;
    }
    assert_eq!(functions, 6 * 3);
}

#[test]
fn problems_of_several_goals_have_the_values_of_pymoo() {
    let mut problems = 0;
    for line in lines(include_str!("../data/goals.tsv")) {
        let [function, goals, dimension] = [1, 2, 3].map(|column| line[column].parse::<usize>().unwrap());
        let problem: Box<dyn Problem> = match line[0] {
            "zdt" => Box::new(Zdt::new(ZdtOptions { function: function as u64, dimension: None }).unwrap()),
            "dtlz" => {
                let options = DtlzOptions { function: function as u64, objectives: goals, dimension: None };
                Box::new(Dtlz::new(options).unwrap())
            }
            other => panic!("`{other}`"),
        };
        let signature = problem.signature();
        assert_eq!((signature.goals.len(), signature.space.genomes(1).shape.reals), (goals, dimension), "{line:?}");
        let bounds: Vec<[f64; 2]> = signature
            .space
            .parameters()
            .iter()
            .flat_map(|parameter| {
                let Domain::Real { low, high, .. } = parameter.domain else { panic!("all are reals") };
                std::iter::repeat_n([low, high], parameter.len.unwrap_or(1))
            })
            .collect();
        let points: Vec<Vec<f64>> = (0..3)
            .map(|point| {
                let place = |(place, [low, high]): (usize, &[f64; 2])| low + (high - low) * plain_share(point, place);
                bounds.iter().enumerate().map(place).collect()
            })
            .collect();
        let wanted: Vec<f64> = line[4..].iter().map(|text| text.parse().unwrap()).collect();
        for (found, wanted) in values(&*problem, &points).chunks(goals).zip(wanted.chunks(goals)) {
            // One goal may be tiny beside others whose factors it shares.
            let size = wanted.iter().fold(0.0_f64, |size, f| size.max(f.abs()));
            let near = |(found, wanted): (&f64, &f64)| (found - wanted).abs() <= 1e-13 * size;
            assert!(found.iter().zip(wanted).all(near), "{line:?}: {found:?}, not {wanted:?}");
        }
        problems += 1;
    }
    assert_eq!(problems, 5 + 7 * 3);
}
