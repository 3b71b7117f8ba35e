//! Philox4x64-10, a counter-based generator.

/// One block of Philox4x64-10: four words that depend on every bit of `counter` and `key`.
///
/// Salmon, Moraes, Dror and Shaw: Parallel random numbers: as easy as 1, 2, 3. SC 2011,
/// [doi:10.1145/2063384.2063405](https://doi.org/10.1145/2063384.2063405). Multipliers and Weyl constants are theirs.
#[inline(always)]
#[expect(clippy::inline_always, reason = "wider multiplications of the caller's instructions make it faster")]
pub fn philox(mut counter: [u64; 4], mut key: [u64; 2]) -> [u64; 4] {
    for round in 0..10 {
        if round > 0 {
            key[0] = key[0].wrapping_add(0x9E37_79B9_7F4A_7C15);
            key[1] = key[1].wrapping_add(0xBB67_AE85_84CA_A73B);
        }
        let (high0, low0) = multiply(0xD2E7_470E_E14C_6C93, counter[0]);
        let (high1, low1) = multiply(0xCA5A_8263_9512_1157, counter[2]);
        counter = [high1 ^ counter[1] ^ key[0], low1, high0 ^ counter[3] ^ key[1], low0];
    }
    counter
}

#[inline]
fn multiply(a: u64, b: u64) -> (u64, u64) {
    let product = u128::from(a) * u128::from(b);
    ((product >> 64) as u64, product as u64)
}

#[cfg(test)]
mod tests {
    use super::philox;

    #[test]
    fn known_answer_of_the_zero_block() {
        // NumPy: Philox(counter=2**256 - 1, key=0).random_raw(4), whose counter is increased before use.
        let expected = [0x1655_4d9e_ca36_314c, 0xdb20_fe9d_672d_0fdc, 0xd7e7_72ce_e186_176b, 0x7e68_b68a_ec7b_a23b];
        assert_eq!(philox([0; 4], [0; 2]), expected);
    }
}
