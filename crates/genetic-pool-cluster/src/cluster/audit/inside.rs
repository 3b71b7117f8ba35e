//! What is seen from inside a container.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The program that looks; see its first lines.
pub(super) const PROGRAM: &str = include_str!("inside.py");

/// What it saw.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, serde(default))]
pub(super) struct Inside {
    /// The four users of the first process.
    pub users: Vec<u32>,
    /// Its groups.
    pub groups: Vec<u32>,
    /// Its five sets, in hexadecimal.
    pub capabilities: BTreeMap<String, String>,
    pub no_new_privileges: bool,
    pub seccomp: bool,
    /// Folders that should not be, and are.
    pub writable: Vec<String>,
    /// Whether a program in `/tmp` runs; `None` where none could be put there.
    pub runs_in_tmp: Option<bool>,
    pub setuid: Vec<String>,
    pub sockets: Vec<String>,
    /// The file of the token; `None` where it cannot be read.
    pub secret: Option<Secret>,
    /// `None` where there was no token to search for.
    pub search: Option<Search>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Secret {
    pub mode: u32,
    pub owner: u32,
}

/// Where the token was searched for.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Search {
    pub processes: u64,
    pub files: u64,
    pub bytes: u64,
    pub found: Vec<String>,
    /// What could not be searched.
    pub unread: Vec<String>,
}

impl Inside {
    /// Reads what the program printed.
    pub(super) fn read(answer: &str) -> Result<Inside, String> {
        serde_json::from_str(answer).map_err(|error| format!("its inside cannot be looked at: {error}"))
    }
}
