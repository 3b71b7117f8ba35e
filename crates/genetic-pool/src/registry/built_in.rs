//! The built-in problems: what is said about each, and how it is built.

use std::{collections::BTreeMap, io, path::Path, sync::Arc};

use genetic_pool_evolve::{
    problem::Problem,
    problems::{
        Ackley, Bbob, Ellipsoid, Griewank, LeadingOnes, Mixed, OneMax, Rastrigin, Rosenbrock, Schwefel, Sphere, Tour,
        WeldedBeam, Zakharov,
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
    add("one-max", of::<OneMax>(ONE_MAX, &[(BITS.0, BITS.1, Some("1000"))]));
    add("leading-ones", of::<LeadingOnes>(LEADING_ONES, &[BITS]));
    add("welded-beam", of::<WeldedBeam>(WELDED_BEAM, &[]));
    add("mixed", of::<Mixed>(MIXED, &[]));
    add("tour", tour());
    problems
}

/// Name, what it is, default.
type Doc = (&'static str, &'static str, Option<&'static str>);

const FUNCTION: [Doc; 4] = [
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

const BBOB_OPTIONS: [Doc; 3] = [
    ("function", "the number of the function, 1 to 24", None),
    ("instance", "which of its instances, 1 to 100000", Some("1")),
    ("dimension", "how many variables, 2 to 1000", Some("10")),
];

const BITS: Doc = ("bits", "how many bits, 1 to 1048576", Some("100"));

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

fn of<P: Problem + DeserializeOwned + 'static>(about: &str, options: &[Doc]) -> RegisteredProblem {
    RegisteredProblem {
        about: about.to_owned(),
        options: docs(options),
        built_in: true,
        ..RegisteredProblem::of::<P>()
    }
}

fn docs(options: &[Doc]) -> Vec<OptionDoc> {
    options
        .iter()
        .map(|(name, about, default)| OptionDoc {
            name: (*name).to_owned(),
            about: (*about).to_owned(),
            default: default.map(str::to_owned),
        })
        .collect()
}

/// The options of `tour`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TourOptions {
    file: String,
}

fn tour() -> RegisteredProblem {
    let file = ("file", "a TSPLIB file, relative to the folder of the experiment", None);
    RegisteredProblem {
        about: TOUR.to_owned(),
        options: docs(&[file]),
        built_in: true,
        build: Box::new(|given, directory| {
            let options: TourOptions = options::read(given)?;
            match read_tour(&directory.join(&options.file)) {
                Ok(tour) => Ok(Arc::new(tour)),
                Err(error) => Err(BuildErrors::from(BuildError {
                    option: Some("file".to_owned()),
                    hint: error.hint(directory),
                    message: error.to_string(),
                })),
            }
        }),
    }
}

fn read_tour(path: &Path) -> Result<Tour, TourError> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|source| TourError::Read { path: shown.clone(), source })?;
    let instance = tsplib::parse(&text).map_err(|source| TourError::Parse { path: shown, source })?;
    Ok(Tour { instance })
}

/// Why there is no tour. The causes are part of the message, which is all that is handed on.
#[derive(Debug, thiserror::Error)]
enum TourError {
    #[error("read `{path}`: {source}")]
    Read { path: String, source: io::Error },
    #[error("`{path}`: {source}")]
    Parse { path: String, source: TsplibError },
}

impl TourError {
    fn hint(&self, directory: &Path) -> Option<String> {
        match self {
            TourError::Read { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => {
                    Some(format!("paths are relative to the folder of the experiment, `{}`", directory.display()))
                }
                io::ErrorKind::InvalidData => Some("a TSPLIB file is text in UTF-8".to_owned()),
                _ => None,
            },
            TourError::Parse { source: TsplibError::Truncated { .. }, .. } => {
                Some("the file may have been cut off on its way: compare it with where it comes from".to_owned())
            }
            TourError::Parse { source: TsplibError::Missing { line: 0, .. }, .. } => {
                Some("the file is empty".to_owned())
            }
            TourError::Parse { .. } => None,
        }
    }
}
