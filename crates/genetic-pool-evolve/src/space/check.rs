//! Whether stored genes can be read as a point of the space.

use super::{Domain, Genomes, Space};

impl Space {
    /// Whether the genes of row `row` of `genomes`, which have this space's shape, can be bred from and evaluated:
    /// within bounds and levels, permutations and sequences whole, no bit set past the last.
    ///
    /// Neither the activity mask, which follows from the genes, nor steps are looked at: a real off its step harms
    /// nobody, and which side of rounding it fell on is no reason to refuse it.
    pub fn accepts(&self, genomes: &Genomes, row: usize) -> bool {
        let shape = genomes.shape;
        self.accepts_genes(
            &genomes.reals[row * shape.reals..][..shape.reals],
            &genomes.ints[row * shape.ints..][..shape.ints],
            &genomes.bits[row * shape.bit_words()..][..shape.bit_words()],
            &genomes.items[row * shape.items..][..shape.items],
        )
    }

    /// The same of the genes of one row, by column.
    pub(super) fn accepts_genes(&self, reals: &[f64], ints: &[i64], bits: &[u64], items: &[u32]) -> bool {
        let mut parameters = self.parameters.iter().zip(&self.layout.segments);
        let within = parameters.all(|(parameter, segment)| {
            let genes = segment.start..segment.start + segment.len;
            match &parameter.domain {
                Domain::Real { low, high, .. } => reals[genes].iter().all(|gene| (low..=high).contains(&gene)),
                Domain::Int { low, high } => ints[genes].iter().all(|gene| (low..=high).contains(&gene)),
                Domain::Ordinal { levels } | Domain::Choice { levels } => {
                    ints[genes].iter().all(|gene| (0..levels.len() as i64).contains(gene))
                }
                Domain::Bit => true,
                Domain::Permutation { .. } => is_permutation(&items[genes]),
                Domain::Sequence { counts } => is_sequence(&items[genes], counts),
            }
        });
        let n_bits = self.layout.shape.bits;
        let past = bits.last().filter(|_| !n_bits.is_multiple_of(64)).map_or(0, |last| last >> (n_bits % 64));
        within && past == 0
    }
}

fn is_permutation(items: &[u32]) -> bool {
    let mut seen = vec![false; items.len()];
    items.iter().all(|item| seen.get_mut(*item as usize).is_some_and(|seen| !std::mem::replace(seen, true)))
}

/// Whether value `v` stands `counts[v]` times in `items`, which are as many as the counts say in all.
fn is_sequence(items: &[u32], counts: &[u32]) -> bool {
    let mut left = counts.to_vec();
    items.iter().all(|item| {
        let left = left.get_mut(*item as usize).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    })
}

#[cfg(test)]
mod tests {
    use crate::space::{Domain, Genomes, Level, Parameter, Space, SpaceError, SpaceFault};

    #[test]
    fn a_space_has_so_many_genes_and_no_more() {
        let space = |lengths: &[usize]| {
            let bits = |(place, len): (usize, &usize)| Parameter::new(format!("x{place}"), Domain::Bit).len(*len);
            Space::new(lengths.iter().enumerate().map(bits).collect())
        };
        assert!(space(&[Space::MOST_GENES - 1, 1]).is_ok());
        let fault = SpaceFault::TooManyGenes { most: Space::MOST_GENES };
        for lengths in [&[1, Space::MOST_GENES, 1][..], &[1, usize::MAX, usize::MAX]] {
            assert_eq!(
                space(lengths).unwrap_err().errors,
                [SpaceError { parameter: "x1".into(), fault: fault.clone() }]
            );
        }
    }

    #[test]
    fn genes_out_of_their_domain_are_not_accepted() {
        let levels = vec![Level::Int(5), Level::Int(6)];
        let space = Space::new(vec![
            Parameter::new("real", Domain::real(-1.0, 1.0)),
            Parameter::new("int", Domain::Int { low: 3, high: 4 }),
            Parameter::new("choice", Domain::Choice { levels }),
            Parameter::new("bits", Domain::Bit).len(3),
            Parameter::new("order", Domain::Permutation { size: 3 }),
            Parameter::new("jobs", Domain::Sequence { counts: vec![1, 0, 2] }),
        ])
        .unwrap();
        let mut good = space.genomes(2);
        good.ints = vec![3, 0, 4, 1];
        good.items = vec![0, 1, 2, 2, 2, 0, 2, 0, 1, 2, 0, 2];
        good.bits[1] = 0b111;
        assert!(space.accepts(&good, 0) && space.accepts(&good, 1));
        let wrong: [&dyn Fn(&mut Genomes); 11] = [
            &|genomes| genomes.reals[1] = 1.5,
            &|genomes| genomes.reals[1] = f64::NAN,
            &|genomes| genomes.ints[2] = 5,
            &|genomes| genomes.ints[3] = 2,
            &|genomes| genomes.ints[3] = -1,
            &|genomes| genomes.bits[1] = 0b1000,
            &|genomes| genomes.items[6] = 3,
            &|genomes| genomes.items[6] = 0,
            &|genomes| genomes.items[9] = 1,
            &|genomes| genomes.items[9] = 3,
            &|genomes| genomes.items[10] = 2,
        ];
        for wrong in wrong {
            let mut genomes = good.clone();
            wrong(&mut genomes);
            assert!(space.accepts(&genomes, 0) && !space.accepts(&genomes, 1), "{genomes:?}");
        }
    }
}
