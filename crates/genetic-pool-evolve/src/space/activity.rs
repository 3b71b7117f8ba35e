//! Which parameters count in a genome.

use super::{Column, Genomes, Layout, Parameter};

/// The `when` conditions of a space, laid out so that a row's mask is quick to compute.
///
/// A parameter counts where all its conditions hold; a condition on a parameter that does not count does not hold.
/// Conditions only name parameters declared earlier, so that one pass in order of declaration is enough.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Activity {
    rules: Vec<Rule>,
}

/// The conditions of one parameter that has any.
#[derive(Clone, Debug, PartialEq)]
struct Rule {
    parameter: usize,
    tests: Vec<Test>,
}

/// Holds where `parent` counts and its gene is one of `values`.
#[derive(Clone, Debug, PartialEq)]
struct Test {
    parent: usize,
    column: Column,
    gene: usize,
    /// Ascending, each once.
    values: Vec<i64>,
}

impl Activity {
    /// `parameters` are checked and `layout` is theirs.
    pub(super) fn new(parameters: &[Parameter], layout: &Layout) -> Activity {
        let rule = |(parameter, conditions): (usize, &Parameter)| {
            let tests = conditions.when.iter().filter_map(|condition| {
                let parent = parameters.iter().position(|other| other.name == condition.parameter)?;
                let domain = &parameters[parent].domain;
                let mut values: Vec<i64> = condition.is.iter().filter_map(|level| domain.index_of(level)).collect();
                values.sort_unstable();
                values.dedup();
                let segment = layout.segments[parent];
                Some(Test { parent, column: segment.column, gene: segment.start, values })
            });
            Rule { parameter, tests: tests.collect() }
        };
        let conditional = parameters.iter().enumerate().filter(|(_, parameter)| !parameter.when.is_empty());
        Activity { rules: conditional.map(rule).collect() }
    }

    /// Whether every parameter always counts.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Computes the mask of row `row` of `genomes` from its genes.
    #[inline]
    pub fn update(&self, genomes: &mut Genomes, row: usize) {
        if !self.rules.is_empty() {
            self.fill(genomes, row);
        }
    }

    fn fill(&self, genomes: &mut Genomes, row: usize) {
        let shape = genomes.shape;
        let mask = &mut genomes.active[row * shape.mask_words()..][..shape.mask_words()];
        let ints = &genomes.ints[row * shape.ints..][..shape.ints];
        let bits = &genomes.bits[row * shape.bit_words()..][..shape.bit_words()];
        mask.fill(u64::MAX);
        if let Some(last) = mask.last_mut() {
            // Bits past the last parameter are 0, so that equal genomes have equal masks.
            *last >>= (64 - shape.maskable % 64) % 64;
        }
        for rule in &self.rules {
            let holds = rule.tests.iter().all(|test| {
                let value = match test.column {
                    Column::Bit => (bits[test.gene / 64] >> (test.gene % 64) & 1) as i64,
                    _ => ints[test.gene],
                };
                mask[test.parent / 64] >> (test.parent % 64) & 1 == 1 && test.values.binary_search(&value).is_ok()
            });
            mask[rule.parameter / 64] &= !(u64::from(!holds) << (rule.parameter % 64));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::space::{Condition, Domain, Genome, Level, Parameter, Space};

    fn when(mut parameter: Parameter, on: &str, is: &[Level]) -> Parameter {
        parameter.when.push(Condition { parameter: on.into(), is: is.to_vec() });
        parameter
    }

    fn text(level: &str) -> Level {
        Level::Text(level.into())
    }

    /// flap → gap → fine, and deep needs both an int and a bit.
    fn space() -> Space {
        let levels = ["none", "plain", "slotted"].map(text).to_vec();
        Space::new(vec![
            Parameter::new("flap", Domain::Choice { levels }),
            when(Parameter::new("gap", Domain::Int { low: -3, high: 9 }), "flap", &[text("slotted"), text("plain")]),
            when(Parameter::new("fine", Domain::real(0.0, 1.0)).len(3), "gap", &[Level::Int(-3), Level::Int(7)]),
            Parameter::new("wide", Domain::Bit),
            when(when(Parameter::new("deep", Domain::Bit), "wide", &[Level::Bool(true)]), "gap", &[Level::Int(7)]),
        ])
        .unwrap()
    }

    fn active(flap: i64, gap: i64, wide: bool) -> Vec<String> {
        let space = space();
        let mut genomes = space.genomes(2);
        genomes.active.fill(u64::MAX);
        genomes.ints[2..].copy_from_slice(&[flap, gap]);
        genomes.bits[1] = u64::from(wide);
        space.update_activity(&mut genomes, 1);
        assert_eq!(genomes.active[0], u64::MAX, "only the row asked for changes");
        assert_eq!(genomes.active[1] >> 5, 0);
        Genome::new(&space, &genomes, 1).values().map(|(name, _)| name.to_owned()).collect()
    }

    #[test]
    fn a_parameter_counts_where_its_conditions_hold() {
        assert_eq!(active(2, 0, false), ["flap", "gap", "wide"]);
        assert_eq!(active(1, -3, false), ["flap", "gap", "fine", "wide"]);
        assert_eq!(active(1, 7, true), ["flap", "gap", "fine", "wide", "deep"]);
        assert_eq!(active(1, 7, false), ["flap", "gap", "fine", "wide"]);
        assert_eq!(active(1, 6, true), ["flap", "gap", "wide"]);
    }

    #[test]
    fn what_hangs_on_an_inactive_parameter_is_inactive() {
        // The gene of `gap` says 7, but `gap` does not count.
        assert_eq!(active(0, 7, true), ["flap", "wide"]);
    }

    #[test]
    fn a_mask_of_exactly_64_and_of_65_parameters() {
        for n in [64, 65] {
            let mut parameters = vec![Parameter::new("x0", Domain::Bit)];
            for k in 1..n {
                parameters.push(when(
                    Parameter::new(format!("x{k}"), Domain::Bit),
                    &format!("x{}", k - 1),
                    &[Level::Bool(true)],
                ));
            }
            let space = Space::new(parameters).unwrap();
            let mut genomes = space.genomes(1);
            genomes.bits.fill(u64::MAX);
            space.update_activity(&mut genomes, 0);
            assert_eq!(genomes.active.iter().map(|word| word.count_ones()).sum::<u32>(), n);
            genomes.bits[0] &= !(1 << 40);
            space.update_activity(&mut genomes, 0);
            assert_eq!(genomes.active.iter().map(|word| word.count_ones()).sum::<u32>(), 41);
        }
    }

    #[test]
    fn without_conditions_there_is_no_mask() {
        let space = Space::new(vec![Parameter::new("x", Domain::Bit)]).unwrap();
        let mut genomes = space.genomes(1);
        space.update_activity(&mut genomes, 0);
        assert!(space.activity().is_empty() && genomes.active.is_empty());
    }
}
