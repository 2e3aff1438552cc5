//! Ladders beside plain hierarchies.

use super::{
    page::{counts, markdown},
    seeds::OverSeeds,
};
use crate::{networks::Order, plan::Study, result::Results, studies::deep};
use burn_bayes::Result;

pub fn table(results: &Results) -> Result<String> {
    let heads = [
        "layers",
        "plain",
        "plain, warm-up",
        "ladder",
        "ladder, warm-up",
    ];
    let mut rows = vec![heads.map(String::from).to_vec()];
    for layers in 1..=deep::MOST_LAYERS {
        let mut cells = vec![layers.to_string()];
        for (order, warms_up) in [
            (Order::Upwards, false),
            (Order::Upwards, true),
            (Order::Ladder, false),
            (Order::Ladder, true),
        ] {
            let found = results.seeds(Study::Deep, &deep::name(order, layers, warms_up))?;
            let values: Vec<f64> = found.iter().map(|run| run.summary.log_likelihood).collect();
            let Some((over, first)) = OverSeeds::of(&values).zip(found.first()) else {
                cells.push("–".into());
                continue;
            };
            let units = first.summary.active_units.iter();
            let units = counts(units.map(|(active, _)| active));
            cells.push(format!("{}, {units}", over.show(false)));
        }
        if cells[1..].iter().any(|cell| cell != "–") {
            rows.push(cells);
        }
    }
    Ok(markdown(&rows))
}
