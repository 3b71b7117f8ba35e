//! The permutation flow shop.

use std::sync::Arc;

use super::{
    function::one_goal,
    taillard::{Taillard, is_seed},
};
use crate::{
    operators::{Operators, improve::Improve},
    problem::{Direction, Failure, Outcome, Problem, Signature, Trial},
    random::Stream,
    space::{Domain, Genome, GenomeMut, Parameter, Space},
};

/// The shortest schedule of jobs that go through all machines in one order: a permutation `jobs`, the goal `makespan`.
///
/// Best known makespans of Taillard's instances: `ta001` (20 jobs, 5 machines, seed 873654221) 1278, `ta021` (20 jobs, 20
/// machines, seed 479340445) 2297. E. Taillard: Benchmarks for basic scheduling problems. EJOR 64(2), 1993,
/// [doi:10.1016/0377-2217(93)90182-M](https://doi.org/10.1016/0377-2217(93)90182-M).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowShop {
    /// How many jobs.
    jobs: usize,
    /// By machine, in order, and within it by job: how long it takes.
    durations: Vec<u32>,
}

impl FlowShop {
    /// Of `machines`, each with how long each job takes; `None` where there is no machine or no job, they are unequal
    /// numbers, or more than 2^20 in all, or one is above 2^20.
    pub fn new(machines: &[Vec<u32>]) -> Option<FlowShop> {
        let jobs = machines.first()?.len();
        let durations = machines.concat();
        let fits = jobs > 0 && durations.len() <= 1 << 20 && durations.iter().all(|duration| *duration <= 1 << 20);
        (fits && machines.iter().all(|machine| machine.len() == jobs)).then_some(FlowShop { jobs, durations })
    }

    /// The instance that Taillard's generator makes of `seed`, 1 to 2^31 - 2: durations of 1 to 99; `None` where a number
    /// is out of range.
    pub fn taillard(jobs: u32, machines: u32, seed: u32) -> Option<FlowShop> {
        let operations = u64::from(jobs) * u64::from(machines);
        if !is_seed(seed) || !(1..=1 << 20).contains(&operations) {
            return None;
        }
        let mut generator = Taillard::new(seed);
        let durations = (0..operations).map(|_| generator.within(1, 99)).collect();
        Some(FlowShop { jobs: jobs as usize, durations })
    }

    /// How long each job takes on machine `machine`.
    fn machine(&self, machine: usize) -> &[u32] {
        &self.durations[machine * self.jobs..][..self.jobs]
    }

    fn machines(&self) -> usize {
        self.durations.len() / self.jobs
    }

    /// When the last of `order`, jobs from 0 on, leaves the last machine.
    ///
    /// # Panics
    /// Where `order` holds a number that is no job.
    pub fn makespan(&self, order: &[u32]) -> u64 {
        let mut ends = vec![0; order.len()];
        for machine in 0..self.machines() {
            let durations = self.machine(machine);
            let mut end = 0;
            for (place, job) in ends.iter_mut().zip(order) {
                end = u64::max(end, *place) + u64::from(durations[*job as usize]);
                *place = end;
            }
        }
        ends.last().copied().unwrap_or(0)
    }
}

impl Problem for FlowShop {
    fn signature(&self) -> Signature {
        let jobs = Parameter::new("jobs", Domain::Permutation { size: self.jobs });
        one_goal(Space::new(vec![jobs]), "makespan", Direction::Minimize)
    }

    /// Insertions as a local search.
    fn operators(&self) -> Operators {
        Operators { improve: Some(Arc::new(Insertions { shop: self.clone() })), ..Operators::default() }
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        outcome.objectives[0] = self.makespan(genome.permutation()) as f64;
        Ok(())
    }
}

/// Puts one job after the other, in an order that is drawn, where the schedule is shortest, until none of them helps.
///
/// All places of a job are judged at once, from when the jobs before it leave and how long those behind it take:
/// E. Taillard: Some efficient heuristic methods for the flow shop sequencing problem. EJOR 47(1), 1990,
/// [doi:10.1016/0377-2217(90)90090-X](https://doi.org/10.1016/0377-2217(90)90090-X).
#[derive(Clone, Debug)]
struct Insertions {
    shop: FlowShop,
}

impl Insertions {
    /// The best place of `job` among `rest`, the first of several, and the makespan with it there.
    fn best(&self, rest: &[u32], job: u32) -> (usize, u64) {
        let (n, machines) = (rest.len(), self.shop.machines());
        let durations =
            |machine: usize, job: u32| u64::from(self.shop.durations[machine * self.shop.jobs + job as usize]);
        // By place and machine: how long it takes from the beginning of the job there to the end.
        let mut tails = vec![0; (n + 1) * machines];
        for (place, other) in rest.iter().enumerate().rev() {
            let mut after = 0;
            for machine in (0..machines).rev() {
                after = u64::max(after, tails[(place + 1) * machines + machine]) + durations(machine, *other);
                tails[place * machines + machine] = after;
            }
        }
        let mut heads = vec![0; machines];
        let mut best = (0, u64::MAX);
        for place in 0..=n {
            let (mut end, mut makespan) = (0, 0);
            for machine in 0..machines {
                end = u64::max(end, heads[machine]) + durations(machine, job);
                makespan = u64::max(makespan, end + tails[place * machines + machine]);
            }
            if makespan < best.1 {
                best = (place, makespan);
            }
            if let Some(other) = rest.get(place) {
                let mut end = 0;
                for (machine, head) in heads.iter_mut().enumerate() {
                    end = u64::max(end, *head) + durations(machine, *other);
                    *head = end;
                }
            }
        }
        best
    }
}

impl Improve for Insertions {
    fn improve(&self, genome: GenomeMut<'_>, stream: &mut Stream) {
        let n = genome.items.len();
        if n != self.shop.jobs {
            return;
        }
        let mut turns = genome.items.to_vec();
        (1..n).rev().for_each(|last| turns.swap(last, stream.below(last + 1)));
        let mut order = genome.items.to_vec();
        let mut makespan = self.shop.makespan(&order);
        let mut in_vain = 0;
        for job in turns.iter().cycle() {
            if in_vain == n {
                break;
            }
            in_vain += 1;
            let Some(from) = order.iter().position(|other| other == job) else { break };
            order.remove(from);
            let (place, found) = self.best(&order, *job);
            order.insert(if found < makespan { place } else { from }, *job);
            if found < makespan {
                (makespan, in_vain) = (found, 0);
            }
        }
        genome.items.copy_from_slice(&order);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn taillards_first_instance_is_as_published() {
        let shop = FlowShop::taillard(20, 5, 873_654_221).unwrap();
        let first = [54, 83, 15, 71, 77, 36, 53, 38, 27, 87, 76, 91, 14, 29, 12, 77, 32, 87, 68, 94];
        assert_eq!(shop.machine(0), first);
        assert_eq!(shop.machine(4)[17..], [18, 68, 28]);
        assert_eq!(FlowShop::taillard(20, 5, 0), None);
        assert_eq!(FlowShop::taillard(0, 5, 1), None);
    }

    #[test]
    fn jobs_wait_for_machines_and_for_themselves() {
        let shop = FlowShop::new(&[vec![3, 1], vec![2, 4]]).unwrap();
        // Job 0: 0 to 3, 3 to 5; job 1: 3 to 4, 5 to 9. The other way: 0 to 1, 1 to 5; 1 to 4, 5 to 7.
        assert_eq!((shop.makespan(&[0, 1]), shop.makespan(&[1, 0])), (9, 7));
        assert_eq!(FlowShop::new(&[vec![1], vec![]]), None);
        assert_eq!(FlowShop::new(&[]), None);
    }

    #[test]
    fn all_places_are_judged_right() {
        let shop = FlowShop::taillard(8, 4, 1_234_567).unwrap();
        let search = Insertions { shop: shop.clone() };
        let rest = [4, 7, 1, 0, 6, 3, 2];
        let makespans = (0..=7).map(|place| {
            let mut order = rest.to_vec();
            order.insert(place, 5);
            (shop.makespan(&order), place)
        });
        let (makespan, place) = makespans.min().unwrap();
        assert_eq!(search.best(&rest, 5), (place, makespan));
    }

    #[test]
    fn the_local_search_shortens() {
        let shop = FlowShop::taillard(20, 5, 873_654_221).unwrap();
        let space = shop.signature().space;
        let improve = shop.operators().improve.unwrap();
        let mut best = u64::MAX;
        for index in 0..20 {
            let mut stream = Stream::new(2, 0, Purpose::Initialize, index);
            let mut genomes = space.genomes(1);
            crate::operators::initialize::initialize(&space, &mut genomes, 0, &mut stream);
            let before = shop.makespan(&genomes.items);
            improve.improve(genomes.row_mut(&space, 0), &mut stream);
            let after = shop.makespan(&genomes.items);
            assert!(space.accepts(&genomes, 0) && after <= before && after >= 1278);
            best = best.min(after);
        }
        assert!(best < 1310, "{best}");
    }
}
