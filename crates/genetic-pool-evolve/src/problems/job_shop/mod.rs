//! The job shop.

mod search;
mod text;

use std::sync::Arc;

pub use self::{search::CriticalBlocks, text::parse};
use super::{
    function::one_goal,
    taillard::{Taillard, is_seed},
};
use crate::{
    operators::Operators,
    problem::{Direction, Failure, Outcome, Problem, Signature, Trial},
    space::{Domain, Genome, Parameter, Space},
};

/// The shortest schedule of jobs whose operations each need one machine, in an order of their own: a sequence
/// `operations`, the goal `makespan`.
///
/// The `k`-th occurrence of job `j` in the sequence is the job's `k`-th operation, which begins as soon as its job and
/// its machine are free of the operations before it: a semi-active schedule. Best known makespans: `ft06` 55, `ft10` 930
/// (H. Fisher and G. L. Thompson, 1963), `la38` 1196 (S. Lawrence, 1984), `ta01` 1231 (E. Taillard: Benchmarks for basic
/// scheduling problems. EJOR 64(2), 1993,
/// [doi:10.1016/0377-2217(93)90182-M](https://doi.org/10.1016/0377-2217(93)90182-M)). The encoding: C. Bierwirth: A
/// generalized permutation approach to job shop scheduling with genetic algorithms. OR Spektrum 17, 1995,
/// [doi:10.1007/BF01719250](https://doi.org/10.1007/BF01719250).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobShop {
    /// The instance.
    pub instance: JobShopInstance,
}

/// Jobs, and what they need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobShopInstance {
    /// How many machines there are.
    pub machines: usize,
    /// By job: its operations, in order; at least one each.
    pub jobs: Vec<Vec<Operation>>,
}

/// A part of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The machine it needs, from 0.
    pub machine: u32,
    /// How long it takes.
    pub duration: u32,
}

/// The most operations an instance has, and the longest that one takes.
pub(super) const MOST: u32 = 1 << 20;

impl JobShopInstance {
    /// The instance that Taillard's generator makes of two seeds, each 1 to 2^31 - 2: `jobs` of an operation on each of
    /// `machines`, which take 1 to 99; `None` where a seed or a number is out of range.
    pub fn taillard(jobs: u32, machines: u32, time_seed: u32, machine_seed: u32) -> Option<JobShopInstance> {
        let operations = u64::from(jobs) * u64::from(machines);
        if !is_seed(time_seed) || !is_seed(machine_seed) || operations == 0 || operations > u64::from(MOST) {
            return None;
        }
        let mut times = Taillard::new(time_seed);
        let mut orders = Taillard::new(machine_seed);
        let mut job = |_| {
            let durations: Vec<u32> = (0..machines).map(|_| times.within(1, 99)).collect();
            let mut order: Vec<u32> = (0..machines).collect();
            for place in 0..machines {
                order.swap(place as usize, orders.within(place, machines - 1) as usize);
            }
            let operations = order.into_iter().zip(durations);
            operations.map(|(machine, duration)| Operation { machine, duration }).collect()
        };
        Some(JobShopInstance { machines: machines as usize, jobs: (0..jobs).map(&mut job).collect() })
    }

    /// When the last operation of the schedule ends that `sequence` stands for: job `j` once for each of its operations.
    ///
    /// # Panics
    /// Where `sequence` holds a number that is no job, or one more often than the job has operations.
    pub fn makespan(&self, sequence: &[u32]) -> u64 {
        let mut next = vec![0_usize; self.jobs.len()];
        let mut jobs = vec![0_u64; self.jobs.len()];
        let mut machines = vec![0_u64; self.machines];
        let mut makespan = 0;
        for job in sequence {
            let job = *job as usize;
            let Operation { machine, duration } = self.jobs[job][next[job]];
            next[job] += 1;
            let machine = &mut machines[machine as usize];
            let end = jobs[job].max(*machine) + u64::from(duration);
            (jobs[job], *machine) = (end, end);
            makespan = makespan.max(end);
        }
        makespan
    }
}

impl Problem for JobShop {
    fn signature(&self) -> Signature {
        let counts = self.instance.jobs.iter().map(|job| job.len() as u32).collect();
        let operations = Parameter::new("operations", Domain::Sequence { counts });
        one_goal(Space::new(vec![operations]), "makespan", Direction::Minimize)
    }

    /// A tabu search on critical blocks.
    fn operators(&self) -> Operators {
        Operators { improve: Some(Arc::new(CriticalBlocks::new(&self.instance))), ..Operators::default() }
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        outcome.objectives[0] = self.instance.makespan(genome.sequence()) as f64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn ft06() -> JobShopInstance {
        parse(include_str!("../../../tests/data/ft06.jsp")).unwrap()
    }

    #[test]
    fn makespans_lie_between_their_bounds() {
        let instance = ft06();
        assert_eq!((instance.machines, instance.jobs.len()), (6, 6));
        // No schedule is shorter than the longest job, nor longer than all operations one after the other.
        let of_job = instance.jobs.iter().map(|job| job.iter().map(|op| u64::from(op.duration)).sum::<u64>()).max();
        assert_eq!(of_job, Some(47));
        let one_by_one: Vec<u32> = (0..6).flat_map(|job| [job; 6]).collect();
        let all: u64 = instance.jobs.iter().flatten().map(|op| u64::from(op.duration)).sum();
        assert_eq!(all, 197);
        assert!((47..all).contains(&instance.makespan(&one_by_one)));
    }

    #[test]
    fn operations_wait_for_their_job_and_their_machine() {
        let of = |operations: &[(u32, u32)]| -> Vec<Operation> {
            operations.iter().map(|(machine, duration)| Operation { machine: *machine, duration: *duration }).collect()
        };
        let instance = JobShopInstance { machines: 2, jobs: vec![of(&[(0, 3), (1, 2)]), of(&[(1, 4), (0, 1)])] };
        // 0 on machine 0 to 3, 1 on machine 1 to 4, 0 on 1 from 4 to 6, 1 on 0 from 4 to 5.
        assert_eq!(instance.makespan(&[0, 1, 0, 1]), 6);
        // 0 to 3, then on machine 1 to 5, 1 on machine 1 from 5 to 9, on machine 0 to 10.
        assert_eq!(instance.makespan(&[0, 0, 1, 1]), 10);
    }

    #[test]
    fn taillards_first_job_shop_is_as_published() {
        let instance = JobShopInstance::taillard(15, 15, 840_612_802, 398_197_754).unwrap();
        let durations: Vec<u32> = instance.jobs[0].iter().map(|operation| operation.duration).collect();
        assert_eq!(durations, [94, 66, 10, 53, 26, 15, 65, 82, 10, 27, 93, 92, 96, 70, 83]);
        // Published from 1: 7 13 5 8 4 3 11 12 9 15 10 14 6 1 2.
        let machines: Vec<u32> = instance.jobs[0].iter().map(|operation| operation.machine + 1).collect();
        assert_eq!(machines, [7, 13, 5, 8, 4, 3, 11, 12, 9, 15, 10, 14, 6, 1, 2]);
        assert_eq!(JobShopInstance::taillard(15, 15, 0, 1), None);
        assert_eq!(JobShopInstance::taillard(0, 15, 1, 1), None);
        assert_eq!(JobShopInstance::taillard(1 << 20, 1 << 20, 1, 1), None);
    }
}
