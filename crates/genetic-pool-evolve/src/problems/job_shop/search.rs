//! Tabu search on critical blocks.

use super::JobShopInstance;
use crate::{operators::improve::Improve, random::Stream, space::GenomeMut};

/// Tabu search of a job shop's machine orders.
///
/// A longest path through the schedule falls into blocks of operations on one machine. Only where the first or the last
/// two operations of a block change places can the schedule become shorter that way, and it stays a schedule. Of all
/// such moves on one longest path, drawn where there are several, the one is made whose schedule is estimated the
/// shortest; the reverse move is then forbidden for a drawn number of moves, unless it leads to a schedule shorter than
/// any. It ends after so many moves in vain as twenty times the number of operations, and the best schedule is the
/// result.
///
/// Moves: E. Nowicki and C. Smutnicki: A fast taboo search algorithm for the job shop problem. Management Science 42(6),
/// 1996, [doi:10.1287/mnsc.42.6.797](https://doi.org/10.1287/mnsc.42.6.797). Estimates: E. D. Taillard: Parallel taboo
/// search techniques for the job shop scheduling problem. ORSA Journal on Computing 6(2), 1994,
/// [doi:10.1287/ijoc.6.2.108](https://doi.org/10.1287/ijoc.6.2.108).
#[derive(Clone, Debug)]
pub struct CriticalBlocks {
    machines: usize,
    /// By job: its first operation; behind the last, how many there are.
    first: Vec<u32>,
    /// By operation.
    job: Vec<u32>,
    machine: Vec<u32>,
    duration: Vec<i64>,
}

/// Moves in vain for each operation.
const PATIENCE: usize = 20;

/// A move's reverse is forbidden for at least so many moves, and fewer than twice as many.
const TENURE: usize = 10;

/// No operation.
const NONE: u32 = u32::MAX;

impl CriticalBlocks {
    /// For sequences of `instance`.
    pub fn new(instance: &JobShopInstance) -> CriticalBlocks {
        let mut search = CriticalBlocks {
            machines: instance.machines,
            first: vec![0],
            job: Vec::new(),
            machine: Vec::new(),
            duration: Vec::new(),
        };
        for (job, operations) in (0..).zip(&instance.jobs) {
            for operation in operations {
                search.job.push(job);
                search.machine.push(operation.machine);
                search.duration.push(i64::from(operation.duration));
            }
            search.first.push(search.job.len() as u32);
        }
        search
    }

    /// Makes `sequence` that of the best schedule found from its own on.
    pub fn shorten(&self, sequence: &mut [u32], stream: &mut Stream) {
        let n = self.job.len();
        let mut schedule = Schedule::of(self, sequence);
        let mut best = schedule.clone();
        // By operation: the move before which it may not go before its successor of then again.
        let mut forbidden: Vec<Vec<(u32, usize)>> = vec![Vec::new(); n];
        let mut moves = Vec::new();
        let (mut step, mut last) = (0, 0);
        while step - last < PATIENCE * n {
            step += 1;
            schedule.moves(self, stream, &mut moves);
            let mut chosen: Option<(bool, i64, [u32; 2])> = None;
            for [u, v] in &moves {
                let estimate = schedule.estimate(self, *u, *v);
                let tabu = forbidden[*v as usize].iter().any(|(before, until)| before == u && *until > step);
                let key = (tabu && estimate >= best.makespan, estimate, [*u, *v]);
                if chosen.is_none_or(|(tabu, estimate, _)| (key.0, key.1) < (tabu, estimate)) {
                    chosen = Some(key);
                }
            }
            // Without moves the longest path is one job, or one machine: nothing is shorter.
            let Some((tabu, _, [mut u, mut v])) = chosen else { break };
            if tabu {
                [u, v] = moves[stream.below(moves.len())];
            }
            schedule.exchange(u, v);
            let list = &mut forbidden[u as usize];
            list.retain(|(_, until)| *until > step);
            list.push((v, step + TENURE + stream.below(TENURE)));
            schedule.time(self);
            if schedule.makespan < best.makespan {
                best.clone_from(&schedule);
                last = step;
            }
        }
        for (place, operation) in sequence.iter_mut().zip(best.in_order()) {
            *place = self.job[operation as usize];
        }
    }

    fn job_before(&self, operation: u32) -> u32 {
        let first = self.first[self.job[operation as usize] as usize];
        if operation > first { operation - 1 } else { NONE }
    }

    fn job_after(&self, operation: u32) -> u32 {
        let end = self.first[self.job[operation as usize] as usize + 1];
        if operation + 1 < end { operation + 1 } else { NONE }
    }
}

impl Improve for CriticalBlocks {
    /// Leaves sequences of other jobs as they are.
    fn improve(&self, genome: GenomeMut<'_>, stream: &mut Stream) {
        let mut counts = vec![0; self.first.len() - 1];
        for item in &*genome.items {
            match counts.get_mut(*item as usize) {
                Some(count) => *count += 1,
                None => return,
            }
        }
        let wanted = self.first.windows(2).map(|pair| pair[1] - pair[0]);
        if wanted.eq(counts) {
            self.shorten(genome.items, stream);
        }
    }
}

/// Machine orders, and when everything begins.
#[derive(Clone, Debug)]
struct Schedule {
    /// By operation: the one before it on its machine, and the one after it.
    before: Vec<u32>,
    after: Vec<u32>,
    /// By operation: when it begins.
    head: Vec<i64>,
    /// By operation: the longest way from its end to the end of the schedule.
    tail: Vec<i64>,
    makespan: i64,
    /// All operations, none before what it waits for.
    order: Vec<u32>,
    waits: Vec<u8>,
}

impl Schedule {
    fn of(search: &CriticalBlocks, sequence: &[u32]) -> Schedule {
        let n = search.job.len();
        let mut schedule = Schedule {
            before: vec![NONE; n],
            after: vec![NONE; n],
            head: vec![0; n],
            tail: vec![0; n],
            makespan: 0,
            order: Vec::with_capacity(n),
            waits: vec![0; n],
        };
        let mut next = search.first.clone();
        let mut last = vec![NONE; search.machines];
        for job in sequence {
            let operation = next[*job as usize];
            next[*job as usize] += 1;
            let last = &mut last[search.machine[operation as usize] as usize];
            schedule.before[operation as usize] = *last;
            if *last != NONE {
                schedule.after[*last as usize] = operation;
            }
            *last = operation;
        }
        schedule.time(search);
        schedule
    }

    /// Finds the times of everything.
    fn time(&mut self, search: &CriticalBlocks) {
        let n = self.before.len();
        self.order.clear();
        for operation in 0..n as u32 {
            let waits =
                u8::from(search.job_before(operation) != NONE) + u8::from(self.before[operation as usize] != NONE);
            self.waits[operation as usize] = waits;
            if waits == 0 {
                self.order.push(operation);
                self.head[operation as usize] = 0;
            }
        }
        let mut place = 0;
        while let Some(operation) = self.order.get(place).copied() {
            place += 1;
            for next in [search.job_after(operation), self.after[operation as usize]] {
                if next == NONE {
                    continue;
                }
                self.waits[next as usize] -= 1;
                if self.waits[next as usize] == 0 {
                    self.head[next as usize] =
                        self.end(search, search.job_before(next)).max(self.end(search, self.before[next as usize]));
                    self.order.push(next);
                }
            }
        }
        self.makespan = 0;
        for operation in self.order.iter().rev().copied() {
            let ways = [search.job_after(operation), self.after[operation as usize]].map(|next| self.way(search, next));
            self.tail[operation as usize] = ways[0].max(ways[1]);
            let whole = self.end(search, operation) + self.tail[operation as usize];
            self.makespan = self.makespan.max(whole);
        }
    }

    /// When an operation ends; 0 for none.
    fn end(&self, search: &CriticalBlocks, operation: u32) -> i64 {
        if operation == NONE { 0 } else { self.head[operation as usize] + search.duration[operation as usize] }
    }

    /// The longest way from an operation's beginning to the end; 0 for none.
    fn way(&self, search: &CriticalBlocks, operation: u32) -> i64 {
        if operation == NONE { 0 } else { self.tail[operation as usize] + search.duration[operation as usize] }
    }

    /// The moves on a longest path: neighbours on a machine, the first of which goes behind the second.
    fn moves(&self, search: &CriticalBlocks, stream: &mut Stream, moves: &mut Vec<[u32; 2]>) {
        moves.clear();
        let critical = |operation: u32| self.head[operation as usize] + self.way(search, operation) == self.makespan;
        // The path from its end to its beginning, drawn where it branches.
        let ends = self.order.iter().copied().filter(|operation| self.end(search, *operation) == self.makespan);
        let n_ends = ends.clone().count();
        let Some(mut here) = ends.clone().nth(if n_ends > 1 { stream.below(n_ends) } else { 0 }) else { return };
        let mut path = vec![here];
        loop {
            let starts = self.head[here as usize];
            let before = [search.job_before(here), self.before[here as usize]];
            let leads = before.map(|other| other != NONE && self.end(search, other) == starts && critical(other));
            here = match leads {
                [true, true] => before[(stream.next() >> 63) as usize],
                [true, false] => before[0],
                [false, true] => before[1],
                [false, false] => break,
            };
            path.push(here);
        }
        path.reverse();
        let mut start = 0;
        while start < path.len() {
            let machine = search.machine[path[start] as usize];
            let mut end = start + 1;
            while end < path.len() && search.machine[path[end] as usize] == machine {
                end += 1;
            }
            if end - start >= 2 {
                // The path's first block only moves its last two, its last block only its first two.
                if start > 0 {
                    moves.push([path[start], path[start + 1]]);
                }
                if end < path.len() && (end - start > 2 || start == 0) {
                    moves.push([path[end - 2], path[end - 1]]);
                }
            }
            start = end;
        }
        // Two of one job on one machine never change places.
        moves.retain(|[u, v]| search.job[*u as usize] != search.job[*v as usize] && self.after[*u as usize] == *v);
    }

    /// The longest way through `u` or `v` where `v` goes before `u`: at most the makespan then.
    fn estimate(&self, search: &CriticalBlocks, u: u32, v: u32) -> i64 {
        let duration = |operation: u32| search.duration[operation as usize];
        let head_v = self.end(search, search.job_before(v)).max(self.end(search, self.before[u as usize]));
        let head_u = self.end(search, search.job_before(u)).max(head_v + duration(v));
        let tail_u = self.way(search, search.job_after(u)).max(self.way(search, self.after[v as usize]));
        let tail_v = self.way(search, search.job_after(v)).max(tail_u + duration(u));
        (head_v + duration(v) + tail_v).max(head_u + duration(u) + tail_u)
    }

    /// Has `v`, which comes next after `u` on its machine, go before it.
    fn exchange(&mut self, u: u32, v: u32) {
        let (before, after) = (self.before[u as usize], self.after[v as usize]);
        if before != NONE {
            self.after[before as usize] = v;
        }
        if after != NONE {
            self.before[after as usize] = u;
        }
        (self.before[v as usize], self.after[v as usize]) = (before, u);
        (self.before[u as usize], self.after[u as usize]) = (v, after);
    }

    /// All operations by when they begin, none before what it waits for.
    fn in_order(&self) -> Vec<u32> {
        let mut order = self.order.clone();
        order.sort_by_key(|operation| self.head[*operation as usize]);
        order
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::ft06, *};
    use crate::random::Purpose;

    fn shuffled(instance: &JobShopInstance, index: u64) -> Vec<u32> {
        let mut stream = Stream::new(1, 0, Purpose::Try, index);
        let mut items: Vec<u32> =
            (0..).zip(&instance.jobs).flat_map(|(job, operations)| vec![job; operations.len()]).collect();
        (1..items.len()).rev().for_each(|last| items.swap(last, stream.below(last + 1)));
        items
    }

    #[test]
    fn times_are_those_of_the_schedule() {
        let instance = ft06();
        let search = CriticalBlocks::new(&instance);
        for index in 0..50 {
            let sequence = shuffled(&instance, index);
            let schedule = Schedule::of(&search, &sequence);
            assert_eq!(schedule.makespan as u64, instance.makespan(&sequence));
            let jobs: Vec<u32> = schedule.in_order().iter().map(|operation| search.job[*operation as usize]).collect();
            assert_eq!(instance.makespan(&jobs), schedule.makespan as u64);
        }
    }

    #[test]
    fn an_exchange_makes_a_schedule_no_shorter_than_estimated() {
        let instance = ft06();
        let search = CriticalBlocks::new(&instance);
        let mut stream = Stream::new(2, 0, Purpose::Try, 0);
        let mut moves = Vec::new();
        let mut all = 0;
        for index in 0..50 {
            let schedule = Schedule::of(&search, &shuffled(&instance, index));
            schedule.moves(&search, &mut stream, &mut moves);
            for [u, v] in &moves {
                let mut moved = schedule.clone();
                moved.exchange(*u, *v);
                moved.time(&search);
                assert_eq!(moved.order.len(), 36, "it is a schedule");
                assert!(moved.makespan >= schedule.estimate(&search, *u, *v));
                all += 1;
            }
        }
        assert!(all > 100);
    }

    #[test]
    fn the_optimum_of_a_small_shop_is_found() {
        let instance = ft06();
        let search = CriticalBlocks::new(&instance);
        let mut found = Vec::new();
        for index in 0..20 {
            let mut sequence = shuffled(&instance, index);
            let before = instance.makespan(&sequence);
            search.shorten(&mut sequence, &mut Stream::new(3, 0, Purpose::Try, index));
            let mut sorted = sequence.clone();
            sorted.sort_unstable();
            assert!(sorted.into_iter().eq((0..6).flat_map(|job| [job; 6])));
            let after = instance.makespan(&sequence);
            assert!(after <= before && after >= 55);
            found.push(after);
        }
        assert!(found.iter().filter(|makespan| **makespan == 55).count() > 10, "{found:?}");
    }

    #[test]
    fn the_smallest_shops_and_recirculation() {
        use super::super::Operation;
        let one = |machine| Operation { machine, duration: 2 };
        for jobs in
            [vec![vec![one(0)]], vec![vec![one(0), one(0)], vec![one(0), one(1), one(0)]], vec![vec![one(1)]; 3]]
        {
            let instance = JobShopInstance { machines: 2, jobs };
            let search = CriticalBlocks::new(&instance);
            let mut sequence = shuffled(&instance, 1);
            let before = instance.makespan(&sequence);
            search.shorten(&mut sequence, &mut Stream::new(3, 0, Purpose::Try, 1));
            assert!(instance.makespan(&sequence) <= before);
        }
    }
}
