use std::{fmt::Write, fs, path::Path};

use proptest::prelude::*;
use serde::Deserialize;

use super::{
    super::{
        blueprint::Blueprint,
        observe::{ContainerState, Health, Net, Seen, SeenContainer, SeenNetwork},
        settings::{Limits, Settings},
    },
    Step, down, up,
};
use crate::{names::Role, spec::Wanted};

/// A case: what is wanted and what is seen. A `spec` of `same` is what the wish asks for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What it shows.
    #[expect(dead_code, reason = "for who reads the file")]
    about: String,
    /// Absent where the cluster is to go.
    wanted: Option<Wish>,
    seen: Seen,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    workers: u16,
    revision: u64,
    #[serde(default)]
    egress: bool,
}

fn blueprint(wish: &Wish) -> Blueprint {
    let settings = Settings { workers: Some(wish.workers), egress: Some(wish.egress), ..Settings::default() };
    let limits = Limits { cpus: 8, memory: 32 << 30 };
    let wanted = settings.wanted(&"swarm".parse().unwrap(), None, limits).unwrap();
    Blueprint::new(Wanted { revision: wish.revision, ..wanted }, "sha256:1".to_owned())
}

#[test]
fn every_case_has_its_plan() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cluster/plan/cases");
    let update = std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always");
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    cases.sort();
    assert!(cases.len() >= 12, "the cases are not there");
    for path in cases {
        let text = fs::read_to_string(&path).unwrap();
        let mut case: Case = toml_edit::de::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        let steps = match &case.wanted {
            Some(wish) => {
                let blueprint = blueprint(wish);
                resolve(&mut case.seen, &blueprint);
                let steps = up(&blueprint, &case.seen);
                let after = steps.iter().fold(case.seen, |seen, step| applied(&blueprint, seen, step));
                assert_eq!(up(&blueprint, &after), [], "{path:?}: the next plan is not empty");
                steps
            }
            None => down(&case.seen),
        };
        assert!(steps.is_sorted_by_key(Step::phase), "{path:?}");
        let plan = steps.iter().fold(String::new(), |mut plan, step| {
            writeln!(plan, "{step}").unwrap();
            plan
        });
        let expected = path.with_extension("plan");
        if update {
            fs::write(&expected, &plan).unwrap();
        }
        assert_eq!(plan, fs::read_to_string(&expected).unwrap_or_default(), "{path:?}");
    }
}

/// `same` becomes the hash that the wish asks for.
fn resolve(seen: &mut Seen, blueprint: &Blueprint) {
    for container in &mut seen.containers {
        if let Some(role) = container.role.filter(|_| container.spec == "same") {
            container.spec = blueprint.container_spec(role);
        }
    }
    for network in &mut seen.networks {
        if network.spec == "same" {
            let net = Net::ALL.into_iter().find(|net| net.name(&blueprint.wanted.name) == network.name).unwrap();
            network.spec = blueprint.network_spec(net);
        }
    }
}

/// What an engine would show after `step`.
fn applied(blueprint: &Blueprint, mut seen: Seen, step: &Step) -> Seen {
    let network = |seen: &Seen, net: Net| {
        let name = net.name(&blueprint.wanted.name);
        seen.networks.iter().find(|network| network.name == name).map(|network| network.id.clone()).unwrap_or_default()
    };
    let container = |seen: &Seen, role: Role, state| {
        let mut networks: Vec<String> = blueprint.networks(role).into_iter().map(|net| network(seen, net)).collect();
        networks.sort();
        SeenContainer {
            name: blueprint.wanted.name.container(role),
            role: Some(role),
            spec: blueprint.container_spec(role),
            state,
            health: Health::None,
            networks,
        }
    };
    match step {
        Step::RemoveContainer { name, .. } => seen.containers.retain(|container| container.name != *name),
        Step::RemoveNetwork { id, .. } => seen.networks.retain(|network| network.id != *id),
        Step::RemoveVolume { name } => seen.volumes.retain(|volume| volume != name),
        Step::CreateNetwork { net, name } => seen.networks.push(SeenNetwork {
            id: format!("new-{net}"),
            name: name.clone(),
            spec: blueprint.network_spec(*net),
        }),
        Step::CreateVolume { name } => seen.volumes.push(name.clone()),
        Step::CreateControl { name } => {
            assert!(!seen.containers.iter().any(|container| container.name == *name), "the name is taken");
            let control = container(&seen, Role::Control, ContainerState::Created);
            seen.containers.push(control);
        }
        Step::WriteToken => seen.token = true,
        Step::Record { revision, .. } => seen.recorded = Some(*revision),
        Step::Create { role, name } => {
            assert!(!seen.containers.iter().any(|container| container.name == *name), "the name is taken");
            let node = container(&seen, *role, ContainerState::Running);
            seen.containers.push(node);
        }
        Step::Start { name, .. } | Step::Restart { name, .. } => {
            let node = seen.containers.iter_mut().find(|container| container.name == *name).unwrap();
            node.state = ContainerState::Running;
            node.health = Health::Starting;
        }
    }
    seen
}

fn state() -> impl Strategy<Value = ContainerState> {
    use ContainerState::{Created, Dead, Exited, Paused, Restarting, Running};
    prop::sample::select(vec![Running, Running, Created, Paused, Restarting, Exited, Dead])
}

/// Any wreck of a cluster named `swarm`.
fn wreck() -> impl Strategy<Value = Seen> {
    let role = prop::sample::select(vec![
        Some(Role::Control),
        Some(Role::Head),
        Some(Role::Worker(0)),
        Some(Role::Worker(1)),
        Some(Role::Worker(7)),
        None,
    ]);
    let health = prop::sample::select(vec![Health::None, Health::Starting, Health::Healthy, Health::Unhealthy]);
    let spec = || prop::sample::select(vec!["same", "same", "other"]);
    let ids = prop::sample::subsequence(vec!["i1", "i2", "o1"], 0..=3);
    let container = (role, spec(), state(), health, ids, any::<bool>()).prop_map(
        |(role, spec, state, health, networks, renamed)| SeenContainer {
            name: match role {
                Some(role) if !renamed => format!("swarm-{role}"),
                _ => "another".to_owned(),
            },
            role,
            spec: if role.is_some() { spec } else { "other" }.to_owned(),
            state,
            health,
            networks: networks.into_iter().map(str::to_owned).collect(),
        },
    );
    let containers = prop::collection::vec(container, 0..6).prop_map(|mut containers| {
        containers.sort_by(|one: &SeenContainer, other| one.name.cmp(&other.name));
        // Names of containers are unique.
        containers.dedup_by(|one, other| one.name == other.name);
        containers
    });
    let network = (prop::sample::select(vec![("i1", "inner"), ("i2", "inner"), ("o1", "outer")]), spec());
    let network = network.prop_map(|((id, net), spec)| SeenNetwork {
        id: id.to_owned(),
        name: format!("swarm-{net}"),
        spec: spec.to_owned(),
    });
    let networks = prop::collection::vec(network, 0..4).prop_map(|mut networks| {
        networks.sort_by(|one: &SeenNetwork, other| one.id.cmp(&other.id));
        networks.dedup_by(|one, other| one.id == other.id);
        networks
    });
    let volumes = prop::sample::subsequence(
        ["state", "secrets", "head-ray", "worker-0-ray", "worker-5-ray"].map(|name| format!("swarm-{name}")).to_vec(),
        0..=5,
    );
    (containers, networks, volumes, any::<bool>(), prop::option::of(0..3u64)).prop_map(
        |(containers, networks, volumes, token, recorded)| Seen { containers, networks, volumes, token, recorded },
    )
}

proptest! {
    #[test]
    fn when_a_plan_was_applied_the_next_is_empty(
        mut seen in wreck(), workers in 1..4u16, revision in 1..3u64, egress: bool,
    ) {
        let blueprint = blueprint(&Wish { workers, revision, egress });
        resolve(&mut seen, &blueprint);
        let steps = up(&blueprint, &seen);
        prop_assert!(steps.is_sorted_by_key(Step::phase));
        let after = steps.iter().fold(seen, |seen, step| applied(&blueprint, seen, step));
        prop_assert_eq!(up(&blueprint, &after), []);
        let gone = down(&after).iter().fold(after, |seen, step| applied(&blueprint, seen, step));
        prop_assert!(gone.is_empty());
    }

    #[test]
    fn a_plan_cut_short_is_continued(mut seen in wreck(), cut in 0..12usize) {
        let blueprint = blueprint(&Wish { workers: 2, revision: 1, egress: false });
        resolve(&mut seen, &blueprint);
        let steps = up(&blueprint, &seen);
        let half = steps.iter().take(cut).fold(seen, |seen, step| applied(&blueprint, seen, step));
        let rest = up(&blueprint, &half);
        let after = rest.iter().fold(half, |seen, step| applied(&blueprint, seen, step));
        prop_assert_eq!(up(&blueprint, &after), []);
    }
}
