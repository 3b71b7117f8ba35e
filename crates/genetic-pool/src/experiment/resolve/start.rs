//! `[start]`.

use genetic_pool_evolve::space::{Domain, Genomes, PointError, PointFault, PointValue, Space};

use super::{
    super::{Earlier, FromRun, Which, checker::Checker, document::Path, nearest::did_you_mean, structure::Fault, wire},
    space::level,
};

/// The points to start from: no rows where there are none or the space is not known.
pub(super) fn resolve(checker: &mut Checker<'_>, start: Option<&wire::Start>, space: Option<&Space>) -> Genomes {
    let Some(space) = space else { return Genomes::default() };
    let points = start.and_then(|start| start.points.as_deref()).unwrap_or_default();
    let at = Path::of(["start", "points"]);
    let mut genomes = space.genomes(points.len());
    for (row, point) in points.iter().enumerate() {
        let values: Vec<(String, PointValue)> =
            point.0.iter().map(|(name, value)| (name.clone(), point_value(value))).collect();
        for error in space.set_point(&mut genomes, row, &values).err().into_iter().flatten() {
            let fault = fault_of(&at.index(row), space, &error);
            checker.report(fault);
        }
    }
    genomes
}

/// Where evaluations stand that are paid for already.
pub(super) fn earlier(checker: &mut Checker<'_>, start: Option<&wire::Start>) -> Earlier {
    let Some(start) = start else { return Earlier::default() };
    let run = start.run.as_ref().and_then(|text| {
        let parsed = from_run(text);
        if parsed.is_none() {
            let fault = Fault::new(Path::of(["start", "run"]), "does not say which evaluations of which run");
            checker.report(fault.allowed("RUN:population or RUN:best N, RUN being an id, its beginning, or latest"));
        }
        parsed
    });
    Earlier { outcomes: start.outcomes.clone(), run }
}

fn from_run(text: &str) -> Option<FromRun> {
    let (run, which) = text.rsplit_once(':')?;
    let which = match which.split_whitespace().collect::<Vec<_>>()[..] {
        ["population"] => Which::Population,
        ["best", most] => Which::Best(most.parse().ok().filter(|most| *most > 0)?),
        _ => return None,
    };
    let run = run.trim().to_owned();
    (!run.is_empty()).then_some(FromRun { run, which })
}

fn point_value(value: &wire::OneOrMany) -> PointValue {
    match value {
        wire::OneOrMany::One(scalar) => PointValue::One(level(scalar)),
        wire::OneOrMany::Many(scalars) => PointValue::Many(scalars.iter().map(level).collect()),
    }
}

fn fault_of(at: &Path, space: &Space, error: &PointError) -> Fault {
    let names = || space.parameters().iter().map(|parameter| parameter.name.as_str());
    let fault = Fault::new(at.key(&error.parameter), error.fault.to_string());
    match &error.fault {
        PointFault::Unknown => {
            let allowed = names().collect::<Vec<_>>().join(", ");
            Fault { hint: did_you_mean(&error.parameter, names()), ..fault.at_key().allowed(allowed) }
        }
        PointFault::Level { found } => {
            let domain = space.find(&error.parameter).map(|index| &space.parameters()[index].domain);
            match domain {
                Some(Domain::Ordinal { levels } | Domain::Choice { levels }) => {
                    let words: Vec<String> = levels.iter().map(ToString::to_string).collect();
                    let hint = did_you_mean(&found.to_string(), words.iter().map(String::as_str));
                    Fault { hint, ..fault.allowed(words.join(", ")) }
                }
                _ => fault,
            }
        }
        PointFault::NotPermutation { last, .. } => fault.allowed(format!("each of 0 to {last} once, in any order")),
        PointFault::NotSequence { .. } => {
            let domain = space.find(&error.parameter).map(|index| &space.parameters()[index].domain);
            match domain {
                Some(Domain::Sequence { counts }) => fault
                    .allowed(format!("the values 0 to {}, each as often as its count", counts.len().saturating_sub(1))),
                _ => fault,
            }
        }
        _ => fault,
    }
}
