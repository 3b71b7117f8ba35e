//! Arithmetic that gives the same bits on every host.

const MAGIC: f64 = 6_755_399_441_055_744.0;

/// Base-2 logarithm of a positive normal number.
#[inline(always)]
pub fn log2(x: f64) -> f64 {
    const SQRT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
    let t = x.to_bits().wrapping_add(0x3FF0_0000_0000_0000 - SQRT_HALF);
    let e = f64::from_bits((t >> 52) | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
    let m = f64::from_bits((t & 0x000F_FFFF_FFFF_FFFF) + SQRT_HALF);
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    let z2 = z * z;
    const C: [f64; 6] = [
        2.885390081777851,
        0.961796694112265,
        0.5770779426602745,
        0.41220922406437344,
        0.31990680366410335,
        0.2828850255666951,
    ];
    e + s * ((C[0] + C[1] * z) + ((C[2] + C[3] * z) + (C[4] + C[5] * z) * z2) * z2)
}

/// 2^x for |x| < 1000.
#[inline(always)]
pub fn exp2(x: f64) -> f64 {
    let t = x + MAGIC;
    let r = x - (t - MAGIC);
    const C: [f64; 9] = [
        1.0,
        0.6931471805459335,
        0.2402265069581299,
        0.05550410941205933,
        0.009618129159402558,
        0.0013333450568000645,
        0.00015403455852453838,
        1.5310079402249296e-05,
        1.3255224878668817e-06,
    ];
    let r2 = r * r;
    let r4 = r2 * r2;
    let a = (C[0] + C[1] * r) + (C[2] + C[3] * r) * r2;
    let b = (C[4] + C[5] * r) + (C[6] + C[7] * r) * r2;
    let p = a + (b + C[8] * r4) * r4;
    f64::from_bits(p.to_bits().wrapping_add(t.to_bits() << 52))
}
