//! A report as one file for a browser.

mod charts;
mod page;

use super::Report;
use crate::{draw::Picture, error::Result, file};
use page::Page;
use serde::Serialize;
use std::path::Path;

/// A [`Report`] as one HTML file: numbers, warnings, charts, pictures and settings.
///
/// The file is self-contained: it needs no network and no scripts.
///
/// # Example
///
/// ```
/// use burn_bayes::{draw::ImageGrid, evaluate::{HtmlReport, report}, prelude::*};
///
/// let config = VaeConfig::new(16, 2).with_hidden(vec![8]);
/// let model = config.init(&Device::default(), &mut Noise::seeded(0));
/// let stripes = Datapoints::new("stripes", (0..160).map(|i| (i % 2) as f32).collect(), 16)?;
/// let settings = ReportSettings::new().with_num_samples(50).with_progress(Progress::Silent);
/// let found = report(&model, &stripes.binarized(Binarization::None), &settings)?;
///
/// let means = model.sample(6, &mut Noise::seeded(1)).into_data();
/// let samples = ImageGrid::new(&means.iter::<f32>().collect::<Vec<_>>(), [4, 4]).draw()?;
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("report.html");
/// HtmlReport::new(&found)
///     .with_title("A VAE of stripes")
///     .with_picture("Samples", samples)
///     .with_settings("Model", &config)
///     .save(&path)?;
/// # assert!(std::fs::read_to_string(&path).unwrap().contains("A VAE of stripes"));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct HtmlReport<'a> {
    report: &'a Report,
    title: String,
    pictures: Vec<(String, Picture)>,
    settings: Vec<(String, String)>,
}

impl<'a> HtmlReport<'a> {
    /// With the contents of the report only.
    pub fn new(report: &'a Report) -> Self {
        Self {
            report,
            title: "Report".into(),
            pictures: Vec::new(),
            settings: Vec::new(),
        }
    }

    /// With another title than "Report".
    pub fn with_title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// With one more picture and its caption, such as samples or a learning curve.
    pub fn with_picture(mut self, caption: impl Into<String>, picture: Picture) -> Self {
        self.pictures.push((caption.into(), picture));
        self
    }

    /// With the settings that the model was made with, such as its configuration and that of its
    /// training.
    pub fn with_settings(mut self, name: impl Into<String>, settings: &impl Serialize) -> Self {
        let text = serde_json::to_string_pretty(settings);
        let text = text.unwrap_or_else(|error| format!("no JSON: {error}"));
        self.settings.push((name.into(), text));
        self
    }

    /// Writes the file as a whole or not at all. Its folder is created if needed.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io) if the folder or the file cannot be written;
    /// [`Error::Data`](crate::Error::Data) for a picture too large for a PNG, or a chart that
    /// cannot be laid out.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let html = self.html()?;
        file::create_folder_of(path)?;
        file::replace(path, &html)
    }

    fn html(&self) -> Result<String> {
        let mut page = Page::new(&self.title);
        page.note(&self.report.data);
        page.note(&self.report.heading());
        for warning in self.report.warnings() {
            page.warning(&warning);
        }
        page.heading("Numbers");
        page.table(&self.report.rows());
        if !self.pictures.is_empty() {
            page.heading("Pictures");
        }
        for (caption, picture) in &self.pictures {
            page.picture(caption, picture)?;
        }
        page.heading("Charts");
        page.charts(&charts::all(self.report)?)?;
        page.heading("Settings");
        for (name, text) in &self.settings {
            page.code(name, text);
        }
        let settings = serde_json::to_string_pretty(&self.report.settings);
        page.code("Evaluation", &settings.unwrap_or_default());
        page.note(concat!("burn-bayes ", env!("CARGO_PKG_VERSION")));
        Ok(page.finish())
    }
}

impl Report {
    /// Writes the report as one HTML file for a browser. [`HtmlReport`] adds a title, pictures and
    /// the model's settings.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io) if the folder or the file cannot be written;
    /// [`Error::Data`](crate::Error::Data) for a chart that cannot be laid out.
    pub fn save_html(&self, path: impl AsRef<Path>) -> Result<()> {
        HtmlReport::new(self).save(path)
    }
}
