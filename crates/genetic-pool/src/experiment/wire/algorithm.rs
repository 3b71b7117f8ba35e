//! `[algorithm]`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::Value as Json;

/// Which algorithm searches, with its keys: `genetic-pool algorithms` explains them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Algorithm {
    /// Its name. Default: `"auto"`.
    pub name: Option<AlgorithmName>,
    /// genetic, nsga-2: candidates that survive, at least 2. Default: 100, rounded up to a multiple of `parallel`.
    /// memetic: candidates of the population and of a generation, an even number. Default: 100 where edge assembly
    /// crosses tours, else 30, rounded up likewise. cma-es: candidates a generation of the first descent, at least 4.
    /// Default: 4 + 3·ln D for D parameters, or `parallel` where that is more. l-shade, jde: candidates a generation, at
    /// the beginning for l-shade, at least 4. Default: from budget and number of genes.
    #[schemars(range(min = 2, max = 16_777_216))]
    pub population: Option<u64>,
    /// genetic, nsga-2: candidates bred a generation, an even number of at least 2. Default: as many as `population`.
    #[schemars(range(min = 2, max = 16_777_216))]
    pub offspring: Option<u64>,
    /// genetic, nsga-2: how candidates follow each other. Default: `"generations"`.
    pub schedule: Option<Schedule>,
    /// genetic, nsga-2: candidates in a tournament, at least 1. Default: 2.
    #[schemars(range(min = 1, max = 65_536))]
    pub tournament: Option<u64>,
    /// genetic, memetic, nsga-2: probability that two parents are crossed, 0 to 1. Default: 0.9; 0.3 where there are only
    /// permutations and sequences; memetic: 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub crossover: Option<f64>,
    /// genetic, nsga-2: distribution index of simulated binary crossover, 0 to 1000; a greater one keeps children nearer to their
    /// parents. Default: 15.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub crossover_eta: Option<f64>,
    /// genetic, memetic, nsga-2: probability that a gene mutates, 0 to 1. Default: 1 over the number of genes; memetic: 0
    /// where there are only permutations and sequences.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub mutation: Option<f64>,
    /// genetic, nsga-2: distribution index of polynomial mutation, 0 to 1000; a greater one makes smaller steps. Default: 20.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub mutation_eta: Option<f64>,
    /// genetic, memetic: how permutations and sequences are crossed. Default: the problem's own way, where it brings one
    /// along; memetic: edge assembly, where the problem gives distances; else order crossover of permutations, job-based
    /// order crossover of sequences.
    pub crossover_operator: Option<CrossoverOperator>,
    /// genetic, memetic: how permutations and sequences mutate. Default: the problem's own way, where it brings one along,
    /// else moves.
    pub mutation_operator: Option<MutationOperator>,
    /// genetic, memetic: whether the problem's own local search improves every child. Default: memetic: where it has one;
    /// genetic: false.
    pub improve: Option<bool>,
    /// l-shade: candidates a generation at the end, at least 4. Default: a quarter of `parallel`, at least 4.
    #[schemars(range(min = 4, max = 16_777_216))]
    pub minimum_population: Option<u64>,
    /// l-shade: places of the success history, at least 1. Default: 6.
    #[schemars(range(min = 1, max = 65_536))]
    pub memory: Option<u64>,
    /// l-shade: replaced parents that are kept, for each candidate of the population, 0 to 100. Default: 2.6.
    #[schemars(range(min = 0.0, max = 100.0))]
    pub archive: Option<f64>,
    /// l-shade: the part of the population that counts as the best, 0 to 1. Default: 0.11.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub best: Option<f64>,
    /// jde: probability that a trial has a new scale, 0 to 1. Default: 0.1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub scale_change: Option<f64>,
    /// jde: probability that a trial has a new rate of crossover, 0 to 1. Default: 0.1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub rate_change: Option<f64>,
    /// cma-es: the first standard deviation over the range of a parameter, above 0 and at most 1. Default: 0.2.
    #[schemars(range(min = 1e-9, max = 1.0))]
    pub sigma: Option<f64>,
    /// cma-es: which covariances are learned. Default: `"full"` up to 200 parameters.
    pub covariance: Option<Covariance>,
    /// cma-es: what follows a descent that has ended. Default: `"ipop"`.
    pub restarts: Option<Restarts>,
    /// cma-es: whether every other candidate is its neighbour's image in the mean. Default: true.
    pub mirrored: Option<bool>,
    /// cma-es: whether a quadratic model proposes some candidates and picks others. Default: true for up to 24 reals
    /// without a step.
    pub model: Option<bool>,
    /// cma-es: what the rate of the covariance's rank-μ update is multiplied by. Default: 2 for the first 300 evaluations
    /// a parameter, 1.5 up to 1,000, then 1.
    #[schemars(range(min = 0.1, max = 4.0))]
    pub learning: Option<f64>,
    /// islands: the algorithms on them, each a table of its name, its keys, and `count` where there are several of it.
    #[schemars(length(min = 1, max = 1024))]
    pub islands: Option<Vec<Island>>,
    /// islands: who sends to whom. Default: `"ring"`.
    pub topology: Option<Topology>,
    /// islands: to how many others each sends, drawn from the seed, with `topology = "random"`. Default: 2.
    #[schemars(range(min = 1, max = 1024))]
    pub neighbours: Option<u64>,
    /// islands: evaluations of an island after which it sends and receives, at the end of a generation. Default: ten
    /// generations of the island with the largest.
    #[schemars(range(min = 1, max = 16_777_216))]
    pub every: Option<u64>,
    /// islands: how many candidates each sends. Default: 2.
    #[schemars(range(min = 0, max = 16_777_216))]
    pub migrants: Option<u64>,
    /// islands: how many times `every` later what was sent is received; no island is further ahead of another. Default: 1.
    #[schemars(range(min = 1, max = 1024))]
    pub lag: Option<u64>,
    /// islands: who is sent. Default: `"best"`.
    pub emigrate: Option<Emigrate>,
    /// islands: whose place those take that are received. Default: `"worst"`.
    pub replace: Option<Replace>,
    /// islands: when they take it. Default: `"better"`.
    pub accept: Option<Accept>,
}

/// One or several islands with the same algorithm.
#[derive(Clone, Debug, PartialEq)]
pub struct Island {
    /// How many; 1 unless given.
    pub count: Option<u64>,
    /// The algorithm on each.
    pub algorithm: Algorithm,
}

/// The keys of `[algorithm]` that are about all islands.
const OF_ALL: [&str; 9] =
    ["islands", "topology", "neighbours", "every", "migrants", "lag", "emigrate", "replace", "accept"];

impl Serialize for Island {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut table = serde_json::to_value(&self.algorithm).map_err(serde::ser::Error::custom)?;
        if let Json::Object(keys) = &mut table {
            keys.insert("count".to_owned(), self.count.into());
        }
        table.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Island {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Island, D::Error> {
        let mut table = serde_json::Map::deserialize(deserializer)?;
        let count = table.remove("count").map(serde_json::from_value).transpose().map_err(D::Error::custom)?;
        let algorithm = serde_json::from_value(Json::Object(table)).map_err(D::Error::custom)?;
        Ok(Island { count: count.flatten(), algorithm })
    }
}

impl JsonSchema for Island {
    fn schema_name() -> Cow<'static, str> {
        "Island".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Algorithm::json_schema(generator);
        schema.insert("description".to_owned(), "One or several islands with the same algorithm and its keys.".into());
        if let Some(Json::Object(keys)) = schema.get_mut("properties") {
            keys.retain(|key, _| !OF_ALL.contains(&key.as_str()));
            let count = json_schema!({
                "description": "How many islands there are with it. Default: 1.",
                "type": "integer",
                "minimum": 1,
                "maximum": 1024,
            });
            keys.insert("count".to_owned(), count.to_value());
        }
        schema
    }
}

/// Who sends to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Topology {
    /// Each to the next one.
    Ring,
    /// Each to the four around it on a grid whose opposite sides touch.
    Torus,
    /// The first to all others, and all others to it.
    Star,
    /// Each to all others.
    Full,
    /// Each to some others.
    Random,
    /// Nobody to anybody.
    None,
}

/// Who is sent to other islands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Emigrate {
    /// The best.
    Best,
    /// Any.
    Random,
    /// Each time the better one of two.
    Tournament,
}

/// Whose place those take that come from other islands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Replace {
    /// The worst.
    Worst,
    /// Any but the best.
    Random,
}

/// When those that come from other islands take a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Accept {
    /// Where they are better than who has it.
    Better,
    /// Always.
    Always,
}

/// How permutations and sequences are crossed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CrossoverOperator {
    /// The problem's own.
    Own,
    /// Order crossover, OX.
    Order,
    /// Partially mapped crossover, PMX.
    PartiallyMapped,
    /// Edge recombination, ERX.
    EdgeRecombination,
    /// Edge assembly, EAX, of tours whose problem gives distances.
    EdgeAssembly,
    /// Job-based order crossover, JOX.
    JobOrder,
}

/// How permutations and sequences mutate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MutationOperator {
    /// The problem's own.
    Own,
    /// An inversion or an insertion, evenly.
    Moves,
    /// A segment is reversed.
    Inversion,
    /// A segment is moved elsewhere, as it is or reversed.
    Insertion,
    /// One to three items are moved elsewhere, as they are or reversed.
    OrOpt,
}

/// The algorithms there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AlgorithmName {
    /// Chosen from the space, the goals and the budget.
    #[default]
    Auto,
    /// The genetic algorithm, for every space.
    Genetic,
    /// L-SHADE: differential evolution that shrinks its population over the budget, for reals, ints and ordinals.
    LShade,
    /// jDE: differential evolution whose candidates carry their settings, for reals, ints and ordinals.
    Jde,
    /// NSGA-II, for several goals and every space.
    #[serde(rename = "nsga-2")]
    Nsga2,
    /// The memetic algorithm: crossover, and the problem's own local search on every child.
    Memetic,
    /// Random search: the baseline.
    Random,
    /// Several algorithms side by side, that send each other candidates.
    Islands,
    /// The CMA evolution strategy, for reals and what has an order.
    CmaEs,
}

/// Which covariances are learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Covariance {
    /// All.
    Full,
    /// Variances alone.
    Separable,
}

/// What follows a descent that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Restarts {
    /// Nothing: the first descent goes on.
    None,
    /// Descents with ever twice the population.
    Ipop,
    /// Those, and small ones between them.
    Bipop,
}

/// How candidates follow each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Schedule {
    /// By generations.
    Word(ScheduleWord),
    /// Steady state.
    Window(Window),
}

/// By generations, or in the order of completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScheduleWord {
    /// A generation is bred when all of the last one are evaluated.
    Generations,
    /// As evaluations complete: each is taken into account when it is done, so that none waits for one that takes longer.
    /// What is found then follows from the order in which they complete, which is recorded with the run.
    Free,
}

/// Steady state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// A candidate is bred from all but the last so many before it, which may still be out; at least 1, and about
    /// three times `parallel` to keep all slots busy.
    #[schemars(range(min = 1, max = 16_777_216))]
    pub window: u64,
}
