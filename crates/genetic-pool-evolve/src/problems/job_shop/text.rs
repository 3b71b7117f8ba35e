//! Job shops in their usual format.

use super::{JobShopInstance, MOST, Operation};
use crate::problems::numbers::{NumbersError, lines};

/// Reads an instance: a line `jobs machines`, then a line a job of pairs `machine duration`, in the job's order.
///
/// Machines count from 0. Empty lines and what follows a `#` are passed over. A job may have any number of operations
/// from one on; all instances of the literature have one for each machine.
pub fn parse(text: &str) -> Result<JobShopInstance, NumbersError> {
    let lines = lines(text, MOST)?;
    let end = text.lines().count();
    let missing = |missing: String| NumbersError::Truncated { line: end, missing };
    let (line, head) = lines.first().ok_or_else(|| missing("the numbers of jobs and machines".to_owned()))?;
    let shape = |line, expected: &str, found| NumbersError::Shape { line, expected: expected.to_owned(), found };
    let [n_jobs, machines] = head[..] else {
        return Err(shape(*line, "the numbers of jobs and machines", format!("{} numbers", head.len())));
    };
    if n_jobs == 0 || machines == 0 {
        return Err(shape(*line, "at least one job and one machine", format!("{n_jobs} and {machines}")));
    }
    let mut jobs = Vec::new();
    let mut operations = 0;
    for (line, numbers) in &lines[1..] {
        if jobs.len() == n_jobs as usize {
            return Err(shape(*line, "the end of the text", format!("{} numbers more", numbers.len())));
        }
        if !numbers.len().is_multiple_of(2) {
            return Err(shape(*line, "pairs of a machine and a duration", format!("{} numbers", numbers.len())));
        }
        let job: Vec<Operation> =
            numbers.chunks_exact(2).map(|pair| Operation { machine: pair[0], duration: pair[1] }).collect();
        if let Some(operation) = job.iter().find(|operation| operation.machine >= machines) {
            let expected = format!("a machine below {machines}");
            return Err(shape(*line, &expected, operation.machine.to_string()));
        }
        operations += job.len();
        if operations > MOST as usize {
            return Err(shape(*line, "at most 1048576 operations", format!("{operations}")));
        }
        jobs.push(job);
    }
    if jobs.len() < n_jobs as usize {
        return Err(missing(format!("job {} of {n_jobs}", jobs.len() + 1)));
    }
    Ok(JobShopInstance { machines: machines as usize, jobs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_read() {
        let instance = parse("# two jobs\n2 2\n\n0 3  1 2 # first\n1 4 0 1\n").unwrap();
        assert_eq!(instance.machines, 2);
        assert_eq!(instance.jobs[1], [Operation { machine: 1, duration: 4 }, Operation { machine: 0, duration: 1 }]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let check = |text: &str, message: &str| assert_eq!(parse(text).unwrap_err().to_string(), message);
        check("", "line 0: the text ends before the numbers of jobs and machines");
        check("2\n", "line 1: expected the numbers of jobs and machines, found 1 numbers");
        check("0 3\n", "line 1: expected at least one job and one machine, found 0 and 3");
        check("2 2\n0 3 1 2\n", "line 2: the text ends before job 2 of 2");
        check("1 2\n0 3 1\n", "line 2: expected pairs of a machine and a duration, found 3 numbers");
        check("1 2\n0 3 2 1\n", "line 2: expected a machine below 2, found 2");
        check("1 1\n0 3\n0 4\n", "line 3: expected the end of the text, found 2 numbers more");
        check("1 1\n0 -3\n", "line 2: expected a whole number of at most 1048576, found `-3`");
    }
}
