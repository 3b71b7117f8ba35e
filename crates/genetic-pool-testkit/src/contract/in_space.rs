//! Whether genomes are points of their space.

use genetic_pool_evolve::space::{Column, Domain, Genomes, Space};

/// Fails where row `row` of `genomes` is no point of `space`: out of bounds, off its step, not a permutation, with a
/// wrong activity mask, with bits set past the last.
pub fn assert_in_space(space: &Space, genomes: &Genomes, row: usize) {
    let shape = space.layout().shape;
    assert_eq!(genomes.shape, shape);
    let reals = &genomes.reals[row * shape.reals..][..shape.reals];
    let ints = &genomes.ints[row * shape.ints..][..shape.ints];
    let items = &genomes.items[row * shape.items..][..shape.items];
    for (parameter, segment) in space.parameters().iter().zip(&space.layout().segments) {
        let genes = segment.start..segment.start + segment.len;
        let name = &parameter.name;
        match &parameter.domain {
            Domain::Real { low, high, step, .. } => {
                for value in &reals[genes] {
                    assert!((*low..=*high).contains(value), "`{name}` is {value}, not within [{low}, {high}]");
                    if let Some(step) = step {
                        let k = ((value - low) / step).round();
                        let on_step = (low + k * step).min(*high);
                        assert_eq!(*value, on_step, "`{name}` is off its step");
                    }
                }
            }
            Domain::Int { low, high } => {
                for value in &ints[genes] {
                    assert!((low..=high).contains(&value), "`{name}` is {value}, not within [{low}, {high}]");
                }
            }
            Domain::Ordinal { levels } | Domain::Choice { levels } => {
                for value in &ints[genes] {
                    assert!((0..levels.len() as i64).contains(value), "`{name}` is level {value} of {}", levels.len());
                }
            }
            Domain::Permutation { size } => {
                let mut sorted = items[genes].to_vec();
                sorted.sort_unstable();
                assert!(sorted.into_iter().eq(0..*size as u32), "`{name}` is no permutation");
            }
            Domain::Sequence { counts } => {
                let mut found = vec![0; counts.len()];
                for item in &items[genes] {
                    assert!((*item as usize) < counts.len(), "`{name}` holds {item}, of which there is none");
                    found[*item as usize] += 1;
                }
                assert_eq!(found, *counts, "`{name}` is no sequence of its counts");
            }
            Domain::Bit => assert_eq!(segment.column, Column::Bit),
        }
    }
    if !shape.bits.is_multiple_of(64) {
        let words = shape.bit_words();
        let last = genomes.bits[(row + 1) * words - 1];
        assert_eq!(last >> (shape.bits % 64), 0, "bits past the last are set");
    }
    let mut again = Genomes::new(shape, 1);
    again.copy_row(0, genomes, row);
    let mask = again.active.clone();
    space.update_activity(&mut again, 0);
    assert_eq!(again.active, mask, "the activity mask is not that of the genes");
}
