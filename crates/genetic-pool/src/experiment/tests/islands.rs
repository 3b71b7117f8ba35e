//! `[algorithm] name = "islands"`.

use genetic_pool_evolve::{
    algorithms::{Accepted, GeneticOptions, Options, Replaced, Replacement, Schedule},
    islands::{Emigration, IslandsOptions, Topology},
};

use super::{errors, meaning};

/// An experiment with these keys, and a budget that pays for it.
fn with(keys: &str) -> String {
    format!("[algorithm]\nname = \"islands\"\n{keys}\n[stop]\nevaluations = 100_000\n")
}

#[test]
fn islands_are_what_their_tables_say() {
    let experiment = meaning(&with(
        "islands = [{ name = \"genetic\", count = 3, population = 50, schedule = { window = 9 } }, { name = \"random\" }, {}]
         topology = \"random\"\nneighbours = 3\nevery = 700\nmigrants = 4\nlag = 2
         emigrate = \"tournament\"\nreplace = \"random\"\naccept = \"always\"",
    ));
    let genetic =
        GeneticOptions { population: Some(50), schedule: Some(Schedule::Window(9)), ..GeneticOptions::default() };
    let expected = IslandsOptions {
        islands: vec![(Options::Genetic(genetic), 3), (Options::Random, 1), (Options::Auto, 1)],
        topology: Some(Topology::Random(3)),
        every: Some(700),
        migrants: Some(4),
        lag: Some(2),
        emigration: Some(Emigration::Tournament),
        replacement: Some(Replacement { replaced: Replaced::Random, accepted: Accepted::Always }),
    };
    assert_eq!(experiment.algorithm, Options::Islands(expected));
    let usual = meaning(&with("islands = [{ name = \"genetic\" }]"));
    let expected =
        IslandsOptions { islands: vec![(Options::Genetic(GeneticOptions::default()), 1)], ..IslandsOptions::default() };
    assert_eq!(usual.algorithm, Options::Islands(expected));
}

/// What is said of `keys` has `words` in it, all of them.
fn says(keys: &str, words: &[&str]) {
    let said = errors(&with(keys));
    for word in words {
        assert!(said.contains(word), "{word}\n{said}");
    }
}

#[test]
fn what_is_wrong_on_an_island_is_said_with_its_place() {
    let genetic = "islands = [{ name = \"genetic\", ";
    says("", &["algorithm.islands: is missing", "add islands = [{ name = \"genetic\", count = 4 }]"]);
    says("islands = []", &["algorithm.islands: has the wrong number of values"]);
    says(&format!("{genetic}populaton = 50 }}]"), &["algorithm.islands[0].populaton", "did you mean `population`?"]);
    says(&format!("{genetic}population = 1 }}]"), &["algorithm.islands[0].population: is too small"]);
    says(&format!("{genetic}count = 0 }}]"), &["algorithm.islands[0].count: is too small"]);
    says(&format!("{genetic}offspring = 5 }}]"), &["algorithm.islands[0].offspring: is odd"]);
    says(&format!("{genetic}count = 1000 }}, {{ name = \"random\", count = 25 }}]"), &["1025 islands", "at most 1024"]);
    says(
        "islands = [{ name = \"random\", population = 5 }]",
        &["algorithm.islands[0].population: is a key of `genetic`"],
    );
    says(&format!("{genetic}topology = \"ring\" }}]"), &["algorithm.islands[0].topology: is no key of this table"]);
    says("islands = [{ name = \"islands\" }]", &["algorithm.islands[0].name: is no algorithm for an island"]);
    says("islands = [{}]\ntopology = \"rign\"", &["algorithm.topology", "did you mean `ring`?"]);
    says("islands = [{}]\nneighbours = 2", &["algorithm.neighbours: counts only with topology = \"random\""]);
    says("islands = [{}]\nlag = 0", &["algorithm.lag: is too small"]);
    let said = errors("[algorithm]\nname = \"genetic\"\nmigrants = 3\n");
    assert!(said.contains("is a key of `islands`, and the algorithm is `genetic`"), "{said}");
    let said = errors("[algorithm]\nname = \"islands\"\nislands = [{ name = \"genetic\", count = 4 }]\n");
    assert!(said.contains("stop.evaluations: is too little"), "{said}");
}
