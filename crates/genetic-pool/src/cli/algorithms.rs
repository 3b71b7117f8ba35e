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

/// The keys of the genetic algorithm, which are those of NSGA-II too.
const GENETIC: &[Key] = &[
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
];

const PAGES: &[Page] = &[
    Page {
        name: "auto",
        about: "picks an algorithm from space, goals and budget, and says which and why",
        text: "\
The choice is a function of the experiment alone, never of the machine: `check` shows it before anything runs, and the
run stores it. With one goal it is `cma-es` where there are reals, and nothing but reals, ints, ordinals and bits that always count; above
200 parameters with separable covariance. Where there are only permutations and sequences, and the problem has a local search or gives
distances, it is `memetic`; for everything else `genetic`, with several goals `nsga-2`: where the budget pays for fewer than 50
generations of the usual population, that is a fiftieth of the budget instead, at least 20, to the nearest multiple of
`parallel`, and such that ten generations remain. Keys of the algorithm it picks are refused: name that algorithm to set them.",
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
        keys: GENETIC,
        sources: &[
            "K. Deb, R. B. Agrawal: Simulated binary crossover for continuous search space. Complex Systems 9, 1995",
            "K. Deb, M. Goyal: A combined genetic adaptive search (GeneAS) for engineering design. Computer Science and Informatics 26, 1996",
            "K. Deb: An efficient constraint handling method for genetic algorithms. CMAME 186, 2000, doi:10.1016/S0045-7825(99)00389-8",
            "L. Davis: Applying adaptive algorithms to epistatic domains. IJCAI 1985",
        ],
    },
    Page {
        name: "l-shade",
        about: "differential evolution that shrinks its population over the budget: for reals where thousands of evaluations a gene are at hand",
        text: "\
Each candidate has a trial a generation, which goes towards one of the best and by the difference of two others, and takes
its place where it is as good or better (by Deb's rules). How far, and in how many genes, is drawn about what succeeded
lately. The population shrinks evenly to its least over `stop.evaluations`; without that, over 10,000 evaluations a gene,
and then begins again. It also begins again, keeping the best, where nothing becomes better any more. Generations shrink
with the population: where more evaluations go at once than it has candidates, slots wait. Ints, ordinals and steps are
varied as continuous coordinates and rounded; bits, choices, permutations and parameters that do not always count are for
`genetic`.",
        keys: &[
            Key {
                name: "population",
                values: "4 to 16777216",
                default: "a sixth of the square root of genes times evaluations, at most 18 a gene, at least 8",
                about: "candidates at the beginning",
            },
            Key {
                name: "minimum_population",
                values: "4 to `population`",
                default: "a quarter of `parallel`, at least 4, at most half of `population`",
                about: "candidates at the end",
            },
            Key { name: "memory", values: "1 to 65536", default: "6", about: "places of the success history" },
            Key {
                name: "archive",
                values: "0 to 100",
                default: "2.6",
                about: "replaced parents that are kept, for each candidate of the population",
            },
            Key {
                name: "best",
                values: "0 to 1",
                default: "0.11",
                about: "the part of the population that counts as the best; less presses harder",
            },
        ],
        sources: &[
            "R. Tanabe, A. S. Fukunaga: Improving the search performance of SHADE using linear population size reduction. CEC 2014, doi:10.1109/CEC.2014.6900380",
            "J. Lampinen, I. Zelinka: Mixed integer-discrete-continuous optimization by differential evolution. MENDEL 1999",
        ],
    },
    Page {
        name: "jde",
        about: "differential evolution whose candidates carry their own settings: steady, for reals and many evaluations",
        text: "\
Each candidate has a trial a generation: another one and a multiple of the difference of two more, crossed with the
candidate, whose place it takes where it is as good or better (by Deb's rules). The multiple and the rate of crossover are
inherited, drawn anew now and then, and survive with the trial. Where nothing becomes better any more, the search begins
again from a random population and keeps the best. Ints, ordinals and steps are varied as continuous coordinates and
rounded; bits, choices, permutations and parameters that do not always count are for `genetic`.",
        keys: &[
            Key {
                name: "population",
                values: "4 to 16777216",
                default: "0.8 times the square root of the evaluations a gene, 10 to 100; a multiple of `parallel` where that leaves ten generations",
                about: "candidates",
            },
            Key {
                name: "scale_change",
                values: "0 to 1",
                default: "0.1",
                about: "probability that a trial has a new multiple of differences",
            },
            Key {
                name: "rate_change",
                values: "0 to 1",
                default: "0.1",
                about: "probability that a trial has a new rate of crossover",
            },
        ],
        sources: &[
            "J. Brest, S. Greiner, B. Bošković, M. Mernik, V. Žumer: Self-adapting control parameters in differential evolution. IEEE TEC 10(6), 2006, doi:10.1109/TEVC.2006.872133",
            "J. Lampinen, I. Zelinka: Mixed integer-discrete-continuous optimization by differential evolution. MENDEL 1999",
        ],
    },
    Page {
        name: "cma-es",
        about: "a normal distribution that learns its covariance: for reals, and for ints, ordinals, bits and steps",
        text: "\
Each generation is drawn from a normal distribution, whose mean, covariance and step size then move to where the better half
lay and away from the worse half; only the order of candidates counts. Every other candidate is its neighbour's image in the
mean. Where all parameters are reals without a step, a quadratic model of the last evaluations proposes its minima, and picks
half of a generation while it orders the last one well. Beyond a bound a candidate is evaluated at the bound. Whole numbers,
ordinals, bits and reals on a step keep a margin of probability around the mean; choices, permutations and parameters with
`when` are refused. When a descent has ended, another begins at a random point. Start points are in the first generation: its
mean is theirs, and its step size what they spread over.",
        keys: &[
            Key {
                name: "population",
                values: "at least 4",
                default: "4 + 3·ln D for D parameters, or `parallel` where that is more",
                about: "candidates a generation of the first descent",
            },
            Key {
                name: "sigma",
                values: "1e-9 to 1",
                default: "0.2",
                about: "the first standard deviation over the range of a parameter",
            },
            Key {
                name: "covariance",
                values: "\"full\" or \"separable\"",
                default: "\"full\" up to 200 parameters",
                about: "whether all covariances are learned, or variances alone",
            },
            Key {
                name: "restarts",
                values: "\"none\", \"ipop\" or \"bipop\"",
                default: "\"ipop\"",
                about: "what follows a descent: nothing, ever larger ones, or those and small ones in turn",
            },
            Key {
                name: "mirrored",
                values: "true or false",
                default: "true",
                about: "whether every other candidate is its neighbour's image in the mean",
            },
            Key {
                name: "model",
                values: "true or false",
                default: "true for up to 24 reals without a step",
                about: "whether a quadratic model proposes and picks candidates",
            },
            Key {
                name: "learning",
                values: "0.1 to 4",
                default: "2 up to 300 evaluations a parameter, 1.5 up to 1,000, then 1",
                about: "what the rate of the covariance's rank-μ update is multiplied by",
            },
        ],
        sources: &[
            "N. Hansen: The CMA evolution strategy: a tutorial. arXiv:1604.00772",
            "A. Auger, N. Hansen: A restart CMA evolution strategy with increasing population size. CEC 2005, doi:10.1109/CEC.2005.1554902",
            "N. Hansen: Benchmarking a BI-population CMA-ES on the BBOB-2009 function testbed. GECCO 2009, doi:10.1145/1570256.1570333",
            "R. Ros, N. Hansen: A simple modification in CMA-ES achieving linear time and space complexity. PPSN X, 2008, doi:10.1007/978-3-540-87700-4_30",
            "R. Hamano, S. Saito, M. Nomura, S. Shirakawa: CMA-ES with margin. GECCO 2022, doi:10.1145/3512290.3528827",
            "N. Hansen: A global surrogate assisted CMA-ES. GECCO 2019, doi:10.1145/3321707.3321842",
        ],
    },
    Page {
        name: "nsga-2",
        about: "NSGA-II: the genetic algorithm for several goals, which spreads its population over their trade-offs",
        text: "\
Tournaments and survival go by non-dominated front, then by crowding distance: what has no neighbours in the objectives
stays. A candidate that violates constraints less comes first. Of the last front that has room the most crowded are taken
away one at a time, those left measured anew. Candidates are bred as `genetic` breeds them, and the keys are the same. A run
keeps the feasible candidates that no other dominates, some hundreds of them: `runs show` prints them, `runs export --what
best` has them all.",
        keys: GENETIC,
        sources: &[
            "K. Deb, A. Pratap, S. Agarwal, T. Meyarivan: A fast and elitist multiobjective genetic algorithm: NSGA-II. IEEE TEC 6(2), 2002, doi:10.1109/4235.996017",
            "S. Kukkonen, K. Deb: Improved pruning of non-dominated solutions based on crowding distance. CEC 2006, doi:10.1109/CEC.2006.1688443",
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
        for page in PAGES {
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
    use genetic_pool_evolve::algorithms::{CmaEsOptions, GeneticOptions, JdeOptions, LShadeOptions, MemeticOptions};

    use super::*;

    #[test]
    fn the_keys_of_an_algorithm_are_those_it_has() {
        for (name, options) in [
            ("genetic", serde_json::to_value(GeneticOptions::default())),
            ("memetic", serde_json::to_value(MemeticOptions::default())),
            ("cma-es", serde_json::to_value(CmaEsOptions::default())),
            ("l-shade", serde_json::to_value(LShadeOptions::default())),
            ("jde", serde_json::to_value(JdeOptions::default())),
        ] {
            let options = options.unwrap();
            let page = PAGES.iter().find(|page| page.name == name).unwrap();
            let mut expected: Vec<&String> = options.as_object().unwrap().keys().collect();
            let mut found: Vec<&str> = page.keys.iter().map(|key| key.name).collect();
            expected.sort();
            found.sort_unstable();
            assert_eq!(found, expected, "{name}");
        }
    }
}
