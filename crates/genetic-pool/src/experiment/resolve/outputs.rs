//! Goals, constraints and measures.

use genetic_pool_evolve::problem::{Bound, Constraint, Direction, Goal};

use super::super::{checker::Checker, document::Path, structure::Fault, wire};

type Outputs = (Vec<Goal>, Vec<Constraint>, Vec<String>);

/// What the file says; `None` where it is not known because of an error.
pub(super) fn resolve(checker: &mut Checker<'_>, file: &wire::File) -> Option<Outputs> {
    let mut names: Vec<(&str, &str)> = Vec::new();
    let mut goals = Vec::new();
    for (name, direction) in file.goals.iter().flat_map(|goals| &goals.0) {
        take_name(checker, &mut names, "goals", name, Path::of(["goals", name]));
        let direction = match direction {
            wire::Direction::Minimize => Direction::Minimize,
            wire::Direction::Maximize => Direction::Maximize,
        };
        goals.push(Goal { name: name.clone(), direction });
    }
    let mut constraints = Vec::new();
    for (name, constraint) in file.constraints.iter().flat_map(|constraints| &constraints.0) {
        take_name(checker, &mut names, "constraints", name, Path::of(["constraints", name]));
        let bound = bound(checker, &Path::of(["constraints", name]), constraint);
        constraints.extend(bound.map(|bound| Constraint { name: name.clone(), bound }));
    }
    for (index, name) in file.measures.iter().flatten().enumerate() {
        take_name(checker, &mut names, "measures", name, Path::of(["measures"]).index(index));
    }
    if goals.is_empty() {
        checker.report(
            Fault::new(Path::of(["goals"]), "is missing: it says what is optimised")
                .hint("add, before the first [table]: goals = { cost = \"minimize\" }"),
        );
    }
    let known =
        !goals.is_empty() && !["goals", "constraints", "measures"].iter().any(|key| checker.tainted(&Path::of([key])));
    known.then(|| (goals, constraints, file.measures.clone().unwrap_or_default()))
}

fn take_name<'a>(
    checker: &mut Checker<'_>,
    names: &mut Vec<(&'a str, &'a str)>,
    table: &'a str,
    name: &'a str,
    path: Path,
) {
    if name.is_empty() {
        checker.report(Fault::new(path.clone(), "has an empty name").at_key());
    }
    if let Some((other, _)) = names.iter().find(|(_, other)| *other == name) {
        let message = if *other == table {
            "stands twice".to_owned()
        } else {
            format!("stands under `{other}` too, and an output has one role")
        };
        checker.report(Fault::new(path, message).at_key());
    }
    names.push((table, name));
}

fn bound(checker: &mut Checker<'_>, path: &Path, constraint: &wire::Constraint) -> Option<Bound> {
    let wire::Constraint { max, min, equals, tolerance } = *constraint;
    if let (Some(_), None) = (tolerance, equals) {
        checker.report(Fault::new(path.key("tolerance"), "counts only with `equals`").at_key());
    }
    match (max, min, equals, tolerance) {
        (Some(max), None, None, _) => Some(Bound::Max(max)),
        (None, Some(min), None, _) => Some(Bound::Min(min)),
        (None, None, Some(value), Some(tolerance)) => Some(Bound::Equals { value, tolerance }),
        (None, None, Some(value), None) => {
            checker.report(
                Fault::new(path.key("tolerance"), "is missing: computed numbers are hardly ever equal")
                    .hint(format!("say how far off still counts: {{ equals = {value}, tolerance = 1e-6 }}")),
            );
            None
        }
        (Some(max), Some(min), None, _) if min < max => {
            let hint =
                format!("{{ equals = {}, tolerance = {} }} says the same", min + (max - min) / 2.0, (max - min) / 2.0);
            checker.report(two_bounds(path).hint(hint));
            None
        }
        _ => {
            checker.report(two_bounds(path));
            None
        }
    }
}

fn two_bounds(path: &Path) -> Fault {
    Fault::new(path.clone(), "needs exactly one bound")
        .allowed("{ max = … }, { min = … }, or { equals = …, tolerance = … }")
}
