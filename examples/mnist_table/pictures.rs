//! Curves, samples and reconstructions.

use crate::{
    common::{Output, TEST_BINARIZATION, files::file_error, numbers},
    method::Method,
    run_folder,
    settings::Settings,
};
use burn_bayes::{
    Result,
    draw::{Chart, Colour, ImageGrid, Picture},
    prelude::*,
};
use std::{collections::BTreeMap, fs, io::ErrorKind, path::Path};

pub const CURVES: &str = "curves.png";
const SHOWN: usize = 10;

/// Samples of a model, and test images beside their reconstructions; `None` if they are no images
/// of MNIST's size.
pub fn samples(model: &Vae, test: &Datapoints, seed: u64) -> Result<Option<Picture>> {
    let size = [28, 28];
    if test.num_features() != size[0] * size[1] {
        return Ok(None);
    }
    let device = model.devices().swap_remove(0);
    let noise = Noise::seeded(seed);
    let mut stream = noise.fork(300);
    let z = model.sample_latents(SHOWN * SHOWN, &mut stream);
    let means = numbers(model.decode(z, &mut stream).mean());
    let grid = ImageGrid::new(&means, size)
        .with_columns(SHOWN)
        .with_scale(1);
    let samples = grid.draw()?.titled("Samples: E(x | z)");

    let count = SHOWN.min(test.len());
    let ids: Vec<u32> = (0..count)
        .map(|i| (i * test.len() / count) as u32)
        .collect();
    let x = TEST_BINARIZATION.apply(test.select(&ids, &device), &ids, &noise);
    let mut rows = numbers(x.clone());
    rows.extend(numbers(model.reconstruct(x, 4, &mut noise.fork(301))));
    let labels = ["test", "1", "2", "3", "4"].map(String::from).to_vec();
    let grid = ImageGrid::new(&rows, size)
        .with_columns(count)
        .with_scale(1)
        .with_row_labels(labels);
    let reconstructions = grid.draw()?.titled("Reconstructions, four draws");
    Ok(Some(Picture::row([samples, reconstructions])))
}

/// The bound of a method per epoch: over seeds the mean, the least and the largest.
struct Curve {
    method: Method,
    points: Vec<(f64, f64, f64, f64)>,
}

impl Curve {
    fn read(settings: &Settings, method: Method, out: &Path) -> Result<Self> {
        let mut by_epoch: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for &seed in &settings.seeds {
            let path = run_folder(out, method, seed).join("curve.csv");
            for (epoch, bound) in read_curve(&path)? {
                by_epoch.entry(epoch).or_default().push(bound);
            }
        }
        let points = by_epoch.iter().map(|(&epoch, bounds)| {
            let mean = bounds.iter().sum::<f64>() / bounds.len() as f64;
            let least = bounds.iter().copied().fold(f64::INFINITY, f64::min);
            let largest = bounds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            (epoch as f64, least, mean, largest)
        });
        Ok(Self {
            method,
            points: points.collect(),
        })
    }
}

/// The bound per epoch of each method: the mean over seeds, and a band from the least to the
/// largest.
pub fn curves(settings: &Settings, output: &mut Output) -> Result<()> {
    let mut curves = Vec::new();
    for &method in &settings.methods {
        curves.push(Curve::read(settings, method, output.dir())?);
    }
    curves.retain(|curve| !curve.points.is_empty());
    let several = settings.seeds.len() > 1;
    let mut title = match curves.as_slice() {
        [] => return Ok(()),
        // A single one has no legend.
        [one] => format!(
            "{}: bound on validation images, k = {}",
            one.method.name(),
            settings.k
        ),
        _ => format!("Bound on validation images, k = {}", settings.k),
    };
    if several {
        title += "; lines: means over seeds, bands: from the least to the largest";
    }
    let mut chart = Chart::new(title, "epoch", "bound [nats]");
    for Curve { method, points } in curves {
        let colour = match method {
            Method::Iwae => Colour::Iwae,
            Method::IwaeuRec => Colour::IwaeuRec,
            Method::Iwaeu => Colour::Iwaeu,
        };
        if several {
            let band: Vec<_> = points
                .iter()
                .map(|&(x, low, _, high)| (x, low, high))
                .collect();
            chart = chart.band(colour, &band);
        }
        let line: Vec<_> = points.iter().map(|&(x, _, mean, _)| (x, mean)).collect();
        chart = chart.line(method.name(), colour, &line);
    }
    output.save(CURVES, &chart.draw()?)
}

/// Epochs and their bounds on validation images; none without the file, which a model that is given
/// may lack.
fn read_curve(path: &Path) -> Result<Vec<(usize, f64)>> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        text => text.map_err(file_error("read", path))?,
    };
    let mut lines = text.lines();
    let header = lines.next().unwrap_or_default();
    let column = header.split(',').position(|name| name == "valid_bound");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        Some((
            cells.first()?.parse().ok()?,
            cells.get(column?)?.parse().ok()?,
        ))
    };
    Ok(lines.filter_map(row).collect())
}
