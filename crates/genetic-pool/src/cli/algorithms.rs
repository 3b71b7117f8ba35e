//! `algorithms [NAME]`.

use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::{Context, Exit, error::CliError};

/// Lists the algorithms, or explains one: its keys, their defaults, where it comes from
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool algorithms
  genetic-pool algorithms genetic")]
pub(super) struct Algorithms {
    /// The algorithm to explain
    name: Option<String>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// What is said of an algorithm.
#[derive(Serialize)]
struct Page {
    name: &'static str,
    /// One line.
    about: &'static str,
    /// How it works.
    text: &'static str,
    keys: &'static [Key],
    sources: &'static [&'static str],
}

/// A key of `[algorithm]`.
#[derive(Serialize)]
struct Key {
    name: &'static str,
    values: &'static str,
    default: &'static str,
    about: &'static str,
}

const PAGES: [Page; 4] = [
    Page {
        name: "auto",
        about: "picks an algorithm from space, goals and budget, and says which and why",
        text: "\
The choice is a function of the experiment alone, never of the machine: `check` shows it before anything runs, and the
run stores it. With one goal it is `genetic`. Where the budget pays for fewer than 50 generations of the usual population,
that is a fiftieth of the budget instead, at least 20, to the nearest multiple of `parallel`, and such that ten generations
remain. Keys of the algorithm it picks are refused: name that algorithm to set them.",
        keys: &[],
        sources: &[],
    },
    Page {
        name: "genetic",
        about: "a genetic algorithm for every space: tournaments, crossover and mutation for each kind of parameter",
        text: "\
Parents win tournaments by Deb's rules: a feasible candidate beats an infeasible one, feasible ones compare by
objective, infeasible ones by how far they violate constraints. Reals are crossed by SBX and mutated polynomially within
their bounds, on a log scale where the parameter has one; ints and ordinals creep; bits flip; choices are drawn anew;
permutations are crossed in order (OX) and mutated by inversion and insertion. Survivors are the best of parents and
offspring together, so the best candidate is never lost. Where all of them are equally good and 20 candidates a gene have
found nothing better, the search begins again from a random population and keeps the best.",
        keys: &[
            Key {
                name: "population",
                values: "at least 2",
                default: "100, rounded up to a multiple of `parallel`",
                about: "candidates that survive",
            },
            Key {
                name: "offspring",
                values: "2 to 16777216, even",
                default: "`population`, rounded up to an even number",
                about: "candidates bred a generation",
            },
            Key {
                name: "schedule",
                values: "\"generations\" or { window = W }",
                default: "\"generations\"",
                about: "how candidates follow each other: in step, or each from all but the last W before it",
            },
            Key {
                name: "tournament",
                values: "at least 1",
                default: "2",
                about: "candidates in a tournament; more press harder",
            },
            Key {
                name: "crossover",
                values: "0 to 1",
                default: "0.9; 0.3 where there are only permutations",
                about: "probability that two parents are crossed",
            },
            Key {
                name: "crossover_eta",
                values: "0 to 1000",
                default: "15",
                about: "distribution index of SBX; a greater one keeps children nearer to their parents",
            },
            Key { name: "mutation", values: "0 to 1", default: "1 / genes", about: "probability that a gene mutates" },
            Key {
                name: "mutation_eta",
                values: "0 to 1000",
                default: "20",
                about: "distribution index of polynomial mutation; a greater one makes smaller steps",
            },
        ],
        sources: &[
            "K. Deb, R. B. Agrawal: Simulated binary crossover for continuous search space. Complex Systems 9, 1995",
            "K. Deb, M. Goyal: A combined genetic adaptive search (GeneAS) for engineering design. Computer Science and Informatics 26, 1996",
            "K. Deb: An efficient constraint handling method for genetic algorithms. CMAME 186, 2000, doi:10.1016/S0045-7825(99)00389-8",
            "L. Davis: Applying adaptive algorithms to epistatic domains. IJCAI 1985",
        ],
    },
    Page {
        name: "random",
        about: "random search: the baseline that every other algorithm has to beat",
        text: "Candidates are drawn evenly from the space, on a log scale where a parameter has one, and depend on nothing before them.",
        keys: &[],
        sources: &["J. Bergstra, Y. Bengio: Random search for hyper-parameter optimization. JMLR 13, 2012"],
    },
    Page {
        name: "islands",
        about: "several algorithms side by side, alike or not, that send each other some of their candidates",
        text: "\
Each island has an algorithm with its own keys, candidates (3.17 is candidate 17 of island 3) and an equal share of the
budget. Every `every` evaluations, at the end of a generation, it sends copies of some candidates to others, and takes in
what others sent `lag` times `every` evaluations before, so that nobody waits for who is slow, and what comes out is the same
wherever islands run. Where evaluations are cheap each island runs on a thread of its own. `random` and `cma-es` send, and
take nobody in.",
        keys: &[
            Key {
                name: "islands",
                values: "a list of tables of a name, its keys, and `count`",
                default: "none",
                about: "the algorithms: [{ name = \"genetic\", count = 3, population = 50 }, { name = \"random\" }]",
            },
            Key {
                name: "topology",
                values: "\"ring\", \"torus\", \"star\", \"full\", \"random\" or \"none\"",
                default: "\"ring\"",
                about: "who sends to whom",
            },
            Key {
                name: "neighbours",
                values: "1 to 1024",
                default: "2",
                about: "with topology = \"random\": to how many others each sends, drawn from the seed",
            },
            Key {
                name: "every",
                values: "1 to 16777216",
                default: "ten generations of the island with the largest",
                about: "evaluations of an island after which it sends and receives",
            },
            Key { name: "migrants", values: "0 to 16777216", default: "2", about: "how many candidates each sends" },
            Key {
                name: "lag",
                values: "1 to 1024",
                default: "1",
                about: "how many times `every` later what was sent is received; no island is further ahead",
            },
            Key {
                name: "emigrate",
                values: "\"best\", \"random\" or \"tournament\"",
                default: "\"best\"",
                about: "who is sent",
            },
            Key {
                name: "replace",
                values: "\"worst\" or \"random\"",
                default: "\"worst\"",
                about: "whose place those take that are received; nobody that of the best, unless it is better",
            },
            Key {
                name: "accept",
                values: "\"better\" or \"always\"",
                default: "\"better\"",
                about: "when they take it",
            },
        ],
        sources: &[
            "R. Tanese: Distributed genetic algorithms. ICGA 1989",
            "D. Izzo, M. Rucinski, F. Biscani: The generalized island model. SCI 415, 2012, doi:10.1007/978-3-642-28789-3_7",
        ],
    },
];

impl Algorithms {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        match &self.name {
            None => self.list(context)?,
            Some(name) => self.explain(name, context)?,
        }
        Ok(Exit::Ok)
    }

    fn list(&self, context: &Context<'_>) -> Result<(), CliError> {
        if self.json {
            return context.printer.json(&json!({ "format": 1, "algorithms": PAGES }));
        }
        for page in &PAGES {
            context.printer.data(format_args!("{:<8} {}", page.name, page.about))?;
        }
        context.printer.next(&[format!("{} algorithms genetic", context.program)]);
        Ok(())
    }

    fn explain(&self, name: &str, context: &Context<'_>) -> Result<(), CliError> {
        let Some(page) = PAGES.iter().find(|page| page.name == name) else {
            let list = format!("{} algorithms", context.program);
            return Err(CliError::unknown("algorithm", name, PAGES.iter().map(|page| page.name), list));
        };
        if self.json {
            return context.printer.json(&json!({ "format": 1, "algorithm": page }));
        }
        context.printer.data(page.lines())
    }
}

impl Page {
    fn lines(&self) -> String {
        let mut lines = vec![format!("{}: {}", self.name, self.about), String::new(), self.text.to_owned()];
        if !self.keys.is_empty() {
            lines.extend([String::new(), "Keys of [algorithm]:".to_owned()]);
        }
        for key in self.keys {
            lines.push(format!("  {:<14} {}", key.name, key.about));
            lines.push(format!("  {:<14} {}; default {}", "", key.values, key.default));
        }
        if !self.sources.is_empty() {
            lines.extend([String::new(), "Sources:".to_owned()]);
        }
        lines.extend(self.sources.iter().map(|source| format!("  {source}")));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use genetic_pool_evolve::algorithms::GeneticOptions;

    use super::*;

    #[test]
    fn the_keys_of_genetic_are_those_it_has() {
        let options = serde_json::to_value(GeneticOptions::default()).unwrap();
        let mut expected: Vec<&String> = options.as_object().unwrap().keys().collect();
        let mut found: Vec<&str> = PAGES[1].keys.iter().map(|key| key.name).collect();
        expected.sort();
        found.sort_unstable();
        assert_eq!(found, expected);
    }
}
