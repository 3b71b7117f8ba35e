//! What all built-in problems promise, and the functions beside plain code for them.

use super::*;
use crate::{
    outcomes::{OutcomeShape, Outcomes},
    problem::{BatchView, CandidateId, Problem, Trial},
    random::{Purpose, Stream},
    space::{Domain, Genome, Genomes},
};

/// Rows of reals within the bounds ±`bound`, some of them on whole numbers.
fn reals(rows: usize, dimension: usize, bound: f64) -> Vec<f64> {
    let mut stream = Stream::new(11, 0, Purpose::Try, dimension as u64);
    (0..rows * dimension)
        .map(|k| {
            let x = bound * (2.0 * stream.unit() - 1.0);
            if k % 7 == 0 { x.round() } else { x }
        })
        .collect()
}

fn options(dimension: usize, shift: Shift) -> FunctionOptions {
    FunctionOptions { dimension: Dimension::new(dimension).unwrap(), shift, seed: None }
}

/// The objective of each row, row by row.
pub(super) fn by_row(problem: &dyn Problem, genomes: &Genomes) -> Vec<f64> {
    let signature = problem.signature();
    let mut outcomes = Outcomes::new(OutcomeShape::of(&signature), genomes.rows);
    for row in 0..genomes.rows {
        let trial = Trial::new(1, CandidateId(row as u64));
        let genome = Genome::new(&signature.space, genomes, row);
        problem.evaluate(genome, &trial, &mut outcomes.row_mut(row)).unwrap();
    }
    outcomes.objectives
}

/// The objectives of the rows `range`, in one batch; what is outside is 0.
pub(super) fn by_batch(problem: &dyn Problem, genomes: &Genomes, range: std::ops::Range<usize>) -> Vec<f64> {
    let signature = problem.signature();
    let candidates: Vec<CandidateId> = (0..genomes.rows as u64).map(CandidateId).collect();
    let mut outcomes = Outcomes::new(OutcomeShape::of(&signature), genomes.rows);
    let batch = BatchView { space: &signature.space, genomes, candidates: &candidates, rows: range, seed: 1 };
    problem.evaluate_batch(batch, &mut outcomes);
    outcomes.objectives
}

pub(super) fn genomes(problem: &dyn Problem, rows: usize, bound: f64) -> Genomes {
    let space = problem.signature().space;
    let mut genomes = space.genomes(rows);
    genomes.reals = reals(rows, genomes.shape.reals, bound);
    let mut stream = Stream::new(12, 0, Purpose::Try, 0);
    let bits = genomes.shape.bits;
    let words = genomes.shape.bit_words();
    for (k, word) in genomes.bits.iter_mut().enumerate() {
        let here = (bits - k % words * 64).min(64);
        // Ones are common, so that some rows begin with many.
        *word = (stream.next() | stream.next() | stream.next()) & (u64::MAX >> (64 - here));
    }
    genomes
}

/// A plain sum in four lanes, as the definition says.
fn in_lanes(terms: impl Iterator<Item = f64>) -> f64 {
    let mut lanes = [0.0; 4];
    for (k, term) in terms.enumerate() {
        lanes[k % 4] += term;
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
}

type Plain = fn(&[f64]) -> f64;

fn functions(options: FunctionOptions) -> Vec<(&'static str, Box<dyn Problem>, Plain)> {
    vec![
        ("sphere", Box::new(Sphere::try_from(options).unwrap()), |z| in_lanes(z.iter().map(|z| z * z))),
        ("rastrigin", Box::new(Rastrigin::try_from(options).unwrap()), |z| {
            in_lanes(z.iter().map(|z| z * z + 20.0 * crate::maths::sinpi2(*z)))
        }),
        ("ackley", Box::new(Ackley::try_from(options).unwrap()), |z| {
            let n = z.len() as f64;
            let squares = in_lanes(z.iter().map(|z| z * z));
            let sines = in_lanes(z.iter().map(|z| crate::maths::sinpi2(*z)));
            (20.0 - 20.0 * crate::maths::exp(-0.2 * (squares / n).sqrt()))
                + std::f64::consts::E * (1.0 - crate::maths::exp(-2.0 * sines / n))
        }),
    ]
}

#[test]
fn a_block_has_the_bits_of_its_rows_and_of_plain_code() {
    for dimension in (1..=40).chain([63, 64, 65, 170, 171, 256, 257, 511, 512, 513, 1030]) {
        for (name, problem, plain) in functions(options(dimension, Shift::None)) {
            let genomes = genomes(&*problem, 37, 5.0);
            let expected: Vec<u64> = genomes.reals.chunks(dimension).map(|row| plain(row).to_bits()).collect();
            let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
            assert_eq!(bits(by_row(&*problem, &genomes)), expected, "{name} {dimension} row by row");
            assert_eq!(bits(by_batch(&*problem, &genomes, 0..37)), expected, "{name} {dimension} at once");
            let part = bits(by_batch(&*problem, &genomes, 5..30));
            assert_eq!(part[5..30], expected[5..30], "{name} {dimension} in part");
            assert!(part[..5].iter().chain(&part[30..]).all(|bits| *bits == 0), "only the rows asked for are written");
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the host's maths is what ours is compared with")]
fn functions_are_what_their_sources_say() {
    let host: [fn(&[f64]) -> f64; 3] = [
        |z| z.iter().map(|z| z * z).sum(),
        |z| z.iter().map(|z| z * z - 10.0 * (std::f64::consts::TAU * z).cos() + 10.0).sum(),
        |z| {
            let n = z.len() as f64;
            let squares: f64 = z.iter().map(|z| z * z).sum();
            let cosines: f64 = z.iter().map(|z| (std::f64::consts::TAU * z).cos()).sum();
            -20.0 * (-0.2 * (squares / n).sqrt()).exp() - (cosines / n).exp() + 20.0 + std::f64::consts::E
        },
    ];
    for ((name, problem, _), host) in functions(options(30, Shift::None)).into_iter().zip(host) {
        let genomes = genomes(&*problem, 100, 5.12);
        for (row, found) in by_row(&*problem, &genomes).into_iter().enumerate() {
            let wanted = host(&genomes.reals[row * 30..][..30]);
            assert!((found / wanted - 1.0).abs() < 1e-13, "{name}: {found}, not {wanted}");
        }
    }
    let rosenbrock = Rosenbrock::try_from(options(3, Shift::None)).unwrap();
    let mut genomes = rosenbrock.signature().space.genomes(2);
    genomes.reals = vec![1.0, 1.0, 1.0, -1.2, 1.0, 2.0];
    // 100·(1 - 1.44)² + 2.2² + 100·(2 - 1)² + 0
    let found = by_row(&rosenbrock, &genomes);
    assert_eq!(found[0], 0.0);
    assert!((found[1] - (19.36 + 4.84 + 100.0)).abs() < 1e-12);
}

#[test]
fn the_optimum_is_where_the_shift_says_and_is_zero() {
    for shift in [Shift::None, Shift::Random] {
        for dimension in [2, 30, 700] {
            let options = options(dimension, shift);
            let rosenbrock = Rosenbrock::try_from(options).unwrap();
            let all = functions(options).into_iter().map(|(name, problem, _)| (name, problem, 0.0)).chain([(
                "rosenbrock",
                Box::new(rosenbrock) as Box<dyn Problem>,
                1.0,
            )]);
            for (name, problem, optimum) in all {
                let mut genomes = problem.signature().space.genomes(1);
                let Domain::Real { low, high, .. } = problem.signature().space.parameters()[0].domain else {
                    panic!("{name} is a function of reals");
                };
                let offsets = function::Function::new(options, 1, [low, high], optimum).unwrap().offsets().to_vec();
                assert_eq!(offsets.iter().all(|offset| *offset == 0.0), shift == Shift::None);
                for (x, offset) in genomes.reals.iter_mut().zip(&offsets) {
                    *x = optimum + offset;
                    assert!((low..=high).contains(x));
                }
                let value = by_row(&*problem, &genomes)[0];
                // 1 + s - s is not 1 for every s, and the valley is steep.
                let bound = if name == "rosenbrock" && shift == Shift::Random { 1e-24 } else { 0.0 };
                assert!(value <= bound * dimension as f64, "{name} {dimension} {shift:?}: {value}");
                genomes.reals[dimension / 2] += 0.25;
                assert!(by_row(&*problem, &genomes)[0] > 0.05 / dimension as f64, "{name}");
            }
        }
    }
}

#[test]
fn shifts_follow_their_seed() {
    let value = |seed| {
        let options = FunctionOptions { shift: Shift::Random, seed, ..FunctionOptions::default() };
        let problem = Sphere::try_from(options).unwrap();
        by_row(&problem, &genomes(&problem, 1, 1.0))[0]
    };
    assert_eq!(value(None), value(Some(0)));
    assert_ne!(value(Some(1)), value(Some(2)));
}

#[test]
fn options_that_do_not_fit_together_are_refused() {
    let seed = FunctionOptions { seed: Some(1), ..FunctionOptions::default() };
    assert_eq!(Sphere::try_from(seed).unwrap_err().to_string(), "option `seed` needs `shift = \"random\"`");
    let one = Rosenbrock::try_from(options(1, Shift::None)).unwrap_err();
    assert_eq!(one.to_string(), "option `dimension` must be at least 2, found 1");
    assert_eq!([Dimension::new(0), Dimension::new(Dimension::MAX + 1)], [None, None]);
}

#[test]
fn bits_are_counted() {
    for bits in [1, 63, 64, 65, 1000] {
        let options = BitOptions { bits: Dimension::new(bits) };
        let one_max = OneMax::from(options);
        let leading_ones = LeadingOnes::from(options);
        let genomes = genomes(&one_max, 50, 0.0);
        let space = one_max.signature().space;
        let flags: Vec<Vec<bool>> =
            (0..50).map(|row| (0..bits).map(|bit| Genome::new(&space, &genomes, row).bit(bit)).collect()).collect();
        let ones: Vec<f64> = flags.iter().map(|row| row.iter().filter(|bit| **bit).count() as f64).collect();
        let leading: Vec<f64> = flags.iter().map(|row| row.iter().take_while(|bit| **bit).count() as f64).collect();
        assert_eq!(by_row(&one_max, &genomes), ones);
        assert_eq!(by_batch(&one_max, &genomes, 0..50), ones);
        assert_eq!(by_row(&leading_ones, &genomes), leading);
        let mut full = space.genomes(1);
        (0..bits).for_each(|bit| full.bits[bit / 64] |= 1 << (bit % 64));
        assert_eq!((by_row(&one_max, &full)[0], by_row(&leading_ones, &full)[0]), (bits as f64, bits as f64));
    }
}
