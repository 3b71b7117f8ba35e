//! The way from what is there to what is wanted: a pure function of the two.
//!
//! Every step can be done again without harm, and when all are done, the next plan is empty. So a plan that was cut
//! short is continued by making the next one.

mod step;
#[cfg(test)]
mod tests;

pub use self::step::{Phase, Step, Why};
use super::{
    blueprint::Blueprint,
    observe::{ContainerState, Health, Net, Seen, SeenContainer},
};
use crate::names::Role;

/// The steps that make `seen` what `blueprint` says, in their order.
pub(super) fn up(blueprint: &Blueprint, seen: &Seen) -> Vec<Step> {
    let kept = kept_networks(blueprint, seen);
    let mut steps = Vec::new();
    steps.extend(verdicts(blueprint, seen, &kept).filter_map(|(container, verdict)| match verdict {
        Verdict::Keep | Verdict::Start | Verdict::Foreign => None,
        Verdict::Remove(why) => {
            let drain = container.state == ContainerState::Running && why.is_gentle();
            Some(Step::RemoveContainer { name: container.name.clone(), why, drain })
        }
    }));
    let gone = seen.networks.iter().filter(|network| !kept.iter().flatten().any(|id| **id == network.id));
    steps.extend(gone.map(|network| Step::RemoveNetwork { id: network.id.clone(), name: network.name.clone() }));
    let gone = seen.volumes.iter().filter(|volume| is_of_former_worker(blueprint, volume));
    steps.extend(gone.map(|volume| Step::RemoveVolume { name: volume.clone() }));

    let missing = Net::ALL.into_iter().zip(&kept).filter(|(_, kept)| kept.is_none());
    steps.extend(missing.map(|(net, _)| Step::CreateNetwork { net, name: net.name(&blueprint.wanted.name) }));
    let needed = blueprint.shared_volumes().into_iter();
    let needed = needed.chain(blueprint.nodes().into_iter().map(|role| blueprint.wanted.name.ray_volume(role)));
    let missing = needed.filter(|volume| !seen.volumes.contains(volume));
    steps.extend(missing.map(|name| Step::CreateVolume { name }));

    // What is to be there and is not once the removals are done.
    let verdict = |role| {
        let mut verdicts = verdicts(blueprint, seen, &kept);
        verdicts.find_map(|(container, verdict)| {
            let stays = container.role == Some(role) && matches!(verdict, Verdict::Keep | Verdict::Start);
            stays.then_some(verdict)
        })
    };
    if verdict(Role::Control).is_none() {
        steps.push(Step::CreateControl { name: blueprint.wanted.name.container(Role::Control) });
    }
    if !seen.token {
        steps.push(Step::WriteToken);
    }
    if seen.recorded != Some(blueprint.wanted.revision) {
        steps.push(Step::Record { revision: blueprint.wanted.revision, workers: blueprint.wanted.workers });
    }
    let head_stays = matches!(verdict(Role::Head), Some(Verdict::Keep));
    steps.extend(blueprint.nodes().into_iter().filter_map(|role| {
        let name = blueprint.wanted.name.container(role);
        match verdict(role) {
            None | Some(Verdict::Remove(_) | Verdict::Foreign) => Some(Step::Create { role, name }),
            Some(Verdict::Start) => Some(Step::Start { role, name }),
            // It would look for the former head for a minute before it gave up.
            Some(Verdict::Keep) if role != Role::Head && !head_stays => Some(Step::Restart { role, name }),
            Some(Verdict::Keep) => None,
        }
    }));
    steps
}

/// The steps that remove all of `seen`.
pub(super) fn down(seen: &Seen) -> Vec<Step> {
    let containers = seen.containers.iter().map(|container| Step::RemoveContainer {
        name: container.name.clone(),
        why: Why::NotWanted,
        drain: false,
    });
    let networks =
        seen.networks.iter().map(|network| Step::RemoveNetwork { id: network.id.clone(), name: network.name.clone() });
    let volumes = seen.volumes.iter().map(|volume| Step::RemoveVolume { name: volume.clone() });
    containers.chain(networks).chain(volumes).collect()
}

/// What becomes of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Keep,
    /// It is as it is to be, and does not run.
    Start,
    /// It goes; what is wanted in its place is created.
    Remove(Why),
    /// It has the cluster's label and is none of its parts: whoever made it may still need it.
    Foreign,
}

fn verdicts<'a>(
    blueprint: &'a Blueprint,
    seen: &'a Seen,
    kept: &'a [Option<&str>; 2],
) -> impl Iterator<Item = (&'a SeenContainer, Verdict)> {
    seen.containers.iter().map(|container| (container, verdict(blueprint, seen, kept, container)))
}

fn verdict(blueprint: &Blueprint, seen: &Seen, kept: &[Option<&str>; 2], container: &SeenContainer) -> Verdict {
    let Some(role) = container.role else { return Verdict::Foreign };
    let wanted = matches!(role, Role::Control) || blueprint.nodes().contains(&role);
    if !wanted || container.name != blueprint.wanted.name.container(role) {
        return Verdict::Remove(Why::NotWanted);
    }
    if container.spec != blueprint.container_spec(role) {
        return Verdict::Remove(Why::Changed);
    }
    if role == Role::Control {
        let whole = blueprint.shared_volumes().iter().all(|volume| seen.volumes.contains(volume));
        return match container.state {
            ContainerState::Created if whole => Verdict::Keep,
            ContainerState::Created => Verdict::Remove(Why::NoVolume),
            // Somebody started it; it is none the worse for that, but what runs is not what we made.
            ContainerState::Running
            | ContainerState::Paused
            | ContainerState::Restarting
            | ContainerState::Exited
            | ContainerState::Dead => Verdict::Remove(Why::Started),
        };
    }
    if !seen.token {
        return Verdict::Remove(Why::NoToken);
    }
    let mut networks: Vec<Option<&str>> = blueprint.networks(role).into_iter().map(|net| kept[net as usize]).collect();
    networks.sort_unstable();
    let on_networks = container.networks.iter().map(|id| Some(id.as_str())).eq(networks);
    match container.state {
        ContainerState::Running if container.health == Health::Unhealthy => Verdict::Remove(Why::Unhealthy),
        ContainerState::Running if on_networks => Verdict::Keep,
        ContainerState::Exited if on_networks => Verdict::Start,
        ContainerState::Running | ContainerState::Exited => Verdict::Remove(Why::OffNetwork),
        ContainerState::Created => Verdict::Remove(Why::NeverStarted),
        ContainerState::Paused => Verdict::Remove(Why::Paused),
        ContainerState::Restarting => Verdict::Remove(Why::Crashing),
        ContainerState::Dead => Verdict::Remove(Why::Dead),
    }
}

/// The ids of the networks that stay, in the order of [`Net::ALL`]: of two with one name the older one does.
fn kept_networks<'a>(blueprint: &Blueprint, seen: &'a Seen) -> [Option<&'a str>; 2] {
    Net::ALL.map(|net| {
        let (name, spec) = (net.name(&blueprint.wanted.name), blueprint.network_spec(net));
        let found = seen.networks.iter().find(|network| network.name == name && network.spec == spec);
        found.map(|network| network.id.as_str())
    })
}

/// Whether `volume` is that of a worker that is not wanted.
fn is_of_former_worker(blueprint: &Blueprint, volume: &str) -> bool {
    let index = volume.strip_prefix(&format!("{}-", blueprint.wanted.name)).and_then(|rest| rest.strip_suffix("-ray"));
    match index.and_then(|role| role.parse::<Role>().ok()) {
        Some(Role::Worker(index)) => index >= blueprint.wanted.workers,
        Some(Role::Head | Role::Control) | None => false,
    }
}
