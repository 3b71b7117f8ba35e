//! `up`: makes a cluster, and heals it.

use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    Cluster, ClusterEvent, LifeError, Limits, Listener, Lock, Settings, Step, Why,
    apply::Made,
    blueprint::Blueprint,
    observe::{Seen, names},
    plan,
};
use crate::{
    ClusterError,
    engine::EngineError,
    image::{self, BuildOptions},
    names::{ClusterName, DASHBOARD_PORT, DEFAULT_IMAGE, RAY_VERSION, Role},
    nearest::nearest,
    spec::Wanted,
};

/// How long the nodes may take to be ready, unless somebody says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_mins(3);

/// How a cluster is brought up.
#[derive(Clone, Debug)]
pub struct UpOptions {
    /// What is said about the cluster.
    pub settings: Settings,
    /// How long the nodes may take to be ready.
    pub timeout: Duration,
    /// Leaves what was begun as it is where it fails.
    pub keep: bool,
    /// Replaces nodes also while a run is at work on them.
    pub force: bool,
}

impl Default for UpOptions {
    fn default() -> UpOptions {
        UpOptions { settings: Settings::default(), timeout: DEFAULT_TIMEOUT, keep: false, force: false }
    }
}

/// What is to be done, and why.
#[derive(Clone, Debug, Serialize)]
pub struct Planned {
    /// What is wanted.
    pub wanted: Wanted,
    /// The steps to it; none where it is there.
    pub steps: Vec<Step>,
    /// Whether the image has to be built first.
    pub builds_image: bool,
}

/// A cluster that is up.
#[derive(Clone, Debug, Serialize)]
pub struct Up {
    /// What is wanted, and there.
    pub wanted: Wanted,
    /// What was done; nothing where all was there.
    pub steps: Vec<Step>,
    /// Where Ray's HTTP is published, as the engine's machine sees it.
    pub address: Option<String>,
    /// How long it took.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub took: Duration,
}

impl Cluster {
    /// What [`up`](Cluster::up) would do. Nothing is changed.
    pub async fn plan_up(&self, settings: &Settings) -> Result<Planned, ClusterError> {
        let seen = self.seen().await?;
        let wanted = self.wish(settings, &seen).await?;
        let image = image::inspect(&self.engine, &wanted.image).await?;
        let builds_image = image.is_none();
        if builds_image && wanted.image != DEFAULT_IMAGE {
            return Err(LifeError::NoImage { image: wanted.image }.into());
        }
        // An image that is not there yet has no id, and nothing was made from it.
        let blueprint = Blueprint::new(wanted, image.map(|image| image.id).unwrap_or_default());
        let steps = plan::up(&blueprint, &seen);
        Ok(Planned { wanted: blueprint.wanted, steps, builds_image })
    }

    /// What [`scale`](Cluster::scale) would do. Nothing is changed.
    pub async fn plan_scale(&self, workers: u16) -> Result<Planned, ClusterError> {
        self.plan_up(&self.scaled(workers).await?).await
    }

    /// Makes the cluster what `options` and what it was before say: builds a missing image, creates what is missing,
    /// replaces what is broken or different, and waits until all nodes are ready. Where nothing is to be done nothing
    /// is done.
    ///
    /// Where it fails or is cancelled, what it made is taken back.
    pub async fn up(
        &self,
        options: &UpOptions,
        tell: Listener<'_>,
        cancel: &CancellationToken,
    ) -> Result<Up, ClusterError> {
        let _lock = self.lock("up").await?;
        self.change(options, tell, cancel).await
    }

    /// Changes the number of workers; their size stays. Workers that go finish what they evaluate.
    pub async fn scale(
        &self,
        workers: u16,
        options: &UpOptions,
        tell: Listener<'_>,
        cancel: &CancellationToken,
    ) -> Result<Up, ClusterError> {
        let _lock = self.lock("scale").await?;
        let settings = self.scaled(workers).await?;
        self.change(&UpOptions { settings, ..options.clone() }, tell, cancel).await
    }

    /// What is said of a cluster that is there by the number of its workers.
    async fn scaled(&self, workers: u16) -> Result<Settings, ClusterError> {
        let seen = self.seen().await?;
        if seen.is_empty() {
            return Err(self.unknown().await?.into());
        }
        // Where the way to what is wanted is missing, it is mended later.
        if self.before().await?.is_none() && !seen.volumes.contains(&self.name.state_volume()) {
            return Err(LifeError::Lost { name: self.name.clone() }.into());
        }
        Ok(Settings { workers: Some(workers), ..Settings::default() })
    }

    pub(super) async fn lock(&self, verb: &str) -> Result<Lock, ClusterError> {
        Ok(Lock::acquire(&self.engine.facts().await?.id, &self.name, verb)?)
    }

    /// There is no such cluster: is there one that may be meant?
    pub(super) async fn unknown(&self) -> Result<LifeError, EngineError> {
        let names = names(&self.engine).await?;
        let near = nearest(self.name.as_str(), names.iter().map(ClusterName::as_str)).map(str::to_owned);
        Ok(LifeError::Unknown { name: self.name.clone(), nearest: near })
    }

    async fn change(
        &self,
        options: &UpOptions,
        tell: Listener<'_>,
        cancel: &CancellationToken,
    ) -> Result<Up, ClusterError> {
        let start = Instant::now();
        let mut seen = self.seen().await?;
        let mut made = Vec::new();
        if seen.container(Role::Control).is_none() && seen.volumes.contains(&self.name.state_volume()) {
            // What is wanted is still in the volume, and the way to it is missing.
            made.extend(self.mend_control(options, tell, cancel).await?);
            seen = self.seen().await?;
        }
        let before = self.before().await?;
        let mut replaced = false;
        let changed = async {
            let wanted = self.wish(&options.settings, &seen).await?;
            let image = self.image(&wanted.image, tell, cancel).await?;
            let blueprint = Blueprint::new(wanted, image);
            let steps = plan::up(&blueprint, &seen);
            if !options.force {
                self.check_steps(&steps).await?;
            }
            tell(ClusterEvent::Planned(steps.clone()));
            replaced = steps.iter().any(
                |step| matches!(step, Step::RemoveContainer { why, .. } if !matches!(why, Why::NotWanted | Why::Started)),
            );
            let (new, applied) = self.apply(&blueprint, &steps, tell, cancel).await;
            made.extend(new);
            applied?;
            self.wait_ready(&blueprint.nodes(), options.timeout, tell, cancel).await?;
            Ok((blueprint.wanted, steps))
        };
        match changed.await {
            Ok((wanted, steps)) => {
                let address = self.address().await?;
                Ok(Up { wanted, steps, address, took: start.elapsed() })
            }
            Err(error) => {
                if options.keep {
                    tell(ClusterEvent::Kept { parts: made.len() });
                } else {
                    self.roll_back(made, before, tell).await;
                    if replaced {
                        tell(ClusterEvent::LeftMissing { name: self.name.clone() });
                    }
                }
                Err(error)
            }
        }
    }

    /// Refuses steps that would end a run.
    async fn check_steps(&self, steps: &[Step]) -> Result<(), ClusterError> {
        let head = self.name.container(Role::Head);
        let removed = |steps: &[Step], ends: &dyn Fn(&str, Why) -> bool| {
            let mut steps = steps.iter();
            steps.any(|step| matches!(step, Step::RemoveContainer { name, why, .. } if ends(name, *why)))
        };
        // A head that is slow to answer its health check may have a run all the same.
        if !removed(steps, &|name, why| why.ends_work() || (why == Why::Unhealthy && name == head)) {
            return Ok(());
        }
        match self.check_idle().await {
            // What is broken is made good even so: a broken Ray that does not answer works on nothing.
            Err(ClusterError::Life(LifeError::Unasked { .. })) if !removed(steps, &|_, why| why == Why::Changed) => {
                Ok(())
            }
            checked => checked,
        }
    }

    /// Takes back what was made, and says again what was wanted before.
    async fn roll_back(&self, made: Vec<Made>, before: Option<Wanted>, tell: Listener<'_>) {
        if !made.is_empty() {
            tell(ClusterEvent::RollingBack { parts: made.len() });
        }
        // First, for what was made may be the way there.
        if let Some(before) = before
            && let Ok(Some(now)) = self.state().wanted().await
            && now != before
        {
            let again = Wanted { revision: now.revision + 1, ..before };
            if let Err(error) = self.state().set_wanted(&again).await {
                tell(ClusterEvent::NotTakenBack { what: "what is wanted".to_owned(), error: error.to_string() });
            }
        }
        if !made.is_empty() {
            self.take_back(made, tell).await;
            tell(ClusterEvent::RolledBack);
        }
    }

    /// What is wanted, from what is said and what was wanted before.
    async fn wish(&self, settings: &Settings, seen: &Seen) -> Result<Wanted, ClusterError> {
        let before = self.before().await?;
        if before.is_none() && !seen.is_empty() && settings.workers.is_none() {
            return Err(LifeError::Lost { name: self.name.clone() }.into());
        }
        let facts = self.engine.facts().await?;
        Ok(settings.wanted(&self.name, before.as_ref(), Limits::of(facts))?)
    }

    /// What was wanted before; nothing where that was damaged, so that it can be said anew.
    async fn before(&self) -> Result<Option<Wanted>, ClusterError> {
        match self.state().wanted().await {
            Err(super::StateError::Damaged { .. }) => Ok(None),
            other => Ok(other?),
        }
    }

    /// Creates the control container over volumes that are there.
    async fn mend_control(
        &self,
        options: &UpOptions,
        tell: Listener<'_>,
        cancel: &CancellationToken,
    ) -> Result<Vec<Made>, ClusterError> {
        // Its own image is as good as another, and is there.
        let name = match (&options.settings.image, self.image_of_nodes().await?) {
            (Some(said), _) => said.clone(),
            (None, found) => found.unwrap_or_else(|| DEFAULT_IMAGE.to_owned()),
        };
        let image = self.image(&name, tell, cancel).await?;
        let limits = Limits::of(self.engine.facts().await?);
        // Only its names matter to a control container.
        let wanted = Settings { image: Some(name), ..Settings::default() }.wanted(&self.name, None, limits)?;
        let step = Step::CreateControl { name: self.name.container(Role::Control) };
        let (made, applied) = self.apply(&Blueprint::new(wanted, image), &[step], tell, cancel).await;
        applied.map(|()| made)
    }

    /// Creates the control container where it is gone, so that what is kept can be looked at before it is removed.
    pub async fn mend(&self, tell: Listener<'_>) -> Result<(), ClusterError> {
        let seen = self.seen().await?;
        if seen.container(Role::Control).is_some() || !seen.volumes.contains(&self.name.state_volume()) {
            return Ok(());
        }
        let image = self.image_of_nodes().await?.unwrap_or_else(|| DEFAULT_IMAGE.to_owned());
        if image::inspect(&self.engine, &image).await?.is_none() {
            return Err(LifeError::Unseen { name: self.name.clone() }.into());
        }
        let _lock = self.lock("mend").await?;
        self.mend_control(&UpOptions::default(), tell, &CancellationToken::new()).await.map(|_| ())
    }

    /// The name of the image of the nodes that are there.
    async fn image_of_nodes(&self) -> Result<Option<String>, ClusterError> {
        for role in self.seen().await?.containers.into_iter().filter_map(|container| container.role) {
            let image = self.inspected(role).await?.and_then(|node| node.config?.image);
            if image.is_some() {
                return Ok(image);
            }
        }
        Ok(None)
    }

    /// The id of the image `name`, which is built where it is ours and missing.
    async fn image(&self, name: &str, tell: Listener<'_>, cancel: &CancellationToken) -> Result<String, ClusterError> {
        let image = match image::inspect(&self.engine, name).await? {
            Some(image) => image,
            None if name == DEFAULT_IMAGE => {
                tell(ClusterEvent::ImageMissing { image: name.to_owned() });
                let options = BuildOptions::from_environment();
                let mut told = |event| tell(ClusterEvent::Image(event));
                image::build(&self.engine, &options, &mut told, cancel).await?;
                let built = image::inspect(&self.engine, name).await?;
                built.ok_or_else(|| LifeError::NoImage { image: name.to_owned() })?
            }
            None => return Err(LifeError::NoImage { image: name.to_owned() }.into()),
        };
        if image.ray.as_deref() != Some(RAY_VERSION) {
            return Err(LifeError::OtherRay { image: name.to_owned(), found: image.ray }.into());
        }
        Ok(image.id)
    }

    /// Where Ray's HTTP is published.
    pub(super) async fn address(&self) -> Result<Option<String>, EngineError> {
        let Some(found) = self.inspected(Role::Head).await? else { return Ok(None) };
        let ports = found.network_settings.and_then(|settings| settings.ports).unwrap_or_default();
        let binding = ports.get(&format!("{DASHBOARD_PORT}/tcp")).and_then(|bindings| bindings.as_ref()?.first());
        let port = binding.and_then(|binding| binding.host_port.as_deref());
        Ok(port.map(|port| format!("http://127.0.0.1:{port}")))
    }
}

fn seconds<S: serde::Serializer>(took: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((took.as_secs_f64() * 1e3).round() / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program with several threads may have them done anywhere.
    #[expect(dead_code, reason = "that it compiles is the test")]
    fn changes_may_move_between_threads(cluster: &Cluster, tell: Listener<'_>, cancel: &CancellationToken) {
        let options = UpOptions::default();
        let movable = |_: &dyn Send| {};
        movable(&cluster.up(&options, tell, cancel));
        movable(&cluster.scale(1, &options, tell, cancel));
        movable(&cluster.down(false, tell));
        movable(&cluster.status());
        movable(&cluster.audit(cancel));
    }
}
