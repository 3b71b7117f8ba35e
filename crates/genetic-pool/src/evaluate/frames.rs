//! The binary frames between the driver and its children: a header, then a body of plain columns.
//!
//! The header is 8 bytes: `GP`, the version, the kind, and the length of the body as a little-endian `u32`. Numbers in
//! bodies are little-endian too. The shape of a genome and of an outcome is known to both sides from the greeting, so
//! that a body is its columns, one after the other, and no more.

use genetic_pool_evolve::{
    evaluator::Results,
    outcomes::{OutcomeShape, Outcomes},
    problem::{CandidateId, Failure, FailureKind, Trial},
    space::{Genomes, Shape},
};

#[cfg(target_endian = "big")]
compile_error!("columns are sent as they stand in memory, little-endian");

/// The version of the protocol: another one is refused.
pub const VERSION: u8 = 2;

/// The length of a header.
pub const HEADER: usize = 8;

/// The greatest length of a body. The driver's own frames stay far below; a child that says more is not ours.
pub const MAX_BODY: usize = 1 << 28;

/// The longest message of a failure, in bytes; the rest is cut off.
const LONGEST_MESSAGE: usize = 16 << 10;

/// How much all messages of a frame may take together.
const MESSAGES: usize = MAX_BODY / 2;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// To the child: what it evaluates, as JSON. The first frame.
    Hello = 1,
    /// From the child: it can evaluate; JSON about itself.
    Ready = 2,
    /// From the child: it cannot; a [`Refusal`] as JSON. It ends then.
    Refused = 3,
    /// To the child: candidates, a `Portion`.
    Evaluate = 4,
    /// From the child: it begins with one row of them.
    Started = 5,
    /// From the child: outcomes of some rows of them.
    Found = 6,
    /// From a node: outcomes of candidates it was given at any time.
    Results = 7,
    /// From a node: what evaluations printed, a [`CandidateLog`](super::CandidateLog) as JSON.
    Output = 8,
    /// From a node: it cannot go on; a [`Refusal`] as JSON. It ends then.
    Error = 9,
    /// To a node: it drops all that it was given.
    Cancel = 10,
    /// Between the driver and the bridge: bytes to or from a node, [`Carry`].
    Carry = 11,
    /// From the bridge: a node has joined, as JSON.
    Joined = 12,
    /// From the bridge: a node is lost, as JSON.
    Lost = 13,
    /// From the bridge: something is not as it should be, as JSON.
    Trouble = 14,
}

impl Kind {
    const ALL: [Kind; 14] = [
        Kind::Hello,
        Kind::Ready,
        Kind::Refused,
        Kind::Evaluate,
        Kind::Started,
        Kind::Found,
        Kind::Results,
        Kind::Output,
        Kind::Error,
        Kind::Cancel,
        Kind::Carry,
        Kind::Joined,
        Kind::Lost,
        Kind::Trouble,
    ];
}

/// A header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the frame is.
    pub kind: Kind,
    /// The length of its body.
    pub length: usize,
}

/// Why a child cannot evaluate.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Refusal {
    /// What is wrong, as a fragment in lower case.
    pub message: String,
    /// What to try.
    #[serde(default)]
    pub hint: Option<String>,
}

/// How the candidates of an evaluate frame are to be evaluated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// Say when each row starts.
    pub acknowledge: bool,
    /// They are one group of the problem's, to be evaluated by one call.
    pub group: bool,
    /// Their seeds stand in the frame.
    pub seeds: bool,
}

/// Rows of outcomes in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The first of them, counted within the evaluate frame they answer.
    pub first: usize,
    /// How many.
    pub rows: usize,
    /// Whether a scratch folder was made.
    pub scratch: bool,
}

/// What is wrong with a frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum FrameError {
    #[error("not a frame: it begins with {found:?}")]
    Magic { found: [u8; 2] },
    #[error("a frame of protocol version {found}, where {VERSION} is spoken")]
    Version { found: u8 },
    #[error("a frame of unknown kind {found}")]
    Kind { found: u8 },
    #[error("a frame of {length} bytes, more than {MAX_BODY}")]
    TooLong { length: usize },
    #[error("a frame that ends early")]
    Truncated,
    #[error("a frame with {extra} bytes too many")]
    Trailing { extra: usize },
    #[error("outcomes of rows {first} to {end} of {rows}")]
    Rows { first: usize, end: usize, rows: usize },
    #[error("a failure of unknown kind {found}")]
    FailureKind { found: u8 },
}

impl Header {
    /// The header at the start of `bytes`; `None` where they are too few to tell.
    pub fn read(bytes: &[u8]) -> Result<Option<Header>, FrameError> {
        let Some((header, _)) = bytes.split_first_chunk::<HEADER>() else { return Ok(None) };
        let [g, p, version, kind, length @ ..] = *header;
        if [g, p] != *b"GP" {
            return Err(FrameError::Magic { found: [g, p] });
        }
        if version != VERSION {
            return Err(FrameError::Version { found: version });
        }
        let known = Kind::ALL.into_iter().find(|known| *known as u8 == kind);
        let kind = known.ok_or(FrameError::Kind { found: kind })?;
        let length = u32::from_le_bytes(length) as usize;
        if length > MAX_BODY {
            return Err(FrameError::TooLong { length });
        }
        Ok(Some(Header { kind, length }))
    }
}

/// A whole frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its body.
    pub body: &'a [u8],
}

impl Frame<'_> {
    /// The frame at the start of `bytes`; `None` until it is complete.
    pub fn first(bytes: &[u8]) -> Result<Option<Frame<'_>>, FrameError> {
        let Some(header) = Header::read(bytes)? else { return Ok(None) };
        Ok(bytes.get(HEADER..HEADER + header.length).map(|body| Frame { kind: header.kind, body }))
    }

    /// Its length, the header included.
    pub fn length(&self) -> usize {
        HEADER + self.body.len()
    }
}

/// Appends a frame whose body `write` appends.
///
/// # Panics
/// Where the body exceeds [`MAX_BODY`]: callers send less.
pub fn write(frame: &mut Vec<u8>, kind: Kind, write: impl FnOnce(&mut Vec<u8>)) {
    let start = frame.len();
    frame.extend_from_slice(&[b'G', b'P', VERSION, kind as u8, 0, 0, 0, 0]);
    write(frame);
    let length = frame.len() - start - HEADER;
    assert!(length <= MAX_BODY, "a frame of {length} bytes");
    frame[start + 4..start + HEADER].copy_from_slice(&(length as u32).to_le_bytes());
}

/// Appends a frame that holds `value` as JSON.
pub fn write_json(frame: &mut Vec<u8>, kind: Kind, value: &serde_json::Value) {
    write(frame, kind, |body| body.extend_from_slice(value.to_string().as_bytes()));
}

/// Appends an evaluate frame: the rows `rows` of `genomes`, whose ids are the same rows of `candidates`.
pub fn write_evaluate(
    frame: &mut Vec<u8>,
    manner: Manner,
    run_seed: u64,
    candidates: &[CandidateId],
    genomes: &Genomes,
    rows: std::ops::Range<usize>,
) {
    write(frame, Kind::Evaluate, |body| {
        let flags = u32::from(manner.acknowledge) | u32::from(manner.group) << 1 | u32::from(manner.seeds) << 2;
        body.extend_from_slice(&(rows.len() as u32).to_le_bytes());
        body.extend_from_slice(&flags.to_le_bytes());
        for candidate in &candidates[rows.clone()] {
            body.extend_from_slice(&candidate.0.to_le_bytes());
        }
        if manner.seeds {
            for candidate in &candidates[rows.clone()] {
                body.extend_from_slice(&Trial::new(run_seed, *candidate).seed.to_le_bytes());
            }
        }
        let shape = genomes.shape;
        let range = |width: usize| rows.start * width..rows.end * width;
        body.extend_from_slice(bytemuck::cast_slice(&genomes.reals[range(shape.reals)]));
        body.extend_from_slice(bytemuck::cast_slice(&genomes.ints[range(shape.ints)]));
        body.extend_from_slice(bytemuck::cast_slice(&genomes.bits[range(shape.bit_words())]));
        body.extend_from_slice(bytemuck::cast_slice(&genomes.items[range(shape.items)]));
        body.extend_from_slice(bytemuck::cast_slice(&genomes.active[range(shape.mask_words())]));
    });
}

/// Replaces `candidates` and `genomes`, of shape `shape`, with what an evaluate frame holds.
pub fn read_evaluate(
    body: &[u8],
    shape: Shape,
    candidates: &mut Vec<CandidateId>,
    genomes: &mut Genomes,
) -> Result<Manner, FrameError> {
    let mut body = Body(body);
    let rows = body.u32()? as usize;
    let flags = body.u32()?;
    let manner = Manner { acknowledge: flags & 1 != 0, group: flags & 2 != 0, seeds: flags & 4 != 0 };
    let width = 8 + if manner.seeds { 8 } else { 0 } + row_bytes(shape);
    // The length is compared before anything is allocated by it.
    let wanted = rows.checked_mul(width).ok_or(FrameError::Truncated)?;
    match body.0.len().checked_sub(wanted) {
        None => return Err(FrameError::Truncated),
        Some(0) => {}
        Some(extra) => return Err(FrameError::Trailing { extra }),
    }
    candidates.clear();
    candidates.extend(body.ids(rows)?);
    if manner.seeds {
        body.take(rows * 8)?;
    }
    genomes.clear(shape);
    genomes.resize(rows);
    body.column(&mut genomes.reals)?;
    body.column(&mut genomes.ints)?;
    body.column(&mut genomes.bits)?;
    body.column(&mut genomes.items)?;
    body.column(&mut genomes.active)?;
    Ok(manner)
}

/// The bytes one genome of shape `shape` takes.
pub fn row_bytes(shape: Shape) -> usize {
    8 * (shape.reals + shape.ints + shape.bit_words() + shape.mask_words()) + 4 * shape.items
}

/// Appends a frame that says row `row` starts.
pub fn write_started(frame: &mut Vec<u8>, row: usize) {
    write(frame, Kind::Started, |body| body.extend_from_slice(&(row as u32).to_le_bytes()));
}

/// The row that starts.
pub fn read_started(body: &[u8]) -> Result<usize, FrameError> {
    let mut body = Body(body);
    let row = body.u32()? as usize;
    body.end()?;
    Ok(row)
}

/// Appends the rows `found.first..` of `outcomes` and the seconds each took.
pub fn write_found(frame: &mut Vec<u8>, found: Found, outcomes: &Outcomes, seconds: &[f32]) {
    let rows = found.first..found.first + found.rows;
    let failures = outcomes.failures.iter().filter(|(row, _)| rows.contains(row));
    write(frame, Kind::Found, |body| {
        for number in [found.first, found.rows, failures.clone().count(), usize::from(found.scratch)] {
            body.extend_from_slice(&(number as u32).to_le_bytes());
        }
        write_rows(body, outcomes, seconds, rows.clone());
    });
}

/// Appends the rows `rows` of `outcomes` and `seconds`: columns, then failures.
fn write_rows(body: &mut Vec<u8>, outcomes: &Outcomes, seconds: &[f32], rows: std::ops::Range<usize>) {
    let failures = outcomes.failures.iter().filter(|(row, _)| rows.contains(row));
    let longest = LONGEST_MESSAGE.min(MESSAGES / failures.clone().count().max(1));
    let shape = outcomes.shape;
    let range = |width: usize| rows.start * width..rows.end * width;
    body.extend_from_slice(bytemuck::cast_slice(&outcomes.objectives[range(shape.objectives)]));
    body.extend_from_slice(bytemuck::cast_slice(&outcomes.constraints[range(shape.constraints)]));
    body.extend_from_slice(bytemuck::cast_slice(&outcomes.measures[range(shape.measures)]));
    body.extend_from_slice(bytemuck::cast_slice(&seconds[rows.clone()]));
    for (row, failure) in failures {
        body.extend_from_slice(&((row - rows.start) as u32).to_le_bytes());
        body.extend_from_slice(&[failure.kind as u8, 0, 0, 0]);
        let message = &failure.message[..failure.message.floor_char_boundary(longest)];
        body.extend_from_slice(&(message.len() as u32).to_le_bytes());
        body.extend_from_slice(message.as_bytes());
    }
}

/// Replaces `outcomes`, of shape `shape`, and `seconds` with what a frame that answers for `rows` rows holds.
pub fn read_found(
    body: &[u8],
    shape: OutcomeShape,
    rows: usize,
    outcomes: &mut Outcomes,
    seconds: &mut Vec<f32>,
) -> Result<Found, FrameError> {
    let mut body = Body(body);
    let [first, count, failures, scratch] = [body.u32()?, body.u32()?, body.u32()?, body.u32()?].map(|n| n as usize);
    let end = first.saturating_add(count);
    if end > rows {
        return Err(FrameError::Rows { first, end, rows });
    }
    body.rows(shape, count, failures, outcomes, seconds)?;
    body.end()?;
    Ok(Found { first, rows: count, scratch: scratch & 1 == 1 })
}

/// Appends `results`, of candidates that were given after `cancels` cancel frames.
pub fn write_results(frame: &mut Vec<u8>, cancels: u64, results: &Results) {
    let rows = results.candidates.len();
    write(frame, Kind::Results, |body| {
        body.extend_from_slice(&cancels.to_le_bytes());
        for number in [rows, results.outcomes.failures.len()] {
            body.extend_from_slice(&(number as u32).to_le_bytes());
        }
        for candidate in &results.candidates {
            body.extend_from_slice(&candidate.0.to_le_bytes());
        }
        write_rows(body, &results.outcomes, &results.seconds, 0..rows);
    });
}

/// Replaces `results`, of shape `shape`, with what a frame holds, and returns after how many cancel frames they were
/// given.
pub fn read_results(body: &[u8], shape: OutcomeShape, results: &mut Results) -> Result<u64, FrameError> {
    let mut body = Body(body);
    let cancels = body.u64()?;
    let [rows, failures] = [body.u32()?, body.u32()?].map(|number| number as usize);
    let width = 8 + 8 * (shape.objectives + shape.constraints + shape.measures) + 4;
    // The length is compared before anything is allocated by it.
    if rows.checked_mul(width).is_none_or(|wanted| wanted > body.0.len()) {
        return Err(FrameError::Truncated);
    }
    results.candidates.clear();
    results.candidates.extend(body.ids(rows)?);
    body.rows(shape, rows, failures, &mut results.outcomes, &mut results.seconds)?;
    body.end()?;
    Ok(cancels)
}

/// Bytes to or from a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carry<'a> {
    /// Which.
    pub node: u32,
    /// To a node: how many microseconds what it has found may wait for more of it.
    pub gather: u32,
    /// What is carried: frames, or parts of them.
    pub bytes: &'a [u8],
}

/// Appends a frame that carries bytes.
pub fn write_carry(frame: &mut Vec<u8>, carry: Carry<'_>) {
    write(frame, Kind::Carry, |body| {
        body.extend_from_slice(&carry.node.to_le_bytes());
        body.extend_from_slice(&carry.gather.to_le_bytes());
        body.extend_from_slice(carry.bytes);
    });
}

/// What a frame carries.
pub fn read_carry(body: &[u8]) -> Result<Carry<'_>, FrameError> {
    let mut body = Body(body);
    Ok(Carry { node: body.u32()?, gather: body.u32()?, bytes: body.0 })
}

/// The failure kind with the number `found`.
fn failure_kind(found: u8) -> Result<FailureKind, FrameError> {
    const KINDS: [FailureKind; 7] = [
        FailureKind::Exception,
        FailureKind::NotANumber,
        FailureKind::WrongOutput,
        FailureKind::Timeout,
        FailureKind::Memory,
        FailureKind::Exit,
        FailureKind::Killed,
    ];
    KINDS.into_iter().find(|kind| *kind as u8 == found).ok_or(FrameError::FailureKind { found })
}

/// What is left of a body.
struct Body<'a>(&'a [u8]);

impl<'a> Body<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], FrameError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(FrameError::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, FrameError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(FrameError::Truncated)?;
        self.0 = rest;
        Ok(u32::from_le_bytes(*taken))
    }

    fn u64(&mut self) -> Result<u64, FrameError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(FrameError::Truncated)?;
        self.0 = rest;
        Ok(u64::from_le_bytes(*taken))
    }

    fn ids(&mut self, rows: usize) -> Result<impl Iterator<Item = CandidateId> + use<'a>, FrameError> {
        let ids = self.take(rows * 8)?.as_chunks().0;
        Ok(ids.iter().map(|id| CandidateId(u64::from_le_bytes(*id))))
    }

    /// Replaces `outcomes`, of shape `shape`, and `seconds` with `rows` rows, `failures` of which failed.
    fn rows(
        &mut self,
        shape: OutcomeShape,
        rows: usize,
        failures: usize,
        outcomes: &mut Outcomes,
        seconds: &mut Vec<f32>,
    ) -> Result<(), FrameError> {
        outcomes.reset(shape, rows);
        self.column(&mut outcomes.objectives)?;
        self.column(&mut outcomes.constraints)?;
        self.column(&mut outcomes.measures)?;
        seconds.clear();
        seconds.resize(rows, 0.0);
        self.column(seconds)?;
        for _ in 0..failures {
            let row = self.u32()? as usize;
            let kind = failure_kind(self.u32()?.to_le_bytes()[0])?;
            let length = self.u32()? as usize;
            let message = String::from_utf8_lossy(self.take(length)?).into_owned();
            if row >= rows {
                return Err(FrameError::Rows { first: row, end: row + 1, rows });
            }
            outcomes.fail(row, Failure { kind, message });
        }
        Ok(())
    }

    /// Fills `column`, whose length is what is expected.
    fn column<T: bytemuck::Pod>(&mut self, column: &mut [T]) -> Result<(), FrameError> {
        let bytes = bytemuck::cast_slice_mut::<T, u8>(column);
        bytes.copy_from_slice(self.take(bytes.len())?);
        Ok(())
    }

    fn end(&self) -> Result<(), FrameError> {
        match self.0.len() {
            0 => Ok(()),
            extra => Err(FrameError::Trailing { extra }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHAPE: Shape = Shape { reals: 2, ints: 1, bits: 70, items: 3, maskable: 5 };
    const OUTCOME: OutcomeShape = OutcomeShape { objectives: 2, constraints: 1, measures: 1 };

    fn genomes(rows: usize) -> Genomes {
        let mut genomes = Genomes::new(SHAPE, rows);
        genomes
            .reals
            .iter_mut()
            .enumerate()
            .for_each(|(k, gene)| *gene = f64::from_bits(0x7ff0_0000_0000_0001 + k as u64));
        genomes.ints.iter_mut().enumerate().for_each(|(k, gene)| *gene = i64::MIN + k as i64);
        genomes.bits.iter_mut().enumerate().for_each(|(k, word)| *word = 1 << k);
        genomes.items.iter_mut().enumerate().for_each(|(k, item)| *item = u32::MAX - k as u32);
        genomes.active.iter_mut().enumerate().for_each(|(k, word)| *word = k as u64);
        genomes
    }

    #[test]
    fn candidates_cross_bit_for_bit() {
        let candidates: Vec<CandidateId> = (0..7).map(|index| CandidateId::new(3, index)).collect();
        let sent = genomes(7);
        let manner = Manner { acknowledge: true, group: false, seeds: true };
        let mut frame = Vec::new();
        write_evaluate(&mut frame, manner, 7, &candidates, &sent, 2..5);
        let Frame { kind, body } = Frame::first(&frame).unwrap().unwrap();
        assert_eq!((kind, HEADER + body.len()), (Kind::Evaluate, frame.len()));
        let (mut ids, mut received) = (Vec::new(), Genomes::default());
        assert_eq!(read_evaluate(body, SHAPE, &mut ids, &mut received), Ok(manner));
        assert_eq!(ids, candidates[2..5]);
        let mut expected = Genomes::new(SHAPE, 0);
        expected.extend(&sent, 2..5);
        let bits = |genomes: &Genomes| genomes.reals.iter().map(|real| real.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&received), bits(&expected));
        assert_eq!((received.ints, received.bits), (expected.ints, expected.bits));
        assert_eq!((received.items, received.active), (expected.items, expected.active));
    }

    #[test]
    fn outcomes_and_failures_cross() {
        let mut sent = Outcomes::new(OUTCOME, 4);
        sent.objectives.iter_mut().enumerate().for_each(|(k, value)| *value = 0.1 * k as f64);
        sent.fail(2, Failure { kind: FailureKind::Timeout, message: "too slow".into() });
        let found = Found { first: 1, rows: 3, scratch: true };
        let mut frame = Vec::new();
        write_found(&mut frame, found, &sent, &[0.0, 1.0, 2.0, 3.0]);
        let body = Frame::first(&frame).unwrap().unwrap().body;
        let (mut outcomes, mut seconds) = (Outcomes::default(), Vec::new());
        assert_eq!(read_found(body, OUTCOME, 4, &mut outcomes, &mut seconds), Ok(found));
        assert_eq!(outcomes.objectives(0), sent.objectives(1));
        assert_eq!(outcomes.objectives(2), sent.objectives(3));
        assert_eq!(outcomes.failures, [(1, sent.failures[0].1.clone())]);
        assert_eq!(seconds, [1.0, 2.0, 3.0]);
        let error = read_found(body, OUTCOME, 3, &mut outcomes, &mut seconds);
        assert_eq!(error, Err(FrameError::Rows { first: 1, end: 4, rows: 3 }));
    }

    #[test]
    fn results_cross_with_their_candidates() {
        let mut sent = Results::default();
        sent.clear(OUTCOME);
        let mut outcomes = Outcomes::new(OUTCOME, 2);
        outcomes.objectives[0] = -0.0;
        outcomes.fail(1, Failure::exception("no"));
        sent.push(CandidateId::new(2, 9), &outcomes, 1, 0.5);
        sent.push(CandidateId::new(0, 1), &outcomes, 0, 2.0);
        let (mut frame, mut carried) = (Vec::new(), Vec::new());
        write_results(&mut frame, 3, &sent);
        write_carry(&mut carried, Carry { node: 4, gather: 5000, bytes: &frame });
        let carry = read_carry(Frame::first(&carried).unwrap().unwrap().body).unwrap();
        assert_eq!((carry.node, carry.gather), (4, 5000));
        let mut received = Results::default();
        let body = Frame::first(carry.bytes).unwrap().unwrap().body;
        assert_eq!(read_results(body, OUTCOME, &mut received), Ok(3));
        assert_eq!((&received.candidates, &received.seconds), (&sent.candidates, &sent.seconds));
        assert_eq!(received.outcomes.failures, sent.outcomes.failures);
        assert_eq!(received.outcomes.objectives(1)[0].to_bits(), (-0.0_f64).to_bits());
        assert_eq!(read_results(&body[..40], OUTCOME, &mut received), Err(FrameError::Truncated));
    }

    #[test]
    fn endless_messages_are_cut() {
        let mut outcomes = Outcomes::new(OUTCOME, 1);
        outcomes.fail(0, Failure::exception("é".repeat(LONGEST_MESSAGE)));
        let mut frame = Vec::new();
        write_found(&mut frame, Found { first: 0, rows: 1, scratch: false }, &outcomes, &[0.0]);
        let body = Frame::first(&frame).unwrap().unwrap().body;
        read_found(body, OUTCOME, 1, &mut outcomes, &mut Vec::new()).unwrap();
        assert_eq!(outcomes.failures[0].1.message, "é".repeat(LONGEST_MESSAGE / 2));
    }

    #[test]
    fn what_is_no_frame_of_ours_is_refused() {
        assert_eq!(Frame::first(b"Traceback"), Err(FrameError::Magic { found: *b"Tr" }));
        assert_eq!(Frame::first(b"GP\x01\x01\0\0\0\0"), Err(FrameError::Version { found: 1 }));
        assert_eq!(Frame::first(b"GP\x02\x0f\0\0\0\0"), Err(FrameError::Kind { found: 15 }));
        assert_eq!(Frame::first(b"GP\x02\x01\xff\xff\xff\xff"), Err(FrameError::TooLong { length: u32::MAX as usize }));
        assert_eq!(Frame::first(b"GP\x02\x01\x01\0\0\0"), Ok(None));
        let many = [u32::MAX.to_le_bytes(), [0; 4]].concat();
        let error = read_evaluate(&many, SHAPE, &mut Vec::new(), &mut Genomes::default());
        assert_eq!(error, Err(FrameError::Truncated));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), kind in 1_u8..16) {
            let _ = Frame::first(&bytes);
            let mut frame = vec![b'G', b'P', VERSION, kind];
            frame.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
            frame.extend_from_slice(&bytes);
            if let Ok(Some(Frame { body, .. })) = Frame::first(&frame) {
                let _ = read_evaluate(body, SHAPE, &mut Vec::new(), &mut Genomes::default());
                let _ = read_found(body, OUTCOME, 9, &mut Outcomes::default(), &mut Vec::new());
                let _ = read_results(body, OUTCOME, &mut Results::default());
                let _ = (read_started(body), read_carry(body));
            }
        }

        #[test]
        fn a_frame_that_is_cut_or_changed_is_read_without_panic(cut in 0_usize..500, at in 0_usize..500, byte in any::<u8>()) {
            let candidates: Vec<CandidateId> = (0..3).map(CandidateId).collect();
            let mut outcomes = Outcomes::new(OUTCOME, 3);
            outcomes.fail(1, Failure::exception("no"));
            let mut frames = [Vec::new(), Vec::new()];
            write_evaluate(&mut frames[0], Manner::default(), 1, &candidates, &genomes(3), 0..3);
            write_found(&mut frames[1], Found { first: 0, rows: 3, scratch: false }, &outcomes, &[0.0; 3]);
            for mut frame in frames {
                let length = frame.len();
                frame[at % length] = byte;
                frame.truncate(cut.max(1));
                if let Ok(Some(Frame { body, .. })) = Frame::first(&frame) {
                    let _ = read_evaluate(body, SHAPE, &mut Vec::new(), &mut Genomes::default());
                    let _ = read_found(body, OUTCOME, 3, &mut Outcomes::default(), &mut Vec::new());
                }
            }
        }
    }
}
