//! A point of the space given by name, as a person writes it, into a row of genomes.

use super::{Domain, Genome, Genomes, Level, Parameter, Space, step::snap};

/// What a point gives for one parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum PointValue {
    /// A single value.
    One(Level),
    /// The values of a vector, or the items of a permutation or a sequence.
    Many(Vec<Level>),
}

/// What is wrong with a point in one parameter.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("parameter `{parameter}`: {fault}")]
pub struct PointError {
    /// The parameter's name, as the point gives it.
    pub parameter: String,
    /// What is wrong with it.
    pub fault: PointFault,
}

/// The ways in which a point can be wrong in a parameter.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PointFault {
    #[error("the space has no such parameter")]
    Unknown,
    #[error("it is given twice")]
    Duplicate,
    #[error("it counts at this point and has no value")]
    Missing,
    #[error("{expected} is wanted")]
    Kind { expected: &'static str },
    #[error("{found} lies outside [{low}, {high}]")]
    OutsideReal { found: f64, low: f64, high: f64 },
    #[error("{found} lies outside [{low}, {high}]")]
    OutsideInt { found: i64, low: i64, high: i64 },
    #[error("{found} is not on a step: the nearest value is {nearest}")]
    OffStep { found: f64, nearest: f64 },
    #[error("`{found}` is not one of its levels")]
    Level { found: Level },
    #[error("{expected} values are wanted, found {found}")]
    Length { expected: usize, found: usize },
    #[error("it is not an order of the items 0 to {last}: {found} {}", if *.twice { "stands twice" } else { "is none of them" })]
    NotPermutation { found: Level, last: usize, twice: bool },
    #[error("it is no order of its values: {found} {}", match .count { 0 => "is none of them".to_owned(), count => format!("stands more than {count} time{}", if *count == 1 { "" } else { "s" }) })]
    NotSequence { found: Level, count: u32 },
}

/// One gene, as its column holds it.
#[derive(Clone, Copy)]
enum Gene {
    Real(f64),
    Int(i64),
    Bit(bool),
    Item(u32),
}

impl Space {
    /// Makes row `row` of `genomes`, which are of this space, the point `values`; every problem is reported.
    ///
    /// A parameter that does not count at the point may be left out: it then holds the least value of its domain (the
    /// lower bound, the first level, false, the items in ascending order), so that equal points have equal rows. A whole number
    /// may stand for a real, and a real within 10⁻⁶ steps of a multiple of its step becomes that value. On errors the
    /// row is no point of the space.
    pub fn set_point(
        &self,
        genomes: &mut Genomes,
        row: usize,
        values: &[(String, PointValue)],
    ) -> Result<(), Vec<PointError>> {
        debug_assert!(genomes.shape == self.layout.shape && row < genomes.rows);
        let mut errors = Vec::new();
        for (place, (name, _)) in values.iter().enumerate() {
            if self.find(name).is_none() {
                errors.push(PointError { parameter: name.clone(), fault: PointFault::Unknown });
            } else if values[..place].iter().any(|(other, _)| other == name) {
                errors.push(PointError { parameter: name.clone(), fault: PointFault::Duplicate });
            }
        }
        let given = |name: &str| values.iter().find(|(other, _)| other == name).map(|(_, value)| value);
        let mut wrong = vec![false; self.parameters.len()];
        for (index, parameter) in self.parameters.iter().enumerate() {
            match given(&parameter.name).map_or_else(|| Ok(parameter.least()), |value| parameter.read(value)) {
                Ok(genes) => self.write(genomes, row, index, &genes),
                Err(fault) => {
                    wrong[index] = true;
                    errors.push(PointError { parameter: parameter.name.clone(), fault });
                }
            }
        }
        self.update_activity(genomes, row);
        for (index, parameter) in self.parameters.iter().enumerate() {
            // Whether it counts is not known where what it hangs on is wrong.
            let known = parameter.when.iter().all(|when| self.find(&when.parameter).is_none_or(|on| !wrong[on]));
            if known && given(&parameter.name).is_none() && Genome::new(self, genomes, row).active(index) {
                wrong[index] = true;
                errors.push(PointError { parameter: parameter.name.clone(), fault: PointFault::Missing });
            }
            wrong[index] |= !known;
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    fn write(&self, genomes: &mut Genomes, row: usize, index: usize, genes: &[Gene]) {
        let shape = genomes.shape;
        let start = self.layout.segments[index].start;
        for (place, gene) in (start..).zip(genes) {
            match *gene {
                Gene::Real(value) => genomes.reals[row * shape.reals + place] = value,
                Gene::Int(value) => genomes.ints[row * shape.ints + place] = value,
                Gene::Item(value) => genomes.items[row * shape.items + place] = value,
                Gene::Bit(value) => {
                    let word = &mut genomes.bits[row * shape.bit_words() + place / 64];
                    *word = *word & !(1 << (place % 64)) | u64::from(value) << (place % 64);
                }
            }
        }
    }
}

impl Parameter {
    fn read(&self, value: &PointValue) -> Result<Vec<Gene>, PointFault> {
        match (&self.domain, self.len, value) {
            (Domain::Permutation { size }, _, PointValue::Many(items)) => read_permutation(*size, items),
            (Domain::Sequence { counts }, _, PointValue::Many(items)) => read_sequence(counts, items),
            (Domain::Permutation { .. } | Domain::Sequence { .. }, _, PointValue::One(_)) => {
                Err(PointFault::Kind { expected: "a list of items" })
            }
            (domain, None, PointValue::One(level)) => Ok(vec![domain.read(level)?]),
            (domain, None, PointValue::Many(_)) => Err(PointFault::Kind { expected: domain.wanted() }),
            (domain, Some(len), PointValue::Many(levels)) => {
                if levels.len() != len {
                    return Err(PointFault::Length { expected: len, found: levels.len() });
                }
                levels.iter().map(|level| domain.read(level)).collect()
            }
            (_, Some(_), PointValue::One(_)) => Err(PointFault::Kind { expected: "a list of values" }),
        }
    }

    fn least(&self) -> Vec<Gene> {
        let gene = match &self.domain {
            Domain::Real { low, .. } => Gene::Real(*low),
            Domain::Int { low, .. } => Gene::Int(*low),
            Domain::Ordinal { .. } | Domain::Choice { .. } => Gene::Int(0),
            Domain::Bit => Gene::Bit(false),
            Domain::Permutation { size } => return (0..*size as u32).map(Gene::Item).collect(),
            Domain::Sequence { counts } => {
                let all = |(value, count): (u32, &u32)| std::iter::repeat_n(Gene::Item(value), *count as usize);
                return (0..).zip(counts).flat_map(all).collect();
            }
        };
        vec![gene; self.genes()]
    }
}

impl Domain {
    fn wanted(&self) -> &'static str {
        match self {
            Domain::Real { .. } => "a number",
            Domain::Int { .. } => "a whole number",
            Domain::Bit => "true or false",
            Domain::Ordinal { .. } | Domain::Choice { .. } => "one of its levels",
            Domain::Permutation { .. } | Domain::Sequence { .. } => "a list of items",
        }
    }

    fn read(&self, level: &Level) -> Result<Gene, PointFault> {
        match (self, level) {
            (Domain::Real { low, high, step, .. }, Level::Int(_) | Level::Real(_)) => {
                let found = match level {
                    Level::Int(value) => *value as f64,
                    Level::Real(value) => *value,
                    Level::Text(_) | Level::Bool(_) => return Err(PointFault::Kind { expected: self.wanted() }),
                };
                read_real(found, *low, *high, *step).map(Gene::Real)
            }
            (Domain::Int { low, high }, Level::Int(found)) => {
                if !(low..=high).contains(&found) {
                    return Err(PointFault::OutsideInt { found: *found, low: *low, high: *high });
                }
                Ok(Gene::Int(*found))
            }
            (Domain::Bit, Level::Bool(value)) => Ok(Gene::Bit(*value)),
            (Domain::Ordinal { levels } | Domain::Choice { levels }, _) => {
                let place = levels.iter().position(|other| other.same(level));
                place.map(|place| Gene::Int(place as i64)).ok_or_else(|| PointFault::Level { found: level.clone() })
            }
            _ => Err(PointFault::Kind { expected: self.wanted() }),
        }
    }
}

impl Level {
    /// Whether both are the same value; 1 and 1.0 are.
    pub fn same(&self, other: &Level) -> bool {
        match (self, other) {
            (Level::Int(whole), Level::Real(real)) | (Level::Real(real), Level::Int(whole)) => *whole as f64 == *real,
            _ => self == other,
        }
    }
}

fn read_real(found: f64, low: f64, high: f64, step: Option<f64>) -> Result<f64, PointFault> {
    // Not `found < low || found > high`, which lets NaN through.
    if !(low..=high).contains(&found) {
        return Err(PointFault::OutsideReal { found, low, high });
    }
    let Some(step) = step else { return Ok(found) };
    let nearest = snap(low, high, step, found);
    if (found - nearest).abs() > 1e-6 * step {
        return Err(PointFault::OffStep { found, nearest });
    }
    Ok(nearest)
}

fn read_permutation(size: usize, items: &[Level]) -> Result<Vec<Gene>, PointFault> {
    if items.len() != size {
        return Err(PointFault::Length { expected: size, found: items.len() });
    }
    let mut seen = vec![false; size];
    let fault = |item: &Level, twice| PointFault::NotPermutation { found: item.clone(), last: size - 1, twice };
    let read = |item: &Level| {
        let Level::Int(value) = item else { return Err(fault(item, false)) };
        let place = usize::try_from(*value).ok().filter(|place| *place < size).ok_or_else(|| fault(item, false))?;
        if std::mem::replace(&mut seen[place], true) {
            return Err(fault(item, true));
        }
        Ok(Gene::Item(place as u32))
    };
    items.iter().map(read).collect()
}

fn read_sequence(counts: &[u32], items: &[Level]) -> Result<Vec<Gene>, PointFault> {
    let expected = super::items_of(counts) as usize;
    if items.len() != expected {
        return Err(PointFault::Length { expected, found: items.len() });
    }
    let mut left = counts.to_vec();
    let read = |item: &Level| {
        let fault = |count| PointFault::NotSequence { found: item.clone(), count };
        let Level::Int(value) = item else { return Err(fault(0)) };
        let place = usize::try_from(*value).ok().filter(|place| *place < counts.len()).ok_or_else(|| fault(0))?;
        left[place] = left[place].checked_sub(1).ok_or_else(|| fault(counts[place]))?;
        Ok(Gene::Item(place as u32))
    };
    items.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        operators::initialize::initialize,
        random::{Purpose, Stream},
        space::{Condition, Scale, Value},
    };

    fn space() -> Space {
        let text = |word: &str| Level::Text(word.to_owned());
        let mut gap =
            Parameter::new("gap", Domain::Real { low: 0.5, high: 3.0, scale: Scale::Linear, step: Some(0.1) });
        gap.when = vec![Condition { parameter: "flap".into(), is: vec![text("slotted")] }];
        let mut trim = Parameter::new("trim", Domain::Bit).len(3);
        trim.when = vec![Condition { parameter: "flap".into(), is: vec![text("plain"), text("slotted")] }];
        Space::new(vec![
            Parameter::new("span", Domain::real(20.0, 60.0)),
            Parameter::new("ribs", Domain::Int { low: 4, high: 40 }).len(2),
            Parameter::new("flap", Domain::Choice { levels: vec![text("none"), text("plain"), text("slotted")] }),
            gap,
            trim,
            Parameter::new("grade", Domain::Ordinal { levels: vec![Level::Real(0.5), Level::Real(1.0)] }),
            Parameter::new("order", Domain::Permutation { size: 3 }),
            Parameter::new("jobs", Domain::Sequence { counts: vec![2, 0, 1] }),
        ])
        .unwrap()
    }

    fn one(level: Level) -> PointValue {
        PointValue::One(level)
    }

    fn ints(values: &[i64]) -> PointValue {
        PointValue::Many(values.iter().map(|value| Level::Int(*value)).collect())
    }

    /// The point that every test changes a little.
    fn point(change: &[(&str, Option<PointValue>)]) -> Vec<(String, PointValue)> {
        let mut values = vec![
            ("span".to_owned(), one(Level::Int(30))),
            ("ribs".to_owned(), ints(&[4, 40])),
            ("flap".to_owned(), one(Level::Text("slotted".into()))),
            ("gap".to_owned(), one(Level::Real(0.8))),
            ("trim".to_owned(), PointValue::Many(vec![Level::Bool(true), Level::Bool(false), Level::Bool(true)])),
            ("grade".to_owned(), one(Level::Int(1))),
            ("order".to_owned(), ints(&[2, 0, 1])),
            ("jobs".to_owned(), ints(&[0, 2, 0])),
        ];
        for (name, value) in change {
            values.retain(|(other, _)| other != name);
            values.extend(value.clone().map(|value| ((*name).to_owned(), value)));
        }
        values
    }

    fn check(change: &[(&str, Option<PointValue>)], expect: &[&str]) {
        let space = space();
        let mut genomes = space.genomes(2);
        let errors = space.set_point(&mut genomes, 1, &point(change)).err().unwrap_or_default();
        let found: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn a_point_becomes_its_row_alone() {
        let space = space();
        let mut genomes = space.genomes(3);
        genomes.bits.fill(0b111);
        space.set_point(&mut genomes, 1, &point(&[])).unwrap();
        let genome = Genome::new(&space, &genomes, 1);
        assert_eq!(genome.get("span"), Some(Value::Real(30.0)));
        assert_eq!(genome.get("ribs"), Some(Value::Vector(vec![Value::Int(4), Value::Int(40)])));
        assert_eq!(genome.get("flap"), Some(Value::Level(&Level::Text("slotted".into()))));
        assert_eq!(genome.get("gap"), Some(Value::Real(0.5 + 3.0 * 0.1)));
        assert_eq!(
            genome.get("trim"),
            Some(Value::Vector(vec![Value::Bit(true), Value::Bit(false), Value::Bit(true)]))
        );
        assert_eq!(genome.get("grade"), Some(Value::Level(&Level::Real(1.0))));
        assert_eq!(genome.get("order"), Some(Value::Permutation(&[2, 0, 1])));
        assert_eq!(genome.get("jobs"), Some(Value::Sequence(&[0, 2, 0])));
        assert_eq!((genome.permutation(), genome.sequence()), (&[2, 0, 1, 0, 2, 0][..], &[2, 0, 1, 0, 2, 0][..]));
        assert_eq!(genomes.bits, [0b111, 0b101, 0b111]);
        assert_eq!(genomes.active, [0, 0b1111_1111, 0]);
    }

    #[test]
    fn what_does_not_count_may_be_absent() {
        let space = space();
        let mut genomes = space.genomes(1);
        let change = [("flap", Some(one(Level::Text("none".into())))), ("gap", None), ("trim", None)];
        space.set_point(&mut genomes, 0, &point(&change)).unwrap();
        let genome = Genome::new(&space, &genomes, 0);
        assert_eq!((genome.get("gap"), genome.get("trim")), (None, None));
        assert_eq!(genome.value(3), Value::Real(0.5));
        assert_eq!(genomes.active, [0b1110_0111]);
    }

    #[test]
    fn errors() {
        check(&[("gap", None)], &["parameter `gap`: it counts at this point and has no value"]);
        check(&[("chord", Some(ints(&[])))], &["parameter `chord`: the space has no such parameter"]);
        check(&[("span", Some(one(Level::Real(19.9))))], &["parameter `span`: 19.9 lies outside [20, 60]"]);
        check(&[("span", Some(one(Level::Real(f64::NAN))))], &["parameter `span`: NaN lies outside [20, 60]"]);
        check(&[("span", Some(one(Level::Bool(true))))], &["parameter `span`: a number is wanted"]);
        check(&[("span", Some(ints(&[30])))], &["parameter `span`: a number is wanted"]);
        check(&[("ribs", Some(ints(&[4])))], &["parameter `ribs`: 2 values are wanted, found 1"]);
        check(&[("ribs", Some(ints(&[4, 41])))], &["parameter `ribs`: 41 lies outside [4, 40]"]);
        check(&[("ribs", Some(one(Level::Int(4))))], &["parameter `ribs`: a list of values is wanted"]);
        check(
            &[("gap", Some(one(Level::Real(0.84))))],
            &["parameter `gap`: 0.84 is not on a step: the nearest value is 0.8"],
        );
        check(&[("grade", Some(one(Level::Real(0.7))))], &["parameter `grade`: `0.7` is not one of its levels"]);
        check(&[("order", Some(ints(&[0, 1])))], &["parameter `order`: 3 values are wanted, found 2"]);
        check(
            &[("order", Some(ints(&[0, 1, 3])))],
            &["parameter `order`: it is not an order of the items 0 to 2: 3 is none of them"],
        );
        check(
            &[("order", Some(ints(&[0, 1, 1])))],
            &["parameter `order`: it is not an order of the items 0 to 2: 1 stands twice"],
        );
        let not = |what| format!("parameter `jobs`: it is no order of its values: {what}");
        check(&[("jobs", Some(ints(&[0, 0, 0])))], &[&not("0 stands more than 2 times")]);
        check(&[("jobs", Some(ints(&[0, 0, 1])))], &[&not("1 is none of them")]);
        check(&[("jobs", Some(ints(&[0, 0, 3])))], &[&not("3 is none of them")]);
        check(&[("jobs", Some(ints(&[0, 0])))], &["parameter `jobs`: 3 values are wanted, found 2"]);
        check(&[("jobs", Some(one(Level::Int(0))))], &["parameter `jobs`: a list of items is wanted"]);
        // What counts is unknown where the condition's own value is wrong: no further error.
        check(
            &[("flap", Some(one(Level::Text("no".into())))), ("gap", None)],
            &["parameter `flap`: `no` is not one of its levels"],
        );
        check(
            &[("span", None), ("order", None)],
            &[
                "parameter `span`: it counts at this point and has no value",
                "parameter `order`: it counts at this point and has no value",
            ],
        );
    }

    fn point_value(value: &Value<'_>) -> PointValue {
        let level = |value: &Value<'_>| match value {
            Value::Real(value) => Level::Real(*value),
            Value::Int(value) => Level::Int(*value),
            Value::Bit(value) => Level::Bool(*value),
            Value::Level(level) => (*level).clone(),
            Value::Permutation(_) | Value::Sequence(_) | Value::Vector(_) => panic!("not a single value"),
        };
        match value {
            Value::Permutation(items) | Value::Sequence(items) => {
                ints(&items.iter().map(|item| i64::from(*item)).collect::<Vec<_>>())
            }
            Value::Vector(values) => PointValue::Many(values.iter().map(level).collect()),
            single => PointValue::One(level(single)),
        }
    }

    #[test]
    fn any_point_comes_back_with_its_bits() {
        let space = space();
        let mut genomes = space.genomes(2);
        for index in 0..200 {
            initialize(&space, &mut genomes, 0, &mut Stream::new(1, 0, Purpose::Initialize, index));
            let values: Vec<(String, PointValue)> = Genome::new(&space, &genomes, 0)
                .values()
                .map(|(name, value)| (name.to_owned(), point_value(&value)))
                .collect();
            space.set_point(&mut genomes, 1, &values).unwrap();
            let [first, second] = [0, 1].map(|row| Genome::new(&space, &genomes, row));
            assert!(first.values().eq(second.values()), "{values:?}");
        }
    }
}
