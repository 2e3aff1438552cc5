//! Pictures of what a model makes: grids of images, curves, histograms, point clouds, heat maps.
//!
//! Everything is drawn from slices of numbers into a [`Picture`] in memory, which is saved as PNG.
//! The font is compiled in, so pictures are the same on every machine.
//!
//! | to show | draw |
//! | --- | --- |
//! | samples, reconstructions, a manifold | an [`ImageGrid`] |
//! | curves with bands, points, histograms, bars, a density | a [`Chart`] |
//! | several of them together | [`Picture::row`], [`Picture::column`] |
//!
//! # Example
//!
//! ```
//! use burn_bayes::draw::{Chart, Colour, ImageGrid, Picture};
//!
//! let images: Vec<f32> = (0..6 * 16).map(|i| (i % 16) as f32 / 15.0).collect();
//! let samples = ImageGrid::new(&images, [4, 4])
//!     .with_columns(3)
//!     .with_scale(8)
//!     .draw()?
//!     .titled("Samples");
//!
//! let bound = [(1.0, -120.0), (10.0, -100.0), (100.0, -90.0)];
//! let spread = bound.map(|(epoch, nats)| (epoch, nats - 2.0, nats + 2.0));
//! let curve = Chart::new("Training", "epoch", "bound [nats]")
//!     .band(Colour::Iwae, &spread)
//!     .line("IWAE", Colour::Iwae, &bound)
//!     .with_log_x()
//!     .draw()?;
//!
//! let folder = tempfile::tempdir().unwrap();
//! Picture::row([samples, curve]).save(folder.path().join("pictures/training.png"))?;
//! # Ok::<(), burn_bayes::Error>(())
//! ```

mod axis;
mod canvas;
mod chart;
mod check;
mod colour;
mod grid;
mod legend;
mod picture;
mod plot;
mod series;
mod shapes;
mod text;

pub use chart::Chart;
pub use colour::{Colour, Colours};
pub use grid::ImageGrid;
pub use picture::Picture;

use crate::error::{Error, Result};

/// Turns a problem into an error. The name is that of the chart, grid or file.
fn refuse(name: &str, problem: Option<String>, cure: &str) -> Result<()> {
    let (name, cure) = (name.into(), cure.into());
    problem.map_or(Ok(()), |problem| {
        Err(Error::Data {
            name,
            problem,
            cure,
        })
    })
}
