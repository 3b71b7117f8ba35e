//! How a child that is kept alive is talked to.

use std::{fmt::Debug, ops::Range};

use genetic_pool_evolve::outcomes::{OutcomeShape, Outcomes};
use serde_json::Value;

use super::{
    super::frames::{self, Found, Frame, Kind, Manner, Refusal},
    queue::Work,
};

/// A protocol over standard input and output. It has no state: what was said stands in the bytes.
pub(in crate::evaluate) trait Language: Send + Sync + Debug {
    /// Appends what a new child is told first.
    fn greet(&self, to_send: &mut Vec<u8>);

    /// Appends the candidates `rows` of `work`.
    fn ask(&self, to_send: &mut Vec<u8>, manner: Manner, work: &Work, rows: Range<usize>) -> std::io::Result<()>;

    /// What stands first in `bytes`, and its length; outcomes of the rows asked for are left in `heard`.
    ///
    /// `None` until it is complete; an error, in words, where it is nothing the protocol knows.
    fn hear(&self, bytes: &[u8], asked: Asked<'_>, heard: &mut Heard) -> Result<Option<(usize, Said)>, String>;
}

/// What a child was asked for last.
#[derive(Clone, Copy, Debug)]
pub(in crate::evaluate) enum Asked<'a> {
    /// To get ready.
    Greeting,
    /// These rows of this work.
    Rows(&'a Work, &'a Range<usize>),
}

/// What a child says.
#[derive(Debug)]
pub(in crate::evaluate) enum Said {
    /// It can evaluate.
    Ready,
    /// It cannot.
    Refused(Refusal),
    /// It begins with this row, counted within the rows asked for.
    Started(usize),
    /// It has evaluated rows.
    Found(Found),
}

/// Outcomes as they were heard, row 0 being the first of [`Found`].
#[derive(Debug, Default)]
pub(in crate::evaluate) struct Heard {
    pub(in crate::evaluate) outcomes: Outcomes,
    /// What each row took; 0 where the child did not say.
    pub(in crate::evaluate) seconds: Vec<f32>,
}

/// Frames, as the Python shim and `genetic-pool worker` speak them.
#[derive(Debug)]
pub(in crate::evaluate) struct Frames {
    /// What goes ahead of the first frame.
    pub(in crate::evaluate) preamble: &'static [u8],
    /// The greeting.
    pub(in crate::evaluate) hello: Value,
    /// Whether candidates' seeds are sent along.
    pub(in crate::evaluate) seeds: bool,
    /// The run's seed.
    pub(in crate::evaluate) seed: u64,
    /// The shape of an outcome.
    pub(in crate::evaluate) outcome: OutcomeShape,
}

impl Language for Frames {
    fn greet(&self, to_send: &mut Vec<u8>) {
        to_send.extend_from_slice(self.preamble);
        frames::write_json(to_send, Kind::Hello, &self.hello);
    }

    fn ask(&self, to_send: &mut Vec<u8>, manner: Manner, work: &Work, rows: Range<usize>) -> std::io::Result<()> {
        let manner = Manner { seeds: self.seeds, ..manner };
        frames::write_evaluate(to_send, manner, self.seed, &work.candidates, &work.genomes, rows);
        Ok(())
    }

    fn hear(&self, bytes: &[u8], asked: Asked<'_>, heard: &mut Heard) -> Result<Option<(usize, Said)>, String> {
        let Some(frame) = Frame::first(bytes).map_err(|error| error.to_string())? else { return Ok(None) };
        let Frame { kind, body } = frame;
        let rows = match asked {
            Asked::Greeting => 0,
            Asked::Rows(_, rows) => rows.len(),
        };
        let said = match kind {
            Kind::Ready => Said::Ready,
            Kind::Refused => Said::Refused(serde_json::from_slice(body).map_err(|error| error.to_string())?),
            Kind::Started => Said::Started(frames::read_started(body).map_err(|error| error.to_string())?),
            Kind::Found => Said::Found(
                frames::read_found(body, self.outcome, rows, &mut heard.outcomes, &mut heard.seconds)
                    .map_err(|error| error.to_string())?,
            ),
            Kind::Hello | Kind::Evaluate => return Err("a frame that only the driver sends".to_owned()),
            Kind::Results
            | Kind::Output
            | Kind::Error
            | Kind::Cancel
            | Kind::Carry
            | Kind::Joined
            | Kind::Lost
            | Kind::Trouble => return Err("a frame that only nodes and the bridge send".to_owned()),
        };
        Ok(Some((frame.length(), said)))
    }
}
