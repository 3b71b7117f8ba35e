//! The space.

use genetic_pool_evolve::space::{Condition, Domain, Level, Parameter, Scale, Space, SpaceErrors, SpaceFault};

use super::super::{checker::Checker, document::Path, nearest::did_you_mean, structure::Fault, wire};

/// The space of the file; `None` where it is missing or wrong.
pub(super) fn resolve(checker: &mut Checker<'_>, space: Option<&wire::Named<wire::Parameter>>) -> Option<Space> {
    let at = Path::of(["space"]);
    let entries = space.map(|space| space.0.as_slice()).unwrap_or_default();
    if entries.is_empty() {
        let message = if space.is_some() { "has no parameters" } else { "is missing: it says what may be varied" };
        checker
            .report(Fault::new(at, message).hint("add a table [space] with a line such as: x = { real = [0.0, 1.0] }"));
        return None;
    }
    let mut parameters: Vec<Parameter> = Vec::with_capacity(entries.len());
    let mut whole = !checker.tainted(&at);
    for (name, entry) in entries {
        let path = at.key(name);
        let domain = domain(checker, &path, entry);
        let len = entry.len.and_then(|len| usize::try_from(len).ok());
        let when = conditions(entry, &parameters);
        match domain {
            Some(domain) => parameters.push(Parameter { name: name.clone(), domain, len, when }),
            None => whole = false,
        }
    }
    let names: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
    match Space::new(parameters.clone()) {
        Ok(space) => whole.then_some(space),
        Err(SpaceErrors { errors }) => {
            for error in errors {
                // What hangs on a parameter that could not be read says nothing new.
                let follows = matches!(&error.fault, SpaceFault::UnknownCondition { on } if !whole && names.contains(&on.as_str()));
                if !follows {
                    let entry = entries.iter().find(|(name, _)| *name == error.parameter).map(|(_, entry)| entry);
                    let path = at.key(&error.parameter);
                    checker.report(match entry {
                        Some(entry) => fault_of(&path, entry, &parameters, &error.fault, &names),
                        None => Fault::new(path, error.fault.to_string()),
                    });
                }
            }
            None
        }
    }
}

fn domain(checker: &mut Checker<'_>, path: &Path, entry: &wire::Parameter) -> Option<Domain> {
    let given: Vec<&str> = kinds(entry).into_iter().filter(|(_, given)| *given).map(|(kind, _)| kind).collect();
    if given.len() != 1 {
        let message =
            if given.is_empty() { "does not say what kind of parameter it is" } else { "is of more than one kind" };
        let mut fault = Fault::new(path.clone(), message)
            .allowed("exactly one of real, int, ordinal, bit, choice, permutation, sequence")
            .hint("for instance { real = [0.0, 1.0] }, { int = [1, 9] }, { choice = [\"a\", \"b\"] }");
        fault.found = (!given.is_empty()).then(|| given.join(", "));
        checker.report(fault);
        return None;
    }
    for (key, present) in [("scale", entry.scale.is_some()), ("step", entry.step.is_some())] {
        if present && entry.real.is_none() {
            checker.report(
                Fault::new(path.key(key), format!("counts only for reals, and this is {}", article(given[0])))
                    .at_key()
                    .hint(format!("remove `{key}`")),
            );
        }
    }
    if let Some([low, high]) = entry.real {
        let scale = match entry.scale {
            Some(wire::Scale::Log) => Scale::Log,
            Some(wire::Scale::Linear) | None => Scale::Linear,
        };
        return Some(Domain::Real { low, high, scale, step: entry.step });
    }
    if let Some([low, high]) = entry.int {
        return Some(Domain::Int { low, high });
    }
    if let Some(found) = &entry.ordinal {
        return Some(Domain::Ordinal { levels: levels(found) });
    }
    if let Some(found) = &entry.choice {
        return Some(Domain::Choice { levels: levels(found) });
    }
    if let Some(size) = entry.permutation {
        return usize::try_from(size).ok().map(|size| Domain::Permutation { size });
    }
    if let Some(counts) = &entry.sequence {
        return Some(Domain::Sequence { counts: counts.clone() });
    }
    if entry.bit == Some(false) {
        checker.report(Fault::new(path.key("bit"), "can only be true").hint("write { bit = true }"));
        return None;
    }
    Some(Domain::Bit)
}

/// Levels that are numbers, some of them whole, are all reals: the evaluation sees one kind of number.
fn levels(found: &[wire::Scalar]) -> Vec<Level> {
    let numbers = found.iter().all(|level| matches!(level, wire::Scalar::Int(_) | wire::Scalar::Real(_)));
    let any_real = found.iter().any(|level| matches!(level, wire::Scalar::Real(_)));
    let level = |scalar: &wire::Scalar| match (level(scalar), numbers && any_real) {
        (Level::Int(value), true) => Level::Real(value as f64),
        (level, _) => level,
    };
    found.iter().map(level).collect()
}

/// A single value as a level.
pub(super) fn level(scalar: &wire::Scalar) -> Level {
    match scalar {
        wire::Scalar::Bool(value) => Level::Bool(*value),
        wire::Scalar::Int(value) => Level::Int(*value),
        wire::Scalar::Real(value) => Level::Real(*value),
        wire::Scalar::Text(value) => Level::Text(value.clone()),
    }
}

fn conditions(entry: &wire::Parameter, earlier: &[Parameter]) -> Vec<Condition> {
    let condition = |(on, values): &(String, wire::OneOrMany)| {
        let other = earlier.iter().find(|parameter| parameter.name == *on);
        let values = match values {
            wire::OneOrMany::One(value) => std::slice::from_ref(value),
            wire::OneOrMany::Many(values) => values,
        };
        // The level as the other parameter writes it: 1 stands for 1.0 there.
        let own = |scalar: &wire::Scalar| {
            let asked = level(scalar);
            match other.map(|other| &other.domain) {
                Some(Domain::Ordinal { levels } | Domain::Choice { levels }) => {
                    levels.iter().find(|level| level.same(&asked)).cloned().unwrap_or(asked)
                }
                _ => asked,
            }
        };
        Condition { parameter: on.clone(), is: values.iter().map(own).collect() }
    };
    entry.when.iter().flat_map(|when| &when.0).map(condition).collect()
}

fn fault_of(
    path: &Path,
    entry: &wire::Parameter,
    parameters: &[Parameter],
    fault: &SpaceFault,
    names: &[&str],
) -> Fault {
    let message = fault.to_string();
    let at = |key: &str| Fault::new(path.key(key), message.clone());
    match fault {
        SpaceFault::EmptyName | SpaceFault::DuplicateName => Fault::new(path.clone(), message).at_key(),
        SpaceFault::NotFinite { .. }
        | SpaceFault::TooWide { .. }
        | SpaceFault::NoLevels
        | SpaceFault::DuplicateLevel { .. } => at(kind_of(entry)),
        SpaceFault::Reversed { low, high } if low == high => at(kind_of(entry))
            .allowed("[lower bound, upper bound]")
            .hint("what is constant is no parameter: put it under [problem.options]"),
        SpaceFault::Reversed { low, high } => {
            let ordered = match entry.int {
                Some([low, high]) => format!("[{high}, {low}]"),
                None => format!("[{high:?}, {low:?}]"),
            };
            at(kind_of(entry)).allowed("[lower bound, upper bound]").hint(format!("did you mean {ordered}?"))
        }
        SpaceFault::LogOfNonPositive { .. } => {
            at("scale").hint("raise the lower bound above 0, or leave the scale linear")
        }
        SpaceFault::Step { .. } => at("step"),
        SpaceFault::PermutationSize { .. } => at("permutation"),
        SpaceFault::SequenceSize { .. } => {
            at("sequence").allowed("how often each value stands in it, at least one of them once")
        }
        SpaceFault::EmptyVector | SpaceFault::PermutationLen | SpaceFault::SequenceLen => at("len"),
        SpaceFault::TooManyGenes { .. } => {
            let kind = kind_of(entry);
            at(if matches!(kind, "permutation" | "sequence") { kind } else { "len" })
        }
        SpaceFault::UnknownCondition { on } => {
            let hint = match names.contains(&on.as_str()) {
                true if path.0.last() == Path::of([on]).0.last() => {
                    Some("a parameter cannot depend on itself".to_owned())
                }
                true => Some(format!("move `{on}` above it")),
                false => did_you_mean(on, names.iter().copied()),
            };
            Fault { hint, ..Fault::new(path.key("when").key(on), message).at_key() }
        }
        SpaceFault::ConditionLevel { on, level } => {
            let fault = Fault::new(path.key("when").key(on), message);
            let other = parameters.iter().find(|parameter| parameter.name == *on).map(|parameter| &parameter.domain);
            match other {
                Some(Domain::Ordinal { levels } | Domain::Choice { levels }) => {
                    let words: Vec<String> = levels.iter().map(ToString::to_string).collect();
                    let hint = did_you_mean(&level.to_string(), words.iter().map(String::as_str));
                    Fault { hint, ..fault.allowed(words.join(", ")) }
                }
                Some(Domain::Int { low, high }) => fault.allowed(format!("a whole number from {low} to {high}")),
                Some(Domain::Bit) => fault.allowed("true or false"),
                _ => fault,
            }
        }
        SpaceFault::ConditionKind { on, .. } => Fault::new(path.key("when").key(on), message).at_key(),
        SpaceFault::ConditionEmpty { on } => Fault::new(path.key("when").key(on), message),
        // The enum may grow in its own crate; its message still says what is wrong.
        _ => Fault::new(path.clone(), message),
    }
}

fn kind_of(entry: &wire::Parameter) -> &'static str {
    kinds(entry).into_iter().find(|(_, given)| *given).map_or("real", |(kind, _)| kind)
}

fn kinds(entry: &wire::Parameter) -> [(&'static str, bool); 7] {
    [
        ("real", entry.real.is_some()),
        ("int", entry.int.is_some()),
        ("ordinal", entry.ordinal.is_some()),
        ("bit", entry.bit.is_some()),
        ("choice", entry.choice.is_some()),
        ("permutation", entry.permutation.is_some()),
        ("sequence", entry.sequence.is_some()),
    ]
}

fn article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {kind}")
}
