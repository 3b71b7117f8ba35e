//! The data folder, and the runs in it.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;

use super::{RunId, RunReader, StoreError, Summary};

/// The variable of the environment that says where the data folder is.
pub const HOME_VARIABLE: &str = "GENETIC_POOL_HOME";

/// The folder in which this program keeps its data: runs are in `runs/` below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The folder; it need not be there yet.
    pub root: PathBuf,
}

/// A file among the runs.
#[derive(Debug)]
pub struct Listed {
    /// The run's id: the name of its file.
    pub id: RunId,
    /// Its file.
    pub path: PathBuf,
    /// How much it and what belongs to it take on disk, in bytes.
    pub bytes: u64,
    /// The run in short, or why it cannot be read.
    pub run: Result<Summary, StoreError>,
}

impl Home {
    /// The folder that [`HOME_VARIABLE`] names, else `genetic-pool` in the user's data folder.
    pub fn find() -> Result<Home, StoreError> {
        if let Some(root) = env::var_os(HOME_VARIABLE).filter(|root| !root.is_empty()) {
            let root = PathBuf::from(root);
            return Ok(Home { root: std::path::absolute(&root).map_err(StoreError::io("find", &root))? });
        }
        let strategy = etcetera::choose_base_strategy().map_err(|_| StoreError::NoHome)?;
        Ok(Home { root: strategy.data_dir().join("genetic-pool") })
    }

    /// The folder of runs.
    pub fn runs(&self) -> PathBuf {
        self.root.join("runs")
    }

    /// The file of run `id`.
    pub fn path_of(&self, id: &RunId) -> PathBuf {
        self.runs().join(format!("{id}.sqlite"))
    }

    /// The ids of all files among the runs, oldest first.
    pub fn ids(&self) -> Result<Vec<RunId>, StoreError> {
        let runs = self.runs();
        let entries = match fs::read_dir(&runs) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(StoreError::io("read", &runs)(error)),
        };
        let mut ids = Vec::new();
        for entry in entries {
            let name = entry.map_err(StoreError::io("read", &runs))?.file_name();
            // Files whose name is not Unicode are not ours.
            let stem = name.to_str().and_then(|name| name.strip_suffix(".sqlite"));
            ids.extend(stem.filter(|stem| !stem.is_empty() && !stem.starts_with('.')).map(RunId::of_stem));
        }
        ids.sort();
        Ok(ids)
    }

    /// The file of the run that a person calls `text`: `latest`, an id, the start of an id or of its last part, as long
    /// as there is only one such run, or the path of a run's file.
    pub fn resolve(&self, text: &str) -> Result<PathBuf, StoreError> {
        let path = Path::new(text);
        if (text.contains('/') || path.extension().is_some_and(|extension| extension == "sqlite")) && path.is_file() {
            return Ok(path.to_owned());
        }
        Ok(self.path_of(&self.choose(text, &self.ids()?)?))
    }

    /// The one of `ids`, oldest first, that a person calls `text`.
    pub(crate) fn choose(&self, text: &str, ids: &[RunId]) -> Result<RunId, StoreError> {
        let Some(latest) = ids.last() else {
            return Err(StoreError::NoRuns { folder: self.runs() });
        };
        if text == "latest" {
            // A file that somebody called as he liked is the latest only where there is nothing else.
            let dated = ids.iter().rfind(|id| id.is_dated());
            return Ok(dated.unwrap_or(latest).clone());
        }
        if let Some(exact) = ids.iter().find(|id| id.as_str() == text) {
            return Ok(exact.clone());
        }
        let matches: Vec<&RunId> = ids.iter().filter(|id| id.answers_to(text)).collect();
        match matches[..] {
            [one] => Ok(one.clone()),
            [] => Err(StoreError::Unknown { run: text.to_owned(), nearest: nearest(text, ids) }),
            _ => {
                let matches = matches.into_iter().map(ToString::to_string).collect();
                Err(StoreError::Ambiguous { run: text.to_owned(), matches })
            }
        }
    }

    /// All files among the runs, oldest first; what cannot be read is among them and says so.
    pub fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let listed = |id: RunId| {
            let path = self.path_of(&id);
            let run = RunReader::open(&path).and_then(|reader| reader.summary());
            Listed { bytes: size(&path), id, path, run }
        };
        Ok(self.ids()?.into_iter().map(listed).collect())
    }
}

/// The files that belong to the run at `path`, itself first, whether or not they are there.
pub(crate) fn files_of(path: &Path) -> [PathBuf; 4] {
    let with = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    [path.to_owned(), with("-wal"), with("-shm"), super::lock::lock_path(path)]
}

/// How many bytes the run at `path` takes on disk.
pub fn size(path: &Path) -> u64 {
    files_of(path).iter().filter_map(|path| fs::metadata(path).ok()).map(|metadata| metadata.len()).sum()
}

/// The id that `text` is most likely a misspelling of.
fn nearest(text: &str, ids: &[RunId]) -> Option<String> {
    let likeness = |id: &RunId| {
        let tail = id.as_str().rsplit_once('-').map_or(id.as_str(), |(_, tail)| tail);
        strsim::jaro_winkler(text, id.as_str()).max(strsim::jaro_winkler(text, tail))
    };
    let likely = ids.iter().map(|id| (likeness(id), id)).filter(|(likeness, _)| *likeness > 0.85);
    likely.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, id)| id.to_string())
}
