//! The built-in problems: what is said about each, and how it is built.

use std::{collections::BTreeMap, io, path::Path, sync::Arc};

use genetic_pool_evolve::{
    problem::Problem,
    problems::{
        Ackley, Assignment, FlowShop, JobShop, LeadingOnes, Mixed, NumbersError, OneMax, Rastrigin, Rosenbrock, Sphere,
        Tour, WeldedBeam, job_shop, qaplib,
        tsplib::{self, TsplibError},
    },
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{BuildError, BuildErrors, OptionDoc, RegisteredProblem, options};

pub(super) fn problems() -> BTreeMap<String, RegisteredProblem> {
    let mut problems = BTreeMap::new();
    let mut add = |name: &str, problem| problems.insert(name.to_owned(), problem);
    add("sphere", of::<Sphere>(SPHERE, &FUNCTION));
    add("rastrigin", of::<Rastrigin>(RASTRIGIN, &FUNCTION));
    add("rosenbrock", of::<Rosenbrock>(ROSENBROCK, &FUNCTION));
    add("ackley", of::<Ackley>(ACKLEY, &FUNCTION));
    add("one-max", of::<OneMax>(ONE_MAX, &[(BITS.0, BITS.1, Some("1000"))]));
    add("leading-ones", of::<LeadingOnes>(LEADING_ONES, &[BITS]));
    add("welded-beam", of::<WeldedBeam>(WELDED_BEAM, &[]));
    add("mixed", of::<Mixed>(MIXED, &[]));
    add("tour", of_file(TOUR, "a TSPLIB file", |text| Ok(Arc::new(Tour { instance: tsplib::parse(text)? }))));
    add(
        "assignment",
        of_file(ASSIGNMENT, "a QAPLIB file", |text| Ok(Arc::new(Assignment { instance: qaplib::parse(text)? }))),
    );
    add(
        "job-shop",
        of_file(JOB_SHOP, "a file of jobs", |text| Ok(Arc::new(JobShop { instance: job_shop::parse(text)? }))),
    );
    add("flow-shop", flow_shop());
    problems
}

/// Name, what it is, default.
type Doc<'a> = (&'a str, &'a str, Option<&'a str>);

const FUNCTION: [Doc<'static>; 3] = [
    ("dimension", "how many variables, 1 to 1048576", Some("30")),
    (
        "shift",
        "where the optimum is: \"none\" (where the definition has it) or \"random\" (moved, each variable by up to 80 % of \
         the way to the nearer bound)",
        Some("\"none\""),
    ),
    ("seed", "the seed of a random shift; only with shift = \"random\"", Some("0")),
];

const BITS: Doc<'static> = ("bits", "how many bits, 1 to 1048576", Some("100"));

const SPHERE: &str = "\
the sum of squares: smooth, convex, separable

f(x) = sum of (x_i - s_i)^2, x_i in [-5.12, 5.12]
best known: 0 at x = s, the shift
source: Jamil and Yang 2013, doi:10.1504/IJMMNO.2013.055204";

const RASTRIGIN: &str = "\
a parabola with a local optimum near every point of whole numbers

f(x) = sum of z_i^2 - 10 cos(2 pi z_i) + 10, z = x - s, x_i in [-5.12, 5.12]
best known: 0 at x = s, the shift
source: Muehlenbein, Schomisch and Born 1991, doi:10.1016/S0167-8191(05)80052-3";

const ROSENBROCK: &str = "\
a long bent valley; neighbouring variables depend on each other

f(x) = sum of 100 (z_(i+1) - z_i^2)^2 + (1 - z_i)^2, z = x - s, x_i in [-5, 10], at least 2 variables
best known: 0 at z_i = 1
source: Rosenbrock 1960, doi:10.1093/comjnl/3.3.175";

const ACKLEY: &str = "\
a rippled plateau around one deep hole

f(x) = 20 - 20 exp(-0.2 sqrt(mean of z_i^2)) + e - exp(mean of cos(2 pi z_i)), z = x - s, x_i in [-32.768, 32.768]
best known: 0 at x = s, the shift
source: Ackley 1987, doi:10.1007/978-1-4613-1997-9";

const ONE_MAX: &str = "\
the number of ones among bits, to be maximised

best known: the number of bits
source: Doerr and Neumann 2020, doi:10.1007/978-3-030-29414-4";

const LEADING_ONES: &str = "\
the number of ones before the first zero, to be maximised

best known: the number of bits
source: Droste, Jansen and Wegener 2002, doi:10.1016/S0304-3975(01)00182-7";

const WELDED_BEAM: &str = "\
the cheapest welded beam that carries its load: 4 reals, 7 constraints

the formulation with seven constraints, each given as what is used of its limit, so that 1 is the bound of all
best known: 1.724852309 at h = b = 0.20572964, l = 3.47048867, t = 9.03662391
formulation: Coello Coello and Mezura-Montes 2002, doi:10.1016/S1474-0346(02)00011-3";

const MIXED: &str = "\
a small made-up design with every kind of parameter, some of them conditional

best known: 0";

const TOUR: &str = "\
the shortest tour through the nodes of a TSPLIB instance

a permutation; distances EUC_2D, CEIL_2D, ATT, GEO or EXPLICIT, symmetric or not
best known: berlin52 7542, att48 10628, burma14 3323, ulysses16 6859, gr17 2085
source: Reinelt 1991, doi:10.1287/ijoc.3.4.376";

const ASSIGNMENT: &str = "\
the cheapest assignment of facilities to places, of a QAPLIB instance

a permutation: item i is the place of facility i; with a local search that exchanges two places
best known: nug12 578, nug30 6124
source: Burkard, Karisch and Rendl 1997, doi:10.1023/A:1008293323270";

const JOB_SHOP: &str = "\
the shortest schedule of jobs whose operations each need one machine, in an order of their own

a sequence: the k-th occurrence of job j is its k-th operation; with a tabu search on critical blocks
the file: a line `jobs machines`, then a line a job of pairs `machine duration`, machines from 0
best known: ft06 55, ft10 930, la38 1196
sources: Fisher and Thompson 1963; Lawrence 1984; encoding: Bierwirth 1995, doi:10.1007/BF01719250";

const FLOW_SHOP: &str = "\
the shortest schedule of jobs that go through all machines in one order, as Taillard's generator makes them

a permutation of the jobs; with a local search that inserts one job elsewhere
best known: 1278 for 20 jobs, 5 machines, seed 873654221 (ta001)
source: Taillard 1993, doi:10.1016/0377-2217(93)90182-M";

fn of<P: Problem + DeserializeOwned + 'static>(about: &str, options: &[Doc<'_>]) -> RegisteredProblem {
    RegisteredProblem {
        about: about.to_owned(),
        options: docs(options),
        built_in: true,
        ..RegisteredProblem::of::<P>()
    }
}

fn docs(options: &[Doc<'_>]) -> Vec<OptionDoc> {
    options
        .iter()
        .map(|(name, about, default)| OptionDoc {
            name: (*name).to_owned(),
            about: (*about).to_owned(),
            default: default.map(str::to_owned),
        })
        .collect()
}

/// The options of problems that a file holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileOptions {
    file: String,
}

/// A problem that `parse` makes of the text of `file`.
fn of_file(about: &str, file: &str, parse: fn(&str) -> Result<Arc<dyn Problem>, ParseError>) -> RegisteredProblem {
    let file = format!("{file}, relative to the folder of the experiment");
    RegisteredProblem {
        about: about.to_owned(),
        options: docs(&[("file", &file, None)]),
        built_in: true,
        build: Box::new(move |given, directory| {
            let options: FileOptions = options::read(given)?;
            let path = directory.join(&options.file);
            let shown = path.display().to_string();
            let read = std::fs::read_to_string(&path).map_err(|source| FileError::Read { path: shown.clone(), source });
            let parsed = read.and_then(|text| parse(&text).map_err(|source| FileError::Parse { path: shown, source }));
            parsed.map_err(|error| {
                BuildErrors::from(BuildError {
                    option: Some("file".to_owned()),
                    hint: error.hint(directory),
                    message: error.to_string(),
                })
            })
        }),
    }
}

/// The options of `flow-shop`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FlowShopOptions {
    jobs: u32,
    machines: u32,
    seed: u32,
}

fn flow_shop() -> RegisteredProblem {
    RegisteredProblem {
        about: FLOW_SHOP.to_owned(),
        options: docs(&[
            ("jobs", "how many jobs, at least 1", None),
            ("machines", "how many machines, at least 1; with the jobs at most 1048576 operations", None),
            ("seed", "the seed of the generator, 1 to 2147483646", None),
        ]),
        built_in: true,
        build: Box::new(|given, _| {
            let FlowShopOptions { jobs, machines, seed } = options::read(given)?;
            let shop = FlowShop::taillard(jobs, machines, seed);
            let shop = shop.ok_or_else(|| BuildError {
                option: None,
                message: format!("there is no instance of {jobs} jobs, {machines} machines and seed {seed}"),
                hint: Some("1 to 1048576 operations in all, and a seed of 1 to 2147483646".to_owned()),
            })?;
            Ok(Arc::new(shop))
        }),
    }
}

/// Why there is no problem. The causes are part of the message, which is all that is handed on.
#[derive(Debug, thiserror::Error)]
enum FileError {
    #[error("read `{path}`: {source}")]
    Read { path: String, source: io::Error },
    #[error("`{path}`: {source}")]
    Parse { path: String, source: ParseError },
}

/// What is wrong with the text of a file.
#[derive(Debug, thiserror::Error)]
enum ParseError {
    #[error(transparent)]
    Tsplib(#[from] TsplibError),
    #[error(transparent)]
    Numbers(#[from] NumbersError),
}

impl FileError {
    fn hint(&self, directory: &Path) -> Option<String> {
        match self {
            FileError::Read { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => {
                    Some(format!("paths are relative to the folder of the experiment, `{}`", directory.display()))
                }
                io::ErrorKind::InvalidData => Some("such a file is text in UTF-8".to_owned()),
                _ => None,
            },
            FileError::Parse {
                source:
                    ParseError::Tsplib(TsplibError::Truncated { .. })
                    | ParseError::Numbers(NumbersError::Truncated { line: 1.., .. }),
                ..
            } => Some("the file may have been cut off on its way: compare it with where it comes from".to_owned()),
            FileError::Parse {
                source:
                    ParseError::Tsplib(TsplibError::Missing { line: 0, .. })
                    | ParseError::Numbers(NumbersError::Truncated { .. }),
                ..
            } => Some("the file is empty".to_owned()),
            FileError::Parse { .. } => None,
        }
    }
}
