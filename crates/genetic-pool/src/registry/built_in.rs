//! The built-in problems: what is said about each, and how it is built.

use std::{collections::BTreeMap, io, path::Path, sync::Arc};

use genetic_pool_evolve::{
    problem::Problem,
    problems::{
        Ackley, Assignment, Bbob, Dtlz, Ellipsoid, FlowShop, Griewank, JobShop, Knapsack, LeadingOnes, Mixed,
        NkLandscape, NumbersError, OneMax, PressureVessel, Rastrigin, Rosenbrock, Schwefel, SpeedReducer, Sphere,
        Spring, Tour, Trap, WeldedBeam, Zakharov, Zdt, job_shop, qaplib,
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
    add("griewank", of::<Griewank>(GRIEWANK, &FUNCTION));
    add("ellipsoid", of::<Ellipsoid>(ELLIPSOID, &FUNCTION));
    add("zakharov", of::<Zakharov>(ZAKHAROV, &FUNCTION));
    add("schwefel", of::<Schwefel>(SCHWEFEL, &FUNCTION[..1]));
    add("bbob", of::<Bbob>(BBOB, &BBOB_OPTIONS));
    add("zdt", of::<Zdt>(ZDT, &ZDT_OPTIONS));
    add("dtlz", of::<Dtlz>(DTLZ, &DTLZ_OPTIONS));
    add("one-max", of::<OneMax>(ONE_MAX, &[(BITS.0, BITS.1, Some("1000"))]));
    add("leading-ones", of::<LeadingOnes>(LEADING_ONES, &[BITS]));
    add("trap", of::<Trap>(TRAP, &TRAP_OPTIONS));
    add("nk-landscape", of::<NkLandscape>(NK_LANDSCAPE, &NK_LANDSCAPE_OPTIONS));
    add("knapsack", of::<Knapsack>(KNAPSACK, &KNAPSACK_OPTIONS));
    add("pressure-vessel", of::<PressureVessel>(PRESSURE_VESSEL, &[]));
    add("spring", of::<Spring>(SPRING, &[]));
    add("speed-reducer", of::<SpeedReducer>(SPEED_REDUCER, &[]));
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

const FUNCTION: [Doc<'static>; 4] = [
    ("dimension", "how many variables, 1 to 1048576", Some("30")),
    (
        "shift",
        "where the optimum is: \"none\" (where the definition has it) or \"random\" (moved, each variable by up to 80 % of \
         the way to the nearer bound)",
        Some("\"none\""),
    ),
    (
        "rotate",
        "which way the axes point: \"none\" (as the definition has them) or \"random\" (turned about the optimum, so that \
         no variable can be found alone; up to 1000 variables)",
        Some("\"none\""),
    ),
    ("seed", "the seed of a random shift or rotation; only with one of them", Some("0")),
];

const BBOB_OPTIONS: [Doc<'static>; 3] = [
    ("function", "the number of the function, 1 to 24", None),
    ("instance", "which of its instances, 1 to 100000", Some("1")),
    ("dimension", "how many variables, 2 to 1000", Some("10")),
];

const ZDT_OPTIONS: [Doc<'static>; 2] = [
    ("function", "the number of the problem: 1, 2, 3, 4 or 6", None),
    ("dimension", "how many variables, 2 to 1048576; 30 unless given, 10 for 4 and 6", None),
];

const DTLZ_OPTIONS: [Doc<'static>; 3] = [
    ("function", "the number of the problem, 1 to 7", None),
    ("objectives", "how many goals, 2 to 32", Some("3")),
    (
        "dimension",
        "how many variables, as many as goals to 1048576; goals + 4 unless given, for 2 to 6 goals + 9, for 7 goals + 19",
        None,
    ),
];

const TRAP_OPTIONS: [Doc<'static>; 2] = [
    ("bits", "how many bits, 1 to 1048576, a multiple of `size`", Some("100")),
    ("size", "how many bits each trap has, 2 to 64", Some("5")),
];

const NK_LANDSCAPE_OPTIONS: [Doc<'static>; 3] = [
    ("bits", "how many bits; times 2^(`neighbours` + 1) at most 2^24", Some("100")),
    ("neighbours", "how many others each bit depends on, less than `bits`", Some("4")),
    SEED,
];

const KNAPSACK_OPTIONS: [Doc<'static>; 3] = [
    ("items", "how many items, 1 to 1048576", Some("100")),
    (
        "kind",
        "how profits follow from weights: \"uncorrelated\" (not at all), \"weakly\" (within 100 of the weight) or \
         \"strongly\" (the weight + 100)",
        Some("\"uncorrelated\""),
    ),
    SEED,
];

const SEED: Doc<'static> = ("seed", "what the instance is drawn from", Some("0"));

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

const GRIEWANK: &str = "\
a wide bowl with ripples that depend on all variables at once

f(x) = 1 + sum of z_i^2 / 4000 - product of cos(z_i / sqrt(i)), z = x - s, x_i in [-600, 600]
best known: 0 at x = s, the shift
source: Griewank 1981, doi:10.1007/BF00933356";

const ELLIPSOID: &str = "\
squares of which the last weighs a million times the first: convex and ill-conditioned

f(x) = sum of 10^(6 (i - 1) / (n - 1)) z_i^2, z = x - s, x_i in [-5.12, 5.12], at least 2 variables
best known: 0 at x = s, the shift
source: Hansen and Ostermeier 2001, doi:10.1162/106365601750190398";

const ZAKHAROV: &str = "\
a bowl with a steep plate across: no variable can be found alone

f(x) = sum of z_i^2 + p^2 + p^4, p = sum of i z_i / 2, z = x - s, x_i in [-5, 10]
best known: 0 at x = s, the shift
source: Jamil and Yang 2013, doi:10.1504/IJMMNO.2013.055204";

const SCHWEFEL: &str = "\
deep basins, the best of them in a corner and far from the second best

f(x) = 418.9828872724337 n - sum of x_i sin(sqrt(|x_i|)), x_i in [-500, 500]
best known: 0 at x_i = 420.968746359982
source: Schwefel 1981, function 2.26; Jamil and Yang 2013, doi:10.1504/IJMMNO.2013.055204";

const BBOB: &str = "\
one of the 24 noiseless functions of the BBOB suite, as COCO has them

 1 sphere               7 step ellipsoid           13 sharp ridge           19 Griewank-Rosenbrock
 2 ellipsoid            8 Rosenbrock               14 different powers      20 Schwefel
 3 Rastrigin            9 Rosenbrock, rotated      15 Rastrigin, rotated    21 Gallagher, 101 peaks
 4 Bueche-Rastrigin    10 ellipsoid, rotated       16 Weierstrass           22 Gallagher, 21 peaks
 5 linear slope        11 discus                   17 Schaffer F7           23 Katsuura
 6 attractive sector   12 bent cigar               18 Schaffer F7, steeper  24 Lunacek bi-Rastrigin
x_i in [-5, 5]; 1 to 5 separable, 6 to 9 and 10 to 14 of low and high condition, 15 to 24 with many optima
best known: f_opt of the function and instance, between -1000 and 1000, at its x_opt
source: Hansen, Finck, Ros and Auger 2009, INRIA RR-6829; COCO, doi:10.1080/10556788.2020.1808977";

const ZDT: &str = "\
a problem of two goals whose front is known, of Zitzler, Deb and Thiele

minimises f1 = x_1 and f2 = g h; g is 1 where all but x_1 are 0, and h is there
  1: 1 - sqrt(f1)    2: 1 - f1^2    3: 1 - sqrt(f1) - f1 sin(10 pi f1)    4: as 1, with 21^9 local fronts
  6: 1 - f1^2 with f1 = 1 - exp(-4 x_1) sin(6 pi x_1)^6, whose points are unevenly found
x_i in [0, 1], for problem 4 x_1 in [0, 1] (`first`) and the others in [-5, 5]
best known: the fronts above; hypervolume up to (1, 1): 1 and 4: 2/3, 2: 1/3, 3: 1.044426
source: Zitzler, Deb and Thiele 2000, doi:10.1162/106365600568202";

const DTLZ: &str = "\
a problem of any number of goals, of Deb, Thiele, Laumanns and Zitzler

minimises f1 ... fM over x_i in [0, 1]; the first M - 1 variables decide the place on the front, the others the distance
  1: a plane, many local fronts    2: a sphere    3: a sphere, many local fronts    4: a sphere, unevenly found
  5, 6: a curve (up to 3 goals)    7: 2^(M - 1) pieces
best known: sum of f_i = 1/2 for 1, sum of f_i^2 = 1 for 2 to 6; all x_i of the distance 1/2, for 6 and 7 0
source: Deb, Thiele, Laumanns and Zitzler 2005, doi:10.1007/1-84628-137-7_6";

const TRAP: &str = "\
deceptive traps side by side, to be maximised: every step but the last to a trap's best leads down

sum over blocks of k bits of k where all are ones, of k - 1 - ones else
best known: the number of bits
source: Deb and Goldberg 1993, doi:10.1016/B978-0-08-094832-4.50012-X";

const NK_LANDSCAPE: &str = "\
a random landscape of bits whose ruggedness is set by how many others each depends on, to be maximised

the mean of what each bit contributes: a number in (0, 1) drawn for each setting of it and of the bits it depends on
best known: depends on the seed; below 1
source: Kauffman and Levin 1987, doi:10.1016/S0022-5193(87)80029-2";

const KNAPSACK: &str = "\
the most profit from items that weigh no more than half of all: a bit for each, 1 constraint

weights drawn from 1 to 1000
best known: depends on the seed; `Knapsack::best` of the library finds it
source: Pisinger 2005, doi:10.1016/j.cor.2004.03.002";

const PRESSURE_VESSEL: &str = "\
the cheapest pressure vessel for its volume: 2 thicknesses in steps, 2 reals, 3 constraints

cost = 0.6224 S R L + 1.7781 H R^2 + 3.1661 S^2 L + 19.84 S^2 R; each constraint is given as what is used of its
limit, so that 1 is the bound of all: 0.0193 R / S, 0.00954 R / H, 1296000 / (pi R^2 L + 4/3 pi R^3)
best known: 6059.714335 at shell S = 0.8125, head H = 0.4375, radius R = 42.0984456, length L = 176.6365958
source: Sandgren 1990, doi:10.1115/1.2912596; optimum: Yang et al. 2013, doi:10.1504/IJBIC.2013.058910";

const SPRING: &str = "\
the lightest spring that bears its load: 3 reals, 4 constraints

weight = (N + 2) D d^2 of wire d, coil D and turns N; each constraint is given as what is used of its limit, so that 1
is the bound of all
best known: 0.012665233 at d = 0.05168906, D = 0.35671775, N = 11.28896534
source: Coello Coello and Mezura-Montes 2002, doi:10.1016/S1474-0346(02)00011-3";

const SPEED_REDUCER: &str = "\
the lightest gear box between an engine and a propeller: 6 reals, a number of teeth, 11 constraints

each constraint is given as what is used of its limit, so that 1 is the bound of all
best known: 2994.471066 at face 3.5, module 0.7, teeth 17, lengths 7.3, 7.71531991, diameters 3.35021467, 5.28665446
source: Golinski 1973, doi:10.1016/0094-114X(73)90018-9; optimum: Zhang et al. 2008, doi:10.1016/j.ins.2008.02.014";

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
