// A definition of a link's target counts where it stands first. So links between pages lead to
// modules here, and to files in the repository.
//! [benchmarks]: https://docs.rs/crate/burn-bayes/latest/source/docs/benchmarks.md
//! [design]: https://docs.rs/crate/burn-bayes/latest/source/docs/design.md
//! [devices]: devices
//! [evaluation]: evaluation
//! [examples]: https://docs.rs/crate/burn-bayes/latest/source/examples/README.md
//! [extending]: extending
//! [interchange]: interchange
//! [models]: models
//! [notation]: notation
//! [prediction]: prediction
//! [pruning]: pruning
//! [readme]: https://docs.rs/crate/burn-bayes/latest/source/README.md
//! [recipes]: recipes
//! [reproduction]: https://docs.rs/crate/burn-bayes/latest/source/docs/reproduction.md
//! [training]: training
#![doc = include_str!("../docs/README.md")]

/// [extending]: crate::guide::extending
/// [recipes]: crate::guide::recipes
#[doc = include_str!("../docs/models.md")]
pub mod models {}

/// [black-box α]: crate::guide::models#black-box-α-for-random-weights
/// [models]: crate::guide::models
/// [pruning]: crate::guide::pruning
/// [scaling]: https://docs.rs/crate/burn-bayes/latest/source/docs/benchmarks.md
#[doc = include_str!("../docs/training.md")]
pub mod training {}

/// [notation]: crate::guide::notation
#[doc = include_str!("../docs/evaluation.md")]
pub mod evaluation {}

/// [devices]: crate::guide::devices
/// [interchange]: https://docs.rs/burn-bayes/latest/burn_bayes/guide/interchange/index.html
/// [recipes]: crate::guide::recipes#a-table-a-family-for-each-column-missing-cells
/// [reproduction]: https://docs.rs/crate/burn-bayes/latest/source/docs/reproduction.md
#[doc = include_str!("../docs/prediction.md")]
pub mod prediction {}

/// [extending]: crate::guide::extending#a-model-several-stochastic-layers
/// [prediction]: crate::guide::prediction#missing-cells
#[doc = include_str!("../docs/recipes.md")]
pub mod recipes {}

/// [models]: crate::guide::models
/// [training]: crate::guide::training#what-to-set
#[doc = include_str!("../docs/extending.md")]
pub mod extending {}

/// [bf16]: https://docs.rs/crate/burn-bayes/latest/source/docs/benchmarks.md
/// [half precision]: https://docs.rs/crate/burn-bayes/latest/source/docs/benchmarks.md
/// [pruning]: crate::guide::pruning
#[doc = include_str!("../docs/devices.md")]
pub mod devices {}

#[doc = include_str!("../docs/notation.md")]
pub mod notation {}

/// [benchmarks]: https://docs.rs/crate/burn-bayes/latest/source/docs/benchmarks.md
#[doc = include_str!("../docs/pruning.md")]
pub mod pruning {}

#[cfg(feature = "safetensors")]
#[doc = include_str!("../docs/interchange.md")]
pub mod interchange {}
