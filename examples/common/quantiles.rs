//! Quantiles of N(0, 1).

/// The points that have the same share of N(0, 1) between them: Φ⁻¹((i + ½)/n).
pub fn normal_quantiles(n: usize) -> Vec<f64> {
    (0..n)
        .map(|i| normal_quantile((i as f64 + 0.5) / n as f64))
        .collect()
}

/// Φ⁻¹(p) by bisection of the integral of the density from 0, which Simpson's rule gives to 10⁻⁹
/// here.
fn normal_quantile(p: f64) -> f64 {
    let density = |x: f64| (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
    let integral = |to: f64| {
        let step = to / 200.0;
        let inner: f64 = (1..200)
            .map(|i| if i % 2 == 1 { 4.0 } else { 2.0 } * density(f64::from(i) * step))
            .sum();
        0.5 + step / 3.0 * (density(0.0) + inner + density(to))
    };
    let (mut low, mut high) = (-8.0, 8.0);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if integral(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}
