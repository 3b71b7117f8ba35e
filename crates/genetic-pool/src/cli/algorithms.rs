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

const CROSSOVER_OPERATOR: Key = Key {
    name: "crossover_operator",
    values: "\"own\", \"order\", \"partially-mapped\", \"edge-recombination\", \"edge-assembly\" or \"job-order\"",
    default: "the problem's own; memetic: \"edge-assembly\" where it gives distances; else \"order\" for permutations, \"job-order\" for sequences",
    about: "how permutations and sequences are crossed",
};

const MUTATION_OPERATOR: Key = Key {
    name: "mutation_operator",
    values: "\"own\", \"moves\", \"inversion\", \"insertion\" or \"or-opt\"",
    default: "the problem's own, else \"moves\": an inversion or an insertion, evenly",
    about: "how permutations and sequences mutate",
};

const PAGES: [Page; 4] = [
    Page {
        name: "auto",
        about: "picks an algorithm from space, goals and budget, and says which and why",
        text: "\
The choice is a function of the experiment alone, never of the machine: `check` shows it before anything runs, and the
run stores it. Where there are only permutations and sequences, and the problem has
a local search or gives distances, it is `memetic`; else, with one goal, `genetic`. Where the budget pays for fewer than 50 generations of the usual population,
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
permutations are crossed in order (OX), sequences job by job (JOX), and both mutated by inversion and insertion. Survivors are the best of parents and
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
                default: "0.9; 0.3 where there are only permutations and sequences",
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
            CROSSOVER_OPERATOR,
            MUTATION_OPERATOR,
            Key {
                name: "improve",
                values: "true or false",
                default: "false",
                about: "whether the problem's own local search improves every child before it is evaluated",
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
        name: "memetic",
        about: "crossover, the problem's own local search on every child, and children that compete with their parents",
        text: "\
Each generation pairs all of the population by chance. Each pair is crossed and has two children. A child that came out as
its parent is moved once; the problem's own local search, where there is one, improves it; then it is evaluated. Where it is
better, it takes the place of the parent it takes after. After 30 generations without a better child the search begins again
from a random population and keeps the best. Children are bred on all CPUs, or on as many as `--slots` says, with the same
result. Of the built-in problems `tour` gives distances, and `tour`, `assignment`, `flow-shop` and `job-shop` have a local
search; a problem of your own gives them by `Problem::operators`.",
        keys: &[
            Key {
                name: "population",
                values: "at least 2, even",
                default: "100 where edge assembly crosses tours, else 30, rounded up to a multiple of `parallel`",
                about: "candidates of the population and of a generation",
            },
            Key {
                name: "crossover",
                values: "0 to 1",
                default: "1",
                about: "probability that two parents are crossed",
            },
            Key {
                name: "mutation",
                values: "0 to 1",
                default: "0 where there are only permutations and sequences, else 1 / genes",
                about: "probability that a gene mutates",
            },
            CROSSOVER_OPERATOR,
            MUTATION_OPERATOR,
            Key {
                name: "improve",
                values: "true or false",
                default: "whether the problem has a local search",
                about: "whether it improves every child before it is evaluated",
            },
        ],
        sources: &[
            "P. Moscato: On evolution, search, optimization, genetic algorithms and martial arts: towards memetic algorithms. Caltech, 1989",
            "S. W. Mahfoud: Crowding and preselection revisited. PPSN II, 1992",
            "Y. Nagata, S. Kobayashi: A powerful genetic algorithm using edge assembly crossover for the traveling salesman problem. INFORMS Journal on Computing 25(2), 2013, doi:10.1287/ijoc.1120.0506",
            "I. Ono, M. Yamamura, S. Kobayashi: A genetic algorithm for job-shop scheduling problems using job-based order crossover. ICEC 1996, doi:10.1109/ICEC.1996.542658",
        ],
    },
    Page {
        name: "random",
        about: "random search: the baseline that every other algorithm has to beat",
        text: "Candidates are drawn evenly from the space, on a log scale where a parameter has one, and depend on nothing before them.",
        keys: &[],
        sources: &["J. Bergstra, Y. Bengio: Random search for hyper-parameter optimization. JMLR 13, 2012"],
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
            lines.push(format!("  {:<18} {}", key.name, key.about));
            lines.push(format!("  {:<18} {}; default {}", "", key.values, key.default));
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
    use genetic_pool_evolve::algorithms::{GeneticOptions, MemeticOptions};

    use super::*;

    #[test]
    fn the_keys_are_those_there_are() {
        let genetic = serde_json::to_value(GeneticOptions::default()).unwrap();
        let memetic = serde_json::to_value(MemeticOptions::default()).unwrap();
        for (page, options) in [(1, genetic), (2, memetic)] {
            let mut expected: Vec<&String> = options.as_object().unwrap().keys().collect();
            let mut found: Vec<&str> = PAGES[page].keys.iter().map(|key| key.name).collect();
            expected.sort();
            found.sort_unstable();
            assert_eq!(found, expected);
        }
    }
}
