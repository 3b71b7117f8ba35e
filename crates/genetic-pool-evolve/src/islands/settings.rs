//! The keys of islands and what they become.

use serde::{Serialize, Serializer, ser::SerializeSeq};

use super::{emigration::Emigration, topology::Topology};
use crate::{
    algorithms::{Choice, ConfigError, MOST, Options, Replacement, Schedule, Settings, Setup, UP_TO_MOST, check_count},
    operators::Operators,
    problem::Signature,
};

/// The keys of islands; `None` is chosen from what the islands are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IslandsOptions {
    /// The algorithms, each so many times: at least one island in all, none of them islands themselves.
    pub islands: Vec<(Options, usize)>,
    /// Who sends to whom.
    pub topology: Option<Topology>,
    /// Committed candidates of an island after which it sends and receives, at least 1.
    pub every: Option<u64>,
    /// How many candidates an island sends; 0: none.
    pub migrants: Option<usize>,
    /// How many epochs later what was sent is received, at least 1.
    pub lag: Option<u64>,
    /// Who is sent.
    pub emigration: Option<Emigration>,
    /// Whose place who is received takes.
    pub replacement: Option<Replacement>,
}

/// The options of a run, all decided.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IslandsSettings {
    /// The algorithm of each island, 1 to 1024, none of them islands themselves.
    #[serde(serialize_with = "by_name")]
    pub islands: Vec<Settings>,
    /// Who sends to whom.
    pub topology: Topology,
    /// Committed candidates of an island after which it sends and receives, at the end of a unit: 1 to 2^24.
    pub every: u64,
    /// How many candidates an island sends, 0 to 2^24.
    pub migrants: usize,
    /// How many epochs later what was sent is received: 1 to 1024. An island is at most so many epochs ahead of another.
    pub lag: u64,
    /// Who is sent.
    pub emigration: Emigration,
    /// Whose place who is received takes.
    pub replacement: Replacement,
}

/// The most islands.
pub(super) const MOST_ISLANDS: usize = 1024;

impl IslandsOptions {
    /// The settings these options stand for, with a budget of `budget` evaluations where there is one, and room for
    /// `parallel` at once, of which each island has its share.
    ///
    /// Where nothing is asked for:
    /// - `topology`: a ring;
    /// - `every`: ten generations of the island with the largest;
    /// - `migrants` 2, `lag` 1: the best two, an epoch later in place of the worst two, where they are better.
    pub fn choose(
        &self,
        operators: &Operators,
        signature: &Signature,
        budget: Option<u64>,
        parallel: usize,
    ) -> Result<Choice, ConfigError> {
        let count = self.islands.iter().map(|(_, count)| *count).fold(0, usize::saturating_add);
        check_count("islands", count, 1..=MOST_ISLANDS, "1 to 1024")?;
        let mut islands = Vec::with_capacity(count);
        let mut why = "the experiment says so".to_owned();
        for (entry, (options, copies)) in self.islands.iter().enumerate() {
            if matches!(options, Options::Islands(_)) {
                return Err(ConfigError::Nested { entry });
            }
            let budget = budget.map(|budget| budget / count as u64);
            let choice = options.choose_with(operators, signature, budget, (parallel / count).max(1))?;
            if matches!(options, Options::Auto) {
                why = format!("{why}; `{}` where it says `auto`: {}", choice.settings.name(), choice.why);
            }
            islands.extend(std::iter::repeat_n(choice.settings, *copies));
        }
        let generation = islands.iter().map(Settings::generation).max().unwrap_or(1);
        let settings = IslandsSettings {
            islands,
            topology: self.topology.unwrap_or_default(),
            every: self.every.unwrap_or((generation as u64).saturating_mul(10).clamp(1, MOST as u64)),
            migrants: self.migrants.unwrap_or(2),
            lag: self.lag.unwrap_or(1),
            emigration: self.emigration.unwrap_or_default(),
            replacement: self.replacement.unwrap_or_default(),
        };
        Ok(Choice { settings: Settings::Islands(settings), why })
    }
}

impl IslandsSettings {
    /// How the slots are waited for: by generations where all islands do.
    pub fn schedule(&self) -> Schedule {
        let generations = |settings: &Settings| matches!(settings.schedule(), Schedule::Generations);
        if self.islands.iter().all(generations) {
            return Schedule::Generations;
        }
        let ahead = self.islands.iter().map(|settings| match settings.schedule() {
            Schedule::Generations => settings.generation(),
            Schedule::Window(window) | Schedule::Free(window) => window,
        });
        Schedule::Window(ahead.sum())
    }

    /// How many candidates the islands begin with in all; `None`: as many as there are.
    pub fn first(&self) -> Option<usize> {
        self.islands.iter().map(Settings::first).sum()
    }

    /// The first thing that is wrong with them on `setup`.
    pub fn check(&self, setup: &Setup) -> Result<(), ConfigError> {
        check_count("islands", self.islands.len(), 1..=MOST_ISLANDS, "1 to 1024")?;
        if let Some(entry) = self.islands.iter().position(|settings| matches!(settings, Settings::Islands(_))) {
            return Err(ConfigError::Nested { entry });
        }
        if let Some(island) = self.islands.iter().position(|settings| settings.schedule().is_free()) {
            return Err(ConfigError::FreeIsland { island });
        }
        let every = usize::try_from(self.every).unwrap_or(usize::MAX);
        check_count("every", every, 1..=MOST, UP_TO_MOST)?;
        check_count("migrants", self.migrants, 0..=MOST, "0 to 16777216")?;
        check_count("lag", usize::try_from(self.lag).unwrap_or(usize::MAX), 1..=1024, "1 to 1024")?;
        if let Topology::Random(neighbours) = self.topology {
            check_count("neighbours", neighbours, 1..=MOST_ISLANDS, "1 to 1024")?;
        }
        if let Some(places) = self.first()
            && setup.start.rows > places
        {
            return Err(ConfigError::StartPoints { points: setup.start.rows, places });
        }
        for (island, (settings, setup)) in self.islands.iter().zip(self.setups(setup)).enumerate() {
            settings.check(&setup)?;
            let first = first_unit(settings);
            if let Some(share) = setup.budget
                && share < first
            {
                return Err(ConfigError::Share { island, share, first });
            }
        }
        Ok(())
    }

    /// What each island is set up from: its number, its share of the budget, and of the start points every n-th, as far
    /// as the others have room for theirs.
    pub fn setups(&self, setup: &Setup) -> Vec<Setup> {
        let space = &setup.signature.space;
        let mut setups: Vec<Setup> = (0u16..)
            .zip(&self.islands)
            .map(|(island, _)| Setup { island, start: space.genomes(0), ..setup.clone() })
            .collect();
        if let Some(budget) = setup.budget {
            for (setup, share) in setups.iter_mut().zip(self.shares(budget)) {
                setup.budget = Some(share);
            }
        }
        if setup.start.shape == space.layout().shape && setup.start.is_consistent() && !setups.is_empty() {
            let mut island = 0;
            for point in 0..setup.start.rows {
                let full = |island: usize| {
                    self.islands[island].first().is_some_and(|places| setups[island].start.rows >= places)
                };
                // Where all are full the check of settings says so.
                let next =
                    (island..island + setups.len()).map(|island| island % setups.len()).find(|next| !full(*next));
                let next = next.unwrap_or(island % setups.len());
                setups[next].start.extend(&setup.start, point..point + 1);
                island = (next + 1) % setups.len();
            }
        } else {
            // It is refused by the first one's check.
            for island in &mut setups {
                island.start = setup.start.clone();
            }
        }
        setups
    }

    /// The evaluations each island may make of `budget`: equal parts, but that what is left of an island's part after
    /// whole generations goes to those that can make another one of it.
    fn shares(&self, budget: u64) -> Vec<u64> {
        let count = self.islands.len() as u64;
        let mut shares: Vec<u64> =
            (0..count).map(|island| budget / count + u64::from(island < budget % count)).collect();
        let units: Vec<u64> = self
            .islands
            .iter()
            .map(|settings| match settings.schedule() {
                Schedule::Generations => settings.generation().max(1) as u64,
                Schedule::Window(_) | Schedule::Free(_) => 1,
            })
            .collect();
        let mut left = 0;
        for ((share, unit), settings) in shares.iter_mut().zip(&units).zip(&self.islands) {
            let rest = share.saturating_sub(first_unit(settings)) % unit;
            *share -= rest;
            left += rest;
        }
        while units.iter().any(|unit| *unit <= left) {
            for (share, unit) in shares.iter_mut().zip(&units) {
                if *unit <= left {
                    *share += unit;
                    left -= unit;
                }
            }
        }
        if let Some(last) = shares.last_mut() {
            *last += left;
        }
        shares
    }
}

/// The candidates that an island must be able to pay for to begin.
fn first_unit(settings: &Settings) -> u64 {
    match settings.schedule() {
        Schedule::Generations => settings.first().unwrap_or(1) as u64,
        Schedule::Window(_) | Schedule::Free(_) => 1,
    }
}

/// Each with its algorithm's name, which the settings alone do not say.
fn by_name<S: Serializer>(islands: &[Settings], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Named<'a> {
        name: &'static str,
        settings: &'a Settings,
    }
    let mut list = serializer.serialize_seq(Some(islands.len()))?;
    for settings in islands {
        list.serialize_element(&Named { name: settings.name(), settings })?;
    }
    list.end()
}

impl Default for IslandsSettings {
    /// No islands, which no run can begin with.
    fn default() -> IslandsSettings {
        IslandsSettings {
            islands: Vec::new(),
            topology: Topology::default(),
            every: 1000,
            migrants: 2,
            lag: 1,
            emigration: Emigration::default(),
            replacement: Replacement::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        algorithms::{GeneticOptions, RandomSettings},
        problem::{Direction, Goal},
        space::{Domain, Parameter, Space},
    };

    fn signature() -> Signature {
        let space = Space::new(vec![Parameter::new("x", Domain::real(0.0, 1.0)).len(2)]).unwrap();
        let goals = vec![Goal { name: "y".into(), direction: Direction::Minimize }];
        Signature { space, goals, constraints: Vec::new(), measures: Vec::new() }
    }

    fn genetic(population: usize) -> Settings {
        let options = GeneticOptions { population: Some(population), ..GeneticOptions::default() };
        Settings::Genetic(options.resolve(&signature().space, 1))
    }

    fn of(islands: Vec<Settings>) -> IslandsSettings {
        IslandsSettings { islands, ..IslandsSettings::default() }
    }

    #[test]
    fn shares_are_whole_generations_and_no_more_than_the_budget() {
        let random = Settings::Random(RandomSettings { population: 7 });
        for (islands, budget, expected) in [
            (vec![genetic(20); 3], 300, vec![100, 100, 100]),
            // 100 each pay for 96: one more generation for the first two, the rest for nobody.
            (vec![genetic(24); 3], 300, vec![96, 96, 108]),
            (vec![genetic(24); 4], 400, vec![96, 96, 96, 112]),
            (vec![genetic(26); 4], 400, vec![104, 104, 104, 88]),
            (vec![genetic(60), random], 200, vec![60, 140]),
        ] {
            let shares = of(islands).shares(budget);
            assert_eq!(shares.iter().sum::<u64>(), budget);
            assert_eq!(shares, expected);
        }
    }

    #[test]
    fn start_points_are_dealt_out_as_far_as_there_is_room() {
        let mut setup = Setup::new(std::sync::Arc::new(signature()), 3);
        setup.start = setup.signature.space.genomes(7);
        for point in 0..7 {
            setup.start.reals[2 * point] = point as f64 / 10.0;
        }
        let settings = of(vec![genetic(4), genetic(2), genetic(2)]);
        assert_eq!(settings.check(&setup), Ok(()));
        let firsts: Vec<Vec<f64>> = settings
            .setups(&setup)
            .iter()
            .map(|setup| setup.start.reals.iter().step_by(2).copied().collect())
            .collect();
        assert_eq!(firsts, [vec![0.0, 0.3, 0.6], vec![0.1, 0.4], vec![0.2, 0.5]]);
        let small = of(vec![genetic(2); 3]);
        assert_eq!(small.check(&setup), Err(ConfigError::StartPoints { points: 7, places: 6 }));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let mut setup = Setup::new(std::sync::Arc::new(signature()), 3);
        let refused = |settings: &IslandsSettings, setup: &Setup| settings.check(setup).unwrap_err().to_string();
        assert_eq!(refused(&of(vec![]), &setup), "`islands` must be 1 to 1024, found 0");
        let nested = of(vec![genetic(4), Settings::Islands(of(vec![genetic(4)]))]);
        assert_eq!(refused(&nested, &setup), "islands hold algorithms, not islands: entry 1, counted from 0");
        let usual = of(vec![genetic(4); 2]);
        for (settings, words) in [
            (IslandsSettings { every: 0, ..usual.clone() }, "`every` must be 1 to 16777216, found 0"),
            (IslandsSettings { lag: 0, ..usual.clone() }, "`lag` must be 1 to 1024, found 0"),
            (
                IslandsSettings { topology: Topology::Random(0), ..usual.clone() },
                "`neighbours` must be 1 to 1024, found 0",
            ),
            (of(vec![genetic(4), genetic(1)]), "`population` must be 2 to 16777216, found 1"),
        ] {
            assert_eq!(refused(&settings, &setup), words);
        }
        setup.budget = Some(7);
        assert_eq!(refused(&usual, &setup), "the budget leaves island 1 3 evaluations, and it begins with 4");
    }

    #[test]
    fn what_is_not_said_follows_from_the_islands() {
        let genetic = |population| GeneticOptions { population: Some(population), ..GeneticOptions::default() };
        let options = IslandsOptions {
            islands: vec![(Options::Genetic(genetic(50)), 2), (Options::Random, 1), (Options::Auto, 1)],
            ..IslandsOptions::default()
        };
        let choice = options.choose(&Operators::default(), &signature(), Some(4000), 8).unwrap();
        let Settings::Islands(settings) = &choice.settings else { panic!("{:?}", choice.settings) };
        let names: Vec<&str> = settings.islands[..3].iter().map(Settings::name).collect();
        assert_eq!(names, ["genetic", "genetic", "random"]);
        // A quarter of the evaluations, and two of the eight slots.
        let auto = Options::Auto.choose(&signature(), Some(1000), 2).unwrap();
        assert_eq!(settings.islands[3], auto.settings);
        assert_eq!((settings.every, settings.migrants, settings.lag), (1000, 2, 1));
        let why = format!("the experiment says so; `{}` where it says `auto`: ", auto.settings.name());
        assert!(choice.why.starts_with(&why), "{}", choice.why);
        let none = IslandsOptions::default().choose(&Operators::default(), &signature(), None, 8).unwrap_err();
        assert_eq!(none, ConfigError::Count { key: "islands", allowed: "1 to 1024", found: 0 });
    }
}
