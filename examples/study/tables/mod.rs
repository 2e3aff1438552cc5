//! The tables and the figure of the documentation, from results alone.

mod burda;
mod check;
mod deep;
mod drawings;
mod page;
mod replications;
mod reports;
mod samples;
mod scale;
mod second_layer;
mod seeds;
mod size;
mod stages;
mod steps;
mod talk;
mod times;
mod units;
mod variations;

use crate::{
    common::files::{file_error, replace},
    result::Results,
};
use burn_bayes::{Error, Result};
use std::{fs, path::Path};

/// Puts the tables into a page and draws the figure; with `check` it only says whether the page has
/// them.
pub fn all(results: &Results, page: &Path, figures: &Path, check: bool) -> Result<()> {
    let before = fs::read_to_string(page).map_err(file_error("read", page))?;
    let mut after = before.clone();
    for (name, table) in [
        ("times", times::table as fn(&Results) -> Result<String>),
        ("burda", burda::table),
        ("burda-replications", replications::table),
        ("burda-earlier", burda::earlier),
        ("burda-samples", stages::samples),
        ("burda-units", units::table),
        ("burda-stages", stages::table),
        ("burda-uncertain", burda::uncertain),
        ("omniglot", burda::omniglot),
        ("second-layer", second_layer::table),
        ("talk", talk::table),
        ("talk-reports", reports::table),
        ("talk-omniglot", talk::omniglot),
        ("size", size::table),
        ("samples", samples::table),
        ("variations", variations::table),
        ("steps", steps::table),
        ("scale", scale::table),
        ("deep", deep::table),
        ("check", check::table),
    ] {
        let table = table(results)?;
        println!("{name}\n\n{table}");
        after = page::with_table(&after, name, &table).ok_or_else(|| Error::Data {
            name: page.display().to_string(),
            problem: format!("has no place for the table {name}"),
            cure: format!("put in the lines `<!-- study: {name} -->` and `<!-- end -->`"),
        })?;
    }
    if check {
        return match before == after {
            true => Ok(()),
            false => Err(Error::Data {
                name: page.display().to_string(),
                problem: "has other tables than the results".into(),
                cure: "run `study tables`".into(),
            }),
        };
    }
    replace(page, &after)?;
    println!("written: {}", page.display());
    let Some(figure) = size::figure(results)? else {
        return Ok(());
    };
    let path = figures.join("size.png");
    figure.save(&path)?;
    println!("written: {}", path.display());
    Ok(())
}
