//! What the table does not say by itself.

use crate::{
    results::RunResult,
    table::{Table, statistics, two_digits},
};
use std::fmt::Write;

impl Table {
    pub fn remarks(&self) -> String {
        let of_the_talk = match self.is_mnist() {
            true => " (the talk does not say what its own is)",
            false => "",
        };
        let mut text = format!(
            "{}\n± is the standard error over test images{of_the_talk}. Each number is an \
             importance\nsampling estimate, in expectation a lower bound, with fresh weights for \
             each sample. All methods share the test\nset's binarization and the noise of the \
             latents.\n",
            self.about_data()
        );
        if self.settings.seeds.len() > 1 {
            for &method in &self.settings.methods {
                // A table that was stopped lacks runs.
                let means = self.seeds(method, |run| Some(run.test_log_likelihood));
                if means.is_empty() {
                    continue;
                }
                let (mean, error) = statistics(&means);
                let _ = writeln!(
                    text,
                    "Over {} seed{}, {}: {mean:.2} ± {}.",
                    means.len(),
                    if means.len() == 1 { "" } else { "s" },
                    method.name(),
                    two_digits(error)
                );
            }
        }
        for (run, _) in &self.runs {
            for remark in self.remarks_about(run) {
                let _ = writeln!(
                    text,
                    "{} with seed {}: {remark}",
                    run.method.name(),
                    run.seed
                );
            }
        }
        if self.is_mnist() {
            text.push_str(&self.protocol());
        }
        text
    }

    fn remarks_about(&self, run: &RunResult) -> Vec<String> {
        let mut remarks = Vec::new();
        if run.epochs != self.settings.epochs {
            remarks.push(format!("trained for {} epochs.", run.epochs));
        }
        if run.non_finite_images > 0 {
            remarks.push(format!(
                "the log-likelihood of {} images is not finite; its mean is no result.",
                run.non_finite_images
            ));
        }
        remarks
    }

    /// How far the numbers can be compared with the published ones.
    fn protocol(&self) -> String {
        let mut text = String::new();
        let differences = self.settings.differences_from_paper();
        if differences.is_empty() {
            text.push_str(
                "The talk states networks, latent variables and k; the rest is this program's \
                 reading of it.\n",
            );
        } else {
            text.push_str(
                "\nNot comparable with the published numbers as it stands. These settings differ \
                 from `--preset paper`:\n",
            );
            for difference in differences {
                let _ = writeln!(
                    text,
                    "- {} {}, not {}",
                    difference.option, difference.here, difference.there
                );
            }
            text.push_str(
                "For 30 epochs: cargo run --release --example mnist_table -- --preset quick\n\
                 For the full protocol: cargo run --release --example mnist_table -- \
                 --preset paper\n",
            );
        }
        text
    }
}
