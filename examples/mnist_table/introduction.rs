//! What is done, before it is done.

use crate::{common::words, data::Data, options::Arguments, settings::Settings, table::Table};

impl Table {
    pub fn introduction(&self, arguments: &Arguments, data: &Data) -> String {
        let Settings {
            methods,
            seeds,
            epochs,
            batch_size,
            k,
            hidden,
            latent,
            ..
        } = &self.settings;
        let names: Vec<&str> = methods.iter().map(|method| method.name()).collect();
        let what = match &arguments.model {
            Some(folder) => format!("models of {}", folder.display()),
            None => format!("{} training images", data.train.len()),
        };
        format!(
            "{} on {}: {what}, {epochs} epochs, batches of {batch_size}, k = {k}, networks {}, \
             seeds {}, device {}\n{}",
            names.join(", "),
            self.source.name(),
            words::widths(data.train.num_features(), hidden, *latent),
            words::list(seeds),
            self.device,
            self.about_data()
        )
    }

    /// What was trained on and what is evaluated.
    pub fn about_data(&self) -> String {
        let left_out = match self.is_mnist() {
            true => "",
            false => "; the published numbers are of MNIST and are left out",
        };
        let mut text = format!("Data: {}{left_out}.", self.source);
        if let Some(other) = &self.trained_on {
            text += &format!("\nThe models were trained on other data: {other}.");
        }
        text
    }
}
