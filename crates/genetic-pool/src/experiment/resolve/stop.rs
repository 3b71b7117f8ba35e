//! `[stop]`.

use genetic_pool_evolve::{
    indicators::Hypervolume,
    problem::Signature,
    stop::{StopRule, StopRules, Target},
};

use super::{
    super::{checker::Checker, document::Path, nearest::did_you_mean, structure::Fault, wire},
    problem::duration,
};

/// When the run ends.
pub(super) fn resolve(
    checker: &mut Checker<'_>,
    stop: Option<&wire::Stop>,
    signature: Option<&Signature>,
) -> StopRules {
    let at = Path::of(["stop"]);
    let Some(stop) = stop else { return StopRules::default() };
    let wire::Stop { evaluations, generations, time, target, stall, hypervolume_stall, spread, all } = stop.clone();
    let given = wire::StopAll { evaluations, generations, time, target, stall, hypervolume_stall, spread };
    let any = rules(checker, &at, given, signature);
    if any.is_empty() && all.is_none() {
        checker.report(
            Fault::new(at.clone(), "has no rule: the run would never end")
                .allowed("evaluations, generations, time, target, stall, hypervolume_stall, spread, all")
                .hint("evaluations = 10_000"),
        );
    }
    let all_at = at.key("all");
    let all = all.map(|all| {
        let rules = rules(checker, &all_at, all, signature);
        if rules.is_empty() {
            checker.report(
                Fault::new(all_at.clone(), "has no rule")
                    .allowed("evaluations, generations, time, target, stall, hypervolume_stall, spread"),
            );
        }
        rules
    });
    StopRules { any, all: all.unwrap_or_default() }
}

fn rules(checker: &mut Checker<'_>, at: &Path, stop: wire::StopAll, signature: Option<&Signature>) -> Vec<StopRule> {
    let mut rules = Vec::new();
    rules.extend(stop.evaluations.map(StopRule::Evaluations));
    rules.extend(stop.generations.map(StopRule::Generations));
    if let Some(text) = &stop.time {
        // A wrong length of time is still a rule: that there is none is not said as well.
        let time = duration(checker, &at.key("time"), text).unwrap_or_default();
        rules.push(StopRule::Time(time));
    }
    if let Some(target) = &stop.target {
        let at = at.key("target");
        if target.0.is_empty() {
            checker.report(Fault::new(at.clone(), "names no goal").allowed("{ goal = value }"));
        }
        let mut targets = Vec::new();
        for (name, value) in &target.0 {
            let goals = signature.map(|signature| &signature.goals);
            let goal = goals.map(|goals| goals.iter().position(|goal| goal.name == *name));
            if let (Some(None), Some(goals)) = (goal, goals) {
                let names = || goals.iter().map(|goal| goal.name.as_str());
                let fault =
                    Fault::new(at.key(name), "is no goal").at_key().allowed(names().collect::<Vec<_>>().join(", "));
                checker.report(Fault { hint: did_you_mean(name, names()), ..fault });
            }
            targets.push(Target { goal: goal.flatten().unwrap_or(0), value: *value });
        }
        rules.push(StopRule::Target(targets));
    }
    rules.extend(stop.stall.map(StopRule::Stall));
    let goals = signature.map_or(0, |signature| signature.goals.len());
    if stop.hypervolume_stall.is_some() && goals == 1 {
        checker.report(
            Fault::new(at.key("hypervolume_stall"), "counts only with several goals, and there is one")
                .at_key()
                .hint("`stall` is the rule for one goal"),
        );
    }
    if stop.hypervolume_stall.is_some() && goals > Hypervolume::MOST_GOALS {
        let most = Hypervolume::MOST_GOALS;
        checker.report(
            Fault::new(
                at.key("hypervolume_stall"),
                format!("counts only with 2 to {most} goals, and there are {goals}"),
            )
            .at_key(),
        );
    }
    if stop.spread.is_some() && goals > 1 {
        checker.report(
            Fault::new(at.key("spread"), format!("counts only with one goal, and there are {goals}"))
                .at_key()
                .hint("`hypervolume_stall` ends a run whose front grows no more"),
        );
    }
    rules.extend(stop.hypervolume_stall.map(StopRule::HypervolumeStall));
    if let Some(spread) = stop.spread {
        if spread <= 0.0 {
            checker.report(Fault::new(at.key("spread"), "must be above 0").hint("spread = 1e-6"));
        }
        rules.push(StopRule::Spread(spread));
    }
    rules
}
