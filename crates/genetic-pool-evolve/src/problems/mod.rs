//! Problems that come with the engine, each with its domain, best known value and source.
//!
//! | problem | space | goal | best known | source |
//! |---|---|---|---|---|
//! | [`Sphere`] | 30 reals in \[-5.12, 5.12\] | minimize `value` | 0 | Jamil and Yang 2013, [doi:10.1504/IJMMNO.2013.055204](https://doi.org/10.1504/IJMMNO.2013.055204) |
//! | [`Rastrigin`] | 30 reals in \[-5.12, 5.12\] | minimize `value` | 0 | Mühlenbein, Schomisch and Born 1991, [doi:10.1016/S0167-8191(05)80052-3](https://doi.org/10.1016/S0167-8191(05)80052-3) |
//! | [`Rosenbrock`] | 30 reals in \[-5, 10\] | minimize `value` | 0 | Rosenbrock 1960, [doi:10.1093/comjnl/3.3.175](https://doi.org/10.1093/comjnl/3.3.175) |
//! | [`Ackley`] | 30 reals in \[-32.768, 32.768\] | minimize `value` | 0 | Ackley 1987, [doi:10.1007/978-1-4613-1997-9](https://doi.org/10.1007/978-1-4613-1997-9) |
//! | [`Bbob`] | 10 reals in \[-5, 5\] | minimize `value` | [`Bbob::optimum`] | Hansen, Finck, Ros and Auger 2009, [INRIA RR-6829](https://inria.hal.science/inria-00362633) |
//! | [`OneMax`] | 1,000 bits | maximize `ones` | the number of bits | Doerr and Neumann 2020, [doi:10.1007/978-3-030-29414-4](https://doi.org/10.1007/978-3-030-29414-4) |
//! | [`LeadingOnes`] | 100 bits | maximize `leading_ones` | the number of bits | Droste, Jansen and Wegener 2002, [doi:10.1016/S0304-3975(01)00182-7](https://doi.org/10.1016/S0304-3975(01)00182-7) |
//! | [`WeldedBeam`] | 4 reals, 7 constraints | minimize `cost` | 1.724852309 | Coello Coello and Mezura-Montes 2002, [doi:10.1016/S1474-0346(02)00011-3](https://doi.org/10.1016/S1474-0346(02)00011-3) |
//! | [`Tour`] | a permutation of the nodes | minimize `length` | `berlin52`: 7542 | Reinelt 1991, [doi:10.1287/ijoc.3.4.376](https://doi.org/10.1287/ijoc.3.4.376) |
//! | [`JobShop`] | a sequence of the jobs' operations | minimize `makespan` | `ft10`: 930 | Fisher and Thompson 1963; Taillard 1993, [doi:10.1016/0377-2217(93)90182-M](https://doi.org/10.1016/0377-2217(93)90182-M) |
//! | [`FlowShop`] | a permutation of the jobs | minimize `makespan` | `ta001`: 1278 | Taillard 1993, [doi:10.1016/0377-2217(93)90182-M](https://doi.org/10.1016/0377-2217(93)90182-M) |
//! | [`Assignment`] | a permutation of the places | minimize `cost` | `nug30`: 6124 | Burkard, Karisch and Rendl 1997, [doi:10.1023/A:1008293323270](https://doi.org/10.1023/A:1008293323270) |
//! | [`Mixed`] | 11 parameters of every kind, 4 of them conditional | minimize `value` | 0 | this crate |
//!
//! They are read from options as users' problems are ([`serde::Deserialize`]), but for [`Tour`]. The optima of the first
//! four can be moved away from the centre ([`Shift`]), where operators that favour it would find them by chance.

mod ackley;
mod assignment;
mod bbob;
mod bits;
mod flow_shop;
mod function;
pub mod job_shop;
mod leading_ones;
mod mixed;
mod numbers;
mod one_max;
pub mod qaplib;
mod rastrigin;
mod rosenbrock;
mod sphere;
mod taillard;
mod tour;
pub mod tsplib;
mod welded_beam;

pub use self::{
    ackley::Ackley,
    assignment::Assignment,
    bbob::{Bbob, BbobError, BbobFunction, BbobOptions},
    bits::BitOptions,
    flow_shop::FlowShop,
    function::{Dimension, FunctionOptions, OptionsError, Shift},
    job_shop::JobShop,
    leading_ones::LeadingOnes,
    mixed::Mixed,
    numbers::NumbersError,
    one_max::OneMax,
    rastrigin::Rastrigin,
    rosenbrock::Rosenbrock,
    sphere::Sphere,
    tour::Tour,
    welded_beam::WeldedBeam,
};

#[cfg(test)]
mod tests;
