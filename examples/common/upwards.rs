//! A plain hierarchy with the layers and networks of a ladder.

use burn_bayes::{
    layer::{TrunkConfig, TrunkMlp},
    model::{Hierarchy, LadderConfig, UpperLayer},
    prelude::*,
};

type Gaussian = Conditional<DiagonalNormal, TrunkMlp>;
/// Its latents are drawn from the data up.
pub type Upwards = Vae<Gaussian, Hierarchy<StandardNormal, Gaussian, Gaussian>, Decoder<TrunkMlp>>;

/// A model of the same layers and networks as a ladder, with q(z₁ | x) q(z₂ | z₁) q(z₃ | z₂) ⋯.
pub fn upwards(config: &LadderConfig, device: &Device, noise: &mut Noise) -> Upwards {
    let mut network = |d_input, hidden: Vec<usize>, d_output| {
        let trunk = TrunkConfig::new(d_input, hidden)
            .with_activation(config.activation)
            .with_batch_norm(config.batch_norm);
        TrunkMlp::new(&trunk, d_output, device, noise)
    };
    let mirrored = |hidden: &[usize]| hidden.iter().rev().copied().collect();
    let lowest = &config.layers[0];
    let encoder = network(config.d_data, lowest.hidden.clone(), 2 * lowest.d_latent);
    let decoder = network(lowest.d_latent, mirrored(&lowest.hidden), config.d_data);
    let mut below = lowest.d_latent;
    let above = config.layers[1..].iter().map(|layer| {
        let latents = layer.d_latent;
        let [up, down] = [
            network(below, layer.hidden.clone(), 2 * latents),
            network(latents, mirrored(&layer.hidden), 2 * below),
        ];
        below = latents;
        UpperLayer {
            encoder: Conditional::from_parts(up, DiagonalNormal),
            decoder: Conditional::from_parts(down, DiagonalNormal),
        }
    });
    let above: Vec<_> = above.collect();
    Vae::from_parts(
        Conditional::from_parts(encoder, DiagonalNormal),
        Hierarchy::from_parts(above, StandardNormal::new(below)),
        Conditional::from_parts(decoder, Family::Bernoulli),
    )
}
