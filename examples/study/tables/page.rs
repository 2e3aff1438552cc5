//! Tables within a page.

/// The page with a table in the place that has its name; `None` without such a place.
///
/// A place begins with `<!-- study: NAME -->` and ends with `<!-- end -->`, each a line of its own.
pub fn with_table(page: &str, name: &str, table: &str) -> Option<String> {
    let begin = format!("<!-- study: {name} -->\n");
    let (before, rest) = page.split_once(&begin)?;
    let (inside, after) = rest.split_once("<!-- end -->")?;
    // The end of another place is none of this one.
    (!inside.contains("<!--")).then(|| format!("{before}{begin}\n{table}\n<!-- end -->{after}"))
}

/// Rows as Markdown, the first row being the heads.
pub fn markdown(rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let (heads, rows) = match rows.split_first() {
        Some((heads, rows)) if !rows.is_empty() => (heads, rows),
        _ => return "No run is done yet.\n".into(),
    };
    let rule = vec!["---".to_string(); heads.len()];
    let lines = [line(heads), line(&rule)].into_iter();
    lines.chain(rows.iter().map(|row| line(row))).collect()
}

/// Numbers of units, layer by layer from the data up.
pub fn counts<'a>(layers: impl IntoIterator<Item = &'a usize>) -> String {
    let layers: Vec<String> = layers.into_iter().map(usize::to_string).collect();
    layers.join("+")
}
