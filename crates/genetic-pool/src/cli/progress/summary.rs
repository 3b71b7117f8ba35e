//! What a run came to.

use genetic_pool_evolve::problem::Goal;
use serde_json::Value;

use super::{best, front, words};
use crate::event::{Finished, Order, Stop};

/// Characters of a value that are shown; a whole tour of a hundred cities fits.
const WIDTH: usize = 400;

/// What is said of a run whose candidates are committed as they complete.
pub(crate) const COMPLETION: &str = "that of completion, which is recorded: a fresh run may differ";

/// The result, a figure a line, then the best candidate's genome.
pub(super) fn text(finished: &Finished, goals: &[Goal], failures: u64) -> String {
    let mut lines = Vec::new();
    let mut line = |key: &str, value: String| lines.push(format!("{key:<13}{value}"));
    let several = goals.first().filter(|_| goals.len() > 1);
    if let Some(found) = finished.front.as_ref().filter(|front| front.candidates > 0) {
        line("front", front(found).trim_start_matches("front of ").to_owned());
        let reference = found.reference.iter().zip(goals);
        let reference = reference.map(|(value, goal)| format!("{} {}", goal.name, words::objective(*value)));
        line("reference", reference.collect::<Vec<_>>().join(", "));
    }
    match &finished.best {
        Some(found) if let Some(goal) = several => {
            line("best", format!("{}, the best in {}", best(&found.objectives, found.violation, goals), goal.name));
        }
        Some(found) => line("best", best(&found.objectives, found.violation, goals)),
        None if finished.stop == Stop::Interrupted && failures == 0 => line("best", "none yet".to_owned()),
        None => line("best", "none: no candidate could be evaluated".to_owned()),
    }
    let rate = finished.evaluations as f64 / finished.seconds.max(1e-9);
    let time = words::seconds(finished.seconds);
    line("evaluations", format!("{} in {time} ({})", words::count(finished.evaluations), words::rate(rate)));
    if failures > 0 {
        line("failures", words::count(failures));
    }
    line("stopped by", reason(finished.stop).to_owned());
    if finished.timed {
        line("timed", "a clock or the memory limit decided something: a fresh evaluation may differ".to_owned());
    }
    if finished.order == Order::Completion {
        line("order", COMPLETION.to_owned());
    }
    line("digest", finished.digest.clone());
    line("run", finished.run.clone());
    if let Some(found) = &finished.best {
        lines.push(String::new());
        lines.extend(found.genome.iter().map(|(name, value)| format!("{name} = {}", shortened(value))));
    }
    lines.join("\n")
}

/// What to type next.
pub(super) fn next(finished: &Finished, program: &str) -> Vec<String> {
    let run = &finished.run;
    let show = format!("{program} runs show {run}");
    match finished.stop {
        Stop::Evaluations
        | Stop::Generations
        | Stop::Target
        | Stop::Stall
        | Stop::HypervolumeStall
        | Stop::Spread
        | Stop::Time
        | Stop::All => {
            vec![show, format!("{program} runs export {run} --format csv")]
        }
        Stop::Interrupted => vec![format!("{program} resume {run}")],
        // Mended code is other code, for which one has to ask.
        Stop::FirstFailed | Stop::Failed | Stop::Failures => vec![
            show,
            format!("{program} resume {run}   # tries again what failed; add --keep-outcomes if you mended code"),
        ],
    }
}

/// What ended a run, in words.
pub(crate) fn reason(stop: Stop) -> &'static str {
    match stop {
        Stop::Evaluations => "the budget of evaluations",
        Stop::Generations => "the number of generations",
        Stop::Target => "the target, which was reached",
        Stop::Stall => "stall: nothing better was found for long enough",
        Stop::HypervolumeStall => "hypervolume stall: the front grew no more for long enough",
        Stop::Spread => "spread: the population lies close together",
        Stop::Time => "time",
        Stop::All => "all the rules that had to hold together",
        Stop::Interrupted => "an interruption: the run can be resumed",
        Stop::FirstFailed => "failures: none of the first candidates could be evaluated",
        Stop::Failed => "a failure, as the experiment asks for",
        Stop::Failures => "failures: there were too many",
    }
}

/// `value` as JSON, which is TOML too for every value of a genome; where it is too long to read numbers are rounded, and
/// where it still is the end is cut off.
pub(crate) fn shortened(value: &Value) -> String {
    let text = value.to_string();
    if !value.is_array() || text.len() <= WIDTH {
        // With spaces behind commas, which JSON has none of.
        return listed(value, Value::to_string);
    }
    rounded(value)
}

/// The same with numbers rounded to what one reads.
pub(crate) fn rounded(value: &Value) -> String {
    listed(value, |value| match value.as_f64().filter(|_| value.is_f64()) {
        Some(number) => words::objective(number),
        None => value.to_string(),
    })
}

fn listed(value: &Value, show: impl Fn(&Value) -> String) -> String {
    let Value::Array(items) = value else { return show(value) };
    let mut text = String::from("[");
    for (index, item) in items.iter().enumerate() {
        let separator = if index > 0 { ", " } else { "" };
        let item = show(item);
        if text.len() + item.len() > WIDTH {
            return text + &format!("{separator}… ({} values)]", items.len());
        }
        text += separator;
        text += &item;
    }
    text + "]"
}

#[cfg(test)]
mod tests {
    use genetic_pool_evolve::problem::Direction;

    use super::*;
    use crate::event::{BestGenome, Front};

    fn finished(stop: Stop) -> Finished {
        let genome = serde_json::json!({ "span": 31.5, "flap": "plain", "tour": [1, 0, 2] });
        Finished {
            run: "k3m2".into(),
            digest: "9f0c21".into(),
            evaluations: 20_000,
            seconds: 40_800.0,
            stop,
            timed: false,
            order: Order::Ids,
            best: Some(BestGenome {
                objectives: vec![0.021],
                violation: 0.0,
                genome: genome.as_object().unwrap().clone(),
            }),
            front: None,
        }
    }

    fn goals() -> Vec<Goal> {
        vec![Goal { name: "drag".into(), direction: Direction::Minimize }]
    }

    #[test]
    fn the_result_comes_first() {
        assert_eq!(
            text(&finished(Stop::Evaluations), &goals(), 3),
            "best         drag 0.021\n\
             evaluations  20,000 in 11 h 20 min (1,765/h)\n\
             failures     3\n\
             stopped by   the budget of evaluations\n\
             digest       9f0c21\n\
             run          k3m2\n\
             \n\
             span = 31.5\n\
             flap = \"plain\"\n\
             tour = [1, 0, 2]"
        );
    }

    #[test]
    fn of_several_goals_the_front_comes_first() {
        let mut goals = goals();
        goals.push(Goal { name: "mass".into(), direction: Direction::Minimize });
        let mut finished = finished(Stop::HypervolumeStall);
        finished.front = Some(Front { candidates: 57, hypervolume: Some(0.5), reference: vec![1.1, 20.0] });
        finished.best.as_mut().unwrap().objectives.push(12.5);
        let text = text(&finished, &goals, 0);
        assert!(
            text.starts_with(
                "front        57 candidates, hypervolume 0.5\n\
                 reference    drag 1.1, mass 20\n\
                 best         drag 0.021, mass 12.5, the best in drag\n"
            ),
            "{text}"
        );
        assert!(text.contains("\nstopped by   hypervolume stall: the front grew no more for long enough\n"), "{text}");
    }

    #[test]
    fn an_interrupted_run_says_how_to_go_on() {
        assert_eq!(next(&finished(Stop::Interrupted), "genetic-pool"), ["genetic-pool resume k3m2"]);
    }

    #[test]
    fn nothing_found_and_timed_are_said() {
        let nothing = Finished { best: None, timed: true, ..finished(Stop::FirstFailed) };
        let text = text(&nothing, &goals(), 16);
        assert!(text.starts_with("best         none: no candidate could be evaluated\n"), "{text}");
        assert!(text.contains("\ntimed        a clock"), "{text}");
    }

    #[test]
    fn long_values_are_cut_between_items() {
        let text = shortened(&Value::from((0..1000).collect::<Vec<u32>>()));
        assert!(text.starts_with("[0, 1, 2, ") && text.ends_with(", … (1000 values)]"), "{text}");
        assert!(text.chars().count() < WIDTH + 30);
        assert_eq!(shortened(&serde_json::json!(["a,b", 1.5])), "[\"a,b\", 1.5]");
    }
}
