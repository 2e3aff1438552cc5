//! Which drawings the runs on OMNIGLOT had.

use crate::{plan::Study, result::Results};
use burn_bayes::Result;

/// A line that names the data, if they are not the authors': published numbers beside those of
/// other data would be compared.
pub fn others(results: &Results) -> Result<Option<String>> {
    let mut data = Vec::new();
    for run in Study::Omniglot.runs(1) {
        for found in results.seeds(Study::Omniglot, &run.name)? {
            data.push(found.data);
        }
    }
    data.sort();
    data.dedup();
    let authors = data.is_empty() || data == ["OMNIGLOT"];
    Ok((!authors).then(|| format!("\nData: {}.\n", data.join("; "))))
}
