//! Problems that come with the engine, each with its domain, best known value and source.
//!
//! | problem | space | goal | best known | source |
//! |---|---|---|---|---|
//! | [`Sphere`] | 30 reals in \[-5.12, 5.12\] | minimize `value` | 0 | Jamil and Yang 2013, [doi:10.1504/IJMMNO.2013.055204](https://doi.org/10.1504/IJMMNO.2013.055204) |
//! | [`Rastrigin`] | 30 reals in \[-5.12, 5.12\] | minimize `value` | 0 | Mühlenbein, Schomisch and Born 1991, [doi:10.1016/S0167-8191(05)80052-3](https://doi.org/10.1016/S0167-8191(05)80052-3) |
//! | [`Rosenbrock`] | 30 reals in \[-5, 10\] | minimize `value` | 0 | Rosenbrock 1960, [doi:10.1093/comjnl/3.3.175](https://doi.org/10.1093/comjnl/3.3.175) |
//! | [`Ackley`] | 30 reals in \[-32.768, 32.768\] | minimize `value` | 0 | Ackley 1987, [doi:10.1007/978-1-4613-1997-9](https://doi.org/10.1007/978-1-4613-1997-9) |
//! | [`Griewank`] | 30 reals in \[-600, 600\] | minimize `value` | 0 | Griewank 1981, [doi:10.1007/BF00933356](https://doi.org/10.1007/BF00933356) |
//! | [`Ellipsoid`] | 30 reals in \[-5.12, 5.12\] | minimize `value` | 0 | Hansen and Ostermeier 2001, [doi:10.1162/106365601750190398](https://doi.org/10.1162/106365601750190398) |
//! | [`Zakharov`] | 30 reals in \[-5, 10\] | minimize `value` | 0 | Jamil and Yang 2013, [doi:10.1504/IJMMNO.2013.055204](https://doi.org/10.1504/IJMMNO.2013.055204) |
//! | [`Schwefel`] | 30 reals in \[-500, 500\] | minimize `value` | 0 | Schwefel 1981, by Jamil and Yang 2013, [doi:10.1504/IJMMNO.2013.055204](https://doi.org/10.1504/IJMMNO.2013.055204) |
//! | [`Bbob`] | 10 reals in \[-5, 5\] | minimize `value` | [`Bbob::optimum`] | Hansen, Finck, Ros and Auger 2009, [INRIA RR-6829](https://inria.hal.science/inria-00362633) |
//! | [`Zdt`] | 30 or 10 reals | minimize `f1`, `f2` | [`Zdt::front`] | Zitzler, Deb and Thiele 2000, [doi:10.1162/106365600568202](https://doi.org/10.1162/106365600568202) |
//! | [`Dtlz`] | reals in \[0, 1\] | minimize `f1` … | [`Dtlz::front`] | Deb, Thiele, Laumanns and Zitzler 2005, [doi:10.1007/1-84628-137-7_6](https://doi.org/10.1007/1-84628-137-7_6) |
//! | [`OneMax`] | 1,000 bits | maximize `ones` | the number of bits | Doerr and Neumann 2020, [doi:10.1007/978-3-030-29414-4](https://doi.org/10.1007/978-3-030-29414-4) |
//! | [`LeadingOnes`] | 100 bits | maximize `leading_ones` | the number of bits | Droste, Jansen and Wegener 2002, [doi:10.1016/S0304-3975(01)00182-7](https://doi.org/10.1016/S0304-3975(01)00182-7) |
//! | [`Trap`] | 100 bits | maximize `value` | the number of bits | Deb and Goldberg 1993, [doi:10.1016/B978-0-08-094832-4.50012-X](https://doi.org/10.1016/B978-0-08-094832-4.50012-X) |
//! | [`NkLandscape`] | 100 bits | maximize `value` | depends on the seed | Kauffman and Levin 1987, [doi:10.1016/S0022-5193(87)80029-2](https://doi.org/10.1016/S0022-5193(87)80029-2) |
//! | [`Knapsack`] | 100 bits, 1 constraint | maximize `profit` | [`Knapsack::best`] | Pisinger 2005, [doi:10.1016/j.cor.2004.03.002](https://doi.org/10.1016/j.cor.2004.03.002) |
//! | [`PressureVessel`] | 4 reals, 2 of them in steps, 3 constraints | minimize `cost` | 6059.714335 | Sandgren 1990, [doi:10.1115/1.2912596](https://doi.org/10.1115/1.2912596) |
//! | [`Spring`] | 3 reals, 4 constraints | minimize `weight` | 0.012665233 | Coello Coello and Mezura-Montes 2002, [doi:10.1016/S1474-0346(02)00011-3](https://doi.org/10.1016/S1474-0346(02)00011-3) |
//! | [`SpeedReducer`] | 6 reals, an int, 11 constraints | minimize `weight` | 2994.471066 | Golinski 1973, [doi:10.1016/0094-114X(73)90018-9](https://doi.org/10.1016/0094-114X(73)90018-9) |
//! | [`WeldedBeam`] | 4 reals, 7 constraints | minimize `cost` | 1.724852309 | Coello Coello and Mezura-Montes 2002, [doi:10.1016/S1474-0346(02)00011-3](https://doi.org/10.1016/S1474-0346(02)00011-3) |
//! | [`Tour`] | a permutation of the nodes | minimize `length` | `berlin52`: 7542 | Reinelt 1991, [doi:10.1287/ijoc.3.4.376](https://doi.org/10.1287/ijoc.3.4.376) |
//! | [`JobShop`] | a sequence of the jobs' operations | minimize `makespan` | `ft10`: 930 | Fisher and Thompson 1963; Taillard 1993, [doi:10.1016/0377-2217(93)90182-M](https://doi.org/10.1016/0377-2217(93)90182-M) |
//! | [`FlowShop`] | a permutation of the jobs | minimize `makespan` | `ta001`: 1278 | Taillard 1993, [doi:10.1016/0377-2217(93)90182-M](https://doi.org/10.1016/0377-2217(93)90182-M) |
//! | [`Assignment`] | a permutation of the places | minimize `cost` | `nug30`: 6124 | Burkard, Karisch and Rendl 1997, [doi:10.1023/A:1008293323270](https://doi.org/10.1023/A:1008293323270) |
//! | [`Mixed`] | 11 parameters of every kind, 4 of them conditional | minimize `value` | 0 | this crate |
//!
//! They are read from options as users' problems are ([`serde::Deserialize`]), but for [`Tour`]. The optima of the first
//! seven can be moved away from the centre ([`Shift`]), where operators that favour it would find them by chance, and
//! their axes turned ([`Rotate`]), so that no variable can be found alone.

mod ackley;
mod assignment;
mod bbob;
mod bits;
mod design;
mod dtlz;
mod ellipsoid;
mod flow_shop;
mod function;
mod griewank;
pub mod job_shop;
mod knapsack;
mod lanes;
mod leading_ones;
mod mixed;
mod nk_landscape;
mod numbers;
mod one_max;
mod pressure_vessel;
pub mod qaplib;
mod rastrigin;
mod rosenbrock;
mod rotation;
mod schwefel;
mod speed_reducer;
mod sphere;
mod spring;
mod taillard;
mod tour;
mod trap;
pub mod tsplib;
mod welded_beam;
mod zakharov;
mod zdt;

pub use self::{
    ackley::Ackley,
    assignment::Assignment,
    bbob::{Bbob, BbobError, BbobFunction, BbobOptions},
    bits::BitOptions,
    dtlz::{Dtlz, DtlzError, DtlzOptions},
    ellipsoid::Ellipsoid,
    flow_shop::FlowShop,
    function::{Dimension, FunctionOptions, OptionsError, Rotate, Shift},
    griewank::Griewank,
    job_shop::JobShop,
    knapsack::{Knapsack, KnapsackKind, KnapsackOptions},
    leading_ones::LeadingOnes,
    mixed::Mixed,
    nk_landscape::{NkLandscape, NkLandscapeError, NkLandscapeOptions},
    numbers::NumbersError,
    one_max::OneMax,
    pressure_vessel::PressureVessel,
    rastrigin::Rastrigin,
    rosenbrock::Rosenbrock,
    schwefel::{Schwefel, SchwefelOptions},
    speed_reducer::SpeedReducer,
    sphere::Sphere,
    spring::Spring,
    tour::Tour,
    trap::{Trap, TrapError, TrapOptions},
    welded_beam::WeldedBeam,
    zakharov::Zakharov,
    zdt::{Zdt, ZdtError, ZdtOptions},
};

#[cfg(test)]
mod tests;
