//! What happens to a cluster, told line by line.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use genetic_pool_cluster::cluster::{ClusterEvent, ContainerState, Step};

use super::{Colour, Context};
use crate::cli::{Printer, image::progress::Steps, words};

/// Tells what happens.
pub(super) fn listener(context: &Context<'_>) -> impl Fn(ClusterEvent) + Send + Sync + use<> {
    let printer = context.printer;
    // Where nothing is to be done, looking whether all is well is not worth a line.
    let quiet = AtomicBool::new(false);
    // Shown as `image build` shows them, until something else happens.
    let image: Mutex<Option<Steps>> = Mutex::new(None);
    move |event| {
        let mut steps = image.lock().unwrap_or_else(PoisonError::into_inner);
        if let ClusterEvent::Image(event) = event {
            return steps.get_or_insert_with(|| Steps::new(printer)).event(event);
        }
        drop(steps.take());
        if let ClusterEvent::Planned(steps) = &event {
            quiet.store(steps.is_empty(), Ordering::Relaxed);
        }
        let good = matches!(
            event,
            ClusterEvent::Waiting { .. }
                | ClusterEvent::NodeAnswers { .. }
                | ClusterEvent::NodesListed { .. }
                | ClusterEvent::Ready { .. }
        );
        if good && quiet.load(Ordering::Relaxed) {
            return;
        }
        if let Some(line) = line(printer, &event) {
            printer.talk(line);
        }
    }
}

/// What is said of `event`, if anything is.
fn line(printer: Printer, event: &ClusterEvent) -> Option<String> {
    let dim = |text: String| printer.paint(Colour::Dim, &text);
    let line = match event {
        ClusterEvent::ImageMissing { image } => format!("image {image} is not there yet: building it"),
        // What takes no time is told when it is done.
        ClusterEvent::Begun(Step::RemoveContainer { name, drain: true, .. }) => {
            format!("draining {name}, which finishes what it evaluates, for 35 s at most")
        }
        ClusterEvent::Planned(_)
        | ClusterEvent::Begun(_)
        | ClusterEvent::Image(_)
        | ClusterEvent::NodesListed { listed: 0, .. } => return None,
        ClusterEvent::Done { step, took } if *took > Duration::from_secs(1) => {
            format!("{step} {}", dim(format!("({})", words::duration(*took))))
        }
        ClusterEvent::Done { step, .. } => step.to_string(),
        ClusterEvent::StepFailed { step, error } => format!("failed: {step}: {error}"),
        ClusterEvent::Waiting { nodes, at_most } => {
            format!(
                "waiting for {} to be ready, {} at most",
                words::things(*nodes as u64, "node"),
                words::duration(*at_most)
            )
        }
        ClusterEvent::NodeAnswers { node, after } => format!("{node} answers after {}", words::duration(*after)),
        ClusterEvent::NodesListed { listed, of, after } => {
            format!("Ray lists {listed} of {} after {}", words::things(*of as u64, "node"), words::duration(*after))
        }
        ClusterEvent::NodeEnded { node, state: ContainerState::Created, .. } => format!("{node} is not started yet"),
        ClusterEvent::NodeEnded { node, exit_code, .. } => match exit_code {
            Some(code) => format!("{node} ended with exit code {code}"),
            None => format!("{node} ended"),
        },
        ClusterEvent::Ready { after } => format!("ready after {}", words::duration(*after)),
        ClusterEvent::RollingBack { parts } => {
            format!("taking back what was begun: {}", words::things(*parts as u64, "part"))
        }
        ClusterEvent::RolledBack => "what was begun was taken back".to_owned(),
        ClusterEvent::LeftMissing { name } => {
            format!("what was replaced is missing now: `cluster up --cluster {name}` makes it as it was before")
        }
        ClusterEvent::Kept { parts } => {
            format!("what was begun is kept: {}", words::things(*parts as u64, "part"))
        }
        ClusterEvent::NotTakenBack { what, error } => format!("{what} could not be taken back: {error}"),
    };
    Some(line)
}
