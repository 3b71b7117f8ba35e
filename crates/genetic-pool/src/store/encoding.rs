//! Rows of genes and outcomes as bytes, bit for bit.

use genetic_pool_evolve::{
    evaluator::{Batch, Results},
    outcomes::{OutcomeShape, Outcomes},
    problem::{CandidateId, Failure, FailureKind},
    space::{Genomes, Shape},
};

use super::records::Journal;

/// The bit of a row's flags that says a clock or the machine's memory decided it; the others are the kind of failure.
const TIMED: u8 = 0x80;

/// The longest message of a failure that is kept; of longer ones the start and the end.
const MESSAGE_LIMIT: usize = 64 << 10;

/// Appends row `row` of `results`.
pub(super) fn push_outcome(bytes: &mut Vec<u8>, results: &Results, row: usize, timed: bool) {
    let failure = results.outcomes.failure(row);
    let seconds = results.seconds.get(row).copied().unwrap_or(0.0);
    bytes.extend(results.candidates[row].0.to_le_bytes());
    bytes.extend(seconds.to_le_bytes());
    bytes.push(failure.map_or(0, |failure| failure.kind as u8) | if timed { TIMED } else { 0 });
    match failure {
        // The outputs of a failed row are all NaN.
        Some(failure) => {
            let message = shortened(&failure.message, MESSAGE_LIMIT);
            bytes.extend((message.len() as u32).to_le_bytes());
            bytes.extend(message.as_bytes());
        }
        None => push_outputs(bytes, &results.outcomes, row),
    }
}

/// Appends the outputs of row `row` of `outcomes`.
pub(super) fn push_outputs(bytes: &mut Vec<u8>, outcomes: &Outcomes, row: usize) {
    for column in [outcomes.objectives(row), outcomes.constraints(row), outcomes.measures(row)] {
        put(bytes, column, f64::to_le_bytes);
    }
}

/// Appends row `row` of `batch`.
pub(super) fn push_proposal(bytes: &mut Vec<u8>, batch: &Batch, row: usize) {
    bytes.extend(batch.candidates[row].0.to_le_bytes());
    push_genes(bytes, &batch.genomes, row);
}

/// Appends the genes of row `row` of `genomes`.
pub(super) fn push_genes(bytes: &mut Vec<u8>, genomes: &Genomes, row: usize) {
    fn cells<T>(column: &[T], width: usize, row: usize) -> &[T] {
        &column[row * width..][..width]
    }
    let shape = &genomes.shape;
    put(bytes, cells(&genomes.reals, shape.reals, row), f64::to_le_bytes);
    put(bytes, cells(&genomes.ints, shape.ints, row), i64::to_le_bytes);
    put(bytes, cells(&genomes.bits, shape.bit_words(), row), u64::to_le_bytes);
    put(bytes, cells(&genomes.items, shape.items, row), u32::to_le_bytes);
    put(bytes, cells(&genomes.active, shape.mask_words(), row), u64::to_le_bytes);
}

/// Appends the outcomes in `bytes` that `wanted` takes to `journal`; `None` where `bytes` are no outcomes of its shape.
pub(super) fn read_outcomes(
    mut bytes: &[u8],
    journal: &mut Journal,
    wanted: &dyn Fn(CandidateId) -> bool,
) -> Option<()> {
    let shape = journal.results.outcomes.shape;
    while !bytes.is_empty() {
        let candidate = CandidateId(u64::from_le_bytes(take(&mut bytes)?));
        let seconds = f32::from_le_bytes(take(&mut bytes)?);
        let [flags] = take(&mut bytes)?;
        let mut row = Outcomes::new(shape, 1);
        match flags & !TIMED {
            0 => read_outputs(&mut bytes, &mut row, 0)?,
            code => {
                let len = u32::from_le_bytes(take(&mut bytes)?) as usize;
                let message = std::str::from_utf8(bytes.split_off(..len)?).ok()?.to_owned();
                row.fail(0, Failure { kind: failure_kind(code)?, message });
            }
        }
        if wanted(candidate) {
            journal.results.push(candidate, &row, 0, seconds);
            journal.timed.push(flags & TIMED != 0);
        }
    }
    Some(())
}

/// Fills row `row` of `outcomes`.
pub(super) fn read_outputs(bytes: &mut &[u8], outcomes: &mut Outcomes, row: usize) -> Option<()> {
    let outcome = outcomes.row_mut(row);
    for column in [outcome.objectives, outcome.constraints, outcome.measures] {
        for value in column {
            *value = f64::from_le_bytes(take(bytes)?);
        }
    }
    Some(())
}

/// Calls `each` with the candidates and genes in `bytes`; `None` where `bytes` are no proposals of shape `shape`.
pub(super) fn read_proposals(bytes: &[u8], shape: Shape, mut each: impl FnMut(CandidateId, &[u8])) -> Option<()> {
    let mut bytes = bytes;
    let width = gene_bytes(shape);
    while !bytes.is_empty() {
        let candidate = CandidateId(u64::from_le_bytes(take(&mut bytes)?));
        each(candidate, bytes.split_off(..width)?);
    }
    Some(())
}

/// The genome in `bytes`; `None` where it is none of shape `shape`.
pub(super) fn read_genes(mut bytes: &[u8], shape: Shape) -> Option<Genomes> {
    if bytes.len() != gene_bytes(shape) {
        return None;
    }
    let mut genomes = Genomes::new(shape, 1);
    for gene in &mut genomes.reals {
        *gene = f64::from_le_bytes(take(&mut bytes)?);
    }
    for gene in &mut genomes.ints {
        *gene = i64::from_le_bytes(take(&mut bytes)?);
    }
    for word in &mut genomes.bits {
        *word = u64::from_le_bytes(take(&mut bytes)?);
    }
    for item in &mut genomes.items {
        *item = u32::from_le_bytes(take(&mut bytes)?);
    }
    for word in &mut genomes.active {
        *word = u64::from_le_bytes(take(&mut bytes)?);
    }
    Some(genomes)
}

/// How many bytes a row of outputs takes.
pub(super) fn output_bytes(shape: OutcomeShape) -> usize {
    8 * (shape.objectives + shape.constraints + shape.measures)
}

/// `text`, or its start and its end where it is longer than `limit` bytes.
pub(super) fn shortened(text: &str, limit: usize) -> std::borrow::Cow<'_, str> {
    if text.len() <= limit {
        return text.into();
    }
    let head = text.floor_char_boundary(limit / 2);
    let tail = text.ceil_char_boundary(text.len() - limit / 2);
    format!("{}\n[{} bytes are left out]\n{}", &text[..head], tail - head, &text[tail..]).into()
}

/// The kind of failure with the number `code`.
pub(super) fn failure_kind(code: u8) -> Option<FailureKind> {
    use FailureKind::{Exception, Exit, Killed, Memory, NotANumber, Timeout, WrongOutput};
    let kinds = [Exception, NotANumber, WrongOutput, Timeout, Memory, Exit, Killed];
    kinds.into_iter().find(|kind| *kind as u8 == code)
}

fn gene_bytes(shape: Shape) -> usize {
    8 * (shape.reals + shape.ints + shape.bit_words() + shape.mask_words()) + 4 * shape.items
}

fn put<T: Copy, const N: usize>(bytes: &mut Vec<u8>, cells: &[T], to_bytes: impl Fn(T) -> [u8; N]) {
    for cell in cells {
        bytes.extend_from_slice(&to_bytes(*cell));
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = bytes.split_first_chunk()?;
    *bytes = tail;
    Some(*head)
}
