//! The signal-to-noise ratio of gradients.

use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::GradientsParams,
    tensor::Tensor,
};

/// The signal-to-noise ratio of the gradient of each of a model's parameters (Rainforth, Kosiorek,
/// Le, Maddison, Igl, Wood, Teh 2018).
///
/// For an entry it is |E g| / sd(g), over draws of the noise. With the standard estimator, the
/// ratio falls like 1/√k for the IWAE's encoder, and grows like √k for its decoder.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SignalToNoise {
    /// Each parameter's path in the model, and the ratios of its entries. The ratio is 0 if the
    /// gradient is 0 in every draw.
    pub parameters: Vec<(String, Vec<f64>)>,
}

impl SignalToNoise {
    /// The mean ratio over the entries of all parameters whose path begins with `part`, such as
    /// `"encoder"`; NaN if there are none.
    pub fn mean_of(&self, part: &str) -> f64 {
        let parameters = self.parameters.iter();
        let within = |path: &str| match path.strip_prefix(part) {
            Some(rest) => rest.is_empty() || rest.starts_with('.'),
            None => false,
        };
        let parameters = parameters.filter(|(path, _)| within(path));
        let (sum, count) = parameters
            .flat_map(|(_, ratios)| ratios)
            .fold((0.0, 0u64), |(sum, count), ratio| (sum + ratio, count + 1));
        sum / count as f64
    }
}

/// Estimates signal-to-noise ratios from draws of a gradient. `gradient` returns the gradient of a
/// draw, given the draw's number.
///
/// Where the true ratio is 0, the estimate from n draws is about 0.8/√n.
///
/// # Panics
///
/// If there are fewer than 2 draws, or a draw lacks a parameter's gradient that others have.
///
/// # Example
///
/// ```
/// use burn_bayes::{gradient::signal_to_noise, prelude::*};
///
/// let device = Device::default().autodiff();
/// let noise = Noise::seeded(0);
/// let model = VaeConfig::new(4, 2).with_hidden(vec![8]).init(&device, &mut noise.fork(0));
/// let x = Tensor::<2>::ones([10, 4], &Device::default());
/// for k in [1, 10] {
///     let objective = Objective::iwae(k);
///     let ratios = signal_to_noise(&model, 20, |draw| {
///         let noise = &mut noise.fork(1 + draw as u64);
///         objective.gradients(&model, x.clone(), Step::new(10), noise).1
///     });
///     println!("k = {k}: {:.2}", ratios.mean_of("encoder"));
/// }
/// ```
pub fn signal_to_noise<M: Module>(
    model: &M,
    draws: usize,
    mut gradient: impl FnMut(usize) -> GradientsParams,
) -> SignalToNoise {
    assert!(draws > 1, "a ratio needs at least 2 draws");
    let mut moments = Moments {
        path: Vec::new(),
        gradients: GradientsParams::new(),
        draw: 0,
        next: 0,
        parameters: Vec::new(),
    };
    for draw in 0..draws {
        moments.gradients = gradient(draw);
        moments.draw = draw;
        moments.next = 0;
        model.visit(&mut moments);
        assert!(
            moments.next == moments.parameters.len(),
            "a draw of the gradient has fewer parameters than others"
        );
    }
    // A gradient that is 0 in every draw has the ratio 0; one that is NaN has the ratio NaN.
    let ratio = |&(mean, squares): &(f64, f64)| match (mean, squares) {
        (0.0, 0.0) => 0.0,
        _ => mean.abs() / (squares / (draws - 1) as f64).sqrt(),
    };
    let parameters = moments.parameters.into_iter();
    let parameters = parameters.map(|(path, entries)| (path, entries.iter().map(ratio).collect()));
    SignalToNoise {
        parameters: parameters.collect(),
    }
}

/// Mean and Σ (g − mean)² of each entry (Welford 1962).
struct Moments {
    path: Vec<String>,
    gradients: GradientsParams,
    draw: usize,
    /// The index of the next parameter to visit.
    next: usize,
    parameters: Vec<(String, Vec<(f64, f64)>)>,
}

impl ModuleVisitor for Moments {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(gradient) = self.gradients.get::<D>(param.id) else {
            return;
        };
        let numbers = gradient.into_data();
        if self.draw == 0 {
            let entries = vec![(0.0, 0.0); numbers.num_elements()];
            self.parameters.push((self.path.join("."), entries));
        }
        let Some((_, entries)) = self.parameters.get_mut(self.next) else {
            panic!("a draw of the gradient has more parameters than others")
        };
        self.next += 1;
        let count = (self.draw + 1) as f64;
        for ((mean, squares), number) in entries.iter_mut().zip(numbers.iter::<f64>()) {
            let delta = number - *mean;
            *mean += delta / count;
            *squares += delta * (number - *mean);
        }
    }
}
