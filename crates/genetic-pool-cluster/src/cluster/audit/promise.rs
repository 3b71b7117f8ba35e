//! What is promised of a cluster.

use std::fmt;

use serde::Serialize;

/// What is promised of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "their words say it")]
pub enum Promise {
    User,
    Capabilities,
    NoNewPrivileges,
    Seccomp,
    ReadOnlyRoot,
    Temporary,
    Setuid,
    Isolation,
    EngineSocket,
    Limits,
    Ports,
    TokenAsked,
    Secrets,
    TokenHidden,
    Egress,
}

/// Whether a promise is kept, the better first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It was seen to hold.
    Proven,
    /// Somebody asked for it not to be kept.
    Relaxed,
    /// It could not be looked at, or not in full.
    NotProven,
    /// It was seen not to hold.
    Broken,
}

impl Promise {
    /// All of them, in the order they are reported in.
    pub const ALL: [Promise; 15] = [
        Promise::User,
        Promise::Capabilities,
        Promise::NoNewPrivileges,
        Promise::Seccomp,
        Promise::ReadOnlyRoot,
        Promise::Temporary,
        Promise::Setuid,
        Promise::Isolation,
        Promise::EngineSocket,
        Promise::Limits,
        Promise::Ports,
        Promise::TokenAsked,
        Promise::Secrets,
        Promise::TokenHidden,
        Promise::Egress,
    ];
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Promise::User => "runs as user 10001",
            Promise::Capabilities => "has no capabilities",
            Promise::NoNewPrivileges => "can gain no privileges",
            Promise::Seccomp => "system calls are filtered",
            Promise::ReadOnlyRoot => "root is read-only",
            Promise::Temporary => "/tmp runs no programs",
            Promise::Setuid => "no setuid files",
            Promise::Isolation => "nothing of the host inside",
            Promise::EngineSocket => "no engine socket inside",
            Promise::Limits => "is limited",
            Promise::Ports => "published on 127.0.0.1 only",
            Promise::TokenAsked => "Ray asks for the token",
            Promise::Secrets => "secrets are read-only",
            Promise::TokenHidden => "the token shows nowhere",
            Promise::Egress => "reaches nothing outside",
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Proven => "proven",
            Verdict::Relaxed => "relaxed",
            Verdict::NotProven => "not proven",
            Verdict::Broken => "broken",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_listed_in_their_order() {
        assert!(Promise::ALL.is_sorted());
    }

    #[test]
    fn the_document_lists_every_promise_in_order_and_no_other() {
        let document = include_str!("../../../../../docs/audit.md");
        let rows: Vec<&str> =
            document.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next()).collect();
        let promises = Promise::ALL.map(|promise| promise.to_string());
        assert_eq!(rows[1..], promises, "the first row is the head of the table");
    }
}
