//! Where all problems of a file come together, each with its place.

use super::{
    document::{Kind, Node, Path, Segment},
    error::{Place, Problem},
    overrides::Override,
    structure::{Fault, show},
};

/// Collects the problems of one file.
pub(crate) struct Checker<'a> {
    /// The file as it is.
    text: &'a str,
    /// The same as a tree.
    original: &'a Node,
    /// What the command line changed.
    overrides: &'a [Override],
    /// The file with those changes: what is checked.
    resolved: &'a Node,
    /// Where something is wrong already: what follows from it is not reported.
    tainted: Vec<Path>,
    problems: Vec<Problem>,
}

impl<'a> Checker<'a> {
    /// Nothing is wrong yet with `resolved`, which is `original` (of `text`) with `overrides`.
    pub(crate) fn new(text: &'a str, original: &'a Node, overrides: &'a [Override], resolved: &'a Node) -> Checker<'a> {
        Checker { text, original, overrides, resolved, tainted: Vec::new(), problems: Vec::new() }
    }

    /// Reports a fault of structure; what is about the same place, its parts or its whole, is not reported after it.
    pub(crate) fn structural(&mut self, fault: Fault) {
        self.tainted.push(fault.path.clone());
        self.add(fault);
    }

    /// Reports a fault, unless it follows from one of structure.
    pub(crate) fn report(&mut self, mut fault: Fault) {
        if self.tainted(&fault.path) {
            return;
        }
        if fault.found.is_none()
            && !fault.key
            && let Some((node, _)) = self.resolved.find(&fault.path.0)
            && !matches!(node.kind, Kind::Table(_))
        {
            fault.found = Some(show(node));
        }
        self.add(fault);
    }

    /// Whether something is wrong in the structure of what stands at `path`, in a part of it or in what holds it.
    pub(crate) fn tainted(&self, path: &Path) -> bool {
        self.tainted.iter().any(|tainted| tainted.holds(path) || path.holds(tainted))
    }

    /// How many problems there are so far.
    pub(crate) fn count(&self) -> usize {
        self.problems.len()
    }

    /// All problems, in the order of the file.
    pub(crate) fn finish(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| problem.place.order());
        self.problems
    }

    fn add(&mut self, fault: Fault) {
        let place = self.place(&fault.path, fault.key);
        let Fault { path, message, found, allowed, hint, .. } = fault;
        self.problems.push(Problem { path: path.to_string(), place, message, found, allowed, hint });
    }

    /// The place of what stands at `path`, of its key if `key`; of what holds it, where it is missing. What the command
    /// line set, or made by setting a part of it, stands there.
    fn place(&self, path: &Path, key: bool) -> Place {
        if let Some(cause) = self.overrides.iter().find(|cause| cause.path.holds(path)) {
            return Place::Override(cause.flag.clone());
        }
        let missing = self.original.find(&path.0).is_none();
        if let Some(cause) = self.overrides.iter().find(|cause| missing && path.holds(&cause.path)) {
            return Place::Override(cause.flag.clone());
        }
        for length in (1..=path.0.len()).rev() {
            let Some((node, key_span)) = self.original.find(&path.0[..length]) else { continue };
            // A table is best shown by its key, a single value by itself.
            let whole = length == path.0.len();
            let by_key = !whole || key || matches!(node.kind, Kind::Table(_));
            let in_list = matches!(path.0[length - 1], Segment::Index(_));
            let value_span = node.span.clone();
            let span = if by_key && !in_list { key_span.or(value_span) } else { value_span.or(key_span) };
            if let Some(span) = span {
                return Place::of(self.text, &span);
            }
        }
        Place::Nowhere
    }
}
