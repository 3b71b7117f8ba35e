//! What all 24 functions promise; `tests/it/golden.rs` has them beside COCO's own values.

use super::*;
use crate::problems::tests::{by_batch, by_row, genomes};

fn bbob(function: BbobFunction, dimension: usize) -> Bbob {
    Bbob::new(BbobOptions { function: function.number(), instance: 4, dimension }).unwrap()
}

fn bits(values: Vec<f64>) -> Vec<u64> {
    values.into_iter().map(f64::to_bits).collect()
}

#[test]
fn a_row_is_worth_the_same_alone_and_among_others_at_every_width() {
    // Whole and broken blocks of rows, and of four rows of a matrix; buffers on the stack and on the heap.
    for dimension in [2, 3, 7, 40, 41] {
        for function in BbobFunction::ALL {
            let problem = bbob(function, dimension);
            let genomes = genomes(&problem, 21, 5.0);
            let expected = bits(by_row(&problem, &genomes));
            assert_eq!(bits(by_batch(&problem, &genomes, 0..21)), expected, "{function:?} {dimension} at once");
            let part = bits(by_batch(&problem, &genomes, 5..16));
            assert_eq!(part[5..16], expected[5..16], "{function:?} {dimension} in part");
            let mut base = vec![0.0; 21];
            functions::values(Width::BASE, &problem.instance, &genomes.reals, &mut base);
            assert_eq!(bits(base), expected, "{function:?} {dimension} without wide vectors");
        }
    }
}

#[test]
fn the_optimum_is_where_it_is_said_to_be() {
    for dimension in [2, 10, 100] {
        for function in BbobFunction::ALL {
            let problem = bbob(function, dimension);
            let (x_opt, f_opt) = problem.optimum();
            assert!(x_opt.iter().all(|x| x.abs() <= 5.0), "{function:?} {dimension}: {x_opt:?}");
            let mut genomes = problem.signature().space.genomes(9);
            for row in 0..9 {
                for (place, x) in genomes.reals[row * dimension..][..dimension].iter_mut().enumerate() {
                    // Inwards, where the slope's optimum is in a corner.
                    let away = if (place + row) % 3 == 0 { 0.1 } else { 0.02 };
                    *x = x_opt[place] - if row == 0 { 0.0 } else { away * x_opt[place].signum() };
                }
            }
            let values = by_row(&problem, &genomes);
            // The ridge's slope is 100 all the way down, where sums are off by rounding.
            let bound = if function == BbobFunction::SharpRidge { 1e-10 } else { 1e-11 };
            assert!(
                (values[0] - f_opt).abs() <= bound * dimension as f64,
                "{function:?} {dimension}: {}",
                values[0] - f_opt
            );
            assert!(values[1..].iter().all(|value| *value > f_opt + 1e-6), "{function:?} {dimension}: {values:?}");
        }
    }
}

#[test]
fn numbers_are_those_of_the_report() {
    for (place, function) in BbobFunction::ALL.into_iter().enumerate() {
        assert_eq!(function.number(), place as u64 + 1);
        assert_eq!(BbobFunction::of_number(function.number()), Some(function));
    }
    assert_eq!([0, 25, u64::MAX].map(BbobFunction::of_number), [None; 3]);
}

#[test]
fn instances_differ_and_two_pairs_of_functions_share_an_optimum() {
    let optimum = |function, instance| {
        let problem = Bbob::new(BbobOptions { function, instance, dimension: 3 }).unwrap();
        let (x_opt, f_opt) = problem.optimum();
        (x_opt.to_vec(), f_opt)
    };
    assert_ne!(optimum(1, 1), optimum(1, 2));
    assert_eq!(optimum(17, 5), optimum(18, 5));
    assert_eq!(optimum(3, 5).1, optimum(4, 5).1);
    assert_ne!(optimum(1, Bbob::MAX_INSTANCE), optimum(1, Bbob::MAX_INSTANCE - 1));
}

#[test]
fn what_names_no_function_is_refused() {
    let fine = BbobOptions { function: 1, instance: 1, dimension: 2 };
    let message = |options| Bbob::new(options).unwrap_err().to_string();
    for (found, options) in [
        ("`function` must be a whole number from 1 to 24, found 0", BbobOptions { function: 0, ..fine }),
        ("`function` must be a whole number from 1 to 24, found 25", BbobOptions { function: 25, ..fine }),
        ("`instance` must be a whole number from 1 to 100000, found 0", BbobOptions { instance: 0, ..fine }),
        ("`instance` must be a whole number from 1 to 100000, found 100001", BbobOptions { instance: 100_001, ..fine }),
        ("`dimension` must be a whole number from 2 to 1000, found 1", BbobOptions { dimension: 1, ..fine }),
        ("`dimension` must be a whole number from 2 to 1000, found 1001", BbobOptions { dimension: 1001, ..fine }),
    ] {
        assert_eq!(message(options), format!("option {found}"));
    }
}
