//! Figures, not tests: `cargo test --release -p genetic-pool --test it evaluate::speed -- --ignored --nocapture`.

use super::*;

/// Candidates a second through the pipe of one worker.
#[test]
#[ignore = "it measures"]
fn one_pipe() {
    let lab = Lab::of(&[], "[problem]\nname = \"sphere\"\n");
    let options = Options { processes: true, ..lab.options(1) };
    let mut evaluator = evaluator(&lab.experiment, &Registry::built_in(), options).unwrap();
    let mut results = Results::default();
    // Large enough to be sent as it likes, and twice, so that the cost is known.
    for _ in 0..4 {
        let mut batch = lab.batch(0..400_000);
        let start = Instant::now();
        evaluator.submit(&mut batch).unwrap();
        let mut received = 0;
        while received < 400_000 {
            evaluator.receive(&mut results, Duration::from_secs(10)).unwrap();
            received += results.candidates.len();
        }
        println!("{:.2} million a second", 0.4 / start.elapsed().as_secs_f64());
    }
}

/// How much of 16 slots is busy with evaluations that sleep 10 ms.
#[test]
#[ignore = "it measures"]
fn sixteen_sleepers() {
    let lab = Lab::python("import time\ndef f(p):\n    time.sleep(0.01)\n    return p['x']\n");
    let mut processes = lab.processes(16);
    let mut results = Results::default();
    for (name, window) in [("warm", 64), ("window 64", 64), ("generations of 64", 0)] {
        let (mut asked, mut received) = (0, 0);
        let start = Instant::now();
        while received < 3200 {
            let room = if window > 0 {
                window - (asked - received)
            } else if asked == received {
                64
            } else {
                0
            };
            let room = room.min(3200 - asked);
            if room > 0 {
                processes.submit(&mut lab.batch(asked as u64..(asked + room) as u64)).unwrap();
                asked += room;
            }
            processes.receive(&mut results, Duration::from_secs(10)).unwrap();
            received += results.candidates.len();
        }
        println!("{name}: {:.3} busy", 3200.0 * 0.01 / (16.0 * start.elapsed().as_secs_f64()));
    }
}
